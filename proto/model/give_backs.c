#include "proto/model/give_backs.h"

/* The slot of the sale, or the free one where it is to stand. There are slots. */
static uint32_t *slot_of(const struct give_backs *all, uint64_t sale) {
    size_t i = (size_t)idmap_hash(sale) & all->mask;
    while (all->slots[i] != 0 && all->items[all->slots[i] - 1].sale != sale) i = (i + 1) & all->mask;
    return &all->slots[i];
}

static size_t slots_bytes(const struct give_backs *all) {
    return all->slots == NULL ? 0 : (all->mask + 1) * sizeof *all->slots;
}

static void make_room(struct give_backs *all) {
    size_t size = all->slots == NULL ? 0 : all->mask + 1, before = slots_bytes(all);
    if (all->sales < size / 4 * 3) return;
    uint32_t *old = all->slots;
    all->mask = (size == 0 ? 16 : 2 * size) - 1;
    all->slots = large_resize(NULL, 0, (all->mask + 1) * sizeof *all->slots);
    for (size_t i = 0; i < size; i++)
        if (old[i] != 0) *slot_of(all, all->items[old[i] - 1].sale) = old[i];
    large_free(old, before);
}

void give_backs_put(struct give_backs *all, uint64_t id, uint64_t sale) {
    make_room(all);
    uint32_t *slot = slot_of(all, sale), newest = *slot == 0 ? NONE : *slot - 1;
    *VEC_ADD(*all) = (struct give_back){id, sale, newest};
    if (*slot == 0) all->sales++;
    *slot = all->count;
}

uint32_t give_backs_newest(const struct give_backs *all, uint64_t sale) {
    uint32_t found = all->slots == NULL ? 0 : *slot_of(all, sale);
    return found == 0 ? NONE : found - 1;
}

size_t give_backs_memory(const struct give_backs *all) { return VEC_BYTES(*all) + slots_bytes(all); }

void give_backs_release(struct give_backs *all) {
    large_free(all->slots, slots_bytes(all));
    VEC_RELEASE(*all);
    *all = (struct give_backs){.items = NULL};
}
