/* Handing back: a hub that was restored or rebuilt gets the streams of others that it lacks (its own of before, those
 * of this store's PCs of before) from a store that holds them in full up to a signed head. WELCOME tells which are
 * wanted from where; they go as PUSHes of that stream, a part at a time, each acked; the last part carries the signed
 * head. A WELCOME without a session token is for a guest: the hub does not know this store yet, and only that is to be
 * done.
 * Thread: the uplink's. */
#ifndef DANGOL_NODE_HANDBACK_H
#define DANGOL_NODE_HANDBACK_H

#include "proto/site/site.h"
#include "proto/wire/message.h"

#define HANDBACK_EVENTS 3000u /* most in a part: each may have its own time of receipt */

struct handback {
    struct buf wanted; /* of WELCOME */
    size_t read;       /* so many bytes of it are done */
    struct head last;  /* seq 0: none is being handed back; else the signed head it goes up to */
    uint64_t next;
    bool waiting; /* for the ACK of a part */
    bool guest;
};

void handback_begin(struct handback *handback, const struct message_welcome *welcome);
bool handback_busy(const struct handback *handback);
/* Is it the answer to a part? */
bool handback_ack(struct handback *handback, const struct message_ack *ack);
void handback_release(struct handback *handback);

/* What HELLO tells: [stream, seq] of each stream of others that is here in full up to its signed head. */
void handback_held(struct site *site, struct buf *out);
/* The newest signed head of such a stream is kept beside the log: the head itself may have gone on unsigned. */
#define HANDBACK_HEAD_NAME 24
#define HANDBACK_HEAD_SIZE (8 + CHAIN_SIZE + SIGNATURE_SIZE)
struct view handback_head_name(uint32_t stream, char out[HANDBACK_HEAD_NAME]);
void handback_head_write(const struct head *head, uint8_t out[HANDBACK_HEAD_SIZE]);

#endif
