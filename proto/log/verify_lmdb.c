/* Verifying the LMDB form. Every table is read from its first row to its last and held against what the records say;
 * every row is looked up by its key besides, since a lookup takes the way down the tree, which reading in order does
 * not. Runs in a process of its own with an environment of its own, see verify_os.h.
 *
 * Beside a running writer it answers for the log as it was when it began: records are never changed, rows of the index
 * that came later are told by the positions and seqs they name. So transactions can be short here too. */
#include <errno.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/environment_lmdb.h"
#include "proto/log/log_lmdb.h"
#include "proto/log/verify.h"
#include "proto/log/verify_os.h"

#define KEY_MAX 511

struct check {
    struct verify v;
    struct verify_beat *beat;
    MDB_env *env;
    MDB_txn *txn;
    struct log_databases db;
    struct log_state state; /* as all below: of the first transaction */
    struct log_streams heads;
    uint64_t tip;
    uint64_t record_rows;
    uint64_t commits; /* read */
    uint64_t refs;    /* records that must have a row in refs */
};

static void step(struct check *c) { atomic_fetch_add_explicit(&c->beat->steps, 1, memory_order_relaxed); }

/* ---- Walking a table ---- */

struct walk {
    struct check *check;
    const char *table;
    unsigned db;
    MDB_cursor *cursor;
    unsigned read; /* rows in this transaction */
    size_t last_len;
    uint8_t last[KEY_MAX]; /* key of the last row; none at length 0 */
};

static int walk_fault(const struct walk *w, int code, struct err *err) {
    char key[2 * KEY_MAX + 1];
    hex_encode(view_make(w->last, w->last_len), key);
    err_set(err, ERR_CORRUPT, NULL,
            "the structure of the log is damaged behind row %.40s of %s, record %" PRIu64 ": %s",
            w->last_len == 0 ? "0" : key, w->table, w->check->v.position, mdb_strerror(code));
    return ERR_CORRUPT;
}

static int walk_open(struct walk *w, struct check *c, unsigned db, const char *table, struct err *err) {
    *w = (struct walk){.check = c, .table = table, .db = db};
    int rc = mdb_cursor_open(c->txn, db, &w->cursor);
    return rc == 0 ? 0 : walk_fault(w, rc, err);
}

static void walk_close(struct walk *w) {
    if (w->cursor != NULL) mdb_cursor_close(w->cursor);
}

/* A new transaction, the cursor at the row it was at. */
static int walk_renew(struct walk *w) {
    struct view key = view_make(w->last, w->last_len);
    struct view value;
    mdb_txn_reset(w->check->txn);
    w->read = 0;
    int rc = mdb_txn_renew(w->check->txn);
    if (rc == 0) rc = mdb_cursor_renew(w->check->txn, w->cursor);
    return rc != 0 ? rc : table_move(w->cursor, MDB_SET_KEY, &key, &value);
}

static bool ascending(const struct walk *w, struct view key) {
    uint8_t copy[KEY_MAX];
    uint8_t before[KEY_MAX];
    if (key.len == 0 || key.len > KEY_MAX) return false;
    if (w->last_len == 0) return true;
    if (w->db == w->check->db.records && (key.len != 8 || w->last_len != 8)) return false;
    memcpy(copy, key.data, key.len);
    memcpy(before, w->last, w->last_len);
    const MDB_val a = {w->last_len, before};
    const MDB_val b = {key.len, copy};
    return mdb_cmp(w->check->txn, w->db, &a, &b) < 0;
}

/* The next row; MDB_NOTFOUND at the end, another code when the table is damaged. */
static int walk_next(struct walk *w, struct view *key, struct view *value) {
    struct view found;
    int rc = w->read == LOG_SCAN_MAX ? walk_renew(w) : 0;
    if (rc == MDB_NOTFOUND) return MDB_CORRUPTED;
    if (rc == 0) rc = table_move(w->cursor, MDB_NEXT, key, value);
    if (rc != 0) return rc;
    step(w->check);
    if (!ascending(w, *key) || table_get(w->check->txn, w->db, *key, &found) != 0 || found.data != value->data ||
        found.len != value->len)
        return MDB_CORRUPTED;
    memcpy(w->last, key->data, key->len);
    w->last_len = key->len;
    w->read++;
    return 0;
}

/* ---- Main: heads, values, state ---- */

static int check_row(struct check *c, struct view key, struct view value, struct err *err) {
    char name[2 * KEY_MAX + 1];
    struct head head;
    if (view_is(key, LOG_RECORDS_DB) || view_is(key, LOG_RUNS_DB) || view_is(key, LOG_REFS_DB) ||
        view_is(key, STATE_KEY))
        return 0;
    if (key.data[0] == HEAD_KEY_PREFIX && head_row_decode(key, value, &head)) {
        log_streams_put(&c->heads, head.stream)->head = head;
        return 0;
    }
    if (key.data[0] == VALUE_KEY_PREFIX && row_holds(key, value)) return 0;
    if (key.data[0] == HEAD_KEY_PREFIX && key.len == HEAD_KEY_SIZE)
        return err_set(err, ERR_CORRUPT, NULL, "the check of the head of stream %u does not hold",
                       get_u32_be(key.data + 1));
    if (key.data[0] == VALUE_KEY_PREFIX)
        return err_set(err, ERR_CORRUPT, NULL, "the check of the value \"%s\" does not hold",
                       view_text(view_make(key.data + 1, key.len - 1), name, sizeof name));
    hex_encode(key, name);
    return err_set(err, ERR_CORRUPT, NULL, "there is an unknown row %s beside the heads and values", name);
}

static int entries(struct check *c, unsigned db, uint64_t *out, struct err *err) {
    MDB_stat stat;
    int rc = mdb_stat(c->txn, db, &stat);
    *out = rc == 0 ? stat.ms_entries : 0;
    return rc == 0 ? 0 : log_lmdb_error(rc, "reading the size of a table", err);
}

static int count_is(const char *table, uint64_t counted, uint64_t stated, struct err *err) {
    if (counted == stated) return 0;
    return err_set(err, ERR_CORRUPT, NULL, "%s has %" PRIu64 " rows, and says it has %" PRIu64, table, counted, stated);
}

static int check_main(struct check *c, struct err *err) {
    struct walk w;
    struct view key = VIEW_NONE;
    struct view value;
    uint64_t stated = 0;
    uint64_t counted = 0;
    int found = 0;
    int rc = walk_open(&w, c, c->db.main, "the small rows", err);
    if (rc == 0) rc = entries(c, c->db.main, &stated, err);
    while (rc == 0 && (found = walk_next(&w, &key, &value)) == 0) {
        counted++;
        rc = check_row(c, key, value, err);
    }
    if (rc == 0 && found != MDB_NOTFOUND) rc = walk_fault(&w, found, err);
    walk_close(&w);
    return rc != 0 ? rc : count_is("the table of heads and values", counted, stated, err);
}

/* ---- Records ---- */

static int check_ref(struct check *c, const struct verified_ref *ref, struct view bytes, struct err *err) {
    struct view hash = view_make(ref->hash, REF_HASH_SIZE);
    struct view row;
    uint64_t id;
    if (!ref->indexed) return 0;
    c->refs++;
    int rc = table_get(c->txn, c->db.refs, hash, &row);
    if (rc == 0 && ref_row_decode(hash, row, &id) && id == record_id(bytes)) return 0;
    return verify_fault(&c->v, c->v.position, record_id(bytes), err, "the row of its ref in the index is %s",
                        rc == MDB_NOTFOUND ? "missing" : "damaged");
}

static int check_commit(struct check *c, uint64_t last, struct view bytes, struct err *err) {
    struct commit_row row;
    if (last != c->v.position || !commit_row_decode(bytes, last, &row))
        return err_set(err, ERR_CORRUPT, NULL, "the check of the commit row behind record %" PRIu64 " does not hold",
                       c->v.position);
    c->commits++;
    return verify_commit(&c->v, &row, err);
}

static int check_record(struct check *c, struct view key, struct view bytes, struct err *err) {
    uint64_t number;
    struct verified_ref ref;
    if (key.len != sizeof number) return verify_fault(&c->v, c->v.position + 1, 0, err, "its key is damaged");
    memcpy(&number, key.data, sizeof number);
    if (is_commit_key(number)) return check_commit(c, number >> 1, bytes, err);
    if (number >> 1 != c->v.position + 1)
        return verify_fault(&c->v, c->v.position + 1, 0, err, "it is missing, the next one is record %" PRIu64,
                            number >> 1);
    int rc = verify_record(&c->v, bytes, &ref, err);
    if (rc != 0) return rc;
    atomic_store_explicit(&c->beat->done, c->v.position, memory_order_relaxed);
    return check_ref(c, &ref, bytes, err);
}

static int check_records(struct check *c, struct err *err) {
    struct walk w;
    struct view key = VIEW_NONE;
    struct view bytes;
    int found = 0;
    int rc = walk_open(&w, c, c->db.records, LOG_RECORDS_DB, err);
    while (rc == 0 && c->v.position + c->commits < c->record_rows && (found = walk_next(&w, &key, &bytes)) == 0)
        rc = check_record(c, key, bytes, err);
    if (rc == 0 && found != 0 && found != MDB_NOTFOUND) {
        c->v.first_bad = c->v.position < c->tip ? c->v.position + 1 : 0;
        rc = walk_fault(&w, found, err);
    }
    walk_close(&w);
    if (rc == 0 && (c->v.position != c->tip || c->v.site.count != 0))
        rc = err_set(err, ERR_CORRUPT, NULL, "the records end with %" PRIu64 ", and should with %" PRIu64,
                     c->v.position, c->tip);
    return rc != 0 ? rc : count_is("the table of records", c->tip + c->commits, c->record_rows, err);
}

/* ---- Runs ---- */

static int run_fault(uint32_t stream, uint64_t seq, const char *what, struct err *err) {
    err_set(err, ERR_CORRUPT, NULL, "the row of stream %u from %" PRIu64 " in the index of runs %s", stream, seq, what);
    return ERR_CORRUPT;
}

/* The next row that is about records the index covered at the start. */
static int next_run(struct walk *w, uint32_t *stream, struct run *run, struct err *err) {
    struct view key = VIEW_NONE;
    struct view value;
    for (;;) {
        int found = walk_next(w, &key, &value);
        if (found == MDB_NOTFOUND) return LOG_END;
        if (found != 0) return walk_fault(w, found, err);
        if (!run_row_decode(key, value, stream, run))
            return run_fault(key.len == RUN_KEY_SIZE ? get_u32_be(key.data) : 0,
                             key.len == RUN_KEY_SIZE ? get_u64_be(key.data + 4) : 0, "fails its check", err);
        if (run->position <= w->check->state.flushed) return 0;
    }
}

static int check_run(struct walk *w, uint32_t stream, const struct run *expected, struct err *err) {
    uint64_t flushed = w->check->state.flushed;
    uint64_t covered = flushed - expected->position + 1;
    uint32_t found_stream = 0;
    struct run found = {0};
    int rc = next_run(w, &found_stream, &found, err);
    if (rc < 0) return rc;
    if (rc == LOG_END || found_stream > stream || (found_stream == stream && found.seq > expected->seq))
        return run_fault(stream, expected->seq, "is missing", err);
    if (found_stream != stream || found.seq != expected->seq)
        return run_fault(found_stream, found.seq, "stands for no records", err);
    /* The run that reached the end of what the index covered may have been made longer meanwhile. */
    bool extended = expected->count >= covered;
    if (found.position == expected->position && (extended ? found.count >= covered : found.count == expected->count))
        return 0;
    return run_fault(stream, expected->seq, "does not agree with the records", err);
}

static int check_runs(struct check *c, struct err *err) {
    struct walk w;
    struct run extra = {0};
    uint32_t extra_stream = 0;
    size_t count;
    struct log_stream *streams = log_streams_with_runs(&c->v.streams, &count);
    int rc = walk_open(&w, c, c->db.runs, LOG_RUNS_DB, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        for (size_t j = 0; rc == 0 && j < streams[i].run_count; j++)
            if (streams[i].runs[j].position <= c->state.flushed)
                rc = check_run(&w, streams[i].head.stream, &streams[i].runs[j], err);
    if (rc == 0) rc = next_run(&w, &extra_stream, &extra, err);
    if (rc == 0) rc = run_fault(extra_stream, extra.seq, "stands for no records", err);
    walk_close(&w);
    free(streams);
    return rc == LOG_END ? 0 : rc;
}

/* ---- Refs ---- */

static int check_refs(struct check *c, struct err *err) {
    struct walk w;
    struct view key = VIEW_NONE;
    struct view value;
    char name[2 * KEY_MAX + 1];
    uint64_t counted = 0;
    uint64_t id;
    int found = 0;
    int rc = walk_open(&w, c, c->db.refs, LOG_REFS_DB, err);
    while (rc == 0 && (found = walk_next(&w, &key, &value)) == 0) {
        if (!ref_row_decode(key, value, &id)) {
            hex_encode(key, name);
            rc = err_set(err, ERR_CORRUPT, NULL, "row %s of the index of refs fails its check", name);
        } else if (id_seq(id) <= log_streams_last(&c->v.streams, id_stream(id))) {
            counted++;
        }
    }
    if (rc == 0 && found != MDB_NOTFOUND) rc = walk_fault(&w, found, err);
    walk_close(&w);
    /* Each record with a ref has found its row, and no two have the same: more rows than those stand for nothing. */
    if (rc == 0 && counted != c->refs)
        rc = err_set(err, ERR_CORRUPT, NULL,
                     "the index of refs has %" PRIu64 " rows for %" PRIu64 " records with a ref", counted, c->refs);
    return rc;
}

/* ---- All of it ---- */

static int check_heads(struct check *c, struct err *err) {
    size_t count;
    struct head *heads = log_streams_heads(&c->heads, &count);
    int rc = count == c->heads.count ? verify_heads(&c->v, heads, count, err)
                                     : err_set(err, ERR_CORRUPT, NULL, "there is a head of a stream without records");
    free(heads);
    return rc;
}

/* What the log is at this moment. */
static int begin(struct check *c, struct err *err) {
    MDB_cursor *cursor;
    uint8_t chain[CHAIN_SIZE];
    int rc = mdb_txn_begin(c->env, NULL, MDB_RDONLY, &c->txn);
    if (rc != 0) return log_lmdb_error(rc, "reading the log", err);
    rc = log_state_read(c->txn, c->db.main, &c->state, err);
    if (rc != 0) return rc;
    if (c->state.transaction < mdb_txn_id(c->txn))
        return err_set(err, ERR_CORRUPT, NULL, "the log's last transaction is %zu, its state was written by %" PRIu64,
                       mdb_txn_id(c->txn), c->state.transaction);
    rc = mdb_cursor_open(c->txn, c->db.records, &cursor);
    if (rc != 0) return log_lmdb_error(rc, "reading the log", err);
    rc = log_tip_read(cursor, &c->tip, chain, err);
    mdb_cursor_close(cursor);
    atomic_store(&c->beat->all, c->tip);
    return rc != 0 ? rc : entries(c, c->db.records, &c->record_rows, err);
}

static int check_all(struct check *c, struct err *err) {
    int rc = begin(c, err);
    if (rc == 0) rc = check_main(c, err);
    if (rc == 0) rc = check_records(c, err);
    if (rc == 0) rc = check_heads(c, err);
    if (rc == 0) rc = check_runs(c, err);
    return rc != 0 ? rc : check_refs(c, err);
}

/* liblmdb asserts what a damaged page can make false. */
static void on_assert(MDB_env *env, const char *text) {
    (void)env;
    (void)text;
    _exit(EXIT_FAILURE);
}

static int run(void *context, const struct log_trust *trust, struct verify_beat *beat, struct verify_report *report,
               struct err *err) {
    const char *directory = context;
    struct check c = {.beat = beat};
    verify_init(&c.v, trust, &c.heads);
    int rc = environment_check(directory, err);
    if (rc == 0) rc = log_env_open(directory, 0, MDB_RDONLY, &c.env, err);
    if (rc == 0) rc = mdb_env_set_assert(c.env, on_assert);
    if (rc == 0) rc = log_state_open(c.env, false, &c.db, &c.state, err);
    if (rc == 0) rc = check_all(&c, err);
    verify_report(&c.v, report);
    if (c.txn != NULL) mdb_txn_abort(c.txn);
    if (c.env != NULL) mdb_env_close(c.env); /* gives its place among the readers back */
    return rc;
}

int log_lmdb_verify(const char *directory, const struct env *env, const struct log_trust *trust,
                    struct verify_report *report, struct err *err) {
    char *copy = mem_text(directory);
    const struct verify_work work = {run, copy};
    int rc = verify_in_child(&work, trust, env, report, err);
    free(copy);
    return rc;
}

int log_lmdb_verify_open(struct log *base, const struct log_trust *trust, struct verify_report *report,
                         struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    int rc = log_lmdb_verify(log->directory, log->port, trust, report, err);
    mdb_reader_check(log->env, NULL); /* a child that died has left its place among the readers */
    return rc;
}
