/* num/relation_avx512.c - the loops of num/relation_body.h for AVX-512. */
#if defined(__x86_64__)

#define REL_TARGET __attribute__((target("avx512f")))
#define REL_KERNEL rel_kernel_avx512
#define REL_NAME "avx512"
#include "num/relation_body.h"

#else
typedef int nothing_here; /* a file may not be empty */
#endif
