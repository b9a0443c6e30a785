/* The rows of a key ring; numbers big-endian, so that rows sort by them.
 *
 *   'M'                               → sealed("")              made with the master key: tells a wrong one at once
 *   'K' id (8) fingerprint (8)        → 1, sealed(key)          a live key
 *                                       0                       a tombstone
 *   'F' fingerprint (8) id (8)        → (empty)                 tombstones by fingerprint
 *   'T' kind (1) tag (16) id (8)      → (empty)                 who carries a tag
 *   'I' id (8) kind (1) tag (16)      → (empty)                 the tags of an id
 *   'V' name                          → sealed(value)
 *
 * sealed(…) is seal.h's form under the master key, with "dangol ring 1" and the row's own key as AAD, so that no row
 * can be put in another's place. Pure; inside proto/event only. */
#ifndef DANGOL_PROTO_EVENT_RING_ROW_H
#define DANGOL_PROTO_EVENT_RING_ROW_H

#include "proto/event/keyring.h"

#define ROW_MARK 'M'
#define ROW_KEY 'K'
#define ROW_TOMB 'F'
#define ROW_TAG 'T'
#define ROW_TAG_OF 'I'
#define ROW_VALUE 'V'

#define ROW_NAME_MAX 100
#define ROW_ROOM (1 + ROW_NAME_MAX + 1) /* of the longest key, and a byte to seek what comes after it */

#define ROW_KEY_SIZE (1 + 8 + FINGERPRINT_BYTES)
#define ROW_TAG_SIZE (1 + 1 + TAG_BYTES + 8)

#define ROW_DEAD 0
#define ROW_LIVE 1
#define ROW_LIVE_SIZE (1 + KEY_BYTES + SEAL_OVERHEAD)

/* The key of a row being made or sought. */
struct row_key {
    uint8_t bytes[ROW_ROOM];
    size_t len;
};

static inline struct view row_view(const struct row_key *key) { return view_make(key->bytes, key->len); }

struct row_key row_mark(void);
struct row_key row_key_prefix(uint64_t id); /* all keys of an id */
struct row_key row_key_of(uint64_t id, const uint8_t fingerprint[FINGERPRINT_BYTES]);
struct row_key row_tomb_prefix(const uint8_t fingerprint[FINGERPRINT_BYTES]);
struct row_key row_tomb_of(const uint8_t fingerprint[FINGERPRINT_BYTES], uint64_t id);
struct row_key row_tag_prefix(const struct tag *tag); /* all ids of a tag */
struct row_key row_tag_of(const struct tag *tag, uint64_t id);
struct row_key row_tag_of_prefix(uint64_t id); /* all tags of an id */
struct row_key row_tag_of_kind(uint64_t id, uint8_t kind);
struct row_key row_tag_of_id(uint64_t id, const struct tag *tag);
struct row_key row_value(const char *name);

/* The smallest key above one. */
struct row_key row_after(struct view key);
bool row_has_prefix(struct view key, const struct row_key *prefix);

#endif
