/* tests/app/test_golden.c - every row of the table, told by the story, against what it said last time: the
 * view-model, the page, the terminal. FONDER_GOLDEN=record writes tests/golden anew; then read the diff. */
#include "shape.h"
#include "story.h"
#include "base/buf.h"
#include "content/content.h"
#include <stdio.h>
#include <string.h>

static bool recording(void)
{
    return str_eq_c(os_env("FONDER_GOLDEN"), "record");
}

static Str golden_path(Cx *cx, const Step *step, const char *file)
{
    Buf buf = buf_make(cx->arena, 1024);
    Str name = {NULL, 0};
    buf_fmt(&buf, "tests/golden/%s/%s", step->name ? step->name : step->action, file);
    buf_char(&buf, '\0');
    assert_ok(cx, buf_done(cx, &buf, &name));
    return source_path(cx, name.p);
}

/* A row that can do more than one thing says what it did. */
static const char *shown_as(const Action *action, const Reply *reply)
{
    const char *view = json_string_value(json_object_get(reply->view, "view"));
    return view ? view : action->view;
}

static void show_difference(Str want, Str got)
{
    int line = 1;
    while (want.p && got.p) {
        Str a = str_line(&want), b = str_line(&got);
        if (!str_eq(a, b)) {
            print_error("line %d\nwant %.*s\ngot  %.*s\n", line, STR_FMT(a), STR_FMT(b));
            return;
        }
        line++;
    }
    print_error("one goes on after line %d\n", line);
}

static int compare(Story *s, const Step *step, const char *file, Str text)
{
    Cx *cx = &s->t.cx;
    Str path = golden_path(cx, step, file), want = {NULL, 0}, got = story_plain(s, text);
    if (recording()) {
        assert_ok(cx, os_make_dirs(cx, os_dirname(path)));
        assert_ok(cx, os_write_file(cx, path, got));
        return 0;
    }
    if (os_read_file(cx, path, 8 << 20, &want) == OK && str_eq(want, got))
        return 0;
    print_error("%.*s differs\n", STR_FMT(path));
    show_difference(want, got);
    return 1;
}

static int compare_faces(Story *s, const Step *step, const Action *action, const Reply *reply)
{
    Cx *cx = &s->t.cx;
    Str json = {NULL, 0}, html = {NULL, 0}, text = {NULL, 0};
    if (!str_is_null(reply->file))
        return compare(s, step, "file.txt", reply->file);
    json_t *frame = json_pack("{s:s, s:s}", "csrf", "CSRF", "path", action->path ? action->path : "/");
    assert_ok(cx, app_render(cx, &s->app, shown_as(action, reply), reply->view, NULL, FACE_JSON, 0, &json));
    assert_ok(cx, app_render(cx, &s->app, shown_as(action, reply), reply->view, NULL, FACE_TEXT, 72, &text));
    int bad = compare(s, step, "view.json", json) + compare(s, step, "text.txt", text);
    if (action->path) {
        assert_ok(cx, app_render(cx, &s->app, shown_as(action, reply), reply->view, frame, FACE_HTML, 0, &html));
        bad += compare(s, step, "page.html", html);
    }
    json_decref(frame);
    return bad;
}

static int compare_failure(Story *s, const Step *step)
{
    Str why = {NULL, 0};
    Why said = s->t.cx.why;
    assert_ok(&s->t.cx, text_why(&s->t.cx, s->app.text, &said, &why));
    return compare(s, step, "error.txt", why);
}

static void every_row_says_what_it_said(void **state)
{
    Story s;
    int bad = 0;
    (void)state;
    story_begin(&s, "en");
    for (int i = 0; i < STORY_STEPS; i++) {
        const Step *step = &STORY[i];
        Reply reply = {.view = NULL};
        Err e = story_step(&s, step, &reply);
        if (e != step->fails) {
            print_error("%s: error %d (%s), not %d\n", step->name ? step->name : step->action, (int)e,
                        s.t.cx.why.key ? s.t.cx.why.key : "", (int)step->fails);
            bad++;
        } else {
            bad += e == OK ? compare_faces(&s, step, action_by_id(step->action), &reply)
                           : compare_failure(&s, step);
        }
        reply_free(&reply);
    }
    story_end(&s);
    assert_int_equal(bad, 0);
}

static void every_view_has_its_documented_shape(void **state)
{
    Story s;
    int bad = 0;
    (void)state;
    story_begin(&s, "en");
    static Shapes shapes;
    Str page = {NULL, 0};
    assert_ok(&s.t.cx, os_read_file(&s.t.cx, source_path(&s.t.cx, "docs/VIEWMODELS.md"), 1 << 20, &page));
    shapes_read(&shapes, page);
    for (int i = 0; i < STORY_STEPS; i++) {
        Reply reply = {.view = NULL};
        char why[SHAPE_WHY_MAX];
        if (story_step(&s, &STORY[i], &reply) == OK && reply.view) {
            const char *name = json_string_value(json_object_get(reply.view, "view"));
            bool fits = name && shape_check(&shapes, name, reply.view, why, sizeof why);
            if (!fits)
                print_error("%s: %s\n", STORY[i].action, name ? why : "no view");
            bad += !fits;
        }
        reply_free(&reply);
    }
    story_end(&s);
    assert_int_equal(bad, 0);
}

static void every_row_has_its_place(void **state)
{
    (void)state;
    const Text *text = text_locale(STR("en"));
    for (int i = 0; i < ACTION_COUNT; i++) {
        const Action *a = &ACTIONS[i];
        bool told = !a->run;
        char key[128];
        for (int k = 0; k < STORY_STEPS; k++)
            told = told || strcmp(STORY[k].action, a->id) == 0;
        if (!told)
            print_error("no golden tells %s\n", a->id);
        assert_true(told);
        if (a->command) {
            (void)snprintf(key, sizeof key, "help.%s", a->command);
            if (!text_has(text, key))
                print_error("no %s\n", key);
            assert_true(text_has(text, key));
        }
        for (const Param *p = a->params; p && p->name; p++) {
            (void)snprintf(key, sizeof key, "field.%s", p->name);
            if (!text_has(text, key))
                print_error("no %s\n", key);
            assert_true(text_has(text, key));
        }
        assert_true(!a->form || action_by_id(a->form));
        assert_true(a->method != METHOD_GET || a->effect == EFFECT_READS);
    }
}

/* -- no text is hard-coded ------------------------------------------------------------------------- */

/* In the pseudo-locale every word of ours stands in brackets; what the story's people wrote is known. */
static bool from_the_story(Str word)
{
    for (int i = 0; i < STORY_STEPS; i++) {
        for (int k = 0; k < STEP_PAIRS && STORY[i].pairs[k].name; k++) {
            if (str_find(str_c(STORY[i].pairs[k].value), word) >= 0)
                return true;
        }
    }
    return str_eq_c(word, "fonder") || str_eq_c(word, "FOLDER") || str_eq_c(word, "ID") ||
           str_eq_c(word, "RECOVERY");
}

/* Whoever did the research is called the same in every language. */
static bool from_a_finding(Str word)
{
    for (int i = 0; i < content_practices_count; i++) {
        if (str_find(content_practices[i].finding.author, word) >= 0)
            return true;
    }
    for (int i = 0; i < STATE_COUNT; i++) {
        if (str_find(content_page(i)->finding.author, word) >= 0)
            return true;
    }
    return false;
}

static bool is_roman(Str word)
{
    for (ptrdiff_t i = 0; i < word.len; i++) {
        if (!strchr("ivxl", word.p[i]))
            return false;
    }
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The visible text of a page: outside tags, of aria-label, title and placeholder too. */
static int unbracketed(Str html, const char *name)
{
    int depth = 0, bad = 0;
    bool tag = false;
    for (ptrdiff_t i = 0; i < html.len; i++) {
        Str rest = str_from(html, i);
        if (str_starts(rest, STR("<style")) || str_starts(rest, STR("<!doctype")))
            tag = true;
        if (html.p[i] == '<')
            tag = true;
        else if (html.p[i] == '>')
            tag = false;
        else if (str_starts(rest, STR("\xe2\x9f\xa6"))) /* ⟦ */
            depth++;
        else if (str_starts(rest, STR("\xe2\x9f\xa7"))) /* ⟧ */
            depth--;
        else if (!tag && depth <= 0 && is_letter(html.p[i])) {
            ptrdiff_t n = 0;
            if (html.p[i > 0 ? i - 1 : 0] == '&') { /* an entity */
                while (i < html.len && html.p[i] != ';')
                    i++;
                continue;
            }
            while (n < rest.len && is_letter(rest.p[n]))
                n++;
            Str word = str_sub(rest, 0, n);
            if (n > 1 && !from_the_story(word) && !is_roman(word) && !from_a_finding(word)) {
                print_error("%s: \"%.*s\" is not from the catalogue\n", name, STR_FMT(str_sub(rest, 0, 40)));
                bad++;
            }
            i += n - 1;
        }
    }
    return bad;
}

static void no_text_is_hard_coded(void **state)
{
    Story s;
    int bad = 0;
    (void)state;
    story_begin(&s, "qps");
    for (int i = 0; i < STORY_STEPS; i++) {
        Reply reply = {.view = NULL};
        const Step *step = &STORY[i];
        const Action *action = action_by_id(step->action);
        Str html = {NULL, 0};
        /* What people write is theirs in any language: their prose is left out here. */
        bool theirs = strstr("log reflect search show history log.form search reflect.form help recovery rekey backup backup.locked schedule backups", step->action);
        if (story_step(&s, step, &reply) == OK && reply.view && action->path && !theirs) {
            assert_ok(&s.t.cx, app_render(&s.t.cx, &s.app, shown_as(action, &reply), reply.view, NULL, FACE_HTML, 0, &html));
            html = story_plain(&s, html);
            bad += unbracketed(html, step->name ? step->name : step->action);
        }
        reply_free(&reply);
    }
    story_end(&s);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_its_place),
        cmocka_unit_test(every_row_says_what_it_said),
        cmocka_unit_test(every_view_has_its_documented_shape),
        cmocka_unit_test(no_text_is_hard_coded),
    };
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
