/* void: takes an event back, or the taking back. A store only its own. */
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/sale_returns.h"

/* What is to be taken back: a sale takes its returns along nowhere, they would stand for themselves and cost her. */
struct taken_back {
    struct call *call;
    uint64_t id, subject, sale; /* sale: which a return is of */
    enum event_type type;
};

static int find_event(struct call *call, struct taken_back *out) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened;
    const struct config *config = &call->site->config;
    int code = call_id(call, "event", call->argv[0], &out->id);
    if (code == 0)
        code = site_event(call->site, out->id, &event, &frame, &plain, &standing, &opened, &record, &call->error);
    if (code == 0 && !model_can_void(event.type))
        code = err_set(&call->error, ERR_REFUSED, "event", "an event of this kind cannot be taken back");
    if (code == 0 && config->role == ROLE_STORE && id_stream(out->id) != config->stream)
        code = err_set(&call->error, ERR_REFUSED, "event", "%s is another store's; the desk can take it back",
                       call->argv[0]);
    if (code == 0) {
        out->type = event.type;
        out->subject = event.subject;
        out->sale = event.type == EVENT_returned ? event.body.returned.sale : 0;
    }
    buf_release(&frame);
    buf_wipe(&plain);
    return code;
}

static int refuse_returned(const struct taken_back *taken, struct err *err) {
    struct sale_returns walk;
    struct list lines;
    uint64_t id;
    char text[ID_TEXT];
    sale_returns_open(&walk, taken->call, taken->id, taken->subject);
    int code = sale_returns_next(&walk, &id, &lines, err);
    sale_returns_close(&walk);
    if (code <= 0) return code;
    return err_set(err, ERR_REFUSED, "event", "%s took goods of this sale back: void that first", id_format(id, text));
}

/* In the writer's turn: nothing comes back meanwhile. */
static int settle_void(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    const struct taken_back *taken = draft->context;
    char text[ID_TEXT];
    bool on = draft->event.body.voided.on != 0;
    if (on && taken->type == EVENT_sold) return refuse_returned(taken, err);
    if (!on && taken->sale != 0 && !sale_counts(taken->call, taken->sale))
        return err_set(err, ERR_REFUSED, "event", "the sale it is of, %s, is void: let that count again first",
                       id_format(taken->sale, text));
    return 0;
}

int act_void(struct call *call) {
    struct draft draft;
    struct taken_back taken = {.call = call};
    int code = find_event(call, &taken);
    if (code == 0) code = act_draft(call, &draft, EVENT_voided, SUBJECT_GIVEN, taken.subject);
    if (code != 0) return code;
    draft.settle = settle_void;
    draft.context = &taken;
    struct body_voided *body = &draft.event.body.voided;
    body->event = taken.id;
    body->on = !call_has(call, "undo");
    body->reason = act_word(call, "reason");
    if (body->reason.data == NULL) return err_set(&call->error, ERR_INVALID, "reason", "is missing: say why");
    return act_write(call, &draft, 1, body->on ? "voids it" : "lets it count again");
}
