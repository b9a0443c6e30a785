#include "hub/feed_thread.h"

#include "proto/base/large.h"

#define GIVE_BACK_MS 30000
#define IDLE_MS 200   /* whatever was not told: the judge's cursor, a store that was silent for too long */
#define GATHER_MS 400 /* live events are gathered for so long at most … */
#define GATHER 4      /* … and for so many times as the last step took: with few stores on the line not at all */

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

/* Parcels come and go by the megabyte, and so do handshakes. */
static void give_back(struct feed_thread *feeding) {
    int64_t now = env_monotonic(feeding->env);
    if (now - feeding->gave_back < GIVE_BACK_MS) return;
    feeding->gave_back = now;
    memory_give_back();
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

/* One step; at the end of the log it waits for more to gather. Stores push before they are fed. */
static bool feed(struct feed_thread *feeding) {
    give_back(feeding);
    int64_t start = env_monotonic(feeding->env);
    bool more = feeder_step(feeding->feeder);
    int64_t pause = (env_monotonic(feeding->env) - start) * GATHER;
    if (!more || pause == 0 || !feeder_at_end(feeding->feeder)) return more;
    int64_t until = start + (pause < GATHER_MS ? pause : GATHER_MS);
    mutex_lock(&feeding->lock);
    for (int64_t left; !feeding->stop && (left = until - env_monotonic(feeding->env)) > 0;)
        condition_wait_ms(&feeding->news, &feeding->lock, left);
    mutex_unlock(&feeding->lock);
    return more;
}

static void run(void *context) {
    struct feed_thread *feeding = context;
    do {
        while (!stopped(feeding) && feed(feeding)) {
        }
    } while (rest(feeding));
}

void feed_thread_start(struct feed_thread *feeding, struct desk *desk) {
    *feeding = (struct feed_thread){.feeder = feeder_open(desk), .env = desk->site->env};
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
