/* tests/log/fault.c - see fault.h. Every write keeps what stood there before, until the file is
 * synced; a power cut writes those bytes back, newest first. */
#define _XOPEN_SOURCE 700
#include "fault.h"
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    FaultKind kind;
    int left, hits;
    bool on, for_good;
} fault;

static bool strikes(bool memory)
{
    if (!fault.on || memory != (fault.kind == FAULT_MEMORY))
        return false;
    fault.left--;
    if (fault.left != 0 && !(fault.left < 0 && fault.for_good))
        return false;
    fault.hits++;
    return true;
}

static bool disk_strikes(void)
{
    bool hit = strikes(false);
    if (hit && fault.kind == FAULT_KILL)
        (void)kill(getpid(), SIGKILL);
    return hit;
}

/* -- memory ------------------------------------------------------------------------------------ */

static sqlite3_mem_methods real_memory;

static void *faulty_malloc(int n)
{
    return strikes(true) ? NULL : real_memory.xMalloc(n);
}

static void *faulty_realloc(void *p, int n)
{
    return strikes(true) ? NULL : real_memory.xRealloc(p, n);
}

/* -- what has not been synced ------------------------------------------------------------------ */

typedef struct Undo {
    struct Undo *next; /* older */
    char *path, *old;
    sqlite3_int64 at, len, size; /* old bytes at `at`; the file's size before */
} Undo;
static Undo *undo;

static void undo_free(Undo *u)
{
    free(u->path);
    free(u->old);
    free(u);
}

/* Synced: what stands in that file stays. */
static void undo_forget(const char *path)
{
    for (Undo **at = &undo; *at;) {
        Undo *u = *at;
        if (strcmp(u->path, path) == 0) {
            *at = u->next;
            undo_free(u);
        } else {
            at = &u->next;
        }
    }
}

void fault_power_cut(void)
{
    while (undo) {
        Undo *u = undo;
        undo = u->next;
        int fd = open(u->path, O_RDWR);
        if (fd >= 0) {
            if (u->len > 0 && pwrite(fd, u->old, (size_t)u->len, u->at) != u->len)
                abort();
            if (ftruncate(fd, u->size) != 0)
                abort();
            (void)close(fd);
        }
        undo_free(u);
    }
}

/* -- the VFS ----------------------------------------------------------------------------------- */

typedef struct File {
    sqlite3_file base;
    sqlite3_file *real;
    char *path;
} File;

static sqlite3_vfs *system_vfs;

static File *file_of(sqlite3_file *f)
{
    return (File *)(void *)f;
}

static sqlite3_file *real(sqlite3_file *f)
{
    return file_of(f)->real;
}

static void remember(sqlite3_file *f, sqlite3_int64 at, sqlite3_int64 len)
{
    File *file = file_of(f);
    Undo *u = file->path ? calloc(1, sizeof *u) : NULL;
    if (!u)
        return;
    u->path = strdup(file->path);
    u->at = at;
    (void)file->real->pMethods->xFileSize(file->real, &u->size);
    u->len = at >= u->size ? 0 : at + len > u->size ? u->size - at : len;
    u->old = malloc((size_t)u->len + 1);
    if (!u->path || !u->old)
        abort();
    if (u->len > 0)
        (void)file->real->pMethods->xRead(file->real, u->old, (int)u->len, at);
    u->next = undo;
    undo = u;
}

static int f_close(sqlite3_file *f)
{
    int rc = real(f)->pMethods->xClose(real(f));
    free(file_of(f)->real);
    free(file_of(f)->path);
    return rc;
}

static int f_read(sqlite3_file *f, void *b, int n, sqlite3_int64 at)
{
    return disk_strikes() ? SQLITE_IOERR_READ : real(f)->pMethods->xRead(real(f), b, n, at);
}

static int f_write(sqlite3_file *f, const void *b, int n, sqlite3_int64 at)
{
    if (fault.on && fault.kind == FAULT_KILL && fault.left == 1)
        (void)real(f)->pMethods->xWrite(real(f), b, n / 2, at);
    if (disk_strikes())
        return SQLITE_FULL;
    if (fault.on && fault.kind == FAULT_POWER)
        remember(f, at, n);
    return real(f)->pMethods->xWrite(real(f), b, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    sqlite3_int64 now = 0;
    if (disk_strikes())
        return SQLITE_IOERR_TRUNCATE;
    (void)real(f)->pMethods->xFileSize(real(f), &now);
    if (fault.on && fault.kind == FAULT_POWER && now > size)
        remember(f, size, now - size);
    return real(f)->pMethods->xTruncate(real(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
    if (disk_strikes())
        return SQLITE_IOERR_FSYNC;
    if (file_of(f)->path)
        undo_forget(file_of(f)->path);
    return real(f)->pMethods->xSync(real(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *ret)
{
    return disk_strikes() ? SQLITE_IOERR_FSTAT : real(f)->pMethods->xFileSize(real(f), ret);
}

static int f_lock(sqlite3_file *f, int level)
{
    return disk_strikes() ? SQLITE_IOERR_LOCK : real(f)->pMethods->xLock(real(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int f_reserved(sqlite3_file *f, int *ret)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), ret);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int f_device(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    if (disk_strikes())
        return SQLITE_IOERR_SHMMAP;
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, ret);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    /* giving a lock back cannot fail, but a kill there is one right behind a commit */
    if (((flags & SQLITE_SHM_LOCK) || fault.kind == FAULT_KILL) && disk_strikes())
        return SQLITE_IOERR_SHMLOCK;
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int f_shm_unmap(sqlite3_file *f, int delete)
{
    return real(f)->pMethods->xShmUnmap(real(f), delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_device,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
    (void)vfs;
    File *me = file_of(f);
    me->base.pMethods = NULL;
    if (disk_strikes())
        return SQLITE_CANTOPEN;
    me->real = calloc(1, (size_t)system_vfs->szOsFile);
    me->path = name ? strdup(name) : NULL;
    int rc =
        me->real ? system_vfs->xOpen(system_vfs, name, me->real, flags, ret_flags) : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        me->base.pMethods = &methods;
    } else {
        free(me->real);
        free(me->path);
    }
    return rc;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    if (disk_strikes())
        return SQLITE_IOERR_DELETE;
    undo_forget(name);
    return system_vfs->xDelete(system_vfs, name, sync);
}

static int v_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)vfs;
    return disk_strikes() ? SQLITE_IOERR_ACCESS : system_vfs->xAccess(system_vfs, name, flags, ret);
}

void fault_install(void)
{
    static sqlite3_vfs vfs;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK)
        abort();
    sqlite3_mem_methods memory = real_memory;
    memory.xMalloc = faulty_malloc;
    memory.xRealloc = faulty_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
        sqlite3_initialize() != SQLITE_OK)
        abort();
    system_vfs = sqlite3_vfs_find(NULL);
    vfs = *system_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(File);
    vfs.xOpen = v_open;
    vfs.xDelete = v_delete;
    vfs.xAccess = v_access;
    vfs.pNext = NULL;
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
        abort();
}

void fault_arm(FaultKind kind, int nth, bool for_good)
{
    while (undo) {
        Undo *u = undo;
        undo = u->next;
        undo_free(u);
    }
    fault.kind = kind;
    fault.left = nth;
    fault.for_good = for_good;
    fault.hits = 0;
    fault.on = true;
}

int fault_disarm(void)
{
    fault.on = false;
    return fault.hits;
}
