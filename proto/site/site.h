/* A site: one data directory, opened. What a node and a hub have in common: the lock, the key ring, the log, the model,
 * and the writer, through whose turn every event of the site's own stream goes.
 *
 * The way of an event of one's own: a command fills a `struct draft`; `site_write` takes the writer's turn, checks the
 * ref, gives id and hlc, seals, encodes, chains, signs the head; then ring, log, fold. Events of other streams come
 * through `site_take` (the hub's ingest) the same way from "ring" on.
 *
 * Threads: `site_write` and `site_take` from any thread, one at a time (they take `writer`, then `state` for the fold).
 * Whoever reads the model holds `state` for reading (site_read/site_unread), shortly and never across output.
 * Ownership: everything is the site's until site_close. */
#ifndef DANGOL_PROTO_SITE_SITE_H
#define DANGOL_PROTO_SITE_SITE_H

#include "proto/base/money.h"
#include "proto/base/threads.h"
#include "proto/base/zone.h"
#include "proto/event/keyring.h"
#include "proto/log/owner_os.h"
#include "proto/model/model.h"
#include "proto/site/anniversaries.h"
#include "proto/site/clock.h"
#include "proto/site/config.h"
#include "proto/site/hashed_numbers.h"
#include "proto/site/looks.h"
#include "proto/site/name_index.h"
#include "proto/site/news.h"

struct accounts; /* accounts.h */
struct ranking_kept;

/* Somebody who waits for the log to grow: counted, so that no growth is missed. */
struct growth {
    struct mutex lock;
    struct condition grown;
    uint64_t count;
};

struct site {
    char *directory;
    struct config config;
    struct secrets secrets;
    struct currency currency;
    struct zone zone;
    const struct env *env;
    struct owner owner;
    struct signer signer;
    struct keyring *ring;
    uint8_t tag_key[KEY_BYTES];
    struct log *log;
    struct model *model;
    struct mutex writer;
    struct rwlock state;
    struct rwlock model_stays; /* before `state`: see site_keep_model */
    struct growth growth;
    struct anniversaries anniversaries;
    struct name_index name_index, number_index;
    struct hashed_numbers hashed_numbers;
    struct news news;
    struct looks_marks looks;
    struct ranking_kept *ranking; /* ranking.h */
    struct accounts *accounts;    /* who may sign in over HTTP */

    /* The writer's own, under `writer`. */
    struct clock clock;
    int64_t clock_offset_ms; /* hub's time minus ours at the last contact */
    int64_t last_received;   /* hub: never goes back */
    struct mutex forgetting; /* of erasure.h: before `writer` */
    size_t forgotten;        /* of the model's erasures: all is done here, and said */
    size_t cleaned;          /* the ring's files hold nothing of them any more */
    _Atomic bool closed;     /* a hub's: see site_settle_closed */
    struct err broken;       /* an event is in the log and could not be folded: nothing more is written */
    struct buf quarantine;   /* a store's: why nothing may be written here until it is recovered; empty: it may be */
    bool recovering;         /* the recovery itself: it may */
    bool borrows;            /* ring and log are somebody else's, and stay open */
    _Atomic bool told_otherwise; /* a store's: noted since the start (retell.h) */
};

/* Takes the lock (ERR_BUSY: somebody has it), opens everything, folds the log. */
int site_open(const char *directory, enum role role, const struct env *env,
              void (*progress)(uint64_t done, uint64_t all), struct site **out, struct err *err);
/* From parts already open: for tests and simulation in memory. Takes ownership of ring and log. */
struct site *site_assemble(const struct config *config, const struct secrets *secrets, const struct zone *zone,
                           struct keyring *ring, struct log *log, const struct env *env, struct err *err);
/* The same over a ring and a log that stay the caller's, also when it fails. */
struct site *site_borrow(const struct config *config, const struct secrets *secrets, const struct zone *zone,
                         struct keyring *ring, struct log *log, const struct env *env, struct err *err);
void site_close(struct site *site);
/* As site_open, by the recovery of a store's PC: of a directory that is no other command's until that is done. */
int site_open_recovering(const char *directory, const struct env *env, struct site **out, struct err *err);
#define SITE_QUARANTINE "quarantine" /* the log's value */

/* Tells a model of one's own what the site is: its currency and, at a store, its own store. */
void site_assume(const struct site *site, struct model *model);

void site_read(struct site *site);
void site_unread(struct site *site);
/* For a reader that has the model in turns (site_read, site_unread): in between it changes, but no other takes its
 * place. Never inside a turn. */
void site_keep_model(struct site *site);
void site_give_model(struct site *site);
/* Folds the whole log anew beside the serving model, compares, and puts the new one in its place. ERR_CORRUPT when
 * their digests differ: the serving model stays and the difference is told. */
struct rebuild_report {
    uint64_t events;
    int64_t ms;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
};
int site_rebuild(struct site *site, void (*progress)(uint64_t done, uint64_t all), struct rebuild_report *out,
                 struct err *err);

/* Values that commit with an append. A convenience over log_value for whole small values. */
int site_set_values(struct site *site, const struct log_value *values, size_t count, struct err *err);

/* A store that was restored from an older copy, or cloned, takes in no event of its own from now on, durably; the
 * reason is for people. VIEW_NONE: it is recovered. */
int site_quarantine(struct site *site, struct view reason, struct err *err);
/* Is it? Then `err` (may be NULL) says why, and what to run. */
bool site_quarantined(struct site *site, struct err *err);

#define SUBJECT_SELF (-1) /* the event is its own subject and gets a key of its own if anything is sealed */
#define SUBJECT_GIVEN 0   /* event.subject as it stands (0: none) */
/* n > 0: the id of the n-th draft of the same batch (counted from 1) */

struct draft {
    struct event event; /* hlc is given by the writer; the rest is the command's; views live until site_write returns */
    int subject;        /* see above */
    /* Called in the writer's turn, after the ref was asked for and when the drafts before this one have their ids: lets
     * it name them, and decide what must not change between the question and the writing. Not 0: nothing of the batch
     * is written. It may read the site, model and all. May be NULL. */
    int (*settle)(struct draft *draft, const struct draft *batch, struct err *err);
    void *context; /* for settle */
    /* Of a registration: when a customer known here carries one of its tags, nothing is written and that one is it.
     * Asked in the writer's turn, so that two imports at once do not register somebody twice. */
    bool unless_known;
    const struct customer_key *key; /* of one that is its own subject: the key it has already; NULL: a new one */
    struct tag tags[RING_TAGS_MAX]; /* strong keys that come with it */
    size_t tag_count;
    uint64_t id;   /* out: what it became, or the event that had this ref before */
    bool existing; /* out: nothing was written, the ref was known */
};

/* All of them or none, in one commit, with `values`. On error `*failed` (may be NULL) is the draft at fault. */
int site_write(struct site *site, struct draft *drafts, size_t count, const struct log_value *values,
               size_t value_count, size_t *failed, struct err *err);

/* Records of other streams, verified by the caller: ring, log, fold; records' `previous` is filled here. The caller
 * holds `writer`, since before it judged which records may come: a revocation written in between would come too late.
 * */
struct taking {
    struct log_append *records; /* `received` 0: now; else when an earlier hub received it */
    size_t record_count;
    const struct head *heads;
    size_t head_count;
    const struct ring_put *keys;
    size_t key_count;
    const struct log_value *values;
    size_t value_count;
    bool fed;         /* the records come from the hub's feed, each with the time the hub received it */
    int64_t received; /* out: the time the others got */
};
int site_take(struct site *site, struct taking *taking, struct err *err);
/* Among the log's values of a hub that was given records with the times at which an earlier one received them: the
 * newest time by then. Without it `received` never goes back within the log. */
#define SITE_NEWEST_RECEIVED "newest received"

/* A hub that was restored, or made anew, does not know who was erased since: it opens nothing sealed until a store has
 * handed back what the former one wrote (then SITE_HOLD goes from the log's values), or a person says that none will
 * (SITE_ANSWERS). Sets `closed` by that: at start, and whenever one of the two changes. */
#define SITE_HOLD "judge holds"
#define SITE_ANSWERS "answers"
void site_settle_closed(struct site *site);

/* For readers of sealed content; none needs `state`. */

/* Decodes the event at `id` and opens it when a key is there. `frame` and `plain` hold what the event borrows.
 * `*standing` as event_decode; `*opened`. ERR_NOT_FOUND. */
int site_event(struct site *site, uint64_t id, struct event *out, struct buf *frame, struct buf *plain, int *standing,
               bool *opened, struct record *record, struct err *err);
bool site_unseal(struct site *site, struct event *event, struct buf *plain);
/* An event that was opened last, for whoever reads several things of it within one question: it is opened once. Where
 * one may be given, NULL is fine. Whoever has one wipes it at the end. Thread: one. */
struct site_opened {
    uint64_t id; /* 0: none */
    struct event event;
    struct buf frame, plain;
};
#define SITE_OPENED_NONE ((struct site_opened){.id = 0})
void site_opened_wipe(struct site_opened *opened);
/* Appends the current value of a field of the customer file; nothing when unknown, cleared or erased. `replay` NULL: as
 * the serving model has it (this takes `state`); else as a private one has it. */
void site_field(struct site *site, const struct model *replay, uint64_t customer, int bit, struct buf *out);
/* The same for a person of several customers: what was told last, whichever of their files says it
 * (model_person_winners). What cannot be opened here yet is passed over, for what another file says; a strong key that
 * several of them hold is told as it was first written. */
void site_person_field(struct site *site, const struct model *replay, uint64_t person, int bit, struct buf *out);
/* Several fields of a person at once: each event that holds one is opened once. */
struct person_file {
    struct buf text;
    struct {
        uint32_t start, length; /* length 0: not known */
    } fields[64];
};
void site_person_file(struct site *site, const struct model *replay, uint64_t person, uint64_t bits,
                      struct site_opened *opened, struct person_file *out); /* zeroed before; to be wiped */
/* Of one customer's file, not the others of her person. */
void site_customer_file(struct site *site, const struct model *replay, uint64_t customer, uint64_t bits,
                        struct person_file *out);
static inline struct view person_file_field(const struct person_file *file, int bit) {
    if (file->fields[bit].length == 0) return VIEW_NONE;
    return view_make(file->text.data + file->fields[bit].start, file->fields[bit].length);
}
void person_file_wipe(struct person_file *file);
/* Customers whose file holds a strong key, as written by a person, now; with `ever`, when there is none, those whose
 * file once held it. At most `max`; returns how many, ERR_INVALID when it is no such key. */
int site_find(struct site *site, enum tag_kind kind, struct view written, bool ever, uint64_t *out, size_t max,
              struct err *err);
/* The same, those who hold it now; and what the answer rests on: the tag, and every id that it stands under. */
#define TAGGED_MAX 64
struct tagged {
    struct tag tag;
    uint64_t ids[TAGGED_MAX];
    size_t count; /* TAGGED_MAX: there may be more */
};
int site_find_holders(struct site *site, enum tag_kind kind, struct view written, uint64_t *out, size_t max,
                      struct tagged *tagged, struct site_opened *opened, struct err *err);
/* Does the customer's file hold this strong key now? A number that was given up is found by its tag for ever. */
bool site_holds(struct site *site, uint64_t customer, const struct tag *tag);
/* The tag of a strong key as written. */
int site_tag(struct site *site, enum tag_kind kind, struct view written, struct tag *out, struct err *err);
/* Checks and normalises the strong keys in a draft of registered/updated and fills its tags. */
int site_draft_tags(struct site *site, struct draft *draft, struct err *err);

/* The hub knows this store by its key from now on, durably, and has told it so: the join secret goes from the file,
 * then from memory. Safe to be called again, and after a failure to be. Thread: the uplink's, which alone reads the
 * secret. */
int site_joined(struct site *site, struct err *err);
/* A hub's public key and the root's word on it, by its stream: of other incarnations, and at a node of all. Kept among
 * the log's values. False: not known here. */
bool site_hub_key(struct site *site, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE],
                  uint8_t certificate[SIGNATURE_SIZE]);
/* The public key of any stream known here; 0 or ERR_NOT_FOUND. Takes `state`. */
int site_stream_key(struct site *site, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]);
/* The log's verify, held against those keys. */
int site_verify_log(struct site *site, struct verify_report *report, struct err *err);
/* The name of that value, for whoever commits one (key ‖ certificate). */
#define SITE_HUB_KEY_NAME 24
struct view site_hub_key_name(uint32_t stream, char out[SITE_HUB_KEY_NAME]);

int64_t site_now(const struct site *site); /* corrected by the hub's offset */

#endif
