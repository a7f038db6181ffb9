/* app/demo.c - each person gets a closeness that wanders around a level of its own (a discrete
 * Ornstein-Uhlenbeck walk in weeks), moments at a rate that fits the kind, and a check-in every few weeks
 * whose answers are that closeness with noise, as people give them: whole numbers. Cost is linear in
 * people times years. */
#include "app/demo.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/time.h"
#include "content/content.h"
#include <math.h>

typedef struct Cast {
    KindId kind;
    SeasonId season;
    double level, wanted; /* where it rests, what I would like */
    int days_between;     /* moments */
    int weeks_between;    /* check-ins */
    bool far;
    int drift;    /* -1, 0, 1: quieter, steady, growing over the last year */
    int birthday; /* mmdd */
} Cast;

static const Cast cast[DEMO_PEOPLE] = {
    {KIND_SIBLING,      SEASON_GROWING,   6.0, 7.5, 12, 4,  true,  1,  1126},
    {KIND_PARTNER,      SEASON_STEADY,    7.4, 8.8, 3,  2,  false, 0,  317 },
    {KIND_ACQUAINTANCE, SEASON_NEW,       4.2, 5.5, 21, 9,  false, 1,  0   },
    {KIND_FRIEND,       SEASON_QUIET,     5.5, 6.5, 40, 12, false, -1, 904 },
    {KIND_PARENT,       SEASON_STEADY,    6.6, 7.6, 7,  5,  true,  0,  1130},
    {KIND_CLOSE_FRIEND, SEASON_STEADY,    7.2, 8.4, 9,  4,  false, 0,  612 },
    {KIND_CHILD,        SEASON_GROWING,   7.0, 8.0, 6,  5,  false, 1,  128 },
    {KIND_MENTOR,       SEASON_STEADY,    5.2, 5.5, 30, 10, true,  0,  0   },
    {KIND_COLLEAGUE,    SEASON_STEADY,    4.0, 4.0, 10, 8,  false, 0,  0   },
    {KIND_GRANDPARENT,  SEASON_FAR_AWAY,  6.2, 6.8, 14, 7,  true,  0,  1204},
    {KIND_FRIEND,       SEASON_REPAIRING, 4.4, 6.0, 25, 6,  false, -1, 505 },
    {KIND_OTHER_FAMILY, SEASON_RESTING,   3.6, 3.0, 60, 14, true,  0,  0   },
};

typedef struct Maker {
    Cx *cx;
    App *app;
    Rng rng;
    int64_t start_ms, end_ms;
    Draft *drafts;
    int n, cap;
    int told;  /* moments so far */
    Str about; /* whose life is being written */
} Maker;

enum { BATCH_DRAFTS = 256 };

/* The nth of the alternatives that a catalogue key holds, separated by |. */
static Str alternative(const App *app, const char *key, int nth)
{
    Str all = text_get(app->text, key);
    int count = 1;
    for (ptrdiff_t i = 0; i < all.len; i++)
        count += all.p[i] == '|';
    nth %= count;
    Str one = {NULL, 0};
    for (Str rest = all; rest.p && nth >= 0; nth--)
        one = str_cut(&rest, '|');
    return one;
}

static Err flush(Maker *m)
{
    Id batch = {{0}};
    if (m->n == 0)
        return OK;
    Err e = book_commit(m->cx, m->app->book, m->app->log, m->drafts, m->n, STR("done.demo"),
                        m->about, &batch);
    m->n = 0;
    arena_reset(m->cx->arena);
    m->drafts = arena_new(m->cx->arena, Draft, BATCH_DRAFTS);
    return e == OK && !m->drafts ? err_nomem(m->cx) : e;
}

static double clamp(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static int64_t in_week(Maker *m, int64_t week_ms)
{
    /* waking hours, to the quarter of an hour */
    int64_t quarter = 15 * (int64_t)TIME_MINUTE_MS;
    int64_t at = week_ms + rng_below(&m->rng, 7) * (int64_t)TIME_DAY_MS +
                 9 * (int64_t)TIME_HOUR_MS + rng_below(&m->rng, 48) * quarter;
    return at < m->end_ms ? at : m->end_ms - quarter;
}

static Str sentence(Maker *m, Str pattern, Str name)
{
    Buf buf = buf_make(m->cx->arena, 2048);
    Str out = {NULL, 0};
    ptrdiff_t at = str_find(pattern, STR("{name}"));
    buf_put(&buf, at < 0 ? pattern : str_sub(pattern, 0, at));
    if (at >= 0) {
        buf_put(&buf, name);
        buf_put(&buf, str_from(pattern, at + 6));
    }
    return buf_done(m->cx, &buf, &out) == OK ? out : pattern;
}

/* What a sentence of the catalogue begins with: the types it is about, as digits from 1; how many minutes such a
 * thing takes; + where others may have been there, v where it was by video: "14/90+ Cooked …". */
typedef struct Scene {
    int64_t types;
    int minutes;
    bool others, video;
} Scene;

static bool took(Str *s, char c)
{
    bool has = s->len > 0 && s->p[0] == c;
    if (has)
        *s = str_from(*s, 1);
    return has;
}

static Scene scene_of(Str *pattern)
{
    Scene scene = {.minutes = 0};
    for (; pattern->len > 0 && pattern->p[0] >= '1' && pattern->p[0] <= '0' + TYPE_COUNT;
         *pattern = str_from(*pattern, 1))
        scene.types |= (int64_t)1 << (pattern->p[0] - '1');
    if (took(pattern, '/')) {
        for (; pattern->len > 0 && pattern->p[0] >= '0' && pattern->p[0] <= '9' &&
               scene.minutes < 1000;
             *pattern = str_from(*pattern, 1))
            scene.minutes = 10 * scene.minutes + pattern->p[0] - '0';
    }
    scene.others = took(pattern, '+');
    scene.video = took(pattern, 'v');
    *pattern = str_trim(*pattern);
    return scene;
}

static void add_moment(Maker *m, const Cast *c, Id person, Str name, int64_t week_ms, double level)
{
    Draft d = draft_new(m->cx, ENTRY_MOMENT);
    bool remote = c->far && rng_uniform(&m->rng) < .7;
    /* Seven is prime to how many sentences there are: the same one comes only after all the others. */
    Str pattern = alternative(m->app, remote ? "demo.calls" : "demo.moments", m->told += 7);
    Scene scene = scene_of(&pattern);
    bool talk = (scene.types & (1 << TYPE_EMOTIONAL | 1 << TYPE_INTELLECTUAL)) != 0;
    double quality = clamp(round(2 * (.25 + .07 * level + .35 * rng_normal(&m->rng))) / 2, -1, 1);
    draft_ids(&d, F_PEOPLE, &person, 1);
    if (scene.minutes > 0) /* a quarter less, as usual, or a quarter more */
        draft_int(&d, F_MOMENT_MINUTES, scene.minutes * (3 + rng_below(&m->rng, 3)) / 20 * 5);
    draft_int(&d, F_MOMENT_MEDIUM,
              scene.video ? MEDIUM_VIDEO
              : remote    ? MEDIUM_CALL
                          : MEDIUM_IN_PERSON);
    draft_int(&d, F_MOMENT_COMPANY,
              scene.others && rng_uniform(&m->rng) < .5 ? COMPANY_A_FEW : COMPANY_JUST_US);
    draft_real(&d, F_MOMENT_QUALITY, quality);
    draft_int(&d, F_MOMENT_DEPTH, 1 + rng_below(&m->rng, level > 6 && talk ? 5 : 3));
    if (scene.types != 0)
        draft_int(&d, F_MOMENT_TYPES, scene.types);
    draft_int(&d, F_MOMENT_REACHED, 1 + rng_below(&m->rng, 3));
    if (talk && scene.minutes >= 30 && level > 5 && rng_uniform(&m->rng) < .4)
        draft_bool(&d, F_MOMENT_OPENED, true);
    if (quality < 0 && c->kind != KIND_COLLEAGUE)
        draft_bool(&d, F_MOMENT_CONFLICT, true);
    draft_text(&d, F_TEXT, sentence(m, pattern, name));
    draft_at(&d, in_week(m, week_ms));
    m->drafts[m->n++] = d;
}

/* The question that asks this of this kind of relationship, varied from time to time. */
static const ContentQuestion *question_for(Maker *m, AsksId asks, int state, KindId kind)
{
    const ContentQuestion *fits[16];
    int n = 0;
    for (int i = 0; i < content_questions_count && n < 16; i++) {
        const ContentQuestion *q = &content_questions[i];
        if (q->asks == asks && q->state == state && content_has(q->kinds, (int)kind) &&
            !q->romantic)
            fits[n++] = q;
    }
    return n > 0 ? fits[rng_below(&m->rng, n)] : NULL;
}

static void answer(Maker *m, Answer answers[], int *n, const ContentQuestion *q, double value)
{
    double y = clamp(round(value + .8 * rng_normal(&m->rng)), 0, 10);
    if (q)
        answers[(*n)++] = (Answer){q->id, (int)(10 * (q->keyed == KEYED_REVERSED ? 10 - y : y))};
}

static void add_checkin(Maker *m, const Cast *c, Id person, int64_t week_ms, double level, int nth)
{
    /* each type rests a little above or below the whole, the same way every time */
    static const double lean[TYPE_COUNT] = {.2, .5, -.6, .4, -1.2};
    Answer answers[6];
    int n = 0;
    int type = nth % TYPE_COUNT, factor = nth % FACTOR_COUNT;
    Draft d = draft_new(m->cx, ENTRY_CHECKIN);
    draft_id(&d, F_PERSON, person);
    answer(m, answers, &n, question_for(m, ASKS_FELT, type, c->kind), level + lean[type]);
    answer(m, answers, &n, question_for(m, ASKS_FACTOR, TYPE_COUNT + factor, c->kind), level + .4);
    if (nth % 3 == 0)
        answer(m, answers, &n, question_for(m, ASKS_FACTOR, TYPE_COUNT + FACTOR_SAFETY, c->kind),
               level + 1);
    if (nth % 2 == 0)
        answer(m, answers, &n, question_for(m, ASKS_WANTED, type, c->kind), c->wanted + lean[type]);
    draft_answers(&d, F_CHECKIN_ANSWERS, answers, n);
    draft_at(&d, in_week(m, week_ms));
    m->drafts[m->n++] = d;
}

static Id add_person(Maker *m, const Cast *c, int i, Str name)
{
    Draft p = draft_new(m->cx, ENTRY_PERSON);
    draft_text(&p, F_PERSON_NAME, name);
    if (c->birthday > 0)
        draft_int(&p, F_PERSON_BIRTHDAY, c->birthday);
    m->drafts[m->n++] = p;
    Draft r = draft_edit(m->cx, ENTRY_RELATIONSHIP, p.object);
    draft_int(&r, F_REL_KINDS, (int64_t)1 << c->kind);
    draft_int(&r, F_REL_SEASON, c->season);
    draft_bool(&r, F_REL_FAR, c->far);
    draft_text(&r, F_REL_WELCOME, alternative(m->app, "demo.welcome", i));
    m->drafts[m->n++] = r;
    return p.object;
}

static Err add_life(Maker *m, int i, Str name)
{
    const Cast *c = &cast[i % DEMO_PEOPLE];
    int64_t week = 7 * (int64_t)TIME_DAY_MS;
    int64_t weeks = (m->end_ms - m->start_ms) / week;
    Id person = add_person(m, c, i, name);
    double level = c->level;
    int nth = 0, next_checkin = rng_below(&m->rng, c->weeks_between);
    m->told = rng_below(&m->rng, 1 << 10);
    for (int64_t w = 0; w < weeks; w++) {
        double home = c->level - (weeks - w < 52 ? 0 : c->drift * 1.2);
        level = clamp(level + .08 * (home - level) + .22 * rng_normal(&m->rng), 0, 10);
        for (double rate = 7.0 / c->days_between; rate > 0; rate -= 1) {
            if (rng_uniform(&m->rng) < rate)
                add_moment(m, c, person, name, m->start_ms + w * week, level);
        }
        if (w == next_checkin || w == weeks - 1 - i % 3) {
            add_checkin(m, c, person, m->start_ms + w * week, level, nth++);
            next_checkin = (int)w + 1 + rng_below(&m->rng, 2 * c->weeks_between);
        }
        if (m->n > BATCH_DRAFTS - 8) {
            Err e = flush(m);
            if (e != OK)
                return e;
        }
    }
    return OK;
}

static Err add_me(Maker *m)
{
    Draft me = draft_edit(m->cx, ENTRY_ME, ENTRY_ME_ID);
    const Str interests[] = {STR("walking"), STR("cooking"), STR("music")};
    const Str styles[] = {STR("doing-together"), STR("listening")};
    const Str ways[] = {STR("long-talks"), STR("quiet-company")};
    draft_bool(&me, F_ME_EXAMPLE, true);
    draft_texts(&me, F_ME_INTERESTS, interests, 3);
    draft_texts(&me, F_ME_STYLES, styles, 2);
    draft_texts(&me, F_ME_WAYS, ways, 2);
    m->drafts[m->n++] = me;
    return flush(m);
}

/* The cast's names first; beyond them, names with a number, so that each is one person. */
static Str name_of(Maker *m, int i)
{
    Buf buf = buf_make(m->cx->arena, 256);
    Str out = {NULL, 0};
    buf_put(&buf, alternative(m->app, "demo.names", i));
    if (i >= DEMO_PEOPLE)
        buf_fmt(&buf, " %d", i + 1);
    return buf_done(m->cx, &buf, &out) == OK ? out : STR("Ana");
}

Err demo_fill(Cx *cx, App *app, const DemoPlan *plan)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx own = {.arena = &scratch, .now_ms = cx->now_ms};
    Maker m = {.cx = &own, .app = app, .rng = rng_make(plan->seed), .end_ms = cx->now_ms};
    m.start_ms = cx->now_ms - (int64_t)(365.25 * plan->years) * TIME_DAY_MS;
    m.start_ms -= m.start_ms % TIME_DAY_MS;
    m.drafts = arena_new(&scratch, Draft, BATCH_DRAFTS);
    Err e = m.drafts ? add_me(&m) : err_nomem(&own);
    for (int i = 0; e == OK && i < plan->people; i++) {
        m.about = str_dup(cx->arena, name_of(&m, i));
        e = add_life(&m, i, m.about);
        if (e == OK)
            e = flush(&m);
    }
    cx->why = own.why;
    return e;
}
