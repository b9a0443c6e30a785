/* Who may sign in at this site over HTTP: people with a password (`user`), staff of the store with a PIN
 * (`staff … pin`) and tills with tokens.
 *
 * They stand in `accounts.json` of the directory, 0600, replaced whole and durably, and not in the log: the region need
 * not know whose PIN was changed, and what was removed is gone. `backup` takes them along. A PC that was lost takes its
 * accounts with it: on the new one, staff get a new PIN.
 *
 * A secret is kept as BLAKE2b keyed by the directory's master key over Argon2id, so that accounts.json alone is of no
 * use to somebody who would try all PINs; a token, which is random, as BLAKE2b-256 only.
 *
 * Thread: any; one lock, never held over Argon2id. Ownership: the site's. Failure: nothing was changed. */
#ifndef DANGOL_PROTO_SITE_ACCOUNTS_H
#define DANGOL_PROTO_SITE_ACCOUNTS_H

#include "proto/base/bytes.h"
#include "proto/base/env.h"
#include "proto/base/err.h"
#include "proto/event/event.h"

#define ACCOUNTS_FILE "accounts.json"
#define ACCOUNT_NAME_MAX ACTOR_MAX /* it becomes the actor of events */
#define ACCOUNT_STORE_MAX 64
#define ACCOUNTS_MAX 4096
#define ACCOUNT_TOKENS_MAX 16

/* What an account may be; the first six are those of the staff event, by its numbers. */
enum account_role {
    ACCOUNT_ROLE_none,
    ACCOUNT_ROLE_assistant = choice_role_assistant,
    ACCOUNT_ROLE_manager = choice_role_manager,
    ACCOUNT_ROLE_desk = choice_role_desk,
    ACCOUNT_ROLE_region = choice_role_region,
    ACCOUNT_ROLE_auditor = choice_role_auditor,
    ACCOUNT_ROLE_it = choice_role_it,
    ACCOUNT_ROLE_till,
    ACCOUNT_ROLES
};
const char *account_role_word(enum account_role role); /* "none" for ACCOUNT_ROLE_none */

enum account_kind {
    ACCOUNT_USER = 1, /* has a role of its own, and a password */
    ACCOUNT_STAFF,    /* an employee's PIN; the role is what the latest staff event says */
    ACCOUNT_TILL      /* tokens only */
};

struct secret {
    bool set;
    uint32_t kib, passes; /* Argon2id's */
    uint8_t salt[16];
    uint8_t hash[32];
};

struct token {
    uint32_t id; /* within the account, from 1: what people call it by */
    uint8_t hash[32];
    int64_t made, expires;
    int64_t used; /* 0: never; on the disk some minutes late */
};

struct account {
    char name[ACCOUNT_NAME_MAX + 1];
    char store[ACCOUNT_STORE_MAX + 1]; /* a hub's account that sees this store only; "" any */
    enum account_kind kind;
    enum account_role role; /* ACCOUNT_ROLE_none of staff */
    uint64_t version;       /* of the whole file when it was last changed: a session of before ends */
    int64_t made, changed;
    struct secret secret;
    struct token tokens[ACCOUNT_TOKENS_MAX];
    size_t token_count;
};

struct accounts;
/* `directory` NULL: in memory. ERR_CORRUPT when the file is damaged. */
int accounts_open(const char *directory, const uint8_t master[32], const struct env *env, struct accounts **out,
                  struct err *err);
void accounts_close(struct accounts *accounts);

size_t accounts_count(struct accounts *accounts);
bool accounts_find(struct accounts *accounts, struct view name, struct account *out);
/* All, by name; the caller's to free. */
size_t accounts_list(struct accounts *accounts, struct account **out);

/* A new account; of `fresh` name, kind, role and store count. `secret` VIEW_NONE: none yet. ERR_EXISTS. */
int accounts_add(struct accounts *accounts, const struct account *fresh, struct view secret, struct err *err);
int accounts_set_secret(struct accounts *accounts, struct view name, struct view secret, struct err *err);
int accounts_set_role(struct accounts *accounts, struct view name, enum account_role role, struct view store,
                      struct err *err);
int accounts_remove(struct accounts *accounts, struct view name, struct err *err);

/* May it be somebody's password, or with `pin` PIN? ERR_INVALID with the reason. */
int secret_check(struct view secret, bool pin, struct err *err);
/* Is it the account's? Takes as long when there is none to compare with: then always false. Slow, and 64 MiB large. */
bool accounts_secret_is(const struct accounts *accounts, const struct account *account, struct view secret);

/* "dangol_" and 43 characters. */
#define TOKEN_PREFIX "dangol_"
#define TOKEN_TEXT 50
int accounts_add_token(struct accounts *accounts, struct view name, int64_t expires, char out[TOKEN_TEXT + 1],
                       uint32_t *id, struct err *err);
int accounts_remove_token(struct accounts *accounts, struct view name, uint32_t id, struct err *err);
/* The account of a token that holds at `now`; remembers that it was used. */
bool accounts_of_token(struct accounts *accounts, struct view token, int64_t now, struct account *out,
                       int64_t *expires);
/* Writes when tokens were last used, if something is new. */
int accounts_flush(struct accounts *accounts, struct err *err);

#endif
