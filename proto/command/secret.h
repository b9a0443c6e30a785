/* A secret that a person gives to a command: never an argument, which every process of the machine could read. Thread:
 * the call's. Before: proto/site/accounts.h. */
#ifndef DANGOL_PROTO_COMMAND_SECRET_H
#define DANGOL_PROTO_COMMAND_SECRET_H

#include "proto/command/command.h"

/* The first line of the file that --`option` names, else of the standard input; at a terminal it is asked for twice and
 * not shown. `what`: "password" or "pin", for the prompt and the error's field. The caller wipes `out`. */
int call_secret(struct call *call, const char *option, const char *what, struct buf *out);

#endif
