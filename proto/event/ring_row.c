#include "proto/event/ring_row.h"

#include <assert.h>
#include <string.h>

static struct row_key start(char table) {
    struct row_key key = {.len = 1};
    key.bytes[0] = (uint8_t)table;
    return key;
}

static struct row_key with_bytes(struct row_key key, const void *bytes, size_t len) {
    assert(len < sizeof key.bytes - key.len);
    memcpy(key.bytes + key.len, bytes, len);
    key.len += len;
    return key;
}

static struct row_key with_id(struct row_key key, uint64_t id) {
    uint8_t bytes[8];
    put_u64_be(bytes, id);
    return with_bytes(key, bytes, sizeof bytes);
}

static struct row_key with_tag(struct row_key key, const struct tag *tag) {
    return with_bytes(with_bytes(key, &tag->kind, 1), tag->bytes, TAG_BYTES);
}

struct row_key row_mark(void) {
    return start(ROW_MARK);
}

struct row_key row_key_prefix(uint64_t id) {
    return with_id(start(ROW_KEY), id);
}

struct row_key row_key_of(uint64_t id, const uint8_t fingerprint[FINGERPRINT_BYTES]) {
    return with_bytes(row_key_prefix(id), fingerprint, FINGERPRINT_BYTES);
}

struct row_key row_tomb_prefix(const uint8_t fingerprint[FINGERPRINT_BYTES]) {
    return with_bytes(start(ROW_TOMB), fingerprint, FINGERPRINT_BYTES);
}

struct row_key row_tomb_of(const uint8_t fingerprint[FINGERPRINT_BYTES], uint64_t id) {
    return with_id(row_tomb_prefix(fingerprint), id);
}

struct row_key row_tag_prefix(const struct tag *tag) {
    return with_tag(start(ROW_TAG), tag);
}

struct row_key row_tag_of(const struct tag *tag, uint64_t id) {
    return with_id(row_tag_prefix(tag), id);
}

struct row_key row_tag_of_prefix(uint64_t id) {
    return with_id(start(ROW_TAG_OF), id);
}

struct row_key row_tag_of_kind(uint64_t id, uint8_t kind) {
    return with_bytes(row_tag_of_prefix(id), &kind, 1);
}

struct row_key row_tag_of_id(uint64_t id, const struct tag *tag) {
    return with_tag(row_tag_of_prefix(id), tag);
}

struct row_key row_value(const char *name) {
    return with_bytes(start(ROW_VALUE), name, strlen(name));
}

struct row_key row_after(struct view key) {
    struct row_key after = {.len = 0};
    after = with_bytes(after, key.data, key.len);
    after.bytes[after.len++] = 0;
    return after;
}

bool row_has_prefix(struct view key, const struct row_key *prefix) {
    return key.len >= prefix->len && memcmp(key.data, prefix->bytes, prefix->len) == 0;
}
