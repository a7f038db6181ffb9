/* fuzz/fuzz_vault.c - any bytes as a vault, as changes to one, as its checkpoint, as sealed
 * entries and as recovery codes; the first byte chooses. What must hold: every answer is an Err
 * or is right. A vault that opens and reads to its end has given back entries that were written,
 * and the doctor neither fails on it nor changes it. The vault that is changed is the sample of
 * format 1. */
#include "base/buf.h"
#include "base/os.h"
#include "log/log.h"
#include "log/seal.h"
#include <sodium.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { SAMPLE_ENTRIES = 6, TIME_STEP_MS = 600000 };

typedef struct Bench {
    Cx *cx;
    Str sample, path;
    LogSecret secret;
} Bench;

static Str beside(Cx *cx, Str path, const char *suffix)
{
    Buf buf = buf_make(cx->arena, 4096);
    Str name = {NULL, 0};
    buf_put(&buf, path);
    buf_c(&buf, suffix);
    INVARIANT(buf_done(cx, &buf, &name) == OK);
    return name;
}

static Str load_sample(Cx *cx)
{
    Str text = {NULL, 0};
    size_t len = 0;
    INVARIANT(os_read_file(cx, STR(FUZZ_SOURCE "/tests/log/format1.b64"), 1 << 20, &text) == OK);
    unsigned char *bytes = arena_new(cx->arena, unsigned char, text.len);
    INVARIANT(bytes && sodium_base642bin(bytes, (size_t)text.len, text.p, (size_t)text.len, "\n",
                                         &len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0);
    return (Str){(const char *)bytes, (ptrdiff_t)len};
}

static void put_file(Bench *b, Str name, Str bytes)
{
    INVARIANT(os_write_file(b->cx, name, bytes) == OK);
}

static void clear(Bench *b)
{
    static const char *const suffixes[] = {"",        "-wal",          "-shm",    "-journal",
                                           ".tries",  ".checkpoint",   ".saved",  ".saved.tries",
                                           ".lender", ".lender.tries", ".insight"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        INVARIANT(os_remove(b->cx, beside(b->cx, b->path, suffixes[i])) == OK);
}

/* Entry i of the sample says its number first. */
static Err see(void *ctx, Cx *cx, const LogEntry *entry)
{
    int *seen = ctx;
    (void)cx;
    INVARIANT(entry->body.len >= 8 && entry->body.p[0] >= 1 && entry->body.p[0] <= SAMPLE_ENTRIES);
    ++*seen;
    return OK;
}

static void read_vault(Bench *b)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    LogCursor cursor = {0};
    LogLook look = {0};
    int seen = 0;
    (void)!log_look(b->cx, b->path, &look);
    if (log_open(b->cx, b->path, &b->secret, &log) != OK)
        return;
    if (log_read(b->cx, log, &cursor, see, &seen) == OK)
        INVARIANT(seen == SAMPLE_ENTRIES);
    log_cursor_free(&cursor);
}

static void examine(Bench *b, Str before)
{
    LogReport report = {0};
    LogRecovery code;
    AUTO_CLEAN(log_close_at) Log *saved = NULL;
    Str after = {NULL, 0}, to = beside(b->cx, b->path, ".saved");
    Str lender = beside(b->cx, b->path, ".lender");
    put_file(b, lender, b->sample);
    for (int lent = 0; lent < 2; lent++)
        if (log_examine(b->cx, b->path, lent ? lender : STR(""), &b->secret, &report) == OK)
            INVARIANT(report.good <= SAMPLE_ENTRIES);
    INVARIANT(os_read_file(b->cx, b->path, 1 << 20, &after) == OK && str_eq(before, after));
    if (log_salvage(b->cx, b->path, lender, &b->secret, to, &b->secret, &code, &report, &saved) ==
        OK) {
        LogCursor cursor = {0};
        int seen = 0;
        INVARIANT(log_read(b->cx, saved, &cursor, see, &seen) == OK && seen == report.good);
        log_cursor_free(&cursor);
    }
}

static void try_file(Bench *b, Str file)
{
    put_file(b, b->path, file);
    examine(b, file);
    read_vault(b);
}

/* Three bytes a change: where (two), and what is XORed there. */
static void try_changes(Bench *b, Str changes)
{
    Str file = str_dup(b->cx->arena, b->sample);
    for (; changes.len >= 3; changes = str_from(changes, 3)) {
        ptrdiff_t at = (uint8_t)changes.p[0] | (ptrdiff_t)(uint8_t)changes.p[1] << 8;
        ((char *)(uintptr_t)file.p)[at % file.len] ^= changes.p[2];
    }
    try_file(b, file);
}

static void try_checkpoint(Bench *b, Str file)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    static const char *const suffixes[] = {
        [LOG_MODEL_BOOK] = ".checkpoint", [LOG_MODEL_INSIGHT] = ".insight"};
    LogCursor cursor = {0};
    Str model = {NULL, 0};
    put_file(b, b->path, b->sample);
    INVARIANT(log_open(b->cx, b->path, &b->secret, &log) == OK);
    for (int which = LOG_MODEL_BOOK; which <= LOG_MODEL_INSIGHT; which++) {
        put_file(b, beside(b->cx, b->path, suffixes[which]), file);
        INVARIANT(log_checkpoint_read(b->cx, log, (LogModel)which, &cursor, &model) != OK);
    }
}

static void try_pieces(Str s)
{
    uint8_t key[SEAL_KEY] = {7}, secret[SEAL_CODE], plain[1 << 16];
    ptrdiff_t len = 0;
    int word = 0;
    const uint8_t *bytes = (const uint8_t *)s.p;
    if (s.len < (ptrdiff_t)sizeof plain)
        INVARIANT(!seal_entry_open(key, (Id){{0}}, 1, 1, bytes, s.len, plain, &len));
    (void)!seal_recovery_parse(s, secret, &word);
    INVARIANT(word >= 0 && word <= 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static int64_t rounds;
    if (len < 1 || len > 1 << 16)
        return 0;
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &arena, .now_ms = ++rounds * TIME_STEP_MS};
    Buf name = buf_make(&arena, 256);
    Bench b = {
        .cx = &cx,
        .sample = load_sample(&cx),
        .secret = {LOG_PASSPHRASE, STR("a sample of format 1"), LOG_COST_LEAST}
    };
    buf_fmt(&name, "%s/fonder-fuzz-%d", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
            (int)getpid());
    INVARIANT(buf_done(&cx, &name, &b.path) == OK);
    Str rest = {(const char *)bytes + 1, (ptrdiff_t)len - 1};
    switch (bytes[0] % 4) {
    case 0:
        try_file(&b, rest);
        break;
    case 1:
        try_changes(&b, rest);
        break;
    case 2:
        try_checkpoint(&b, rest);
        break;
    default:
        try_pieces(rest);
        break;
    }
    clear(&b);
    return 0;
}
