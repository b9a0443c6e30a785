/* Help, read out of the tables. Pure; writes to the stream that is handed in. */
#ifndef DANGOL_PROTO_COMMAND_HELP_H
#define DANGOL_PROTO_COMMAND_HELP_H

#include "proto/command/command.h"

void help_program(const struct program *program, FILE *out);
void help_command(const struct program *program, const struct command *command, FILE *out);
/* "dangol-hub enroll DIR STORE [OPTION …]"; of the program when `command` is NULL. Appends. */
void help_usage(const struct program *program, const struct command *command, struct buf *out);

#endif
