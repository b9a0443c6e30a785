/* What the hub remembers of each stream's visits, durably: the session token, when it was last here, how far it said it
 * was, how wrong its clock. One small value a stream beside the log ("visit STREAM").
 *
 * A visit is noted in memory and written with all others that have been noted by then, in one commit: when power comes
 * back to a region, its stores do not wait for the disk one by one. A token goes out only once its visit is written.
 *
 * Session tokens are numbered; a new one is issued only once the newest was echoed, else the same again. An echo of
 * anything older than the one before the newest means a restored or cloned PC, and so does one of that one itself when
 * the newest has arrived for certain; one above the newest, a restored hub. */
#ifndef DANGOL_HUB_VISITS_H
#define DANGOL_HUB_VISITS_H

#include "proto/site/site.h"

/* What was written since clocks were last weighed, as a HELLO tells (judge_clocks.c). */
struct span {
    uint64_t from, to;  /* sequences; from > to: none */
    uint64_t since_seq; /* what follows this was written after `since`: the HELLO before; 0: the stream's opening */
    int64_t since;      /* hub's clock; 0: not known */
    int64_t at;         /* hub's clock at the HELLO that told of it */
    int64_t drift_ms;   /* how far the store's clock has run from what its events were corrected by */
    bool known;         /* is it known what that was? */
};

struct visit {
    uint64_t token_number; /* newest issued, 0: none */
    uint8_t token[TOKEN_SIZE];
    uint8_t token_before[TOKEN_SIZE]; /* the one the store held when it was issued */
    bool token_kept;                  /* the store has said something since: it has stored the newest */
    int64_t last_seen;                /* hub's clock, ms UTC; 0: never */
    int64_t skew_ms;                  /* the store's clock minus the hub's */
    uint64_t claimed_seq;             /* head the store told of */
    int64_t applied_skew_ms;          /* the skew that the store corrects by: told in the last WELCOME it has got */
    bool applied_known;
    uint64_t greeted_seq; /* its newest HELLO: where its log ended, and when */
    int64_t greeted_at;
    struct span span;
    int64_t copy_at;        /* hub's clock: when a restored or cloned PC last came with this stream's key; 0: never */
    uint32_t copy_moved_to; /* the stream it has got since; 0: none yet */
    uint64_t erased_upto;   /* the store has done what erasures up to here want, and all it wrote before has come */
};

/* Beside the log: changes whenever a HELLO shows that a clock has drifted by VISIT_DOUBT_MS or more. */
#define VISIT_DOUBTS "clock doubts"
#define VISIT_DOUBT_MS 60000

/* As it is written; zeroes when there is none. */
void visit_key(uint32_t stream, struct buf *out); /* the name of the log's value */
int visit_load(struct site *site, uint32_t stream, struct visit *out, struct err *err);

/* Thread: any; `visits_write` from one at a time. */
struct noted;
struct visits {
    struct site *site;
    struct mutex lock;
    struct noted *noted; /* not yet written */
    uint64_t last;       /* number of the newest note */
};
void visits_open(struct visits *visits, struct site *site);
void visits_close(struct visits *visits);
int visits_load(struct visits *visits, uint32_t stream, struct visit *out, struct err *err); /* as noted, or written */
uint64_t visits_note(struct visits *visits, uint32_t stream, const struct visit *visit);     /* the note's number */
/* Writes what is noted, up to the note `*upto`: 1, 0 when there is nothing, negative. What could not be written is
 * forgotten: nobody has been told of it. */
int visits_write(struct visits *visits, uint64_t *upto, struct err *err);

enum echo {
    ECHO_NEWEST, /* the newest: time for the next */
    ECHO_BEFORE, /* the newest never arrived: the same again */
    ECHO_OLDER,  /* restored or cloned store */
    ECHO_NEWER,  /* restored hub */
    ECHO_FALSE,  /* a number we gave, with other bytes */
};
enum echo visit_echo(const struct visit *visit, uint64_t number, struct view token);
/* After ECHO_NEWEST: the next token. The store has got the WELCOME before, and the skew that it told. */
void visit_next_token(struct visit *visit, const struct env *env);
/* ECHO_NEWER of an earlier incarnation: the store goes on with the token after the one it shows. */
void visit_adopt(struct visit *visit, uint64_t number, struct view token, const struct env *env);
/* A proven HELLO: the store's clock shows `time`, its log ends at `seq`, the hub has it up to `held`. A hub whose own
 * clock shows less than it did before says nothing about others': the span waits for the next visit. */
void visit_greeted(struct visit *visit, struct site *site, int64_t time, uint64_t seq, uint64_t held);

#endif
