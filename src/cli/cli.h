/* cli/cli.h - the command line: fonder COMMAND [PERSON] [TEXT] [--option].
 * Shapes  words and options are matched against the fields of the command's rows (app/action.h); the
 *         first row that has a place for all of them is the one that runs.
 * Errors  exit codes: 0 fine, 1 the user's input, 2 usage, 3 the system. Messages go to standard error
 *         and say what to do next; nothing about a person goes anywhere but standard output.
 * Memory  one arena for the command.
 * Thread  main. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "app/app.h"
#include "base/os.h"

/* What another face does for a command that is its own; lab reads its own words and returns an exit
 * code. */
typedef struct CliFaces {
    Err (*serve)(Cx *cx, App *app, const Input *in);
    Err (*bench)(Cx *cx, const Input *in);
    int (*lab)(Cx *cx, int argc, char **argv);
} CliFaces;

int cli_main(int argc, char **argv, const CliFaces *faces);

/* Exit code of a failure. */
int cli_exit_code(Err e);

/* Lays argv out over the fields of a row. *ret_fits is false when a word or option has no place in
 * it; only what every row lacks is an error, so the caller tries the next row. */
enum { CLI_WORDS_MAX = 512 };
typedef struct CliWords {
    Pair pairs[CLI_WORDS_MAX];
    int count;
    bool json, help;
    Str vault;
    Str misfit; /* the word or option that had no place */
} CliWords;
bool cli_words(Cx *cx, const Action *action, int argc, char **argv, CliWords *ret);

#endif
