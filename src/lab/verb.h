/* lab/verb.h - what the verbs of the laboratory share. A verb writes its answer to out.
 * Memory  cx->arena.
 * Thread  main. */
#ifndef LAB_VERB_H
#define LAB_VERB_H

#include "lab/data.h"
#include "num/relation.h"
#include "num/score.h"

enum { OUT_BYTES = 400 << 20 };

typedef struct Options {
    Str model, data, kind, cluster, reversed;
    bool json, has_scale, baselines, each, plot;
    int after, draws, runs, folds;
    uint64_t seed, deal; /* deal 0: clusters go into folds in their order */
    Scale scale;         /* step 0: found from the data */
} Options;

typedef struct Verb {
    const char *name;
    bool model, data;    /* needed */
    const char *options; /* that it takes beside those that all do, a blank between two */
    Err (*run)(Cx *cx, const Options *o, Buf *out);
} Verb;

MUST_CHECK Err verb_read_table(Cx *cx, const Options *o, LabTable *ret);
MUST_CHECK Err verb_read(Cx *cx, const Options *o, LabModel *ret_model, LabData *ret_data);
/* lds_run with the place in the files when it fails. */
MUST_CHECK Err verb_pass(Cx *cx, const LabModel *m, const LabData *d, ptrdiff_t series,
                         LdsWant want, LdsResult *ret);
/* The log-likelihood of each series, one after the other, for the place of the first that fails. */
MUST_CHECK Err verb_try(Cx *cx, const LabModel *m, const LabData *d);
/* A number for a table: empty when not finite. */
void out_cell(Buf *out, double v);
/* A word, after what stands before it and a colon if anything does, as one cell of a table: in quotes where it has to be (RFC 4180). */
void out_word(Buf *out, const char *before, Str s);

Err verb_filter(Cx *cx, const Options *o, Buf *out);
Err verb_smooth(Cx *cx, const Options *o, Buf *out);
Err verb_loglik(Cx *cx, const Options *o, Buf *out);
Err verb_fit(Cx *cx, const Options *o, Buf *out);
Err verb_simulate(Cx *cx, const Options *o, Buf *out);
Err verb_calibrate(Cx *cx, const Options *o, Buf *out);
Err verb_forecast(Cx *cx, const Options *o, Buf *out);
Err verb_pairs(Cx *cx, const Options *o, Buf *out);
Err verb_apim(Cx *cx, const Options *o, Buf *out);
Err verb_icc(Cx *cx, const Options *o, Buf *out);
Err verb_two(Cx *cx, const Options *o, Buf *out);
Err verb_model(Cx *cx, const Options *o, Buf *out);
Err verb_time(Cx *cx, const Options *o, Buf *out);

/* The built-in model: its kinds (builtin.c), its forecasts (diary.c). */
MUST_CHECK Err builtin_kind(Cx *cx, Str name, RelKind *ret);
MUST_CHECK Err builtin_forecast(Cx *cx, const Options *o, Buf *out);

#endif
