/* Chains and signed heads (DESIGN, section 4). Pure; libsodium's BLAKE2b and Ed25519.
 *
 * Every signature of the system covers a domain string, role, stream and the region's root besides its content:
 *   message = domain ‖ 0x00 ‖ role (1 byte) ‖ stream (u32 BE) ‖ region root (32 bytes) ‖ content
 * so that no signature can be shown for another purpose, another stream or another region. */
#ifndef DANGOL_PROTO_LOG_CHAIN_H
#define DANGOL_PROTO_LOG_CHAIN_H

#include "proto/log/log.h"

#define SECRET_KEY_SIZE 64 /* libsodium's: seed and public key */

enum role { ROLE_ROOT = 1, ROLE_HUB = 2, ROLE_STORE = 3 };

struct signer {
    uint8_t secret[SECRET_KEY_SIZE];
    uint8_t public_key[PUBLIC_KEY_SIZE];
    enum role role;
    uint32_t stream;
    uint8_t root[PUBLIC_KEY_SIZE]; /* the region's */
};

/* The key pair that a seed of 32 bytes stands for, and whose it is. */
void signer_from_seed(struct signer *out, const uint8_t seed[32], enum role role, uint32_t stream,
                      const uint8_t root[PUBLIC_KEY_SIZE]);

void chain_start(uint32_t stream, const uint8_t public_key[PUBLIC_KEY_SIZE], uint8_t chain[CHAIN_SIZE]);
void chain_next(uint8_t chain[CHAIN_SIZE], struct view frame); /* in place */

void sign_message(const struct signer *signer, const char *domain, struct view content, uint8_t out[SIGNATURE_SIZE]);
bool signature_holds(const char *domain, enum role role, uint32_t stream, const uint8_t root[PUBLIC_KEY_SIZE],
                     const uint8_t public_key[PUBLIC_KEY_SIZE], struct view content,
                     const uint8_t signature[SIGNATURE_SIZE]);

/* Domain "dangol head 1"; content = seq (u64 BE) ‖ chain. Role: ROLE_HUB for a hub's own stream, else ROLE_STORE. */
void head_sign(struct head *head, const struct signer *signer);
bool head_holds(const struct head *head, const uint8_t public_key[PUBLIC_KEY_SIZE],
                const uint8_t root[PUBLIC_KEY_SIZE]);

/* Its signature is zeros: of a stream that a feed has not brought in full yet. */
bool head_unsigned(const struct head *head);

/* BLAKE2b-128 of source and key, what the ref index holds. */
void ref_hash(struct view source, struct view key, uint8_t out[REF_HASH_SIZE]);

#endif
