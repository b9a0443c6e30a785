/* The key ring: customers' keys and strong-key tags, an environment of its own beside the log, so that a key can be
 * destroyed for good while the log never changes.
 *
 * Keys are wrapped (sealed) with the site's master key and write-once under (id, fingerprint): two keys can stand under
 * one id (a clone wrote there); readers try each. A destroyed key leaves its fingerprint as a tombstone and is never
 * taken again. Order everywhere: ring, log, fold, ack. A key whose event never reached the log is harmless: when the
 * writer hands out the same id again, `replace` puts the orphan and its tags away in the same transaction.
 *
 * Port: the LMDB form (keyring_lmdb.c) and the in-memory one (keyring_mem.c) pass one contract suite. Thread: any, a
 * second writer waits; the in-memory form is for one thread. Every put is durable when it returns. */
#ifndef DANGOL_PROTO_EVENT_KEYRING_H
#define DANGOL_PROTO_EVENT_KEYRING_H

#include "proto/event/seal.h"

#define RING_TAGS_MAX 3

/* A put whose key was destroyed here, under whatever id, is passed over with its tags; so are tags for an id all of
 * whose keys were destroyed. */
struct ring_put {
    uint64_t id;
    bool has_key; /* false: only tags are added to the id */
    struct customer_key key;
    struct tag tags[RING_TAGS_MAX];
    size_t tag_count;
    bool replace; /* the writer is giving this id out now: any key under it is an orphan */
};

struct ring_key {
    struct customer_key key;
    uint8_t fingerprint[FINGERPRINT_BYTES];
    bool destroyed; /* a tombstone: key is zero */
};

struct keyring;
struct keyring_ops {
    int (*put)(struct keyring *ring, const struct ring_put *puts, size_t count, struct err *err);
    /* Up to `max` keys of an id, live ones first; returns how many, negative on error. */
    int (*get)(struct keyring *ring, uint64_t id, struct ring_key *out, size_t max, struct err *err);
    /* Up to `max` ids that carry a tag, ascending; returns how many. */
    int (*find)(struct keyring *ring, const struct tag *tag, uint64_t *out, size_t max, struct err *err);
    /* Up to `max` tags of an id of one kind; returns how many. */
    int (*tags)(struct keyring *ring, uint64_t id, uint8_t kind, struct tag *out, size_t max, struct err *err);
    int (*untag)(struct keyring *ring, uint64_t id, const struct tag *tag, struct err *err);
    /* Destroys every key of an id and its tags. 0 also when there is none left. The bytes may still stand in the ring's
     * files until `renew`. */
    int (*destroy)(struct keyring *ring, uint64_t id, struct err *err);
    /* Puts a new generation in the ring's place, in which nothing is left of what was destroyed; durable with 0. A
     * crash leaves the one or the other, whole. Readers go on meanwhile, writers wait. */
    int (*renew)(struct keyring *ring, struct err *err);
    /* Calls `each` for every key, tombstones too; stops when it returns non-zero and returns that. `each` may call the
     * ring. For keys a hub lacks. */
    int (*each)(struct keyring *ring, int (*each)(void *context, uint64_t id, const struct ring_key *key),
                void *context, struct err *err);
    /* Reads everything: unwraps each key, checks its fingerprint and that every tag row has its counterpart.
     * ERR_CORRUPT names what is wrong. */
    int (*verify)(struct keyring *ring, uint64_t *keys, struct err *err);
    /* A small named value kept beside the keys (the site's tag key …), wrapped like them; names have up to 100 bytes.
     * VIEW_NONE clears; get appends, 0 or ERR_NOT_FOUND. */
    int (*set_value)(struct keyring *ring, const char *name, struct view value, struct err *err);
    int (*get_value)(struct keyring *ring, const char *name, struct buf *out, struct err *err);
    void (*close)(struct keyring *ring);
};
struct keyring {
    const struct keyring_ops *ops; /* first member of every form */
};

int keyring_lmdb_open(const char *directory, const uint8_t master[KEY_BYTES], const struct env *env,
                      struct keyring **out, struct err *err);
/* With another map than the default of 16 GiB (sparse). */
int keyring_lmdb_open_sized(const char *directory, uint64_t map_bytes, const uint8_t master[KEY_BYTES],
                            const struct env *env, struct keyring **out, struct err *err);
struct keyring *keyring_mem_open(const uint8_t master[KEY_BYTES], const struct env *env);
/* Was a key destroyed since the last renew? Then a disk would still hold its bytes. */
bool keyring_mem_remains(struct keyring *ring);
/* What an image of its disk holds; `ring` is an in-memory one with this master key. */
struct keyring *keyring_mem_copy(struct keyring *ring, const uint8_t master[KEY_BYTES], const struct env *env);
/* Writes a copy on new pages to `directory`, which must not exist: a backup, in which nothing is left of destroyed
 * keys. Writers wait meanwhile. */
int keyring_lmdb_compact(struct keyring *ring, const char *directory, struct err *err);

#endif
