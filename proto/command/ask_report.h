/* report: figures over a span of time, by kind. A kind is a row in a table of its family; a family is a line in the
 * list of ask_report.c. */
#ifndef DANGOL_PROTO_COMMAND_ASK_REPORT_H
#define DANGOL_PROTO_COMMAND_ASK_REPORT_H

#include "proto/command/ask.h"

struct report_span {
    int64_t from;            /* TIME_NONE: --from was not given */
    int64_t to;              /* the end of --to, not after the latest that counts */
    struct date first, last; /* local; first.year 0: not given */
    struct scope scope;      /* --store, --chain */
};

struct report {
    const char *kind;
    const char *meaning; /* for the help */
    int (*run)(struct call *call, const struct report_span *span);
};

/* Each ends with a kind of NULL. */
extern const struct report value_reports[];     /* ask_report_value.c */
extern const struct report complaint_reports[]; /* ask_report_complaints.c */
extern const struct report loyalty_reports[];   /* ask_report_loyalty.c */

int ask_report(struct call *call);
extern const struct option ask_report_options[];
extern const struct grammar ask_report_grammar;

#endif
