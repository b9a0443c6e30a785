/* The sealed box of customers' keys: msgpack [[id, key] …]. Further elements of a pair are a later version's. */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/cursor.h"
#include "proto/base/pack.h"
#include "proto/wire/identity.h"

_Static_assert(KEYS_BOX_SIZE(0) == crypto_box_SEALBYTES + 5,
               "an empty box: the seal's own bytes and an array's header");

/* libsodium refuses keys of small order and outside the main subgroup. */
static bool box_key(const uint8_t key[PUBLIC_KEY_SIZE], uint8_t out[crypto_box_PUBLICKEYBYTES]) {
    return crypto_sign_ed25519_pk_to_curve25519(out, key) == 0;
}

bool key_receives(const uint8_t key[PUBLIC_KEY_SIZE]) {
    uint8_t ignored[crypto_box_PUBLICKEYBYTES];
    return box_key(key, ignored);
}

void carried_keys_add(struct carried_keys *list, uint64_t id, const struct customer_key *key) {
    if (list->count == list->room) {
        struct carried_keys more = {.count = list->count, .room = list->room * 2 + 16};
        more.items = mem_alloc(more.room * sizeof *more.items);
        if (list->count > 0) memcpy(more.items, list->items, list->count * sizeof *more.items);
        carried_keys_release(list);
        *list = more;
    }
    list->items[list->count++] = (struct carried_key){id, *key};
}

void carried_keys_release(struct carried_keys *list) {
    if (list->items != NULL) sodium_memzero(list->items, list->room * sizeof *list->items);
    free(list->items);
    *list = (struct carried_keys){NULL, 0, 0};
}

static void pack_keys(const struct carried_key *keys, size_t count, struct buf *plain) {
    buf_reserve(plain, KEYS_BOX_SIZE(count)); /* at once: growing would leave copies of keys behind */
    pack_array(plain, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        pack_array(plain, 2);
        pack_uint(plain, keys[i].id);
        pack_bin(plain, view_make(keys[i].key.bytes, KEY_BYTES));
    }
}

int keys_box(const struct carried_key *keys, size_t count, const uint8_t receiver[PUBLIC_KEY_SIZE], struct buf *out,
             struct err *err) {
    assert(count <= CARRIED_KEYS_MAX);
    uint8_t public_key[crypto_box_PUBLICKEYBYTES];
    if (!box_key(receiver, public_key)) return err_set(err, ERR_INVALID, "public_key", "no keys can be sealed for it");
    struct buf plain = BUF_INIT;
    pack_keys(keys, count, &plain);
    buf_reserve(out, plain.len + crypto_box_SEALBYTES);
    int rc = crypto_box_seal(out->data + out->len, plain.data, plain.len, public_key);
    if (rc == 0) out->len += plain.len + crypto_box_SEALBYTES;
    buf_wipe(&plain);
    return rc == 0 ? 0 : err_set(err, ERR_INVALID, "public_key", "no keys can be sealed for it");
}

/* Appends what is in the box. */
static int open_box(struct view box, const struct signer *receiver, struct buf *plain) {
    uint8_t public_key[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
    buf_reserve(plain, box.len);
    bool opened = box_key(receiver->public_key, public_key) &&
                  crypto_sign_ed25519_sk_to_curve25519(secret, receiver->secret) == 0 &&
                  crypto_box_seal_open(plain->data, box.data, box.len, public_key, secret) == 0;
    sodium_memzero(secret, sizeof secret);
    if (!opened) return ERR_AUTH;
    plain->len = box.len - crypto_box_SEALBYTES;
    return 0;
}

static void read_key(struct cursor *c, struct carried_key *out) {
    uint32_t elements = cursor_array(c);
    out->id = cursor_uint(c);
    struct view key = cursor_bin_exact(c, KEY_BYTES);
    if (elements < 2 || out->id == 0) cursor_fail(c);
    if (!cursor_ok(c)) return;
    memcpy(out->key.bytes, key.data, KEY_BYTES);
    for (uint32_t i = 2; i < elements; i++) cursor_skip(c);
}

static int read_keys(struct view plain, struct carried_key **out, size_t *count, struct err *err) {
    struct cursor c = cursor_of(plain);
    uint32_t n = cursor_array(&c);
    if (n > CARRIED_KEYS_MAX) return err_set(err, ERR_LIMIT, "keys", "%u keys in one box are too many", n);
    struct carried_key *keys = mem_alloc(n * sizeof *keys);
    for (uint32_t i = 0; i < n && cursor_ok(&c); i++) read_key(&c, &keys[i]);
    if (!cursor_done(&c)) {
        sodium_memzero(keys, n * sizeof *keys);
        free(keys);
        return err_set(err, ERR_FORMAT, "keys", "what the box of keys holds is malformed");
    }
    *out = keys;
    *count = n;
    return 0;
}

int keys_unbox(struct view box, const struct signer *receiver, struct carried_key **out, size_t *count,
               struct err *err) {
    *out = NULL;
    *count = 0;
    if (box.len < crypto_box_SEALBYTES) return err_set(err, ERR_FORMAT, "keys", "the box of keys is too short");
    if (box.len > 2 * KEYS_BOX_SIZE(CARRIED_KEYS_MAX))
        return err_set(err, ERR_LIMIT, "keys", "a box of %zu bytes is too long", box.len);
    struct buf plain = BUF_INIT;
    int rc = open_box(box, receiver, &plain);
    if (rc != 0) {
        err_set(err, rc, "keys", "the box of keys cannot be opened: not for this site, or changed");
    } else {
        rc = read_keys(buf_view(&plain), out, count, err);
    }
    buf_wipe(&plain);
    return rc;
}
