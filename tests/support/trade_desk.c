/* Trade, continued: goods taken back, complaints and their steps, and what only later versions write. */
#include <string.h>

#include "proto/base/pack.h"
#include "proto/event/hlc.h"
#include "proto/model/questions.h"
#include "tests/support/trade.h"

#define LATER_TYPE 4711
#define LATER_VERSION 9

uint64_t trade_return(struct site *site, uint64_t customer, uint64_t sale, int64_t amount) {
    struct draft draft = {.subject = customer == 0 && sale == 0 ? SUBJECT_SELF : SUBJECT_GIVEN};
    struct buf lines = BUF_INIT;
    struct row_sale_line line;
    event_init(&draft.event, EVENT_returned);
    draft.event.subject = customer != 0 ? customer : sale;
    draft.event.body.returned.sale = sale;
    row_sale_line_init(&line);
    line.sku = view_of("coat");
    line.quantity = 1000;
    line.amount = amount;
    row_sale_line_append(&draft.event.body.returned.lines, &lines, &line);
    uint64_t id = trade_write(site, &draft);
    buf_release(&lines);
    return id;
}

uint64_t trade_attribute(struct site *site, uint64_t thing, uint64_t customer) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_attributed);
    draft.event.subject = thing;
    draft.event.body.attributed.customer = customer;
    return trade_write(site, &draft);
}

uint64_t trade_complain(struct site *site, uint64_t customer, const char *text) {
    struct draft draft = {.subject = customer == 0 ? SUBJECT_SELF : SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_complained);
    draft.event.subject = customer;
    draft.event.body.complained.channel = choice_channel_counter;
    draft.event.body.complained.text = view_of(text);
    draft.event.sealed_bits = UINT64_C(1) << SEALED_complained_text;
    return trade_write(site, &draft);
}

/* The subject of a complaint known here, and its heads into the draft's `after`. False: not known. */
static bool fill_thread(struct site *site, uint64_t complaint, struct draft *draft, struct buf *after) {
    struct cut all = {TIME_NONE, TIME_NONE};
    struct complaint thread;
    uint64_t heads[AFTER_MAX];
    site_read(site);
    bool known = complaint_of(site->model, complaint, &all, &site->zone, site_now(site), &thread);
    size_t count = known ? complaint_heads(site->model, complaint, heads, AFTER_MAX) : 0;
    site_unread(site);
    if (!known) return false;
    draft->event.subject = thread.subject;
    for (size_t i = 0; i < count && i < AFTER_MAX; i++) list_append_id(&draft->event.after, after, heads[i]);
    return true;
}

uint64_t trade_step(struct site *site, uint64_t complaint, int step, const char *text) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    struct buf after = BUF_INIT;
    event_init(&draft.event, EVENT_stepped);
    struct body_stepped *body = &draft.event.body.stepped;
    body->complaint = complaint;
    body->step = step;
    body->skipped = view_of("in a hurry");
    if (step == choice_step_outcome) body->satisfied = 1;
    if (text != NULL) {
        body->text = view_of(text);
        draft.event.sealed_bits = UINT64_C(1) << SEALED_stepped_text;
    }
    uint64_t id = fill_thread(site, complaint, &draft, &after) ? trade_write(site, &draft) : 0;
    buf_release(&after);
    return id;
}

uint64_t trade_turn(struct site *site, uint64_t complaint, enum event_type type) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    struct buf after = BUF_INIT;
    event_init(&draft.event, type);
    if (type == EVENT_paused) {
        draft.event.body.paused.complaint = complaint;
        draft.event.body.paused.reason = view_of("waits for the factory");
    } else if (type == EVENT_resumed) {
        draft.event.body.resumed.complaint = complaint;
    } else {
        draft.event.body.reopened.complaint = complaint;
    }
    uint64_t id = fill_thread(site, complaint, &draft, &after) ? trade_write(site, &draft) : 0;
    buf_release(&after);
    return id;
}

static void pack_strange(struct buf *out, uint64_t hlc, uint64_t subject, bool known) {
    pack_array(out, FRAME_FIELDS);
    pack_uint(out, known ? (uint64_t)EVENT_referred : LATER_TYPE);
    pack_uint(out, known ? LATER_VERSION : 1);
    pack_uint(out, hlc);
    pack_nil(out);
    pack_nil(out);
    if (subject == 0)
        pack_nil(out);
    else
        pack_uint(out, subject);
    for (int i = 0; i < 3; i++) pack_nil(out);
    pack_array(out, 4);
    pack_nil(out); /* nothing sealed */
    pack_uint(out, subject);
    pack_uint(out, 7);
    pack_bin(out, view_of("of a later version"));
}

/* The writer's turn by hand: no draft of today can hold such an event. */
uint64_t trade_strange(struct site *site, uint64_t subject, bool known) {
    struct buf frame = BUF_INIT;
    struct head head;
    mutex_lock(&site->writer);
    if (log_head(site->log, site->config.stream, &head) != 0) {
        head = (struct head){.stream = site->config.stream};
        chain_start(head.stream, site->signer.public_key, head.chain);
    }
    site->clock.said = hlc_next(site->clock.said, site_now(site));
    pack_strange(&frame, site->clock.said, subject, known);
    chain_next(head.chain, buf_view(&frame));
    head.seq++;
    head_sign(&head, &site->signer);
    struct log_append record = {.id = id_make(head.stream, head.seq), .frame = buf_view(&frame)};
    struct taking taking = {.records = &record, .record_count = 1, .heads = &head, .head_count = 1};
    int code = site_take(site, &taking, NULL);
    mutex_unlock(&site->writer);
    buf_release(&frame);
    return code == 0 ? record.id : 0;
}
