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

/* What comes with a registration in the same write: its ref is the command's, of another source. */
static void beside(struct draft *draft, const char *source) {
    if (draft->event.ref.source.data != NULL) draft->event.ref.source = view_of(source);
}

/* She was told what the file is for and agreed: the consent of the one just registered (C4). */
static int draft_consent(struct call *call, struct draft *draft) {
    int code = act_draft(call, draft, EVENT_consent, 1, 0);
    draft->event.body.consent.purpose = choice_purpose_service;
    draft->event.body.consent.given = 1;
    beside(draft, "cli register consent");
    return code;
}

static int write_registration(struct call *call, struct draft *drafts, struct buf *custom) {
    uint64_t referrer = 0;
    size_t count = 1;
    const char *referred_by = call_option(call, "referred-by");
    int code = act_draft(call, &drafts[0], EVENT_registered, SUBJECT_SELF, 0);
    if (code == 0) code = act_fill_file(call, &drafts[0], custom);
    if (code == 0) code = site_draft_tags(call->site, &drafts[0], &call->error);
    if (code != 0) return code;
    const struct body_registered *file = &drafts[0].event.body.registered;
    if (file->name.data == NULL) return err_set(&call->error, ERR_INVALID, "name", "is missing");
    if (file->phone.data == NULL && file->card.data == NULL && file->email.data == NULL)
        return err_set(&call->error, ERR_INVALID, "phone", "is missing: a name and at least one of phone, card, email");
    if (call_has(call, "told") || call_has(call, "agrees")) drafts[0].event.body.registered.told = 1;
    if (call_has(call, "rules-shown")) drafts[0].event.body.registered.rules_shown = 1;
    drafts[0].settle = act_refuse_double;
    drafts[0].context = call;
    if (referred_by != NULL) code = ask_whom(call, referred_by, &referrer);
    if (code != 0 && referred_by != NULL && strcmp(call->error.field, "customer") == 0)
        snprintf(call->error.field, sizeof call->error.field, "referred-by");
    if (code == 0 && referred_by != NULL) {
        struct draft *referral = &drafts[count++];
        code = act_draft(call, referral, EVENT_referred, SUBJECT_GIVEN, referrer);
        referral->settle = name_newcomer;
        referral->event.body.referred.newcomer = 1; /* settled in the writer's turn */
        beside(referral, "cli register referral");
    }
    if (code == 0 && call_has(call, "agrees")) code = draft_consent(call, &drafts[count++]);
    return code != 0 ? code : write_newcomer(call, drafts, count);
}

/* With her before them, the staff see what she is to be told (C4). */
static int node_register(struct call *call) {
    struct draft drafts[3]; /* the file, who brought her, what she agreed to */
    struct buf custom = BUF_INIT;
    int code = write_registration(call, drafts, &custom);
    if (code == 0 && !call->json && !drafts[0].existing) rules_print(call);
    buf_wipe(&custom);
    return code;
}

static const struct option register_options[] = {
    {"referred-by", "ID", "the customer who brought her", false},
    {"told", NULL, "purpose and confidentiality were told", false},
    {"agrees", NULL, "she was told and agrees to it: her consent to service", false},
    {"rules-shown", NULL, "tiers, what they ask and bring, were shown (`rules` tells them)", false},
    {NULL, NULL, NULL, false},
};
const struct command node_customer_commands[] = {
    {"register", "--name N [--phone P] [--card C] [--FIELD VALUE …]", "take a customer into the book", NEEDS_SITE, 0, 0,
     register_options, act_options, true, node_register, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
