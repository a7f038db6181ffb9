/* tests/log/test_format.c - the bytes on disk are those of docs/FORMAT.md: known answers for each
 * construction, computed here by calls of libsodium of their own and in part by another
 * implementation, and an independent reader in another language that opens whole vaults. */
#include "base/os.h"
#include "log/seal.h"
#include "logtest.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const Id vault = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
};

static void fill(uint8_t *bytes, int n, int from)
{
    for (int i = 0; i < n; i++)
        bytes[i] = (uint8_t)(from + i);
}

static void assert_hex(const uint8_t *bytes, size_t n, const char *want)
{
    char got[1024];
    assert_non_null(sodium_bin2hex(got, sizeof got, bytes, n));
    assert_string_equal(got, want);
}

static void an_entry_is_sealed_as_written(void **state)
{
    (void)state;
    enum { MOST = 400, ROOM = MOST + 64 + 40 };
    static const ptrdiff_t lens[] = {0, 1, 62, 63, 64, 65, 127, 128, 190, 191, 192, 255, 256, MOST};
    for (int i = 0; i < (int)(sizeof lens / sizeof lens[0]); i++) {
        uint8_t key[32], nonce[24], body[MOST], scratch[ROOM], got[ROOM], want[ROOM], ad[40],
            text[ROOM];
        fill(key, 32, 100);
        fill(nonce, 24, 50);
        fill(body, MOST, 7);
        ptrdiff_t len = lens[i], padded = (len + 64) / 64 * 64;
        memcpy(ad, "fonder1e", 8);
        memcpy(ad + 8, vault.b, 16);
        memcpy(ad + 24, "\x15\xcd\x5b\x07\0\0\0\0\x02\x01\0\0\0\0\0\0", 16); /* 123456789, 258 */
        memcpy(text, body, (size_t)len);
        text[len] = 0x80;
        memset(text + len + 1, 0, (size_t)(padded - len - 1));
        memcpy(want, nonce, 24);
        unsigned long long n = 0;
        crypto_aead_xchacha20poly1305_ietf_encrypt(want + 24, &n, text, (unsigned long long)padded,
                                                   ad, 40, NULL, nonce, key);
        Str b = {(const char *)body, len};
        assert_int_equal(seal_entry_size(len), padded + 40);
        assert_int_equal(n, padded + 16);
        seal_entry(key, vault, 123456789, 258, nonce, b, scratch, got);
        assert_memory_equal(got, want, (size_t)(padded + 40));
        ptrdiff_t back = -1;
        assert_true(seal_entry_open(key, vault, 123456789, 258, got, padded + 40, scratch, &back));
        assert_int_equal(back, len);
        assert_memory_equal(scratch, body, (size_t)len);
        for (ptrdiff_t bit = 0; bit < 8 * (padded + 40); bit++) {
            got[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(
                seal_entry_open(key, vault, 123456789, 258, got, padded + 40, scratch, &back));
            got[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        /* not in another place, nor as another kind of thing */
        assert_false(seal_entry_open(key, vault, 123456789, 259, got, padded + 40, scratch, &back));
        assert_false(seal_entry_open(key, vault, 123456788, 258, got, padded + 40, scratch, &back));
        SealPlace head = {SEAL_HEAD, vault, 123456789, 258};
        assert_false(seal_open(key, &head, got, padded + 40, scratch));
    }
}

/* These came out of reader.py's own ciphers, not out of libsodium. */
#define KNOWN_ENTRY                                                                                \
    "b5197211bc8bf9168ff487beaf9c659292baadc41359539a6a31fd450904239016f902"                       \
    "6e55928410ffb2f44c0adadaf19b6b7de86f85b49cb6fc08f413b24c545162a73709df"                       \
    "dd9df7732d06367bc1cb"
#define KNOWN_CHAIN "1669f30bdb07c88dbd82d1f641e57ae29d90b0cc324f84c432e465f15e07a68a"
#define KNOWN_STRETCH "f200a375740e0fdf5b3654304af1fbfb9a4d41fe5fd48dae87af4cbb3e19211e"
#define KNOWN_CODE "sogan-sorar-sugat-suraz-tagid-tarig-tigij-tiril-hurud"

static void known_answers(void **state)
{
    (void)state;
    uint8_t key[32], nonce[24], scratch[64], sealed[104], hash[32] = {0}, out[32];
    fill(key, 32, 0);
    fill(nonce, 24, 64);
    seal_entry(key, vault, 1, 2, nonce, STR("a walk"), scratch, sealed);
    assert_hex(sealed + 24, 80, KNOWN_ENTRY);
    seal_chain(hash, 2, sealed, sizeof sealed);
    assert_hex(hash, 32, KNOWN_CHAIN);
    uint8_t salt[16];
    fill(salt, 16, 9);
    assert_true(seal_stretch(STR("correct horse"), salt, seal_cost(LOG_COST_LEAST), out));
    assert_hex(out, 32, KNOWN_STRETCH);
    uint8_t code[16];
    int word = -1;
    assert_true(seal_recovery_parse(STR(KNOWN_CODE), code, &word));
    fill(scratch, 16, 200);
    assert_memory_equal(code, scratch, 16);
}

/* A mistyped letter is always found, in whichever word. */
static void a_slip_in_the_code_is_found(void **state)
{
    (void)state;
    LogRecovery code;
    uint8_t public_key[32], secret[16];
    int64_t slips = 0, unseen = 0;
    for (int round = 0; round < 20; round++) {
        seal_recovery_new(&code, public_key);
        int word = 0;
        assert_true(seal_recovery_parse(str_c(code.text), secret, &word));
        for (int i = 0; i < LOG_RECOVERY_CAP - 1; i++) {
            char was = code.text[i];
            if (was == '-')
                continue;
            for (char c = 'a'; c <= 'z'; c++) {
                code.text[i] = c;
                slips++;
                if (c != was && seal_recovery_parse(str_c(code.text), secret, &word))
                    unseen++;
                else if (c != was)
                    assert_true(word == 0 || word == i / 6 + 1);
            }
            code.text[i] = was;
        }
    }
    assert_true(unseen * 10000 < slips); /* sixteen bits of check: one in 65,536 */
    int word = 0;
    assert_false(seal_recovery_parse(STR(""), secret, &word));
    assert_false(seal_recovery_parse(STR("babab"), secret, &word));
}

/* A vault that format 1 wrote on its first day, kept as base64: every later version opens it. */
static void the_first_format_opens(void **state)
{
    LogBench *b = *state;
    Str text = bench_load(b, source_path(b->cx, "tests/log/format1.b64"));
    unsigned char *bytes = arena_new(b->cx->arena, unsigned char, text.len);
    size_t len = 0;
    assert_non_null(bytes);
    assert_int_equal(sodium_base642bin(bytes, (size_t)text.len, text.p, (size_t)text.len, "\n",
                                       &len, NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    bench_store(b, b->path, (Str){(const char *)bytes, (ptrdiff_t)len});
    b->secret.text = STR("a sample of format 1");
    int64_t n = 0;
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 6);
    b->secret = (LogSecret){.kind = LOG_RECOVERY,
                            .text = STR("huhiz-zamiz-kunob-tusip-sadin-tinip-suruz-bavoh-sivap")};
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 6);
}

/* -- the independent reader -------------------------------------------------------------------- */

/* Its output, or NULL in *ret when it refused; skips where there is no Python with a recent
 * SQLite. */
static bool read_by_other(LogBench *b, const char *how, const char *secret, Str *ret)
{
    char command[1024];
    Str reader = source_path(b->cx, "tests/log/reader.py");
    Buf out = buf_make(b->cx->arena, 1 << 20);
    (void)snprintf(command, sizeof command, "python3 '%.*s' '%.*s' %s '%s' 2>&1", STR_FMT(reader),
                   STR_FMT(b->path), how, secret);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char chunk[4096];
    for (size_t n = 0; (n = fread(chunk, 1, sizeof chunk, pipe)) > 0;)
        buf_bytes(&out, chunk, (ptrdiff_t)n);
    int status = pclose(pipe);
    assert_ok(b->cx, buf_done(b->cx, &out, ret));
    return status == 0;
}

static bool python_is_here(void)
{
    return system("python3 -c 'import sqlite3, sys;"
                  "sys.exit(sqlite3.sqlite_version_info < (3, 37))' 2>/dev/null") == 0;
}

static Err add_line(void *ctx, Cx *cx, const LogEntry *entry)
{
    Buf *buf = ctx;
    (void)cx;
    buf_fmt(buf, "%lld %lld ", (long long)entry->device, (long long)entry->seq);
    for (ptrdiff_t i = 0; i < entry->body.len; i++)
        buf_fmt(buf, "%02x", (unsigned)(uint8_t)entry->body.p[i]);
    buf_char(buf, '\n');
    return OK;
}

static Str own_lines(LogBench *b, Log *log)
{
    Buf buf = buf_make(b->cx->arena, 1 << 20);
    LogCursor cursor = {0};
    Str text = {NULL, 0};
    assert_ok(b->cx, log_read(b->cx, log, &cursor, add_line, &buf));
    assert_ok(b->cx, buf_done(b->cx, &buf, &text));
    log_cursor_free(&cursor);
    return text;
}

static void another_program_reads_it(void **state)
{
    LogBench *b = *state;
    if (!python_is_here())
        skip();
    Str theirs = {NULL, 0};
    Log *log = bench_create(b);
    bench_append(b, log, 1, 12);
    LogEntry foreign = {77, 1, bench_body(b->cx, 99)};
    ptrdiff_t kept = 0;
    assert_ok(b->cx, log_accept(b->cx, log, &foreign, 1, &kept));
    Str ours = own_lines(b, log);
    assert_true(read_by_other(b, "passphrase", "correct horse", &theirs)); /* while it is open */
    assert_true(str_eq(ours, theirs));
    assert_false(read_by_other(b, "passphrase", "correct hoarse", &theirs));
    bool clean = false;
    assert_ok(b->cx, log_rekey(b->cx, log, &b->secret, &b->code, &clean));
    b->secret = (LogSecret){.kind = LOG_KEY_FILE};
    assert_ok(b->cx, log_set_secret(b->cx, log, &b->secret));
    log_close(log);
    assert_true(read_by_other(b, "recovery", b->code.text, &theirs));
    assert_true(str_eq(ours, theirs));
    assert_true(read_by_other(b, "key-file", "", &theirs));
    assert_true(str_eq(ours, theirs));
    bench_sql(b->path, "DELETE FROM entry WHERE seq=12");
    assert_false(read_by_other(b, "key-file", "", &theirs));
}

static Err replace_some(void *ctx, Cx *cx, const LogEntry *entry, Str *ret)
{
    (void)ctx, (void)cx;
    *ret = entry->seq % 3 == 0   ? (Str){NULL, 0}
           : entry->seq % 3 == 1 ? STR("redacted")
                                 : entry->body;
    return OK;
}

/* After forgetting the places stay, empty, and the other program finds the same. */
static void another_program_reads_what_was_left(void **state)
{
    LogBench *b = *state;
    if (!python_is_here())
        skip();
    Str theirs = {NULL, 0};
    bool clean = false;
    Log *log = bench_create(b);
    bench_append(b, log, 1, 6);
    int64_t device = log_device(log);
    assert_ok(b->cx, log_rewrite(b->cx, log, &b->secret, replace_some, NULL, NULL, &clean));
    Str kept = bench_body(b->cx, 2);
    log_close(log);
    assert_true(read_by_other(b, "passphrase", "correct horse", &theirs));
    for (int seq = 1; seq <= 6; seq++) {
        char head[64];
        Str line = str_line(&theirs);
        int n = snprintf(head, sizeof head, "%lld %d ", (long long)device, seq);
        assert_true(str_starts(line, (Str){head, n}));
        Str hex = str_from(line, n);
        assert_int_equal(hex.len, seq % 3 == 0   ? 0
                                  : seq % 3 == 1 ? 16
                                  : seq == 2     ? 2 * kept.len
                                                 : hex.len);
    }
    assert_int_equal(theirs.len, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        TEST(an_entry_is_sealed_as_written), TEST(known_answers),
        TEST(a_slip_in_the_code_is_found),   TEST(the_first_format_opens),
        TEST(another_program_reads_it),      TEST(another_program_reads_what_was_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
