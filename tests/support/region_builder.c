#include "tests/support/region_builder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/zone.h"
#include "proto/event/describe.h"
#include "proto/event/hlc.h"
#include "proto/event/seal.h"
#include "proto/model/model.h"

void region_init(struct region *r) { *r = (struct region){.hlc = hlc_make(REGION_START, 0), .cost = NIL, .dice = 1}; }

void region_release(struct region *r) {
    free(r->events);
    buf_release(&r->frames);
    idmap_release(&r->last);
}

struct view region_frame(const struct region *r, size_t index) {
    return view_make(r->frames.data + r->events[index].start, r->events[index].length);
}

/* splitmix64 */
uint64_t region_roll(struct region *r, uint64_t below) {
    uint64_t z = r->dice += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

static void fixed_bytes(void *context, void *out, size_t len) {
    struct region *r = context;
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = (uint8_t)(r->count * 7 + i);
}

static uint64_t next_id(struct region *r, uint32_t stream) {
    return id_make(stream, ++*idmap_put(&r->last, (uint64_t)stream + 1, NULL));
}

static void keep(struct region *r, uint64_t id, uint64_t subject, size_t start) {
    if (r->count == r->room) {
        r->room = r->room == 0 ? 64 : r->room * 2;
        r->events = mem_resize(r->events, r->room * sizeof *r->events);
    }
    r->events[r->count++] = (struct region_event){id, subject, start, r->frames.len - start};
    r->hlc += UINT64_C(1) << 16;
}

uint64_t region_put(struct region *r, uint32_t stream, struct event *e, bool self) {
    struct env env = {.random = fixed_bytes, .context = r};
    struct customer_key key;
    struct err err = {.text = ""};
    uint64_t id = next_id(r, stream);
    if (self) e->subject = id;
    e->hlc = r->hlc;
    memset(&key, (int)(e->subject % 251), sizeof key);
    size_t start = r->frames.len;
    int rc = event_encode(e, &key, &env, &r->frames, &err);
    if (rc != 0) fprintf(stderr, "region_put: %s %s\n", err.field, err.text);
    assert(rc == 0);
    keep(r, id, e->subject, start);
    return id;
}

void region_put_record(struct region *r, uint64_t id, uint64_t subject, struct view frame) {
    size_t start = r->frames.len;
    buf_append_view(&r->frames, frame);
    keep(r, id, subject, start);
}

uint64_t region_put_frame(struct region *r, uint32_t stream, uint64_t subject, struct view frame) {
    uint64_t id = next_id(r, stream);
    region_put_record(r, id, subject, frame);
    return id;
}

/* ---- Customers ---- */

static void fill(struct event *e, uint64_t bits) {
    const struct event_info *info = event_info(e->type);
    for (int bit = 0; bit < 64; bit++)
        if ((bits >> bit & 1) != 0) event_sealed_set(e, info, bit, view_of("value"));
}

uint64_t region_registered(struct region *r, uint32_t stream, uint64_t bits, int64_t at) {
    struct event e;
    event_init(&e, EVENT_registered);
    e.at = at;
    fill(&e, bits);
    return region_put(r, stream, &e, true);
}

static void list_of(struct ids ids, struct list *list, struct buf *storage) {
    *list = (struct list){VIEW_NONE, 0};
    list->raw = buf_view(storage);
    for (size_t i = 0; i < ids.count; i++) list_append_id(list, storage, ids.items[i]);
}

static uint64_t put_after(struct region *r, uint32_t stream, struct event *e, struct ids after) {
    struct buf storage = BUF_INIT;
    if (after.count > 0) list_of(after, &e->after, &storage);
    uint64_t id = region_put(r, stream, e, false);
    buf_release(&storage);
    return id;
}

uint64_t region_updated(struct region *r, uint32_t stream, uint64_t customer, uint64_t bits, struct ids after) {
    struct event e;
    event_init(&e, EVENT_updated);
    e.subject = customer;
    fill(&e, bits);
    return put_after(r, stream, &e, after);
}

uint64_t region_linked(struct region *r, uint32_t stream, uint64_t a, uint64_t b, enum choice_link_reason reason) {
    struct event e;
    event_init(&e, EVENT_linked);
    e.subject = a;
    e.body.linked.other = b;
    e.body.linked.reason = reason;
    return region_put(r, stream, &e, false);
}

uint64_t region_unlinked(struct region *r, uint32_t stream, uint64_t a, uint64_t other, struct ids edges,
                         struct ids barred) {
    struct event e;
    struct buf storage[2] = {BUF_INIT, BUF_INIT};
    event_init(&e, EVENT_unlinked);
    e.subject = a;
    e.body.unlinked.other = other;
    list_of(edges, &e.body.unlinked.edges, &storage[0]);
    list_of(barred, &e.body.unlinked.barred, &storage[1]);
    uint64_t id = region_put(r, stream, &e, false);
    buf_release(&storage[0]);
    buf_release(&storage[1]);
    return id;
}

uint64_t region_erased(struct region *r, uint32_t stream, struct ids ids) {
    struct event e;
    struct buf storage = BUF_INIT;
    event_init(&e, EVENT_erased);
    e.subject = ids.items[0];
    list_of(ids, &e.body.erased.ids, &storage);
    uint64_t id = region_put(r, stream, &e, false);
    buf_release(&storage);
    return id;
}

uint64_t region_referred(struct region *r, uint32_t stream, uint64_t customer, uint64_t newcomer, int64_t at) {
    struct event e;
    event_init(&e, EVENT_referred);
    e.subject = customer;
    e.at = at;
    e.body.referred.newcomer = newcomer;
    return region_put(r, stream, &e, false);
}

uint64_t region_contacted(struct region *r, uint32_t stream, uint64_t customer, int64_t at) {
    struct event e;
    event_init(&e, EVENT_contacted);
    e.subject = customer;
    e.at = at;
    e.body.contacted.kind = choice_contact_kind_call;
    e.body.contacted.purpose = view_of("fit");
    event_sealed_set(&e, event_info(e.type), SEALED_contacted_note, view_of("fits"));
    return region_put(r, stream, &e, false);
}

uint64_t region_promised(struct region *r, uint32_t stream, uint64_t customer, int64_t at, int64_t due,
                         uint64_t keeps) {
    struct event e;
    event_init(&e, EVENT_promised);
    e.subject = customer;
    e.at = at;
    e.body.promised.due = due;
    e.body.promised.keeps = keeps;
    return region_put(r, stream, &e, false);
}

/* ---- Purchases ---- */

static void add_line(const struct region *r, struct list *lines, struct buf *storage, int64_t amount,
                     int64_t quantity) {
    struct row_sale_line line = {view_of("coat"), quantity, amount, NIL, r->cost, NIL};
    row_sale_line_append(lines, storage, &line);
}

uint64_t region_sold_quantity(struct region *r, uint32_t stream, uint64_t customer, int64_t amount, int64_t quantity,
                              int64_t at) {
    struct event e;
    struct buf storage = BUF_INIT;
    event_init(&e, EVENT_sold);
    e.subject = customer;
    e.at = at;
    add_line(r, &e.body.sold.lines, &storage, amount, quantity);
    uint64_t id = region_put(r, stream, &e, customer == 0);
    buf_release(&storage);
    return id;
}

uint64_t region_sold(struct region *r, uint32_t stream, uint64_t customer, int64_t amount, uint32_t lines, int64_t at) {
    struct event e;
    struct buf storage = BUF_INIT;
    event_init(&e, EVENT_sold);
    e.subject = customer;
    e.at = at;
    for (uint32_t i = 1; i < lines; i++) add_line(r, &e.body.sold.lines, &storage, 1, 1000);
    add_line(r, &e.body.sold.lines, &storage, amount - (int64_t)(lines - 1), 1000);
    uint64_t id = region_put(r, stream, &e, customer == 0);
    buf_release(&storage);
    return id;
}

uint64_t region_returned(struct region *r, uint32_t stream, uint64_t subject, uint64_t sale, int64_t amount,
                         int64_t at) {
    struct event e;
    struct buf storage = BUF_INIT;
    event_init(&e, EVENT_returned);
    e.subject = subject;
    e.at = at;
    e.body.returned.sale = sale;
    add_line(r, &e.body.returned.lines, &storage, amount, 1000);
    uint64_t id = region_put(r, stream, &e, subject == 0);
    buf_release(&storage);
    return id;
}

uint64_t region_attributed(struct region *r, uint32_t stream, uint64_t thing, uint64_t customer) {
    struct event e;
    event_init(&e, EVENT_attributed);
    e.subject = thing;
    e.body.attributed.customer = customer;
    return region_put(r, stream, &e, false);
}

/* ---- Complaints ---- */

uint64_t region_complained(struct region *r, uint32_t stream, uint64_t customer, int64_t at) {
    struct event e;
    event_init(&e, EVENT_complained);
    e.subject = customer;
    e.at = at;
    e.body.complained.channel = choice_channel_counter;
    event_sealed_set(&e, event_info(e.type), SEALED_complained_text, view_of("a button"));
    return region_put(r, stream, &e, customer == 0);
}

uint64_t region_stepped(struct region *r, uint32_t stream, uint64_t subject, uint64_t complaint, enum choice_step step,
                        struct ids after, int64_t at) {
    struct event e;
    event_init(&e, EVENT_stepped);
    e.subject = subject;
    e.at = at;
    e.body.stepped.complaint = complaint;
    e.body.stepped.step = step;
    if (step == choice_step_outcome) {
        e.body.stepped.satisfied = 1;
        e.body.stepped.score = 4;
    }
    return put_after(r, stream, &e, after);
}

uint64_t region_turned(struct region *r, uint32_t stream, enum event_type type, uint64_t subject, uint64_t complaint,
                       struct ids after, int64_t at) {
    struct event e;
    event_init(&e, type);
    e.subject = subject;
    e.at = at;
    switch ((int)type) {
    case EVENT_paused:
        e.body.paused.complaint = complaint;
        e.body.paused.reason = view_of("waiting for the maker");
        break;
    case EVENT_resumed: e.body.resumed.complaint = complaint; break;
    case EVENT_reopened: e.body.reopened.complaint = complaint; break;
    default:
        e.body.routed.complaint = complaint;
        e.body.routed.level = choice_level_region;
        break;
    }
    return put_after(r, stream, &e, after);
}

/* ---- House-keeping ---- */

static uint64_t put_void(struct region *r, uint32_t stream, uint64_t subject, uint64_t event, bool on, struct ref ref) {
    struct event e;
    event_init(&e, EVENT_voided);
    e.subject = subject;
    e.ref = ref;
    e.body.voided.event = event;
    e.body.voided.on = on;
    e.body.voided.reason = view_of("typed wrong");
    return region_put(r, stream, &e, false);
}

uint64_t region_voided(struct region *r, uint32_t stream, uint64_t subject, uint64_t event, bool on) {
    return put_void(r, stream, subject, event, on, (struct ref){VIEW_NONE, VIEW_NONE});
}

uint64_t region_twice(struct region *r, uint32_t stream, uint64_t subject, uint64_t event, bool on) {
    char key[32];
    snprintf(key, sizeof key, "twice %llu", (unsigned long long)r->hlc);
    return put_void(r, stream, subject, event, on, (struct ref){view_of(JUDGE_SOURCE), view_of(key)});
}

uint64_t region_clock(struct region *r, uint32_t of, uint64_t from, uint64_t to, int64_t ms) {
    struct event e;
    event_init(&e, EVENT_clock);
    e.body.clock.stream = of;
    e.body.clock.from = (int64_t)from;
    e.body.clock.to = (int64_t)to;
    e.body.clock.ms = ms;
    return region_put(r, HUB, &e, false);
}

uint64_t region_store(struct region *r, const char *code, const char *chain) {
    struct event e;
    event_init(&e, EVENT_store_opened);
    e.body.store_opened.store = view_of(code);
    e.body.store_opened.chain = view_of(chain);
    return region_put(r, HUB, &e, false);
}

uint64_t region_stream(struct region *r, uint32_t stream, const char *store) {
    static const uint8_t secret[32] = {7};
    struct event e;
    event_init(&e, EVENT_stream_opened);
    e.body.stream_opened.stream = stream;
    e.body.stream_opened.store = view_of(store);
    e.body.stream_opened.secret_hash = view_make(secret, sizeof secret);
    return region_put(r, HUB, &e, false);
}

uint64_t region_policy(struct region *r, const char *key, const char *value, int64_t from) {
    struct event e;
    event_init(&e, EVENT_policy);
    e.body.policy.key = view_of(key);
    e.body.policy.value = view_of(value);
    e.body.policy.effective_from = from;
    return region_put(r, HUB, &e, false);
}

uint64_t region_staff(struct region *r, uint32_t stream, const char *code, bool active) {
    struct event e;
    event_init(&e, EVENT_staff);
    e.body.staff.code = view_of(code);
    e.body.staff.role = choice_role_assistant;
    e.body.staff.active = active;
    event_sealed_set(&e, event_info(e.type), SEALED_staff_name, view_of("Kim"));
    return region_put(r, stream, &e, true);
}
