/* log/inner.h - what the files of this room share; nobody outside includes it.
 * file.c has the SQLite file, header.c its header rows, vault.c making and opening, entry.c the
 * entries, keys.c passphrase, recovery and rekey, and so on.
 * Errors  as log.h. log_sql_fail turns a result code of SQLite into an Err with its reason.
 * Thread  as log.h. */
#ifndef LOG_INNER_H
#define LOG_INNER_H

#include "log/log.h"
#include "log/seal.h"
#include <sqlite3.h>

enum {
    LOG_APPLICATION_ID = 0x466e6472, /* "Fndr" */
    LOG_DEVICES_MAX = 65536,
    LOG_BUSY_MS = 5000
};

typedef enum LogStmt {
    STMT_BEGIN_READ,
    STMT_BEGIN_WRITE,
    STMT_COMMIT,
    STMT_ROLLBACK,
    STMT_DATA_VERSION,
    STMT_HEAD_GET,
    STMT_HEAD_PUT,
    STMT_HEADS,
    STMT_ENTRY_PUT,
    STMT_ENTRY_SET,
    STMT_ENTRY_GET,
    STMT_ENTRY_COUNT,
    STMT_ENTRIES,
    STMT_NEXT_DEVICE,
    STMT_LAST_SEQ,
    STMT_COUNT
} LogStmt;

/* A prepared statement is made once and reset after each use; LOG_STMT runs it in its scope. */
struct Log {
    sqlite3 *db;
    sqlite3_stmt *stmts[STMT_COUNT];
    char *path;   /* NUL-terminated, ours */
    uint8_t *key; /* guarded; NULL until unlocked */
    Id vault;
    int64_t device, epoch;
    uint64_t file_number;
    LogSecretKind opens_with;
    bool read_only, may_swap;
    bool writing;         /* the transaction is one that changes something */
    int64_t seen_version; /* data_version when the last log_read began */
    uint8_t *scratch;     /* plaintext of one entry; wiped after use */
    ptrdiff_t scratch_cap;
};

/* -- file.c ------------------------------------------------------------------------------------ */

/* Opens the SQLite file and makes sure that it is a vault of our format; no key yet. LOG_FILE_LOOK
 * leaves the file exactly as it is, but for a journal that must be played back; LOG_FILE_FIXED is what becomes of either where nothing can be
 * written. */
typedef enum LogFileUse { LOG_FILE_USE, LOG_FILE_LOOK, LOG_FILE_FIXED } LogFileUse;
MUST_CHECK Err log_file_open(Cx *cx, Str path, LogFileUse use, Log **ret);
/* Any file at all, for its bytes alone: nothing is asked of it. */
MUST_CHECK Err log_file_connect(Cx *cx, Str path, Log **ret, sqlite3_file **ret_file);
/* Makes an empty vault file at path, which must not exist: tables and marks, no header. */
MUST_CHECK Err log_file_make(Cx *cx, Str path, Log **ret);
MUST_CHECK Err log_sql_fail(Cx *cx, const Log *log, int rc);
MUST_CHECK Err log_exec(Cx *cx, Log *log, const char *sql);
/* The statement, ready to bind; NULL with *ret_err set when it cannot be had. */
sqlite3_stmt *log_stmt(Cx *cx, Log *log, LogStmt which, Err *ret_err);
void log_stmt_done(sqlite3_stmt **stmt);
#define LOG_STMT AUTO_CLEAN(log_stmt_done) sqlite3_stmt *
/* Steps a statement that gives no rows. */
MUST_CHECK Err log_run(Cx *cx, Log *log, LogStmt which);
MUST_CHECK Err log_begin_read(Cx *cx, Log *log);
MUST_CHECK Err log_begin_write(Cx *cx, Log *log);
/* Commits when e is OK, else rolls back; returns e or why the commit failed. */
MUST_CHECK Err log_end(Cx *cx, Log *log, Err e);
/* A file beside the vault: its path and suffix. Null slice when memory ran out. */
Str log_beside(Cx *cx, Str path, const char *suffix);
MUST_CHECK Err log_damaged(Cx *cx, const Log *log, const char *key);
/* Room for len bytes of plaintext. */
MUST_CHECK Err log_scratch(Cx *cx, Log *log, ptrdiff_t len);
MUST_CHECK Err log_data_version(Cx *cx, Log *log, int64_t *ret); /* changes when others write */

/* -- vault.c ----------------------------------------------------------------------------------- */

MUST_CHECK Err log_open_with_key(Cx *cx, Str path, LogFileUse use, const uint8_t key[SEAL_KEY],
                                 Log **ret);
/* log_create with a vault id of one's own. */
MUST_CHECK Err log_create_as(Cx *cx, Str path, Id vault, const LogSecret *secret,
                             LogRecovery *ret_code, Log **ret);
/* A name beside path that nobody has. */
Str log_unique_name(Cx *cx, Str path);
/* Takes away a file that could not be finished, WAL and all; the reason for that stays in cx. */
void log_remove_files(Cx *cx, Str path);
/* ERR_INVALID when the name is taken, or a WAL was left there that would play into a new vault. */
MUST_CHECK Err log_check_free(Cx *cx, Str path);

/* -- carve.c ----------------------------------------------------------------------------------- */

/* The pages of a file that SQLite may not find its way in, WAL included. */
typedef struct LogPages LogPages;
MUST_CHECK Err log_pages_open(Cx *cx, Str path, LogPages **ret);
void log_pages_close_at(LogPages **pages); /* for AUTO_CLEAN */

/* What has the shape of one of our rows. Whether it is one its seal must say. */
typedef enum LogCarvedKind { LOG_CARVED_ENTRY, LOG_CARVED_HEAD, LOG_CARVED_HEADER } LogCarvedKind;
typedef struct LogCarved {
    LogCarvedKind kind;
    int64_t device, seq; /* of an entry; of a head the device */
    Str key;             /* of a header row */
    Str value;           /* until the next call on the same pages */
    int64_t page, at;    /* where it lies */
} LogCarved;
typedef Err LogCarveVisit(void *ctx, Cx *cx, const LogCarved *row);
/* Every such row on the first `most` pages. The visitor must not call back into the pages. */
MUST_CHECK Err log_carve(Cx *cx, LogPages *pages, int64_t most, LogCarveVisit *visit, void *ctx);
/* The entry that was found there, once more. */
bool log_carve_entry(LogPages *pages, int64_t page, int64_t at, LogCarved *ret);

/* -- found.c ----------------------------------------------------------------------------------- */

/* An entry that was found on a page and opens, and where. */
typedef struct LogSpot {
    int64_t device, seq, page, at;
} LogSpot;
typedef struct LogFound {
    LogPages *pages; /* NULL: not filled yet */
    LogSpot *spots;  /* ascending by place */
    ptrdiff_t n, cap;
    LogMark *heads; /* of each device the furthest that opens; in the arena */
    ptrdiff_t n_heads;
    LogSpot *homeless; /* the first rows that do not open at the place they name; in the arena */
    ptrdiff_t n_homeless;
} LogFound;
/* Everything on the pages of the file under log that opens under its key. */
MUST_CHECK Err log_found_fill(Cx *cx, Log *log, LogFound *found);
void log_found_free(LogFound *found);
int64_t log_found_last(const LogFound *found, int64_t device); /* highest seq; 0 for none */
/* The nth of those found at a place; its bytes stay until the next call. */
bool log_found_entry(const LogFound *found, int64_t device, int64_t seq, int nth, Str *ret_sealed);
/* The nth row that may belong anywhere. */
bool log_found_homeless(const LogFound *found, ptrdiff_t nth, Str *ret_sealed);

/* -- header.c ---------------------------------------------------------------------------------- */

typedef struct LogHeader {
    Id vault;
    int64_t epoch; /* which vault key this is, counting from 1 */
    LogSecretKind opens_with;
    SealCost cost;
    uint8_t salt[SEAL_SALT];
    uint8_t wrap[SEAL_KEY + SEAL_OVER];
    uint8_t recovery_public[SEAL_PUBLIC];
    uint8_t recovery_box[SEAL_BOXED_KEY];
    int64_t device;          /* 0 until first opened in its place */
    uint8_t place[SEAL_SUM]; /* which file on which machine that device is */
    const int64_t *devices;  /* every device with a head; ascending; in the arena */
    ptrdiff_t n_devices;
    uint8_t mac[SEAL_HASH];
} LogHeader;

/* Reads and checks bounds and checksum. */
MUST_CHECK Err log_header_read(Cx *cx, Log *log, LogHeader *ret);
/* The same for the doctor, who makes do: zeros for what is missing, opens_with 0 when that is
 * beyond use; *ret_whole says whether log_header_read would have taken it. */
MUST_CHECK Err log_header_read_any(Cx *cx, Log *log, LogHeader *ret, bool *ret_whole);
/* The same from rows wherever they lie; ERR_NOT_FOUND when there are not enough to open anything. */
MUST_CHECK Err log_header_carve(Cx *cx, LogPages *pages, LogHeader *ret, bool *ret_whole);
bool log_header_row_known(Str key, int64_t len);
/* Whether the header was written by someone who had the key. */
bool log_header_is_ours(Cx *cx, const LogHeader *header, const uint8_t key[SEAL_KEY]);
/* Inside a write transaction. */
MUST_CHECK Err log_header_write(Cx *cx, Log *log, const LogHeader *header,
                                const uint8_t key[SEAL_KEY]);
/* header->devices with one more, ascending. */
MUST_CHECK Err log_header_add_device(Cx *cx, LogHeader *header, int64_t device);

/* -- keys.c ------------------------------------------------------------------------------------ */

#define LOG_CHECKPOINT_NAME ".checkpoint"
#define LOG_INSIGHT_NAME ".insight"
#define LOG_LEARNED_NAME ".learned"
#define LOG_KEY_NAME ".key"
#define LOG_HALF_MADE ".new-"     /* and an id: a copy that has no name of its own yet */
#define LOG_KEY_FRESH ".key.next" /* until the header that goes with it is on disk */

/* Wraps key for secret into header; for LOG_KEY_FILE makes a fresh key file under path and
 * suffix. */
MUST_CHECK Err log_key_wrap(Cx *cx, Str path, const LogSecret *secret, const char *key_suffix,
                            const uint8_t key[SEAL_KEY], LogHeader *header);
MUST_CHECK Err log_key_unwrap(Cx *cx, Str path, const LogSecret *secret, const LogHeader *header,
                              uint8_t ret_key[SEAL_KEY]);
/* Says what would open it instead. */
MUST_CHECK Err log_wrong_kind(Cx *cx, const LogHeader *header);
/* The fresh key file takes its name. */
MUST_CHECK Err log_key_file_settle(Cx *cx, Str path);

/* -- scrub.c ----------------------------------------------------------------------------------- */

#define LOG_SCRUB_NAME ".scrub"
/* Inside the write transaction that replaces something; key_file: PATH.key goes with it. */
MUST_CHECK Err log_scrub_owe(Cx *cx, const Log *log, bool key_file);
/* log_scrub when nothing but the header was replaced: no page is rebuilt. */
MUST_CHECK Err log_scrub_header(Cx *cx, Log *log);
/* What a process was killed over, finished as well as it can be now. */
void log_scrub_if_owed(Cx *cx, Log *log);

/* -- tries.c ----------------------------------------------------------------------------------- */

MUST_CHECK Err log_tries_begin(Cx *cx, Str path); /* ERR_BUSY with the seconds still to wait */
void log_tries_clear(Cx *cx, Str path);

/* -- keyring.c --------------------------------------------------------------------------------- */

MUST_CHECK Err log_keyring_get(Cx *cx, Id vault, uint8_t ret_key[SEAL_KEY]);
void log_keyring_drop(Id vault);

/* -- entry.c ----------------------------------------------------------------------------------- */

/* Every head in the order of devices, as the header lists them. */
MUST_CHECK Err log_heads_get(Cx *cx, Log *log, LogMark **ret, ptrdiff_t *ret_n);
bool log_head_open(const Log *log, int64_t device, const uint8_t *sealed, ptrdiff_t len,
                   LogMark *ret);
/* The sealed head of a device: how many entries, and the running hash over them. log_entry_put
 * seals body under key as the entry behind head, and moves head onto it. */
MUST_CHECK Err log_head_get(Cx *cx, Log *log, int64_t device, LogMark *ret);
MUST_CHECK Err log_head_put(Cx *cx, Log *log, const uint8_t key[SEAL_KEY], const LogMark *head);
MUST_CHECK Err log_entry_put(Cx *cx, Log *log, const uint8_t key[SEAL_KEY], Str body, LogStmt which,
                             LogMark *head);
/* After something did not open: ERR_LOCKED when another process has renewed the key, else
 * ERR_DAMAGED with the given reason. */
MUST_CHECK Err log_why_sealed(Cx *cx, Log *log, const char *key, const Arg *args);

#endif
