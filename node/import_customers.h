/* What import_customers.c, import_match.c and import_pretence.c share: a row of an old customer book, and what it is
 * held against. Inside node/import* only. Memory: the import's. Thread: the call's. */
#ifndef DANGOL_NODE_IMPORT_CUSTOMERS_H
#define DANGOL_NODE_IMPORT_CUSTOMERS_H

#include "node/import.h"
#include "proto/event/describe.h"

/* The customer file, bit for bit, then what else a row tells. */
#define FILE_FIELD(event, name, most, doc) FIELD_##name,
enum customer_field {
    CUSTOMER_FILE(FILE_FIELD, registered) FIELD_TIME,
    FIELD_STAFF,
    FIELD_TOLD,
    FIELD_REFERRED,
    FIELD_REF,
    FIELD_COUNT
};
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
    int64_t told;           /* purpose and confidentiality were, at her registration */
    struct strong referrer; /* whose card brought her; `written` VIEW_NONE: not told */
    struct view key;        /* of the ref of a registration */
    struct view content;    /* of the ref of an update */
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

/* A dry run: what would have been written so far, so that a second row about somebody is held against the first. */
struct pretended {
    const struct entry *entry;
    uint64_t bits;     /* the fields that would be written */
    uint64_t customer; /* 0: would be registered */
    uint32_t previous; /* about the same customer, + 1 */
};
struct pretence {
    struct pretended *items;
    size_t count, cap;
    struct pretended pending[IMPORT_BATCH + IMPORT_UNIT_MAX]; /* of the batch being made */
    size_t pending_count;
    uint32_t batch;
    struct idmap last;   /* customer → the newest of her items, + 1 */
    struct names keys;   /* strong keys of those who would be registered … */
    uint64_t *customers; /* … and the ids they go under here */
    size_t customer_cap;
};
void pretence_init(struct pretence *p, const struct env *env);
void pretence_release(struct pretence *p);
/* Something of a batch, which counts once the batch has been looked at as a whole. `customer` 0: registered now. */
void pretence_note(struct pretence *p, uint32_t batch, const struct entry *e, uint64_t bits, uint64_t customer);
void pretence_commit(struct pretence *p);
/* Who of those that would be registered carries a strong key of the row: an id of the pretence's own, or 0. */
uint64_t pretence_find(const struct pretence *p, const struct entry *e);
/* The newest item that would write a field of a customer, or the next older one than `newer`; NULL: none. */
const struct pretended *pretence_field(const struct pretence *p, uint64_t customer, int field,
                                       const struct pretended *newer);
bool pretence_own(uint64_t customer);
/* The row by which a customer of its own would be registered; NULL: there is none. */
const struct entry *pretence_first(const struct pretence *p, uint64_t customer); /* is it an id of a pretence's own? */

/* The row's value of a field, or VIEW_NONE. */
struct view entry_value(const struct entry *e, int field);
bool entry_same_name(struct view a, struct view b); /* or one of them is not there */

/* Who carries a strong key of the row: 1 and who, 0, or negative. */
int find_customer(struct import *im, const struct entry *e, uint64_t *customer);
/* Which fields differ from what is known of her and are not newer there. `pretence` may be NULL. */
uint64_t changed_fields(struct import *im, const struct pretence *pretence, const struct entry *e, uint64_t customer);
/* Does the registration say exactly what the row says? Also when it cannot be read any more: she was erased. */
bool registered_says(struct import *im, const struct entry *e, uint64_t id);

#endif
