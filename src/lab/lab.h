/* lab/lab.h - fonder lab: the engine on anyone's data and models, for people who want to check it or use it.
 *     fonder lab filter|smooth|forecast|loglik|fit|simulate|calibrate --model M.json --data D.csv [--json]
 *     fonder lab pairs|apim|icc|two --data D.csv [--json]    fonder lab model --kind friend
 * Formats and a worked example: docs/LAB.md. Without --json the output is CSV; lines that begin
 * with # carry what is no table.
 * Errors  exit codes as cli/cli.h; every message names file, line and column where there is one.
 * Memory  cx->arena; output is written at the end, so that a failure leaves none.
 * Thread  main. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "base/cx.h"

int lab_main(Cx *cx, int argc, char **argv);
/* The same up to the words: what is to be printed, or why not. usage: the command line was not understood. Where there
 * is a drain, long answers go there as they are made, and text is empty. */
typedef struct LabOut {
    Str text;
    bool usage;
    bool (*drain)(void *ctx, Str bytes);
    void *drain_ctx;
} LabOut;
MUST_CHECK Err lab_run(Cx *cx, int argc, char **argv, LabOut *ret);

#endif
