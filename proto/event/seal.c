#include "proto/event/seal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define MAC_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define KEY_DOMAIN "dangol key 1"
#define TAG_DOMAIN "dangol tag 1"

static_assert(NONCE_BYTES + MAC_BYTES == SEAL_OVERHEAD, "the header tells the overhead");
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEY_BYTES, "the header tells the size of a key");

void customer_key_make(struct customer_key *key, const struct env *env) {
    env_random(env, key->bytes, sizeof key->bytes);
}

static void hash(const uint8_t *key, const char *domain, struct view content, uint8_t *out, size_t len) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, key != NULL ? KEY_BYTES : 0, len);
    crypto_generichash_update(&state, (const uint8_t *)domain, strlen(domain));
    crypto_generichash_update(&state, content.data, content.len);
    crypto_generichash_final(&state, out, len);
    sodium_memzero(&state, sizeof state);
}

void customer_key_fingerprint(const struct customer_key *key, uint8_t out[FINGERPRINT_BYTES]) {
    uint8_t whole[crypto_generichash_BYTES_MIN];
    hash(NULL, KEY_DOMAIN, view_make(key->bytes, sizeof key->bytes), whole, sizeof whole);
    memcpy(out, whole, FINGERPRINT_BYTES);
}

void seal(const struct customer_key *key, struct view plain, struct view aad, const struct env *env, struct buf *out) {
    buf_reserve(out, plain.len + SEAL_OVERHEAD);
    uint8_t *nonce = out->data + out->len;
    unsigned long long len;
    env_random(env, nonce, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, &len, plain.data, plain.len, aad.data, aad.len,
                                               NULL, nonce, key->bytes);
    out->len += NONCE_BYTES + (size_t)len;
}

int seal_open(const struct customer_key *key, struct view sealed, struct view aad, struct buf *out) {
    if (sealed.len < SEAL_OVERHEAD) return ERR_AUTH;
    unsigned long long len;
    buf_reserve(out, sealed.len - SEAL_OVERHEAD + 1); /* a place even for an empty one */
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out->data + out->len, &len, NULL, sealed.data + NONCE_BYTES,
                                                   sealed.len - NONCE_BYTES, aad.data, aad.len, sealed.data,
                                                   key->bytes) != 0)
        return ERR_AUTH;
    out->len += (size_t)len;
    return 0;
}

void tag_make(const uint8_t tag_key[KEY_BYTES], enum tag_kind kind, struct view normal, struct tag *out) {
    struct buf content = BUF_INIT;
    out->kind = (uint8_t)kind;
    buf_append_byte(&content, out->kind);
    buf_append_view(&content, normal);
    hash(tag_key, TAG_DOMAIN, buf_view(&content), out->bytes, sizeof out->bytes);
    buf_wipe(&content);
}
