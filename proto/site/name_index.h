/* Names of the customer files, opened: an index beside the model, in memory only, so that looking for a part of a name
 * goes through some bytes a customer instead of opening every file. About 60 bytes a customer, from the first search
 * on.
 *
 * Whoever is erased is wiped from it by site_forget, with the keys. A hub that opens nothing sealed has none.
 * Thread: any. */
#ifndef DANGOL_PROTO_SITE_NAME_INDEX_H
#define DANGOL_PROTO_SITE_NAME_INDEX_H

#include "proto/base/bytes.h"
#include "proto/base/idmap.h"
#include "proto/site/file_index.h"

struct name_place {
    uint64_t customer; /* 0: no longer */
    uint32_t start;    /* of the name in the text; it ends before the next line end */
};

struct name_index {
    struct file_index index;
    char *text; /* normalised, a line each; what is no longer is zeros */
    size_t length, room;
    size_t wiped;              /* bytes of it */
    struct name_place *places; /* ascending by start */
    size_t count, places_room;
    struct idmap place_of; /* customer → place + 1 */
};

void name_index_init(struct name_index *names);
void name_index_release(struct name_index *names);

/* Tells each customer known here whose name has this in it (name_normalise), and whether it is the whole name; in no
 * order that means anything. `each` is called under `state` for reading. 0; ERR_INTERRUPTED: ended by the asking. */
int site_names_find(struct site *site, struct view part, void (*each)(void *context, uint64_t customer, bool whole),
                    void *context, const struct file_asking *asking);
/* Nothing of these is left. */
void site_names_forget(struct site *site, const uint64_t *customers, size_t count);

#endif
