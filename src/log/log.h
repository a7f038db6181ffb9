/* log/log.h - the vault: one sealed, append-only SQLite file of dated facts, and its keys.
 * The log knows nothing of what an entry says: a body is bytes that come back as they went in.
 * docs/FORMAT.md is the file byte by byte, docs/SECURITY.md what it protects from whom.
 * Shapes  An entry is named by (device, seq); seq counts 1, 2, 3, … on each device without gaps.
 *         A device is one file at one place: a vault that was copied, moved to another disk or
 *         restored becomes a new device when it is next opened, so no (device, seq) is ever used
 *         twice. Bodies are at most LOG_BODY_MAX bytes. A path may be at most LOG_PATH_MAX bytes.
 * Units   milliseconds since 1970 UTC, seconds where a name says so, bytes.
 * Errors  ERR_NOT_FOUND no such file; ERR_INVALID not a vault, name taken, unusable passphrase or
 *         code; ERR_NEWER format from a newer version; ERR_DENIED wrong secret or no permission;
 *         ERR_LOCKED no key at hand, or another process has renewed the key; ERR_BUSY another
 *         process is writing, or a pause after wrong passphrases; ERR_DAMAGED bytes that are not
 *         what was written, and where; ERR_IO disk, ERR_FULL no room on it. Whatever fails has changed nothing; only
 *         "err.log-unsure", when the disk breaks off in the midst of a commit and takes no more
 *         writes, leaves open whether it has.
 * Memory  A Log is on the heap and owns its key in guarded memory; log_close wipes and frees it.
 *         Texts in results are in cx->arena. A body handed to a visitor is valid during that call
 *         only.
 * Thread  One thread owns a Log and whatever it makes. Any number of processes may have one vault
 *         open. A Log must not be used across fork(). */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "base/cx.h"
#include "base/id.h"

enum {
    LOG_FORMAT = 1,
    LOG_BODY_MAX = 1 << 20,
    LOG_PATH_MAX = 3900,
    LOG_PASSPHRASE_MAX = 1024,
    LOG_RECOVERY_CAP = 54 /* nine words of five letters, eight hyphens, NUL */
};

typedef struct Log Log;

/* -- secrets ----------------------------------------------------------------------------------- */

typedef enum LogSecretKind {
    LOG_PASSPHRASE = 1, /* what the owner types */
    LOG_KEY_FILE,       /* PATH.key, 32 bytes, mode 0600: for who wants no passphrase */
    LOG_RECOVERY,       /* the recovery code, in case the other is lost */
    LOG_KEYRING,        /* the kernel's keyring holds the key since log_unlock */
    LOG_AT_HAND         /* the key file or the keyring, whichever the vault goes with */
} LogSecretKind;

/* What one guess of a passphrase costs whoever tries. */
typedef enum LogCost {
    LOG_COST_MODERATE = 0, /* Argon2id, 3 passes over 256 MiB: .4 s */
    LOG_COST_LEAST         /* tests and throw-away examples only */
} LogCost;

typedef struct LogSecret {
    LogSecretKind kind;
    Str text;     /* passphrase or recovery code; borrowed, the caller wipes it */
    LogCost cost; /* read where a passphrase is set, not where one is tried */
} LogSecret;

/* The recovery code as it is shown, once: "dabub-hozin-…". Letters only, made by rule (proquints:
 * 16 bits a word, eight words of secret and one that checks), so it can be read aloud, typed in
 * capitals, and put in a QR as it stands. log_recovery_wipe it when it has been shown. */
typedef struct LogRecovery {
    char text[LOG_RECOVERY_CAP];
} LogRecovery;

void log_recovery_wipe(LogRecovery *code);
/* ERR_INVALID with the word that cannot be right, before any vault is asked. */
MUST_CHECK Err log_recovery_check(Cx *cx, Str text);

/* -- making, opening, closing ------------------------------------------------------------------ */

/* Makes a new vault at path, its folder (0700) if need be, and opens it. secret is a passphrase or
 * LOG_KEY_FILE. Nothing is ever left under the name unless it is whole. */
MUST_CHECK Err log_create(Cx *cx, Str path, const LogSecret *secret, LogRecovery *ret_code,
                          Log **ret);
MUST_CHECK Err log_open(Cx *cx, Str path, const LogSecret *secret, Log **ret);
void log_close(Log *log);     /* NULL is fine */
void log_close_at(Log **log); /* for AUTO_CLEAN */

/* What can be said of a vault without its key. */
typedef struct LogLook {
    Id vault;
    LogSecretKind opens_with; /* LOG_PASSPHRASE or LOG_KEY_FILE */
    int64_t entries;          /* as the table shows, unproved */
    int64_t devices;
    int64_t file_bytes;
} LogLook;
MUST_CHECK Err log_look(Cx *cx, Str path, LogLook *ret);

Id log_vault_id(const Log *log);
Str log_path(const Log *log);
int64_t log_device(const Log *log);           /* this device; 0 on a copy that may only be read */
bool log_is_read_only(const Log *log);        /* the file may not be written */
bool log_key_may_swap(const Log *log);        /* the system refused to keep the key out of swap */
LogSecretKind log_opens_with(const Log *log); /* LOG_PASSPHRASE or LOG_KEY_FILE */

/* -- entries ----------------------------------------------------------------------------------- */

typedef struct LogPos {
    int64_t device, seq;
} LogPos;

typedef struct LogEntry {
    int64_t device, seq;
    Str body; /* during the visit only */
} LogEntry;

/* Keeps n bodies as this device's next entries: all of them, on disk, when it returns OK; none
 * otherwise. They get consecutive seq from ret_first->seq on. To take them into a read model, call
 * log_read with its cursor afterwards: that brings what other processes kept in between, too. */
MUST_CHECK Err log_append(Cx *cx, Log *log, const Str bodies[], ptrdiff_t n, LogPos *ret_first);

/* The same one by one, for what is too much to be held: all or none, when log_append_end has returned OK. It takes what
 * went wrong on the way, undoes everything then, and returns that. In between no other process can write. */
typedef struct LogMark {
    int64_t device, seq;
    uint8_t hash[32];
} LogMark;
typedef struct LogAppend {
    LogMark head;
} LogAppend;
MUST_CHECK Err log_append_begin(Cx *cx, Log *log, LogAppend *ret);
MUST_CHECK Err log_append_put(Cx *cx, Log *log, LogAppend *io, Str body);
MUST_CHECK Err log_append_end(Cx *cx, Log *log, const LogAppend *append, Err e);

/* Keeps entries of other devices, as they arrive from them. entries[] of one device must ascend by
 * seq; what is here already is passed over, so sending again is harmless. *ret_kept counts the new.
 * ERR_INVALID when seq leaves a gap or device is our own. */
MUST_CHECK Err log_accept(Cx *cx, Log *log, const LogEntry entries[], ptrdiff_t n,
                          ptrdiff_t *ret_kept);

/* How far a reader has come: for each device the last seq seen and the running hash there. Start
 * from (LogCursor){0}; log_cursor_free when done. */
typedef struct LogCursor {
    LogMark *marks; /* ascending by device */
    ptrdiff_t n, cap;
    int64_t epoch; /* of the vault key that the hashes belong to; 0 until first used */
} LogCursor;
void log_cursor_free(LogCursor *cursor);
MUST_CHECK Err log_cursor_copy(Cx *cx, const LogCursor *from, LogCursor *ret);
int64_t log_cursor_seq(const LogCursor *cursor, int64_t device); /* 0 when none seen */

typedef Err LogVisit(void *ctx, Cx *cx, const LogEntry *entry);

/* Streams every entry after the cursor, device by device in seq order, out of one snapshot, and
 * checks each: seal, place, order, and at the end count and running hash against the sealed heads.
 * The cursor moves past each device that came through whole. A visitor's error ends the read and is
 * returned. The visitor must not call back into this Log. */
MUST_CHECK Err log_read(Cx *cx, Log *log, LogCursor *cursor, LogVisit *visit, void *ctx);
/* The same up to where another cursor stands, and no further. ERR_NOT_FOUND when it does not stand between
 * this one and the heads; what was visited by then is of the log all the same. */
MUST_CHECK Err log_read_to(Cx *cx, Log *log, LogCursor *cursor, const LogCursor *to,
                           LogVisit *visit, void *ctx);
/* True when another process has written since the last log_read began. Costs a microsecond. */
bool log_changed(Cx *cx, Log *log);

typedef struct LogStats {
    int64_t entries; /* as the heads count them */
    int64_t devices;
    int64_t file_bytes; /* the file and what waits in its WAL */
} LogStats;
MUST_CHECK Err log_stats(Cx *cx, Log *log, LogStats *ret);

/* -- keys -------------------------------------------------------------------------------------- */

/* From now on secret (a passphrase, or LOG_KEY_FILE with a fresh key file) opens the vault; the
 * old one does not. The vault key stays, so other processes go on undisturbed. This is also how
 * one gets back in after log_open with the recovery code. */
MUST_CHECK Err log_set_secret(Cx *cx, Log *log, const LogSecret *secret);

/* What is to stand in an entry's place: *ret is entry->body to keep it, another body, or empty for
 * nothing at all (readers never see that place again). Must not call back into this Log. */
typedef Err LogReplace(void *ctx, Cx *cx, const LogEntry *entry, Str *ret);

/* Seals everything anew under a fresh vault key, in one transaction, each entry as replace says
 * (NULL keeps all), then scrubs. A kill at any instant leaves the vault as it was or as it will
 * be. secret is what opens the vault now and will go on opening it. With ret_code the recovery
 * code is renewed too; NULL keeps it. Other processes get ERR_LOCKED and unlock again; cursors
 * start over, and a checkpoint is gone. *ret_scrubbed is as log_scrub says. ERR_DAMAGED on a
 * vault that is not whole. */
MUST_CHECK Err log_rewrite(Cx *cx, Log *log, const LogSecret *secret, LogReplace *replace,
                           void *ctx, LogRecovery *ret_code, bool *ret_scrubbed);
MUST_CHECK Err log_rekey(Cx *cx, Log *log, const LogSecret *secret, LogRecovery *ret_code,
                         bool *ret_scrubbed);
/* Rebuilds the file, empties its WAL and takes away checkpoints and half made copies, so that no byte of what
 * was replaced is in any of them. ERR_BUSY while another process is reading; nothing is wrong then. Whoever
 * opens the vault next does it where this was not done, or was killed. */
MUST_CHECK Err log_scrub(Cx *cx, Log *log);

/* Lets this user open the vault with LOG_KEYRING for so many seconds, from any session. ERR_DENIED
 * where the kernel gives no keyring. */
MUST_CHECK Err log_unlock(Cx *cx, const Log *log, int64_t seconds);
/* Ends that at once; fine when it was not unlocked. */
MUST_CHECK Err log_lock(Cx *cx, Str path);

/* -- copies ------------------------------------------------------------------------------------ */

/* A copy of a vault in use as one new file, taken as of one moment and checked before it gets its
 * name: with the key by reading every entry. log_backup_locked needs no key and checks structure
 * and sums. */
MUST_CHECK Err log_backup(Cx *cx, Log *log, Str to);
MUST_CHECK Err log_backup_locked(Cx *cx, Str path, Str to);
/* A backup becomes a vault at `to`, a name that is free, and is opened there as a new device. It
 * is read in full first. With LOG_KEY_FILE the key file beside the backup or beside `to` is used. */
MUST_CHECK Err log_restore(Cx *cx, Str from, Str to, const LogSecret *secret, Log **ret);

/* -- damage ------------------------------------------------------------------------------------ */

typedef enum LogTrouble {
    LOG_TROUBLE_FILE = 1, /* the structure of the file; text says what SQLite found */
    LOG_TROUBLE_HEADER,   /* altered or partly unreadable */
    LOG_TROUBLE_HEAD,     /* nothing vouches for the entries of device */
    LOG_TROUBLE_LOST,     /* entries seq to last of device are gone */
    LOG_TROUBLE_ALTERED,  /* entries seq to last of device are not what was written there */
    LOG_TROUBLE_STRAY,    /* rows seq to last of device that nobody wrote there */
    LOG_TROUBLE_MOVED,    /* entries seq to last of device stood under another number or device */
    LOG_TROUBLE_EXCHANGED /* each entry of device opens, but they are not the ones that were kept */
} LogTrouble;

typedef struct LogFinding {
    LogTrouble kind;
    int64_t device, seq, last;
    Str text;
} LogFinding;

enum { LOG_FINDINGS_MAX = 200 };
typedef struct LogReport {
    LogFinding *findings; /* in the arena; at most LOG_FINDINGS_MAX */
    ptrdiff_t n;
    bool more;         /* there were others */
    int64_t good, bad; /* entries that open; entries lost, altered or stray */
} LogReport;

/* Looks at everything and changes nothing. OK with report->n == 0: the vault is whole. An error
 * means that it cannot be looked into at all (no such file, no vault, wrong secret, header beyond
 * use). key_from names a backup made under the same key that lends its header where the vault's own
 * is lost; mostly it is empty. */
MUST_CHECK Err log_examine(Cx *cx, Str path, Str key_from, const LogSecret *secret, LogReport *ret);
/* Which kind of secret log_examine will want. */
MUST_CHECK Err log_examine_kind(Cx *cx, Str path, Str key_from, LogSecretKind *ret);
/* Puts every entry that opens into a new vault at `to`, at its own (device, seq), and opens that.
 * What is lost leaves its place empty. The damaged vault is not touched. */
MUST_CHECK Err log_salvage(Cx *cx, Str path, Str key_from, const LogSecret *secret, Str to,
                           const LogSecret *new_secret, LogRecovery *ret_code,
                           LogReport *ret_report, Log **ret);

/* -- the checkpoint ---------------------------------------------------------------------------- */

/* Sealed copies of what was worked out from the entries, beside the vault, each with the cursor it stands
 * at, so that opening need not read every entry: the book (PATH.checkpoint), what it supports saying
 * (PATH.insight), and what was learned of how its owner answers (PATH.learned). Each may vanish at any time. */
enum { LOG_CHECKPOINT_SEGMENT = 65536 };
typedef enum LogModel { LOG_MODEL_BOOK, LOG_MODEL_INSIGHT, LOG_MODEL_LEARNED, LOG_MODELS } LogModel;
typedef struct LogCheckpoint LogCheckpoint; /* outlived by its Log, unless detached */

/* model_bytes in all are then put; the file takes its name in log_checkpoint_end, which says too if any of it
 * could not be written. ERR_BUSY another process is writing it. */
MUST_CHECK Err log_checkpoint_begin(Cx *cx, Log *log, LogModel which, const LogCursor *cursor,
                                    int64_t model_bytes, LogCheckpoint **ret);
void log_checkpoint_put(LogCheckpoint *c, const void *bytes, int64_t len);
MUST_CHECK Err log_checkpoint_end(Cx *cx, LogCheckpoint *c);

/* ERR_NOT_FOUND when there is none that can be used: absent, damaged, of another key, or not a past of
 * this vault. */
MUST_CHECK Err log_checkpoint_open(Cx *cx, Log *log, LogModel which, LogCheckpoint **ret);
/* Until it is closed; log_read can go on from there. */
const LogCursor *log_checkpoint_cursor(const LogCheckpoint *c);
int64_t log_checkpoint_left(const LogCheckpoint *c); /* bytes of the model not taken yet */
/* The next len bytes; false when they are not what was written: then what was taken before is worth nothing
 * either. */
MUST_CHECK bool log_checkpoint_take(LogCheckpoint *c, void *ret, int64_t len);
/* Or in any order, for who needs only some of it: where in the file's stream of bytes the next one to be taken stands, and
 * any len bytes of that stream. A segment begins at each multiple of its size, and the last one that was opened for
 * this is at hand. Detached it no longer needs its Log: the key goes along, in memory like the Log's own. */
int64_t log_checkpoint_place(const LogCheckpoint *c);
MUST_CHECK bool log_checkpoint_at(LogCheckpoint *c, int64_t at, void *ret, int64_t len);
MUST_CHECK bool log_checkpoint_detach(LogCheckpoint *c); /* false without memory */
void log_checkpoint_close(LogCheckpoint *c); /* NULL is fine; drops one that was not ended */
void log_checkpoint_close_at(LogCheckpoint **c);

/* Takes it away. */
MUST_CHECK Err log_checkpoint_drop(Cx *cx, const Log *log, LogModel which);

/* The whole of it at once, in the arena. */
MUST_CHECK Err log_checkpoint_write(Cx *cx, Log *log, LogModel which, const LogCursor *cursor,
                                    Str model);
MUST_CHECK Err log_checkpoint_read(Cx *cx, Log *log, LogModel which, LogCursor *ret_cursor,
                                   Str *ret_model);

#endif
