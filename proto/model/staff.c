#include "proto/model/staff.h"

#include <math.h>
#include <stdlib.h>

#include "proto/model/about.h"
#include "proto/model/completeness.h"
#include "proto/model/policies.h"
#include "proto/model/scope.h"
#include "proto/model/staff_parts.h"
#include "proto/model/tiers.h"

/* ---- Quarters ---- */

bool quarter_parse(struct view text, struct quarter *out) {
    if (text.len != 6 || (text.data[4] != 'Q' && text.data[4] != 'q')) return false;
    out->year = 0;
    for (size_t i = 0; i < 4; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        out->year = out->year * 10 + (text.data[i] - '0');
    }
    out->number = text.data[5] - '0';
    return out->number >= 1 && out->number <= 4 && out->year >= 1900 && out->year <= 2399;
}

struct quarter quarter_of(struct date day) {
    return (struct quarter){day.year, (day.month + 2) / 3};
}

struct date quarter_start(struct quarter q) {
    return (struct date){q.year, q.number * 3 - 2, 1};
}

struct date quarter_end(struct quarter q) {
    return date_from_days(date_to_days(date_add_months(quarter_start(q), 3)) - 1);
}

/* ---- Employees ---- */

static bool is(const char *have, struct view text) {
    return have == NULL ? text.data == NULL : text.data != NULL && view_is(text, have);
}

static uint64_t name_hash(struct view store, struct view code) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < store.len; i++) hash = (hash ^ store.data[i]) * UINT64_C(0x100000001B3);
    hash = row_mix(hash);
    for (size_t i = 0; i < code.len; i++) hash = (hash ^ code.data[i]) * UINT64_C(0x100000001B3);
    return hash | 1; /* 0 is no key */
}

static struct employee *listed(const struct staff_table *t, struct view store, struct view code) {
    const uint64_t *place = code.len == 0 ? NULL : idmap_find(&t->by_name, name_hash(store, code));
    for (size_t i = place == NULL ? t->count : (size_t)*place - 1; i < t->count; i++)
        if (is(t->items[i].code, code) && is(t->items[i].store, store)) return &t->items[i];
    return NULL;
}

struct employee *staff_table_of(struct staff_table *t, struct view store, struct view code) {
    if (code.data == NULL || code.len == 0) return NULL;
    struct employee *there = listed(t, store, code);
    if (there != NULL) return there;
    uint64_t *place = idmap_put(&t->by_name, name_hash(store, code), NULL);
    if (*place == 0) *place = t->count + 1;
    if (t->count == t->room) {
        t->room = t->room * 2 + 16;
        t->items = mem_resize(t->items, t->room * sizeof *t->items);
    }
    struct employee *e = &t->items[t->count++];
    *e = (struct employee){.store = mem_view_text(store), .code = mem_view_text(code), .score = (double)NAN};
    return e;
}

void staff_table_close(struct staff_table *t) {
    for (size_t i = 0; i < t->count; i++) {
        free(t->items[i].store);
        free(t->items[i].code);
    }
    free(t->items);
    free(t->sample);
    idmap_release(&t->by_name);
    *t = (struct staff_table){.items = NULL};
}

/* A talk with a customer: when, by whom, and with a VIP or not. */
struct talk {
    uint32_t employee;
    uint32_t root; /* NONE: no VIP */
    int64_t day;
    uint32_t minutes;
};

struct working {
    const struct model *model;
    const struct staff_question *q;
    struct staff_table *table;
    struct cut cut;
    uint64_t seen_touched; /* of what was touched, in the beginning */
    uint32_t read;         /* of events since others had the model */
    struct buf actor;
    struct idmap seen; /* employee and person → counted as a file */
    struct idmap vips; /* persons */
    struct talk *talks;
    size_t talk_count, talk_room;
};

#define LOOKED_AT_ONCE 16384
#define READ_AT_ONCE 256 /* of events whose hand is read from the log */

/* At some of them others have the model. False: it has been folded again since, and no index is good any more. */
static bool goes_on(struct working *w, uint32_t at, uint32_t all) {
    if ((at > 0 && at % LOOKED_AT_ONCE == 0) || w->read >= READ_AT_ONCE) {
        pace_rest(w->q->pace, at, all);
        w->read = 0;
    }
    return w->model->touched.count - w->seen_touched <= TOUCHED_KEPT;
}

static struct view store_of(const struct working *w, uint64_t event) {
    const struct stream *stream = stream_find(w->model, id_stream(event));
    return stream == NULL ? VIEW_NONE : words_view(&w->model->words, stream_store(stream));
}

/* The index of whose hand an event is; NONE: not known. */
static uint32_t hand(struct working *w, uint64_t event) {
    buf_clear(&w->actor);
    w->read++;
    w->q->actor(w->q->context, event, &w->actor);
    if (w->actor.len == 0) return NONE;
    const struct employee *e = staff_table_of(w->table, store_of(w, event), buf_view(&w->actor));
    return e == NULL ? NONE : (uint32_t)(e - w->table->items);
}

static void known_staff(struct working *w) {
    struct staff_state state;
    for (size_t cursor = 0; model_staff_next(w->model, &cursor, &state);) {
        struct employee *e = staff_table_of(w->table, state.store, state.code);
        if (e == NULL || e->event > state.event)
            continue; /* of streams whose store is not known, the same one always */
        e->event = state.event;
        e->role = state.role;
        e->active = state.active;
        e->keeper = state.keeper;
    }
}

/* ---- Files ---- */

static void count_file(struct working *w, uint32_t employee, uint32_t root) {
    bool added;
    if (employee == NONE) return;
    idmap_put(&w->seen, ((uint64_t)employee + 1) << 32 | root, &added);
    uint64_t person = person_name(w->model, root);
    if (!added || model_customer(w->model, person) != CUSTOMER_KNOWN) return;
    w->table->items[employee].files++;
    w->table->items[employee].completeness += completeness_of(person_known_at(w->model, person, w->cut.to)).share;
}

static void count_files(struct working *w) {
    for (uint32_t i = 0; i < w->model->entries.count; i++) {
        if (!goes_on(w, i, w->model->entries.count)) return;
        const struct entry *entry = &w->model->entries.items[i];
        if (!entry_known(entry)) continue;
        if (cut_has(&w->cut, entry->registered_time)) {
            uint32_t employee = hand(w, entry->id);
            if (employee != NONE) w->table->items[employee].registrations++;
            count_file(w, employee, w->model->roots.items[i]);
        }
        for (uint32_t k = entry->edits; k != NONE; k = w->model->edits.items[k].next) {
            const struct edit *edit = &w->model->edits.items[k];
            if (!edit->dead && cut_has(&w->cut, edit->time)) count_file(w, hand(w, edit->id), w->model->roots.items[i]);
        }
    }
}

/* ---- Contacts ---- */

static void add_talk(struct working *w, uint32_t employee, const struct fact *contact, int64_t day) {
    uint32_t root = w->model->roots.items[contact->entry];
    if (contact->values[1] == choice_outcome_not_reached || contact->values[1] == choice_outcome_wrong_number) return;
    if (w->talk_count == w->talk_room) {
        w->talk_room = w->talk_room * 2 + 64;
        w->talks = mem_resize(w->talks, w->talk_room * sizeof *w->talks);
    }
    bool talked = contact->values[0] == choice_contact_kind_call || contact->values[0] == choice_contact_kind_visit ||
                  contact->values[0] == choice_contact_kind_gathering;
    bool vip = talked && idmap_find(&w->vips, person_name(w->model, root)) != NULL;
    w->talks[w->talk_count++] = (struct talk){employee, vip ? root : NONE, day, contact->minutes};
}

static void count_contacts(struct working *w) {
    int64_t care = policy_number(w->model, POLICY_CARE_MONTH, w->cut.to);
    for (uint32_t i = 0; i < w->model->facts.count; i++) {
        if (!goes_on(w, i, w->model->facts.count)) return;
        const struct fact *fact = &w->model->facts.items[i];
        if (fact->type != EVENT_contacted || fact->dead || !cut_has(&w->cut, fact->time)) continue;
        uint32_t index = hand(w, fact->id);
        if (index == NONE) continue;
        struct employee *e = &w->table->items[index];
        struct date day = zone_date(w->q->zone, fact->time);
        e->contacts++;
        e->points += day.month == care ? 2 : 1;
        e->minutes += fact->minutes;
        if (fact->values[2] != NIL) {
            e->satisfaction += (uint32_t)fact->values[2];
            e->satisfied_of++;
        }
        add_talk(w, index, fact, date_to_days(day));
    }
}

static int by_day(const void *a, const void *b) {
    const struct talk *x = a, *y = b;
    if (x->employee != y->employee) return x->employee < y->employee ? -1 : 1;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return (x->root > y->root) - (x->root < y->root);
}

static void count_talks(struct working *w) {
    int64_t vips = policy_number(w->model, POLICY_QUOTA_VIPS, w->cut.to);
    int64_t minutes = policy_number(w->model, POLICY_QUOTA_MINUTES, w->cut.to);
    if (w->talk_count > 0) qsort(w->talks, w->talk_count, sizeof *w->talks, by_day);
    for (size_t from = 0, to; from < w->talk_count; from = to) {
        const struct talk *first = &w->talks[from];
        uint32_t met = 0, spent = 0;
        for (to = from;
             to < w->talk_count && w->talks[to].employee == first->employee && w->talks[to].day == first->day; to++) {
            bool again = to > from && w->talks[to - 1].root == w->talks[to].root;
            met += w->talks[to].root != NONE && !again;
            spent += w->talks[to].minutes;
        }
        w->table->items[first->employee].vips += met;
        w->table->items[first->employee].quota_days += met >= vips && spent >= minutes;
    }
}

/* ---- Custody and reviews (C10) ---- */

static void count_custody(struct working *w) {
    for (uint32_t i = 0; i < w->model->facts.count; i++) {
        if (!goes_on(w, i, w->model->facts.count)) return;
        const struct fact *fact = &w->model->facts.items[i];
        struct custodian_state state;
        if (fact->type != EVENT_custodian || fact->dead || fact->words[0] == 0) continue;
        uint64_t person = person_name(w->model, fact->entry);
        if (!about_custodian(w->model, person, w->q->now, &state) || state.event != fact->id) continue;
        struct employee *e = listed(w->table, state.store, state.staff);
        if (e != NULL && model_customer(w->model, person) == CUSTOMER_KNOWN) e->custody++;
    }
}

static void count_reviews(struct working *w) {
    for (uint32_t i = w->model->store_facts; i != NONE; i = w->model->facts.items[i].next) {
        const struct fact *fact = &w->model->facts.items[i];
        if (fact->type != EVENT_reviewed || fact->dead || !cut_has(&w->cut, fact->time)) continue;
        uint32_t index = hand(w, fact->id);
        if (index == NONE) continue;
        int month = zone_date(w->q->zone, fact->time).month;
        w->table->items[index].reviewed |= 1u << (month - quarter_start(w->q->quarter).month);
    }
}

/* False: the model was folded again meanwhile. */
static bool fill(const struct model *model, const struct staff_question *q, const struct cut *cut,
                 struct staff_table *out) {
    struct working w = {.model = model, .q = q, .table = out, .cut = *cut, .seen_touched = model->touched.count};
    const struct pace pace = pace_within(q->pace);
    *out = (struct staff_table){.items = NULL};
    vips_at(model, q->zone, w.cut.to, &pace, &w.vips);
    known_staff(&w);
    count_files(&w);
    count_contacts(&w);
    count_talks(&w);
    count_reviews(&w);
    count_custody(&w);
    staff_draw(model, q, &w.cut, out);
    buf_release(&w.actor);
    idmap_release(&w.seen);
    idmap_release(&w.vips);
    free(w.talks);
    return goes_on(&w, 0, 0);
}

int staff_table_open(const struct model *model, const struct staff_question *q, struct staff_table *out) {
    struct staff_question at_once = *q;
    struct cut cut = {zone_day_start(q->zone, quarter_start(q->quarter)),
                      zone_day_end(q->zone, quarter_end(q->quarter))};
    if (cut.to > q->now) cut.to = q->now;
    at_once.pace = NULL;
    if (!fill(model, q, &cut, out)) {
        staff_table_close(out);
        fill(model, &at_once, &cut, out);
    }
    staff_rank(model, q, &cut, out);
    return 0;
}
