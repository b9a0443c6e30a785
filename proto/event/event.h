/* The event: what a frame says.
 *
 * A frame is a msgpack array [type, version, hlc, at, actor, subject, ref, after, origin, body] and exactly these bytes
 * are chained, signed and stored; nothing is ever re-encoded. `event_decode` borrows from the frame and allocates
 * nothing: lists stay raw and are walked with the generated `NAME_next`. The structs below are generated from
 * events.def. Absent numbers are NIL, absent ids 0, absent texts and bytes VIEW_NONE, absent choices 0.
 * Comes after: a command that fills one, or a record read from the log. Before: the log, the fold, JSON.
 * Thread: pure. */
#ifndef DANGOL_PROTO_EVENT_EVENT_H
#define DANGOL_PROTO_EVENT_EVENT_H

#include "proto/base/bytes.h"
#include "proto/base/cursor.h"
#include "proto/base/err.h"
#include "proto/event/id.h"

#define NIL INT64_MIN
#define FRAME_MAX 65536 /* bytes of a frame */
#define FRAME_FIELDS 10 /* more may follow in a later version, and are kept */
#define ACTOR_MAX 32
#define REF_SOURCE_MAX 64
#define REF_KEY_MAX 128
#define AFTER_MAX 64
#define CHAIN_BYTES 32

/* choices.def as enums: CONTACT_KIND_call is `choice_contact_kind_call`. */
#define CHOICE_BEGIN(list) enum choice_##list {
#define WORD(list, name, number, word, meaning) choice_##list##_##name = (number),
#define CHOICE_END(list)                                                                                               \
    }                                                                                                                  \
    ;
#include "proto/event/choices.def"
#undef CHOICE_BEGIN
#undef WORD
#undef CHOICE_END

/* A list field as raw msgpack: `count` elements in `raw`. For ids: u64s; for rows: arrays. */
struct list {
    struct view raw;
    uint32_t count;
};

/* What the rows of a list come to, as event_decode found it while it looked at them: folds ask for nothing else, and a
 * second walk would cost them nearly as much as decoding. Of no use in an event that is being made. */
struct row_totals {
    uint64_t amount; /* the sum of the amounts; it wraps instead of overflowing */
    uint64_t margin; /* of the lines with a cost: amounts less costs */
    bool positive;   /* some quantity is */
    bool reduced;    /* some line cost less than its list price */
    bool costed;     /* some line has a cost */
};

/* The C type of each kind. */
#define FIELD_TYPE_ID uint64_t
#define FIELD_TYPE_COUNT int64_t
#define FIELD_TYPE_MONEY int64_t
#define FIELD_TYPE_QUANTITY int64_t
#define FIELD_TYPE_TIME int64_t
#define FIELD_TYPE_SPAN int64_t
#define FIELD_TYPE_FLAG int64_t /* 0, 1 or NIL */
#define FIELD_TYPE_WORD struct view
#define FIELD_TYPE_BYTES struct view
#define FIELD_TYPE_IDS struct list

/* struct row_sale_line, struct body_sold, … and the number of each event. A body's struct may be large; it is
 * only ever one member of a union. */
#define FIELD(owner, name, kind, need, bound, doc) FIELD_TYPE_##kind name;
#define CHOICE(owner, name, choice_list, need, doc) int64_t name;
#define ROWS(owner, name, row, most, doc)                                                                              \
    struct list name;                                                                                                  \
    struct row_totals name##_totals;
#define SEALED(owner, name, most, doc) struct view name;
#define ROW_BEGIN(row) struct row_##row {
#define ROW_END(row)                                                                                                   \
    }                                                                                                                  \
    ;
#define EVENT_BEGIN(type, number, version, family, doc) struct body_##type {
#define EVENT_END(type)                                                                                                \
    }                                                                                                                  \
    ;
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

enum event_type {
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc) EVENT_##type = (number),
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
};

/* Bits of the sealed bitmap: SEALED_registered_name = 0, SEALED_registered_phone = 1, … */
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc) SEALED_##owner##_##name,
#define ROW_BEGIN(row)
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc) enum sealed_##type {
#define EVENT_END(type)                                                                                                \
    SEALED_COUNT_##type                                                                                                \
    }                                                                                                                  \
    ;
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

struct ref {
    struct view source; /* VIEW_NONE: no ref */
    struct view key;
};

struct origin {
    struct view chain; /* chain value of the event re-homed here; VIEW_NONE: no origin */
    uint64_t hlc;
};

struct event {
    uint16_t type;
    uint8_t version;
    uint64_t hlc;
    int64_t at;        /* ms UTC, or NIL: the hlc's */
    struct view actor; /* staff code or VIEW_NONE */
    uint64_t subject;  /* 0: none */
    struct ref ref;
    struct list after; /* ids; count 0: none */
    struct origin origin;

    /* The seal. `sealed_bits` tells without any key which fields the event touches. Before `event_encode` the bits say
     * which sealed views of the body are to be written: a set bit with VIEW_NONE clears the field. After `event_open`
     * the same holds; before it the views are VIEW_NONE. */
    uint64_t sealed_bits;
    struct view sealed; /* nonce, ciphertext, tag; as decoded */

    struct view frame; /* what event_decode was given; VIEW_NONE for an event that is being made */

    union {
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc) struct body_##type type;
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
    } body;
};

/* What `event_decode` finds; anything negative is ERR_FORMAT or ERR_LIMIT: not a frame, to be dropped whole. */
enum event_standing {
    EVENT_GOOD = 0,
    EVENT_UNKNOWN = 1, /* type not in this catalogue: envelope only; kept, relayed, shown as such */
    EVENT_BAD = 2,     /* a frame in form, its meaning is not: stored and flagged, ignored by folds */
};

/* Envelope, then body. `err` (may be NULL) gets the reason for anything but EVENT_GOOD. A higher version of a known
 * type has the fields known here first, so these are read and what follows is passed over. Of a bad or unknown event
 * only the envelope may be used; an envelope field that is at fault reads as absent. */
int event_decode(struct view frame, struct event *out, struct err *err);

/* 0 exactly when event_decode would not be negative: form, sizes, nothing after the last field. Meaning is not looked
 * at: only this may refuse an event (DESIGN, section 5). */
int frame_check(struct view frame, struct err *err);
/* The length of the frame at the start of `bytes` (frames stand one after the other in a PUSH): a whole array of at
 * most FRAME_MAX bytes, its envelope not yet looked at. Negative when there is none. */
int frame_length(struct view bytes, size_t *length, struct err *err);

/* The effective time of an event: `at` where somebody said so, else the hlc's ms. */
static inline int64_t event_time(const struct event *e) { return e->at != NIL ? e->at : (int64_t)(e->hlc >> 16); }

/* The store that a sound event gives the subject to, besides its own stream's: that a complaint is routed to, whose
 * employee becomes the custodian. VIEW_NONE: none. */
static inline struct view event_store_given(const struct event *e) {
    if (e->type == EVENT_routed) return e->body.routed.store;
    return e->type == EVENT_custodian ? e->body.custodian.store : VIEW_NONE;
}

/* An empty event of a type: every field absent. */
void event_init(struct event *e, enum event_type type);

/* Checks an event against the catalogue before it is written: ERR_INVALID naming the field (ERR_LIMIT when the frame
 * gets too large). It enforces what decoding enforces. A subject of 0 may still become the event's own id, so the
 * subject that sealed fields need is asked for by `event_encode`, which does all of these checks too. */
int event_validate(const struct event *e, struct err *err);

struct customer_key; /* seal.h */
struct env;

/* Appends the frame to `out`. `key` seals (and must be given when sealed_bits is not 0); `env` gives the nonce. */
int event_encode(const struct event *e, const struct customer_key *key, const struct env *env, struct buf *out,
                 struct err *err);

/* Decrypts the sealed fields into `plain` and points the body's views at it; they live as long as `plain`.
 * ERR_AUTH when the key is not this one. */
int event_open(struct event *e, const struct customer_key *key, struct buf *plain, struct err *err);

/* Walks and fills lists; walking consumes the struct, so walk a copy. false at the end. A list that is being made keeps
 * a storage of its own: the first append empties it, and list->raw follows it. */
bool list_next_id(struct list *list, uint64_t *out);
void list_append_id(struct list *list, struct buf *storage, uint64_t id);
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)                                                                                                 \
    void row_##row##_init(struct row_##row *out); /* every field absent */                                             \
    bool row_##row##_next(struct list *list, struct row_##row *out);                                                   \
    void row_##row##_append(struct list *list, struct buf *storage, const struct row_##row *value);
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc)
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

#endif
