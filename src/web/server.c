/* web/server.c - one loop: poll, answer, look at the clock. Everything happens in this thread, which owns log and
 * book while it serves, so there are no locks. A stop lets the requests that are under way end. To lock is to stop
 * likewise and to start anew in the same process, on the same socket (replace.c). */
#include "base/os.h"
#include "base/time.h"
#include "web/door.h"
#include "web/late.h"
#include "web/pages.h"
#include "web/replace.h"
#include "web/request.h"
#include "web/web.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

enum {
    POLL_MS = 500,
    DRAIN_MS = 5000,
    SETTLE_MS = 100,
    IDLE_MINUTES = 20,
    IDLE_TIMEOUT_S = 30,
    CONNECTIONS_MAX = 64,
    STDOUT = 1
};

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_len, void **per_request)
{
    Site *site = ctx;
    Request *r = *per_request;
    (void)version;
    if (!r) {
        r = request_new(&site->spare, connection, url, method);
        *per_request = r;
        if (!r)
            return MHD_NO;
        site->running++;
        r->unheard = !site_knows(site, r);
        return MHD_YES;
    }
    if (*body_len > 0) {
        request_body(r, body, *body_len);
        *body_len = 0;
        return MHD_YES;
    }
    request_body_end(r);
    Response response = {.status = MHD_HTTP_OK};
    site_answer(site, r, &response);
    return response_send(r, &response);
}

static void on_done(void *ctx, struct MHD_Connection *connection, void **per_request,
                    enum MHD_RequestTerminationCode how)
{
    Site *site = ctx;
    (void)connection, (void)how;
    site->running -= *per_request != NULL;
    request_free(*per_request, &site->spare);
    *per_request = NULL;
}

static int bound_port(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

static void on_log(void *ctx, const char *format, va_list args)
{
    (void)ctx, (void)format, (void)args; /* it would quote URLs and addresses; nothing is logged */
}

/* On a socket that listens already, or on a port of loopback. */
static struct MHD_Daemon *listen_on(Site *site, int socket, int port)
{
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const struct MHD_OptionItem where[] = {
        socket > 0 ? (struct MHD_OptionItem){MHD_OPTION_LISTEN_SOCKET, socket, NULL     }
                   : (struct MHD_OptionItem){MHD_OPTION_SOCK_ADDR,     0,      &loopback},
        {MHD_OPTION_END,           0,      NULL     }
    };
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ITC, (uint16_t)port, NULL, NULL, on_request,
                            site, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_ARRAY, where,
                            MHD_OPTION_NOTIFY_COMPLETED, on_done, site, MHD_OPTION_CONNECTION_LIMIT,
                            CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(64 << 10), MHD_OPTION_END);
}

/* Serves until it is to stop or to lock; *ret_listening is the socket, still open, with nobody at it. */
static void serve_until_stopped(Site *site, struct MHD_Daemon *daemon, int *ret_listening)
{
    bool prepared = false; /* until then requests are waited for between slices of work */
    while (!os_stop_wanted() && !site->locking) {
        (void)MHD_run_wait(daemon, prepared ? POLL_MS : 0);
        site_tick(site, os_now_ms());
        prepared = site_prepare(site);
    }
    *ret_listening = MHD_quiesce_daemon(daemon);
    /* Whoever was let in has a moment to say what they want, and is answered. */
    int64_t now = os_mono_ns(), until = now + (int64_t)DRAIN_MS * 1000000,
            settled = now + (int64_t)SETTLE_MS * 1000000;
    while (now < settled || (site->running > 0 && now < until)) {
        (void)MHD_run_wait(daemon, SETTLE_MS / 10);
        now = os_mono_ns();
    }
    MHD_stop_daemon(daemon);
    arena_free(&site->spare);
    app_close(site->app);
}

/* After a lock the same socket serves on, in a process that knows nothing any more. */
static Err serve(Cx *cx, Site *site, struct MHD_Daemon *daemon)
{
    Err e = OK;
    int listening = MHD_INVALID_SOCKET;
    os_catch_stop();
    serve_until_stopped(site, daemon, &listening);
    os_hold_stop(); /* what comes from here on the new image hears */
    if (site->locking && !os_stop_wanted())
        e = replace_self(cx, site, listening);
    if (listening != MHD_INVALID_SOCKET)
        (void)shutdown(listening, SHUT_RDWR);
    hold_release(&site->hold);
    doors_close(&site->doors);
    return e;
}

static Err start(Cx *cx, Site *site, int port, bool chosen)
{
    if (!late_load())
        return err_set(cx, ERR_IO, "err.no-site-library", NO_ARGS);
    struct MHD_Daemon *daemon = listen_on(site, 0, port);
    if (!daemon && !chosen)
        daemon = listen_on(site, 0, 0); /* ours is taken: any free one */
    if (!daemon)
        return err_set(cx, ERR_IO, "err.port-taken", ARGS(arg_int("port", port)));
    doors_open(&site->doors, bound_port(daemon));
    site_opened(cx, site);
    site_print_address(cx, site);
    return serve(cx, site, daemon);
}

static Err resume(Cx *cx, Site *site, int listening, bool reopen)
{
    struct MHD_Daemon *daemon = listen_on(site, listening, site->doors.port);
    if (!daemon)
        return err_set(cx, ERR_IO, "err.port-taken", ARGS(arg_int("port", site->doors.port)));
    if (reopen && app_open(cx, site->app, STR("")) != OK)
        err_clear(cx); /* the page says so */
    site_opened(cx, site);
    return serve(cx, site, daemon);
}

static void print_line(Cx *cx, const App *app, const char *key, const Arg *args)
{
    Str line = {NULL, 0};
    if (app_format(cx, app, key, args, &line) == OK) {
        os_write_all(STDOUT, line);
        os_write_all(STDOUT, STR("\n"));
    }
}

/* An example is made where there is none yet. */
static Err open_example(Cx *cx, App *app)
{
    Str path = {NULL, 0};
    Reply reply = {.view = NULL};
    Err e = app_demo_path(cx, &path);
    if (e != OK)
        return e;
    app->vault = path;
    if (app_has_vault(cx, app))
        return app_open(cx, app, STR(""));
    print_line(cx, app, "serve.example", ARGS(arg_str("file", path)));
    e = app_run(cx, app, action_by_id("demo"), NULL, 0, false, &reply);
    reply_free(&reply);
    return e;
}

static Err open_or_create(Cx *cx, App *app, bool no_passphrase)
{
    LogRecovery code = {.text = ""};
    if (app_has_vault(cx, app))
        return app_open(cx, app, STR(""));
    print_line(cx, app, "serve.new-vault", ARGS(arg_str("file", app->vault)));
    Err e = app_create(cx, app, STR(""), no_passphrase, &code);
    if (e == OK) {
        print_line(cx, app, "serve.recovery", ARGS(arg_c("code", code.text)));
        if (no_passphrase)
            print_line(cx, app, "serve.no-passphrase", ARGS(arg_str("file", app->vault)));
    }
    app_recovery_wipe(&code);
    return e;
}

Err web_serve(Cx *cx, App *app, const Input *in)
{
    const Value *port = input_value(in, "port"), *idle = input_value(in, "lock-after");
    Site site = {.app = app,
                 .used_ms = cx->now_ms,
                 .idle_ms = (int64_t)((idle ? idle->real : IDLE_MINUTES) * TIME_MINUTE_MS)};
    int listening = 0;
    bool reopen = false;
    arena_init(&site.spare, REQUEST_ARENA_BYTES);
    Host asks = app->host;
    asks.is_brief = false;
    app->host = (Host){.is_site = true};
    if (replace_resume(cx, &site, &listening, &reopen) == OK)
        return resume(cx, &site, listening, reopen);
    err_clear(cx);
    app->host = asks;
    Err e = input_flag(in, "demo") ? open_example(cx, app)
                                   : open_or_create(cx, app, input_flag(in, "no-passphrase"));
    /* Without a way to ask here, the site asks. */
    if (e == ERR_LOCKED && app_has_vault(cx, app))
        e = OK;
    if (e != OK)
        return e;
    app->host = (Host){.is_site = true};
    return start(cx, &site, port ? (int)port->num : WEB_PORT_DEFAULT, port != NULL);
}
