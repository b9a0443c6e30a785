/* The accounts' insides, shared by accounts.c (what is done with them), accounts_file.c (their file) and secret.c (what
 * a password becomes). Nobody else includes it. Thread: under `lock`, but for what never changes. */
#ifndef DANGOL_PROTO_SITE_ACCOUNTS_PARTS_H
#define DANGOL_PROTO_SITE_ACCOUNTS_PARTS_H

#include "proto/base/threads.h"
#include "proto/site/accounts.h"

struct accounts {
    const char *directory; /* NULL: in memory */
    const struct env *env;
    uint8_t key[32]; /* of the secrets' hashes */
    struct mutex lock;
    struct account *items; /* by name */
    size_t count;
    uint64_t version;
    bool used; /* a token was, and the file does not say so yet */
};

/* Appends to nothing: `count` accounts, sorted by name, the caller's to free. ERR_FORMAT says what is wrong. */
int accounts_parse(struct view text, struct account **items, size_t *count, uint64_t *version, struct err *err);
/* As JSON; the caller wipes it. */
void accounts_write(const struct account *items, size_t count, uint64_t version, struct buf *out);

void secret_make(const uint8_t key[32], const struct env *env, struct view text, struct secret *out);
bool secret_is(const uint8_t key[32], const struct secret *secret, struct view text);

#endif
