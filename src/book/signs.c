/* book/signs.c - the signature file of the literature on text retrieval: of each word the beginnings of two, three and
 * five letters, and of a character that stands for itself that one, are hashed into 128 bits of its object. A word that
 * is asked for gives such bits too, and an object whose sign lacks one of them cannot hold it. Of ten words a text has
 * some 27 bits set, so that five letters let through one stranger in a hundred.
 * Why not an index of words: this one is 16 bytes an object whatever is written, is brought up to date by making one
 * sign anew, needs no order of its own, and can never be wrong, only too generous, since the texts themselves decide.
 * One pass reads 16 MB for a million objects: some milliseconds.
 * Signs are made a few at a time, while there is nothing else to do; whatever touches an object takes its sign away
 * (settle_later). Cost of making: one fold of the object's texts, a microsecond. */
#include "book/signs.h"
#include "base/os.h"
#include "base/utf8.h"
#include "book/words.h"

typedef struct Sign {
    uint64_t half[2];
} Sign;

static const int lengths[] = {2, 3, 5}; /* of beginnings, in letters */
enum { LENGTHS = 3, LETTERS_MOST = 5 };

static void set(Sign *s, uint64_t hash)
{
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    s->half[hash >> 63] |= UINT64_C(1) << (hash >> 57 & 63);
}

/* The bits of one word, or of as much as follows where one begins. */
static void set_beginnings(Sign *s, Str word)
{
    uint64_t hash = 0;
    Str rest = word;
    for (int n = 1, at = 0; n <= LETTERS_MOST && rest.len > 0; n++) {
        int32_t c = utf8_next(&rest);
        if (!words_letter(c))
            return;
        hash = (hash ^ (uint64_t)(uint32_t)c) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 29;
        if (n == 1 && words_alone(c))
            set(s, hash ^ 1);
        if (at < LENGTHS && n == lengths[at]) {
            set(s, hash);
            at++;
        }
    }
}

typedef struct Making {
    Arena *arena;
    Sign sign;
    bool failed;
} Making;

static void sign_text(void *ctx, uint16_t tag, Str text)
{
    Making *m = ctx;
    Str rest = words_fold(m->arena, text), from = {NULL, 0};
    (void)tag;
    m->failed |= str_is_null(rest);
    for (bool within = false; words_begin(&rest, &within, &from);)
        set_beginnings(&m->sign, from);
}

static bool make_sign(Book *book, BookRef ref, Cx *cx)
{
    BookObject object = {.n = 0};
    Making m = {.arena = cx->arena};
    if (book_object(cx, book, ref, &object) != OK)
        return false;
    for (int i = 0; i < object.n; i++)
        texts_each(object.kind, &object.fields[i], sign_text, &m);
    if (!m.failed) {
        *(Sign *)rows_at(&book->signs, ref) = m.sign;
        object_row(book, ref)->flags |= OBJ_SIGNED;
    }
    arena_reset(cx->arena);
    return !m.failed;
}

bool book_prepare_search(Book *book, int64_t budget_ns)
{
    AUTO_ARENA Arena arena;
    int64_t until = os_mono_ns() + budget_ns;
    arena_init(&arena, 16 << 20);
    Cx cx = {.arena = &arena};
    if (book->signs.n < book->objects.n &&
        rows_reserve(&book->heap, &book->signs, book->objects.n - book->signs.n))
        book->signs.n = book->objects.n;
    if (book->unsigned_from >= book->signs.n)
        return true;
    for (uint32_t n = 1; book->unsigned_from < book->signs.n; n++) {
        BookRef ref = book->unsigned_from++;
        if (!(object_row(book, ref)->flags & OBJ_SIGNED) && !make_sign(book, ref, &cx))
            return true; /* without memory it stays without one */
        if (n % 64 == 0 && os_mono_ns() > until)
            break;
    }
    return book->unsigned_from >= book->signs.n;
}

static bool has_all(const Sign *s, const Sign *want)
{
    return (s->half[0] & want->half[0]) == want->half[0] &&
           (s->half[1] & want->half[1]) == want->half[1];
}

static bool worth(const Book *book, BookRef ref, const Sign want[], int n)
{
    bool signs = ref < book->signs.n && (object_row(book, ref)->flags & OBJ_SIGNED) != 0;
    bool any = !signs;
    for (int i = 0; i < n && !any; i++)
        any = has_all(rows_at(&book->signs, ref), &want[i]);
    return any;
}

Err signs_worth(Cx *cx, const Book *book, const Str words[], int n, const uint64_t **ret)
{
    enum { WORDS = 16 };
    Sign want[WORDS] = {{{0, 0}}};
    if (book->signs.n == 0)
        return OK;
    INVARIANT(n <= WORDS);
    for (int i = 0; i < n; i++)
        set_beginnings(&want[i], words[i]);
    uint64_t *bits = arena_new(cx->arena, uint64_t, book->objects.n / 64 + 1);
    if (!bits)
        return err_nomem(cx);
    for (BookRef ref = 0; ref < book->objects.n; ref++)
        bits[ref / 64] |= (uint64_t)worth(book, ref, want, n) << (ref % 64);
    *ret = bits;
    return OK;
}
