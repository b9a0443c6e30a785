/* The causal order of a few events: the change cards of a customer, the steps of a complaint. Each says which ones it
 * is `after`; ids that are not among them are passed over. Two events neither of which is after the other, directly or
 * through others, are concurrent.
 *
 * Whatever is said, there is an order, and it depends on the set of nodes alone: in a circle, which only a liar can
 * make, the event earliest by (hlc, id) forgets what it is after. Owned by the caller. Pure. */
#ifndef DANGOL_PROTO_MODEL_ORDER_H
#define DANGOL_PROTO_MODEL_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order_node {
    uint64_t id, hlc;
    const uint64_t *after;
    uint32_t after_count;
};

struct order {
    uint32_t *sequence; /* nodes, each after all it is after; where that leaves a choice, by (hlc, id) */
    uint32_t *place;    /* of a node in the sequence */
    uint32_t *by_time;  /* nodes by (hlc, id) alone */
    uint32_t *before;   /* what node n is directly after: before[start[n]] … before[start[n + 1] - 1] */
    uint32_t *start;
    uint32_t count;
};

/* `one_writer`: of two events of a stream the later one knows the earlier one, said or not. */
void order_make(const struct order_node *nodes, size_t count, bool one_writer, struct order *out);
/* Is node a after node b, directly or through others? */
bool order_after(const struct order *order, uint32_t a, uint32_t b);
void order_release(struct order *order);

#endif
