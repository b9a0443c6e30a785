/* How often somebody may try: after `spare` failures in a row the next try has to wait a second, then two, four … up to
 * THROTTLE_LONGEST_MS. An hour without a failure forgives one, a success all.
 *
 * A try counts as failed from its beginning, so that many at once are no way around. The table is bounded: when it is
 * full, those with the fewest failures are forgotten first, so that somebody who makes up names does not make it forget
 * whom he is really after. Pure: times are the caller's monotonic ms. Thread: under the guard's lock. */
#ifndef DANGOL_PROTO_API_THROTTLE_H
#define DANGOL_PROTO_API_THROTTLE_H

#include "proto/base/bytes.h"
#include "proto/base/idmap.h"

#define THROTTLE_ROWS 4096
#define THROTTLE_LONGEST_MS (15 * 60 * 1000)
#define THROTTLE_FORGIVEN_MS (60 * 60 * 1000)

struct throttle_row {
    uint64_t key;
    uint32_t failures;
    bool known;    /* somebody succeeded here before */
    bool told;     /* that it has to wait, since the latest failure */
    int64_t last;  /* the latest failure */
    int64_t until; /* no try before */
};

struct throttle {
    uint32_t spare;
    struct throttle_row *rows;
    size_t count;
    struct idmap by_key; /* → index + 1 */
};

/* Of a name, and where from (VIEW_NONE: from anywhere). */
uint64_t throttle_key(struct view name, struct view address);
/* Ms to wait; 0: a try may be made. */
int64_t throttle_wait(const struct throttle *throttle, uint64_t key, int64_t now);
void throttle_failed(struct throttle *throttle, uint64_t key, int64_t now);
void throttle_passed(struct throttle *throttle, uint64_t key);
/* Is it the first time since the latest failure that somebody has to wait? Who goes on trying meanwhile must not fill
 * the record. */
bool throttle_tell(struct throttle *throttle, uint64_t key);
bool throttle_known(const struct throttle *throttle, uint64_t key);
void throttle_release(struct throttle *throttle);

#endif
