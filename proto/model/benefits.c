#include "proto/model/benefits.h"

#include <stdlib.h>

#include "proto/model/scope.h"

static int latest_first(const void *a, const void *b) {
    const struct benefit *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    return (x->id < y->id) - (x->id > y->id);
}

#define FACTS_AT_ONCE 32768

struct giving {
    const struct model *model;
    const struct cut *cut;
    const struct scope *scope;
    VEC(struct benefit) all;
};

static void add(struct giving *g, const struct fact *fact) {
    if (fact->type != EVENT_benefit || fact->dead || !cut_has(g->cut, fact->time)) return;
    if (!scope_has(g->model, g->scope, id_stream(fact->id))) return;
    *VEC_ADD(g->all) =
        (struct benefit){fact->id, person_name(g->model, fact->entry), fact->time, fact->values[0], fact->values[1]};
}

static void add_person(struct giving *g, uint32_t entry) {
    const struct model *model = g->model;
    uint32_t member = entry;
    if (entry == NONE) return;
    do {
        for (uint32_t i = model->entries.items[member].facts; i != NONE; i = model->facts.items[i].next)
            add(g, &model->facts.items[i]);
        member = model->entries.items[member].next_member;
    } while (member != entry);
}

static void add_everybody(struct giving *g, const struct pace *pace) {
    const struct model *model = g->model;
    for (uint32_t i = 0; i < model->facts.count; i++) {
        if (i % FACTS_AT_ONCE == 0) pace_rest(pace, i, model->facts.count);
        if (i < model->facts.count) add(g, &model->facts.items[i]);
    }
}

void benefits_given(const struct model *model, uint64_t customer, const struct cut *cut, const struct scope *scope,
                    const struct pace *pace, struct benefit **out, size_t *count) {
    struct giving g = {model, cut, scope, {NULL, 0, 0}};
    if (customer != 0)
        add_person(&g, entry_find(model, customer));
    else
        add_everybody(&g, pace);
    pace_leave(pace);
    *count = g.all.count;
    *out = mem_alloc(((size_t)g.all.count + 1) * sizeof **out);
    for (uint32_t i = 0; i < g.all.count; i++) (*out)[i] = g.all.items[i];
    if (g.all.count > 1) qsort(*out, g.all.count, sizeof **out, latest_first);
    VEC_RELEASE(g.all);
}
