/* port/vcard_card.c - what each property means.
 * A property is decoded (quoted-printable or base64, then character set) before it is split or
 * unescaped, since encodings lie outermost. The value then goes to the one function for its kind.
 * What stands for all of them together is done at the end of the card (vcard_end.c). */
#include "port/vcard_card.h"
#include "base/buf.h"
#include "base/charset.h"
#include "base/utf8.h"
#include <string.h>

enum { EXCERPT_CHARS = 40, VEC_FIRST = 16 };

void *card_push(VcardCard *card, VcardVec *vec, size_t element_bytes)
{
    if (vec->n == vec->cap) {
        int cap = vec->cap > 0 ? vec->cap * 2 : VEC_FIRST;
        void *p = arena_grow(card->cx->arena, vec->p, vec->cap, cap, (ptrdiff_t)element_bytes,
                             (ptrdiff_t) _Alignof(max_align_t));
        if (!p) {
            card->out_of_memory = true;
            return NULL;
        }
        vec->p = p;
        vec->cap = cap;
    }
    void *at = (char *)vec->p + (size_t)vec->n * element_bytes;
    vec->n++;
    memset(at, 0, element_bytes);
    return at;
}

void card_problem(VcardCard *card, bool lost, const char *key, const Arg *args)
{
    card->problems_total++;
    card->lost = card->lost || lost;
    if (card->problems.n >= VCARD_PROBLEMS_MAX)
        return;
    VcardProblem *problem = card_push(card, &card->problems, sizeof *problem);
    if (!problem)
        return;
    *problem = (VcardProblem){.line = card->line, .card_line = card->person.line, .lost = lost};
    problem->why = (Why){.key = key};
    problem->why.args[0] = arg_int("line", card->line);
    for (int i = 0; args && args[i].name && i + 1 < WHY_ARGS_MAX; i++)
        problem->why.args[i + 1] = args[i];
}

Str card_excerpt(VcardCard *card, Str s)
{
    Str shown =
        utf8_clean(card->cx->arena,
                   utf8_prefix(str_sub(s, 0, (ptrdiff_t)4 * EXCERPT_CHARS), EXCERPT_CHARS), false);
    card->out_of_memory = card->out_of_memory || str_is_null(shown);
    return shown;
}

void card_begin(VcardCard *card, int64_t line)
{
    VcardVec *const vecs[] = {&card->emails,  &card->phones,    &card->urls,       &card->addresses,
                              &card->related, &card->nicknames, &card->categories, &card->notes,
                              &card->groups,  &card->labels,    &card->dates};
    for (size_t i = 0; i < sizeof vecs / sizeof vecs[0]; i++)
        vecs[i]->n = 0;
    card->person = (VcardPerson){.line = line, .version = 30};
    card->line = line;
    card->lost = card->guessed = false;
    card->properties = card->n_alts = 0;
    memset(card->best, 0, sizeof card->best);
}

/* -- decoding */

static void bad_bytes(VcardCard *card, const VcardLine *line)
{
    card_problem(card, false, "err.vcard-bytes",
                 ARGS(arg_str("property", card_excerpt(card, line->name))));
}

static void to_utf8(VcardCard *card, VcardLine *line)
{
    bool named = line->charset.len > 0;
    bool utf8 = !named || charset_is_utf8(line->charset);
    if (utf8 && utf8_valid(line->value))
        return;
    ptrdiff_t bad = 0;
    Str charset = named ? line->charset : STR("windows-1252");
    Err e = charset_to_utf8(card->cx, charset, line->value, &line->value, &bad);
    if (e == ERR_NOT_FOUND) {
        card_problem(card, false, "err.vcard-charset",
                     ARGS(arg_str("charset", card_excerpt(card, charset))));
        e = charset_to_utf8(card->cx, STR("utf-8"), line->value, &line->value, NULL);
    } else if (bad > 0) {
        bad_bytes(card, line);
    } else if (!named && e == OK && !card->guessed) {
        card->guessed = true;
        card_problem(card, false, "err.vcard-guessed",
                     ARGS(arg_str("property", card_excerpt(card, line->name))));
    }
    card->out_of_memory = card->out_of_memory || e == ERR_NOMEM;
}

static unsigned decode(VcardCard *card, VcardLine *line)
{
    ptrdiff_t bad = 0;
    if (line->encoding == ENCODED_QUOTED)
        line->value = vcard_unquote(card->cx->arena, line->value, &bad);
    else if (line->encoding == ENCODED_BASE64)
        bad = !vcard_unbase64(card->cx->arena, line->value, &line->value);
    if (bad > 0 && line->encoding == ENCODED_BASE64)
        line->value = STR("");
    card->out_of_memory = card->out_of_memory || str_is_null(line->value);
    if (bad > 0)
        card_problem(card, false, "err.vcard-encoding",
                     ARGS(arg_str("property", card_excerpt(card, line->name))));
    unsigned scan = vcard_scan(line->value);
    /* UTF-16 and the like show as controls. */
    bool foreign = line->charset.len > 0 && scan & VCARD_HAS_CONTROL;
    if (scan & VCARD_HAS_HIGH || foreign) {
        to_utf8(card, line);
        scan |= VCARD_HAS_HIGH;
        if (foreign)
            scan = vcard_scan(line->value);
    }
    return scan;
}

static Str plain(VcardCard *card, Str s, unsigned scan, bool multiline)
{
    if (s.len == 0)
        return s;
    Str text = vcard_plain(card->cx->arena, s, scan, multiline);
    card->out_of_memory = card->out_of_memory || str_is_null(text);
    return text;
}

/* Parameters are text, too: whatever bytes and carets they hold. */
static Str param_text(VcardCard *card, Str s, bool multiline)
{
    if (s.len == 0)
        return s;
    VcardLine line = {.name = s, .value = vcard_uncaret(card->cx->arena, s)};
    return plain(card, line.value, decode(card, &line) & ~(unsigned)VCARD_HAS_BACKSLASH, multiline);
}

/* -- one function per kind of value */

/* Whether this value of something a person has one of replaces the one taken so far. */
static bool better(VcardCard *card, const VcardLine *line)
{
    unsigned char *best = &card->best[line->what];
    unsigned char rank = (unsigned char)(line->pref > 0 ? line->pref : 101);
    if (*best > 0 && *best <= rank)
        return false;
    *best = rank;
    return true;
}

/* Whether an alternative (same ALTID) of this property was taken already. */
static bool is_alternative(VcardCard *card, const VcardLine *line)
{
    if (line->altid.len == 0)
        return false;
    for (int i = 0; i < card->n_alts; i++) {
        if (card->alts[i].what == line->what && str_eq(card->alts[i].altid, line->altid))
            return true;
    }
    if (card->n_alts == VCARD_ALTIDS) {
        memmove(card->alts, card->alts + 1, sizeof card->alts - sizeof *card->alts);
        card->n_alts--;
    }
    card->alts[card->n_alts++] = (VcardAlt){line->what, line->altid};
    return false;
}

static void take_single(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    Str text = plain(card, line->value, scan, false);
    if (text.len > 0 && better(card, line))
        *(Str *)to = text;
}

static void take_name(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    VcardPerson *p = to;
    Str *const parts[] = {&p->family, &p->given, &p->additional, &p->prefix, &p->suffix};
    Str rest = line->value;
    if (!better(card, line))
        return;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        *parts[i] = rest.p ? plain(card, vcard_cut(&rest, ';'), scan, false) : (Str){NULL, 0};
}

void card_append(Buf *buf, const char *between, Str s)
{
    if (s.len > 0 && buf->len > 0)
        buf_c(buf, between);
    buf_put(buf, s);
}

Str card_text(VcardCard *card, const Buf *buf)
{
    Str s = {NULL, 0};
    card->out_of_memory = card->out_of_memory || buf_done(card->cx, buf, &s) != OK;
    return s;
}

/* Components joined by ", ", empty ones left out. */
static Str join(VcardCard *card, Str rest, unsigned scan)
{
    Buf buf = buf_make(card->cx->arena, (ptrdiff_t)8 * VCARD_VALUE_MAX);
    while (rest.p)
        card_append(&buf, ", ", plain(card, vcard_cut(&rest, ';'), scan, false));
    return card_text(card, &buf);
}

static void take_org(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    VcardPerson *p = to;
    Str rest = line->value, unit = {NULL, 0};
    Str org = plain(card, vcard_cut(&rest, ';'), scan, false);
    if (str_find_char(rest, ';') >= 0)
        unit = join(card, rest, scan);
    else
        unit = plain(card, rest, scan, false);
    if ((org.len > 0 || unit.len > 0) && better(card, line)) {
        p->org = org;
        p->unit = unit;
    }
}

static void take_list(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    Str rest = line->value;
    while (rest.p) {
        Str text = plain(card, vcard_cut(&rest, ','), scan, false);
        Str *slot = text.len > 0 ? card_push(card, to, sizeof *slot) : NULL;
        if (slot)
            *slot = text;
    }
}

static void take_note(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    Str text = plain(card, line->value, scan, true);
    Str *slot = text.len > 0 ? card_push(card, to, sizeof *slot) : NULL;
    if (slot)
        *slot = text;
}

static void remember_group(VcardCard *card, const VcardLine *line, int index)
{
    if (line->group.len == 0)
        return;
    VcardGroup *group = card_push(card, &card->groups, sizeof *group);
    if (group)
        *group = (VcardGroup){line->group, line->what, index};
}

static Str without(Str s, Str scheme)
{
    while (s.len > 0 && (s.p[0] | 0x20) == scheme.p[0] && str_istarts(s, scheme))
        s = str_trim(str_from(s, scheme.len));
    return s;
}

/* Apple wraps its own words: "_$!<Home>!$_". */
static Str unwrap(Str s)
{
    while (s.len > 8 && str_starts(s, STR("_$!<")) && str_ends(s, STR(">!$_"))) {
        Str inside = str_trim(str_sub(s, 4, s.len - 8));
        if (inside.len == 0)
            break;
        s = inside;
    }
    return s;
}

static void take_point(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    Str value = plain(card, line->value, scan, false);
    VcardVec *vec = to;
    if (line->what == WHAT_EMAIL)
        value = without(value, STR("mailto:"));
    if (line->what == WHAT_TEL)
        value = without(value, STR("tel:"));
    if (value.len == 0)
        return;
    VcardPoint *point = card_push(card, vec, sizeof *point);
    if (!point)
        return;
    *point =
        (VcardPoint){value, unwrap(param_text(card, line->word, false)), line->types, line->pref};
    remember_group(card, line, vec->n - 1);
}

static void take_address(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    VcardVec *vec = to;
    VcardAddress a = {
        .printed = param_text(card, line->printed, true), .types = line->types, .pref = line->pref};
    Str *const parts[] = {&a.po_box, &a.extended, &a.street, &a.city,
                          &a.region, &a.postcode, &a.country};
    Str rest = line->value;
    ptrdiff_t total = a.printed.len;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && rest.p; i++) {
        *parts[i] = plain(card, vcard_cut(&rest, ';'), scan, true);
        total += parts[i]->len;
    }
    if (total == 0)
        return;
    a.label = unwrap(param_text(card, line->word, false));
    VcardAddress *slot = card_push(card, vec, sizeof *slot);
    if (!slot)
        return;
    *slot = a;
    remember_group(card, line, vec->n - 1);
}

/* In 2.1 and 3.0 the envelope's text is a property of its own behind the address. */
static void take_printed(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    Str text = plain(card, line->value, scan, true);
    const VcardVec *vec = to;
    VcardAddress *last = vec->n > 0 ? (VcardAddress *)vec->p + (vec->n - 1) : NULL;
    if (last && last->printed.len == 0)
        last->printed = text;
    else if (text.len > 0)
        card->person.left_out.other++;
}

static void take_date(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    VcardDate date = {.year = 0}, *ret = to;
    Str text = plain(card, line->value, scan, false);
    if (text.len == 0 || vcard_date_is_set(ret))
        return;
    if (!vcard_date_parse(text, line->omit_year, &date)) {
        if (str_ieq(line->value_kind, STR("text")))
            date.text = text;
        else
            card_problem(
                card, false, "err.vcard-date",
                ARGS(arg_str("property", line->name), arg_str("value", card_excerpt(card, text))));
    }
    *ret = date;
}

static bool is_uri(Str s)
{
    return str_istarts(s, STR("urn:")) || str_istarts(s, STR("http://")) ||
           str_istarts(s, STR("https://")) || str_istarts(s, STR("mailto:"));
}

Str card_lower(VcardCard *card, Str s)
{
    char *out = s.len > 0 ? arena_alloc(card->cx->arena, s.len, 1, 1) : NULL;
    card->out_of_memory = card->out_of_memory || (s.len > 0 && !out);
    for (ptrdiff_t i = 0; out && i < s.len; i++)
        out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + ('a' - 'A')) : s.p[i];
    return (Str){out, out ? s.len : 0};
}

static void take_related(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    Str text = plain(card, line->value, scan, false);
    VcardVec *vec = to;
    VcardRelated *related = text.len > 0 ? card_push(card, vec, sizeof *related) : NULL;
    if (!related)
        return;
    *(is_uri(text) ? &related->uri : &related->name) = text;
    related->kind = line->relation ? str_c(line->relation)
                                   : card_lower(card, unwrap(param_text(card, line->word, false)));
    remember_group(card, line, vec->n - 1);
}

/* Android writes "vnd.android.cursor.item/KIND;value;type;label;..." with its own numbers for
 * types. */
static void take_android(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    VcardPerson *p = to;
    static const char *const relations[] = {
        "",        "assistant",   "brother",  "child",  "domestic partner",
        "father",  "friend",      "manager",  "mother", "parent",
        "partner", "referred by", "relative", "sister", "spouse"};
    Str rest = line->value;
    Str kind = vcard_cut(&rest, ';');
    Str value = rest.p ? vcard_cut(&rest, ';') : (Str){NULL, 0};
    Str type = rest.p ? vcard_cut(&rest, ';') : (Str){NULL, 0};
    Str label = rest.p ? vcard_cut(&rest, ';') : (Str){NULL, 0};
    int64_t number = 0;
    if (!str_to_i64(type, 0, 14, &number))
        number = 0;
    VcardLine as = *line;
    as.value = value;
    if (str_ends(kind, STR("/nickname"))) {
        take_list(card, &as, scan, &card->nicknames);
    } else if (str_ends(kind, STR("/relation"))) {
        as.word = number == 0 ? label : (Str){NULL, 0};
        as.relation = number == 0 ? NULL : relations[number];
        take_related(card, &as, scan, &card->related);
    } else if (str_ends(kind, STR("/contact_event")) && (number == 1 || number == 3)) {
        take_date(card, &as, scan, number == 1 ? &p->anniversary : &p->birthday);
    } else {
        p->left_out.other++;
    }
}

static void take_label(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    Str text = unwrap(plain(card, line->value, scan, false));
    VcardVec *vec = to;
    if (text.len == 0 || line->group.len == 0)
        return;
    VcardLabel *label = card_push(card, vec, sizeof *label);
    if (label)
        *label = (VcardLabel){line->group, text};
}

static void take_loose_date(VcardCard *card, const VcardLine *line, unsigned scan, void *to)
{
    VcardVec *vec = to;
    VcardDate *date = card_push(card, vec, sizeof *date);
    if (!date)
        return;
    take_date(card, line, scan, date);
    remember_group(card, line, vec->n - 1);
}

static void take_version(VcardCard *card, const VcardLine *line)
{
    Str value = str_trim(line->value);
    if (str_eq(value, STR("2.1")))
        card->person.version = 21;
    else if (str_eq(value, STR("4.0")))
        card->person.version = 40;
    else if (!str_eq(value, STR("3.0")))
        card_problem(card, false, "err.vcard-version",
                     ARGS(arg_str("version", card_excerpt(card, value))));
}

static void take_kind(VcardCard *card, const VcardLine *line)
{
    Str value = str_trim(line->value);
    if (str_ieq(value, STR("group")))
        card->person.kind = VCARD_GROUP;
    else if (str_ieq(value, STR("org")) || str_ieq(value, STR("company")))
        card->person.kind = VCARD_ORGANISATION;
    else if (str_ieq(value, STR("location")))
        card->person.kind = VCARD_PLACE;
}

static bool may_repeat(VcardWhat what)
{
    return what == WHAT_EMAIL || what == WHAT_TEL || what == WHAT_URL || what == WHAT_ADR ||
           what == WHAT_NOTE || what == WHAT_RELATED || what == WHAT_NICKNAME ||
           what == WHAT_CATEGORIES;
}

static void count_left_out(VcardLeftOut *left_out, VcardWhat what)
{
    int *const counts[WHAT_COUNT] = {[WHAT_PHOTO] = &left_out->photos,
                                     [WHAT_LOGO] = &left_out->logos,
                                     [WHAT_SOUND] = &left_out->sounds,
                                     [WHAT_KEY] = &left_out->keys,
                                     [WHAT_AGENT] = &left_out->agents};
    ++*(counts[what] ? counts[what] : &left_out->other);
}

typedef struct Taker {
    void (*take)(VcardCard *card, const VcardLine *line, unsigned scan, void *to);
    size_t to; /* where in the card */
} Taker;

#define TO(member) offsetof(VcardCard, member)
static const Taker takers[WHAT_COUNT] = {
    [WHAT_FN] = {take_single,     TO(person.name)       },
    [WHAT_N] = {take_name,       TO(person)            },
    [WHAT_NICKNAME] = {take_list,       TO(nicknames)         },
    [WHAT_BDAY] = {take_date,       TO(person.birthday)   },
    [WHAT_ANNIVERSARY] = {take_date,       TO(person.anniversary)},
    [WHAT_DATE] = {take_loose_date, TO(dates)             },
    [WHAT_EMAIL] = {take_point,      TO(emails)            },
    [WHAT_TEL] = {take_point,      TO(phones)            },
    [WHAT_URL] = {take_point,      TO(urls)              },
    [WHAT_ADR] = {take_address,    TO(addresses)         },
    [WHAT_PRINTED] = {take_printed,    TO(addresses)         },
    [WHAT_ORG] = {take_org,        TO(person)            },
    [WHAT_TITLE] = {take_single,     TO(person.title)      },
    [WHAT_NOTE] = {take_note,       TO(notes)             },
    [WHAT_CATEGORIES] = {take_list,       TO(categories)        },
    [WHAT_UID] = {take_single,     TO(person.uid)        },
    [WHAT_REV] = {take_single,     TO(person.rev)        },
    [WHAT_RELATED] = {take_related,    TO(related)           },
    [WHAT_ANDROID] = {take_android,    TO(person)            },
    [WHAT_LABEL] = {take_label,      TO(labels)            },
};
#undef TO

void card_take(VcardCard *card, VcardLine *line)
{
    if (line->what == WHAT_OTHER || line->what >= WHAT_PHOTO)
        count_left_out(&card->person.left_out, line->what);
    else if (line->what == WHAT_VERSION)
        take_version(card, line);
    else if (line->what == WHAT_KIND || line->what == WHAT_SHOW_AS)
        take_kind(card, line);
    else if (may_repeat(line->what) && is_alternative(card, line))
        return;
    else if (takers[line->what].take)
        takers[line->what].take(card, line, decode(card, line),
                                (char *)card + takers[line->what].to);
}
