/* The customer file: a field is the set of its heads, the events that hold its current values.
 *
 * An edit's head-ness is decided by what the edits say they are after, followed through all edits of the customer,
 * voided ones too: a voided change no longer speaks, but what came before it stays before what came after. */
#include <stdlib.h>

#include "proto/model/file.h"
#include "proto/model/order.h"
#include "proto/model/state.h"

/* A registration is an edit too; there is one for each customer, so it stands in the entry. */
void fold_registered(const struct folding *f) {
    if (f->subject != f->id || f->entry == NONE) return; /* its id is the customer's: no other subject makes sense */
    struct entry *entry = &f->model->entries.items[f->entry];
    entry->flags |= ENTRY_REGISTERED | (f->dead ? (uint32_t)ENTRY_UNREGISTERED : 0);
    entry->registered_hlc = f->hlc;
    entry->registered_time = f->time;
    entry->registered_bits = f->event->sealed_bits;
}

void registration_void(struct model *model, uint32_t entry, bool dead) {
    uint32_t *flags = &model->entries.items[entry].flags;
    if ((*flags & ENTRY_REGISTERED) == 0) return;
    entry_touched(model, entry);
    *flags = dead ? *flags | ENTRY_UNREGISTERED : *flags & ~(uint32_t)ENTRY_UNREGISTERED;
}

void fold_updated(const struct folding *f) {
    struct model *model = f->model;
    if (f->entry == NONE) return;
    int64_t cleared = f->event->body.updated.cleared;
    uint32_t index = model->edits.count;
    struct edit *edit = VEC_ADD(model->edits);
    *edit = (struct edit){
        .id = f->id,
        .hlc = f->hlc,
        .bits = f->event->sealed_bits,
        .cleared = cleared == NIL ? 0 : (uint64_t)cleared & f->event->sealed_bits,
        .time = f->time,
        .next = model->entries.items[f->entry].edits,
        .dead = f->dead,
    };
    edit->after = ids_put(model, f->event->after);
    model->entries.items[f->entry].edits = index;
    thing_put(model, f->id, THING_EDIT, index);
}

/* ---- Heads ---- */

struct edits {
    struct order_node *nodes;
    uint64_t *bits; /* 0 for a voided one */
    size_t count;
};

static void add(struct edits *all, struct order_node node, uint64_t bits) {
    all->nodes[all->count] = node;
    all->bits[all->count++] = bits;
}

/* What was said after `until` does not speak yet. */
static void gather(const struct model *model, const struct entry *entry, int64_t until, struct edits *all) {
    size_t count = 1;
    for (uint32_t i = entry->edits; i != NONE; i = model->edits.items[i].next) count++;
    *all = (struct edits){mem_alloc(count * sizeof *all->nodes), mem_alloc(count * sizeof *all->bits), 0};
    if ((entry->flags & ENTRY_REGISTERED) != 0)
        add(all, (struct order_node){entry->id, entry->registered_hlc, NULL, 0},
            entry_known(entry) && entry->registered_time <= until ? entry->registered_bits : 0);
    for (uint32_t i = entry->edits; i != NONE; i = model->edits.items[i].next) {
        const struct edit *edit = &model->edits.items[i];
        const uint64_t *after = edit->after.count == 0 ? NULL : &model->ids.items[edit->after.start];
        bool speaks = !edit->dead && edit->time <= until;
        add(all, (struct order_node){edit->id, edit->hlc, after, edit->after.count}, speaks ? edit->bits : 0);
    }
}

/* From the newest to the oldest: what stands above an edit, directly or further up, hides its fields below. */
static void strike(const struct order *order, struct edits *all) {
    uint64_t *hidden = mem_alloc(all->count * sizeof *hidden);
    for (size_t i = all->count; i-- > 0;) {
        uint32_t node = order->sequence[i];
        uint64_t below = hidden[node] | all->bits[node];
        for (uint32_t j = order->start[node]; j < order->start[node + 1]; j++) hidden[order->before[j]] |= below;
        all->bits[node] &= ~hidden[node];
    }
    free(hidden);
}

static uint64_t cleared_by(const struct model *model, uint64_t id) {
    enum thing thing;
    uint32_t index;
    bool edit = thing_find(model, id, &thing, &index) && thing == THING_EDIT;
    return edit ? model->edits.items[index].cleared : 0;
}

static size_t work_heads_out(const struct model *model, const struct entry *entry, int64_t until,
                             struct field_head **out) {
    struct edits all;
    gather(model, entry, until, &all);
    *out = mem_alloc((all.count + 1) * sizeof **out);
    struct order order;
    order_make(all.nodes, all.count, false, &order);
    strike(&order, &all);
    size_t count = 0;
    for (size_t i = all.count; i-- > 0;) {
        uint32_t node = order.by_time[i];
        uint64_t id = all.nodes[node].id, bits = all.bits[node];
        if (bits != 0) (*out)[count++] = (struct field_head){id, bits, cleared_by(model, id) & bits};
    }
    order_release(&order);
    free(all.nodes);
    free(all.bits);
    return count;
}

/* Most files were never changed: the registration is all there is. */
void file_open_at(const struct model *model, uint32_t index, int64_t until, struct file *out) {
    const struct entry *entry = &model->entries.items[index];
    out->only = (struct field_head){entry->id, entry->registered_bits, 0};
    out->heads = &out->only;
    out->count = entry_known(entry) && entry->registered_time <= until && entry->registered_bits != 0;
    if (entry->edits != NONE) out->count = work_heads_out(model, entry, until, &out->heads);
}

void file_open(const struct model *model, uint32_t index, struct file *out) {
    file_open_at(model, index, INT64_MAX, out);
}

void file_close(struct file *file) {
    if (file->heads != &file->only) free(file->heads);
}

uint64_t file_known(const struct file *file) {
    uint64_t told = 0, known = 0;
    for (size_t i = 0; i < file->count; i++) {
        known |= file->heads[i].bits & ~file->heads[i].cleared & ~told;
        told |= file->heads[i].bits;
    }
    return known;
}

int64_t file_told_at(const struct model *model, uint32_t entry, uint64_t event, uint64_t *hlc) {
    const struct entry *customer = &model->entries.items[entry];
    enum thing thing;
    uint32_t index;
    if (event != customer->id && thing_find(model, event, &thing, &index) && thing == THING_EDIT) {
        *hlc = model->edits.items[index].hlc;
        return model->edits.items[index].time;
    }
    *hlc = customer->registered_hlc;
    return customer->registered_time;
}

size_t model_field_winners(const struct model *model, uint64_t customer, uint64_t bits, struct field_winner *out,
                           size_t max) {
    uint32_t entry = entry_find(model, customer);
    if (entry == NONE) return 0;
    struct file file;
    size_t count = 0;
    uint64_t left = bits, hlc;
    file_open(model, entry, &file);
    for (size_t i = 0; i < file.count; i++) {
        const struct field_head *head = &file.heads[i];
        uint64_t won = head->bits & left;
        left &= ~won;
        if (won == 0) continue;
        if (count < max)
            out[count] =
                (struct field_winner){head->id, won, head->cleared & won, file_told_at(model, entry, head->id, &hlc)};
        count++;
    }
    file_close(&file);
    return count;
}

/* ---- A person of several customers ---- */

/* What a person's files say of one field; event 0: nothing. */
struct told {
    uint64_t event, hlc;
    int64_t time;
    bool cleared;
};

static bool told_later(const struct told *a, const struct told *b) {
    if (a->time != b->time) return a->time > b->time;
    return a->hlc != b->hlc ? a->hlc > b->hlc : a->event > b->event;
}

static void add_told(const struct model *model, uint32_t entry, const struct file *file,
                     struct told fields[SEALED_COUNT_registered]) {
    uint64_t left = UINT64_MAX;
    for (size_t i = 0; i < file->count; i++) {
        const struct field_head *head = &file->heads[i];
        struct told one = {.event = head->id};
        uint64_t won = head->bits & left;
        left &= ~won;
        one.time = file_told_at(model, entry, head->id, &one.hlc);
        for (int bit = 0; bit < SEALED_COUNT_registered; bit++) {
            if ((won >> bit & 1) == 0) continue;
            one.cleared = (head->cleared >> bit & 1) != 0;
            if (fields[bit].event == 0 || told_later(&one, &fields[bit])) fields[bit] = one;
        }
    }
}

static void person_told(const struct model *model, uint32_t entry, int64_t until,
                        struct told fields[SEALED_COUNT_registered]) {
    uint32_t i = entry;
    do {
        struct file file;
        if (model_customer(model, model->entries.items[i].id) != CUSTOMER_ERASED) {
            file_open_at(model, i, until, &file);
            add_told(model, i, &file, fields);
            file_close(&file);
        }
        i = model->entries.items[i].next_member;
    } while (i != entry);
}

uint64_t file_known_of_person(const struct model *model, uint32_t entry, int64_t until) {
    struct told fields[SEALED_COUNT_registered] = {{.event = 0}};
    uint64_t known = 0;
    person_told(model, entry, until, fields);
    for (int bit = 0; bit < SEALED_COUNT_registered; bit++)
        if (fields[bit].event != 0 && !fields[bit].cleared) known |= UINT64_C(1) << bit;
    return known;
}

static void add_winner(const struct told *told, uint64_t bit, struct field_winner *out, size_t *count, size_t max) {
    size_t at = 0;
    while (at < *count && at < max && out[at].event != told->event) at++;
    if (at == *count) {
        if (at < max) out[at] = (struct field_winner){told->event, 0, 0, told->time};
        ++*count;
    }
    if (at >= max) return;
    out[at].bits |= bit;
    if (told->cleared) out[at].cleared |= bit;
}

size_t model_person_winners(const struct model *model, uint64_t person, uint64_t bits, struct field_winner *out,
                            size_t max) {
    struct told fields[SEALED_COUNT_registered] = {{.event = 0}};
    uint32_t entry = entry_find(model, person);
    size_t count = 0;
    if (entry == NONE) return 0;
    person_told(model, entry, INT64_MAX, fields);
    for (int bit = 0; bit < SEALED_COUNT_registered; bit++)
        if ((bits >> bit & 1) != 0 && fields[bit].event != 0)
            add_winner(&fields[bit], UINT64_C(1) << bit, out, &count, max);
    return count;
}

size_t model_heads(const struct model *model, uint64_t customer, uint64_t bits, uint64_t *out, size_t max) {
    uint32_t entry = entry_find(model, customer);
    if (entry == NONE) return 0;
    struct file file;
    size_t count = 0;
    file_open(model, entry, &file);
    for (size_t i = 0; i < file.count; i++) {
        if ((file.heads[i].bits & bits) == 0) continue;
        if (count < max) out[count] = file.heads[i].id;
        count++;
    }
    file_close(&file);
    return count;
}

size_t model_field_heads(const struct model *model, uint64_t customer, int bit, uint64_t *out, size_t max) {
    return bit < 0 || bit > 63 ? 0 : model_heads(model, customer, UINT64_C(1) << bit, out, max);
}
