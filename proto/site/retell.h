/* A store that was told otherwise: under numbers of a hub's stream, or of another one that is fed to it, it holds other
 * events than the hub has. That is so after a hub went on over an older image of itself: what that copy wrote by itself
 * got other numbers later (hub/branch.h). Nothing of the store's own is in question; only what it was told is.
 *
 * The feed notes it (retell_note). When the directory is opened next, or by `serve` at once, the log is grown anew
 * (regrow.h) with the store's own events, those of its former PCs, and its values; everything else the hub tells again.
 * The log of before stays in before-STREAM/. Not more often than once an hour: a hub that contradicts itself is no
 * reason to write for ever.
 * Thread: retell_note the uplink's; the rest one that has the site to itself. */
#ifndef DANGOL_PROTO_SITE_RETELL_H
#define DANGOL_PROTO_SITE_RETELL_H

#include "proto/site/site.h"

/* Durably: of which stream, and a sentence for people. */
int retell_note(struct site *site, uint32_t stream, const char *why, struct err *err);
/* Is it to be done now? */
bool retell_due(struct log *log, const struct env *env);

/* Grows `to`, which is empty, out of `from`. The ring stays the caller's, and so do both logs. */
int retell_grow(const struct config *config, const struct secrets *secrets, const struct zone *zone,
                struct keyring *ring, struct log *from, struct log *to, const struct env *env, struct err *err);
/* The same in a directory that is being opened: `site` has its parts and is not started yet. Where it cannot be done
 * now, the disk being full, the log is the one of before, and it is tried again. Not 0: there is no log. */
int retell_opening(struct site *site, struct err *err);

#endif
