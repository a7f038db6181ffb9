/* base/os.h - the operating system, behind a handful of functions; nothing else in fonder asks it for
 * the time, random bytes, files, memory outside arenas, or the end of the process.
 * Units   milliseconds since 1970 UTC; nanoseconds of a monotonic clock; bytes.
 * Errors  ERR_IO or ERR_FULL with the system's reason, ERR_NOT_FOUND, ERR_DENIED, ERR_LIMIT, ERR_NOMEM.
 * Memory  file contents in cx->arena; os_alloc from the heap, given back with os_free.
 * Thread  safe, except os_prompt_secret (terminal) and os_start (once, first thing in main). */
#ifndef BASE_OS_H
#define BASE_OS_H

#include "base/cx.h"
#include <stdbool.h>
#include <stdint.h>

/* Once, first thing: no core dumps, umask 077, C.UTF-8 for the libraries, SIGPIPE ignored. */
void os_start(void);

/* The wall clock. FONDER_NOW (an instant as time_parse_iso reads it) replaces it, for demonstrations
 * and tests; an unreadable FONDER_NOW is ignored. */
int64_t os_now_ms(void);
int64_t os_mono_ns(void);
int64_t os_cpu_ns(void);          /* CPU time of this process */
int64_t os_children_cpu_ns(void); /* and of those it has waited for */

/* Cryptographic randomness from the kernel. Ends the process when the kernel has none. */
void os_random(void *ret_bytes, ptrdiff_t len);
/* A hint: all of these fresh bytes are about to be written, so the system may give them at once. */
void os_about_to_fill(void *bytes, int64_t len);
void os_wipe(void *bytes, ptrdiff_t len);

/* The heap, for what outlives a request (the book). Zeroed; NULL when exhausted. */
void *os_alloc(ptrdiff_t count, ptrdiff_t size);
void *os_realloc(void *old, ptrdiff_t count, ptrdiff_t size);
void os_free(void *p);

Str os_env(const char *name); /* null slice when unset */

/* What errno says of a path, as an error; the folder a path is in, on disk. */
Err os_fail(Cx *cx, Str path);
bool os_sync_folder(Cx *cx, Str path);

/* Whole files; a file over max_bytes is ERR_LIMIT. path "-" reads standard input; a pipe that nobody
 * writes to is empty. */
MUST_CHECK Err os_read_file(Cx *cx, Str path, ptrdiff_t max_bytes, Str *ret);
/* As a stream that is published at once and lasts: the file is the old one or the new one. Mode 0600. */
MUST_CHECK Err os_write_file(Cx *cx, Str path, Str bytes);
bool os_exists(Cx *cx, Str path);
MUST_CHECK Err os_make_dirs(Cx *cx, Str path); /* path and its parents, mode 0700 */
MUST_CHECK Err os_remove(Cx *cx, Str path);    /* absent is fine */
/* Gives the file a second name that nobody has yet and takes the first away; ERR_INVALID when the
 * name is taken. os_replace takes the name over. Both are on disk when they return OK. */
MUST_CHECK Err os_publish(Cx *cx, Str from, Str to);
MUST_CHECK Err os_replace(Cx *cx, Str from, Str to);
/* Size, and the number by which the file system knows this file under whatever name. */
typedef struct OsFile {
    uint64_t number;
    int64_t bytes;
    bool is_folder, is_file; /* neither: a pipe, a socket, a device */
} OsFile;
MUST_CHECK Err os_stat(Cx *cx, Str path, OsFile *ret);
MUST_CHECK Err os_temp_folder(Cx *cx, Str *ret); /* new, empty, the owner's alone */
MUST_CHECK Err os_remove_folder(Cx *cx, Str path); /* with everything in it */
/* The names in a folder, but for hidden ones, in no order. */
MUST_CHECK Err os_list(Cx *cx, Str folder, const Str **ret, int *ret_n);
MUST_CHECK Err os_self(Cx *cx, Str *ret); /* the path of this program */
/* Runs a program, found as a shell finds it, to its end, its output thrown away; ERR_IO when it cannot start or
 * fails. */
MUST_CHECK Err os_run(Cx *cx, const char *const argv[]);
Str os_dirname(Str path);
Str os_basename(Str path);
MUST_CHECK Err os_in_folder(Cx *cx, Str folder, Str name, Str *ret); /* "folder/name" */
/* True when anyone but the owner may read the file. */
bool os_others_can_read(Cx *cx, Str path);
bool os_can_write(Cx *cx, Str path);

/* By what this very program is known: the linker's digest of it. False when it has none. */
enum { OS_BUILD_BYTES = 20 };
bool os_build_id(uint8_t ret[OS_BUILD_BYTES]);
bool os_is_tty(int fd);
int os_tty_columns(int fd); /* 80 when unknown */
bool os_write_all(int fd, Str bytes); /* false when it could not */
/* One line from standard input, without its newline; ERR_NOT_FOUND at end of input. */
MUST_CHECK Err os_read_line(Cx *cx, ptrdiff_t max_bytes, Str *ret);
/* Prompts on the terminal without echo; ERR_DENIED without a terminal. */
MUST_CHECK Err os_prompt_secret(Cx *cx, Str prompt, char ret_secret[], ptrdiff_t cap,
                                ptrdiff_t *ret_len);
/* SIGINT, SIGTERM and SIGHUP ask a server to stop: from os_catch_stop on they only set a flag. From os_hold_stop on
 * they wait, also for whatever image of the program comes after this one, until it catches them. */
void os_catch_stop(void);
void os_hold_stop(void);
bool os_stop_wanted(void);
_Noreturn void os_exit(int code);

#endif
