/* Who is who: the region's root, the hub it certifies, the join file that brings a store in, proofs and receipts.
 *
 * `hub init` makes a root: an Ed25519 key, and an X.509 CA for TLS. It can be kept off-line; it certifies the hub's
 * Ed25519 key (certificate: the root's signature) and its TLS certificate, and both are renewed without touching
 * stores. The TLS server name is fixed and derived from the root. TLS authenticates the hub to the store; signatures
 * authenticate the store to the hub. All signatures as in chain.h.
 * Secrets: files are 0600; wipe structs that hold them. Pure but for cert_mbedtls.c. */
#ifndef DANGOL_PROTO_WIRE_IDENTITY_H
#define DANGOL_PROTO_WIRE_IDENTITY_H

#include "proto/base/env.h"
#include "proto/event/seal.h"
#include "proto/log/chain.h"
#include "proto/wire/message.h"

#define SECRET_SIZE 32
#define NONCE_SIZE 32
#define TOKEN_SIZE 16
#define SERVER_NAME_SIZE 64
#define HUB_ADDRESSES_MAX 4

struct region_root {
    struct signer signer; /* role ROLE_ROOT, stream 0, root = its own public key */
    char *ca_key;         /* PEM */
    char *ca_certificate; /* PEM */
};

int region_root_make(const struct env *env, const char *region, struct region_root *out, struct err *err);
/* The root's file: JSON text. Secret. */
void region_root_write(const struct region_root *root, struct buf *out);
int region_root_read(struct view text, struct region_root *out, struct err *err);
void region_root_release(struct region_root *root);

/* "dangol-" and the first 16 hexadecimal digits of BLAKE2b-256 of the root's public key. */
void server_name(const uint8_t root[PUBLIC_KEY_SIZE], char out[SERVER_NAME_SIZE]);

/* A TLS key and certificate for the hub, signed by the root's CA: PEM, the caller's to free (the key to wipe). Valid
 * for `days` from now, 1 to 36,500, and for every clock that is behind. */
int tls_certificate_make(const struct env *env, const struct region_root *root, int days, char **key_pem,
                         char **certificate_pem, struct err *err);

/* The root's word that a key is the hub's: domain "dangol hub 1", stream 0, content = the key. */
void hub_certify(const struct region_root *root, const uint8_t hub_key[PUBLIC_KEY_SIZE],
                 uint8_t certificate[SIGNATURE_SIZE]);
bool hub_certificate_holds(const uint8_t root[PUBLIC_KEY_SIZE], const uint8_t hub_key[PUBLIC_KEY_SIZE],
                           const uint8_t certificate[SIGNATURE_SIZE]);

/* The join file: all a new store PC needs, and the secret that proves it was asked for. Text of four lines:
 *     dangol join 1
 *     {one line of JSON}
 *     hub KEY CERTIFICATE          (hexadecimal)
 *     signature SIGNATURE          (of the hub's key over the JSON line as it stands; domain "dangol join 1")
 * Strings are owned; name, chain and region may be NULL. */
struct join_file {
    char *addresses[HUB_ADDRESSES_MAX]; /* HOST:PORT */
    size_t address_count;
    uint8_t root[PUBLIC_KEY_SIZE];
    char *ca_certificate; /* PEM */
    uint32_t stream;
    uint32_t incarnation; /* of the hub that gave it out */
    uint8_t secret[SECRET_SIZE];
    uint8_t ref_key[KEY_BYTES]; /* region-wide: keys the hash of a card inside a ref */
    char *store, *name, *chain;
    char *region, *currency, *timezone, *country;
};
/* Appends. `hub` is the signer of the hub's own stream (incarnation, 0). What join_file_read would not take is our own
 * mistake and asserted. */
void join_file_write(const struct join_file *join, const struct signer *hub, const uint8_t certificate[SIGNATURE_SIZE],
                     struct buf *out);
/* ERR_FORMAT: not a join file; ERR_AUTH: changed since the hub wrote it; ERR_VERSION. */
int join_file_read(struct view text, struct join_file *out, struct err *err);
void join_file_release(struct join_file *join);
void join_secret_hash(const uint8_t secret[SECRET_SIZE], uint8_t out[32]); /* BLAKE2b-256, as in stream_opened */

/* HELLO: domain "dangol hello 1", content = nonce ‖ the greeting's bytes. */
void hello_sign(const struct signer *store, struct view nonce, struct view greeting, uint8_t out[SIGNATURE_SIZE]);
bool hello_holds(const uint8_t key[PUBLIC_KEY_SIZE], uint32_t stream, const uint8_t root[PUBLIC_KEY_SIZE],
                 struct view nonce, struct view greeting, const uint8_t signature[SIGNATURE_SIZE]);

/* Receipts: domain "dangol receipt 1", role hub, stream of the receipt; content = seq ‖ chain ‖ received ‖ incarnation,
 * big-endian. `receipt_write` signs and appends the encoded message; `receipt_read` checks form and signature. */
void receipt_write(const struct signer *hub, const struct head *head, int64_t received, uint32_t incarnation,
                   struct buf *out);
int receipt_read(struct view bytes, const uint8_t hub_key[PUBLIC_KEY_SIZE], const uint8_t root[PUBLIC_KEY_SIZE],
                 struct message_receipt *out, struct err *err);

/* Customers' keys on the line: msgpack [[id, key] …] in a libsodium sealed box for the X25519 form of the receiver's
 * Ed25519 key. A message's bound may hold fewer keys than CARRIED_KEYS_MAX: KEYS_BOX_SIZE is what `count` keys take at
 * most. */
struct carried_key {
    uint64_t id;
    struct customer_key key;
};
/* A list of them that grows without leaving copies behind. */
struct carried_keys {
    struct carried_key *items;
    size_t count, room;
};
void carried_keys_add(struct carried_keys *list, uint64_t id, const struct customer_key *key);
void carried_keys_release(struct carried_keys *list); /* wiped */
#define CARRIED_KEYS_MAX 8192
#define KEYS_BOX_SIZE(count) (48 + 5 + (size_t)(count)*44)
/* Appends the box; its bytes are random, so they never repeat. ERR_INVALID: nothing can be sealed for `receiver`; that
 * can be so of a key whose signatures hold, so whoever accepts a stream's first key asks `key_receives`. */
int keys_box(const struct carried_key *keys, size_t count, const uint8_t receiver[PUBLIC_KEY_SIZE], struct buf *out,
             struct err *err);
bool key_receives(const uint8_t key[PUBLIC_KEY_SIZE]);
/* ERR_AUTH: not for this receiver, or changed. The array is the caller's to wipe and free. */
int keys_unbox(struct view box, const struct signer *receiver, struct carried_key **out, size_t *count,
               struct err *err);

#endif
