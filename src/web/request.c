/* web/request.c - between microhttpd and the rest. A field arrives in pieces: the pieces of one field follow each
 * other, so one open buffer is enough. Cost is linear in the body. */
#include "web/request.h"
#include "base/utf8.h"
#include <stdio.h>
#include <string.h>

static const char CSP[] =
    "default-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

Str request_header(const Request *request, const char *name)
{
    return str_c(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name));
}

static Method method_of(Str name, bool *ret_head)
{
    *ret_head = str_eq_c(name, "HEAD");
    if (*ret_head || str_eq_c(name, "GET"))
        return METHOD_GET;
    return str_eq_c(name, "POST") ? METHOD_POST : METHOD_NONE;
}

/* JSON only where it is asked for by name: a browser's Accept names HTML, or anything. */
static bool asks_json(Str accept)
{
    return str_find(accept, STR("application/json")) >= 0 && str_find(accept, STR("text/html")) < 0;
}

/* False past FORM_FIELDS_MAX, or when there is no room. */
static bool add_field(Request *r, Str name, Str value)
{
    if (r->n_fields == r->cap_fields) {
        int cap = r->cap_fields > 0 ? 2 * r->cap_fields : 32;
        Pair *grown = cap > FORM_FIELDS_MAX ? NULL
                                            : arena_grow(&r->arena, r->fields, r->cap_fields, cap,
                                                         sizeof *grown, _Alignof(Pair));
        if (!grown)
            return false;
        r->fields = grown;
        r->cap_fields = cap;
    }
    r->fields[r->n_fields++] = (Pair){name, value};
    return true;
}

/* "?kind=friend": what a GET row takes. Opaque ids and closed words only; search goes by POST. */
static enum MHD_Result on_query(void *ctx, enum MHD_ValueKind kind, const char *key,
                                const char *value)
{
    Request *r = ctx;
    (void)kind;
    Str name = str_dup(&r->arena, str_c(key)), text = str_dup(&r->arena, str_c(value));
    return add_field(r, name, text) ? MHD_YES : MHD_NO;
}

Request *request_new(Arena *spare, struct MHD_Connection *connection, const char *url,
                     const char *method)
{
    Request *r = os_alloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->arena = *spare;
    arena_init(spare, REQUEST_ARENA_BYTES);
    r->cx = (Cx){.arena = &r->arena, .now_ms = os_now_ms()};
    r->connection = connection;
    r->path = str_dup(&r->arena, str_c(url));
    r->method = method_of(str_c(method), &r->head);
    r->wants_json = asks_json(request_header(r, MHD_HTTP_HEADER_ACCEPT));
    if (r->method == METHOD_GET)
        (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, on_query, r);
    return r;
}

void request_free(Request *request, Arena *spare)
{
    if (!request)
        return;
    if (request->post)
        (void)MHD_destroy_post_processor(request->post);
    arena_free(spare);
    *spare = request->arena;
    arena_reset(spare);
    os_wipe(request, sizeof *request);
    os_free(request);
}

/* The open field is whole: it becomes a pair. */
static void close_field(Request *r)
{
    Str value = {NULL, 0};
    if (str_is_null(r->open_name))
        return;
    if (buf_done(&r->cx, &r->open, &value) != OK)
        r->too_large = true;
    else if (str_eq_c(r->open_name, "csrf"))
        r->csrf = value;
    else if (!add_field(r, r->open_name, value))
        r->too_large = true;
    r->open_name = (Str){NULL, 0};
}

static enum MHD_Result on_field(void *ctx, enum MHD_ValueKind kind, const char *key,
                                const char *file_name, const char *content_type,
                                const char *encoding, const char *data, uint64_t offset,
                                size_t size)
{
    Request *r = ctx;
    (void)kind, (void)content_type, (void)encoding;
    if (offset == 0) {
        close_field(r);
        r->open_name = str_dup(&r->arena, str_c(key));
        r->open = buf_make(&r->arena, file_name ? PARAM_FILE_MAX : FORM_MAX);
    }
    buf_bytes(&r->open, data, (ptrdiff_t)size);
    return MHD_YES;
}

void request_body(Request *request, const char *bytes, size_t len)
{
    enum { PIECE = 64 << 10 };
    if (request->unheard)
        return;
    request->body_bytes += (int64_t)len;
    if (request->body_bytes > BODY_MAX)
        request->too_large = true;
    if (request->too_large)
        return;
    if (!request->post)
        request->post = MHD_create_post_processor(request->connection, PIECE, on_field, request);
    if (request->post)
        (void)MHD_post_process(request->post, bytes, len);
}

void request_body_end(Request *request)
{
    if (request->post) {
        (void)MHD_destroy_post_processor(request->post); /* hands over what it still holds */
        request->post = NULL;
    }
    close_field(request);
}

json_t *request_json(Request *request, Str sent)
{
    Str clean = utf8_clean(&request->arena, sent, true);
    return json_stringn(clean.p ? clean.p : "", (size_t)clean.len);
}

static void header(struct MHD_Response *m, const char *name, const char *value)
{
    (void)MHD_add_response_header(m, name, value);
}

static void headers_of(Request *r, struct MHD_Response *m, const Response *response)
{
    header(m, "Content-Security-Policy", CSP);
    header(m, "X-Content-Type-Options", "nosniff");
    header(m, "Referrer-Policy", "no-referrer");
    header(m, "Cross-Origin-Opener-Policy", "same-origin");
    header(m, "Cross-Origin-Resource-Policy", "same-origin");
    header(m, MHD_HTTP_HEADER_CACHE_CONTROL,
           response->may_keep ? "private, max-age=86400" : "no-store");
    header(m, MHD_HTTP_HEADER_CONTENT_TYPE,
           response->type ? response->type : "text/html; charset=utf-8");
    if (response->location.len > 0)
        header(m, MHD_HTTP_HEADER_LOCATION, str_to_c(&r->arena, response->location));
    if (response->cookie.len > 0)
        header(m, MHD_HTTP_HEADER_SET_COOKIE, str_to_c(&r->arena, response->cookie));
    if (response->last)
        header(m, MHD_HTTP_HEADER_CONNECTION, "close");
    if (response->refresh)
        header(m, "Refresh", response->refresh);
    if (response->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        header(m, MHD_HTTP_HEADER_ALLOW, "GET, HEAD, POST");
    if (!response->may_keep)
        header(m, "Vary", "Accept, Cookie");
    if (response->file_name) {
        char value[128];
        (void)snprintf(value, sizeof value, "attachment; filename=\"%s\"", response->file_name);
        header(m, "Content-Disposition", value);
    }
}

/* The body stays in the request's arena, which outlives the response. */
static struct MHD_Response *from_body(Str text)
{
    void *body = NULL;
    if (text.len > 0)
        memcpy(&body, &text.p, sizeof body); /* microhttpd's is not const, but only read */
    return MHD_create_response_from_buffer((size_t)text.len, body, MHD_RESPMEM_PERSISTENT);
}

/* By the kernel, a piece at a time, from the file to the connection. */
static struct MHD_Response *from_file(Stream file)
{
    struct MHD_Response *m = MHD_create_response_from_fd64((uint64_t)file.bytes, file.fd);
    if (!m)
        stream_close(&file);
    return m; /* which closes it */
}

enum MHD_Result response_send(Request *request, const Response *response)
{
    struct MHD_Response *m =
        response->has_file ? from_file(response->file) : from_body(response->body);
    if (!m)
        return MHD_NO;
    headers_of(request, m, response);
    enum MHD_Result sent = MHD_queue_response(request->connection, response->status, m);
    MHD_destroy_response(m);
    return sent;
}
