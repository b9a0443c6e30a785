/* What import_customers.c and import_match.c share: a row of an old customer book, and what it is held against. Inside
 * node/import* only. Memory: the import's. Thread: the call's. */
#ifndef DANGOL_NODE_IMPORT_CUSTOMERS_H
#define DANGOL_NODE_IMPORT_CUSTOMERS_H

#include "node/import.h"
#include "proto/event/describe.h"

/* The customer file, bit for bit, then what else a row tells. */
#define FILE_FIELD(event, name, most, doc) FIELD_##name,
enum customer_field { CUSTOMER_FILE(FILE_FIELD, registered) FIELD_TIME, FIELD_STAFF, FIELD_REF, FIELD_COUNT };
#undef FILE_FIELD

#define STRONG_KEYS 3
struct strong {
    enum tag_kind kind;
    struct view written;
    struct view normal; /* the kind's byte and the normal form */
};

struct entry {
    uint64_t bits;             /* fields that the row tells */
    const struct view *values; /* of these, in the order of their bits */
    int64_t time;              /* NIL: not told */
    struct view staff;
    struct view key;     /* of the ref of a registration */
    struct view content; /* of the ref of an update */
    struct strong strong[STRONG_KEYS];
    size_t strong_count;
    uint32_t row;
};

/* Who is being written in the batch at hand: a second row about her waits for the next one, where she is known. */
struct touched {
    struct names keys;
    struct idmap customers;
    uint32_t batch;
};
void touched_init(struct touched *t, const struct env *env);
void touched_release(struct touched *t);
bool touched_before(struct touched *t, uint32_t batch, const struct entry *e);
bool touched_customer(const struct touched *t, uint64_t customer);
void touch(struct touched *t, const struct entry *e, uint64_t customer); /* 0: registered now */

/* Who carries a strong key of the row: 1 and who, 0, or negative. */
int find_customer(struct import *im, const struct entry *e, uint64_t *customer);
/* Which fields differ from what is known of her and are not newer there. */
uint64_t changed_fields(struct import *im, const struct entry *e, uint64_t customer);
/* Does the registration say exactly what the row says? Also when it cannot be read any more: she was erased. */
bool registered_says(struct import *im, const struct entry *e, uint64_t id);

#endif
