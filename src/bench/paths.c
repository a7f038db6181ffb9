/* bench/paths.c - the paths that matter, each with the least that any program would have to do for the same: one
 * function that does it our way and one that does only that. What only computes is measured in CPU time, which other
 * programs disturb least, processes with their start and end; commits by the clock. */
#include "bench/paths.h"
#include "app/demo.h"
#include "base/buf.h"
#include "base/os.h"
#include "insight/insight.h"
#include "num/relation.h"
#include "port/vcard.h"
#include <stdlib.h>

/* -- opening ------------------------------------------------------------------------------------- */

static Err drop_beside(Bench *b, const char *suffix)
{
    Buf buf = buf_make(&b->scratch, 8192);
    Str path = {NULL, 0};
    buf_put(&buf, b->app.vault);
    buf_c(&buf, suffix);
    Err e = buf_done(&b->own, &buf, &path);
    return e == OK ? os_remove(&b->own, path) : e;
}

static Err timed_open(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    int64_t start = os_cpu_ns();
    Err e = app_open(&b->own, &b->app, STR(""));
    *ret_ns = os_cpu_ns() - start;
    *ret_count = b->entries;
    return e;
}

/* With nothing beside the vault: entry by entry. */
static Err ours_open(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    app_close(&b->app);
    Err e = drop_beside(b, ".checkpoint");
    if (e == OK)
        e = drop_beside(b, ".insight");
    return e == OK ? timed_open(b, ret_ns, ret_count) : e;
}

static Err floor_open(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    *ret_count = b->entries;
    return floor_scan_and_open(&b->own, &b->floor, ret_ns);
}

/* With the book as it lay in memory. */
static Err ours_reopen(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Err e = book_checkpoint(&b->own, b->app.book, b->app.log);
    app_close(&b->app);
    if (e == OK)
        e = drop_beside(b, ".insight");
    return e == OK ? timed_open(b, ret_ns, ret_count) : e;
}

static Err floor_reopen(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    OsFile file = {0};
    Buf buf = buf_make(&b->scratch, 8192);
    Str path = {NULL, 0};
    buf_put(&buf, b->app.vault);
    buf_c(&buf, ".checkpoint");
    Err e = buf_done(&b->own, &buf, &path);
    if (e == OK)
        e = os_stat(&b->own, path, &file);
    *ret_count = b->entries;
    return e == OK ? floor_segments(&b->own, &b->floor, b->folder, file.bytes, ret_ns) : e;
}

/* Not a time: bytes held for an open book and all that was worked out from it. */
static Err ours_memory(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Today today;
    Err e = insight_today_cached(&b->own, b->app.cache, b->app.book, &today);
    *ret_ns = book_bytes(b->app.book) + insight_cache_bytes(b->app.cache);
    *ret_count = b->entries;
    return e;
}

/* And what a site adds for searching. */
static Err ours_memory_of_a_site(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    while (!book_prepare_search(b->app.book, 1000000000))
        continue;
    return ours_memory(b, ret_ns, ret_count);
}

static Err floor_memory(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    *ret_ns = 0;
    for (uint32_t i = 0; i < book_entry_count(b->app.book); i++)
        *ret_ns += book_entry_body(b->app.book, i).len;
    *ret_count = b->entries;
    return OK;
}

/* -- writing and folding ------------------------------------------------------------------------- */

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
    int64_t start = os_cpu_ns();
    for (uint32_t i = 0; i < n && e == OK; i++)
        e = book_apply(&b->own, book, book_entry_body(b->app.book, i));
    if (e == OK)
        e = book_settle(&b->own, book);
    *ret_ns = os_cpu_ns() - start;
    *ret_count = n;
    book_free(book);
    return e;
}

/* Every byte of every entry, copied once. */
static Err floor_fold(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    uint32_t n = book_entry_count(b->app.book);
    Buf buf = buf_make(&b->scratch, 1 << 29);
    int64_t start = os_cpu_ns();
    for (uint32_t i = 0; i < n; i++)
        buf_put(&buf, book_entry_body(b->app.book, i));
    *ret_ns = os_cpu_ns() - start;
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
    int64_t start = os_cpu_ns();
    e = rel_filter(&b->own, model, events, STEPS, &state);
    *ret_ns = os_cpu_ns() - start;
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

/* Nothing of the page is there. */
static Err ours_today(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str page = {NULL, 0};
    standing_drop(&b->app);
    int64_t start = os_cpu_ns();
    Err e = render_today(b, &page);
    *ret_ns = os_cpu_ns() - start;
    *ret_count = 1;
    return e;
}

/* What it says stands, as it does for the next request while nothing changes. */
static Err ours_today_again(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str page = {NULL, 0};
    Err e = render_today(b, &page);
    int64_t start = os_cpu_ns();
    if (e == OK)
        e = render_today(b, &page);
    *ret_ns = os_cpu_ns() - start;
    *ret_count = 1;
    return e;
}

/* Something was said of one person: not through the log, whose sync has a line of its own. */
static Err say_something(Bench *b, int nth)
{
    BookRefs people = book_people(b->app.book);
    const Str *bodies = NULL;
    Id batch;
    Id who = book_id(b->app.book, people.p[nth % people.n]);
    Draft d = draft_new(&b->own, ENTRY_MOMENT);
    draft_ids(&d, F_PEOPLE, &who, 1);
    draft_at(&d, b->own.now_ms);
    draft_text(&d, F_TEXT, STR("tea"));
    Err e = book_prepare(&b->own, b->app.book, 1, &d, 1, STR("done.log"), STR(""), &batch, &bodies);
    for (int i = 0; i < 2 && e == OK; i++)
        e = book_apply(&b->own, b->app.book, bodies[i]);
    return e == OK ? book_settle(&b->own, b->app.book) : e;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

enum { PAGES = 200 };

/* The page after each new entry; the 99th of a hundred. */
static Err ours_slowest_today(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    int64_t took[PAGES];
    Err e = OK;
    for (int i = 0; i < PAGES && e == OK; i++) {
        Str page = {NULL, 0};
        e = say_something(b, i);
        int64_t start = os_cpu_ns();
        if (e == OK)
            e = render_today(b, &page);
        took[i] = os_cpu_ns() - start;
        arena_reset(&b->scratch);
    }
    qsort(took, PAGES, sizeof took[0], by_value);
    *ret_ns = took[PAGES * 99 / 100];
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
                "BDAY:19%02d-05-17\r\nNOTE:Met on the train\\, talked\r\n  all the "
                "way.\r\nEND:VCARD\r\n",
                i, i, i, i, i % 100);
    return buf_done(&b->own, &buf, ret);
}

static Err ours_vcard(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str bytes = {NULL, 0};
    VcardFile file;
    Err e = cards(b, &bytes);
    int64_t start = os_cpu_ns();
    if (e == OK)
        e = vcard_read(&b->own, bytes, &file);
    *ret_ns = os_cpu_ns() - start;
    *ret_count = e == OK ? file.n_people : 1;
    return e;
}

static Err floor_vcard(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Str bytes = {NULL, 0};
    Err e = cards(b, &bytes);
    int64_t start = os_cpu_ns();
    int64_t lines = 0;
    for (Str rest = bytes; rest.p; lines++)
        (void)str_cut(&rest, '\n');
    *ret_ns = os_cpu_ns() - start;
    *ret_count = lines / 9 > 0 ? lines / 9 : 1;
    return e;
}

/* -- searching ----------------------------------------------------------------------------------- */

static Err search(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    const BookSearch s = {.text = STR("zzyzx"), .person = BOOK_NONE, .limit = 20};
    const BookHit *hits = NULL;
    int n = 0;
    int64_t start = os_cpu_ns();
    Err e = book_search(&b->own, b->app.book, &s, &hits, &n);
    *ret_ns = os_cpu_ns() - start;
    *ret_count = b->entries;
    return e;
}

static Err ours_scan(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    app_close(&b->app); /* what was prepared goes with it */
    Err e = app_open(&b->own, &b->app, STR(""));
    return e == OK ? search(b, ret_ns, ret_count) : e;
}

static Err ours_search(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    while (!book_prepare_search(b->app.book, 1000000000))
        continue;
    return search(b, ret_ns, ret_count);
}

/* -- whole commands ------------------------------------------------------------------------------ */

static Err run_command(Bench *b, const char *command, Str word, int64_t *ret_ns, int64_t *ret_count)
{
    const char *path = str_to_c(&b->scratch, b->app.vault);
    const char *said = word.len > 0 ? str_to_c(&b->scratch, word) : "--vault";
    const char *const one[] = {"/proc/self/exe", command, "--vault", path, NULL};
    const char *const two[] = {"/proc/self/exe", command, said, "--vault", path, NULL};
    *ret_count = 1;
    return path && said ? floor_process(&b->own, word.len > 0 ? two : one, ret_ns)
                        : err_nomem(&b->own);
}

static Str first_name(const Bench *b)
{
    BookRefs people = book_people(b->app.book);
    return people.n > 0 ? book_name(b->app.book, people.p[0]) : STR("Ana");
}

static Err ours_command_today(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    return run_command(b, "today", STR(""), ret_ns, ret_count);
}

static Err ours_command_people(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    return run_command(b, "people", STR(""), ret_ns, ret_count);
}

static Err ours_command_show(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    return run_command(b, "show", first_name(b), ret_ns, ret_count);
}

static Err ours_command_search(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    return run_command(b, "search", STR("zzyzx"), ret_ns, ret_count);
}

static Err ours_command_log(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Buf buf = buf_make(&b->scratch, 4096);
    Str words = {NULL, 0};
    buf_fmt(&buf, "Tea with %.*s", (int)first_name(b).len, first_name(b).p);
    Err e = buf_done(&b->own, &buf, &words);
    return e == OK ? run_command(b, "log", words, ret_ns, ret_count) : e;
}

static Err ours_command_next(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    return run_command(b, "next", first_name(b), ret_ns, ret_count);
}

static Err ours_command_checkin(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    return run_command(b, "check-in", first_name(b), ret_ns, ret_count);
}

static Err ours_command_add(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    return run_command(b, "add", STR("Noor Haddad"), ret_ns, ret_count);
}

/* Of one person added before, so that it is always as much. */
static Err ours_command_undo(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    Err e = ours_command_add(b, ret_ns, ret_count);
    return e != OK ? e : run_command(b, "undo", STR(""), ret_ns, ret_count);
}

static Err floor_true(Bench *b, int64_t *ret_ns, int64_t *ret_count)
{
    const char *const nothing[] = {"/bin/true", NULL};
    *ret_count = 1;
    return floor_process(&b->own, nothing, ret_ns);
}

const Path bench_paths[BENCH_PATHS] = {
    {"open",             "ns/entry",   "SQLite scan and AEAD open of the same sizes",      ours_open,             floor_open  },
    {"open, checkpoint", "ns/entry",   "its segments read and opened",                     ours_reopen,           floor_reopen},
    {"memory",           "B/entry",    "what the entries say, without finding it again",   ours_memory,
     floor_memory                                                                                                             },
    {"memory, a site",   "B/entry",    "the same",                                         ours_memory_of_a_site, floor_memory},
    {"append",           "ns/entry",   "one SQLite commit of the same sizes",              ours_append,           floor_append},
    {"fold",             "ns/entry",   "the same bytes copied",                            ours_fold,             floor_fold  },
    {"filter step",      "ns/reading", "its multiply-adds",                                ours_filter,           floor_filter},
    {"engine, all",      "ns/event",   "its multiply-adds, both on two cores",             bench_engine,
     bench_engine_floor                                                                                                       },
    {"today page",       "ns/page",    "the page's bytes escaped once (CPU)",              ours_today,            floor_today },
    {"today page again", "ns/page",    "the same",                                         ours_today_again,      floor_today },
    {"today, 99 %",      "ns/page",    "the same; each page after a new entry",            ours_slowest_today,
     floor_today                                                                                                              },
    {"search",           "ns/entry",   "the same bytes copied",                            ours_search,           floor_fold  },
    {"search, scan",     "ns/entry",   "the same bytes copied",                            ours_scan,             floor_fold  },
    {"vCard import",     "ns/card",    "the same bytes cut into lines",                    ours_vcard,            floor_vcard },
    {"command today",    "ns/process", "a program that does nothing",                      ours_command_today,    floor_true  },
    {"command people",   "ns/process", "a program that does nothing",                      ours_command_people,
     floor_true                                                                                                               },
    {"command show",     "ns/process", "a program that does nothing",                      ours_command_show,     floor_true  },
    {"command search",   "ns/process", "a program that does nothing",                      ours_command_search,
     floor_true                                                                                                               },
    {"command next",     "ns/process", "a program that does nothing",                      ours_command_next,     floor_true  },
    {"command check-in", "ns/process", "a program that does nothing",                      ours_command_checkin,
     floor_true                                                                                                               },
    {"command log",      "ns/process", "the same; what it waits for the disk not counted",
     ours_command_log,                                                                                            floor_true  },
    {"command add",      "ns/process", "the same; what it waits for the disk not counted",
     ours_command_add,                                                                                            floor_true  },
    {"command undo",     "ns/process", "the same; what it waits for the disk not counted",
     ours_command_undo,                                                                                           floor_true  },
};
