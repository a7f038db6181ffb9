/* view/search.c - what was found, with a line around the first match. The match is looked for in folded text word by word, so
 * that the excerpt shows "Zoë" for "zoe". Linear in the text of each hit. */
#include "base/utf8.h"
#include "book/words.h"
#include "view/event.h"
#include "view/steps.h"

enum { AROUND_CHARS = 60 };
static const char *const WHAT[] = {"people", "moments", "notes", "check-ins", "reflections"};
enum { COUNT_WHAT = 5 };

/* -- the line around a match --------------------------------------------------------------------- */

static Str fold(Make *m, Str text)
{
    Str folded = words_fold(m->cx->arena, text);
    if (str_is_null(folded))
        make_ok(m, err_nomem(m->cx));
    return folded;
}

/* The written word that begins like one of the asked ones; the null slice when none does. */
static Str find_word(Make *m, Str text, Str asked)
{
    Str folded = fold(m, asked), word = {NULL, 0};
    if (!words_next(&folded, &word))
        return (Str){NULL, 0};
    for (Str rest = text; rest.len > 0;) {
        Str from = rest;
        int32_t c = utf8_next(&rest);
        if (!utf8_is_letter(c))
            continue;
        while (rest.len > 0) {
            Str ahead = rest;
            if (!utf8_is_letter(utf8_next(&ahead)))
                break;
            rest = ahead;
        }
        Str written = {from.p, from.len - rest.len};
        if (str_starts(fold(m, written), word))
            return written;
    }
    return (Str){NULL, 0};
}

/* The last max_chars characters, from where a word begins. */
static Str tail_of(Str s, int max_chars)
{
    ptrdiff_t surplus = utf8_count(s) - max_chars;
    if (surplus <= 0)
        return s;
    Str rest = str_from(s, utf8_prefix(s, surplus).len);
    ptrdiff_t space = str_find_char(rest, ' ');
    return space >= 0 ? str_from(rest, space + 1) : rest;
}

static Str head_of(Str s, int max_chars)
{
    Str head = utf8_prefix(s, max_chars);
    if (head.len == s.len)
        return s;
    ptrdiff_t at = head.len;
    while (at > 0 && head.p[at - 1] != ' ')
        at--;
    return at > 0 ? str_sub(head, 0, at - 1) : head;
}

/* One line of what people wrote in several. */
static Str one_line(Make *m, Str s)
{
    Str line = s.len > 0 ? utf8_clean(m->cx->arena, s, false) : STR("");
    if (str_is_null(line))
        make_ok(m, err_nomem(m->cx));
    return line;
}

static Str with_dots(Make *m, const char *key, Str s)
{
    return say(m, key, ARGS(arg_str("text", s)));
}

static void put_excerpt(Make *m, json_t *o, Str text, Str asked)
{
    Str match = find_word(m, text, asked);
    Str before = STR(""), after = text;
    if (match.p) {
        Str left = {text.p, match.p - text.p};
        before = tail_of(left, AROUND_CHARS);
        bool cut = before.len < left.len;
        before = one_line(m, before);
        before = cut ? with_dots(m, "view.search.cut-before", before) : before;
        after = str_from(text, match.p + match.len - text.p);
    }
    Str head = head_of(after, AROUND_CHARS);
    bool cut = head.len < after.len;
    head = one_line(m, head);
    after = cut ? with_dots(m, "view.search.cut-after", head) : head;
    Str parts[3] = {before, match.p ? match : STR(""), after};
    put_str(m, o, "before", parts[0]);
    put_str(m, o, "match", parts[1]);
    put_str(m, o, "after", parts[2]);
    put_str(m, o, "excerpt", say_join(m, NULL, parts, 3));
}

/* -- hits ---------------------------------------------------------------------------------------- */

static void fill_person(Make *m, json_t *o, BookRef person)
{
    put_str(m, o, "title", book_name(m->book, person));
    put_c(m, o, "when", "");
    put_c(m, o, "on", "");
    put_str(m, o, "path", path_of(m, book_id(m->book, person), ""));
}

static void fill_event(Make *m, json_t *o, BookRef ref)
{
    BookEvent event = {.at_ms = 0};
    if (m->err != OK || !make_ok(m, book_event(m->cx, m->book, ref, &event)))
        return;
    Str *names = arena_new(m->cx->arena, Str, event.people.n + 1);
    if (!names) {
        make_ok(m, err_nomem(m->cx));
        return;
    }
    for (int i = 0; i < event.people.n; i++)
        names[i] = book_name(m->book, event.people.p[i]);
    bool named = event.people.n > 0;
    put_str(m, o, "title",
            named ? say_list(m, names, event.people.n) : say(m, "view.search.alone", NO_ARGS));
    put_ago(m, o, "when", event.at_ms);
    put_day(m, o, "on", event.at_ms);
    put_str(m, o, "path",
            named ? path_of(m, book_id(m->book, event.people.p[0]), "") : STR("/reflect"));
}

static void add_hit(Make *m, json_t *list, const BookHit *hit, Str asked)
{
    uint16_t kind = book_kind(m->book, hit->ref);
    bool event = entry_kind_is_event(kind);
    if (m->err != OK || !(event || kind == ENTRY_PERSON || kind == ENTRY_RELATIONSHIP))
        return; /* one's own settings have a page of their own */
    json_t *o = add_object(m, list);
    const char *name = event ? event_kind_name(kind) : "person";
    put_c(m, o, "kind", name);
    put_str(m, o, "what", say_of(m, "view.event.", str_c(name), NO_ARGS));
    if (event)
        fill_event(m, o, hit->ref);
    else
        fill_person(m, o,
                    kind == ENTRY_PERSON
                        ? hit->ref
                        : book_find(m->book, ENTRY_PERSON, book_id(m->book, hit->ref)));
    put_excerpt(m, o, hit->text, asked);
}

/* -- the page ------------------------------------------------------------------------------------ */

static void put_whom(Make *m, json_t *o, BookRef person)
{
    json_t *list = put_list(m, o, "people");
    BookRefs people = book_people(m->book);
    for (int i = 0; i < people.n && m->err == OK; i++) {
        Bond b;
        if (!bond_read(m, people.p[i], &b))
            return;
        json_t *choice = add_object(m, list);
        put_id(m, choice, "id", b.person.id);
        put_str(m, choice, "name", b.name);
        put_str(m, choice, "kinds", bond_kinds(m, &b));
        put_bool(m, choice, "selected", people.p[i] == person);
    }
}

static int what_of(uint32_t kinds)
{
    static const uint32_t first[COUNT_WHAT] = {BOOK_KIND(ENTRY_PERSON), BOOK_KIND(ENTRY_MOMENT),
                                               BOOK_KIND(ENTRY_NOTE), BOOK_KIND(ENTRY_CHECKIN),
                                               BOOK_KIND(ENTRY_REFLECTION)};
    for (int i = 0; i < COUNT_WHAT; i++) {
        if (kinds & first[i])
            return i;
    }
    return -1;
}

Err view_search(Cx *cx, const View *v, const BookSearch *search, json_t **ret)
{
    Make m;
    const BookHit *hits = NULL;
    int n = 0;
    bool asked = search->text.len > 0;
    json_t *o = make_view(&m, cx, v, "search");
    if (asked)
        make_ok(&m, book_search(cx, v->book, search, &hits, &n));
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        add_hit(&m, list, &hits[i], search->text);
    int count = (int)json_array_size(list);
    put_say(&m, o, "heading", "view.search.heading", NO_ARGS);
    put_str(&m, o, "text", search->text);
    put_bool(&m, o, "asked", asked);
    put_str(&m, o, "result",
            !asked ? STR("")
                   : say(&m, count > 0 ? "view.search.found" : "view.search.none",
                         ARGS(arg_int("n", count), arg_str("text", search->text))));
    put_int(&m, o, "count", count);
    put_c(&m, o, "path", "/search");
    put_choices(&m, o, "what", "choice.what.", WHAT, COUNT_WHAT, what_of(search->kinds),
                "choice.what.any");
    put_whom(&m, o, search->person);
    put_json(&m, o, "hits", list);
    return make_end(&m, o, ret);
}
