/* base/thread.h - one piece of work beside the thread that owns everything.
 * The work gets what it needs when it starts, touches nothing else, and hands its result back when it is done.
 * Shapes  A Worker is started once and ended once.
 * Errors  worker_start returns NULL when the system gives no thread: the caller does without.
 * Memory  a Worker is on the heap until worker_end.
 * Thread  run is called in a thread of its own, which no signal reaches; the rest is its owner's. Whatever run
 *         wrote may be read once worker_done is true. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct Worker Worker;

Worker *worker_start(void (*run)(void *ctx, const atomic_bool *stop), void *ctx);
bool worker_done(const Worker *worker);
/* Asks it to stop, waits until it has, gives it back. NULL is fine. */
void worker_end(Worker *worker);

#endif
