#include "proto/api/throttle.h"

#include <sodium.h>
#include <stdlib.h>

#define FIRST_WAIT_MS 1000

uint64_t throttle_key(struct view name, struct view address) {
    crypto_generichash_state state;
    uint8_t out[16], len[8];
    put_u64_le(len, name.len);
    crypto_generichash_init(&state, NULL, 0, sizeof out);
    crypto_generichash_update(&state, len, sizeof len);
    if (name.len > 0) crypto_generichash_update(&state, name.data, name.len);
    if (address.len > 0) crypto_generichash_update(&state, address.data, address.len);
    crypto_generichash_final(&state, out, sizeof out);
    return get_u64_le(out) | 1;
}

static struct throttle_row *find(const struct throttle *t, uint64_t key) {
    const uint64_t *place = idmap_find(&t->by_key, key);
    return place == NULL ? NULL : &t->rows[*place - 1];
}

int64_t throttle_wait(const struct throttle *t, uint64_t key, int64_t now) {
    const struct throttle_row *row = find(t, key);
    return row == NULL || row->until <= now ? 0 : row->until - now;
}

bool throttle_known(const struct throttle *t, uint64_t key) {
    const struct throttle_row *row = find(t, key);
    return row != NULL && row->known;
}

bool throttle_tell(struct throttle *t, uint64_t key) {
    struct throttle_row *row = find(t, key);
    bool first = row != NULL && !row->told;
    if (first) row->told = true;
    return first;
}

/* Is `a` to be forgotten before `b`? */
static bool lesser(const struct throttle_row *a, const struct throttle_row *b) {
    if (a->known != b->known) return b->known;
    if (a->failures != b->failures) return a->failures < b->failures;
    return a->last < b->last;
}

static struct throttle_row *make(struct throttle *t, uint64_t key) {
    if (t->rows == NULL) t->rows = mem_alloc(THROTTLE_ROWS * sizeof *t->rows);
    size_t place = t->count;
    if (t->count == THROTTLE_ROWS) {
        place = 0;
        for (size_t i = 1; i < t->count; i++)
            if (lesser(&t->rows[i], &t->rows[place])) place = i;
        idmap_remove(&t->by_key, t->rows[place].key);
    } else {
        t->count++;
    }
    t->rows[place] = (struct throttle_row){.key = key};
    *idmap_put(&t->by_key, key, NULL) = place + 1;
    return &t->rows[place];
}

void throttle_failed(struct throttle *t, uint64_t key, int64_t now) {
    struct throttle_row *row = find(t, key);
    if (row == NULL) row = make(t, key);
    int64_t hours = row->failures == 0 ? 0 : (now - row->last) / THROTTLE_FORGIVEN_MS;
    row->failures = hours >= row->failures ? 0 : row->failures - (uint32_t)hours;
    row->failures++;
    row->last = now;
    row->told = false;
    if (row->failures <= t->spare) return;
    uint32_t doublings = row->failures - t->spare - 1;
    int64_t wait = doublings >= 10 ? THROTTLE_LONGEST_MS : (int64_t)FIRST_WAIT_MS << doublings;
    row->until = now + (wait < THROTTLE_LONGEST_MS ? wait : THROTTLE_LONGEST_MS);
}

void throttle_passed(struct throttle *t, uint64_t key) {
    struct throttle_row *row = find(t, key);
    if (row == NULL) row = make(t, key);
    *row = (struct throttle_row){.key = key, .known = true, .last = row->last};
}

void throttle_release(struct throttle *t) {
    free(t->rows);
    idmap_release(&t->by_key);
    *t = (struct throttle){.spare = t->spare};
}
