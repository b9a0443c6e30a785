/* The model's questions answered from nothing but a set of events, by looking through all of them again and again:
 * slow, and plain enough to be believed. What the model answers is compared with this.
 *
 * Memory: naive_release; borrows the region. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_NAIVE_MODEL_H
#define DANGOL_TESTS_SUPPORT_NAIVE_MODEL_H

#include "proto/model/questions.h"
#include "tests/support/region_builder.h"

struct naive_event {
    struct event e;
    uint64_t id, hlc, subject;
    int64_t time;
    bool good, dead;
};

struct naive {
    struct naive_event *events;
    size_t count;
    uint64_t *nodes; /* every id that is somebody */
    uint64_t *label; /* of node i: nodes of one label are one person */
    size_t node_count;
};

void naive_open(struct naive *n, const struct region *r);
void naive_release(struct naive *n);

const struct naive_event *naive_find(const struct naive *n, uint64_t id); /* good ones only */
enum customer_state naive_customer(const struct naive *n, uint64_t id);
bool naive_same(const struct naive *n, uint64_t a, uint64_t b);
uint64_t naive_person(const struct naive *n, uint64_t id);
size_t naive_members(const struct naive *n, uint64_t id, uint64_t *out);
bool naive_edge_holds(const struct naive *n, const struct naive_event *e);
bool naive_barred(const struct naive *n, uint64_t a, uint64_t b);
size_t naive_field_heads(const struct naive *n, uint64_t customer, int bit, uint64_t *out);
/* `store` VIEW_NONE: every store. */
size_t naive_rank(const struct naive *n, enum measure by, const struct cut *cut, struct view store,
                  struct standing *out);
void naive_totals(const struct naive *n, const struct cut *cut, struct totals *out);

/* naive_complaints.c */
bool naive_complaint(const struct naive *n, uint64_t id, const struct cut *cut, int64_t now, int64_t hours,
                     struct complaint *out);
size_t naive_thread(const struct naive *n, uint64_t id, uint64_t *out);
size_t naive_complaint_heads(const struct naive *n, uint64_t id, uint64_t *out);

bool naive_later(const struct naive_event *a, const struct naive_event *b); /* by (hlc, id) */
bool naive_names(struct list ids, uint64_t id);

#endif
