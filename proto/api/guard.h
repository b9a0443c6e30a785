/* Who may what (E14): between whoever asks over HTTP and the commands.
 *
 * Somebody signs in with name and secret: an account that `user` made, or the code of one of the store's staff with a
 * PIN. The cookie that comes of it is 256 random bits; only its hash is kept. A session ends unused after the time that
 * the policy says (session-assistant, session-others), in any case after session-longest, and at once when the account
 * is removed, its role or secret is changed, or the employee works here no more. A restarted `serve` knows none. Tills
 * show a token instead, and are the role `till` and nothing else.
 *
 * A wrong name and a wrong secret cost the same time and get the same answer. After a few wrong ones a name has to wait
 * at the address they came from, twice as long each time; from other addresses it does not, so that strangers keep
 * nobody out.
 *
 * What is looked at is recorded (proto/site/looks.h): guard_note takes it in within microseconds, the disk has it
 * within a second.
 *
 * Thread: any, but for open and close; guard_sign_in takes a tenth of a second or, when others stand before it, a few:
 * not on a thread that moves other connections' bytes. Ownership: the guard is its opener's; it borrows the site.
 * Comes after: proto/site/accounts.h, looks.h. Before: the API's routes. */
#ifndef DANGOL_PROTO_API_GUARD_H
#define DANGOL_PROTO_API_GUARD_H

#include "proto/base/journal.h"
#include "proto/site/accounts.h"
#include "proto/site/looks.h"

/* The roles as a route names them: a set of bits. Those of the staff event are roles here by the same number. */
#define MAY(role) (1u << ACCOUNT_ROLE_##role)
#define MAY_ANY                                                                                                        \
    (MAY(assistant) | MAY(manager) | MAY(desk) | MAY(region) | MAY(auditor) | MAY(it) | MAY(till)) /* signed in */

#define DISPLAY_MAX 200 /* bytes */
struct identity {
    char name[ACCOUNT_NAME_MAX + 1];  /* of the account, or the employee's code */
    char display[DISPLAY_MAX + 1];    /* for people; the name where nothing better is known */
    enum account_role role;           /* ACCOUNT_ROLE_none: nobody; account_role_word tells its word */
    char staff[ACCOUNT_NAME_MAX + 1]; /* the acting staff code of what is written: the name; "" of a till */
    char
        store[ACCOUNT_STORE_MAX + 1]; /* whose data only: the node's own, that an account is bound to; "": the region */
    bool token;                       /* a till's */
    int64_t expires;                  /* ms UTC: when the session or token ends if it is used until then */
};

struct guard;
/* As long as nobody has a way to sign in, the journal is told how somebody gets one. */
int guard_open(struct site *site, const struct journal *journal, struct guard **out, struct err *err);
void guard_close(struct guard *guard); /* NULL is fine; what was noted is on the disk then */

/* ---- Signing in and out ---- */

#define COOKIE_TEXT 64 /* hex digits */

struct sign_in {
    struct view name, secret; /* as typed */
    const char *address;      /* of the client, without its port */
};
struct signed_in {
    char cookie[COOKIE_TEXT + 1]; /* the caller wipes it */
    struct identity who;
    int64_t retry_after; /* s, with ERR_LIMIT and ERR_BUSY */
};
/* 0; ERR_AUTH: no such name and secret (the same for either); ERR_LIMIT: to be tried again after `retry_after`, whether
 * right or wrong; ERR_BUSY: too many are signing in. Records refusals by itself. */
int guard_sign_in(struct guard *guard, const struct sign_in *ask, struct signed_in *out, struct err *err);
/* Whose session or token is this, now? False: nobody's. `used`: somebody is at it, so that the session's idle time
 * begins anew; not when an app asks by itself. */
bool guard_identify(struct guard *guard, struct view cookie, bool used, struct identity *out);
bool guard_identify_token(struct guard *guard, struct view token, struct identity *out);
/* Whether the session still is one, without using it: for an answer that lasts. */
bool guard_knows(struct guard *guard, struct view cookie);
void guard_sign_out(struct guard *guard, struct view cookie, const char *address);

static inline bool guard_may(const struct identity *who, unsigned roles) { return ((roles >> who->role) & 1u) != 0; }

/* ---- The record of looks ---- */

struct look {
    const struct identity *who; /* NULL: nobody was signed in */
    struct view name;           /* then: as typed, when somebody tried; VIEW_NONE */
    const char *address;
    const char *method, *route; /* as in the route table: "GET", "/customers/{id}" */
    const uint64_t *ids;        /* customers that were shown, or asked for */
    size_t count;               /* any number; what is too long for one entry becomes several */
    enum look_outcome outcome;
};
/* 0, or ERR_BUSY when the disk has not taken what was noted before for too long: then nothing personal may be shown. */
int guard_note(struct guard *guard, const struct look *look, struct err *err);

#endif
