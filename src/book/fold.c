/* book/fold.c - many entries, one object. For each field the value with the latest stamp holds; equal
 * stamps, which two processes of one device can make, are settled by the entry's id. "Latest" is a
 * maximum under a total order, and a maximum does not depend on the order of arrival: that is the
 * whole proof that fold(a U b) = fold(b U a). An undone batch is left out before the maximum is taken.
 * Cost is the length of the object's own chain, in nearly all cases one entry. */
#include "base/time.h"
#include "book/model.h"
#include <stdlib.h>

bool entry_counts(const EntryRow *row)
{
    return row->held != 0 && (row->held & HELD_UNDONE) == 0;
}

static bool later(Stamp stamp, Id id, Stamp than, Id than_id)
{
    int c = stamp_cmp(stamp, than);
    return c != 0 ? c > 0 : id_cmp(id, than_id) > 0;
}

static void life_take(Life *life, const Entry *e, bool *any, bool *created)
{
    if (!*any || stamp_cmp(e->stamp, life->first) < 0)
        life->first = e->stamp;
    if (!*any || stamp_cmp(e->stamp, life->last) > 0)
        life->last = e->stamp;
    *any = true;
    *created |= id_eq(e->id, e->object);
}

static void pick_take(Pick *pick, const Entry *e, const FieldValue *value)
{
    if (!id_is_zero(pick->entry) && !later(e->stamp, e->id, pick->stamp, pick->entry))
        return;
    const FieldSpec *spec = entry_field_spec(e->kind, pick->tag);
    pick->stamp = e->stamp;
    pick->entry = e->id;
    pick->value = *value;
    pick->said = value->wire != WIRE_NONE && (!spec || entry_value_fits(spec, value));
}

/* Both ascend by tag, so that nothing is read of the fields behind the last one picked. */
static void picks_take(Pick picks[], int n, const Entry *head, Str rest)
{
    int at = 0;
    Field field;
    while (at < n && entry_next_field(&rest, &field)) {
        while (at < n && picks[at].tag < field.tag)
            at++;
        if (at < n && picks[at].tag == field.tag)
            pick_take(&picks[at++], head, &field.value);
    }
}

static bool is_yes(const Pick *pick)
{
    return pick->said && pick->value.wire == WIRE_INT && pick->value.num != 0;
}

/* picks[] ascends by tag and begins with F_GONE. */
void fold_pick(const Book *book, BookRef ref, Pick picks[], int n, Life *ret_life)
{
    const ObjectRow *object = object_row(book, ref);
    bool any = false, created = false;
    Life life = {.present = false};
    for (uint32_t i = object->first; i != NO_ROW; i = entry_row(book, i)->next) {
        const EntryRow *row = entry_row(book, i);
        Entry e;
        Str rest = {NULL, 0};
        if (!entry_counts(row))
            continue;
        entry_skim(bodies_at(&book->bodies, row->body), &e, &rest);
        if (e.kind != object->kind) /* only in a checkpoint that somebody made up */
            continue;
        life_take(&life, &e, &any, &created);
        picks_take(picks, n, &e, rest);
    }
    life.present = any && (created || !entry_kind_is_created(object->kind)) && !is_yes(&picks[0]);
    *ret_life = life;
}

static void add_person(EventFacts *facts, Id id)
{
    for (int i = 0; i < facts->n; i++) {
        if (id_eq(facts->people[i], id))
            return;
    }
    if (facts->n < EVENT_PEOPLE_MAX)
        facts->people[facts->n++] = id;
}

static int64_t date_noon_ms(int64_t ymd)
{
    Civil c = {(int)(ymd / 10000), (int)(ymd / 100 % 100), (int)(ymd % 100), .hour = 12};
    return time_instant(&c, 0);
}

void fold_event(const Book *book, BookRef ref, EventFacts *ret)
{
    enum { GONE, PERSON, PEOPLE, AT, OFFSET, DAY, N };
    Pick picks[N] = {{F_GONE}, {F_PERSON}, {F_PEOPLE}, {F_AT}, {F_OFFSET}, {F_CONTACT_DAY}};
    bool counted = object_row(book, ref)->kind == ENTRY_CONTACT;
    fold_pick(book, ref, picks, counted ? N : N - 1, &ret->life);
    ret->n = 0;
    ret->offset_min = picks[OFFSET].said ? (int)picks[OFFSET].value.num : 0;
    if (picks[AT].said)
        ret->at_ms = picks[AT].value.num;
    else if (picks[DAY].said && picks[DAY].value.num >= 10101) /* a year that is known */
        ret->at_ms = date_noon_ms(picks[DAY].value.num);
    else
        ret->at_ms = (int64_t)(ret->life.first.hlc >> 16);
    if (picks[PERSON].said)
        add_person(ret, picks[PERSON].value.id);
    Str items = picks[PEOPLE].said ? picks[PEOPLE].value.bytes : (Str){NULL, 0};
    FieldValue item;
    while (list_next(&items, &item))
        add_person(ret, item.id);
}

/* -- seasons ----------------------------------------------------------------------------------- */

typedef struct SeasonWord {
    BookSeason said;
    Stamp stamp;
    Id entry;
} SeasonWord;

/* False: this entry says nothing of the season. */
static bool season_word(const Entry *e, Str rest, SeasonWord *ret)
{
    Pick picks[2] = {{F_REL_SEASON}, {F_REL_SEASON_SINCE}};
    picks_take(picks, 2, e, rest);
    *ret = (SeasonWord){
        .said = {.season = picks[0].said ? (int)picks[0].value.num : -1,
                 .since_ms = picks[1].said ? picks[1].value.num : -1},
        .stamp = e->stamp,
        .entry = e->id
    };
    return !id_is_zero(picks[0].entry);
}

static int by_when(const void *one, const void *other)
{
    const SeasonWord *a = one, *b = other;
    return later(b->stamp, b->entry, a->stamp, a->entry) ? -1 : 1;
}

/* In the order in which they were said. */
static int season_words(const Book *book, const ObjectRow *object, SeasonWord words[])
{
    int n = 0;
    for (uint32_t i = object->first; i != NO_ROW; i = entry_row(book, i)->next) {
        Entry e;
        Str rest = {NULL, 0};
        SeasonWord w;
        if (!entry_counts(entry_row(book, i)))
            continue;
        entry_skim(bodies_at(&book->bodies, entry_row(book, i)->body), &e, &rest);
        if (e.kind != object->kind || !season_word(&e, rest, &w))
            continue;
        words[n++] = w;
    }
    qsort(words, (size_t)n, sizeof *words, by_when);
    return n;
}

/* A first word without a day holds from the beginning, a later one from when it was said. */
static int64_t season_from(const SeasonWord *w, bool first)
{
    if (w->said.since_ms >= 0)
        return w->said.since_ms;
    return first ? 0 : (int64_t)(w->stamp.hlc >> 16);
}

Err book_seasons(Cx *cx, const Book *book, BookRef person, const BookSeason **ret, int *ret_n)
{
    BookRef ref = person_of(book, person)
                      ? book_find(book, ENTRY_RELATIONSHIP, book_id(book, person))
                      : BOOK_NONE;
    int cap = 1, n = 0;
    for (uint32_t i = ref == BOOK_NONE ? NO_ROW : object_row(book, ref)->first; i != NO_ROW;
         i = entry_row(book, i)->next)
        cap++;
    SeasonWord *words = arena_new(cx->arena, SeasonWord, cap);
    BookSeason *out = arena_new(cx->arena, BookSeason, cap);
    if (!words || !out)
        return err_nomem(cx);
    int said = ref == BOOK_NONE ? 0 : season_words(book, object_row(book, ref), words);
    for (int i = 0; i < said; i++) {
        BookSeason s = {words[i].said.season, season_from(&words[i], i == 0)};
        while (n > 0 && out[n - 1].since_ms >= s.since_ms)
            n--;
        out[n++] = s;
    }
    *ret = out;
    *ret_n = n;
    return OK;
}

/* -- the whole object -------------------------------------------------------------------------- */

typedef struct Fold {
    Cx *cx;
    Pick *picks;
    int n, cap;
} Fold;

/* The pick for tag, added in its place; NULL when the arena is full. */
static Pick *fold_at(Fold *fold, uint16_t tag)
{
    int lo = 0, hi = fold->n;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (fold->picks[mid].tag < tag)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < fold->n && fold->picks[lo].tag == tag)
        return &fold->picks[lo];
    if (fold->n == fold->cap) {
        int cap = fold->cap ? fold->cap * 2 : 16;
        Pick *grown =
            arena_grow(fold->cx->arena, fold->picks, fold->cap, cap, sizeof *grown, _Alignof(Pick));
        if (!grown)
            return NULL;
        fold->picks = grown;
        fold->cap = cap;
    }
    for (int i = fold->n; i > lo; i--)
        fold->picks[i] = fold->picks[i - 1];
    fold->n++;
    fold->picks[lo] = (Pick){.tag = tag};
    return &fold->picks[lo];
}

static bool fold_entry(Fold *fold, const Entry *e)
{
    for (int i = 0; i < e->n_fields; i++) {
        Pick *pick = fold_at(fold, e->fields[i].tag);
        if (!pick)
            return false;
        pick_take(pick, e, &e->fields[i].value);
    }
    return true;
}

/* Most objects are one entry: its fields as they stand. */
static Err take_one(Cx *cx, const Entry *e, BookObject *ret)
{
    Field *fields = arena_new(cx->arena, Field, e->n_fields);
    if (!fields)
        return err_nomem(cx);
    for (int i = 0; i < e->n_fields; i++) {
        Pick pick = {.tag = e->fields[i].tag};
        pick_take(&pick, e, &e->fields[i].value);
        if (pick.said)
            fields[ret->n++] = e->fields[i];
    }
    ret->fields = fields;
    ret->first = ret->last = e->stamp;
    return OK;
}

static Err take_many(Cx *cx, const Book *book, uint32_t chain, BookObject *ret)
{
    Fold fold = {.cx = cx};
    Life life = {.present = false};
    bool any = false, created = false;
    for (uint32_t i = chain; i != NO_ROW; i = entry_row(book, i)->next) {
        Entry e;
        if (!entry_counts(entry_row(book, i)))
            continue;
        entry_view(bodies_at(&book->bodies, entry_row(book, i)->body), &e);
        if (e.kind != ret->kind)
            continue;
        life_take(&life, &e, &any, &created);
        if (!fold_entry(&fold, &e))
            return err_nomem(cx);
    }
    Field *fields = arena_new(cx->arena, Field, fold.n);
    if (!fields)
        return err_nomem(cx);
    for (int i = 0; i < fold.n; i++) {
        if (fold.picks[i].said)
            fields[ret->n++] = (Field){.tag = fold.picks[i].tag, .value = fold.picks[i].value};
    }
    ret->fields = fields;
    ret->first = life.first;
    ret->last = life.last;
    return OK;
}

Err book_object(Cx *cx, const Book *book, BookRef ref, BookObject *ret)
{
    if (ref >= book->objects.n)
        return err_set(cx, ERR_NOT_FOUND, "err.object-missing", NO_ARGS);
    const ObjectRow *row = object_row(book, ref);
    BookObject object = {.ref = ref,
                         .id = object_id(book, ref),
                         .kind = row->kind,
                         .present = (row->flags & OBJ_PRESENT) != 0};
    Entry e;
    bool one = row->first != NO_ROW && entry_row(book, row->first)->next == NO_ROW &&
               entry_counts(entry_row(book, row->first));
    if (one) {
        entry_view(bodies_at(&book->bodies, entry_row(book, row->first)->body), &e);
        one = e.kind == row->kind;
    }
    Err err = one ? take_one(cx, &e, &object) : take_many(cx, book, row->first, &object);
    if (err == OK)
        *ret = object;
    return err;
}

const FieldValue *book_field(const BookObject *object, uint16_t tag)
{
    for (int i = 0; i < object->n && object->fields[i].tag <= tag; i++) {
        if (object->fields[i].tag == tag)
            return &object->fields[i].value;
    }
    return NULL;
}
