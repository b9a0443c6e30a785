/* The journal of a running program: one line a happening, with the time in UTC, for people and for whatever
 * collects stderr. What others sent is made printable first. Libraries do not write here; daemons do. Thread: any. */
#ifndef DANGOL_PROTO_BASE_JOURNAL_H
#define DANGOL_PROTO_BASE_JOURNAL_H

#include <stdio.h>

#include "proto/base/env.h"

struct journal {
    FILE *out; /* NULL: nobody listens */
    const struct env *env;
};

void journal_say(const struct journal *journal, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
