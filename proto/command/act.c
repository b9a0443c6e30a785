#include "proto/command/act.h"

#include <string.h>

#include "proto/base/text.h"
#include "proto/event/describe.h"

const struct option act_options[] = {
    {"staff", "CODE", "who did it", false},
    {"at", "TIME", "when it happened, if not now", false},
    {"ref", "KEY", "doing it again with the same key is harmless", false},
    {NULL, NULL, NULL, false},
};

static int bounded(struct call *call, const char *option, size_t most) {
    const char *text = call_option(call, option);
    if (text == NULL) return 0;
    if (*text == '\0') return err_set(&call->error, ERR_INVALID, option, "is empty");
    if (!utf8_valid(view_of(text))) return err_set(&call->error, ERR_INVALID, option, "is not valid UTF-8 text");
    if (strlen(text) > most) return err_set(&call->error, ERR_LIMIT, option, "is longer than %zu bytes", most);
    return 0;
}

int act_draft(struct call *call, struct draft *draft, enum event_type type, int subject, uint64_t subject_id) {
    int64_t at = TIME_NONE;
    memset(draft, 0, sizeof *draft);
    event_init(&draft->event, type);
    draft->subject = subject;
    draft->event.subject = subject_id;
    int code = bounded(call, "staff", ACTOR_MAX);
    if (code == 0) code = bounded(call, "ref", REF_KEY_MAX);
    if (code == 0) code = call_time(call, "at", false, TIME_NONE, &at);
    if (code == 0 && at != TIME_NONE && at > site_now(call->site) + DAY_MS)
        code = err_set(&call->error, ERR_INVALID, "at", "'%s' has not happened yet", call_option(call, "at"));
    if (code != 0) return code;
    draft->event.actor = view_of(call_option(call, "staff"));
    draft->event.at = at == TIME_NONE ? NIL : at;
    if (call_has(call, "ref")) {
        snprintf(call->source, sizeof call->source, "%s %s", call->remote ? "api" : "cli", call->command->name);
        draft->event.ref.source = view_of(call->source);
        draft->event.ref.key = view_of(call_option(call, "ref"));
    }
    return 0;
}

void act_seal(struct draft *draft, int bit, const char *text) {
    if (text == NULL) return;
    event_sealed_set(&draft->event, event_info(draft->event.type), bit, view_of(text));
}

int act_choice(struct call *call, const char *option, const struct choice_list *list, int64_t *out) {
    const char *word = call_option(call, option);
    *out = 0;
    return word == NULL ? 0 : choice_parse(list, option, view_of(word), out, &call->error);
}

struct view act_word(const struct call *call, const char *option) {
    const char *text = call_option(call, option);
    return text == NULL || *text == '\0' ? VIEW_NONE : view_of(text);
}

void act_answer(struct call *call, const struct draft *draft, const char *done, json_t *more) {
    char text[ID_TEXT];
    id_format(draft->id, text);
    if (call->json) {
        json_t *answer = json_pack("{s:s, s:b}", "id", text, "existing", draft->existing);
        if (more != NULL) json_object_update(answer, more);
        call_json(call, answer);
    } else {
        fprintf(call->out, "%s %s%s\n", text, done, draft->existing ? " before, under the same ref" : "");
    }
    json_decref(more);
}

bool act_repeats(struct call *call, struct draft *draft, const char *done) {
    uint8_t hash[REF_HASH_SIZE];
    if (draft->event.ref.source.data == NULL) return false;
    ref_hash(draft->event.ref.source, draft->event.ref.key, hash);
    draft->existing = call->site->log->ops->ref(call->site->log, hash, &draft->id) == 0;
    if (draft->existing) act_answer(call, draft, done, NULL);
    return draft->existing;
}

int act_write(struct call *call, struct draft *drafts, size_t count, const char *done) {
    int code = site_write(call->site, drafts, count, NULL, 0, NULL, &call->error);
    if (code == 0) act_answer(call, &drafts[0], done, NULL);
    return code;
}

static const struct option void_options[] = {
    {"reason", "R", "why", false},
    {"undo", NULL, "the event counts again", false},
    {NULL, NULL, NULL, false},
};

static const struct option attribute_options[] = {
    {"phone", "P", "whose it is, by telephone number", false},
    {"card", "C", "whose it is, by card", false},
    {NULL, NULL, NULL, false},
};
static const struct rule attribute_rules[] = {{"phone card", NULL, true}, {NULL, NULL, false}};
static const struct grammar attribute_grammar = {NULL, attribute_rules};
static const struct option grant_options[] = {
    {"until", "DATE", "it holds up to the end of that day (default: for good)", false},
    {"reason", "R", "why", false},
    {"none", NULL, "a tier given before holds no more", false},
    {NULL, NULL, NULL, false},
};
static const struct option left_options[] = {
    {"reason", "quality|no-novelty|service|competitor|no-care|other", "why", false},
    {"note", "TEXT", "in the customer's words", false},
    {NULL, NULL, NULL, false},
};

const struct command act_commands[] = {
    {"complaint", "(open | show ID | step ID STEP | route ID LEVEL | pause ID | resume ID | reopen ID)",
     "open a complaint, look at it, take it through the nine steps from listen to follow-up", NEEDS_SITE, 1, 3,
     act_complaint_options, act_options, false, act_complaint, &act_complaint_grammar},
    {"void", "ID --reason R", "take an event back", NEEDS_SITE, 1, 1, void_options, act_options, false, act_void, NULL},
    {"attribute", "EVENT (CUSTOMER | --phone P | --card C)", "say whose a sale or complaint of nobody's is", NEEDS_SITE,
     1, 2, attribute_options, act_options, false, act_attribute, &attribute_grammar},
    {"grant", "ID (TIER | --none)", "give a customer a tier by hand, beside the earned one", NEEDS_SITE, 1, 2,
     grant_options, act_options, false, act_grant, NULL},
    {"left", "ID --reason R", "note why a customer comes no more", NEEDS_SITE, 1, 1, left_options, act_options, false,
     act_left, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
