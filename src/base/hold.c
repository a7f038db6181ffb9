/* base/hold.c - flock: shared for who holds, exclusive for who waits until nobody does. To ask is to lengthen the
 * file by a byte, which holders see with one fstat of the descriptor they have anyway. An update is read, decide
 * and write under the exclusive lock. */
#include "base/hold.h"
#include "base/os.h"
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 20, NS_A_MS = 1000000 };

static Err open_file(Cx *cx, Str path, int flags, int *ret)
{
    const char *name = str_to_c(cx->arena, path);
    if (!name)
        return err_nomem(cx);
    int fd = open(name, flags | O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return os_fail(cx, path);
    *ret = fd;
    return OK;
}

static int64_t bytes_of(int fd)
{
    struct stat st = {0};
    return fstat(fd, &st) == 0 ? (int64_t)st.st_size : -1;
}

Err hold_take(Cx *cx, Str path, Hold *ret)
{
    int fd = 0;
    Err e = open_file(cx, path, O_CREAT, &fd);
    if (e != OK)
        return e;
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        e = os_fail(cx, path);
        (void)close(fd);
        return e;
    }
    *ret = (Hold){.fd = fd, .seen_bytes = bytes_of(fd)};
    return OK;
}

bool hold_is_asked(const Hold *hold)
{
    return hold->fd > 0 && bytes_of(hold->fd) != hold->seen_bytes;
}

void hold_release(Hold *hold)
{
    if (hold->fd > 0)
        (void)close(hold->fd);
    *hold = (Hold){.fd = 0};
}

static void wait_a_little(void)
{
    const struct timespec t = {.tv_nsec = (long)LOOK_AGAIN_MS * NS_A_MS};
    (void)nanosleep(&t, NULL);
}

Err hold_end(Cx *cx, Str path, int64_t wait_ms)
{
    int fd = 0;
    if (!os_exists(cx, path))
        return OK;
    Err e = open_file(cx, path, 0, &fd);
    if (e != OK)
        return e;
    int64_t until_ns = os_mono_ns() + wait_ms * NS_A_MS;
    bool asked = false, alone = false;
    while (!alone && (!asked || os_mono_ns() < until_ns)) {
        alone = flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (!alone && !asked)
            os_write_all(fd, STR("."));
        if (!alone)
            wait_a_little();
        asked = true;
    }
    if (alone)
        (void)!ftruncate(fd, 0);
    (void)close(fd);
    return alone ? OK : err_set(cx, ERR_BUSY, "err.still-held", NO_ARGS);
}

/* -- one after another --------------------------------------------------------------------------- */

static Err read_all(Cx *cx, int fd, Str path, ptrdiff_t max_bytes, Str *ret)
{
    char *bytes = arena_alloc(cx->arena, max_bytes, 1, 1);
    ssize_t n = bytes ? pread(fd, bytes, (size_t)max_bytes, 0) : -1;
    if (n < 0)
        return bytes ? os_fail(cx, path) : err_nomem(cx);
    *ret = (Str){bytes, n};
    return OK;
}

/* In place, since another may wait for this very file; so short that it is written whole or not at all. */
static Err write_all(Cx *cx, int fd, Str path, Str bytes)
{
    bool written = pwrite(fd, bytes.p, (size_t)bytes.len, 0) == (ssize_t)bytes.len &&
                   ftruncate(fd, (off_t)bytes.len) == 0 && fsync(fd) == 0;
    return written ? OK : os_fail(cx, path);
}

Err hold_update(Cx *cx, Str path, ptrdiff_t max_bytes, HoldUpdate *update, void *ctx)
{
    const char *name = str_to_c(cx->arena, path);
    Str old = {NULL, 0}, new = {NULL, 0};
    if (!name)
        return err_nomem(cx);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return os_fail(cx, path);
    Err e =
        flock(fd, LOCK_EX) == 0 ? read_all(cx, fd, path, max_bytes, &old) : os_fail(cx, path);
    if (e == OK)
        e = update(ctx, cx, old, &new);
    if (e == OK)
        e = write_all(cx, fd, path, new);
    (void)close(fd);
    return e;
}
