/* What the directory of VIPs must be, found out anew from the hub's model and its people's files, without anything
 * that the hub remembers of it; and whether a store holds just that. For tests and the simulator, where the hash is
 * quick. */
#ifndef DANGOL_TESTS_SUPPORT_DIRECTORY_CHECK_H
#define DANGOL_TESTS_SUPPORT_DIRECTORY_CHECK_H

#include "proto/site/site.h"
#include "proto/wire/directory.h"

struct directory_expected {
    struct expected_row {
        uint32_t hash;
        uint8_t tier;
    } * rows;
    size_t count;
};

/* As of the end of the hub's today. */
void directory_expect(struct site *hub, const struct directory_heading *heading, struct directory_expected *out);
void directory_expected_release(struct directory_expected *expected);
/* NULL: the store holds these rows and no others; else what is wrong, until the next call. */
const char *directory_compare(struct site *store, const struct directory_expected *expected);

#endif
