/* What a hub of before gave a receipt for, and the one of now has lost, goes back under its old numbers, also from a PC
 * that gets a new stream because it was restored or cloned: other stores were told of these events by those numbers.
 * Only what no hub had a receipt for moves (rehome.h).
 *
 * It is taken into the new log as a stream of others that is here in full, up to a head that the old key signed; so the
 * hub sees in HELLO that it can have it, and gets it (handback.h). Nothing is brought where the hub has other events
 * under these numbers, or takes no more of the stream.
 * Thread: the recovery's. Comes after: level with the hub. Before: level again, rehome. */
#ifndef DANGOL_NODE_RECEIPTED_H
#define DANGOL_NODE_RECEIPTED_H

#include "proto/site/rehome.h"

/* How far the old stream was receipted, signed with its key while that is at hand; seq 0: not at all. */
void receipted_head(struct site *old, struct head *out);
/* Safe to run again after any end. `*brought`: so many events are to be handed back. */
int receipted_bring(const struct rehoming *rehoming, const struct head *upto, uint64_t *brought, struct err *err);

#endif
