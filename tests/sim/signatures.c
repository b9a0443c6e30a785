/* Stands before libsodium's calls: a signature that was made or found true in this process is true still, and is not
 * worked out again. The same sites sign and check each other all their lives, and a check takes longer than all else
 * that becomes of a message. What is not known to be true is checked by libsodium, as ever.
 * Memory: a table of fixed size, where a later one may take the place of an earlier one. Thread: one. */
#include <sodium.h>
#include <string.h>

#include "proto/base/bytes.h"

#define TRUE_ONES (1u << 16)

struct mark {
    uint8_t bytes[16];
};

static struct mark table[TRUE_ONES];

static struct mark mark_of(const uint8_t *signature, const uint8_t *message, unsigned long long length,
                           const uint8_t *key) {
    struct mark mark;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof mark.bytes);
    crypto_generichash_update(&state, key, crypto_sign_PUBLICKEYBYTES);
    crypto_generichash_update(&state, signature, crypto_sign_BYTES);
    crypto_generichash_update(&state, message, length);
    crypto_generichash_final(&state, mark.bytes, sizeof mark.bytes);
    return mark;
}

static struct mark *place_of(const struct mark *mark) { return &table[get_u32_le(mark->bytes) % TRUE_ONES]; }

int crypto_sign_detached(unsigned char *signature, unsigned long long *signature_length, const unsigned char *message,
                         unsigned long long length, const unsigned char *secret) {
    int code = crypto_sign_ed25519_detached(signature, signature_length, message, length, secret);
    /* The second half of a secret key is the public one. */
    struct mark mark = mark_of(signature, message, length, secret + crypto_sign_SEEDBYTES);
    if (code == 0) *place_of(&mark) = mark;
    return code;
}

int crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long length,
                                const unsigned char *key) {
    struct mark mark = mark_of(signature, message, length, key), *place = place_of(&mark);
    if (memcmp(place, &mark, sizeof mark) == 0) return 0;
    int code = crypto_sign_ed25519_verify_detached(signature, message, length, key);
    if (code == 0) *place = mark;
    return code;
}
