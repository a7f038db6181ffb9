/* tests/app/test_surfaces.c - every page that the table of actions has, for generated relationships: whatever practice or
 * question stands on it, the oracle (tests/insight/oracle.c, written from the contract, calls nothing of the engine's gate)
 * has no objection for the person it is about. A new row is taken in by itself. FONDER_TORTURE=1 takes 25 times as many. */
#include "app/app.h"
#include "base/buf.h"
#include "insight/insight.h"
#include "insight/oracle.h"
#include <string.h>

enum { PEOPLE = 40, WORLDS = 30 };

typedef struct World {
    Shelf shelf;
    App app;
    Str folder;
    Script scripts[PEOPLE];
    BookRef people[PEOPLE];
    Oracle oracles[PEOPLE];
    int64_t pages, practices, questions;
} World;

static void world_open(World *w, uint64_t seed)
{
    Gen g = gen_far(seed);
    LogRecovery code;
    *w = (World){
        .folder = {NULL, 0}
    };
    shelf_open(&w->shelf);
    Cx *cx = w->shelf.cx;
    w->folder = test_folder(cx);
    Buf path = buf_make(cx->arena, 4096);
    Str vault = {NULL, 0};
    buf_put(&path, w->folder);
    buf_c(&path, "/vault");
    assert_ok(cx, buf_done(cx, &path, &vault));
    app_init(&w->app, text_locale(STR("en")), vault, NULL);
    assert_ok(cx, app_create(cx, &w->app, STR(""), true, &code));
    app_recovery_wipe(&code);
    for (int i = 0; i < PEOPLE; i++) {
        script_any(&g, cx->now_ms, &w->scripts[i]);
        w->people[i] = shelf_script(&w->shelf, &w->scripts[i]);
    }
    for (int i = 0; i < PEOPLE; i++)
        w->oracles[i] = oracle_read(cx, &w->scripts[i], false, cx->now_ms);
    book_free(w->app.book); /* pages of the generated book, over a real vault */
    w->app.book = w->shelf.book;
}

static void world_close(World *w)
{
    w->app.book = book_new(0);
    app_close(&w->app);
    app_render_free(&w->app);
    test_folder_remove(w->shelf.cx, w->folder);
    shelf_close(&w->shelf);
}

static int whose(const World *w, const json_t *o, int otherwise)
{
    const char *text = json_string_value(json_object_get(json_object_get(o, "person"), "id"));
    for (int i = 0; text && i < PEOPLE; i++) {
        char id[ID_TEXT_CAP];
        if (str_eq(id_format(book_id(w->shelf.book, w->people[i]), id), str_c(text)))
            return i;
    }
    return otherwise;
}

static void judge(World *w, const Action *action, Str id, int person)
{
    const ContentPractice *p = content_practice(id);
    const ContentQuestion *q = content_question(id);
    const char *why = NULL;
    if (!p && !q)
        return;
    if (person < 0)
        why = "offered, but to whom?";
    else if (p)
        why = oracle_objects(&w->oracles[person], p);
    else
        why = oracle_objects_question(&w->oracles[person], q);
    w->practices += p != NULL;
    w->questions += q != NULL;
    if (why)
        print_error("%s: %.*s: %s\n", action->id, STR_FMT(id), why);
    assert_null(why);
}

enum { DEEPEST = 12 };

/* Every member, in a stack of our own: view-models are a few levels deep. */
static void search_view(World *w, const Action *action, json_t *view, int person)
{
    typedef struct At {
        json_t *value;
        int person;
    } At;
    static At stack[100000];
    int n = 0;
    stack[n++] = (At){view, person};
    while (n > 0) {
        At at = stack[--n];
        const char *key;
        size_t i;
        json_t *v;
        int here = json_is_object(at.value) ? whose(w, at.value, at.person) : at.person;
        json_object_foreach(at.value, key, v)
        {
            if (strcmp(key, "id") == 0 && json_is_string(v))
                judge(w, action, str_c(json_string_value(v)), here);
            stack[n++] = (At){v, here};
        }
        json_array_foreach(at.value, i, v) stack[n++] = (At){v, here};
        assert_true(n < 90000);
    }
}

/* What the row needs, with this person for every person; false when it cannot be looked at without more. */
static bool fill(World *w, const Action *action, int person, Pair pairs[], char ids[][ID_TEXT_CAP],
                 int *ret_n)
{
    *ret_n = 0;
    for (const Param *f = action->params; f && f->name; f++) {
        if (!f->required)
            continue;
        if (f->type == PARAM_PERSON) {
            int who = (person + *ret_n) % PEOPLE;
            Str id = id_format(book_id(w->shelf.book, w->people[who]), ids[*ret_n]);
            pairs[(*ret_n)++] = (Pair){str_c(f->name), id};
        } else if (f->type == PARAM_TEXT || f->type == PARAM_PROSE) {
            pairs[(*ret_n)++] = (Pair){str_c(f->name), STR("some")};
        } else {
            return false;
        }
    }
    return true;
}

static void look(World *w, const Action *action, int person)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, APP_ARENA_BYTES);
    Cx cx = {.arena = &arena, .now_ms = w->shelf.cx->now_ms};
    Pair pairs[8];
    char ids[8][ID_TEXT_CAP];
    int n = 0;
    Reply reply = {.view = NULL};
    if (!fill(w, action, person, pairs, ids, &n))
        return;
    if (app_run(&cx, &w->app, action, pairs, n, false, &reply) == OK && reply.view) {
        search_view(w, action, reply.view, person);
        w->pages++;
    }
    reply_free(&reply);
}

static void no_page_offers_what_is_unsafe(void **state)
{
    (void)state;
    static World w;
    int worlds = str_eq_c(os_env("FONDER_TORTURE"), "1") ? 25 * WORLDS : WORLDS, rows = 0;
    int64_t pages = 0, practices = 0, questions = 0;
    for (int seed = 1; seed <= worlds; seed++) {
        world_open(&w, (uint64_t)seed + 9000);
        rows = 0;
        for (int i = 0; i < ACTION_COUNT; i++) {
            const Action *action = &ACTIONS[i];
            if (action->effect != EFFECT_READS || action->needs != NEEDS_BOOK ||
                action->method != METHOD_GET)
                continue;
            bool one = action->path && strstr(action->path, "{id}") != NULL;
            for (int person = 0; person < (one ? PEOPLE : 1); person++)
                look(&w, action, one ? person : -1);
            rows++;
        }
        pages += w.pages;
        practices += w.practices;
        questions += w.questions;
        world_close(&w);
    }
    print_message(
        "# %d rows, %d relationships, %lld pages: %lld practices, %lld questions, 0 objections\n",
        rows, worlds * PEOPLE, (long long)pages, (long long)practices, (long long)questions);
    assert_true(rows > 15 && practices > worlds * PEOPLE && questions > worlds * PEOPLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_page_offers_what_is_unsafe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
