/* tests/view/scene.h - a book written line by line for tests of views. Now is 2026-05-01T12:00Z.
 * Shapes  people are told apart by Id; days are counted back from now.
 * Memory  scene_end gives everything back. */
#ifndef TEST_VIEW_SCENE_H
#define TEST_VIEW_SCENE_H

#include "base/time.h"
#include "shape.h"
#include "testlib.h"
#include "view/view.h"

typedef struct Scene {
    TestCx t;
    Cx *cx;
    Book *book;
    View view;
} Scene;

static inline void scene_start(Scene *s, const char *locale)
{
    test_cx_init(&s->t);
    s->cx = &s->t.cx;
    s->book = book_new(0);
    s->view = (View){.text = text_locale(str_c(locale)), .book = s->book};
    assert_non_null(s->book);
}

static inline void scene_end(Scene *s)
{
    book_free(s->book);
    test_cx_free(&s->t);
}

static inline Id scene_keep(Scene *s, const Draft drafts[], int n, const char *label, Str detail)
{
    Id batch = {{0}};
    const Str *bodies = NULL;
    assert_ok(s->cx,
              book_prepare(s->cx, s->book, 7, drafts, n, str_c(label), detail, &batch, &bodies));
    for (int i = 0; i <= n; i++)
        assert_ok(s->cx, book_apply(s->cx, s->book, bodies[i]));
    assert_ok(s->cx, book_settle(s->cx, s->book));
    return batch;
}

static inline int64_t days_ago(const Scene *s, int days)
{
    return s->cx->now_ms - days * (int64_t)TIME_DAY_MS;
}

static inline Id scene_person(Scene *s, const char *name, KindId kind)
{
    Draft d[2] = {draft_new(s->cx, ENTRY_PERSON), {.kind = 0}};
    draft_text(&d[0], F_PERSON_NAME, str_c(name));
    d[1] = draft_edit(s->cx, ENTRY_RELATIONSHIP, d[0].object);
    draft_int(&d[1], F_REL_KINDS, (int64_t)1 << kind);
    scene_keep(s, d, 2, "done.add", str_c(name));
    return d[0].object;
}

static inline BookRef scene_ref(const Scene *s, Id person)
{
    return book_find(s->book, ENTRY_PERSON, person);
}

static inline void scene_say(Scene *s, Id person, EntryKind kind, uint16_t tag, int64_t value)
{
    Draft d = draft_edit(s->cx, kind, person);
    draft_int(&d, tag, value);
    scene_keep(s, &d, 1, "done.edit", STR(""));
}

static inline void scene_write(Scene *s, Id person, EntryKind kind, uint16_t tag, const char *text)
{
    Draft d = draft_edit(s->cx, kind, person);
    draft_text(&d, tag, str_c(text));
    scene_keep(s, &d, 1, "done.edit", STR(""));
}

/* The plainest question about a state, answered as the engine reads it: 0 little, 10 much. */
static inline void scene_answer(Scene *s, Id person, AsksId asks, int state, double value, int days)
{
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        if (q->asks != asks || q->state != state || q->romantic)
            continue;
        double y = q->keyed == KEYED_REVERSED ? 10 - value : value;
        Draft d = draft_new(s->cx, ENTRY_CHECKIN);
        draft_id(&d, F_PERSON, person);
        draft_answers(&d, F_CHECKIN_ANSWERS, &(Answer){q->id, (int)(10 * y + .5)}, 1);
        draft_at(&d, days_ago(s, days));
        scene_keep(s, &d, 1, "done.check-in", STR(""));
        return;
    }
    fail();
}

static inline void scene_moment(Scene *s, Id person, const char *text, int days)
{
    Draft d = draft_new(s->cx, ENTRY_MOMENT);
    draft_ids(&d, F_PEOPLE, &person, 1);
    draft_text(&d, F_TEXT, str_c(text));
    draft_int(&d, F_MOMENT_MINUTES, 90);
    draft_int(&d, F_MOMENT_MEDIUM, MEDIUM_IN_PERSON);
    draft_int(&d, F_MOMENT_COMPANY, COMPANY_JUST_US);
    draft_real(&d, F_MOMENT_QUALITY, .5);
    draft_int(&d, F_MOMENT_TYPES, 1 << TYPE_EXPERIENTIAL);
    draft_int(&d, F_MOMENT_REACHED, REACHED_ME);
    draft_at(&d, days_ago(s, days));
    scene_keep(s, &d, 1, "done.log", STR(""));
}

static inline Id scene_topic(Scene *s, Id person, BookTopicSort sort, const char *text, int days)
{
    Draft d = draft_new(s->cx, ENTRY_TOPIC);
    draft_id(&d, F_PERSON, person);
    draft_int(&d, F_TOPIC_SORT, sort);
    draft_text(&d, F_TEXT, str_c(text));
    draft_at(&d, days_ago(s, days));
    scene_keep(s, &d, 1, "done.note", STR(""));
    return d.object;
}

/* A relationship with answers of two years: warm, wanted closer, acceptance firm, growing. */
static inline Id scene_known(Scene *s, const char *name, KindId kind)
{
    Id id = scene_person(s, name, kind);
    for (int i = 0; i < 24; i++) {
        double level = 4.6 + i * .1;
        int days = 30 * (23 - i) + 1;
        scene_answer(s, id, ASKS_FELT, i % TYPE_COUNT, level, days);
        scene_answer(s, id, ASKS_FACTOR, TYPE_COUNT + i % FACTOR_COUNT, level + 1.5, days);
        if (i % 3 == 0)
            scene_answer(s, id, ASKS_WANTED, TYPE_EMOTIONAL, 9, days);
        scene_moment(s, id, "Walked by the river and talked about the move.", days + 3);
    }
    scene_answer(s, id, ASKS_FACTOR, TYPE_COUNT + FACTOR_SAFETY, 8, 2);
    return id;
}

/* -- all views ----------------------------------------------------------------------------------- */

enum { VIEWS_MAX = 64, SCENE_PEOPLE_MAX = 16 };
typedef struct AllViews {
    struct {
        const char *name;
        json_t *json;
    } p[VIEWS_MAX];
    int n;
} AllViews;

static inline void all_add(const Scene *s, AllViews *all, const char *name, Err e, json_t *json)
{
    assert_ok(s->cx, e);
    assert_true(all->n < VIEWS_MAX);
    all->p[all->n].name = name;
    all->p[all->n++].json = json;
}

#define ALL_ADD(name, call)                                                                        \
    do {                                                                                           \
        json_t *j = NULL;                                                                          \
        Err said = (call);                                                                         \
        all_add(s, all, (name), said, j);                                                          \
    } while (0)

static inline void all_import(Scene *s, AllViews *all)
{
    BookRefs people = book_people(s->book);
    const ViewCard cards[] = {
        {.state = CARD_NEW,                                 .number = 1, .name = STR("Zoé"), .detail = STR("zoe@example.org")},
        {.state = CARD_SAME,
         .number = 2,
         .name = STR("Ana"),
         .reason_key = "same.name",
         .same_as = people.n > 0 ? people.p[0] : BOOK_NONE},
        {.state = CARD_TWICE,                                       .number = 3,                                             .name = STR("Zoé"), .reason_key = "same.uid"},
        {.state = CARD_DAMAGED, .lost = true,
         .problem = {.key = "err.vcard-nameless", .args = {arg_int("line", 9)}}           }
    };
    const ViewImport import = {.preview = id_new(), .cards = cards, .n = 4, .photos = 2};
    ALL_ADD("import-preview", view_import_preview(s->cx, &s->view, &import, &j));
}

/* Every view of the scene, and those of a person for each of its first people. */
static inline void all_views(Scene *s, AllViews *all)
{
    BookRefs people = book_people(s->book);
    BookSearch none = {.person = BOOK_NONE},
               river = {.text = STR("riv"), .person = BOOK_NONE, .limit = 20};
    const View *v = &s->view;
    all->n = 0;
    ALL_ADD("today", view_today(s->cx, v, &j));
    ALL_ADD("people", view_people(s->cx, v, -1, 0, &j));
    ALL_ADD("people", view_people(s->cx, v, KIND_FRIEND, 0, &j));
    ALL_ADD("person-form", view_person_form(s->cx, v, BOOK_NONE, &j));
    ALL_ADD("check-in-choose", view_checkin_choose(s->cx, v, &j));
    ALL_ADD("log", view_log(s->cx, v, people.n > 0 ? people.p[0] : BOOK_NONE, &j));
    ALL_ADD("reflect", view_reflect(s->cx, v, STR(""), &j));
    ALL_ADD("reflect", view_reflect(s->cx, v, content_reflections[0].id, &j));
    ALL_ADD("search", view_search(s->cx, v, &none, &j));
    ALL_ADD("search", view_search(s->cx, v, &river, &j));
    ALL_ADD("history", view_history(s->cx, v, 0, &j));
    ALL_ADD("settings", view_settings(s->cx, v, &j));
    ALL_ADD("import", view_import(s->cx, v, &j));
    all_import(s, all);
    ALL_ADD("export", view_export(s->cx, v, &j));
    ALL_ADD("exported", view_exported(s->cx, v, STR("/tmp/fonder.csv"), 1200, &j));
    ALL_ADD("learn", view_learn(s->cx, v, &j));
    for (int i = 0; i < STATE_COUNT; i++)
        ALL_ADD("topic", view_topic(s->cx, v, i, &j));
    ALL_ADD("safety", view_safety(s->cx, v, &j));
    ALL_ADD("welcome", view_welcome(s->cx, v, &j));
    ALL_ADD("init", view_init(s->cx, v, STR("/home/me/vault"), STR("ABCD-EFGH"), true, &j));
    ALL_ADD("demo", view_demo(s->cx, v, STR("/home/me/example"), 12, &j));
    BookIter moments = book_everything(v->book, (BookWhich){.kinds = BOOK_KIND(ENTRY_MOMENT)});
    BookRef moment = BOOK_NONE;
    (void)book_next(&moments, &moment);
    ALL_ADD("kept", view_kept(s->cx, v, "done.add", id_new(), people.n > 0 ? people.p[0] : BOOK_NONE, moment == BOOK_NONE ? NULL : &(ViewUnderstood){moment, STR("2031-05-01")}, &j));
    ALL_ADD("kept", view_kept(s->cx, v, "done.undo", id_new(), BOOK_NONE, NULL, &j));
    for (int i = 0; i < people.n && all->n + 5 < VIEWS_MAX; i++) {
        ALL_ADD("person", view_person(s->cx, v, people.p[i], &j));
        ALL_ADD("person-form", view_person_form(s->cx, v, people.p[i], &j));
        ALL_ADD("check-in", view_checkin(s->cx, v, people.p[i], i % 2 == 0, &j));
        ALL_ADD("next", view_next(s->cx, v, people.p[i], &j));
    }
}

static inline void all_free(AllViews *all)
{
    for (int i = 0; i < all->n; i++)
        json_decref(all->p[i].json);
    all->n = 0;
}

/* -- scenes -------------------------------------------------------------------------------------- */

static inline Id scene_unsafe(Scene *s)
{
    Id id = scene_known(s, "Rolf", KIND_PARTNER);
    scene_say(s, id, ENTRY_RELATIONSHIP, F_REL_ROMANCE, 1);
    scene_answer(s, id, ASKS_FACTOR, TYPE_COUNT + FACTOR_SAFETY, 1, 1);
    scene_topic(s, id, TOPIC_ASK, "the flat", 4);
    return id;
}

/* A friend well known, a parent barely, a partner who is not safe, an aunt who died, a friend at rest. */
static inline void scene_full(Scene *s)
{
    Id ana = scene_known(s, "Ana", KIND_CLOSE_FRIEND);
    scene_say(s, ana, ENTRY_PERSON, F_PERSON_BIRTHDAY, 19900512);
    scene_say(s, ana, ENTRY_RELATIONSHIP, F_REL_NOT_OURS, 1 << TYPE_SPIRITUAL);
    scene_topic(s, ana, TOPIC_ASK, "her knee", 3);
    scene_topic(s, ana, TOPIC_NEWS, "the new choir", 2);
    scene_topic(s, ana, TOPIC_PROMISE, "copy the letters", 1);
    Id ben = scene_person(s, "Ben", KIND_PARENT);
    scene_say(s, ben, ENTRY_PERSON, F_PERSON_BIRTHDAY, 525);
    scene_say(s, ben, ENTRY_RELATIONSHIP, F_REL_SEASON, SEASON_STEADY);
    scene_write(s, ben, ENTRY_RELATIONSHIP, F_REL_WELCOME,
                "A handshake, and stories of the river.");
    scene_unsafe(s);
    Id vera = scene_known(s, "Vera", KIND_OTHER_FAMILY);
    scene_say(s, vera, ENTRY_PERSON, F_PERSON_BIRTHDAY, 19500510);
    scene_say(s, vera, ENTRY_PERSON, F_PERSON_DIED, 20240520);
    scene_say(s, vera, ENTRY_RELATIONSHIP, F_REL_SEASON, SEASON_GRIEVING);
    Id kim = scene_known(s, "Kim", KIND_FRIEND);
    scene_say(s, kim, ENTRY_RELATIONSHIP, F_REL_SEASON, SEASON_RESTING);
    Draft r = draft_new(s->cx, ENTRY_REFLECTION);
    draft_text(&r, F_TEXT, STR("By the river I am quiet inside."));
    draft_text(&r, F_REFLECTION_ID, content_reflections[0].id);
    draft_at(&r, days_ago(s, 5));
    scene_keep(s, &r, 1, "done.reflect", STR(""));
    Draft d = draft_new(s->cx, ENTRY_DONE);
    draft_id(&d, F_PERSON, ana);
    draft_text(&d, F_DONE_PRACTICE, content_practices[0].id);
    draft_real(&d, F_DONE_HELPED, 8);
    draft_real(&d, F_DONE_QUALITY, .5);
    draft_at(&d, days_ago(s, 4));
    scene_keep(s, &d, 1, "done.done", STR("Ana"));
}

/* Every string in the JSON, through every object and list. */
typedef void SceneSeen(void *ctx, const char *key, const char *text);
static inline void scene_strings(const json_t *v, const char *key, int depth, SceneSeen *seen,
                                 void *ctx)
{
    size_t i = 0;
    json_t *item = NULL;
    if (depth > 32)
        return;
    if (json_is_string(v))
        seen(ctx, key, json_string_value(v));
    json_array_foreach(v, i, item) scene_strings(item, key, depth + 1, seen, ctx);
    for (void *at = json_object_iter((json_t *)(uintptr_t)v); at;
         at = json_object_iter_next((json_t *)(uintptr_t)v, at))
        scene_strings(json_object_iter_value(at), json_object_iter_key(at), depth + 1, seen, ctx);
}

#endif
