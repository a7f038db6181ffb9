/* main.c - where the faces are put together: the command line, the site, the laboratory, the bench. */
#include "cli/cli.h"
#include "web/web.h"

int main(int argc, char **argv)
{
    static const CliFaces faces = {.serve = web_serve};
    return cli_main(argc, argv, &faces);
}
