/* cli/ask.h - questions at a terminal. Away from one nothing is asked and the action says what to give.
 * Shapes  answers are pairs for a row of the table.
 * Errors  ERR_INVALID when the person declines, ERR_NOT_FOUND at the end of input.
 * Memory  cx->arena.
 * Thread  main. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "app/app.h"

typedef struct Ask {
    const App *app;
    bool at_terminal; /* both input and output */
} Ask;

void ask_init(Ask *ask, const App *app);
Host ask_host(Ask *ask);
bool ask_yes(Cx *cx, const Ask *ask, const char *key); /* Enter is no */
/* Asks view.questions one by one: 0 to 10, Enter leaves one out. Appends answer=ID=N pairs. */
MUST_CHECK Err ask_questions(Cx *cx, const Ask *ask, const json_t *view, Pair pairs[], int cap,
                             int *count);

#endif
