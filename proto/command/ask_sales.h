/* purchases: which sales are meant, for the list of them and for their export. */
#ifndef DANGOL_PROTO_COMMAND_ASK_SALES_H
#define DANGOL_PROTO_COMMAND_ASK_SALES_H

#include "proto/command/command.h"
#include "proto/model/sales.h"

extern const struct option ask_sales_options[];        /* of the list */
extern const struct option ask_sales_export_options[]; /* all of those that say which */

int ask_sales(struct call *call);
/* --customer, --from, --to, --store; `most` is for the caller to say. */
int ask_which_sales(struct call *call, struct sales_asked *out);

#endif
