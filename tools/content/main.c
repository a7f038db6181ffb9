/* tools/content/main.c - content/ in, C tables out.
 * Use     content FOLDER              checks alone
 *         content FOLDER OUT.c OUT.d  and writes the tables, with a depfile for the build
 * Errors  exit 1 and file:line messages on standard error; then nothing is written. */
#include "tool.h"

static Str depfile(Tool *tool, Str target)
{
    Buf buf = buf_make(&tool->arena, 1 << 20);
    buf_put(&buf, target);
    buf_c(&buf, ":");
    for (Str rest = {tool->files.p, tool->files.len}; rest.p;) {
        Str file = str_line(&rest);
        buf_c(&buf, " ");
        for (ptrdiff_t i = 0; i < file.len; i++) {
            if (file.p[i] == ' ')
                buf_char(&buf, '\\');
            buf_char(&buf, file.p[i]);
        }
    }
    buf_c(&buf, "\n");
    Str text;
    if (buf_done(&tool->cx, &buf, &text) != OK)
        tool_stop(tool, STR("the depfile does not fit"));
    return text;
}

static int run(Tool *tool, int argc, char **argv)
{
    if (argc != 2 && argc != 4) {
        os_write_all(2, STR("usage: content FOLDER [OUT.c OUT.d]\n"));
        return 2;
    }
    walk_content(tool, str_c(argv[1]));
    if (tool->errors) {
        os_write_all(2, (Str){tool->said.p, tool->said.len});
        Str count = tool_fmt(tool, "%d mistakes in %s\n", tool->errors, argv[1]);
        os_write_all(2, count);
        return 1;
    }
    if (argc == 2)
        return 0;
    Str out = str_c(argv[2]);
    if (os_write_file(&tool->cx, out, emit_tables(tool)) != OK ||
        os_write_file(&tool->cx, str_c(argv[3]), depfile(tool, out)) != OK)
        tool_stop(tool, STR("the tables cannot be written"));
    return 0;
}

int main(int argc, char **argv)
{
    static Tool tool;
    tool_init(&tool);
    int code = run(&tool, argc, argv);
    tool_free(&tool);
    return code;
}
