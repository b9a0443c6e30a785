#include "tests/support/trade.h"

#include <stdlib.h>
#include <string.h>

#include "proto/event/hlc.h"
#include "proto/site/erasure.h"

#define MEMBERS 256

static _Thread_local struct err error;

const struct err *trade_error(void) { return &error; }

uint64_t trade_write(struct site *site, struct draft *draft) {
    error = (struct err){.code = 0};
    return site_write(site, draft, 1, NULL, 0, NULL, &error) == 0 ? draft->id : 0;
}

/* The same list, bit for bit, in `registered` and `updated`. */
static void fill_file(struct event *event, const struct person_card *who, struct view *name, struct view *phone,
                      struct view *card, struct view *email) {
    const char *texts[] = {who->name, who->phone, who->card, who->email};
    const int bits[] = {SEALED_registered_name, SEALED_registered_phone, SEALED_registered_card,
                        SEALED_registered_email};
    struct view *fields[] = {name, phone, card, email};
    for (size_t i = 0; i < 4; i++) {
        if (texts[i] == NULL) continue;
        *fields[i] = view_of(texts[i]);
        event->sealed_bits |= UINT64_C(1) << bits[i];
    }
}

uint64_t trade_register(struct site *site, struct person_card who) {
    struct draft draft = {.subject = SUBJECT_SELF};
    event_init(&draft.event, EVENT_registered);
    struct body_registered *body = &draft.event.body.registered;
    fill_file(&draft.event, &who, &body->name, &body->phone, &body->card, &body->email);
    if (site_draft_tags(site, &draft, &error) != 0) return 0;
    return trade_write(site, &draft);
}

static void fill_after(struct site *site, struct draft *draft, struct buf *storage) {
    uint64_t heads[AFTER_MAX];
    site_read(site);
    size_t count = model_heads(site->model, draft->event.subject, draft->event.sealed_bits, heads, AFTER_MAX);
    site_unread(site);
    for (size_t i = 0; i < count && i < AFTER_MAX; i++) list_append_id(&draft->event.after, storage, heads[i]);
}

static uint64_t write_update(struct site *site, struct draft *draft) {
    struct buf after = BUF_INIT;
    fill_after(site, draft, &after);
    uint64_t id = trade_write(site, draft);
    buf_release(&after);
    return id;
}

uint64_t trade_update(struct site *site, uint64_t customer, struct person_card change) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_updated);
    draft.event.subject = customer;
    struct body_updated *body = &draft.event.body.updated;
    fill_file(&draft.event, &change, &body->name, &body->phone, &body->card, &body->email);
    if (site_draft_tags(site, &draft, &error) != 0) return 0;
    return write_update(site, &draft);
}

uint64_t trade_clear_phone(struct site *site, uint64_t customer) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_updated);
    draft.event.subject = customer;
    draft.event.sealed_bits = UINT64_C(1) << SEALED_updated_phone;
    return write_update(site, &draft);
}

static void fill_sale(struct draft *draft, uint64_t customer, int64_t amount, struct buf *lines) {
    struct row_sale_line line;
    draft->subject = customer == 0 ? SUBJECT_SELF : SUBJECT_GIVEN;
    event_init(&draft->event, EVENT_sold);
    draft->event.subject = customer;
    row_sale_line_init(&line);
    line.sku = view_of("coat");
    line.quantity = 1000;
    line.amount = amount;
    row_sale_line_append(&draft->event.body.sold.lines, lines, &line);
}

uint64_t trade_sell(struct site *site, uint64_t customer, int64_t amount) {
    return trade_sell_ref(site, customer, amount, NULL);
}

uint64_t trade_sell_ref(struct site *site, uint64_t customer, int64_t amount, const char *ref) {
    struct draft draft = {.id = 0};
    struct buf lines = BUF_INIT;
    fill_sale(&draft, customer, amount, &lines);
    if (ref != NULL) draft.event.ref = (struct ref){view_of("till"), view_of(ref)};
    uint64_t id = trade_write(site, &draft);
    buf_release(&lines);
    return id;
}

bool trade_day(struct site *site, uint64_t customer, size_t sales) {
    struct draft *drafts = mem_alloc((sales + 1) * sizeof *drafts);
    struct buf *lines = mem_alloc((sales + 1) * sizeof *lines);
    error = (struct err){.code = 0};
    for (size_t i = 0; i < sales; i++) fill_sale(&drafts[i], i % 3 == 0 ? customer : 0, 1000 + (int64_t)i, &lines[i]);
    int code = site_write(site, drafts, sales, NULL, 0, NULL, &error);
    for (size_t i = 0; i < sales; i++) buf_release(&lines[i]);
    free(lines);
    free(drafts);
    return code == 0;
}

uint64_t trade_contact(struct site *site, uint64_t customer, int outcome, const char *note) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_contacted);
    draft.event.subject = customer;
    struct body_contacted *body = &draft.event.body.contacted;
    body->kind = choice_contact_kind_call;
    body->purpose = view_of("fit");
    body->outcome = outcome;
    if (note != NULL) {
        body->note = view_of(note);
        draft.event.sealed_bits = UINT64_C(1) << SEALED_contacted_note;
    }
    return trade_write(site, &draft);
}

uint64_t trade_link(struct site *site, uint64_t customer, uint64_t other) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_linked);
    draft.event.subject = customer;
    draft.event.body.linked.other = other;
    draft.event.body.linked.reason = choice_link_reason_person;
    return trade_write(site, &draft);
}

uint64_t trade_unlink(struct site *site, uint64_t customer, uint64_t other) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    struct buf edges = BUF_INIT, barred = BUF_INIT;
    uint64_t links[MEMBERS], members[MEMBERS];
    event_init(&draft.event, EVENT_unlinked);
    draft.event.subject = customer;
    struct body_unlinked *body = &draft.event.body.unlinked;
    body->other = other;
    body->edges.raw = body->barred.raw = view_make("", 0);
    site_read(site);
    size_t link_count = model_links(site->model, customer, links, MEMBERS);
    size_t member_count = model_members(site->model, customer, members, MEMBERS);
    site_unread(site);
    for (size_t i = 0; i < link_count && i < MEMBERS; i++) list_append_id(&body->edges, &edges, links[i]);
    for (size_t i = 0; i < member_count && i < MEMBERS; i++)
        if (members[i] != other) list_append_id(&body->barred, &barred, members[i]);
    uint64_t id = trade_write(site, &draft);
    buf_release(&edges);
    buf_release(&barred);
    return id;
}

uint64_t trade_void(struct site *site, uint64_t event) { return trade_void_on(site, event, true); }

uint64_t trade_void_on(struct site *site, uint64_t event, bool on) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    struct buf copy = BUF_INIT;
    struct record record;
    struct event named;
    event_init(&draft.event, EVENT_voided);
    if (log_get_id(site->log, event, &record, &copy, &error) == 0 && event_decode(record.frame, &named, NULL) >= 0)
        draft.event.subject = named.subject;
    draft.event.body.voided.event = event;
    draft.event.body.voided.on = on;
    draft.event.body.voided.reason = view_of("typed wrong");
    buf_release(&copy);
    return trade_write(site, &draft);
}

uint64_t trade_erase(struct site *site, uint64_t customer) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    struct buf storage = BUF_INIT;
    uint64_t members[MEMBERS];
    event_init(&draft.event, EVENT_erased);
    draft.event.subject = customer;
    site_read(site);
    size_t count = model_members(site->model, customer, members, MEMBERS);
    site_unread(site);
    for (size_t i = 0; i < count && i < MEMBERS; i++)
        list_append_id(&draft.event.body.erased.ids, &storage, members[i]);
    uint64_t id = trade_write(site, &draft);
    buf_release(&storage);
    return id;
}

bool trade_hears_erasure(struct site *store, uint64_t id) {
    struct event event;
    struct buf ids = BUF_INIT, frame = BUF_INIT;
    error = (struct err){.code = 0};
    event_init(&event, EVENT_erased);
    event.subject = id;
    event.hlc = hlc_make(site_now(store), 0);
    list_append_id(&event.body.erased.ids, &ids, id);
    int code = event_encode(&event, NULL, store->env, &frame, &error);
    struct log_append record = {
        .id = id_make(stream_make(1, 0), 1), .partial = true, .received = site_now(store), .frame = buf_view(&frame)};
    struct taking taking = {.records = &record, .record_count = 1, .fed = true};
    mutex_lock(&store->writer);
    if (code == 0) code = site_take(store, &taking, &error);
    mutex_unlock(&store->writer);
    if (code == 0) code = site_forget(store, &error);
    buf_release(&ids);
    buf_release(&frame);
    return code == 0;
}
