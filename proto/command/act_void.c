/* void: takes an event back, or the taking back. A store only its own. */
#include "proto/command/act.h"
#include "proto/command/ask.h"

static int find_event(struct call *call, uint64_t *id, uint64_t *subject) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened;
    const struct config *config = &call->site->config;
    int code = call_id(call, "event", call->argv[0], id);
    if (code == 0)
        code = site_event(call->site, *id, &event, &frame, &plain, &standing, &opened, &record, &call->error);
    if (code == 0 && !model_can_void(event.type))
        code = err_set(&call->error, ERR_REFUSED, "event", "an event of this kind cannot be taken back");
    if (code == 0 && config->role == ROLE_STORE && id_stream(*id) != config->stream)
        code = err_set(&call->error, ERR_REFUSED, "event", "%s is another store's; the desk can take it back",
                       call->argv[0]);
    *subject = code == 0 ? event.subject : 0;
    buf_release(&frame);
    buf_wipe(&plain);
    return code;
}

int act_void(struct call *call) {
    struct draft draft;
    uint64_t id, subject;
    int code = find_event(call, &id, &subject);
    if (code == 0) code = act_draft(call, &draft, EVENT_voided, SUBJECT_GIVEN, subject);
    if (code != 0) return code;
    struct body_voided *body = &draft.event.body.voided;
    body->event = id;
    body->on = !call_has(call, "undo");
    body->reason = act_word(call, "reason");
    if (body->reason.data == NULL) return err_set(&call->error, ERR_INVALID, "reason", "is missing: say why");
    return act_write(call, &draft, 1, body->on ? "voids it" : "lets it count again");
}
