/* Margins (V1, V2): what a row brought over what its goods cost, where somebody said the cost; of its lines with one. A
 * return's is negative. */
#ifndef DANGOL_PROTO_MODEL_MARGINS_H
#define DANGOL_PROTO_MODEL_MARGINS_H

#include "proto/model/rows.h"

/* The margin of a person. */
struct profit {
    int64_t margin;
    uint32_t rows; /* with a cost; 0: nothing is known */
};
void profit_add_row(struct profit *profit, const struct rows *rows, const struct row *row);

#endif
