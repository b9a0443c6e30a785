/* A store for tests: a site over a log and a key ring, in memory and in a world that stands still if not told
 * otherwise, and a way to run a row
 * of a program's table in it as `serve` would: words in, exit status, output and files out. The working directory is a
 * scratch directory. Memory: the shop's, until shop_close. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_SHOP_H
#define DANGOL_TESTS_SUPPORT_SHOP_H

#include "proto/command/command.h"
#include "tests/support/parties.h"
#include "tests/support/scratch.h"

struct shop {
    struct still_world world;
    const struct env *env;
    struct site *site;
    struct scratch scratch;
    int directory; /* fd of it */
    atomic_bool cancelled, noticed;
    struct view in;          /* what stands on the standard input; VIEW_NONE: nothing */
    struct grounds *grounds; /* of what is run next; NULL: nobody wants to know */
    /* Of the last run. */
    int code;         /* 0 or negative */
    struct err error; /* when negative */
    struct buf out, err_out;
    json_t *answer; /* of --json, else NULL */
};

/* With store code "A", currency KRW, country KR unless told otherwise (NULL); the zone is UTC. Aborts when it cannot;
 * must not move afterwards. */
void shop_open(struct shop *shop, const char *currency, const char *country);
/* Over these, which become the shop's, and in this world; the shop is zeroed. */
void shop_open_over(struct shop *shop, const char *currency, const char *country, struct keyring *ring, struct log *log,
                    const struct env *env);
void shop_close(struct shop *shop);

/* Runs a command of `table`; the words end with NULL, begin with its name and leave DIR out. */
int shop_run(struct shop *shop, const struct command *table, const char *const *words);

void shop_put(struct shop *shop, const char *name, const char *text); /* a file in the working directory */
void shop_get(struct shop *shop, const char *name, struct buf *out);  /* appends */

/* The event at a position, decoded and opened; valid until the next call. NULL past the end. */
const struct event *shop_event(struct shop *shop, uint64_t position);

#endif
