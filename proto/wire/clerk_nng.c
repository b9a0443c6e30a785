#include "proto/wire/clerk_nng.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

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

/* A list, not a heap: it is walked only when the earliest deadline has come, and deadlines move far more often than
 * they come. */
static bool tell_one(struct clerk *k) {
    int64_t now = env_monotonic(k->env);
    struct charge *each;
    DL_FOREACH(k->charges, each) {
        if (k->closing && !each->told) {
            each->told = true;
            call(k, each, each->ops->close);
            return true;
        }
        if (each->due <= now) {
            each->due = DUE_NEVER;
            call(k, each, each->ops->due);
            return true;
        }
    }
    return false;
}

static void sleep_until_due(struct clerk *k) {
    struct charge *each;
    k->wakes = DUE_NEVER;
    DL_FOREACH(k->charges, each) {
        if (each->due < k->wakes) k->wakes = each->due;
    }
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
    charge->due = when;
    if (when < k->wakes) {
        k->wakes = when;
        nng_cv_wake(k->work);
    }
    nng_mtx_unlock(k->lock);
}

void charge_end(struct charge *charge) {
    struct clerk *k = charge->clerk;
    nng_mtx_lock(k->lock);
    DL_DELETE(k->charges, charge);
    DL_APPEND(k->ended, charge);
    nng_cv_wake(k->work);
    nng_mtx_unlock(k->lock);
}
