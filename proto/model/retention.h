/* Retention (C11): whose file need not be kept any longer. A file is kept at least `keep-years` from the day of the
 * last thing known of the customer: a registration or change of the file, a sale or return, a contact, promise, benefit
 * or any other note, an act on a complaint. What comes after that is a person's to decide: nobody is erased by a date.
 *
 * Pure. Thread: under the site's read lock. Before: the report. */
#ifndef DANGOL_PROTO_MODEL_RETENTION_H
#define DANGOL_PROTO_MODEL_RETENTION_H

#include "proto/model/questions.h"

struct kept {
    uint64_t person;
    int64_t last;  /* the latest of it */
    int64_t until; /* the end of the last day on which the file was to be kept */
    int64_t spend;
};
/* Of what happened by `to`, policy of that time; those kept longest first, then by id. The caller's to free. */
int retention_over(const struct model *model, const struct zone *zone, int64_t to, struct kept **out, size_t *count);

#endif
