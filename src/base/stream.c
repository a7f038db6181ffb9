/* base/stream.c - read(2) and pread(2) in a loop, and os_write_all. A file is written under a second name and locked there, so
 * that its own name stands for the old one or the new one, and a second writer sees that it is one. The lock is
 * worth something only while the second name still means the locked file: the first writer may have published
 * it between our opening and our locking. */
#include "base/stream.h"
#include "base/buf.h"
#include "base/os.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMP_NAME_MAX = 8192 };

Err stream_open(Cx *cx, Str path, Stream *ret)
{
    struct stat st = {0};
    Stream s = {.fd = -1, .path = str_to_c(cx->arena, path)};
    if (!s.path)
        return err_nomem(cx);
    s.fd = open(s.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is not waited for */
    if (s.fd < 0 || fstat(s.fd, &st) != 0) {
        Err e = os_fail(cx, str_c(s.path));
        stream_close(&s);
        return e;
    }
    if (!S_ISREG(st.st_mode)) {
        stream_close(&s);
        errno = EINVAL;
        return os_fail(cx, str_c(s.path));
    }
    s.bytes = st.st_size;
    *ret = s;
    return OK;
}

/* at: where in the file, or -1 where it is at. */
static ptrdiff_t read_all(int fd, int64_t at, char *to, ptrdiff_t len)
{
    ptrdiff_t got = 0;
    while (got < len) {
        size_t want = (size_t)(len - got);
        ssize_t n = at < 0 ? read(fd, to + got, want) : pread(fd, to + got, want, at + got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += n;
    }
    return got;
}

ptrdiff_t stream_read(Stream *s, void *ret, ptrdiff_t len)
{
    return read_all(s->fd, -1, ret, len);
}

ptrdiff_t stream_read_at(const Stream *s, int64_t at, void *ret, ptrdiff_t len)
{
    return at < 0 ? -1 : read_all(s->fd, at, ret, len);
}

static bool is_ours(const Stream *s)
{
    struct stat open_file = {0}, named = {0};
    return flock(s->fd, LOCK_EX | LOCK_NB) == 0 && fstat(s->fd, &open_file) == 0 &&
           stat(s->temp, &named) == 0 && named.st_ino == open_file.st_ino;
}

Err stream_create(Cx *cx, Str path, Stream *ret)
{
    Buf name = buf_make(cx->arena, TEMP_NAME_MAX);
    Str temp = {NULL, 0};
    buf_put(&name, path);
    buf_c(&name, ".new");
    Err e = buf_done(cx, &name, &temp);
    if (e != OK)
        return e;
    Stream s = {.fd = -1, .path = str_to_c(cx->arena, path)};
    const char *second = str_to_c(cx->arena, temp);
    if (!s.path || !second)
        return err_nomem(cx);
    s.fd = open(second, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (s.fd < 0)
        return os_fail(cx, str_c(s.path));
    s.temp = second;
    if (!is_ours(&s)) {
        s.temp = NULL; /* whose it is takes it away */
        stream_close(&s);
        return err_set(cx, ERR_BUSY, "err.file-busy", ARGS(arg_str("file", path)));
    }
    if (ftruncate(s.fd, 0) != 0) {
        e = os_fail(cx, str_c(s.path));
        stream_close(&s);
        return e;
    }
    *ret = s;
    return OK;
}

bool stream_write(Stream *s, const void *bytes, ptrdiff_t len)
{
    return os_write_all(s->fd, (Str){bytes, len});
}

Err stream_publish(Cx *cx, Stream *s, bool lasting)
{
    if ((lasting && fsync(s->fd) != 0) || rename(s->temp, s->path) != 0)
        return os_fail(cx, str_c(s->path));
    s->temp = NULL;
    return !lasting || os_sync_folder(cx, str_c(s->path)) ? OK : os_fail(cx, str_c(s->path));
}

void stream_close(Stream *s)
{
    if (s->temp)
        (void)unlink(s->temp);
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
    s->temp = NULL;
}
