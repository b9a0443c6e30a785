#include "proto/command/period.h"

#include <string.h>

int period_option(struct call *call, enum period fallback, enum period *out) {
    static const char *const words[] = {"day", "week", "month", "quarter", "year"};
    const char *by = call_option(call, "by");
    *out = fallback;
    if (by == NULL) return 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(by, words[i]) != 0) continue;
        *out = (enum period)i;
        return 0;
    }
    return err_set(&call->error, ERR_INVALID, "by", "'%s' is no period; use day, week, month, quarter or year", by);
}

struct date period_start(enum period period, struct date day) {
    switch (period) {
    case PERIOD_WEEK: return date_from_days(date_to_days(day) - (date_weekday(day) + 6) % 7);
    case PERIOD_MONTH: return (struct date){day.year, day.month, 1};
    case PERIOD_QUARTER: return (struct date){day.year, day.month - (day.month - 1) % 3, 1};
    case PERIOD_YEAR: return (struct date){day.year, 1, 1};
    default: return day;
    }
}

struct date period_next(enum period period, struct date start) {
    switch (period) {
    case PERIOD_DAY: return date_from_days(date_to_days(start) + 1);
    case PERIOD_WEEK: return date_from_days(date_to_days(start) + 7);
    case PERIOD_MONTH: return date_add_months(start, 1);
    case PERIOD_QUARTER: return date_add_months(start, 3);
    default: return date_add_months(start, 12);
    }
}

/* The year and number of a week are those of its Thursday. */
static void week_format(struct date monday, char out[PERIOD_TEXT]) {
    struct date thursday = date_from_days(date_to_days(monday) + 3), january = {thursday.year, 1, 1};
    int64_t week = (date_to_days(thursday) - date_to_days(january)) / 7 + 1;
    snprintf(out, PERIOD_TEXT, "%04d-W%02d", thursday.year, (int)week);
}

char *period_format(enum period period, struct date start, char out[PERIOD_TEXT]) {
    switch (period) {
    case PERIOD_DAY: return date_format(start, out);
    case PERIOD_WEEK: week_format(start, out); break;
    case PERIOD_MONTH: snprintf(out, PERIOD_TEXT, "%04d-%02d", start.year, start.month); break;
    case PERIOD_QUARTER: snprintf(out, PERIOD_TEXT, "%04d-Q%d", start.year, (start.month - 1) / 3 + 1); break;
    default: snprintf(out, PERIOD_TEXT, "%04d", start.year); break;
    }
    return out;
}
