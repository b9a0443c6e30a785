/* The sales and returns of one person, for questions about one person: found along the records about each of her ids,
 * not by a look through all rows.
 *
 * Thread: under the site's read lock, as every question. */
#ifndef DANGOL_PROTO_MODEL_PERSON_ROWS_H
#define DANGOL_PROTO_MODEL_PERSON_ROWS_H

#include "proto/model/questions.h"

struct person_row {
    uint64_t id;
    uint64_t position; /* of its record; 0: ask the log by the id */
    int64_t time;
    int64_t amount; /* minor units; what was returned is negative */
    int64_t margin; /* where `costed` */
    uint32_t flags; /* rows.h */
    bool costed;
};

/* The live ones within the cut, by time, then id; the caller's to free. Nobody known by this id: none. */
void person_rows(const struct model *model, uint64_t customer, const struct cut *cut, struct person_row **out,
                 size_t *count);

/* For returns that name a sale which is known here: the time of that sale, into the same place of `times`. The others'
 * places stay as they are. Looks through all returns of the region once. */
void person_rows_sold(const struct model *model, const struct person_row *rows, size_t count, int64_t *times);

#endif
