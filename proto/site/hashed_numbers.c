#include "proto/site/hashed_numbers.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void hashed_numbers_init(struct hashed_numbers *numbers) {
    *numbers = (struct hashed_numbers){.slots = NULL};
    mutex_init(&numbers->lock);
}

void hashed_numbers_forget(struct hashed_numbers *numbers) {
    mutex_lock(&numbers->lock);
    if (numbers->slots != NULL) sodium_memzero(numbers->slots, HASHED_NUMBERS * sizeof *numbers->slots);
    free(numbers->slots);
    numbers->slots = NULL;
    mutex_unlock(&numbers->lock);
}

void hashed_numbers_release(struct hashed_numbers *numbers) {
    hashed_numbers_forget(numbers);
    mutex_destroy(&numbers->lock);
}

static size_t place_of(const uint8_t *quick) { return ((size_t)quick[0] << 8 | quick[1]) & (HASHED_NUMBERS - 1); }

static bool at_hand(struct hashed_numbers *numbers, const uint8_t *quick, uint32_t memory, uint32_t *out) {
    mutex_lock(&numbers->lock);
    const struct hashed_number *slot = numbers->slots == NULL ? NULL : &numbers->slots[place_of(quick)];
    bool here = slot != NULL && slot->memory == memory && sodium_memcmp(slot->quick, quick, DIRECTORY_QUICK) == 0;
    if (here) *out = slot->hash;
    mutex_unlock(&numbers->lock);
    return here;
}

static void keep(struct hashed_numbers *numbers, const uint8_t *quick, uint32_t memory, uint32_t hash) {
    mutex_lock(&numbers->lock);
    if (numbers->slots == NULL) numbers->slots = mem_alloc(HASHED_NUMBERS * sizeof *numbers->slots);
    struct hashed_number *slot = &numbers->slots[place_of(quick)];
    memcpy(slot->quick, quick, DIRECTORY_QUICK);
    slot->memory = memory;
    slot->hash = hash;
    mutex_unlock(&numbers->lock);
}

int hashed_number(struct hashed_numbers *numbers, const struct directory_heading *heading, struct view normal,
                  uint32_t *out, struct err *err) {
    uint8_t quick[DIRECTORY_QUICK];
    directory_quick(heading, normal, quick);
    if (at_hand(numbers, quick, heading->memory, out)) return 0;
    int code = directory_hash(heading, normal, out, err);
    if (code == 0) keep(numbers, quick, heading->memory, *out);
    return code;
}
