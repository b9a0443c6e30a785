/* `dangol-hub serve`: sessions, ingest, the judge and the command socket around one open site. */
#ifndef DANGOL_HUB_DAEMON_H
#define DANGOL_HUB_DAEMON_H

#include "hub/directory_thread.h"
#include "hub/erasing.h"
#include "hub/feed_thread.h"
#include "hub/judge.h"
#include "proto/command/command.h"

struct daemon {
    struct site *site;
    struct ingest *ingest;
    struct desk desk;
    struct judge judge;
    struct erasing erasing;
    struct feed_thread feeding;
    struct directory_thread directory;
    struct err trouble; /* of the judge, as last told; code 0: none */
    struct transport *transport;
    char bound[64]; /* the address really listened on */
};

/* The command. Ends when the call is cancelled (SIGINT, SIGTERM). */
int hub_serve(struct call *call);

#endif
