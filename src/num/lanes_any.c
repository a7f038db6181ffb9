/* num/lanes_any.c - the passes of num/lanes_body.h for what every machine has. */
#include "num/lanes_kernel.h"

#define LANE_TARGET
#define LANE_KERNEL lane_kernel_any
#define LANE_NAME "any"
#include "num/lanes_body.h"
