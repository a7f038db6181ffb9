/* app/app.c - opening, closing and asking a vault. The book is folded once when it opens; after that only
 * what is new is read, whoever wrote it. */
#include "app/acts.h"
#include "base/buf.h"
#include "base/os.h"
#include "insight/insight.h"

enum { CHECKPOINT_ARENA_BYTES = 1 << 30 };

static Err path_join(Cx *cx, Str a, const char *b, Str *ret)
{
    Buf buf = buf_make(cx->arena, LOG_PATH_MAX);
    buf_put(&buf, a);
    buf_c(&buf, b);
    return buf_done(cx, &buf, ret);
}

static Err data_folder(Cx *cx, Str *ret)
{
    Str xdg = os_env("XDG_DATA_HOME");
    if (xdg.len > 0 && xdg.p[0] == '/')
        return path_join(cx, xdg, "/fonder", ret);
    Str home = os_env("HOME");
    if (home.len == 0)
        return err_set(cx, ERR_INVALID, "err.no-home", NO_ARGS);
    return path_join(cx, home, "/.local/share/fonder", ret);
}

Err app_vault_path(Cx *cx, Str option, Str *ret)
{
    Str env = os_env("FONDER_VAULT");
    Str folder = {NULL, 0};
    if (option.len > 0 || env.len > 0) {
        *ret = option.len > 0 ? option : env;
        return OK;
    }
    Err e = data_folder(cx, &folder);
    return e != OK ? e : path_join(cx, folder, "/vault", ret);
}

Err app_demo_path(Cx *cx, Str *ret)
{
    Str folder = {NULL, 0};
    Err e = data_folder(cx, &folder);
    return e != OK ? e : path_join(cx, folder, "/example", ret);
}

void app_init(App *app, const Text *text, Str vault, const Host *host)
{
    *app = (App){.text = text, .vault = vault, .host = host ? *host : (Host){.ctx = NULL}};
}

bool app_has_vault(Cx *cx, const App *app)
{
    return os_exists(cx, app->vault);
}

bool app_is_open(const App *app)
{
    return app->log != NULL && app->book != NULL;
}

/* A passphrase from the file FONDER_PASSPHRASE_FILE names: its first line. */
static Err passphrase_from_file(Cx *cx, Str path, Str *ret)
{
    Str bytes = {NULL, 0};
    Err e = os_read_file(cx, path, LOG_PASSPHRASE_MAX + 2, &bytes);
    if (e != OK)
        return e;
    *ret = str_line(&bytes);
    if (ret->len == 0)
        return err_set(cx, ERR_INVALID, "err.passphrase-file-empty", ARGS(arg_str("file", path)));
    return OK;
}

static Err type_secret(Cx *cx, const App *app, const char *prompt_key, Str *ret)
{
    char *typed = arena_alloc(cx->arena, LOG_PASSPHRASE_MAX, 1, 1);
    if (!typed)
        return err_nomem(cx);
    ptrdiff_t len = 0;
    Err e = app->host.ask_secret(app->host.ctx, cx, prompt_key, typed, LOG_PASSPHRASE_MAX, &len);
    if (e == OK)
        *ret = (Str){typed, len};
    return e;
}

static Err ask_passphrase(Cx *cx, const App *app, const char *prompt_key, Str *ret)
{
    if (app->host.is_site)
        return err_field(cx, ERR_DENIED, "passphrase", "err.passphrase-missing", NO_ARGS);
    Str file = os_env("FONDER_PASSPHRASE_FILE");
    if (file.len > 0)
        return passphrase_from_file(cx, file, ret);
    if (!app->host.ask_secret)
        return err_set(cx, ERR_LOCKED, "err.passphrase-needed", NO_ARGS);
    Err e = type_secret(cx, app, prompt_key, ret);
    return e == ERR_DENIED ? err_set(cx, ERR_LOCKED, "err.passphrase-needed", NO_ARGS) : e;
}

/* What a passphrase is to be from now on: its own file, or typed twice. */
static Err new_passphrase(Cx *cx, const App *app, const char *file_env, const char *none_key,
                          Str *ret)
{
    if (app->host.is_site)
        return err_field(cx, ERR_INVALID, "new", "err.passphrase-missing", NO_ARGS);
    Str file = os_env(file_env), first = {NULL, 0}, again = {NULL, 0};
    if (file.len > 0)
        return passphrase_from_file(cx, file, ret);
    if (!app->host.ask_secret)
        return err_set(cx, ERR_LOCKED, none_key, NO_ARGS);
    Err e = type_secret(cx, app, "ask.new-passphrase", &first);
    if (e == OK)
        e = type_secret(cx, app, "ask.passphrase-again", &again);
    if (e == ERR_DENIED)
        return err_set(cx, ERR_LOCKED, none_key, NO_ARGS);
    if (e == OK && !str_eq(first, again))
        return err_set(cx, ERR_INVALID, "err.passphrases-differ", NO_ARGS);
    if (e == OK)
        *ret = first;
    return e;
}

Err app_new_passphrase(Cx *cx, const App *app, Str *ret)
{
    return new_passphrase(cx, app, "FONDER_NEW_PASSPHRASE_FILE", "err.next-passphrase-needed", ret);
}

Err app_ask_secret(Cx *cx, const App *app, const char *prompt_key, Str *ret)
{
    Err e = app->host.ask_secret ? type_secret(cx, app, prompt_key, ret) : ERR_DENIED;
    return e == ERR_DENIED ? err_set(cx, ERR_LOCKED, "err.secret-needed", NO_ARGS) : e;
}

Err app_secret_of(Cx *cx, const App *app, Str typed, LogSecret *secret)
{
    secret->text = typed;
    return secret->kind == LOG_PASSPHRASE && typed.len == 0
               ? ask_passphrase(cx, app, "ask.passphrase", &secret->text)
               : OK;
}

/* What opens the vault at path: for a key file nothing is asked. */
Err app_secret(Cx *cx, const App *app, Str path, Str typed, LogSecret *ret)
{
    LogLook look = {0};
    Err e = log_look(cx, path, &look);
    LogSecret secret = {.kind = look.opens_with};
    if (e == OK)
        e = app_secret_of(cx, app, typed, &secret);
    if (e == OK)
        *ret = secret;
    return e;
}

/* What an earlier process worked out stands for the book as it was then; so the book is read that far first,
 * and what came since makes the rest of it stale as ever. Best effort: without it everything is worked out. */
static void recall_insight(App *app)
{
    AUTO_CLEAN(log_checkpoint_close_at) LogCheckpoint *kept = NULL;
    AUTO_ARENA Arena arena;
    arena_init(&arena, CHECKPOINT_ARENA_BYTES);
    Cx cx = {.arena = &arena, .now_ms = os_now_ms()};
    if (!app->cache || log_checkpoint_open(&cx, app->log, LOG_MODEL_INSIGHT, &kept) != OK ||
        book_refresh_to(&cx, app->book, app->log, log_checkpoint_cursor(kept)) != OK)
        return;
    ptrdiff_t len = (ptrdiff_t)log_checkpoint_left(kept);
    char *bytes = arena_new(&arena, char, len + 1);
    if (bytes && log_checkpoint_take(kept, bytes, len))
        insight_cache_recall(&cx, app->cache, app->book, (Str){bytes, len});
}

/* Without it everything is read from the entries. */
static void drop_checkpoint(App *app)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &arena, .now_ms = os_now_ms()};
    Err gone = app->log ? log_checkpoint_drop(&cx, app->log, LOG_MODEL_BOOK) : OK;
    (void)gone; /* where it cannot be taken away, the next look reads it whole */
}

static Err load_once(Cx *cx, App *app, bool later)
{
    int64_t fresh = 0;
    app->book = book_new(0);
    app->cache = insight_cache_new(); /* without it everything is worked out afresh */
    app->standing = standing_new();
    if (!app->book)
        return err_nomem(cx);
    if (later)
        book_take_later(app->book);
    recall_insight(app);
    return book_refresh(cx, app->book, app->log, &fresh);
}

static void unload(App *app)
{
    standing_free(app->standing);
    insight_cache_free(app->cache);
    book_free(app->book);
    app->standing = NULL;
    app->cache = NULL;
    app->book = NULL;
}

Err app_load(Cx *cx, App *app)
{
    Err e = load_once(cx, app, app->host.is_brief);
    if (app->book && book_is_broken(app->book)) {
        unload(app);
        drop_checkpoint(app);
        e = load_once(cx, app, false);
    }
    if (e == OK)
        learning_open(app, cx->now_ms);
    return e;
}

Err app_create(Cx *cx, App *app, Str passphrase, bool no_passphrase, LogRecovery *ret_code)
{
    LogSecret secret = {.kind = no_passphrase ? LOG_KEY_FILE : LOG_PASSPHRASE, .text = passphrase};
    if (app_has_vault(cx, app))
        return err_set(cx, ERR_INVALID, "err.vault-exists", ARGS(arg_str("file", app->vault)));
    if (!no_passphrase && passphrase.len == 0) {
        Err e = new_passphrase(cx, app, "FONDER_PASSPHRASE_FILE", "err.new-passphrase-needed",
                               &secret.text);
        if (e != OK)
            return e;
    }
    Err e = log_create(cx, app->vault, &secret, ret_code, &app->log);
    if (e == OK)
        e = app_load(cx, app);
    if (e != OK)
        app_close(app);
    return e;
}

Err app_open_with(Cx *cx, App *app, const LogSecret *secret)
{
    Err e = log_open(cx, app->vault, secret, &app->log);
    if (e == OK)
        e = app_load(cx, app);
    if (e != OK)
        app_close(app);
    return e;
}

/* Without a word from anybody, and without looking first: the key file opens it, or the keyring holds the key of a vault that
 * was unlocked. No failure when neither does. */
static bool open_at_hand(Cx *cx, App *app)
{
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    return log_open(&quiet, app->vault, &(LogSecret){.kind = LOG_AT_HAND}, &app->log) == OK;
}

static Err load_or_close(Cx *cx, App *app)
{
    Err e = app_load(cx, app);
    if (e != OK)
        app_close(app);
    return e;
}

Err app_open(Cx *cx, App *app, Str passphrase)
{
    LogSecret secret = {.text = passphrase};
    if (app_is_open(app))
        return OK;
    if (!app_has_vault(cx, app))
        return err_set(cx, ERR_NOT_FOUND, "err.no-vault", ARGS(arg_str("file", app->vault)));
    if (passphrase.len == 0 && !app->host.is_site && open_at_hand(cx, app))
        return load_or_close(cx, app);
    Err e = app_secret(cx, app, app->vault, passphrase, &secret);
    return e == OK ? app_open_with(cx, app, &secret) : e;
}

Err app_prove(Cx *cx, App *app, const char *field, Str typed, LogSecret *ret)
{
    Log *second = NULL;
    LogSecret secret = {.text = typed};
    if (!app_has_vault(cx, app))
        return err_set(cx, ERR_NOT_FOUND, "err.no-vault", ARGS(arg_str("file", app->vault)));
    Err e = app_secret(cx, app, app->vault, typed, &secret);
    if (e == OK && !app_is_open(app)) {
        e = app_open_with(cx, app, &secret);
    } else if (e == OK) {
        e = log_open(cx, app->vault, &secret, &second);
        log_close(second);
    }
    if (e == OK)
        *ret = secret;
    else
        cx->why.field = field;
    return e;
}

bool app_prepare(App *app, int64_t budget_ns)
{
    return !app_is_open(app) || book_prepare_search(app->book, budget_ns);
}

Err app_refresh(Cx *cx, App *app)
{
    int64_t fresh = 0;
    if (!app_is_open(app) || !log_changed(cx, app->log))
        return OK;
    return book_refresh(cx, app->book, app->log, &fresh);
}

/* The next opening is faster for it. Best effort: without them everything is read from the entries and worked
 * out from them. */
static void leave_checkpoint(App *app)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, CHECKPOINT_ARENA_BYTES);
    Cx cx = {.arena = &arena, .now_ms = os_now_ms()};
    Str bytes = {NULL, 0};
    Err kept = OK;
    if (!app_is_open(app) || log_is_read_only(app->log))
        return;
    if (book_is_broken(app->book)) {
        drop_checkpoint(app);
        return;
    }
    if (book_checkpoint_due(app->book))
        kept = book_checkpoint(&cx, app->book, app->log);
    if (kept == OK && insight_cache_keep_due(app->cache))
        kept = insight_cache_keep(&cx, app->cache, app->book, &bytes);
    if (kept == OK && bytes.p)
        kept =
            log_checkpoint_write(&cx, app->log, LOG_MODEL_INSIGHT, book_cursor(app->book), bytes);
    (void)kept; /* best effort: what is not kept is worked out again */
}

void app_close(App *app)
{
    leave_checkpoint(app);
    preview_free(app);
    learning_close(app);
    unload(app);
    log_close(app->log);
    app->log = NULL;
}

/* -- locking ------------------------------------------------------------------------------------- */

static Err sites_path(Cx *cx, const App *app, Str *ret)
{
    return path_join(cx, app->vault, ".sites", ret);
}

Err app_hold(Cx *cx, const App *app, Hold *ret)
{
    Str path = {NULL, 0};
    Err e = sites_path(cx, app, &path);
    return e == OK ? hold_take(cx, path, ret) : e;
}

Err app_lock(Cx *cx, const App *app, int64_t wait_ms)
{
    Str path = {NULL, 0};
    Err e = log_lock(cx, app->vault);
    if (e == OK)
        e = sites_path(cx, app, &path);
    return e == OK ? hold_end(cx, path, wait_ms) : e;
}

/* -- people by name ------------------------------------------------------------------------------ */

enum { CHOICES_MAX = 9, CHOICES_NAMED = 40 };

/* What the ith of n candidates is called. Where two bear one name the id tells them apart; whatever asks for a
 * person takes an id, too. */
static Err candidate_name(Cx *cx, const App *app, const BookFound *found, int n, int i, Str *ret)
{
    BookRef person = found->p[i].person;
    Str name = book_name(app->book, person);
    bool alone = true;
    for (int k = 0; k < n; k++)
        alone = alone && (k == i || !str_eq(name, book_name(app->book, found->p[k].person)));
    char id[ID_TEXT_CAP];
    Buf buf = buf_make(cx->arena, 4096);
    buf_put(&buf, name);
    if (!alone) {
        buf_c(&buf, " (");
        buf_put(&buf, id_format(book_id(app->book, person), id));
        buf_char(&buf, ')');
    }
    return buf_done(cx, &buf, ret);
}

Err app_choose_person(Cx *cx, App *app, const char *field, Str text, const BookFound *found,
                      BookRef *ret)
{
    Str names[CHOICES_NAMED], list = {NULL, 0}, question = {NULL, 0};
    int n = found->n < CHOICES_NAMED ? found->n : CHOICES_NAMED, pick = 0;
    Err e = OK;
    for (int i = 0; i < n && e == OK; i++)
        e = candidate_name(cx, app, found, n, i, &names[i]);
    if (e == OK)
        e = text_list(cx, app->text, names, n, &list);
    if (e != OK)
        return e;
    const Arg *args = ARGS(arg_str("given", text), arg_str("choices", list));
    if (!app->host.choose || found->n > CHOICES_MAX)
        return err_field(cx, ERR_AMBIGUOUS, field, "err.which-person", args);
    e = text_format(cx, app->text, "ask.which-person", args, &question);
    if (e == OK)
        e = app->host.choose(app->host.ctx, cx, question, names, found->n, &pick);
    if (e == OK)
        *ret = found->p[pick].person;
    return e;
}

Err app_person(Cx *cx, App *app, const char *field, Str text, BookRef *ret)
{
    BookFound found = {.n = 0};
    Err e = book_find_person(cx, app->book, text, &found);
    if (e != OK)
        return e;
    if (found.n == 0)
        return err_field(cx, ERR_NOT_FOUND, field, "err.no-person", ARGS(arg_str("given", text)));
    if (found.sure) {
        *ret = found.p[0].person;
        return OK;
    }
    return app_choose_person(cx, app, field, text, &found, ret);
}

/* -- running a row ------------------------------------------------------------------------------- */

static Err run_once(Cx *cx, App *app, const Action *action, const Pair pairs[], int count,
                    bool from_files, Reply *ret)
{
    Input in;
    bool book = action->needs == NEEDS_BOOK;
    Err e = book ? app_open(cx, app, STR("")) : OK;
    if (e == OK && book)
        e = app_refresh(cx, app);
    if (e == OK)
        e = input_read(cx, app, action, pairs, count, from_files, &in);
    return e == OK ? action->run(cx, app, &in, ret) : e;
}

/* Standard input is there once only. */
static bool may_repeat(const Pair pairs[], int count, bool from_files)
{
    bool once = false;
    for (int i = 0; i < count && from_files; i++)
        once = once || str_eq_c(pairs[i].value, "-");
    return !once;
}

/* Another process has forgotten somebody or renewed the key, before we looked or after it; or the checkpoint is
 * damaged where this asked. Nothing was kept, so it can be asked once more. */
static bool nothing_happened(const Cx *cx, const App *app, const Action *action, Err e)
{
    static const char RENEWED[] = "err.log-key-renewed";
    if (app->book && book_is_broken(app->book))
        return !book_has_kept(app->book);
    return e == ERR_LOCKED && action->needs == NEEDS_BOOK && str_eq_c(str_c(cx->why.key), RENEWED);
}

Err app_run(Cx *cx, App *app, const Action *action, const Pair pairs[], int count, bool from_files,
            Reply *ret)
{
    enum { TRIES = 3 };
    Reply reply = {.view = NULL};
    Err e = run_once(cx, app, action, pairs, count, from_files, &reply);
    for (int i = 1; i < TRIES && nothing_happened(cx, app, action, e); i++) {
        bool broken = app->book && book_is_broken(app->book);
        app_close(app);
        if (broken) /* whole, then */
            app->host.is_brief = false;
        if (!may_repeat(pairs, count, from_files)) {
            e = broken ? err_set(cx, ERR_DAMAGED, "err.checkpoint-damaged", NO_ARGS) : e;
            break;
        }
        reply_free(&reply);
        e = run_once(cx, app, action, pairs, count, from_files, &reply);
    }
    if (e != OK) {
        reply_free(&reply);
        return e;
    }
    *ret = reply;
    return OK;
}

void reply_free(Reply *reply)
{
    json_decref(reply->view);
    reply->view = NULL;
    if (reply->stream)
        stream_close(reply->stream);
    reply->stream = NULL;
}
