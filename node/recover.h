/* `recover`: a store's PC that was restored from an older copy, or cloned, goes on as a new stream of its store.
 *
 *   ASKED    a new key is made; the hub gives a stream for it, the same one however often it is asked
 *   MOVED    log and ring are put aside, site.json and secrets.json name the new stream; nobody else may open the site
 *   REHOMES  the new log is there, read-only to everybody else: level with the hub, re-homing, level again
 *
 * Each step stands in recover.json before it begins, and can be done again after a kill at any moment. What was put
 * aside stays. Comes after: the quarantine (uplink.c). */
#ifndef DANGOL_NODE_RECOVER_H
#define DANGOL_NODE_RECOVER_H

#include "proto/command/command.h"

int node_recover(struct call *call);

#endif
