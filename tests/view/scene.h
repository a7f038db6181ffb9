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
    assert_ok(s->cx, book_prepare(s->cx, s->book, 7, drafts, n, str_c(label), detail, &batch, &bodies));
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

/* Every string in the JSON, through every object and list. */
typedef void SceneSeen(void *ctx, const char *key, const char *text);
static inline void scene_strings(const json_t *v, const char *key, int depth, SceneSeen *seen, void *ctx)
{
    size_t i = 0;
    json_t *item = NULL;
    if (depth > 32)
        return;
    if (json_is_string(v))
        seen(ctx, key, json_string_value(v));
    json_array_foreach(v, i, item)
        scene_strings(item, key, depth + 1, seen, ctx);
    for (void *at = json_object_iter((json_t *)(uintptr_t)v); at;
         at = json_object_iter_next((json_t *)(uintptr_t)v, at))
        scene_strings(json_object_iter_value(at), json_object_iter_key(at), depth + 1, seen, ctx);
}

#endif
