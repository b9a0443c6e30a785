/* The desk behind all sessions: what they share. One for a running hub.
 * Thread: `lock` guards the table of sessions, the lists of waiting ones, the door and each session's count of
 * references; everything else is constant after desk_open or locks for itself.
 * Locks are taken in this order: session->lock, desk->greeting, the site's, desk->lock, visits'. */
#ifndef DANGOL_HUB_DESK_H
#define DANGOL_HUB_DESK_H

#include "hub/directory.h"
#include "hub/door.h"
#include "hub/ingest.h"
#include "hub/lacking.h"
#include "hub/visits.h"
#include "proto/base/idmap.h"
#include "proto/base/journal.h"
#include "proto/wire/transport.h"

#define STORE_CREDIT (4u << 20) /* bytes of PUSH a store may have in flight at most; less when many share the room */
/* What it may have unanswered at most: the last PUSH may go beyond the credit, and after a gap the store sends again
 * what was on its way. */
#define STORE_IN_FLIGHT_MAX (3 * (size_t)STORE_CREDIT)
/* And what all together may hold of PUSHes for which ingest has no room: more than their credits come to while few come
 * and go. Who brings more is to come back. */
#define DESK_HELD_MAX (32u << 20)
#define HELD_RETRY_MS 2000
#define STRANGER_DEADLINE_MS 10000 /* from the connection to a proven HELLO */
#define HUB_TROUBLE_RETRY_MS 30000 /* a store comes back after this when the hub cannot write */
#define REBUILDING_RETRY_MS 1000   /* and while it comes back after a recovery */
#define SILENCE_DEADLINE_MS 90000  /* a store pings every 30 s */

struct session;

struct desk {
    struct site *site;
    struct ingest *ingest;
    struct journal journal;
    struct mutex lock;
    struct mutex greeting;        /* one HELLO at a time: keys, session tokens and visits are read and written again */
    struct idmap sessions;        /* stream + 1 → struct session *: the proven one */
    size_t held, held_most;       /* bytes of PUSHes that `waiting` ones hold, and may */
    size_t handing, handing_most; /* bytes that stores have handed back so far and that are not whole, and may */
    size_t handing_one;           /* of these one stream's may be */
    struct session *waiting;      /* sessions that found ingest full, in the order they came */
    struct session *greeted; /* sessions whose visit is noted, in that order: WELCOME goes out when it is written */
    struct visits visits;
    struct lacking lacking;
    _Atomic uint64_t newest_erasure; /* its position (erasing.h); 0: there is none */
    _Atomic bool tag_again;          /* keys came that were lacking: their people are to be judged again */
    _Atomic uint32_t keys_came;      /* so often: such keys are in the ring */
    struct door door;
    struct directory directory;     /* of VIPs; locks for itself */
    _Atomic uint64_t judged;        /* position up to which the judge has spoken */
    void (*answered)(void *feeder); /* a store took a FEED; NULL: nobody asks */
    void *feeder;
    _Atomic uint32_t incarnation; /* the one to be opened now that it is known; 0: none (recovery.h) */
    uint8_t hub_certificate[SIGNATURE_SIZE];
};

void desk_open(struct desk *desk, struct site *site, struct ingest *ingest, FILE *journal);
void desk_close(struct desk *desk); /* after the transport is shut down, ingest closed and desk_welcome called */
/* Before each step of ingest, from its thread: writes the visits that are noted, in one commit, and lets in whoever
 * waits for that; false: there was nothing to do. */
bool desk_welcome(struct desk *desk);
/* After each step of ingest: sessions that waited for room go on. */
void desk_resume(struct desk *desk);
/* The sessions on the line, each with a reference, to be given back one by one with session_release_item. The list is
 * the caller's to free. */
struct session **desk_sessions(struct desk *desk, size_t *count);
/* How many stores are on the line. */
size_t desk_stores(struct desk *desk);
/* Bytes of PUSH that a store may have in flight, for now. */
size_t desk_credit(struct desk *desk);
/* Is a store connected now? */
bool desk_connected(struct desk *desk, uint32_t stream);
/* Ends the connection of a stream that was revoked. */
void desk_drop(struct desk *desk, uint32_t stream, const char *why);

/* The handler for transport_listen. */
struct transport_handler desk_handler(struct desk *desk);

#endif
