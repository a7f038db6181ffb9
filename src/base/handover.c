/* base/handover.c - execve of /proc/self/exe, which is this very program even where its file has been replaced
 * meanwhile. The state travels in a sealed memfd; FONDER_HANDOVER holds its number and is taken out of the
 * environment as soon as it has been read. Every other descriptor closes itself on the way. */
#define _GNU_SOURCE /* memfd_create, close_range */
#include "base/handover.h"
#include "base/os.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char VARIABLE[] = "FONDER_HANDOVER";
enum { ARGS_MAX = 8, SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static Err system_fail(Cx *cx)
{
    Str reason = str_dup(cx->arena, str_c(strerror(errno)));
    return err_set(cx, ERR_IO, "err.handover", ARGS(arg_str("reason", reason)));
}

static bool keep_open(int fd)
{
    return fcntl(fd, F_SETFD, 0) == 0;
}

/* A file without a name that holds state and can no longer be changed; -1 when there is none to be had. */
static int state_file(Str state)
{
    int fd = memfd_create("state", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    os_write_all(fd, state);
    if (lseek(fd, 0, SEEK_CUR) == (off_t)state.len && fcntl(fd, F_ADD_SEALS, SEALS) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

Err handover_give(Cx *cx, const char *const argv[], Str state, int keep_fd)
{
    char number[16], *args[ARGS_MAX] = {NULL};
    for (int i = 0; i < ARGS_MAX - 1 && argv[i]; i++)
        memcpy(&args[i], &argv[i], sizeof args[i]); /* execv's own type is not const */
    int fd = state_file(state);
    if (fd < 0)
        return system_fail(cx);
    (void)snprintf(number, sizeof number, "%d", fd);
    bool ready = close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0 &&
                 keep_open(fd) && keep_open(keep_fd) && setenv(VARIABLE, number, 1) == 0;
    if (ready)
        (void)execv("/proc/self/exe", args);
    Err e = system_fail(cx);
    (void)unsetenv(VARIABLE);
    (void)close(fd);
    return e;
}

Err handover_take(Cx *cx, Str *ret_state)
{
    Str given = os_env(VARIABLE);
    int64_t fd = -1;
    if (!str_to_i64(given, STDERR_FILENO + 1, INT_MAX, &fd) || fcntl((int)fd, F_GET_SEALS) != SEALS)
        return err_set(cx, ERR_NOT_FOUND, "err.handover", ARGS(arg_str("reason", STR(""))));
    (void)unsetenv(VARIABLE);
    (void)prctl(PR_SET_NAME, "fonder"); /* the kernel would call it "exe" */
    char *state = arena_alloc(cx->arena, HANDOVER_MAX, 1, 1);
    ssize_t len = state ? pread((int)fd, state, HANDOVER_MAX, 0) : -1;
    Err e = len >= 0 ? OK : state ? system_fail(cx) : err_nomem(cx);
    (void)close((int)fd);
    if (e == OK)
        *ret_state = (Str){state, (ptrdiff_t)len};
    return e;
}
