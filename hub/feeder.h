/* The feeder: tells every store on the line what happens with the people it serves (DESIGN, section 6).
 *
 * Each session has a cursor, a place in the hub's log up to which its store has been told everything it is to know.
 * One scan moves all cursors: it starts at the lowest, and those it meets go on with it. Of each record it asks who
 * serves the person it is about (interest.h) and puts it into their parcels; the hub's own streams, and the other
 * streams of the same store, go to a store in full. Where a record makes somebody new to a store (its first word about
 * them, a link with somebody it serves), that person's whole history goes first. What a store has already it passes
 * over, so sending twice is harmless and nothing here needs to be durable.
 *
 * A parcel's cursor is never beyond what the store has got with it. A store that does not answer gets FEED_UNANSWERED
 * bytes at most. Level stores hear so, not more often than twice a second, less often where they are many; and once a
 * minute at most, when nothing comes while it is taken, the digest over their people, which theirs must equal.
 * Thread: feeder_step from one (the daemon's feeder thread, or a test by hand); it holds the site's state shortly.
 * Locks: session->lock for what both touch. Comes after: ingest, the judge. Before: the store's node/feed. */
#ifndef DANGOL_HUB_FEEDER_H
#define DANGOL_HUB_FEEDER_H

#include "hub/desk.h"
#include "hub/interest.h"

#define FEED_SCAN 10000u                /* records looked at in one step */
#define FEED_UNANSWERED (1u << 20)      /* bytes a store may have on the line without a FED */
#define FEED_HUB_UNANSWERED (32u << 20) /* and all of them together */
#define FEED_PATIENCE_MS 60000          /* a store that takes no FEED for so long is dropped */
#define FEED_STEP_BYTES (16u << 20)     /* of all parcels of one step */
#define FEED_TOLD_MAX 4096              /* people whose history a session remembers to have sent */
#define FEED_LEVEL_EVERY_MS 500         /* a store hears at most so often that it is level … */
#define FEED_LEVELS 800                 /* … and so many of them in a second */
#define FEED_DIGEST_EVERY_MS 60000

struct feeder;
struct feeder *feeder_open(struct desk *desk);
void feeder_close(struct feeder *feeder);
/* One step; false: nothing to do until the log grows, a store answers, or feeder_due. */
bool feeder_step(struct feeder *feeder);
/* Did the last step reach the end of the log? Then the next one may wait for more to gather. */
bool feeder_at_end(const struct feeder *feeder);
/* ms until a store is to be told that it is level; -1: nobody waits for it. */
int64_t feeder_due(const struct feeder *feeder);

#endif
