/* Texts to numbers: each different text gets the next number, from 0, so that what is known about it can stand in a
 * plain array. For cards, baskets and refs of a file. The hash is keyed: no file can make its texts collide on purpose.
 * Memory: the texts are the caller's and outlive the table. Thread: its owner's. */
#ifndef DANGOL_NODE_NAMES_H
#define DANGOL_NODE_NAMES_H

#include "proto/base/bytes.h"
#include "proto/base/env.h"
#include "proto/base/idmap.h"

#define NAMES_KEY_BYTES 16
#define NAMES_NONE UINT32_MAX

struct name {
    struct view text;
    uint32_t next; /* another text with the same hash, or NAMES_NONE */
};

struct names {
    uint8_t key[NAMES_KEY_BYTES];
    struct idmap index; /* hash → number + 1 of the newest */
    struct name *items;
    size_t count, cap;
};

void names_init(struct names *names, const struct env *env);
void names_release(struct names *names);
void names_clear(struct names *names); /* keeps the memory */

/* The number of a text, which is added when it is new. `*added` (may be NULL) says which. */
uint32_t names_put(struct names *names, struct view text, bool *added);
uint32_t names_find(const struct names *names, struct view text); /* or NAMES_NONE */

#endif
