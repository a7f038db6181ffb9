/* app/learning.c - learning beside everything else. A site, or a check-in whose questions are being answered, starts a
 * worker on a snapshot; a command beside which nobody has anything else to do waits for it, so it takes a piece only of a
 * small book, within the time of a command, or a larger one when it was asked what was learned. Each keeps what it
 * found, and how far it came, sealed beside the vault; with that the next opening goes on where this one stopped. What
 * was learned is a function of the entries (insight/own.h), so it does not matter who does it, or in how many pieces. */
#include "app/app.h"
#include "base/os.h"
#include "base/thread.h"
#include "insight/insight.h"
#include "insight/own.h"

/* A step is some .6 us. What follows the slopes cannot be divided: so many passes. */
enum { STEPS_UNASKED = 8000, STEPS_ASKED = 150000, PASSES_A_SLOPE = 4, PASSES_AFTER = 60 };

typedef struct Learning {
    Own own;
    Own fresh;             /* the worker's, until it is done */
    OwnSnapshot *snapshot; /* being learned from */
    Worker *worker;
    Arena work;           /* the worker's */
    bool found;           /* the worker's: fresh is whole */
    uint64_t seen, epoch; /* of the book: looked at already, and whose BookRefs these are */
} Learning;

static void use(App *app, Learning *l)
{
    if (app->cache)
        insight_cache_learned(app->cache, &l->own);
}

/* Best effort: what is not kept is learned again. */
static void keep(const App *app, const Learning *l, int64_t now_ms)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &arena, .now_ms = now_ms};
    Str bytes = {NULL, 0};
    bool may = !log_is_read_only(app->log) && !book_is_broken(app->book);
    Err e = !may ? ERR_DENIED : own_write(&cx, &l->own, l->snapshot, &bytes);
    if (e == OK)
        e = log_checkpoint_write(&cx, app->log, LOG_MODEL_LEARNED, book_cursor(app->book), bytes);
    (void)e;
}

static bool recall(Cx *cx, const App *app, Str *ret)
{
    LogCursor cursor = {0};
    bool there = log_checkpoint_read(cx, app->log, LOG_MODEL_LEARNED, &cursor, ret) == OK;
    log_cursor_free(&cursor);
    return there;
}

void learning_open(App *app, int64_t now_ms)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &arena, .now_ms = now_ms};
    Str bytes = {NULL, 0};
    Learning *l = os_alloc(1, (ptrdiff_t)sizeof *l);
    app->learning = l;
    if (!l)
        return;
    l->epoch = book_epoch(app->book);
    if (recall(&cx, app, &bytes) && own_read(bytes, &l->own))
        use(app, l);
}

static void stop(Learning *l)
{
    worker_end(l->worker);
    l->worker = NULL;
    arena_free(&l->work);
}

static void drop_snapshot(Learning *l)
{
    own_snapshot_free(l->snapshot);
    l->snapshot = NULL;
}

static void take_over(App *app, Learning *l, int64_t now_ms)
{
    if (l->found) {
        l->own = l->fresh;
        drop_snapshot(l);
        use(app, l);
    }
    keep(app, l, now_ms);
    drop_snapshot(l);
}

void learning_close(App *app)
{
    Learning *l = app->learning;
    if (!l)
        return;
    if (l->worker) {
        stop(l);
        if (app_is_open(app) && l->epoch == book_epoch(app->book))
            take_over(app, l, os_now_ms());
    }
    if (app->cache)
        insight_cache_learned(app->cache, NULL);
    drop_snapshot(l);
    os_wipe(l, (ptrdiff_t)sizeof *l);
    os_free(l);
    app->learning = NULL;
}

/* Somebody was forgotten: what was learned from them is too. */
static void forget(App *app, Learning *l)
{
    stop(l);
    drop_snapshot(l);
    l->own = (Own){.own = false};
    l->seen = 0;
    l->epoch = book_epoch(app->book);
    use(app, l);
}

/* A snapshot when there is something new to learn from, and not more check-ins than `most`; one look a version of the
 * book. */
static bool begin(Cx *cx, App *app, Learning *l, int most)
{
    Str bytes = {NULL, 0};
    bool due = false;
    int step = 0;
    if (l->seen == book_version(app->book))
        return false;
    l->seen = book_version(app->book);
    if (own_step(book_counts(app->book).present[ENTRY_CHECKIN]) > most) /* without reading them */
        return false;
    if (own_due(cx, app->book, &l->own, &due, &step) != OK || !due || step > most ||
        own_snapshot_new(cx, app->book, &l->snapshot) != OK)
        return false;
    if (recall(cx, app, &bytes))
        own_resume(bytes, l->snapshot);
    return true;
}

static void work(void *ctx, const atomic_bool *stop_wanted)
{
    Learning *l = ctx;
    Cx cx = {.arena = &l->work, .now_ms = 0}; /* what is learned has no now */
    own_snapshot_tape(l->snapshot)->stop = stop_wanted;
    Err e = own_learn(&cx, l->snapshot, &l->fresh, &l->found);
    (void)e;
}

void app_learn_beside(App *app, int64_t now_ms)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &arena, .now_ms = now_ms};
    Learning *l = app->learning;
    if (!l || !app_is_open(app))
        return;
    if (l->epoch != book_epoch(app->book))
        forget(app, l);
    if (l->worker && worker_done(l->worker)) {
        stop(l);
        take_over(app, l, now_ms);
    }
    if (l->worker || !begin(&cx, app, l, INT32_MAX))
        return;
    l->found = false;
    arena_init(&l->work, ARENA_LIMIT_DEFAULT);
    l->worker = worker_start(work, l);
    if (!l->worker)
        drop_snapshot(l);
}

void app_learn_some(App *app, bool asked, int64_t now_ms)
{
    const int64_t steps = asked ? STEPS_ASKED : STEPS_UNASKED;
    Learning *l = app->learning;
    if (!l || l->worker || !app_is_open(app))
        return;
    if (l->epoch != book_epoch(app->book))
        forget(app, l);
    arena_init(&l->work, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &l->work, .now_ms = now_ms};
    if (begin(&cx, app, l, asked ? INT32_MAX : STEPS_UNASKED / PASSES_AFTER)) {
        int64_t pass = own_snapshot_events(l->snapshot) + 1;
        own_snapshot_tape(l->snapshot)->left = 1 + steps / (PASSES_A_SLOPE * pass);
        if (pass * PASSES_AFTER <= steps && own_learn(&cx, l->snapshot, &l->fresh, &l->found) == OK)
            take_over(app, l, now_ms);
        drop_snapshot(l);
    }
    arena_free(&l->work);
}
