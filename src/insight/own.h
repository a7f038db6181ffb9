/* insight/own.h - what this person's own answers teach about how they answer, and about what seems to help them:
 * the numbers of the relationship model that ENGINE leaves to be learned, with their uncertainty.
 *
 * Learning takes seconds and happens beside everything else, on a snapshot: what was true at the instant of the
 * nth check-in of the whole book, n a step of a fixed ladder (OWN_FIRST, then a quarter more each). So the result
 * is a function of the entries up to there, whoever works it out, in whatever order they came, in one go or in
 * pieces; and between two steps one more check-in costs one more filter step.
 *     own_due(cx, book, own, &due); if due: own_snapshot_new(cx, book, &snap); own_learn(snap, ..., &own)
 * Shapes  questions and practices in the order of content's tables; kinds of KindId.
 * Units   as num/learn.h: u on logs, distances from where everyone starts; levels 0..10.
 * Errors  as num/learn.h. What cannot be learned leaves what is.
 * Memory  an Own is a plain value of some 140 KiB; a snapshot has an arena of its own and is freed by
 *         own_snapshot_free, which wipes.
 * Thread  own_snapshot_new and own_due read the book and belong to its thread; own_learn touches the snapshot alone.
 * Source  docs/ENGINE.md, "What is learned of one person". */
#ifndef INSIGHT_OWN_H
#define INSIGHT_OWN_H

#include "book/book.h"
#include "content/content.h"
#include "num/effect.h"
#include "num/learn.h"

enum { OWN_FIRST = 12, OWN_QUESTIONS = 256, OWN_PRACTICES = 512 };

/* What followed a practice: how often it was done where later answers tell something, and what they tell. */
typedef struct OwnEffect {
    int n;
    EffectEvidence evidence;
} OwnEffect;

typedef struct Own {
    bool own;     /* false: what everyone starts with, and nothing below says more */
    uint64_t key; /* of the entries it was learned from */
    int checkins, answers, people;
    double u[LEARN_PARAMS], sd[LEARN_PARAMS];
    double mu[KIND_COUNT], mu_sd[KIND_COUNT]; /* added to what is expected of a kind */
    int mu_people[KIND_COUNT];
    double offset[OWN_QUESTIONS], offset_var[OWN_QUESTIONS];
    int asked[OWN_QUESTIONS]; /* answers; 0: its offset is not known */
    double widen; /* by how much variances grow for what is not known of the numbers: >= 1 */
    OwnEffect effects[OWN_PRACTICES];
} Own;

/* -- what it changes; own may be NULL ---------------------------------------------------------- */

RelParams own_params(const Own *own);
RelKind own_kind(const Own *own, KindId id, const RelKind *kind);
/* Offset and error of an answer to that question. */
void own_reading(const Own *own, int question, RelEvent *io);
double own_widen(const Own *own);
/* The share of answers that say the last one again, so many standard deviations from the most probable. */
double own_again(const Own *own, double sds);
/* Of what was learned; 0 without. */
uint64_t own_digest(const Own *own);

/* -- learning ------------------------------------------------------------------------------------ */

typedef struct OwnSnapshot OwnSnapshot;

/* Whether the book has climbed to a step of the ladder from which *own (NULL: nothing) was not learned. Some
 * 30 ns a check-in; *ret_checkins is the step, 0 below the first. */
MUST_CHECK Err own_due(Cx *cx, const Book *book, const Own *own, bool *ret_due, int *ret_checkins);
/* The step at n check-ins: the largest of 12, 15, 18, 22, 27, ... that is not above n, or 0. */
int own_step(int64_t n);

/* At most OWN_EVENTS events, of those with the most check-ins first: enough for what eleven numbers can be known to. */
enum { OWN_EVENTS = 2000 };
MUST_CHECK Err own_snapshot_new(Cx *cx, const Book *book, OwnSnapshot **ret);
void own_snapshot_free(OwnSnapshot *snapshot);
uint64_t own_snapshot_key(const OwnSnapshot *snapshot);
int own_snapshot_events(const OwnSnapshot *snapshot); /* a pass over it takes so many steps */
LearnTape *own_snapshot_tape(OwnSnapshot *snapshot);
/* *ret_done is false when the tape's limit or its stop came first: call again. */
MUST_CHECK Err own_learn(Cx *cx, OwnSnapshot *snapshot, Own *ret, bool *ret_done);

/* -- keeping ------------------------------------------------------------------------------------- */

/* As bytes, with the slopes of a search that has begun (snapshot may be NULL); the text in cx->arena. */
MUST_CHECK Err own_write(Cx *cx, const Own *own, const OwnSnapshot *begun, Str *ret);
/* false: not from this version, or damaged; then nothing was read. */
bool own_read(Str bytes, Own *ret);
/* The slopes kept for this very snapshot; none otherwise. */
void own_resume(Str bytes, OwnSnapshot *io);

#endif
