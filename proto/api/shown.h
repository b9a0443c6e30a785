/* Whom an answer shows: the customers whose ids stand in a JSON document of a command's. Pure. */
#ifndef DANGOL_PROTO_API_SHOWN_H
#define DANGOL_PROTO_API_SHOWN_H

#include "proto/base/bytes.h"

/* Adds the ids of members named "customer", and with `one` also "id" (of a document about one customer), each once, to
 * the `count` that are there; at most `most`. How many there are then. */
size_t shown_ids(struct view json, bool one, uint64_t *ids, size_t count, size_t most);

#endif
