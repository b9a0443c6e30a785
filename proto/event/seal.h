/* Sealing: what identifies a person is encrypted with a key of that person's own, kept outside the log. Destroying the
 * key erases the person; the bytes, and so the chain, stay.
 * XChaCha20-Poly1305 (libsodium, draft-irtf-cfrg-xchacha-03), random nonce, AAD = domain, type, version, subject.
 * Secrets: wipe a struct customer_key when done with it. Thread: pure. */
#ifndef DANGOL_PROTO_EVENT_SEAL_H
#define DANGOL_PROTO_EVENT_SEAL_H

#include "proto/base/bytes.h"
#include "proto/base/env.h"
#include "proto/base/err.h"

#define KEY_BYTES 32
#define FINGERPRINT_BYTES 8
#define SEAL_OVERHEAD (24 + 16)
#define TAG_BYTES 16

struct customer_key {
    uint8_t bytes[KEY_BYTES];
};

void customer_key_make(struct customer_key *key, const struct env *env);
/* BLAKE2b-128 of "dangol key 1" and the key, cut to 64 bits: names the key without telling it. */
void customer_key_fingerprint(const struct customer_key *key, uint8_t out[FINGERPRINT_BYTES]);

/* Appends nonce, ciphertext and tag. */
void seal(const struct customer_key *key, struct view plain, struct view aad, const struct env *env, struct buf *out);
/* Appends the plain bytes; ERR_AUTH when key, aad or bytes are not the ones sealed. */
int seal_open(const struct customer_key *key, struct view sealed, struct view aad, struct buf *out);

/* A strong-key tag: BLAKE2b-128, keyed with the site's own tag key, of "dangol tag 1", the kind's byte and the normal
 * form (text.h). Tags find a
 * customer by phone, card or e-mail; they live in the key ring and die with the key. */
enum tag_kind {
    TAG_PHONE = 1,
    TAG_CARD = 2,
    TAG_EMAIL = 3,
    TAG_NAME = 128, /* kept apart of the erased alone */
    TAG_DIRECTORY =
        129 /* a hub's: of a phone, directory.h's quick hash and the slow one; found by its customer alone */
};
struct tag {
    uint8_t kind;
    uint8_t bytes[TAG_BYTES];
};
void tag_make(const uint8_t tag_key[KEY_BYTES], enum tag_kind kind, struct view normal, struct tag *out);

#endif
