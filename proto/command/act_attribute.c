/* attribute: a sale or complaint of nobody's gets its customer (P1). The desk any; a store its own. */
#include <string.h>

#include "proto/command/act.h"
#include "proto/command/ask.h"

/* In the writer's turn: two clerks do not give one sale to two customers. */
static int settle_attribution(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    struct call *call = draft->context;
    uint64_t thing = draft->event.subject, customer = draft->event.body.attributed.customer;
    char text[ID_TEXT], whose[ID_TEXT];
    const struct model *model = ask_begin(call);
    uint64_t person = model_person(model, thing), wanted = model_person(model, customer);
    bool theirs = model_customer(model, person) == CUSTOMER_KNOWN || model_customer(model, person) == CUSTOMER_ERASED;
    bool gone = model_voided(model, thing);
    ask_end(call);
    id_format(thing, text);
    if (gone) return err_set(err, ERR_REFUSED, "event", "%s was taken back: it is void", text);
    if (!theirs) return 0;
    if (person == wanted)
        return err_set(err, ERR_EXISTS, "event", "%s is customer %s's already", text, id_format(person, whose));
    return err_set(err, ERR_REFUSED, "event", "%s is customer %s's; take that attribution back first", text,
                   id_format(person, whose));
}

static int find_thing(struct call *call, uint64_t *id) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing = EVENT_BAD;
    bool opened;
    char text[ID_TEXT];
    const struct config *config = &call->site->config;
    int code = call_id(call, "event", call->argv[0], id);
    if (code == 0)
        code = site_event(call->site, *id, &event, &frame, &plain, &standing, &opened, &record, &call->error);
    if (code == 0 && (standing != EVENT_GOOD || (event.type != EVENT_sold && event.type != EVENT_complained)))
        code = err_set(&call->error, ERR_INVALID, "event", "%s is neither a purchase nor a complaint", call->argv[0]);
    if (code == 0 && event.subject != 0 && event.subject != *id)
        code = err_set(&call->error, ERR_REFUSED, "event", "%s has a customer, %s; void it and note it anew",
                       call->argv[0], id_format(event.subject, text));
    if (code == 0 && config->role == ROLE_STORE && id_stream(*id) != config->stream)
        code = err_set(&call->error, ERR_REFUSED, "event", "%s is another store's; the desk can attribute it",
                       call->argv[0]);
    buf_release(&frame);
    buf_wipe(&plain);
    return code;
}

int act_attribute(struct call *call) {
    struct draft draft;
    uint64_t thing, customer = 0;
    int code = find_thing(call, &thing);
    if (code == 0) code = ask_whom(call, call->argc > 1 ? call->argv[1] : NULL, &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_attributed, SUBJECT_GIVEN, thing);
    if (code != 0) return code;
    draft.event.body.attributed.customer = customer;
    draft.settle = settle_attribution;
    draft.context = call;
    return act_write(call, &draft, 1, "says whose it is");
}
