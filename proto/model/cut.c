/* Windows: from where to where in time a question looks. */
#include "proto/model/questions.h"

#define WINDOW_DAYS_MAX 200000 /* longer than there are dates */

static int64_t parse_days(struct view window) {
    int64_t days = 0;
    for (size_t i = 0; i < window.len; i++) {
        if (window.data[i] < '0' || window.data[i] > '9' || days > WINDOW_DAYS_MAX) return 0;
        days = days * 10 + (window.data[i] - '0');
    }
    return days <= WINDOW_DAYS_MAX ? days : 0;
}

int cut_window(struct view window, struct date as_of, const struct zone *zone, struct cut *out, struct err *err) {
    *out = (struct cut){TIME_NONE, zone_day_end(zone, as_of)};
    if (view_is(window, "all")) return 0;
    struct date first = {as_of.year, 1, 1};
    if (view_is(window, "season")) {
        first.month = (as_of.month - 1) / 3 * 3 + 1;
    } else if (!view_is(window, "year")) {
        int64_t days = parse_days(window);
        if (days == 0)
            return err_set(err, ERR_INVALID, "window", "is all, year, season or a number of days, not \"%.*s\"",
                           (int)(window.len > 40 ? 40 : window.len), (const char *)window.data);
        first = date_from_days(date_to_days(as_of) - (days - 1));
    }
    out->from = zone_day_start(zone, first);
    return 0;
}
