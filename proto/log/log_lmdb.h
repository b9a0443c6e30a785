/* The LMDB form of the log, inside: what its files share. Others use log.h.
 *
 *   log_lmdb.c       open, close, append
 *   table_lmdb.c     LMDB's calls in views, its codes in words
 *   state_lmdb.c     heads, values, state: the small rows
 *   index_lmdb.c     runs and refs: where events stand
 *   read_lmdb.c      readers, get, iterators
 *   redo_lmdb.c      small appends in one sync
 *   verify_lmdb.c    verify, in a process of its own (verify_os.c)
 *
 * One environment with these sub-databases; byte forms in record.c and rows.c:
 *
 *   records   position << 1 (u64, native order) → record; position << 1 | 1 → the row of the commit that ends there
 *   runs      stream, first seq → first position, count
 *   refs      hash → id
 *   (main)    heads, values and the state, beside the names of the three above
 *
 * How many pages an append touches decides what it costs. So commit rows stand behind their records in the same
 * leaf, and the small rows in the unnamed database, a leaf of which every commit rewrites anyway: an append of one
 * event dirties the path to the last leaf of `records`, that one, and LMDB's own list of free pages.
 *
 * Thread: the writer changes `streams`, `flushed` and `tip`, with `lock` held and only after its commit succeeded; it
 * alone looks at them without. `fd`, `site`, `redo` and `broken` are its own. */
#ifndef DANGOL_PROTO_LOG_LOG_LMDB_H
#define DANGOL_PROTO_LOG_LOG_LMDB_H

#include <assert.h>
#include <stdatomic.h>

#include "proto/base/environment_lmdb.h"
#include "proto/base/threads.h"
#include "proto/log/rows.h"
#include "proto/log/site_chain.h"
#include "proto/log/streams.h"

struct redo;

#define LOG_FORMAT 1
#define LOG_RECORDS_DB "records"
#define LOG_RUNS_DB "runs"
#define LOG_REFS_DB "refs"

/* As in lmdb.h, which only *_lmdb.c include. */
typedef struct MDB_txn MDB_txn;
typedef struct MDB_cursor MDB_cursor;

struct log_databases {
    unsigned main, records, runs, refs; /* MDB_dbi */
};

/* A read transaction that is used again and again. */
struct log_reader {
    MDB_txn *txn;
    MDB_cursor *records;
    MDB_cursor *runs;
    struct log_reader *next; /* among the free ones */
};

struct log_lmdb {
    struct log base;
    const struct env *port;
    char *directory;
    MDB_env *env;
    int fd; /* of LMDB's file, our own: what could not be brought to the disk, the system tells each descriptor once */
    struct log_databases db;
    struct mutex lock;
    struct log_streams streams; /* all heads, and the runs behind `flushed` */
    uint64_t flushed;           /* the runs of records up to here are in the index */
    _Atomic uint64_t tip;
    struct site_chain site;
    struct buf redo; /* the last small append's, or room for the next */
    bool broken;     /* a write failed in a way that only a new process can recover from */
    struct environment_pages pages;
    struct mutex reader_lock;
    struct log_reader *free_readers;
};

static inline struct log_lmdb *log_lmdb_of(struct log *log) { return (struct log_lmdb *)log; }

/* ---- log_lmdb.c ---- */
/* The environment in a directory; `map_bytes` 0: as large as addresses allow. */
int log_env_open(const char *directory, uint64_t map_bytes, unsigned flags, MDB_env **out, struct err *err);

/* ---- table_lmdb.c: LMDB in views ---- */
/* These return LMDB's own codes (or errno); what a view gets is valid until the transaction ends. */
int table_get(MDB_txn *txn, unsigned db, struct view key, struct view *value);
int table_put(MDB_txn *txn, unsigned db, struct view key, struct view value, unsigned flags);
int table_delete(MDB_txn *txn, unsigned db, struct view key); /* 0 also when it is not there */
/* Moves as an MDB_cursor_op says; `key` is in and out. */
int table_move(MDB_cursor *cursor, int op, struct view *key, struct view *value);
/* Such a code as ours, and a sentence: "WHAT: …". */
int log_lmdb_explain(int code, const char *what, struct err *err);

static inline int log_lmdb_error(int code, const char *what, struct err *err) {
    int ours = log_lmdb_explain(code, what, err);
    assert(ours != 0);
    return ours;
}

/* Keys of `records`: a record's, and that of the commit row behind it. */
static inline uint64_t record_key(uint64_t position) { return position << 1; }
static inline uint64_t commit_key(uint64_t position) { return position << 1 | 1; }
static inline bool is_commit_key(uint64_t key) { return (key & 1) != 0; }

/* ---- state_lmdb.c ---- */
/* Opens the sub-databases and reads the state. An empty directory is made a log when `make`, else ERR_NOT_FOUND;
 * ERR_VERSION: written in another format. */
int log_state_open(MDB_env *env, bool make, struct log_databases *db, struct log_state *state, struct err *err);
/* The state row alone; ERR_NOT_FOUND: there is nothing at all. */
int log_state_read(MDB_txn *txn, unsigned main, struct log_state *state, struct err *err);
int log_state_write(MDB_txn *txn, const struct log_databases *db, uint64_t flushed, struct err *err);
int log_heads_read(MDB_txn *txn, const struct log_databases *db, struct log_streams *streams, struct err *err);
int log_heads_write(MDB_txn *txn, const struct log_databases *db, const struct log_batch *batch, struct err *err);
int log_values_write(MDB_txn *txn, const struct log_databases *db, const struct log_batch *batch, struct err *err);
int log_lmdb_head(struct log *log, uint32_t stream, struct head *out);
int log_lmdb_heads(struct log *log, struct head **out, size_t *count, struct err *err);
int log_lmdb_value(struct log *log, struct view key, struct buf *out);
int log_lmdb_values(struct log *log, void (*each)(void *context, const struct log_value *value), void *context,
                    struct err *err);

/* ---- index_lmdb.c ---- */
/* Whether the runs in memory are many enough to be written, with an append or at close. */
bool log_runs_due(const struct log_lmdb *log, bool closing);
int log_runs_flush(struct log_lmdb *log, MDB_txn *txn, struct err *err);
/* The runs of the records behind `flushed`, from the records; at open. */
int log_runs_rebuild(struct log_lmdb *log, MDB_txn *txn, struct err *err);
int log_refs_write(MDB_txn *txn, const struct log_databases *db, const struct log_batch *batch, struct err *err);
int log_lmdb_position_of(struct log *log, uint64_t id, uint64_t *position);
int log_lmdb_run_of(struct log *log, uint64_t id, uint64_t *position, uint64_t *length);
int log_lmdb_ref(struct log *log, const uint8_t hash[REF_HASH_SIZE], uint64_t *id);

/* ---- read_lmdb.c ---- */
int log_reader_take(struct log_lmdb *log, struct log_reader **out, struct err *err);
void log_reader_give(struct log_lmdb *log, struct log_reader *reader); /* NULL is fine */
void log_readers_close(struct log_lmdb *log);
/* The last position a transaction sees, and the site chain there. */
int log_tip_read(MDB_cursor *records, uint64_t *tip, uint8_t chain[CHAIN_SIZE], struct err *err);
int log_lmdb_get(struct log *log, uint64_t position, struct record *out, struct buf *copy, struct err *err);
int log_lmdb_trail(struct log *log, uint64_t position, bool (*each)(void *context, const struct record *record),
                   void *context, struct err *err);
int log_lmdb_chain_at(struct log *log, uint64_t position, uint64_t *at, uint8_t chain[CHAIN_SIZE], struct err *err);
int log_lmdb_iterate(struct log *log, struct log_iterator **out, struct err *err);

/* ---- redo_lmdb.c ---- */
/* Writes a batch down before the transaction with this number commits, which then needs one sync. False: it is too
 * large (or could not be written), and LMDB will do both syncs. */
bool log_redo_write(struct log_lmdb *log, uint64_t transaction, uint64_t first, const struct log_batch *batch);
/* The transaction failed and its batch must not come back. */
bool log_redo_withdraw(struct log_lmdb *log, uint64_t transaction);
/* Whether all that was written since the last time is on the disk, whoever has been told otherwise meanwhile. */
bool log_synced(struct log_lmdb *log);
/* What was written down for a transaction; false: nothing. Borrows from log->redo. */
bool log_redo_read(struct log_lmdb *log, uint64_t transaction, struct redo *out);

/* ---- verify_lmdb.c ---- */
int log_lmdb_verify_open(struct log *log, const struct log_trust *trust, struct verify_report *report, struct err *err);

#endif
