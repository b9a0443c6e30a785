/* One end of a line to the hub of a region_net, played by the test: sends bytes and keeps what comes back.
 * Memory: the peer's, until peer_close; must not move. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_PEER_H
#define DANGOL_TESTS_SUPPORT_PEER_H

#include "tests/support/impostor.h"
#include "tests/support/region_net.h"

#define PEER_INBOX 64

struct peer {
    struct region_net *net;
    struct transport *transport;
    struct connection *connection; /* NULL: closed */
    struct err closed;
    struct buf inbox[PEER_INBOX]; /* the first ones that came */
    size_t count;
    size_t acks, gaps;   /* of all that came: with a receipt, without */
    bool silent;         /* leaves feeds unanswered */
    size_t feeds;        /* that came, and were answered; the inbox does not have them */
    struct message last; /* borrows from `last_bytes` */
    struct buf last_bytes;
};

void peer_dial(struct peer *peer, struct region_net *net); /* aborts when nobody listens */
void peer_close(struct peer *peer);
void peer_hang_up(struct peer *peer);

void peer_send(struct peer *peer, struct view bytes); /* and settles */
void peer_send_message(struct peer *peer, const struct message *message);
void peer_post(struct peer *peer, const struct message *message); /* without settling */
/* The newest message that came, type 0: none yet. */
const struct message *peer_last(const struct peer *peer);
/* Was it refused, and the line closed? The text is that of the ERROR message, "" without one. */
bool peer_refused(const struct peer *peer, int code, const char *words);

/* Knocks and takes the nonce; says HELLO and takes the welcome. False: refused. */
bool peer_knock(struct peer *peer, struct impostor *impostor);
bool peer_hello(struct peer *peer, struct impostor *impostor);
bool peer_enter(struct peer *peer, struct impostor *impostor, struct region_net *net); /* dials, knocks, says hello */

/* An impostor for the n-th store of the net (key of its own), which shows the store's secret. */
void peer_impostor(struct impostor *impostor, const struct region_net *net, size_t store, uint8_t seed);

#endif
