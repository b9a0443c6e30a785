/* Names and telephone numbers of the customer files, opened: two indexes beside the model, in memory only, so that
 * looking for a part of a name or the end of a number goes through some bytes a customer instead of opening every file.
 * About 60 bytes a customer each, from the first search of its kind on.
 *
 * Whoever is erased is wiped from them by site_forget, with the keys. A hub that opens nothing sealed has none.
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
    char *text; /* normalised, or digits only; a line each; what is no longer is zeros */
    size_t length, room;
    size_t wiped;              /* bytes of it */
    struct name_place *places; /* ascending by start */
    size_t count, places_room;
    struct idmap place_of; /* customer → place + 1 */
};

void name_index_init(struct name_index *names);
void name_index_release(struct name_index *names);

/* Where in a name a part of it stands. */
enum name_part { PART_WITHIN, PART_BEGINNING, PART_WHOLE };
typedef void name_found(void *context, uint64_t customer, enum name_part part);
/* Tells each customer known here whose name has this in it (name_normalise), once; in no order that means anything.
 * `each` is called under `state` for reading. 0; ERR_INTERRUPTED: ended by the asking. */
int site_names_find(struct site *site, struct view part, name_found *each, void *context,
                    const struct file_asking *asking);
/* The same of those whose number ends with these digits: PART_WHOLE, or PART_WITHIN. */
int site_numbers_find(struct site *site, struct view digits, name_found *each, void *context,
                      const struct file_asking *asking);
/* Nothing of these is left. */
void site_names_forget(struct site *site, const uint64_t *customers, size_t count);

#endif
