/* A store's uplink whose line ends in the test: the ground that the uplink's tests stand on. The test plays the hub, as
 * honestly as it likes. One scene a process; assertions are Criterion's. Thread: one. */
#ifndef DANGOL_TESTS_CONTRACT_UPLINK_SCENE_H
#define DANGOL_TESTS_CONTRACT_UPLINK_SCENE_H

#include "node/uplink.h"
#include "tests/support/region_net.h"

/* What the uplink did with its port, and how that answers. */
struct fake_line {
    size_t dials, closes, sent, pushes;
    struct message last; /* borrows from `bytes` */
    struct buf bytes;
    bool refuses_dial, refuses_send;
};

extern struct region_net region; /* stores[0] is the uplink's; its own one is not used */
extern struct site *site;
extern struct uplink uplink;
extern struct signer hub; /* whose hand the test lends */
extern struct fake_line wire;

void uplink_scene_prepare(void);
void uplink_scene_done(void);
void uplink_scene_restart(void); /* the uplink alone */

/* What the hub says. */
void hear(const struct message *message);
void say_nonce(uint64_t version);
struct message_welcome honest_welcome(uint64_t held); /* its receipt is valid until the next receipt_for */
void welcome(const struct message_welcome *body);
void ack(uint64_t next_seq, struct view with, uint64_t credit);
void ack_to(uint64_t seq);         /* an honest one */
void level_to(uint64_t seq);       /* a FEED without events: nothing more to tell, with the store's events up to here */
struct head head_at(uint64_t seq); /* the store's own */
struct view receipt_for(const struct head *head);

/* How far the two of them have come, asserted. */
void knocked(void); /* the store waits for a nonce */
void greeted(void); /* for a welcome */
void opened(uint64_t held);
void closed(void); /* the line is gone */
/* The uplink gave up for this reason, said so, and neither says nor hears anything more; then the line is gone. */
void gives_up(int code, bool refused, const char *words);
void wait_for_dial(void); /* lets the time pass until the next attempt */

void pass(int64_t ms);
void sell(size_t count);            /* in one commit */
void sell_one_by_one(size_t count); /* each goes out in a PUSH of its own */

#endif
