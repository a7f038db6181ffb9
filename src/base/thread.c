/* base/thread.c - POSIX threads, because C17's are optional. All signals stay with the thread that started: a stop
 * that a signal asks for is seen there, and worker_end passes it on. */
#include "base/thread.h"
#include "base/os.h"
#include <pthread.h>
#include <signal.h>

struct Worker {
    pthread_t thread;
    void (*run)(void *ctx, const atomic_bool *stop);
    void *ctx;
    atomic_bool stop, done;
};

static void *work(void *arg)
{
    Worker *w = arg;
    w->run(w->ctx, &w->stop);
    atomic_store(&w->done, true);
    return NULL;
}

Worker *worker_start(void (*run)(void *ctx, const atomic_bool *stop), void *ctx)
{
    sigset_t all, before;
    Worker *w = os_alloc(1, (ptrdiff_t)sizeof *w);
    if (!w)
        return NULL;
    w->run = run;
    w->ctx = ctx;
    atomic_init(&w->stop, false);
    atomic_init(&w->done, false);
    sigfillset(&all);
    bool started = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    if (started) {
        started = pthread_create(&w->thread, NULL, work, w) == 0;
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (!started) {
        os_free(w);
        return NULL;
    }
    return w;
}

bool worker_done(const Worker *w)
{
    return atomic_load(&w->done);
}

void worker_end(Worker *w)
{
    if (!w)
        return;
    atomic_store(&w->stop, true);
    (void)pthread_join(w->thread, NULL);
    os_free(w);
}
