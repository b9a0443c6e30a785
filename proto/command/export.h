/* export: any list as CSV, for other programs and for people's spreadsheets, over the region on the hub and over what
 * the store knows on a node.
 *
 *   export.c         which lists there are, and running one of them in the form of CSV
 *   export_lists.c   the lists that are exported only: customers, purchases, contacts, in the columns that import takes
 *
 * Every command that answers with a `listing` can be exported: its name in the table of export.c is all it takes. */
#ifndef DANGOL_PROTO_COMMAND_EXPORT_H
#define DANGOL_PROTO_COMMAND_EXPORT_H

#include "proto/command/command.h"

extern const struct command export_commands[]; /* export; ends with a name of NULL */
extern const struct command export_lists[];    /* export_lists.c; ends with a name of NULL */

/* Does the call ask for CSV alone, in letters that we know? */
int export_form(struct call *call);
/* Makes a call of a list that was opened inside another one (inner.h) write CSV, in the encoding that the other one
 * names, and all of the list unless it says otherwise. ERR_USAGE where there is no such list. */
int export_whole(struct call *call, struct call *inner);
/* The lists that a program can export, in the order of the help; NULL past the end. */
const struct command *export_list_at(const struct program *program, size_t index);
/* An option of the list that an argument of the call names, else of any list. */
bool export_option(const struct call *call, const char *name, struct option *out);

#endif
