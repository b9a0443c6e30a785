/* Chains and signatures: frozen values, and nothing that is signed can be changed.
 *
 * tests/golden/chains.txt: a line for each value, its name and its bytes in hexadecimal. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "proto/log/chain.h"
#include "proto/log/site_chain.h"

#ifdef DANGOL_GOLDEN
#define GOLDEN DANGOL_GOLDEN
#else
#define GOLDEN "tests/golden"
#endif

#define STREAM 65538u

static struct signer signer;

static void signer_make(struct signer *out, uint32_t stream) {
    uint8_t seed[crypto_sign_SEEDBYTES];
    memset(seed, 0x17, sizeof seed);
    cr_assert_geq(sodium_init(), 0);
    crypto_sign_seed_keypair(out->public_key, out->secret, seed);
    out->stream = stream;
    out->role = stream_is_hub(stream) ? ROLE_HUB : ROLE_STORE;
    memset(out->root, 0x52, sizeof out->root);
}

static void prepare(void) { signer_make(&signer, STREAM); }

TestSuite(chain, .init = prepare);

static void golden_is(const char *name, const void *bytes, size_t len) {
    FILE *file = fopen(GOLDEN "/chains.txt", "r");
    char found[64];
    char value[256];
    char text[256];
    cr_assert_not_null(file);
    hex_encode(view_make(bytes, len), text);
    while (fgets(value, sizeof value, file) != NULL) {
        char *space = strchr(value, ' ');
        if (space == NULL || (size_t)(space - value) >= sizeof found) continue;
        memcpy(found, value, (size_t)(space - value));
        found[space - value] = '\0';
        if (strcmp(found, name) != 0) continue;
        space[strcspn(space, "\n")] = '\0';
        cr_assert_str_eq(text, space + 1, "%s is %s", name, text);
        fclose(file);
        return;
    }
    cr_assert_fail("%s is not in chains.txt: %s", name, text);
}

/* ---- Frozen ---- */

Test(chain, streams_are_frozen) {
    uint8_t chain[CHAIN_SIZE];
    chain_start(STREAM, signer.public_key, chain);
    golden_is("stream_c0", chain, sizeof chain);
    chain_next(chain, view_of("first frame"));
    golden_is("stream_c1", chain, sizeof chain);
    chain_next(chain, view_of(""));
    golden_is("stream_c2", chain, sizeof chain);
}

static struct head signed_head(uint32_t stream) {
    struct signer by;
    struct head head = {.stream = stream, .seq = 845};
    signer_make(&by, stream);
    memset(head.chain, 0xc5, sizeof head.chain);
    head_sign(&head, &by);
    return head;
}

Test(chain, heads_are_frozen) {
    struct head head = signed_head(STREAM);
    golden_is("head_store", head.signature, SIGNATURE_SIZE);
    head = signed_head(65536);
    golden_is("head_hub", head.signature, SIGNATURE_SIZE);
}

Test(chain, messages_are_frozen) {
    uint8_t signature[SIGNATURE_SIZE];
    sign_message(&signer, "dangol test 1", view_of("content"), signature);
    golden_is("message", signature, sizeof signature);
}

Test(chain, refs_are_frozen) {
    uint8_t hash[REF_HASH_SIZE];
    ref_hash(view_of("till"), view_of("receipt 17"), hash);
    golden_is("ref", hash, sizeof hash);
}

Test(chain, sites_are_frozen) {
    struct site_chain chain;
    site_chain_start(&chain);
    golden_is("site_s0", chain.value, CHAIN_SIZE);
    site_chain_add(&chain, view_of("record one"));
    site_chain_add(&chain, view_of("record two"));
    cr_assert_eq(chain.count, 2);
    site_chain_commit(&chain);
    golden_is("site_s1", chain.value, CHAIN_SIZE);
    site_chain_add(&chain, view_of("record three"));
    site_chain_commit(&chain);
    golden_is("site_s2", chain.value, CHAIN_SIZE);
}

/* ---- Nothing can be changed ---- */

static bool holds(const struct head *head) { return head_holds(head, signer.public_key, signer.root); }

Test(chain, heads_hold) {
    struct head head = signed_head(STREAM);
    cr_assert(holds(&head));
    head = signed_head(65536);
    cr_assert(holds(&head));
}

static void every_flip_fails(struct head *head, uint8_t *bytes, size_t len, const char *what) {
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert_not(holds(head), "bit %zu of %s", bit, what);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

Test(chain, heads_fail_with_any_field_changed) {
    struct head head = signed_head(STREAM);
    every_flip_fails(&head, head.chain, sizeof head.chain, "chain");
    every_flip_fails(&head, head.signature, sizeof head.signature, "signature");
    every_flip_fails(&head, signer.root, sizeof signer.root, "root");
    every_flip_fails(&head, signer.public_key, sizeof signer.public_key, "key");
    for (int bit = 0; bit < 64; bit++) {
        struct head changed = head;
        changed.seq ^= UINT64_C(1) << bit;
        cr_assert_not(holds(&changed), "bit %d of seq", bit);
        changed = head;
        changed.stream ^= UINT32_C(1) << bit % 32;
        cr_assert_not(holds(&changed), "bit %d of stream", bit % 32);
    }
    cr_assert(holds(&head));
}

static bool message_holds(const char *domain, enum role role, uint32_t stream, const char *content,
                          const uint8_t *signature) {
    return signature_holds(domain, role, stream, signer.root, signer.public_key, view_of(content), signature);
}

Test(chain, messages_hold_for_one_purpose_role_stream_and_content) {
    uint8_t signature[SIGNATURE_SIZE];
    sign_message(&signer, "dangol test 1", view_of("content"), signature);
    cr_assert(message_holds("dangol test 1", ROLE_STORE, STREAM, "content", signature));
    cr_assert_not(message_holds("dangol test 2", ROLE_STORE, STREAM, "content", signature));
    cr_assert_not(message_holds("dangol test", ROLE_STORE, STREAM, "content", signature));
    cr_assert_not(message_holds("dangol test 1", ROLE_HUB, STREAM, "content", signature));
    cr_assert_not(message_holds("dangol test 1", ROLE_ROOT, STREAM, "content", signature));
    cr_assert_not(message_holds("dangol test 1", ROLE_STORE, STREAM + 1, "content", signature));
    cr_assert_not(message_holds("dangol test 1", ROLE_STORE, STREAM, "contenT", signature));
    cr_assert_not(message_holds("dangol test 1", ROLE_STORE, STREAM, "content ", signature));
    cr_assert_not(message_holds("dangol test 1", ROLE_STORE, STREAM, "", signature));
}

Test(chain, streams_differ_by_number_key_frames_and_order) {
    uint8_t base[CHAIN_SIZE];
    uint8_t other[CHAIN_SIZE];
    chain_start(STREAM, signer.public_key, base);
    chain_start(STREAM + 1, signer.public_key, other);
    cr_assert_neq(memcmp(base, other, CHAIN_SIZE), 0);
    signer.public_key[31] ^= 1;
    chain_start(STREAM, signer.public_key, other);
    cr_assert_neq(memcmp(base, other, CHAIN_SIZE), 0);
    memcpy(other, base, CHAIN_SIZE);
    chain_next(base, view_of("a"));
    chain_next(base, view_of("b"));
    chain_next(other, view_of("b"));
    chain_next(other, view_of("a"));
    cr_assert_neq(memcmp(base, other, CHAIN_SIZE), 0);
}

/* Two refs are the same only if both parts are. */
Test(chain, refs_keep_their_parts_apart) {
    uint8_t one[REF_HASH_SIZE];
    uint8_t two[REF_HASH_SIZE];
    ref_hash(view_of("till1"), view_of("2"), one);
    ref_hash(view_of("till"), view_of("12"), two);
    cr_assert_neq(memcmp(one, two, REF_HASH_SIZE), 0);
}

static void site_of(const char *first, const char *second, bool one_commit, uint8_t out[CHAIN_SIZE]) {
    struct site_chain chain;
    site_chain_start(&chain);
    site_chain_add(&chain, view_of(first));
    if (!one_commit) site_chain_commit(&chain);
    site_chain_add(&chain, view_of(second));
    site_chain_commit(&chain);
    memcpy(out, chain.value, CHAIN_SIZE);
}

Test(chain, sites_keep_records_and_commits_apart) {
    uint8_t base[CHAIN_SIZE];
    uint8_t other[CHAIN_SIZE];
    site_of("ab", "c", true, base);
    site_of("a", "bc", true, other);
    cr_assert_neq(memcmp(base, other, CHAIN_SIZE), 0);
    site_of("ab", "c", false, other);
    cr_assert_neq(memcmp(base, other, CHAIN_SIZE), 0);
    site_of("c", "ab", true, other);
    cr_assert_neq(memcmp(base, other, CHAIN_SIZE), 0);
}

Test(chain, sites_go_on_from_a_value) {
    struct site_chain chain;
    struct site_chain resumed;
    site_chain_start(&chain);
    site_chain_add(&chain, view_of("one"));
    site_chain_commit(&chain);
    site_chain_from(&resumed, chain.value);
    site_chain_add(&chain, view_of("two"));
    site_chain_add(&resumed, view_of("two"));
    site_chain_commit(&chain);
    site_chain_commit(&resumed);
    cr_assert_eq(memcmp(chain.value, resumed.value, CHAIN_SIZE), 0);
}
