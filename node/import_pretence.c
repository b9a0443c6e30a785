/* A dry run of customers: what would have been written so far. */
#include <stdlib.h>

#include "node/import_customers.h"

/* Ids of those who would be registered: of a stream number that is given out last. */
#define OWN_LEAST id_make(ID_STREAM_MAX, 1)

void pretence_init(struct pretence *p, const struct env *env) {
    *p = (struct pretence){.count = 0};
    names_init(&p->keys, env);
}

void pretence_release(struct pretence *p) {
    names_release(&p->keys);
    idmap_release(&p->last);
    free(p->items);
    free(p->customers);
}

bool pretence_own(uint64_t customer) { return customer >= OWN_LEAST; }

static void add_keys(struct pretence *p, const struct entry *e, uint64_t customer) {
    for (size_t i = 0; i < e->strong_count; i++) {
        bool added;
        uint32_t number = names_put(&p->keys, e->strong[i].normal, &added);
        if (number >= p->customer_cap) {
            p->customer_cap = p->customer_cap * 2 + 256;
            p->customers = mem_resize(p->customers, p->customer_cap * sizeof *p->customers);
        }
        if (added || e->strong[i].kind == TAG_CARD) p->customers[number] = customer;
    }
}

void pretence_note(struct pretence *p, uint32_t batch, const struct entry *e, uint64_t bits, uint64_t customer) {
    if (p->batch != batch) p->pending_count = 0; /* the one before was committed, or refused and is made again */
    p->batch = batch;
    p->pending[p->pending_count++] = (struct pretended){.entry = e, .bits = bits, .customer = customer};
}

static void add(struct pretence *p, struct pretended item) {
    if (p->count == p->cap) {
        p->cap = p->cap * 2 + 256;
        p->items = mem_resize(p->items, p->cap * sizeof *p->items);
    }
    if (item.customer == 0) item.customer = OWN_LEAST + p->count;
    if (pretence_own(item.customer)) add_keys(p, item.entry, item.customer);
    uint64_t *last = idmap_put(&p->last, item.customer, NULL);
    item.previous = (uint32_t)*last;
    p->items[p->count] = item;
    *last = ++p->count;
}

void pretence_commit(struct pretence *p) {
    for (size_t i = 0; i < p->pending_count; i++) add(p, p->pending[i]);
    p->pending_count = 0;
}

const struct pretended *pretence_field(const struct pretence *p, uint64_t customer, int field,
                                       const struct pretended *newer) {
    const uint64_t *last = idmap_find(&p->last, customer);
    uint64_t at = newer != NULL ? newer->previous : last != NULL ? *last : 0;
    for (; at != 0; at = p->items[at - 1].previous)
        if ((p->items[at - 1].bits >> field & 1) != 0) return &p->items[at - 1];
    return NULL;
}

const struct entry *pretence_first(const struct pretence *p, uint64_t customer) {
    const uint64_t *last = idmap_find(&p->last, customer);
    const struct pretended *first = NULL;
    for (uint64_t at = last == NULL ? 0 : *last; at != 0; at = first->previous) first = &p->items[at - 1];
    return first == NULL ? NULL : first->entry;
}

uint64_t pretence_find(const struct pretence *p, const struct entry *e) {
    for (size_t i = 0; i < e->strong_count; i++) {
        uint32_t number = names_find(&p->keys, e->strong[i].normal);
        if (number == NAMES_NONE) continue;
        const struct pretended *named = pretence_field(p, p->customers[number], FIELD_name, NULL);
        if (e->strong[i].kind == TAG_CARD || named == NULL ||
            entry_same_name(entry_value(named->entry, FIELD_name), entry_value(e, FIELD_name)))
            return p->customers[number];
    }
    return 0;
}
