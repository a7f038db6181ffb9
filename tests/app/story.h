/* tests/app/story.h - a short life told through the table of actions: every row is used at least once, in an
 * order in which each finds what it needs. Goldens, the pseudo-locale check and the page tests tell it.
 * Memory  the vault lives in a temporary folder until story_end. */
#ifndef TEST_STORY_H
#define TEST_STORY_H

#include "app/app.h"
#include "testlib.h"

enum { STEP_PAIRS = 12 };

typedef struct Step {
    const char *action, *name; /* name of the golden; NULL: the action's id */
    struct {
        const char *name, *value;
    } pairs[STEP_PAIRS];
    Err fails; /* the reason is the golden then */
} Step;

typedef struct Story {
    TestCx t;
    App app;
    Str folder;
    Id preview; /* of the last import.preview */
    LogRecovery recovery; /* the last one shown */
} Story;

extern const Step STORY[];
extern const int STORY_STEPS;

void story_begin(Story *s, const char *locale);
void story_end(Story *s);
/* Runs one step; ret->view is the caller's. */
Err story_step(Story *s, const Step *step, Reply *ret);

/* Text with what differs from run to run replaced: ids by ID1, ID2, … in order of appearance, the folder by
 * FOLDER, the recovery code by its shape. */
Str story_plain(Story *s, Str text);

#endif
