/* Persons: who is one with whom. A person is a connected component of entries over the edges that hold:
 *
 *   - its event is not voided and no live unlink names it;
 *   - neither end is erased, or both are and belong together: `erased` lists all ids of a person, and events that share
 *     an id are about the same person. So links among the erased count, others touching them never, in any order;
 *   - an attribution: it is the latest one that stands; a sale is nobody's twice.
 *
 * The members of a person stand in a ring and share a root. New edges join rings; when one no longer holds, the person
 * is taken apart and put together again. */
#include <stdlib.h>
#include <string.h>

#include "proto/model/state.h"

/* ---- Erasure: ids that belong together, as a forest ---- */

static uint64_t erased_root(const struct model *model, uint64_t id) {
    const uint64_t *parent = idmap_find(&model->erased, id);
    while (parent != NULL && *parent != id) {
        id = *parent;
        parent = idmap_find(&model->erased, id);
    }
    return parent == NULL ? 0 : id;
}

bool model_erased(const struct model *model, uint64_t id) { return erased_root(model, id) != 0; }

/* The root of the greater hash stays: whatever the order of ids, no path gets long. Says whether two groups that were
 * there before have become one. */
static bool erase_together(struct model *model, uint64_t a, uint64_t b) {
    bool added;
    uint64_t *place = idmap_put(&model->erased, b, &added);
    if (added) *place = b;
    a = erased_root(model, a);
    b = erased_root(model, b);
    if (a == b) return false;
    bool a_stays = idmap_hash(a) > idmap_hash(b);
    *idmap_find(&model->erased, a_stays ? b : a) = a_stays ? a : b;
    return !added;
}

static void tell_erasure(const struct model *model, const struct erasure *erasure, struct erasure_state *out) {
    const uint64_t *ids = &model->ids.items[erasure->ids.start];
    *out = (struct erasure_state){erasure->id, erasure->hlc, erasure->time, ids, erasure->ids.count};
}

bool model_erasure_at(const struct model *model, size_t index, struct erasure_state *out) {
    if (index >= model->erasures.count) return false;
    tell_erasure(model, &model->erasures.items[index], out);
    return true;
}

bool model_erasure_of(const struct model *model, uint64_t id, struct erasure_state *out) {
    if (!model_erased(model, id)) return false;
    for (size_t i = 0; model_erasure_at(model, i, out); i++)
        for (size_t k = 0; k < out->count; k++)
            if (out->ids[k] == id) return true;
    return false;
}

static void add_group(struct model *model, uint64_t id, struct indices *entries) {
    uint64_t root = erased_root(model, id);
    for (size_t i = 0; i <= model->erased.mask; i++) {
        uint64_t other = model->erased.slots[i].key;
        if (other != 0 && erased_root(model, other) == root) *VEC_ADD(*entries) = entry_of(model, other);
    }
}

/* ---- Edges ---- */

static bool stands(const struct model *model, const struct edge *edge) {
    if (edge->dead || edge->end[0] == edge->end[1]) return false;
    const uint64_t *named = idmap_find(&model->unlinked, edge->id);
    if (named != NULL && *named > 0) return false;
    return erased_root(model, model->entries.items[edge->end[0]].id) ==
           erased_root(model, model->entries.items[edge->end[1]].id);
}

/* Edges of an entry: `at` is 2 × edge + which end, NONE at the end. */
static uint32_t next_edge(const struct model *model, uint32_t at) { return model->edges.items[at / 2].next[at % 2]; }

/* Of the attributions of a sale or complaint that stand, the latest; NULL: none. */
static const struct edge *attribution_of(const struct model *model, uint32_t entry) {
    const struct edge *latest = NULL;
    for (uint32_t at = model->entries.items[entry].edges; at != NONE; at = next_edge(model, at)) {
        const struct edge *edge = &model->edges.items[at / 2];
        if (at % 2 == 0 && edge->attribution && stands(model, edge) &&
            (latest == NULL || later(edge->hlc, edge->id, latest->hlc, latest->id)))
            latest = edge;
    }
    return latest;
}

bool edge_holds(const struct model *model, const struct edge *edge) {
    return edge->attribution ? attribution_of(model, edge->end[0]) == edge : stands(model, edge);
}

/* ---- Rings ---- */

static void swap_next(struct model *model, uint32_t a, uint32_t b) {
    struct entry *entries = model->entries.items;
    uint32_t next = entries[a].next_member;
    entries[a].next_member = entries[b].next_member;
    entries[b].next_member = next;
}

static void set_root(struct model *model, uint32_t member, uint32_t root) {
    struct entry *entries = model->entries.items;
    while (model->roots.items[member] != root) {
        model->roots.items[member] = root;
        member = entries[member].next_member;
    }
}

/* Is the ring of a the smaller one? Found in the time that the smaller one takes. */
static bool smaller(const struct model *model, uint32_t a, uint32_t b) {
    const struct entry *entries = model->entries.items;
    uint32_t i = entries[a].next_member, j = entries[b].next_member;
    for (; i != a && j != b; i = entries[i].next_member) j = entries[j].next_member;
    return i == a;
}

static void join(struct model *model, uint32_t a, uint32_t b) {
    if (model->roots.items[a] == model->roots.items[b]) return;
    entry_touched(model, a);
    if (smaller(model, a, b))
        set_root(model, a, model->roots.items[b]);
    else
        set_root(model, b, model->roots.items[a]);
    swap_next(model, a, b);
}

static void join_neighbours(struct model *model, uint32_t entry) {
    const struct edge *own = attribution_of(model, entry);
    if (own != NULL) join(model, own->end[0], own->end[1]);
    for (uint32_t at = model->entries.items[entry].edges; at != NONE; at = next_edge(model, at)) {
        const struct edge *edge = &model->edges.items[at / 2];
        bool settled = edge->attribution && at % 2 == 0; /* there may be many, and one at most holds */
        if (!settled && edge_holds(model, edge)) join(model, edge->end[0], edge->end[1]);
    }
}

static void take_apart(struct model *model, uint32_t first, struct indices *members) {
    struct entry *entries = model->entries.items;
    uint32_t member = first, parted = entries[first].next_member == first ? 0 : ENTRY_PARTED;
    do {
        uint32_t next = entries[member].next_member;
        entries[member].flags |= parted;
        entry_touched(model, member);
        model->roots.items[member] = entries[member].next_member = member;
        *VEC_ADD(*members) = member;
        member = next;
    } while (member != first);
}

/* Takes the persons of these entries apart and puts them together again. */
static void refresh(struct model *model, const uint32_t *entries, size_t count) {
    struct indices members = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++) take_apart(model, entries[i], &members);
    for (uint32_t i = 0; i < members.count; i++) join_neighbours(model, members.items[i]);
    VEC_RELEASE(members);
}

void edge_changed(struct model *model, uint32_t index) { refresh(model, model->edges.items[index].end, 2); }

void edge_void(struct model *model, uint32_t index, bool dead) {
    model->edges.items[index].dead = dead;
    edge_changed(model, index);
}

/* ---- Events ---- */

static void put_edge(const struct folding *f, uint64_t other, bool attribution, bool by_person) {
    struct model *model = f->model;
    uint32_t index = model->edges.count, ends[2] = {f->entry, entry_of(model, other)};
    struct edge *edge = VEC_ADD(model->edges);
    *edge = (struct edge){
        .id = f->id,
        .hlc = f->hlc,
        .attribution = attribution,
        .by_person = by_person,
        .dead = f->dead,
    };
    for (uint32_t i = 0; i < 2; i++) {
        edge->end[i] = ends[i];
        edge->next[i] = model->entries.items[ends[i]].edges;
        model->entries.items[ends[i]].edges = 2 * index + i;
    }
    thing_put(model, f->id, THING_EDGE, index);
    if (attribution)
        edge_changed(model, index); /* an older one may give way */
    else if (edge_holds(model, edge))
        join(model, ends[0], ends[1]);
}

void fold_linked(const struct folding *f) {
    const struct body_linked *body = &f->event->body.linked;
    if (f->entry != NONE) put_edge(f, body->other, false, body->reason == choice_link_reason_person);
}

void fold_attributed(const struct folding *f) {
    if (f->entry == NONE) return;
    put_edge(f, f->event->body.attributed.customer, true, false);
    f->model->entries.items[f->entry].flags |= ENTRY_ATTRIBUTED;
}

void fold_erased(const struct folding *f) {
    struct list ids = f->event->body.erased.ids;
    struct indices entries = {NULL, 0, 0};
    uint64_t first = 0;
    bool merged = false;
    struct id_run listed = ids_put(f->model, ids);
    *VEC_ADD(f->model->erasures) = (struct erasure){f->id, f->hlc, f->time, listed};
    for (uint64_t id; list_next_id(&ids, &id);) {
        if (first == 0) first = id;
        merged |= erase_together(f->model, first, id);
        *VEC_ADD(entries) = entry_of(f->model, id);
    }
    /* Links between members that this event does not name may hold from now on. */
    if (merged) add_group(f->model, first, &entries);
    refresh(f->model, entries.items, entries.count);
    VEC_RELEASE(entries);
}

/* ---- What persons look like ---- */

/* Registered customers name a person before placeholders, and these before sales and complaints. */
static int rank_of(const struct entry *entry) {
    if (entry_known(entry)) return 0;
    return (entry->flags & ENTRY_THING) == 0 ? 1 : 2;
}

uint64_t person_name(const struct model *model, uint32_t entry) {
    const struct entry *entries = model->entries.items, *best = &entries[entry];
    for (uint32_t i = entries[entry].next_member; i != entry; i = entries[i].next_member) {
        int order = rank_of(&entries[i]) - rank_of(best);
        if (order < 0 || (order == 0 && entries[i].id < best->id)) best = &entries[i];
    }
    return best->id;
}

bool person_known(const struct model *model, uint32_t entry) {
    const struct entry *entries = model->entries.items;
    uint32_t i = entry;
    do {
        if (entry_known(&entries[i])) return true;
        i = entries[i].next_member;
    } while (i != entry);
    return false;
}

uint64_t model_person(const struct model *model, uint64_t customer) {
    uint32_t entry = entry_find(model, customer);
    return entry == NONE ? customer : person_name(model, entry);
}

static int by_id(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

size_t model_members(const struct model *model, uint64_t customer, uint64_t *out, size_t max) {
    uint32_t entry = entry_find(model, customer), i = entry;
    if (entry == NONE || model->entries.items[entry].next_member == entry) {
        if (max > 0) out[0] = customer;
        return 1;
    }
    VEC(uint64_t) ids = {NULL, 0, 0};
    do {
        *VEC_ADD(ids) = model->entries.items[i].id;
        i = model->entries.items[i].next_member;
    } while (i != entry);
    qsort(ids.items, ids.count, sizeof *ids.items, by_id);
    size_t count = ids.count;
    memcpy(out, ids.items, (count < max ? count : max) * sizeof *out);
    VEC_RELEASE(ids);
    return count;
}

size_t model_links(const struct model *model, uint64_t customer, uint64_t *out, size_t max) {
    uint32_t entry = entry_find(model, customer), i = entry;
    size_t count = 0;
    if (entry == NONE) return 0;
    do {
        for (uint32_t at = model->entries.items[i].edges; at != NONE; at = next_edge(model, at)) {
            const struct edge *edge = &model->edges.items[at / 2];
            if (at % 2 != 0 || !edge_holds(model, edge)) continue;
            if (count < max) out[count] = edge->id;
            count++;
        }
        i = model->entries.items[i].next_member;
    } while (i != entry);
    return count;
}
