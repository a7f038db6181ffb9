/* log/header.c - the header: what stands in the open, twice guarded.
 * `sum` is a plain hash over all rows: it tells a flipped bit from a wrong passphrase before any
 * key is known. `mac` is the same keyed with the vault key: it keeps someone who cannot open the
 * vault from exchanging, say, the recovery key that the next rekey would trust. The header is small
 * and rarely written, so each change writes all of it. */
#include "base/buf.h"
#include "log/inner.h"
#include <string.h>

/* In the order in which sum and mac run over them; sum and mac themselves come last. */
typedef enum Row {
    ROW_DEVICE,
    ROW_DEVICES,
    ROW_EPOCH,
    ROW_FORMAT,
    ROW_LOCK,
    ROW_PLACE,
    ROW_RECOVERY,
    ROW_VAULT,
    ROW_WRAP,
    ROW_MAC,
    ROW_SUM,
    ROWS
} Row;

enum { LOCK_LEN = 1 + 4 + 8 + SEAL_SALT };

static const struct {
    const char *name;
    ptrdiff_t len; /* -1: any multiple of eight */
} rows[ROWS] = {
    [ROW_DEVICE] = {"device",   8                           },
    [ROW_DEVICES] = {"devices",  -1                          },
    [ROW_EPOCH] = {"epoch",    8                           },
    [ROW_FORMAT] = {"format",   8                           },
    [ROW_LOCK] = {"lock",     LOCK_LEN                    },
    [ROW_PLACE] = {"place",    SEAL_SUM                    },
    [ROW_RECOVERY] = {"recovery", SEAL_PUBLIC + SEAL_BOXED_KEY},
    [ROW_VAULT] = {"vault",    16                          },
    [ROW_WRAP] = {"wrap",     SEAL_KEY + SEAL_OVER        },
    [ROW_MAC] = {"mac",      SEAL_HASH                   },
    [ROW_SUM] = {"sum",      SEAL_SUM                    },
};

typedef struct Rows {
    Str value[ROWS];
} Rows;

static void put32(uint8_t out[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get32(const uint8_t in[4])
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static const uint8_t *bytes_of(Str s)
{
    return (const uint8_t *)s.p;
}

/* Name and value of each row before `end`, each behind its length, as one text to be hashed. */
static Err flatten(Cx *cx, const Rows *r, Row end, Str *ret)
{
    Buf buf = buf_make(cx->arena, LOG_DEVICES_MAX * 8 + 4096);
    for (int i = 0; i < (int)end; i++) {
        Str name = str_c(rows[i].name);
        buf_u32(&buf, (uint32_t)name.len);
        buf_put(&buf, name);
        buf_u32(&buf, (uint32_t)r->value[i].len);
        buf_put(&buf, r->value[i]);
    }
    return buf_done(cx, &buf, ret);
}

static bool length_fits(int row, ptrdiff_t len)
{
    const ptrdiff_t most = (ptrdiff_t)LOG_DEVICES_MAX * 8;
    return rows[row].len == len || (rows[row].len < 0 && len % 8 == 0 && len <= most);
}

static int row_of(Str key, ptrdiff_t len)
{
    int i = 0;
    while (i < ROWS && !str_eq_c(key, rows[i].name))
        i++;
    return i < ROWS && length_fits(i, len) ? i : ROWS;
}

bool log_header_row_known(Str key, int64_t len)
{
    return len <= PTRDIFF_MAX && row_of(key, (ptrdiff_t)len) < ROWS;
}

/* *ret_known says whether there ought to be one like it. */
static Err row_put(Cx *cx, Rows *r, Str key, Str value, bool *ret_known)
{
    int i = row_of(key, value.len);
    *ret_known = i < ROWS;
    if (!*ret_known)
        return OK;
    r->value[i] = value.len > 0 ? str_dup(cx->arena, value) : STR("");
    return str_is_null(r->value[i]) ? err_nomem(cx) : OK;
}

/* The row st stands on. */
static Err row_take(Cx *cx, sqlite3_stmt *st, Rows *r, bool *ret_known)
{
    Str key = str_c((const char *)sqlite3_column_text(st, 0));
    Str value = {sqlite3_column_blob(st, 1), sqlite3_column_bytes(st, 1)};
    if ((!key.p || !value.p) && sqlite3_errcode(sqlite3_db_handle(st)) == SQLITE_NOMEM)
        return err_nomem(cx);
    *ret_known = key.p && (value.p || value.len == 0);
    if (!*ret_known) /* a row of a damaged page may say that it holds nothing */
        return OK;
    return row_put(cx, r, key, value, ret_known);
}

/* Zeros stand for what is missing; *whole becomes false when anything is. */
static void fill_gaps(Rows *r, bool *whole)
{
    static const char zeros[SEAL_PUBLIC + SEAL_BOXED_KEY];
    for (int i = 0; i < ROWS; i++) {
        if (r->value[i].p)
            continue;
        *whole = false;
        r->value[i] = (Str){zeros, rows[i].len < 0 ? 0 : rows[i].len};
    }
}

/* *ret_whole says whether anything was missing, or was too much. */
static Err rows_load(Cx *cx, Log *log, Rows *ret, bool *ret_whole)
{
    sqlite3_stmt *st = NULL;
    Rows r = {0};
    Err e = OK;
    bool whole = true;
    int rc = sqlite3_prepare_v2(log->db, "SELECT key, value FROM header", -1, &st, NULL);
    while (rc == SQLITE_OK && e == OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        bool known = false;
        e = row_take(cx, st, &r, &known);
        whole = whole && known;
        rc = SQLITE_OK;
    }
    (void)sqlite3_finalize(st);
    if (e == OK && rc != SQLITE_DONE)
        e = log_sql_fail(cx, log, rc);
    if (e != OK)
        return e;
    fill_gaps(&r, &whole);
    *ret = r;
    *ret_whole = whole;
    return OK;
}

/* None at all when they are not as they must be. */
static Err devices_load(Cx *cx, Str value, LogHeader *header, bool *ret_whole)
{
    ptrdiff_t n = value.len / 8;
    int64_t *devices = arena_new(cx->arena, int64_t, n + 1);
    if (!devices)
        return err_nomem(cx);
    bool whole = true;
    for (ptrdiff_t i = 0; i < n; i++) {
        devices[i] = (int64_t)seal_get64(bytes_of(value) + 8 * i);
        whole = whole && devices[i] > (i > 0 ? devices[i - 1] : 0);
    }
    header->devices = devices;
    header->n_devices = whole ? n : 0;
    *ret_whole = whole;
    return OK;
}

/* The rows that have a shape of their own; kind 0 where `lock` is beyond use. */
static LogHeader header_from(const Rows *r)
{
    const uint8_t *lock = bytes_of(r->value[ROW_LOCK]);
    LogHeader h = {
        .epoch = (int64_t)seal_get64(bytes_of(r->value[ROW_EPOCH])),
        .opens_with = (LogSecretKind)lock[0],
        .cost = {get32(lock + 1), seal_get64(lock + 5)},
        .device = (int64_t)seal_get64(bytes_of(r->value[ROW_DEVICE])),
    };
    bool usable =
        h.opens_with == LOG_KEY_FILE || (h.opens_with == LOG_PASSPHRASE && seal_cost_fits(h.cost));
    if (!usable)
        h.opens_with = (LogSecretKind)0;
    memcpy(h.salt, lock + LOCK_LEN - SEAL_SALT, SEAL_SALT);
    memcpy(h.vault.b, r->value[ROW_VAULT].p, sizeof h.vault.b);
    memcpy(h.place, r->value[ROW_PLACE].p, sizeof h.place);
    memcpy(h.wrap, r->value[ROW_WRAP].p, sizeof h.wrap);
    memcpy(h.recovery_public, r->value[ROW_RECOVERY].p, SEAL_PUBLIC);
    memcpy(h.recovery_box, r->value[ROW_RECOVERY].p + SEAL_PUBLIC, SEAL_BOXED_KEY);
    memcpy(h.mac, r->value[ROW_MAC].p, SEAL_HASH);
    return h;
}

/* *ret_whole: nothing is missing, all is within bounds, and the sum is right. */
static Err header_judge(Cx *cx, const Rows *r, bool rows_whole, LogHeader *ret, bool *ret_whole)
{
    Str flat = {NULL, 0};
    bool devices_whole = false;
    Err e = flatten(cx, r, ROW_SUM, &flat);
    if (e != OK)
        return e;
    uint8_t sum[SEAL_SUM];
    seal_hash(NULL, 0, flat, sum, SEAL_SUM);
    LogHeader h = header_from(r);
    e = devices_load(cx, r->value[ROW_DEVICES], &h, &devices_whole);
    if (e != OK)
        return e;
    *ret_whole = rows_whole && devices_whole && h.opens_with != 0 && h.epoch > 0 && h.device >= 0 &&
                 seal_get64(bytes_of(r->value[ROW_FORMAT])) == LOG_FORMAT &&
                 memcmp(sum, r->value[ROW_SUM].p, SEAL_SUM) == 0;
    *ret = h;
    return OK;
}

Err log_header_read_any(Cx *cx, Log *log, LogHeader *ret, bool *ret_whole)
{
    Rows r = {0};
    bool rows_whole = false;
    Err e = rows_load(cx, log, &r, &rows_whole);
    return e == OK ? header_judge(cx, &r, rows_whole, ret, ret_whole) : e;
}

static Err take_carved(void *ctx, Cx *cx, const LogCarved *row)
{
    Rows *r = ctx;
    bool known = false;
    int i = row->kind == LOG_CARVED_HEADER ? row_of(row->key, row->value.len) : ROWS;
    return i < ROWS && !r->value[i].p ? row_put(cx, r, row->key, row->value, &known) : OK;
}

Err log_header_carve(Cx *cx, LogPages *pages, LogHeader *ret, bool *ret_whole)
{
    enum { HEADER_PAGES = 64 }; /* it is the first table that is made */
    Rows r = {0};
    bool rows_whole = true;
    Err e = log_carve(cx, pages, HEADER_PAGES, take_carved, &r);
    if (e != OK)
        return e;
    if (!r.value[ROW_VAULT].p || (!r.value[ROW_WRAP].p && !r.value[ROW_RECOVERY].p))
        return err_set(cx, ERR_NOT_FOUND, "err.log-header-lost", NO_ARGS);
    fill_gaps(&r, &rows_whole);
    return header_judge(cx, &r, rows_whole, ret, ret_whole);
}

Err log_header_read(Cx *cx, Log *log, LogHeader *ret)
{
    LogHeader header = {0};
    bool whole = false;
    Err e = log_header_read_any(cx, log, &header, &whole);
    if (e != OK)
        return e;
    if (!whole)
        return log_damaged(cx, log, "err.log-header-damaged");
    *ret = header;
    return OK;
}

/* The rows of a header but for mac and sum, in the arena. */
static Err rows_make(Cx *cx, const LogHeader *h, Rows *ret)
{
    typedef struct Fixed {
        uint8_t device[8], epoch[8], format[8], lock[LOCK_LEN];
        uint8_t place[SEAL_SUM], recovery[SEAL_PUBLIC + SEAL_BOXED_KEY], vault[16];
        uint8_t wrap[SEAL_KEY + SEAL_OVER];
    } Fixed;
    Fixed *f = arena_new(cx->arena, Fixed, 1);
    uint8_t *devices = arena_new(cx->arena, uint8_t, 8 * h->n_devices + 1);
    if (!f || !devices)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < h->n_devices; i++)
        seal_put64(devices + 8 * i, (uint64_t)h->devices[i]);
    seal_put64(f->device, (uint64_t)h->device);
    seal_put64(f->epoch, (uint64_t)h->epoch);
    seal_put64(f->format, LOG_FORMAT);
    f->lock[0] = (uint8_t)h->opens_with;
    put32(f->lock + 1, h->cost.passes);
    seal_put64(f->lock + 5, h->cost.mem_bytes);
    memcpy(f->lock + LOCK_LEN - SEAL_SALT, h->salt, SEAL_SALT);
    memcpy(f->place, h->place, sizeof f->place);
    memcpy(f->recovery, h->recovery_public, SEAL_PUBLIC);
    memcpy(f->recovery + SEAL_PUBLIC, h->recovery_box, SEAL_BOXED_KEY);
    memcpy(f->vault, h->vault.b, sizeof f->vault);
    memcpy(f->wrap, h->wrap, sizeof f->wrap);
    const uint8_t *fixed[ROW_MAC] = {
        [ROW_DEVICE] = f->device, [ROW_DEVICES] = devices,      [ROW_EPOCH] = f->epoch,
        [ROW_FORMAT] = f->format, [ROW_LOCK] = f->lock,         [ROW_PLACE] = f->place,
        [ROW_VAULT] = f->vault,   [ROW_RECOVERY] = f->recovery, [ROW_WRAP] = f->wrap,
    };
    for (int i = 0; i < ROW_MAC; i++)
        ret->value[i] =
            (Str){(const char *)fixed[i], rows[i].len < 0 ? 8 * h->n_devices : rows[i].len};
    return OK;
}

bool log_header_is_ours(Cx *cx, const LogHeader *header, const uint8_t key[SEAL_KEY])
{
    Rows r = {0};
    Str flat = {NULL, 0};
    uint8_t mac[SEAL_HASH];
    if (rows_make(cx, header, &r) != OK || flatten(cx, &r, ROW_MAC, &flat) != OK)
        return false;
    seal_hash(key, SEAL_KEY, flat, mac, SEAL_HASH);
    return seal_equal(mac, header->mac, SEAL_HASH);
}

Err log_header_write(Cx *cx, Log *log, const LogHeader *header, const uint8_t key[SEAL_KEY])
{
    Rows r = {0};
    Str flat = {NULL, 0};
    uint8_t mac[SEAL_HASH], sum[SEAL_SUM];
    Err e = rows_make(cx, header, &r);
    if (e == OK)
        e = flatten(cx, &r, ROW_MAC, &flat);
    if (e != OK)
        return e;
    seal_hash(key, SEAL_KEY, flat, mac, SEAL_HASH);
    r.value[ROW_MAC] = (Str){(const char *)mac, SEAL_HASH};
    e = flatten(cx, &r, ROW_SUM, &flat);
    if (e != OK)
        return e;
    seal_hash(NULL, 0, flat, sum, SEAL_SUM);
    r.value[ROW_SUM] = (Str){(const char *)sum, SEAL_SUM};
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(log->db, "INSERT OR REPLACE INTO header(key, value) VALUES(?1, ?2)",
                                -1, &st, NULL);
    for (int i = 0; rc == SQLITE_OK && i < ROWS; i++) {
        rc = sqlite3_bind_text(st, 1, rows[i].name, -1, SQLITE_STATIC);
        if (rc == SQLITE_OK)
            rc = sqlite3_bind_blob64(st, 2, r.value[i].len > 0 ? r.value[i].p : "",
                                     (sqlite3_uint64)r.value[i].len, SQLITE_STATIC);
        if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_DONE)
            rc = sqlite3_reset(st);
    }
    (void)sqlite3_finalize(st);
    return rc == SQLITE_OK ? OK : log_sql_fail(cx, log, rc);
}

Err log_header_add_device(Cx *cx, LogHeader *header, int64_t device)
{
    ptrdiff_t n = header->n_devices, at = 0;
    if (n >= LOG_DEVICES_MAX)
        return err_set(cx, ERR_LIMIT, "err.log-too-many-devices",
                       ARGS(arg_int("max", LOG_DEVICES_MAX)));
    int64_t *devices = arena_new(cx->arena, int64_t, n + 1);
    if (!devices)
        return err_nomem(cx);
    while (at < n && header->devices[at] < device)
        at++;
    if (at > 0)
        memcpy(devices, header->devices, (size_t)at * sizeof *devices);
    devices[at] = device;
    if (at < n)
        memcpy(devices + at + 1, header->devices + at, (size_t)(n - at) * sizeof *devices);
    header->devices = devices;
    header->n_devices = n + 1;
    return OK;
}
