/* Locks and threads: POSIX threads under shorter names, so that a misuse aborts instead of being ignored.
 * The only header that includes pthread.h. */
#ifndef DANGOL_PROTO_BASE_THREADS_H
#define DANGOL_PROTO_BASE_THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct mutex {
    pthread_mutex_t os;
};
struct condition {
    pthread_cond_t os; /* waits on the monotonic clock */
};
struct rwlock {
    pthread_rwlock_t os; /* a waiting writer goes before new readers */
};
struct thread {
    pthread_t os;
    bool running;
};

void mutex_init(struct mutex *m);
void mutex_destroy(struct mutex *m);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

void condition_init(struct condition *c);
void condition_destroy(struct condition *c);
void condition_wait(struct condition *c, struct mutex *m);
/* False when `ms` have passed without a signal. */
bool condition_wait_ms(struct condition *c, struct mutex *m, int64_t ms);
void condition_signal(struct condition *c);
void condition_broadcast(struct condition *c);

void rwlock_init(struct rwlock *l);
void rwlock_destroy(struct rwlock *l);
void rwlock_read(struct rwlock *l);
void rwlock_write(struct rwlock *l);
void rwlock_unlock(struct rwlock *l);

/* Starts a thread with a small stack (512 KiB) and all signals blocked: only the main thread handles signals. */
void thread_start(struct thread *t, void (*run)(void *context), void *context);
void thread_join(struct thread *t); /* nothing when it never ran */

#endif
