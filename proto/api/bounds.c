#include "proto/api/bounds.h"

#include "proto/api/staff.h"
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

static bool beyond_store(const struct inside *inside, const struct route *route, const struct identity *who) {
    struct option option;
    if (!bounds_bound(inside->program, who) || (route->flags & (ROUTE_COMMON | ROUTE_MINDS)) != 0) return false;
    const struct command *command = route_command(inside->program, route);
    return (route->flags & ROUTE_OF_STORE) == 0 || route->method != HTTP_GET || command == NULL ||
           !option_find(command, "store", &option) || !route_takes(route, command, "store");
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
    if (beyond_store(inside, route, who)) return "this account sees one store only";
    if (beyond_manager(inside, route, request, who))
        return "this is for IT: the employee is more than you may make somebody";
    return NULL;
}
