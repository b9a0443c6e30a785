/* What a data directory says about itself.
 *
 *   site.json      format, role, region, addresses, stream: readable by anybody who may read the directory
 *   secrets.json   0600: master key of the ring, signing seed, TLS key; until it is used, the join secret. Losing it
 *                  loses the keys of all people
 *   accounts.json  0600: who may sign in over HTTP (accounts.h), once somebody may
 *   looks          0600: who looked at whose data over HTTP (looks.h)
 *   lock socket    who owns the directory, and how to reach him (owner_os.h, handover_os.h)
 *   log/ ring/     LMDB environments
 *   recover.json   0600: how far a recovery is, until it is done; before-STREAM/ has the log, and a
 *                  store's ring, of before a recovery
 *   root.json      hub only, 0600, unless it is kept elsewhere: the region's root
 *
 * `site.json` is written last: an `init` that was interrupted can be run again. Strings are owned; NULL where absent.
 * */
#ifndef DANGOL_PROTO_SITE_CONFIG_H
#define DANGOL_PROTO_SITE_CONFIG_H

#include "proto/base/env.h"
#include "proto/event/seal.h"
#include "proto/log/chain.h"
#include "proto/wire/identity.h"

#define SITE_FORMAT 1
/* Of a hub that is made anew for a region that had one: until a store has told which incarnations there were, it takes
 * and writes nothing of its own. */
#define INCARNATION_UNKNOWN 255

struct config {
    enum role role; /* ROLE_HUB or ROLE_STORE */
    uint32_t stream;
    uint32_t incarnation; /* of the hub, or highest one seen */
    uint8_t root[PUBLIC_KEY_SIZE];
    char *region, *currency, *timezone, *country;
    char *addresses[HUB_ADDRESSES_MAX]; /* of the hub: what it advertises, or where a node finds it */
    size_t address_count;
    char *listen;               /* hub */
    char *http;                 /* both */
    char *ca_certificate;       /* PEM */
    char *store, *name, *chain; /* node */
};

struct secrets {
    uint8_t master[KEY_BYTES];
    uint8_t ref_key[KEY_BYTES];       /* region-wide */
    uint8_t seed[32];                 /* of the stream's Ed25519 key */
    uint8_t join_secret[SECRET_SIZE]; /* node, until it was told that it has joined: then zeroes, and not in the file */
    uint8_t certificate[SIGNATURE_SIZE]; /* hub: the root's word on its key */
    char *tls_key, *tls_certificate;     /* hub; PEM */
};

/* ERR_NOT_FOUND: not a data directory; ERR_VERSION: of another format; ERR_REFUSED: of the other program (`role`). */
int config_load(const char *directory, enum role role, struct config *out, struct err *err);
int secrets_load(const char *directory, enum role role, struct secrets *out, struct err *err);
/* ERR_EXISTS when there is a site already, ERR_REFUSED when the directory holds something else. */
int config_create(const char *directory, const struct config *config, const struct secrets *secrets, struct err *err);
/* Each replaces its file, durably and at once. */
int config_store(const char *directory, const struct config *config, struct err *err);
int secrets_store(const char *directory, enum role role, const struct secrets *secrets, struct err *err);
/* A recovery of a store's PC that was begun here (node/recover.h): how far it is, and what it needs to go on after a
 * kill. In `recover.json`, 0600, until it is done. */
enum recovery_step {
    RECOVERY_NONE,
    RECOVERY_ASKED,  /* the key is made; everything still stands as it was */
    RECOVERY_MOVED,  /* the hub has given the stream; files are being put aside: nobody else may open the site */
    RECOVERY_REHOMES /* the new log is there, read-only to everybody else; the old events move into it */
};
struct recovery {
    enum recovery_step step;
    uint32_t old_stream, new_stream, incarnation;
    uint8_t seed[32]; /* of the new stream's key */
    uint8_t old_key[PUBLIC_KEY_SIZE];
    struct head receipted; /* of the old stream, as far as a hub had given a receipt; seq 0: not at all */
    char aside[32];        /* the folder with the old log and ring */
};
/* 0, also when there is none: then its step says so. */
int recovery_load(const char *directory, struct recovery *out, struct err *err);
int recovery_store(const char *directory, const struct recovery *recovery, struct err *err);

/* May `init` use this directory? As config_create would say. */
int config_may_create(const char *directory, struct err *err);
void config_release(struct config *config);
void secrets_release(struct secrets *secrets); /* wipes */

#endif
