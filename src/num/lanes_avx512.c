/* num/lanes_avx512.c - the passes of num/lanes_body.h for AVX-512. */
#include "num/lanes_kernel.h"

#if defined(__x86_64__)

/* Fused operations are wanted here: fewer instructions, and more exact. */
#if defined(__clang__)
#pragma clang fp contract(fast)
#else
#pragma GCC optimize("fp-contract=fast")
#endif

#define LANE_TARGET __attribute__((target("avx512f")))
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

const LaneKernel lane_kernel_avx512 = {"avx512", forward, backward, spin};

#endif
