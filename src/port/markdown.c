/* port/markdown.c - one pass. Signs that mean something anywhere are always escaped; those that mean something
 * at the start of a line only there, so that "1.5" and "well-meant" read as they were written. Spaces in front
 * of a line, which could make it code, are dropped. */
#include "port/markdown.h"
#include <string.h>

static const char ANYWHERE[] = "\\`*_[]{}<>&~|#$";
static const char AT_START[] = "+-=:%";

/* The length of the number that would make this line an item of a list, or 0. */
static ptrdiff_t item_number(Str line)
{
    ptrdiff_t n = 0;
    while (n < line.len && line.p[n] >= '0' && line.p[n] <= '9')
        n++;
    return n > 0 && n < line.len && (line.p[n] == '.' || line.p[n] == ')') ? n : 0;
}

/* Would the sign at i turn what stands around it into a link? */
static bool makes_link(Str line, ptrdiff_t i)
{
    if (line.p[i] == ':')
        return str_starts(str_from(line, i), STR("://"));
    return line.p[i] == '.' && i >= 3 && str_ieq(str_sub(line, i - 3, 3), STR("www"));
}

void markdown_line(Buf *buf, Str line)
{
    line = str_trim(line);
    ptrdiff_t number = item_number(line);
    for (ptrdiff_t i = 0; i < line.len; i++) {
        char c = line.p[i];
        bool at_start = i == 0 && c != '\0' && strchr(AT_START, c);
        bool anywhere = c != '\0' && strchr(ANYWHERE, c);
        if (at_start || anywhere || (number > 0 && i == number) || makes_link(line, i))
            buf_char(buf, '\\');
        buf_char(buf, c);
    }
}

void markdown_quote(Buf *buf, Str text)
{
    Str rest = str_trim(text);
    if (rest.len == 0)
        return;
    while (rest.p) {
        Str line = str_trim(str_cut(&rest, '\n'));
        Str after = rest;
        bool goes_on = after.p && str_trim(str_cut(&after, '\n')).len > 0;
        buf_c(buf, line.len > 0 ? "> " : ">");
        markdown_line(buf, line);
        buf_c(buf,
              line.len > 0 && goes_on ? "\\\n" : "\n"); /* the backslash keeps the line's end */
    }
    buf_char(buf, '\n');
}
