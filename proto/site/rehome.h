/* Re-homing: what one copy of a directory wrote under its old stream, and the copy that counts does not have, moves to
 * a new stream (DESIGN, section 6). A store's PC that was restored or cloned does so after the hub, a hub that went on
 * over an older image of itself after its stores (hub/branch.h). The text below is of a store's.
 *
 * Events that stand at the hub at their sequence with the same bytes stay where they are, up to the first that does
 * not: from there on the two logs have parted, and one id may be two people. All from that one on are written again on
 * the new stream, behind one `rehomed`, with the chain value it had in the old log and its hlc as its origin; folds use
 * that hlc. Ids inside of events that moved as well are their new ones. What is sealed is sealed again for the new
 * subject, with the same key of the person. An event that was re-homed before keeps its first origin.
 *
 * Safe to run again after any end: origins that the new log holds are passed over, in whichever stream of the store.
 * An event whose ref is taken by one of the hub's is that event, and is not written. What cannot be written (of a later
 * version, or too large by now) is counted and left in the old log.
 * Thread: the recovery's. Comes after: the feed, which has brought the old stream as the hub has it. Before: the
 * uplink. */
#ifndef DANGOL_PROTO_SITE_REHOME_H
#define DANGOL_PROTO_SITE_REHOME_H

#include "proto/site/site.h"

struct rehoming {
    struct site *site; /* the new one, level with the hub */
    struct log *log;   /* the old one's */
    struct keyring *ring;
    uint32_t stream; /* the old one */
    uint8_t key[PUBLIC_KEY_SIZE];
    void (*progress)(void *context, uint64_t done, uint64_t all); /* may be NULL */
    void *context;
    bool (*stays)(void *twices, uint64_t id, const struct event *event); /* which ones do not move; may be NULL */
    void *twices;
};

struct rehomed_report {
    uint64_t at_hub;   /* the same bytes are there */
    uint64_t rehomed;  /* moved, now or before */
    uint64_t same_ref; /* the hub has another event with the same ref: it counts for both */
    uint64_t left;
    uint64_t stayed;
};

int rehome(const struct rehoming *rehoming, struct rehomed_report *report, struct err *err);

#endif
