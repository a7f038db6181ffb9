/* tests/app/story.c */
#include "story.h"
#include "base/buf.h"
#include "base/time.h"
#include "content/content.h"
#include <stdlib.h>
#include <string.h>

#define CARDS                                                                                      \
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Marguerite Ådal\r\nN:Ådal;Marguerite;;;\r\n"                  \
    "TEL;TYPE=CELL:+47 900 00 001\r\nBDAY:--0504\r\nUID:card-1\r\nEND:VCARD\r\n"                    \
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Yusuf Demir\r\nEMAIL:yusuf@example.org\r\nEND:VCARD\r\n"      \
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana Moreau\r\nEMAIL:ana@example.org\r\nEND:VCARD\r\n"         \
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Lost\r\n"

#define TABLE                                                                                      \
    "First Name,Last Name,Birthday,E-mail 1 - Label,E-mail 1 - Value\n"                            \
    "Ingrid,Holm,3/4/1985,* Home,ingrid@example.org\nYusuf,Demir,,,yusuf@example.org\n,,,,\nx,,y\n"

#define OWN                                                                                        \
    "{\"fonder\":\"export\",\"version\":1,\"exported\":\"2026-04-01T08:00:00.000Z\",\"entries\":4}\n"    \
    "{\"kind\":\"batch\",\"id\":\"48gmneaa1dkxgzr1wyq55kx80q\",\"stamp\":\"2026-03-01T08:00:00.000Z\","    \
    "\"tick\":0,\"device\":\"7\",\"fields\":{\"label\":\"done.add\",\"count\":2}}\n"                       \
    "{\"kind\":\"person\",\"id\":\"0ahy6mxgdbb8wwc60de54rbgd1\",\"batch\":\"48gmneaa1dkxgzr1wyq55kx80q\"," \
    "\"stamp\":\"2026-03-01T08:00:00.000Z\",\"tick\":1,\"device\":\"7\",\"fields\":{\"name\":\"Noor\"}}\n" \
    "{\"kind\":\"note\",\"id\":\"1b3wcgzdhmjhza76g69f0x8k5q\",\"batch\":\"48gmneaa1dkxgzr1wyq55kx80q\","   \
    "\"stamp\":\"2026-03-01T08:00:00.000Z\",\"tick\":2,\"device\":\"7\",\"fields\":{"                       \
    "\"person\":\"0ahy6mxgdbb8wwc60de54rbgd1\",\"text\":\"Likes rain\"}}\n"                                \
    "{\"kind\":\"note\",\"id\":\"2b3wcgzdhmjhza76g69f0x8k5q\",\"fields\":{}}\n"

const Step STORY[] = {
    {"init", NULL, {{"no-passphrase", "1"}}, OK},
    {"init", "init.again", {{"no-passphrase", "1"}}, ERR_INVALID},
    {"today", "today.empty", {{NULL, NULL}}, OK},
    {"people", "people.empty", {{NULL, NULL}}, OK},
    {"welcome", NULL, {{NULL, NULL}}, OK},
    {"help", NULL, {{NULL, NULL}}, OK},
    {"help", "help.log", {{"command", "log"}}, OK},
    {"learn", NULL, {{NULL, NULL}}, OK},
    {"learn.topic", NULL, {{"topic", "physical"}}, OK},
    {"learn.topic", "learn.factor", {{"topic", "trust"}}, OK},
    {"safety", NULL, {{NULL, NULL}}, OK},
    {"add.form", NULL, {{NULL, NULL}}, OK},
    {"add", NULL,
     {{"name", "Ana Moreau"}, {"kind", "close-friend"}, {"since", "2015-09-01"}, {"season", "steady"},
      {"near", "near"}, {"welcome", "A hug hello. Long silences are fine."}, {"birthday", "11 May 1990"},
      {"mail", "ana@example.org"}},
     OK},
    {"add", "add.no-name", {{"kind", "friend"}}, ERR_INVALID},
    {"add", "add.romance", {{"name", "Bea"}, {"kind", "colleague"}, {"romance", "on"}}, ERR_INVALID},
    {"add", "add.partner", {{"name", "Mateo"}, {"kind", "partner"}, {"season", "steady"}, {"romance", "on"}}, OK},
    {"show", "show.new", {{"id", "Ana"}}, OK},
    {"check-in.choose", NULL, {{NULL, NULL}}, OK},
    {"check-in.form", "check-in.first", {{"id", "Ana"}}, OK},
    {"check-in", NULL,
     {{"id", "Ana"}, {"answer", "$felt:emotional=7"}, {"answer", "$wanted:emotional=9"},
      {"answer", "$factor:safety=9"}, {"line", "A good week."}, {"at", "2026-03-02 20:00"}},
     OK},
    {"check-in", "check-in.more",
     {{"id", "Ana"}, {"answer", "$felt:emotional=6"}, {"answer", "$felt:experiential=5"},
      {"answer", "$wanted:experiential=8"}, {"answer", "$factor:trust=8"}, {"answer", "$factor:acceptance=8"},
      {"answer", "$factor:safety=9"}, {"contact", "yes"}, {"at", "2026-04-12 20:00"}},
     OK},
    {"check-in", "check-in.nothing", {{"id", "Ana"}, {"answer", "$felt:emotional=-1"}}, ERR_INVALID},
    {"check-in", "check-in.range", {{"id", "Ana"}, {"answer", "$felt:emotional=11"}}, ERR_INVALID},
    {"check-in.form", NULL, {{"id", "Ana"}}, OK},
    {"check-in.form", "check-in.whole", {{"id", "Ana"}, {"whole", "1"}}, OK},
    {"log.form", NULL, {{"with", "Ana"}}, OK},
    {"log", NULL,
     {{"text", "Long walk with Ana yesterday evening, talked about her father #walk @harbour (intellectual, "
               "emotional) for an hour"},
      {"quality", "good"}, {"depth", "3"}, {"opened-up", "1"}, {"company", "just-us"}},
     OK},
    {"log", "log.new-person", {{"text", "Coffee with +Tom Berg on friday"}, {"at", "2026-04-24 16:00"}}, OK},
    {"log", "log.topic", {{"text", "How did the interview go, Ana?"}, {"as", "ask"}}, OK},
    {"log", "log.nobody", {{"text", "A quiet day"}}, ERR_INVALID},
    {"show", NULL, {{"id", "Ana"}}, OK},
    {"next", NULL, {{"id", "Ana"}}, OK},
    {"next", "next.unknown", {{"id", "Tom"}}, OK},
    {"next.answer", NULL, {{"id", "Ana"}, {"practice", "$practice"}, {"answer", "take"}}, OK},
    {"today", "today.taken", {{NULL, NULL}}, OK},
    {"next", "next.taken", {{"id", "Ana"}}, OK},
    {"done", NULL, {{"id", "Ana"}, {"practice", "$practice"}, {"went", "good"}, {"helped", "8"}, {"both", "1"}}, OK},
    {"done", "done.unknown", {{"id", "Ana"}, {"practice", "no-such-thing"}}, ERR_NOT_FOUND},
    {"edit.form", NULL, {{"id", "Ana"}}, OK},
    {"edit", NULL, {{"id", "Ana"}, {"nickname", "Annie"}, {"not-part", "spiritual"}}, OK},
    {"edit", "edit.nothing", {{"id", "Ana"}}, ERR_INVALID},
    {"reflect.form", NULL, {{NULL, NULL}}, OK},
    {"reflect", NULL, {{"text", "I talk more easily while walking."}}, OK},
    {"insights", "insights.first", {{NULL, NULL}}, OK},
    {"meaning", "meaning.first", {{NULL, NULL}}, OK},
    {"meaning.pick", NULL, {{"left", "$choice0"}, {"right", "$choice1"}, {"pick", "left"}}, OK},
    {"meaning.pick", "meaning.same", {{"left", "$choice0"}, {"right", "$choice0"}, {"pick", "left"}}, ERR_INVALID},
    {"meaning", NULL, {{NULL, NULL}}, OK},
    {"meaning.pick", "meaning.pick.kind", {{"left", "$choice0"}, {"right", "$choice1"}, {"pick", "both"}, {"kind", "friend"}}, OK},
    {"meaning", "meaning.kind", {{"kind", "friend"}}, OK},
    {"search.form", NULL, {{NULL, NULL}}, OK},
    {"search", NULL, {{"text", "father"}}, OK},
    {"search", "search.none", {{"text", "zeppelin"}}, OK},
    {"import.form", NULL, {{NULL, NULL}}, OK},
    {"import", NULL, {{"file", CARDS}}, OK},
    {"import.keep", NULL, {{"preview", "$preview"}}, OK},
    {"import", "import.table", {{"file", TABLE}}, OK},
    {"import", "import.nothing", {{"file", "Dear diary"}}, ERR_INVALID},
    {"people", NULL, {{NULL, NULL}}, OK},
    {"people", "people.friends", {{"kind", "close-friend"}}, OK},
    {"today", NULL, {{NULL, NULL}}, OK},
    {"history", NULL, {{NULL, NULL}}, OK},
    {"undo", NULL, {{NULL, NULL}}, OK},
    {"undo", "undo.redo", {{"redo", "1"}}, OK},
    {"settings.form", NULL, {{NULL, NULL}}, OK},
    {"settings", NULL, {{"interests", "walking,music"}, {"styles", "listening"}, {"ways", "long-talks"}}, OK},
    {"export.form", NULL, {{NULL, NULL}}, OK},
    {"export", NULL, {{"format", "vcard"}}, OK},
    {"check-in", "check-in.unsafe",
     {{"id", "Mateo"}, {"answer", "$felt:emotional=4"}, {"answer", "$factor:safety=2"}}, OK},
    {"show", "show.unsafe", {{"id", "Mateo"}}, OK},
    {"next", "next.unsafe", {{"id", "Mateo"}}, OK},
    {"show", "show.nobody", {{"id", "Zoe"}}, ERR_NOT_FOUND},
    {"merge.list", "merge.none", {{NULL, NULL}}, OK},
    {"add", "add.twin", {{"name", "Moreau Ana"}, {"mail", "ana@example.org"}, {"mail", "am@example.org"}}, OK},
    {"log", "log.twin", {{"text", "A film"}, {"with", "Moreau"}, {"at", "2026-04-25 20:00"}}, OK},
    {"merge.list", NULL, {{NULL, NULL}}, OK},
    {"merge.form", NULL, {{"id", "Ana"}, {"other", "Moreau Ana"}}, OK},
    {"merge.form", "merge.same", {{"id", "Ana"}, {"other", "Ana"}}, ERR_INVALID},
    {"merge", "merge.unsure", {{"id", "Ana"}, {"other", "Moreau Ana"}}, OK},
    {"merge.form", "merge.who", {{"id", "Ana"}}, OK},
    {"merge", "merge.nobody", {{"id", "Ana"}, {"other", "Zoe"}, {"yes", "1"}}, ERR_NOT_FOUND},
    {"merge", NULL, {{"id", "Ana Moreau"}, {"other", "Moreau Ana"}, {"yes", "1"}}, OK},
    {"show", "show.merged", {{"id", "Ana"}}, OK},
    {"undo", "undo.merge", {{NULL, NULL}}, OK},
    {"undo", "undo.merge-again", {{"redo", "1"}}, OK},
    {"import", "import.own", {{"file", OWN}}, OK},
    {"import.keep", "import.own-kept", {{"preview", "$preview"}}, OK},
    {"import", "import.own-again", {{"file", OWN}, {"yes", "1"}}, ERR_INVALID},
    {"passphrase.form", NULL, {{NULL, NULL}}, OK},
    {"unlock", "unlock.key-file", {{NULL, NULL}}, ERR_INVALID},
    {"lock", "lock.key-file", {{NULL, NULL}}, ERR_INVALID},
    {"passphrase", "passphrase.differ", {{"new", "slow green river"}, {"again", "slow green"}}, ERR_INVALID},
    {"passphrase", NULL, {{"new", "slow green river"}, {"again", "slow green river"}}, OK},
    {"unlock", "unlock.range", {{"minutes", "0"}}, ERR_INVALID},
    {"lock", NULL, {{NULL, NULL}}, OK},
    {"passphrase", "passphrase.wrong",
     {{"old", "slow green lake"}, {"new", "a stone"}, {"again", "a stone"}}, ERR_DENIED},
    {"passphrase.form", "passphrase.form.set", {{NULL, NULL}}, OK},
    {"recovery.form", NULL, {{NULL, NULL}}, OK},
    {"recovery", NULL, {{"old", "slow green river"}}, OK},
    {"recover.form", NULL, {{NULL, NULL}}, OK},
    {"recover", "recover.no-code", {{"code", "my dog's name"}, {"new", "a"}, {"again", "a"}}, ERR_INVALID},
    {"recover", NULL, {{"code", "$recovery"}, {"new", "warm grey stone"}, {"again", "warm grey stone"}}, OK},
    {"rekey", NULL, {{"old", "warm grey stone"}}, OK},
    {"passphrase", "passphrase.none", {{"old", "warm grey stone"}, {"no-passphrase", "1"}}, OK},
    {"backup", NULL, {{"file", "$folder/copy"}}, OK},
    {"backup", "backup.there", {{"file", "$folder/copy"}}, ERR_INVALID},
    {"backup", "backup.locked", {{"file", "$folder/sealed"}, {"locked", "1"}}, OK},
    {"backup", "backup.no-name", {{NULL, NULL}}, ERR_INVALID},
    {"backups", "backups.none", {{NULL, NULL}}, OK},
    {"schedule", "schedule.no-folder", {{"every", "day"}}, ERR_INVALID},
    {"schedule", NULL, {{"every", "week"}, {"into", "$folder/copies"}, {"keep", "2"}}, OK},
    {"backup", "backup.into", {{"into", "$folder/copies"}, {"keep", "2"}}, OK},
    {"backup", "backup.into-nowhere", {{"into", "$folder/nowhere"}}, ERR_NOT_FOUND},
    {"backups", NULL, {{NULL, NULL}}, OK},
    {"schedule", "schedule.never", {{"every", "never"}}, OK},
    {"doctor", NULL, {{NULL, NULL}}, OK},
    {"doctor", "doctor.lost", {{"lost", "1"}, {"code", "$recovery"}}, OK},
    {"doctor", "doctor.no-code", {{"lost", "1"}, {"code", "my dog's name"}}, ERR_INVALID},
    {"doctor", "doctor.lost-saved",
     {{"lost", "1"}, {"code", "$recovery"}, {"save-to", "$folder/found"}, {"new", "a cup"}, {"again", "a cup"}}, OK},
    {"doctor", "doctor.saved", {{"save-to", "$folder/saved"}}, OK},
    {"doctor", "doctor.there", {{"save-to", "$folder/copy"}}, ERR_INVALID},
    {"restore", "restore.there", {{"file", "$folder/copy"}}, ERR_INVALID},
    {"forget.form", NULL, {{"id", "Ana"}}, OK},
    {"forget", "forget.other-name", {{"id", "Ana"}, {"confirm", "Tom"}}, ERR_INVALID},
    {"forget", "forget.no-entry",
     {{"id", "Ana"}, {"confirm", "Ana Moreau"}, {"entry", "all"}}, ERR_INVALID},
    {"forget", NULL, {{"id", "Ana"}, {"confirm", "ana moreau"}}, OK},
    {"show", "show.forgotten", {{"id", "Ana"}}, ERR_NOT_FOUND},
    {"demo", NULL, {{"people", "3"}, {"years", "1"}}, ERR_INVALID},
};
const int STORY_STEPS = (int)(sizeof STORY / sizeof STORY[0]);

void story_begin(Story *s, const char *locale)
{
    *s = (Story){.preview = {{0}}};
    test_cx_init(&s->t);
    s->folder = test_folder(&s->t.cx);
    Buf path = buf_make(s->t.cx.arena, 4096);
    Str vault = {NULL, 0};
    buf_put(&path, s->folder);
    buf_c(&path, "/vault");
    assert_ok(&s->t.cx, buf_done(&s->t.cx, &path, &vault));
    app_init(&s->app, text_locale(str_c(locale)), vault, NULL);
    /* The example must not touch the owner's own folder. */
    assert_int_equal(setenv("FONDER_VAULT", str_to_c(s->t.cx.arena, vault), 1), 0);
    assert_int_equal(setenv("XDG_CONFIG_HOME", str_to_c(s->t.cx.arena, s->folder), 1), 0);
    assert_int_equal(setenv("XDG_RUNTIME_DIR", str_to_c(s->t.cx.arena, s->folder), 1), 0);
}

void story_end(Story *s)
{
    app_close(&s->app);
    app_render_free(&s->app);
    test_folder_remove(&s->t.cx, s->folder);
    test_cx_free(&s->t);
}

static Str question(AsksId asks, Str id)
{
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        if (q->asks == asks && q->state >= 0 && str_eq(content_page(q->state)->id, id) &&
            q->keyed == KEYED_PLAIN && content_has(q->kinds, KIND_CLOSE_FRIEND) &&
            content_has(q->kinds, KIND_PARTNER))
            return q->id;
    }
    fail_msg("no plain question asks for %.*s", STR_FMT(id));
    return id;
}

/* "$felt:emotional=7" is the first plain question that asks so, answered 7. */
static Str answer(Cx *cx, Str value)
{
    Str rest = value;
    Str asks = str_cut(&rest, ':');
    Str of = str_cut(&rest, '=');
    AsksId kind = str_eq_c(asks, "$felt") ? ASKS_FELT : str_eq_c(asks, "$wanted") ? ASKS_WANTED : ASKS_FACTOR;
    Buf out = buf_make(cx->arena, 256);
    Str ret = {NULL, 0};
    buf_put(&out, question(kind, of));
    buf_char(&out, '=');
    buf_put(&out, rest);
    assert_ok(cx, buf_done(cx, &out, &ret));
    return ret;
}

static Str value_of(Story *s, const char *raw)
{
    Cx *cx = &s->t.cx;
    Str value = str_c(raw);
    if (str_eq_c(value, "$preview")) {
        char *id = arena_alloc(cx->arena, ID_TEXT_CAP, 1, 1);
        assert_non_null(id);
        return id_format(s->preview, id);
    }
    if (str_eq_c(value, "$practice"))
        return content_practices[0].id;
    if (str_starts(value, STR("$folder"))) {
        Buf path = buf_make(cx->arena, 4096);
        Str ret = {NULL, 0};
        buf_put(&path, s->folder);
        buf_put(&path, str_from(value, 7));
        assert_ok(cx, buf_done(cx, &path, &ret));
        return ret;
    }
    if (str_starts(value, STR("$choice")))
        return content_choices[value.p[7] - '0'].id;
    if (str_eq_c(value, "$recovery"))
        return str_c(s->recovery.text);
    return str_starts(value, STR("$")) ? answer(cx, value) : value;
}

Err story_step(Story *s, const Step *step, Reply *ret)
{
    Cx *cx = &s->t.cx;
    const Action *action = action_by_id(step->action);
    assert_non_null(action);
    Pair *pairs = arena_new(cx->arena, Pair, STEP_PAIRS);
    int n = 0;
    assert_non_null(pairs);
    for (int i = 0; i < STEP_PAIRS && step->pairs[i].name; i++)
        pairs[n++] = (Pair){str_c(step->pairs[i].name), value_of(s, step->pairs[i].value)};
    cx->now_ms += TIME_MINUTE_MS; /* a minute between one thing and the next */
    Err e = app_run(cx, &s->app, action, pairs, n, false, ret);
    if (e == OK && ret->then && strcmp(ret->then, "import.keep") == 0)
        assert_true(id_parse(ret->then_pairs[0].value, &s->preview));
    Str code = str_c(e == OK ? json_string_value(json_object_get(ret->view, "recovery")) : NULL);
    if (code.len == LOG_RECOVERY_CAP - 1)
        memcpy(s->recovery.text, code.p, sizeof s->recovery.text);
    return e;
}

/* -- what differs from run to run ------------------------------------------------------------------ */

static bool is_id_char(char c)
{
    return c != '\0' && strchr("0123456789abcdefghjkmnpqrstvwxyz", c) != NULL;
}

static ptrdiff_t id_at(Str s)
{
    ptrdiff_t n = 0;
    while (n < s.len && is_id_char(s.p[n]))
        n++;
    bool digit = false;
    for (ptrdiff_t i = 0; i < n; i++)
        digit = digit || (s.p[i] >= '0' && s.p[i] <= '9');
    return n == ID_TEXT_LEN && digit ? n : 0;
}

static ptrdiff_t recovery_at(Str s)
{
    for (ptrdiff_t i = 0; i < LOG_RECOVERY_CAP - 1; i++) {
        bool hyphen = i % 6 == 5;
        if (i >= s.len || (hyphen ? s.p[i] != '-' : s.p[i] < 'a' || s.p[i] > 'z'))
            return 0;
    }
    return LOG_RECOVERY_CAP - 1;
}

/* A line of a QR code: halves of modules and the spaces between. */
static ptrdiff_t qr_line_at(Str s)
{
    enum { SIGNS_MIN = 20 };
    ptrdiff_t n = 0, signs = 0;
    for (; n + 2 < s.len; signs++) {
        if (str_starts(str_from(s, n), STR("\xc2\xa0")))
            n += 2;
        else if (s.p[n] == '\xe2' && s.p[n + 1] == '\x96' && strchr("\x80\x84\x88", s.p[n + 2]))
            n += 3;
        else
            break;
    }
    return signs >= SIGNS_MIN ? n : 0;
}

/* The path of a QR code: "M4 4h7v1h-7z…". */
static ptrdiff_t qr_at(Str s)
{
    ptrdiff_t n = 0;
    if (!str_starts(s, STR("M4 4h7v1h-7z")))
        return 0;
    while (n < s.len && strchr("Mhvz- 0123456789", s.p[n]))
        n++;
    return n;
}

/* "fonder-3k9x1v2m-2026…", "fonder-backup-3k9x1v2m.timer": how far the vault's part reaches; 0 when it is none. */
static ptrdiff_t vault_name_at(Str s, ptrdiff_t *ret_head)
{
    enum { PART = 8 };
    static const char *const heads[] = {"fonder-backup-", "fonder-"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        ptrdiff_t n = str_c(heads[i]).len, at = n;
        while (str_starts(s, str_c(heads[i])) && at < s.len && is_id_char(s.p[at]))
            at++;
        *ret_head = n;
        if (at == n + PART)
            return at;
    }
    return 0;
}

enum { IDS_MAX = 512 };

static int id_number(Str seen[], int *n, Str id)
{
    for (int i = 0; i < *n; i++) {
        if (str_eq(seen[i], id))
            return i + 1;
    }
    assert_true(*n < IDS_MAX);
    seen[(*n)++] = id;
    return *n;
}

/* "style.css?0123456789abcdef": the version of a file changes with every change of it. */
static ptrdiff_t version_at(Str s)
{
    enum { VERSION_LEN = 17 };
    if (s.len < VERSION_LEN || s.p[0] != '?')
        return 0;
    for (int i = 1; i < VERSION_LEN; i++) {
        if (!strchr("0123456789abcdef", s.p[i]))
            return 0;
    }
    return VERSION_LEN;
}

Str story_plain(Story *s, Str text)
{
    Cx *cx = &s->t.cx;
    Str *seen = arena_new(cx->arena, Str, IDS_MAX), out = {NULL, 0};
    int n = 0;
    Buf buf = buf_make(cx->arena, 32 << 20);
    assert_non_null(seen);
    for (ptrdiff_t i = 0; i < text.len;) {
        Str rest = str_from(text, i);
        bool edge = i == 0 || !is_id_char(text.p[i - 1]);
        ptrdiff_t id = edge ? id_at(rest) : 0, code = edge ? recovery_at(rest) : 0, head = 0;
        ptrdiff_t vault = vault_name_at(rest, &head);
        if (version_at(rest) > 0) {
            buf_c(&buf, "?VERSION");
            i += version_at(rest);
        } else if (vault > 0) {
            buf_put(&buf, str_sub(rest, 0, head));
            buf_c(&buf, "VAULT");
            i += vault;
        } else if (str_starts(rest, s->folder)) {
            buf_c(&buf, "FOLDER");
            i += s->folder.len;
        } else if (qr_line_at(rest) > 0) {
            buf_c(&buf, "QR");
            i += qr_line_at(rest);
        } else if (qr_at(rest) > 0) {
            buf_c(&buf, "QR");
            i += qr_at(rest);
        } else if (code > 0) {
            buf_c(&buf, "RECOVERY");
            i += code;
        } else if (id > 0) {
            buf_fmt(&buf, "ID%d", id_number(seen, &n, str_sub(rest, 0, id)));
            i += id;
        } else {
            buf_char(&buf, text.p[i++]);
        }
    }
    assert_ok(cx, buf_done(cx, &buf, &out));
    return out;
}
