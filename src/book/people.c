/* book/people.c - people by name. Each person keeps their names folded once, so that finding someone
 * compares bytes: one pass over everyone, some hundred bytes each, is faster than any page needs it and
 * never out of date. What a text may mean is ranked by how it was found, and the caller asks when the
 * best rank is shared. */
#include "base/buf.h"
#include "base/os.h"
#include "book/model.h"
#include "book/words.h"
#include <string.h>

enum { NAME_WORDS_MAX = 12, ID_PREFIX_MIN = 6, NAMES_MAX = 1 << 16 };

/* -- names kept folded ------------------------------------------------------------------------- */

/* Names past NAMES_MAX bytes in all, more than anyone has, are not found by. */
static void put_line(Buf *buf, char what, Str name)
{
    if (buf->len >= NAMES_MAX)
        return;
    Str folded = words_fold(buf->arena, name);
    buf->failed |= str_is_null(folded);
    if (folded.len == 0)
        return;
    buf_char(buf, what);
    buf_put(buf, folded);
    buf_char(buf, '\n');
}

static void put_list(Buf *buf, const Pick *pick)
{
    Str items = pick->said ? pick->value.bytes : (Str){NULL, 0};
    FieldValue item;
    while (list_next(&items, &item))
        put_line(buf, OTHER_LINE, item.bytes);
}

static int32_t date_of(const Pick *pick)
{
    return pick->said ? (int32_t)pick->value.num : 0;
}

bool person_fold_names(Book *book, PersonRow *person)
{
    enum { GONE, NAME, NICKNAMES, NAMES, BIRTHDAY, ANNIVERSARY, DIED, GIVEN, N };
    Pick picks[N] = {{F_GONE},         {F_PERSON_NAME},     {F_PERSON_NICKNAMES},
                     {F_PERSON_NAMES}, {F_PERSON_BIRTHDAY}, {F_PERSON_ANNIVERSARY},
                     {F_PERSON_DIED},  {F_PERSON_GIVEN}};
    Life life;
    fold_pick(book, person->object, picks, N, &life);
    Str name = picks[NAME].said ? picks[NAME].value.bytes : (Str){NULL, 0};
    Buf buf = buf_make(&book->scratch, NAMES_MAX + ENTRY_BODY_MAX);
    put_line(&buf, NAME_LINE, name);
    if (picks[GIVEN].said)
        put_line(&buf, GIVEN_LINE, picks[GIVEN].value.bytes);
    put_list(&buf, &picks[NICKNAMES]);
    put_list(&buf, &picks[NAMES]);
    char *folded = buf.failed ? NULL : heap_grow(&book->heap, NULL, 0, buf.len + 1);
    if (folded) {
        memcpy(folded, buf.len > 0 ? buf.p : "", (size_t)buf.len);
        folded[buf.len] = '\0';
        os_wipe(person->folded, person->folded_len);
        if (person->folded)
            heap_grow(&book->heap, person->folded, person->folded_len, 0);
        person->name = name;
        person->dates = (BookDates){date_of(&picks[BIRTHDAY]), date_of(&picks[ANNIVERSARY]),
                                    date_of(&picks[DIED])};
        person->folded = folded;
        person->folded_len = (uint32_t)buf.len + 1;
    }
    arena_reset(&book->scratch);
    return folded != NULL;
}

Str book_name(const Book *book, BookRef person)
{
    const PersonRow *row = book_present(book, person) ? person_of(book, person) : NULL;
    return row ? row->name : (Str){"", 0};
}

bool book_next_dates(const Book *book, uint32_t *io_next, BookRef *ret_person, BookDates *ret)
{
    while (*io_next < book->people.n) {
        const PersonRow *row = person_row(book, (*io_next)++);
        if ((row->dates.birthday | row->dates.anniversary | row->dates.died) != 0) {
            *ret_person = row->object;
            *ret = row->dates;
            return true;
        }
    }
    return false;
}

BookRefs book_people(const Book *book)
{
    return (BookRefs){book->by_name.refs, (int)book->by_name.n};
}

/* -- finding someone --------------------------------------------------------------------------- */

static bool id_begins(const Book *book, BookRef person, Str text)
{
    char out[ID_TEXT_CAP];
    return text.len >= ID_PREFIX_MIN && str_starts(id_format(book_id(book, person), out), text);
}

static int split_words(Str text, Str words[], int max)
{
    int n = 0;
    while (n < max && words_next(&text, &words[n]))
        n++;
    return n;
}

/* "ana m" in "ana maria silva" or "ana moura": the first word whole, then the beginnings of later
 * words in their order. */
static bool matches_initials(Str name, const Str text[], int n_text)
{
    Str words[NAME_WORDS_MAX];
    int n = split_words(name, words, NAME_WORDS_MAX), at = 1;
    if (n_text < 2 || n < 2 || !str_eq(words[0], text[0]))
        return false;
    for (int i = 1; i < n_text; i++, at++) {
        while (at < n && !str_starts(words[at], text[i]))
            at++;
        if (at >= n)
            return false;
    }
    return true;
}

typedef struct Wanted {
    Str text, words[NAME_WORDS_MAX];
    int n_words;
} Wanted;

enum { NO_MATCH = MATCH_WORD + 1 };

static int match_line(char what, Str name, const Wanted *want)
{
    Str first = name;
    Str word = {NULL, 0};
    bool one = want->n_words == 1;
    if (what == NAME_LINE && str_eq(name, want->text))
        return MATCH_NAME;
    if (what == OTHER_LINE && str_eq(name, want->text))
        return MATCH_NICKNAME;
    if (what == GIVEN_LINE && str_eq(name, want->text))
        return MATCH_FIRST;
    if (what == NAME_LINE && words_next(&first, &word) && str_eq(word, want->text))
        return MATCH_FIRST;
    if (what == NAME_LINE && matches_initials(name, want->words, want->n_words))
        return MATCH_INITIAL;
    if (str_starts(name, want->text))
        return MATCH_PREFIX;
    return one && words_have(name, want->words[0]) ? MATCH_WORD : NO_MATCH;
}

static int match_person(const Book *book, BookRef ref, const Wanted *want)
{
    const PersonRow *person = person_of(book, ref);
    if (id_begins(book, ref, want->text))
        return MATCH_ID;
    int best = NO_MATCH;
    Str lines = {person->folded, (ptrdiff_t)person->folded_len - 1};
    while (lines.len > 1) {
        Str line = str_cut(&lines, '\n');
        int how = match_line(line.p[0], str_from(line, 1), want);
        best = how < best ? how : best;
    }
    return best;
}

/* "Ana M." means "Ana M". */
static Str without_dots(Str text)
{
    while (text.len > 0 && (text.p[text.len - 1] == '.' || text.p[text.len - 1] == ' '))
        text.len--;
    return text;
}

Err book_find_person(Cx *cx, const Book *book, Str text, BookFound *ret)
{
    Wanted want = {.text = words_fold(cx->arena, text)};
    BookRefs everyone = book_people(book);
    uint8_t *how = arena_new(cx->arena, uint8_t, everyone.n);
    if (str_is_null(want.text) || !how)
        return err_nomem(cx);
    want.text = without_dots(want.text);
    want.n_words = split_words(want.text, want.words, NAME_WORDS_MAX);
    int counts[NO_MATCH + 1] = {0}, n = 0;
    for (int i = 0; i < everyone.n; i++) {
        how[i] = (uint8_t)(want.text.len > 0 ? match_person(book, everyone.p[i], &want) : NO_MATCH);
        counts[how[i]]++;
    }
    BookCandidate *found = arena_new(cx->arena, BookCandidate, everyone.n - counts[NO_MATCH]);
    if (!found)
        return err_nomem(cx);
    for (int rank = MATCH_ID; rank < NO_MATCH; rank++) {
        for (int i = 0; i < everyone.n && counts[rank] > 0; i++) {
            if (how[i] == rank)
                found[n++] = (BookCandidate){everyone.p[i], (BookMatch)rank};
        }
    }
    *ret = (BookFound){found, n, n > 0 && counts[found[0].how] == 1};
    return OK;
}
