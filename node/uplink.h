/* The uplink: how a store's events reach the hub (DESIGN, section 6), as a machine without a line or a clock.
 *
 *   DOWN ─dial─▶ DIALLING ─▶ KNOCKING ─nonce─▶ GREETING ─welcome─▶ OPEN
 *     ▲                                                            │
 *     └───── closed ────── CLOSING ◀── refused, silent, false ─────┘
 *
 * It is told what happened (uplink_dialled, _message, _closed, _tick) and acts through a `struct uplink_port`. What it
 * must remember across a crash it commits to the log's values: the session token before anything else is sent, the
 * newest receipt, the runs (from seq, received) behind it, and that the hub revoked it. Everything else is found again
 * from the log. The hub's numbers are believed only as far as they agree with this log and with what it said before.
 * Thread: one at a time (line.c's). Comes after: the site's log. Before: the transport. */
#ifndef DANGOL_NODE_UPLINK_H
#define DANGOL_NODE_UPLINK_H

#include "node/feed.h"
#include "node/handback.h"
#include "proto/site/site.h"
#include "proto/wire/batch.h"

#define PUSH_EVENTS 8192u     /* most events in a PUSH */
#define PUSH_BYTES (1u << 20) /* and bytes, before compression */
#define REPEATED_EVENTS 3000u /* most in one that tells when they were received before */
#define PUSHES_IN_FLIGHT 16
#define CREDIT_MAX (8u << 20) /* whatever the hub allows: more would not fit into the transport's queue */
#define GATHER_MS 500         /* when the hub gives little credit, live events are gathered for so long */
#define GATHER_CREDIT 262144u /* … less than this */
#define PUSH_LEAST 16384u     /* bytes that a PUSH may always have before compression */
#define PUSH_LEVEL 1          /* zstd: on such data the higher ones cost more and save nothing */
#define PING_MS 30000
#define SILENCE_MS 90000
#define RETRY_FIRST_MS 500
#define RETRY_LAST_MS 30000

enum uplink_state { UPLINK_DOWN, UPLINK_DIALLING, UPLINK_KNOCKING, UPLINK_GREETING, UPLINK_OPEN, UPLINK_CLOSING };

struct uplink_port {
    /* `uplink_dialled` or `uplink_closed` follows, never from within; when it fails neither. */
    int (*dial)(void *context, const char *address, struct err *err);
    int (*send)(void *context, struct view message);
    void (*close)(void *context); /* `uplink_closed` follows, never from within; nothing to do without a connection */
    void *context;
};

struct pushed {
    uint64_t last; /* seq */
    uint8_t chain[CHAIN_SIZE];
    size_t bytes;
};

/* Sequences from `from` on (up to the next run's) were received by the hub at this time. */
struct run {
    uint64_t from;
    int64_t received;
};
#define RUNS_UNSAVED 64

struct uplink {
    struct site *site;
    struct uplink_port port;
    struct journal journal;
    enum uplink_state state;
    struct batch_packer *packer;
    size_t address; /* which of the config's to dial next */

    uint8_t nonce[NONCE_SIZE];
    uint8_t hub_key[PUBLIC_KEY_SIZE];
    struct head sent; /* head behind the last event pushed on this connection */
    struct pushed in_flight[PUSHES_IN_FLIGHT];
    size_t in_flight_count, in_flight_bytes;
    uint64_t credit;

    uint64_t acked; /* last sequence the hub has for certain */
    uint8_t acked_chain[CHAIN_SIZE];
    struct buf receipt; /* newest, encoded; empty: none yet */
    uint64_t receipted; /* its sequence; above `acked` while a hub that was restored gets it all again */
    uint32_t receipt_incarnation;
    struct run runs[RUNS_UNSAVED]; /* acked since uplink_settle last committed */
    size_t run_count;
    bool unsaved; /* the last commit of them failed: said already */
    uint64_t token_number;
    uint8_t token[TOKEN_SIZE];
    uint32_t incarnation; /* highest of the hub that was seen */

    int64_t pushed_at;                                      /* the newest PUSH */
    int64_t now, heard_at, pinged_at, retry_at, retry_wait; /* monotonic ms */
    uint64_t ping_number;
    struct feed feed;
    struct handback handback;
    struct err trouble; /* why the last attempt failed; code 0: none */
    bool refused;       /* the hub said that somebody must act first */
    bool explained;     /* this connection's end has its reason already */

    /* A recovery: asks for a new stream under this key (NULL: it does not), and then stays down. */
    const uint8_t *new_key;
    uint32_t moved_stream, moved_incarnation; /* the answer; 0: none yet */
};

int uplink_open(struct uplink *uplink, struct site *site, const struct uplink_port *port, FILE *journal,
                struct err *err);
void uplink_release(struct uplink *uplink);

void uplink_clock(struct uplink *uplink, int64_t now); /* monotonic ms: of what is told next */
void uplink_tick(struct uplink *uplink, int64_t now);  /* time passed or the log grew: dial, push, ping as due */
void uplink_dialled(struct uplink *uplink);
void uplink_message(struct uplink *uplink, struct view bytes);
void uplink_closed(struct uplink *uplink, const struct err *err); /* also: could not dial */
/* Commits what acks brought; after a burst of messages, once. */
void uplink_settle(struct uplink *uplink);
void uplink_bye(struct uplink *uplink);
void uplink_try_now(struct uplink *uplink); /* somebody asked: forget the wait */

/* ms until uplink_tick has something to do by itself. */
int64_t uplink_due(const struct uplink *uplink);
/* Everything of ours is at the hub, durably, and it is on the line. */
bool uplink_level(const struct uplink *uplink);

/* uplink_push.c. False: it did not fit, and uplink_fail has said so. */
bool uplink_start_from(struct uplink *uplink, uint64_t next_seq, uint32_t incarnation, struct view receipt);
/* When the hub before this one received our events from `first` on: runs for a PUSH; returns how many of `count` events
 * they tell of, 0: none of them. */
uint64_t uplink_received(struct uplink *uplink, uint64_t first, uint64_t count, struct buf *runs);
void uplink_push(struct uplink *uplink);
void uplink_hand_keys(struct uplink *uplink, struct list wanted); /* of customers: a PUSH of nothing else */
void uplink_handback(struct uplink *uplink);                      /* handback.c: the next part, if it is time */
void uplink_ack(struct uplink *uplink, const struct message_ack *ack);
void uplink_fail(struct uplink *uplink, bool refused, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
size_t uplink_send(struct uplink *uplink, const struct message *message); /* its bytes */

#endif
