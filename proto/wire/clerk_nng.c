#include "proto/wire/clerk_nng.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#include "proto/base/bytes.h"

void nng_must(int rc) {
    if (rc == 0) return;
    fprintf(stderr, "dangol: %s\n", nng_strerror(rc));
    _Exit(EXIT_FAILURE);
}

/* Calls one of a charge's functions without the lock. */
static void call(struct clerk *k, struct charge *charge, void (*function)(void *owner)) {
    nng_mtx_unlock(k->lock);
    function(charge->owner);
    nng_mtx_lock(k->lock);
}

static bool free_one(struct clerk *k) {
    struct charge *first = k->ended;
    if (first == NULL) return false;
    DL_DELETE(k->ended, first);
    call(k, first, first->ops->free);
    return true;
}

/* ---- The heap: thousands of connections, of which a few are due each millisecond ---- */

static void put(struct clerk *k, size_t i, struct charge *charge) {
    k->heap[i] = charge;
    charge->place = i + 1;
}

static void rise(struct clerk *k, size_t i, struct charge *charge) {
    for (; i > 0 && charge->due < k->heap[(i - 1) / 2]->due; i = (i - 1) / 2) put(k, i, k->heap[(i - 1) / 2]);
    put(k, i, charge);
}

static void sink(struct clerk *k, size_t i, struct charge *charge) {
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < k->due_count && k->heap[child + 1]->due < k->heap[child]->due) child++;
        if (child >= k->due_count || k->heap[child]->due >= charge->due) break;
        put(k, i, k->heap[child]);
        i = child;
    }
    put(k, i, charge);
}

static void unplan(struct clerk *k, struct charge *charge) {
    size_t i = charge->place - 1;
    struct charge *last = k->heap[--k->due_count];
    charge->place = 0;
    if (last == charge) return;
    if (i > 0 && last->due < k->heap[(i - 1) / 2]->due)
        rise(k, i, last);
    else
        sink(k, i, last);
}

static void plan(struct clerk *k, struct charge *charge, int64_t when) {
    if (charge->place != 0) unplan(k, charge);
    charge->due = when;
    if (when == DUE_NEVER) return;
    if (k->due_count == k->heap_room) {
        k->heap_room = k->heap_room * 2 + 64;
        k->heap = mem_resize(k->heap, k->heap_room * sizeof(struct charge *));
    }
    rise(k, k->due_count++, charge);
}

static bool close_one(struct clerk *k) {
    struct charge *each;
    if (!k->closing) return false;
    DL_FOREACH(k->charges, each) {
        if (each->told) continue;
        each->told = true;
        call(k, each, each->ops->close);
        return true;
    }
    return false;
}

static bool tell_one(struct clerk *k) {
    if (k->due_count == 0 || k->heap[0]->due > env_monotonic(k->env)) return close_one(k);
    struct charge *first = k->heap[0];
    plan(k, first, DUE_NEVER);
    call(k, first, first->ops->due);
    return true;
}

static void sleep_until_due(struct clerk *k) {
    k->wakes = k->due_count > 0 ? k->heap[0]->due : DUE_NEVER;
    if (k->wakes == DUE_NEVER) {
        nng_cv_wait(k->work);
        return;
    }
    int64_t rest = k->wakes - env_monotonic(k->env);
    if (rest > 0) nng_cv_until(k->work, nng_clock() + (nng_time)rest);
}

static void clerk_run(void *argument) {
    struct clerk *k = argument;
    nng_mtx_lock(k->lock);
    while (!k->closing || k->charges != NULL || k->ended != NULL) {
        if (!free_one(k) && !tell_one(k)) sleep_until_due(k);
    }
    nng_mtx_unlock(k->lock);
}

void clerk_open(struct clerk *k, const struct env *env) {
    *k = (struct clerk){.env = env, .wakes = DUE_NEVER};
    nng_must(nng_mtx_alloc(&k->lock));
    nng_must(nng_cv_alloc(&k->work, k->lock));
    nng_must(nng_thread_create(&k->thread, clerk_run, k));
}

void clerk_close(struct clerk *k) {
    nng_mtx_lock(k->lock);
    k->closing = true;
    nng_cv_wake(k->work);
    nng_mtx_unlock(k->lock);
    nng_thread_destroy(k->thread);
    nng_cv_free(k->work);
    nng_mtx_free(k->lock);
    free(k->heap);
}

bool charge_begin(struct charge *charge, struct clerk *k, const struct charge_ops *ops, void *owner) {
    *charge = (struct charge){.ops = ops, .owner = owner, .clerk = k, .due = DUE_NEVER};
    nng_mtx_lock(k->lock);
    bool taken = !k->closing;
    if (taken) DL_APPEND(k->charges, charge);
    nng_mtx_unlock(k->lock);
    return taken;
}

int64_t clerk_in(const struct clerk *k, int64_t ms) { return env_monotonic(k->env) + ms; }

void charge_due(struct charge *charge, int64_t when) {
    struct clerk *k = charge->clerk;
    nng_mtx_lock(k->lock);
    plan(k, charge, when);
    if (when < k->wakes) {
        k->wakes = when;
        nng_cv_wake(k->work);
    }
    nng_mtx_unlock(k->lock);
}

void charge_end(struct charge *charge) {
    struct clerk *k = charge->clerk;
    nng_mtx_lock(k->lock);
    plan(k, charge, DUE_NEVER);
    DL_DELETE(k->charges, charge);
    DL_APPEND(k->ended, charge);
    nng_cv_wake(k->work);
    nng_mtx_unlock(k->lock);
}
