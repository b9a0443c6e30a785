/* What the hub remembers of each stream's visits, durably: the session token, when it was last here, how far it said it
 * was, how wrong its clock. One small value a stream beside the log ("visit STREAM").
 *
 * Session tokens are numbered; a new one is issued only once the newest was echoed, else the same again. An echo of
 * anything older than the one before the newest means a restored or cloned PC; one above the newest, a restored hub. */
#ifndef DANGOL_HUB_VISITS_H
#define DANGOL_HUB_VISITS_H

#include "proto/site/site.h"

struct visit {
    uint64_t token_number; /* newest issued, 0: none */
    uint8_t token[TOKEN_SIZE];
    uint8_t token_before[TOKEN_SIZE]; /* the one the store held when it was issued */
    int64_t last_seen;                /* hub's clock, ms UTC; 0: never */
    int64_t skew_ms;                  /* the store's clock minus the hub's */
    uint64_t claimed_seq;             /* head the store told of */
};

/* Zeroes when there is none. */
int visit_load(struct site *site, uint32_t stream, struct visit *out, struct err *err);
int visit_store(struct site *site, uint32_t stream, const struct visit *visit, struct err *err);

enum echo {
    ECHO_NEWEST, /* the newest: time for the next */
    ECHO_BEFORE, /* the newest never arrived: the same again */
    ECHO_OLDER,  /* restored or cloned store */
    ECHO_NEWER,  /* restored hub */
    ECHO_FALSE,  /* a number we gave, with other bytes */
};
enum echo visit_echo(const struct visit *visit, uint64_t number, struct view token);
/* After ECHO_NEWEST: the next token. */
void visit_next_token(struct visit *visit, const struct env *env);

#endif
