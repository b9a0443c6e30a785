/* Walking a whole key ring, a page of rows to a read transaction. Inside proto/event only. */
#ifndef DANGOL_PROTO_EVENT_RING_VERIFY_H
#define DANGOL_PROTO_EVENT_RING_VERIFY_H

#include "proto/event/ring_store.h"

/* keyring_ops.each: no transaction is open while `each` is called. */
int ring_scan_keys(struct ring_store *store, const struct customer_key *master,
                   int (*each)(void *context, uint64_t id, const struct ring_key *key), void *context, struct err *err);
/* keyring_ops.verify. */
int ring_verify_rows(struct ring_store *store, const struct customer_key *master, uint64_t *keys, struct err *err);

#endif
