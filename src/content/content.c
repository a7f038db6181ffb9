/* content/content.c - lookups in the generated tables.
 * Method  binary search in an index that the generator sorted, since folding a million entries
 *         looks up a question each time; closed sets hold at most two dozen ids and are scanned. A page
 *         has hundreds of sentences: their keys are hashed.
 * Cost    a dozen comparisons of short strings, one for a sentence; nothing grows with the vault. */
#include "content/tables.h"

static int find_row(const ContentIndex index[], int count, Str id)
{
    int low = 0, high = count;
    while (low < high) {
        int mid = low + (high - low) / 2;
        int order = str_cmp(index[mid].id, id);
        if (order == 0)
            return index[mid].row;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

const ContentQuestion *content_question(Str id)
{
    int row = find_row(content_questions_index, content_questions_count, id);
    return row < 0 ? NULL : &content_questions[row];
}

const ContentPractice *content_practice(Str id)
{
    int row = find_row(content_practices_index, content_practices_count, id);
    return row < 0 ? NULL : &content_practices[row];
}

const ContentChoice *content_choice(Str id)
{
    int row = find_row(content_choices_index, content_choices_count, id);
    return row < 0 ? NULL : &content_choices[row];
}

const ContentDeck *content_deck(Str id)
{
    int row = find_row(content_decks_index, content_decks_count, id);
    return row < 0 ? NULL : &content_decks[row];
}

const ContentPrompt *content_prompt(const ContentDeck *deck, Str id)
{
    for (int i = 0; i < deck->prompts.count; i++) {
        const ContentPrompt *prompt = &content_prompts[deck->prompts.first + i];
        if (str_eq(prompt->id, id))
            return prompt;
    }
    return NULL;
}

const ContentReflection *content_reflection(Str id)
{
    int row = find_row(content_reflections_index, content_reflections_count, id);
    return row < 0 ? NULL : &content_reflections[row];
}

const ContentPage *content_page(int state)
{
    if (state >= 0 && state < TYPE_COUNT)
        return &content_types[state];
    if (state >= TYPE_COUNT && state < STATE_COUNT)
        return &content_factors[state - TYPE_COUNT];
    return NULL;
}

bool content_has(IdSet set, int member)
{
    return member >= 0 && member < 32 && (set >> member & 1U) != 0;
}

bool content_romantic(KindSet kinds)
{
    bool possible = false;
    for (int k = 0; k < KIND_COUNT; k++)
        possible = possible || (content_has(kinds, k) && content_kinds[k].romantic_possible);
    return possible;
}

static const ContentLocale *locale_exact(Str tag)
{
    for (int i = 0; i < content_locale_count; i++)
        if (str_ieq(content_locales[i].tag, tag))
            return &content_locales[i];
    return NULL;
}

/* The language part of a tag: what stands before the first '-' or '_'. */
static Str language_of(Str tag)
{
    for (ptrdiff_t i = 0; i < tag.len; i++)
        if (tag.p[i] == '-' || tag.p[i] == '_')
            return str_sub(tag, 0, i);
    return tag;
}

const ContentLocale *content_locale(Str tag)
{
    const ContentLocale *locale = locale_exact(tag);
    if (!locale)
        locale = locale_exact(language_of(tag));
    return locale ? locale : &content_locales[0];
}

Str content_locale_tag(const ContentLocale *locale)
{
    return locale->tag;
}

bool content_locale_rtl(const ContentLocale *locale)
{
    return locale->rtl;
}

const ContentLocale *content_locale_at(int i)
{
    return i >= 0 && i < content_locale_count ? &content_locales[i] : NULL;
}

bool content_translated(const ContentLocale *locale, ContentText text)
{
    return text >= 1 && text <= content_text_count && locale->texts[text].p;
}

Str content_text(const ContentLocale *locale, ContentText text)
{
    if (text < 1 || text > content_text_count)
        return STR("");
    return locale->texts[text].p ? locale->texts[text] : content_locales[0].texts[text];
}

Str content_item(const ContentLocale *locale, ContentList list, int i)
{
    if (i < 0 || i >= list.count)
        return STR("");
    return content_text(locale, (ContentText)(list.first + i));
}

const CatalogueEntry *catalogue_find(const ContentLocale *locale, Str key)
{
    uint32_t at = content_key_hash(key) & content_key_mask;
    for (; content_key_places[at] > 0; at = (at + 1) & content_key_mask) {
        const CatalogueEntry *entry = &locale->entries[content_key_places[at] - 1];
        if (str_eq(entry->key, key))
            return entry;
    }
    return NULL;
}

Str catalogue_form(const CatalogueEntry *entry, int64_t n)
{
    uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    int form = entry->plural ? entry->plural(magnitude) : 0;
    return entry->forms[form >= 0 && form < entry->n_forms ? form : 0];
}

const CatalogueEntry *catalogue_all(const ContentLocale *locale, int *ret_count)
{
    *ret_count = locale->n_entries;
    return locale->entries;
}
