/* port/csv.c - one pass, one row at a time. A field without quotes is a slice of the input; a quoted one is
 * copied only when it holds a doubled quote. Linear. */
#include "port/csv.h"
#include "base/charset.h"
#include "base/utf8.h"

enum { FIELDS_FIRST = 32 };

/* Counts on the first line that is not blank; a tie goes to the comma. */
static char find_separator(const char *p, const char *end)
{
    static const char candidates[] = {',', ';', '\t'};
    int counts[3] = {0}, best = 0;
    bool quoted = false, text = false;
    for (; p < end; p++) {
        if ((*p == '\n' || *p == '\r') && !quoted && text)
            break;
        text = text || (*p != '\n' && *p != '\r');
        quoted = quoted != (*p == '"');
        for (int i = 0; i < 3 && !quoted; i++)
            counts[i] += *p == candidates[i];
    }
    for (int i = 1; i < 3; i++)
        best = counts[i] > counts[best] ? i : best;
    return candidates[best];
}

Err csv_open(Cx *cx, Str bytes, CsvReader *ret)
{
    if (bytes.len > CSV_FILE_MAX)
        return err_set(cx, ERR_LIMIT, "err.csv-file", ARGS(arg_int("max", CSV_FILE_MAX >> 20)));
    Str text = {NULL, 0};
    Err e = charset_sniff(cx, bytes, &text);
    if (e == OK && !utf8_valid(text))
        e = charset_to_utf8(cx, STR("windows-1252"), text, &text, NULL);
    if (e != OK)
        return e;
    const char *p = text.p ? text.p : "";
    *ret = (CsvReader){.p = p, .end = p + text.len, .line = 1};
    ret->separator = find_separator(p, ret->end);
    return OK;
}

static bool at_line_end(const CsvReader *r)
{
    return r->p == r->end || *r->p == '\n' || *r->p == '\r';
}

static void skip_line_end(CsvReader *r)
{
    bool both = r->end - r->p >= 2 && r->p[0] == '\r' && r->p[1] == '\n';
    if (r->p < r->end) {
        r->p += both ? 2 : 1;
        r->line++;
    }
}

/* The field behind an opening quote, to its closing one. */
static Err quoted_field(Cx *cx, CsvReader *r, Str *ret)
{
    const char *start = ++r->p;
    int64_t opened = r->line;
    ptrdiff_t doubled = 0;
    for (; r->p < r->end; r->p++) {
        bool quote = *r->p == '"';
        if (quote && (r->end - r->p < 2 || r->p[1] != '"'))
            break;
        r->line += *r->p == '\n' || (*r->p == '\r' && (r->end - r->p < 2 || r->p[1] != '\n'));
        doubled += quote;
        r->p += quote;
    }
    if (r->p == r->end)
        return err_set(cx, ERR_DAMAGED, "err.csv-open", ARGS(arg_int("line", opened)));
    Str raw = {start, r->p - start};
    r->p++;
    if (!at_line_end(r) && *r->p != r->separator)
        return err_set(cx, ERR_DAMAGED, "err.csv-behind", ARGS(arg_int("line", r->line)));
    *ret = raw;
    if (doubled == 0)
        return OK;
    char *out = arena_alloc(cx->arena, raw.len - doubled, 1, 1);
    if (!out)
        return err_nomem(cx);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < raw.len; i++) {
        out[n++] = raw.p[i];
        i += raw.p[i] == '"';
    }
    *ret = (Str){out, n};
    return OK;
}

static Err field(Cx *cx, CsvReader *r, Str *ret)
{
    const char *start = r->p;
    if (r->p < r->end && *r->p == '"') {
        Err e = quoted_field(cx, r, ret);
        if (e != OK)
            return e;
    } else {
        while (!at_line_end(r) && *r->p != r->separator)
            r->p++;
        *ret = (Str){start, r->p - start};
    }
    if (ret->len > CSV_FIELD_MAX)
        return err_set(cx, ERR_LIMIT, "err.csv-field",
                       ARGS(arg_int("line", r->line), arg_int("max", CSV_FIELD_MAX)));
    return OK;
}

Err csv_next(Cx *cx, CsvReader *reader, CsvRow *ret)
{
    CsvReader r = *reader;
    while (r.p < r.end && at_line_end(&r))
        skip_line_end(&r);
    CsvRow row = {.line = r.line};
    Str *fields = NULL;
    int cap = 0;
    for (bool more = r.p < r.end; more;) {
        if (row.n == CSV_FIELDS_MAX)
            return err_set(cx, ERR_LIMIT, "err.csv-fields",
                           ARGS(arg_int("line", r.line), arg_int("max", CSV_FIELDS_MAX)));
        if (row.n == cap) {
            int grown = cap > 0 ? cap * 2 : FIELDS_FIRST;
            fields = arena_grow(cx->arena, fields, cap, grown, (ptrdiff_t)sizeof *fields,
                                (ptrdiff_t) _Alignof(Str));
            if (!fields)
                return err_nomem(cx);
            cap = grown;
        }
        Err e = field(cx, &r, &fields[row.n]);
        if (e != OK)
            return e;
        row.n++;
        more = !at_line_end(&r);
        if (more)
            r.p++; /* the separator */
    }
    skip_line_end(&r);
    row.fields = fields;
    *reader = r;
    *ret = row;
    return OK;
}

static bool needs_quotes(Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '"' || c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r')
            return true;
    }
    return s.len > 0 && (s.p[0] == ' ' || s.p[s.len - 1] == ' ');
}

void csv_put(Buf *buf, const Str fields[], int n)
{
    for (int i = 0; i < n; i++) {
        /* A row of one empty field would be a blank line, which readers pass over. */
        bool quotes = needs_quotes(fields[i]) || (n == 1 && fields[i].len == 0);
        buf_c(buf, i > 0 ? "," : "");
        buf_c(buf, quotes ? "\"" : "");
        for (ptrdiff_t k = 0; k < fields[i].len; k++) {
            buf_char(buf, fields[i].p[k]);
            if (fields[i].p[k] == '"')
                buf_char(buf, '"');
        }
        buf_c(buf, quotes ? "\"" : "");
    }
    buf_c(buf, "\r\n");
}

bool csv_formula(Str s)
{
    int32_t cp = utf8_next(&s);
    while (cp == ' ' || cp == '\t' || cp == '\r' || cp == '\n' || cp == '\'')
        cp = utf8_next(&s);
    return cp == '=' || cp == '+' || cp == '-' || cp == '@' || cp == 0xFF1D || cp == 0xFF0B ||
           cp == 0xFF0D || cp == 0xFF20;
}
