#include "proto/api/routes.h"

#include <string.h>

#include "proto/command/export.h"
#include "proto/command/parse.h"

#define A MAY(assistant)
#define M MAY(manager)
#define D MAY(desk)
#define R MAY(region)
#define U MAY(auditor)
#define I MAY(it)
#define T MAY(till)
#define ALL MAY_ANY
#define P ROUTE_PERSONAL
#define LIST ROUTE_LIST
#define NEW ROUTE_CREATES
#define KEPT ROUTE_RECORDED
#define OPEN (ROUTE_OPEN | ROUTE_QUICK)
#define OF_STORE ROUTE_OF_STORE
#define MINDS ROUTE_MINDS
#define COMMON ROUTE_COMMON
#define READ(path, words, roles, flags)                                                                                \
    { HTTP_GET, path, words, roles, flags, NULL, NULL }
#define DO(path, words, roles, flags)                                                                                  \
    { HTTP_POST, path, words, roles, flags, NULL, NULL }

/* What stays on the command line: init, serve, restore and recover are about a directory that nobody serves, backup
 * writes a directory of this PC, rebuild is for whoever doubts the program, sync is what serve does anyway. */
const struct route routes[] = {
    /* ---- Who asks, and what is served ---- */
    {HTTP_GET, "/site", NULL, 0, OPEN, "which program this is, of which region or store", own_site},
    {HTTP_GET, "/health", NULL, 0, OPEN, "whether it runs", own_health},
    {HTTP_GET, "/session", NULL, ALL, ROUTE_QUICK | COMMON, "who is signed in", own_session},
    {HTTP_POST, "/session", NULL, 0, ROUTE_OPEN, "sign in; the answer sets a cookie", own_sign_in},
    {HTTP_DELETE, "/session", NULL, 0, OPEN, "sign out", own_sign_out},
    {HTTP_GET, "/changes", NULL, ALL, ROUTE_QUICK | MINDS,
     "server-sent events: tip when the log has grown, status when the line has changed", own_changes},
    {HTTP_GET, "/openapi.json", NULL, 0, OPEN, "this document", own_openapi},
    READ("/status", "status", ALL, 0),
    READ("/digest", "digest", R | U | I, OF_STORE),
    DO("/verify", "verify", M | U | I, 0),
    READ("/log", "log", U | I, P | LIST),
    READ("/rules", "rules", ALL, COMMON),
    READ("/tags", "tags", ALL, LIST | COMMON),

    /* ---- Customers ---- */
    READ("/customers", "search {text}", A | M | D | R | T, P | LIST | ROUTE_SOON | MINDS),
    READ("/customers/{id}", "customer {id}", A | M | D | R | T, P | MINDS),
    READ("/customers/{id}/recall", "recall {id}", A | M | D | T, P | ROUTE_QUICK | ROUTE_KEPT | MINDS),
    {HTTP_GET, "/recall", "recall", A | M | D | T, P | ROUTE_QUICK | ROUTE_KEPT | MINDS,
     "the same card, of whom a telephone number or card names", NULL},
    READ("/customers/{id}/fields", "fields {id}", A | M | D | R, P | LIST | MINDS),
    READ("/customers/{id}/points", "points {id}", A | M | D | R | T, P | MINDS),
    READ("/customers/{id}/packages", "packages {id}", A | M | D | R | T, P | LIST | MINDS),
    {HTTP_GET, "/customers/{id}/benefits", "benefits {id}", A | M | D | R | T, P | LIST | MINDS,
     "what one customer was given: discounts, gifts, coupons, benefits of tiers", NULL},
    DO("/customers", "register", A | M | T, P | NEW),
    {HTTP_PATCH, "/customers/{id}", "update {id}", A | M | D, P, NULL, NULL},
    DO("/customers/{id}/contacts", "contact {id}", A | M | D, P | NEW),
    DO("/customers/{id}/consents", "consent {id}", A | M | D, P | NEW),
    DO("/customers/{id}/tags", "tag {id} {tag?}", A | M | D, P | NEW),
    DO("/customers/{id}/relations", "relation {id} {kind} {other}", A | M | D, P | NEW),
    DO("/customers/{id}/custodian", "custodian {id} {custodian?}", M | D, P | NEW),
    DO("/customers/{id}/grants", "grant {id} {tier?}", M | R, P | NEW),
    DO("/customers/{id}/left", "left {id}", A | M | D, P | NEW),
    DO("/customers/{id}/benefits", "benefit {id}", A | M | T, P | NEW),
    DO("/customers/{id}/redemptions", "redeem {id} {points}", A | M | T, P | NEW),
    DO("/customers/{id}/sessions", "package use {id}", A | M | T, P | NEW),
    DO("/customers/{id}/checks", "verify-file {id}", M, P | NEW),
    DO("/customers/{id}/erase", "erase {id}", R, P),
    {HTTP_GET, "/points", "points", M | D | R | U, P | LIST, "everybody's points", NULL},
    {HTTP_GET, "/packages", "packages", M | D | R | U, P | LIST, "everybody's packages and the sessions that are left",
     NULL},
    READ("/duplicates", "duplicates", M | D | R, P | LIST),
    DO("/links", "link {a} {b}", D | R, P | NEW),
    DO("/unlinks", "unlink {a} {b}", D | R, P | NEW),
    DO("/handovers", "handover {from} {to}", M | D, NEW),
    DO("/reviews", "review", M, NEW),

    /* ---- Goods ---- */
    {HTTP_GET, "/purchases", "purchases", A | M | D | R | U, P | LIST | OF_STORE,
     "the sales that were made, the latest first; of one customer, of nobody (as CSV: a row a line of goods)", NULL},
    DO("/purchases", "purchase", A | M | T, P | NEW),
    DO("/returns", "return {purchase?}", A | M | T, P | NEW),
    {HTTP_POST, "/purchases/{id}/returns", "return {id}", A | M | T, P | NEW, "take goods of this purchase back", NULL},
    DO("/purchases/{id}/customer", "attribute {id} {customer?}", A | M, P | NEW),
    DO("/events/{id}/void", "void {id}", M | D, P | NEW),

    /* ---- Complaints ---- */
    READ("/complaints", "complaints", A | M | D | R | U, P | LIST | OF_STORE),
    {HTTP_GET, "/complaints/{id}", "complaint show {id}", A | M | D | R | U, P | MINDS,
     "one complaint: its state, and what was said and done so far, by whom", NULL},
    {HTTP_POST, "/complaints", "complaint open", A | M | D | T, P | NEW, "open a complaint", NULL},
    {HTTP_POST, "/complaints/{id}/steps/{step}", "complaint step {id} {step}", A | M | D, P | NEW,
     "take a complaint through one of the nine steps, from listen to follow-up", NULL},
    {HTTP_POST, "/complaints/{id}/route", "complaint route {id} {level}", M | D, P | NEW,
     "make a complaint the matter of a store, the region or the company", NULL},
    {HTTP_POST, "/complaints/{id}/pause", "complaint pause {id}", A | M | D, P | NEW,
     "let the clock of a complaint's first answer stand still", NULL},
    {HTTP_POST, "/complaints/{id}/resume", "complaint resume {id}", A | M | D, P | NEW,
     "let the clock of a complaint run again", NULL},
    {HTTP_POST, "/complaints/{id}/reopen", "complaint reopen {id}", M | D, P | NEW,
     "open a closed complaint again, from the first step", NULL},
    READ("/alerts", "alerts", A | M | D | R | U, LIST),

    /* ---- The day ---- */
    READ("/followups", "followups", A | M | D | R, P | LIST | OF_STORE),
    READ("/findings", "findings", A | M | D | R, P | LIST | OF_STORE),
    {HTTP_GET, "/promises", "promise list", A | M | D | R, P | LIST, "what was promised and is not kept yet", NULL},
    {HTTP_POST, "/promises", "promise add {customer}", A | M | D, P | NEW, "promise a customer something by a day",
     NULL},
    {HTTP_POST, "/promises/{id}/keep", "promise keep {id}", A | M | D, P | NEW, "a promise was kept", NULL},
    DO("/marks", "mark {kind}", A | M, NEW),
    {HTTP_GET, "/gatherings", "gathering list", A | M | D | R, LIST, "the gatherings that were held", NULL},
    {HTTP_GET, "/gatherings/year", "gathering year", M | D | R, LIST,
     "how many gatherings each store held in a year, of how many it should", NULL},
    {HTTP_GET, "/gatherings/{id}/guests", "gathering guests {id}", A | M | D | R, P | LIST, "who came to a gathering",
     NULL},
    {HTTP_POST, "/gatherings", "gathering add {name}", M | R, NEW, "note a gathering of customers", NULL},
    READ("/monthly", "monthly", M | D | R, P | LIST | OF_STORE),

    /* ---- Who is worth what ---- */
    READ("/vip", "vip", A | M | D | R | U, P | LIST | ROUTE_KEPT | OF_STORE),
    READ("/pyramid", "pyramid", M | D | R | U, P | ROUTE_KEPT | OF_STORE),
    READ("/rfm", "rfm", M | D | R | U, LIST | ROUTE_KEPT),
    READ("/segments", "segments", M | D | R | U, P | LIST | ROUTE_KEPT),
    READ("/benefits", "benefits", M | D | R | U, P | LIST | OF_STORE),
    READ("/reports/{kind}", "report {kind}", M | D | R | U, P | LIST | OF_STORE),
    {HTTP_GET, "/staff", "staff", A | M | D | R | U, LIST | OF_STORE,
     "contest of the quarter and figures for appraisal, of all who work here", NULL},
    {HTTP_GET, "/staff/sample", "staff sample", M | R | U, P | LIST | OF_STORE,
     "the files of the quarter that are to be checked with their customers", NULL},
    {HTTP_PUT, "/staff/{code}", "staff add {code}", M | R, 0, "take an employee in, or change their name or role",
     NULL},
    {HTTP_DELETE, "/staff/{code}", "staff off {code}", M | R, 0, "an employee works here no more", NULL},

    /* ---- The region ---- */
    READ("/stores", "stores", D | R | U | I, LIST),
    DO("/stores/{store}/revoke", "revoke {store}", I, 0),
    DO("/stores/{store}/clock", "clock {store}", I, NEW),
    READ("/policy", "policy", ALL, LIST | COMMON),
    {HTTP_PUT, "/policy", "policy", R, 0, "set figures and lists of the region, from now or a later day on", NULL},
    {HTTP_POST, "/policy/preview", "replay {kind} --policy=-", R, P | LIST | ROUTE_PREVIEW,
     "a list as it would be under another policy", NULL},
    {HTTP_POST, "/policy/preview/reports/{kind}", "replay report {kind} --policy=-", R, P | LIST | ROUTE_PREVIEW,
     "a report as it would be under another policy", NULL},
    {HTTP_GET, "/replay/{kind}", "replay {kind}", R | U, P | LIST,
     "a list as it was known then: the history is folded again up to a time", NULL},
    {HTTP_GET, "/replay/gatherings", "replay gathering list", R | U, P | LIST,
     "the gatherings that were held, as was known then", NULL},
    {HTTP_GET, "/replay/reports/{kind}", "replay report {kind}", R | U, P | LIST, "a report as it was known then",
     NULL},

    DO("/stores", "enroll {store}", I, NEW),

    /* ---- Who may ---- */
    {HTTP_GET, "/users", "user list", I | M, LIST, "who may sign in over HTTP, and which tokens tills have", NULL},
    {HTTP_POST, "/users", "user add {name} --password-file=-", I, NEW | ROUTE_SECRET | KEPT,
     "make an account, with its password", NULL},
    {HTTP_PUT, "/users/{name}", "user role {name}", I, KEPT, "change the role of an account", NULL},
    {HTTP_PUT, "/users/{name}/secret", "user passwd {name} --password-file=-", I, ROUTE_SECRET | KEPT,
     "change the password of an account", NULL},
    {HTTP_POST, "/users/{name}/tokens", "user token {name}", I, NEW | KEPT,
     "make a token for a till; it is told this once", NULL},
    {HTTP_DELETE, "/users/{name}", "user remove {name}", I, KEPT, "remove an account, or a token of a till", NULL},
    {HTTP_PUT, "/staff/{code}/pin", "staff pin {code} --pin-file=-", M | R | I, ROUTE_SECRET | KEPT,
     "set the PIN that an employee signs in with", NULL},
    READ("/access", "access", U, P | LIST),

    /* ---- Files ---- */
    {HTTP_POST, "/imports/{kind}", "import {kind} -", M | I, P | ROUTE_FILE,
     "take rows of a CSV file in; safe to do again, rejected rows come back with their reasons", NULL},
    READ("/mappings", "mappings", M | I, LIST),
    {HTTP_DELETE, "/mappings/{name}", "mappings remove {name}", M | I, 0, "keep a mapping for imports no longer", NULL},
    READ("/exports/{list}", "export {list}", M | R | U, P | LIST | OF_STORE),
    {HTTP_GET, "/exports/{list}/{what}", "export {list} {what}", M | R | U, P | LIST | OF_STORE,
     "write a list as CSV of which there are several: report inactive, gathering year, points 12-845", NULL},
    {HTTP_OTHER, NULL, NULL, 0, 0, NULL, NULL},
};

/* Do an option's arguments, "open|step * outcome", go with these words of a route, "step {id} {step}"? */
static bool goes_with(const char *with, const char *arguments) {
    bool but = with[0] == '!';
    size_t first = strcspn(arguments, " ");
    if (but) with++;
    if (*with == '\0' || arguments[0] == '{' || arguments[0] == '\0') return true;
    for (; *with != '\0'; with += strcspn(with, "|"), with += *with == '|') {
        size_t len = strcspn(with, " |");
        if ((len == 1 && with[0] == '*') || (len == first && strncmp(with, arguments, len) == 0)) return !but;
    }
    return but;
}

bool route_takes(const struct route *route, const struct command *command, const char *option) {
    const char *arguments = route->words + strcspn(route->words, " ");
    const struct rule *rule = rule_about(command, option);
    return rule == NULL || rule->with == NULL || goes_with(rule->with, arguments + strspn(arguments, " "));
}

bool route_withholds(const struct command *command, const char *option) {
    static const struct {
        const char *command, *option;
    } withheld[] = {{"log", "follow"}, {"export", "csv"}, {"replay", "csv"}, {"purchases", "latest"}};
    for (size_t i = 0; i < sizeof withheld / sizeof *withheld; i++)
        if (strcmp(command->name, withheld[i].command) == 0 && strcmp(option, withheld[i].option) == 0) return true;
    return false;
}

/* One customer, one complaint are looked up; lists, and figures over everybody, are counted. */
enum http_lane route_lane(const struct route *route) {
    static const char *const count[] = {"/verify", "/digest", "/pyramid", "/replay/{kind}"};
    if ((route->flags & ROUTE_QUICK) != 0) return HTTP_QUICK;
    if (route->own != NULL) return HTTP_SIGNS;
    if ((route->flags & ROUTE_SOON) != 0) return HTTP_ACTS;
    bool lasts = (route->flags & (ROUTE_LIST | ROUTE_FILE | ROUTE_PREVIEW)) != 0;
    for (size_t i = 0; i < sizeof count / sizeof *count; i++) lasts = lasts || strcmp(route->path, count[i]) == 0;
    return lasts ? HTTP_LASTS : HTTP_ACTS;
}

const struct command *route_command(const struct program *program, const struct route *route) {
    if (route->words == NULL) return NULL;
    return program_command(program, view_make(route->words, strcspn(route->words, " ")));
}

bool route_exists(const struct program *program, const struct route *route) {
    return route->own != NULL || route_command(program, route) != NULL;
}

/* Whose command writes CSV, or `export` makes a list of by the same words. */
bool route_exports(const struct program *program, const struct route *route) {
    const struct command *command = route_command(program, route), *list;
    if (command == NULL || route->method != HTTP_GET) return false;
    if (strcmp(command->name, "export") == 0 || strcmp(command->name, "replay") == 0) return true;
    for (size_t i = 0; (list = export_list_at(program, i)) != NULL; i++)
        if (strcmp(list->name, command->name) == 0)
            return strcspn(route->words, " {") == strlen(command->name) || strcmp(route->words, "report {kind}") == 0;
    return false;
}

/* Status tells of the line, too, which no event does. */
bool route_tagged(const struct route *route) {
    return route->method == HTTP_GET && route->words != NULL && strcmp(route->path, "/status") != 0;
}

/* The next part of a path, without its slash; false at the end. */
static bool next_part(const char **path, struct view *part) {
    if (**path == '\0') return false;
    const char *start = *path + 1;
    size_t len = strcspn(start, "/");
    *part = view_make(start, len);
    *path = start + len;
    return true;
}

static bool is_name(struct view part) { return part.len > 2 && part.data[0] == '{'; }

#define BASE_PIECES 2 /* "api", "v1" */

/* Every request is held against every path, so letter by letter. */
static bool fits(const struct route *route, const struct http_target *target) {
    const char *at = route->path;
    for (size_t i = BASE_PIECES; i < target->piece_count; i++) {
        const char *piece = target->pieces[i];
        if (*at++ != '/') return false;
        if (*at == '{') {
            at += strcspn(at, "/");
            continue;
        }
        for (; *piece != '\0' && *at == *piece; piece++) at++;
        if (*piece != '\0' || (*at != '/' && *at != '\0')) return false;
    }
    return *at == '\0';
}

struct match route_find(const struct program *program, enum http_method method, const struct http_target *target) {
    struct match match = {.route = NULL};
    for (const struct route *route = routes; route->path != NULL; route++) {
        if (!fits(route, target) || !route_exists(program, route)) continue;
        if (route->method != method) {
            match.other_method = true;
            continue;
        }
        if (match.route == NULL) match.route = route;
        if (strchr(route->path, '{') != NULL) continue;
        match.route = route; /* "/gatherings/year" goes before "/reports/{kind}" would */
        break;
    }
    return match;
}

const char *route_piece(const struct route *route, const struct http_target *target, struct view name) {
    const char *path = route->path;
    struct view part;
    for (size_t i = BASE_PIECES; next_part(&path, &part) && i < target->piece_count; i++)
        if (is_name(part) && view_equal(view_make(part.data + 1, part.len - 2), name)) return target->pieces[i];
    return NULL;
}

unsigned route_roles(const struct route *route, const struct http_target *target) {
    const char *list = route_piece(route, target, view_of("list"));
    unsigned roles = 0;
    for (const struct route *other = routes; list != NULL && other->path != NULL; other++) {
        if (other->method != HTTP_GET || other->words == NULL) continue;
        if (view_is(view_make(other->words, strcspn(other->words, " ")), list)) roles |= other->roles;
    }
    return roles == 0 ? route->roles : route->roles & roles;
}
