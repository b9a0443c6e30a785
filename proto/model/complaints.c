/* Complaints: the events of a thread, kept as they come. What they say together is worked out when asked
 * (complaint_questions.c). An item counts in the thread of its complaint only where it carries the same subject: an
 * event that names another carries that one's subject. */
#include "proto/model/state.h"

static int8_t small(int64_t value) { return value == NIL ? -1 : (int8_t)value; }

static void read_complained(struct model *model, const struct body_complained *body, struct item *item) {
    item->level = (uint8_t)body->level;
    item->kind = (uint8_t)body->channel;
    item->words[0] = words_put(&model->words, body->sku);
    item->words[1] = words_put(&model->words, body->segment);
    item->words[2] = words_put(&model->words, body->company);
}

static void read_stepped(struct model *model, const struct body_stepped *body, struct item *item) {
    item->complaint = body->complaint;
    item->step = (uint8_t)body->step;
    item->kind = (uint8_t)body->settlement;
    item->cost = body->cost;
    item->satisfied = small(body->satisfied);
    item->score = small(body->score);
    item->words[0] = words_put(&model->words, body->skipped);
    item->words[1] = words_put(&model->words, body->cause);
}

static void read_item(struct model *model, const struct event *e, struct item *item) {
    switch (e->type) {
    case EVENT_complained: read_complained(model, &e->body.complained, item); break;
    case EVENT_stepped: read_stepped(model, &e->body.stepped, item); break;
    case EVENT_routed:
        item->complaint = e->body.routed.complaint;
        item->level = (uint8_t)e->body.routed.level;
        item->words[0] = words_put(&model->words, e->body.routed.store);
        break;
    case EVENT_paused:
        item->complaint = e->body.paused.complaint;
        item->words[0] = words_put(&model->words, e->body.paused.reason);
        break;
    case EVENT_resumed: item->complaint = e->body.resumed.complaint; break;
    default: item->complaint = e->body.reopened.complaint; break;
    }
}

void fold_item(const struct folding *f) {
    struct model *model = f->model;
    if (f->entry == NONE) return;
    struct entry *entry = &model->entries.items[f->entry];
    uint32_t index = model->items.count;
    struct item *item = VEC_ADD(model->items);
    *item = (struct item){
        .id = f->id,
        .hlc = f->hlc,
        .time = f->time,
        .complaint = f->id,
        .cost = NIL,
        .entry = f->entry,
        .next = entry->items,
        .type = f->event->type,
        .satisfied = -1,
        .score = -1,
        .dead = f->dead,
    };
    read_item(model, f->event, item);
    item->after = ids_put(model, f->event->after);
    entry->items = index;
    if (item->complaint == entry->id) entry->flags |= ENTRY_COMPLAINT;
    bool added;
    uint64_t *head = idmap_put(&model->threads, item->complaint, &added);
    item->next_of_thread = added ? NONE : (uint32_t)*head;
    *head = index;
    thing_put(model, f->id, THING_ITEM, index);
    if (item->type == EVENT_complained || item->type == EVENT_reopened) open_by_item(model, index);
}

void item_void(struct model *model, uint32_t index, bool dead) {
    model->items.items[index].dead = dead;
    entry_touched(model, model->items.items[index].entry);
    open_by_item(model, index);
}
