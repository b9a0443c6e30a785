#include "proto/log/chain.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define STREAM_DOMAIN "dangol stream 1"
#define HEAD_DOMAIN "dangol head 1"
#define HEAD_CONTENT (8 + CHAIN_SIZE)

/* What is hashed here is a few pieces one after the other. */
static void hash(uint8_t *out, size_t out_len, const struct view *pieces, size_t count) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, out_len);
    for (size_t i = 0; i < count; i++) crypto_generichash_update(&state, pieces[i].data, pieces[i].len);
    crypto_generichash_final(&state, out, out_len);
}

void signer_from_seed(struct signer *out, const uint8_t seed[32], enum role role, uint32_t stream,
                      const uint8_t root[PUBLIC_KEY_SIZE]) {
    crypto_sign_seed_keypair(out->public_key, out->secret, seed);
    out->role = role;
    out->stream = stream;
    memcpy(out->root, root, PUBLIC_KEY_SIZE);
}

void chain_start(uint32_t stream, const uint8_t public_key[PUBLIC_KEY_SIZE], uint8_t chain[CHAIN_SIZE]) {
    uint8_t number[4];
    put_u32_be(number, stream);
    const struct view pieces[] = {view_of(STREAM_DOMAIN), view_make(number, sizeof number),
                                  view_make(public_key, PUBLIC_KEY_SIZE)};
    hash(chain, CHAIN_SIZE, pieces, 3);
}

void chain_next(uint8_t chain[CHAIN_SIZE], struct view frame) {
    uint8_t next[CHAIN_SIZE];
    const struct view pieces[] = {view_make(chain, CHAIN_SIZE), frame};
    hash(next, CHAIN_SIZE, pieces, 2);
    memcpy(chain, next, CHAIN_SIZE);
}

bool head_unsigned(const struct head *head) { return sodium_is_zero(head->signature, SIGNATURE_SIZE); }

void ref_hash(struct view source, struct view key, uint8_t out[REF_HASH_SIZE]) {
    uint8_t length[4];
    put_u32_be(length, (uint32_t)source.len);
    const struct view pieces[] = {view_make(length, sizeof length), source, key};
    hash(out, REF_HASH_SIZE, pieces, 3);
}

static void message_write(struct buf *out, const char *domain, enum role role, uint32_t stream,
                          const uint8_t root[PUBLIC_KEY_SIZE], struct view content) {
    uint8_t number[4];
    put_u32_be(number, stream);
    /* At once: what is signed can be a join file or a HELLO with its secret. */
    buf_reserve(out, strlen(domain) + 2 + sizeof number + PUBLIC_KEY_SIZE + content.len);
    buf_append_view(out, view_of(domain));
    buf_append_byte(out, 0);
    buf_append_byte(out, (uint8_t)role);
    buf_append(out, number, sizeof number);
    buf_append(out, root, PUBLIC_KEY_SIZE);
    buf_append_view(out, content);
}

void sign_message(const struct signer *signer, const char *domain, struct view content, uint8_t out[SIGNATURE_SIZE]) {
    struct buf message = BUF_INIT;
    message_write(&message, domain, signer->role, signer->stream, signer->root, content);
    crypto_sign_detached(out, NULL, message.data, message.len, signer->secret);
    buf_wipe(&message);
}

bool signature_holds(const char *domain, enum role role, uint32_t stream, const uint8_t root[PUBLIC_KEY_SIZE],
                     const uint8_t public_key[PUBLIC_KEY_SIZE], struct view content,
                     const uint8_t signature[SIGNATURE_SIZE]) {
    struct buf message = BUF_INIT;
    message_write(&message, domain, role, stream, root, content);
    bool holds = crypto_sign_verify_detached(signature, message.data, message.len, public_key) == 0;
    buf_wipe(&message);
    return holds;
}

static enum role role_of(uint32_t stream) { return stream_is_hub(stream) ? ROLE_HUB : ROLE_STORE; }

static void head_content(const struct head *head, uint8_t out[HEAD_CONTENT]) {
    put_u64_be(out, head->seq);
    memcpy(out + 8, head->chain, CHAIN_SIZE);
}

void head_sign(struct head *head, const struct signer *signer) {
    uint8_t content[HEAD_CONTENT];
    assert(signer->stream == head->stream && signer->role == role_of(head->stream));
    head_content(head, content);
    sign_message(signer, HEAD_DOMAIN, view_make(content, sizeof content), head->signature);
}

bool head_holds(const struct head *head, const uint8_t public_key[PUBLIC_KEY_SIZE],
                const uint8_t root[PUBLIC_KEY_SIZE]) {
    uint8_t content[HEAD_CONTENT];
    head_content(head, content);
    return signature_holds(HEAD_DOMAIN, role_of(head->stream), head->stream, root, public_key,
                           view_make(content, sizeof content), head->signature);
}
