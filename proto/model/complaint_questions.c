/* Complaints as they stand at a cut: X2 to X7, computed from the thread on read. */
#include <stdlib.h>
#include <string.h>

#include "proto/model/complaint_clocks.h"
#include "proto/model/order.h"
#include "proto/model/scope.h"
#include "proto/model/turns.h"

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

/* ---- When the clocks stand still ---- */

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

static bool is_outcome(const struct item *item) {
    return item->type == EVENT_stepped && item->step == choice_step_outcome;
}

/* What stands still from one item of the thread until another. */
struct standing_still {
    struct stills *stills;
    int64_t since; /* TIME_NONE: it does not */
};

static void stop(struct standing_still *s, int64_t at) {
    if (s->since == TIME_NONE) s->since = at;
}

static void go_on(struct standing_still *s, int64_t at) {
    if (s->since != TIME_NONE) stills_add(s->stills, s->since, at);
    s->since = TIME_NONE;
}

/* A pause ends with a resumption, an outcome or a reopening; after an outcome nothing is due until a reopening. */
static void find_stills(const struct thread *thread, const struct cut *cut, struct stills *pauses,
                        struct stills *stills) {
    struct standing_still pause = {pauses, TIME_NONE}, paused = {stills, TIME_NONE}, closed = {stills, TIME_NONE};
    for (uint32_t i = 0; i < thread->order.count; i++) {
        const struct item *item = thread->items[thread->order.sequence[i]];
        if (!counts(item, cut)) continue;
        if (item->type == EVENT_paused) {
            stop(&pause, item->time);
            stop(&paused, item->time);
        } else if (item->type == EVENT_resumed || item->type == EVENT_reopened || is_outcome(item)) {
            go_on(&pause, item->time);
            go_on(&paused, item->time);
        }
        if (is_outcome(item)) stop(&closed, item->time);
        if (item->type == EVENT_reopened) go_on(&closed, item->time);
    }
    go_on(&pause, INT64_MAX);
    go_on(&paused, INT64_MAX);
    stills_settle(pauses);
    stills_settle(stills);
}

/* ---- One complaint ---- */

static void word_copy(const struct model *model, uint32_t word, char *out, size_t size) {
    struct view text = words_view(&model->words, word);
    if (text.data == NULL || text.len >= size) return;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

/* A complaint being told, item after item. */
struct telling {
    const struct model *model;
    struct complaint *out;
    uint32_t made; /* steps of this cycle, as bits */
};

static void give(struct complaint *out, const struct item *item) {
    if (out->state == COMPLAINT_CLOSED && out->satisfied == 0) out->last_offer = true;
    if (item->kind != 0) out->settlement = item->kind;
    if (item->cost != NIL && __builtin_add_overflow(out->cost == NIL ? 0 : out->cost, item->cost, &out->cost))
        out->cost = INT64_MAX;
}

static void step(struct telling *t, const struct item *item) {
    struct complaint *out = t->out;
    out->steps++;
    if (item->step <= choice_step_follow_up) t->made |= UINT32_C(1) << item->step;
    if (out->step < item->step) out->step = item->step;
    if (item->step >= choice_step_apologise && (out->first_answer_at == TIME_NONE || out->first_answer_at > item->time))
        out->first_answer_at = item->time;
    if (item->step == choice_step_cause) word_copy(t->model, item->words[1], out->cause, sizeof out->cause);
    if (item->step == choice_step_compensate) give(out, item);
    if (item->step != choice_step_outcome) return;
    out->state = COMPLAINT_CLOSED;
    out->closed_at = item->time;
    out->changed_at = item->time;
    out->satisfied = item->satisfied < 0 ? NIL : item->satisfied;
    out->score = item->score < 0 ? NIL : item->score;
}

static void reopen(struct telling *t, const struct item *item) {
    struct complaint *out = t->out;
    t->made = 0;
    out->state = COMPLAINT_OPEN;
    out->cycle_at = item->time;
    out->changed_at = item->time;
    out->step = 0;
    out->closed_at = TIME_NONE;
    out->satisfied = NIL;
    out->score = NIL;
    out->last_offer = false;
    out->cycles++;
}

/* From one of the two states in which it is not closed into the other. */
static void turn(struct complaint *out, enum complaint_state from, enum complaint_state to, int64_t at) {
    if (out->state != from) return;
    out->state = to;
    out->changed_at = at;
}

static void hear(struct telling *t, const struct item *item) {
    struct complaint *out = t->out;
    if (item->time > out->last_at) out->last_at = item->time;
    switch (item->type) {
    case EVENT_stepped: step(t, item); break;
    case EVENT_reopened: reopen(t, item); break;
    case EVENT_routed:
        out->level = item->level;
        out->routed_at = item->time;
        out->routed_to[0] = '\0';
        word_copy(t->model, item->words[0], out->routed_to, sizeof out->routed_to);
        break;
    case EVENT_paused: turn(out, COMPLAINT_OPEN, COMPLAINT_PAUSED, item->time); break;
    case EVENT_resumed: turn(out, COMPLAINT_PAUSED, COMPLAINT_OPEN, item->time); break;
    default: break;
    }
}

/* Whoever it is, was, or may still turn out to be; a complaint that is nobody's is its own subject only. */
static uint64_t person_of(const struct model *model, uint64_t subject) {
    uint64_t person = model_person(model, subject);
    return model_customer(model, person) == CUSTOMER_THING ? 0 : person;
}

/* What is asked, the same for all complaints. */
struct asking {
    const struct model *model;
    const struct cut *cut;
    const struct zone *zone;
    int64_t now;
    struct terms terms;
};

static struct asking asking_make(const struct model *model, const struct cut *cut, const struct zone *zone,
                                 int64_t now) {
    struct asking a = {model, cut, zone, cut->to == TIME_NONE ? now : earlier(now, cut->to), {.answer_ms = 0}};
    terms_start(&a.terms);
    return a;
}

static void read_clocks(struct asking *a, const struct thread *thread, struct complaint *out) {
    struct stills pauses = {.list = {NULL, 0, 0}}, stills = {.list = {NULL, 0, 0}};
    const struct terms *terms = &a->terms;
    find_stills(thread, a->cut, &pauses, &stills);
    terms_at(a->model, a->zone, out->opened_at, &a->terms);
    out->business_hours = !terms->calendar.always;
    out->paused_ms = stills_within(&pauses, out->opened_at, a->now);
    clock_read(terms, &stills, out->opened_at, out->first_answer_at, a->now, terms->answer_ms, &out->answer);
    clock_read(terms, &stills, out->opened_at, out->closed_at, a->now, terms->resolve_ms, &out->resolve);
    out->overdue = out->first_answer_at == TIME_NONE && out->answer.over;
    struct complaint_clock of_level = out->resolve;
    if (out->routed_at > out->opened_at)
        clock_read(terms, &stills, out->routed_at, out->closed_at, a->now, terms->resolve_ms, &of_level);
    int64_t level = level_after(terms, out->level, of_level.spent_ms);
    out->escalated = level != out->level;
    out->level = level;
    VEC_RELEASE(pauses.list);
    VEC_RELEASE(stills.list);
}

static void work_out(struct asking *a, const struct item *opening, struct complaint *out) {
    const struct model *model = a->model;
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
        .cost = NIL,
        .cycles = 1,
        .routed_at = TIME_NONE,
        .cycle_at = opening->time,
        .changed_at = opening->time,
        .last_at = opening->time,
    };
    word_copy(model, opening->words[0], out->sku, sizeof out->sku);
    word_copy(model, opening->words[1], out->segment, sizeof out->segment);
    struct telling telling = {model, out, 0};
    for (uint32_t i = 0; i < thread.order.count; i++) {
        const struct item *item = thread.items[thread.order.sequence[i]];
        if (counts(item, a->cut)) hear(&telling, item);
    }
    for (int64_t before = choice_step_listen; before < out->step && before < choice_step_follow_up; before++)
        out->left_out |= ~telling.made & UINT32_C(1) << before;
    out->person = person_of(model, out->subject);
    out->concurrent = concurrent(&thread, a->cut);
    read_clocks(a, &thread, out);
    thread_release(&thread);
}

static int by_opening(const void *a, const void *b) {
    const struct complaint *x = a, *y = b;
    if (x->opened_at != y->opened_at) return x->opened_at < y->opened_at ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

struct complaint_list {
    struct complaint *items;
    size_t count, room;
};

static bool is_listed(const struct asking *a, const struct item *item) {
    if (!opens(item) || item->dead || !cut_has(a->cut, item->time)) return false;
    return !person_known(a->model, item->entry) || person_listed(a->model, item->entry);
}

static void list_item(struct asking *asking, const struct item *item, struct complaint_list *list) {
    if (!is_listed(asking, item)) return;
    if (list->count == list->room) {
        list->room = list->room == 0 ? 64 : list->room * 2;
        list->items = mem_resize(list->items, list->room * sizeof *list->items);
    }
    work_out(asking, item, &list->items[list->count++]);
}

static void tell_list(const struct complaint_list *list, struct complaint **out, size_t *count) {
    if (list->count > 0) qsort(list->items, list->count, sizeof *list->items, by_opening);
    *out = list->items;
    *count = list->count;
}

/* ---- All of them, in turns ---- */

#define ITEMS_AT_ONCE 128

struct listing {
    struct asking asking;
    struct complaint_list list;
    struct idmap places; /* complaint → where it is in the list, and 1 */
};

static void list_at(struct listing *l, const struct item *item) {
    uint64_t *place = idmap_find(&l->places, item->id);
    size_t before = l->list.count;
    if (place == NULL || l->list.items == NULL) {
        list_item(&l->asking, item, &l->list);
        if (l->list.count > before) *idmap_put(&l->places, item->id, NULL) = l->list.count;
    } else if (is_listed(&l->asking, item)) {
        work_out(&l->asking, item, &l->list.items[*place - 1]);
    } else {
        l->list.items[*place - 1].id = 0;
    }
}

static void list_again(void *context, uint32_t touched) {
    struct listing *l = context;
    const struct model *model = l->asking.model;
    if ((touched & TOUCHED_STREAM) != 0) return; /* sales */
    terms_start(&l->asking.terms);
    uint32_t member = touched;
    do {
        for (uint32_t i = model->entries.items[member].items; i != NONE; i = model->items.items[i].next)
            if (opens(&model->items.items[i])) list_at(l, &model->items.items[i]);
        member = model->entries.items[member].next_member;
    } while (member != touched);
}

static bool list_all(struct listing *l, const struct pace *pace) {
    const struct model *model = l->asking.model;
    struct turns turns = turns_begin(model, pace, model->items.count);
    idmap_reserve(&l->places, model->items.count); /* growing would take longer than a turn */
    for (uint32_t i = 0; i < model->items.count; i++) {
        if (i % ITEMS_AT_ONCE == 0 && i > 0) {
            turns_rest(&turns, ITEMS_AT_ONCE);
            terms_start(&l->asking.terms); /* it remembers where the policy's words stood */
        }
        if (i < model->items.count && opens(&model->items.items[i])) list_at(l, &model->items.items[i]);
    }
    return turns_end(&turns, list_again, l);
}

int complaints_paced(const struct model *model, const struct cut *cut, const struct zone *zone, int64_t now,
                     const struct pace *pace, struct complaint **out, size_t *count) {
    struct listing l = {asking_make(model, cut, zone, now), {NULL, 0, 0}, {NULL, 0, 0}};
    if (!list_all(&l, pace)) {
        l.list.count = 0;
        idmap_clear(&l.places);
        list_all(&l, NULL);
    }
    pace_leave(pace);
    idmap_release(&l.places);
    size_t kept = 0;
    for (size_t i = 0; i < l.list.count; i++)
        if (l.list.items[i].id != 0) l.list.items[kept++] = l.list.items[i];
    l.list.count = kept;
    tell_list(&l.list, out, count);
    return 0;
}

int complaints(const struct model *model, const struct cut *cut, const struct zone *zone, int64_t now,
               struct complaint **out, size_t *count) {
    return complaints_paced(model, cut, zone, now, NULL, out, count);
}

int complaints_open(const struct model *model, const struct cut *cut, const struct zone *zone, int64_t now,
                    struct complaint **out, size_t *count) {
    const struct open_list *open = &model->open_complaints;
    if (!open_list_tells(open, cut->to)) {
        complaints(model, cut, zone, now, out, count);
    } else {
        struct asking asking = asking_make(model, cut, zone, now);
        struct complaint_list list = {NULL, 0, 0};
        for (uint32_t i = 0; i < open->count; i++) list_item(&asking, &model->items.items[open->items[i]], &list);
        tell_list(&list, out, count);
    }
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if ((*out)[i].state != COMPLAINT_CLOSED) (*out)[kept++] = (*out)[i];
    *count = kept;
    return 0;
}

bool complaint_of(const struct model *model, uint64_t id, const struct cut *cut, const struct zone *zone, int64_t now,
                  struct complaint *out) {
    const struct item *opening = opening_of(model, id);
    if (opening == NULL || !counts(opening, cut)) return false;
    struct asking asking = asking_make(model, cut, zone, now);
    work_out(&asking, opening, out);
    return true;
}

/* ---- The thread's events ---- */

static bool beside(const struct thread *thread, uint32_t node) {
    const struct order *order = &thread->order;
    if (opens(thread->items[node])) return false;
    for (uint32_t other = 0; other < order->count; other++) {
        const struct item *item = thread->items[other];
        if (other != node && !item->dead && !opens(item) && !order_after(order, node, other) &&
            !order_after(order, other, node))
            return true;
    }
    return false;
}

/* What counts of a thread, in its order: the ids, and which stand beside another; either may be NULL. */
static size_t walk_thread(const struct model *model, uint64_t id, uint64_t *ids, bool *besides, size_t max) {
    const struct item *opening = opening_of(model, id);
    if (opening == NULL) return 0;
    struct thread thread;
    lay_out(model, opening, &thread);
    size_t count = 0;
    for (uint32_t i = 0; i < thread.order.count; i++) {
        uint32_t node = thread.order.sequence[i];
        if (thread.items[node]->dead) continue;
        if (ids != NULL && count < max) ids[count] = thread.items[node]->id;
        if (besides != NULL && count < max) besides[count] = beside(&thread, node);
        count++;
    }
    thread_release(&thread);
    return count;
}

size_t complaint_thread(const struct model *model, uint64_t id, uint64_t *out, size_t max) {
    return walk_thread(model, id, out, NULL, max);
}

size_t complaint_beside(const struct model *model, uint64_t id, bool *out, size_t max) {
    return walk_thread(model, id, NULL, out, max);
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
