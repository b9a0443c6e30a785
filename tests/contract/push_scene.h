/* A hub and one connection to it, played by the test with an impostor's hand: the ground that the tests of PUSH stand
 * on. One scene a process; assertions are Criterion's. Thread: one. */
#ifndef DANGOL_TESTS_CONTRACT_PUSH_SCENE_H
#define DANGOL_TESTS_CONTRACT_PUSH_SCENE_H

#include "tests/support/peer.h"

extern struct region_net net;
extern struct impostor kim; /* of stores[0] */
extern struct peer line;    /* hers, welcome */

void push_scene_prepare(void);
void push_scene_done(void);

uint64_t at_hub(void);
void holds(uint64_t count);                         /* the hub has exactly the first `count` of her events */
void acked(const struct peer *peer, uint64_t seq);  /* the newest message is an ACK with a receipt up to there */
void refused(int code, const char *words);          /* the line was closed for this reason */
void again(void);                                   /* a new line, welcome */
struct message some(uint64_t from, uint32_t count); /* a PUSH of her events (from, from + count] */
void push(uint64_t from, uint32_t count);           /* sends it and settles */
void post(struct peer *peer, uint64_t from, uint32_t count); /* sends it */
/* A PUSH of her first five with a key for `id`, boxed for `receiver`. */
struct message with_key(uint64_t id, const uint8_t receiver[PUBLIC_KEY_SIZE]);
int keys_of(uint64_t id); /* at the hub */

#endif
