/* The directory's work in a thread of its own: slow hashes hold up nobody. It rests as long as it works, and so
 * takes no more than half of one processor, and 16 MiB.
 * Comes after: feed_thread_start. Ends before: feed_thread_stop. */
#ifndef DANGOL_HUB_DIRECTORY_THREAD_H
#define DANGOL_HUB_DIRECTORY_THREAD_H

#include "hub/directory_work.h"

struct directory_thread {
    struct directory_work work;
    const struct env *env;
    struct thread thread;
    struct mutex lock;
    struct condition stopping;
    bool stop;
};

/* `memory` of the slow hash, KiB. It must not move until it is stopped. */
void directory_thread_start(struct directory_thread *t, struct desk *desk, uint32_t memory);
void directory_thread_stop(struct directory_thread *t);

#endif
