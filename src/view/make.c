/* view/make.c - JSON through jansson with one check instead of forty: every step first asks whether an earlier
 * one failed. Text that is not UTF-8 cannot come from an entry, yet a file name can be anything: it is
 * cleaned rather than refused. Linear in what is written. */
#include "view/make.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <math.h>

enum { WORDS_MAX_BYTES = 1 << 16 };

bool make_ok(Make *m, Err e)
{
    if (m->err == OK)
        m->err = e;
    return m->err == OK;
}

static void no_memory(Make *m)
{
    if (m->err == OK)
        m->err = err_nomem(m->cx);
}

void make_until(Make *m, int64_t at_ms)
{
    if (at_ms < m->until_ms)
        m->until_ms = at_ms;
}

json_t *make_view(Make *m, Cx *cx, const View *v, const char *name)
{
    *m = (Make){.cx = cx,
                .text = v->text,
                .book = v->book,
                .cache = v->cache,
                .until_ms = INT64_MAX,
                .err = OK};
    json_t *o = json_object();
    if (!o)
        no_memory(m);
    put_c(m, o, "view", name);
    put_int(m, o, "version", 1);
    return o;
}

Err make_end(const Make *m, json_t *view, json_t **ret)
{
    if (m->err == OK)
        *ret = view;
    else
        json_decref(view);
    return m->err;
}

/* -- members ----------------------------------------------------------------------------------- */

void put_json(Make *m, json_t *o, const char *key, json_t *value)
{
    if (m->err != OK || !o)
        json_decref(value);
    else if (!value || json_object_set_new(o, key, value) != 0)
        no_memory(m);
}

static json_t *json_of(Make *m, Str s)
{
    json_t *value = json_stringn(s.p ? s.p : "", (size_t)s.len);
    if (value)
        return value;
    Str clean = utf8_clean(m->cx->arena, s, true);
    return str_is_null(clean) ? NULL : json_stringn(clean.p, (size_t)clean.len);
}

void put_str(Make *m, json_t *o, const char *key, Str s)
{
    if (m->err == OK)
        put_json(m, o, key, json_of(m, s));
}

void put_c(Make *m, json_t *o, const char *key, const char *s)
{
    put_str(m, o, key, str_c(s));
}

void put_bool(Make *m, json_t *o, const char *key, bool value)
{
    put_json(m, o, key, json_boolean(value));
}

void put_int(Make *m, json_t *o, const char *key, int64_t value)
{
    put_json(m, o, key, json_integer(value));
}

void put_num(Make *m, json_t *o, const char *key, double value)
{
    put_json(m, o, key, json_real(round(value * 10) / 10));
}

void put_id(Make *m, json_t *o, const char *key, Id id)
{
    char text[ID_TEXT_CAP];
    put_str(m, o, key, id_format(id, text));
}

void put_iso(Make *m, json_t *o, const char *key, int64_t at_ms)
{
    char text[TIME_ISO_CAP];
    put_str(m, o, key, time_format_iso(at_ms, time_offset_min(at_ms), text));
}

void put_say(Make *m, json_t *o, const char *key, const char *sentence, const Arg *args)
{
    put_str(m, o, key, say(m, sentence, args));
}

void put_ago(Make *m, json_t *o, const char *key, int64_t at_ms)
{
    put_str(m, o, key, say_ago(m, at_ms));
}

void put_day(Make *m, json_t *o, const char *key, int64_t at_ms)
{
    Civil day = time_local(at_ms);
    Str words = {NULL, 0};
    if (m->err == OK && make_ok(m, text_date(m->cx, m->text, &day, &words)))
        put_str(m, o, key, words);
}

json_t *put_object(Make *m, json_t *o, const char *key)
{
    put_json(m, o, key, json_object());
    return m->err == OK ? json_object_get(o, key) : NULL;
}

json_t *put_list(Make *m, json_t *o, const char *key)
{
    put_json(m, o, key, json_array());
    return m->err == OK ? json_object_get(o, key) : NULL;
}

static void add_json(Make *m, json_t *list, json_t *value)
{
    if (m->err != OK || !list)
        json_decref(value);
    else if (!value || json_array_append_new(list, value) != 0)
        no_memory(m);
}

json_t *add_object(Make *m, json_t *list)
{
    size_t n = json_array_size(list);
    add_json(m, list, json_object());
    return m->err == OK ? json_array_get(list, n) : NULL;
}

void add_str(Make *m, json_t *list, Str s)
{
    if (m->err == OK)
        add_json(m, list, json_of(m, s));
}

/* -- words ------------------------------------------------------------------------------------- */

Str say(Make *m, const char *sentence, const Arg *args)
{
    Str out = {NULL, 0};
    if (m->err == OK)
        make_ok(m, text_format(m->cx, m->text, sentence, args, &out));
    return out;
}

Str say_of(Make *m, const char *prefix, Str id, const Arg *args)
{
    Buf key = buf_make(m->cx->arena, 128);
    Str name = {NULL, 0};
    buf_c(&key, prefix);
    buf_put(&key, id);
    buf_char(&key, '\0');
    if (m->err != OK || !make_ok(m, buf_done(m->cx, &key, &name)))
        return (Str){NULL, 0};
    return say(m, name.p, args);
}

Str say_text(Make *m, ContentText text, Str name)
{
    static const Str slot = {"{name}", 6};
    Str rest = content_text(m->text, text), out = {NULL, 0};
    if (m->err != OK || str_find(rest, slot) < 0)
        return rest;
    Buf buf = buf_make(m->cx->arena, WORDS_MAX_BYTES);
    for (ptrdiff_t at = str_find(rest, slot); at >= 0; at = str_find(rest, slot)) {
        buf_put(&buf, str_sub(rest, 0, at));
        buf_put(&buf, name);
        rest = str_from(rest, at + slot.len);
    }
    buf_put(&buf, rest);
    make_ok(m, buf_done(m->cx, &buf, &out));
    return out;
}

Str say_ago(Make *m, int64_t at_ms)
{
    Str out = {NULL, 0};
    if (m->err == OK)
        make_ok(m, text_ago(m->cx, m->text, at_ms, &out));
    return out;
}

bool date_civil(int32_t ymd, Civil *ret)
{
    *ret = (Civil){.year = ymd / 10000, .month = ymd / 100 % 100, .day = ymd % 100};
    return ret->year > 0;
}

Str say_date(Make *m, int32_t ymd)
{
    Civil day;
    Str out = {NULL, 0};
    if (m->err != OK || ymd == 0)
        return out;
    if (date_civil(ymd, &day))
        make_ok(m, text_date(m->cx, m->text, &day, &out));
    else
        make_ok(m, text_birthday(m->cx, m->text, day.month, day.day, &out));
    return out;
}

Str say_chance(Make *m, double p)
{
    Str out = {NULL, 0};
    if (m->err == OK)
        make_ok(m, text_chance(m->cx, m->text, p < 0 ? 0 : p > 1 ? 1 : p, &out));
    return out;
}

Str say_list(Make *m, const Str *items, int n)
{
    Str out = {NULL, 0};
    if (m->err == OK)
        make_ok(m, text_list(m->cx, m->text, items, n, &out));
    return out;
}

Str say_join(Make *m, const char *sep, const Str *parts, int n)
{
    Buf buf = buf_make(m->cx->arena, WORDS_MAX_BYTES);
    Str between = sep ? text_get(m->text, sep) : STR(""), out = {NULL, 0};
    for (int i = 0; i < n; i++) {
        if (parts[i].len == 0)
            continue;
        if (buf.len > 0)
            buf_put(&buf, between);
        buf_put(&buf, parts[i]);
    }
    if (m->err == OK)
        make_ok(m, buf_done(m->cx, &buf, &out));
    return out;
}

Str path_to(Make *m, const char *head, Str tail)
{
    Buf buf = buf_make(m->cx->arena, 1024);
    Str out = {NULL, 0};
    buf_c(&buf, head);
    buf_put(&buf, tail);
    if (m->err == OK)
        make_ok(m, buf_done(m->cx, &buf, &out));
    return out;
}

Str digits_of(Make *m, double n)
{
    enum { NUMBER_LEN = 32 };
    Buf buf = buf_make(m->cx->arena, NUMBER_LEN);
    Str out = {NULL, 0};
    buf_fmt(&buf, "%.10g", n);
    if (m->err == OK)
        make_ok(m, buf_done(m->cx, &buf, &out));
    return out;
}

Str path_of(Make *m, Id person, const char *tail)
{
    char text[ID_TEXT_CAP];
    Str head = path_to(m, "/people/", id_format(person, text));
    Buf buf = buf_make(m->cx->arena, 256);
    Str out = {NULL, 0};
    buf_put(&buf, head);
    buf_c(&buf, tail);
    if (m->err == OK)
        make_ok(m, buf_done(m->cx, &buf, &out));
    return out;
}

Str excerpt_of(Make *m, Str text, int max_chars)
{
    Str line = text, out = {NULL, 0};
    line = str_trim(str_line(&line));
    Str head = utf8_prefix(line, max_chars);
    if (head.len == line.len && line.len == str_trim(text).len)
        return line;
    if (head.len < line.len) { /* back to where a word ends, if one does */
        ptrdiff_t at = head.len;
        while (at > 0 && head.p[at - 1] != ' ')
            at--;
        head = at > 0 ? str_trim(str_sub(head, 0, at)) : head;
    }
    Buf buf = buf_make(m->cx->arena, WORDS_MAX_BYTES);
    buf_put(&buf, head);
    buf_c(&buf, " \u2026");
    if (m->err == OK)
        make_ok(m, buf_done(m->cx, &buf, &out));
    return out;
}
