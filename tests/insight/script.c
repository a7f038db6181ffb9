/* tests/insight/script.c - scripts become entries without a log: prepared, applied, settled. */
#include "script.h"
#include "base/time.h"

void shelf_open(Shelf *s)
{
    s->people = 0;
    test_cx_init(&s->t);
    s->cx = &s->t.cx;
    s->book = book_new(0);
    assert_non_null(s->book);
}

void shelf_close(Shelf *s)
{
    book_free(s->book);
    test_cx_free(&s->t);
}

Id shelf_take(Shelf *s, const Draft drafts[], int n)
{
    Id batch;
    const Str *bodies = NULL;
    assert_ok(s->cx, book_prepare(s->cx, s->book, 1, drafts, n, STR("did.test"), STR(""), &batch,
                                  &bodies));
    for (int i = 0; i <= n; i++)
        assert_ok(s->cx, book_apply(s->cx, s->book, bodies[i]));
    assert_ok(s->cx, book_settle(s->cx, s->book));
    return batch;
}

static Draft checkin_draft(Shelf *s, Id person, const ScriptAnswer answers[], int n, int contact,
                           int64_t at_ms)
{
    Answer a[SCRIPT_ANSWERS];
    Draft d = draft_new(s->cx, ENTRY_CHECKIN);
    draft_id(&d, F_PERSON, person);
    draft_at(&d, at_ms);
    for (int i = 0; i < n; i++)
        a[i] = (Answer){answers[i].question->id, answers[i].tenths};
    draft_answers(&d, F_CHECKIN_ANSWERS, a, n);
    if (contact >= 0)
        draft_bool(&d, F_CHECKIN_CONTACT, contact == 1);
    return d;
}

static Draft moment_draft(Shelf *s, Id person, const ScriptEvent *m)
{
    Draft d = draft_new(s->cx, ENTRY_MOMENT);
    draft_ids(&d, F_PEOPLE, &person, 1);
    draft_at(&d, m->at_ms);
    if (m->minutes >= 0)
        draft_int(&d, F_MOMENT_MINUTES, m->minutes);
    if (m->medium > 0)
        draft_int(&d, F_MOMENT_MEDIUM, m->medium);
    if (m->company >= 0)
        draft_int(&d, F_MOMENT_COMPANY, m->company);
    if (m->has_quality)
        draft_real(&d, F_MOMENT_QUALITY, m->hundredths / 100.0);
    if (m->depth > 0)
        draft_int(&d, F_MOMENT_DEPTH, m->depth);
    if (m->types != 0)
        draft_int(&d, F_MOMENT_TYPES, m->types);
    if (m->opened)
        draft_bool(&d, F_MOMENT_OPENED, true);
    if (m->conflict)
        draft_bool(&d, F_MOMENT_CONFLICT, true);
    if (m->sexual)
        draft_bool(&d, F_MOMENT_SEXUAL, true);
    return d;
}

static Draft rel_draft(Shelf *s, Id person, const Script *x)
{
    Draft d = draft_edit(s->cx, ENTRY_RELATIONSHIP, person);
    draft_int(&d, F_REL_KINDS, x->kinds);
    if (x->not_ours != 0)
        draft_int(&d, F_REL_NOT_OURS, x->not_ours);
    if (x->season >= 0) {
        draft_int(&d, F_REL_SEASON, x->season);
        draft_int(&d, F_REL_SEASON_SINCE, x->season_since_ms);
    }
    if (x->since != 0)
        draft_int(&d, F_REL_SINCE, x->since);
    if (x->hours >= 0)
        draft_int(&d, F_REL_KNOWN_HOURS, x->hours);
    if (x->wanted_tenths >= 0)
        draft_real(&d, F_REL_WANTED, x->wanted_tenths / 10.0);
    draft_bool(&d, F_REL_ROMANCE, x->romance);
    draft_bool(&d, F_REL_HARM, x->harm);
    draft_bool(&d, F_REL_FAR, x->far);
    if (x->touch_said)
        draft_text(&d, F_REL_WELCOME_BODY, STR("a hug at the door"));
    if (x->paused_until_ms != 0)
        draft_int(&d, F_REL_PAUSED_UNTIL, x->paused_until_ms);
    return d;
}

BookRef shelf_script(Shelf *s, const Script *x)
{
    Draft d[SCRIPT_EVENTS + 2];
    int n = 0;
    d[n] = draft_new(s->cx, ENTRY_PERSON);
    Id id = {
        {0xfe, ++s->people}
    };
    d[n].object = id;
    draft_text(&d[n], F_PERSON_NAME, STR("Somebody"));
    if (x->minor)
        draft_bool(&d[n], F_PERSON_MINOR, true);
    if (x->died != 0)
        draft_int(&d[n], F_PERSON_DIED, x->died);
    if (x->birthday != 0)
        draft_int(&d[n], F_PERSON_BIRTHDAY, x->birthday);
    n++;
    shelf_take(s, d, n);
    n = 0;
    d[n++] = rel_draft(s, id, x);
    for (int i = 0; i < x->n_events; i++) {
        const ScriptEvent *e = &x->events[i];
        d[n++] = e->checkin ? checkin_draft(s, id, e->answers, e->n_answers, e->contact, e->at_ms)
                            : moment_draft(s, id, e);
    }
    shelf_take(s, d, n);
    BookRef ref = book_find(s->book, ENTRY_PERSON, id);
    assert_true(ref != BOOK_NONE);
    return ref;
}

Id shelf_checkin(Shelf *s, BookRef person, int64_t at_ms, const ScriptAnswer answers[], int n,
                 int contact)
{
    Draft d = checkin_draft(s, book_id(s->book, person), answers, n, contact, at_ms);
    shelf_take(s, &d, 1);
    return d.object;
}

Id shelf_moment(Shelf *s, BookRef person, const ScriptEvent *moment)
{
    Draft d = moment_draft(s, book_id(s->book, person), moment);
    shelf_take(s, &d, 1);
    return d.object;
}

void shelf_gone(Shelf *s, EntryKind kind, Id id)
{
    Draft d = draft_edit(s->cx, kind, id);
    draft_bool(&d, F_GONE, true);
    shelf_take(s, &d, 1);
}

Draft shelf_rel(Shelf *s, BookRef person)
{
    return draft_edit(s->cx, ENTRY_RELATIONSHIP, book_id(s->book, person));
}

/* -- values --------------------------------------------------------------------------------------- */

Script script_of(KindId kind)
{
    return (Script){.kinds = UINT32_C(1) << kind, .season = -1, .hours = -1, .wanted_tenths = -1};
}

ScriptEvent script_moment(int64_t at_ms)
{
    return (ScriptEvent){.at_ms = at_ms, .contact = -1, .minutes = -1, .company = -1};
}

const ContentQuestion *question_that(AsksId asks, int state, int nth)
{
    const ContentQuestion *found[64] = {NULL};
    int n = 0;
    for (int i = 0; i < content_questions_count && n < 64; i++) {
        const ContentQuestion *q = &content_questions[i];
        if (q->asks == asks && q->state == state)
            found[n++] = q;
    }
    assert_true(n > 0);
    return found[nth % n];
}

ScriptAnswer answer_of(const ContentQuestion *q, double value)
{
    int tenths = (int)(value * 10 + .5);
    return (ScriptAnswer){q, q->keyed == KEYED_REVERSED ? 100 - tenths : tenths};
}

static ScriptEvent *checkin_at(Script *s, int64_t at_ms)
{
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].checkin && s->events[i].at_ms == at_ms)
            return &s->events[i];
    }
    assert_true(s->n_events < SCRIPT_EVENTS);
    s->events[s->n_events] = (ScriptEvent){.checkin = true, .at_ms = at_ms, .contact = -1};
    return &s->events[s->n_events++];
}

void script_read(Script *s, int64_t at_ms, int state, double value)
{
    ScriptEvent *e = checkin_at(s, at_ms);
    AsksId asks = state < TYPE_COUNT ? ASKS_FELT : ASKS_FACTOR;
    e->answers[e->n_answers++] = answer_of(question_that(asks, state, 0), value);
}

void script_want(Script *s, int64_t at_ms, int type, double value)
{
    ScriptEvent *e = checkin_at(s, at_ms);
    e->answers[e->n_answers++] = answer_of(question_that(ASKS_WANTED, type, 0), value);
}

/* -- anything ------------------------------------------------------------------------------------- */

static int32_t date_of(int64_t at_ms)
{
    Civil c = time_civil(at_ms, 0);
    return c.year * 10000 + c.month * 100 + c.day;
}

static int any_tenths(Gen *g, int mood)
{
    int64_t v = mood == 0   ? gen_int(g, 0, 50)
                : mood == 1 ? gen_int(g, 60, 100)
                            : gen_int(g, 0, 100);
    return (int)(gen_chance(g, 70) ? v / 10 * 10 : v);
}

static void any_checkin(Gen *g, int mood, ScriptEvent *e)
{
    static const int guards[] = {FACTOR_TRUST, FACTOR_SAFETY, FACTOR_ACCEPTANCE, FACTOR_COMPASSION};
    e->checkin = true;
    e->contact = gen_chance(g, 20) ? (int)gen_int(g, 0, 1) : -1;
    bool all = gen_chance(g, 60);
    for (int i = 0; i < 4 && all; i++) {
        const ContentQuestion *q =
            question_that(ASKS_FACTOR, TYPE_COUNT + guards[i], (int)gen_int(g, 0, 7));
        double value = any_tenths(g, mood) / 10.0;
        if (guards[i] != FACTOR_COMPASSION || gen_chance(g, 60))
            e->answers[e->n_answers++] = answer_of(q, value);
    }
    int more = (int)gen_int(g, 0, SCRIPT_ANSWERS - 1 - e->n_answers);
    for (int i = 0; i < more; i++) {
        const ContentQuestion *q = &content_questions[gen_int(g, 0, content_questions_count - 1)];
        bool again = q->asks == ASKS_CONTACT;
        for (int j = 0; j < e->n_answers; j++)
            again = again || e->answers[j].question == q;
        if (!again)
            e->answers[e->n_answers++] = answer_of(q, any_tenths(g, mood) / 10.0);
    }
}

static void any_moment(Gen *g, ScriptEvent *e)
{
    e->minutes = gen_chance(g, 80) ? (int)gen_int(g, 0, 600) : -1;
    e->medium = gen_chance(g, 80) ? (int)gen_int(g, MEDIUM_IN_PERSON, MEDIUM_TEXT) : 0;
    e->company = gen_chance(g, 60) ? (int)gen_int(g, 0, COMPANY_COUNT - 1) : -1;
    e->has_quality = gen_chance(g, 80);
    e->hundredths = e->has_quality ? (int)gen_int(g, gen_chance(g, 25) ? -100 : 0, 100) : 0;
    e->depth = gen_chance(g, 70) ? (int)gen_int(g, DEPTH_MIN, DEPTH_MAX) : 0;
    e->opened = gen_chance(g, 50);
    e->conflict = gen_chance(g, 12);
    e->sexual = gen_chance(g, 5);
    e->types = gen_chance(g, 50) ? (unsigned)gen_int(g, 1, 31) : 0;
}

static void any_events(Gen *g, int64_t now_ms, Script *s)
{
    static const int64_t spans[] = {2, 60, 200, 900};
    int64_t at[SCRIPT_EVENTS];
    int n = (int)gen_int(g, 0, gen_chance(g, 20) ? SCRIPT_EVENTS - 1 : 6);
    int mood = (int)gen_int(g, 0, 4); /* 0 low, 1 high, else any */
    if (mood > 2)
        mood = 1;
    for (int i = 0; i < n; i++) {
        int64_t span = spans[gen_int(g, 0, 3)] * DAY_MS;
        at[i] = now_ms - gen_int(g, 0, span);
        for (int j = i; j > 0 && at[j] < at[j - 1]; j--) {
            int64_t swap = at[j];
            at[j] = at[j - 1];
            at[j - 1] = swap;
        }
    }
    for (int i = 0; i < n; i++) {
        ScriptEvent *e = &s->events[s->n_events++];
        *e = script_moment(at[i]);
        if (gen_chance(g, 55))
            any_checkin(g, mood, e);
        else
            any_moment(g, e);
    }
}

static void add_event(Script *s, ScriptEvent e)
{
    int at = s->n_events < SCRIPT_EVENTS ? s->n_events++ : SCRIPT_EVENTS - 1;
    for (; at > 0 && s->events[at - 1].at_ms > e.at_ms; at--)
        s->events[at] = s->events[at - 1];
    s->events[at] = e;
}

static ScriptEvent factors_at(int64_t at_ms, const FactorId factors[], int n, double value)
{
    ScriptEvent e = {.checkin = true, .at_ms = at_ms, .contact = -1};
    for (int i = 0; i < n; i++)
        e.answers[e.n_answers++] =
            answer_of(question_that(ASKS_FACTOR, TYPE_COUNT + (int)factors[i], 0), value);
    return e;
}

/* What chance alone would seldom bring together, and a rule stands against. */
static void any_theme(Gen *g, int64_t now_ms, Script *s)
{
    static const FactorId guards[] = {FACTOR_TRUST, FACTOR_SAFETY, FACTOR_ACCEPTANCE};
    static const FactorId compassion[] = {FACTOR_COMPASSION};
    ScriptEvent opened = script_moment(now_ms - gen_int(g, 0, 80) * DAY_MS);
    opened.opened = true;
    opened.depth = DEPTH_MAX;
    switch (gen_int(g, 0, 11)) {
    case 0: /* all was well, long ago */
        s->n_events = 0;
        add_event(s, factors_at(now_ms - gen_int(g, 181, 300) * DAY_MS, guards, 3, 9));
        add_event(s, opened);
        break;
    case 1: /* romance, and harm */
        s->kinds |= UINT32_C(1) << KIND_PARTNER;
        s->romance = s->harm = true;
        break;
    case 2: /* something to repair, and no kindness for it */
        s->season = SEASON_REPAIRING;
        add_event(s, factors_at(now_ms - gen_int(g, 0, 30) * DAY_MS, compassion, 1, 2));
        break;
    case 3: /* a pause, and nothing else in the way */
        s->season = SEASON_STEADY;
        s->paused_until_ms = now_ms + gen_int(g, 1, 30) * DAY_MS;
        break;
    case 4: /* resting, or over */
        s->season = SEASON_RESTING + (int)gen_int(g, 0, 1);
        break;
    case 5: /* they have died */
        s->season = gen_chance(g, 50) ? (int)SEASON_GRIEVING : -1;
        s->died = date_of(now_ms - gen_int(g, 1, 2000) * DAY_MS);
        break;
    default:
        break;
    }
}

void script_any(Gen *g, int64_t now_ms, Script *s)
{
    *s = script_of((KindId)gen_int(g, 0, KIND_COUNT - 1));
    if (gen_chance(g, 35))
        s->kinds = UINT32_C(1) << gen_int(g, KIND_PARTNER, KIND_DATING);
    if (gen_chance(g, 45))
        s->kinds |= UINT32_C(1) << gen_int(g, 0, KIND_COUNT - 1);
    s->not_ours = gen_chance(g, 25) ? (uint32_t)gen_int(g, 1, 31) : 0;
    if (gen_chance(g, 60)) {
        s->season = (int)gen_int(g, 0, SEASON_COUNT - 1);
        s->season_since_ms = now_ms - gen_int(g, 0, 400) * DAY_MS;
    }
    if (gen_chance(g, 50))
        s->since = date_of(now_ms - gen_int(g, 0, gen_chance(g, 50) ? 120 : 9000) * DAY_MS);
    s->hours = gen_chance(g, 20) ? (int)gen_int(g, 0, 400) : -1;
    s->wanted_tenths = gen_chance(g, 30) ? (int)gen_int(g, 0, 100) : -1;
    s->romance = gen_chance(g, 50);
    s->minor = gen_chance(g, 12);
    s->harm = gen_chance(g, 6);
    s->far = gen_chance(g, 15);
    s->touch_said = gen_chance(g, 30);
    s->paused_until_ms = gen_chance(g, 10) ? now_ms + gen_int(g, -30, 30) * DAY_MS + 1 : 0;
    s->died = gen_chance(g, 7) ? date_of(now_ms - gen_int(g, 1, 2000) * DAY_MS) : 0;
    s->birthday = gen_chance(g, 30) ? date_of(now_ms - gen_int(g, 3000, 20000) * DAY_MS) : 0;
    any_events(g, now_ms, s);
    any_theme(g, now_ms, s);
}
