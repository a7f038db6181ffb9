/* tools/content/pseudo.c - the pseudo-locales: qps, every text changed so that one that did not come
 * from a catalogue stands out, and long enough to try a layout; qps-plocm, the same words in a page
 * that runs from right to left.
 * Method  ASCII letters get an accent, the text grows by about a third and stands in brackets; what
 *         is in braces is a placeholder and stays. */
#include "tool.h"

static const char *const accented[26] = {"á", "ƀ", "ç", "ð", "é", "ƒ", "ĝ", "ĥ", "í",
                                         "ĵ", "ķ", "ļ", "ɱ", "ñ", "ó", "þ", "ɋ", "ŕ",
                                         "š", "ţ", "ú", "ṽ", "ŵ", "ẋ", "ý", "ž"};
static const char *const accented_upper[26] = {"Á", "Ɓ", "Ç", "Ð", "É", "Ƒ", "Ĝ", "Ĥ", "Í",
                                               "Ĵ", "Ķ", "Ļ", "Ṁ", "Ñ", "Ó", "Þ", "Ɋ", "Ŕ",
                                               "Š", "Ţ", "Ú", "Ṽ", "Ŵ", "Ẋ", "Ý", "Ž"};

Str pseudo_words(Tool *tool, Str words)
{
    Buf buf = buf_make(&tool->arena, 1 << 16);
    bool in_hole = false;
    ptrdiff_t letters = 0;
    buf_c(&buf, "⟦");
    for (ptrdiff_t i = 0; i < words.len; i++) {
        char c = words.p[i];
        in_hole = c == '{' || (in_hole && c != '}');
        if (!in_hole && c >= 'a' && c <= 'z')
            buf_c(&buf, accented[c - 'a']);
        else if (!in_hole && c >= 'A' && c <= 'Z')
            buf_c(&buf, accented_upper[c - 'A']);
        else
            buf_char(&buf, c);
        letters += !in_hole;
    }
    for (ptrdiff_t i = 0; i < letters; i += 10)
        buf_c(&buf, " ~~");
    buf_c(&buf, "⟧");
    Str result;
    if (buf_done(&tool->cx, &buf, &result) != OK)
        tool_stop(tool, STR("a text is too long for the pseudo-locale"));
    return result;
}

void pseudo_locales(Tool *tool)
{
    const Locale *en = &tool->locales[0];
    int l = tool->n_locales;
    tool->n_locales += 2;
    Locale *pseudo = &tool->locales[l], *mirror = &tool->locales[l + 1];
    *pseudo = *en;
    pseudo->tag = STR("qps");
    pseudo->words_of = l;
    pseudo->texts = arena_new(&tool->arena, Words, TEXTS_MAX);
    pseudo->po = arena_new(&tool->arena, PoEntry, en->n_po + 1);
    if (!pseudo->texts || !pseudo->po)
        tool_stop(tool, STR("out of memory"));
    for (int i = 1; i <= tool->n_texts; i++)
        pseudo->texts[i] = (Words){pseudo_words(tool, en->texts[i].words), en->texts[i].holes};
    for (int i = 0; i < en->n_po; i++) {
        pseudo->po[i] = en->po[i];
        for (int f = 0; f < en->po[i].n_forms; f++)
            pseudo->po[i].forms[f] = pseudo_words(tool, en->po[i].forms[f]);
    }
    *mirror = *pseudo;
    mirror->tag = STR("qps-plocm");
}
