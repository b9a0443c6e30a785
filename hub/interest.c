#include "hub/interest.h"

#include <stdlib.h>

/* ---- Stores ---- */

/* FNV-1a, never 0. */
static uint64_t hash_of(struct view code) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < code.len; i++) hash = (hash ^ code.data[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
}

store_number interest_store(struct interest *interest, struct view code) {
    uint64_t *first = idmap_put(&interest->of_codes, hash_of(code), NULL);
    if (*first == 0) *first = interest->codes.count + 1;
    for (uint64_t i = *first - 1; i < interest->codes.count; i++) /* the first one but for a collision */
        if (view_is(code, interest->codes.items[i])) return (store_number)i + 1;
    struct buf text = BUF_INIT;
    buf_append_view(&text, code);
    *VEC_ADD(interest->codes) = mem_text(buf_text(&text));
    buf_release(&text);
    return interest->codes.count;
}

store_number interest_store_of(struct interest *interest, uint32_t stream) {
    struct stream_state state;
    const uint64_t *known = idmap_find(&interest->of_streams, (uint64_t)stream + 1);
    if (known != NULL) return (store_number)*known;
    if (stream_is_hub(stream)) return 0;
    site_read(interest->site);
    bool told = model_stream(interest->site->model, stream, &state) && state.store.data != NULL;
    store_number store = told ? interest_store(interest, state.store) : 0;
    site_unread(interest->site);
    if (told) *idmap_put(&interest->of_streams, (uint64_t)stream + 1, NULL) = store;
    return store;
}

/* ---- The fold ---- */

static const struct interest_mark *first_mark(const struct interest *interest, uint64_t subject) {
    const uint64_t *place = idmap_find(&interest->subjects, subject);
    return place == NULL ? NULL : &interest->marks.items[*place - 1];
}

static const struct interest_mark *next_mark(const struct interest *interest, const struct interest_mark *mark) {
    return mark->next == 0 ? NULL : &interest->marks.items[mark->next - 1];
}

uint64_t interest_since(const struct interest *interest, store_number store, uint64_t subject) {
    for (const struct interest_mark *m = first_mark(interest, subject); m != NULL; m = next_mark(interest, m))
        if (m->store == store) return m->since;
    return 0;
}

static void mark(struct interest *interest, uint64_t subject, store_number store, uint64_t position) {
    if (store == 0 || subject == 0 || interest_since(interest, store, subject) != 0) return;
    uint64_t *place = idmap_put(&interest->subjects, subject, NULL);
    *VEC_ADD(interest->marks) = (struct interest_mark){position, store, (uint32_t)*place};
    *place = interest->marks.count;
}

static void note(struct interest *interest, const struct record *record) {
    struct event event;
    int standing = event_decode(record->frame, &event, NULL);
    if (standing < 0) return;
    uint64_t subject = model_subject(&event, record->id, standing);
    mark(interest, subject, interest_store_of(interest, id_stream(record->id)), record->position);
    struct view given = standing == EVENT_GOOD ? event_store_given(&event) : VIEW_NONE;
    if (given.data != NULL) mark(interest, subject, interest_store(interest, given), record->position);
}

void interest_open(struct interest *interest, struct site *site) { *interest = (struct interest){.site = site}; }

void interest_close(struct interest *interest) {
    idmap_release(&interest->subjects);
    idmap_release(&interest->of_codes);
    idmap_release(&interest->of_streams);
    VEC_RELEASE(interest->marks);
    for (uint32_t i = 0; i < interest->codes.count; i++) free(interest->codes.items[i]);
    VEC_RELEASE(interest->codes);
}

int interest_follow(struct interest *interest, uint64_t records, struct err *err) {
    struct log *log = interest->site->log;
    uint64_t tip = log_tip(log), to = tip - interest->position <= records ? tip : interest->position + records;
    struct log_iterator *it;
    struct record record;
    if (interest->position == tip) return 0;
    int code = log->ops->iterate(log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, interest->position + 1);
    while (code == 0 && interest->position < to) {
        code = it->ops->next(it, &record, err);
        if (code != 0) break;
        note(interest, &record);
        interest->position = record.position;
    }
    it->ops->close(it);
    return code < 0 ? code : to < tip;
}

/* ---- Questions ---- */

void interest_person_open(const struct interest *interest, uint64_t id, struct interest_person *out) {
    const struct model *model = interest->site->model;
    out->ids = out->few;
    out->count = model_members(model, id, out->few, INTEREST_FEW);
    if (out->count <= INTEREST_FEW) return;
    out->ids = mem_alloc(out->count * sizeof *out->ids);
    model_members(model, id, out->ids, out->count);
}

void interest_person_close(struct interest_person *person) {
    if (person->ids != person->few) free(person->ids);
}

static void add_store(struct interest_stores *out, store_number store) {
    for (uint32_t i = 0; i < out->count; i++)
        if (out->items[i] == store) return;
    *VEC_ADD(*out) = store;
}

void interest_stores(const struct interest *interest, uint64_t id, struct interest_stores *out) {
    struct interest_person person;
    interest_person_open(interest, id, &person);
    for (size_t i = 0; i < person.count; i++)
        for (const struct interest_mark *m = first_mark(interest, person.ids[i]); m != NULL; m = next_mark(interest, m))
            add_store(out, m->store);
    interest_person_close(&person);
}

bool interest_serves(const struct interest *interest, store_number store, uint64_t id) {
    struct interest_person person;
    bool serves = false;
    interest_person_open(interest, id, &person);
    for (size_t i = 0; i < person.count && !serves; i++) serves = interest_since(interest, store, person.ids[i]) != 0;
    interest_person_close(&person);
    return serves;
}

static void add_list(struct interest_ids *out, struct list list) {
    for (uint64_t id; list_next_id(&list, &id);) *VEC_ADD(*out) = id;
}

/* Of several attributions of a sale the latest stands: a new one, or one that is taken back, changes whose it was by
 * all the others. */
static void add_attributions(const struct interest *interest, uint64_t sale, struct interest_ids *out) {
    const struct site *site = interest->site;
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    for (uint64_t at = model_last_position(site->model, sale); at != 0; at = record.previous) {
        buf_clear(&copy);
        if (log_get(site->log, at, &record, &copy, NULL) != 0) break;
        if (event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_attributed)
            *VEC_ADD(*out) = event.body.attributed.customer;
    }
    buf_release(&copy);
}

/* What is taken apart is as many parts as its links leave, and a sale goes back to whom it was attributed before. */
static void add_edges(const struct interest *interest, struct list edges, struct interest_ids *out) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event edge;
    for (uint64_t id; list_next_id(&edges, &id); buf_clear(&copy)) {
        if (log_get_id(interest->site->log, id, &record, &copy, NULL) != 0 ||
            event_decode(record.frame, &edge, NULL) != EVENT_GOOD)
            continue;
        if (edge.type != EVENT_linked && edge.type != EVENT_attributed) continue;
        *VEC_ADD(*out) = edge.subject;
        *VEC_ADD(*out) = edge.type == EVENT_linked ? edge.body.linked.other : edge.body.attributed.customer;
        if (edge.type == EVENT_attributed) add_attributions(interest, edge.subject, out);
    }
    buf_release(&copy);
}

static void add_linked(const struct interest *interest, const struct event *event, struct interest_ids *out) {
    switch (event->type) {
    case EVENT_linked: *VEC_ADD(*out) = event->body.linked.other; break;
    case EVENT_unlinked:
        *VEC_ADD(*out) = event->body.unlinked.other;
        add_edges(interest, event->body.unlinked.edges, out);
        break;
    case EVENT_attributed:
        *VEC_ADD(*out) = event->body.attributed.customer;
        add_attributions(interest, event->subject, out);
        break;
    case EVENT_erased: add_list(out, event->body.erased.ids); break;
    default: break;
    }
}

void interest_concerned(const struct interest *interest, const struct event *event, struct interest_ids *out) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event voided;
    if (event->type != EVENT_voided) {
        add_linked(interest, event, out);
        return;
    }
    if (log_get_id(interest->site->log, event->body.voided.event, &record, &copy, NULL) == 0 &&
        event_decode(record.frame, &voided, NULL) == EVENT_GOOD) {
        size_t before = out->count;
        add_linked(interest, &voided, out);
        if (out->count > before && voided.subject != 0) *VEC_ADD(*out) = voided.subject;
    }
    buf_release(&copy);
}

bool interest_everybodys(const struct interest *interest, const struct event *event) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event voided;
    if (event->type != EVENT_voided) return event->type == EVENT_day_marked;
    bool mark = event->subject == 0 &&
                log_get_id(interest->site->log, event->body.voided.event, &record, &copy, NULL) == 0 &&
                event_decode(record.frame, &voided, NULL) == EVENT_GOOD && voided.type == EVENT_day_marked;
    buf_release(&copy);
    return mark;
}
