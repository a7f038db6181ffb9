/* bench/floor.c */
#include "bench/floor.h"
#include "base/buf.h"
#include "base/os.h"
#include "base/stream.h"
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = 16,
    PAD = 64,
    BLOB_MAX = 300000,
    SEGMENT = 65536
};

static Err bad(Cx *cx, const Floor *f)
{
    const char *reason = f->db ? sqlite3_errmsg(f->db) : "";
    return err_set(cx, ERR_IO, "err.bench",
                   ARGS(arg_str("reason", str_dup(cx->arena, str_c(reason)))));
}

static bool run(Floor *f, const char *sql)
{
    return sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static void statement_end(sqlite3_stmt **st)
{
    (void)sqlite3_finalize(*st);
}

static bool insert(Floor *f, sqlite3_stmt *st, ptrdiff_t len)
{
    static uint8_t plain[BLOB_MAX], sealed[BLOB_MAX + NONCE + TAG];
    unsigned long long n = 0;
    randombytes_buf(sealed, NONCE);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + NONCE, &n, plain, (unsigned long long)len, NULL, 0, NULL, sealed, f->key);
    (void)sqlite3_bind_int64(st, 1, ++f->next);
    (void)sqlite3_bind_blob(st, 2, sealed, (int)n + NONCE, SQLITE_STATIC);
    bool done = sqlite3_step(st) == SQLITE_DONE;
    return sqlite3_reset(st) == SQLITE_OK && done;
}

static const char INSERT[] = "INSERT INTO entry(seq, sealed) VALUES(?, ?)";

Err floor_make(Cx *cx, Floor *floor, Str folder, const Book *book)
{
    Buf path = buf_make(cx->arena, 4096);
    Str name = {NULL, 0};
    *floor = (Floor){.next = 0};
    buf_put(&path, folder);
    buf_fmt(&path, "/floor-%u", book_entry_count(book));
    buf_char(&path, '\0');
    Err e = buf_done(cx, &path, &name);
    if (e != OK)
        return e;
    randombytes_buf(floor->key, sizeof floor->key);
    if (sqlite3_open(name.p, &floor->db) != SQLITE_OK || !run(floor, "PRAGMA journal_mode=WAL") ||
        !run(floor, "PRAGMA synchronous=FULL") ||
        !run(floor, "CREATE TABLE entry(seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT") ||
        !run(floor, "CREATE TABLE head(id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT") ||
        !run(floor, "BEGIN"))
        return bad(cx, floor);
    AUTO_CLEAN(statement_end) sqlite3_stmt *st = NULL;
    bool fine = sqlite3_prepare_v2(floor->db, INSERT, -1, &st, NULL) == SQLITE_OK;
    for (uint32_t i = 0; fine && i < book_entry_count(book); i++)
        fine = insert(floor, st, (book_entry_body(book, i).len / PAD + 1) * PAD);
    return fine && run(floor, "COMMIT") && run(floor, "PRAGMA wal_checkpoint(TRUNCATE)")
               ? OK
               : bad(cx, floor);
}

void floor_free(Floor *floor)
{
    (void)sqlite3_close(floor->db);
    floor->db = NULL;
}

Err floor_scan_and_open(Cx *cx, Floor *floor, int64_t *ret_ns)
{
    static uint8_t plain[BLOB_MAX];
    int64_t start = os_cpu_ns();
    AUTO_CLEAN(statement_end) sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(floor->db, "SELECT sealed FROM entry ORDER BY seq", -1, &st, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(st);
        if (rc != SQLITE_ROW)
            break;
        const uint8_t *sealed = sqlite3_column_blob(st, 0);
        int len = sqlite3_column_bytes(st, 0);
        unsigned long long n = 0;
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &n, NULL, sealed + NONCE,
                                                       (unsigned long long)(len - NONCE), NULL, 0,
                                                       sealed, floor->key) != 0)
            return bad(cx, floor);
    }
    *ret_ns = os_cpu_ns() - start;
    return rc == SQLITE_DONE ? OK : bad(cx, floor);
}

Err floor_commit(Cx *cx, Floor *floor, int times, int64_t *ret_ns)
{
    AUTO_CLEAN(statement_end) sqlite3_stmt *st = NULL;
    AUTO_CLEAN(statement_end) sqlite3_stmt *head = NULL;
    bool fine = sqlite3_prepare_v2(floor->db, INSERT, -1, &st, NULL) == SQLITE_OK &&
                sqlite3_prepare_v2(
                    floor->db, "INSERT OR REPLACE INTO head(id, sealed) VALUES(1, randomblob(128))",
                    -1, &head, NULL) == SQLITE_OK;
    int64_t start = os_mono_ns();
    for (int i = 0; fine && i < times; i++) {
        fine = run(floor, "BEGIN IMMEDIATE") && insert(floor, st, 2 * PAD) &&
               sqlite3_step(head) == SQLITE_DONE && sqlite3_reset(head) == SQLITE_OK &&
               run(floor, "COMMIT");
    }
    *ret_ns = os_mono_ns() - start;
    return fine ? OK : bad(cx, floor);
}

int64_t floor_multiply_add(int steps, int n)
{
    enum { N_MAX = 32 };
    double p[N_MAX * N_MAX] = {1}, g[N_MAX] = {1e-9};
    volatile double sink = 0;
    int64_t start = os_cpu_ns();
    for (int s = 0; s < steps; s++) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++)
                p[i * n + j] = p[i * n + j] * .999 - g[i] * g[j];
        }
        g[s % n] += p[s % (n * n)] * 1e-12;
    }
    sink = p[0] + sink;
    return os_cpu_ns() - start;
}

void floor_escape(Arena *arena, Str page)
{
    Buf out = buf_make(arena, page.len * 6 + 1);
    for (ptrdiff_t i = 0; i < page.len; i++) {
        char c = page.p[i];
        if (c == '<')
            buf_c(&out, "&lt;");
        else
            buf_char(&out, c);
    }
}

/* Sealed segments of 64 KiB, as many bytes as asked for, written once. */
static Err write_segments(Cx *cx, Floor *floor, Str path, int64_t bytes)
{
    static uint8_t plain[SEGMENT], sealed[SEGMENT + NONCE + TAG];
    AUTO_CLEAN(stream_close) Stream out = STREAM_NONE;
    Err e = stream_create(cx, path, &out);
    bool fine = e == OK;
    randombytes_buf(sealed, NONCE);
    for (int64_t left = bytes; fine && left > 0; left -= SEGMENT + NONCE + TAG) {
        unsigned long long n = 0;
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, &n, plain, SEGMENT, NULL,
                                                         0, NULL, sealed, floor->key);
        fine = stream_write(&out, sealed, sizeof sealed);
    }
    floor->segments = bytes;
    return e != OK ? e : fine ? stream_publish(cx, &out, false) : bad(cx, floor);
}

Err floor_segments(Cx *cx, Floor *floor, Str folder, int64_t bytes, int64_t *ret_ns)
{
    static uint8_t plain[SEGMENT], sealed[SEGMENT + NONCE + TAG];
    AUTO_CLEAN(stream_close) Stream in = STREAM_NONE;
    Buf buf = buf_make(cx->arena, 4096);
    Str path = {NULL, 0};
    buf_put(&buf, folder);
    buf_c(&buf, "/segments");
    Err e = buf_done(cx, &buf, &path);
    if (e == OK && floor->segments != bytes)
        e = write_segments(cx, floor, path, bytes);
    int64_t start = os_cpu_ns();
    if (e == OK)
        e = stream_open(cx, path, &in);
    while (e == OK && stream_read(&in, sealed, sizeof sealed) == (ptrdiff_t)sizeof sealed) {
        unsigned long long n = 0;
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(
                plain, &n, NULL, sealed + NONCE, SEGMENT + TAG, NULL, 0, sealed, floor->key) != 0)
            e = bad(cx, floor);
    }
    *ret_ns = os_cpu_ns() - start;
    return e;
}

Err floor_process(Cx *cx, const char *const argv[], int64_t *ret_ns)
{
    int64_t start = os_children_cpu_ns();
    Err e = os_run(cx, argv);
    *ret_ns = os_children_cpu_ns() - start;
    return e;
}
