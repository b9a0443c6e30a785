#include "proto/event/ring_seal.h"

#include <sodium.h>
#include <string.h>

#include "proto/event/id.h"

#define DOMAIN "dangol ring 1"
#define DOMAIN_SIZE (sizeof DOMAIN - 1)

struct aad {
    uint8_t bytes[DOMAIN_SIZE + ROW_ROOM];
    size_t len;
};

static struct aad aad_of(struct view row_key) {
    struct aad aad = {.len = DOMAIN_SIZE};
    size_t len = row_key.len <= ROW_ROOM ? row_key.len : ROW_ROOM; /* a longer one on disk is not ours: fails anyway */
    memcpy(aad.bytes, DOMAIN, DOMAIN_SIZE);
    memcpy(aad.bytes + aad.len, row_key.data, len);
    aad.len += len;
    return aad;
}

void ring_seal(const struct customer_key *master, struct view row_key, struct view plain, const struct env *env,
               struct buf *out) {
    struct aad aad = aad_of(row_key);
    seal(master, plain, view_make(aad.bytes, aad.len), env, out);
}

int ring_unseal(const struct customer_key *master, struct view row_key, struct view sealed, struct buf *out) {
    struct aad aad = aad_of(row_key);
    return seal_open(master, sealed, view_make(aad.bytes, aad.len), out);
}

static int damaged(uint64_t id, struct err *err) {
    char text[ID_TEXT];
    return err_set(err, ERR_CORRUPT, NULL, "the key ring's key of %s is damaged", id_format(id, text));
}

bool ring_row_dead(const struct ring_row *row) { return row->value.len == 1 && row->value.data[0] == ROW_DEAD; }

int ring_unseal_key(const struct customer_key *master, const struct ring_row *row, uint64_t *id, struct ring_key *out,
                    struct err *err) {
    if (row->key.len != ROW_KEY_SIZE || row->value.len == 0)
        return err_set(err, ERR_CORRUPT, NULL, "the key ring has a key row of a wrong size");
    *id = get_u64_be(row->key.data + 1);
    memset(out, 0, sizeof *out);
    memcpy(out->fingerprint, row->key.data + 9, FINGERPRINT_BYTES);
    if (ring_row_dead(row)) {
        out->destroyed = true;
        return 0;
    }
    if (row->value.len != ROW_LIVE_SIZE || row->value.data[0] != ROW_LIVE) return damaged(*id, err);
    struct buf plain = BUF_INIT;
    uint8_t fingerprint[FINGERPRINT_BYTES] = {0};
    int code = ring_unseal(master, row->key, view_make(row->value.data + 1, row->value.len - 1), &plain);
    if (code == 0) {
        memcpy(out->key.bytes, plain.data, KEY_BYTES);
        customer_key_fingerprint(&out->key, fingerprint);
        if (memcmp(fingerprint, out->fingerprint, sizeof fingerprint) != 0) code = ERR_CORRUPT;
    }
    buf_wipe(&plain);
    if (code == 0) return 0;
    sodium_memzero(out, sizeof *out);
    return damaged(*id, err);
}

bool ring_tag_of(struct view row_key, struct tag *out) {
    if (row_key.len != ROW_TAG_SIZE) return false;
    const uint8_t *tag = row_key.data + (row_key.data[0] == ROW_TAG_OF ? 9 : 1);
    out->kind = tag[0];
    memcpy(out->bytes, tag + 1, TAG_BYTES);
    return true;
}
