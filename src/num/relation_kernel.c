/* num/relation_kernel.c - which of num/relation_body.h's three forms this machine runs: one question to the processor. */
#include "num/relation_kernel.h"

#if defined(__x86_64__)

int rel_kernel_count(void)
{
    return __builtin_cpu_supports("avx512f")                                 ? 3
           : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 2
                                                                             : 1;
}

const RelKernel *rel_kernel_at(int i)
{
    const RelKernel *const all[] = {&rel_kernel_any, &rel_kernel_avx2, &rel_kernel_avx512};
    return all[i];
}

#else

int rel_kernel_count(void)
{
    return 1;
}

const RelKernel *rel_kernel_at(int i)
{
    (void)i;
    return &rel_kernel_any;
}

#endif

const RelKernel *rel_kernel(void)
{
    return rel_kernel_at(rel_kernel_count() - 1);
}
