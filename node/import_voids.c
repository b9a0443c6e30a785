/* Rows that say of themselves that they do not count: what they tell is written, and taken back with the reason
 * "imported", so that it is here as it was there. */
#include "node/import.h"

#define REASON "imported"
#define SUFFIX "/void"

static struct draft *draft_void(struct import *im, struct view key, uint64_t event) {
    struct draft *draft = import_draft(im, EVENT_voided, import_key_with(im, key, SUFFIX), NIL, VIEW_NONE);
    draft->event.body.voided.event = event;
    draft->event.body.voided.on = 1;
    draft->event.body.voided.reason = view_of(REASON);
    return draft;
}

/* In the writer's turn: what it takes back has its id by now. */
static int settle_void(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    (void)err;
    draft->event.body.voided.event = draft[-1].id;
    return 0;
}

void import_void_last(struct import *im, struct view key) {
    size_t number = im->batch.count;
    const struct draft *last = &im->batch.drafts[number - 1];
    int subject = last->subject == SUBJECT_SELF ? (int)number : last->subject;
    uint64_t customer = last->event.subject;
    struct draft *draft = draft_void(im, key, number);
    draft->subject = subject;
    draft->event.subject = customer;
    draft->settle = settle_void;
}

int import_void(struct import *im, struct view key, uint64_t id) {
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    site_read(im->site);
    bool voided = model_voided(im->site->model, id);
    site_unread(im->site);
    int code = voided ? 0 : log_get_id(im->site->log, id, &record, &frame, &im->call->error);
    if (code == 0 && !voided && event_decode(record.frame, &event, NULL) >= 0) {
        draft_void(im, key, id)->event.subject = event.subject;
        code = 1;
    }
    buf_release(&frame);
    return code;
}
