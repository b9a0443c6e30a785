/* The staff of a store as they sign in: who the latest staff event says they are. Comes after: the model. Thread: any;
 * takes the site's state. */
#ifndef DANGOL_PROTO_API_STAFF_H
#define DANGOL_PROTO_API_STAFF_H

#include "proto/api/guard.h"
#include "proto/site/site.h"

/* The role of somebody who works at this store now; ACCOUNT_ROLE_none: nobody of that code does. `*event` (may be NULL)
 * is the one that says so. */
enum account_role staff_role(struct site *site, struct view code, uint64_t *event);
/* Their name for people; the code where it is not known here. */
void staff_display(struct site *site, uint64_t event, const char *code, char out[DISPLAY_MAX + 1]);

#endif
