/* Interest: which stores serve whom, and so are fed what happens with them (DESIGN, section 6).
 *
 * A store is interested in whom one of its streams ever wrote about, voided or not, in whose complaint was routed to it
 * and in whom its staff was given custody of; and in whoever is one person with them. The first part is a fold over the
 * log, kept here: subject → stores, each with the record that began it. The second is asked of the model, as it is now.
 * Rules version: FEED_RULES.
 * Memory: 16 bytes a subject and 16 for each store it has. Thread: the feeder's. Comes after: the log, the model.
 * Before: the feeder. */
#ifndef DANGOL_HUB_INTEREST_H
#define DANGOL_HUB_INTEREST_H

#include "proto/base/idmap.h"
#include "proto/model/vec.h"
#include "proto/site/site.h"

/* A store's number here, from 1; 0: none. */
typedef uint32_t store_number;

struct interest_mark {
    uint64_t since; /* position of the first record */
    store_number store;
    uint32_t next; /* index + 1 of the subject's next mark */
};

/* Owned by their holders. */
struct interest_ids {
    uint64_t *items;
    uint32_t count, room;
};
struct interest_stores {
    store_number *items;
    uint32_t count, room;
};

#define INTEREST_FEW 16 /* ids of a person that need no memory of their own */
struct interest_person {
    uint64_t few[INTEREST_FEW], *ids;
    size_t count;
};

struct interest {
    struct site *site;
    uint64_t position;     /* followed up to here */
    struct idmap subjects; /* subject → index + 1 of its first mark */
    VEC(struct interest_mark) marks;
    VEC(char *) codes;       /* of the stores, by number - 1 */
    struct idmap of_codes;   /* hash of a code → number of the first store that has it */
    struct idmap of_streams; /* stream + 1 → store number */
};

void interest_open(struct interest *interest, struct site *site);
void interest_close(struct interest *interest);
/* Reads the log on, at most `records` further; 1: there is more, 0: level with it, negative on error. */
int interest_follow(struct interest *interest, uint64_t records, struct err *err);

/* The number of a store, given when it is first asked for. */
store_number interest_store(struct interest *interest, struct view code);
/* The store a stream is of; 0: not known. Takes the site's state. */
store_number interest_store_of(struct interest *interest, uint32_t stream);

/* These hold site_read while they ask the model. Does the store serve the person of `id`? */
bool interest_serves(const struct interest *interest, store_number store, uint64_t id);
/* Adds all stores that do to `out`, each once. */
void interest_stores(const struct interest *interest, uint64_t id, struct interest_stores *out);
/* The ids that are one person with `id`, itself at least. */
void interest_person_open(const struct interest *interest, uint64_t id, struct interest_person *out);
void interest_person_close(struct interest_person *person);
/* Since which record does a store write about just this subject? 0: it does not. */
uint64_t interest_since(const struct interest *interest, store_number store, uint64_t subject);

/* Is it every store's business, though it is about nobody: which days it rained where, and that it did not? A customer
 * of several stores is thanked once. */
bool interest_everybodys(const struct interest *interest, const struct event *event);

/* The ids an event is about besides its subject: those it links, attributes, takes apart (with what the links taken
 * back had joined) or erases; for a void, those of what it voids. Adds to `out`. */
void interest_concerned(const struct interest *interest, const struct event *event, struct interest_ids *out);

#endif
