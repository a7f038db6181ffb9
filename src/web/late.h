/* web/late.h - whether libmicrohttpd is on this machine: it is loaded when a site starts.
 * Memory  stays loaded to the end of the process.
 * Thread  main. */
#ifndef WEB_LATE_H
#define WEB_LATE_H

#include <stdbool.h>

bool late_load(void);

#endif
