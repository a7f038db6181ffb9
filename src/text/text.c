/* text/text.c - one pass over the catalogue's sentence, copying it and putting arguments where it names
 * them; plain search among at most a handful of arguments. Linear in the result. */
#include "text/text.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "content/catalogue.h"
#include <math.h>

enum { WHY_CHARS_MAX = 500 }; /* of an argument in a message */

const Text *text_locale(Str name)
{
    return content_locale(name);
}

Str text_name(const Text *text)
{
    return content_locale_tag(text);
}

bool text_is_rtl(const Text *text)
{
    return content_locale_rtl(text);
}

bool text_has(const Text *text, const char *key)
{
    return catalogue_find(text, str_c(key)) != NULL;
}

Str text_get(const Text *text, const char *key)
{
    const CatalogueEntry *entry = catalogue_find(text, str_c(key));
    return entry ? catalogue_form(entry, 1) : (Str){NULL, 0};
}

/* A constant of how numbers are written, or what stands for it while a catalogue lacks it. */
static Str number_part(const Text *text, const char *key, const char *otherwise)
{
    Str part = text_get(text, key);
    return str_is_null(part) ? str_c(otherwise) : part;
}

/* The locale's own digits: ten code points in the catalogue. */
static Str digits_of(const Text *text)
{
    Str digits = number_part(text, "number.digits", "0123456789");
    return utf8_count(digits) == 10 ? digits : STR("0123456789");
}

static void put_digit(Buf *buf, Str digits, int digit)
{
    Str from = digits;
    for (int i = 0; i < digit; i++)
        (void)utf8_next(&from);
    Str rest = from;
    (void)utf8_next(&rest);
    buf_bytes(buf, from.p, rest.p - from.p);
}

static void put_int(Buf *buf, const Text *text, int64_t value)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int digits[20], count = 0;
    const Str shapes = digits_of(text);
    do {
        digits[count++] = (int)(left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        buf_put(buf, number_part(text, "number.minus", "-"));
    for (int i = count - 1; i >= 0; i--) {
        put_digit(buf, shapes, digits[i]);
        if (i > 0 && i % 3 == 0)
            buf_put(buf, number_part(text, "number.group", ","));
    }
}

static void put_real(Buf *buf, const Text *text, double value)
{
    if (!isfinite(value) || fabs(value) > 1e15) {
        buf_put(buf, number_part(text, "number.unknown", "?"));
        return;
    }
    int places = fabs(value) < 1 ? 2 : fabs(value) < 100 ? 1 : 0;
    int64_t scale = places == 2 ? 100 : places == 1 ? 10 : 1;
    int64_t scaled = llround(fabs(value) * (double)scale);
    while (places > 0 && scaled % 10 == 0) {
        scaled /= 10;
        scale /= 10;
        places--;
    }
    if (value < 0 && scaled > 0)
        buf_put(buf, number_part(text, "number.minus", "-"));
    put_int(buf, text, scaled / scale);
    if (places > 0)
        buf_put(buf, number_part(text, "number.decimal", "."));
    for (int64_t unit = scale / 10; unit > 0; unit /= 10)
        put_digit(buf, digits_of(text), (int)(scaled / unit % 10));
}

static bool is_rtl_letter(int32_t cp)
{
    return (cp >= 0x0590 && cp <= 0x08FF) || (cp >= 0xFB1D && cp <= 0xFDFF) ||
           (cp >= 0xFE70 && cp <= 0xFEFF) || (cp >= 0x10800 && cp <= 0x10FFF) ||
           (cp >= 0x1E800 && cp <= 0x1EFFF);
}

/* Words of the other direction would carry the punctuation around them along. */
static bool needs_isolating(const Text *text, Str s)
{
    bool rtl = text_is_rtl(text);
    for (int32_t cp = utf8_next(&s); cp >= 0; cp = utf8_next(&s)) {
        if (is_rtl_letter(cp) != rtl && (utf8_is_letter(cp) && (cp < '0' || cp > '9')))
            return true;
    }
    return false;
}

static void put_words(Buf *buf, const Text *text, Str s)
{
    bool isolate = needs_isolating(text, s);
    buf_c(buf, isolate ? "\u2068" : "");
    buf_put(buf, s);
    buf_c(buf, isolate ? "\u2069" : "");
}

static const Arg *find_arg(const Arg *args, Str name)
{
    for (; args && args->name; args++)
        if (str_eq_c(name, args->name))
            return args;
    return NULL;
}

static void put_shown(Buf *buf, Str name)
{
    buf_c(buf, "\u27E8");
    buf_put(buf, name);
    buf_c(buf, "\u27E9");
}

static void put_arg(Buf *buf, const Text *text, const Arg *args, Str name)
{
    const Arg *arg = find_arg(args, name);
    if (!arg)
        put_shown(buf, name);
    else if (arg->kind == ARG_INT)
        put_int(buf, text, arg->num);
    else if (arg->kind == ARG_REAL)
        put_real(buf, text, arg->real);
    else
        put_words(buf, text, arg->str);
}

static int64_t plural_count(const Arg *args)
{
    const Arg *n = find_arg(args, STR("n"));
    if (!n || n->kind == ARG_STR)
        return 1;
    if (n->kind == ARG_INT)
        return n->num;
    return isfinite(n->real) && fabs(n->real) < 1e15 ? (int64_t)ceil(n->real) : 2;
}

static void put_sentence(Buf *buf, const Text *text, Str form, const Arg *args)
{
    while (form.len > 0) {
        ptrdiff_t open = str_find_char(form, '{');
        buf_put(buf, open < 0 ? form : str_sub(form, 0, open));
        if (open < 0)
            return;
        form = str_from(form, open + 1);
        if (str_starts(form, STR("{"))) {
            buf_char(buf, '{');
            form = str_from(form, 1);
            continue;
        }
        ptrdiff_t close = str_find_char(form, '}');
        INVARIANT(close >= 0); /* the content compiler lets no stray brace through */
        put_arg(buf, text, args, str_sub(form, 0, close));
        form = str_from(form, close + 1);
    }
}

Err text_format(Cx *cx, const Text *text, const char *key, const Arg *args, Str *ret)
{
    Buf buf = buf_make(cx->arena, TEXT_MAX_BYTES);
    const CatalogueEntry *entry = catalogue_find(text, str_c(key));
    if (entry)
        put_sentence(&buf, text, catalogue_form(entry, plural_count(args)), args);
    else
        put_shown(&buf, str_c(key));
    return buf_done(cx, &buf, ret);
}

static bool shows_as_it_is(Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    }
    return s.len <= WHY_CHARS_MAX && utf8_valid(s);
}

/* What was given may be anything at all: bytes that are no text, or too many of them to be read back. */
static Str shown(Cx *cx, Str s)
{
    if (shows_as_it_is(s))
        return s;
    Str clean = utf8_clean(cx->arena, str_sub(s, 0, (ptrdiff_t)4 * (WHY_CHARS_MAX + 1)), false);
    Str start = utf8_prefix(clean, WHY_CHARS_MAX);
    Buf buf = buf_make(cx->arena, TEXT_MAX_BYTES);
    buf_put(&buf, start);
    buf_c(&buf, start.len < clean.len ? "\u2026" : "");
    return buf_done(cx, &buf, &clean) == OK ? clean : STR("");
}

Err text_why(Cx *cx, const Text *text, const Why *why, Str *ret)
{
    Why said = *why;
    for (int i = 0; i < WHY_ARGS_MAX && said.args[i].name; i++) {
        if (said.args[i].kind == ARG_STR)
            said.args[i].str = shown(cx, said.args[i].str);
    }
    return text_format(cx, text, said.key ? said.key : "err.unknown", said.args, ret);
}

Err text_int(Cx *cx, const Text *text, int64_t value, Str *ret)
{
    Buf buf = buf_make(cx->arena, TEXT_MAX_BYTES);
    put_int(&buf, text, value);
    return buf_done(cx, &buf, ret);
}

Err text_real(Cx *cx, const Text *text, double value, Str *ret)
{
    Buf buf = buf_make(cx->arena, TEXT_MAX_BYTES);
    put_real(&buf, text, value);
    return buf_done(cx, &buf, ret);
}

Err text_list(Cx *cx, const Text *text, const Str *items, ptrdiff_t count, Str *ret)
{
    Buf buf = buf_make(cx->arena, TEXT_MAX_BYTES);
    for (ptrdiff_t i = 0; i < count; i++) {
        if (i > 0)
            buf_put(&buf, text_get(text, i == count - 1 ? "list.and" : "list.comma"));
        put_words(&buf, text, items[i]);
    }
    return buf_done(cx, &buf, ret);
}
