/* Periods of a report: where they start, what they are called, that they leave no day out. */
#include <criterion/criterion.h>

#include "proto/command/period.h"

static void check(enum period period, const char *day, const char *start, const char *name) {
    struct date date;
    char text[PERIOD_TEXT];
    cr_assert_eq(date_parse(view_of(day), &date, NULL), 0);
    struct date first = period_start(period, date);
    cr_assert_str_eq(date_format(first, text), start, "start for %s", day);
    cr_assert_str_eq(period_format(period, first, text), name, "name for %s", day);
}

Test(period, X9_starts_and_names) {
    check(PERIOD_DAY, "2024-02-29", "2024-02-29", "2024-02-29");
    check(PERIOD_WEEK, "2024-02-29", "2024-02-26", "2024-W09");
    check(PERIOD_WEEK, "2024-12-30", "2024-12-30", "2025-W01");
    check(PERIOD_WEEK, "2024-12-29", "2024-12-23", "2024-W52");
    check(PERIOD_WEEK, "2021-01-03", "2020-12-28", "2020-W53");
    check(PERIOD_WEEK, "1960-01-01", "1959-12-28", "1959-W53");
    check(PERIOD_MONTH, "2024-02-29", "2024-02-01", "2024-02");
    check(PERIOD_QUARTER, "2024-03-31", "2024-01-01", "2024-Q1");
    check(PERIOD_QUARTER, "2024-04-01", "2024-04-01", "2024-Q2");
    check(PERIOD_QUARTER, "2024-12-31", "2024-10-01", "2024-Q4");
    check(PERIOD_YEAR, "2024-12-31", "2024-01-01", "2024");
}

Test(period, X9_each_day_is_in_the_period_that_the_day_before_is_in_or_in_the_next) {
    struct date first = {2019, 12, 30};
    for (int period = PERIOD_DAY; period <= PERIOD_YEAR; period++) {
        struct date start = period_start((enum period)period, first);
        for (int64_t day = date_to_days(first); day < date_to_days(first) + 2000; day++) {
            struct date own = period_start((enum period)period, date_from_days(day)),
                        next = period_next((enum period)period, start);
            if (date_to_days(own) != date_to_days(start)) {
                cr_assert_eq(date_to_days(own), date_to_days(next));
                cr_assert_eq(date_to_days(own), day, "a period starts on its first day");
                start = own;
            }
        }
    }
}
