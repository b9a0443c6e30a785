#include "hub/feed_thread.h"

#define IDLE_MS 200 /* whatever was not told: the judge's cursor, a store that was silent for too long */

void feed_thread_wake(struct feed_thread *feeding) {
    mutex_lock(&feeding->lock);
    feeding->woken = true;
    condition_signal(&feeding->news);
    mutex_unlock(&feeding->lock);
}

static void wake(void *context) { feed_thread_wake(context); }

static bool stopped(struct feed_thread *feeding) {
    mutex_lock(&feeding->lock);
    bool stop = feeding->stop;
    mutex_unlock(&feeding->lock);
    return stop;
}

static bool rest(struct feed_thread *feeding) {
    int64_t due = feeder_due(feeding->feeder);
    mutex_lock(&feeding->lock);
    if (!feeding->woken && !feeding->stop)
        condition_wait_ms(&feeding->news, &feeding->lock, due >= 0 && due < IDLE_MS ? due : IDLE_MS);
    feeding->woken = false;
    bool stop = feeding->stop;
    mutex_unlock(&feeding->lock);
    return !stop;
}

static void run(void *context) {
    struct feed_thread *feeding = context;
    do {
        while (!stopped(feeding) && feeder_step(feeding->feeder)) {
        }
    } while (rest(feeding));
}

void feed_thread_start(struct feed_thread *feeding, struct desk *desk) {
    *feeding = (struct feed_thread){.feeder = feeder_open(desk)};
    mutex_init(&feeding->lock);
    condition_init(&feeding->news);
    desk->feeder = feeding;
    desk->answered = wake;
    thread_start(&feeding->thread, run, feeding);
}

void feed_thread_stop(struct feed_thread *feeding) {
    mutex_lock(&feeding->lock);
    feeding->stop = true;
    condition_signal(&feeding->news);
    mutex_unlock(&feeding->lock);
    thread_join(&feeding->thread);
    feeder_close(feeding->feeder);
    mutex_destroy(&feeding->lock);
    condition_destroy(&feeding->news);
}
