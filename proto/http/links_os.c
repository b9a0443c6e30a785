#include "proto/http/links_os.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "proto/base/bytes.h"
#include "proto/base/threads.h"

#define LOOK_MS 1000
#define BYTES_A_MS 8 /* the slowest line that is still waited for: 64 kbit/s */
#define RESERVE 8    /* one in so many places is kept free */

static const int64_t patience_ms[] = {
    [LINK_HEAD] = 10000, [LINK_IDLE] = 65000, [LINK_BODY] = 15000, [LINK_ANSWER] = 20000};

struct link {
    struct link *next, *previous;
    int fd;
    bool dropped;
    _Atomic int step;
    _Atomic int64_t since, until; /* monotonic ms; until 0: no limit */
};

struct links {
    const struct env *env;
    struct mutex lock;
    struct condition closing_set;
    struct link all; /* the list's head */
    size_t count, most;
    bool closing;
    struct thread thread;
};

static void drop(struct link *link) {
    link->dropped = true;
    shutdown(link->fd, SHUT_RDWR); /* the server sees its end and closes it */
}

static void drop_late(struct links *links) {
    int64_t now = env_monotonic(links->env);
    for (struct link *link = links->all.next; link != &links->all; link = link->next) {
        int64_t until = atomic_load_explicit(&link->until, memory_order_relaxed);
        if (!link->dropped && until != 0 && now >= until) drop(link);
    }
}

static void links_main(void *context) {
    struct links *links = context;
    mutex_lock(&links->lock);
    while (!links->closing) {
        condition_wait_ms(&links->closing_set, &links->lock, LOOK_MS);
        drop_late(links);
    }
    mutex_unlock(&links->lock);
}

struct links *links_open(const struct env *env, size_t most) {
    struct links *links = mem_alloc(sizeof *links);
    links->env = env;
    links->most = most;
    links->all.next = links->all.previous = &links->all;
    mutex_init(&links->lock);
    condition_init(&links->closing_set);
    thread_start(&links->thread, links_main, links);
    return links;
}

void links_close(struct links *links) {
    if (links == NULL) return;
    mutex_lock(&links->lock);
    links->closing = true;
    condition_broadcast(&links->closing_set);
    mutex_unlock(&links->lock);
    thread_join(&links->thread);
    condition_destroy(&links->closing_set);
    mutex_destroy(&links->lock);
    free(links);
}

/* Whoever has been at it for longest, of those that wait for nothing of ours. */
static void make_room(struct links *links) {
    struct link *oldest = NULL;
    for (struct link *link = links->all.next; link != &links->all; link = link->next) {
        int step = atomic_load_explicit(&link->step, memory_order_relaxed);
        if (link->dropped || step == LINK_WORK || step == LINK_EVENTS) continue;
        if (oldest == NULL || atomic_load_explicit(&link->since, memory_order_relaxed) <
                                  atomic_load_explicit(&oldest->since, memory_order_relaxed))
            oldest = link;
    }
    if (oldest != NULL) drop(oldest);
}

struct link *links_add(struct links *links, int fd) {
    struct link *link = mem_alloc(sizeof *link);
    link->fd = fd;
    link_is(links, link, LINK_HEAD, 0);
    mutex_lock(&links->lock);
    if (links->count >= links->most - links->most / RESERVE) make_room(links);
    link->next = links->all.next;
    link->previous = &links->all;
    link->next->previous = link;
    links->all.next = link;
    links->count++;
    mutex_unlock(&links->lock);
    return link;
}

void links_remove(struct links *links, struct link *link) {
    mutex_lock(&links->lock);
    link->next->previous = link->previous;
    link->previous->next = link->next;
    links->count--;
    mutex_unlock(&links->lock);
    free(link);
}

void link_is(struct links *links, struct link *link, enum link_step step, size_t bytes) {
    int64_t now = env_monotonic(links->env);
    bool bounded = step != LINK_WORK && step != LINK_EVENTS;
    int64_t until = bounded ? now + patience_ms[step] + (int64_t)(bytes / BYTES_A_MS) : 0;
    atomic_store_explicit(&link->step, (int)step, memory_order_relaxed);
    atomic_store_explicit(&link->since, now, memory_order_relaxed);
    atomic_store_explicit(&link->until, until, memory_order_relaxed);
}
