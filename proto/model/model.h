/* The model: what the events add up to. Both the hub and the nodes fold with this code, and every question is asked of
 * its state.
 *
 * `model_apply` is total, deterministic and commutative: the state depends only on the set of events. It never
 * decrypts; a field of the customer file is the set of events that hold its current values. No event needs an inverse:
 * what was voided stays, marked, and a late void sets the mark; a correction of a clock folds everything again from the
 * log.
 *
 * State: dense arrays and hash tables (state.h). Per customer a record of fixed size, per sale or return a row of 22
 * bytes (rows.h), few and small lists for all that is rarer.
 *   subject   whom an event is about: a customer, or a sale or complaint that has none
 *   customer  one registration at one store, or a placeholder for one not seen yet
 *   person    a connected component of customers over links; known under its smallest id
 *
 * Thread: one writer (apply), or many readers (everything that takes a const model): the site's lock. Memory: owned by
 * the model until model_close. Comes after: the log. Before: questions.h, the CLI, the judge. */
#ifndef DANGOL_PROTO_MODEL_MODEL_H
#define DANGOL_PROTO_MODEL_MODEL_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/money.h"
#include "proto/event/event.h"
#include "proto/event/seal.h"
#include "proto/log/log.h"

/* Changes whenever a fold rule does: part of the digest. */
#define FOLD_VERSION 4
#define DIGEST_SIZE 32

struct model;

/* `log` is where histories are folded again from; it outlives the model and holds every record applied. */
struct model *model_open(struct log *log);
void model_close(struct model *model);

/* Folds one record that stands in the log. The second form saves decoding when the caller has the event already.
 * ERR_IO and the like only when everything had to be folded again and the log could not be read: the state is then
 * incomplete, and the model has to be made anew. */
int model_apply(struct model *model, const struct record *record, struct err *err);
int model_apply_event(struct model *model, const struct record *record, const struct event *event, int standing,
                      struct err *err);
/* From now on model_replay passes over what was received later. For models of one's own. */
void model_received_until(struct model *model, int64_t until);
/* Folds the records (from, to]; `progress` may be NULL. */
int model_replay(struct model *model, uint64_t from, uint64_t to, void (*progress)(uint64_t done, uint64_t all),
                 struct err *err);

/* Whom an event is about: its subject, or where its frame names none, the thing that it names (a step its complaint, a
 * return its sale) or is (a registration, sale or complaint its own id). `id`: the event's; `standing` and the event as
 * event_decode gave them. 0: nobody. Writers name the subject in the frame; folds take both. */
uint64_t model_subject(const struct event *e, uint64_t id, int standing);
/* The position of the last record whose frame names a subject: the hint of the next. 0: none (ask the log for the
 * subject's own position then: a sale that is its own subject leaves no trace here until a second event names it). */
uint64_t model_last_position(const struct model *model, uint64_t subject);
uint64_t model_position(const struct model *model); /* last record folded */

/* Customers and persons. */
enum customer_state {
    CUSTOMER_UNKNOWN = 0,
    CUSTOMER_PLACEHOLDER, /* named by events, its registration not seen, or voided */
    CUSTOMER_KNOWN,
    CUSTOMER_ERASED,
    CUSTOMER_THING, /* a sale, complaint or member of staff that is a subject of its own */
};
enum customer_state model_customer(const struct model *model, uint64_t id);
/* The id a person is shown under: the smallest of its registered customers (where there is none, of the placeholders,
 * else of all); itself when alone. */
uint64_t model_person(const struct model *model, uint64_t customer);
/* Ids of a person's customers, and of sales and complaints attributed to them, ascending, at most `max`; returns how
 * many there are. These are what an erasure has to list. */
size_t model_members(const struct model *model, uint64_t customer, uint64_t *out, size_t max);
/* Ids of all subjects in the order they were first seen, for indexes; model_customer says what each is. 0 past the
 * end. */
uint64_t model_customer_at(const struct model *model, size_t index);
/* The heads of a field (SEALED_registered_* bit): ids of events that hold its current values, the winner by
 * (corrected hlc, id) first; more than one: concurrent. At most `max`; returns how many there are. */
size_t model_field_heads(const struct model *model, uint64_t customer, int bit, uint64_t *out, size_t max);
/* The events that hold the current values of the fields in `bits`, each with those whose winner it is, at most `max`;
 * returns how many there are. */
struct field_winner {
    uint64_t event, bits;
    uint64_t cleared; /* of the bits: it says that there is none */
    int64_t time;     /* when it was told */
};
size_t model_field_winners(const struct model *model, uint64_t customer, uint64_t bits, struct field_winner *out,
                           size_t max);
/* The same over all customers of a person. Their files do not know of each other: of a field that several of them tell
 * the one told last counts, by (time, hlc, id), a clearing as well as a value; of erased ones nothing does. */
size_t model_person_winners(const struct model *model, uint64_t person, uint64_t bits, struct field_winner *out,
                            size_t max);
/* Every head of every field in `bits`, without repeats: what an update says it is `after`. */
size_t model_heads(const struct model *model, uint64_t customer, uint64_t bits, uint64_t *out, size_t max);

/* Links. Effective links (and attributions) inside the person, at most `max`; returns how many there are. */
size_t model_links(const struct model *model, uint64_t customer, uint64_t *out, size_t max);
/* Would joining the persons of a and b bring a barred pair together? */
bool model_barred(const struct model *model, uint64_t a, uint64_t b);

/* Erasures: whom the hub has said to forget, in the order of the log. The ids are borrowed until the next apply. False
 * past the end. */
struct erasure_state {
    uint64_t event, hlc;
    int64_t time; /* when it was asked for */
    const uint64_t *ids;
    size_t count;
};
bool model_erasure_at(const struct model *model, size_t index, struct erasure_state *out);
/* The first that names an id. */
bool model_erasure_of(const struct model *model, uint64_t id, struct erasure_state *out);
/* Who said that they destroyed a key of this id, in the order folded, at most `max`; returns how many there are. */
struct key_destroyed_state {
    uint64_t event;
    uint8_t fingerprint[FINGERPRINT_BYTES];
};
size_t model_keys_destroyed(const struct model *model, uint64_t id, struct key_destroyed_state *out, size_t max);

/* Voids (whose count: voids.c): does the latest void of an event say it does not count? */
bool model_voided(const struct model *model, uint64_t event);
/* Did people take the event back? What came back of such a sale counts as little as the sale. One that the judge voided
 * came twice: another one counts in its place, and so do the returns. */
bool model_taken_back(const struct model *model, uint64_t event);
#define JUDGE_SOURCE "judge" /* source of the refs of all judgements of the hub */

/* May an event of this type be voided? Voids, erasures, destroyed keys, streams, clocks and re-homings cannot. */
bool model_can_void(uint16_t type);

/* Clocks. The hlc and the time that the fold takes an event at: those of its origin where it has one, corrected where
 * the hub corrected the clock of its stream. `model_hlc_at`: any hlc that stood at this id. */
uint64_t model_hlc(const struct model *model, uint64_t id, const struct event *e);
int64_t model_time(const struct model *model, uint64_t id, const struct event *e);
uint64_t model_hlc_at(const struct model *model, uint64_t id, uint64_t hlc);
/* The corrections of a stream's clock; false past the end. */
struct clock_state {
    uint64_t id, hlc; /* of the event that says it */
    uint64_t from, to;
    int64_t ms;
};
bool model_clock_at(const struct model *model, uint32_t stream, size_t index, struct clock_state *out);

/* Streams and stores: a fold of the hub's stream. */
struct stream_state {
    uint32_t stream;
    uint64_t events; /* records seen of it */
    uint64_t last_seq;
    struct view store; /* code, VIEW_NONE: not known */
    bool opened, keyed, revoked;
    uint64_t opened_hlc; /* when the hub gave it out; 0: not known */
    uint8_t secret_hash[32];
    uint8_t key[PUBLIC_KEY_SIZE];
    uint64_t revoked_last;
    uint32_t replaces;
};
struct store_state {
    struct view code, name, chain;
};
bool model_stream(const struct model *model, uint32_t stream, struct stream_state *out);
/* In ascending order of stream; false past the end. */
bool model_stream_at(const struct model *model, size_t index, struct stream_state *out);
bool model_store(const struct model *model, struct view code, struct store_state *out);
bool model_store_at(const struct model *model, size_t index, struct store_state *out); /* by code */
/* Staff, the latest live word on each (store, code); `cursor` starts at 0. False at the end. */
struct staff_state {
    uint64_t event, subject;
    struct view store, code; /* store: VIEW_NONE where it is not known */
    int role;                /* enum choice_role */
    bool active, keeper;
};
bool model_staff_next(const struct model *model, size_t *cursor, struct staff_state *out);
/* The value of a policy in force at a time (TIME_NONE: the one from the latest date); VIEW_NONE: not set. Borrowed
 * until the next apply, as every view told here. */
struct view model_policy(const struct model *model, struct view key, int64_t at);
/* When the next date behind `after` comes from which another value was set to hold; TIME_NONE: none was. */
int64_t model_policy_change(const struct model *model, struct view key, int64_t after);

/* When a value of the policy comes into force next, after a time; TIME_NONE: none is said to. */
int64_t model_policy_next(const struct model *model, int64_t after);

/* The currency that amounts of the policy are in, where the region is known: of questions only, no fold minds it. */
void model_assume_currency(struct model *model, const struct currency *currency);

/* Instead of what events say of this key, at all times; for models of one's own (a replay under another policy). The
 * value has passed policy_check. */
void model_assume_policy(struct model *model, struct view key, struct view value);
/* Whether what was assumed counts (it does from the start), to compare with what is. */
void model_assuming(struct model *model, bool on);

/* Tells a node whose model never sees the hub's stream which store a stream is. Facts from events win. */
void model_assume_store(struct model *model, uint32_t stream, struct view code, struct view name, struct view chain);

/* An order-free combination of a hash of each person's facts, and of the directory's (digest.c): equal for equal sets
 * of events, whatever their order and the site's keys and clocks. `store` NULL: everything; else the known people that
 * the store's streams have an event about. */
void model_digest(const struct model *model, const struct view *store, uint8_t out[DIGEST_SIZE]);
/* Of everything, in turns (questions.h): as of their end. */
struct pace;
void model_digest_paced(const struct model *model, const struct pace *pace, uint8_t out[DIGEST_SIZE]);
/* The same for every store that a stream is of: persons of several stores are looked at once. In turns; false:
 * something was said meanwhile, and nothing is told. */
bool model_digest_stores(const struct model *model, const struct pace *pace,
                         void (*each)(void *context, struct view store, const uint8_t digest[DIGEST_SIZE]),
                         void *context);

/* Bytes held, for the memory budget: 400 a customer and 24 a purchase. */
size_t model_memory(const struct model *model);

#endif
