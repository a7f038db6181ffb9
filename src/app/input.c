/* app/input.c - what a face received, checked against the row's parameters before anything happens.
 * Each type has one reader; a value that does not pass names its field, what was wrong and what would be
 * right. Cost is linear in the bytes given. */
#include "app/acts.h"
#include "base/buf.h"
#include "base/os.h"
#include "base/time.h"
#include "base/utf8.h"
#include "text/when.h"

static Err bad(Cx *cx, const Param *p, const char *key, const Arg *args)
{
    return err_field(cx, ERR_INVALID, p->name, key, args);
}

static const Param *param_named(const Action *action, Str name)
{
    for (const Param *p = action->params; p && p->name; p++) {
        if (str_eq_c(name, p->name))
            return p;
    }
    return NULL;
}

static Err read_text(Cx *cx, const Param *p, Str raw, Value *v)
{
    if (!utf8_valid(raw))
        return bad(cx, p, "err.not-utf8", ARGS(arg_c("field", p->name)));
    v->text = str_trim(utf8_clean(cx->arena, raw, p->type == PARAM_PROSE));
    if (str_is_null(v->text))
        return err_nomem(cx);
    ptrdiff_t chars = utf8_count(v->text);
    if (chars > p->max)
        return bad(cx, p, "err.too-long",
                   ARGS(arg_c("field", p->name), arg_int("max", p->max), arg_int("given", chars)));
    return OK;
}

static Err read_number(Cx *cx, const Param *p, Str raw, Value *v)
{
    bool whole = p->type == PARAM_INT;
    double real = 0;
    int64_t num = 0;
    raw = str_trim(raw);
    bool good = whole ? str_to_i64(raw, (int64_t)p->lo, (int64_t)p->hi, &num)
                      : str_to_double(raw, p->lo, p->hi, &real);
    if (!good)
        return bad(cx, p, whole ? "err.whole-number" : "err.number",
                   ARGS(arg_c("field", p->name), arg_str("given", raw), arg_real("lo", p->lo),
                        arg_real("hi", p->hi)));
    v->num = num;
    v->real = whole ? (double)num : real;
    return OK;
}

static Err list_choices(Cx *cx, const char *const *choices, Str *ret)
{
    Buf buf = buf_make(cx->arena, 4096);
    for (int i = 0; choices[i]; i++) {
        buf_c(&buf, i > 0 ? ", " : "");
        buf_c(&buf, choices[i]);
    }
    return buf_done(cx, &buf, ret);
}

/* The choice that raw is, or is the only one to begin with. */
static Err read_choice(Cx *cx, const Param *p, Str raw, int *ret)
{
    int found = -1, hits = 0;
    for (int i = 0; p->choices[i]; i++) {
        Str choice = str_c(p->choices[i]);
        if (str_ieq(choice, raw)) {
            *ret = i;
            return OK;
        }
        if (raw.len > 0 && str_istarts(choice, raw)) {
            found = i;
            hits++;
        }
    }
    if (hits == 1) {
        *ret = found;
        return OK;
    }
    Str all = {NULL, 0};
    Err e = list_choices(cx, p->choices, &all);
    return e != OK
               ? e
               : bad(cx, p, "err.choice",
                     ARGS(arg_c("field", p->name), arg_str("given", raw), arg_str("choices", all)));
}

static Err read_some(Cx *cx, const Param *p, Str raw, Value *v)
{
    v->set = 0;
    for (Str rest = raw; rest.p;) {
        Str one = str_trim(str_cut(&rest, ','));
        int choice = 0;
        if (one.len == 0)
            continue;
        Err e = read_choice(cx, p, one, &choice);
        if (e != OK)
            return e;
        v->set |= UINT32_C(1) << choice;
    }
    return OK;
}

/* Nobody is born, or met, in a year to come. */
static Err check_past(Cx *cx, const Param *p, Str raw, int64_t ymd)
{
    Civil today = time_local(cx->now_ms + TIME_DAY_MS); /* somewhere it is tomorrow already */
    if (ymd <= (int64_t)today.year * 10000 + today.month * 100 + today.day)
        return OK;
    return bad(cx, p, "err.date-ahead", ARGS(arg_c("field", p->name), arg_str("given", raw)));
}

/* year*10000 + month*100 + day; year 0 when it was left out, as in "--05-01" or "1 May"; 0 for an empty field. */
static Err read_date(Cx *cx, const App *app, const Param *p, Str raw, Value *v)
{
    Civil c = {0};
    int32_t worded = 0;
    raw = str_trim(raw);
    if (raw.len == 0)
        return OK;
    bool yearless = str_starts(raw, STR("--"));
    if (yearless) {
        int64_t month = 0, day = 0;
        Str rest = str_from(raw, 2);
        Str m = str_cut(&rest, '-');
        if (rest.p && str_to_i64(m, 1, 12, &month) &&
            str_to_i64(rest, 1, time_days_in_month(2000, (int)month), &day)) {
            v->num = month * 100 + day;
            return OK;
        }
    } else if (time_parse_date(raw, &c)) {
        v->num = (int64_t)c.year * 10000 + c.month * 100 + c.day;
        return check_past(cx, p, raw, v->num);
    } else {
        Err e = when_date(cx, app->text, raw, &worded);
        v->num = worded;
        if (e != OK || worded != 0)
            return e != OK ? e : check_past(cx, p, raw, v->num);
    }
    return bad(cx, p, "err.date", ARGS(arg_c("field", p->name), arg_str("given", raw)));
}

static Err read_person(Cx *cx, App *app, const Param *p, Str raw, Value *v)
{
    Err e = app_person(cx, app, p->name, str_trim(raw), &v->person);
    if (e == OK)
        v->id = book_id(app->book, v->person);
    return e;
}

static Err read_file(Cx *cx, const Param *p, Str raw, bool from_files, Value *v)
{
    if (!from_files) {
        if (raw.len > p->max)
            return bad(cx, p, "err.too-large", ARGS(arg_int("max", p->max)));
        v->text = raw;
        return OK;
    }
    v->file_name = raw;
    v->text = (Str){NULL, 0};
    if (p->unread && !str_eq_c(raw, "-"))
        return OK;
    return os_read_file(cx, raw, p->max, &v->text);
}

static Err read_value(Cx *cx, App *app, const Param *p, Str raw, bool from_files, Value *v)
{
    *v = (Value){.param = p, .text = raw};
    switch (p->type) {
    case PARAM_TEXT:
    case PARAM_PROSE:
        return read_text(cx, p, raw, v);
    case PARAM_WHEN: {
        When when = {0};
        Err e = when_parse(cx, app->text, p->name, raw, WHEN_PAST, &when);
        v->num = when.at_ms;
        if (e == OK)
            when_bounds(&when, &v->begin, &v->end);
        return e;
    }
    case PARAM_DATE:
        return read_date(cx, app, p, raw, v);
    case PARAM_INT:
    case PARAM_REAL:
        return read_number(cx, p, raw, v);
    case PARAM_ONE: {
        int choice = 0;
        Err e = read_choice(cx, p, str_trim(raw), &choice);
        v->num = choice;
        return e;
    }
    case PARAM_SOME:
        return read_some(cx, p, raw, v);
    case PARAM_FLAG:
        v->num = !str_eq_c(raw, "0") && !str_eq_c(raw, "off") && raw.len > 0;
        return OK;
    case PARAM_PERSON:
        return read_person(cx, app, p, raw, v);
    case PARAM_ID:
        if (id_parse(str_trim(raw), &v->id))
            return OK;
        return bad(cx, p, "err.id", ARGS(arg_c("field", p->name)));
    case PARAM_FILE:
        return read_file(cx, p, raw, from_files, v);
    case PARAM_SECRET:
        if (raw.len > p->max)
            return bad(cx, p, "err.passphrase-too-long", ARGS(arg_int("max", p->max)));
        return OK;
    }
    return OK;
}

/* An untouched field of a form arrives as an empty string: it says nothing, except where editing
 * clears with it. */
static bool is_unsaid(const Param *p, Str raw)
{
    return raw.len == 0 && p->type != PARAM_TEXT && p->type != PARAM_PROSE &&
           p->type != PARAM_SOME && p->type != PARAM_DATE;
}

/* A second value of a SOME joins the first: a form sends one a checked box. */
static bool joins_earlier(Input *in, const Value *v)
{
    for (int i = 0; v->param->type == PARAM_SOME && i < in->count; i++) {
        if (in->values[i].param == v->param) {
            in->values[i].set |= v->set;
            return true;
        }
    }
    return false;
}

static Err check_whole(Cx *cx, const Input *in)
{
    for (const Param *p = in->action->params; p && p->name; p++) {
        const Value *v = input_value(in, p->name);
        bool empty = !v || (v->text.len == 0 && (p->type == PARAM_TEXT || p->type == PARAM_PROSE));
        if (p->required && empty)
            return bad(cx, p, p->type == PARAM_PERSON ? "err.required-person" : "err.required",
                       ARGS(arg_c("field", p->name)));
    }
    return OK;
}

Err input_read(Cx *cx, App *app, const Action *action, const Pair pairs[], int count,
               bool from_files, Input *ret)
{
    Input *in = ret;
    if (count > VALUES_MAX)
        return err_set(cx, ERR_LIMIT, "err.too-many-values", ARGS(arg_int("max", VALUES_MAX)));
    *in = (Input){.action = action, .values = arena_new(cx->arena, Value, count + 1)};
    if (!in->values)
        return err_nomem(cx);
    for (int i = 0; i < count; i++) {
        const Param *p = param_named(action, pairs[i].name);
        if (!p)
            return err_set(cx, ERR_INVALID, "err.unknown-field",
                           ARGS(arg_str("field", utf8_clean(cx->arena, pairs[i].name, false))));
        if (is_unsaid(p, pairs[i].value))
            continue;
        Value *v = &in->values[in->count];
        Err e = read_value(cx, app, p, pairs[i].value, from_files, v);
        if (e != OK)
            return e;
        if (joins_earlier(in, v))
            continue;
        if (!p->repeated && p->type != PARAM_SOME && input_value(in, p->name))
            return bad(cx, p, "err.given-twice", ARGS(arg_c("field", p->name)));
        in->count++;
    }
    return check_whole(cx, in);
}

const Value *input_value(const Input *in, const char *name)
{
    for (int i = 0; i < in->count; i++) {
        if (str_eq_c(str_c(in->values[i].param->name), name))
            return &in->values[i];
    }
    return NULL;
}

Str input_text(const Input *in, const char *name)
{
    const Value *v = input_value(in, name);
    return v ? v->text : STR("");
}

bool input_flag(const Input *in, const char *name)
{
    const Value *v = input_value(in, name);
    return v && v->num != 0;
}
