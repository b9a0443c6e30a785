/* The key ring in memory, for tests and the simulator, which have one thread: a sorted array of rows and at most one
 * transaction at a time. It notes what was there before, and an abort puts that back. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/ring_row.h"
#include "proto/event/ring_store.h"

struct mem_row {
    struct buf key;
    struct buf value;
};

struct mem_undo {
    struct mem_row row;
    bool was_there;
};

struct mem_store;
struct ring_txn {
    struct mem_store *store;
    struct mem_undo *undo;
    size_t undo_count;
    size_t undo_room;
};

struct mem_store {
    struct ring_store port;
    struct ring_txn txn; /* the one there is */
    bool open;
    struct mem_row *rows;
    size_t count;
    size_t room;
    bool remains; /* of keys that were destroyed: see keyring_mem_remains */
};

/* The place of the first row not below `key`. */
static size_t place_of(const struct mem_store *s, struct view key) {
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (view_compare(buf_view(&s->rows[middle].key), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct mem_store *s, size_t place, struct view key) {
    return place < s->count && view_equal(buf_view(&s->rows[place].key), key);
}

static void set_row(struct mem_store *s, struct view key, struct view value) {
    size_t place = place_of(s, key);
    if (!is_at(s, place, key)) {
        if (s->count == s->room) {
            s->room = s->room == 0 ? 64 : s->room * 2;
            s->rows = mem_resize(s->rows, s->room * sizeof *s->rows);
        }
        memmove(&s->rows[place + 1], &s->rows[place], (s->count - place) * sizeof *s->rows);
        s->rows[place] = (struct mem_row){BUF_INIT, BUF_INIT};
        s->count++;
        buf_append_view(&s->rows[place].key, key);
    }
    buf_clear(&s->rows[place].value);
    buf_append_view(&s->rows[place].value, value);
}

static void drop_row(struct mem_store *s, struct view key) {
    size_t place = place_of(s, key);
    if (!is_at(s, place, key)) return;
    buf_release(&s->rows[place].key);
    buf_release(&s->rows[place].value);
    s->count--;
    memmove(&s->rows[place], &s->rows[place + 1], (s->count - place) * sizeof *s->rows);
}

static void note_undo(struct ring_txn *txn, struct view key) {
    if (txn->undo_count == txn->undo_room) {
        txn->undo_room = txn->undo_room == 0 ? 16 : txn->undo_room * 2;
        txn->undo = mem_resize(txn->undo, txn->undo_room * sizeof *txn->undo);
    }
    struct mem_undo *undo = &txn->undo[txn->undo_count++];
    size_t place = place_of(txn->store, key);
    *undo = (struct mem_undo){{BUF_INIT, BUF_INIT}, is_at(txn->store, place, key)};
    buf_append_view(&undo->row.key, key);
    if (undo->was_there) buf_append_view(&undo->row.value, buf_view(&txn->store->rows[place].value));
}

static void end(struct ring_txn *txn) {
    for (size_t i = 0; i < txn->undo_count; i++) {
        buf_release(&txn->undo[i].row.key);
        buf_release(&txn->undo[i].row.value);
    }
    txn->undo_count = 0;
    txn->store->open = false;
}

static int mem_begin(struct ring_store *store, bool write, struct ring_txn **out, struct err *err) {
    struct mem_store *s = (struct mem_store *)store;
    (void)write;
    (void)err;
    assert(!s->open);
    s->open = true;
    *out = &s->txn;
    return 0;
}

static int mem_seek(struct ring_txn *txn, struct view from, struct ring_row *out, struct err *err) {
    struct mem_store *s = txn->store;
    size_t place = place_of(s, from);
    (void)err;
    if (place == s->count) return ERR_NOT_FOUND;
    *out = (struct ring_row){buf_view(&s->rows[place].key), buf_view(&s->rows[place].value)};
    return 0;
}

static int mem_put(struct ring_txn *txn, struct view key, struct view value, struct err *err) {
    (void)err;
    if (key.data[0] == ROW_KEY && value.data[0] == ROW_DEAD) txn->store->remains = true;
    note_undo(txn, key);
    set_row(txn->store, key, value);
    return 0;
}

static int mem_remove(struct ring_txn *txn, struct view key, struct err *err) {
    (void)err;
    note_undo(txn, key);
    drop_row(txn->store, key);
    return 0;
}

static int mem_commit(struct ring_txn *txn, struct err *err) {
    (void)err;
    end(txn);
    return 0;
}

static void mem_abort(struct ring_txn *txn) {
    for (size_t i = txn->undo_count; i-- > 0;) {
        const struct mem_undo *undo = &txn->undo[i];
        if (undo->was_there)
            set_row(txn->store, buf_view(&undo->row.key), buf_view(&undo->row.value));
        else
            drop_row(txn->store, buf_view(&undo->row.key));
    }
    end(txn);
}

static int mem_renew(struct ring_store *store, struct err *err) {
    struct mem_store *s = (struct mem_store *)store;
    (void)err;
    assert(!s->open);
    s->remains = false;
    return 0;
}

static void mem_close(struct ring_store *store) {
    struct mem_store *s = (struct mem_store *)store;
    for (size_t i = 0; i < s->count; i++) {
        buf_release(&s->rows[i].key);
        buf_release(&s->rows[i].value);
    }
    free(s->rows);
    free(s->txn.undo);
    free(s);
}

static const struct ring_store_ops mem_ops = {
    .begin = mem_begin,
    .seek = mem_seek,
    .put = mem_put,
    .remove = mem_remove,
    .commit = mem_commit,
    .abort = mem_abort,
    .renew = mem_renew,
    .close = mem_close,
};

static struct keyring *open_ring(const struct mem_store *rows, const uint8_t master[KEY_BYTES], const struct env *env) {
    struct mem_store *s = mem_alloc(sizeof *s);
    struct keyring *ring = NULL;
    s->port.ops = &mem_ops;
    s->txn.store = s;
    s->remains = rows != NULL && rows->remains;
    for (size_t i = 0; rows != NULL && i < rows->count; i++)
        set_row(s, buf_view(&rows->rows[i].key), buf_view(&rows->rows[i].value));
    int code = keyring_open(&s->port, master, env, &ring, NULL);
    assert(code == 0); /* it is empty or has this master, and memory does not fail */
    (void)code;
    return ring;
}

struct keyring *keyring_mem_open(const uint8_t master[KEY_BYTES], const struct env *env) {
    return open_ring(NULL, master, env);
}

bool keyring_mem_remains(struct keyring *ring) { return ((const struct mem_store *)keyring_store(ring))->remains; }

struct keyring *keyring_mem_copy(struct keyring *ring, const uint8_t master[KEY_BYTES], const struct env *env) {
    return open_ring((const struct mem_store *)keyring_store(ring), master, env);
}
