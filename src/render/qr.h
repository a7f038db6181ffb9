/* render/qr.h - a QR code as the path of an SVG picture (templates/svg/qr.mustache), and as lines for a terminal.
 * Shapes  an object {size, d, lines}: the picture is size x size modules, its quiet zone of four included; d draws
 *         each run of dark modules as one bar, one unit high. A line has two rows of modules: what is light is drawn,
 *         as on a dark terminal; phones read either way round.
 * Errors  ERR_LIMIT err.qr-long (max) when bytes do not fit into one code; ERR_NOMEM.
 * Memory  *ret is the caller's to json_decref. The modules are wiped; the library's own working copies are
 *         given back to the heap as they are, so a code of a secret is made once, when it is shown.
 * Thread  safe.
 * Source  ISO/IEC 18004 through libqrencode; error correction M (15 % may be lost). */
#ifndef RENDER_QR_H
#define RENDER_QR_H

#include "base/cx.h"
#include <jansson.h>

enum { QR_BYTES_MAX = 2331 }; /* binary, version 40, M */

MUST_CHECK Err qr_draw(Cx *cx, Str bytes, json_t **ret);

#endif
