/* web/request.h - one HTTP request as it arrives, and the response that goes out.
 * Shapes  a form's fields become pairs; an uploaded file is a field like another, its value the bytes.
 * Units   bytes; BODY_MAX in all, FORM_MAX without a file.
 * Errors  a body that is too large or no form is remembered and answered once it has arrived.
 * Memory  everything in the request's arena, wiped when the connection is done with it.
 * Thread  the server's. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "app/app.h"
#include "base/buf.h"
#include "base/os.h"
#include <microhttpd.h>

enum {
    BODY_MAX = PARAM_FILE_MAX + (1 << 20),
    FORM_MAX = 1 << 20,
    FORM_FIELDS_MAX = VALUES_MAX,
    REQUEST_ARENA_BYTES = 8 * BODY_MAX /* what the largest address book takes on its way into the vault */
};

typedef struct Request {
    Arena arena;
    Cx cx;
    struct MHD_Connection *connection;
    struct MHD_PostProcessor *post;
    Str path;
    Method method; /* METHOD_NONE: neither GET, HEAD nor POST */
    bool head, wants_json, too_large;
    bool unheard; /* from somebody without a session: its body is passed over */
    Pair *fields; /* without csrf */
    int n_fields, cap_fields;
    Str csrf;
    Buf open; /* the field that is arriving */
    Str open_name;
    int64_t body_bytes;
} Request;

/* spare: made by arena_init with REQUEST_ARENA_BYTES; the request takes it and leaves its own, wiped, when it goes, so
 * that one request after another uses the same memory. */
Request *request_new(Arena *spare, struct MHD_Connection *connection, const char *url, const char *method);
void request_free(Request *request, Arena *spare);
Str request_header(const Request *request, const char *name); /* empty when absent */
/* Takes in a piece of the body. */
void request_body(Request *request, const char *bytes, size_t len);
void request_body_end(Request *request);

/* What was sent, as a JSON string for a page: without control characters, mended where it is no UTF-8. */
json_t *request_json(Request *request, Str sent);

typedef struct Response {
    unsigned status;
    Str body;
    const char *type;
    Str location;  /* 303 */
    Str cookie;    /* Set-Cookie, or empty */
    const char *file_name; /* save as, or NULL */
    const char *refresh;   /* Refresh header, or NULL */
    Stream file;   /* with has_file: sent instead of a body, and closed when it is, or is not */
    bool has_file;
    bool may_keep; /* a static file: may be cached */
    bool last;     /* the connection ends with it */
} Response;

/* Sends it with the headers every answer carries (CSP, no-store, no-referrer, …). */
enum MHD_Result response_send(Request *request, const Response *response);

#endif
