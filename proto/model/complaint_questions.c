/* Complaints as they stand at a cut: X2 to X7, computed from the thread on read. */
#include <stdlib.h>

#include "proto/model/order.h"
#include "proto/model/scope.h"

#define HOUR_MS INT64_C(3600000)

/* A thread laid out: its items, voided ones too, in causal order. */
struct thread {
    const struct item **items;
    struct order order;
};

static const struct item *opening_of(const struct model *model, uint64_t id) {
    enum thing thing;
    uint32_t index;
    if (!thing_find(model, id, &thing, &index) || thing != THING_ITEM) return NULL;
    const struct item *item = &model->items.items[index];
    return item->type == EVENT_complained && !item->dead ? item : NULL;
}

static uint32_t next_item(const struct model *model, uint32_t at, uint32_t entry) {
    while (at != NONE && model->items.items[at].entry != entry) at = model->items.items[at].next_of_thread;
    return at;
}

static uint32_t first_item(const struct model *model, const struct item *opening) {
    return next_item(model, (uint32_t)*idmap_find(&model->threads, opening->id), opening->entry);
}

/* A step that does not say what it is after is after the opening at least. */
static struct order_node node_of(const struct model *model, const struct item *opening, const struct item *item) {
    if (item->after.count == 0) return (struct order_node){item->id, item->hlc, &opening->id, 1};
    return (struct order_node){item->id, item->hlc, &model->ids.items[item->after.start], item->after.count};
}

static void lay_out(const struct model *model, const struct item *opening, struct thread *out) {
    size_t count = 0;
    for (uint32_t i = first_item(model, opening); i != NONE;
         i = next_item(model, model->items.items[i].next_of_thread, opening->entry))
        count++;
    out->items = mem_alloc(count * sizeof(const struct item *));
    struct order_node *nodes = mem_alloc(count * sizeof *nodes);
    size_t at = 0;
    for (uint32_t i = first_item(model, opening); i != NONE;
         i = next_item(model, model->items.items[i].next_of_thread, opening->entry)) {
        const struct item *item = &model->items.items[i];
        out->items[at] = item;
        nodes[at++] = node_of(model, opening, item);
    }
    order_make(nodes, count, true, &out->order);
    free(nodes);
}

static void thread_release(struct thread *thread) {
    free(thread->items);
    order_release(&thread->order);
}

static bool opens(const struct item *item) { return item->type == EVENT_complained; }

static bool counts(const struct item *item, const struct cut *cut) {
    return !item->dead && (cut->to == TIME_NONE || item->time <= cut->to);
}

/* In an order, neighbours that are not one after the other are concurrent; and if all are, nothing is. */
static bool concurrent(const struct thread *thread, const struct cut *cut) {
    uint32_t before = NONE;
    for (uint32_t i = 0; i < thread->order.count; i++) {
        uint32_t node = thread->order.sequence[i];
        if (opens(thread->items[node]) || !counts(thread->items[node], cut)) continue;
        if (before != NONE && !order_after(&thread->order, node, before)) return true;
        before = node;
    }
    return false;
}

/* ---- The clock: pauses that stand still ---- */

struct pauses {
    int64_t since; /* TIME_NONE: the clock runs */
    int64_t spent;
};

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

static void pause_end(struct pauses *pauses, int64_t at) {
    if (pauses->since != TIME_NONE && at > pauses->since) pauses->spent += at - pauses->since;
    pauses->since = TIME_NONE;
}

/* Time paused from the opening until `until`. A pause ends with a resumption, an outcome or a reopening. */
static int64_t paused_until(const struct thread *thread, const struct cut *cut, int64_t until) {
    struct pauses pauses = {TIME_NONE, 0};
    for (uint32_t i = 0; i < thread->order.count; i++) {
        const struct item *item = thread->items[thread->order.sequence[i]];
        if (!counts(item, cut)) continue;
        if (item->type == EVENT_paused && pauses.since == TIME_NONE)
            pauses.since = item->time;
        else if (item->type == EVENT_resumed || item->type == EVENT_reopened ||
                 (item->type == EVENT_stepped && item->step == choice_step_outcome))
            pause_end(&pauses, earlier(item->time, until));
    }
    pause_end(&pauses, until);
    return pauses.spent;
}

/* ---- One complaint ---- */

static void step(struct complaint *out, const struct item *item) {
    out->steps++;
    if (out->step < item->step) out->step = item->step;
    if (item->step >= choice_step_apologise && (out->first_answer_at == TIME_NONE || out->first_answer_at > item->time))
        out->first_answer_at = item->time;
    if (item->step != choice_step_outcome) return;
    out->state = COMPLAINT_CLOSED;
    out->closed_at = item->time;
    out->satisfied = item->satisfied < 0 ? NIL : item->satisfied;
    out->score = item->score < 0 ? NIL : item->score;
}

static void reopen(struct complaint *out) {
    out->state = COMPLAINT_OPEN;
    out->step = 0;
    out->closed_at = TIME_NONE;
    out->satisfied = NIL;
    out->score = NIL;
}

static void hear(struct complaint *out, const struct item *item) {
    switch (item->type) {
    case EVENT_stepped: step(out, item); break;
    case EVENT_reopened: reopen(out); break;
    case EVENT_routed: out->level = item->level; break;
    case EVENT_paused:
        if (out->state == COMPLAINT_OPEN) out->state = COMPLAINT_PAUSED;
        break;
    case EVENT_resumed:
        if (out->state == COMPLAINT_PAUSED) out->state = COMPLAINT_OPEN;
        break;
    default: break;
    }
}

static void work_out(const struct model *model, const struct item *opening, const struct cut *cut, int64_t now,
                     int64_t answer_hours, struct complaint *out) {
    struct thread thread;
    lay_out(model, opening, &thread);
    *out = (struct complaint){
        .id = opening->id,
        .subject = model->entries.items[opening->entry].id,
        .stream = id_stream(opening->id),
        .level = opening->level == 0 ? choice_level_store : opening->level,
        .opened_at = opening->time,
        .first_answer_at = TIME_NONE,
        .closed_at = TIME_NONE,
        .satisfied = NIL,
        .score = NIL,
    };
    for (uint32_t i = 0; i < thread.order.count; i++) {
        const struct item *item = thread.items[thread.order.sequence[i]];
        if (counts(item, cut)) hear(out, item);
    }
    int64_t at = cut->to == TIME_NONE ? now : earlier(now, cut->to);
    out->concurrent = concurrent(&thread, cut);
    out->paused_ms = paused_until(&thread, cut, at);
    out->overdue = out->first_answer_at == TIME_NONE && at - out->opened_at - out->paused_ms > answer_hours * HOUR_MS;
    thread_release(&thread);
}

static int by_opening(const void *a, const void *b) {
    const struct complaint *x = a, *y = b;
    if (x->opened_at != y->opened_at) return x->opened_at < y->opened_at ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

int complaints(const struct model *model, const struct cut *cut, int64_t now, int64_t answer_hours,
               struct complaint **out, size_t *count) {
    struct complaint *all = NULL;
    size_t found = 0, room = 0;
    for (uint32_t i = 0; i < model->items.count; i++) {
        const struct item *item = &model->items.items[i];
        if (!opens(item) || item->dead || !cut_has(cut, item->time)) continue;
        if (found == room) all = mem_resize(all, (room = room == 0 ? 64 : room * 2) * sizeof *all);
        work_out(model, item, cut, now, answer_hours, &all[found++]);
    }
    if (found > 0) qsort(all, found, sizeof *all, by_opening);
    *out = all;
    *count = found;
    return 0;
}

bool complaint_of(const struct model *model, uint64_t id, const struct cut *cut, int64_t now, int64_t answer_hours,
                  struct complaint *out) {
    const struct item *opening = opening_of(model, id);
    if (opening == NULL || !counts(opening, cut)) return false;
    work_out(model, opening, cut, now, answer_hours, out);
    return true;
}

/* ---- The thread's events ---- */

size_t complaint_thread(const struct model *model, uint64_t id, uint64_t *out, size_t max) {
    const struct item *opening = opening_of(model, id);
    if (opening == NULL) return 0;
    struct thread thread;
    lay_out(model, opening, &thread);
    size_t count = 0;
    for (uint32_t i = 0; i < thread.order.count; i++) {
        const struct item *item = thread.items[thread.order.sequence[i]];
        if (item->dead) continue;
        if (count < max) out[count] = item->id;
        count++;
    }
    thread_release(&thread);
    return count;
}

size_t complaint_heads(const struct model *model, uint64_t id, uint64_t *out, size_t max) {
    const struct item *opening = opening_of(model, id);
    if (opening == NULL) return 0;
    struct thread thread;
    lay_out(model, opening, &thread);
    const struct order *order = &thread.order;
    bool *hidden = mem_alloc(order->count * sizeof *hidden);
    size_t count = 0;
    for (uint32_t i = order->count; i-- > 0;) {
        uint32_t node = order->sequence[i];
        bool live = !thread.items[node]->dead, head = live && !hidden[node];
        if (opens(thread.items[node]) && count > 0) head = false;
        if (head && count < max) out[count] = thread.items[node]->id;
        count += head;
        for (uint32_t j = order->start[node]; j < order->start[node + 1]; j++)
            hidden[order->before[j]] |= live || hidden[node];
    }
    free(hidden);
    thread_release(&thread);
    return count;
}
