/* Rows of a key ring under its master key, see ring_row.h. Inside proto/event only. Pure. */
#ifndef DANGOL_PROTO_EVENT_RING_SEAL_H
#define DANGOL_PROTO_EVENT_RING_SEAL_H

#include "proto/event/ring_row.h"
#include "proto/event/ring_store.h"

void ring_seal(const struct customer_key *master, struct view row_key, struct view plain, const struct env *env,
               struct buf *out);
int ring_unseal(const struct customer_key *master, struct view row_key, struct view sealed, struct buf *out);

/* Reads a key row: its sizes, its seal, its fingerprint. ERR_CORRUPT names the id. */
bool ring_row_dead(const struct ring_row *row); /* its key was destroyed */
int ring_unseal_key(const struct customer_key *master, const struct ring_row *row, uint64_t *id, struct ring_key *out,
                    struct err *err);

/* The tag of a row of either kind; false when the row has a wrong size. */
bool ring_tag_of(struct view row_key, struct tag *out);

#endif
