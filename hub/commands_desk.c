/* link, unlink: who is whom, by a person's word. */
#include <string.h>

#include "hub/commands.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"

#define MEMBERS_MAX 256
#define LINKED "links them"
#define APART "keeps them apart"

static int two_customers(struct call *call, uint64_t *a, uint64_t *b) {
    int code = ask_whom(call, call->argv[0], a);
    if (code == 0) code = ask_whom(call, call->argv[1], b);
    if (code == 0 && *a == *b)
        code = err_set(&call->error, ERR_INVALID, "customer", "%s and %s are one id", call->argv[0], call->argv[1]);
    return code;
}

static bool one_person(struct call *call, uint64_t a, uint64_t b) {
    const struct model *model = ask_begin(call);
    bool one = model_person(model, a) == model_person(model, b);
    ask_end(call);
    return one;
}

static int hub_link(struct call *call) {
    struct draft draft;
    uint64_t a, b;
    int code = two_customers(call, &a, &b);
    if (code == 0) code = act_draft(call, &draft, EVENT_linked, SUBJECT_GIVEN, a);
    if (code == 0 && act_repeats(call, &draft, LINKED)) return 0;
    if (code == 0 && one_person(call, a, b))
        code = err_set(&call->error, ERR_EXISTS, "customer", "%s and %s are one person already", call->argv[0],
                       call->argv[1]);
    if (code != 0) return code;
    draft.event.body.linked.other = b;
    draft.event.body.linked.reason = choice_link_reason_person;
    return act_write(call, &draft, 1, LINKED);
}

/* `unlink A B` takes B out of A's person: B's links there no longer hold, and B is kept apart from its other ids. */
static int fill_unlink(struct call *call, uint64_t a, uint64_t b, struct body_unlinked *body, struct buf *edges,
                       struct buf *barred) {
    uint64_t links[MEMBERS_MAX], members[MEMBERS_MAX];
    const struct model *model = ask_begin(call);
    size_t link_count = model_links(model, a, links, MEMBERS_MAX),
           member_count = model_members(model, a, members, MEMBERS_MAX);
    ask_end(call);
    if (link_count > MEMBERS_MAX || member_count > MEMBERS_MAX)
        return err_set(&call->error, ERR_LIMIT, NULL, "the person has more than %d ids", MEMBERS_MAX);
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    for (size_t i = 0; i < link_count; i++) {
        struct event event;
        struct record record;
        int standing;
        bool opened;
        buf_clear(&frame);
        int code = site_event(call->site, links[i], &event, &frame, &plain, &standing, &opened, &record, &call->error);
        if (code != 0) return code;
        uint64_t other = event.type == EVENT_linked ? event.body.linked.other : event.body.attributed.customer;
        if (event.subject == b || other == b) list_append_id(&body->edges, edges, links[i]);
    }
    buf_release(&frame);
    buf_wipe(&plain);
    for (size_t i = 0; i < member_count; i++)
        if (members[i] != b) list_append_id(&body->barred, barred, members[i]);
    return 0;
}

static int hub_unlink(struct call *call) {
    struct draft draft;
    uint64_t a, b;
    struct buf edges = BUF_INIT, barred = BUF_INIT;
    int code = two_customers(call, &a, &b);
    if (code == 0) code = act_draft(call, &draft, EVENT_unlinked, SUBJECT_GIVEN, a);
    if (code == 0 && act_repeats(call, &draft, APART)) return 0;
    if (code == 0 && !one_person(call, a, b))
        code = err_set(&call->error, ERR_REFUSED, "customer", "%s and %s are not one person", call->argv[0],
                       call->argv[1]);
    if (code == 0) code = fill_unlink(call, a, b, &draft.event.body.unlinked, &edges, &barred);
    if (code == 0) {
        draft.event.body.unlinked.other = b;
        code = act_write(call, &draft, 1, APART);
    }
    buf_release(&edges);
    buf_release(&barred);
    return code;
}

const struct command hub_desk_commands[] = {
    {"link", "ID ID", "two customers are one person", NEEDS_SITE, 2, 2, NULL, act_options, false, hub_link, NULL},
    {"unlink", "ID ID", "the second customer is not the first's person", NEEDS_SITE, 2, 2, NULL, act_options, false,
     hub_unlink, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
