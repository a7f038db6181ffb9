/* num/relation_op.h - the five linear operations of which every history is made, for
 * num/relation*.c only. Each moves a RelState forward; a Watch also records it on a tape for the
 * backward pass, and keeps the covariance with an earlier instant (fixed-point smoothing). Shapes
 * mode coordinates: REL_LEVELS modes of m - mu - b, z, REL_LEVELS of b. Errors  bool: false when
 * the tape is full, or an innovation variance is not positive and finite. Memory  the caller's.
 * Thread  pure. */
#ifndef NUM_RELATION_OP_H
#define NUM_RELATION_OP_H

#include "num/relation.h"

enum { REL_Z = REL_LEVELS, REL_B = REL_LEVELS + 1, REL_FAST = REL_LEVELS + 1 };

typedef enum RelOpKind { OP_MOVE, OP_READ, OP_LIFT, OP_PUSH, OP_APART, OP_MARK } RelOpKind;

/* What an answer says of the latent one: its value, or that it is at least (at most) the last half step. */
typedef enum RelSide { SIDE_NONE, SIDE_TOP, SIDE_BOTTOM } RelSide;

typedef struct RelSaid {
    double resid, var;     /* of the pseudo-reading where side is not NONE */
    double expect, spread; /* mean and variance foretold of the latent answer */
    double error;          /* its part of that */
    RelSide side;
} RelSaid;

typedef struct RelOp {
    RelOpKind kind;
    int level; /* READ, LIFT */
    double dt; /* MOVE, APART */
    double
        load; /* READ: on z; LIFT: the share of the room that is filled; PUSH: z's, for a beta of 1 */
    RelSaid said;    /* READ; LIFT: resid is the room */
    ptrdiff_t mark;  /* MARK: which time; MOVE, APART: which belief */
    ptrdiff_t event; /* which it is of, where somebody has said so */
    _Alignas(64) double gain
        [REL_WIDE]; /* READ; LIFT: covariance of the level lifted with the state before, less the lift; MOVE: keep
                           of REL_FAST and turn of REL_LEVELS places, as in RelTurn */
} RelOp;

typedef struct RelBelief {
    _Alignas(64) double p[REL_DIM * REL_WIDE];
    double x[REL_WIDE];
} RelBelief;

typedef struct RelTape {
    RelOp *op;
    ptrdiff_t count, cap;
    RelBelief *belief; /* NULL, or one an event: after each MOVE, before each APART */
    ptrdiff_t beliefs;
} RelTape;

/* On the way back: r and N of num/lds.c; or, for slopes, the derivatives by x and P. */
typedef struct RelBack {
    _Alignas(64) double n[REL_WIDE * REL_WIDE];
    double r[REL_WIDE];
    bool only_r; /* N is not wanted */
} RelBack;
/* Backwards through one operation. */
void rel_back(const RelModel *rm, const RelOp *op, RelBack *io);
/* The row that a reading or a lift looks through. */
void rel_row(const RelModel *rm, int level, double load, double ret[REL_WIDE]);

/* m at an earlier instant, given all readings since, and its covariance with the state now. */
typedef struct RelAnchor {
    double mean[REL_LEVELS];
    double cov[REL_LEVELS * REL_LEVELS];
    double cross[REL_LEVELS * REL_WIDE];
} RelAnchor;

typedef struct RelWatch {
    RelTape *tape;     /* or NULL */
    RelAnchor *anchor; /* or NULL */
} RelWatch;

/* How the modes and z turn and shrink over dt: new_i = keep_i x_i + turn_i x_(i^1); the two of a conjugate
 * pair stand at an even place and the next. keep is 1 and turn 0 from REL_B on. */
typedef struct RelTurn {
    double keep[REL_WIDE], turn[REL_WIDE];
} RelTurn;
void rel_turn(const RelModel *rm, double dt, RelTurn *ret);
void rel_turn_vector(const RelTurn *t, double x[]);

MUST_CHECK bool rel_op_move(const RelModel *rm, double dt, RelWatch w, RelState *io);
/* The same while apart: levels towards apart_phi (mu + b). */
MUST_CHECK bool rel_op_apart(const RelModel *rm, double dt, RelWatch w, RelState *io);
/* m_k += share (10 - m_k). */
MUST_CHECK bool rel_op_lift(const RelModel *rm, int level, double share, RelWatch w, RelState *io);
/* z += beta more. */
MUST_CHECK bool rel_op_push(const RelModel *rm, double more, RelWatch w, RelState *io);
/* One reading, censored at the ends of the scale. */
MUST_CHECK bool rel_op_read(const RelModel *rm, const RelEvent *ev, RelWatch w, RelState *io);

/* Time up to the event, then the event; and time alone (an earlier t_days leaves all as it is). */
MUST_CHECK bool rel_apply(const RelModel *rm, const RelEvent *ev, RelWatch w, RelState *io);
MUST_CHECK bool rel_advance(const RelModel *rm, double t_days, RelWatch w, RelState *io);
MUST_CHECK Err rel_check(Cx *cx, const RelState *start, const RelEvent events[], ptrdiff_t count);

/* Covariance at rest of modes that noise drives: (l_i + l_j) S_ij + noise_ij = 0. */
void rel_settle(const Modal *modes, const RelParams *p, const double noise[], double ret[]);
/* While apart the variance of m_k is a x^2 + b x + c at x = e^(-delta t), from 1 down to end; *ret_top is where it is
 * largest. */
typedef struct RelParabola {
    double a, b, c, top;
} RelParabola;
RelParabola rel_apart_variance(const RelModel *rm, int k, double end, double var_m, double cov_mb,
                               double var_b);
/* The matrix of rel_op_apart in mode coordinates, row-major REL_WIDE^2. */
void rel_apart_matrix(const RelModel *rm, double dt, double ret[]);
/* The belief without what comes later; in_levels as in num/relation_kernel.h, of state->p: not for REL_MEANS. */
void rel_look(const RelModel *rm, const RelState *state, const double in_levels[], RelWant want,
              RelLevels *ret);
double rel_load(const RelModel *rm, RelLevel level);
/* h . x for m_level (+ load z), without mu. */
double rel_row_dot(const RelModel *rm, int level, double load, const double x[]);

#endif
