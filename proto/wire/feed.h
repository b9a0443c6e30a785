/* A FEED's content: events of the people a store serves, and the streams that come in full.
 *
 *   events  zstd of [id, received, frame] one after the other; received: when the hub took it, ms UTC
 *   heads   [stream, key, certificate, seq, chain, signature] one after the other: of each stream that is sent in full.
 *           certificate: the root's word on the key of a hub's own stream, else nil; seq, chain, signature: its signed
 *           head, where this FEED ends just there, else 0, nil, nil
 *   streams [stream, seq] one after the other: what HELLO holds and WELCOME wants
 *
 * An event whose stream stands in `heads` is held in full by the store, any other in part. Reading borrows from the
 * bytes, bounds them, and stops at the first thing that is not as it should be. Pure; a packer belongs to a thread. */
#ifndef DANGOL_PROTO_WIRE_FEED_H
#define DANGOL_PROTO_WIRE_FEED_H

#include "proto/base/cursor.h"
#include "proto/wire/batch.h"

#define FEED_RULES 2         /* version of the rules of interest (hub/interest.h): another one starts the feed over */
#define FEED_STREAMS_MAX 128 /* in `held` and `wanted` */

/* Where a feed stands: a place in the hub's log, and the log chain there, by which it is known to be the same log. */
struct feed_cursor {
    uint32_t incarnation;
    uint64_t position; /* 0: nothing fed yet */
    uint8_t chain[CHAIN_SIZE];
    uint32_t rules;
};

struct feed_event {
    uint64_t id;
    int64_t received;
    struct view frame;
};
void feed_event_write(struct buf *out, const struct feed_event *event);
/* 1, 0 at the end, or ERR_FORMAT; a frame has been checked (frame_check). */
int feed_event_next(struct cursor *events, struct feed_event *out, struct err *err);

struct feed_head {
    uint32_t stream;
    struct view key, certificate; /* VIEW_NONE: none */
    uint64_t seq;                 /* 0: none */
    struct view chain, signature;
};
void feed_head_write(struct buf *out, const struct feed_head *head);
int feed_head_next(struct cursor *heads, struct feed_head *out, struct err *err); /* as feed_event_next */

void feed_stream_write(struct buf *out, uint32_t stream, uint64_t seq);
int feed_stream_next(struct cursor *streams, uint32_t *stream, uint64_t *seq, struct err *err);

/* Compresses `events` and fills in cursor, events, count and size; the rest is the caller's. The views borrow from the
 * packer and the cursor. ERR_LIMIT past BATCH_EVENTS_MAX or BATCH_BYTES_MAX. */
int feed_pack(struct batch_packer *packer, const struct feed_cursor *cursor, struct view events, uint32_t count,
              struct message_feed *out, struct err *err);
/* Appends the events, to be read with feed_event_next. */
int feed_unpack(const struct message_feed *feed, struct buf *events, struct err *err);

#endif
