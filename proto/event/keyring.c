/* The rules of the key ring, over any ring_store; see ring_row.h for the rows. */
#include "proto/event/keyring.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/event/id.h"
#include "proto/event/ring_row.h"
#include "proto/event/ring_seal.h"
#include "proto/event/ring_store.h"
#include "proto/event/ring_verify.h"

struct ring {
    struct keyring port;
    struct ring_store *store;
    struct customer_key master;
    const struct env *env;
};

static struct ring *ring_of(struct keyring *ring) { return (struct ring *)ring; }

static int begin(struct ring *r, bool write, struct ring_txn **out, struct err *err) {
    return r->store->ops->begin(r->store, write, out, err);
}

static int finish(struct ring *r, struct ring_txn *txn, int code, struct err *err) {
    if (code == 0) return r->store->ops->commit(txn, err);
    r->store->ops->abort(txn);
    return code;
}

/* The next row under a prefix, from `from` on: 0 or ERR_NOT_FOUND. */
static int seek_under(struct ring *r, struct ring_txn *txn, const struct row_key *prefix, struct view from,
                      struct ring_row *out, struct err *err) {
    int code = r->store->ops->seek(txn, from, out, err);
    return code == 0 && !row_has_prefix(out->key, prefix) ? ERR_NOT_FOUND : code;
}

static int seek_first(struct ring *r, struct ring_txn *txn, const struct row_key *prefix, struct ring_row *out,
                      struct err *err) {
    return seek_under(r, txn, prefix, row_view(prefix), out, err);
}

static int put_row(struct ring *r, struct ring_txn *txn, struct row_key key, struct view value, struct err *err) {
    return r->store->ops->put(txn, row_view(&key), value, err);
}

static int remove_row(struct ring *r, struct ring_txn *txn, struct row_key key, struct err *err) {
    return r->store->ops->remove(txn, row_view(&key), err);
}

/* 1 there, 0 not there, or negative. */
static int is_there(struct ring *r, struct ring_txn *txn, struct row_key key, struct err *err) {
    struct ring_row row;
    int code = seek_first(r, txn, &key, &row, err);
    if (code == ERR_NOT_FOUND) return 0;
    return code == 0 ? 1 : code;
}

static const struct view nothing = {(const uint8_t *)"", 0};

static int put_tag(struct ring *r, struct ring_txn *txn, uint64_t id, const struct tag *tag, struct err *err) {
    int code = put_row(r, txn, row_tag_of(tag, id), nothing, err);
    return code == 0 ? put_row(r, txn, row_tag_of_id(id, tag), nothing, err) : code;
}

static int remove_tag(struct ring *r, struct ring_txn *txn, uint64_t id, const struct tag *tag, struct err *err) {
    int code = remove_row(r, txn, row_tag_of(tag, id), err);
    return code == 0 ? remove_row(r, txn, row_tag_of_id(id, tag), err) : code;
}

static int remove_tags(struct ring *r, struct ring_txn *txn, uint64_t id, struct err *err) {
    struct row_key prefix = row_tag_of_prefix(id);
    struct ring_row row;
    int code;
    while ((code = seek_first(r, txn, &prefix, &row, err)) == 0) {
        struct tag tag;
        if (!ring_tag_of(row.key, &tag))
            return err_set(err, ERR_CORRUPT, NULL, "the key ring has a tag row of a wrong size");
        code = remove_tag(r, txn, id, &tag, err);
        if (code != 0) return code;
    }
    return code == ERR_NOT_FOUND ? 0 : code;
}

/* What happens to each live key of an id: its row goes, or a tombstone takes its place. */
enum parting { FORGET, DESTROY };

static int part_with_key(struct ring *r, struct ring_txn *txn, uint64_t id,
                         const uint8_t fingerprint[FINGERPRINT_BYTES], enum parting parting, struct err *err) {
    static const uint8_t dead[1] = {ROW_DEAD};
    if (parting == FORGET) return remove_row(r, txn, row_key_of(id, fingerprint), err);
    int code = put_row(r, txn, row_key_of(id, fingerprint), view_make(dead, sizeof dead), err);
    return code == 0 ? put_row(r, txn, row_tomb_of(fingerprint, id), nothing, err) : code;
}

static int part_with(struct ring *r, struct ring_txn *txn, uint64_t id, enum parting parting, struct err *err) {
    struct row_key prefix = row_key_prefix(id);
    struct row_key from = prefix;
    struct ring_row row;
    int code;
    while ((code = seek_under(r, txn, &prefix, row_view(&from), &row, err)) == 0) {
        if (row.key.len != ROW_KEY_SIZE || row.value.len == 0)
            return err_set(err, ERR_CORRUPT, NULL, "the key ring has a key row of a wrong size");
        uint8_t fingerprint[FINGERPRINT_BYTES];
        bool live = row.value.data[0] != ROW_DEAD;
        memcpy(fingerprint, row.key.data + 9, sizeof fingerprint);
        from = row_after(row.key);
        code = live ? part_with_key(r, txn, id, fingerprint, parting, err) : 0;
        if (code != 0) return code;
    }
    return code == ERR_NOT_FOUND ? remove_tags(r, txn, id, err) : code;
}

/* 1 when every key the id had was destroyed, 0 when one lives or it never had one. */
static int all_destroyed(struct ring *r, struct ring_txn *txn, uint64_t id, struct err *err) {
    struct row_key prefix = row_key_prefix(id);
    struct row_key from = prefix;
    struct ring_row row;
    int code, found = 0;
    while ((code = seek_under(r, txn, &prefix, row_view(&from), &row, err)) == 0) {
        if (row.key.len != ROW_KEY_SIZE || row.value.len == 0)
            return err_set(err, ERR_CORRUPT, NULL, "the key ring has a key row of a wrong size");
        if (row.value.data[0] != ROW_DEAD) return 0;
        found = 1;
        from = row_after(row.key);
    }
    return code == ERR_NOT_FOUND ? found : code;
}

static int put_key(struct ring *r, struct ring_txn *txn, uint64_t id, const struct customer_key *key,
                   const uint8_t fingerprint[FINGERPRINT_BYTES], struct err *err) {
    struct row_key row = row_key_of(id, fingerprint);
    int there = is_there(r, txn, row, err);
    if (there != 0) /* write-once */
        return there < 0 ? there : 0;
    struct buf value = BUF_INIT;
    buf_append_byte(&value, ROW_LIVE);
    ring_seal(&r->master, row_view(&row), view_make(key->bytes, KEY_BYTES), r->env, &value);
    int code = put_row(r, txn, row, buf_view(&value), err);
    buf_release(&value);
    return code;
}

static int put_one(struct ring *r, struct ring_txn *txn, const struct ring_put *put, struct err *err) {
    uint8_t fingerprint[FINGERPRINT_BYTES];
    assert(id_valid(put->id) && put->tag_count <= RING_TAGS_MAX);
    /* What was destroyed is never taken again, nor the tags that come with it. */
    int gone;
    if (put->has_key) {
        customer_key_fingerprint(&put->key, fingerprint);
        gone = is_there(r, txn, row_tomb_prefix(fingerprint), err);
    } else {
        gone = all_destroyed(r, txn, put->id, err);
    }
    if (gone != 0 && !BUG(erased_key_again)) return gone < 0 ? gone : 0;
    int code = put->replace ? part_with(r, txn, put->id, FORGET, err) : 0;
    if (code == 0 && put->has_key) code = put_key(r, txn, put->id, &put->key, fingerprint, err);
    for (size_t i = 0; code == 0 && i < put->tag_count; i++) code = put_tag(r, txn, put->id, &put->tags[i], err);
    return code;
}

static int ring_put(struct keyring *ring, const struct ring_put *puts, size_t count, struct err *err) {
    struct ring *r = ring_of(ring);
    struct ring_txn *txn;
    if (count == 0) return 0;
    int code = begin(r, true, &txn, err);
    if (code != 0) return code;
    for (size_t i = 0; code == 0 && i < count; i++) code = put_one(r, txn, &puts[i], err);
    return finish(r, txn, code, err);
}

static int ring_get(struct keyring *ring, uint64_t id, struct ring_key *out, size_t max, struct err *err) {
    struct ring *r = ring_of(ring);
    struct row_key prefix = row_key_prefix(id);
    struct ring_txn *txn;
    size_t count = 0;
    int code = begin(r, false, &txn, err);
    if (code != 0) return code;
    for (int destroyed = 0; destroyed <= 1; destroyed++) { /* live ones first */
        struct row_key from = prefix;
        struct ring_row row;
        while (count < max && (code = seek_under(r, txn, &prefix, row_view(&from), &row, err)) == 0) {
            uint64_t owner;
            from = row_after(row.key);
            if (ring_row_dead(&row) != (destroyed == 1)) continue; /* told of in the other round */
            code = ring_unseal_key(&r->master, &row, &owner, &out[count], err);
            if (code != 0) break;
            count++;
        }
        if (code != 0 && code != ERR_NOT_FOUND) break;
    }
    r->store->ops->abort(txn);
    return code != 0 && code != ERR_NOT_FOUND ? code : (int)count;
}

static int ring_find(struct keyring *ring, const struct tag *tag, uint64_t *out, size_t max, struct err *err) {
    struct ring *r = ring_of(ring);
    struct row_key prefix = row_tag_prefix(tag);
    struct row_key from = prefix;
    struct ring_row row;
    struct ring_txn *txn;
    size_t count = 0;
    int code = begin(r, false, &txn, err);
    if (code != 0) return code;
    while (count < max && (code = seek_under(r, txn, &prefix, row_view(&from), &row, err)) == 0) {
        if (row.key.len != ROW_TAG_SIZE) {
            code = err_set(err, ERR_CORRUPT, NULL, "the key ring has a tag row of a wrong size");
            break;
        }
        out[count++] = get_u64_be(row.key.data + prefix.len);
        from = row_after(row.key);
    }
    r->store->ops->abort(txn);
    return code != 0 && code != ERR_NOT_FOUND ? code : (int)count;
}

static int ring_tags(struct keyring *ring, uint64_t id, uint8_t kind, struct tag *out, size_t max, struct err *err) {
    struct ring *r = ring_of(ring);
    struct row_key prefix = row_tag_of_kind(id, kind);
    struct row_key from = prefix;
    struct ring_row row;
    struct ring_txn *txn;
    size_t count = 0;
    int code = begin(r, false, &txn, err);
    if (code != 0) return code;
    while (count < max && (code = seek_under(r, txn, &prefix, row_view(&from), &row, err)) == 0) {
        if (!ring_tag_of(row.key, &out[count])) {
            code = err_set(err, ERR_CORRUPT, NULL, "the key ring has a tag row of a wrong size");
            break;
        }
        count++;
        from = row_after(row.key);
    }
    r->store->ops->abort(txn);
    return code != 0 && code != ERR_NOT_FOUND ? code : (int)count;
}

static int ring_untag(struct keyring *ring, uint64_t id, const struct tag *tag, struct err *err) {
    struct ring *r = ring_of(ring);
    struct ring_txn *txn;
    int code = begin(r, true, &txn, err);
    if (code != 0) return code;
    return finish(r, txn, remove_tag(r, txn, id, tag, err), err);
}

static int ring_destroy(struct keyring *ring, uint64_t id, struct err *err) {
    struct ring *r = ring_of(ring);
    struct ring_txn *txn;
    int code = begin(r, true, &txn, err);
    if (code != 0) return code;
    return finish(r, txn, part_with(r, txn, id, DESTROY, err), err);
}

static int ring_renew(struct keyring *ring, struct err *err) {
    struct ring *r = ring_of(ring);
    return r->store->ops->renew(r->store, err);
}

static int ring_set_value(struct keyring *ring, const char *name, struct view value, struct err *err) {
    struct ring *r = ring_of(ring);
    struct row_key row = row_value(name);
    struct ring_txn *txn;
    int code = begin(r, true, &txn, err);
    if (code != 0) return code;
    if (value.data == NULL) return finish(r, txn, remove_row(r, txn, row, err), err);
    struct buf sealed = BUF_INIT;
    ring_seal(&r->master, row_view(&row), value, r->env, &sealed);
    code = finish(r, txn, put_row(r, txn, row, buf_view(&sealed), err), err);
    buf_release(&sealed);
    return code;
}

static int ring_get_value(struct keyring *ring, const char *name, struct buf *out, struct err *err) {
    struct ring *r = ring_of(ring);
    struct row_key key = row_value(name);
    struct ring_row row;
    struct ring_txn *txn;
    int code = begin(r, false, &txn, err);
    if (code != 0) return code;
    code = seek_first(r, txn, &key, &row, err);
    if (code == 0 && !view_equal(row.key, row_view(&key))) code = ERR_NOT_FOUND; /* a longer name */
    if (code == ERR_NOT_FOUND) err_set(err, ERR_NOT_FOUND, NULL, "the key ring has no value named %s", name);
    if (code == 0 && ring_unseal(&r->master, row.key, row.value, out) != 0)
        code = err_set(err, ERR_CORRUPT, NULL, "the key ring's value %s is damaged", name);
    r->store->ops->abort(txn);
    return code;
}

static int ring_each(struct keyring *ring, int (*each)(void *context, uint64_t id, const struct ring_key *key),
                     void *context, struct err *err) {
    struct ring *r = ring_of(ring);
    return ring_scan_keys(r->store, &r->master, each, context, err);
}

static int ring_verify(struct keyring *ring, uint64_t *keys, struct err *err) {
    struct ring *r = ring_of(ring);
    return ring_verify_rows(r->store, &r->master, keys, err);
}

static void ring_close(struct keyring *ring) {
    struct ring *r = ring_of(ring);
    r->store->ops->close(r->store);
    sodium_memzero(&r->master, sizeof r->master);
    free(r);
}

static const struct keyring_ops ring_ops = {
    .put = ring_put,
    .get = ring_get,
    .find = ring_find,
    .tags = ring_tags,
    .untag = ring_untag,
    .destroy = ring_destroy,
    .renew = ring_renew,
    .each = ring_each,
    .verify = ring_verify,
    .set_value = ring_set_value,
    .get_value = ring_get_value,
    .close = ring_close,
};

/* Writes the mark of the master key into a new store, checks it in one that has it. */
static int check_master(struct ring *r, struct err *err) {
    struct row_key mark = row_mark();
    struct ring_row row;
    struct ring_txn *txn;
    struct buf sealed = BUF_INIT;
    int code = begin(r, true, &txn, err);
    if (code != 0) return code;
    code = seek_first(r, txn, &mark, &row, err);
    if (code == 0) {
        code = ring_unseal(&r->master, row.key, row.value, &sealed);
        r->store->ops->abort(txn);
        if (code != 0) err_set(err, code, NULL, "the master key is not the one this key ring was made with");
    } else {
        ring_seal(&r->master, row_view(&mark), nothing, r->env, &sealed);
        code = finish(r, txn, code == ERR_NOT_FOUND ? put_row(r, txn, mark, buf_view(&sealed), err) : code, err);
    }
    buf_release(&sealed);
    return code;
}

int keyring_open(struct ring_store *store, const uint8_t master[KEY_BYTES], const struct env *env, struct keyring **out,
                 struct err *err) {
    struct ring *r = mem_alloc(sizeof *r);
    r->port.ops = &ring_ops;
    r->store = store;
    r->env = env;
    memcpy(r->master.bytes, master, KEY_BYTES);
    int code = check_master(r, err);
    if (code != 0) {
        ring_close(&r->port);
        return code;
    }
    *out = &r->port;
    return 0;
}

struct ring_store *keyring_store(struct keyring *ring) {
    return ring_of(ring)->store;
}
