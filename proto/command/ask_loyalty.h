/* points, packages, benefits: what loyal customers have in hand, over the region on the hub and over what the store
 * knows on a node. */
#ifndef DANGOL_PROTO_COMMAND_ASK_LOYALTY_H
#define DANGOL_PROTO_COMMAND_ASK_LOYALTY_H

#include "proto/command/command.h"
#include "proto/model/questions.h"

/* Rows of ask_commands. */
extern const struct option ask_points_options[], ask_benefits_options[];
extern const struct grammar ask_points_grammar; /* of packages, too */

/* The customer is the last argument (also `package list ID`); without one, a list of everybody's. */
int ask_points(struct call *call);
int ask_packages(struct call *call);
int ask_benefits(struct call *call);

/* A day as --from and --to of a list: both inclusive, none: no bound. */
int ask_days(struct call *call, struct cut *cut);

#endif
