/* Recoveries of the hub: what a hub does that is an older copy of itself, or was made anew for a region that had one.
 *
 *   restored   a store shows what a later state of this hub gave it. Noted durably (RECOVERY_RESTORED), told to people;
 *              every store is refused until somebody runs `recover`, and nothing is judged
 *   recover    opens the next incarnation: a new stream of the hub's own, above all that its stores have reported. The
 *              key of the former one is kept. Stores hand back what is missing, the hub's former streams among it
 *   anew       `init --recover`: the incarnation is INCARNATION_UNKNOWN and nothing is written, until a store that the
 *              handed-back stream knows has proven itself; then as after `recover`
 *
 * Until a copy of the former stream is here as far as some store has it, JUDGE_HOLD stands. Stores unknown here are let
 * in as guests, until then and later (guest.h).
 * Thread: any; recovery_open from one that has the site to itself. */
#ifndef DANGOL_HUB_RECOVERY_H
#define DANGOL_HUB_RECOVERY_H

#include "proto/site/site.h"

#define RECOVERY_RESTORED "restored" /* log value: highest incarnation reported (u32 LE), reason */

struct restored {
    bool noted;
    uint32_t reported;
    char reason[301];
};
void recovery_restored(struct site *site, struct restored *out);
/* Keeps the reason that was noted first, and the highest incarnation. */
int recovery_note(struct site *site, uint32_t reported, const char *reason, struct err *err);

bool recovery_waits(const struct site *site);          /* made anew: not told yet which incarnations there were */
bool recovery_goes_on(struct site *site);              /* the former stream is not back yet, or all of the above */
int recovery_done(struct site *site, struct err *err); /* it is */

/* A person says that questions about people are answered all the same: no store is left that could tell who was erased
 * since. Until the former stream is back, or the next recovery. */
int recovery_answer(struct site *site, struct err *err);

/* The incarnation above all that is known here, and above `reported`. */
uint32_t recovery_next(struct site *site, uint32_t reported);
int recovery_open(struct site *site, uint32_t incarnation, struct err *err);

#endif
