/* `dangol-node serve`, `sync` and `status`: the commands that deal with the line. */
#ifndef DANGOL_NODE_DAEMON_H
#define DANGOL_NODE_DAEMON_H

#include "proto/command/command.h"

struct hub_line;
/* What call->daemon points at beside a running `serve`. */
struct daemon {
    struct hub_line *line;
};

int node_serve(struct call *call);
int node_sync(struct call *call); /* --timeout SECONDS, default 60; exit 0 only when level */
int node_status(struct call *call);

#endif
