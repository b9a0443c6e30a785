/* Points (P3): a fold, never stored. Earned by net spend and by newcomers brought, less what was redeemed.
 *
 *   spend      one point for each full `point-spend` of net spend, by the figure in force when the sale happened: a
 *              new figure never changes what was earned before it. What comes back takes back, on its own day, what it
 *              earned: by the figure of the day of its sale, where it names one that is known here.
 *   newcomers  `points-referral` for each person she brought who has bought, as in force from when that counts: her
 *              first purchase. None while all of it has come back, none for herself, one person counts once. The hub
 *              judges that (credits.h), so that a store that knows nothing of the newcomer answers as the hub does.
 *   redeemed   as written; each keeps the balance and the tier that were shown, whatever sale is written down later.
 *
 * The balance may be below zero: what was bought with points came back after they were spent.
 * Pure. Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_POINTS_H
#define DANGOL_PROTO_MODEL_POINTS_H

#include "proto/model/questions.h"

struct points {
    int64_t spend, referrals; /* points, by where they come from */
    int64_t redeemed;
    int64_t balance;
    uint32_t newcomers; /* who counted */
};
/* Of the customer's person, of what happened by `to` (TIME_NONE: ever). False: nobody is known by this id. */
bool points_of(const struct model *model, uint64_t customer, int64_t to, struct points *out);

/* What was redeemed, the latest first, at most `max`; returns how many there are by then. */
struct redemption {
    uint64_t id;
    int64_t time;
    int64_t points;
    int64_t balance;  /* shown then; NIL: not noted */
    struct view tier; /* shown then; VIEW_NONE: none. Borrowed until the next apply */
};
size_t redemptions_of(const struct model *model, uint64_t customer, int64_t to, struct redemption *out, size_t max);

#endif
