/* grant, left: the word of a person on a customer's tier, and on why one comes no more. */
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/event/describe.h"
#include "proto/model/tiers.h"

static int unknown_tier(struct call *call, const char *name, const struct tier_table *table) {
    struct buf list = BUF_INIT;
    for (size_t i = 0; i < table->count; i++)
        buf_printf(&list, "%s%s", i == 0 ? "" : i + 1 == table->count ? " or " : ", ", table->tiers[i].name);
    int code = table->count == 0
                   ? err_set(&call->error, ERR_REFUSED, "tier", "the policy has no tiers in this region")
                   : err_set(&call->error, ERR_INVALID, "tier", "'%s' is no tier; use %s", name, buf_text(&list));
    buf_release(&list);
    return code;
}

static int fill_tier(struct call *call, struct draft *draft) {
    struct body_tier_granted *body = &draft->event.body.tier_granted;
    struct tier_table table;
    const char *name = call->argv[1];
    int64_t from = draft->event.at == NIL ? site_now(call->site) : draft->event.at;
    tier_table_read(ask_begin(call), from, &table);
    ask_end(call);
    for (size_t i = 0; i < table.count; i++)
        if (strcmp(table.tiers[i].name, name) == 0) body->tier = view_of(name);
    if (body->tier.data == NULL) return unknown_tier(call, name, &table);
    int code = call_time(call, "until", true, NIL, &body->until);
    if (code == 0 && body->until != NIL && body->until < from)
        code = err_set(&call->error, ERR_INVALID, "until", "'%s' is over when the tier is given",
                       call_option(call, "until"));
    return code;
}

int act_grant(struct call *call) {
    struct draft draft;
    uint64_t customer = 0;
    bool none = call_has(call, "none");
    if (none && call->argc > 1) return err_set(&call->error, ERR_USAGE, "none", "say a tier or --none, not both");
    if (!none && call->argc < 2)
        return err_set(&call->error, ERR_USAGE, "tier", "is missing: which, or --none to take a given one back");
    if (none && call_has(call, "until"))
        return err_set(&call->error, ERR_USAGE, "until", "goes with a tier, not with --none");
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_tier_granted, SUBJECT_GIVEN, customer);
    if (code == 0 && !none) code = fill_tier(call, &draft);
    if (code != 0) return code;
    act_seal(&draft, SEALED_tier_granted_reason, call_option(call, "reason"));
    return act_write(call, &draft, 1, none ? "takes the tier given by hand back" : "gives the tier");
}

int act_left(struct call *call) {
    struct draft draft;
    uint64_t customer = 0;
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_left, SUBJECT_GIVEN, customer);
    if (code == 0 && !call_has(call, "reason"))
        code = err_set(&call->error, ERR_INVALID, "reason",
                       "is missing: quality, no-novelty, service, competitor, no-care or other");
    if (code == 0) code = act_choice(call, "reason", &choices_leaving, &draft.event.body.left.reason);
    if (code != 0) return code;
    act_seal(&draft, SEALED_left_note, call_option(call, "note"));
    return act_write(call, &draft, 1, "noted");
}
