/* book/read.c - objects as typed structs. One fold gives the fields, then each member is looked up by
 * its tag; texts borrow the book, lists become arrays in the arena. Whether a value is within bounds
 * was decided in folding, so what stands here can be believed. */
#include "base/buf.h"
#include "book/model.h"

typedef struct Reader {
    Cx *cx;
    const Book *book;
    BookObject object;
    bool failed;
} Reader;

static int64_t get_int(const Reader *r, uint16_t tag, int64_t none)
{
    const FieldValue *v = book_field(&r->object, tag);
    return v ? v->num : none;
}

static bool get_bool(const Reader *r, uint16_t tag)
{
    return get_int(r, tag, 0) != 0;
}

static Str get_text(const Reader *r, uint16_t tag)
{
    const FieldValue *v = book_field(&r->object, tag);
    return v ? v->bytes : (Str){"", 0};
}

static Str get_items(const Reader *r, uint16_t tag)
{
    const FieldValue *v = book_field(&r->object, tag);
    return v ? v->bytes : (Str){NULL, 0};
}

static BookTexts get_texts(Reader *r, uint16_t tag)
{
    Str items = get_items(r, tag);
    int n = list_count(items);
    Str *p = n > 0 ? arena_new(r->cx->arena, Str, n) : NULL;
    r->failed |= n > 0 && !p;
    FieldValue item;
    for (int i = 0; p && list_next(&items, &item); i++)
        p[i] = item.bytes;
    return (BookTexts){p, p ? n : 0};
}

static BookPairs get_pairs(Reader *r, uint16_t tag)
{
    Str items = get_items(r, tag);
    int n = list_count(items);
    TextPair *p = n > 0 ? arena_new(r->cx->arena, TextPair, n) : NULL;
    r->failed |= n > 0 && !p;
    FieldValue item, first, second;
    for (int i = 0; p && list_next(&items, &item); i++) {
        if (list_next(&item.bytes, &first) && list_next(&item.bytes, &second))
            p[i] = (TextPair){first.bytes, second.bytes};
    }
    return (BookPairs){p, p ? n : 0};
}

static const Answer *get_answers(Reader *r, uint16_t tag, int *ret_n)
{
    Str items = get_items(r, tag);
    int n = list_count(items);
    Answer *p = n > 0 ? arena_new(r->cx->arena, Answer, n) : NULL;
    r->failed |= n > 0 && !p;
    FieldValue item, first, second;
    for (int i = 0; p && list_next(&items, &item); i++) {
        if (list_next(&item.bytes, &first) && list_next(&item.bytes, &second))
            p[i] = (Answer){first.bytes, (int)second.num};
    }
    *ret_n = p ? n : 0;
    return p;
}

static Err missing(Cx *cx)
{
    return err_set(cx, ERR_NOT_FOUND, "err.object-missing", NO_ARGS);
}

static Err open_object(Cx *cx, const Book *book, BookRef ref, uint16_t kind, Reader *ret)
{
    if (!book_present(book, ref) || book_kind(book, ref) != kind)
        return missing(cx);
    *ret = (Reader){.cx = cx, .book = book};
    return book_object(cx, book, ref, &ret->object);
}

static Err done(const Reader *r)
{
    return r->failed ? err_nomem(r->cx) : OK;
}

/* -- people, relationships, me ----------------------------------------------------------------- */

Err book_person(Cx *cx, const Book *book, BookRef ref, BookPerson *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_PERSON, &r);
    if (e != OK)
        return e;
    BookPerson p = {.ref = ref,
                    .id = r.object.id,
                    .added_ms = (int64_t)(r.object.first.hlc >> 16),
                    .name = get_text(&r, F_PERSON_NAME),
                    .given = get_text(&r, F_PERSON_GIVEN),
                    .family = get_text(&r, F_PERSON_FAMILY),
                    .pronouns = get_text(&r, F_PERSON_PRONOUNS),
                    .org = get_text(&r, F_PERSON_ORG),
                    .title = get_text(&r, F_PERSON_TITLE),
                    .uid = get_text(&r, F_PERSON_UID),
                    .note = get_text(&r, F_TEXT),
                    .nicknames = get_texts(&r, F_PERSON_NICKNAMES),
                    .names = get_texts(&r, F_PERSON_NAMES),
                    .birthday = (int32_t)get_int(&r, F_PERSON_BIRTHDAY, 0),
                    .anniversary = (int32_t)get_int(&r, F_PERSON_ANNIVERSARY, 0),
                    .died = (int32_t)get_int(&r, F_PERSON_DIED, 0),
                    .emails = get_pairs(&r, F_PERSON_EMAILS),
                    .phones = get_pairs(&r, F_PERSON_PHONES),
                    .addresses = get_pairs(&r, F_PERSON_ADDRESSES),
                    .related = get_pairs(&r, F_PERSON_RELATED),
                    .links = get_pairs(&r, F_PERSON_LINKS),
                    .languages = get_texts(&r, F_PERSON_LANGUAGES),
                    .interests = get_texts(&r, F_PERSON_INTERESTS),
                    .styles = get_texts(&r, F_PERSON_STYLES),
                    .ways = get_texts(&r, F_PERSON_WAYS),
                    .minor = get_bool(&r, F_PERSON_MINOR)};
    if (!r.failed)
        *ret = p;
    return done(&r);
}

Err book_relationship(Cx *cx, const Book *book, BookRef person, BookRelationship *ret)
{
    if (!book_present(book, person) || book_kind(book, person) != ENTRY_PERSON)
        return missing(cx);
    Reader r = {.cx = cx, .book = book};
    BookRef ref = book_find(book, ENTRY_RELATIONSHIP, book_id(book, person));
    Err e = ref == BOOK_NONE ? OK : book_object(cx, book, ref, &r.object);
    if (e != OK)
        return e;
    *ret = (BookRelationship){.person = person,
                              .kinds = (uint32_t)get_int(&r, F_REL_KINDS, 0),
                              .own_kind = get_text(&r, F_REL_OWN_KIND),
                              .since = (int32_t)get_int(&r, F_REL_SINCE, 0),
                              .known_hours = (int)get_int(&r, F_REL_KNOWN_HOURS, -1),
                              .far = get_bool(&r, F_REL_FAR),
                              .welcome = get_text(&r, F_REL_WELCOME),
                              .welcome_body = get_text(&r, F_REL_WELCOME_BODY),
                              .not_ours = (uint32_t)get_int(&r, F_REL_NOT_OURS, 0),
                              .wanted_tenths = (int)get_int(&r, F_REL_WANTED, -1),
                              .season = (int)get_int(&r, F_REL_SEASON, -1),
                              .season_since_ms = get_int(&r, F_REL_SEASON_SINCE, 0),
                              .romance = get_bool(&r, F_REL_ROMANCE),
                              .harm = get_bool(&r, F_REL_HARM),
                              .pinned = get_bool(&r, F_REL_PINNED),
                              .paused_until_ms = get_int(&r, F_REL_PAUSED_UNTIL, 0)};
    return OK;
}

Err book_me(Cx *cx, const Book *book, BookMe *ret)
{
    Reader r = {.cx = cx, .book = book};
    BookRef ref = book_find(book, ENTRY_ME, ENTRY_ME_ID);
    Err e = ref == BOOK_NONE ? OK : book_object(cx, book, ref, &r.object);
    if (e != OK)
        return e;
    BookMe me = {.name = get_text(&r, F_ME_NAME),
                 .locale = get_text(&r, F_ME_LOCALE),
                 .leave_page = get_text(&r, F_ME_LEAVE_PAGE),
                 .spiritual = get_text(&r, F_ME_SPIRITUAL),
                 .meaning = get_text(&r, F_ME_MEANING),
                 .interests = get_texts(&r, F_ME_INTERESTS),
                 .styles = get_texts(&r, F_ME_STYLES),
                 .ways = get_texts(&r, F_ME_WAYS),
                 .languages = get_texts(&r, F_ME_LANGUAGES),
                 .example = get_bool(&r, F_ME_EXAMPLE),
                 .quiet = get_bool(&r, F_ME_QUIET),
                 .minor = get_bool(&r, F_ME_MINOR)};
    if (!r.failed)
        *ret = me;
    return done(&r);
}

/* -- events ------------------------------------------------------------------------------------ */

static void add_present(const Book *book, Id id, BookRef people[], int *n)
{
    BookRef ref = book_find(book, ENTRY_PERSON, id);
    for (int i = 0; i < *n && ref != BOOK_NONE; i++) {
        if (people[i] == ref)
            ref = BOOK_NONE;
    }
    if (ref != BOOK_NONE)
        people[(*n)++] = ref;
}

static BookRefs get_people(Reader *r)
{
    const FieldValue *one = book_field(&r->object, F_PERSON);
    Str items = get_items(r, F_PEOPLE);
    int most = list_count(items) + (one != NULL), n = 0;
    BookRef *people = most > 0 ? arena_new(r->cx->arena, BookRef, most) : NULL;
    r->failed |= most > 0 && !people;
    if (!people)
        return (BookRefs){NULL, 0};
    if (one)
        add_present(r->book, one->id, people, &n);
    FieldValue item;
    while (list_next(&items, &item))
        add_present(r->book, item.id, people, &n);
    return (BookRefs){people, n};
}

static BookEvent get_event(Reader *r)
{
    return (BookEvent){.ref = r->object.ref,
                       .id = r->object.id,
                       .kind = r->object.kind,
                       .at_ms = book_at(r->book, r->object.ref),
                       .offset_min = (int)get_int(r, F_OFFSET, 0),
                       .people = get_people(r),
                       .text = get_text(r, F_TEXT)};
}

int64_t book_at(const Book *book, BookRef event)
{
    return event < book->objects.n && !person_of(book, event) ? object_at(book, event) : 0;
}

Err book_event(Cx *cx, const Book *book, BookRef ref, BookEvent *ret)
{
    Reader r = {.cx = cx};
    if (!entry_kind_is_event(book_kind(book, ref)))
        return missing(cx);
    Err e = open_object(cx, book, ref, book_kind(book, ref), &r);
    if (e != OK)
        return e;
    BookEvent event = get_event(&r);
    if (!r.failed)
        *ret = event;
    return done(&r);
}

Err book_checkin(Cx *cx, const Book *book, BookRef ref, BookCheckin *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_CHECKIN, &r);
    if (e != OK)
        return e;
    BookCheckin c = {.event = get_event(&r), .contact = (int)get_int(&r, F_CHECKIN_CONTACT, -1)};
    c.answers = get_answers(&r, F_CHECKIN_ANSWERS, &c.n_answers);
    if (!r.failed)
        *ret = c;
    return done(&r);
}

Err book_moment(Cx *cx, const Book *book, BookRef ref, BookMoment *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_MOMENT, &r);
    if (e != OK)
        return e;
    BookMoment m = {.event = get_event(&r),
                    .minutes = (int)get_int(&r, F_MOMENT_MINUTES, -1),
                    .medium = (BookMedium)get_int(&r, F_MOMENT_MEDIUM, 0),
                    .company = (int)get_int(&r, F_MOMENT_COMPANY, -1),
                    .has_quality = book_field(&r.object, F_MOMENT_QUALITY) != NULL,
                    .quality = (double)get_int(&r, F_MOMENT_QUALITY, 0) / 100,
                    .depth = (int)get_int(&r, F_MOMENT_DEPTH, 0),
                    .types = (uint32_t)get_int(&r, F_MOMENT_TYPES, 0),
                    .factors = (uint32_t)get_int(&r, F_MOMENT_FACTORS, 0),
                    .opened_up = get_bool(&r, F_MOMENT_OPENED),
                    .conflict = get_bool(&r, F_MOMENT_CONFLICT),
                    .sexual = get_bool(&r, F_MOMENT_SEXUAL),
                    .reached = (BookReached)get_int(&r, F_MOMENT_REACHED, 0),
                    .place = get_text(&r, F_MOMENT_PLACE),
                    .tags = get_texts(&r, F_MOMENT_TAGS),
                    .interests = get_texts(&r, F_MOMENT_INTERESTS)};
    if (!r.failed)
        *ret = m;
    return done(&r);
}

Err book_moment_marks(Cx *cx, const Book *book, BookRef ref, BookMoment *ret)
{
    enum { GONE, MINUTES, MEDIUM, COMPANY, QUALITY, DEPTH, TYPES, OPENED, CONFLICT, SEXUAL, N };
    Pick picks[N] = {{F_GONE},           {F_MOMENT_MINUTES}, {F_MOMENT_MEDIUM},
                     {F_MOMENT_COMPANY}, {F_MOMENT_QUALITY}, {F_MOMENT_DEPTH},
                     {F_MOMENT_TYPES},   {F_MOMENT_OPENED},  {F_MOMENT_CONFLICT},
                     {F_MOMENT_SEXUAL}};
    int64_t said[N] = {[MINUTES] = -1, [COMPANY] = -1};
    Life life;
    if (!book_present(book, ref) || book_kind(book, ref) != ENTRY_MOMENT)
        return missing(cx);
    fold_pick(book, ref, picks, N, &life);
    for (int i = 0; i < N; i++)
        said[i] = picks[i].said ? picks[i].value.num : said[i];
    *ret = (BookMoment){
        .event = {.ref = ref, .kind = ENTRY_MOMENT, .at_ms = book_at(book, ref)},
        .minutes = (int)said[MINUTES],
        .medium = (BookMedium)said[MEDIUM],
        .company = (int)said[COMPANY],
        .has_quality = picks[QUALITY].said,
        .quality = (double)said[QUALITY] / 100,
        .depth = (int)said[DEPTH],
        .types = (uint32_t)said[TYPES],
        .opened_up = said[OPENED] != 0,
        .conflict = said[CONFLICT] != 0,
        .sexual = said[SEXUAL] != 0
    };
    return OK;
}

Err book_topic(Cx *cx, const Book *book, BookRef ref, BookTopic *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_TOPIC, &r);
    if (e != OK)
        return e;
    BookTopic t = {.event = get_event(&r),
                   .sort = (BookTopicSort)get_int(&r, F_TOPIC_SORT, TOPIC_ASK),
                   .done = get_bool(&r, F_TOPIC_DONE),
                   .done_at_ms = get_int(&r, F_TOPIC_DONE_AT, 0),
                   .due = (int32_t)get_int(&r, F_TOPIC_DUE, 0)};
    if (!r.failed)
        *ret = t;
    return done(&r);
}

Err book_reflection(Cx *cx, const Book *book, BookRef ref, BookReflection *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_REFLECTION, &r);
    if (e != OK)
        return e;
    BookReflection x = {.event = get_event(&r), .reflection = get_text(&r, F_REFLECTION_ID)};
    if (!r.failed)
        *ret = x;
    return done(&r);
}

Err book_offer(Cx *cx, const Book *book, BookRef ref, BookOffer *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_OFFER, &r);
    if (e != OK)
        return e;
    BookOffer o = {.event = get_event(&r),
                   .practice = get_text(&r, F_OFFER_PRACTICE),
                   .answer = (BookOfferAnswer)get_int(&r, F_OFFER_ANSWER, 0)};
    if (!r.failed)
        *ret = o;
    return done(&r);
}

Err book_done(Cx *cx, const Book *book, BookRef ref, BookDone *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_DONE, &r);
    if (e != OK)
        return e;
    BookDone d = {.event = get_event(&r),
                  .practice = get_text(&r, F_DONE_PRACTICE),
                  .has_quality = book_field(&r.object, F_DONE_QUALITY) != NULL,
                  .quality = (double)get_int(&r, F_DONE_QUALITY, 0) / 100,
                  .helped_tenths = (int)get_int(&r, F_DONE_HELPED, -1),
                  .alone = get_bool(&r, F_DONE_ALONE)};
    if (!r.failed)
        *ret = d;
    return done(&r);
}

Err book_choice(Cx *cx, const Book *book, BookRef ref, BookChoice *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_CHOICE, &r);
    if (e != OK)
        return e;
    BookChoice c = {.event = get_event(&r),
                    .left = get_text(&r, F_CHOICE_LEFT),
                    .right = get_text(&r, F_CHOICE_RIGHT),
                    .pick = (BookPick)get_int(&r, F_CHOICE_PICK, 0),
                    .kinds = (uint32_t)get_int(&r, F_CHOICE_KINDS, 0)};
    if (!r.failed)
        *ret = c;
    return done(&r);
}

Err book_contact(Cx *cx, const Book *book, BookRef ref, BookContact *ret)
{
    Reader r = {.cx = cx};
    Err e = open_object(cx, book, ref, ENTRY_CONTACT, &r);
    if (e != OK)
        return e;
    BookContact c = {.event = get_event(&r),
                     .day = (int32_t)get_int(&r, F_CONTACT_DAY, 0),
                     .channel = (BookChannel)get_int(&r, F_CONTACT_CHANNEL, 0),
                     .sent = (int)get_int(&r, F_CONTACT_SENT, 0),
                     .received = (int)get_int(&r, F_CONTACT_RECEIVED, 0)};
    if (!r.failed)
        *ret = c;
    return done(&r);
}
