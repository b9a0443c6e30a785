/* What a role does not say: whose account is bound to one store, and whom a manager may make what. Before a command
 * runs; what depends on the body is looked at in wording.h. Thread: any; takes the site's state. */
#ifndef DANGOL_PROTO_API_BOUNDS_H
#define DANGOL_PROTO_API_BOUNDS_H

#include "proto/api/routes.h"
#include "proto/command/inside.h"

/* Is it an account of the hub's that sees one store only? Such an account reads, of that store; it writes at the store.
 * A route is refused to it that says nothing else in the table. */
bool bounds_bound(const struct program *program, const struct identity *who);
/* What such an account may ask by this route: some of ROUTE_OF_STORE, ROUTE_MINDS and ROUTE_COMMON, or 0. Of an export
 * it is what it may ask of the list itself. */
unsigned bounds_flags(const struct program *program, const struct route *route, const struct http_target *target);
/* Why somebody of the right role may not do this; NULL: they may. */
const char *bounds_refuse(const struct inside *inside, const struct route *route, const struct http_request *request,
                          const struct identity *who);
/* May a manager make somebody this, or give them a PIN? Nobody makes somebody else what they are not themselves. */
bool bounds_may_give(const struct identity *who, const char *role);

#endif
