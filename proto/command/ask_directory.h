/* Whom this store does not know, and the region does: the VIP directory at the counter (E4). It tells the tier and
 * nothing more; who is registered here and then linked by the hub brings her history. */
#ifndef DANGOL_PROTO_COMMAND_ASK_DIRECTORY_H
#define DANGOL_PROTO_COMMAND_ASK_DIRECTORY_H

#include "proto/command/command.h"
#include "proto/site/directory.h"

/* The tier that the region knows a number by. False: it is not in the directory, or this is no store. */
bool ask_directory(struct call *call, const char *phone, char tier[DIRECTORY_TIER_TEXT]);
/* After ask_whom or ask_whoever gave `code`: where nobody here has the number given by --phone but the directory knows
 * it, says so as the answer and returns 0; else `code`. `*answered` tells which. */
int ask_elsewhere(struct call *call, int code, bool *answered);
/* {"tier": …}, or null. */
json_t *ask_directory_json(const char *tier);

#endif
