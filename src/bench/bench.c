/* bench/bench.c - for each size an example life is written once; each path then runs several times in turn with its
 * floor (A B A B), so that both see the same machine, and the medians are compared. */
#include "bench/bench.h"
#include "app/demo.h"
#include "base/buf.h"
#include "base/os.h"
#include "bench/floor.h"
#include "insight/insight.h"
#include "num/relation.h"
#include "port/vcard.h"
#include <stdlib.h>

enum { RUNS = 5, ROWS_MAX = 8, STDOUT = 1, PER_PERSON_YEAR = 44 };

typedef struct Bench {
    Cx *cx;
    Arena scratch;
    Cx own;
    App app;
    Str folder;
    Floor floor;
    Str only;
    int64_t entries;
    int64_t last_ns[ROWS_MAX], last_n[ROWS_MAX];
} Bench;

/* One path: ours and its floor, in ns for the whole of count operations. */
typedef struct Path {
    const char *name, *unit, *floor_name;
    Err (*ours)(Bench *b, int64_t *ret_ns, int64_t *ret_count);
    Err (*floor)(Bench *b, int64_t *ret_ns, int64_t *ret_count);
} Path;

/* -- the paths ------------------------------------------------------------------------------------ */

static Err ours_open(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    app_close(&b->app);
    int64_t start = os_mono_ns();
    Err e = app_open(&b->own, &b->app, STR(""));
    *ret_ns = os_mono_ns() - start;
    *ret_count = b->entries;
    return e;
}

static Err floor_open(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    *ret_count = b->entries;
    return floor_scan_and_open(&b->own, &b->floor, ret_ns);
}

enum { APPENDS = 50 };

static Err ours_append(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    LogPos pos;
    Err e = OK;
    int64_t start = os_mono_ns();
    for (int i = 0; i < APPENDS && e == OK; i++) {
        Str body = book_entry_body(b->app.book, (uint32_t)i);
        e = log_append(&b->own, b->app.log, &body, 1, &pos);
    }
    *ret_ns = os_mono_ns() - start;
    *ret_count = APPENDS;
    return e;
}

static Err floor_append(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    *ret_count = APPENDS;
    return floor_commit(&b->own, &b->floor, APPENDS, ret_ns);
}

static Err ours_fold(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    uint32_t n = book_entry_count(b->app.book);
    Book *book = book_new(0);
    Err e = book ? OK : err_nomem(&b->own);
    int64_t start = os_mono_ns();
    for (uint32_t i = 0; i < n && e == OK; i++)
        e = book_apply(&b->own, book, book_entry_body(b->app.book, i));
    if (e == OK)
        e = book_settle(&b->own, book);
    *ret_ns = os_mono_ns() - start;
    *ret_count = n;
    book_free(book);
    return e;
}

/* Every byte of every entry, copied once. */
static Err floor_fold(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    uint32_t n = book_entry_count(b->app.book);
    Buf buf = buf_make(&b->scratch, 1 << 29);
    int64_t start = os_mono_ns();
    for (uint32_t i = 0; i < n; i++)
        buf_put(&buf, book_entry_body(b->app.book, i));
    *ret_ns = os_mono_ns() - start;
    *ret_count = n;
    return OK;
}

enum { STEPS = 2000 };

static Err ours_filter(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    RelParams params = rel_params_default();
    const RelKind kind = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 274};
    RelModel *model = arena_new(&b->scratch, RelModel, 1);
    RelEvent *events = arena_new(&b->scratch, RelEvent, STEPS);
    RelState state;
    if (!model || !events)
        return err_nomem(&b->own);
    for (int i = 0; i < STEPS; i++)
        events[i] = (RelEvent){.t_days = 3.0 * i + (i % 7) * .1,
                               .kind = REL_READING,
                               .level = (RelLevel)(i % REL_LEVELS),
                               .value = 5 + i % 3};
    Err e = rel_model_make(&b->own, &params, &kind, model);
    if (e != OK)
        return e;
    rel_start(model, 0, &state);
    int64_t start = os_mono_ns();
    e = rel_filter(&b->own, model, events, STEPS, &state);
    *ret_ns = os_mono_ns() - start;
    *ret_count = STEPS;
    return e;
}

static Err floor_filter(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    (void)b;
    *ret_count = STEPS;
    *ret_ns = floor_multiply_add(STEPS, REL_DIM);
    return OK;
}

static Err render_today(Bench *b, Str *ret)
{
    Reply reply = {.view = NULL};
    Err e = app_run(&b->own, &b->app, action_by_id("today"), NULL, 0, false, &reply);
    if (e == OK)
        e = app_render(&b->own, &b->app, "today", reply.view, NULL, FACE_HTML, 0, ret);
    reply_free(&reply);
    return e;
}

static Err ours_today(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str page = {NULL, 0};
    int64_t start = os_cpu_ns();
    Err e = render_today(b, &page);
    *ret_ns = os_cpu_ns() - start;
    *ret_count = 1;
    return e;
}

/* The same page's bytes, escaped once. */
static Err floor_today(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str page = {NULL, 0};
    Err e = render_today(b, &page);
    int64_t start = os_cpu_ns();
    floor_escape(&b->scratch, page);
    *ret_ns = os_cpu_ns() - start;
    *ret_count = 1;
    return e;
}

/* As many cards as a tenth of the entries, at most 20,000. */
static Err cards(Bench *b, Str *ret)
{
    int n = (int)(b->entries / 10 < 20000 ? b->entries / 10 : 20000);
    Buf buf = buf_make(&b->scratch, 64 << 20);
    for (int i = 0; i < n; i++)
        buf_fmt(&buf,
                "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Person;Some %d;;;\r\nFN:Some %d Person\r\n"
                "TEL;TYPE=CELL:+49 151 %07d\r\nEMAIL;TYPE=INTERNET,HOME:some%d@example.org\r\n"
                "BDAY:19%02d-05-17\r\nNOTE:Met on the train\\, talked\r\n  all the way.\r\nEND:VCARD\r\n",
                i, i, i, i, i % 100);
    return buf_done(&b->own, &buf, ret);
}

static Err ours_vcard(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str bytes = {NULL, 0};
    VcardFile file;
    Err e = cards(b, &bytes);
    int64_t start = os_mono_ns();
    if (e == OK)
        e = vcard_read(&b->own, bytes, &file);
    *ret_ns = os_mono_ns() - start;
    *ret_count = e == OK ? file.n_people : 1;
    return e;
}

static Err floor_vcard(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str bytes = {NULL, 0};
    Err e = cards(b, &bytes);
    int64_t start = os_mono_ns();
    int64_t lines = 0;
    for (Str rest = bytes; rest.p; lines++)
        (void)str_cut(&rest, '\n');
    *ret_ns = os_mono_ns() - start;
    *ret_count = lines / 9 > 0 ? lines / 9 : 1;
    return e;
}

static Err ours_process(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    *ret_count = 1;
    return floor_process(&b->own, b->app.vault, true, ret_ns);
}

static Err floor_true(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    *ret_count = 1;
    return floor_process(&b->own, b->app.vault, false, ret_ns);
}

static const Path paths[] = {
    {"open", "entry", "SQLite scan and AEAD open of the same sizes", ours_open, floor_open},
    {"append", "entry", "one SQLite commit of the same sizes", ours_append, floor_append},
    {"fold", "entry", "the same bytes copied", ours_fold, floor_fold},
    {"filter step", "reading", "its multiply-adds", ours_filter, floor_filter},
    {"today page", "page", "the page's bytes escaped once", ours_today, floor_today},
    {"vCard import", "card", "the same bytes cut into lines", ours_vcard, floor_vcard},
    {"whole process", "process", "a program that does nothing", ours_process, floor_true},
};

/* -- running and telling -------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(int64_t v[], int n)
{
    qsort(v, (size_t)n, sizeof v[0], by_value);
    return v[n / 2];
}

static void tell(Bench *b, const char *line)
{
    (void)b;
    os_write_all(STDOUT, str_c(line));
}

static Err time_path(Bench *b, int i)
{
    const Path *p = &paths[i];
    int64_t ours[RUNS], floor[RUNS], n = 1, m = 1;
    for (int k = 0; k < RUNS; k++) {
        Err e = p->ours(b, &ours[k], &n);
        arena_reset(&b->scratch);
        if (e == OK)
            e = p->floor(b, &floor[k], &m);
        arena_reset(&b->scratch);
        if (e != OK)
            return e;
    }
    double mine = (double)median(ours, RUNS) / (double)n, least = (double)median(floor, RUNS) / (double)m;
    double before = b->last_n[i] > 0 ? (double)b->last_ns[i] / 1000 : 0;
    Buf line = buf_make(b->cx->arena, 512);
    Str out = {NULL, 0};
    buf_fmt(&line, "%-14s %9lld  %12.1f ns/%-8s %12.1f ns  %8.2f x", p->name, (long long)b->entries, mine,
            p->unit, least, least > 0 ? mine / least : 0);
    if (before > 0)
        buf_fmt(&line, "  %6.2f", mine / before);
    buf_fmt(&line, "   %s\n", p->floor_name);
    b->last_ns[i] = (int64_t)(mine * 1000);
    b->last_n[i] = n;
    Err e = buf_done(b->cx, &line, &out);
    if (e == OK)
        os_write_all(STDOUT, out);
    return e;
}

static Err make_life(Bench *b, int64_t entries)
{
    int people = (int)(entries / 1000 < DEMO_PEOPLE ? DEMO_PEOPLE : entries / 1000);
    int years = (int)(entries / PER_PERSON_YEAR / people);
    const DemoPlan plan = {.people = people, .years = years > 0 ? years : 1, .seed = 1};
    LogRecovery code;
    LogStats stats = {.entries = 0};
    Buf path = buf_make(b->cx->arena, 4096);
    Str vault = {NULL, 0};
    buf_put(&path, b->folder);
    buf_fmt(&path, "/vault-%lld", (long long)entries);
    Err e = buf_done(b->cx, &path, &vault);
    if (e != OK)
        return e;
    app_init(&b->app, text_locale(STR("en")), vault, NULL);
    e = app_create(&b->own, &b->app, STR(""), true, &code);
    log_recovery_wipe(&code);
    if (e == OK)
        e = demo_fill(&b->own, &b->app, &plan);
    if (e == OK)
        e = log_stats(&b->own, b->app.log, &stats);
    b->entries = stats.entries;
    return e != OK ? e : floor_make(&b->own, &b->floor, b->folder, b->app.book);
}

static Err one_size(Bench *b, int64_t entries)
{
    Err e = make_life(b, entries);
    for (int i = 0; e == OK && i < (int)(sizeof paths / sizeof paths[0]); i++) {
        if (b->only.len == 0 || str_find(str_c(paths[i].name), b->only) >= 0)
            e = time_path(b, i);
    }
    floor_free(&b->floor);
    app_close(&b->app);
    app_render_free(&b->app);
    return e;
}

Err bench_run(Cx *cx, const Input *in)
{
    static const int64_t usual[] = {1000, 10000, 100000, 1000000};
    Bench *b = arena_new(cx->arena, Bench, 1);
    if (!b)
        return err_nomem(cx);
    b->cx = cx;
    b->only = input_text(in, "only");
    arena_init(&b->scratch, (ptrdiff_t)1 << 31);
    b->own = (Cx){.arena = &b->scratch, .now_ms = cx->now_ms};
    Err e = os_temp_folder(cx, &b->folder);
    tell(b, "path             entries            ours                      floor       ratio  growth\n");
    int given = 0;
    for (int i = 0; e == OK && i < in->count; i++) {
        if (str_eq_c(str_c(in->values[i].param->name), "entries")) {
            given++;
            e = one_size(b, in->values[i].num);
        }
    }
    for (int i = 0; e == OK && given == 0 && i < (int)(sizeof usual / sizeof usual[0]); i++)
        e = one_size(b, usual[i]);
    if (e != OK && !cx->why.key)
        cx->why = (Why){.key = b->own.why.key};
    Err gone = b->folder.len > 0 ? os_remove_folder(cx, b->folder) : OK;
    e = e != OK ? e : gone;
    arena_free(&b->scratch);
    return e;
}
