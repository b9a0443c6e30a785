/* Erasure at one site (C11). The hub says `erased` with every id of a person; from its fold on nothing of theirs is
 * opened, written or handed out here. What is left to be done is this, in this order, and again after a crash:
 *
 *   keys and tags are destroyed          the ring keeps fingerprints only
 *   the ring gets a new generation       nothing of them is left in its files, nor in rings put aside by `recover`
 *   `key_destroyed` for each key         on this site's own stream: its word that it is done
 *
 * How far it is, the ring and the log tell: a destroyed key of which the stream does not tell yet is still to be done.
 * Thread: any, one at a time (site->forgetting); the caller holds neither `writer` nor `state`. */
#ifndef DANGOL_PROTO_SITE_ERASURE_H
#define DANGOL_PROTO_SITE_ERASURE_H

#include "proto/site/site.h"

/* Does what is left to do; 0 also when that is nothing. A site that may not write now (read-only, or waiting to be told
 * its incarnation) does all but the last. */
int site_forget(struct site *site, struct err *err);
/* Nothing is left to do here, for whomever the hub has erased so far. */
bool site_forgot_all(struct site *site);
/* Takes the state. */
bool site_erased(struct site *site, uint64_t id);
/* The live keys of an id, at most `max`; none of somebody who was erased. Returns how many, negative on error. The
 * caller wipes them. Takes the state. */
int site_keys(struct site *site, uint64_t id, struct customer_key *out, size_t max, struct err *err);
/* Into the ring, but for those of the erased: an id that was erased takes no key again. The caller holds `writer`. */
int site_put_keys(struct site *site, const struct ring_put *puts, size_t count, struct err *err);

/* What a field of the file holds, of somebody erased too, as long as the key is here; appends. */
void site_remembered(struct site *site, uint64_t customer, int bit, struct buf *out);

/* What the hub keeps apart of the erased until every store has heard of it: keyed hashes of strong keys and names, so
 * that a registration from before the erasure is recognised when it comes late. Values of the ring. */
struct apart {
    uint64_t erasure; /* the event */
    struct tag tag;   /* of a strong key, or of a name (TAG_NAME) */
};
/* The caller frees; *count 0: none. */
int apart_load(struct site *site, struct apart **out, size_t *count, struct err *err);
int apart_store(struct site *site, const struct apart *rows, size_t count, struct err *err);
/* The hash of a name as written; false: it is none. */
bool apart_name(struct site *site, struct view written, struct tag *out);

#endif
