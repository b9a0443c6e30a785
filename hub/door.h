/* The door: how many strangers stand in it, how many may say HELLO in a second, and what the journal says of those who
 * were sent away.
 *
 * A connection is a stranger's until its HELLO has proven who it is. There are DOOR_STRANGERS at most: then the oldest
 * makes room, if it had DOOR_PATIENCE_MS, else the newcomer goes, before its TLS handshake costs anything; a store
 * comes back by itself. Nobody is judged by the address: a whole region may share one.
 *
 * After a restart of the hub all stores come back at once. Of those whose KNOCK is beyond DOOR_KNOCKS a second each is
 * told a time of its own to come back, one after the other, so that the last one is in within a bounded time.
 * Thread: any; under desk->lock. */
#ifndef DANGOL_HUB_DOOR_H
#define DANGOL_HUB_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOOR_STRANGERS 400u
#define DOOR_PATIENCE_MS 5000
#define DOOR_KNOCKS 200       /* a second */
#define DOOR_KNOCKS_FIRST 400 /* at once, after a quiet time */
#define DOOR_BACK_FIRST_MS 1000
#define DOOR_BACK_LAST_MS 60000
#define DOOR_SAYS_EVERY_MS 10000
#define DOOR_REASONS 16

struct session;
struct desk;

struct door_reason {
    char why[128];
    int64_t said_at; /* monotonic ms */
    size_t more;     /* since then; not said yet */
};

struct door {
    struct session *strangers; /* the oldest first */
    size_t count;
    int64_t paid, given; /* monotonic µs: knocks are paid for up to here; the last time given to come back */
    struct door_reason reasons[DOOR_REASONS];
};

/* False: there is no room for this newcomer. */
bool door_enter(struct desk *desk, struct session *session);
void door_leave(struct desk *desk, struct session *session);  /* proven; may have left before */
void door_forget(struct desk *desk, struct session *session); /* gone; the caller holds desk->lock */
/* 0: come in; else the ms after which to come back. */
int64_t door_knock(struct desk *desk);
/* A line in the journal for the first one of a reason; how many more there were, every ten seconds. */
void door_say(struct desk *desk, const char *peer, const char *why);
void door_tell(struct desk *desk, bool all); /* says what is due; `all`: and what is not */

#endif
