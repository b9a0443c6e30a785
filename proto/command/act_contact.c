/* contact, promise: what was said to whom and promised (K1–K3, K5, K6, K8), by a store, or by the region's desk. */
#include <string.h>

#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/event/describe.h"
#include "proto/model/about.h"

/* Reads an event of a type, known here; `field` names the argument it came from. Its views borrow from `frame`. */
static int read_named(struct call *call, const char *field, const char *written, enum event_type type,
                      struct event *out, uint64_t *id, struct buf *frame) {
    struct record record;
    int code = call_id(call, field, written, id);
    if (code != 0) return code;
    const struct event_info *info = event_info((uint16_t)type);
    bool there = log_get_id(call->site->log, *id, &record, frame, NULL) == 0 &&
                 event_decode(record.frame, out, NULL) == EVENT_GOOD && out->type == type;
    if (there) return 0;
    return err_set(&call->error, ERR_NOT_FOUND, field, "there is no event '%s' %s here", info->name, written);
}

/* ---- contact ---- */

/* The customer whom a follow-up is about; 0: what it comes from is not known here. */
static uint64_t customer_of(struct call *call, const struct followup *f) {
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    uint64_t customer = f->person;
    bool read = f->cause != 0 && log_get_id(call->site->log, f->cause, &record, &frame, NULL) == 0 &&
                event_decode(record.frame, &event, NULL) == EVENT_GOOD;
    if (read && f->kind == FOLLOWUP_NEWCOMER)
        customer = event.type == EVENT_referred ? event.body.referred.newcomer : 0;
    else if (read)
        customer = model_subject(&event, f->cause, EVENT_GOOD);
    buf_release(&frame);
    return customer;
}

static int check_answers(struct call *call, uint64_t customer, struct view answers) {
    struct followup named;
    const char *written = call_option(call, "answers");
    if (answers.data == NULL) return 0;
    if (!followup_parse(answers, &named))
        return err_set(&call->error, ERR_INVALID, "answers",
                       "'%s' is no follow-up; `followups` lists them, like thank:12-845", written);
    uint64_t whose = customer_of(call, &named);
    const struct model *model = ask_begin(call);
    bool hers = whose != 0 && model_person(model, whose) == model_person(model, customer);
    ask_end(call);
    return hers
               ? 0
               : err_set(&call->error, ERR_NOT_FOUND, "answers", "%s has no follow-up %s here", call->argv[0], written);
}

static int name_gathering(struct call *call, struct body_contacted *body) {
    struct buf frame = BUF_INIT;
    struct event event;
    const char *written = call_option(call, "gathering");
    int code =
        written == NULL ? 0 : read_named(call, "gathering", written, EVENT_gathering, &event, &body->gathering, &frame);
    buf_release(&frame);
    if (code != 0 || written == NULL) return code;
    if (body->kind == 0) body->kind = choice_contact_kind_gathering;
    if (body->kind == choice_contact_kind_gathering) return 0;
    return err_set(&call->error, ERR_INVALID, "kind", "is gathering for whoever attends one");
}

static int fill_contact(struct call *call, struct draft *draft) {
    struct body_contacted *body = &draft->event.body.contacted;
    if (!call_has(call, "kind") && !call_has(call, "gathering"))
        return err_set(&call->error, ERR_INVALID, "kind",
                       "is missing: call, sms, message, visit, letter, gift or gathering");
    body->purpose = act_word(call, "purpose");
    if (body->purpose.data == NULL) return err_set(&call->error, ERR_INVALID, "purpose", "is missing: say what for");
    int code = act_choice(call, "kind", &choices_contact_kind, &body->kind);
    if (code == 0) code = act_choice(call, "outcome", &choices_outcome, &body->outcome);
    if (code == 0) code = act_choice(call, "matter", &choices_level, &body->matter);
    if (code == 0) code = call_number(call, "satisfaction", 1, 5, NIL, &body->satisfaction);
    if (code == 0) code = call_number(call, "minutes", 1, 1440, NIL, &body->minutes);
    if (code == 0) code = name_gathering(call, body);
    body->answers = act_word(call, "answers");
    if (code == 0) code = check_answers(call, draft->event.subject, body->answers);
    if (code == 0 && body->matter != 0 && !call_has(call, "note"))
        code = err_set(&call->error, ERR_INVALID, "note", "is missing: say what is the %s's matter",
                       call_option(call, "matter"));
    act_seal(draft, SEALED_contacted_note, call_option(call, "note"));
    return code;
}

/* A promise is made at the contact, whenever that is noted. */
static int check_due(struct call *call, const char *option, const struct draft *made, int64_t due) {
    int64_t when = made->event.at == NIL ? site_now(call->site) : made->event.at;
    if (due >= when) return 0;
    return err_set(&call->error, ERR_INVALID, option, "'%s' was over when it was promised%s", call_option(call, option),
                   made->event.at == NIL ? "; say with --at when that was" : "");
}

static int act_contact(struct call *call) {
    struct draft drafts[2];
    uint64_t customer;
    bool promise = call_has(call, "promise-by");
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &drafts[0], EVENT_contacted, SUBJECT_GIVEN, customer);
    if (code == 0) code = fill_contact(call, &drafts[0]);
    if (code == 0 && promise) {
        struct body_promised *body = &drafts[1].event.body.promised;
        code = act_draft(call, &drafts[1], EVENT_promised, SUBJECT_GIVEN, customer);
        if (code == 0) code = call_time(call, "promise-by", true, NIL, &body->due);
        if (code == 0) code = check_due(call, "promise-by", &drafts[0], body->due);
        if (code == 0) act_seal(&drafts[1], SEALED_promised_text, call_option(call, "note"));
        if (code == 0 && drafts[1].event.ref.source.data != NULL)
            drafts[1].event.ref.source = view_of("cli contact promise");
    }
    return code != 0 ? code : act_write(call, drafts, promise ? 2 : 1, "noted");
}

static const struct option contact_options[] = {
    {"kind", "call|sms|message|visit|letter|gift|gathering", "how", false},
    {"purpose", "P", "what for", false},
    {"answers", "FOLLOWUP", "the follow-up it answers", false},
    {"outcome", "reached|not-reached|wrong-number|declined", "what came of it", false},
    {"satisfaction", "1-5", "how satisfied the customer is", false},
    {"minutes", "N", "how long it took", false},
    {"note", "TEXT", "findings", false},
    {"matter", "store|region|company", "whose matter the findings are (default: store)", false},
    {"gathering", "ID", "attended this gathering", false},
    {"promise-by", "DATE", "something was promised by then", false},
    {NULL, NULL, NULL, false},
};

/* ---- promise ---- */

static int promise_add(struct call *call) {
    struct draft draft;
    uint64_t customer;
    if (call->argc < 2) return err_set(&call->error, ERR_USAGE, "customer", "say whom: promise add CUSTOMER");
    if (!call_has(call, "by")) return err_set(&call->error, ERR_INVALID, "by", "is missing: say by when");
    const char *text = call_option(call, "text");
    if (text == NULL || *text == '\0')
        return err_set(&call->error, ERR_INVALID, "text", "is missing: say what was promised");
    int code = ask_whom(call, call->argv[1], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_promised, SUBJECT_GIVEN, customer);
    if (code == 0) code = call_time(call, "by", true, NIL, &draft.event.body.promised.due);
    if (code == 0) code = check_due(call, "by", &draft, draft.event.body.promised.due);
    if (code != 0) return code;
    act_seal(&draft, SEALED_promised_text, text);
    return act_write(call, &draft, 1, "promised");
}

/* In the writer's turn: a promise is kept once. */
static int settle_keeping(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    struct call *call = draft->context;
    uint64_t id = draft->event.body.promised.keeps;
    char text[ID_TEXT];
    const struct model *model = ask_begin(call);
    bool taken_back = model_voided(model, id), open = about_promise_open(model, draft->event.subject, id);
    ask_end(call);
    if (open) return 0;
    return err_set(err, taken_back ? ERR_REFUSED : ERR_EXISTS, "promise",
                   taken_back ? "promise %s was taken back" : "promise %s is kept already", id_format(id, text));
}

/* Named by its id, or as the follow-up it is: promise:12-845. */
static int promise_keep(struct call *call) {
    struct buf frame = BUF_INIT;
    struct event promise = {.type = EVENT_promised};
    struct draft draft;
    uint64_t id = 0;
    if (call->argc < 2) return err_set(&call->error, ERR_USAGE, "promise", "say which: promise keep PROMISE");
    const char *written = call->argv[1];
    if (strncmp(written, "promise:", 8) == 0) written += 8;
    int code = read_named(call, "promise", written, EVENT_promised, &promise, &id, &frame);
    if (code == 0 && promise.body.promised.keeps != 0)
        code = err_set(&call->error, ERR_INVALID, "promise", "%s says that one was kept, and is none itself", written);
    if (code == 0) code = act_draft(call, &draft, EVENT_promised, SUBJECT_GIVEN, promise.subject);
    if (code == 0) {
        draft.event.body.promised.due = promise.body.promised.due;
        draft.event.body.promised.keeps = id;
        draft.settle = settle_keeping;
        draft.context = call;
        code = act_write(call, &draft, 1, "keeps the promise");
    }
    buf_release(&frame);
    return code;
}

static int act_promise(struct call *call) {
    const char *word = call->argv[0];
    if (strcmp(word, "add") == 0) return promise_add(call);
    if (strcmp(word, "keep") == 0) return promise_keep(call);
    if (strcmp(word, "list") == 0 && call->argc == 1) return ask_promises(call);
    return err_set(&call->error, ERR_USAGE, NULL, "'%s' is none of add, keep and list", word);
}

static const struct option promise_options[] = {
    {"by", "DATE", "by when", false},
    {"text", "T", "what was promised", false},
    {"all", NULL, "also those kept of late", false},
    {NULL, NULL, NULL, false},
};
static const struct word promise_words[] = {
    {"add CUSTOMER", "something was promised: --by when, --text what"},
    {"keep PROMISE", "it was done; until then it is listed"},
    {"list", "what is open, overdue ones first"},
    {NULL, NULL},
};
static const struct rule promise_rules[] = {
    {"by text", "add", false}, {"all", "list", false}, {"at ref", "add|keep", false}, {NULL, NULL, false}};
static const struct grammar promise_grammar = {promise_words, promise_rules};

const struct command act_contact_commands[] = {
    {"contact", "CUSTOMER --kind K --purpose P", "note a contact", NEEDS_SITE, 1, 1, contact_options, act_options,
     BORROWS_NONE, act_contact, NULL},
    {"promise", "(add CUSTOMER --by DATE --text T | keep PROMISE | list)", "what was promised, until it is kept",
     NEEDS_SITE, 1, 2, promise_options, act_options, BORROWS_NONE, act_promise, &promise_grammar},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
