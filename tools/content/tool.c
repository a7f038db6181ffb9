/* tools/content/tool.c - what the parts of the content compiler share: memory, messages, files. */
#include "tool.h"
#include <stdarg.h>
#include <stdio.h>

enum { SAID_MAX_BYTES = 1 << 20, ERRORS_SHOWN = 200 };

void tool_init(Tool *tool)
{
    *tool = (Tool){0};
    arena_init(&tool->arena, (ptrdiff_t)1 << 30);
    tool->cx = (Cx){.arena = &tool->arena};
    tool->said = buf_make(&tool->arena, SAID_MAX_BYTES);
    tool->files = buf_make(&tool->arena, SAID_MAX_BYTES);
}

void tool_free(Tool *tool)
{
    arena_free(&tool->arena);
}

__attribute__((format(printf, 2, 0))) static Str format_list(Tool *tool, const char *format,
                                                             va_list list)
{
    char line[4096];
    int len = vsnprintf(line, sizeof line, format, list);
    if (len < 0)
        tool_stop(tool, STR("a message cannot be written"));
    return str_dup(&tool->arena, str_sub(str_c(line), 0, len));
}

Str tool_fmt(Tool *tool, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    Str s = format_list(tool, format, list);
    va_end(list);
    return s;
}

void tool_say(Tool *tool, Str file, int line, const char *format, ...)
{
    if (tool->errors++ >= ERRORS_SHOWN)
        return;
    va_list list;
    va_start(list, format);
    Str what = format_list(tool, format, list);
    va_end(list);
    buf_fmt(&tool->said, "%.*s:%d: %.*s\n", STR_FMT(file), line, STR_FMT(what));
}

_Noreturn void tool_stop(Tool *tool, Str what)
{
    os_write_all(2, str_sub((Str){tool->said.p, tool->said.len}, 0, tool->said.len));
    os_write_all(2, what);
    os_write_all(2, STR("\n"));
    os_exit(3);
}

bool tool_read_file(Tool *tool, Str path, Str *ret)
{
    buf_put(&tool->files, path);
    buf_char(&tool->files, '\n');
    if (os_read_file(&tool->cx, path, FILE_MAX_BYTES, ret) == OK)
        return true;
    tool_say(tool, path, 1, "cannot be read, or is over %d bytes", FILE_MAX_BYTES);
    return false;
}
