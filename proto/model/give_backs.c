#include "proto/model/give_backs.h"

#define CHAIN_MOST 4 /* on average */
#define FEWEST 16

static size_t chains_of(const struct give_backs *all) { return all->chains == NULL ? 0 : all->mask + 1; }

static void hang(struct give_backs *all, uint32_t index) {
    uint32_t *chain = &all->chains[idmap_hash(all->items[index].sale) & all->mask];
    all->items[index].next = *chain == 0 ? NONE : *chain - 1;
    *chain = index + 1;
}

/* Twice the chains: all of them are hung anew, the oldest first. */
static void make_room(struct give_backs *all) {
    size_t size = chains_of(all), twice = size == 0 ? FEWEST : 2 * size;
    if (all->count < size * CHAIN_MOST) return;
    large_free(all->chains, size * sizeof *all->chains);
    all->chains = large_resize(NULL, 0, twice * sizeof *all->chains);
    all->mask = twice - 1;
    for (uint32_t i = 0; i < all->count; i++) hang(all, i);
}

void give_backs_put(struct give_backs *all, uint64_t id, uint64_t sale) {
    make_room(all);
    *VEC_ADD(*all) = (struct give_back){id, sale, NONE};
    hang(all, all->count - 1);
}

static uint32_t of_sale(const struct give_backs *all, uint64_t sale, uint32_t from) {
    while (from != NONE && all->items[from].sale != sale) from = all->items[from].next;
    return from;
}

uint32_t give_backs_newest(const struct give_backs *all, uint64_t sale) {
    uint32_t newest = all->chains == NULL ? 0 : all->chains[idmap_hash(sale) & all->mask];
    return newest == 0 ? NONE : of_sale(all, sale, newest - 1);
}

uint32_t give_backs_before(const struct give_backs *all, uint32_t index) {
    return of_sale(all, all->items[index].sale, all->items[index].next);
}

size_t give_backs_memory(const struct give_backs *all) {
    return VEC_BYTES(*all) + chains_of(all) * sizeof *all->chains;
}

void give_backs_release(struct give_backs *all) {
    large_free(all->chains, chains_of(all) * sizeof *all->chains);
    VEC_RELEASE(*all);
    *all = (struct give_backs){.items = NULL};
}
