/* num/relation_any.c - the loops of num/relation_body.h for what every machine has. */
#define REL_TARGET
#define REL_KERNEL rel_kernel_any
#define REL_NAME "any"
#include "num/relation_body.h"
