/* main.c - where the faces are put together: the command line, the site, the laboratory, the bench. */
#include "bench/bench.h"
#include "cli/cli.h"
#include "lab/lab.h"
#include "web/web.h"

int main(int argc, char **argv)
{
    static const CliFaces faces = {.serve = web_serve, .bench = bench_run, .lab = lab_main};
    return cli_main(argc, argv, &faces);
}
