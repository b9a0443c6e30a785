/* A suite over a region of a hub and stores in one process, all up and level before each test: `net`, `hub()` and
 * `site_of(store)`. Criterion gives every test a process of its own, so each has its own region. */
#ifndef DANGOL_TESTS_LEVEL_REGION_H
#define DANGOL_TESTS_LEVEL_REGION_H

#include <criterion/criterion.h>

#include "tests/support/region_net.h"

#define LEVEL_REGION(suite, seed, number)                                                                              \
    static struct region_net net;                                                                                      \
    static void prepare(void) {                                                                                        \
        region_net_open(&net, seed, number);                                                                           \
        net_stores_start(&net);                                                                                        \
        cr_assert(net_level(&net));                                                                                    \
    }                                                                                                                  \
    static void done(void) { region_net_close(&net); }                                                                 \
    TestSuite(suite, .init = prepare, .fini = done);                                                                   \
    static struct site *site_of(size_t store) { return net.stores[store].machine.site; }                               \
    static struct site *hub(void) { return net.hub.machine.site; }

/* What `region_net_check` and `region_net_agree` say, as a failure. */
#define SOUND(wrong)                                                                                                   \
    do {                                                                                                               \
        const char *why = (wrong);                                                                                     \
        cr_assert_null(why, "%s", why);                                                                                \
    } while (0)

#endif
