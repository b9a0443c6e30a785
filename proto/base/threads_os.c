#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/base/bytes.h"
#include "proto/base/threads.h"

#define STACK_BYTES (512u << 10)

/* Every failure below is a mistake of ours or the end of the machine's resources at start. */
static void must(int code, const char *what) {
    if (code == 0) return;
    fprintf(stderr, "dangol: %s: %s\n", what, strerror(code));
    abort();
}

void mutex_init(struct mutex *m) { must(pthread_mutex_init(&m->os, NULL), "mutex"); }
void mutex_destroy(struct mutex *m) { must(pthread_mutex_destroy(&m->os), "mutex destroy"); }
void mutex_lock(struct mutex *m) { must(pthread_mutex_lock(&m->os), "mutex lock"); }
void mutex_unlock(struct mutex *m) { must(pthread_mutex_unlock(&m->os), "mutex unlock"); }

void condition_init(struct condition *c) {
    pthread_condattr_t attributes;
    must(pthread_condattr_init(&attributes), "condition");
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), "condition clock");
    must(pthread_cond_init(&c->os, &attributes), "condition");
    must(pthread_condattr_destroy(&attributes), "condition");
}

void condition_destroy(struct condition *c) { must(pthread_cond_destroy(&c->os), "condition destroy"); }
void condition_wait(struct condition *c, struct mutex *m) { must(pthread_cond_wait(&c->os, &m->os), "wait"); }
void condition_signal(struct condition *c) { must(pthread_cond_signal(&c->os), "signal"); }
void condition_broadcast(struct condition *c) { must(pthread_cond_broadcast(&c->os), "broadcast"); }

bool condition_wait_ms(struct condition *c, struct mutex *m, int64_t ms) {
    struct timespec until;
    must(clock_gettime(CLOCK_MONOTONIC, &until) == 0 ? 0 : errno, "clock");
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    int code = pthread_cond_timedwait(&c->os, &m->os, &until);
    if (code == ETIMEDOUT) return false;
    must(code, "timed wait");
    return true;
}

void rwlock_init(struct rwlock *l) {
    pthread_rwlockattr_t attributes;
    must(pthread_rwlockattr_init(&attributes), "rwlock");
    must(pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP), "rwlock kind");
    must(pthread_rwlock_init(&l->os, &attributes), "rwlock");
    must(pthread_rwlockattr_destroy(&attributes), "rwlock");
}

void rwlock_destroy(struct rwlock *l) { must(pthread_rwlock_destroy(&l->os), "rwlock destroy"); }
void rwlock_read(struct rwlock *l) { must(pthread_rwlock_rdlock(&l->os), "read lock"); }
void rwlock_write(struct rwlock *l) { must(pthread_rwlock_wrlock(&l->os), "write lock"); }
void rwlock_unlock(struct rwlock *l) { must(pthread_rwlock_unlock(&l->os), "unlock"); }

struct start {
    void (*run)(void *context);
    void *context;
};

static void *thread_main(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.run(start.context);
    return NULL;
}

void thread_start(struct thread *t, void (*run)(void *context), void *context) {
    struct start *start = mem_alloc(sizeof *start);
    *start = (struct start){run, context};
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    must(pthread_attr_init(&attributes), "thread");
    must(pthread_attr_setstacksize(&attributes, STACK_BYTES), "thread stack");
    must(pthread_sigmask(SIG_SETMASK, &all, &before), "signals");
    must(pthread_create(&t->os, &attributes, thread_main, start), "thread");
    must(pthread_sigmask(SIG_SETMASK, &before, NULL), "signals");
    must(pthread_attr_destroy(&attributes), "thread");
    t->running = true;
}

void thread_join(struct thread *t) {
    if (!t->running) return;
    must(pthread_join(t->os, NULL), "join");
    t->running = false;
}
