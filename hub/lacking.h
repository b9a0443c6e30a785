/* Keys that the ring lacks while the log has their people's events: the ring is older than the log. Found at start,
 * remembered beside the log until they are back, asked for in WELCOME (`keys_wanted`) of whom they belong to, and
 * handed over in a PUSH of keys alone. Thread: any after lacking_open, which fills the list; later it is only read. */
#ifndef DANGOL_HUB_LACKING_H
#define DANGOL_HUB_LACKING_H

#include "proto/model/vec.h"
#include "proto/site/site.h"

#define LACKING_ASKED 512  /* ids in one WELCOME */
#define LACKING_MAX 65536u /* remembered */

struct lacking {
    struct site *site;
    VEC(uint64_t) ids; /* those found at start; some may have come since */
};

int lacking_open(struct lacking *lacking, struct site *site, struct err *err);
void lacking_close(struct lacking *lacking);
bool lacking_key(struct site *site,
                 uint64_t id); /* is there no key of it, not even a destroyed one, and should there be? */
/* Ids of this stream, and of hubs, whose keys are still not here: appended as packed u64s; returns how many. */
uint32_t lacking_of(const struct lacking *lacking, uint32_t stream, struct buf *out);

#endif
