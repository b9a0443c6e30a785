/* Who signs what: the root's file, the hub's certificate, HELLO and receipts. Whatever differs from what was signed
 * must not hold. The TLS certificates: cert_test.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/support/parties.h"

static struct parties parties, foreign;
static struct still_world world;

static void prepare(void) {
    parties_make(&parties, 0);
    parties_make(&foreign, 1);
    still_world_init(&world, 1);
}

TestSuite(identity, .init = prepare);

/* ---- The root's file ---- */

static void make_root(struct region_root *root) {
    struct err err = {0};
    cr_assert_eq(region_root_make(&world.env, "서울", root, &err), 0, "%s", err.text);
}

Test(identity, a_root_comes_back_from_its_file) {
    struct region_root root, again;
    struct buf file = BUF_INIT;
    struct err err = {0};
    make_root(&root);
    region_root_write(&root, &file);
    cr_assert_eq(region_root_read(buf_view(&file), &again, &err), 0, "%s", err.text);
    cr_assert_eq(again.signer.role, ROLE_ROOT);
    cr_assert_eq(again.signer.stream, 0);
    cr_assert_arr_eq(again.signer.secret, root.signer.secret, SECRET_KEY_SIZE);
    cr_assert_arr_eq(again.signer.public_key, root.signer.public_key, PUBLIC_KEY_SIZE);
    cr_assert_arr_eq(again.signer.root, root.signer.public_key, PUBLIC_KEY_SIZE);
    cr_assert_str_eq(again.ca_key, root.ca_key);
    cr_assert_str_eq(again.ca_certificate, root.ca_certificate);
    buf_wipe(&file);
    region_root_release(&root);
    region_root_release(&again);
}

Test(identity, roots_differ) {
    struct region_root a, b;
    char name_a[SERVER_NAME_SIZE], name_b[SERVER_NAME_SIZE];
    make_root(&a);
    make_root(&b);
    server_name(a.signer.public_key, name_a);
    server_name(b.signer.public_key, name_b);
    cr_assert_str_neq(name_a, name_b);
    cr_assert_str_neq(a.ca_certificate, b.ca_certificate);
    region_root_release(&a);
    region_root_release(&b);
}

Test(identity, a_released_root_holds_nothing_and_may_be_released_again) {
    struct region_root root;
    static const struct region_root nothing;
    make_root(&root);
    region_root_release(&root);
    cr_assert_arr_eq(root.signer.secret, nothing.signer.secret, SECRET_KEY_SIZE);
    cr_assert_null(root.ca_key);
    region_root_release(&root);
    region_root_release(NULL);
}

/* The file with `from` replaced by `to` once. */
static int read_replaced(const char *from, const char *to, struct err *err) {
    struct region_root root, again;
    struct buf file = BUF_INIT, changed = BUF_INIT;
    make_root(&root);
    region_root_write(&root, &file);
    const char *text = buf_text(&file), *at = strstr(text, from);
    cr_assert_not_null(at, "%s", from);
    buf_append(&changed, text, (size_t)(at - text));
    buf_printf(&changed, "%s%s", to, at + strlen(from));
    int rc = region_root_read(buf_view(&changed), &again, err);
    if (rc != 0) cr_assert_null(again.ca_key);
    region_root_release(&again);
    region_root_release(&root);
    buf_wipe(&file);
    buf_wipe(&changed);
    return rc;
}

Test(identity, a_file_that_is_no_root_is_refused) {
    struct err err;
    cr_assert_eq(read_replaced("\"dangol_root\": 1", "\"dangol_root\": 2", &err), ERR_VERSION);
    cr_assert_eq(read_replaced("\"dangol_root\": 1", "\"dangol_stem\": 1", &err), ERR_FORMAT);
    cr_assert_eq(read_replaced("\"seed\"", "\"see\"", &err), ERR_FORMAT);
    cr_assert_str_eq(err.field, "seed");
    cr_assert_eq(read_replaced("\"public_key\": \"", "\"public_key\": \"00", &err), ERR_FORMAT);
    cr_assert_eq(read_replaced("\"seed\": \"", "\"seed\": \"g", &err), ERR_FORMAT);
    cr_assert_eq(read_replaced("\"ca_key\": \"", "\"ca_key\": null, \"x\": \"", &err), ERR_FORMAT);
    cr_assert_str_eq(err.field, "ca_key");
    cr_assert_eq(read_replaced("\"ca_certificate\"", "\"ca_key\"", &err), ERR_FORMAT, "twice the same name");
    cr_assert_eq(read_replaced("{", "[", &err), ERR_FORMAT);
    cr_assert_eq(read_replaced("{", "", NULL), ERR_FORMAT);
}

Test(identity, keys_that_do_not_belong_together_are_found) {
    struct err err;
    char digits[2 * PUBLIC_KEY_SIZE + 1], from[100], to[100];
    struct region_root root;
    make_root(&root); /* only to know which digits come first: the world gives others the second time */
    region_root_release(&root);
    still_world_init(&world, 1);
    make_root(&root);
    hex_encode(view_make(root.signer.public_key, PUBLIC_KEY_SIZE), digits);
    snprintf(from, sizeof from, "\"public_key\": \"%.6s", digits);
    digits[5] = digits[5] == '0' ? '1' : '0';
    snprintf(to, sizeof to, "\"public_key\": \"%.6s", digits);
    region_root_release(&root);
    still_world_init(&world, 1);
    cr_assert_eq(read_replaced(from, to, &err), ERR_CORRUPT);
}

Test(identity, no_text_at_all_and_too_much_of_it_are_refused) {
    struct region_root root;
    struct buf much = BUF_INIT;
    cr_assert_eq(region_root_read(VIEW_NONE, &root, NULL), ERR_FORMAT);
    cr_assert_eq(region_root_read(view_of(""), &root, NULL), ERR_FORMAT);
    cr_assert_eq(region_root_read(view_of("[1]"), &root, NULL), ERR_FORMAT);
    for (size_t i = 0; i < 70000; i++) buf_append_byte(&much, ' ');
    cr_assert_eq(region_root_read(buf_view(&much), &root, NULL), ERR_LIMIT);
    buf_release(&much);
}

Test(identity, the_server_name_comes_from_the_root) {
    char name[SERVER_NAME_SIZE];
    uint8_t root[PUBLIC_KEY_SIZE] = {0};
    server_name(root, name);
    cr_assert_str_eq(name, "dangol-89eb0d6a8a691dae");
    root[31] = 1;
    server_name(root, name);
    cr_assert_str_neq(name, "dangol-89eb0d6a8a691dae");
}

/* ---- The hub's certificate ---- */

Test(identity, a_hub_certificate_holds_for_its_key_and_root_only) {
    const uint8_t *root = parties.root.public_key, *hub = parties.hub.public_key;
    cr_assert(hub_certificate_holds(root, hub, parties.certificate));
    cr_assert_not(hub_certificate_holds(root, parties.store.public_key, parties.certificate));
    cr_assert_not(hub_certificate_holds(foreign.root.public_key, hub, parties.certificate));
    cr_assert_not(hub_certificate_holds(root, hub, foreign.certificate));
    for (size_t i = 0; i < SIGNATURE_SIZE * 8; i++) {
        uint8_t flipped[SIGNATURE_SIZE];
        memcpy(flipped, parties.certificate, sizeof flipped);
        flipped[i / 8] ^= (uint8_t)(1 << i % 8);
        cr_assert_not(hub_certificate_holds(root, hub, flipped));
    }
}

/* ---- HELLO ---- */

struct hello {
    uint8_t key[PUBLIC_KEY_SIZE];
    uint32_t stream;
    uint8_t root[PUBLIC_KEY_SIZE];
    uint8_t nonce[NONCE_SIZE];
    uint8_t greeting[100];
    uint8_t signature[SIGNATURE_SIZE];
};

static bool holds(const struct hello *h) {
    return hello_holds(h->key, h->stream, h->root, view_make(h->nonce, sizeof h->nonce),
                       view_make(h->greeting, sizeof h->greeting), h->signature);
}

static struct hello make_hello(const struct signer *signer) {
    struct hello h = {.stream = signer->stream};
    memcpy(h.key, signer->public_key, sizeof h.key);
    memcpy(h.root, signer->root, sizeof h.root);
    memset(h.nonce, 0x5a, sizeof h.nonce);
    memset(h.greeting, 0xa5, sizeof h.greeting);
    hello_sign(signer, view_make(h.nonce, sizeof h.nonce), view_make(h.greeting, sizeof h.greeting), h.signature);
    return h;
}

Test(identity, a_hello_holds_as_it_was_signed) {
    struct hello h = make_hello(&parties.store);
    cr_assert(holds(&h));
}

Test(identity, a_hello_with_any_bit_flipped_does_not_hold) {
    struct hello h = make_hello(&parties.store);
    uint8_t *parts[] = {h.nonce, h.greeting, h.signature, h.root, h.key};
    const size_t sizes[] = {sizeof h.nonce, sizeof h.greeting, sizeof h.signature, sizeof h.root, sizeof h.key};
    for (size_t p = 0; p < 5; p++) {
        for (size_t i = 0; i < sizes[p] * 8; i++) {
            parts[p][i / 8] ^= (uint8_t)(1 << i % 8);
            cr_assert_not(holds(&h), "part %zu, bit %zu", p, i);
            parts[p][i / 8] ^= (uint8_t)(1 << i % 8);
        }
    }
    cr_assert(holds(&h));
}

Test(identity, a_hello_of_another_stream_role_or_region_does_not_hold) {
    struct hello h = make_hello(&parties.store);
    h.stream++;
    cr_assert_not(holds(&h));
    struct signer as_hub = parties.store;
    as_hub.role = ROLE_HUB;
    h = make_hello(&as_hub);
    cr_assert_not(holds(&h));
    h = make_hello(&foreign.store);
    cr_assert(holds(&h));
    memcpy(h.root, parties.root.public_key, sizeof h.root);
    cr_assert_not(holds(&h));
}

/* Nonce and greeting are signed one after the other: a byte must not move between them. */
Test(identity, a_hello_over_a_nonce_of_another_length_does_not_hold) {
    struct hello h = make_hello(&parties.store);
    uint8_t both[NONCE_SIZE + sizeof h.greeting];
    memcpy(both, h.nonce, NONCE_SIZE);
    memcpy(both + NONCE_SIZE, h.greeting, sizeof h.greeting);
    for (size_t split = 0; split <= sizeof both; split++) {
        bool held = hello_holds(h.key, h.stream, h.root, view_make(both, split),
                                view_make(both + split, sizeof both - split), h.signature);
        cr_assert_eq(held, split == NONCE_SIZE);
    }
}

/* ---- Receipts ---- */

static void write_receipt(struct buf *out) {
    struct head head = {.stream = PARTIES_STREAM, .seq = 845};
    memset(head.chain, 0xc4, sizeof head.chain);
    receipt_write(&parties.hub, &head, PARTIES_NOW, 1, out);
}

Test(identity, a_receipt_says_what_was_signed) {
    struct buf bytes = BUF_INIT;
    struct message_receipt receipt;
    struct err err = {0};
    write_receipt(&bytes);
    cr_assert_leq(bytes.len, 256);
    int rc = receipt_read(buf_view(&bytes), parties.hub.public_key, parties.root.public_key, &receipt, &err);
    cr_assert_eq(rc, 0, "%s", err.text);
    cr_assert_eq(receipt.stream, PARTIES_STREAM);
    cr_assert_eq(receipt.seq, 845);
    cr_assert_eq(receipt.chain.data[31], 0xc4);
    cr_assert_eq(receipt.received, PARTIES_NOW);
    cr_assert_eq(receipt.incarnation, 1);
    buf_release(&bytes);
}

Test(identity, a_receipt_with_any_bit_flipped_is_refused) {
    struct buf bytes = BUF_INIT;
    struct message_receipt receipt;
    write_receipt(&bytes);
    for (size_t i = 0; i < bytes.len * 8; i++) {
        bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
        int rc = receipt_read(buf_view(&bytes), parties.hub.public_key, parties.root.public_key, &receipt, NULL);
        cr_assert_lt(rc, 0, "bit %zu", i);
        bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    buf_release(&bytes);
}

Test(identity, a_receipt_of_another_hub_or_region_is_refused) {
    struct buf bytes = BUF_INIT;
    struct message_receipt receipt;
    struct err err;
    write_receipt(&bytes);
    struct view view = buf_view(&bytes);
    cr_assert_eq(receipt_read(view, foreign.hub.public_key, parties.root.public_key, &receipt, &err), ERR_AUTH);
    cr_assert_eq(receipt_read(view, parties.hub.public_key, foreign.root.public_key, &receipt, &err), ERR_AUTH);
    cr_assert_eq(receipt_read(view, parties.store.public_key, parties.root.public_key, &receipt, &err), ERR_AUTH);
    buf_release(&bytes);
}

Test(identity, what_is_no_receipt_is_refused) {
    struct buf bytes = BUF_INIT;
    struct message_receipt receipt;
    struct message ping = {.type = MESSAGE_ping};
    const uint8_t unknown[] = {0x91, 0x63};
    message_encode(&ping, &bytes);
    const uint8_t *hub = parties.hub.public_key, *root = parties.root.public_key;
    cr_assert_eq(receipt_read(buf_view(&bytes), hub, root, &receipt, NULL), ERR_FORMAT);
    cr_assert_eq(receipt_read(view_make(unknown, sizeof unknown), hub, root, &receipt, NULL), ERR_FORMAT);
    cr_assert_eq(receipt_read(VIEW_NONE, hub, root, &receipt, NULL), ERR_FORMAT);
    buf_release(&bytes);
}
