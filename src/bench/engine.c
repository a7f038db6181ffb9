/* bench/engine.c - every relationship of the vault from its first entry to now: entries read as events, events filtered.
 * People share nothing once a model stands, so both cores take one after the other from the same list: the book
 * does not change meanwhile, each core has an arena of its own, and the one number they share is whose turn it is. Costs
 * what the entries cost; whoever comes later costs one step (the path "filter step"). */
#include "base/os.h"
#include "base/thread.h"
#include "bench/paths.h"
#include "insight/history.h"
#include <stdatomic.h>

enum { CORES = 2, PERSON_BYTES = 1 << 28 };

typedef struct Share {
    const Book *book;
    const RelModel *rm;
    atomic_int *next;
    Arena arena;
    int64_t now_ms, events;
    Err e;
} Share;

static Err one_person(Cx *cx, Share *s, BookRef person)
{
    History *h = arena_new(cx->arena, History, 1);
    RelModel *rm = arena_new(cx->arena, RelModel, 1);
    RelState state;
    if (!h || !rm)
        return err_nomem(cx);
    Err e = history_read(cx, s->book, NULL, person, h);
    if (e == OK)
        e = rel_model_kind(cx, s->rm, &h->kind, rm);
    if (e != OK || h->n_events == 0)
        return e;
    rel_start(rm, h->events[0].t_days, &state);
    s->events += h->n_events;
    return rel_filter(cx, rm, h->events, h->n_events, &state);
}

static void take_turns(void *ctx, const atomic_bool *stop)
{
    Share *s = ctx;
    Cx cx = {.arena = &s->arena, .now_ms = s->now_ms};
    BookRefs people = book_people(s->book);
    while (s->e == OK && !(stop && atomic_load(stop))) {
        int at = atomic_fetch_add(s->next, 1);
        if (at >= people.n)
            break;
        arena_reset(&s->arena);
        s->e = one_person(&cx, s, people.p[at]);
    }
}

Err bench_engine(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    RelParams params = rel_params_default();
    const RelKind kind = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 274};
    RelModel *rm = arena_new(&b->scratch, RelModel, 1);
    Share share[CORES];
    atomic_int next = 0;
    if (!rm)
        return err_nomem(&b->own);
    Err e = rel_model_make(&b->own, &params, &kind, rm);
    if (e != OK)
        return e;
    for (int i = 0; i < CORES; i++) {
        share[i] = (Share){.book = b->app.book, .rm = rm, .next = &next, .now_ms = b->own.now_ms};
        arena_init(&share[i].arena, PERSON_BYTES);
    }
    int64_t start = os_cpu_ns(); /* of both: on cores that are free half of it passes on the clock */
    Worker *other = worker_start(take_turns, &share[1]);
    take_turns(&share[0], NULL);
    while (other &&
           !worker_done(other)) { /* it ends by itself: asked to stop it would leave people out */
    }
    *ret_ns = (os_cpu_ns() - start) / CORES;
    worker_end(other);
    *ret_count = 0;
    for (int i = 0; i < CORES; i++) {
        *ret_count += share[i].events;
        e = e == OK ? share[i].e : e;
        arena_free(&share[i].arena);
    }
    *ret_count = *ret_count > 0 ? *ret_count : 1;
    return e;
}

/* The multiplications of as many readings, on two cores. */
Err bench_engine_floor(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    enum { SOME = 20000 };
    (void)b;
    *ret_count = SOME;
    *ret_ns = floor_multiply_add(SOME, REL_DIM) / CORES;
    return OK;
}
