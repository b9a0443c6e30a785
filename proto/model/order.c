#include "proto/model/order.h"

#include <stdlib.h>

#include "proto/base/bytes.h"
#include "proto/event/id.h"
#include "proto/model/vec.h"

struct key {
    uint64_t major, minor;
    uint32_t node;
};

static int by_key(const void *a, const void *b) {
    const struct key *x = a, *y = b;
    if (x->major != y->major) return x->major < y->major ? -1 : 1;
    return (x->minor > y->minor) - (x->minor < y->minor);
}

/* ---- What each node is directly after ---- */

static uint32_t node_of(const struct key *by_id, uint32_t count, uint64_t id) {
    struct key wanted = {id, 0, 0};
    const struct key *found = bsearch(&wanted, by_id, count, sizeof *by_id, by_key);
    return found == NULL ? NONE : found->node;
}

static void find_before(const struct order_node *nodes, const struct key *by_id, bool one_writer, struct order *out) {
    size_t most = out->count, used = 0;
    for (uint32_t i = 0; i < out->count; i++) most += nodes[i].after_count;
    out->before = mem_alloc(most * sizeof *out->before);
    uint32_t *brother = mem_alloc(out->count * sizeof *brother); /* the one before it in its stream, or NONE */
    for (uint32_t i = 0; i < out->count; i++) {
        bool same = i > 0 && id_stream(by_id[i].major) == id_stream(by_id[i - 1].major);
        brother[by_id[i].node] = one_writer && same ? by_id[i - 1].node : NONE;
    }
    for (uint32_t i = 0; i < out->count; i++) {
        out->start[i] = (uint32_t)used;
        for (uint32_t j = 0; j < nodes[i].after_count; j++) {
            uint32_t node = node_of(by_id, out->count, nodes[i].after[j]);
            if (node != NONE && node != i) out->before[used++] = node;
        }
        if (brother[i] != NONE) out->before[used++] = brother[i];
    }
    out->start[out->count] = (uint32_t)used;
    free(brother);
}

/* ---- The sequence: again and again the earliest node that waits for nothing ---- */

struct waiting {
    uint32_t *left;         /* how many a node still waits for */
    uint32_t *start, *for_; /* who waits for node n */
    uint32_t *heap;         /* ranks of nodes that wait for nothing, smallest first */
    uint32_t heap_count;
    const uint32_t *rank; /* by (hlc, id) */
};

static void heap_push(struct waiting *w, uint32_t rank) {
    uint32_t at = w->heap_count++;
    for (; at > 0 && w->heap[(at - 1) / 2] > rank; at = (at - 1) / 2) w->heap[at] = w->heap[(at - 1) / 2];
    w->heap[at] = rank;
}

static uint32_t heap_pop(struct waiting *w) {
    uint32_t top = w->heap[0], last = w->heap[--w->heap_count], at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < w->heap_count && w->heap[child + 1] < w->heap[child]) child++;
        if (child >= w->heap_count || w->heap[child] >= last) break;
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return top;
}

static void find_waiting(const struct order *order, struct waiting *w) {
    uint32_t count = order->count;
    for (uint32_t i = 0; i < order->start[count]; i++) w->start[order->before[i] + 1]++;
    for (uint32_t i = 0; i < count; i++) w->start[i + 1] += w->start[i];
    uint32_t *fill = mem_alloc(count * sizeof *fill);
    for (uint32_t i = 0; i < count; i++) {
        w->left[i] = order->start[i + 1] - order->start[i];
        if (w->left[i] == 0) heap_push(w, w->rank[i]);
        for (uint32_t j = order->start[i]; j < order->start[i + 1]; j++)
            w->for_[w->start[order->before[j]] + fill[order->before[j]]++] = i;
    }
    free(fill);
}

static void release_next(struct order *order, struct waiting *w) {
    uint32_t earliest = 0; /* by rank, of those not placed */
    for (uint32_t placed = 0; placed < order->count; placed++) {
        while (order->place[order->by_time[earliest]] != NONE) earliest++;
        uint32_t node = order->by_time[w->heap_count > 0 ? heap_pop(w) : earliest];
        order->place[node] = placed;
        order->sequence[placed] = node;
        for (uint32_t i = w->start[node]; i < w->start[node + 1]; i++)
            if (--w->left[w->for_[i]] == 0 && order->place[w->for_[i]] == NONE) heap_push(w, w->rank[w->for_[i]]);
    }
}

/* Drops what a node is said to be after but comes later: only where a circle was broken. */
static void drop_backward(struct order *order) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < order->count; i++) {
        uint32_t from = order->start[i];
        order->start[i] = kept;
        for (uint32_t j = from; j < order->start[i + 1]; j++)
            if (order->place[order->before[j]] < order->place[i]) order->before[kept++] = order->before[j];
    }
    order->start[order->count] = kept;
}

static void find_sequence(struct order *order, const uint32_t *rank) {
    uint32_t count = order->count;
    uint32_t *space = mem_alloc((3 * (size_t)count + 1 + order->start[count]) * sizeof *space);
    struct waiting w = {
        .left = space,
        .heap = space + count,
        .start = space + 2 * (size_t)count,
        .for_ = space + 3 * (size_t)count + 1,
        .rank = rank,
    };
    find_waiting(order, &w);
    release_next(order, &w);
    drop_backward(order);
    free(space);
}

void order_make(const struct order_node *nodes, size_t count, bool one_writer, struct order *out) {
    uint32_t *space = mem_alloc((5 * count + 1) * sizeof *space);
    *out = (struct order){
        .sequence = space,
        .place = space + count,
        .by_time = space + 2 * count,
        .start = space + 3 * count,
        .count = (uint32_t)count,
    };
    uint32_t *rank = space + 4 * count + 1;
    struct key *keys = mem_alloc((count + 1) * sizeof *keys);
    for (uint32_t i = 0; i < count; i++) keys[i] = (struct key){nodes[i].hlc, nodes[i].id, i};
    qsort(keys, count, sizeof *keys, by_key);
    for (uint32_t i = 0; i < count; i++) {
        out->by_time[i] = keys[i].node;
        rank[keys[i].node] = i;
        out->place[i] = NONE;
    }
    for (uint32_t i = 0; i < count; i++) keys[i] = (struct key){nodes[i].id, 0, i};
    qsort(keys, count, sizeof *keys, by_key);
    find_before(nodes, keys, one_writer, out);
    free(keys);
    find_sequence(out, rank);
}

/* Down from a, never below the place of b. */
bool order_after(const struct order *order, uint32_t a, uint32_t b) {
    if (order->place[a] <= order->place[b]) return false;
    bool *reached = mem_alloc(order->count * sizeof *reached);
    reached[a] = true;
    for (uint32_t i = order->place[a]; i > order->place[b]; i--) {
        uint32_t node = order->sequence[i];
        if (!reached[node]) continue;
        for (uint32_t j = order->start[node]; j < order->start[node + 1]; j++) reached[order->before[j]] = true;
    }
    bool found = reached[b];
    free(reached);
    return found;
}

void order_release(struct order *order) {
    free(order->sequence);
    free(order->before);
    *order = (struct order){NULL, NULL, NULL, NULL, NULL, 0};
}
