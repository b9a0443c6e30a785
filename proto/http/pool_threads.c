#include <stdlib.h>

#include "proto/base/bytes.h"
#include "proto/base/threads.h"
#include "proto/http/pool.h"

struct job {
    void (*work)(void *context);
    void *context;
};

struct pool {
    struct mutex lock;
    struct condition changed;
    struct job *ring;
    size_t room, first, count; /* of the ring */
    bool closing;
    struct thread *threads;
    size_t thread_count;
};

static void pool_main(void *context) {
    struct pool *pool = context;
    mutex_lock(&pool->lock);
    for (;;) {
        while (pool->count == 0 && !pool->closing) condition_wait(&pool->changed, &pool->lock);
        if (pool->count == 0) break;
        struct job job = pool->ring[pool->first];
        pool->first = (pool->first + 1) % pool->room;
        pool->count--;
        mutex_unlock(&pool->lock);
        job.work(job.context);
        mutex_lock(&pool->lock);
    }
    mutex_unlock(&pool->lock);
}

struct pool *pool_open(size_t threads, size_t waiting_most) {
    struct pool *pool = mem_alloc(sizeof *pool);
    *pool = (struct pool){.room = waiting_most, .thread_count = threads};
    mutex_init(&pool->lock);
    condition_init(&pool->changed);
    pool->ring = mem_alloc(waiting_most * sizeof *pool->ring);
    pool->threads = mem_alloc(threads * sizeof *pool->threads);
    for (size_t i = 0; i < threads; i++) thread_start(&pool->threads[i], pool_main, pool);
    return pool;
}

bool pool_do(struct pool *pool, void (*work)(void *context), void *context) {
    mutex_lock(&pool->lock);
    bool taken = !pool->closing && pool->count < pool->room;
    if (taken) {
        pool->ring[(pool->first + pool->count++) % pool->room] = (struct job){work, context};
        condition_signal(&pool->changed);
    }
    mutex_unlock(&pool->lock);
    return taken;
}

void pool_close(struct pool *pool) {
    if (pool == NULL) return;
    mutex_lock(&pool->lock);
    pool->closing = true;
    condition_broadcast(&pool->changed);
    mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++) thread_join(&pool->threads[i]);
    condition_destroy(&pool->changed);
    mutex_destroy(&pool->lock);
    free(pool->ring);
    free(pool->threads);
    free(pool);
}
