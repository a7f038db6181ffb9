/* insight/own_snapshot.c - what is learned from, and whether it is time. The ladder makes learning cheap in sum (a
 * quarter more check-ins before the next time) and its result a matter of the entries alone: everything is read as
 * it stood at the instant of the check-in that reached the step. Linear in the entries that are taken; own_due is
 * linear in check-ins, at some 30 ns each. */
#include "base/time.h"
#include "insight/history.h"
#include "insight/own_part.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 4: another way of learning, or another layout, makes what was kept before unusable. */
enum { OWN_VERSION = 4, DONE_MOST = 200, AROUND_DAYS = 21 };

int own_step(int64_t n)
{
    int64_t step = OWN_FIRST;
    if (n < OWN_FIRST)
        return 0;
    while (step + step / 4 <= n && step + step / 4 < INT32_MAX)
        step += step / 4;
    return (int)step;
}

/* -- where the book stands ------------------------------------------------------------------------- */

typedef struct Standing {
    int checkins; /* the step */
    int64_t cutoff_ms;
    uint64_t key;
} Standing;

static uint64_t mix(uint64_t hash, const void *bytes, ptrdiff_t len)
{
    const unsigned char *p = bytes;
    for (ptrdiff_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t mix_content(uint64_t hash)
{
    const int version = OWN_VERSION;
    hash = mix(hash, &version, (ptrdiff_t)sizeof version);
    for (int i = 0; i < content_questions_count; i++)
        hash = mix(hash, content_questions[i].id.p, content_questions[i].id.len);
    for (int i = 0; i < content_practices_count; i++)
        hash = mix(hash, content_practices[i].id.p, content_practices[i].id.len);
    return hash;
}

static Standing standing(const Book *book, int64_t now_ms)
{
    const BookWhich which = {
        .to_ms = now_ms + 1, .kinds = BOOK_KIND(ENTRY_CHECKIN), .oldest_first = true};
    Standing s = {.key = mix_content(UINT64_C(0xcbf29ce484222325))};
    BookRef ref = BOOK_NONE;
    int64_t n = 0;
    for (BookIter all = book_everything(book, which); book_next(&all, &ref);)
        n++;
    s.checkins = own_step(n);
    BookIter first = book_everything(book, which);
    for (int i = 0; i < s.checkins && book_next(&first, &ref); i++) {
        Id id = book_id(book, ref);
        s.key = mix(s.key, id.b, (ptrdiff_t)sizeof id.b);
        s.cutoff_ms = book_at(book, ref);
    }
    BookIter until =
        book_everything(book, (BookWhich){.to_ms = s.cutoff_ms + 1, .oldest_first = true});
    int64_t events = until.end - until.at;
    s.key = mix(s.key, &events, (ptrdiff_t)sizeof events);
    return s;
}

Err own_due(Cx *cx, const Book *book, const Own *own, bool *ret_due, int *ret_checkins)
{
    Standing s = standing(book, cx->now_ms);
    *ret_checkins = s.checkins;
    *ret_due = s.checkins > 0 ? !own || own->key != s.key : own && own->own;
    return OK;
}

/* -- the snapshot ---------------------------------------------------------------------------------- */

typedef struct Whom {
    BookRef person;
    Id id;
    int checkins;
} Whom;

static int most_first(const void *a, const void *b)
{
    const Whom *x = a, *y = b;
    if (x->checkins != y->checkins)
        return x->checkins > y->checkins ? -1 : 1;
    return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

static int practice_of(Str id)
{
    const ContentPractice *p = content_practice(id);
    ptrdiff_t at = p ? p - content_practices : OWN_PRACTICES;
    return at < OWN_PRACTICES ? (int)at : -1;
}

static Err add_done(Cx *cx, const Book *book, BookRef person, OwnSnapshot *s)
{
    BookIter all = book_timeline(
        book, person, (BookWhich){.to_ms = cx->now_ms + 1, .kinds = BOOK_KIND(ENTRY_DONE)});
    BookRef ref = BOOK_NONE;
    int first = s->n_done;
    Err e = OK;
    while (e == OK && s->n_done < DONE_MOST && book_next(&all, &ref)) {
        BookDone d = {.helped_tenths = -1};
        e = book_done(cx, book, ref, &d);
        int practice = e == OK ? practice_of(d.practice) : -1;
        if (practice >= 0 && !(d.alone && content_practices[practice].needs_both))
            s->done[s->n_done++] = (OwnDone){practice, s->n, history_days(d.event.at_ms), 1};
    }
    for (int i = first; i < s->n_done; i++) {
        int around = 0;
        for (int j = first; j < s->n_done; j++) {
            double days = s->done[i].t_days - s->done[j].t_days;
            around += days < AROUND_DAYS && days > -AROUND_DAYS;
        }
        s->done[i].share = 1.0 / around;
    }
    return e;
}

/* The last answer to the same question, which each may say again; NaN for none. */
static void say_again(const RelEvent events[], const int question[], int n, double ret[])
{
    double last[OWN_QUESTIONS];
    for (int q = 0; q < OWN_QUESTIONS; q++)
        last[q] = (double)NAN;
    for (int k = 0; k < n; k++) {
        int q = question[k];
        ret[k] = q >= 0 ? last[q] : (double)NAN;
        if (q >= 0)
            last[q] = events[k].value;
    }
}

/* The relationship's last events, at most `most` of them. */
static Err add_part(Cx *cx, const Book *book, const Basis *basis, BookRef person, int most,
                    OwnSnapshot *s)
{
    History *h = arena_new(cx->arena, History, 1);
    if (!h)
        return err_nomem(cx);
    Err e = history_read(cx, book, basis, person, h);
    int n = e == OK && h->n_events < most ? h->n_events : most;
    if (e != OK || h->n_events == 0)
        return e;
    RelEvent *events = arena_new(&s->arena, RelEvent, n);
    int *question = arena_new(&s->arena, int, n);
    double *last = arena_new(&s->arena, double, n);
    if (!events || !question || !last)
        return err_nomem(cx);
    memcpy(events, h->events + h->n_events - n, (size_t)n * sizeof events[0]);
    memcpy(question, h->question + h->n_events - n, (size_t)n * sizeof question[0]);
    say_again(events, question, n, last);
    s->histories[s->n] =
        (LearnHistory){.kind = h->kind, .events = events, .count = n, .last = last};
    s->question[s->n] = question;
    s->kinds[s->n] = h->main_kind;
    e = add_done(cx, book, person, s);
    s->n++;
    return e;
}

static Err fill(Cx *cx, const Book *book, int64_t cutoff_ms, OwnSnapshot *s)
{
    BookRefs people = book_people(book);
    Whom *order = arena_new(cx->arena, Whom, people.n + 1);
    int taken = 0;
    s->histories = arena_new(&s->arena, LearnHistory, people.n + 1);
    s->question = arena_new(&s->arena, int *, people.n + 1);
    s->kinds = arena_new(&s->arena, KindId, people.n + 1);
    s->done = arena_new(&s->arena, OwnDone, DONE_MOST);
    if (!order || !s->histories || !s->question || !s->kinds || !s->done)
        return err_nomem(cx);
    for (int i = 0; i < people.n; i++)
        order[i] = (Whom){people.p[i], book_id(book, people.p[i]),
                          book_count(book, people.p[i], ENTRY_CHECKIN)};
    qsort(order, (size_t)people.n, sizeof order[0], most_first);
    Basis basis = {.own = NULL};
    history_traffic(book, cutoff_ms, &basis);
    Err e = OK;
    for (int i = 0; i < people.n && order[i].checkins > 0 && taken < OWN_EVENTS && e == OK; i++) {
        AUTO_ARENA Arena scratch;
        arena_init(&scratch, ARENA_LIMIT_DEFAULT);
        Cx then = {.arena = &scratch, .now_ms = cutoff_ms};
        int before = s->n;
        e = add_part(&then, book, &basis, order[i].person, OWN_EVENTS - taken, s);
        if (e != OK)
            cx->why = (Why){.key = then.why.key};
        else if (s->n > before)
            taken += (int)s->histories[before].count;
    }
    return e;
}

Err own_snapshot_new(Cx *cx, const Book *book, OwnSnapshot **ret)
{
    Standing at = standing(book, cx->now_ms);
    Arena arena;
    arena_init(&arena, ARENA_LIMIT_DEFAULT);
    INVARIANT(content_questions_count <= OWN_QUESTIONS && content_practices_count <= OWN_PRACTICES);
    OwnSnapshot *s = arena_new(&arena, OwnSnapshot, 1);
    if (!s)
        return err_nomem(cx);
    s->arena = arena;
    s->key = at.key;
    s->checkins = at.checkins;
    s->tape.left = INT64_MAX;
    Err e = at.checkins > 0 ? fill(cx, book, at.cutoff_ms, s) : OK;
    if (e != OK) {
        own_snapshot_free(s);
        return e;
    }
    *ret = s;
    return OK;
}

void own_snapshot_free(OwnSnapshot *s)
{
    if (!s)
        return;
    Arena arena = s->arena; /* it lies in there itself */
    arena_free(&arena);
}

uint64_t own_snapshot_key(const OwnSnapshot *s)
{
    return s->key;
}

int own_snapshot_events(const OwnSnapshot *s)
{
    ptrdiff_t n = 0;
    for (int i = 0; i < s->n; i++)
        n += s->histories[i].count;
    return (int)n;
}

LearnTape *own_snapshot_tape(OwnSnapshot *s)
{
    return &s->tape;
}
