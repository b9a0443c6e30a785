#include "proto/model/benefits.h"

#include <stdlib.h>

#include "proto/model/scope.h"

static int latest_first(const void *a, const void *b) {
    const struct benefit *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    return (x->id < y->id) - (x->id > y->id);
}

void benefits_given(const struct model *model, uint64_t customer, const struct cut *cut, const struct scope *scope,
                    struct benefit **out, size_t *count) {
    uint32_t entry = entry_find(model, customer);
    VEC(struct benefit) all = {NULL, 0, 0};
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_benefit || fact->dead || !cut_has(cut, fact->time)) continue;
        if (!scope_has(model, scope, id_stream(fact->id))) continue;
        if (customer != 0 && (entry == NONE || model->roots.items[fact->entry] != model->roots.items[entry])) continue;
        *VEC_ADD(all) =
            (struct benefit){fact->id, person_name(model, fact->entry), fact->time, fact->values[0], fact->values[1]};
    }
    *count = all.count;
    *out = mem_alloc(((size_t)all.count + 1) * sizeof **out);
    for (uint32_t i = 0; i < all.count; i++) (*out)[i] = all.items[i];
    if (all.count > 1) qsort(*out, all.count, sizeof **out, latest_first);
    VEC_RELEASE(all);
}
