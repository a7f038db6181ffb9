/* app/app.h - one running fonder: a vault, the book read from it, a language, and the face in front.
 * Shapes  an App is opened at most once; text is never NULL.
 * Errors  as log/log.h and book/book.h; ERR_LOCKED when a passphrase is needed and no face can ask.
 * Memory  app_close wipes keys and book. Whatever an action returns lives in its cx->arena, except
 *         Reply.view, which the caller decrefs.
 * Thread  one thread owns an App. */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/action.h"
#include "base/hold.h"
#include "book/book.h"
#include "log/log.h"
#include "text/text.h"
#include "text/words.h"

/* What a face lends to actions. Any function may be NULL: then the action fails and says what to
 * give instead. */
typedef struct Host {
    void *ctx;
    bool is_brief; /* asks once and ends: what it does not ask for of the book is not read */
    bool is_site;  /* what is asked comes from forms, never from the surroundings of the process */
    /* A secret typed without echo into ret[cap]. */
    Err (*ask_secret)(void *ctx, Cx *cx, const char *prompt_key, char ret[], ptrdiff_t cap,
                      ptrdiff_t *ret_len);
    /* One of n options; ERR_INVALID when the person declines. */
    Err (*choose)(void *ctx, Cx *cx, Str question, const Str options[], int n, int *ret);
    /* Bytes of a file that is the answer, as they come. */
    bool (*write)(void *ctx, Str bytes);
} Host;

struct App {
    const Text *text;
    Host host;
    Str vault; /* path; in memory that outlives requests */
    Log *log;  /* NULL while closed or locked */
    Book *book;
    struct InsightCache *cache; /* what was worked out from the book; may be NULL */
    struct Standing *standing;  /* what is said today, while nothing changes; may be NULL */
    struct Learning *learning;  /* what was learned of this person's answers; may be NULL */
    struct Preview *preview; /* an import that waits for a yes */
    Arena template_arena;
    struct TemplateSet *templates; /* compiled when the first page is asked for */
};

enum { APP_ARENA_BYTES = 1 << 28 };

/* -- what the faces need to say, so that they need no other room --------------------------------- */

const Text *app_locale(Str name);
MUST_CHECK Err app_format(Cx *cx, const App *app, const char *key, const Arg *args, Str *ret);
Str app_label(const App *app, const char *key);
/* The last failure in words. */
MUST_CHECK Err app_why(Cx *cx, const App *app, Str *ret);
bool app_key_may_swap(const App *app);        /* open, and the system would not keep the key out of swap */
bool app_has_passphrase(const App *app);      /* open, and a passphrase opens it */
Str app_leave_page(Cx *cx, const App *app);   /* where "leave this page" goes: a word of LEAVE_NAMES */
void app_recovery_wipe(LogRecovery *code);

/* -- opening and closing ------------------------------------------------------------------------- */

/* Where the vault is: option, then FONDER_VAULT, then $XDG_DATA_HOME/fonder/vault, then
 * ~/.local/share/fonder/vault. */
MUST_CHECK Err app_vault_path(Cx *cx, Str option, Str *ret);
/* The example vault's own path, beside the default. */
MUST_CHECK Err app_demo_path(Cx *cx, Str *ret);

void app_init(App *app, const Text *text, Str vault, const Host *host);
bool app_has_vault(Cx *cx, const App *app);
bool app_is_open(const App *app);
/* Makes the vault. no_passphrase: the key goes to a file beside it. *ret_code is shown once, then
 * wiped with log_recovery_wipe. passphrase empty: asked from the host, twice. */
MUST_CHECK Err app_create(Cx *cx, App *app, Str passphrase, bool no_passphrase,
                          LogRecovery *ret_code);
/* Opens vault and book. The key comes from passphrase if not empty, else from the key file, the
 * keyring, FONDER_PASSPHRASE_FILE, or the host. */
MUST_CHECK Err app_open(Cx *cx, App *app, Str passphrase);
MUST_CHECK Err app_open_with(Cx *cx, App *app, const LogSecret *secret);
/* Reads the book of the open log. */
MUST_CHECK Err app_load(Cx *cx, App *app);
/* The secret of the vault at path: typed if not empty, else FONDER_PASSPHRASE_FILE, else the host; for a
 * key file nothing. */
MUST_CHECK Err app_secret(Cx *cx, const App *app, Str path, Str typed, LogSecret *ret);
/* The same where secret->kind is known. */
MUST_CHECK Err app_secret_of(Cx *cx, const App *app, Str typed, LogSecret *secret);
/* The owner is asked once more, even when the vault is open: before keys change or something goes for
 * good. Opens the vault if it is closed. A failure names field. */
MUST_CHECK Err app_prove(Cx *cx, App *app, const char *field, Str typed, LogSecret *ret);
/* The next passphrase: from FONDER_NEW_PASSPHRASE_FILE, or the host, twice. */
MUST_CHECK Err app_new_passphrase(Cx *cx, const App *app, Str *ret);
/* Something else that is typed without echo; ERR_LOCKED where nobody can be asked. */
MUST_CHECK Err app_ask_secret(Cx *cx, const App *app, const char *prompt_key, Str *ret);
/* A little of what makes later answers quick, for a face that waits; true when nothing is left to do. */
bool app_prepare(App *app, int64_t budget_ns);
/* Takes in what another process kept since; cheap when nothing changed. */
MUST_CHECK Err app_refresh(Cx *cx, App *app);
void app_close(App *app);
/* Nobody gets in without the passphrase from now on: the key goes from the keyring, and each site that has the
 * vault open closes it. Waits at most so long for them; ERR_BUSY when one has not by then (0: does not wait). */
MUST_CHECK Err app_lock(Cx *cx, const App *app, int64_t wait_ms);
/* For a site, while it has the vault open: where it will be asked. */
MUST_CHECK Err app_hold(Cx *cx, const App *app, Hold *ret);
void app_render_free(App *app); /* at the end of the program */
void standing_drop(App *app); /* today is made anew the next time */
void preview_free(App *app); /* drops an import that was only looked at */

/* -- learning how this person answers (insight/own.h) --------------------------------------------- */

/* What was kept of it is read when a vault opens. A site calls app_learn_beside again and again: when there is
 * something to learn it starts a worker on a snapshot, and takes over what an earlier one found; it never waits. So does
 * a command while it waits for answers. Any other that wrote calls app_learn_some once it has answered: some five
 * milliseconds in a small book, nothing in a large one; a tenth of a second when `asked` what was learned. How far
 * it came is kept, and the next one goes on. Nothing is ever said of a failure: what was known stays. */
void app_learn_beside(App *app, int64_t now_ms);
void app_learn_some(App *app, bool asked, int64_t now_ms);
/* For app.c. */
void learning_open(App *app, int64_t now_ms);
void learning_close(App *app);

/* The one person that text means: an id, or a name as book_find_person reads it. Several: the host is
 * asked, else ERR_AMBIGUOUS with the choices; none: ERR_NOT_FOUND. field names the input. */
MUST_CHECK Err app_person(Cx *cx, App *app, const char *field, Str text, BookRef *ret);
/* The same, of candidates found already. */
MUST_CHECK Err app_choose_person(Cx *cx, App *app, const char *field, Str text,
                                 const BookFound *found, BookRef *ret);

/* Runs one row: opens what it needs, validates, acts. */
MUST_CHECK Err app_run(Cx *cx, App *app, const Action *action, const Pair pairs[], int count,
                       bool from_files, Reply *ret);
void reply_free(Reply *answer);

/* The faces of an answer: JSON itself; HTML and terminal text from the row's templates. */
typedef enum Face { FACE_JSON, FACE_HTML, FACE_TEXT } Face;
/* frame: what the page has around the view (csrf, navigation, notice), or NULL. columns: for text. */
MUST_CHECK Err app_render(Cx *cx, App *app, const char *view, json_t *model, json_t *frame,
                          Face face, int columns, Str *ret);

/* A text template filled in as it stands, without wrapping: the man page, completions. */
MUST_CHECK Err app_plain(Cx *cx, App *app, const char *template, const json_t *model, Str *ret);
/* A file of static/ by name, with its media type; false when there is none. */
bool app_static(Str name, Str *ret_bytes, const char **ret_type);

#endif
