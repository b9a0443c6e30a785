#include <stdlib.h>
#include <string.h>

#include "node/import.h"

static void *entry_at(const struct import *im, size_t unit) { return im->entries.items + unit * im->kind->entry_size; }

void import_keep(struct import *im, const void *entry, int64_t time) {
    struct import_entries *e = &im->entries;
    if (e->count == e->cap) {
        e->cap = e->cap * 2 + 256;
        e->items = mem_resize(e->items, e->cap * im->kind->entry_size);
        e->order = mem_resize(e->order, e->cap * sizeof *e->order);
        e->rows = mem_resize(e->rows, e->cap * sizeof *e->rows);
    }
    memcpy(entry_at(im, e->count), entry, im->kind->entry_size);
    e->order[e->count] = (struct import_order){time, (uint32_t)e->count};
    e->rows[e->count++] = im->current;
}

const void *import_entry(const struct import *im, uint32_t unit) { return entry_at(im, unit); }

uint32_t import_entry_row(const struct import *im, uint32_t unit) { return im->entries.rows[unit]; }

int import_write_entries(struct import *im) { return import_write(im, im->entries.order, im->entries.count); }

void import_entries_release(struct import *im) {
    free(im->entries.items);
    free(im->entries.order);
    free(im->entries.rows);
}
