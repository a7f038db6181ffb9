/* tools/content/check.c - what makes an id an id and a text a text.
 * Method  one pass over the code points; each rule says what would be right. Banned words are a
 *         matter of the tests, which read every locale and every set at once. */
#include "base/utf8.h"
#include "tool.h"

enum { ID_MAX = 48 };

bool check_id(Tool *tool, Str file, int line, Str id)
{
    bool good = id.len >= 1 && id.len <= ID_MAX && id.p[0] >= 'a' && id.p[0] <= 'z';
    for (ptrdiff_t i = 0; good && i < id.len; i++) {
        char c = id.p[i];
        bool hyphen = c == '-' && i + 1 < id.len && id.p[i + 1] != '-';
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || hyphen;
    }
    if (!good)
        tool_say(
            tool, file, line,
            "\"%.*s\" is no id; one has 1 to %d of a-z, 0-9 and single hyphens, a letter first",
            STR_FMT(id), ID_MAX);
    return good;
}

int names_find(const Names *names, Str id)
{
    for (int i = 0; i < names->count; i++)
        if (str_eq_c(id, names->ids[i]))
            return i;
    return -1;
}

Str names_list(Tool *tool, const Names *names)
{
    Buf buf = buf_make(&tool->arena, 4096);
    for (int i = 0; i < names->count; i++)
        buf_fmt(&buf, "%s%s", i ? ", " : "", names->ids[i]);
    for (const Alias *a = names->aliases; a && a->id; a++)
        buf_fmt(&buf, ", %s", a->id);
    Str list;
    if (buf_done(&tool->cx, &buf, &list) != OK)
        tool_stop(tool, STR("out of memory"));
    return list;
}

static bool is_emoji(int32_t c)
{
    return c >= 0x1F000 || (c >= 0x2600 && c <= 0x27BF) || c == 0xFE0F || c == 0x200D;
}

/* {name} and {since}: each allowed one is noted, anything else in braces is told. */
static bool check_holes(Tool *tool, Str file, int line, const char *field, Str words,
                        unsigned allowed, unsigned *ret_holes)
{
    static const struct {
        const char *text;
        unsigned hole;
    } known[] = {
        {"{name}",  HOLE_NAME },
        {"{since}", HOLE_SINCE}
    };
    bool good = true;
    for (ptrdiff_t i = 0; i < words.len; i++) {
        if (words.p[i] != '{' && words.p[i] != '}')
            continue;
        bool found = false;
        for (int k = 0; k < 2 && !found; k++) {
            Str text = str_c(known[k].text);
            if (!(allowed & known[k].hole) || !str_starts(str_from(words, i), text))
                continue;
            found = true;
            *ret_holes |= known[k].hole;
            i += text.len - 1;
        }
        if (!found) {
            tool_say(tool, file, line, "%s has a brace; here only %s may stand in braces", field,
                     allowed ? "{name}, or {since} for contact," : "nothing");
            good = false;
            break;
        }
    }
    return good;
}

static const char *char_fault(int32_t c)
{
    if (c == '!')
        return "an exclamation mark; a full stop is enough";
    if (c == '"' || c == '\'')
        return "a straight quote; write \xe2\x80\x9c \xe2\x80\x9d and \xe2\x80\x99";
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFFFD)
        return "a control character or line break; a text is one line";
    if (is_emoji(c))
        return "an emoji; words are enough";
    return NULL;
}

bool check_words(Tool *tool, Str file, int line, const char *field, Str words, int max,
                 unsigned allowed, unsigned *ret_holes)
{
    if (!utf8_valid(words)) {
        tool_say(tool, file, line, "%s is not UTF-8", field);
        return false;
    }
    bool good = true;
    ptrdiff_t count = utf8_count(words);
    if (count < 2 || count > max) {
        tool_say(tool, file, line, "%s has %td characters; 2 to %d fit", field, count, max);
        good = false;
    }
    if (str_trim(words).len != words.len) {
        tool_say(tool, file, line, "%s has a space at its beginning or end; leave it out", field);
        good = false;
    }
    Str rest = words;
    for (int32_t c = utf8_next(&rest); c >= 0; c = utf8_next(&rest)) {
        const char *fault = char_fault(c);
        if (fault) {
            tool_say(tool, file, line, "%s has %s", field, fault);
            good = false;
            break;
        }
    }
    return check_holes(tool, file, line, field, words, allowed, ret_holes) && good;
}
