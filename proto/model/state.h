/* What the model remembers, for the files of this room only.
 *
 *   entry        a subject: a customer, a placeholder for one not seen yet, or a sale, complaint or member of staff
 * that
 *                other events name as their subject. Fixed size; a table gives the entry of an id.
 *   row          a sale or return (rows.h)
 *   edge         a link, or an attribution of a sale or complaint: joins two entries into one person
 *   erasure      the ids of somebody who is to be forgotten
 *   unlink       names edges that no longer hold, and bars pairs
 *   edit         a change card of a customer file
 *   fact         a contact, promise, benefit, tag … about a subject, or a store's own: a gathering, a rainy day
 *   item         an event of a complaint's thread
 *   referral       a fact that somebody brought a newcomer, by the newcomer
 *   notice       a store's facts, a member of staff, a value of the policy
 *   verdict      the latest word on whether an event counts
 *   correction   of a stream's clock
 *
 * How it stays commutative: each of these is kept under the id of its event, voided ones too, only marked dead. A void,
 * early or late, sets or clears the mark; what several of them say together (heads of a field, the order of a thread,
 * who is one person, whether a bar holds) is worked out from all of them, on change or when asked. Only what reaches
 * into times already folded, a clock correction, has everything folded again from the log. */
#ifndef DANGOL_PROTO_MODEL_STATE_H
#define DANGOL_PROTO_MODEL_STATE_H

#include "proto/base/call.h"
#include "proto/base/idmap.h"
#include "proto/model/give_backs.h"
#include "proto/model/model.h"
#include "proto/model/rows.h"
#include "proto/model/vec.h"
#include "proto/model/words.h"

enum entry_flag {
    ENTRY_REGISTERED = 1,   /* a `registered` of this id was seen */
    ENTRY_UNREGISTERED = 2, /* and is voided */
    ENTRY_PURCHASE = 4,     /* the id is that of a sale or return */
    ENTRY_COMPLAINT = 8,    /* … of a complaint */
    ENTRY_STAFF = 16,       /* … of a member of staff */
    ENTRY_ATTRIBUTED = 32,  /* … of one of these that was attributed to a customer */
    ENTRY_UNSURE = 64,      /* `last` has to be looked for, see purchases.c */
    ENTRY_PARTED = 256,     /* was one with others and taken apart from them, if only to be put together again */
};
#define ENTRY_THING (ENTRY_PURCHASE | ENTRY_COMPLAINT | ENTRY_STAFF | ENTRY_ATTRIBUTED) /* no customer */

/* 128 bytes: what every sale touches is in front, within one cache line (large arrays begin 16 bytes into one). */
struct entry {
    int64_t spend;           /* of its live rows, all of them */
    int64_t last;            /* latest live visit, or TIME_NONE */
    uint64_t last_position;  /* of the last record about it */
    struct row_sum rows_sum; /* of the live rows, for the digest */
    uint32_t visits, rows;   /* live ones */

    uint64_t id;
    uint32_t next_member; /* the members of a person stand in a ring */
    uint32_t flags;
    uint32_t returns; /* of the rows */
    uint32_t edges;   /* heads of lists, or NONE */
    uint32_t edits;
    uint32_t facts;
    uint32_t items;
    uint32_t last_stream; /* of the latest visit; of several at one time, the largest number */
    uint64_t sealed[2];   /* sum over mixes of the sealed bytes about it, in two lanes */
    uint64_t registered_hlc, registered_bits;
    int64_t registered_time;
};

struct edge {
    uint64_t id, hlc;
    uint32_t end[2];  /* entries: the event's subject, the other one */
    uint32_t next[2]; /* the next edge in the list of each end */
    bool attribution;
    bool by_person; /* a person's word, no judgement */
    bool dead;
};

/* A run of ids in the model's pool. */
struct id_run {
    uint32_t start, count;
};

struct erasure {
    uint64_t id, hlc;
    int64_t time;
    struct id_run ids;
};

struct unlink {
    uint64_t id, hlc;
    uint64_t other;
    struct id_run edges, barred;
    bool dead;
};

/* One unlink bars `other`: listed under each id of the pair. */
struct bar {
    uint64_t other;
    uint32_t unlink;
    uint32_t next;
};

struct edit {
    uint64_t id, hlc, bits;
    uint64_t cleared; /* of the bits: those it says it clears */
    int64_t time;
    struct id_run after;
    uint32_t next;
    bool dead;
};

/* What the fields mean is said where the events are taken in (facts.c). */
struct fact {
    uint64_t id, hlc;
    int64_t time;
    uint64_t other;
    int64_t values[3];
    uint32_t words[2];
    uint32_t entry; /* NONE: about no customer, in the model's list of the store's facts */
    uint32_t next;  /* of the entry, or of the store's facts */
    uint16_t type;
    uint16_t minutes; /* contacted; 0: not said */
    uint8_t matter;   /* contacted: a level; 0: not said */
    bool dead;
    bool listed; /* promised: among those that may be open */
};

/* A fact that somebody brought a newcomer, found by the newcomer. */
struct referral {
    int64_t time;
    uint32_t fact;
    uint32_t next; /* of the same newcomer */
};

/* Somebody was named the custodian of an entry, by the word of a store or, where none was said, of the one whose
 * stream it is. */
struct custody {
    uint32_t entry, store, stream;
};

struct item {
    uint64_t id, hlc;
    int64_t time;
    uint64_t complaint;
    int64_t cost;
    uint32_t entry;
    uint32_t next;           /* of the entry */
    uint32_t next_of_thread; /* whatever their subjects */
    struct id_run after;
    uint32_t words[3];
    uint16_t type;
    uint8_t step;            /* stepped; 0 else */
    uint8_t level;           /* complained, routed; 0: not said */
    uint8_t kind;            /* channel, settlement */
    int8_t satisfied, score; /* -1: not said */
    bool dead : 1;
    bool listed : 1; /* complained: among those that may be open */
};

/* Promises, or complaints, that may be open: nearly all there ever were are not. Whatever may open one again puts it
 * back in; now and then those that surely are closed are left out. */
struct open_list {
    uint32_t *items; /* indices of the facts, or items */
    uint32_t count, room;
    uint32_t left;   /* when it was last gone through */
    int64_t settled; /* as of a time before this one, one that was left out may have been open */
};

struct notice {
    uint64_t id, hlc;
    uint64_t subject;
    int64_t from;      /* policy: in force from, NIL: from the beginning */
    uint32_t words[3]; /* store: code, name, chain; staff: code; policy: key, value */
    uint32_t next;     /* of the same type and first word */
    uint16_t type;
    uint8_t role;
    bool active, keeper, dead;
};

struct store {
    uint32_t code, name, chain; /* words */
};

struct verdict {
    uint64_t event, id, hlc;
    bool on;
    bool twice; /* the judge's word: another one counts in its place */
};

struct correction {
    uint64_t id, hlc, from, to;
    int64_t ms;
    uint64_t ref;  /* of the event, hashed; 0: none */
    uint32_t next; /* of the same stream */
};

/* Where an event's trace is: the array it stands in, and its index there. Rows and registrations are found by their
 * ids alone. */
enum thing { THING_EDGE, THING_UNLINK, THING_EDIT, THING_FACT, THING_ITEM, THING_NOTICE };

struct thing_place {
    uint32_t seq_low; /* of the event, low 32 bits */
    uint32_t index;
    uint8_t seq_high;
    uint8_t thing; /* enum thing */
};

#define THINGS_CHUNK 256

/* Ascending by seq; in chunks, as rows are. */
struct things {
    struct thing_place **chunks; /* full ones, but for the last */
    struct thing_place *end;     /* where the next one goes while the last chunk has room */
    uint64_t last;               /* seq of the last one */
    uint32_t count;
    uint32_t room; /* of the last chunk */
};

static inline struct thing_place *things_at(const struct things *things, uint32_t index) {
    return &things->chunks[index / THINGS_CHUNK][index % THINGS_CHUNK];
}

struct stream {
    uint32_t number;
    uint64_t events, last_seq;
    struct rows rows;
    struct things things;
    /* Facts of the hub's stream, each with the (hlc, id) it was said at; id 0: not said. */
    uint64_t opened_id, opened_hlc, keyed_id, keyed_hlc, revoked_id, revoked_hlc;
    uint32_t store, replaces; /* store: a word */
    uint8_t secret_hash[32], key[PUBLIC_KEY_SIZE];
    uint64_t revoked_last;
    uint32_t assumed_store;
    uint32_t corrections; /* head of a list, or NONE */
};

/* Entries that something was said about, one after the other, and streams whose sales of nobody changed: who reads in
 * turns (turns.h) looks at these again. A ring of the latest. */
#define TOUCHED_STREAM 0x80000000u /* and the stream's index */
#define TOUCHED_KEPT 65536u        /* a power of two */
struct touched {
    uint32_t *ring;
    uint64_t count; /* ever */
    bool all;       /* of a long replay nothing is noted: it is everything */
};

struct model {
    struct log *log;
    struct touched touched;
    uint64_t position;
    uint64_t events;
    struct words words;
    int64_t received_until; /* records that came later are passed over; TIME_NONE: none are */

    VEC(struct entry) entries;
    VEC(uint32_t)
    roots;                 /* by entry: some member of its person, the same for all of them; dense for what goes through
                            all rows */
    struct idmap entry_of; /* id → index */
    VEC(uint32_t) unsure;

    VEC(struct stream) streams;
    VEC(uint32_t) stream_order;         /* indices of streams, ascending by number */
    struct idmap stream_of;             /* number + 1 → index */
    uint32_t last_stream;               /* most events are of the stream of the one before */
    struct idmap long_rows;             /* id → lines */
    uint64_t purchases, returns, lines; /* live */
    uint64_t nobodys;                   /* live purchases without an entry */
    int64_t max_time;                   /* no row is later; TIME_NONE: no rows */

    VEC(uint64_t) ids;
    VEC(struct edge) edges;
    VEC(struct unlink) unlinks;
    struct idmap unlinked; /* edge id → how many live unlinks name it */
    VEC(struct bar) bars;
    struct idmap bars_of; /* id → index of its first bar */
    VEC(struct erasure) erasures;
    struct idmap erased; /* id → an erased id of the same person, see persons.c */
    VEC(struct edit) edits;
    VEC(struct fact) facts;
    VEC(struct referral) referrals;
    struct idmap brought;          /* newcomer → index of the newest of its referrals */
    VEC(struct custody) custodied; /* whoever was ever named a custodian */
    uint32_t store_facts;          /* head of the list of those about no customer, or NONE */
    VEC(struct item) items;
    struct idmap threads; /* complaint → index of its newest item */
    struct open_list open_promises, open_complaints;
    VEC(struct notice) notices;
    struct idmap notices_of;  /* type and first word → index of the newest */
    VEC(struct store) stores; /* by code */
    VEC(struct store) assumed_stores;
    struct currency currency;    /* code empty: not known */
    struct idmap assumed_policy; /* word of a key → word of its value */
    bool assumes_nothing;        /* for now */

    VEC(struct verdict) verdicts;
    struct idmap verdict_of; /* event → index */
    struct give_backs gave_back;
    uint32_t foreign_voids; /* of one store's stream on another's: whether they count depends on the streams' stores */
    VEC(struct correction) corrections;
    bool stale; /* something reaches back: fold everything again */
};

/* One event on its way into the state. */
struct folding {
    struct model *model;
    const struct event *event;
    uint64_t id;
    uint64_t subject; /* see model_subject */
    uint32_t entry;   /* the subject's, or NONE */
    uint64_t hlc;     /* corrected */
    int64_t time;     /* corrected, within TIME_MIN … TIME_MAX */
    bool dead;        /* voided */
};

static inline void everything_touched(struct model *model) { model->touched.count += TOUCHED_KEPT + 1; }
static inline void entry_touched(struct model *model, uint32_t entry) {
    if (!model->touched.all) model->touched.ring[model->touched.count++ % TOUCHED_KEPT] = entry;
}

/* entries.c */
static inline uint32_t entry_find(const struct model *model, uint64_t id) { /* NONE */
    const uint64_t *index = idmap_find(&model->entry_of, id);
    return index == NULL ? NONE : (uint32_t)*index;
}
uint32_t entry_of(struct model *model, uint64_t id); /* makes one when there is none */
static inline bool entry_known(const struct entry *entry) {
    return (entry->flags & (ENTRY_REGISTERED | ENTRY_UNREGISTERED)) == ENTRY_REGISTERED;
}
void entry_seal(struct model *model, uint32_t index, uint64_t id, struct view sealed);

/* streams.c */
struct stream *stream_of(struct model *model, uint32_t number); /* makes one when there is none */
struct stream *stream_look_up(const struct model *model, uint32_t number);
static inline struct stream *stream_find(const struct model *model, uint32_t number) {
    bool last = model->last_stream < model->streams.count && model->streams.items[model->last_stream].number == number;
    return last ? &model->streams.items[model->last_stream] : stream_look_up(model, number);
}
uint32_t stream_store(const struct stream *stream); /* the word of its store, 0: not known */
void fold_stream_opened(const struct folding *f);
void fold_stream_keyed(const struct folding *f);
void fold_stream_revoked(const struct folding *f);

/* clocks.c */
static inline uint64_t corrected_hlc(const struct model *model, uint64_t id, const struct event *e) {
    uint64_t hlc = e->origin.chain.data != NULL ? e->origin.hlc : e->hlc;
    return model->corrections.count == 0 ? hlc : model_hlc_at(model, id, hlc);
}
static inline int64_t corrected_time(uint64_t hlc, const struct event *e) {
    int64_t time = e->at != NIL ? e->at : (int64_t)(hlc >> 16);
    if (time < TIME_MIN) return TIME_MIN;
    return time > TIME_MAX ? TIME_MAX : time;
}
void fold_clock(const struct folding *f);

/* voids.c */
static inline bool voided(const struct model *model, uint64_t id) {
    const uint64_t *index = idmap_find(&model->verdict_of, id);
    return index != NULL && model->verdicts.items[*index].on;
}
void fold_voided(const struct folding *f);

/* purchases.c */
struct purchase {
    uint64_t id, subject, position;
    uint64_t sale; /* which a return says it is of; 0: none */
    int64_t time;
    struct row_money money;
    uint32_t lines;
    uint32_t flags;
    bool named;   /* the frame names the subject */
    bool of_sale; /* a return whose subject is the sale: one without customer */
    bool dead;    /* voided, or of a sale that people took back */
};
void purchase_read(const struct model *model, const struct record *record, const struct event *e, uint64_t subject,
                   struct purchase *out);
/* `entry`: the subject's, where it has been looked up; NONE: it has not, or there was none. */
void purchase_put(struct model *model, const struct purchase *p, uint32_t entry);
void row_take_over(struct model *model, struct row *row, uint64_t id, uint32_t entry); /* a row of nobody's */
void row_void(struct model *model, struct row *row, uint64_t id, bool dead);
uint32_t row_line_count(const struct model *model, const struct row *row, uint64_t id);
struct row_sum row_sum(const struct model *model, const struct row *row, uint64_t id);
void settle_last_visits(struct model *model);

/* person_rows.c: adds the live rows of an entry, in no order. */
struct met_row {
    uint64_t id;
    uint64_t position;       /* of its record, 0: not met */
    const struct rows *rows; /* among which it stands */
    const struct row *row;   /* until the next one is put */
};
struct met_rows {
    struct met_row *items;
    uint32_t count, room;
};
void entry_rows(const struct model *model, uint32_t index, struct met_rows *out);

/* persons.c, unlinks.c */
void fold_linked(const struct folding *f);
void fold_attributed(const struct folding *f);
void fold_erased(const struct folding *f);
void fold_unlinked(const struct folding *f);
void edge_void(struct model *model, uint32_t index, bool dead);
void unlink_void(struct model *model, uint32_t index, bool dead);
bool edge_holds(const struct model *model, const struct edge *edge);
void edge_changed(struct model *model, uint32_t index);
bool model_erased(const struct model *model, uint64_t id);
uint64_t person_name(const struct model *model, uint32_t entry); /* the id a person is shown under */
bool person_known(const struct model *model, uint32_t entry);    /* has a registered member */

/* served.c: known, and at a store's PC one whom the store serves: lists are of these. */
bool person_listed(const struct model *model, uint32_t entry);

/* file.c */
void fold_registered(const struct folding *f);
void fold_updated(const struct folding *f);
void registration_void(struct model *model, uint32_t entry, bool dead);

/* facts.c */
void fold_fact(const struct folding *f);
void fact_void(struct model *model, uint32_t index, bool dead);

/* complaints.c */
void fold_item(const struct folding *f);
void item_void(struct model *model, uint32_t index, bool dead);

/* open.c: what may have opened a promise, or a complaint, tells it. */
void open_lists_release(struct model *model);
void open_by_fact(struct model *model, uint32_t fact);
void open_by_item(struct model *model, uint32_t item);
/* Does the list say all that are open as of `to` (TIME_NONE: of all that was ever noted)? */
static inline bool open_list_tells(const struct open_list *list, int64_t to) {
    return to == TIME_NONE || to >= list->settled;
}

/* directory.c */
void fold_notice(const struct folding *f);
void notice_void(struct model *model, uint32_t index, bool dead);

/* apply.c */
struct stream *record_seen(struct model *model, uint64_t id, uint64_t position);
static inline void entry_reached(struct entry *entry, uint64_t position) {
    if (entry->last_position < position) entry->last_position = position;
}
struct id_run ids_put(struct model *model, struct list list);
/* `subject` as model_subject says; `entry`: its, where it has been looked up; NONE: it has not, or there was none. */
void fold_record(struct model *model, const struct record *record, const struct event *e, int standing,
                 uint64_t subject, uint32_t entry);

/* things.c */
/* Calls for the memory that the next thing is going to be written to. */
CALLS void things_call(const struct things *things) { __builtin_prefetch(things->end, 1); }
size_t things_memory(const struct things *things);
void things_release(struct things *things);
void thing_put(struct model *model, uint64_t id, enum thing thing, uint32_t index);
/* False: this id is no thing, or not seen yet. */
bool thing_find(const struct model *model, uint64_t id, enum thing *thing, uint32_t *index);

/* Is (hlc_a, a) later than (hlc_b, b)? */
static inline bool later(uint64_t hlc_a, uint64_t a, uint64_t hlc_b, uint64_t b) {
    return hlc_a != hlc_b ? hlc_a > hlc_b : a > b;
}

/* Of what people say of a customer again and again, the last word is what happened last, of the same moment what was
 * written last: she may have withdrawn today what somebody types in tomorrow from a slip of last week. Only where a
 * word corrects another one is it what was written last (`later`): voids, links, marks of a day, stores, staff. */
static inline bool happened_later(const struct fact *fact, const struct fact *than) {
    return fact->time != than->time ? fact->time > than->time : later(fact->hlc, fact->id, than->hlc, than->id);
}
static inline void keep_last_word(const struct fact **last, const struct fact *fact) {
    if (*last == NULL || happened_later(fact, *last)) *last = fact;
}

#endif
