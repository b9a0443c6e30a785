/* rules: what a customer is told and shown at registration (C4): what the file is for, and what the tiers ask and
 * bring; with the fields that the store's chain keeps beside the file (C8), for whoever draws the form. */
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/custom_fields.h"
#include "proto/command/recall.h"
#include "proto/model/policies.h"

#define PURPOSE "to serve you better; it stays between you and us, and you may withdraw your consent at any time"

/* The text of a policy; null for "none". Held still by the caller. */
static json_t *text_of(const struct model *model, enum policy_name name, int64_t now) {
    struct view text = policy_text(model, name, now);
    return view_is(text, "none") || view_is(text, "off") ? json_null() : ask_text(text);
}

json_t *rules_json(struct call *call) {
    struct policy_tier tiers[POLICY_LISTED_MAX];
    int64_t now = ask_latest(call);
    json_t *list = json_array();
    const struct model *model = ask_begin(call);
    size_t count = policy_tiers(model, now, tiers);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{s:o, s:I}", "tier", ask_text(tiers[i].name), "spend", (json_int_t)tiers[i].spend));
    json_t *rules = json_pack("{s:s, s:o, s:o, s:o, s:o}", "purpose", PURPOSE, "tiers", list, "window",
                              text_of(model, POLICY_TIER_WINDOW, now), "benefits",
                              text_of(model, POLICY_TIER_RULES, now), "custom", custom_declared(call, model, now));
    ask_end(call);
    return rules;
}

void rules_print(struct call *call) {
    json_t *rules = rules_json(call);
    const char *window = json_string_value(json_object_get(rules, "window")),
               *benefits = json_string_value(json_object_get(rules, "benefits"));
    char money[40];
    size_t i;
    const json_t *tier;
    fprintf(call->out, "  to tell: %s\n", json_string_value(json_object_get(rules, "purpose")));
    json_array_foreach(json_object_get(rules, "tiers"), i, tier) fprintf(
        call->out, "  tier %s from %s %s on, within %s%s\n", json_string_value(json_object_get(tier, "tier")),
        decimal_format(json_integer_value(json_object_get(tier, "spend")), call->site->currency.decimals, true, money),
        call->site->currency.code, window == NULL ? "all" : window,
        window != NULL && strspn(window, "0123456789") == strlen(window) ? " days" : "");
    if (benefits != NULL) {
        struct buf printable = BUF_INIT;
        text_printable(view_of(benefits), &printable);
        fprintf(call->out, "  what they bring: %s\n", buf_text(&printable));
        buf_release(&printable);
    }
    json_decref(rules);
}

int ask_rules(struct call *call) {
    if (call->json)
        call_json(call, rules_json(call));
    else
        rules_print(call);
    return 0;
}
