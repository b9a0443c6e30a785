/* Periods of a report, one after the other: by --by day|week|month|quarter|year. Pure, but for the option. */
#ifndef DANGOL_PROTO_COMMAND_PERIOD_H
#define DANGOL_PROTO_COMMAND_PERIOD_H

#include "proto/command/command.h"

enum period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR };
int period_option(struct call *call, enum period fallback, enum period *out); /* --by */
struct date period_start(enum period period, struct date day);                /* weeks start on Monday */
struct date period_next(enum period period, struct date start);
/* "2026-11-22", "2026-W47" (ISO 8601), "2026-11", "2026-Q4", "2026". */
#define PERIOD_TEXT 24
char *period_format(enum period period, struct date start, char out[PERIOD_TEXT]);

#endif
