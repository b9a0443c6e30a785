/* Boxes of customers' keys: only the receiver opens them, and whatever is in them is read within bounds. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/pack.h"
#include "tests/support/parties.h"

static struct parties parties;
static struct carried_key *keys;
static struct buf box;

static void prepare(void) {
    parties_make(&parties, 0);
    keys = mem_alloc(CARRIED_KEYS_MAX * sizeof *keys);
    for (size_t i = 0; i < CARRIED_KEYS_MAX; i++) {
        keys[i].id = UINT64_MAX - i;
        memset(keys[i].key.bytes, (int)i, KEY_BYTES);
    }
}

static void finish(void) {
    buf_release(&box);
    free(keys);
}

TestSuite(keys, .init = prepare, .fini = finish);

static void make_box(size_t count) {
    struct err err = {0};
    buf_clear(&box);
    cr_assert_eq(keys_box(keys, count, parties.hub.public_key, &box, &err), 0, "%s", err.text);
}

static int unbox(struct view bytes, const struct signer *receiver, struct err *err) {
    struct carried_key *out;
    size_t count;
    int rc = keys_unbox(bytes, receiver, &out, &count, err);
    if (rc != 0) cr_assert(out == NULL && count == 0);
    free(out);
    return rc;
}

static void check_round_trip(size_t count) {
    struct carried_key *out;
    size_t got;
    struct err err = {0};
    make_box(count);
    cr_assert_leq(box.len, KEYS_BOX_SIZE(count));
    cr_assert_eq(keys_unbox(buf_view(&box), &parties.hub, &out, &got, &err), 0, "%s", err.text);
    cr_assert_eq(got, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(out[i].id, keys[i].id);
        cr_assert_arr_eq(out[i].key.bytes, keys[i].key.bytes, KEY_BYTES);
    }
    free(out);
}

Test(keys, the_receiver_opens_the_box) {
    check_round_trip(0);
    check_round_trip(1);
    check_round_trip(100);
    check_round_trip(CARRIED_KEYS_MAX);
}

Test(keys, boxes_append_and_differ) {
    make_box(1);
    struct buf second = BUF_INIT;
    buf_append_byte(&second, 'x');
    cr_assert_eq(keys_box(keys, 1, parties.hub.public_key, &second, NULL), 0);
    cr_assert_eq(second.len, box.len + 1);
    cr_assert_eq(second.data[0], 'x');
    cr_assert_arr_neq(second.data + 1, box.data, box.len);
    buf_release(&second);
}

Test(keys, more_than_fit_are_asserted, .signal = SIGABRT) {
    keys_box(keys, CARRIED_KEYS_MAX + 1, parties.hub.public_key, &box, NULL);
}

Test(keys, nobody_else_opens_the_box) {
    struct err err;
    make_box(3);
    cr_assert_eq(unbox(buf_view(&box), &parties.store, &err), ERR_AUTH);
    cr_assert_eq(unbox(buf_view(&box), &parties.root, NULL), ERR_AUTH);
}

Test(keys, any_flipped_bit_and_any_cut_is_refused) {
    make_box(2);
    for (size_t i = 0; i < box.len * 8; i++) {
        box.data[i / 8] ^= (uint8_t)(1 << i % 8);
        /* A point of the curve has a bit that is not looked at. */
        int rc = unbox(buf_view(&box), &parties.hub, NULL);
        cr_assert(rc == ERR_AUTH || i == 255, "bit %zu", i);
        box.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t len = 0; len < box.len; len++) {
        int rc = unbox(view_make(box.data, len), &parties.hub, NULL);
        cr_assert_eq(rc, len < crypto_box_SEALBYTES ? ERR_FORMAT : ERR_AUTH);
    }
    cr_assert_eq(unbox(VIEW_NONE, &parties.hub, NULL), ERR_FORMAT);
}

Test(keys, a_giant_box_is_refused_unopened) {
    cr_assert_eq(unbox(view_make(box.data, SIZE_MAX), &parties.hub, NULL), ERR_LIMIT);
}

/* Ed25519 has points whose signatures can hold and for which nothing can be sealed. */
Test(keys, a_key_that_cannot_receive_is_refused) {
    static const uint8_t small_order[PUBLIC_KEY_SIZE] = {1};
    struct err err;
    cr_assert(key_receives(parties.hub.public_key));
    cr_assert_not(key_receives(small_order));
    cr_assert_eq(keys_box(keys, 1, small_order, &box, &err), ERR_INVALID);
    cr_assert_eq(box.len, 0);
}

/* ---- What an authentic sender could have put in ---- */

static int unbox_plain(struct buf *plain) {
    uint8_t key[crypto_box_PUBLICKEYBYTES];
    cr_assert_eq(crypto_sign_ed25519_pk_to_curve25519(key, parties.hub.public_key), 0);
    buf_clear(&box);
    buf_reserve(&box, plain->len + crypto_box_SEALBYTES);
    box.len = plain->len + crypto_box_SEALBYTES;
    crypto_box_seal(box.data, plain->data, plain->len, key);
    buf_release(plain);
    return unbox(buf_view(&box), &parties.hub, NULL);
}

/* [[id, key of `len` bytes, more …]] */
static struct buf one_key(uint64_t id, size_t len, uint32_t more) {
    uint8_t bytes[64] = {0};
    struct buf plain = BUF_INIT;
    pack_array(&plain, 1);
    pack_array(&plain, 2 + more);
    pack_uint(&plain, id);
    pack_bin(&plain, view_make(bytes, len));
    for (uint32_t i = 0; i < more; i++) pack_array(&plain, 0);
    return plain;
}

Test(keys, a_malformed_content_is_refused) {
    struct buf plain = one_key(1, 32, 0);
    cr_assert_eq(unbox_plain(&plain), 0);
    plain = one_key(1, 32, 2); /* of a later version */
    cr_assert_eq(unbox_plain(&plain), 0);
    plain = one_key(0, 32, 0);
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
    plain = one_key(1, 31, 0);
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
    plain = one_key(1, 33, 0);
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
    plain = one_key(1, 32, 0);
    buf_append_byte(&plain, 0xc0);
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
    plain = one_key(1, 32, 0);
    plain.len--;
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
    plain = BUF_INIT;
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
    pack_array(&plain, 1);
    pack_array(&plain, 1);
    pack_uint(&plain, 1);
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
}

Test(keys, more_keys_than_allowed_are_refused_before_they_are_stored) {
    struct buf plain = BUF_INIT;
    pack_array(&plain, CARRIED_KEYS_MAX + 1);
    for (uint32_t i = 0; i <= CARRIED_KEYS_MAX; i++) pack_nil(&plain);
    cr_assert_eq(unbox_plain(&plain), ERR_LIMIT);
    static const uint8_t giant[] = {0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0};
    buf_append(&plain, giant, sizeof giant);
    cr_assert_eq(unbox_plain(&plain), ERR_FORMAT);
}

Test(keys, a_list_grows) {
    struct carried_keys list = {NULL, 0, 0};
    for (size_t i = 0; i < 1000; i++) carried_keys_add(&list, keys[i].id, &keys[i].key);
    cr_assert_eq(list.count, 1000);
    cr_assert_arr_eq(list.items, keys, 1000 * sizeof *keys);
    carried_keys_release(&list);
    cr_assert(list.items == NULL && list.count == 0 && list.room == 0);
}
