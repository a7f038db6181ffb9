/* num/relation_avx2.c - the loops of num/relation_body.h for AVX2. */
#if defined(__x86_64__)

#define REL_TARGET __attribute__((target("avx2")))
#define REL_KERNEL rel_kernel_avx2
#define REL_NAME "avx2"
#include "num/relation_body.h"

#else
typedef int nothing_here; /* a file may not be empty */
#endif
