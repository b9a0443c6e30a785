/* Runs a check in a process of its own: a byte flipped in LMDB's own pages can make liblmdb crash or go round in
 * circles, and that must end neither the daemon nor the answer.
 *
 * The child is a fork that shares nothing but a few counters and a socket; it asks the parent for public keys, since
 * whoever knows them may hold locks that no child can take. It is killed when its counters stand still. */
#ifndef DANGOL_PROTO_LOG_VERIFY_OS_H
#define DANGOL_PROTO_LOG_VERIFY_OS_H

#include <stdatomic.h>

#include "proto/log/log.h"

#define VERIFY_STUCK_MS 60000

/* Written by the child as it goes. */
struct verify_beat {
    _Atomic uint64_t done; /* records checked */
    _Atomic uint64_t all;
    _Atomic uint64_t steps; /* whatever was looked at: it is alive */
};

struct verify_work {
    /* Runs in the child; what it allocates or leaves open ends with it. Its trust asks the parent's; NULL as there. */
    int (*run)(void *context, const struct log_trust *trust, struct verify_beat *beat, struct verify_report *report,
               struct err *err);
    void *context;
};

/* What `run` said; or ERR_CORRUPT with the last record checked when the child died over it. */
int verify_in_child(const struct verify_work *work, const struct log_trust *trust, const struct env *env,
                    struct verify_report *report, struct err *err);

#endif
