/* staff, gathering, verify-file: who works here, what was held, whether a file is true (S1, S2, K6). */
#include <sodium.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/command/secret.h"
#include "proto/event/describe.h"
#include "proto/model/about.h"
#include "proto/model/staff.h"
#include "proto/site/accounts.h"

/* ---- staff ---- */

#define OFF "works here no more"
#define FILES_MAX 64 /* of one person */

/* Whose staff it is about; VIEW_NONE: the region's own. */
static struct view own_store(const struct call *call) {
    const struct config *own = &call->site->config;
    return own->role == ROLE_STORE ? view_of(own->store) : VIEW_NONE;
}

/* The latest word on a code of this store, at the hub of the region's own staff. */
static bool find_staff(struct call *call, const char *code, struct staff_state *out) {
    struct view store = own_store(call);
    bool found = false;
    const struct model *model = ask_begin(call);
    for (size_t cursor = 0; !found && model_staff_next(model, &cursor, out);)
        found = view_is(out->code, code) && view_equal(out->store, store);
    ask_end(call);
    return found;
}

/* A change says everything anew, and so the name, too. */
static int write_staff(struct call *call, const struct staff_state *known, int role, bool active, struct draft *draft) {
    struct buf name = BUF_INIT;
    int code = act_draft(call, draft, EVENT_staff, known == NULL ? SUBJECT_SELF : SUBJECT_GIVEN,
                         known == NULL ? 0 : known->subject);
    if (known != NULL) ask_sealed_text(call, known->event, SEALED_staff_name, &name);
    if (call_has(call, "name")) {
        buf_wipe(&name);
        buf_append_view(&name, view_of(call_option(call, "name")));
    }
    if (code == 0) {
        draft->event.body.staff.code = view_of(call->argv[1]);
        draft->event.body.staff.role = role;
        draft->event.body.staff.active = active;
        draft->event.body.staff.keeper = call_has(call, "keeper") ? 1 : NIL;
        if (name.len > 0) event_sealed_set(&draft->event, event_info(EVENT_staff), SEALED_staff_name, buf_view(&name));
        code = site_write(call->site, draft, 1, NULL, 0, NULL, &call->error);
    }
    buf_wipe(&name);
    return code;
}

static int check_code(struct call *call) {
    if (call->argc < 2) return err_set(&call->error, ERR_USAGE, "code", "say whom: staff %s CODE", call->argv[0]);
    struct view code = view_of(call->argv[1]);
    if (code.len == 0) return err_set(&call->error, ERR_INVALID, "code", "is empty");
    if (code.len > ACTOR_MAX) return err_set(&call->error, ERR_LIMIT, "code", "is longer than %d bytes", ACTOR_MAX);
    if (!utf8_valid(code)) return err_set(&call->error, ERR_INVALID, "code", "is not valid UTF-8 text");
    return 0;
}

static int staff_add(struct call *call) {
    struct staff_state known;
    struct draft draft;
    int64_t role = 0;
    int code = check_code(call);
    if (code == 0 && !call_has(call, "role"))
        code =
            err_set(&call->error, ERR_INVALID, "role", "is missing: assistant, manager, desk, region, auditor or it");
    if (code == 0) code = act_choice(call, "role", &choices_role, &role);
    if (code != 0) return code;
    bool found = find_staff(call, call->argv[1], &known);
    code = write_staff(call, found ? &known : NULL, (int)role, true, &draft);
    if (code == 0) act_answer(call, &draft, found ? "changed" : "added", NULL);
    return code;
}

/* Whose custodian she still is (C10). */
static size_t left_behind(struct call *call) {
    const struct model *model = ask_begin(call);
    size_t count = about_in_custody(model, view_of(call->argv[1]), own_store(call), site_now(call->site), NULL, 0);
    ask_end(call);
    return count;
}

static int staff_off(struct call *call) {
    struct staff_state known;
    struct draft draft;
    char text[COUNT_TEXT];
    int code = check_code(call);
    if (code == 0) code = act_draft(call, &draft, EVENT_staff, SUBJECT_GIVEN, 0);
    if (code != 0 || act_repeats(call, &draft, OFF)) return code;
    if (!find_staff(call, call->argv[1], &known))
        return err_set(&call->error, ERR_NOT_FOUND, "code", "there is no '%s' among the staff here", call->argv[1]);
    if (!known.active) return err_set(&call->error, ERR_EXISTS, "code", "'%s' works here no more", call->argv[1]);
    size_t customers = left_behind(call);
    code = write_staff(call, &known, known.role, false, &draft);
    if (code != 0) return code;
    act_answer(call, &draft, OFF, json_pack("{s:I}", "customers", (json_int_t)customers));
    if (!call->json && customers > 0)
        fprintf(call->out, "%s to be handed over: `handover %s` and to whom\n",
                count_format(customers, "customer", text), call->argv[1]);
    return 0;
}

/* A PIN is no event: it stays on this PC, see proto/site/accounts.h. */
static int set_pin(struct call *call, struct view pin) {
    struct accounts *accounts = call->site->accounts;
    struct account account;
    struct view code_view = view_of(call->argv[1]);
    bool there = accounts_find(accounts, code_view, &account);
    enum account_kind kind = account.kind;
    sodium_memzero(&account, sizeof account);
    if (there && kind != ACCOUNT_STAFF)
        return err_set(&call->error, ERR_EXISTS, "code", "'%s' is the name of an account already; `user` changes it",
                       call->argv[1]);
    if (there) return accounts_set_secret(accounts, code_view, pin, &call->error);
    account.kind = ACCOUNT_STAFF;
    view_text(code_view, account.name, sizeof account.name);
    return accounts_add(accounts, &account, pin, &call->error);
}

static int staff_pin(struct call *call) {
    struct staff_state known;
    struct buf pin = BUF_INIT;
    int code = check_code(call);
    if (code != 0) return code;
    if (call->site->config.role == ROLE_HUB)
        return err_set(&call->error, ERR_REFUSED, "code",
                       "a PIN is for a store's PC; here `user add` makes accounts with a password");
    if (!find_staff(call, call->argv[1], &known))
        return err_set(&call->error, ERR_NOT_FOUND, "code", "there is no '%s' among the staff of this store",
                       call->argv[1]);
    if (!known.active) return err_set(&call->error, ERR_REFUSED, "code", "'%s' works here no more", call->argv[1]);
    code = call_secret(call, "pin-file", "pin", &pin);
    if (code == 0) code = secret_check(buf_view(&pin), true, &call->error);
    if (code == 0) code = set_pin(call, buf_view(&pin));
    buf_wipe(&pin);
    if (code != 0) return code;
    if (call->json)
        call_json(call, json_pack("{s:s}", "code", call->argv[1]));
    else
        fprintf(call->out, "%s signs in with the new PIN\n", call->argv[1]);
    return 0;
}

static int act_staff(struct call *call) {
    if (call->argc > 0 && strcmp(call->argv[0], "pin") == 0) return staff_pin(call);
    if (call->argc > 0 && strcmp(call->argv[0], "add") == 0) return staff_add(call);
    if (call->argc > 0 && strcmp(call->argv[0], "off") == 0) return staff_off(call);
    return ask_staff(call);
}

static const struct option staff_options[] = {
    {"quarter", "2026Q4", "which quarter (default: this one)", false},
    {"store", "S", "only this store's", false},
    {"role", "assistant|manager|desk|region|auditor|it", "role", false},
    {"name", "N", "name", false},
    {"keeper", NULL, "keeps the store's files and reviews them monthly", false},
    {"pin-file", "FILE", "its first line is the PIN; default: the standard input, or asked for", false},
    {NULL, NULL, NULL, false},
};
static const struct word staff_words[] = {
    {"add CODE", "works here: --role, --name; said again, it is changed"},
    {"off CODE", "works here no more"},
    {"pin CODE", "signs in to the store app with a PIN of 4 to 12 digits, on this PC"},
    {"sample", "the files that are to be verified in the quarter; `verify-file` says what was found"},
    {NULL, NULL},
};
static const struct rule staff_rules[] = {{"quarter store", "!add|off|pin", false},
                                          {"role name keeper", "add", false},
                                          {"staff at ref", "add|off", false},
                                          {"pin-file", "pin", false},
                                          {NULL, NULL, false}};
static const struct grammar staff_grammar = {staff_words, staff_rules};

/* ---- verify-file ---- */

/* S1: of whom are all the person's files, one that was drawn is enough. What another store's sample is, is not known at
 * a store: that is not said. */
static bool counts_for_nobody(struct call *call, const struct draft *draft) {
    uint64_t members[FILES_MAX];
    const struct zone *zone = &call->site->zone;
    int64_t now = ask_latest(call), at = draft->event.at == NIL ? site_now(call->site) : draft->event.at;
    struct stream_state stream;
    bool drawn = false;
    const struct model *model = ask_begin(call);
    size_t count = model_members(model, draft->event.subject, members, FILES_MAX);
    for (size_t i = 0; i < count && i < FILES_MAX && !drawn; i++) {
        bool known = model_stream(model, id_stream(members[i]), &stream) && stream.store.data != NULL;
        bool others =
            call->site->config.role == ROLE_STORE && (!known || !view_is(stream.store, call->site->config.store));
        drawn = others || staff_drawn(model, zone, members[i], at, at > now ? at : now);
    }
    ask_end(call);
    return !drawn;
}

static int act_verify_file(struct call *call) {
    struct draft draft;
    uint64_t customer;
    const char *valid = call_option(call, "valid");
    bool yes = valid != NULL && strcmp(valid, "yes") == 0, no = valid != NULL && strcmp(valid, "no") == 0;
    if (!yes && !no)
        return err_set(&call->error, ERR_INVALID, "valid", valid == NULL ? "is missing: yes or no" : "takes yes or no");
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_verified, SUBJECT_GIVEN, customer);
    if (code != 0) return code;
    draft.event.body.verified.valid = yes;
    act_seal(&draft, SEALED_verified_findings, call_option(call, "findings"));
    code = site_write(call->site, &draft, 1, NULL, 0, NULL, &call->error);
    if (code != 0) return code;
    bool nobodys = counts_for_nobody(call, &draft);
    act_answer(call, &draft, "verified", json_pack("{s:b}", "counts", !nobodys));
    if (!call->json && nobodys)
        fprintf(call->out, "the file is not in the sample of its store for that quarter (`staff sample`): the contest "
                           "does not count it\n");
    return 0;
}

static const struct option verify_options[] = {
    {"valid", "yes|no", "what is written is true", false},
    {"findings", "T", "what was wrong", false},
    {NULL, NULL, NULL, false},
};

/* ---- gathering ---- */

static int gathering_add(struct call *call) {
    struct draft draft;
    if (call->argc < 2) return err_set(&call->error, ERR_USAGE, "name", "say what it is called: gathering add NAME");
    struct view name = view_of(call->argv[1]);
    if (name.len == 0 || !utf8_valid(name)) return err_set(&call->error, ERR_INVALID, "name", "is no text");
    int code = act_draft(call, &draft, EVENT_gathering, SUBJECT_GIVEN, 0);
    if (code != 0) return code;
    draft.event.body.gathering.name = name;
    const char *cost = call_option(call, "cost");
    if (cost != NULL) code = call_money(call, "cost", view_of(cost), &draft.event.body.gathering.cost);
    if (code == 0 && cost != NULL && draft.event.body.gathering.cost < 0)
        code = err_set(&call->error, ERR_INVALID, "cost", "is negative");
    return code != 0 ? code : act_write(call, &draft, 1, "is held");
}

static int act_gathering(struct call *call) {
    return strcmp(call->argv[0], "add") == 0 ? gathering_add(call) : ask_gatherings(call);
}

static const struct option gathering_options[] = {
    {"cost", "N", "what it cost", false},
    {"year", "Y", "of this year", false},
    {NULL, NULL, NULL, false},
};
static const struct word gathering_words[] = {
    {"add NAME", "is held --at then; whoever comes: contact CUSTOMER --gathering ID"},
    {"list", "what was held, and how many came"},
    {"year", "how many each store held in the year, and how many it should"},
    {"guests ID", "who came to one"},
    {NULL, NULL},
};
static const struct rule gathering_rules[] = {
    {"cost staff at ref", "add", false}, {"year", "list|year", false}, {NULL, NULL, false}};
static const struct grammar gathering_grammar = {gathering_words, gathering_rules};

const struct command act_staff_commands[] = {
    {"staff", "[add CODE --role R | off CODE | pin CODE | sample]",
     "contest of the quarter and figures for appraisal; who works here", NEEDS_SITE, 0, 2, staff_options, act_options,
     BORROWS_NONE, act_staff, &staff_grammar},
    {"verify-file", "CUSTOMER --valid yes|no", "a sampled file was checked with the customer", NEEDS_SITE, 1, 1,
     verify_options, act_options, BORROWS_NONE, act_verify_file, NULL},
    {"gathering", "(add NAME | list | year | guests ID)", "gatherings of customers and who came", NEEDS_SITE, 1, 2,
     gathering_options, act_options, BORROWS_NONE, act_gathering, &gathering_grammar},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
