/* Handing back: streams that are not a store's own, pushed by a store that holds them in full up to a signed head: a
 * hub's former streams, those of its own store's PCs of before. What is asked for stands in WELCOME (`wanted`); any
 * number of stores may bring the same, and what is here already is acked.
 *
 * A stream comes in parts, each acked when it is in memory; the last one carries the signed head (the others zeros).
 * Only then chain and signature are held against what is here, and all of it is one append. A hub's key is believed
 * by the root's word.
 *
 * Of a hub's former stream that is here already the last event is asked for all the same, once of every store that this
 * incarnation has not fed yet: its signed head tells whether both copies are one. When they part, all of it is asked
 * for, and kept (branch.h). Until then the store is fed nothing: it would have to choose.
 * Thread: as the session's. */
#ifndef DANGOL_HUB_HANDING_H
#define DANGOL_HUB_HANDING_H

#include "hub/ingest.h"
#include "proto/model/vec.h"

#define HANDING_MOST (1u << 30)      /* bytes of one stream's parts in memory: one that is larger goes alone … */
#define HANDING_GUEST (64u << 20)    /* … and of a guest's, when nothing is waited for … */
#define HANDING_TOGETHER (96u << 20) /* … and of all that stores bring at once; whose would be more comes again */

struct session;

struct handing_stream {
    uint32_t stream;
    uint64_t last; /* the store holds it up to here */
    bool done;
};

struct handing {
    VEC(struct handing_stream) wanted;
    bool brought;       /* something that was not here */
    bool offered;       /* a copy of the newest former stream of the hub's, whole or not */
    struct batch batch; /* parts so far; count 0: none */
    size_t counted;     /* bytes of it among desk->handing */
    bool parts;         /* all of this stream is asked for, from the first event on */
    uint32_t parting;
};

/* What of `held` is wanted; appends it as WELCOME tells. */
void handing_plan(struct session *session, const struct message_greeting *greeting, struct buf *wanted);
bool handing_push(struct session *session, const struct message_push *push); /* true: read on */
/* After WELCOME, and after each stream that came: is that all? Then the judge may judge, and a guest goes. */
void handing_settle(struct session *session);
/* Is something of a hub's own on its way? */
bool handing_waits(const struct handing *handing);
void handing_release(struct session *session);

#endif
