/* What keeps the hub's VIP directory (directory.h): follows the log, asks who is a VIP now, hashes their numbers.
 *
 *   pass      at start, with every new day, when the policy or a clock was changed, when lacking keys came: everybody
 *             is looked at, WORK_PERSONS at a time
 *   records   whoever a new record concerns is looked at, and nobody else
 *   hashing   a number that was never hashed waits for its turn; what came out stands in the ring beside the person's
 *             other tags, and dies with the key. Nothing else waits for it: a few numbers, then the next step
 *
 * A VIP is a person whose tier as of the end of today (earned or granted) is among the policy's highest `vip-tiers`; of
 * each customer of hers the number that the file shows counts. A hub that does not know yet who was erased since it was
 * restored (site->closed) stands still.
 * Thread: directory_step from one (directory_thread.h, or a test by hand); it takes the site's state shortly. */
#ifndef DANGOL_HUB_DIRECTORY_WORK_H
#define DANGOL_HUB_DIRECTORY_WORK_H

#include "hub/desk.h"
#include "hub/directory.h"
#include "hub/interest.h"

#define WORK_PERSONS 2048  /* of a pass, in one step */
#define WORK_LOOKED 65536  /* subjects of a pass, persons or not, in one step */
#define WORK_RECORDS 20000 /* in one step … */
#define WORK_BEHIND 400000 /* … and who is further behind makes a pass instead */
#define WORK_HASHES 8      /* numbers hashed in one step */
#define WORK_PUBLISH_MS 1000
#define WORK_PUBLISH_STORE_MS 10 /* more for each store on the line */
#define WORK_LOOK_MS 500         /* between two looks at an idle log */

struct directory_work {
    struct desk *desk;
    struct interest concern; /* asked whom an event concerns, and never followed */
    uint32_t memory;         /* of the slow hash, KiB */
    uint64_t position;       /* of the log: looked at up to here */
    int64_t day;             /* of the last pass */
    bool begun, passed;      /* a pass was begun, was brought to its end */
    size_t next;             /* of the pass: index of model_customer_at */
    uint32_t keys_came;      /* of the desk's, at the last pass */
    int64_t as_of;           /* end of that day */
    int vips;                /* the lowest tier that is one; beyond the table: none is */
    struct directory_heading heading;
    char rules[200];       /* what else of the policy decides */
    VEC(uint64_t) waiting; /* customers whose number is to be hashed */
    struct idmap waits;
    int64_t published; /* monotonic ms; 0: not yet */
    struct err trouble;
};

void directory_work_open(struct directory_work *work, struct desk *desk, uint32_t memory);
void directory_work_close(struct directory_work *work);
/* True: there is more to do at once. */
bool directory_step(struct directory_work *work);
/* Everything is looked at, hashed and published. */
bool directory_settled(const struct directory_work *work);

#endif
