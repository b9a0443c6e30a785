#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

#include "proto/log/append_check.h"
#include "proto/log/log_lmdb.h"
#include "proto/log/record.h"

/* Runs in memory are written when they are many, so that a sorted flush touches each leaf once; or when a crash would
 * make the next start read too many records again. */
#define FLUSH_RUNS 4096
#define FLUSH_RECORDS 131072
/* Fewer are cheaper to read at the next start than a commit is now: most commands open the log for one event. */
#define FLUSH_RECORDS_CLOSING 8192

/* ---- Writing runs ---- */

bool log_runs_due(const struct log_lmdb *log, bool closing) {
    uint64_t behind = atomic_load_explicit(&log->tip, memory_order_relaxed) - log->flushed;
    if (closing) return behind >= FLUSH_RECORDS_CLOSING;
    return log->streams.run_total >= FLUSH_RUNS || behind >= FLUSH_RECORDS;
}

/* The last row of a stream that starts at `seq` or before. ERR_NOT_FOUND without a word, or ERR_CORRUPT. */
static int row_before(MDB_cursor *cursor, uint32_t stream, uint64_t seq, struct run *out, struct err *err) {
    uint8_t wanted[RUN_KEY_SIZE];
    uint32_t found;
    struct view row;
    run_key(wanted, stream, seq);
    struct view key = view_make(wanted, sizeof wanted);
    int rc = table_move(cursor, MDB_SET_RANGE, &key, &row);
    if (rc == MDB_NOTFOUND)
        rc = table_move(cursor, MDB_LAST, &key, &row);
    else if (rc == 0 && !view_equal(key, view_make(wanted, sizeof wanted)))
        rc = table_move(cursor, MDB_PREV, &key, &row);
    if (rc == MDB_NOTFOUND) return ERR_NOT_FOUND;
    if (rc != 0) return log_lmdb_error(rc, "reading the index of runs", err);
    if (!run_row_decode(key, row, &found, out))
        return err_set(err, ERR_CORRUPT, NULL, "the check of a row in the index of runs does not hold, near stream %u",
                       stream);
    return found == stream ? 0 : ERR_NOT_FOUND;
}

static int row_write(MDB_txn *txn, unsigned db, uint32_t stream, const struct run *run, struct err *err) {
    uint8_t key[RUN_KEY_SIZE];
    uint8_t row[RUN_ROW_SIZE];
    run_key(key, stream, run->seq);
    run_row_encode(row, view_make(key, sizeof key), run);
    int rc = table_put(txn, db, view_make(key, sizeof key), view_make(row, sizeof row), 0);
    return rc == 0 ? 0 : log_lmdb_error(rc, "writing the index of runs", err);
}

static int stream_flush(MDB_txn *txn, MDB_cursor *cursor, unsigned db, const struct log_stream *stream,
                        struct err *err) {
    uint32_t number = stream->head.stream;
    struct run first = stream->runs[0];
    struct run written = {0};
    bool partial = stream->head.seq == 0; /* its runs are never joined, see streams.h */
    int rc = partial ? ERR_NOT_FOUND : row_before(cursor, number, first.seq, &written, err);
    if (rc == 0 && written.seq + written.count == first.seq && written.position + written.count == first.position) {
        first.seq = written.seq;
        first.position = written.position;
        first.count += written.count;
    }
    if (rc == 0 || rc == ERR_NOT_FOUND) rc = row_write(txn, db, number, &first, err);
    for (size_t i = 1; rc == 0 && i < stream->run_count; i++) rc = row_write(txn, db, number, &stream->runs[i], err);
    return rc;
}

int log_runs_flush(struct log_lmdb *log, MDB_txn *txn, struct err *err) {
    MDB_cursor *cursor;
    size_t count;
    int rc = mdb_cursor_open(txn, log->db.runs, &cursor);
    if (rc != 0) return log_lmdb_error(rc, "writing the index of runs", err);
    struct log_stream *streams = log_streams_with_runs(&log->streams, &count);
    for (size_t i = 0; rc == 0 && i < count; i++) rc = stream_flush(txn, cursor, log->db.runs, &streams[i], err);
    free(streams);
    mdb_cursor_close(cursor);
    return rc;
}

int log_runs_rebuild(struct log_lmdb *log, MDB_txn *txn, struct err *err) {
    MDB_cursor *cursor;
    struct view bytes;
    uint64_t place = record_key(log->flushed + 1);
    struct view key = view_make(&place, sizeof place);
    int rc = mdb_cursor_open(txn, log->db.records, &cursor);
    if (rc != 0) return log_lmdb_error(rc, "reading the records behind the index", err);
    for (rc = table_move(cursor, MDB_SET_RANGE, &key, &bytes); rc == 0;
         rc = table_move(cursor, MDB_NEXT, &key, &bytes)) {
        struct record record;
        uint64_t number;
        memcpy(&number, key.data, sizeof number);
        /* One that has changed is left out: reading it says so, and verify names it. */
        if (is_commit_key(number) || !record_decode(bytes, number >> 1, &record)) continue;
        struct log_stream *stream = log_streams_put(&log->streams, id_stream(record.id));
        log_streams_stand(&log->streams, stream, id_seq(record.id), record.position);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : log_lmdb_error(rc, "reading the records behind the index", err);
}

/* ---- Finding runs ---- */

/* Where an event stands according to what is in memory; `known`: its stream has come that far, or is held in part. */
static bool find_in_memory(struct log_lmdb *log, uint64_t id, uint64_t *position, uint64_t *length, bool *known) {
    mutex_lock(&log->lock);
    bool found = log_streams_where(&log->streams, id, position, length);
    uint64_t last = log_streams_last(&log->streams, id_stream(id));
    if (known != NULL) *known = id_seq(id) > 0 && (last == 0 || id_seq(id) <= last);
    mutex_unlock(&log->lock);
    return found;
}

static int find_in_index(struct log_lmdb *log, uint64_t id, struct run *run) {
    struct log_reader *reader;
    int rc = log_reader_take(log, &reader, NULL);
    if (rc != 0) return rc;
    rc = row_before(reader->runs, id_stream(id), id_seq(id), run, NULL);
    log_reader_give(log, reader);
    return rc == 0 && id_seq(id) - run->seq >= run->count ? ERR_NOT_FOUND : rc;
}

int log_lmdb_run_of(struct log *base, uint64_t id, uint64_t *position, uint64_t *length) {
    struct log_lmdb *log = log_lmdb_of(base);
    struct run run;
    uint64_t next_position;
    uint64_t more;
    bool known;
    /* Memory first: what a flush takes out of it is in the index by then. */
    if (find_in_memory(log, id, position, length, &known)) return 0;
    int rc = known ? find_in_index(log, id, &run) : ERR_NOT_FOUND;
    if (rc != 0) return rc;
    *position = run.position + (id_seq(id) - run.seq);
    *length = run.count - (id_seq(id) - run.seq);
    uint64_t next = id_make(id_stream(id), run.seq + run.count);
    if (find_in_memory(log, next, &next_position, &more, NULL) && next_position == run.position + run.count)
        *length += more;
    return 0;
}

int log_lmdb_position_of(struct log *base, uint64_t id, uint64_t *position) {
    uint64_t length;
    return log_lmdb_run_of(base, id, position, &length);
}

/* ---- Refs ---- */

static int ref_write(MDB_txn *txn, unsigned db, const struct log_append *append, struct err *err) {
    uint8_t row[REF_ROW_SIZE];
    struct view taken;
    uint64_t holder = 0;
    ref_row_encode(row, append->ref_hash, append->id);
    int rc = table_put(txn, db, append->ref_hash, view_make(row, sizeof row), MDB_NOOVERWRITE);
    if (rc == MDB_KEYEXIST && table_get(txn, db, append->ref_hash, &taken) == 0) {
        if (!ref_row_decode(append->ref_hash, taken, &holder))
            return err_set(err, ERR_CORRUPT, NULL, "the check of a row in the index of refs does not hold");
        return append_ref_taken(append->id, holder, err);
    }
    return rc == 0 ? 0 : log_lmdb_error(rc, "writing the index of refs", err);
}

int log_refs_write(MDB_txn *txn, const struct log_databases *db, const struct log_batch *batch, struct err *err) {
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < batch->record_count; i++)
        if (batch->records[i].ref_hash.data != NULL) rc = ref_write(txn, db->refs, &batch->records[i], err);
    return rc;
}

int log_lmdb_ref(struct log *base, const uint8_t hash[REF_HASH_SIZE], uint64_t *id) {
    struct log_lmdb *log = log_lmdb_of(base);
    struct log_reader *reader;
    struct view row;
    struct view key = view_make(hash, REF_HASH_SIZE);
    int rc = log_reader_take(log, &reader, NULL);
    if (rc != 0) return rc;
    rc = table_get(reader->txn, log->db.refs, key, &row);
    if (rc != 0)
        rc = log_lmdb_error(rc, "", NULL);
    else if (!ref_row_decode(key, row, id))
        rc = ERR_CORRUPT;
    log_reader_give(log, reader);
    return rc;
}
