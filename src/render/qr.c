/* render/qr.c - runs of dark modules become bars, which keeps the path a third as long as squares would
 * and leaves no hairlines between neighbours. Linear in modules. */
#include "render/qr.h"
#include "base/buf.h"
#include "base/os.h"
#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4, PATH_BYTES_MAX = 1 << 19, LINE_BYTES_MAX = 1024 };

static void put_row(Buf *path, const unsigned char *row, int width, int y)
{
    for (int x = 0; x < width; x++) {
        int from = x;
        while (x < width && (row[x] & 1) != 0)
            x++;
        if (x > from)
            buf_fmt(path, "M%d %dh%dv1h-%dz", QUIET + from, QUIET + y, x - from, x - from);
    }
}

static bool is_light(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return !inside || (code->data[(ptrdiff_t)y * code->width + x] & 1) == 0;
}

/* Two rows in one line. What is dark above and below is a space that no line is broken at. */
static Err draw_line(Cx *cx, const QRcode *code, int y, json_t *lines)
{
    static const char *const halves[] = {"\xc2\xa0", "\xe2\x96\x84", "\xe2\x96\x80",
                                         "\xe2\x96\x88"};
    Buf line = buf_make(cx->arena, LINE_BYTES_MAX);
    Str drawn = {NULL, 0};
    for (int x = -QUIET; x < code->width + QUIET; x++)
        buf_c(&line, halves[2 * is_light(code, x, y) + is_light(code, x, y + 1)]);
    Err e = buf_done(cx, &line, &drawn);
    if (e == OK && json_array_append_new(lines, json_stringn(drawn.p, (size_t)drawn.len)) != 0)
        e = err_nomem(cx);
    return e;
}

static Err draw(Cx *cx, const QRcode *code, json_t *lines, Str *ret_path)
{
    Buf path = buf_make(cx->arena, PATH_BYTES_MAX);
    Err e = lines ? OK : err_nomem(cx);
    for (int y = 0; y < code->width; y++)
        put_row(&path, code->data + (ptrdiff_t)y * code->width, code->width, y);
    for (int y = -QUIET; y < code->width + QUIET && e == OK; y += 2)
        e = draw_line(cx, code, y, lines);
    return e == OK ? buf_done(cx, &path, ret_path) : e;
}

Err qr_draw(Cx *cx, Str bytes, json_t **ret)
{
    if (bytes.len < 1 || bytes.len > QR_BYTES_MAX)
        return err_set(cx, ERR_LIMIT, "err.qr-long", ARGS(arg_int("max", QR_BYTES_MAX)));
    QRcode *code =
        QRcode_encodeData((int)bytes.len, (const unsigned char *)bytes.p, 0, QR_ECLEVEL_M);
    if (!code)
        return errno == ERANGE
                   ? err_set(cx, ERR_LIMIT, "err.qr-long", ARGS(arg_int("max", QR_BYTES_MAX)))
                   : err_nomem(cx);
    json_t *lines = json_array();
    Str d = {NULL, 0};
    Err e = draw(cx, code, lines, &d);
    int size = code->width + 2 * QUIET;
    os_wipe(code->data, (ptrdiff_t)code->width * code->width);
    QRcode_free(code);
    if (e != OK) {
        json_decref(lines);
        return e;
    }
    json_t *picture =
        json_pack("{s:i,s:s%,s:o}", "size", size, "d", d.p, (size_t)d.len, "lines", lines);
    if (!picture)
        return err_nomem(cx);
    *ret = picture;
    return OK;
}
