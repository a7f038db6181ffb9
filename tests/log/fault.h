/* tests/log/fault.h - makes the nth allocation or the nth disk call of SQLite go wrong.
 * A VFS stands between SQLite and the system's, and an allocator between SQLite and malloc;
 * armed, they count their calls and fail the nth, or the nth and all after it.
 * FAULT_KILL     the process is killed instead; a write is torn in half first.
 * FAULT_POWER    as a disk call that fails for good; fault_power_cut() then takes back what was
 *                written but never synced, as a machine would that lost its current.
 * Thread         one. */
#ifndef TEST_LOG_FAULT_H
#define TEST_LOG_FAULT_H

#include <stdbool.h>

typedef enum FaultKind { FAULT_MEMORY, FAULT_DISK, FAULT_KILL, FAULT_POWER } FaultKind;

void fault_install(void); /* once, before anything calls SQLite */
void fault_arm(FaultKind kind, int nth, bool for_good);
int fault_disarm(void); /* how many calls were made to fail */
void fault_power_cut(void);

#endif
