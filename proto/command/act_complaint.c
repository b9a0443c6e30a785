/* complaint: anyone can open one, anywhere, in seconds; and take it through its nine steps. */
#include <string.h>

#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/event/describe.h"

const struct option act_complaint_options[] = {
    {"customer", "ID", "whose it is; without one it is nobody's", false},
    {"phone", "P", "whose it is, by telephone number", false},
    {"card", "C", "whose it is, by card", false},
    {"channel", "counter|phone|hotline|third-party", "how it came", false},
    {"level", "store|region|company", "whose matter (default: the store's; at the desk, the region's)", false},
    {"sku", "S", "the article", false},
    {"topic", "T", "the matter in short", false},
    {"text", "T", "what happened, was said or done, or why", false},
    {"skip-reason", "R", "why steps before it were left out, or it is made again", false},
    {"kind", "exchange|refund|repair|discount|gift|none", "what was given", false},
    {"cost", "N", "what it cost: with --kind", false},
    {"cause", "WORD", "of what kind the cause is, for the reports: sewing, fit, delivery …", false},
    {"satisfied", "yes|no", "is the customer satisfied", false},
    {"score", "1-5", "the customer's mark", false},
    {"store", "S", "which store", false},
    {"reason", "R", "why", false},
    {NULL, NULL, NULL, false},
};

static const struct word words[] = {
    {"open", "somebody complains: note --channel and --text; answers with its ID"},
    {"show ID", "what was said and done so far, by whom, when and where"},
    {"step ID listen", "1: the customer was heard out"},
    {"step ID empathise", "2: we showed that we understand"},
    {"step ID apologise", "3: we said sorry; from here on it counts as answered"},
    {"step ID cause", "4: why it happened was found out: --cause for the reports"},
    {"step ID explain", "5: and told to the customer"},
    {"step ID propose", "6: a remedy was offered"},
    {"step ID compensate", "7: and given: --kind, --cost; a last offer where the outcome did not satisfy"},
    {"step ID outcome", "8: what the customer says to it: --satisfied yes or no, --score; closes the complaint"},
    {"step ID follow-up", "9: asked again later; also of a closed one"},
    {"route ID LEVEL", "whose matter it is from now on: store (and --store which), region or company"},
    {"pause ID", "its clocks, of the first answer and of the resolution, stand still: --reason"},
    {"resume ID", "they run again"},
    {"reopen ID", "a closed one is open again, from the first step"},
    {NULL, NULL},
};

static const struct rule rules[] = {
    {"customer phone card", "open", true},
    {"channel level sku topic", "open", false},
    {"text", "open|step|route|reopen", false},
    {"skip-reason", "step", false},
    {"kind cost", "step * compensate", false},
    {"satisfied score", "step * outcome", false},
    {"cause", "step * cause", false},
    {"store", "route * store", false},
    {"reason", "pause", false},
    {"staff at ref", "!show", false},
    {NULL, NULL, false},
};
const struct grammar act_complaint_grammar = {words, rules};

static int act_open(struct call *call) {
    struct draft draft;
    uint64_t customer = 0;
    bool named = call_has(call, "customer") || call_has(call, "phone") || call_has(call, "card");
    int code = named ? ask_whom(call, call_option(call, "customer"), &customer) : 0;
    if (code == 0) code = act_draft(call, &draft, EVENT_complained, named ? SUBJECT_GIVEN : SUBJECT_SELF, customer);
    if (code != 0) return code;
    struct body_complained *body = &draft.event.body.complained;
    if (!call_has(call, "channel"))
        return err_set(&call->error, ERR_INVALID, "channel",
                       "is missing: say how it came, counter, phone, hotline or third-party");
    if (!call_has(call, "text")) return err_set(&call->error, ERR_INVALID, "text", "is missing: say what happened");
    code = act_choice(call, "channel", &choices_channel, &body->channel);
    if (code == 0) code = act_choice(call, "level", &choices_level, &body->level);
    if (body->level == 0 && call->site->config.role == ROLE_HUB) body->level = choice_level_region;
    if (code != 0) return code;
    body->sku = act_word(call, "sku");
    act_seal(&draft, SEALED_complained_topic, call_option(call, "topic"));
    act_seal(&draft, SEALED_complained_text, call_option(call, "text"));
    return act_write(call, &draft, 1, "opened");
}

/* The thread an act belongs to, as this site knows it. */
struct matter {
    struct complaint state;
    uint64_t heads[AFTER_MAX];
    size_t head_count;
};

static int find_matter(struct call *call, struct matter *matter) {
    int code = ask_thread(call, call->argc > 1 ? call->argv[1] : NULL, &matter->state);
    if (code != 0) return code;
    const struct model *model = ask_begin(call);
    matter->head_count = complaint_heads(model, matter->state.id, matter->heads, AFTER_MAX);
    ask_end(call);
    if (matter->head_count > AFTER_MAX) matter->head_count = AFTER_MAX;
    return 0;
}

/* What a complaint is since `from`. */
static const char *become(const struct complaint *state, int64_t from) {
    if (from == state->opened_at) return "opened";
    if (from == state->cycle_at) return "reopened";
    return state->state == COMPLAINT_PAUSED ? "paused" : state->state == COMPLAINT_CLOSED ? "closed" : "resumed";
}

/* An act may be noted late, but not before what it answers: what a complaint is (open, paused, closed) changes in the
 * order of time, an outcome follows all that was done, and a step belongs into the cycle that it is made in. */
static int check_at(struct call *call, const struct complaint *state, const struct event *event) {
    bool step = event->type == EVENT_stepped, outcome = step && event->body.stepped.step == choice_step_outcome;
    bool within = step && state->state != COMPLAINT_CLOSED;
    int64_t from = outcome ? state->last_at : within ? state->cycle_at : state->changed_at;
    char text[40];
    if (event->at == NIL || event->at >= from) return 0;
    return err_set(&call->error, ERR_INVALID, "at", "is before %s, when the complaint was %s",
                   time_format(from, &call->site->zone, text), outcome ? "last acted on" : become(state, from));
}

/* A draft about a thread, after its heads as this site sees them. */
static int matter_draft(struct call *call, const struct matter *matter, enum event_type type, struct draft *draft,
                        struct buf *after) {
    int code = act_draft(call, draft, type, SUBJECT_GIVEN, matter->state.subject);
    for (size_t i = 0; code == 0 && i < matter->head_count; i++)
        list_append_id(&draft->event.after, after, matter->heads[i]);
    return code;
}

/* X2: the order is kept; to leave a step out, or to make one again after a later one, needs a reason and shows. One
 * that was left out may be made up for. */
static int check_order(struct call *call, const struct complaint *state, int64_t step) {
    bool again = step < state->step && (state->left_out >> step & 1) == 0;
    if (step > state->step + 1)
        return err_set(&call->error, ERR_INVALID, "skip-reason",
                       "is missing: the next step is %s; to leave it out say why",
                       choice_word(&choices_step, state->step + 1));
    if (again && state->state != COMPLAINT_CLOSED)
        return err_set(&call->error, ERR_INVALID, "skip-reason",
                       "is missing: %s was made already, and %s after it; to make it again say why",
                       choice_word(&choices_step, step), choice_word(&choices_step, state->step));
    return 0;
}

/* X2, X5, X6: who did it, what was said and done, what was given, what the customer says to it. From the apps all of it
 * is asked. Typed, it may be less, but nothing is closed without the customer's word. In from files, a list of former
 * days, it may be less still; what comes over the line is taken as it is. */
static int check_said(struct call *call, const struct draft *draft) {
    const struct body_stepped *body = &draft->event.body.stepped;
    const char *text = call_option(call, "text");
    bool blank = text == NULL || text[strspn(text, " \t\r\n")] == '\0';
    if (blank && (text != NULL || call->remote))
        return err_set(&call->error, ERR_INVALID, "text", "is missing: say what was said and done");
    if (body->cost != NIL && body->settlement == 0)
        return err_set(&call->error, ERR_INVALID, "kind", "is missing: say what was given for that cost");
    if (body->step == choice_step_outcome && body->satisfied == NIL)
        return err_set(&call->error, ERR_INVALID, "satisfied", "is missing: ask the customer, yes or no");
    if (!call->remote) return 0;
    if (draft->event.actor.data == NULL)
        return err_set(&call->error, ERR_INVALID, "staff", "is missing: say who did it");
    if (body->step == choice_step_compensate && body->settlement == 0)
        return err_set(&call->error, ERR_INVALID, "kind", "is missing: say what was given, or none");
    return 0;
}

static int fill_step(struct call *call, struct body_stepped *body, const struct matter *matter) {
    const char *satisfied = call_option(call, "satisfied");
    if (call->argc < 3) return err_set(&call->error, ERR_USAGE, "step", "say which step, listen to follow-up");
    int code = choice_parse(&choices_step, "step", view_of(call->argv[2]), &body->step, &call->error);
    if (code == 0) code = act_choice(call, "kind", &choices_settlement, &body->settlement);
    if (code == 0 && call_has(call, "cost"))
        code = call_money(call, "cost", view_of(call_option(call, "cost")), &body->cost);
    if (code == 0 && body->cost != NIL && body->cost < 0)
        code = err_set(&call->error, ERR_INVALID, "cost", "is below zero");
    if (code == 0 && call_has(call, "score")) code = call_number(call, "score", 1, 5, NIL, &body->score);
    if (code != 0) return code;
    if (satisfied != NULL && strcmp(satisfied, "yes") != 0 && strcmp(satisfied, "no") != 0)
        return err_set(&call->error, ERR_INVALID, "satisfied", "'%s' is neither yes nor no", satisfied);
    if (satisfied != NULL) body->satisfied = strcmp(satisfied, "yes") == 0;
    body->cause = act_word(call, "cause");
    body->skipped = act_word(call, "skip-reason");
    return body->skipped.data != NULL ? 0 : check_order(call, &matter->state, body->step);
}

/* Which steps a closed one still takes: asking later; and after an outcome that did not satisfy a last offer on the
 * spot, and what the customer says to that (X6). */
static int check_closed(struct call *call, const struct complaint *state) {
    const char *step = call->argc > 2 ? call->argv[2] : "";
    if (state->state != COMPLAINT_CLOSED || strcmp(step, "follow-up") == 0) return 0;
    if (state->satisfied == 0 && strcmp(step, "compensate") == 0) return 0;
    if (state->last_offer && strcmp(step, "outcome") == 0) return 0;
    return err_set(&call->error, ERR_REFUSED, "complaint", "%s is closed; %s`complaint reopen` it first", call->argv[1],
                   state->satisfied == 0 ? "make a last offer with `complaint step … compensate`, or " : "");
}

static int do_step(struct call *call, const struct matter *matter, struct draft *draft) {
    struct body_stepped *body = &draft->event.body.stepped;
    int code = check_closed(call, &matter->state);
    if (code == 0) code = fill_step(call, body, matter);
    if (code == 0) code = check_said(call, draft);
    body->complaint = matter->state.id;
    act_seal(draft, SEALED_stepped_text, call_option(call, "text"));
    return code;
}

/* Another store's name is not known at a store: it may be right. */
static int check_store(struct call *call) {
    const char *store = call_option(call, "store"), *own = call->site->config.store;
    if (call->site->config.role == ROLE_HUB) return ask_known(call, "store");
    if (store != NULL && strcmp(store, own) != 0)
        fprintf(call->err_out, "%s: this book knows store %s only: that there is a store %s is not checked\n",
                call->program->name, own, store);
    return 0;
}

static int do_route(struct call *call, const struct matter *matter, struct draft *draft) {
    struct body_routed *body = &draft->event.body.routed;
    if (call->argc < 3) return err_set(&call->error, ERR_USAGE, "level", "say to whom: store, region or company");
    int code = choice_parse(&choices_level, "level", view_of(call->argv[2]), &body->level, &call->error);
    if (code == 0) code = check_store(call);
    body->complaint = matter->state.id;
    body->store = act_word(call, "store");
    act_seal(draft, SEALED_routed_text, call_option(call, "text"));
    return code;
}

static int do_pause(struct call *call, const struct matter *matter, struct draft *draft) {
    if (!call_has(call, "reason"))
        return err_set(&call->error, ERR_INVALID, "reason", "is missing: say why the clock stops");
    if (matter->state.state != COMPLAINT_OPEN)
        return err_set(&call->error, ERR_REFUSED, "complaint", "%s is %s", call->argv[1],
                       matter->state.state == COMPLAINT_PAUSED ? "paused already" : "closed");
    draft->event.body.paused.complaint = matter->state.id;
    draft->event.body.paused.reason = act_word(call, "reason");
    return 0;
}

static int do_resume(struct call *call, const struct matter *matter, struct draft *draft) {
    if (matter->state.state != COMPLAINT_PAUSED)
        return err_set(&call->error, ERR_REFUSED, "complaint", "%s is not paused", call->argv[1]);
    draft->event.body.resumed.complaint = matter->state.id;
    return 0;
}

static int do_reopen(struct call *call, const struct matter *matter, struct draft *draft) {
    if (matter->state.state != COMPLAINT_CLOSED)
        return err_set(&call->error, ERR_REFUSED, "complaint", "%s is not closed", call->argv[1]);
    draft->event.body.reopened.complaint = matter->state.id;
    act_seal(draft, SEALED_reopened_text, call_option(call, "text"));
    return 0;
}

/* Acts on a complaint that is there; `fill` looks at what it is now. */
static const struct act {
    const char *verb;
    int most; /* arguments, the verb too */
    enum event_type type;
    const char *done;
    int (*fill)(struct call *call, const struct matter *matter, struct draft *draft);
} acts[] = {{"step", 3, EVENT_stepped, "stepped", do_step},
            {"route", 3, EVENT_routed, "routed", do_route},
            {"pause", 2, EVENT_paused, "paused", do_pause},
            {"resume", 2, EVENT_resumed, "resumed", do_resume},
            {"reopen", 2, EVENT_reopened, "reopened", do_reopen}};

static int act_on(struct call *call, const struct act *act) {
    struct matter matter = {.head_count = 0};
    struct draft draft;
    struct buf after = BUF_INIT;
    int code = find_matter(call, &matter);
    if (code == 0) code = matter_draft(call, &matter, act->type, &draft, &after);
    if (code == 0 && !act_repeats(call, &draft, act->done)) {
        code = act->fill(call, &matter, &draft);
        if (code == 0) code = check_at(call, &matter.state, &draft.event);
        if (code == 0) code = act_write(call, &draft, 1, act->done);
    }
    buf_release(&after);
    return code;
}

static int check_most(struct call *call, int most) {
    if (call->argc <= most) return 0;
    return err_set(&call->error, ERR_USAGE, NULL, "%s: there is an argument too many: \"%s\"", call->argv[0],
                   call->argv[most]);
}

int act_complaint(struct call *call) {
    const char *verb = call->argv[0];
    bool open = strcmp(verb, "open") == 0, show = strcmp(verb, "show") == 0;
    if (open || show) {
        int code = check_most(call, open ? 1 : 2);
        return code != 0 ? code : open ? act_open(call) : ask_complaint(call);
    }
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(verb, acts[i].verb) != 0) continue;
        int code = check_most(call, acts[i].most);
        return code != 0 ? code : act_on(call, &acts[i]);
    }
    return err_set(&call->error, ERR_USAGE, NULL,
                   "'%s' is no act on a complaint; use open, show, step, route, pause, resume or reopen", verb);
}
