/* update: a change card of a customer file, at a store or the region's desk; and what it has in common with registering
 * somebody. */
#ifndef DANGOL_PROTO_COMMAND_ACT_CUSTOMER_H
#define DANGOL_PROTO_COMMAND_ACT_CUSTOMER_H

#include "proto/command/command.h"

extern const struct command act_customer_commands[]; /* update; ends with a name of NULL */

/* The fields of the customer file given as options, into the draft. An empty value is refused: --clear says so. The
 * tags of its strong keys are still to come: site_draft_tags. */
int act_fill_file(struct call *call, struct draft *draft, struct buf *custom);
/* For a draft's `settle`, with the call as its context: a card is one person's; a telephone is too, unless another name
 * stands beside it (families share one). In the writer's turn: two tills at once do not register somebody twice. */
int act_refuse_double(struct draft *draft, const struct draft *batch, struct err *err);

#endif
