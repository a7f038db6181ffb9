/* book/settle.c - what has arrived is folded and put into its places. The pending objects are a queue
 * through their own rows, so remembering them never needs memory, and they are settled in the order in
 * which they came, so that timelines grow at their end. An object that cannot be settled for want of
 * memory stays at the head of the queue. Cost: one fold an object, O(1) for what comes in order. */
#include "book/model.h"

void settle_later(Book *book, BookRef ref)
{
    ObjectRow *object = object_row(book, ref);
    object->flags = (uint16_t)(object->flags & ~OBJ_SIGNED);
    if (ref < book->unsigned_from)
        book->unsigned_from = ref;
    if (object->flags & OBJ_PENDING)
        return;
    object->flags |= OBJ_PENDING;
    book->n_pending++;
    object->next_pending = NO_ROW;
    if (book->first_pending == NO_ROW)
        book->first_pending = ref;
    else
        object_row(book, book->last_pending)->next_pending = ref;
    book->last_pending = ref;
}

void person_touch(Book *book, PersonRow *person)
{
    person->version = book->version;
    if (person->dirty)
        return;
    person->dirty = true;
    person->next_dirty = book->first_dirty;
    book->first_dirty = object_row(book, person->object)->extra;
}

/* The person object behind an id that is known to have one. */
static PersonRow *known_person(const Book *book, Id id)
{
    return person_of(book, object_find(book, ENTRY_PERSON, id));
}

static bool happened(const Book *book, BookRef ref)
{
    return (BOOK_HAPPENED & BOOK_KIND(object_row(book, ref)->kind)) != 0;
}

static void leave_event(Book *book, BookRef ref)
{
    EventFacts facts;
    fold_event(book, ref, &facts);
    line_remove(book, &book->everything, ref);
    if (facts.n == 0)
        line_remove(book, &book->alone, ref);
    for (int i = 0; i < facts.n; i++) {
        PersonRow *person = known_person(book, facts.people[i]);
        INVARIANT(person);
        line_remove(book, &person->events, ref);
        if (happened(book, ref))
            person->disturbed = book->version;
        person_touch(book, person);
    }
}

void settle_leave(Book *book, BookRef ref)
{
    ObjectRow *object = object_row(book, ref);
    if (!(object->flags & OBJ_PLACED))
        return;
    if (object->kind == ENTRY_PERSON)
        line_remove(book, &book->by_name, ref);
    else if (object->kind == ENTRY_BATCH)
        line_remove(book, &book->batches, ref);
    else
        leave_event(book, ref);
    object->flags = (uint16_t)((object->flags & ~OBJ_PLACED) | OBJ_MOVED);
}

static void set_flag(ObjectRow *object, int flag, bool on)
{
    object->flags = (uint16_t)(on ? object->flags | flag : object->flags & ~flag);
}

static void set_present(Book *book, ObjectRow *object, bool present)
{
    bool was = object->flags & OBJ_PRESENT;
    set_flag(object, OBJ_PRESENT, present);
    if (object->kind < ENTRY_KINDS)
        book->n_present[object->kind] += present - was;
}

static bool names_someone_here(const Book *book, const EventFacts *facts)
{
    for (int i = 0; i < facts->n; i++) {
        BookRef person = object_find(book, ENTRY_PERSON, facts->people[i]);
        if (person != NO_ROW && object_row(book, person)->flags & OBJ_PRESENT)
            return true;
    }
    return false;
}

/* Someone has come or gone: the events that name them may show or hide. */
static void show_or_hide(Book *book, const PersonRow *person)
{
    for (uint32_t i = 0; i < person->events.n; i++) {
        EventFacts facts;
        BookRef ref = person->events.refs[i];
        fold_event(book, ref, &facts);
        set_flag(object_row(book, ref), OBJ_HIDDEN,
                 facts.n > 0 && !names_someone_here(book, &facts));
    }
}

static bool settle_person(Book *book, BookRef ref)
{
    ObjectRow *object = object_row(book, ref);
    PersonRow *person = person_of(book, ref);
    Pick gone[1] = {{F_GONE}};
    Life life;
    if (!line_reserve(book, &book->by_name) || !person_fold_names(book, person))
        return false;
    fold_pick(book, ref, gone, 1, &life);
    bool was = object->flags & OBJ_PRESENT;
    set_present(book, object, life.present);
    if (was != life.present)
        show_or_hide(book, person);
    if (life.present && !(object->flags & OBJ_PLACED)) {
        line_add(book, &book->by_name, ref);
        object->flags |= OBJ_PLACED;
    }
    person_touch(book, person);
    return true;
}

static bool settle_batch(Book *book, BookRef ref)
{
    ObjectRow *object = object_row(book, ref);
    Pick gone[1] = {{F_GONE}};
    Life life;
    if (!line_reserve(book, &book->batches))
        return false;
    fold_pick(book, ref, gone, 1, &life);
    set_present(book, object, life.present);
    if (life.present && !(object->flags & OBJ_PLACED)) {
        batch_row(book, object->extra)->hlc = life.first.hlc;
        line_add(book, &book->batches, ref);
        object->flags |= OBJ_PLACED;
    }
    return true;
}

/* Something that happened stands behind ref. */
static bool is_before(const Book *book, const PersonRow *person, BookRef ref)
{
    for (int kind = 0; kind < ENTRY_KINDS; kind++) {
        if ((BOOK_HAPPENED & BOOK_KIND(kind)) != 0 && person->count[kind] > 0 &&
            line_cmp(book, &person->events, ref, person->last[kind]) < 0)
            return true;
    }
    return false;
}

static void place_with(Book *book, PersonRow *person, BookRef ref)
{
    uint16_t kind = object_row(book, ref)->kind;
    Timeline *line = &person->events;
    line_add(book, line, ref);
    bool last = line->sorted == line->n && line->refs[line->n - 1] == ref;
    if (!last && happened(book, ref) && is_before(book, person, ref))
        person->disturbed = book->version;
    if (person->count[kind]++ == 0 || line_cmp(book, line, person->last[kind], ref) < 0)
        person->last[kind] = ref;
    person_touch(book, person);
}

/* Every line the event will stand on has room, every person it names has a row. */
static bool reserve_event(Book *book, const EventFacts *facts, PersonRow *ret_people[])
{
    if (!line_reserve(book, &book->everything) ||
        (facts->n == 0 && !line_reserve(book, &book->alone)))
        return false;
    for (int i = 0; i < facts->n; i++) {
        ret_people[i] = person_of(book, object_get(book, ENTRY_PERSON, facts->people[i]));
        if (!ret_people[i] || !line_reserve(book, &ret_people[i]->events))
            return false;
    }
    return true;
}

static bool settle_event(Book *book, BookRef ref)
{
    ObjectRow *object = object_row(book, ref);
    PersonRow *people[EVENT_PEOPLE_MAX];
    EventFacts facts;
    fold_event(book, ref, &facts);
    bool place = facts.life.present && !(object->flags & OBJ_PLACED);
    if (place && !reserve_event(book, &facts, people))
        return false;
    set_present(book, object, facts.life.present);
    if (!place)
        return true;
    bool hidden = facts.n > 0;
    for (int i = 0; i < facts.n; i++)
        hidden &= !(object_row(book, people[i]->object)->flags & OBJ_PRESENT);
    object->at_ms = facts.at_ms;
    set_flag(object, OBJ_HIDDEN, hidden);
    object->flags |= OBJ_PLACED;
    line_add(book, &book->everything, ref);
    if (facts.n == 0)
        line_add(book, &book->alone, ref);
    for (int i = 0; i < facts.n; i++)
        place_with(book, people[i], ref);
    return true;
}

static bool settle_other(Book *book, BookRef ref)
{
    ObjectRow *object = object_row(book, ref);
    Pick gone[1] = {{F_GONE}};
    Life life;
    fold_pick(book, ref, gone, 1, &life);
    set_present(book, object, life.present);
    PersonRow *person =
        object->kind == ENTRY_RELATIONSHIP ? known_person(book, object_id(book, ref)) : NULL;
    if (person)
        person_touch(book, person);
    return true;
}

static bool settle_one(Book *book, BookRef ref)
{
    uint16_t kind = object_row(book, ref)->kind;
    if (kind == ENTRY_PERSON)
        return settle_person(book, ref);
    if (kind == ENTRY_BATCH)
        return settle_batch(book, ref);
    return entry_kind_is_event(kind) ? settle_event(book, ref) : settle_other(book, ref);
}

bool settle_pending(Book *book)
{
    while (book->first_pending != NO_ROW) {
        BookRef ref = book->first_pending;
        if (!settle_one(book, ref))
            return false;
        ObjectRow *object = object_row(book, ref);
        book->first_pending = object->next_pending;
        book->n_pending--;
        set_flag(object, OBJ_PENDING, false);
    }
    return true;
}

static bool tidy_dirty(Book *book)
{
    while (book->first_dirty != NO_ROW) {
        PersonRow *person = person_row(book, book->first_dirty);
        if (!line_tidy(book, &person->events))
            return false;
        book->first_dirty = person->next_dirty;
        person->dirty = false;
    }
    return true;
}

Err book_settle(Cx *cx, Book *book)
{
    if (!settle_pending(book) || !tidy_dirty(book))
        return err_nomem(cx);
    Timeline *lines[] = {&book->everything, &book->alone, &book->batches, &book->by_name};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (!line_tidy(book, lines[i]))
            return err_nomem(cx);
    }
    book->removals = 0;
    return OK;
}
