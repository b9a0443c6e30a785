/* Business hours and holidays, against a count minute by minute. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/model/calendar.h"
#include "proto/model/policies.h"
#include "proto/model/policy_sense.h"

#define MINUTE INT64_C(60000)
#define HOUR INT64_C(3600000)
#define SHOP "Mon-Fri 10:00-13:00 14:00-20:00, Sat 10:00-18:00"

static struct zone zone;
static struct calendar calendar;

static void make(const char *name, const char *hours, const char *holidays) {
    struct err err;
    cr_assert_eq(zone_os(name, &zone, &err), 0, "%s", err.text);
    calendar_make(&zone, view_of(hours), view_of(holidays), &calendar);
}

static int64_t at(const char *text) {
    int64_t out;
    cr_assert_eq(time_parse(view_of(text), &zone, false, &out, NULL), 0, "%s", text);
    return out;
}

static int64_t minutes(const char *from, const char *to) {
    return calendar_elapsed(&calendar, at(from), at(to)) / MINUTE;
}

Test(calendar, X4_without_hours_every_hour_counts) {
    make("Asia/Seoul", "off", "2026-11-20");
    cr_assert_eq(minutes("2026-11-20 10:00", "2026-11-21 10:00"), 24 * 60, "holidays need business hours");
    cr_assert_eq(calendar_after(&calendar, at("2026-11-20 10:00"), 24 * HOUR), at("2026-11-21 10:00"));
    cr_assert_eq(minutes("2026-11-20 10:00", "2026-11-20 09:00"), 0);
}

Test(calendar, X4_breaks_evenings_and_sundays_do_not_count) {
    make("Asia/Seoul", SHOP, "none");
    /* 2026-11-20 is a Friday. */
    cr_assert_eq(minutes("2026-11-20 00:00", "2026-11-21 00:00"), 9 * 60);
    cr_assert_eq(minutes("2026-11-20 12:59", "2026-11-20 14:01"), 2, "the break at noon");
    cr_assert_eq(minutes("2026-11-20 13:00", "2026-11-20 14:00"), 0);
    cr_assert_eq(minutes("2026-11-20 19:59", "2026-11-21 10:01"), 2, "the night");
    cr_assert_eq(minutes("2026-11-21 00:00", "2026-11-22 00:00"), 8 * 60, "Saturday");
    cr_assert_eq(minutes("2026-11-22 00:00", "2026-11-23 00:00"), 0, "Sunday");
    cr_assert_eq(minutes("2026-11-16 00:00", "2026-11-23 00:00"), (5 * 9 + 8) * 60, "a week");
}

Test(calendar, X4_holidays_of_one_year_and_of_every_year) {
    make("Asia/Seoul", SHOP, "2026-11-20, 12-25,02-29");
    cr_assert_eq(minutes("2026-11-20 00:00", "2026-11-21 00:00"), 0);
    cr_assert_eq(minutes("2026-11-19 19:59", "2026-11-21 10:01"), 2, "a minute before and after");
    cr_assert_gt(minutes("2025-11-20 00:00", "2025-11-21 00:00"), 0, "not the year before");
    cr_assert_eq(minutes("2026-12-25 00:00", "2026-12-26 00:00"), 0);
    cr_assert_eq(minutes("2028-12-25 00:00", "2028-12-26 00:00"), 0, "every year");
    cr_assert_eq(minutes("2028-02-29 00:00", "2028-03-01 00:00"), 0, "a Tuesday");
}

Test(calendar, X4_days_on_which_the_clocks_change) {
    make("America/New_York", "Sun 00:00-24:00", "none");
    cr_assert_eq(minutes("2026-03-08 00:00", "2026-03-09 00:00"), 23 * 60, "an hour is lost");
    cr_assert_eq(minutes("2026-11-01 00:00", "2026-11-02 00:00"), 25 * 60, "an hour comes twice");
    cr_assert_eq(minutes("2026-11-08 00:00", "2026-11-09 00:00"), 24 * 60);
    calendar_make(&zone, view_of("Sun 01:00-04:00"), view_of("none"), &calendar);
    cr_assert_eq(minutes("2026-03-08 00:00", "2026-03-09 00:00"), 2 * 60);
    cr_assert_eq(minutes("2026-11-01 00:00", "2026-11-02 00:00"), 4 * 60);
    cr_assert_eq(calendar_after(&calendar, at("2026-03-08 00:00"), 2 * HOUR), at("2026-03-08 04:00"));
}

Test(calendar, X4_when_so_much_has_counted) {
    make("Asia/Seoul", SHOP, "2026-11-23");
    int64_t friday = at("2026-11-20 19:00");
    cr_assert_eq(calendar_after(&calendar, friday, 0), friday);
    cr_assert_eq(calendar_after(&calendar, friday, HOUR), at("2026-11-20 20:00"), "to the minute of closing");
    cr_assert_eq(calendar_after(&calendar, friday, HOUR + 1), at("2026-11-21 10:00") + 1);
    cr_assert_eq(calendar_after(&calendar, friday, 10 * HOUR), at("2026-11-24 11:00"),
                 "over Saturday, Sunday and a holiday");
    calendar_make(&zone, view_of("Sun 10:00-10:01"), view_of("none"), &calendar);
    cr_assert_eq(calendar_after(&calendar, friday, 24 * 365 * HOUR), TIME_NONE, "not in a hundred years");
}

/* Is a minute open, by the text of SHOP and nothing else? */
static bool open_by_hand(int64_t time) {
    int64_t local = time + 9 * HOUR; /* Seoul */
    int weekday = (int)((local / DAY_MS + 4) % 7), minute = (int)(local % DAY_MS / MINUTE);
    if (weekday == 0) return false;
    if (weekday == 6) return minute >= 600 && minute < 1080;
    return (minute >= 600 && minute < 780) || (minute >= 840 && minute < 1200);
}

Test(calendar, X4_equals_a_count_by_hand) {
    make("Asia/Seoul", SHOP, "none");
    int64_t start = at("2026-11-13 17:17"), counted = 0;
    for (int64_t minute = 0; minute < 16 * 1440; minute++) {
        int64_t now = start + minute * MINUTE;
        if (minute % 97 == 0) {
            cr_assert_eq(calendar_elapsed(&calendar, start, now), counted * MINUTE, "after %d minutes", (int)minute);
            int64_t reached = calendar_after(&calendar, start, counted * MINUTE);
            cr_assert_leq(reached, now);
            cr_assert_eq(calendar_elapsed(&calendar, start, reached), counted * MINUTE);
        }
        counted += open_by_hand(now);
    }
}

Test(calendar, X4_what_is_taken_and_what_is_refused) {
    const char *good[] = {"off", SHOP, "Sat-Mon 09:00-12:00", "Mon 00:00-24:00", "Mon 10:00-11:00 11:00-12:00"};
    const char *bad[] = {"",
                         "Mon",
                         "Mon-Fry 10:00-11:00",
                         "mon 10:00-11:00",
                         "Mon 10:00-10:00",
                         "Mon 11:00-10:00",
                         "Mon 10:00-24:01",
                         "Mon 10:60-11:00",
                         "Mon 9:00-10:00",
                         "Mon 10:00",
                         "Mon 10:00-12:00 11:00-13:00",
                         "Mon 10:00-11:00, Sun-Tue 10:00-11:00",
                         "Mon 01:00-02:00 03:00-04:00 05:00-06:00 07:00-08:00 09:00-10:00",
                         "Mon 10:00-11:00,",
                         "none",
                         "10:00-11:00"};
    const struct policy_info *info = policy_find(view_of("business-hours"));
    struct err err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_assert_eq(policy_check(info, view_of(good[i]), 0, &err), 0, "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(policy_check(info, view_of(bad[i]), 0, &err), ERR_INVALID, "%s", bad[i]);
        cr_assert_str_eq(err.field, "set");
    }
}

/* To the byte: what can be set is what the event can carry. */
Test(calendar, X4_as_many_holidays_as_an_event_carries) {
    const struct policy_info *info = policy_find(view_of("holidays"));
    struct buf days = BUF_INIT;
    struct err err;
    char range[POLICY_RANGE_TEXT];
    for (int i = 0; i < CALENDAR_HOLIDAYS; i++) buf_printf(&days, "%s12-25", i == 0 ? "" : ",");
    cr_assert_eq(policy_check_sense(info, buf_view(&days), 0, &err), 0);
    while (days.len < policy_value_max()) buf_printf(&days, " ");
    cr_assert_eq(policy_check_sense(info, buf_view(&days), 0, &err), 0);
    buf_printf(&days, " ");
    cr_assert_eq(policy_check(info, buf_view(&days), 0, &err), 0);
    cr_assert_eq(policy_check_sense(info, buf_view(&days), 0, &err), ERR_INVALID);
    cr_assert_not_null(strstr(err.text, "1000 bytes"), "%s", err.text);
    days.len = CALENDAR_HOLIDAYS * sizeof "12-25" - 1;
    buf_printf(&days, ",1-1");
    cr_assert_eq(policy_check_sense(info, buf_view(&days), 0, &err), ERR_INVALID);
    cr_assert_eq(info->most, CALENDAR_HOLIDAYS);
    cr_assert_str_eq(policy_range(info, range), "up to 166, up to 1000 bytes, or none");
    buf_release(&days);
}
