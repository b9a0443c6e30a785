/* Thousands of light stores in one process, over real TLS, against a real hub: each with a key, a chain and sales of
 * its own, one PUSH at a time, answering FEEDs unread. They come back by themselves as stores do, and hold what has
 * not been acked until it is. `swarm_enroll` writes them into a hub's directory that nobody serves.
 * Memory: the swarm's, until swarm_close. Thread: one drives it; the transport's threads call back, under each store's
 * lock. */
#ifndef DANGOL_TESTS_SUPPORT_SWARM_H
#define DANGOL_TESTS_SUPPORT_SWARM_H

#include <stdatomic.h>

#include "proto/base/threads.h"
#include "proto/wire/batch.h"
#include "proto/wire/transport.h"

#define SWARM_FIRST 20000u  /* counter of the first one's stream; those before are for others */
#define SWARM_LATENCIES 400 /* counted in steps of 4 %, from 0.1 ms on */

struct swarm_store;

struct swarm_pace {
    double rate;     /* events a second of all together; 0: as fast as they are acked */
    uint32_t gather; /* events a PUSH at most */
    int64_t wait_ms; /* events may be gathered for so long */
};

struct swarm {
    const struct env *env;
    size_t count;
    struct swarm_store *stores;
    struct transport *transport;
    struct batch_packer *packer;
    char *address;
    uint8_t root[PUBLIC_KEY_SIZE];
    struct swarm_pace pace;
    double started; /* of this pace */
    size_t dials_at_once;

    struct mutex lock; /* of swarm_rest */
    struct condition nothing;
    atomic_size_t open, dialling;
    atomic_uint_fast64_t events, acks, feeds, dials, refusals; /* events: acked */
    atomic_bool lost;                                          /* the hub went back behind what it had acked */
    atomic_uint_fast32_t latencies[SWARM_LATENCIES];           /* of PUSHes, from sending to the ack */
};

/* Stores, streams and keys, in one commit. 0 or negative. */
int swarm_enroll(const char *hub_directory, size_t count, struct err *err);
/* Reads from the hub's directory whom to trust and where it is. */
int swarm_open(struct swarm *swarm, const char *hub_directory, size_t count, struct err *err);
void swarm_close(struct swarm *swarm);
void swarm_pace(struct swarm *swarm, const struct swarm_pace *pace); /* begins anew; clears the latencies */
void swarm_stop(struct swarm *swarm);                                /* nothing more is made; latencies stay */
/* One turn: dials who is due, pushes what is due. Call it every few milliseconds. */
void swarm_step(struct swarm *swarm);
/* Lets some milliseconds pass. */
void swarm_rest(struct swarm *swarm, int64_t ms);
/* Is every store on the line, and all it made acked? */
bool swarm_level(struct swarm *swarm);
double swarm_latency(const struct swarm *swarm, double share); /* ms under which this share of the acks came */
/* Frames as the n-th store makes them, from its `seq` on; appends. */
void swarm_frames(uint32_t stream, uint64_t seq, uint32_t count, int64_t now, struct buf *out);

#endif
