/* The log: an append-only list of records, the only shared state of a site. Everything else is a fold over it.
 *
 * Records stand in local order at positions 1, 2, 3 …; each carries one frame of one stream, unaltered. Records, heads,
 * receipts, cursors and indexes are in one environment, so that an append and its cursor commit together.
 *
 * Three things guard the bytes:
 *   stream chain   c0 = BLAKE2b-256("dangol stream 1" ‖ stream ‖ public key), cn = BLAKE2b-256(cn-1 ‖ frame)  (chain.h)
 *   head           (stream, seq, cn) signed with the stream's key, one per append and stream
 *   site chain     over whole records in position order, commit by commit: LMDB has no checksums
 *
 * Port: the LMDB form (log_lmdb.c) and the in-memory one (log_mem.c) pass one contract suite.
 * Thread: one writer at a time (the site's writer lock); readers in any thread beside it. An iterator or record belongs
 * to the thread that made it. Comes after: the site's writer, ingest. Before: the fold, the uplink, verify. */
#ifndef DANGOL_PROTO_LOG_LOG_H
#define DANGOL_PROTO_LOG_LOG_H

#include "proto/base/bytes.h"
#include "proto/base/env.h"
#include "proto/base/err.h"
#include "proto/event/id.h"

#define CHAIN_SIZE 32
#define SIGNATURE_SIZE 64
#define PUBLIC_KEY_SIZE 32
#define REF_HASH_SIZE 16
#define LOG_SCAN_MAX 10000 /* records one read transaction may span */

struct record {
    uint64_t position;
    uint64_t id;
    int64_t received;  /* when the hub's writer took it, ms UTC; 0 on a node's own */
    uint64_t previous; /* hint: position of the previous record whose frame names the same subject, 0 none: a history
                          is a walk. Verify holds every record to it */
    struct view frame; /* borrowed: valid until the iterator's next call, or as long as the buf it was copied to */
};

struct head {
    uint32_t stream;
    uint64_t seq;                      /* last sequence held; 0: none yet */
    uint8_t chain[CHAIN_SIZE];         /* cn at seq */
    uint8_t signature[SIGNATURE_SIZE]; /* of the stream's key over head_message(); see chain.h */
};

struct log_append {
    uint64_t id;  /* of one stream the seqs follow each other without gap, from the head's seq + 1 */
    bool partial; /* fed by the hub from a stream that is not held in full: no head, no chain, any order, each once. A
                     stream is held in full or in part, never both */
    int64_t received;
    uint64_t previous;
    struct view frame;
    struct view ref_hash; /* ref_hash() of the frame's ref, to be indexed; or VIEW_NONE */
};

/* A small value that commits with an append: cursors, receipts, session tokens. Keys are short names. */
struct log_value {
    struct view key;   /* 1 to 128 bytes */
    struct view value; /* VIEW_NONE removes */
};

struct log_batch {
    const struct log_append *records;
    size_t record_count;
    const struct head *heads; /* the new head of every stream in `records` that is not partial, signed */
    size_t head_count;
    const struct log_value *values;
    size_t value_count;
};

struct log;
struct log_iterator; /* one read transaction, renewed by itself; never outlives the log */

#define LOG_END 1

struct verify_report {
    uint64_t records;
    uint64_t streams;
    uint64_t first_bad; /* position of the first record at fault, 0: none, or what is at fault is no record */
};

/* Against whom `verify` holds the heads: the region's root and the streams' public keys. */
struct log_trust {
    uint8_t root[PUBLIC_KEY_SIZE];
    int (*key_of)(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]); /* 0 or ERR_NOT_FOUND */
    void *context;
    bool fed; /* streams come from a feed too: a head whose signed one is still to come has a signature of zeros */
    void (*progress)(uint64_t done, uint64_t all); /* may be NULL */
};

struct log_ops {
    /* Durable when it returns 0; otherwise nothing of it is there. `*first` gets the first position. ERR_NO_SPACE
     * leaves the log working. What our own mistakes cause by then is refused as ERR_CONFLICT: a gap in a stream, a
     * frame past FRAME_MAX, a ref that is taken, a head that is missing or not its stream's last, a partial event that
     * is there already (append_check.h).
     * After ERR_IO the log takes no more until another process has opened it; what was refused with it may be there
     * then, whole, when the power went meanwhile. */
    int (*append)(struct log *log, const struct log_batch *batch, uint64_t *first, struct err *err);
    uint64_t (*tip)(struct log *log); /* the last position, 0 when empty; any thread */

    /* The head of a stream: 0 or ERR_NOT_FOUND. `heads`: all, ascending by stream; the caller's to free. */
    int (*head)(struct log *log, uint32_t stream, struct head *out);
    int (*heads)(struct log *log, struct head **out, size_t *count, struct err *err);

    int (*position_of)(struct log *log, uint64_t id, uint64_t *position); /* 0 or ERR_NOT_FOUND */
    /* Where an event stands, and how many of its stream stand behind each other from there on, itself included: a
     * reader of one stream takes runs. 0 or ERR_NOT_FOUND. */
    int (*run_of)(struct log *log, uint64_t id, uint64_t *position, uint64_t *length);
    int (*ref)(struct log *log, const uint8_t hash[REF_HASH_SIZE], uint64_t *id); /* 0 or ERR_NOT_FOUND */
    int (*value)(struct log *log, struct view key, struct buf *out);              /* appends; 0 or ERR_NOT_FOUND */
    /* All of them, ascending by key; what `each` is shown is valid within it, and it does not write. */
    int (*values)(struct log *log, void (*each)(void *context, const struct log_value *value), void *context,
                  struct err *err);

    /* One record, its frame copied to the end of `copy`. */
    int (*get)(struct log *log, uint64_t position, struct record *out, struct buf *copy, struct err *err);

    /* The records about one subject, newest first: the one at `position`, then each at the `previous` of the one
     * before, until there is none, `each` says false, or a hint leads nowhere; what `each` is shown is valid within it.
     * NULL: by `get`. */
    int (*trail)(struct log *log, uint64_t position, bool (*each)(void *context, const struct record *record),
                 void *context, struct err *err);

    /* The site chain behind the last commit that ends at `position` or before it, and where that is (0: before the
     * first). Who keeps both knows later whether this is still the same log. */
    int (*chain_at)(struct log *log, uint64_t position, uint64_t *at, uint8_t chain[CHAIN_SIZE], struct err *err);

    int (*iterate)(struct log *log, struct log_iterator **out, struct err *err);

    /* Reads everything and compares everything with everything: record checks, order, chains, heads and their
     * signatures, hints, every index both ways, the site chain. `trust` NULL leaves stream chains and signatures out.
     * 0, or ERR_CORRUPT with a sentence naming the record or index row. */
    int (*verify)(struct log *log, const struct log_trust *trust, struct verify_report *report, struct err *err);
    void (*close)(struct log *log);
};

struct log {
    const struct log_ops *ops; /* first member of every form */
};

struct log_iterator_ops {
    int (*seek)(struct log_iterator *it, uint64_t position); /* the next `next` gives this position or LOG_END */
    int (*next)(struct log_iterator *it, struct record *out, struct err *err); /* 0, LOG_END, negative */
    /* The next ones, up to `max`, all valid together until the iterator is asked again: at least one with 0, fewer than
     * `max` for whatever reason. NULL: one at a time. */
    int (*next_few)(struct log_iterator *it, struct record *out, size_t max, size_t *count, struct err *err);
    /* Lets the read transaction go; what `next` gave is no longer valid. Call before any output or wait. */
    void (*pause)(struct log_iterator *it);
    void (*close)(struct log_iterator *it);
};
struct log_iterator {
    const struct log_iterator_ops *ops;
};

/* `directory` is created (0700) when missing. `map_bytes` 0: the default, 256 GiB, sparse. */
int log_lmdb_open(const char *directory, const struct env *env, uint64_t map_bytes, struct log **out, struct err *err);
/* Copies such a log, as it is at one commit, to a directory: beside appends and readers. */
int log_lmdb_copy(struct log *log, const char *directory, struct err *err);
/* The log's verify without opening it here: opening or reading one whose pages are damaged can end the process. Beside
 * the process that has it open, too. `trust` NULL leaves stream chains and signatures out. */
int log_lmdb_verify(const char *directory, const struct env *env, const struct log_trust *trust,
                    struct verify_report *report, struct err *err);
struct log *log_mem_open(const struct env *env);
struct log *log_mem_copy(struct log *log); /* what an image of its disk holds */

/* Calls through the port. */
static inline int log_append(struct log *l, const struct log_batch *b, uint64_t *first, struct err *e) {
    return l->ops->append(l, b, first, e);
}
static inline uint64_t log_tip(struct log *l) { return l->ops->tip(l); }
static inline int log_head(struct log *l, uint32_t stream, struct head *out) { return l->ops->head(l, stream, out); }
static inline int log_position_of(struct log *l, uint64_t id, uint64_t *p) { return l->ops->position_of(l, id, p); }
static inline int log_get(struct log *l, uint64_t position, struct record *out, struct buf *copy, struct err *e) {
    return l->ops->get(l, position, out, copy, e);
}
int log_trail(struct log *log, uint64_t position, bool (*each)(void *context, const struct record *record),
              void *context, struct err *err); /* log.c */
/* Also of an iterator that knows one at a time only. */
int log_next_few(struct log_iterator *it, struct record *out, size_t max, size_t *count, struct err *err); /* log.c */
int log_get_id(struct log *log, uint64_t id, struct record *out, struct buf *copy, struct err *err);       /* log.c */

#endif
