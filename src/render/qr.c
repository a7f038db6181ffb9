/* render/qr.c - runs of dark modules become bars, which keeps the path a third as long as squares would
 * and leaves no hairlines between neighbours. Linear in modules. */
#include "render/qr.h"
#include "base/buf.h"
#include "base/os.h"
#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4, PATH_BYTES_MAX = 1 << 19 };

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
    Buf path = buf_make(cx->arena, PATH_BYTES_MAX);
    for (int y = 0; y < code->width; y++)
        put_row(&path, code->data + (ptrdiff_t)y * code->width, code->width, y);
    int size = code->width + 2 * QUIET;
    os_wipe(code->data, (ptrdiff_t)code->width * code->width);
    QRcode_free(code);
    Str d = {NULL, 0};
    Err e = buf_done(cx, &path, &d);
    if (e != OK)
        return e;
    json_t *picture = json_pack("{s:i,s:s%}", "size", size, "d", d.p, (size_t)d.len);
    if (!picture)
        return err_nomem(cx);
    *ret = picture;
    return OK;
}
