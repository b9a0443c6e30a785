/* Unlinks: the edges they name no longer hold, and `other` is barred from every id listed. A person's link between the
 * two lifts a bar: of the unlinks and links that speak of a pair, the latest holds. Bars never take a person apart; the
 * judge asks before it joins two. */
#include "proto/model/state.h"

static uint32_t first_bar(const struct model *model, uint64_t id) {
    const uint64_t *head = idmap_find(&model->bars_of, id);
    return head == NULL ? NONE : (uint32_t)*head;
}

static void put_bar(struct model *model, uint64_t id, uint64_t other, uint32_t unlink) {
    struct bar *bar = VEC_ADD(model->bars);
    *bar = (struct bar){other, unlink, first_bar(model, id)};
    *idmap_put(&model->bars_of, id, NULL) = model->bars.count - 1;
}

/* Counts a live unlink in (1) or out (-1) of the edges it names. */
static void count_edges(struct model *model, uint32_t index, int change) {
    struct id_run run = model->unlinks.items[index].edges;
    for (uint32_t i = 0; i < run.count; i++) {
        uint64_t id = model->ids.items[run.start + i];
        *idmap_put(&model->unlinked, id, NULL) += (uint64_t)(int64_t)change;
        enum thing thing;
        uint32_t edge;
        if (thing_find(model, id, &thing, &edge) && thing == THING_EDGE) edge_changed(model, edge);
    }
}

void unlink_void(struct model *model, uint32_t index, bool dead) {
    model->unlinks.items[index].dead = dead;
    count_edges(model, index, dead ? -1 : 1);
}

void fold_unlinked(const struct folding *f) {
    const struct body_unlinked *body = &f->event->body.unlinked;
    struct model *model = f->model;
    uint32_t index = model->unlinks.count;
    struct unlink *unlink = VEC_ADD(model->unlinks);
    *unlink = (struct unlink){.id = f->id, .hlc = f->hlc, .other = body->other, .dead = f->dead};
    unlink->edges = ids_put(model, body->edges);
    unlink->barred = ids_put(model, body->barred);
    thing_put(model, f->id, THING_UNLINK, index);
    for (uint32_t i = 0; i < unlink->barred.count; i++) {
        uint64_t id = model->ids.items[unlink->barred.start + i];
        if (id == body->other) continue;
        put_bar(model, id, body->other, index);
        put_bar(model, body->other, id, index);
    }
    if (!f->dead) count_edges(model, index, 1);
}

/* ---- Is a pair barred? ---- */

struct word_on_pair {
    uint64_t hlc, id;
    bool barred;
};

static void hear(struct word_on_pair *latest, uint64_t hlc, uint64_t id, bool barred) {
    if (later(hlc, id, latest->hlc, latest->id)) *latest = (struct word_on_pair){hlc, id, barred};
}

static bool pair_barred(const struct model *model, uint64_t a, uint64_t b) {
    struct word_on_pair latest = {0, 0, false};
    for (uint32_t i = first_bar(model, a); i != NONE; i = model->bars.items[i].next) {
        const struct bar *bar = &model->bars.items[i];
        const struct unlink *unlink = &model->unlinks.items[bar->unlink];
        if (bar->other == b && !unlink->dead) hear(&latest, unlink->hlc, unlink->id, true);
    }
    if (!latest.barred) return false;
    uint32_t entry = entry_find(model, a), other = entry_find(model, b);
    uint32_t at = entry == NONE || other == NONE ? NONE : model->entries.items[entry].edges;
    while (at != NONE) {
        const struct edge *edge = &model->edges.items[at / 2];
        if (edge->end[1 - at % 2] == other && edge->by_person && !edge->dead) hear(&latest, edge->hlc, edge->id, false);
        at = edge->next[at % 2];
    }
    return latest.barred;
}

static bool same_person(const struct model *model, uint64_t a, uint64_t b) {
    if (a == b) return true;
    uint32_t x = entry_find(model, a), y = entry_find(model, b);
    return x != NONE && y != NONE && model->roots.items[x] == model->roots.items[y];
}

/* A member of one person with the bars it is under: is one of them from a member of the other? */
static bool member_barred(const struct model *model, uint64_t member, uint64_t from) {
    for (uint32_t i = first_bar(model, member); i != NONE; i = model->bars.items[i].next) {
        uint64_t other = model->bars.items[i].other;
        if (same_person(model, other, from) && pair_barred(model, member, other)) return true;
    }
    return false;
}

bool model_barred(const struct model *model, uint64_t a, uint64_t b) {
    if (model->bars.count == 0 || same_person(model, a, b)) return false;
    uint32_t entry = entry_find(model, a), i = entry;
    if (entry == NONE) return member_barred(model, a, b);
    do {
        if (member_barred(model, model->entries.items[i].id, b)) return true;
        i = model->entries.items[i].next_member;
    } while (i != entry);
    return false;
}
