/* redeem, benefit, package: what a customer is given for coming again. */
#include <stdlib.h>
#include <string.h>

#include "node/commands_loyalty.h"
#include "proto/base/money.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/ask_loyalty.h"
#include "proto/event/describe.h"
#include "proto/model/packages.h"
#include "proto/model/points.h"
#include "proto/model/tiers.h"

#define POINTS_MAX 1000000000 /* events.def */
#define SESSIONS_MAX 1000

/* ---- redeem ---- */

struct redeeming {
    struct call *call;
    char tier[TIER_NAME_MAX + 1];
};

/* The tier shown at the counter. */
static void note_tier(const struct model *model, const struct zone *zone, uint64_t customer, int64_t at,
                      struct redeeming *redeeming) {
    struct tier_table table;
    struct tier_standing standing;
    uint64_t person = model_person(model, customer);
    tier_table_read(model, at, &table);
    tiers_of(model, zone, at, &table, &person, 1, &standing);
    int tier = tier_shown(&standing);
    snprintf(redeeming->tier, sizeof redeeming->tier, "%s", tier == TIER_NO ? "" : table.tiers[tier].name);
}

/* In the writer's turn, so that nobody spends the same points at two tills. What was redeemed some time ago is held
 * against the balance of then and of now. */
static int settle_redemption(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    struct redeeming *redeeming = draft->context;
    struct call *call = redeeming->call;
    struct body_redeemed *body = &draft->event.body.redeemed;
    struct points now = {0}, then = {0};
    char text[ID_TEXT];
    int64_t at = draft->event.at == NIL ? site_now(call->site) : draft->event.at;
    const struct model *model = ask_begin(call);
    points_of(model, draft->event.subject, TIME_NONE, &now);
    points_of(model, draft->event.subject, at, &then);
    note_tier(model, &call->site->zone, draft->event.subject, at, redeeming);
    ask_end(call);
    int64_t balance = then.balance < now.balance ? then.balance : now.balance;
    if (body->points > balance)
        return err_set(err, ERR_REFUSED, "points", "customer %s has %lld points, not %lld",
                       id_format(draft->event.subject, text), (long long)balance, (long long)body->points);
    body->balance = balance < POINTS_MAX ? balance : POINTS_MAX;
    body->tier = redeeming->tier[0] == '\0' ? VIEW_NONE : view_of(redeeming->tier);
    return 0;
}

int node_redeem(struct call *call) {
    struct draft draft;
    struct redeeming redeeming = {.call = call};
    uint64_t customer;
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_redeemed, SUBJECT_GIVEN, customer);
    if (code != 0) return code;
    struct body_redeemed *body = &draft.event.body.redeemed;
    if (decimal_parse(view_of(call->argv[1]), 0, MONEY_EXACT, POINTS_MAX, &body->points, NULL) != 0 || body->points < 1)
        return err_set(&call->error, ERR_INVALID, "points", "'%s' is no number of points from 1 to %d", call->argv[1],
                       POINTS_MAX);
    draft.settle = settle_redemption;
    draft.context = &redeeming;
    return act_write(call, &draft, 1, "redeemed");
}

/* ---- benefit ---- */

int node_benefit(struct call *call) {
    struct draft draft;
    uint64_t customer;
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_benefit, SUBJECT_GIVEN, customer);
    if (code != 0) return code;
    struct body_benefit *body = &draft.event.body.benefit;
    if (!call_has(call, "kind"))
        return err_set(&call->error, ERR_INVALID, "kind", "is missing: birthday, festival, coupon or tier");
    code = act_choice(call, "kind", &choices_benefit_kind, &body->kind);
    if (code == 0 && call_has(call, "cost"))
        code = call_money(call, "cost", view_of(call_option(call, "cost")), &body->cost);
    if (code == 0 && body->cost != NIL && body->cost < 0)
        code = err_set(&call->error, ERR_INVALID, "cost", "is below zero");
    if (code != 0) return code;
    act_seal(&draft, SEALED_benefit_note, call_option(call, "note"));
    return act_write(call, &draft, 1, "given");
}

/* ---- package ---- */

struct using {
    struct call *call;
    uint64_t customer;
};

static int find_package(const struct package *all, size_t count, const struct body_package_used *body,
                        const struct package **out, struct err *err) {
    char text[ID_TEXT];
    *out = NULL;
    for (size_t i = 0; i < count; i++)
        if (all[i].sale == body->sale && view_equal(view_of(all[i].sku), body->sku)) *out = &all[i];
    if (*out != NULL) return 0;
    return err_set(err, ERR_NOT_FOUND, "sale", "%s sold no package %.*s to this customer", id_format(body->sale, text),
                   (int)body->sku.len, (const char *)body->sku.data);
}

static int check_use(const struct using *using, const struct package *package, const struct draft *draft,
                     struct err *err) {
    char when[40];
    struct call *call = using->call;
    int64_t at = draft->event.at == NIL ? site_now(call->site) : draft->event.at;
    if (at < package->time) return err_set(err, ERR_INVALID, "at", "is before the package was bought");
    if (at > package->expires)
        return err_set(err, ERR_REFUSED, "sale", "the package was to be used by %s",
                       date_format(zone_date(&call->site->zone, package->expires), when));
    if (draft->event.body.package_used.sessions > package->left)
        return err_set(err, ERR_REFUSED, "sessions", "%lld of %lld sessions are left", (long long)package->left,
                       (long long)package->bought);
    return 0;
}

/* In the writer's turn: the last session is not used twice. */
static int settle_use(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    const struct using *using = draft->context;
    struct call *call = using->call;
    struct package *all = NULL;
    const struct package *package = NULL;
    size_t count = 0;
    const struct model *model = ask_begin(call);
    int code = packages_of(model, &call->site->zone, using->customer, TIME_NONE, &all, &count, err);
    ask_end(call);
    if (code == 0) code = find_package(all, count, &draft->event.body.package_used, &package, err);
    if (code == 0 && package != NULL) code = check_use(using, package, draft, err);
    free(all);
    return code;
}

static int use_package(struct call *call, uint64_t customer) {
    struct draft draft;
    struct using using = {call, customer};
    int code = act_draft(call, &draft, EVENT_package_used, SUBJECT_GIVEN, customer);
    if (code != 0) return code;
    struct body_package_used *body = &draft.event.body.package_used;
    if (!call_has(call, "sale"))
        return err_set(&call->error, ERR_INVALID, "sale", "is missing: the ID of the sale, see `package list`");
    body->sku = act_word(call, "sku");
    if (body->sku.data == NULL) return err_set(&call->error, ERR_INVALID, "sku", "is missing: which package");
    code = call_id(call, "sale", call_option(call, "sale"), &body->sale);
    if (code == 0) code = call_number(call, "sessions", 1, SESSIONS_MAX, 1, &body->sessions);
    if (code != 0) return code;
    act_seal(&draft, SEALED_package_used_note, call_option(call, "note"));
    draft.settle = settle_use;
    draft.context = &using;
    return act_write(call, &draft, 1, "used");
}

int node_package(struct call *call) {
    uint64_t customer;
    if (strcmp(call->argv[0], "list") == 0) return ask_packages(call);
    if (strcmp(call->argv[0], "use") != 0)
        return err_set(&call->error, ERR_USAGE, "package", "'%s' is neither use nor list", call->argv[0]);
    int code = ask_whom(call, call->argv[1], &customer);
    return code == 0 ? use_package(call, customer) : code;
}

/* ---- What the table of commands_sale.c says of them ---- */

const struct option node_benefit_options[] = {
    {"kind", "birthday|festival|coupon|tier", "which", false},
    {"cost", "N", "what it cost the store", false},
    {"note", "T", "what it was", false},
    {NULL, NULL, NULL, false},
};
const struct option node_package_options[] = {
    {"sale", "ID", "the sale of the package", false},
    {"sku", "S", "the package", false},
    {"sessions", "N", "how many (default: 1)", false},
    {"note", "T", "the care log", false},
    {"as-of", "DATE", "as it was at the end of that day (default: now)", false},
    {NULL, NULL, NULL, false},
};
static const struct word package_words[] = {
    {"use ID", "a session was given: --sale, --sku, --sessions, --note"},
    {"list ID", "what was bought, used, is left, and until when"},
    {NULL, NULL},
};
static const struct rule package_rules[] = {
    {"sale sku sessions note", "use", false},
    {"staff at ref", "use", false},
    {"as-of", "list", false},
    {NULL, NULL, false},
};
const struct grammar node_package_grammar = {package_words, package_rules};
