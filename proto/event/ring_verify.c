#include "proto/event/ring_verify.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/event/id.h"
#include "proto/event/ring_row.h"
#include "proto/event/ring_seal.h"

#define PAGE_KEYS 256
#define PAGE_ROWS 1000

struct page {
    uint64_t ids[PAGE_KEYS];
    struct ring_key keys[PAGE_KEYS];
    size_t count;
    struct row_key from; /* of the next page */
};

/* 0, or ERR_NOT_FOUND after the last page. */
static int read_page(struct ring_store *store, const struct customer_key *master, struct page *page, struct err *err) {
    struct ring_txn *txn;
    struct ring_row row;
    int code = store->ops->begin(store, false, &txn, err);
    if (code != 0) return code;
    page->count = 0;
    while (page->count < PAGE_KEYS && (code = store->ops->seek(txn, row_view(&page->from), &row, err)) == 0) {
        if (row.key.data[0] != ROW_KEY) {
            code = ERR_NOT_FOUND;
            break;
        }
        code = ring_unseal_key(master, &row, &page->ids[page->count], &page->keys[page->count], err);
        if (code != 0) break;
        page->count++;
        page->from = row_after(row.key);
    }
    store->ops->abort(txn);
    return code;
}

int ring_scan_keys(struct ring_store *store, const struct customer_key *master,
                   int (*each)(void *context, uint64_t id, const struct ring_key *key), void *context,
                   struct err *err) {
    struct page *page = mem_alloc(sizeof *page);
    int read, code = 0;
    page->from = (struct row_key){.bytes = {ROW_KEY}, .len = 1};
    do {
        read = read_page(store, master, page, err);
        if (read != 0 && read != ERR_NOT_FOUND) code = read;
        for (size_t i = 0; code == 0 && i < page->count; i++) code = each(context, page->ids[i], &page->keys[i]);
    } while (code == 0 && read == 0);
    sodium_memzero(page, sizeof *page);
    free(page);
    return code;
}

struct check {
    struct ring_store *store;
    const struct customer_key *master;
    struct ring_txn *txn;
    uint64_t keys;
};

/* ERR_CORRUPT unless the row is there. */
static int counterpart(struct check *c, struct row_key key, uint64_t id, const char *what, struct err *err) {
    struct ring_row row;
    char text[ID_TEXT];
    int code = c->store->ops->seek(c->txn, row_view(&key), &row, err);
    if (code == 0 && view_equal(row.key, row_view(&key))) return 0;
    if (code != 0 && code != ERR_NOT_FOUND) return code;
    return err_set(err, ERR_CORRUPT, NULL, "the key ring's %s of %s has no counterpart", what, id_format(id, text));
}

static int check_key(struct check *c, const struct ring_row *row, struct err *err) {
    struct ring_key key;
    uint64_t id;
    int code = ring_unseal_key(c->master, row, &id, &key, err);
    if (code == 0 && key.destroyed)
        code = counterpart(c, row_tomb_of(key.fingerprint, id), id, "tombstone", err);
    else if (code == 0)
        c->keys++;
    sodium_memzero(&key, sizeof key);
    return code;
}

static int check_tomb(struct check *c, const struct ring_row *row, struct err *err) {
    if (row->key.len != ROW_KEY_SIZE)
        return err_set(err, ERR_CORRUPT, NULL, "the key ring has a tombstone of a wrong size");
    uint64_t id = get_u64_be(row->key.data + 9);
    return counterpart(c, row_key_of(id, row->key.data + 1), id, "tombstone", err);
}

static int check_tag(struct check *c, const struct ring_row *row, struct err *err) {
    struct tag tag;
    if (!ring_tag_of(row->key, &tag))
        return err_set(err, ERR_CORRUPT, NULL, "the key ring has a tag row of a wrong size");
    if (row->key.data[0] == ROW_TAG_OF) {
        uint64_t id = get_u64_be(row->key.data + 1);
        return counterpart(c, row_tag_of(&tag, id), id, "tag", err);
    }
    uint64_t id = get_u64_be(row->key.data + 1 + 1 + TAG_BYTES);
    return counterpart(c, row_tag_of_id(id, &tag), id, "tag", err);
}

static int check_sealed(struct check *c, const struct ring_row *row, struct err *err) {
    struct buf plain = BUF_INIT;
    int code = ring_unseal(c->master, row->key, row->value, &plain);
    buf_wipe(&plain);
    if (code == 0) return 0;
    char name[ROW_NAME_MAX + 1];
    view_text(view_make(row->key.data + 1, row->key.len - 1), name, sizeof name);
    return err_set(err, ERR_CORRUPT, NULL, "the key ring's value %s is damaged", name);
}

static int check_row(struct check *c, const struct ring_row *row, struct err *err) {
    switch (row->key.data[0]) {
    case ROW_KEY: return check_key(c, row, err);
    case ROW_TOMB: return check_tomb(c, row, err);
    case ROW_TAG:
    case ROW_TAG_OF: return check_tag(c, row, err);
    case ROW_MARK:
    case ROW_VALUE: return check_sealed(c, row, err);
    default: return err_set(err, ERR_CORRUPT, NULL, "the key ring has a row of an unknown kind");
    }
}

/* A page: each row and its counterpart are looked at in one transaction, so that writers may go on between pages. */
static int check_page(struct check *c, struct row_key *from, struct err *err) {
    struct ring_row row;
    int code = c->store->ops->begin(c->store, false, &c->txn, err);
    if (code != 0) return code;
    for (size_t rows = 0; rows < PAGE_ROWS && code == 0; rows++) {
        code = c->store->ops->seek(c->txn, row_view(from), &row, err);
        if (code == 0 && (row.key.len == 0 || row.key.len > 1 + ROW_NAME_MAX))
            code = err_set(err, ERR_CORRUPT, NULL, "the key ring has a row of a wrong size");
        if (code == 0) {
            *from = row_after(row.key); /* before the check seeks on */
            code = check_row(c, &row, err);
        }
    }
    c->store->ops->abort(c->txn);
    return code;
}

int ring_verify_rows(struct ring_store *store, const struct customer_key *master, uint64_t *keys, struct err *err) {
    struct check check = {.store = store, .master = master};
    struct row_key from = {.len = 0};
    int code;
    while ((code = check_page(&check, &from, err)) == 0) continue;
    *keys = check.keys;
    return code == ERR_NOT_FOUND ? 0 : code;
}
