#include "node/names.h"

#include <sodium.h>
#include <stdlib.h>

_Static_assert(NAMES_KEY_BYTES == crypto_shorthash_KEYBYTES, "the key is SipHash's");

void names_init(struct names *names, const struct env *env) {
    *names = (struct names){.count = 0};
    env_random(env, names->key, sizeof names->key);
}

void names_release(struct names *names) {
    idmap_release(&names->index);
    free(names->items);
    names->items = NULL;
    names->count = names->cap = 0;
}

void names_clear(struct names *names) {
    idmap_clear(&names->index);
    names->count = 0;
}

static uint64_t hash_of(const struct names *names, struct view text) {
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, text.data, text.len, names->key);
    return get_u64_le(hash) | 1; /* 0 is no key */
}

static uint32_t find_from(const struct names *names, uint64_t first, struct view text) {
    uint32_t at = first == 0 ? NAMES_NONE : (uint32_t)(first - 1);
    while (at != NAMES_NONE && !view_equal(names->items[at].text, text)) at = names->items[at].next;
    return at;
}

uint32_t names_find(const struct names *names, struct view text) {
    const uint64_t *first = idmap_find(&names->index, hash_of(names, text));
    return first == NULL ? NAMES_NONE : find_from(names, *first, text);
}

uint32_t names_put(struct names *names, struct view text, bool *added) {
    uint64_t *first = idmap_put(&names->index, hash_of(names, text), NULL);
    uint32_t at = find_from(names, *first, text);
    if (added != NULL) *added = at == NAMES_NONE;
    if (at != NAMES_NONE) return at;
    if (names->count == names->cap) {
        names->cap = names->cap * 2 + 64;
        names->items = mem_resize(names->items, names->cap * sizeof *names->items);
    }
    uint32_t next = *first == 0 ? NAMES_NONE : (uint32_t)(*first - 1);
    names->items[names->count] = (struct name){text, next};
    *first = ++names->count;
    return (uint32_t)(names->count - 1);
}
