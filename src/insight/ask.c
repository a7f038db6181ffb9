/* insight/ask.c - what to ask next. What this person wants to know is a few variances: of closeness, of the gaps
 * between wanted and felt, of the factor that limits. A reading of h.x narrows the variance of a.x by
 * (a'Ph)^2 / (h'Ph + R): the questions are taken greedily by that, each answered in imagination before the next is
 * chosen; today's colour is one of the states, so that a second question of the same day tells less. Safety comes
 * first where its answer would decide the gate, then what else the gate lacks. Cost: questions times asked. */
#include "base/time.h"
#include "insight/belief.h"
#include "insight/gate.h"
#include "insight/slot.h"
#include <math.h>
#include <string.h>

enum { USUAL = 4, FIRST = 3, FRESH_DAYS = 180, N_LEVELS = STATE_COUNT + 1, TODAY = STATE_COUNT };
static const double WISH_VAR = 1, REPEAT_COST = .25, REPEAT_DAYS = 30, LIMITING_WEIGHT = .25;

typedef struct Asker {
    Cx *cx;
    const Own *own;
    Belief *b;
    Relation *r;
    double cov[N_LEVELS * N_LEVELS]; /* the levels, and today's colour */
    double wanted_var[TYPE_COUNT];
    uint32_t asked_states; /* felt and factors, this time */
    uint32_t asked_wanted;
    int64_t *last; /* by question */
} Asker;

static Err read_last_asked(Asker *a, const Book *book)
{
    a->last = arena_new(a->cx->arena, int64_t, content_questions_count);
    if (!a->last)
        return err_nomem(a->cx);
    BookIter all =
        book_timeline(book, a->b->history.person.ref,
                      (BookWhich){.kinds = BOOK_KIND(ENTRY_CHECKIN), .oldest_first = true});
    BookRef ref = BOOK_NONE;
    Err e = OK;
    while (e == OK && book_next(&all, &ref)) {
        BookCheckin c = {.n_answers = 0};
        e = book_checkin(a->cx, book, ref, &c);
        for (int i = 0; i < c.n_answers; i++) {
            const ContentQuestion *q = content_question(c.answers[i].question);
            if (q)
                a->last[q - content_questions] = c.event.at_ms;
        }
    }
    return e;
}

static bool suits(const Asker *a, const ContentQuestion *q)
{
    return gate_asks(&a->r->gate, &a->r->facts, q);
}

static double row(const Asker *a, const ContentQuestion *q, double ret_ph[N_LEVELS])
{
    double load = q->state < TYPE_COUNT ? 1 : a->b->model.p.load_factor;
    for (int i = 0; i < N_LEVELS; i++)
        ret_ph[i] = a->cov[i * N_LEVELS + q->state] + load * a->cov[i * N_LEVELS + TODAY];
    RelEvent reading = {.error = a->b->model.p.error};
    own_reading(a->own, (int)(q - content_questions), &reading);
    return ret_ph[q->state] + load * ret_ph[TODAY] + reading.error;
}

/* By how much an answer would reduce the variances that matter. */
static double narrows(const Asker *a, const ContentQuestion *q)
{
    const double *w = a->b->weights.w;
    int j = q->state, limiting = a->r->limiting;
    double ph[N_LEVELS], closeness = 0, sum = 0;
    if (q->asks == ASKS_WANTED) {
        double v = a->wanted_var[j];
        return w[j] * v * v / (v + WISH_VAR);
    }
    double s = row(a, q, ph);
    for (int k = 0; k < TYPE_COUNT; k++) {
        closeness += w[k] * ph[k];
        sum += w[k] * ph[k] * ph[k];
    }
    sum += closeness * closeness;
    if (limiting >= 0)
        sum += LIMITING_WEIGHT * ph[TYPE_COUNT + limiting] * ph[TYPE_COUNT + limiting];
    return sum / s;
}

/* The share by which the range of the very thing it asks for would shrink. */
static double shrinks(const Asker *a, const ContentQuestion *q)
{
    double ph[N_LEVELS], v = 0, taken = 0;
    if (q->asks == ASKS_WANTED) {
        v = a->wanted_var[q->state];
        taken = v * v / (v + WISH_VAR);
    } else {
        double s = row(a, q, ph);
        v = a->cov[q->state * N_LEVELS + q->state];
        taken = ph[q->state] * ph[q->state] / s;
    }
    return v > 0 ? 1 - sqrt(fmax(0, 1 - taken / v)) : 0;
}

/* Answered in imagination: the covariance afterwards. */
static void imagine(Asker *a, const ContentQuestion *q)
{
    double ph[N_LEVELS];
    if (q->asks == ASKS_WANTED) {
        a->asked_wanted |= UINT32_C(1) << q->state;
        a->wanted_var[q->state] *= WISH_VAR / (a->wanted_var[q->state] + WISH_VAR);
        return;
    }
    a->asked_states |= UINT32_C(1) << q->state;
    double s = row(a, q, ph);
    for (int i = 0; i < N_LEVELS; i++) {
        for (int k = 0; k < N_LEVELS; k++)
            a->cov[i * N_LEVELS + k] -= ph[i] * ph[k] / s;
    }
}

static bool asked_already(const Asker *a, const ContentQuestion *q)
{
    uint32_t bit = q->state >= 0 ? UINT32_C(1) << q->state : 0;
    return (bit & (q->asks == ASKS_WANTED ? a->asked_wanted : a->asked_states)) != 0;
}

/* Of the questions that ask the same, the one not heard for longest; never-asked ones in the bank's order. */
static bool fresher(const Asker *a, const ContentQuestion *q, const ContentQuestion *than)
{
    return a->last[q - content_questions] < a->last[than - content_questions];
}

static const ContentQuestion *question_of(const Asker *a, AsksId asks, int state)
{
    const ContentQuestion *best = NULL;
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        if (q->asks == asks && q->state == state && suits(a, q) && (!best || fresher(a, q, best)))
            best = q;
    }
    return best;
}

static bool stale(const Asker *a, FactorId factor)
{
    int64_t last = a->b->history.last_ms[TYPE_COUNT + factor];
    return last == 0 || a->cx->now_ms - last > FRESH_DAYS * (int64_t)TIME_DAY_MS;
}

static void put(Asker *a, AskNext ret[], int *n, const ContentQuestion *q, AskWhy why)
{
    if (!q || *n == ASK_MOST)
        return;
    ret[(*n)++] = (AskNext){.question = q,
                            .why = why,
                            .last_ms = a->last[q - content_questions],
                            .narrows = shrinks(a, q)};
    imagine(a, q);
}

static const ContentQuestion *most_telling(const Asker *a)
{
    const ContentQuestion *best = NULL;
    double most = 0;
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        bool tells = q->asks == ASKS_FELT || q->asks == ASKS_FACTOR || q->asks == ASKS_WANTED;
        if (!tells || q->state < 0 || !suits(a, q) || asked_already(a, q))
            continue;
        double days = time_days_between(a->last[i], a->cx->now_ms);
        double value =
            narrows(a, q) *
            (1 - (a->last[i] == 0 ? 0 : REPEAT_COST * exp(-fmax(0, days) / REPEAT_DAYS)));
        if (!best || value > most) {
            best = q;
            most = value;
        }
    }
    return best;
}

static AskWhy why_of(const Asker *a, const ContentQuestion *q)
{
    if (q->asks == ASKS_WANTED)
        return ASK_GAP;
    if (q->keyed == KEYED_REVERSED)
        return ASK_OTHER_SIDE;
    if (a->r->limiting >= 0 && q->state == TYPE_COUNT + a->r->limiting)
        return ASK_LIMITING;
    return a->b->history.checkins == 0 ? ASK_FIRST : ASK_HAZY;
}

/* The type that is asked first: one that this kind of relationship is usually about. */
static int first_type(const Asker *a)
{
    int order[] = {TYPE_EMOTIONAL, TYPE_EXPERIENTIAL, TYPE_INTELLECTUAL, TYPE_PHYSICAL,
                   TYPE_SPIRITUAL};
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (!content_has(a->b->history.rel.not_ours, order[i]))
            return order[i];
    }
    return TYPE_EMOTIONAL;
}

static Err start(Cx *cx, InsightCache *cache, const Book *book, BookRef person, Asker *a)
{
    a->cx = cx;
    a->own = insight_cache_own(cache);
    a->b = arena_new(cx->arena, Belief, 1);
    a->r = arena_new(cx->arena, Relation, 1);
    if (!a->b || !a->r)
        return err_nomem(cx);
    Err e = cache_belief(cx, cache, book, person, a->b, a->r);
    if (e == OK)
        e = read_last_asked(a, book);
    if (e != OK)
        return e;
    for (int i = 0; i < STATE_COUNT; i++) {
        for (int j = 0; j < STATE_COUNT; j++)
            a->cov[i * N_LEVELS + j] = a->b->levels.cov[i * REL_LEVELS + j];
    }
    a->cov[TODAY * N_LEVELS + TODAY] = a->b->levels.today_var;
    memcpy(a->wanted_var, a->b->wanted.var, sizeof a->wanted_var);
    return OK;
}

/* What comes first whatever it narrows. */
static void put_first(Asker *a, AskNext ret[], int *n)
{
    const FactorId gate[] = {FACTOR_SAFETY, FACTOR_TRUST, FACTOR_ACCEPTANCE};
    if (a->b->history.checkins == 0) {
        int type = first_type(a);
        put(a, ret, n, question_of(a, ASKS_FELT, type), ASK_FIRST);
        put(a, ret, n, question_of(a, ASKS_WANTED, type), ASK_GAP);
        put(a, ret, n, question_of(a, ASKS_FACTOR, TYPE_COUNT + FACTOR_SAFETY), ASK_SAFETY);
        return;
    }
    /* an answer would decide the gate: one of the three a time, safety before the others */
    for (int i = 0; i < 3 && *n == 0; i++) {
        if (stale(a, gate[i]) || (i == 0 && a->r->facts.unsafe_answer))
            put(a, ret, n, question_of(a, ASKS_FACTOR, TYPE_COUNT + (int)gate[i]), ASK_SAFETY);
    }
}

Err insight_ask(Cx *cx, InsightCache *cache, const Book *book, BookRef person, bool whole,
                AskNext ret[ASK_MOST], int *ret_n)
{
    Asker *a = arena_new(cx->arena, Asker, 1);
    int n = 0;
    if (!a)
        return err_nomem(cx);
    Err e = start(cx, cache, book, person, a);
    if (e != OK)
        return e;
    int most = whole ? ASK_MOST : a->b->history.checkins == 0 ? FIRST : USUAL;
    /* of someone who has died nothing is asked */
    if (a->r->facts.died)
        most = 0;
    else
        put_first(a, ret, &n);
    while (n < most) {
        const ContentQuestion *q = most_telling(a);
        if (!q)
            break;
        put(a, ret, &n, q, why_of(a, q));
    }
    *ret_n = n;
    return OK;
}
