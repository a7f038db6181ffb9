/* bench/bench.c - for each size an example life is written once; each path then runs several times in turn with its
 * floor (A B A B), so that both see the same machine, and the medians are compared. Growth is the cost of one unit
 * beside that of the size before, a tenth as large: 1 is linear for what is counted by the entry; for pages and
 * commands 10 would be. */
#include "bench/bench.h"
#include "app/demo.h"
#include "base/buf.h"
#include "base/os.h"
#include "bench/paths.h"
#include <stdlib.h>

enum { RUNS = 5, STDOUT = 1, PER_PERSON_YEAR = 44 };

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
    const Path *p = &bench_paths[i];
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
    double mine = (double)median(ours, RUNS) / (double)n,
           least = (double)median(floor, RUNS) / (double)m;
    Buf line = buf_make(b->cx->arena, 512);
    Str out = {NULL, 0};
    buf_fmt(&line, "%-16s %9lld  %12.1f %-10s %12.1f  %8.2f x", p->name, (long long)b->entries,
            mine, p->unit, least, least > 0 ? mine / least : 0);
    if (b->last[i] > 0)
        buf_fmt(&line, "  %6.2f", mine / b->last[i]);
    else
        buf_c(&line, "        ");
    buf_fmt(&line, "   %s\n", p->floor_name);
    b->last[i] = mine;
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
    for (int i = 0; e == OK && i < BENCH_PATHS; i++) {
        if (b->only.len == 0 || str_find(str_c(bench_paths[i].name), b->only) >= 0)
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
    tell(b,
         "path               entries          ours                    floor       ratio  growth\n");
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
