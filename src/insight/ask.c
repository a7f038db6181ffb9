/* insight/ask.c - what to ask next. A reading of state j narrows what this person wants to know by
 * cov(target, j)^2 / (var j + R): the questions are taken greedily by that, each answered in imagination before
 * the next is chosen. Safety comes first where its answer would decide the gate. Cost: questions times asked. */
#include "base/time.h"
#include "insight/belief.h"
#include <math.h>

enum { USUAL = 4, SAFETY_FRESH_DAYS = 180 };
static const double READING_VAR = 1.25, WISH_VAR = 1, REPEAT_COST = .25;

typedef struct Asker {
    Cx *cx;
    Belief *b;
    double cov[STATE_COUNT * STATE_COUNT];
    double wanted_var[TYPE_COUNT];
    double w[TYPE_COUNT];
    uint32_t asked_states; /* felt and factors, this time */
    uint32_t asked_wanted;
    int64_t *last; /* by question */
} Asker;

static Err read_last_asked(Asker *a, const Book *book)
{
    a->last = arena_new(a->cx->arena, int64_t, content_questions_count);
    if (!a->last)
        return err_nomem(a->cx);
    BookIter all = book_timeline(book, a->b->history.person.ref,
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
    const History *h = &a->b->history;
    bool romance = h->rel.romance && !h->person.minor;
    bool type = q->state >= 0 && q->state < TYPE_COUNT;
    if ((q->kinds & h->kinds) == 0 || (q->romantic && !romance))
        return false;
    return !(type && content_has(h->rel.not_ours, q->state));
}

/* By how much an answer would reduce the variance of closeness, or of the gap it is one side of. */
static double narrows(const Asker *a, const ContentQuestion *q)
{
    int j = q->state;
    if (j < 0)
        return 0;
    if (q->asks == ASKS_WANTED) {
        double v = a->wanted_var[j];
        return a->w[j] * a->w[j] * v * v / (v + WISH_VAR);
    }
    double c = 0, var = a->cov[j * STATE_COUNT + j];
    for (int k = 0; k < TYPE_COUNT; k++)
        c += a->w[k] * a->cov[k * STATE_COUNT + j];
    double reading = READING_VAR + (a->b->model.p.sigma_z * a->b->model.p.sigma_z);
    return c * c / (var + reading);
}

/* Answered in imagination: the covariance after a reading of state j. */
static void imagine(Asker *a, const ContentQuestion *q)
{
    enum { N = STATE_COUNT };
    int j = q->state;
    double col[N];
    if (j < 0)
        return;
    if (q->asks == ASKS_WANTED) {
        a->asked_wanted |= UINT32_C(1) << j;
        a->wanted_var[j] *= WISH_VAR / (a->wanted_var[j] + WISH_VAR);
        return;
    }
    a->asked_states |= UINT32_C(1) << j;
    double s = a->cov[j * N + j] + READING_VAR;
    for (int i = 0; i < N; i++)
        col[i] = a->cov[i * N + j];
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++)
            a->cov[i * N + k] -= col[i] * col[k] / s;
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

static bool safety_decides(const Asker *a)
{
    const History *h = &a->b->history;
    int64_t last = h->last_ms[TYPE_COUNT + FACTOR_SAFETY];
    bool low = h->n_safety > 0 && h->safety[h->n_safety - 1].value <= 3;
    return last == 0 || low ||
           a->cx->now_ms - last > SAFETY_FRESH_DAYS * (int64_t)TIME_DAY_MS;
}

static void put(Asker *a, AskNext ret[], int *n, const ContentQuestion *q, AskWhy why)
{
    if (!q || *n == ASK_MOST)
        return;
    double gain = narrows(a, q), var = 0;
    for (int i = 0; i < TYPE_COUNT; i++) {
        for (int j = 0; j < TYPE_COUNT; j++)
            var += a->w[i] * a->w[j] * a->cov[i * STATE_COUNT + j];
    }
    ret[(*n)++] = (AskNext){.question = q,
                            .why = why,
                            .last_ms = a->last[q - content_questions],
                            .narrows = var > 0 ? 1 - sqrt(fmax(0, 1 - gain / var)) : 0};
    imagine(a, q);
}

static const ContentQuestion *most_telling(const Asker *a)
{
    const ContentQuestion *best = NULL;
    double most = 0;
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        bool tells = q->asks == ASKS_FELT || q->asks == ASKS_FACTOR || q->asks == ASKS_WANTED;
        if (!tells || !suits(a, q) || asked_already(a, q))
            continue;
        double days = time_days_between(a->last[i], a->cx->now_ms);
        double value = narrows(a, q) * (1 - (a->last[i] == 0 ? 0 : REPEAT_COST * exp(-days / 30)));
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
    return a->b->history.checkins == 0 ? ASK_FIRST : ASK_HAZY;
}

/* The type that is asked first: one that this kind of relationship is usually about. */
static int first_type(const Asker *a)
{
    int order[] = {TYPE_EMOTIONAL, TYPE_EXPERIENTIAL, TYPE_INTELLECTUAL, TYPE_PHYSICAL, TYPE_SPIRITUAL};
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (!content_has(a->b->history.rel.not_ours, order[i]))
            return order[i];
    }
    return TYPE_EMOTIONAL;
}

Err insight_ask(Cx *cx, const Book *book, BookRef person, bool whole, AskNext ret[ASK_MOST], int *ret_n)
{
    Asker *a = arena_new(cx->arena, Asker, 1);
    double v[TYPE_COUNT * TYPE_COUNT];
    int n = 0, most = whole ? ASK_MOST : USUAL;
    if (!a)
        return err_nomem(cx);
    a->cx = cx;
    a->b = arena_new(cx->arena, Belief, 1);
    if (!a->b)
        return err_nomem(cx);
    Err e = belief_make(cx, book, person, a->b);
    if (e == OK)
        e = read_last_asked(a, book);
    if (e != OK)
        return e;
    for (int i = 0; i < STATE_COUNT * STATE_COUNT; i++)
        a->cov[i] = a->b->levels.cov[i];
    for (int k = 0; k < TYPE_COUNT; k++)
        a->wanted_var[k] = a->b->wanted.var[k];
    belief_weights(a->b->history.rel.not_ours, a->w, v);
    int safety = TYPE_COUNT + FACTOR_SAFETY;
    if (a->b->history.checkins == 0) {
        int type = first_type(a);
        put(a, ret, &n, question_of(a, ASKS_FELT, type), ASK_FIRST);
        put(a, ret, &n, question_of(a, ASKS_WANTED, type), ASK_GAP);
        put(a, ret, &n, question_of(a, ASKS_FACTOR, safety), ASK_SAFETY);
        most = whole ? ASK_MOST : 3;
    } else if (safety_decides(a)) {
        put(a, ret, &n, question_of(a, ASKS_FACTOR, safety), ASK_SAFETY);
    }
    while (n < most) {
        const ContentQuestion *q = most_telling(a);
        if (!q)
            break;
        put(a, ret, &n, q, why_of(a, q));
    }
    *ret_n = n;
    return OK;
}
