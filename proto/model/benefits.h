/* Benefits given (P4): birthday discounts, festival gifts, coupons, what a tier brings.
 *
 * Pure. Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_BENEFITS_H
#define DANGOL_PROTO_MODEL_BENEFITS_H

#include "proto/model/questions.h"

struct benefit {
    uint64_t id;
    uint64_t person;
    int64_t time;
    int64_t kind; /* enum choice_benefit_kind */
    int64_t cost; /* minor units; NIL: not said */
};
/* The live ones within the cut and scope, the latest first, then by id; `customer` 0: of everybody. The caller's to
 * free. */
void benefits_given(const struct model *model, uint64_t customer, const struct cut *cut, const struct scope *scope,
                    const struct pace *pace, struct benefit **out, size_t *count);

#endif
