/* duplicates, for both programs' tables; ends with a name of NULL. */
#ifndef DANGOL_PROTO_COMMAND_ASK_DUPLICATES_H
#define DANGOL_PROTO_COMMAND_ASK_DUPLICATES_H

#include "proto/command/command.h"

extern const struct command ask_duplicate_commands[];

#endif
