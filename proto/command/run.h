/* How a parsed call is run and ended, the same in a program of its own and in a `serve`: the parts of this room that
 * both share. Nobody outside this room includes it. */
#ifndef DANGOL_PROTO_COMMAND_RUN_H
#define DANGOL_PROTO_COMMAND_RUN_H

#include "proto/command/stream_os.h"

/* Runs the command of a call whose streams, site and options are there, writes out what is buffered, tells an error.
 * `streams` NULL: they are in memory. The answer is the exit status. */
int call_run(struct call *call, struct streams *streams);
/* Tells call->error, whose code is `code`, on err_out; the answer is the exit status. */
int call_refused(struct call *call, int code);

/* Do the options go with the arguments and with each other? ERR_USAGE when not. After all words were taken. */
int rules_check(struct call *call);

/* Fills call->error with the field at fault: for what was told without one. Returns `code`. */
int call_fault(struct call *call, int code, const char *field);

#endif
