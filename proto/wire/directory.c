#include "proto/wire/directory.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define SUM_DOMAIN "dangol directory 1"
#define NUMBER_DOMAIN "dangol directory number 1"
#define QUICK_DOMAIN "dangol directory quick 1"
#define PASSES 2

_Static_assert(DIRECTORY_SUM < crypto_generichash_BYTES_MIN, "sums are cut");

/* ---- Hashes ---- */

/* The first `size` bytes of BLAKE2b-128, keyed where there is a key. */
static void short_hash(const struct customer_key *key, const struct view *parts, size_t count, uint8_t *out,
                       size_t size) {
    crypto_generichash_state state;
    uint8_t whole[crypto_generichash_BYTES_MIN];
    crypto_generichash_init(&state, key == NULL ? NULL : key->bytes, key == NULL ? 0 : KEY_BYTES, sizeof whole);
    for (size_t i = 0; i < count; i++) crypto_generichash_update(&state, parts[i].data, parts[i].len);
    crypto_generichash_final(&state, whole, sizeof whole);
    memcpy(out, whole, size);
}

void directory_heading_sum(struct directory_heading *heading) {
    uint8_t memory[4];
    put_u32_be(memory, heading->memory);
    struct view parts[] = {view_of(SUM_DOMAIN), view_make(memory, sizeof memory), view_of(heading->tiers)};
    short_hash(&heading->key, parts, 3, heading->sum, DIRECTORY_SUM);
}

void directory_shelf_sum(const struct directory_heading *heading, uint8_t number, struct view rows,
                         uint8_t out[DIRECTORY_SUM]) {
    struct view parts[] = {view_make(heading->sum, DIRECTORY_SUM), view_make(&number, 1), rows};
    short_hash(NULL, parts, 3, out, DIRECTORY_SUM);
}

void directory_sum(const uint8_t *sums, uint8_t out[DIRECTORY_SUM]) {
    struct view all = view_make(sums, (size_t)DIRECTORY_SHELVES * DIRECTORY_SUM);
    short_hash(NULL, &all, 1, out, DIRECTORY_SUM);
}

int directory_hash(const struct directory_heading *heading, struct view normal, uint32_t *out, struct err *err) {
    static const uint8_t salt[crypto_pwhash_SALTBYTES] = {0};
    crypto_generichash_state state;
    char input[32];
    uint8_t slow[crypto_pwhash_BYTES_MIN];
    crypto_generichash_init(&state, heading->key.bytes, KEY_BYTES, sizeof input);
    crypto_generichash_update(&state, (const uint8_t *)NUMBER_DOMAIN, strlen(NUMBER_DOMAIN));
    crypto_generichash_update(&state, normal.data, normal.len);
    crypto_generichash_final(&state, (uint8_t *)input, sizeof input);
    int code = crypto_pwhash(slow, sizeof slow, input, sizeof input, salt, PASSES, (size_t)heading->memory << 10,
                             crypto_pwhash_ALG_ARGON2ID13);
    sodium_memzero(input, sizeof input);
    *out = get_u32_be(slow);
    return code == 0 ? 0
                     : err_set(err, ERR_NO_SPACE, NULL, "there are no %u KiB of memory to look up a number with",
                               heading->memory);
}

void directory_quick(const struct directory_heading *heading, struct view normal, uint8_t out[DIRECTORY_QUICK]) {
    struct view parts[] = {view_of(QUICK_DOMAIN), normal};
    short_hash(&heading->key, parts, 2, out, DIRECTORY_QUICK);
}

struct view directory_tier(const char *tiers, uint8_t tier) {
    const char *at = tiers;
    for (; tier > 0 && at != NULL; tier--) {
        at = strchr(at, ',');
        if (at != NULL) at++;
    }
    return at == NULL || *at == '\0' ? VIEW_NONE : view_make(at, strcspn(at, ","));
}

/* ---- Rows ---- */

static uint32_t low_of(const uint8_t *row) { return directory_row_hash(0, row); }

/* The first row that is not below the hash. */
static size_t place_of(struct view rows, uint32_t hash) {
    size_t low = 0, high = rows.len / DIRECTORY_ROW;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (low_of(rows.data + middle * DIRECTORY_ROW) < (hash & 0xFFFFFF))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool there(struct view rows, size_t place, uint32_t hash) {
    return place < rows.len / DIRECTORY_ROW && low_of(rows.data + place * DIRECTORY_ROW) == (hash & 0xFFFFFF);
}

uint8_t directory_find(struct view rows, uint32_t hash) {
    size_t place = place_of(rows, hash);
    return there(rows, place, hash) ? rows.data[place * DIRECTORY_ROW + 3] : DIRECTORY_GONE;
}

bool directory_set(struct buf *rows, uint32_t hash, uint8_t tier) {
    struct view before = buf_view(rows);
    size_t place = place_of(before, hash), at = place * DIRECTORY_ROW;
    bool known = there(before, place, hash);
    if (known ? rows->data[at + 3] == tier : tier == DIRECTORY_GONE) return false;
    if (!known && rows->len / DIRECTORY_ROW >= DIRECTORY_SHELF_MOST) return false;
    if (tier == DIRECTORY_GONE) {
        memmove(rows->data + at, rows->data + at + DIRECTORY_ROW, rows->len - at - DIRECTORY_ROW);
        rows->len -= DIRECTORY_ROW;
        return true;
    }
    if (!known) {
        static const uint8_t room[DIRECTORY_ROW] = {0};
        buf_append(rows, room, sizeof room);
        memmove(rows->data + at + DIRECTORY_ROW, rows->data + at, rows->len - at - DIRECTORY_ROW);
    }
    uint8_t row[DIRECTORY_ROW] = {(uint8_t)(hash >> 16), (uint8_t)(hash >> 8), (uint8_t)hash, tier};
    memcpy(rows->data + at, row, sizeof row);
    return true;
}

/* ---- On the line ---- */

static int malformed(struct err *err, const char *what) {
    return err_set(err, ERR_FORMAT, what, "the directory's %s cannot be read", what);
}

void directory_shelf_write(struct buf *out, uint8_t number, struct view rows) {
    size_t count = rows.len / DIRECTORY_ROW;
    assert(rows.len % DIRECTORY_ROW == 0 && count <= DIRECTORY_SHELF_MOST);
    uint8_t head[3] = {number, (uint8_t)(count >> 8), (uint8_t)count};
    buf_append(out, head, sizeof head);
    buf_append(out, rows.data, rows.len);
}

static bool ascending(struct view rows) {
    for (size_t at = 0; at < rows.len; at += DIRECTORY_ROW) {
        if (at > 0 && low_of(rows.data + at - DIRECTORY_ROW) >= low_of(rows.data + at)) return false;
        if (rows.data[at + 3] == DIRECTORY_GONE) return false;
    }
    return true;
}

int directory_shelf_next(struct view *left, int *number, struct view *rows, struct err *err) {
    if (left->len == 0) return 0;
    if (left->len < 3 || left->data[0] <= *number) return malformed(err, "shelves");
    size_t size = ((size_t)left->data[1] << 8 | left->data[2]) * DIRECTORY_ROW;
    if (left->len - 3 < size) return malformed(err, "shelves");
    *number = left->data[0];
    *rows = view_make(left->data + 3, size);
    *left = view_make(left->data + 3 + size, left->len - 3 - size);
    return ascending(*rows) ? 1 : malformed(err, "shelves");
}

void directory_change_write(struct buf *out, uint32_t hash, uint8_t tier) {
    uint8_t change[DIRECTORY_CHANGE];
    put_u32_be(change, hash);
    change[4] = tier;
    buf_append(out, change, sizeof change);
}

int directory_change_next(struct view *left, uint32_t *hash, uint8_t *tier, struct err *err) {
    if (left->len == 0) return 0;
    if (left->len < DIRECTORY_CHANGE) return malformed(err, "changes");
    *hash = get_u32_be(left->data);
    *tier = left->data[4];
    *left = view_make(left->data + DIRECTORY_CHANGE, left->len - DIRECTORY_CHANGE);
    return 1;
}
