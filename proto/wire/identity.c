/* Who signs what (chain.h says how): the root certifies the hub's key, a store's key answers the hub's nonce, the hub's
 * key gives receipts.
 *
 * The root's file, JSON:
 *   {"dangol_root": 1, "public_key": hex, "seed": hex, "ca_key": PEM, "ca_certificate": PEM} */
#include "proto/wire/identity.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/certificate.h"
#include "proto/wire/document.h"

#define ROOT_VERSION 1
#define ROOT_FILE_MAX 65536
#define PEM_MAX 16384
#define HUB_DOMAIN "dangol hub 1"
#define HELLO_DOMAIN "dangol hello 1"
#define RECEIPT_DOMAIN "dangol receipt 1"

/* ---- The region's root ---- */

static void signer_of_root(const uint8_t seed[crypto_sign_SEEDBYTES], struct signer *out) {
    *out = (struct signer){.role = ROLE_ROOT};
    crypto_sign_seed_keypair(out->public_key, out->secret, seed);
    memcpy(out->root, out->public_key, PUBLIC_KEY_SIZE);
}

void server_name(const uint8_t root[PUBLIC_KEY_SIZE], char out[SERVER_NAME_SIZE]) {
    uint8_t hash[crypto_generichash_BYTES];
    char hex[17];
    crypto_generichash(hash, sizeof hash, root, PUBLIC_KEY_SIZE, NULL, 0);
    hex_encode(view_make(hash, 8), hex);
    snprintf(out, SERVER_NAME_SIZE, "dangol-%s", hex);
}

int region_root_make(const struct env *env, const char *region, struct region_root *out, struct err *err) {
    *out = (struct region_root){0};
    uint8_t seed[crypto_sign_SEEDBYTES];
    env_random(env, seed, sizeof seed);
    signer_of_root(seed, &out->signer);
    sodium_memzero(seed, sizeof seed);
    char name[SERVER_NAME_SIZE];
    server_name(out->signer.public_key, name);
    int rc = tls_authority_make(env, name, region != NULL ? region : "", &out->ca_key, &out->ca_certificate, err);
    if (rc != 0) region_root_release(out);
    return rc;
}

void region_root_write(const struct region_root *root, struct buf *out) {
    uint8_t seed[crypto_sign_SEEDBYTES];
    crypto_sign_ed25519_sk_to_seed(seed, root->signer.secret);
    json_t *object = json_object();
    document_put_number(object, "dangol_root", ROOT_VERSION);
    document_put_hex(object, "public_key", root->signer.public_key, PUBLIC_KEY_SIZE);
    document_put_hex(object, "seed", seed, sizeof seed);
    document_put_text(object, "ca_key", root->ca_key);
    document_put_text(object, "ca_certificate", root->ca_certificate);
    buf_reserve(out, ROOT_FILE_MAX); /* at once: growing would leave copies of secrets behind */
    document_write(object, JSON_INDENT(2), out);
    buf_append_byte(out, '\n');
    sodium_memzero(seed, sizeof seed);
}

static int check_version(const json_t *object, struct err *err) {
    uint32_t version;
    if (document_number(object, "dangol_root", UINT32_MAX, &version, NULL) != 0)
        return err_set(err, ERR_FORMAT, NULL, "not the file of a region's root");
    if (version == ROOT_VERSION) return 0;
    return err_set(err, ERR_VERSION, NULL, "the region's root was written by another version (%u)", version);
}

static int read_root(const json_t *object, struct region_root *out, struct err *err) {
    uint8_t public_key[PUBLIC_KEY_SIZE], seed[crypto_sign_SEEDBYTES];
    int rc = check_version(object, err);
    if (rc == 0) rc = document_hex(object, "public_key", public_key, sizeof public_key, err);
    if (rc == 0) rc = document_hex(object, "seed", seed, sizeof seed, err);
    if (rc == 0) {
        signer_of_root(seed, &out->signer);
        sodium_memzero(seed, sizeof seed);
        if (memcmp(public_key, out->signer.public_key, sizeof public_key) != 0)
            rc = err_set(err, ERR_CORRUPT, "seed", "the region's root is damaged: its keys do not belong together");
    }
    if (rc == 0) rc = document_text(object, "ca_key", PEM_MAX, DOCUMENT_REQUIRED, &out->ca_key, err);
    if (rc == 0) rc = document_text(object, "ca_certificate", PEM_MAX, DOCUMENT_REQUIRED, &out->ca_certificate, err);
    return rc;
}

int region_root_read(struct view text, struct region_root *out, struct err *err) {
    *out = (struct region_root){0};
    if (text.len > ROOT_FILE_MAX) return err_set(err, ERR_LIMIT, NULL, "too long for the file of a region's root");
    json_t *object = document_parse(text, err);
    if (object == NULL) {
        err_prefix(err, "not the file of a region's root");
        return ERR_FORMAT;
    }
    int rc = read_root(object, out, err);
    if (rc != 0) region_root_release(out);
    json_decref(object);
    return rc;
}

void region_root_release(struct region_root *root) {
    if (root == NULL) return;
    if (root->ca_key != NULL) sodium_memzero(root->ca_key, strlen(root->ca_key));
    free(root->ca_key);
    free(root->ca_certificate);
    sodium_memzero(root, sizeof *root);
}

/* ---- The hub's key ---- */

void hub_certify(const struct region_root *root, const uint8_t hub_key[PUBLIC_KEY_SIZE],
                 uint8_t certificate[SIGNATURE_SIZE]) {
    sign_message(&root->signer, HUB_DOMAIN, view_make(hub_key, PUBLIC_KEY_SIZE), certificate);
}

bool hub_certificate_holds(const uint8_t root[PUBLIC_KEY_SIZE], const uint8_t hub_key[PUBLIC_KEY_SIZE],
                           const uint8_t certificate[SIGNATURE_SIZE]) {
    return signature_holds(HUB_DOMAIN, ROLE_ROOT, 0, root, root, view_make(hub_key, PUBLIC_KEY_SIZE), certificate);
}

/* ---- HELLO ---- */

static struct view hello_content(struct view nonce, struct view greeting, struct buf *storage) {
    buf_append_view(storage, nonce);
    buf_append_view(storage, greeting);
    return buf_view(storage);
}

void hello_sign(const struct signer *store, struct view nonce, struct view greeting, uint8_t out[SIGNATURE_SIZE]) {
    assert(nonce.len == NONCE_SIZE);
    struct buf storage = BUF_INIT;
    sign_message(store, HELLO_DOMAIN, hello_content(nonce, greeting, &storage), out);
    buf_wipe(&storage); /* a greeting can hold the join file's secret */
}

bool hello_holds(const uint8_t key[PUBLIC_KEY_SIZE], uint32_t stream, const uint8_t root[PUBLIC_KEY_SIZE],
                 struct view nonce, struct view greeting, const uint8_t signature[SIGNATURE_SIZE]) {
    if (nonce.len != NONCE_SIZE) return false; /* else a byte could move between the two */
    struct buf storage = BUF_INIT;
    struct view content = hello_content(nonce, greeting, &storage);
    bool holds = signature_holds(HELLO_DOMAIN, ROLE_STORE, stream, root, key, content, signature);
    buf_wipe(&storage);
    return holds;
}

/* ---- Receipts ---- */

#define RECEIPT_CONTENT (8 + CHAIN_SIZE + 8 + 4)

static struct view receipt_content(uint64_t seq, const uint8_t chain[CHAIN_SIZE], int64_t received,
                                   uint32_t incarnation, uint8_t out[RECEIPT_CONTENT]) {
    put_u64_be(out, seq);
    memcpy(out + 8, chain, CHAIN_SIZE);
    put_u64_be(out + 8 + CHAIN_SIZE, (uint64_t)received);
    put_u32_be(out + 16 + CHAIN_SIZE, incarnation);
    return view_make(out, RECEIPT_CONTENT);
}

void receipt_write(const struct signer *hub, const struct head *head, int64_t received, uint32_t incarnation,
                   struct buf *out) {
    assert(hub->role == ROLE_HUB);
    uint8_t content[RECEIPT_CONTENT], signature[SIGNATURE_SIZE];
    struct signer of_stream = *hub; /* signs about that stream, not its own */
    of_stream.stream = head->stream;
    sign_message(&of_stream, RECEIPT_DOMAIN, receipt_content(head->seq, head->chain, received, incarnation, content),
                 signature);
    sodium_memzero(&of_stream, sizeof of_stream);
    struct message message = {.type = MESSAGE_receipt};
    message.body.receipt = (struct message_receipt){
        .stream = head->stream,
        .seq = head->seq,
        .chain = view_make(head->chain, CHAIN_SIZE),
        .received = received,
        .incarnation = incarnation,
        .signature = view_make(signature, SIGNATURE_SIZE),
    };
    message_encode(&message, out);
}

int receipt_read(struct view bytes, const uint8_t hub_key[PUBLIC_KEY_SIZE], const uint8_t root[PUBLIC_KEY_SIZE],
                 struct message_receipt *out, struct err *err) {
    struct message message;
    int rc = message_decode(bytes, &message, err);
    if (rc < 0) return rc;
    if (message.type != MESSAGE_receipt) return err_set(err, ERR_FORMAT, "receipt", "not a receipt");
    const struct message_receipt *receipt = &message.body.receipt;
    uint8_t content[RECEIPT_CONTENT];
    struct view signed_bytes =
        receipt_content(receipt->seq, receipt->chain.data, receipt->received, (uint32_t)receipt->incarnation, content);
    if (!signature_holds(RECEIPT_DOMAIN, ROLE_HUB, (uint32_t)receipt->stream, root, hub_key, signed_bytes,
                         receipt->signature.data))
        return err_set(err, ERR_AUTH, "receipt", "the receipt is not signed with the hub's key");
    *out = *receipt;
    return 0;
}
