/* base/os.c - POSIX, and nothing a second system would not have. A file is written as
 * a stream is (stream.h): after a crash the name holds the old bytes or the new. */
#define _GNU_SOURCE /* nftw */
#include "base/os.h"
#include "base/buf.h"
#include "base/stream.h"
#include "base/time.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

void os_start(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        (void)setlocale(LC_CTYPE, "");
    tzset();
}

void os_panic(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "fonder: a bug: %s:%d: %s\n", file, line, condition);
    abort();
}

static int64_t clock_ns(clockid_t id)
{
    struct timespec t = {0};
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t os_now_ms(void)
{
    int64_t fixed = 0;
    if (time_parse_iso(os_env("FONDER_NOW"), &fixed))
        return fixed;
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t os_mono_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t os_cpu_ns(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t os_children_cpu_ns(void)
{
    struct rusage u;
    memset(&u, 0, sizeof u);
    (void)getrusage(RUSAGE_CHILDREN, &u);
    return ((int64_t)u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
           ((int64_t)u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

void os_random(void *ret_bytes, ptrdiff_t len)
{
    char *p = ret_bytes;
    while (len > 0) {
        ssize_t n = getrandom(p, (size_t)len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        INVARIANT(n > 0);
        p += n;
        len -= n;
    }
}

void os_wipe(void *bytes, ptrdiff_t len)
{
    if (bytes && len > 0)
        explicit_bzero(bytes, (size_t)len);
}

void os_about_to_fill(void *bytes, int64_t len)
{
    const uintptr_t page = 4096;
    uintptr_t at = (uintptr_t)bytes, to = (at + (uintptr_t)len) & ~(page - 1);
    uintptr_t from = (at + page - 1) & ~(page - 1);
    if (from < to)
        (void)madvise((char *)bytes + (from - at), to - from, MADV_POPULATE_WRITE);
}

void *os_alloc(ptrdiff_t count, ptrdiff_t size)
{
    return count < 0 || size < 0 ? NULL : calloc((size_t)count, (size_t)size);
}

void *os_realloc(void *old, ptrdiff_t count, ptrdiff_t size)
{
    return count < 0 || size < 0 ? NULL : reallocarray(old, (size_t)count, (size_t)size);
}

void os_free(void *p)
{
    free(p);
}

Str os_env(const char *name)
{
    return str_c(getenv(name));
}

Err os_fail(Cx *cx, Str path)
{
    int e = errno;
    Str reason = str_dup(cx->arena, str_c(strerror(e)));
    const Arg *args = ARGS(arg_str("file", path), arg_str("reason", reason));
    if (e == ENOENT)
        return err_set(cx, ERR_NOT_FOUND, "err.file-missing", args);
    if (e == EACCES || e == EPERM || e == EROFS)
        return err_set(cx, ERR_DENIED, "err.file-denied", args);
    if (e == ENOSPC || e == EDQUOT)
        return err_set(cx, ERR_FULL, "err.disk-full", args);
    return err_set(cx, ERR_IO, "err.file-io", args);
}

static void fd_close(const int *fd)
{
    if (*fd > STDERR_FILENO)
        (void)close(*fd);
}

/* A pipe that nobody has open for writing is not waited for: it opens, and is empty. */
static int open_to_read(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int flags = fd >= 0 ? fcntl(fd, F_GETFL) : -1;
    if (flags >= 0)
        (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
}

static Err too_large(Cx *cx, Str path, ptrdiff_t max_bytes)
{
    return err_set(cx, ERR_LIMIT, "err.file-too-large",
                   ARGS(arg_str("file", path), arg_int("max", max_bytes)));
}

Err os_read_file(Cx *cx, Str path, ptrdiff_t max_bytes, Str *ret)
{
    const char *name = str_to_c(cx->arena, path);
    if (!name)
        return err_nomem(cx);
    bool is_stdin = str_eq_c(path, "-");
    AUTO_CLEAN(fd_close) int fd = is_stdin ? STDIN_FILENO : open_to_read(name);
    if (fd < 0)
        return os_fail(cx, path);
    struct stat st = {0};
    if (!is_stdin && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(cx, ERR_INVALID, "err.file-is-folder", ARGS(arg_str("file", path)));
    if (S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd))) /* it may never end */
        return err_set(cx, ERR_INVALID, "err.file-is-device", ARGS(arg_str("file", path)));
    if (S_ISREG(st.st_mode) && st.st_size > max_bytes)
        return too_large(cx, path, max_bytes);
    Buf buf = buf_make(cx->arena, max_bytes + 1);
    /* A file's whole size at once, and a byte to meet its end in; a pipe as it comes. */
    ptrdiff_t want = st.st_size > 0 && st.st_size <= max_bytes ? (ptrdiff_t)st.st_size + 1 : 16384;
    while (buf_reserve(&buf, want <= buf.max_bytes - buf.len ? want : 1)) {
        ssize_t n = read(fd, buf.p + buf.len, (size_t)(buf.cap - buf.len));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return os_fail(cx, path);
        if (n == 0)
            break;
        buf.len += n;
        want = 1;
    }
    if (buf.over || buf.len > max_bytes)
        return too_large(cx, path, max_bytes);
    return buf_done(cx, &buf, ret);
}

bool os_write_all(int fd, Str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.p, (size_t)bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_from(bytes, n);
    }
    return true;
}

bool os_sync_folder(Cx *cx, Str path)
{
    const char *dir = str_to_c(cx->arena, os_dirname(path));
    AUTO_CLEAN(fd_close) int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    return fd >= 0 && fsync(fd) == 0;
}

Err os_write_file(Cx *cx, Str path, Str bytes)
{
    AUTO_CLEAN(stream_close) Stream s = STREAM_NONE;
    Err e = stream_create(cx, path, &s);
    if (e != OK)
        return e;
    return stream_write(&s, bytes.p, bytes.len) ? stream_publish(cx, &s, true) : os_fail(cx, path);
}

bool os_exists(Cx *cx, Str path)
{
    const char *name = str_to_c(cx->arena, path);
    return name && access(name, F_OK) == 0;
}

Err os_make_dirs(Cx *cx, Str path)
{
    for (ptrdiff_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.p[i] != '/')
            continue;
        const char *name = str_to_c(cx->arena, str_sub(path, 0, i));
        if (!name)
            return err_nomem(cx);
        if (mkdir(name, 0700) != 0 && errno != EEXIST)
            return os_fail(cx, path);
    }
    return OK;
}

Err os_remove(Cx *cx, Str path)
{
    const char *name = str_to_c(cx->arena, path);
    if (!name)
        return err_nomem(cx);
    return unlink(name) == 0 || errno == ENOENT ? OK : os_fail(cx, path);
}

/* Where both names stay, or the folder cannot be synced, the new one goes again: what was not done
 * leaves nothing behind. */
static bool publish_name(Cx *cx, const char *old_name, const char *new_name, Str to)
{
    bool moved = false, linked = link(old_name, new_name) == 0;
    if (!linked &&
        (errno == EPERM || errno == EOPNOTSUPP)) { /* no hard links on this file system */
        bool taken = access(new_name, F_OK) == 0;
        moved = !taken && rename(old_name, new_name) == 0;
        errno = taken ? EEXIST : errno;
    }
    if (!linked && !moved)
        return false;
    if ((moved || unlink(old_name) == 0) && os_sync_folder(cx, to))
        return true;
    int reason = errno;
    (void)unlink(new_name);
    errno = reason;
    return false;
}

Err os_publish(Cx *cx, Str from, Str to)
{
    const char *old_name = str_to_c(cx->arena, from), *new_name = str_to_c(cx->arena, to);
    if (!old_name || !new_name)
        return err_nomem(cx);
    if (publish_name(cx, old_name, new_name, to))
        return OK;
    return errno == EEXIST ? err_set(cx, ERR_INVALID, "err.file-exists", ARGS(arg_str("file", to)))
                           : os_fail(cx, to);
}

Err os_replace(Cx *cx, Str from, Str to)
{
    const char *old_name = str_to_c(cx->arena, from), *new_name = str_to_c(cx->arena, to);
    if (!old_name || !new_name)
        return err_nomem(cx);
    return rename(old_name, new_name) == 0 && os_sync_folder(cx, to) ? OK : os_fail(cx, to);
}

Err os_stat(Cx *cx, Str path, OsFile *ret)
{
    struct stat st = {0};
    const char *name = str_to_c(cx->arena, path);
    if (!name)
        return err_nomem(cx);
    if (stat(name, &st) != 0)
        return os_fail(cx, path);
    *ret = (OsFile){.number = st.st_ino,
                    .bytes = st.st_size,
                    .is_folder = S_ISDIR(st.st_mode),
                    .is_file = S_ISREG(st.st_mode)};
    return OK;
}

Err os_temp_folder(Cx *cx, Str *ret)
{
    Str base = os_env("TMPDIR");
    Buf buf = buf_make(cx->arena, 4096);
    Str path = {NULL, 0};
    buf_put(&buf, base.len > 0 ? base : STR("/tmp"));
    buf_c(&buf, "/fonder-XXXXXX");
    buf_char(&buf, '\0');
    Err e = buf_done(cx, &buf, &path);
    if (e != OK)
        return e;
    if (!mkdtemp(buf.p))
        return os_fail(cx, path);
    *ret = (Str){buf.p, path.len - 1};
    return OK;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

Err os_remove_folder(Cx *cx, Str path)
{
    enum { OPEN_FOLDERS = 16 };
    const char *name = str_to_c(cx->arena, path);
    if (!name)
        return err_nomem(cx);
    return nftw(name, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 ? OK : os_fail(cx, path);
}

static Err add_name(Cx *cx, const char *name, Str **list, int *n, int *cap)
{
    if (*n == *cap) {
        int more = 2 * *cap + 32;
        *list = arena_grow(cx->arena, *list, *cap, more, (ptrdiff_t)sizeof **list,
                           (ptrdiff_t) _Alignof(Str));
        *cap = more;
    }
    Str copy = *list ? str_dup(cx->arena, str_c(name)) : (Str){NULL, 0};
    if (str_is_null(copy))
        return err_nomem(cx);
    (*list)[(*n)++] = copy;
    return OK;
}

Err os_list(Cx *cx, Str folder, const Str **ret, int *ret_n)
{
    const char *name = str_to_c(cx->arena, folder);
    DIR *dir = name ? opendir(name) : NULL;
    Str *list = NULL;
    int n = 0, cap = 0;
    if (!dir)
        return name ? os_fail(cx, folder) : err_nomem(cx);
    Err e = OK;
    for (struct dirent *file = readdir(dir); file && e == OK; file = readdir(dir)) {
        if (file->d_name[0] != '.')
            e = add_name(cx, file->d_name, &list, &n, &cap);
    }
    (void)closedir(dir);
    if (e == OK) {
        *ret = list;
        *ret_n = n;
    }
    return e;
}

Err os_self(Cx *cx, Str *ret)
{
    enum { CAP = 4096 };
    char *path = arena_alloc(cx->arena, CAP, 1, 1);
    if (!path)
        return err_nomem(cx);
    ssize_t n = readlink("/proc/self/exe", path, CAP);
    if (n <= 0 || n == CAP)
        return os_fail(cx, STR("/proc/self/exe"));
    *ret = (Str){path, n};
    return OK;
}

Err os_run(Cx *cx, const char *const argv[])
{
    int status = 0;
    char *args[16] = {NULL};
    for (int i = 0; i < 15 && argv[i]; i++)
        memcpy(&args[i], &argv[i], sizeof args[i]); /* execv's own type is not const */
    pid_t pid = fork();
    if (pid == 0) {
        int quiet = open("/dev/null", O_RDWR);
        (void)dup2(quiet, STDOUT_FILENO);
        (void)dup2(quiet, STDERR_FILENO);
        (void)execvp(args[0], args);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (pid < 0 || status != 0)
        return os_fail(cx, str_c(argv[0]));
    return OK;
}

Str os_dirname(Str path)
{
    for (ptrdiff_t i = path.len - 1; i >= 0; i--) {
        if (path.p[i] == '/')
            return i == 0 ? STR("/") : str_sub(path, 0, i);
    }
    return STR(".");
}

Str os_basename(Str path)
{
    for (ptrdiff_t i = path.len - 1; i >= 0; i--) {
        if (path.p[i] == '/')
            return str_from(path, i + 1);
    }
    return path;
}

Err os_in_folder(Cx *cx, Str folder, Str name, Str *ret)
{
    Buf buf = buf_make(cx->arena, folder.len + 1 + name.len);
    buf_put(&buf, folder);
    buf_char(&buf, '/');
    buf_put(&buf, name);
    return buf_done(cx, &buf, ret);
}

bool os_can_write(Cx *cx, Str path)
{
    const char *name = str_to_c(cx->arena, path);
    return name && access(name, W_OK) == 0;
}

bool os_others_can_read(Cx *cx, Str path)
{
    struct stat st = {0};
    const char *name = str_to_c(cx->arena, path);
    return name && stat(name, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

bool os_is_tty(int fd)
{
    return isatty(fd) == 1;
}

int os_tty_columns(int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

Err os_read_line(Cx *cx, ptrdiff_t max_bytes, Str *ret)
{
    Buf buf = buf_make(cx->arena, max_bytes);
    bool ended = false;
    for (;;) {
        char c = 0;
        ssize_t n = read(STDIN_FILENO, &c, 1); /* no further: the rest is the next reader's */
        if (n < 0 && errno == EINTR)
            continue;
        ended = n <= 0;
        if (ended || c == '\n')
            break;
        buf_char(&buf, c);
    }
    if (ended && buf.len == 0)
        return err_set(cx, ERR_NOT_FOUND, "err.end-of-input", NO_ARGS);
    return buf_done(cx, &buf, ret);
}

Err os_prompt_secret(Cx *cx, Str prompt, char ret_secret[], ptrdiff_t cap, ptrdiff_t *ret_len)
{
    AUTO_CLEAN(fd_close) int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    struct termios shown = {0};
    if (fd < 0 || tcgetattr(fd, &shown) != 0)
        return err_set(cx, ERR_DENIED, "err.no-terminal", NO_ARGS);
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    /* before the prompt, so that nothing that answers it is echoed, or thrown away with what was typed ahead */
    (void)tcsetattr(fd, TCSAFLUSH, &hidden);
    (void)os_write_all(fd, prompt);
    ptrdiff_t len = 0;
    bool over = false;
    for (;;) {
        char c = 0;
        ssize_t n = read(fd, &c, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || c == '\n')
            break;
        over = over || len == cap;
        if (!over)
            ret_secret[len++] = c;
    }
    (void)tcsetattr(fd, TCSAFLUSH, &shown);
    (void)os_write_all(fd, STR("\n"));
    if (over) {
        os_wipe(ret_secret, cap);
        return err_set(cx, ERR_LIMIT, "err.passphrase-too-long", ARGS(arg_int("max", cap)));
    }
    *ret_len = len;
    return OK;
}

/* The one global: a signal handler can reach nothing else. */
static volatile sig_atomic_t stop_wanted;

static void note_stop(int sig)
{
    (void)sig;
    stop_wanted = 1;
}

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

static void mask_stop(int how)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof stop_signals / sizeof stop_signals[0]; i++)
        (void)sigaddset(&set, stop_signals[i]);
    (void)sigprocmask(how, &set, NULL);
}

void os_catch_stop(void)
{
    struct sigaction act = {.sa_handler = note_stop};
    for (size_t i = 0; i < sizeof stop_signals / sizeof stop_signals[0]; i++)
        (void)sigaction(stop_signals[i], &act, NULL);
    mask_stop(SIG_UNBLOCK);
}

void os_hold_stop(void)
{
    mask_stop(SIG_BLOCK);
}

bool os_stop_wanted(void)
{
    return stop_wanted != 0;
}

void os_exit(int code)
{
    exit(code);
}
