/* insight/said.h - which word, or two neighbours, a belief supports with probability .8.
 * Shapes  words are numbered from 0 along ascending cuts.
 * Errors  none; an infinite sd gives SAID_NONE.
 * Memory  none.
 * Thread  pure.
 * Source  docs/ENGINE.md, "What it says". */
#ifndef INSIGHT_SAID_H
#define INSIGHT_SAID_H

#include "insight/insight.h"

Said said_level(double mean, double sd); /* cuts at 2, 4, 6, 8 */
bool said_hazy(double var);              /* the range that holds 80 % is wider than 5 */
Said said_trend(double mean, double sd); /* cuts at -.5, .5 */
/* An estimate with its range and word; lo and hi cut to 0..10. */
Estimate said_estimate(double mean, double var, int readings, int64_t last_ms);

#endif
