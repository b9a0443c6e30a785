/* register: a customer comes into the book. */
#include <string.h>

#include "node/commands.h"
#include "proto/command/act.h"
#include "proto/command/act_customer.h"
#include "proto/command/ask.h"
#include "proto/command/ask_directory.h"
#include "proto/command/recall.h"
#include "proto/event/describe.h"

static int name_newcomer(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)err;
    draft->event.body.referred.newcomer = batch[0].id;
    return 0;
}

/* Does the region know the number of somebody whom this store does not? */
static bool known_elsewhere(struct call *call, char tier[DIRECTORY_TIER_TEXT]) {
    const char *phone = call_option(call, "phone");
    uint64_t here;
    return phone != NULL && site_find(call->site, TAG_PHONE, view_of(phone), false, &here, 1, NULL) == 0 &&
           ask_directory(call, phone, tier);
}

static int write_newcomer(struct call *call, struct draft *drafts, size_t count) {
    char tier[DIRECTORY_TIER_TEXT];
    bool known = known_elsewhere(call, tier);
    int code = site_write(call->site, drafts, count, NULL, 0, NULL, &call->error);
    if (code != 0) return code;
    bool fresh = known && !drafts[0].existing;
    act_answer(call, &drafts[0], "registered",
               fresh ? json_pack("{s:o}", "directory", ask_directory_json(tier)) : NULL);
    if (fresh && !call->json)
        fprintf(call->out, "the region knows this number: tier %s; her history comes with the next contact\n", tier);
    return 0;
}

static int write_registration(struct call *call, struct draft *drafts, struct buf *custom) {
    uint64_t referrer = 0;
    const char *referred_by = call_option(call, "referred-by");
    int code = act_draft(call, &drafts[0], EVENT_registered, SUBJECT_SELF, 0);
    if (code == 0) code = act_fill_file(call, &drafts[0], custom);
    if (code == 0) code = site_draft_tags(call->site, &drafts[0], &call->error);
    if (code != 0) return code;
    const struct body_registered *file = &drafts[0].event.body.registered;
    if (file->name.data == NULL) return err_set(&call->error, ERR_INVALID, "name", "is missing");
    if (file->phone.data == NULL && file->card.data == NULL && file->email.data == NULL)
        return err_set(&call->error, ERR_INVALID, "phone", "is missing: a name and at least one of phone, card, email");
    if (call_has(call, "told")) drafts[0].event.body.registered.told = 1;
    if (call_has(call, "rules-shown")) drafts[0].event.body.registered.rules_shown = 1;
    drafts[0].settle = act_refuse_double;
    drafts[0].context = call;
    if (referred_by != NULL) code = ask_whom(call, referred_by, &referrer);
    if (code != 0 && referred_by != NULL && strcmp(call->error.field, "customer") == 0)
        snprintf(call->error.field, sizeof call->error.field, "referred-by");
    if (code == 0 && referred_by != NULL) code = act_draft(call, &drafts[1], EVENT_referred, SUBJECT_GIVEN, referrer);
    if (code != 0) return code;
    if (referred_by != NULL) {
        drafts[1].settle = name_newcomer;
        drafts[1].event.body.referred.newcomer = 1; /* settled in the writer's turn */
        if (drafts[1].event.ref.source.data != NULL) drafts[1].event.ref.source = view_of("cli register referral");
    }
    return write_newcomer(call, drafts, referred_by != NULL ? 2 : 1);
}

/* With her before them, the staff see what she is to be told (C4). */
static int node_register(struct call *call) {
    struct draft drafts[2];
    struct buf custom = BUF_INIT;
    int code = write_registration(call, drafts, &custom);
    if (code == 0 && !call->json && !drafts[0].existing) rules_print(call);
    buf_wipe(&custom);
    return code;
}

static const struct option register_options[] = {
    {"referred-by", "ID", "the customer who brought her", false},
    {"told", NULL, "purpose and confidentiality were told", false},
    {"rules-shown", NULL, "tiers, what they ask and bring, were shown (`rules` tells them)", false},
    {NULL, NULL, NULL, false},
};
const struct command node_customer_commands[] = {
    {"register", "--name N [--phone P] [--card C] [--FIELD VALUE …]", "take a customer into the book", NEEDS_SITE, 0, 0,
     register_options, act_options, true, node_register, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
