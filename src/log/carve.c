/* log/carve.c - rows of a vault whose pages no longer lead to one another.
 * SQLite reaches a row from the first page on, through the pages above it; where one of those is
 * broken, everything below is out of its reach though it lies there whole. So here each page is
 * looked at by itself, and at each byte of it: what has the shape of one of our three rows is
 * handed out. Where a row lies proves nothing; that it opens at its place does, and the doctor asks
 * for that. Forgotten rows do not turn up, for they were overwritten (secure_delete) and their key is
 * gone. The pages are those of the file with the last whole commit of the WAL laid over them, as
 * SQLite would read them. Bytes are read through SQLite's own descriptor (see file.c). Cost: some 20
 * us a page of 4 KiB, 8 bytes of memory for each. Source: sqlite.org/fileformat2.html. */
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

enum {
    PAGE_FIRST = 512,
    PAGE_MOST = 65536,
    PAGE_OURS = 4096,
    WAL_HEAD = 32,
    FRAME_HEAD = 24,
    HEAD_LEN = 8 + SEAL_HASH + SEAL_OVER,
    KEY_CAP = 16,
    LEAST_CELL = 12, /* no row of ours is shorter */
    BEHIND = 64,     /* room behind a page for looking at what may begin on its last bytes */
    PAYLOAD_MAX = LOG_BODY_MAX + 65536
};

struct LogPages {
    Log *log, *wal;
    sqlite3_file *file, *wal_file; /* wal_file NULL: there is none */
    int64_t size, n;
    int64_t
        budget; /* how many bytes may yet be brought together: a hostile file points to the same again and again */
    int64_t *frames; /* by page number, where its image in the WAL begins; 0: in the file */
    uint8_t *page, *other, *payload;
};

static uint32_t big32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* -- pages ------------------------------------------------------------------------------------- */

static bool read_at(sqlite3_file *file, void *out, int64_t len, int64_t at)
{
    return file->pMethods->xRead(file, out, (int)len, at) == SQLITE_OK;
}

/* A page that cannot be read is one of zeros: no row is on it. */
static void page_read(const LogPages *p, int64_t number, uint8_t *out)
{
    int64_t frame = p->frames[number];
    bool read = frame > 0 ? read_at(p->wal_file, out, p->size, frame)
                          : read_at(p->file, out, p->size, (number - 1) * p->size);
    if (!read)
        memset(out, 0, (size_t)p->size);
}

/* As the first page says, or ours where that cannot be. */
static int64_t page_size(sqlite3_file *file)
{
    uint8_t b[18] = {0};
    if (!read_at(file, b, sizeof b, 0) || memcmp(b, "SQLite format 3", 16) != 0)
        return PAGE_OURS;
    int64_t size = b[16] << 8 | b[17];
    size = size == 1 ? PAGE_MOST : size;
    return size >= PAGE_FIRST && size <= PAGE_MOST && (size & (size - 1)) == 0 ? size : PAGE_OURS;
}

/* Where the last whole commit of the WAL ends, counted in frames; those before it are laid over. */
static void map_wal(LogPages *p, int64_t frames)
{
    uint8_t head[WAL_HEAD], b[FRAME_HEAD];
    int64_t committed = 0, step = FRAME_HEAD + p->size;
    if (!read_at(p->wal_file, head, WAL_HEAD, 0) || big32(head) >> 1 != 0x377f0682u >> 1 ||
        big32(head + 8) != p->size)
        return;
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < (pass == 0 ? frames : committed); i++) {
            if (!read_at(p->wal_file, b, FRAME_HEAD, WAL_HEAD + i * step) ||
                memcmp(b + 8, head + 16, 8) != 0) /* left over from before the WAL began anew */
                break;
            int64_t number = big32(b);
            if (pass == 0 && big32(b + 4) > 0)
                committed = i + 1;
            else if (pass == 1 && number > 0 && number <= p->n)
                p->frames[number] = WAL_HEAD + i * step + FRAME_HEAD;
        }
    }
}

void log_pages_close_at(LogPages **pages)
{
    LogPages *p = *pages;
    if (!p)
        return;
    log_close(p->log);
    log_close(p->wal);
    os_free(p->frames);
    os_free(p->page);
    os_free(p->other);
    os_free(p->payload);
    os_free(p);
    *pages = NULL;
}

static Err open_file(Cx *cx, Str path, Log **ret, sqlite3_file **ret_file)
{
    OsFile file = {0};
    Err e = os_stat(cx, path, &file);
    if (e == OK && !file.is_file)
        e = err_set(cx, ERR_INVALID, "err.log-foreign", ARGS(arg_str("file", path)));
    return e == OK ? log_file_connect(cx, path, ret, ret_file) : e;
}

static int64_t pages_in(sqlite3_file *file, int64_t before, int64_t each)
{
    sqlite3_int64 bytes = 0;
    (void)file->pMethods->xFileSize(file, &bytes);
    return bytes > before ? (bytes - before) / each : 0;
}

Err log_pages_open(Cx *cx, Str path, LogPages **ret)
{
    AUTO_CLEAN(log_pages_close_at) LogPages *p = os_alloc(1, sizeof *p);
    Str wal = log_beside(cx, path, "-wal");
    if (!p || str_is_null(wal))
        return err_nomem(cx);
    Err e = open_file(cx, path, &p->log, &p->file);
    if (e != OK)
        return e;
    Why why = cx->why;
    if (open_file(cx, wal, &p->wal, &p->wal_file) != OK)
        p->wal_file = NULL;
    cx->why = why;
    p->size = page_size(p->file);
    int64_t frames = p->wal_file ? pages_in(p->wal_file, WAL_HEAD, FRAME_HEAD + p->size) : 0;
    p->n = pages_in(p->file, 0, p->size) + frames;
    p->frames = os_alloc(p->n + 1, sizeof *p->frames);
    p->page = os_alloc(p->size + BEHIND, 1);
    p->other = os_alloc(p->size, 1);
    p->payload = os_alloc(PAYLOAD_MAX, 1);
    if (!p->frames || !p->page || !p->other || !p->payload)
        return err_nomem(cx);
    if (p->wal_file)
        map_wal(p, frames);
    *ret = p;
    p = NULL;
    return OK;
}

/* -- rows -------------------------------------------------------------------------------------- */

/* SQLite's varint: seven bits a byte, the highest first. 0 bytes long when it does not fit. */
static int varint(const uint8_t *b, int64_t room, int64_t *ret)
{
    uint64_t v = 0;
    for (int i = 0; i < 8 && i < room; i++) {
        v = v << 7 | (b[i] & 0x7f);
        if (b[i] < 0x80) {
            *ret = (int64_t)v;
            return i + 1;
        }
    }
    if (room < 9)
        return 0;
    *ret = (int64_t)(v << 8 | b[8]);
    return 9;
}

/* How many bytes the serial type of an integer stands for; -1 for what is none. */
static int int_len(uint8_t type)
{
    static const int8_t lens[] = {-1, 1, 2, 3, 4, 6, 8, -1, 0, 0};
    return type < sizeof lens ? lens[type] : -1;
}

static int64_t int_value(uint8_t type, const uint8_t *b)
{
    int len = int_len(type);
    uint64_t v = len > 0 && b[0] >= 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < len; i++)
        v = v << 8 | b[i];
    return len > 0 ? (int64_t)v : type == 9;
}

/* How much of a payload of an index cell lies in the cell itself. */
static int64_t local_len(int64_t size, int64_t payload)
{
    int64_t most = (size - 12) * 64 / 255 - 23, least = (size - 12) * 32 / 255 - 23;
    int64_t part = least + (payload - least) % (size - 4);
    return payload <= most ? payload : part <= most ? part : least;
}

/* Brings a payload together that begins at `at` of the page and goes on in a chain of others. */
static bool gather(LogPages *p, int64_t at, int64_t len)
{
    if (len > p->budget)
        return false;
    int64_t have = local_len(p->size, len), room = p->size - 4;
    if (at + have + (have < len ? 4 : 0) > p->size)
        return false;
    p->budget -= len;
    memcpy(p->payload, p->page + at, (size_t)have);
    int64_t next = have < len ? big32(p->page + at + have) : 0;
    while (have < len) {
        if (next < 1 || next > p->n)
            return false;
        page_read(p, next, p->other);
        int64_t n = len - have < room ? len - have : room;
        memcpy(p->payload + have, p->other + 4, (size_t)n);
        have += n;
        next = big32(p->other);
    }
    return true;
}

/* An index cell of two integers and a blob that is as long as a sealed entry can be. */
static bool entry_at(LogPages *p, int64_t at, LogCarved *ret)
{
    int64_t payload = 0, type = 0, room = p->size - at;
    int n = varint(p->page + at, room, &payload);
    const uint8_t *b = p->page + at + n;
    if (n == 0 || payload < 1 || payload > PAYLOAD_MAX || room < n + 24 || b[0] < 4 || b[0] > 7 ||
        int_len(b[1]) < 0 || int_len(b[2]) < 0 || 3 + varint(b + 3, 9, &type) != b[0])
        return false;
    int64_t ints = b[0] + int_len(b[1]) + int_len(b[2]), len = payload - ints;
    if (type != 12 + 2 * len || len < seal_entry_size(0) || (len - SEAL_OVER) % 64 != 0 ||
        !gather(p, at + n, payload))
        return false;
    *ret = (LogCarved){
        .kind = LOG_CARVED_ENTRY,
        .device = int_value(b[1], b + b[0]),
        .seq = int_value(b[2], b + b[0] + int_len(b[1])),
        .value = {(const char *)p->payload + ints, len}
    };
    return true;
}

/* A table cell: its row number is the device, and a sealed head is all it holds. */
static bool head_at(const LogPages *p, int64_t at, LogCarved *ret)
{
    static const uint8_t shape[] = {4, 0, 0x80 | (12 + 2 * HEAD_LEN) >> 7,
                                    (12 + 2 * HEAD_LEN) & 0x7f};
    int64_t device = 0, room = p->size - at;
    const uint8_t *b = p->page + at;
    int n = b[0] == sizeof shape + HEAD_LEN ? varint(b + 1, room - 1, &device) : 0;
    if (n == 0 || room < 1 + n + (int64_t)sizeof shape + HEAD_LEN ||
        memcmp(b + 1 + n, shape, sizeof shape) != 0)
        return false;
    *ret = (LogCarved){
        .kind = LOG_CARVED_HEAD,
        .device = device,
        .value = {(const char *)b + 1 + n + sizeof shape, HEAD_LEN}
    };
    return true;
}

/* An index cell of a short text and a blob, where the text is the name of a header row. */
static bool header_at(LogPages *p, int64_t at, LogCarved *ret)
{
    int64_t payload = 0, key = 0, value = 0, room = p->size - at;
    int n = varint(p->page + at, room, &payload);
    const uint8_t *b = p->page + at + n;
    if (n == 0 || payload < 1 || payload > PAYLOAD_MAX || room < n + 8 || b[0] < 3 || b[0] > 6 ||
        b[1] < 13 || b[1] >= 128 || b[1] % 2 == 0 || 2 + varint(b + 2, 9, &value) != b[0])
        return false;
    key = (b[1] - 13) / 2;
    if (key > KEY_CAP || value < 12 || value % 2 != 0 || payload != b[0] + key + (value - 12) / 2 ||
        !log_header_row_known((Str){(const char *)b + b[0], key}, (value - 12) / 2) ||
        !gather(p, at + n, payload))
        return false;
    *ret = (LogCarved){
        .kind = LOG_CARVED_HEADER,
        .key = {(const char *)p->payload + b[0],       key             },
        .value = {(const char *)p->payload + b[0] + key, (value - 12) / 2}
    };
    return true;
}

static Err carve_at(Cx *cx, LogPages *p, int64_t number, int64_t at, LogCarveVisit *visit,
                    void *ctx)
{
    LogCarved row = {0};
    if (!entry_at(p, at, &row) && !head_at(p, at, &row) && !header_at(p, at, &row))
        return OK;
    row.page = number;
    row.at = at;
    return visit(ctx, cx, &row);
}

Err log_carve(Cx *cx, LogPages *p, int64_t most, LogCarveVisit *visit, void *ctx)
{
    Err e = OK;
    p->budget = 2 * p->n * p->size + PAYLOAD_MAX;
    for (int64_t number = 1; e == OK && number <= p->n && number <= most; number++) {
        page_read(p, number, p->page);
        if (memcmp(p->page, p->page + 1, (size_t)p->size - 1) == 0) /* nothing but zeros */
            continue;
        for (int64_t at = 0; e == OK && at + LEAST_CELL <= p->size; at++)
            e = carve_at(cx, p, number, at, visit, ctx);
    }
    return e;
}

bool log_carve_entry(LogPages *p, int64_t page, int64_t at, LogCarved *ret)
{
    p->budget = PAYLOAD_MAX;
    page_read(p, page, p->page);
    return entry_at(p, at, ret);
}
