/* A branch of the hub's own former stream. A hub that goes on over an older image of its disk gives numbers away again
 * which its former self has used, until a store that knows better calls. What the stores were told under these numbers
 * counts: other events name them. So that part comes back from a store, whole and under its signed head, and what this
 * copy wrote there moves to the stream of its next incarnation (rehome.h), with its origin.
 *
 *   handing.c  notices that a store's copy of the stream parts from the one here, and asks for all of it
 *   kept       as a value of the log, the longest one; every store is refused until somebody runs `recover`
 *   recover    grows the log anew (regrow.h): everything, but the kept branch in the place of what is here, and that
 *              behind it as events of the new incarnation. The log of before is put aside
 *
 * A store that was told by this copy meanwhile holds what has moved: it is known by its chain, and the store is told
 * anew (proto/site/retell.h).
 * Thread: branch_keep any; branch_join one that has the site to itself. */
#ifndef DANGOL_HUB_BRANCH_H
#define DANGOL_HUB_BRANCH_H

#include "proto/site/rehome.h"
#include "proto/wire/batch.h"

/* `batch`: the stream from sequence 1 on, checked; `key`: its public key and the root's word on it. `*here`: so many
 * events stand here in its place; 0: it does not part at all, and nothing is kept. */
int branch_keep(struct site *site, const struct batch *batch, const uint8_t key[PUBLIC_KEY_SIZE + SIGNATURE_SIZE],
                uint64_t *here, struct err *err);
bool branch_kept(struct site *site);
/* Is this the chain of a copy behind an event that has moved? */
bool branch_moved(struct site *site, uint32_t stream, const uint8_t chain[CHAIN_SIZE]);
/* Does this disk hold all that was ever written on a hub's former stream? So it is with those of incarnations that this
 * copy had itself since the image: no store need tell. */
bool branch_complete(struct site *site, uint32_t stream);
/* Grows `fresh`, which is empty, out of the log of a hub that has taken its next incarnation. `report`: of what it had
 * written itself. */
int branch_join(struct site *site, struct log *fresh, struct rehomed_report *report, struct err *err);

#endif
