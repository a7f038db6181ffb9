/* tests/insight/offered.h - everything that is offered with one person, in its order.
 * Memory  the shelf's. */
#ifndef TEST_INSIGHT_OFFERED_H
#define TEST_INSIGHT_OFFERED_H

#include "base/time.h"
#include "insight/insight.h"
#include "script.h"
#include <string.h>

enum { OFFERED_MOST = 400 };

typedef struct List {
    Relation r;
    Offer o[OFFERED_MOST];
    int n;
} List;

static inline void list_of(Shelf *s, BookRef person, List *ret)
{
    memset(ret, 0, sizeof *ret);
    assert_ok(s->cx, insight_relation(s->cx, s->book, person, &ret->r));
    assert_ok(s->cx, insight_next(s->cx, NULL, s->book, &ret->r, ret->o, OFFERED_MOST, &ret->n));
}

static inline const List *list_new(Shelf *s, BookRef person)
{
    List *l = arena_new(s->cx->arena, List, 1);
    assert_non_null(l);
    list_of(s, person, l);
    return l;
}

/* NULL: it is not among them. */
static inline const Offer *offer_of(const List *l, const ContentPractice *p)
{
    for (int i = 0; i < l->n; i++) {
        if (l->o[i].practice == p)
            return &l->o[i];
    }
    return NULL;
}

/* The begin of the day. */
static inline int64_t midnight_of(int64_t now_ms)
{
    Civil c = time_local(now_ms);
    c.hour = c.minute = c.second = 0;
    return time_from_local(&c);
}

#endif
