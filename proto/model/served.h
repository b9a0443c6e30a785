/* Whom a store serves: whom one of its streams ever wrote about, voided or not, in whose complaint was routed to it, in
 * whom its staff was given custody of; and whoever is one person with them. It is what the hub feeds the store
 * (hub/interest.h), asked of the model.
 *
 * Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_SERVED_H
#define DANGOL_PROTO_MODEL_SERVED_H

#include "proto/model/questions.h"

/* One person; reads along the records about her. */
bool store_serves(const struct model *model, struct view store, uint64_t customer);

/* Everybody, found in one go; in turns. A link between two of its questions counts. */
struct served {
    bool *entries;
    uint32_t count;
};
void served_make(const struct model *model, struct view store, const struct pace *pace, struct served *out);
bool served_has(const struct served *served, const struct model *model, uint64_t customer);
void served_release(struct served *served);

#endif
