/* A parcel: what one store gets in one step of the feeder; becomes one FEED, or several when it is large.
 *
 * Events in the order added; keys of the people they first tell of; the streams among them that go in full. Gathered
 * under the site's state, sent under the session's lock. Memory: its own, until parcel_release. Thread: the feeder's.
 * */
#ifndef DANGOL_HUB_PARCEL_H
#define DANGOL_HUB_PARCEL_H

#include "hub/interest.h"
#include "hub/session.h"
#include "proto/model/vec.h"

#define PARCEL_BYTES (256u << 10) /* of events, before compression: more begins another FEED, and ends the step */
#define PARCEL_LEAST (16u << 10)
#define PARCEL_KEYS 4096u

/* A stream that goes to a store in full, and how far this parcel brings it. */
struct parcel_stream {
    uint32_t stream;
    uint64_t last;
};

struct parcel {
    struct session *session; /* a reference; the feeder's */
    store_number store;
    size_t limit; /* bytes of events that make it full */
    size_t next;  /* index + 1 of the next parcel of the same store */
    struct buf events;
    VEC(size_t) ends; /* of each event in `events` */
    VEC(struct parcel_stream) streams;
    struct carried_keys keys;
    uint64_t from; /* the seat's cursor when the step began */
    uint64_t to;   /* everything up to here is in it; the cursor of its last FEED */
    bool closed;   /* takes no more in this step */
};

/* An event of a stream the store holds in part, or in full. */
void parcel_add(struct parcel *parcel, const struct record *record);
void parcel_add_full(struct parcel *parcel, const struct record *record);
/* Its key, unless the person was erased. The caller holds site_read. */
void parcel_add_key(struct parcel *parcel, struct site *site, uint64_t customer);
bool parcel_full(const struct parcel *parcel);

/* What a FEED says besides. */
struct parcel_note {
    bool level;
    uint64_t seq;          /* of the store's stream, taken by then */
    const uint8_t *digest; /* NULL: none this time */
    const uint8_t *chain;  /* of the hub's log at parcel->to */
    struct view directory; /* a part of the directory of VIPs, in the first FEED; VIEW_NONE: none */
};
/* Sends it and moves the seat's cursor to parcel->to. The caller holds session->lock. */
int parcel_send(struct parcel *parcel, struct batch_packer *packer, const struct parcel_note *note, struct err *err);
void parcel_release(struct parcel *parcel); /* wipes keys; not the session */

#endif
