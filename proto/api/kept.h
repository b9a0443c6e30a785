/* Answers kept in memory, so that the same question is not worked out again while nothing it rests on has changed.
 *
 * An answer whose command has told its grounds (struct grounds) holds until one of them is touched or its time is over,
 * whatever happens to everybody else; any other one until the next event or minute. What is kept is one role's and
 * store's, and its bytes are those that were sent the first time, with the same ETag. Who asks is checked before, and
 * every answer is recorded as a look, kept or not.
 *
 * Bounded: KEPT_BYTES, those that nobody asks for again go first. Cards are packed, with the first ones as dictionary
 * (alike.h). Wiped as they go, and all of them when somebody is erased, with the dictionary.
 * Thread: any. Ownership: what is found is copied out. Comes after: news.h. Before: command.c. */
#ifndef DANGOL_PROTO_API_KEPT_H
#define DANGOL_PROTO_API_KEPT_H

#include "proto/command/command.h"

#define KEPT_BYTES ((size_t)128 << 20)   /* some 450,000 cards */
#define KEPT_ONE_MAX ((size_t)256 << 10) /* of one answer: larger ones are not kept */
#define KEPT_KEY 16
#define KEPT_TAG 24

struct kept_answer {
    struct buf body;
    char tag[KEPT_TAG]; /* ETag */
    struct buf link;    /* empty: no more pages */
    uint64_t *ids;      /* who is shown */
    size_t count;
};
void kept_answer_release(struct kept_answer *answer);

struct kept;
struct kept *kept_open(struct site *site, size_t bytes);
void kept_close(struct kept *kept); /* NULL is fine */

/* True: `out` is filled. False: to be worked out; `*then` goes to kept_put. `together`: whoever asks the same meanwhile
 * waits for what comes of it, so kept_end is to be called, with or without a kept_put before. */
bool kept_find(struct kept *kept, const uint8_t key[KEPT_KEY], bool together, uint64_t *then, struct kept_answer *out);
void kept_put(struct kept *kept, const uint8_t key[KEPT_KEY], const struct kept_answer *answer,
              const struct grounds *grounds, uint64_t then);
void kept_end(struct kept *kept, const uint8_t key[KEPT_KEY]);

struct kept_figures {
    uint64_t found, asked;
    size_t answers, bytes;
};
void kept_figures(struct kept *kept, struct kept_figures *out);

#endif
