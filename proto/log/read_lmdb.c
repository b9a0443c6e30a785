#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

#include "proto/log/log_lmdb.h"
#include "proto/log/record.h"

/* ---- Readers ----
 *
 * A reader is taken for one look or one stretch of an iteration and given back, so there are as many as there are
 * threads reading at once, and a paused iterator holds nothing. */

static int reader_open(struct log_lmdb *log, struct log_reader *reader) {
    int rc = mdb_txn_begin(log->env, NULL, MDB_RDONLY, &reader->txn);
    if (rc == MDB_READERS_FULL && mdb_reader_check(log->env, NULL) == 0)
        rc = mdb_txn_begin(log->env, NULL, MDB_RDONLY, &reader->txn);
    if (rc == 0) rc = mdb_cursor_open(reader->txn, log->db.records, &reader->records);
    return rc != 0 ? rc : mdb_cursor_open(reader->txn, log->db.runs, &reader->runs);
}

static void reader_close(struct log_reader *reader) {
    if (reader->records != NULL) mdb_cursor_close(reader->records);
    if (reader->runs != NULL) mdb_cursor_close(reader->runs);
    if (reader->txn != NULL) mdb_txn_abort(reader->txn);
    free(reader);
}

static int reader_begin(struct log_reader *reader) {
    int rc = mdb_txn_renew(reader->txn);
    if (rc == 0) rc = mdb_cursor_renew(reader->txn, reader->records);
    return rc != 0 ? rc : mdb_cursor_renew(reader->txn, reader->runs);
}

int log_reader_take(struct log_lmdb *log, struct log_reader **out, struct err *err) {
    mutex_lock(&log->reader_lock);
    struct log_reader *reader = log->free_readers;
    if (reader != NULL) log->free_readers = reader->next;
    mutex_unlock(&log->reader_lock);
    int rc;
    if (reader != NULL) {
        rc = reader_begin(reader);
    } else {
        reader = mem_alloc(sizeof *reader);
        rc = reader_open(log, reader);
    }
    if (rc == 0) {
        *out = reader;
        return 0;
    }
    reader_close(reader);
    return log_lmdb_error(rc, "reading the log", err);
}

void log_reader_give(struct log_lmdb *log, struct log_reader *reader) {
    if (reader == NULL) return;
    mdb_txn_reset(reader->txn);
    environment_looked(&log->pages, ENVIRONMENT_LOOK);
    mutex_lock(&log->reader_lock);
    reader->next = log->free_readers;
    log->free_readers = reader;
    mutex_unlock(&log->reader_lock);
}

void log_readers_close(struct log_lmdb *log) {
    while (log->free_readers != NULL) {
        struct log_reader *reader = log->free_readers;
        log->free_readers = reader->next;
        reader_close(reader);
    }
}

/* ---- Records ---- */

static uint64_t key_number(struct view key) {
    uint64_t number = 0;
    if (key.len == sizeof number) memcpy(&number, key.data, sizeof number);
    return number;
}

static int damaged(uint64_t position, struct err *err) {
    return err_set(err, ERR_CORRUPT, NULL, "record %llu of the log has changed or is missing: run verify",
                   (unsigned long long)position);
}

int log_tip_read(MDB_cursor *records, uint64_t *tip, uint8_t chain[CHAIN_SIZE], struct err *err) {
    struct site_chain start;
    struct commit_row row;
    struct view key = VIEW_NONE;
    struct view bytes;
    int rc = table_move(records, MDB_LAST, &key, &bytes);
    if (rc == MDB_NOTFOUND) {
        site_chain_start(&start);
        memcpy(chain, start.value, CHAIN_SIZE);
        *tip = 0;
        return 0;
    }
    if (rc != 0) return log_lmdb_error(rc, "reading the end of the log", err);
    *tip = key_number(key) >> 1;
    if (!is_commit_key(key_number(key)) || !commit_row_decode(bytes, *tip, &row))
        return err_set(err, ERR_CORRUPT, NULL, "the row of the last commit, behind record %llu, has changed",
                       (unsigned long long)*tip);
    memcpy(chain, row.chain, CHAIN_SIZE);
    return 0;
}

int log_lmdb_get(struct log *base, uint64_t position, struct record *out, struct buf *copy, struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    struct log_reader *reader;
    struct view bytes;
    uint64_t place = record_key(position);
    if (position == 0 || position > log_tip(base))
        return err_set(err, ERR_NOT_FOUND, NULL, "there is no record %llu", (unsigned long long)position);
    int rc = log_reader_take(log, &reader, err);
    if (rc != 0) return rc;
    rc = table_get(reader->txn, log->db.records, view_make(&place, sizeof place), &bytes);
    if (rc != 0 || !record_decode(bytes, position, out)) {
        rc = damaged(position, err);
    } else {
        size_t before = copy->len;
        buf_append_view(copy, out->frame);
        out->frame.data = copy->data + before;
    }
    log_reader_give(log, reader);
    return rc;
}

int log_lmdb_trail(struct log *base, uint64_t position, bool (*each)(void *context, const struct record *record),
                   void *context, struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    struct log_reader *reader = NULL;
    uint64_t tip = log_tip(base);
    unsigned read = 0;
    int rc = 0;
    for (bool more = true; more && position != 0 && position <= tip;) {
        struct record record;
        struct view bytes;
        uint64_t place = record_key(position);
        if (read == LOG_SCAN_MAX) { /* no transaction lasts longer than that */
            log_reader_give(log, reader);
            reader = NULL;
            read = 0;
        }
        if (reader == NULL && (rc = log_reader_take(log, &reader, err)) != 0) return rc;
        rc = table_get(reader->txn, log->db.records, view_make(&place, sizeof place), &bytes);
        if (rc != 0 || !record_decode(bytes, position, &record)) {
            rc = damaged(position, err);
            break;
        }
        read++;
        if (record.previous >= position) record.previous = 0;
        more = each(context, &record);
        position = record.previous;
    }
    log_reader_give(log, reader);
    environment_looked(&log->pages, read);
    return rc;
}

/* The last commit row at the cursor or before it. */
static int commit_before(MDB_cursor *cursor, int rc, struct view key, struct view bytes, struct commit_row *out,
                         struct err *err) {
    while (rc == 0 && !is_commit_key(key_number(key))) rc = table_move(cursor, MDB_PREV, &key, &bytes);
    if (rc == MDB_NOTFOUND) return ERR_NOT_FOUND;
    if (rc != 0) return log_lmdb_error(rc, "reading the log's commits", err);
    uint64_t last = key_number(key) >> 1;
    return commit_row_decode(bytes, last, out) ? 0 : damaged(last, err);
}

int log_lmdb_chain_at(struct log *base, uint64_t position, uint64_t *at, uint8_t chain[CHAIN_SIZE], struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    struct log_reader *reader;
    struct site_chain start;
    struct commit_row row = {0};
    struct view bytes = VIEW_NONE;
    uint64_t tip = log_tip(base);
    uint64_t place = commit_key(position < tip ? position : tip);
    struct view key = view_make(&place, sizeof place);
    int rc = log_reader_take(log, &reader, err);
    if (rc != 0) return rc;
    rc = table_move(reader->records, MDB_SET_RANGE, &key, &bytes);
    if (rc == 0 && key_number(key) > place) rc = table_move(reader->records, MDB_PREV, &key, &bytes);
    rc = commit_before(reader->records, rc, key, bytes, &row, err);
    log_reader_give(log, reader);
    if (rc != 0 && rc != ERR_NOT_FOUND) return rc;
    site_chain_start(&start);
    *at = row.last;
    memcpy(chain, rc == 0 ? row.chain : start.value, CHAIN_SIZE);
    return 0;
}

/* ---- Iterating ---- */

#define CACHE_LINE 64
#define PAGE 4096

struct lmdb_iterator {
    struct log_iterator base;
    struct log_lmdb *log;
    struct log_reader *reader; /* NULL: paused */
    uint64_t position;         /* the next */
    uint64_t end;              /* the tip when the reader was taken: a transaction may see more already */
    unsigned read;             /* records since then */
    bool placed;               /* the cursor stands at position - 1 */
};

static void lmdb_pause(struct log_iterator *base) {
    struct lmdb_iterator *it = (struct lmdb_iterator *)base;
    if (it->reader != NULL) environment_looked(&it->log->pages, it->read);
    log_reader_give(it->log, it->reader);
    it->reader = NULL;
}

static int lmdb_seek(struct log_iterator *base, uint64_t position) {
    struct lmdb_iterator *it = (struct lmdb_iterator *)base;
    it->position = position == 0 ? 1 : position;
    it->placed = false;
    return 0;
}

static int lmdb_resume(struct lmdb_iterator *it, struct err *err) {
    it->end = log_tip(&it->log->base); /* before the transaction, which then sees at least that */
    it->read = 0;
    it->placed = false;
    return it->position > it->end ? LOG_END : log_reader_take(it->log, &it->reader, err);
}

/* The cursor to the record at it->position. */
static int lmdb_place(struct lmdb_iterator *it, struct view *key, struct view *bytes) {
    MDB_cursor *cursor = it->reader->records;
    uint64_t place = record_key(it->position);
    if (!it->placed) {
        *key = view_make(&place, sizeof place);
        return table_move(cursor, MDB_SET_KEY, key, bytes);
    }
    int rc = table_move(cursor, MDB_NEXT, key, bytes);
    if (rc == 0 && is_commit_key(key_number(*key))) rc = table_move(cursor, MDB_NEXT, key, bytes);
    return rc;
}

/* LMDB fills a leaf from the end of its page, so a scan goes down through the memory, where no processor reads ahead
 * far enough; and the log is larger than any cache. So the same place two pages further on is called for, with the head
 * of LMDB's node and its key before the bytes: leaves follow each other, or have one of another table between them, and
 * two pages are the time that memory takes. Measured: 1 and 4 pages are both slower. No address is wrong: where nothing
 * is, nothing is called for. */
#define NODE_HEAD 16
#define AHEAD (2 * PAGE)

static void call_ahead(struct view bytes) {
    const uint8_t *start = bytes.data + AHEAD - NODE_HEAD;
    for (size_t i = 0; i < bytes.len + NODE_HEAD; i += CACHE_LINE) __builtin_prefetch(start + i);
}

static int lmdb_next(struct log_iterator *base, struct record *out, struct err *err) {
    struct lmdb_iterator *it = (struct lmdb_iterator *)base;
    struct view key = VIEW_NONE;
    struct view bytes;
    if (it->reader != NULL && (it->read == LOG_SCAN_MAX || it->position > it->end)) lmdb_pause(base);
    if (it->reader == NULL) {
        int rc = lmdb_resume(it, err);
        if (rc != 0) return rc;
    }
    if (lmdb_place(it, &key, &bytes) != 0 || key_number(key) != record_key(it->position) ||
        !record_decode(bytes, it->position, out)) {
        it->placed = false;
        return damaged(it->position, err);
    }
    call_ahead(bytes);
    it->placed = true;
    it->position++;
    it->read++;
    return 0;
}

/* Of one transaction, so that all of them stay where they are. */
static int lmdb_next_few(struct log_iterator *base, struct record *out, size_t max, size_t *count, struct err *err) {
    struct lmdb_iterator *it = (struct lmdb_iterator *)base;
    int rc = lmdb_next(base, out, err);
    for (*count = rc == 0; *count > 0 && *count < max && it->read < LOG_SCAN_MAX && it->position <= it->end; ++*count) {
        rc = lmdb_next(base, &out[*count], err);
        if (rc != 0) break; /* told when it is asked for again, too */
    }
    return *count > 0 ? 0 : rc;
}

static void lmdb_iterator_close(struct log_iterator *base) {
    lmdb_pause(base);
    free(base);
}

int log_lmdb_iterate(struct log *base, struct log_iterator **out, struct err *err) {
    static const struct log_iterator_ops ops = {lmdb_seek, lmdb_next, lmdb_next_few, lmdb_pause, lmdb_iterator_close};
    struct lmdb_iterator *it = mem_alloc(sizeof *it);
    (void)err;
    *it = (struct lmdb_iterator){.base = {&ops}, .log = log_lmdb_of(base), .position = 1};
    *out = &it->base;
    return 0;
}
