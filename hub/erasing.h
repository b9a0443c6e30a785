/* Erasure at the hub, beside the judge. Its own keys are destroyed at once (site_forget); then it waits for its stores.
 *
 * A store is *past* an erasure when it has been told of it and has done what it wants (a FED says so, which goes out
 * only then), and all that it wrote before has come and was judged. How far a stream is past stands in its visit. Until
 * every one is, the hub keeps apart what the erased can be recognised by (erasure.h): a registration from before the
 * erasure that comes late is erased too (judge_erased.c).
 * Thread: ingest's, after each turn of the judge; erasing_waits_for from any. */
#ifndef DANGOL_HUB_ERASING_H
#define DANGOL_HUB_ERASING_H

#include "hub/desk.h"

struct erasing {
    struct desk *desk;
    size_t known;       /* of the model's erasures */
    bool waiting;       /* for some store, or for the disk */
    int64_t looked;     /* monotonic ms */
    struct err trouble; /* as last told */
};

void erasing_open(struct erasing *erasing, struct desk *desk);
/* Does what there is to do. True: it wrote something. */
bool erasing_step(struct erasing *erasing);

/* What the store on this line has said makes its visit be past more; true: it does. The caller holds session->lock. */
bool erasing_past(const struct session *session, struct visit *visit);

/* May this stream still bring what is from before an erasure at `position`, or hold a key it wants destroyed? */
bool erasing_waits_for(const struct stream_state *stream, const struct visit *visit,
                       const struct erasure_state *erasure, uint64_t position);

#endif
