/* Packages of sessions (P5): bought as a line of a sale, used one by one, gone after the policy's package-months.
 *
 * What a line of the sale says of sessions is in the log alone, so these questions read the person's sales there.
 * Pure otherwise. Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_PACKAGES_H
#define DANGOL_PROTO_MODEL_PACKAGES_H

#include "proto/model/questions.h"

#define PACKAGE_SKU_MAX 64 /* events.def */

struct package {
    uint64_t sale;
    char sku[PACKAGE_SKU_MAX + 1];
    int64_t time;     /* when it was bought */
    int64_t bought;   /* sessions */
    int64_t returned; /* of these: as large a part as of the line's quantity came back, rounded up */
    int64_t used;
    int64_t left;      /* not below zero; two stores off line may use more than there were */
    int64_t expires;   /* the last ms of the last day on which sessions are used */
    int64_t last_used; /* TIME_NONE: never */
};
/* Of the customer's person, of what happened by `to`; the caller's to free. ERR_IO and the like when the log cannot be
 * read. */
int packages_of(const struct model *model, const struct zone *zone, uint64_t customer, int64_t to, struct package **out,
                size_t *count, struct err *err);

#endif
