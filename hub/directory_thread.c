#include "hub/directory_thread.h"

static bool rest(struct directory_thread *t, int64_t ms) {
    int64_t until = env_monotonic(t->env) + ms;
    mutex_lock(&t->lock);
    for (int64_t left = ms; !t->stop && left > 0; left = until - env_monotonic(t->env))
        condition_wait_ms(&t->stopping, &t->lock, left);
    bool stop = t->stop;
    mutex_unlock(&t->lock);
    return !stop;
}

static void run(void *context) {
    struct directory_thread *t = context;
    int64_t pause;
    do {
        int64_t start = env_monotonic(t->env);
        bool more = directory_step(&t->work);
        int64_t worked = env_monotonic(t->env) - start;
        pause = more || worked > WORK_LOOK_MS ? worked : WORK_LOOK_MS;
    } while (rest(t, pause));
}

void directory_thread_start(struct directory_thread *t, struct desk *desk, uint32_t memory) {
    *t = (struct directory_thread){.env = desk->site->env};
    directory_work_open(&t->work, desk, memory);
    mutex_init(&t->lock);
    condition_init(&t->stopping);
    thread_start(&t->thread, run, t);
}

void directory_thread_stop(struct directory_thread *t) {
    mutex_lock(&t->lock);
    t->stop = true;
    condition_signal(&t->stopping);
    mutex_unlock(&t->lock);
    thread_join(&t->thread);
    directory_work_close(&t->work);
    mutex_destroy(&t->lock);
    condition_destroy(&t->stopping);
}
