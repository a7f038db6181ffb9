/* port/lines.c - one buffer, read into until it holds a whole line; what is left moves to its beginning. Each byte is
 * copied at most once. */
#include "port/lines.h"
#include "base/os.h"
#include <string.h>

Err lines_open(Cx *cx, const LineSource *from, Lines *ret)
{
    Lines l = {.file = STREAM_NONE, .path = from->path};
    if (str_is_null(from->path)) {
        l.rest = from->bytes;
        l.bytes = from->bytes.len;
        l.ended = true;
        *ret = l;
        return OK;
    }
    l.buf = arena_new(cx->arena, char, LINES_MOST);
    if (!l.buf)
        return err_nomem(cx);
    Err e = stream_open(cx, from->path, &l.file);
    if (e != OK)
        return e;
    l.bytes = l.file.bytes;
    l.rest = (Str){l.buf, 0};
    *ret = l;
    return OK;
}

/* Is the first line of rest there to its end? A CR at the very end may be half of one. */
static bool is_whole(const Lines *l)
{
    ptrdiff_t i = 0;
    while (i < l->rest.len && l->rest.p[i] != '\n' && l->rest.p[i] != '\r')
        i++;
    return l->ended || (i < l->rest.len && (l->rest.p[i] == '\n' || i + 1 < l->rest.len));
}

static Err read_more(Cx *cx, Lines *l)
{
    if (l->rest.len > 0)
        memmove(l->buf, l->rest.p, (size_t)l->rest.len);
    ptrdiff_t room = LINES_MOST - l->rest.len;
    ptrdiff_t got = stream_read(&l->file, l->buf + l->rest.len, room);
    if (got < 0)
        return os_fail(cx, l->path);
    l->ended = got < room;
    l->rest = (Str){l->buf, l->rest.len + got};
    return OK;
}

/* Takes the next line, or as much of one as there is room for. */
static Err take(Cx *cx, Lines *l, Str *ret, bool *ret_cut)
{
    Err e = OK;
    while (e == OK && !is_whole(l) && l->rest.len < LINES_MOST)
        e = read_more(cx, l);
    if (e != OK)
        return e;
    *ret_cut = !is_whole(l);
    *ret = *ret_cut ? l->rest : l->rest.len > 0 ? str_line(&l->rest) : (Str){NULL, 0};
    if (*ret_cut)
        l->rest = (Str){l->buf, 0};
    return OK;
}

Err lines_next(Cx *cx, Lines *io, Str *ret)
{
    Str line = {NULL, 0};
    bool cut = false;
    Err e = OK;
    do {
        bool skipped = io->skips;
        e = take(cx, io, &line, &cut);
        io->skips = cut;
        if (!skipped)
            break;
    } while (e == OK && line.p);
    if (e == OK)
        *ret = line;
    return e;
}

void lines_close(Lines *lines)
{
    stream_close(&lines->file);
}
