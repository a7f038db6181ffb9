/* log/doctor.c - looking into a vault that is not whole, and saving what is.
 * An ordinary read stops at the first thing that is wrong. Here each place (device, seq) is asked
 * for by itself, and where SQLite does not find it, in what carve.c finds on the pages one by one:
 * a broken page costs the rows on it and no others, and rows that open prove by their seal that they
 * are what was written there. Of what does not open where it says it belongs the first few rows are tried at the places
 * that are lost. The first page holds nothing of the owner's; the header is on the next,
 * and where that is lost, a backup made under the same key lends its own (key_from). The file is
 * opened for reading only and stays as it is. What can be saved goes into a new vault under a new
 * key, each entry at its own place, so that what other devices hold still fits; a lost place is left
 * empty. Linear in the file and in the places there ought to be; 32 bytes for each entry that is
 * carved. */
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

/* One look at one vault: what is found, and where good entries go (dest NULL: nowhere). */
typedef struct Round {
    Cx *cx;
    Log *log;
    Log *dest;
    LogHeader own, header; /* the patient's, as far as it can be read; the one that opens it */
    bool sound;            /* its own is whole and ours */
    bool readable;         /* SQLite finds its way into the tables */
    LogFound found;        /* on the pages; made when first something is not where it ought to be */
    int64_t guessed;       /* bytes looked at of rows that do not open where they say they belong */
    LogReport report;
} Round;

static Err add_finding(Round *r, const LogFinding *finding)
{
    LogReport *report = &r->report;
    LogFinding *last = report->n > 0 ? &report->findings[report->n - 1] : NULL;
    if (last && finding->seq > 0 && last->kind == finding->kind &&
        last->device == finding->device && last->last == finding->seq - 1) {
        last->last = finding->last;
        return OK;
    }
    report->more = report->n == LOG_FINDINGS_MAX;
    if (report->more)
        return OK;
    report->findings = arena_grow(r->cx->arena, report->findings, report->n, report->n + 1,
                                  sizeof *finding, _Alignof(LogFinding));
    if (!report->findings)
        return err_nomem(r->cx);
    report->findings[report->n++] = *finding;
    return OK;
}

static Err found_entry(Round *r, LogTrouble kind, int64_t device, int64_t seq)
{
    r->report.bad++;
    return add_finding(r, &(LogFinding){.kind = kind, .device = device, .seq = seq, .last = seq});
}

/* -- the file ---------------------------------------------------------------------------------- */

static Err check_file(Round *r)
{
    sqlite3_stmt *st = NULL;
    Err e = OK;
    if (!r->readable)
        return add_finding(r, &(LogFinding){.kind = LOG_TROUBLE_FILE,
                                            .text = str_c(sqlite3_errstr(SQLITE_CORRUPT))});
    int rc = sqlite3_prepare_v2(r->log->db, "PRAGMA integrity_check(20)", -1, &st, NULL);
    while (rc == SQLITE_OK && e == OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        Str text = str_c((const char *)sqlite3_column_text(st, 0));
        rc = SQLITE_OK;
        if (!str_eq_c(text, "ok"))
            e = add_finding(
                r, &(LogFinding){.kind = LOG_TROUBLE_FILE, .text = str_dup(r->cx->arena, text)});
    }
    (void)sqlite3_finalize(st);
    if (e != OK || rc == SQLITE_DONE)
        return e;
    return add_finding(r,
                       &(LogFinding){.kind = LOG_TROUBLE_FILE, .text = str_c(sqlite3_errstr(rc))});
}

/* -- which devices there are ------------------------------------------------------------------- */

/* Device numbers from one source after another, ascending, each once. */
typedef struct Devices {
    int64_t *list;
    ptrdiff_t n;
} Devices;

static Err add_device(Cx *cx, Devices *d, int64_t device)
{
    ptrdiff_t at = d->n; /* from the end: the sources ascend */
    while (at > 0 && d->list[at - 1] > device)
        at--;
    if (at > 0 && d->list[at - 1] == device)
        return OK;
    if (d->n == LOG_DEVICES_MAX)
        return OK;
    d->list = arena_grow(cx->arena, d->list, d->n, d->n + 1, sizeof *d->list, _Alignof(int64_t));
    if (!d->list)
        return err_nomem(cx);
    memmove(d->list + at + 1, d->list + at, (size_t)(d->n - at) * sizeof *d->list);
    d->list[at] = device;
    d->n++;
    return OK;
}

/* As far as the tables can be read: where one cannot, another source may still know the device. */
static Err find_devices(Round *r, Devices *d)
{
    const LogHeader *header = r->own.n_devices > 0 ? &r->own : &r->header;
    const LogFound *f = &r->found;
    static const char *const sources[] = {"SELECT device FROM head ORDER BY device",
                                          "SELECT DISTINCT device FROM entry"};
    Err e = OK;
    for (ptrdiff_t i = 0; e == OK && i < header->n_devices; i++)
        e = add_device(r->cx, d, header->devices[i]);
    for (ptrdiff_t i = 0; e == OK && i < f->n_heads; i++)
        e = add_device(r->cx, d, f->heads[i].device);
    for (ptrdiff_t i = 0; e == OK && i < f->n; i++)
        e = add_device(r->cx, d, f->spots[i].device);
    for (int i = 0; e == OK && r->readable && i < 2; i++) {
        sqlite3_stmt *st = NULL;
        int rc = sqlite3_prepare_v2(r->log->db, sources[i], -1, &st, NULL);
        while (rc == SQLITE_OK && e == OK && sqlite3_step(st) == SQLITE_ROW)
            e = add_device(r->cx, d, sqlite3_column_int64(st, 0));
        (void)sqlite3_finalize(st);
    }
    return e;
}

/* -- entries ----------------------------------------------------------------------------------- */

/* How far the rows of a device go, where no head says it: to the highest seq, unless that is so far
 * beyond their number that somebody made it up. 0 where the table cannot be read. */
static int64_t likely_last(Round *r, int64_t device)
{
    enum { ROOM = 1000 };
    sqlite3_stmt *st = NULL;
    const char *sql = "SELECT count(*), max(seq) FROM entry WHERE device=?1";
    int64_t count = 0, max = 0, found = log_found_last(&r->found, device);
    int rc = r->readable ? sqlite3_prepare_v2(r->log->db, sql, -1, &st, NULL) : SQLITE_ERROR;
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 1, device);
    if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
        count = sqlite3_column_int64(st, 0);
        max = sqlite3_column_int64(st, 1);
    }
    (void)sqlite3_finalize(st);
    max = max <= 2 * count + ROOM ? max : count;
    return max > found ? max : found; /* a row that opens nobody made up */
}

typedef enum Place { PLACE_GOOD, PLACE_LOST, PLACE_ALTERED } Place;

/* Opens one entry into the scratch; at moves onto it when it is good. */
static Err open_at(Round *r, int64_t seq, const uint8_t *sealed, ptrdiff_t len, LogMark *at,
                   Place *ret, ptrdiff_t *ret_len)
{
    Log *log = r->log;
    Err e = log_scratch(r->cx, log, len);
    if (e != OK || !sealed ||
        !seal_entry_open(log->key, log->vault, at->device, seq, sealed, len, log->scratch, ret_len))
        return e;
    *ret = PLACE_GOOD;
    at->seq = seq;
    seal_chain(at->hash, seq, sealed, len);
    return OK;
}

static Err look_in_table(Round *r, int64_t seq, LogMark *at, Place *ret, ptrdiff_t *ret_len)
{
    Err e = OK;
    LOG_STMT st = log_stmt(r->cx, r->log, STMT_ENTRY_GET, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_bind_int64(st, 1, at->device);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, seq);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_NOMEM)
        return err_nomem(r->cx);
    *ret = rc == SQLITE_DONE ? PLACE_LOST : PLACE_ALTERED;
    const uint8_t *sealed = rc == SQLITE_ROW ? sqlite3_column_blob(st, 0) : NULL;
    return open_at(r, seq, sealed, sealed ? sqlite3_column_bytes(st, 0) : 0, at, ret, ret_len);
}

/* Whether the entry of a lost place is a row that says it belongs elsewhere. */
static Err look_for_homeless(Round *r, int64_t seq, LogMark *at, Place *ret, ptrdiff_t *ret_len)
{
    enum { GUESSED_MAX = 1 << 26, PAGE = 4096 };
    Str sealed = {NULL, 0};
    Err e = OK;
    for (ptrdiff_t i = 0; e == OK && *ret != PLACE_GOOD && r->guessed < GUESSED_MAX &&
                          log_found_homeless(&r->found, i, &sealed);
         i++) {
        r->guessed += PAGE + sealed.len;
        e = open_at(r, seq, (const uint8_t *)sealed.p, sealed.len, at, ret, ret_len);
    }
    return e;
}

static Err look_at(Round *r, int64_t seq, LogMark *at, Place *ret, ptrdiff_t *ret_len)
{
    Str sealed = {NULL, 0};
    *ret = PLACE_LOST;
    Err e = r->readable ? look_in_table(r, seq, at, ret, ret_len) : OK;
    for (int nth = 0;
         e == OK && *ret != PLACE_GOOD && log_found_entry(&r->found, at->device, seq, nth, &sealed);
         nth++)
        e = open_at(r, seq, (const uint8_t *)sealed.p, sealed.len, at, ret, ret_len);
    if (e != OK || *ret == PLACE_GOOD)
        return e;
    e = look_for_homeless(r, seq, at, ret, ret_len);
    if (e == OK && *ret == PLACE_GOOD)
        e = add_finding(
            r, &(LogFinding){
                   .kind = LOG_TROUBLE_MOVED, .device = at->device, .seq = seq, .last = seq});
    return e;
}

static Err save(Round *r, Place place, ptrdiff_t len, LogMark *dest)
{
    Str body = {(const char *)r->log->scratch, place == PLACE_GOOD ? len : 0};
    return log_entry_put(r->cx, r->dest, r->dest->key, body, STMT_ENTRY_PUT, dest);
}

/* One place that ought to hold an entry. */
static Err check_place(Round *r, int64_t seq, LogMark *at, LogMark *dest)
{
    Place place = PLACE_LOST;
    ptrdiff_t len = 0;
    Err e = look_at(r, seq, at, &place, &len);
    if (e == OK && place != PLACE_GOOD && !r->found.pages) {
        e = log_found_fill(r->cx, r->log, &r->found);
        if (e == OK)
            e = look_at(r, seq, at, &place, &len);
    }
    if (e == OK && place == PLACE_GOOD)
        r->report.good++;
    else if (e == OK)
        e = found_entry(r, place == PLACE_LOST ? LOG_TROUBLE_LOST : LOG_TROUBLE_ALTERED, at->device,
                        seq);
    if (e == OK && r->dest)
        e = save(r, place, len, dest);
    os_wipe(r->log->scratch, len);
    return e;
}

/* An entry that opens behind its head was kept, and the head put back to an earlier one. */
static Err check_behind(Round *r, LogMark *at, LogMark *dest)
{
    Err e = OK;
    Place place = PLACE_GOOD;
    int64_t from = at->seq;
    ptrdiff_t len = 0;
    while (e == OK && place == PLACE_GOOD) {
        e = look_at(r, at->seq + 1, at, &place, &len);
        if (e != OK || place != PLACE_GOOD)
            break;
        r->report.good++;
        if (r->dest)
            e = save(r, place, len, dest);
        os_wipe(r->log->scratch, len);
    }
    if (e == OK && at->seq > from)
        e = add_finding(r, &(LogFinding){.kind = LOG_TROUBLE_HEAD, .device = at->device});
    return e;
}

static Err count_strays(Round *r, int64_t device, int64_t above)
{
    sqlite3_stmt *st = NULL;
    Err e = OK;
    const char *sql = "SELECT seq FROM entry WHERE device=?1 AND (seq<1 OR seq>?2) ORDER BY seq";
    int rc = r->readable ? sqlite3_prepare_v2(r->log->db, sql, -1, &st, NULL) : SQLITE_ERROR;
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 1, device);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, above);
    while (rc == SQLITE_OK && e == OK && sqlite3_step(st) == SQLITE_ROW)
        e = found_entry(r, LOG_TROUBLE_STRAY, device, sqlite3_column_int64(st, 0));
    (void)sqlite3_finalize(st);
    return e;
}

/* The head of a device, or failing that what the rows themselves suggest. */
static Err expected_head(Round *r, int64_t device, LogMark *ret, bool *ret_vouched)
{
    Err e = r->readable ? log_head_get(r->cx, r->log, device, ret) : ERR_DAMAGED;
    for (ptrdiff_t i = 0; e != OK && e != ERR_NOMEM && i < r->found.n_heads; i++) {
        if (r->found.heads[i].device != device)
            continue;
        *ret = r->found.heads[i];
        e = OK;
    }
    *ret_vouched = e == OK;
    if (e == OK || e == ERR_NOMEM)
        return e;
    err_clear(r->cx);
    *ret = (LogMark){.device = device, .seq = likely_last(r, device)};
    return add_finding(r, &(LogFinding){.kind = LOG_TROUBLE_HEAD, .device = device});
}

static Err check_device(Round *r, int64_t device)
{
    LogMark head = {0}, at = {.device = device}, dest = {.device = device};
    bool vouched = false;
    int64_t bad = r->report.bad;
    if (device <= 0) /* no device has such a number */
        return count_strays(r, device, 0);
    Err e = expected_head(r, device, &head, &vouched);
    for (int64_t seq = 1; e == OK && seq <= head.seq; seq++)
        e = check_place(r, seq, &at, &dest);
    if (e == OK && vouched && bad == r->report.bad && memcmp(at.hash, head.hash, SEAL_HASH) != 0)
        e = add_finding(r, &(LogFinding){.kind = LOG_TROUBLE_EXCHANGED, .device = device});
    at.seq = head.seq;
    if (e == OK)
        e = check_behind(r, &at, &dest);
    if (e == OK)
        e = count_strays(r, device, at.seq);
    if (e == OK && r->dest && dest.seq > 0)
        e = log_head_put(r->cx, r->dest, r->dest->key, &dest);
    return e;
}

/* -- the whole --------------------------------------------------------------------------------- */

/* The header SQLite reads, or failing that what lies of it on the pages. */
static Err own_header(Cx *cx, Str path, Log *log, LogHeader *ret, bool *ret_whole)
{
    AUTO_CLEAN(log_pages_close_at) LogPages *pages = NULL;
    Err e = log ? log_header_read_any(cx, log, ret, ret_whole) : ERR_DAMAGED;
    if (e == OK || e == ERR_NOMEM)
        return e;
    e = log_pages_open(cx, path, &pages);
    return e == OK ? log_header_carve(cx, pages, ret, ret_whole) : e;
}

/* The header of a backup, which must be whole, and of the same vault where that can be told. */
static Err lent_header(Cx *cx, Str key_from, const LogHeader *own, LogHeader *ret)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    LogHeader header = {0};
    Err e = log_file_open(cx, key_from, LOG_FILE_LOOK, &log);
    if (e == OK)
        e = log_header_read(cx, log, &header);
    if (e == OK && own && memcmp(own->vault.b, header.vault.b, sizeof own->vault.b) != 0)
        e = err_set(cx, ERR_INVALID, "err.log-other-vault", ARGS(arg_str("file", key_from)));
    if (e == OK)
        *ret = header;
    return e;
}

/* A file that SQLite does not take for a vault is opened for its bytes alone; *ret_first says why it
 * does not, and so does cx. */
static Err open_somehow(Round *r, Str path, Err *ret_first)
{
    Cx *cx = r->cx;
    sqlite3_file *unused = NULL;
    OsFile file = {0};
    Err e = log_file_open(cx, path, LOG_FILE_LOOK, &r->log);
    *ret_first = e;
    r->readable = e == OK;
    if (e == OK)
        return log_begin_read(cx, r->log); /* until it is closed: one moment's state */
    Why why = cx->why;
    bool may_be_broken = e == ERR_DAMAGED || e == ERR_INVALID || e == ERR_NEWER;
    if (may_be_broken && os_stat(cx, path, &file) == OK && file.is_file &&
        log_file_connect(cx, path, &r->log, &unused) == OK)
        e = OK;
    cx->why = why;
    return e;
}

/* Opens the patient as far as it can be, without a key; r->log is the caller's to close. */
static Err admit(Round *r, Str path, Str key_from)
{
    Cx *cx = r->cx;
    Err first = OK;
    Err e = open_somehow(r, path, &first);
    Why why = cx->why;
    if (e != OK)
        return e;
    Err found = own_header(cx, path, r->readable ? r->log : NULL, &r->own, &r->sound);
    if (found == ERR_NOMEM)
        return found;
    r->sound = found == OK && r->sound;
    r->header = r->own;
    if (first == ERR_NEWER && !r->sound &&
        key_from.len == 0) { /* it is; else its mark is what broke */
        cx->why = why;
        return first;
    }
    if (key_from.len > 0)
        return lent_header(cx, key_from, r->sound ? &r->own : NULL, &r->header);
    if (found == OK)
        return OK;
    cx->why = why;
    return first != OK ? first : err_set(cx, ERR_DAMAGED, "err.log-header-lost", NO_ARGS);
}

/* The key file may stand beside the file that lends its header. */
static Err unwrap(Round *r, Str path, Str key_from, const LogSecret *secret)
{
    Log *log = r->log;
    Err e = log_key_unwrap(r->cx, path, secret, &r->header, log->key);
    if (e == OK || key_from.len == 0 || secret->kind != LOG_KEY_FILE)
        return e;
    Why why = r->cx->why;
    if (log_key_unwrap(r->cx, key_from, secret, &r->header, log->key) == OK)
        return OK;
    r->cx->why = why;
    return e;
}

static void discharge(Round *r)
{
    log_found_free(&r->found);
    log_close(r->log);
    r->log = NULL;
}

/* Opens the damaged vault for looking; a header that is altered but still opens is made do with. */
static Err open_patient(Round *r, Str path, Str key_from, const LogSecret *secret)
{
    Cx *cx = r->cx;
    Err e = admit(r, path, key_from);
    if (e == OK && r->header.opens_with == 0 && secret->kind != LOG_RECOVERY)
        e = log_damaged(cx, r->log, "err.log-header-damaged");
    if (e == OK)
        r->log->key = seal_key_new(&r->log->may_swap);
    if (e == OK && !r->log->key)
        e = err_nomem(cx);
    if (e == OK) {
        r->log->vault = r->header.vault;
        r->log->epoch = r->header.epoch;
        r->log->opens_with = r->header.opens_with;
        e = unwrap(r, path, key_from, secret);
    }
    if (e != OK) {
        discharge(r);
        return e;
    }
    r->sound = r->sound && log_header_is_ours(cx, &r->own, r->log->key);
    return OK;
}

Err log_examine_kind(Cx *cx, Str path, Str key_from, LogSecretKind *ret)
{
    Round r = {.cx = cx};
    Err e = admit(&r, path, key_from);
    if (e == OK && r.header.opens_with == 0)
        e = log_damaged(cx, r.log, "err.log-header-damaged");
    if (e == OK)
        *ret = r.header.opens_with;
    discharge(&r);
    return e;
}

/* What is wrong with header and file, and which devices there are. Where anything is, the pages are
 * looked through one by one, too. */
static Err look_around(Round *r, Devices *devices)
{
    Err e = OK;
    if (!r->sound)
        e = add_finding(r, &(LogFinding){.kind = LOG_TROUBLE_HEADER});
    if (e == OK)
        e = check_file(r);
    if (e == OK && r->report.n > 0)
        e = log_found_fill(r->cx, r->log, &r->found);
    return e == OK ? find_devices(r, devices) : e;
}

static Err look_through(Round *r, const Devices *devices)
{
    Err e = OK;
    for (ptrdiff_t i = 0; e == OK && i < devices->n; i++)
        e = check_device(r, devices->list[i]);
    return e;
}

/* In a write transaction of the new vault: its header lists the devices of the old one. */
static Err pour(Round *r, const Devices *devices)
{
    LogHeader header = {0};
    Err e = log_header_read(r->cx, r->dest, &header);
    for (ptrdiff_t i = 0; e == OK && i < devices->n; i++) {
        if (devices->list[i] > 0)
            e = log_header_add_device(r->cx, &header, devices->list[i]);
        if (e == OK && devices->list[i] > 0)
            e = log_head_put(r->cx, r->dest, r->dest->key, &(LogMark){.device = devices->list[i]});
    }
    if (e == OK)
        e = log_header_write(r->cx, r->dest, &header, r->dest->key);
    return e == OK ? look_through(r, devices) : e;
}

Err log_examine(Cx *cx, Str path, Str key_from, const LogSecret *secret, LogReport *ret)
{
    Round r = {.cx = cx};
    Devices devices = {0};
    Err e = open_patient(&r, path, key_from, secret);
    if (e == OK)
        e = look_around(&r, &devices);
    if (e == OK)
        e = look_through(&r, &devices);
    if (e == OK)
        *ret = r.report;
    discharge(&r);
    return e;
}

static Err salvage_into(Round *r)
{
    Devices devices = {0};
    Err e = look_around(r, &devices);
    if (e == OK)
        e = log_begin_write(r->cx, r->dest);
    return e == OK ? log_end(r->cx, r->dest, pour(r, &devices)) : e;
}

Err log_salvage(Cx *cx, Str path, Str key_from, const LogSecret *secret, Str to,
                const LogSecret *new_secret, LogRecovery *ret_code, LogReport *ret_report,
                Log **ret)
{
    Round r = {.cx = cx};
    LogRecovery code = {{0}};
    Err e = open_patient(&r, path, key_from, secret);
    if (e != OK)
        return e;
    e = log_create_as(cx, to, r.header.vault, new_secret, &code, &r.dest);
    if (e == OK) {
        e = salvage_into(&r);
        if (e != OK) {
            log_close(r.dest);
            log_remove_files(cx, to);
        }
    }
    discharge(&r);
    if (e == OK) {
        *ret_code = code;
        *ret_report = r.report;
        *ret = r.dest;
    }
    log_recovery_wipe(&code);
    return e;
}
