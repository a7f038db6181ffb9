/* log/doctor.c - looking into a vault that is not whole, and saving what is.
 * An ordinary read stops at the first thing that is wrong. Here each place (device, seq) is asked
 * for by itself: a broken page costs the rows on it and no others, and rows that open prove by
 * their seal that they are what was written there. The file is opened for reading only and stays
 * as it is. What can be saved goes into a new vault under a new key, each entry at its own place,
 * so that what other devices hold still fits; a lost place is left empty. Linear in the places
 * there ought to be. */
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

/* One look at one vault: what is found, and where good entries go (dest NULL: nowhere). */
typedef struct Round {
    Cx *cx;
    Log *log;
    Log *dest;
    LogReport report;
    ptrdiff_t cap;
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
static Err find_devices(Round *r, const LogHeader *header, Devices *d)
{
    static const char *const sources[] = {"SELECT device FROM head ORDER BY device",
                                          "SELECT DISTINCT device FROM entry"};
    Err e = OK;
    for (ptrdiff_t i = 0; e == OK && i < header->n_devices; i++)
        e = add_device(r->cx, d, header->devices[i]);
    for (int i = 0; e == OK && i < 2; i++) {
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
    int64_t count = 0, max = 0;
    int rc = sqlite3_prepare_v2(r->log->db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 1, device);
    if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
        count = sqlite3_column_int64(st, 0);
        max = sqlite3_column_int64(st, 1);
    }
    (void)sqlite3_finalize(st);
    return max <= 2 * count + ROOM ? max : count;
}

typedef enum Place { PLACE_GOOD, PLACE_LOST, PLACE_ALTERED } Place;

/* Opens one entry into the scratch; at moves onto it when it is good. */
static Err look_at(Round *r, int64_t seq, LogMark *at, Place *ret, ptrdiff_t *ret_len)
{
    Log *log = r->log;
    Err e = OK;
    LOG_STMT st = log_stmt(r->cx, log, STMT_ENTRY_GET, &e);
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
    ptrdiff_t len = sealed ? sqlite3_column_bytes(st, 0) : 0;
    e = log_scratch(r->cx, log, len);
    if (e != OK || !sealed ||
        !seal_entry_open(log->key, log->vault, at->device, seq, sealed, len, log->scratch, ret_len))
        return e;
    *ret = PLACE_GOOD;
    at->seq = seq;
    seal_chain(at->hash, seq, sealed, len);
    return OK;
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
    int rc = sqlite3_prepare_v2(r->log->db, sql, -1, &st, NULL);
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
    Err e = log_head_get(r->cx, r->log, device, ret);
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

/* Opens the damaged vault for looking; a header that is altered but still opens is made do with. */
static Err open_patient(Cx *cx, Str path, const LogSecret *secret, Log **ret, LogHeader *ret_header,
                        bool *ret_sound)
{
    Log *log = NULL;
    LogHeader header = {0};
    bool whole = false;
    Err e = log_file_open(cx, path, LOG_FILE_LOOK, &log);
    if (e != OK)
        return e;
    e = log_begin_read(cx, log); /* until it is closed: one moment's state */
    if (e == OK)
        e = log_header_read_any(cx, log, &header, &whole);
    if (e == OK && header.opens_with == 0 && secret->kind != LOG_RECOVERY)
        e = log_damaged(cx, log, "err.log-header-damaged");
    log->key = e == OK ? seal_key_new(&log->may_swap) : NULL;
    if (e == OK && !log->key)
        e = err_nomem(cx);
    if (e == OK) {
        log->vault = header.vault;
        log->epoch = header.epoch;
        log->opens_with = header.opens_with;
        e = log_key_unwrap(cx, path, secret, &header, log->key);
    }
    if (e != OK) {
        log_close(log);
        return e;
    }
    *ret_sound = whole && log_header_is_ours(cx, &header, log->key);
    *ret_header = header;
    *ret = log;
    return OK;
}

static Err look_through(Round *r, const Devices *devices, bool header_sound)
{
    Err e = OK;
    if (!header_sound)
        e = add_finding(r, &(LogFinding){.kind = LOG_TROUBLE_HEADER});
    if (e == OK)
        e = check_file(r);
    for (ptrdiff_t i = 0; e == OK && i < devices->n; i++)
        e = check_device(r, devices->list[i]);
    return e;
}

/* In a write transaction of the new vault: its header lists the devices of the old one. */
static Err pour(Round *r, const Devices *devices, bool header_sound)
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
    return e == OK ? look_through(r, devices, header_sound) : e;
}

Err log_examine(Cx *cx, Str path, const LogSecret *secret, LogReport *ret)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    LogHeader header = {0};
    Devices devices = {0};
    bool sound = false;
    Err e = open_patient(cx, path, secret, &log, &header, &sound);
    if (e != OK)
        return e;
    Round r = {.cx = cx, .log = log};
    e = find_devices(&r, &header, &devices);
    if (e == OK)
        e = look_through(&r, &devices, sound);
    if (e == OK)
        *ret = r.report;
    return e;
}

static Err salvage_into(Round *r, const LogHeader *header, bool sound)
{
    Devices devices = {0};
    Err e = find_devices(r, header, &devices);
    if (e == OK)
        e = log_begin_write(r->cx, r->dest);
    return e == OK ? log_end(r->cx, r->dest, pour(r, &devices, sound)) : e;
}

Err log_salvage(Cx *cx, Str path, const LogSecret *secret, Str to, const LogSecret *new_secret,
                LogRecovery *ret_code, LogReport *ret_report, Log **ret)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    Log *dest = NULL;
    LogHeader header = {0};
    LogRecovery code = {{0}};
    bool sound = false;
    Err e = open_patient(cx, path, secret, &log, &header, &sound);
    if (e == OK)
        e = log_create_as(cx, to, header.vault, new_secret, &code, &dest);
    if (e != OK)
        return e;
    Round r = {.cx = cx, .log = log, .dest = dest};
    e = salvage_into(&r, &header, sound);
    if (e != OK) {
        log_close(dest);
        log_remove_files(cx, to);
        log_recovery_wipe(&code);
        return e;
    }
    *ret_code = code;
    *ret_report = r.report;
    *ret = dest;
    log_recovery_wipe(&code);
    return OK;
}
