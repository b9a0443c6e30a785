/* What a program takes from its process: descriptors, the environment, signals. Once per process, from main. */
#ifndef DANGOL_PROTO_COMMAND_RUN_OS_H
#define DANGOL_PROTO_COMMAND_RUN_OS_H

#include "proto/command/stream_os.h"

/* Makes sure that the standard descriptors are open, that a closed pipe is an error instead of the end, and that what
 * jansson frees is wiped: so before any use of it. */
void process_start(void);
const char *process_directory(void); /* DANGOL_DIR, or NULL */
int process_here(void);              /* what relative paths are relative to */

/* SIGINT and SIGTERM: while the process is only waiting or opening they end it at once, "NAME: stopped", status 1;
 * from signals_ask on the first one asks `stop`, which lives as long as the process, and the second one kills. */
void signals_start(const char *name, bool json, struct stop *stop);
void signals_ask(void);

#endif
