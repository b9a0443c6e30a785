/* consent, tag, relation, custodian, handover: what is noted of a customer beside the file, at a store or at the
 * region's desk. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/event/describe.h"
#include "proto/model/about.h"

#define HANDED_AT_ONCE 64
#define STAFF_TOLD 8

/* The second event of a command, under the same ref. */
static void second_ref(struct draft *draft, const char *source) {
    if (draft->event.ref.source.data != NULL) draft->event.ref.source = view_of(source);
}

/* By which words what the draft says is checked: those up to its time; where it is not dated, all there are. */
static int64_t said_until(const struct draft *draft) { return draft->event.at == NIL ? INT64_MAX : draft->event.at; }

/* ---- Consent ---- */

static int act_consent(struct call *call) {
    struct draft draft;
    uint64_t customer;
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_consent, SUBJECT_GIVEN, customer);
    if (code != 0) return code;
    if (!call_has(call, "purpose")) return err_set(&call->error, ERR_INVALID, "purpose", "is missing: service or news");
    if (!call_has(call, "given") && !call_has(call, "withdrawn"))
        return err_set(&call->error, ERR_INVALID, "given", "say --given or --withdrawn");
    code = act_choice(call, "purpose", &choices_purpose, &draft.event.body.consent.purpose);
    draft.event.body.consent.given = call_has(call, "given");
    return code != 0 ? code : act_write(call, &draft, 1, call_has(call, "given") ? "consents" : "withdraws consent");
}

/* ---- Tags ---- */

static const char *hint_of(int64_t tag) {
    const struct choice_info *info;
    for (size_t i = 0; (info = choice_at(&choices_tag, i)) != NULL; i++)
        if (info->number == tag) return info->meaning;
    return NULL;
}

static int read_tag(struct call *call, struct draft *draft) {
    const char *label = call_option(call, "label");
    if ((call->argc > 1) == (label != NULL))
        return err_set(&call->error, ERR_INVALID, "tag",
                       "is one of the list (`tags` shows it), or free text by --label");
    if (label == NULL)
        return choice_parse(&choices_tag, "tag", view_of(call->argv[1]), &draft->event.body.tagged.tag, &call->error);
    if (label[strspn(label, " \t\r\n")] == '\0') return err_set(&call->error, ERR_INVALID, "label", "is empty");
    act_seal(draft, SEALED_tagged_label, label);
    return 0;
}

static bool tag_is_on(struct call *call, uint64_t customer, int64_t until, int64_t tag) {
    struct tag_state tags[32];
    bool on = false;
    const struct model *model = ask_begin(call);
    size_t count = about_tags(model, customer, until, tags, 32);
    ask_end(call);
    for (size_t i = 0; i < count && i < 32; i++) on = on || tags[i].tag == tag;
    return on;
}

static int act_tag(struct call *call) {
    struct draft draft;
    uint64_t customer;
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_tagged, SUBJECT_GIVEN, customer);
    if (code == 0) code = read_tag(call, &draft);
    if (code != 0) return code;
    bool off = call_has(call, "remove");
    int64_t tag = draft.event.body.tagged.tag;
    const char *done = off ? "takes the tag off" : "tags her";
    if (act_repeats(call, &draft, done)) return 0;
    if (tag != 0 && off && !tag_is_on(call, customer, said_until(&draft), tag))
        return err_set(&call->error, ERR_REFUSED, "tag", "the customer has no tag %s", call->argv[1]);
    draft.event.body.tagged.on = !off;
    code = act_write(call, &draft, 1, done);
    if (code == 0 && !call->json && !off && tag != 0) fprintf(call->out, "  %s: %s\n", call->argv[1], hint_of(tag));
    return code;
}

/* ---- Relations ---- */

/* What the subject is to the other, who is that to the subject. */
static int64_t mirrored(int64_t relation) {
    return relation == choice_relation_leader     ? choice_relation_follower
           : relation == choice_relation_follower ? choice_relation_leader
                                                  : relation;
}

static int other_customer(struct call *call, uint64_t customer, uint64_t *other) {
    int code = ask_whom(call, call->argv[2], other);
    if (code != 0) {
        if (strcmp(call->error.field, "customer") == 0) snprintf(call->error.field, sizeof call->error.field, "other");
        return code;
    }
    const struct model *model = ask_begin(call);
    bool same = model_person(model, customer) == model_person(model, *other);
    ask_end(call);
    return !same ? 0 : err_set(&call->error, ERR_INVALID, "other", "%s is the same person", call->argv[2]);
}

/* Of two companions one leads; nor does anybody lead herself by way of others. */
static int check_leader(struct call *call, uint64_t customer, uint64_t other, int64_t relation, int64_t until) {
    bool leads = false;
    const struct model *model = ask_begin(call);
    if (relation == choice_relation_leader) leads = about_leads(model, customer, other, until);
    if (relation == choice_relation_follower) leads = about_leads(model, other, customer, until);
    ask_end(call);
    if (!leads) return 0;
    const char *leader = relation == choice_relation_leader ? call->argv[0] : call->argv[2];
    return err_set(&call->error, ERR_REFUSED, "relation", "%s is the leader already; take that back first: --remove",
                   leader);
}

static int act_relation(struct call *call) {
    struct draft drafts[2];
    uint64_t customer, other = 0;
    int64_t relation = 0;
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = choice_parse(&choices_relation, "relation", view_of(call->argv[1]), &relation, &call->error);
    if (code == 0) code = other_customer(call, customer, &other);
    if (code == 0) code = act_draft(call, &drafts[0], EVENT_related, SUBJECT_GIVEN, customer);
    if (code == 0) code = act_draft(call, &drafts[1], EVENT_related, SUBJECT_GIVEN, other);
    bool off = call_has(call, "remove");
    if (code == 0 && !off) code = check_leader(call, customer, other, relation, said_until(&drafts[0]));
    if (code != 0) return code;
    second_ref(&drafts[1], "cli relation other");
    for (int i = 0; i < 2; i++) {
        struct body_related *body = &drafts[i].event.body.related;
        body->other = i == 0 ? other : customer;
        body->relation = i == 0 ? relation : mirrored(relation);
        body->on = !off;
    }
    return act_write(call, drafts, 2, off ? "no longer relates them" : "relates them, either to the other");
}

/* ---- Custodians ---- */

/* Whose employee it is: a store's, by default of this one; of the region's, where the hub is not told. */
static int custody_store(struct call *call, struct view *out) {
    const char *given = call_option(call, "store");
    *out = given != NULL                           ? view_of(given)
           : call->site->config.role == ROLE_STORE ? view_of(call->site->config.store)
                                                   : VIEW_NONE;
    return ask_known(call, "store");
}

/* Where the store has a list of its staff, the code must be on it. */
static int check_staff(struct call *call, const char *field, const char *code, struct view store) {
    struct staff_state staff;
    struct buf known = BUF_INIT;
    size_t cursor = 0, count = 0;
    bool found = false;
    if (*code == '\0' || !utf8_valid(view_of(code)) || strlen(code) > ACTOR_MAX)
        return err_set(&call->error, ERR_INVALID, field, "is no staff code");
    const struct model *model = ask_begin(call);
    while (model_staff_next(model, &cursor, &staff)) {
        if (!staff.active || !view_equal(staff.store, store)) continue;
        found = found || view_is(staff.code, code);
        if (count++ < STAFF_TOLD)
            buf_printf(&known, "%s%.*s", count > 1 ? ", " : "", (int)staff.code.len, (const char *)staff.code.data);
    }
    ask_end(call);
    int result = found || count == 0
                     ? 0
                     : err_set(&call->error, ERR_NOT_FOUND, field, "nobody of the staff has code %s; they are %s%s",
                               code, buf_text(&known), count > STAFF_TOLD ? " …" : "");
    buf_release(&known);
    return result;
}

static int act_custodian(struct call *call) {
    struct draft draft;
    struct view store = VIEW_NONE;
    uint64_t customer;
    bool none = call_has(call, "none");
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0 && (call->argc > 1) == none)
        code = err_set(&call->error, ERR_INVALID, "custodian", "say who: a staff code, or --none");
    if (code == 0) code = custody_store(call, &store);
    if (code == 0 && !none) code = check_staff(call, "custodian", call->argv[1], store);
    if (code == 0) code = act_draft(call, &draft, EVENT_custodian, SUBJECT_GIVEN, customer);
    if (code != 0) return code;
    if (!none) draft.event.body.custodian.staff = view_of(call->argv[1]);
    draft.event.body.custodian.store = view_of(call_option(call, "store"));
    return act_write(call, &draft, 1, none ? "leaves her without custodian" : "gives her a custodian");
}

/* A part of them in one commit. Each has a ref of its own, so that a handing over under one is done once. */
static int hand_over(struct call *call, const uint64_t *persons, size_t count) {
    struct draft *drafts = mem_alloc(count * sizeof *drafts);
    char(*keys)[REF_KEY_MAX + ID_TEXT + 2] = mem_alloc(count * sizeof *keys);
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        char text[ID_TEXT];
        code = act_draft(call, &drafts[i], EVENT_custodian, SUBJECT_GIVEN, persons[i]);
        if (code != 0) break;
        drafts[i].event.body.custodian.staff = view_of(call->argv[1]);
        drafts[i].event.body.custodian.store = view_of(call_option(call, "store"));
        if (drafts[i].event.ref.source.data == NULL) continue;
        snprintf(keys[i], sizeof keys[i], "%s %s", call_option(call, "ref"), id_format(persons[i], text));
        drafts[i].event.ref.key = view_of(keys[i]);
    }
    if (code == 0) code = site_write(call->site, drafts, count, NULL, 0, NULL, &call->error);
    free(drafts);
    free(keys);
    return code;
}

static int tell_handed(struct call *call, size_t done, size_t left) {
    char text[COUNT_TEXT];
    call_progress_end(call);
    if (call->json)
        call_json(call, json_pack("{s:s, s:s, s:I, s:I}", "from", call->argv[0], "to", call->argv[1], "customers",
                                  (json_int_t)done, "left", (json_int_t)left));
    else
        fprintf(call->out, "%s handed over from %s to %s\n", count_format(done, "customer", text), call->argv[0],
                call->argv[1]);
    return 0;
}

/* Whoever is the former's at that time. What is done already is not any more, so running it again goes on where it
 * stopped. */
static int act_handover(struct call *call) {
    struct draft dated;
    struct view from = view_of(call->argv[0]), store;
    int code = custody_store(call, &store);
    if (code == 0) code = check_staff(call, "to", call->argv[1], store);
    if (code == 0 && strcmp(call->argv[0], call->argv[1]) == 0)
        code = err_set(&call->error, ERR_INVALID, "to", "both are %s", call->argv[1]);
    if (code == 0) code = act_draft(call, &dated, EVENT_custodian, SUBJECT_GIVEN, 0);
    if (code != 0) return code;
    int64_t at = dated.event.at == NIL ? site_now(call->site) : dated.event.at;
    const struct model *model = ask_begin(call);
    size_t count = about_in_custody(model, from, store, at, NULL, 0);
    uint64_t *persons = mem_alloc((count + 1) * sizeof *persons);
    size_t now = about_in_custody(model, from, store, at, persons, count), done = 0;
    ask_end(call);
    if (now < count) count = now;
    for (size_t part; code == 0 && done < count && !call_cancelled(call); done += part) {
        part = count - done < HANDED_AT_ONCE ? count - done : HANDED_AT_ONCE;
        code = hand_over(call, persons + done, part);
        if (code != 0) break;
        call_progress(call, "handing over", done + part, count);
    }
    free(persons);
    return code != 0 ? code : tell_handed(call, done, count - done);
}

static const struct option consent_options[] = {
    {"purpose", "service|news", "for what", false},
    {"given", NULL, "the customer consents", false},
    {"withdrawn", NULL, "the customer withdraws it", false},
    {NULL, NULL, NULL, false},
};
static const struct option tag_options[] = {
    {"label", "TEXT", "a free tag", false},
    {"remove", NULL, "take it off", false},
    {NULL, NULL, NULL, false},
};
static const struct option relation_options[] = {{"remove", NULL, "it is no longer so", false},
                                                 {NULL, NULL, NULL, false}};
static const struct option custodian_options[] = {
    {"store", "S", "of which store the employee is (default: this one; at the hub, the region's own staff)", false},
    {"none", NULL, "nobody any more", false},
    {NULL, NULL, NULL, false},
};
static const struct option handover_options[] = {
    {"store", "S", "of which store both are (default: this one; at the hub, the region's own staff)", false},
    {NULL, NULL, NULL, false},
};

static const struct rule consent_rules[] = {{"given withdrawn", NULL, true}, {NULL, NULL, false}};
static const struct grammar consent_grammar = {NULL, consent_rules};

const struct command act_file_commands[] = {
    {"consent", "ID --purpose service|news (--given | --withdrawn)", "note a consent, or that it is withdrawn",
     NEEDS_SITE, 1, 1, consent_options, act_options, BORROWS_NONE, act_consent, &consent_grammar},
    {"tag", "ID (TAG | --label TEXT) [--remove]", "put a tag on a customer, or take it off; `tags` lists them",
     NEEDS_SITE, 1, 2, tag_options, act_options, BORROWS_NONE, act_tag, NULL},
    {"relation", "ID (family | companion | leader | follower) OTHER [--remove]",
     "what another customer is to this one; the other's file says the reverse", NEEDS_SITE, 3, 3, relation_options,
     act_options, BORROWS_NONE, act_relation, NULL},
    {"custodian", "ID (STAFF | --none)", "who of the staff owns the relation", NEEDS_SITE, 1, 2, custodian_options,
     act_options, BORROWS_NONE, act_custodian, NULL},
    {"handover", "STAFF STAFF", "hand all customers of one of the staff over to another", NEEDS_SITE, 2, 2,
     handover_options, act_options, BORROWS_NONE, act_handover, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
