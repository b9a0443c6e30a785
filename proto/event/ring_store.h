/* What a key ring stands on: an ordered table of small rows with transactions. A port inside proto/event, so that the
 * ring's rules are written once (keyring.c) over LMDB (keyring_lmdb.c) and over memory (keyring_mem.c).
 *
 * Keys are compared as bytes. What a transaction gives out is valid until its next put or remove, or its end.
 * Thread: any number of readers and one writer at a time; `begin` for writing waits. */
#ifndef DANGOL_PROTO_EVENT_RING_STORE_H
#define DANGOL_PROTO_EVENT_RING_STORE_H

#include "proto/event/keyring.h"

struct ring_row {
    struct view key;
    struct view value;
};

struct ring_store;
struct ring_txn;

struct ring_store_ops {
    int (*begin)(struct ring_store *store, bool write, struct ring_txn **out, struct err *err);
    /* The first row whose key is not below `from`: 0 or ERR_NOT_FOUND. */
    int (*seek)(struct ring_txn *txn, struct view from, struct ring_row *out, struct err *err);
    int (*put)(struct ring_txn *txn, struct view key, struct view value, struct err *err);
    int (*remove)(struct ring_txn *txn, struct view key, struct err *err); /* 0 also when there is none */
    /* Ends the transaction whatever it returns: durable with 0, otherwise nothing of it is there. */
    int (*commit)(struct ring_txn *txn, struct err *err);
    void (*abort)(struct ring_txn *txn);
    /* keyring_ops.renew; no transaction of this thread is open. */
    int (*renew)(struct ring_store *store, struct err *err);
    void (*close)(struct ring_store *store);
};

struct ring_store {
    const struct ring_store_ops *ops; /* first member of every form */
};

/* A ring over a store, which it owns from then on, also on failure. A new store is marked with the master key; another
 * master is refused with ERR_AUTH. */
int keyring_open(struct ring_store *store, const uint8_t master[KEY_BYTES], const struct env *env, struct keyring **out,
                 struct err *err);
struct ring_store *keyring_store(struct keyring *ring);

#endif
