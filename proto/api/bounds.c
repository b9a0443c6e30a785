#include "proto/api/bounds.h"

#include "proto/api/staff.h"
#include "proto/command/parse.h"
#include "proto/site/site.h"

bool bounds_may_give(const struct identity *who, const char *role) {
    if (guard_may(who, MAY(it))) return true;
    return strcmp(role, account_role_word(ACCOUNT_ROLE_assistant)) == 0 ||
           (strcmp(role, account_role_word(ACCOUNT_ROLE_manager)) == 0 && guard_may(who, MAY(manager) | MAY(region)));
}

/* At the hub an account may be bound to a store: it sees what can be asked for one store, and nobody else's people. */
static bool beyond_store(const struct inside *inside, const struct route *route, const struct identity *who) {
    struct option option;
    const struct command *command = route_command(inside->program, route);
    if (inside->program->role != ROLE_HUB || who->store[0] == '\0' || (route->flags & ROUTE_PERSONAL) == 0)
        return false;
    return route->method != HTTP_GET || command == NULL || !option_find(command, "store", &option);
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
    if (beyond_manager(inside, route, request, who)) return "this is for IT: the employee is more than a manager";
    return NULL;
}
