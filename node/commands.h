/* The commands of a store, by family. Each array ends with a name of NULL. */
#ifndef DANGOL_NODE_COMMANDS_H
#define DANGOL_NODE_COMMANDS_H

#include "proto/command/command.h"

extern const struct command node_site_commands[];     /* init serve sync status */
extern const struct command node_backup_commands[];   /* backup restore */
extern const struct command node_customer_commands[]; /* register */
extern const struct command node_day_commands[];      /* mark review */
extern const struct command node_sale_commands[];     /* purchase return */
extern const struct command import_commands[];        /* import */

#endif
