/* The feeder in a thread of its own, beside ingest. Comes after: desk_open. Ends before: desk_close. */
#ifndef DANGOL_HUB_FEED_THREAD_H
#define DANGOL_HUB_FEED_THREAD_H

#include "hub/feeder.h"

struct feed_thread {
    struct feeder *feeder;
    const struct env *env;
    struct thread thread;
    struct mutex lock;
    struct condition news;
    bool woken, stop;
    int64_t gave_back; /* monotonic ms */
};

void feed_thread_start(struct feed_thread *feeding, struct desk *desk); /* must not move until it is stopped */
void feed_thread_wake(struct feed_thread *feeding);                     /* the log has grown; any thread */
void feed_thread_stop(struct feed_thread *feeding);                     /* after the transport is shut down */

#endif
