/* Credits: whether a newcomer brings whoever brought her points (P3). Only the hub sees what everybody buys and who is
 * one person, so it judges (hub/judge_credits.c) and says it of the one who brought her, `credited`; points are a fold
 * of that, the same at every store that serves her.
 *
 * A referral that was not voided counts from when the newcomer has bought, and not while all of it has come back. Of
 * several by one person of one person the first, by (hlc, id); none of herself. Of a referral the latest word by (hlc,
 * id) holds whose time has come: so a word on an earlier time is followed by words on all changes after it. Pure.
 * Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_CREDITS_H
#define DANGOL_PROTO_MODEL_CREDITS_H

#include "proto/model/questions.h"
#include "proto/model/vec.h"

/* A word that is due. */
struct credit {
    uint64_t referral, subject; /* the subject of its event: who brought her */
    int64_t at;
    bool on;
    uint32_t said; /* words on this referral so far, and due ones before this */
};
struct credits {
    struct credit *items;
    uint32_t count, room;
};

/* Was the person brought by somebody? Cheap: asked of everybody who buys. */
bool credits_concern(const struct model *model, uint64_t customer);
/* Adds what is to be said of the referrals of the person, as newcomer, for points to be right; nothing where it has
 * been said. */
void credits_due(const struct model *model, uint64_t customer, struct credits *out);
/* Whom the person brought. Adds to `out`. */
struct credit_ids {
    uint64_t *items;
    uint32_t count, room;
};
void credits_brought_by(const struct model *model, uint64_t customer, struct credit_ids *out);
/* Everybody who was ever brought. */
void credits_newcomers(const struct model *model, struct credit_ids *out);

/* The word on a referral that holds at a time (TIME_NONE: ever); NULL: none. For files of this room. */
struct fact;
const struct fact *credit_of(const struct model *model, const struct fact *referral, int64_t to);

#endif
