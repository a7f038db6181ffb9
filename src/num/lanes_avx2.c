/* num/lanes_avx2.c - the passes of num/lanes_body.h for AVX2 with fused operations. */
#include "num/lanes_kernel.h"

#if defined(__x86_64__)

/* Fused operations are wanted here: fewer instructions, and more exact. */
#if defined(__clang__)
#pragma clang fp contract(fast)
#else
#pragma GCC optimize("fp-contract=fast")
#endif

#define LANE_TARGET __attribute__((target("avx2,fma")))
#define LANE_KERNEL lane_kernel_avx2
#define LANE_NAME "avx2"
#if !defined(__clang__) /* which sees for itself, and warns where it was told in vain */
#define LANE_UNROLL _Pragma("GCC unroll 12")
#endif
#include "num/lanes_body.h"

#endif
