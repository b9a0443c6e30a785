#include "proto/model/words.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A strong hash: words come from outside, and nobody shall be able to pile them into one chain. */
static uint64_t hash_of(struct view word) {
    uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash(hash, sizeof hash, word.data, word.len, NULL, 0);
    return get_u64_le(hash) | 1; /* a key of an idmap is never 0 */
}

static uint32_t find_from(const struct words *words, uint32_t first, struct view word) {
    for (uint32_t i = first; i != NONE; i = words->places.items[i].next)
        if (view_equal(words_view(words, i + 1), word)) return i + 1;
    return NONE;
}

uint32_t words_find(const struct words *words, struct view word) {
    if (word.data == NULL) return 0;
    const uint64_t *first = idmap_find(&words->by_hash, hash_of(word));
    return first == NULL ? NONE : find_from(words, (uint32_t)*first, word);
}

/* By its last bytes. Nothing hangs on it but speed. */
static uint32_t recent_place(struct view word) {
    uint64_t mix = word.len;
    size_t few = word.len < 8 ? word.len : 8;
    for (size_t i = 0; i < few; i++) mix = mix << 7 ^ mix >> 57 ^ word.data[word.len - 1 - i];
    return (uint32_t)(mix * UINT64_C(0x9E3779B97F4A7C15) >> 32) % WORDS_RECENT;
}

static uint32_t put(struct words *words, struct view word) {
    bool added;
    uint64_t *first = idmap_put(&words->by_hash, hash_of(word), &added);
    uint32_t found = added ? NONE : find_from(words, (uint32_t)*first, word);
    if (found != NONE) return found;
    struct word_place *place = VEC_ADD(words->places);
    *place = (struct word_place){(uint32_t)words->text.len, (uint32_t)word.len, added ? NONE : (uint32_t)*first};
    *first = words->places.count - 1;
    buf_append_view(&words->text, word);
    return words->places.count;
}

uint32_t words_put(struct words *words, struct view word) {
    if (word.data == NULL) return 0;
    uint32_t *recent = &words->recent[recent_place(word)];
    if (*recent == 0 || !view_equal(words_view(words, *recent), word)) *recent = put(words, word);
    return *recent;
}

struct view words_view(const struct words *words, uint32_t number) {
    if (number == 0 || number > words->places.count) return VIEW_NONE;
    const struct word_place *place = &words->places.items[number - 1];
    return view_make(words->text.data + place->start, place->length);
}

size_t words_memory(const struct words *words) {
    size_t slots = words->by_hash.slots == NULL ? 0 : words->by_hash.mask + 1;
    return words->text.len + VEC_BYTES(words->places) + slots * sizeof *words->by_hash.slots;
}

void words_release(struct words *words) {
    buf_release(&words->text);
    VEC_RELEASE(words->places);
    idmap_release(&words->by_hash);
    memset(words->recent, 0, sizeof words->recent);
}
