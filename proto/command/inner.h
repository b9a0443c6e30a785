/* A command run as part of another one: `export vip`, `replay vip`. The first argument of the outer call names it; the
 * arguments behind that are its own, and so are the options that are not the outer command's. */
#ifndef DANGOL_PROTO_COMMAND_INNER_H
#define DANGOL_PROTO_COMMAND_INNER_H

#include "proto/command/command.h"

/* The program's command of this name; NULL: none. */
const struct command *inner_command(const struct program *program, const char *name);

/* Fills `inner`, whose options have room for INNER_SPARE more. `own` are the outer command's options. ERR_USAGE for one
 * that the inner command does not have; inner_close is called all the same. */
#define INNER_SPARE 4
int inner_open(struct call *call, const struct command *command, const struct option *own, struct call *inner);
void inner_give(struct call *inner, const char *name, const char *value);
/* Hands what became of it to the outer call. */
void inner_close(struct call *call, struct call *inner);

#endif
