/* The feed's other end: takes what the hub tells about the people this store serves into the log, beside its own
 * events.
 *
 * A FEED is one append: events this log does not have yet, keys of their people to the ring before, the cursor with
 * it. Streams that come in full are chained on, and held to the signed head where there is one; a hub's own stream to
 * the root's word on its key. What the log has already must be the same bytes: otherwise one of the two is an older
 * copy, or forked. Strong keys of people new here get their tags, so that the counter finds them. Thread: the
 * uplink's. Comes after: hub/feeder. Before: the log, the fold. */
#ifndef DANGOL_NODE_FEED_H
#define DANGOL_NODE_FEED_H

#include "proto/base/journal.h"
#include "proto/site/site.h"
#include "proto/wire/feed.h"

struct feed {
    struct site *site;
    struct journal journal;
    struct feed_cursor cursor; /* as told last; the log's value may lag behind while nothing comes */
    bool level;                /* the hub had nothing more to tell … */
    uint64_t level_seq;        /* … when it had this sequence of ours */
    bool differs;              /* the hub's digest over our people is not ours */
    bool restarted;            /* and that has started the feed over once */
    bool contradicted;         /* it has other events of its own present stream than it told before */
    uint8_t own[8];            /* of the last FED */
};

void feed_open(struct feed *feed, struct site *site, FILE *journal);
/* A new connection: nothing is level until the hub says so. */
void feed_begin(struct feed *feed);
/* 0: durable, `*fed` is the answer. Negative: nothing was taken; ERR_CONFLICT: the hub tells other events than are
 * here; where what was told before has to give way that is noted (retell.h). The cursor may have been set back, so that
 * the next connection starts over. */
int feed_take(struct feed *feed, const struct message_feed *message, struct message_fed *fed, struct err *err);
/* What HELLO says of it. */
void feed_greet(const struct feed *feed, struct message_greeting *greeting);
/* Our people as the hub sees them, up to our sequence `seq`. */
bool feed_level(const struct feed *feed, uint64_t seq);

#endif
