/* num/lanes_any.c - the passes of num/lanes_body.h for what every machine has. */
#include "num/lanes_kernel.h"

#define LANE_TARGET
#define LANE_FN LANE_TARGET static inline __attribute__((always_inline))
#include "num/lanes_body.h"

LANE_TARGET static void forward(LaneBatch *b, ptrdiff_t from, ptrdiff_t to, LaneTape *tape)
{
    if (b->n == LANE_OFTEN && tape)
        lane_forward(LANE_OFTEN, b, from, to, tape);
    else if (b->n == LANE_OFTEN)
        lane_forward(LANE_OFTEN, b, from, to, NULL);
    else
        lane_forward(b->n, b, from, to, tape);
}

LANE_TARGET static void backward(LaneBatch *b, ptrdiff_t from, ptrdiff_t to, const LaneTape *tape)
{
    if (b->n == LANE_OFTEN)
        lane_backward(LANE_OFTEN, b, from, to, tape);
    else
        lane_backward(b->n, b, from, to, tape);
}

LANE_TARGET static void spin(ptrdiff_t rounds, V8 *io)
{
    lane_spin(rounds, io);
}

const LaneKernel lane_kernel_any = {"any", forward, backward, spin};
