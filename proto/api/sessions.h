/* Who is signed in: a table of sessions by the hash of their cookie. A session ends unused, ends in any case after its
 * longest time, and goes first, the one unused for longest, when the table or its account's share of it is full.
 *
 * Pure: times are the caller's monotonic ms. Thread: under the guard's lock. Memory: the table's. */
#ifndef DANGOL_PROTO_API_SESSIONS_H
#define DANGOL_PROTO_API_SESSIONS_H

#include "proto/api/guard.h"
#include "proto/base/idmap.h"

#define SESSIONS_MAX 8192
#define SESSIONS_OF_ONE 16 /* an account's */
#define SESSION_HASH 32

struct session {
    uint8_t hash[SESSION_HASH];
    struct identity who; /* `expires` is set when it is asked for */
    uint64_t version;    /* of the account when it was opened */
    int64_t began, used; /* monotonic */
    int64_t idle_ms, longest_ms;
};

struct sessions {
    struct session *items;
    size_t count, room;
    struct idmap by_hash; /* of the hash's first bytes → index + 1 */
};

void sessions_add(struct sessions *sessions, const struct session *fresh);
/* The session that holds at `now`; one that has ended is removed. NULL: there is none. Valid until the next change. */
struct session *sessions_find(struct sessions *sessions, const uint8_t hash[SESSION_HASH], int64_t now);
void sessions_remove(struct sessions *sessions, struct session *session);
/* When it ends if it is not used before: monotonic. */
int64_t session_lasts_until(const struct session *session);
void sessions_release(struct sessions *sessions); /* wipes */

#endif
