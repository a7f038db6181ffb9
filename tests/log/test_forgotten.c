/* tests/log/test_forgotten.c - a search that does not know where to look: every byte of every file of the vault is
 * taken for the start of something sealed, and opened with the old key, which is kept here on purpose, and with the
 * new one. It finds what is there before, so that finding nothing afterwards says something. Also when forgetting is
 * killed at any of its disk calls, and whoever opens the vault next is killed too. */
#define _GNU_SOURCE /* memmem */
#include "base/os.h"
#include "fault.h"
#include "log/inner.h"
#include "logtest.h"
#include <dirent.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENTRIES = 120, FEW = 9, EACH = 3, WINDOW = 192 };
static const char GONE[] = "Zazou Quentin", STAYS[] = "Tom Berg";

static Err name_one(LogBench *b, Log *log, int i)
{
    char text[200];
    LogPos at;
    int n = snprintf(text, sizeof text, "%s, number %d, %.*s", i % EACH == 0 ? GONE : STAYS, i, i,
                     "walked by the harbour and talked and walked and talked until it was dark and "
                     "cold and late");
    Str body = {text, n < (int)sizeof text ? n : (int)sizeof text - 1};
    return log_append(b->cx, log, &body, 1, &at);
}

/* How often word stands in the first bytes of what opens at some place of the file. */
static int opened_with(LogBench *b, Str path, const uint8_t key[SEAL_KEY], const char *word)
{
    uint8_t plain[WINDOW];
    Str bytes = bench_load(b, path);
    int found = 0;
    for (ptrdiff_t at = 0; at + SEAL_NONCE < bytes.len; at++) {
        const uint8_t *nonce = (const uint8_t *)bytes.p + at;
        ptrdiff_t n = bytes.len - at - SEAL_NONCE < WINDOW ? bytes.len - at - SEAL_NONCE : WINDOW;
        /* the text begins with the second block of the stream; no mark is asked for, so that torn rows count */
        (void)crypto_stream_xchacha20_xor_ic(plain, nonce + SEAL_NONCE, (unsigned long long)n,
                                             nonce, 1, key);
        found += memmem(plain, (size_t)n, word, strlen(word)) != NULL;
    }
    return found;
}

/* In all files of the folder, readable or under the key; *ret_files counts them. */
static int search(LogBench *b, const uint8_t key[SEAL_KEY], const char *word, int *ret_files)
{
    int found = 0;
    DIR *dir = opendir(str_to_c(b->cx->arena, b->folder));
    assert_non_null(dir);
    *ret_files = 0;
    for (struct dirent *file = readdir(dir); file; file = readdir(dir)) {
        if (file->d_name[0] == '.')
            continue;
        Str path = bench_beside(b, file->d_name);
        found += opened_with(b, path, key, word);
        assert_int_equal(str_find(bench_load(b, path), str_c(word)), -1);
        ++*ret_files;
    }
    assert_int_equal(closedir(dir), 0);
    return found;
}

/* Has the vault open and all of it in memory; when told, tries to go on as if nothing had happened. */
static int second_process(LogBench *b, int tell, int hear)
{
    Log *log = NULL;
    LogCursor cursor = {0}, again = {0};
    Seen seen = {0};
    char c = 'r';
    if (log_open(b->cx, b->path, &b->secret, &log) != OK ||
        bench_read(b, log, &cursor, &seen) != OK)
        return 2;
    if (seen.n != ENTRIES || write(tell, &c, 1) != 1 || read(hear, &c, 1) != 1)
        return 3;
    if (log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, str_c(GONE)) != ERR_LOCKED)
        return 4;
    if (bench_read(b, log, &again, &seen) != ERR_LOCKED || name_one(b, log, 0) != ERR_LOCKED)
        return 5;
    log_close(log);
    return 0;
}

static Err leave_out(void *ctx, Cx *cx, const LogEntry *entry, Str *ret)
{
    (void)ctx, (void)cx;
    if (str_find(entry->body, str_c(GONE)) >= 0)
        *ret = STR("");
    return OK;
}

static void neither_key_finds_them(void **state)
{
    LogBench *b = *state;
    uint8_t old_key[SEAL_KEY], new_key[SEAL_KEY];
    int tell[2], hear[2], status = 0, files = 0;
    char c = 0;
    bool clean = false;
    LogCursor cursor = {0};
    Seen seen = {0};
    Log *log = bench_create(b);
    for (int i = 0; i < ENTRIES; i++)
        assert_ok(b->cx, name_one(b, log, i));
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_ok(b->cx, log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, str_c(GONE)));
    assert_ok(b->cx, log_checkpoint_write(b->cx, log, LOG_MODEL_INSIGHT, &cursor, str_c(GONE)));
    memcpy(old_key, log->key, SEAL_KEY);
    assert_true(pipe(tell) == 0 && pipe(hear) == 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(second_process(b, tell[1], hear[0]));
    assert_int_equal(read(tell[0], &c, 1), 1);

    assert_true(search(b, old_key, GONE, &files) >
                ENTRIES / EACH); /* the checkpoint has them too */
    assert_true(files >= 4);     /* vault, its log, that log's index, checkpoint */
    assert_true(search(b, old_key, STAYS, &files) >= ENTRIES - ENTRIES / EACH);

    assert_ok(b->cx, log_rewrite(b->cx, log, &b->secret, leave_out, NULL, NULL, &clean));
    assert_true(clean);
    memcpy(new_key, log->key, SEAL_KEY);
    assert_int_equal(search(b, old_key, GONE, &files), 0);
    assert_int_equal(search(b, new_key, GONE, &files), 0);
    assert_int_equal(search(b, old_key, STAYS, &files), 0); /* nothing at all under the old key */
    assert_true(search(b, new_key, STAYS, &files) >= ENTRIES - ENTRIES / EACH);

    assert_int_equal(write(hear[1], &c, 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(search(b, old_key, GONE, &files), 0);
    log_cursor_free(&cursor);
    log_close(log);
    assert_int_equal(search(b, old_key, GONE, &files), 0);
    assert_int_equal(search(b, new_key, GONE, &files), 0);
    for (int i = 0; i < 2; i++)
        assert_true(close(tell[i]) == 0 && close(hear[i]) == 0);
}

/* A device that has not heard sends it again: its place is taken, and stays empty. */
static void what_is_sent_again_is_refused(void **state)
{
    LogBench *b = *state;
    const LogEntry sent[] = {
        {77, 1, STR("Zazou Quentin came")},
        {77, 2, STR("Tom Berg came")     }
    };
    ptrdiff_t kept = 0;
    int files = 0;
    bool clean = false;
    LogCursor cursor = {0};
    Seen seen = {0};
    Log *log = bench_create(b);
    assert_ok(b->cx, log_accept(b->cx, log, sent, 2, &kept));
    assert_int_equal(kept, 2);
    assert_ok(b->cx, log_rewrite(b->cx, log, &b->secret, leave_out, NULL, NULL, &clean));
    assert_ok(b->cx, log_accept(b->cx, log, sent, 2, &kept));
    assert_int_equal(kept, 0);
    assert_ok(b->cx, log_accept(b->cx, log, sent, 1, &kept));
    assert_int_equal(kept, 0);
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(seen.n, 1);
    assert_int_equal(search(b, log->key, GONE, &files), 0);
    log_cursor_free(&cursor);
    log_close(log);
}

/* -- killed on the way -------------------------------------------------------------------------- */

/* A vault of a few entries with everything beside it that may hold them too, a copy that a kill left half made
 * among it. */
static void make_few(LogBench *b, uint8_t ret_key[SEAL_KEY])
{
    LogCursor cursor = {0};
    Seen seen = {0};
    Log *log = bench_create(b);
    for (int i = 0; i < FEW; i++)
        assert_ok(b->cx, name_one(b, log, i));
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    for (int which = 0; which < LOG_MODELS; which++)
        assert_ok(b->cx, log_checkpoint_write(b->cx, log, (LogModel)which, &cursor, str_c(GONE)));
    memcpy(ret_key, log->key, SEAL_KEY);
    log_cursor_free(&cursor);
    log_close(log);
    bench_store(b, bench_beside(b, "vault.new-0"), bench_load(b, b->path));
    bench_store(b, bench_beside(b, "vault.insight.new"), bench_load(b, b->path));
}

/* Opens the vault, and forgets if told to, in a process that is killed at its nth disk call; true when it was. */
static bool killed_at(LogBench *b, int nth, bool forgets)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        Log *log = NULL;
        bool clean = false;
        if (!forgets)
            fault_arm(FAULT_KILL, nth, false);
        Err e = log_open(b->cx, b->path, &b->secret, &log);
        if (forgets && e == OK) {
            fault_arm(FAULT_KILL, nth, false);
            e = log_rewrite(b->cx, log, &b->secret, leave_out, NULL, NULL, &clean);
        }
        _exit(e == OK && (clean || !forgets) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

/* Forgetting is killed at its nth disk call, and so is whoever opens the vault next, at a call of theirs. Then it
 * is opened: everybody is there, or nothing of whom is forgotten is anywhere. */
static bool killed_twice(LogBench *b, int nth, int *ret_gone)
{
    TestCx once;
    uint8_t old_key[SEAL_KEY];
    int files = 0;
    LogCursor cursor = {0};
    Seen seen = {0};
    test_cx_init(&once);
    b->cx = &once.cx;
    make_few(b, old_key);
    bool killed = killed_at(b, nth, true);
    (void)killed_at(b, 20 + nth % 50, false);
    Log *log = bench_open(b);
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    bool gone = memcmp(old_key, log->key, SEAL_KEY) != 0;
    assert_true(gone || killed);
    assert_int_equal(seen.n, gone ? FEW - FEW / EACH : FEW);
    if (gone) {
        assert_int_equal(search(b, old_key, GONE, &files), 0);
        assert_int_equal(search(b, old_key, STAYS, &files), 0);
        assert_int_equal(search(b, log->key, GONE, &files), 0);
        assert_true(search(b, log->key, STAYS, &files) >= FEW - FEW / EACH);
        assert_int_equal(files, 3); /* vault, its log, that log's index */
        ++*ret_gone;
    }
    log_cursor_free(&cursor);
    log_close(log);
    b->cx = &b->t.cx;
    test_folder_remove(b->cx, b->folder);
    assert_ok(b->cx, os_make_dirs(b->cx, b->folder));
    test_cx_free(&once);
    return killed;
}

static void whoever_opens_next_finishes(void **state)
{
    LogBench *b = *state;
    int gone = 0, nth = 1;
    while (killed_twice(b, nth, &gone))
        nth++;
    assert_true(nth > 40);
    assert_true(gone > 20);
}

int main(void)
{
    fault_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(neither_key_finds_them, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(what_is_sent_again_is_refused, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(whoever_opens_next_finishes, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests_name("forgotten", tests, NULL, NULL);
}
