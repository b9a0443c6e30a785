/* A session's seat at the feed: how far its store has been told, and what it has not answered yet.
 * Thread: `outstanding` and what stands with it under the session's lock; the rest is the feeder's once the session is
 * open. */
#ifndef DANGOL_HUB_FEED_SEAT_H
#define DANGOL_HUB_FEED_SEAT_H

#include "hub/directory.h"
#include "proto/base/idmap.h"
#include "proto/site/site.h"
#include "proto/wire/feed.h"
#include "proto/wire/message.h"

#define FEED_OUTSTANDING 64 /* FEEDs without a FED */

struct feed_seat {
    struct feed_cursor cursor;
    struct idmap told;        /* customers whose history went out in this session → all before this position */
    bool level_told;          /* at this cursor … */
    uint64_t level_seq;       /* … with this sequence of the store's */
    int64_t level_at;         /* monotonic ms; 0: not yet */
    uint64_t digest_position; /* of the hub's log when the store was last told a digest; 0: not yet */

    size_t outstanding[FEED_OUTSTANDING]; /* bytes of each FEED not answered, the oldest first */
    size_t outstanding_count, unanswered; /* unanswered: their sum */
    int64_t waiting_since;                /* monotonic ms of the oldest, or of the last answer */
    bool start_over;                      /* the store said so: everything is told again, once a session */
    bool differs;                         /* the store found another digest than the hub's */

    struct directory_seat directory; /* of VIPs: how much of it the store has */

    /* Where the store stood when it had been told of the newest erasure: under the session's lock. */
    uint64_t told_position, told_seq; /* 0: not yet */
};

/* Does the cursor a store shows belong to this log? Else it starts over. */
void feed_seat_open(struct feed_seat *seat, struct site *site, const struct message_greeting *greeting);
void feed_seat_start_over(struct feed_seat *seat); /* by the feeder */
void feed_seat_close(struct feed_seat *seat);
void feed_seat_sent(struct feed_seat *seat, size_t bytes, int64_t now);
/* A FED came, at any time. False: nothing was outstanding. */
bool feed_seat_answered(struct feed_seat *seat);
/* The FED says how far the store is told, and how far its own stream was then. Kept until `newest`, the position of the
 * newest erasure, is behind that. */
void feed_seat_told(struct feed_seat *seat, const struct message_fed *fed, uint64_t newest);

#endif
