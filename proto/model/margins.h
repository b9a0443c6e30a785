/* Margins (V1, V2): what a row brought over what its goods cost, kept beside the rows of a stream for those only whose
 * cost somebody said, in the order of their seqs: 16 bytes each.
 *
 * A row's margin is that of its lines with a cost; a return's is negative. Owned by the model. */
#ifndef DANGOL_PROTO_MODEL_MARGINS_H
#define DANGOL_PROTO_MODEL_MARGINS_H

#include <stdbool.h>
#include <stdint.h>

struct margin {
    uint64_t seq;
    int64_t amount; /* minor units */
};

struct margins {
    struct margin *items;
    uint32_t count, room;
};

/* NULL: the cost of this row is not known. */
const int64_t *margins_find(const struct margins *margins, uint64_t seq);
void margins_put(struct margins *margins, uint64_t seq, int64_t amount);

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
