/* Words told apart by number: store codes, purposes of contacts, articles. The same few words come millions of times;
 * a number is four bytes and compares at once. Numbers depend on the order of arrival, so nothing outside this process
 * may see one: digests take the text. Owned by the model. */
#ifndef DANGOL_PROTO_MODEL_WORDS_H
#define DANGOL_PROTO_MODEL_WORDS_H

#include "proto/base/bytes.h"
#include "proto/base/idmap.h"
#include "proto/model/vec.h"

struct word_place {
    uint32_t start, length;
    uint32_t next; /* another word of the same hash, or NONE */
};

#define WORDS_RECENT 64 /* a power of two */

struct words {
    uint32_t recent[WORDS_RECENT]; /* numbers lately put, each at a place its first bytes tell; 0: none */
    struct buf text;
    VEC(struct word_place) places;
    struct idmap by_hash; /* → index of the first place with that hash */
};

/* The number of a word, from 1; 0 for VIEW_NONE. */
uint32_t words_put(struct words *words, struct view word);
uint32_t words_find(const struct words *words, struct view word); /* NONE: never seen */
/* Borrowed until the next put; VIEW_NONE for 0. */
struct view words_view(const struct words *words, uint32_t number);
size_t words_memory(const struct words *words);
void words_release(struct words *words);

#endif
