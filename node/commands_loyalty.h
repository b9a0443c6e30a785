/* redeem, benefit, package: rows of node_sale_commands. */
#ifndef DANGOL_NODE_COMMANDS_LOYALTY_H
#define DANGOL_NODE_COMMANDS_LOYALTY_H

#include "proto/command/command.h"

extern const struct option node_benefit_options[], node_package_options[];
extern const struct grammar node_package_grammar;
int node_redeem(struct call *call);
int node_benefit(struct call *call);
int node_package(struct call *call);

#endif
