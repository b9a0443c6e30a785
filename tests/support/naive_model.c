#include "tests/support/naive_model.h"

#include <stdlib.h>
#include <string.h>

#define EACH(n, e) (const struct naive_event *e = (n)->events; e < (n)->events + (n)->count; e++)

bool naive_later(const struct naive_event *a, const struct naive_event *b) {
    return a->hlc != b->hlc ? a->hlc > b->hlc : a->id > b->id;
}

bool naive_names(struct list ids, uint64_t id) {
    for (uint64_t named; list_next_id(&ids, &named);)
        if (named == id) return true;
    return false;
}

const struct naive_event *naive_find(const struct naive *n, uint64_t id) {
    for
        EACH(n, e)
    if (e->id == id && e->good) return e;
    return NULL;
}

/* ---- Clocks, stores, voids ---- */

static void correct(struct naive *n, struct naive_event *e) {
    int64_t ms = (int64_t)(e->e.hlc >> 16);
    for
        EACH(n, c)
    if (c->good && c->e.type == EVENT_clock && c->e.body.clock.stream == id_stream(e->id) &&
        c->e.body.clock.from <= (int64_t)id_seq(e->id) && (int64_t)id_seq(e->id) <= c->e.body.clock.to)
        ms += c->e.body.clock.ms;
    if (ms < 0) ms = 0;
    e->hlc = (uint64_t)ms << 16 | (e->e.hlc & 0xffff);
    e->time = e->e.at != NIL ? e->e.at : ms;
}

static struct view store_of(const struct naive *n, uint32_t stream) {
    const struct naive_event *last = NULL;
    for
        EACH(n, e)
    if (e->good && e->e.type == EVENT_stream_opened && e->e.body.stream_opened.stream == stream &&
        (last == NULL || e->e.hlc > last->e.hlc || (e->e.hlc == last->e.hlc && e->id > last->id)))
        last = e;
    return last == NULL ? VIEW_NONE : last->e.body.stream_opened.store;
}

static bool may_void(const struct naive *n, uint64_t by, uint64_t event) {
    uint32_t a = id_stream(by), b = id_stream(event);
    struct view store = store_of(n, a);
    return a == HUB || a == b || (store.data != NULL && view_equal(store, store_of(n, b)));
}

static bool voidable(const struct event *e) {
    return e->type != EVENT_voided && e->type != EVENT_erased && e->type != EVENT_key_destroyed &&
           e->type != EVENT_clock && e->type != EVENT_stream_opened;
}

/* The void of an event that holds; NULL: none, or it was taken back. */
static const struct naive_event *void_of(const struct naive *n, uint64_t id) {
    const struct naive_event *last = NULL;
    for
        EACH(n, e)
    if (e->good && e->e.type == EVENT_voided && e->e.body.voided.event == id && may_void(n, e->id, id) &&
        (last == NULL || naive_later(e, last)))
        last = e;
    return last != NULL && last->e.body.voided.on == 1 ? last : NULL;
}

static bool is_dead(const struct naive *n, const struct naive_event *of) {
    if (!of->good || !voidable(&of->e)) return false;
    if (void_of(n, of->id) != NULL) return true;
    if (of->e.type != EVENT_returned || of->e.body.returned.sale == 0) return false;
    const struct naive_event *sale = void_of(n, of->e.body.returned.sale);
    return sale != NULL && !(id_stream(sale->id) == HUB && view_is(sale->e.ref.source, "judge"));
}

static bool live(const struct naive_event *e, enum event_type type) { return e->good && !e->dead && e->e.type == type; }

/* ---- Persons ---- */

static void add_node(struct naive *n, uint64_t id) {
    if (id == 0) return;
    for (size_t i = 0; i < n->node_count; i++)
        if (n->nodes[i] == id) return;
    n->nodes = mem_resize(n->nodes, (n->node_count + 1) * sizeof *n->nodes);
    n->nodes[n->node_count++] = id;
}

/* Only the hub may say so. */
static bool erases(const struct naive_event *e) {
    return e->good && e->e.type == EVENT_erased && stream_is_hub(id_stream(e->id));
}

static void add_nodes(struct naive *n) {
    for
        EACH(n, e) {
            add_node(n, e->subject);
            if (!e->good) continue;
            if (e->e.type == EVENT_linked) add_node(n, e->e.body.linked.other);
            if (e->e.type == EVENT_attributed) add_node(n, e->e.body.attributed.customer);
            struct list ids = erases(e) ? e->e.body.erased.ids : (struct list){VIEW_NONE, 0};
            for (uint64_t id; list_next_id(&ids, &id);) add_node(n, id);
        }
}

static size_t place_of(const struct naive *n, uint64_t id) {
    size_t i = 0;
    while (i < n->node_count && n->nodes[i] != id) i++;
    return i;
}

static void merge(const struct naive *n, uint64_t *label, uint64_t a, uint64_t b) {
    uint64_t from = label[place_of(n, a)], to = label[place_of(n, b)];
    for (size_t i = 0; i < n->node_count; i++)
        if (label[i] == from) label[i] = to;
}

static bool erased(const struct naive *n, uint64_t id) {
    for
        EACH(n, e)
    if (erases(e) && naive_names(e->e.body.erased.ids, id)) return true;
    return false;
}

/* Erased together: connected by erasures that share ids. */
static bool erased_alike(const struct naive *n, uint64_t a, uint64_t b) {
    if (!erased(n, a) || !erased(n, b)) return erased(n, a) == erased(n, b);
    uint64_t *label = mem_alloc(n->node_count * sizeof *label);
    for (size_t i = 0; i < n->node_count; i++) label[i] = n->nodes[i];
    for
        EACH(n, e) {
            if (!erases(e)) continue;
            struct list ids = e->e.body.erased.ids;
            for (uint64_t first = 0, id; list_next_id(&ids, &id);) {
                if (first == 0) first = id;
                merge(n, label, first, id);
            }
        }
    bool alike = label[place_of(n, a)] == label[place_of(n, b)];
    free(label);
    return alike;
}

static uint64_t other_end(const struct naive_event *e) {
    return e->e.type == EVENT_linked ? e->e.body.linked.other : e->e.body.attributed.customer;
}

static bool stands(const struct naive *n, const struct naive_event *edge) {
    if (!live(edge, EVENT_linked) && !live(edge, EVENT_attributed)) return false;
    if (edge->subject == other_end(edge)) return false;
    for
        EACH(n, e)
    if (live(e, EVENT_unlinked) && naive_names(e->e.body.unlinked.edges, edge->id)) return false;
    return erased_alike(n, edge->subject, other_end(edge));
}

bool naive_edge_holds(const struct naive *n, const struct naive_event *edge) {
    if (!stands(n, edge)) return false;
    if (edge->e.type == EVENT_attributed)
        for
            EACH(n, e)
    if (e->e.type == EVENT_attributed && e->subject == edge->subject && naive_later(e, edge) && stands(n, e))
        return false;
    return true;
}

void naive_open(struct naive *n, const struct region *r) {
    *n = (struct naive){.events = mem_alloc((r->count + 1) * sizeof *n->events), .count = r->count};
    for (size_t i = 0; i < r->count; i++) {
        struct naive_event *e = &n->events[i];
        e->id = r->events[i].id;
        int standing = event_decode(region_frame(r, i), &e->e, NULL);
        e->good = standing == EVENT_GOOD;
        e->subject = model_subject(&e->e, e->id, standing);
        e->hlc = e->e.hlc;
    }
    for (size_t i = 0; i < n->count; i++) correct(n, &n->events[i]);
    for (size_t i = 0; i < n->count; i++) n->events[i].dead = is_dead(n, &n->events[i]);
    add_nodes(n);
    n->label = mem_alloc((n->node_count + 1) * sizeof *n->label);
    for (size_t i = 0; i < n->node_count; i++) n->label[i] = n->nodes[i];
    for
        EACH(n, e)
    if (naive_edge_holds(n, e)) merge(n, n->label, e->subject, other_end(e));
}

void naive_release(struct naive *n) {
    free(n->events);
    free(n->nodes);
    free(n->label);
}

bool naive_same(const struct naive *n, uint64_t a, uint64_t b) {
    size_t i = place_of(n, a), j = place_of(n, b);
    return a == b || (i < n->node_count && j < n->node_count && n->label[i] == n->label[j]);
}

/* ---- Who is what ---- */

static bool registered(const struct naive *n, uint64_t id) {
    const struct naive_event *e = naive_find(n, id);
    return e != NULL && live(e, EVENT_registered) && e->subject == id;
}

/* A sale, complaint or member of staff, as far as any event says. */
static bool thing(const struct naive *n, uint64_t id) {
    for
        EACH(n, e) {
            if (!e->good || e->subject != id) continue;
            switch (e->e.type) {
            case EVENT_sold:
            case EVENT_complained:
                if (e->id == id) return true;
                break;
            case EVENT_returned:
                if (e->id == id || e->e.body.returned.sale == id) return true;
                break;
            case EVENT_staff:
            case EVENT_attributed: return true;
            case EVENT_stepped:
                if (e->e.body.stepped.complaint == id) return true;
                break;
            case EVENT_routed:
                if (e->e.body.routed.complaint == id) return true;
                break;
            case EVENT_paused:
                if (e->e.body.paused.complaint == id) return true;
                break;
            case EVENT_resumed:
                if (e->e.body.resumed.complaint == id) return true;
                break;
            case EVENT_reopened:
                if (e->e.body.reopened.complaint == id) return true;
                break;
            default: break;
            }
        }
    return false;
}

enum customer_state naive_customer(const struct naive *n, uint64_t id) {
    if (erased(n, id)) return CUSTOMER_ERASED;
    if (registered(n, id)) return CUSTOMER_KNOWN;
    return thing(n, id) ? CUSTOMER_THING : CUSTOMER_PLACEHOLDER;
}

static int by_id(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

size_t naive_members(const struct naive *n, uint64_t id, uint64_t *out) {
    size_t count = 0;
    for (size_t i = 0; i < n->node_count; i++)
        if (naive_same(n, id, n->nodes[i])) out[count++] = n->nodes[i];
    qsort(out, count, sizeof *out, by_id);
    return count;
}

uint64_t naive_person(const struct naive *n, uint64_t id) {
    uint64_t *members = mem_alloc((n->node_count + 1) * sizeof *members), best = 0;
    size_t count = naive_members(n, id, members);
    for (size_t i = 0; i < count && best == 0; i++)
        if (registered(n, members[i])) best = members[i];
    for (size_t i = 0; i < count && best == 0; i++)
        if (!thing(n, members[i])) best = members[i];
    if (best == 0) best = count > 0 ? members[0] : id;
    free(members);
    return best;
}

/* ---- Bars ---- */

static bool pair_barred(const struct naive *n, uint64_t a, uint64_t b) {
    const struct naive_event *last = NULL;
    for
        EACH(n, e) {
            bool speaks = false;
            if (live(e, EVENT_unlinked)) {
                const struct body_unlinked *u = &e->e.body.unlinked;
                speaks = (u->other == a && naive_names(u->barred, b)) || (u->other == b && naive_names(u->barred, a));
            } else if (live(e, EVENT_linked) && e->e.body.linked.reason == choice_link_reason_person) {
                uint64_t other = e->e.body.linked.other;
                speaks = (e->subject == a && other == b) || (e->subject == b && other == a);
            }
            if (speaks && (last == NULL || naive_later(e, last))) last = e;
        }
    return last != NULL && last->e.type == EVENT_unlinked;
}

bool naive_barred(const struct naive *n, uint64_t a, uint64_t b) {
    if (naive_same(n, a, b)) return false;
    for (size_t i = 0; i < n->node_count; i++)
        for (size_t j = 0; j < n->node_count; j++)
            if (naive_same(n, n->nodes[i], a) && naive_same(n, n->nodes[j], b) &&
                pair_barred(n, n->nodes[i], n->nodes[j]))
                return true;
    return false;
}

/* ---- Fields ---- */

static bool edits(const struct naive_event *e, uint64_t customer) {
    return e->good && e->subject == customer && (e->e.type == EVENT_updated || e->e.type == EVENT_registered);
}

/* Is a after b, directly or through other edits of the customer? The region makes no circles. */
static bool after(const struct naive *n, const struct naive_event *a, const struct naive_event *b, uint64_t customer) {
    if (naive_names(a->e.after, b->id)) return true;
    for
        EACH(n, e)
    if (e != a && edits(e, customer) && naive_names(a->e.after, e->id) && after(n, e, b, customer)) return true;
    return false;
}

static bool speaks_of(const struct naive_event *e, uint64_t customer, int bit) {
    return edits(e, customer) && !e->dead && (e->e.sealed_bits >> bit & 1) != 0;
}

size_t naive_field_heads(const struct naive *n, uint64_t customer, int bit, uint64_t *out) {
    const struct naive_event *heads[64];
    size_t count = 0;
    for
        EACH(n, e) {
            bool head = speaks_of(e, customer, bit);
        for
            EACH(n, other)
        if (head && other != e && speaks_of(other, customer, bit)) head = !after(n, other, e, customer);
        if (!head) continue;
        size_t at = count++;
        for (; at > 0 && naive_later(e, heads[at - 1]); at--) heads[at] = heads[at - 1];
        heads[at] = e;
        }
    for (size_t i = 0; i < count; i++) out[i] = heads[i]->id;
    return count;
}

/* ---- Value ---- */

static bool within(const struct cut *cut, int64_t time) {
    return (cut->from == TIME_NONE || time >= cut->from) && (cut->to == TIME_NONE || time <= cut->to);
}

static bool traded(const struct naive_event *e) { return live(e, EVENT_sold) || live(e, EVENT_returned); }

/* `known`: somebody said the cost of a line. */
static int64_t margin_of(const struct naive_event *e, bool *known) {
    bool sale = e->e.type == EVENT_sold;
    struct list lines = sale ? e->e.body.sold.lines : e->e.body.returned.lines;
    int64_t margin = 0;
    for (struct row_sale_line line; row_sale_line_next(&lines, &line);)
        if (line.cost != NIL) {
            margin += line.amount - line.cost;
            *known = true;
        }
    return sale ? margin : -margin;
}

static int64_t amount_of(const struct naive_event *e, bool *visit) {
    bool sale = e->e.type == EVENT_sold;
    struct list lines = sale ? e->e.body.sold.lines : e->e.body.returned.lines;
    int64_t amount = 0;
    *visit = false;
    for (struct row_sale_line line; row_sale_line_next(&lines, &line);) {
        amount += line.amount;
        *visit |= sale && line.quantity > 0;
    }
    return sale ? amount : -amount;
}

static bool in_scope(const struct naive *n, const struct naive_event *e, struct view store) {
    return store.data == NULL || view_equal(store, store_of(n, id_stream(e->id)));
}

static bool stand(const struct naive *n, uint64_t person, enum measure by, const struct cut *cut, struct view store,
                  struct standing *out) {
    bool any = false, known = false;
    int64_t referrals = 0, margin = 0;
    *out = (struct standing){.person = person, .last = TIME_NONE};
    for
        EACH(n, e) {
            if (!e->good || !within(cut, e->time) || !in_scope(n, e, store) || !naive_same(n, e->subject, person))
                continue;
            if (live(e, EVENT_referred)) referrals++;
            if (!traded(e)) continue;
            bool visit;
            any = true;
            out->spend += amount_of(e, &visit);
            margin += margin_of(e, &known);
            if (visit) out->visits++;
            if (visit && e->time > out->last) out->last = e->time;
        }
    const int64_t values[] = {[BY_SPEND] = out->spend,
                              [BY_VISITS] = out->visits,
                              [BY_REFERRALS] = referrals,
                              [BY_MARGIN] = known ? margin : NIL};
    out->value = values[by];
    return any;
}

static int by_value(const void *a, const void *b) {
    const struct standing *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return (x->person > y->person) - (x->person < y->person);
}

size_t naive_rank(const struct naive *n, enum measure by, const struct cut *cut, struct view store,
                  struct standing *out) {
    size_t count = 0;
    for (size_t i = 0; i < n->node_count; i++) {
        uint64_t id = n->nodes[i];
        if (registered(n, id) && naive_person(n, id) == id && stand(n, id, by, cut, store, &out[count])) count++;
    }
    qsort(out, count, sizeof *out, by_value);
    return count;
}

static bool nobodys(const struct naive *n, const struct naive_event *e) {
    for (size_t i = 0; i < n->node_count; i++)
        if (naive_same(n, e->subject, n->nodes[i]) && (registered(n, n->nodes[i]) || !thing(n, n->nodes[i])))
            return false;
    return true;
}

static bool registered_by(const struct naive *n, uint64_t id, const struct cut *cut) {
    return registered(n, id) && (cut->to == TIME_NONE || naive_find(n, id)->time <= cut->to);
}

static bool first_of_person(const struct naive *n, uint64_t id, const struct cut *cut) {
    for (size_t i = 0; i < n->node_count; i++)
        if (n->nodes[i] < id && naive_same(n, id, n->nodes[i]) && registered_by(n, n->nodes[i], cut)) return false;
    return true;
}

void naive_totals(const struct naive *n, const struct cut *cut, struct totals *out) {
    *out = (struct totals){.events = n->count};
    for (size_t i = 0; i < n->node_count; i++) {
        if (!registered_by(n, n->nodes[i], cut)) continue;
        out->customers++;
        if (first_of_person(n, n->nodes[i], cut)) out->persons++;
    }
    for
        EACH(n, e) {
            if (!traded(e) || !within(cut, e->time)) continue;
            bool sale = e->e.type == EVENT_sold;
            out->lines += sale ? e->e.body.sold.lines.count : e->e.body.returned.lines.count;
            out->purchases += sale;
            out->returns += !sale;
            out->anonymous += sale && nobodys(n, e);
        }
}
