/* The clerk: one thread per transport that keeps its deadlines and frees what has ended.
 *
 * nng's own timeouts cannot be used: after one, a TLS stream never completes anything again until it is closed, and
 * nothing of nng may be stopped or freed from within its own callback. So connections, listeners and attempts to dial
 * are charges of a clerk: it tells them when they are due, and frees them once they have said that they ended. It
 * sleeps until something is due: without deadlines it never wakes.
 *
 * Locks: a charge may call the clerk while holding its own lock, never the other way round: the clerk calls its charges
 * without its lock. That is safe because nobody else frees them. */
#ifndef DANGOL_PROTO_WIRE_CLERK_NNG_H
#define DANGOL_PROTO_WIRE_CLERK_NNG_H

#include "proto/base/env.h"

#include <nng/nng.h>
#include <nng/supplemental/util/platform.h>
#include <stdbool.h>

#define DUE_NEVER INT64_MAX

struct charge_ops {
    void (*due)(void *owner);   /* its time has come; the time is cleared before */
    void (*close)(void *owner); /* the clerk closes: come to an end soon; called once */
    void (*free)(void *owner);  /* after charge_end; may wait for callbacks of nng to return */
};

struct charge {
    const struct charge_ops *ops;
    void *owner;
    struct clerk *clerk;
    struct charge *prev, *next;
    int64_t due;  /* env's monotonic time */
    size_t place; /* in the clerk's heap + 1; 0: not in it, never due */
    bool told;    /* to close */
};

struct clerk {
    const struct env *env;
    nng_mtx *lock; /* guards what follows and the fields of every charge */
    nng_cv *work;
    nng_thread *thread;
    struct charge *charges, *ended;
    struct charge **heap; /* those with a time, the earliest first */
    size_t due_count, heap_room;
    int64_t wakes; /* when the thread will look again by itself */
    bool closing;
};

void clerk_open(struct clerk *clerk, const struct env *env);
/* Tells every charge to close, waits until all have ended and are freed. */
void clerk_close(struct clerk *clerk);

/* False: the clerk is closing and takes nothing more. */
bool charge_begin(struct charge *charge, struct clerk *clerk, const struct charge_ops *ops, void *owner);
int64_t clerk_in(const struct clerk *clerk, int64_t ms); /* the time in so many ms */
void charge_due(struct charge *charge, int64_t when);    /* DUE_NEVER takes it back */
void charge_end(struct charge *charge);                  /* the owner is gone for whoever calls it */

/* nng fails to make its small objects only for want of memory, which ends the process as in bytes.h. */
void nng_must(int rc);

#endif
