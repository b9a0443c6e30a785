#include "proto/api/bounds.h"

#include "proto/api/staff.h"
#include "proto/command/export.h"
#include "proto/command/parse.h"
#include "proto/site/site.h"

/* Who gives what: a role, and those who may. */
static const unsigned givers[ACCOUNT_ROLES] = {
    [ACCOUNT_ROLE_assistant] = MAY(manager) | MAY(region) | MAY(it),
    [ACCOUNT_ROLE_manager] = MAY(manager) | MAY(region) | MAY(it),
    [ACCOUNT_ROLE_desk] = MAY(region) | MAY(it),
    [ACCOUNT_ROLE_region] = MAY(region) | MAY(it),
    [ACCOUNT_ROLE_auditor] = MAY(it),
    [ACCOUNT_ROLE_it] = MAY(it),
};

bool bounds_may_give(const struct identity *who, const char *role) {
    for (int i = ACCOUNT_ROLE_assistant; i < ACCOUNT_ROLES; i++)
        if (strcmp(account_role_word((enum account_role)i), role) == 0) return guard_may(who, givers[i]);
    return true; /* no role: the command says so */
}

bool bounds_bound(const struct program *program, const struct identity *who) {
    return program->role == ROLE_HUB && who->store[0] != '\0';
}

#define BOUND_FLAGS (ROUTE_OF_STORE | ROUTE_MINDS | ROUTE_COMMON)

static bool takes_store(const struct route *route, const struct command *command) {
    struct option option;
    return command != NULL && option_find(command, "store", &option) && route_takes(route, command, "store");
}

/* Of a list that is only exported there is no other route. */
static unsigned list_flags(const struct program *program, const char *name) {
    const struct command *list;
    struct option option;
    unsigned flags = 0;
    bool routed = false;
    for (const struct route *route = routes; route->path != NULL; route++) {
        if (route->method != HTTP_GET || route->words == NULL || !route_exists(program, route)) continue;
        if (!view_is(view_make(route->words, strcspn(route->words, " ")), name)) continue;
        flags |= route->flags & BOUND_FLAGS;
        routed = true;
    }
    for (size_t i = 0; !routed && (list = export_list_at(program, i)) != NULL; i++)
        if (strcmp(list->name, name) == 0 && option_find(list, "store", &option)) return ROUTE_OF_STORE;
    /* One of several may be asked with the store only; then all are. */
    return (flags & ROUTE_OF_STORE) != 0 ? ROUTE_OF_STORE : flags;
}

unsigned bounds_flags(const struct program *program, const struct route *route, const struct http_target *target) {
    const char *list = route_piece(route, target, view_of("list"));
    if (list != NULL) return list_flags(program, list);
    unsigned flags = route->flags & BOUND_FLAGS;
    if ((flags & ROUTE_OF_STORE) == 0) return flags;
    return route->method == HTTP_GET && takes_store(route, route_command(program, route)) ? flags : 0;
}

static bool beyond_store(const struct inside *inside, const struct route *route, const struct http_request *request,
                         const struct identity *who) {
    return bounds_bound(inside->program, who) && bounds_flags(inside->program, route, &request->target) == 0;
}

/* An employee with another role than those a manager gives: their PIN would make the manager that. */
static bool beyond_manager(const struct inside *inside, const struct route *route, const struct http_request *request,
                           const struct identity *who) {
    const char *code = strncmp(route->path, "/staff/{code}", strlen("/staff/{code}")) == 0
                           ? route_piece(route, &request->target, view_of("code"))
                           : NULL;
    enum account_role role = code == NULL ? ACCOUNT_ROLE_none : staff_role(inside->site, view_of(code), NULL);
    return role != ACCOUNT_ROLE_none && !bounds_may_give(who, account_role_word(role));
}

const char *bounds_refuse(const struct inside *inside, const struct route *route, const struct http_request *request,
                          const struct identity *who) {
    if (beyond_store(inside, route, request, who)) return "this account sees one store only";
    if (beyond_manager(inside, route, request, who))
        return "this is for IT: the employee is more than you may make somebody";
    return NULL;
}
