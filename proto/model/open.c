/* Promises and complaints that may be open. */
#include "proto/base/call.h"
#include "proto/model/followup_parts.h"

#define GO_THROUGH_FROM 1024 /* so many more than were left */

static void release(struct open_list *list) {
    VEC_RELEASE(*list);
    list->left = 0;
    list->settled = INT64_MIN;
}

void open_lists_release(struct model *model) {
    release(&model->open_promises);
    release(&model->open_complaints);
}

static bool has_grown(const struct open_list *list) { return list->count > 2 * list->left + GO_THROUGH_FROM; }

/* ---- Promises ---- */

/* When it was surely kept, whoever her other files turn out to be: by a word, or a contact, of the same file.
 * INT64_MAX: it may be open. */
static int64_t kept_at(const struct model *model, const struct fact *promise) {
    int64_t at = INT64_MAX;
    for (uint32_t i = model->entries.items[promise->entry].facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        bool keeps = (fact->type == EVENT_promised && fact->other == promise->id) ||
                     (fact->type == EVENT_contacted && followup_keeps(model, fact, promise->id));
        if (keeps && !fact->dead && fact->time < at) at = fact->time;
    }
    return at;
}

/* What kept_at needs of those to come stands all over memory: it is called for, one step of the way at a time. */
CALLS void call_promises(const struct model *model, uint32_t at) {
    const struct open_list *list = &model->open_promises;
    const struct fact *facts = model->facts.items;
    if (at + 12 < list->count) __builtin_prefetch(&facts[list->items[at + 12]].entry);
    if (at + 8 < list->count) __builtin_prefetch(&model->entries.items[facts[list->items[at + 8]].entry].facts);
    if (at + 4 < list->count) __builtin_prefetch(&facts[model->entries.items[facts[list->items[at + 4]].entry].facts]);
}

static void go_through_promises(struct model *model) {
    struct open_list *list = &model->open_promises;
    uint32_t left = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        call_promises(model, i);
        struct fact *promise = &model->facts.items[list->items[i]];
        int64_t at = promise->dead ? INT64_MIN : kept_at(model, promise);
        promise->listed = at == INT64_MAX;
        if (promise->listed)
            list->items[left++] = list->items[i];
        else if (list->settled < at)
            list->settled = at;
    }
    list->count = list->left = left;
}

static void put_promise(struct model *model, uint32_t index) {
    struct fact *promise = &model->facts.items[index];
    if (promise->type != EVENT_promised || promise->other != 0 || promise->entry == NONE || promise->listed) return;
    promise->listed = true;
    *VEC_ADD(model->open_promises) = index;
    if (has_grown(&model->open_promises)) go_through_promises(model);
}

void open_by_fact(struct model *model, uint32_t index) {
    const struct fact *fact = &model->facts.items[index];
    struct followup named = {.cause = 0};
    enum thing thing;
    if (fact->type == EVENT_promised && fact->other == 0) put_promise(model, index);
    if (fact->type == EVENT_promised) named.cause = fact->other;
    if (fact->type == EVENT_contacted && fact->words[1] != 0)
        followup_parse(words_view(&model->words, fact->words[1]), &named);
    if (named.cause != 0 && thing_find(model, named.cause, &thing, &index) && thing == THING_FACT)
        put_promise(model, index);
}

/* ---- Complaints ---- */

/* When it was closed, never to be opened again by what is known: INT64_MAX: it may be open. */
static int64_t closed_at(const struct model *model, const struct item *opening) {
    int64_t at = INT64_MAX;
    const uint64_t *newest = idmap_find(&model->threads, opening->id);
    for (uint32_t i = newest == NULL ? NONE : (uint32_t)*newest; i != NONE; i = model->items.items[i].next_of_thread) {
        const struct item *item = &model->items.items[i];
        if (item->entry != opening->entry || item->dead) continue;
        if (item->type == EVENT_reopened) return INT64_MAX;
        if (item->type == EVENT_stepped && item->step == choice_step_outcome && item->time < at) at = item->time;
    }
    return at;
}

static void go_through_complaints(struct model *model) {
    struct open_list *list = &model->open_complaints;
    uint32_t left = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct item *opening = &model->items.items[list->items[i]];
        int64_t at = opening->dead ? INT64_MIN : closed_at(model, opening);
        opening->listed = at == INT64_MAX;
        if (opening->listed)
            list->items[left++] = list->items[i];
        else if (list->settled < at)
            list->settled = at;
    }
    list->count = list->left = left;
}

void open_by_item(struct model *model, uint32_t index) {
    enum thing thing;
    if (!thing_find(model, model->items.items[index].complaint, &thing, &index) || thing != THING_ITEM) return;
    struct item *opening = &model->items.items[index];
    if (opening->type != EVENT_complained || opening->listed) return;
    opening->listed = true;
    *VEC_ADD(model->open_complaints) = index;
    if (has_grown(&model->open_complaints)) go_through_complaints(model);
}
