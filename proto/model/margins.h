/* Margins (V1, V2): what a row brought over what its goods cost, where somebody said the cost; of its lines with one. A
 * return's is negative. */
#ifndef DANGOL_PROTO_MODEL_MARGINS_H
#define DANGOL_PROTO_MODEL_MARGINS_H

#include <stdint.h>

struct model;
struct cut;
struct scope;

/* The margin of a person. */
struct profit {
    int64_t margin;
    uint32_t rows; /* with a cost; 0: nothing is known */
};
/* By the index of each person's root; the caller's to free. `scope` NULL: everything. */
struct profit *profits_make(const struct model *model, const struct cut *cut, const struct scope *scope);

#endif
