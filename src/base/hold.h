/* base/hold.h - a file by which those who have something open are asked, from any process, to let go of it.
 * Who has it open holds the file, and looks now and then whether it was asked to end; who wants it closed asks
 * and waits until nobody holds any more. The system lets go for a process that ends or starts anew.
 * Shapes  any number may hold. The file is empty but while somebody asks.
 * Units   milliseconds.
 * Errors  ERR_IO, ERR_DENIED where the file cannot be made; ERR_BUSY when somebody still holds after the wait.
 * Memory  none; a Hold is one descriptor.
 * Thread  one at a time. */
#ifndef BASE_HOLD_H
#define BASE_HOLD_H

#include "base/cx.h"
#include <stdbool.h>

typedef struct Hold {
    int fd; /* 0: holds nothing */
    int64_t seen_bytes;
} Hold;

MUST_CHECK Err hold_take(Cx *cx, Str path, Hold *ret);
bool hold_is_asked(const Hold *hold); /* to let go, since it was taken */
void hold_release(Hold *hold);        /* fine when it holds nothing */
/* Asks everyone to let go, and waits at most so long until they have. */
MUST_CHECK Err hold_end(Cx *cx, Str path, int64_t wait_ms);

/* What a small file is to say after what it says, decided while nobody else can change it. An error is passed on
 * and nothing is written. *ret_new in cx->arena. */
typedef Err HoldUpdate(void *ctx, Cx *cx, Str old, Str *ret_new);
MUST_CHECK Err hold_update(Cx *cx, Str path, ptrdiff_t max_bytes, HoldUpdate *update, void *ctx);

#endif
