/* The calendar, the zones of the C library, and dates and times as people and files write them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/zone.h"

#define REFUSED INT64_MIN
#define HOUR_MS INT64_C(3600000)

static struct zone utc(void) { return zone_fixed(0); }

/* Only one a process, and each test is a process of its own. */
static struct zone region(const char *name) {
    struct zone z;
    struct err err = {0};
    cr_assert_eq(zone_os(name, &z, &err), 0, "%s", err.text);
    cr_assert_str_eq(z.name, name);
    return z;
}

static int64_t parse(const char *text, const struct zone *z, bool end_of_day) {
    struct err err = {0};
    int64_t time = REFUSED;
    int code = time_parse(view_of(text), z, end_of_day, &time, &err);
    cr_assert_eq(code, err.code);
    cr_assert(code == 0 || code == ERR_INVALID);
    return code == 0 ? time : REFUSED;
}

static int64_t in_utc(const char *text) {
    struct zone z = utc();
    return parse(text, &z, false);
}

static int64_t formatted(const char *text, const char *format, const struct zone *z) {
    struct err err = {0};
    int64_t time = REFUSED;
    int code = time_parse_format(view_of(text), format, z, &time, &err);
    cr_assert_eq(code, err.code);
    cr_assert(code == 0 || code == ERR_INVALID);
    return code == 0 ? time : REFUSED;
}

static int64_t formatted_utc(const char *text, const char *format) {
    struct zone z = utc();
    return formatted(text, format, &z);
}

Test(date, days_and_dates_agree_over_six_centuries) {
    struct date d = {1800, 1, 1};
    int64_t days = date_to_days(d);
    int weekday = date_weekday(d);
    cr_assert_eq(days, -62091);
    cr_assert_eq(weekday, 3);
    for (; d.year < 2400; days++, weekday = (weekday + 1) % 7) {
        struct date back = date_from_days(days);
        cr_assert(date_valid(d));
        cr_assert(back.year == d.year && back.month == d.month && back.day == d.day, "%d-%d-%d", d.year, d.month,
                  d.day);
        cr_assert_eq(date_to_days(d), days);
        cr_assert_eq(date_weekday(d), weekday);
        d.day++;
        if (!date_valid(d)) d = (struct date){d.year, d.month + 1, 1};
        if (!date_valid(d)) d = (struct date){d.year + 1, 1, 1};
    }
    cr_assert_eq(date_to_days((struct date){1970, 1, 1}), 0);
}

Test(date, leap_days) {
    cr_assert(date_valid((struct date){2000, 2, 29}));
    cr_assert(date_valid((struct date){2024, 2, 29}));
    cr_assert_not(date_valid((struct date){1900, 2, 29}));
    cr_assert_not(date_valid((struct date){2100, 2, 29}));
    cr_assert_not(date_valid((struct date){2023, 2, 29}));
    cr_assert_not(date_valid((struct date){2024, 2, 30}));
    cr_assert_not(date_valid((struct date){0, 1, 1}));
    cr_assert_not(date_valid((struct date){2024, 0, 1}));
    cr_assert_not(date_valid((struct date){2024, 13, 1}));
    cr_assert_not(date_valid((struct date){2024, 4, 31}));
    cr_assert_not(date_valid((struct date){2024, 4, 0}));
    cr_assert_eq(date_to_days((struct date){2024, 3, 1}) - date_to_days((struct date){2024, 2, 28}), 2);
    cr_assert_eq(date_to_days((struct date){2100, 3, 1}) - date_to_days((struct date){2100, 2, 28}), 1);
}

static void check_months(struct date d, int months, struct date expected) {
    struct date moved = date_add_months(d, months);
    cr_assert(moved.year == expected.year && moved.month == expected.month && moved.day == expected.day,
              "%d-%d-%d%+d gives %d-%d-%d", d.year, d.month, d.day, months, moved.year, moved.month, moved.day);
}

Test(date, months_are_clamped_to_their_last_day) {
    check_months((struct date){2024, 1, 31}, 1, (struct date){2024, 2, 29});
    check_months((struct date){2023, 1, 31}, 1, (struct date){2023, 2, 28});
    check_months((struct date){2023, 3, 31}, -1, (struct date){2023, 2, 28});
    check_months((struct date){2024, 2, 29}, 12, (struct date){2025, 2, 28});
    check_months((struct date){2024, 2, 29}, -48, (struct date){2020, 2, 29});
    check_months((struct date){2024, 8, 31}, -6, (struct date){2024, 2, 29});
    check_months((struct date){2024, 12, 15}, 1, (struct date){2025, 1, 15});
    check_months((struct date){2024, 1, 15}, -1, (struct date){2023, 12, 15});
    check_months((struct date){2024, 5, 31}, 0, (struct date){2024, 5, 31});
    check_months((struct date){1, 1, 1}, -1, (struct date){0, 0, 0});
    check_months((struct date){9999, 12, 1}, INT32_MAX, (struct date){0, 0, 0});
    check_months((struct date){1, 1, 1}, INT32_MIN, (struct date){0, 0, 0});
}

Test(date, V7_months_before_is_the_way_back_of_adding_months) {
    static const int spans[] = {0, 1, 6, 11, 12, 36};
    for (int64_t today = date_to_days((struct date){2024, 1, 1}); date_from_days(today).year < 2026; today++) {
        for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
            int64_t limit = date_to_days(date_months_before(date_from_days(today), spans[i]));
            cr_assert_leq(date_to_days(date_add_months(date_from_days(limit), spans[i])), today);
            cr_assert_gt(date_to_days(date_add_months(date_from_days(limit + 1), spans[i])), today, "%lld back %d",
                         (long long)today, spans[i]);
        }
    }
    cr_assert_eq(date_months_before((struct date){1, 1, 31}, 1).year, 0);
}

Test(date, times_at_the_ends_of_an_int64_do_no_harm) {
    struct zone z = zone_fixed(9 * HOUR_MS);
    char out[40];
    cr_assert_eq(zone_date(&z, TIME_NONE).year, 0);
    cr_assert_str_eq(time_format(TIME_NONE, &z, out), "");
    cr_assert_eq(zone_local_ms(&z, INT64_MAX), INT64_MAX);
    cr_assert_gt(zone_date(&z, INT64_MAX).year, 290000000);
    cr_assert_lt(zone_date(&z, INT64_MIN + 1).year, -290000000);
    cr_assert_str_eq(time_format(INT64_MAX, &z, out), "292278994-08-17T07:12:55.807+09:00");
    cr_assert_str_eq(time_format(INT64_MIN + 1, &z, out), "-292275055-05-17T01:47:04.193+09:00");
    zone_utc_ms(&z, INT64_MIN);
    zone_utc_ms(&z, INT64_MAX);
    cr_assert_eq(date_from_days(INT64_MAX).year, 0);
    cr_assert_eq(date_from_days(INT64_MIN).year, 0);
}

Test(zone, fixed_offsets) {
    struct zone z = zone_fixed(-(5 * HOUR_MS + HOUR_MS / 2));
    char out[40];
    cr_assert_str_eq(z.name, "-05:30");
    cr_assert_str_eq(utc().name, "UTC");
    cr_assert_eq(zone_local_ms(&z, 0), -(5 * HOUR_MS + HOUR_MS / 2));
    cr_assert_eq(zone_utc_ms(&z, zone_local_ms(&z, 12345)), 12345);
    cr_assert_eq(zone_date(&z, 0).day, 31);
    cr_assert_str_eq(time_format(0, &z, out), "1969-12-31T18:30:00-05:30");
}

Test(zone, seoul_had_summer_time_in_1988) {
    struct zone z = region("Asia/Seoul");
    char out[40];
    cr_assert_str_eq(time_format(in_utc("1988-05-07T16:59:59Z"), &z, out), "1988-05-08T01:59:59+09:00");
    cr_assert_str_eq(time_format(in_utc("1988-05-07T17:00:00Z"), &z, out), "1988-05-08T03:00:00+10:00");
    cr_assert_str_eq(time_format(in_utc("1988-10-08T16:59:59Z"), &z, out), "1988-10-09T02:59:59+10:00");
    cr_assert_str_eq(time_format(in_utc("1988-10-08T17:00:00Z"), &z, out), "1988-10-09T02:00:00+09:00");
    cr_assert_eq(parse("1988-08-15T12:00", &z, false), in_utc("1988-08-15T02:00:00Z"));
    cr_assert_eq(parse("2017-08-15T12:00", &z, false), in_utc("2017-08-15T03:00:00Z"));
    cr_assert_eq(parse("1988-10-09T02:30", &z, false), in_utc("1988-10-08T16:30:00Z"), "twice: the first");
    cr_assert_eq(parse("1988-05-08T02:30", &z, false), in_utc("1988-05-07T17:30:00Z"), "never: as before the gap");
}

Test(zone, new_york_has_doubtful_hours) {
    struct zone z = region("America/New_York");
    char out[40];
    cr_assert_eq(parse("2017-11-05T01:30", &z, false), in_utc("2017-11-05T05:30:00Z"), "twice: the first");
    cr_assert_eq(parse("2017-11-05T00:59:59.999", &z, false), in_utc("2017-11-05T04:59:59.999Z"));
    cr_assert_eq(parse("2017-11-05T01:00", &z, false), in_utc("2017-11-05T05:00:00Z"));
    cr_assert_eq(parse("2017-11-05T02:00", &z, false), in_utc("2017-11-05T07:00:00Z"));
    cr_assert_eq(parse("2017-03-12T01:59:59", &z, false), in_utc("2017-03-12T06:59:59Z"));
    cr_assert_eq(parse("2017-03-12T02:30", &z, false), in_utc("2017-03-12T07:30:00Z"), "never: as before the gap");
    cr_assert_eq(parse("2017-03-12T03:00", &z, false), in_utc("2017-03-12T07:00:00Z"));
    cr_assert_str_eq(time_format(in_utc("2017-11-05T06:30:00Z"), &z, out), "2017-11-05T01:30:00-05:00");
    cr_assert_eq(zone_day_end(&z, (struct date){2017, 3, 12}) - zone_day_start(&z, (struct date){2017, 3, 12}) + 1,
                 23 * HOUR_MS);
    cr_assert_eq(zone_day_end(&z, (struct date){2017, 11, 5}) - zone_day_start(&z, (struct date){2017, 11, 5}) + 1,
                 25 * HOUR_MS);
}

Test(zone, a_day_without_midnight_starts_when_it_starts) {
    struct zone z = region("America/Sao_Paulo");
    char out[40];
    cr_assert_str_eq(time_format(zone_day_start(&z, (struct date){2017, 10, 15}), &z, out),
                     "2017-10-15T01:00:00-02:00");
    cr_assert_str_eq(time_format(zone_day_end(&z, (struct date){2017, 10, 14}), &z, out),
                     "2017-10-14T23:59:59.999-03:00");
    cr_assert_str_eq(time_format(zone_day_end(&z, (struct date){2018, 2, 17}), &z, out),
                     "2018-02-17T23:59:59.999-03:00");
}

Test(zone, samoa_skipped_a_day) {
    struct zone z = region("Pacific/Apia");
    char out[40];
    cr_assert_eq(zone_day_start(&z, (struct date){2011, 12, 31}), zone_day_start(&z, (struct date){2011, 12, 30}));
    cr_assert_str_eq(time_format(zone_day_start(&z, (struct date){2011, 12, 31}), &z, out),
                     "2011-12-31T00:00:00+14:00");
    cr_assert_str_eq(time_format(zone_day_end(&z, (struct date){2011, 12, 29}), &z, out),
                     "2011-12-29T23:59:59.999-10:00");
}

/* Over all the time there is: instants survive the way through local time and text but where that is said to be
 * doubtful, and days partition time. */
static void check_zone(const char *name, int first_year, int last_year) {
    struct zone z = region(name);
    int64_t end = date_to_days((struct date){last_year, 12, 31});
    for (int64_t day = date_to_days((struct date){first_year, 1, 1}); day <= end; day++) {
        struct date d = date_from_days(day);
        int64_t start = zone_day_start(&z, d);
        cr_assert_eq(zone_day_end(&z, d) + 1, zone_day_start(&z, date_from_days(day + 1)));
        cr_assert_eq(date_to_days(zone_date(&z, start)), day);
        for (int64_t hour = 0; hour < 24; hour += 5) {
            int64_t instant = start + hour * HOUR_MS + 123;
            int64_t back = zone_utc_ms(&z, zone_local_ms(&z, instant));
            char out[40];
            cr_assert(back == instant || zone_local_ms(&z, back) == zone_local_ms(&z, instant));
            cr_assert_leq(back, instant);
            cr_assert_eq(parse(time_format(instant, &z, out), &z, false), instant, "%s", out);
        }
    }
}

Test(zone, seoul_agrees_with_itself) { check_zone("Asia/Seoul", 1901, 2100); }

Test(zone, new_york_agrees_with_itself) { check_zone("America/New_York", 1901, 2100); }

Test(zone, cached_offsets_are_those_of_the_instant) {
    struct zone z = region("Europe/Berlin");
    for (int round = 0; round < 2; round++) {
        int64_t offset = 0, changes = 0;
        for (int64_t at = in_utc("1980-01-01"); at < in_utc("1997-01-01"); at += HOUR_MS / 2) {
            int64_t now = zone_local_ms(&z, at) - at;
            changes += now != offset;
            offset = now;
        }
        cr_assert_eq(changes, 1 + 17 * 2);
    }
    cr_assert_eq(zone_local_ms(&z, in_utc("1996-10-27T00:59:59Z")), in_utc("1996-10-27T02:59:59Z"));
    cr_assert_eq(zone_local_ms(&z, in_utc("1996-10-27T01:00:00Z")), in_utc("1996-10-27T02:00:00Z"));
}

Test(zone, only_names_of_the_database_are_zones) {
    static const char *const wrong[] = {"",
                                        "Asia/Nowhere",
                                        "Asia",
                                        "KST-9",
                                        "../zoneinfo/Asia/Seoul",
                                        "/etc/localtime",
                                        ":Asia/Seoul",
                                        "Asia/Seoul/",
                                        "Asia//Seoul",
                                        "right/Asia/Seoul",
                                        "tzdata.zi",
                                        "zone.tab",
                                        "Asia/Se oul",
                                        "서울",
                                        "<+09>-9"};
    struct zone z;
    struct err err = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert_eq(zone_os(wrong[i], &z, &err), ERR_INVALID, "\"%s\"", wrong[i]);
        cr_assert_str_eq(err.field, "timezone");
    }
    cr_assert_eq(zone_os(NULL, &z, &err), ERR_INVALID);
    char longest[200];
    memset(longest, 'A', sizeof longest);
    longest[199] = '\0';
    cr_assert_eq(zone_os(longest, &z, &err), ERR_INVALID);
    cr_assert_eq(zone_os("UTC", &z, &err), 0, "a refusal leaves the choice open");
}

Test(zone, a_process_has_one) {
    struct zone z = region("Asia/Seoul"), other;
    struct err err = {0};
    cr_assert_eq(zone_os("Asia/Seoul", &other, &err), 0);
    cr_assert_eq(zone_os("Asia/Tokyo", &other, &err), ERR_CONFLICT);
    cr_assert_eq(zone_local_ms(&z, 0), 9 * HOUR_MS);
}

Test(time, a_date_alone_is_its_start_or_its_end) {
    struct zone z = region("Asia/Seoul");
    cr_assert_eq(parse("2017-06-30", &z, false), in_utc("2017-06-29T15:00:00Z"));
    cr_assert_eq(parse("2017-06-30", &z, true), in_utc("2017-06-30T14:59:59.999Z"));
    cr_assert_eq(parse("2017-06-30T00:00", &z, true), in_utc("2017-06-29T15:00:00Z"), "a time of day was given");
}

Test(time, every_form_of_a_time) {
    struct zone z = zone_fixed(9 * HOUR_MS);
    cr_assert_eq(in_utc("1970-01-01"), 0);
    cr_assert_eq(in_utc("1970-01-01T00:00:01"), 1000);
    cr_assert_eq(in_utc("1970-01-01 00:01"), 60000);
    cr_assert_eq(in_utc("1970-01-01t00:00:00.5z"), 500);
    cr_assert_eq(in_utc("1970-01-01T00:00:00.12"), 120);
    cr_assert_eq(in_utc("1970-01-01T00:00:00.123999999"), 123);
    cr_assert_eq(in_utc("1970-01-01T09:00:00+09:00"), 0);
    cr_assert_eq(in_utc("1970-01-01T09:00:00+0900"), 0);
    cr_assert_eq(in_utc("1970-01-01T09:00+09"), 0);
    cr_assert_eq(in_utc("1969-12-31 18:30:00 -05:30"), 0);
    cr_assert_eq(in_utc("  1970-01-01T00:00Z\r\n"), 0);
    cr_assert_eq(parse("1970-01-01T09:00:00", &z, false), 0);
    cr_assert_eq(parse("1970-01-01T00:00:00Z", &z, false), 0);
    cr_assert_eq(in_utc("1900-01-01"), TIME_MIN);
    cr_assert_eq(in_utc("2399-12-31T23:59:59.999Z"), TIME_MAX);
}

Test(time, what_is_no_time_is_refused) {
    static const char *const wrong[] = {"",
                                        " ",
                                        "now",
                                        "2017",
                                        "2017-06",
                                        "2017-6-30",
                                        "17-06-30",
                                        "2017-06-31",
                                        "2017-02-29",
                                        "2017-13-01",
                                        "2017-00-10",
                                        "2017-01-00",
                                        "2017/06/30",
                                        "20170630",
                                        "2017-06-30T",
                                        "2017-06-30T12",
                                        "2017-06-30T24:00",
                                        "2017-06-30T12:60",
                                        "2017-06-30T12:00:60",
                                        "2017-06-30T12:00:05.",
                                        "2017-06-30T12:00:05,5",
                                        "2017-06-30Z",
                                        "2017-06-30T1:00",
                                        "2017-06-30T12:00+24:00",
                                        "2017-06-30T12:00+09:60",
                                        "2017-06-30T12:00+9",
                                        "2017-06-30T12:00+09:",
                                        "2017-06-30T12:00Zx",
                                        "2017-06-30x",
                                        "2017-06-30  12:00",
                                        "-2017-06-30",
                                        "+2017-06-30",
                                        "２０１７-06-30",
                                        "1899-12-31",
                                        "2400-01-01",
                                        "0000-01-01",
                                        "9999-12-31",
                                        "1900-01-01T00:00+09:00",
                                        "2399-12-31T23:00-09:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert_eq(in_utc(wrong[i]), REFUSED, "\"%s\"", wrong[i]);
    struct zone z = utc();
    int64_t time;
    cr_assert_eq(time_parse(VIEW_NONE, &z, false, &time, NULL), ERR_INVALID);
    cr_assert_eq(time_parse(view_make("2017-06-30T12:00", 14), &z, false, &time, NULL), ERR_INVALID);
}

Test(time, dates_for_themselves) {
    struct date d = {0, 0, 0};
    char out[16];
    cr_assert_eq(date_parse(view_of(" 1988-02-29 "), &d, NULL), 0);
    cr_assert_str_eq(date_format(d, out), "1988-02-29");
    cr_assert_eq(date_parse(view_of("1989-02-29"), &d, NULL), ERR_INVALID);
    cr_assert_eq(date_parse(view_of("1988-02-29T00:00"), &d, NULL), ERR_INVALID);
    cr_assert_eq(date_parse(view_of("1899-12-31"), &d, NULL), ERR_INVALID);
    cr_assert_eq(date_parse(view_of("2400-01-01"), &d, NULL), ERR_INVALID);
    cr_assert_eq(date_parse(VIEW_NONE, &d, NULL), ERR_INVALID);
    cr_assert_str_eq(date_format(d, out), "1988-02-29", "a refusal leaves it alone");
}

Test(time, day_first_dates) {
    cr_assert_eq(formatted_utc("03/04/2014", "%d/%m/%Y"), in_utc("2014-04-03"));
    cr_assert_eq(formatted_utc("3/4/2014", "%d/%m/%Y"), in_utc("2014-04-03"));
    cr_assert_eq(formatted_utc("31/12/2014", "%d/%m/%Y"), in_utc("2014-12-31"));
    cr_assert_eq(formatted_utc("12/31/2014", "%d/%m/%Y"), REFUSED);
    cr_assert_eq(formatted_utc("03/04/14", "%d/%m/%Y"), REFUSED);
    cr_assert_eq(formatted_utc("03-04-2014", "%d/%m/%Y"), REFUSED);
    cr_assert_eq(formatted_utc("03/04/2014 10:00", "%d/%m/%Y"), REFUSED);
    cr_assert_eq(formatted_utc("", "%d/%m/%Y"), REFUSED);
}

Test(time, the_other_letters_of_a_format) {
    cr_assert_eq(formatted_utc("2014-04-03 09:08:07", "%Y-%m-%d %H:%M:%S"), in_utc("2014-04-03T09:08:07"));
    cr_assert_eq(formatted_utc("2014-04-03 09:08:07.25", "%F %T.%f"), in_utc("2014-04-03T09:08:07.25"));
    cr_assert_eq(formatted_utc("20140403090807", "%Y%m%d%H%M%S"), in_utc("2014-04-03T09:08:07"));
    cr_assert_eq(formatted_utc("Apr 3 2014", "%b %d %Y"), in_utc("2014-04-03"));
    cr_assert_eq(formatted_utc("3-SEPTEMBER-2014", "%d-%b-%Y"), in_utc("2014-09-03"));
    cr_assert_eq(formatted_utc("may 3, 2014", "%b %d, %Y"), in_utc("2014-05-03"));
    cr_assert_eq(formatted_utc("03.04.68", "%d.%m.%y"), in_utc("2068-04-03"));
    cr_assert_eq(formatted_utc("03.04.69", "%d.%m.%y"), in_utc("1969-04-03"));
    cr_assert_eq(formatted_utc("2016 366", "%Y %j"), in_utc("2016-12-31"));
    cr_assert_eq(formatted_utc("2015 366", "%Y %j"), REFUSED);
    cr_assert_eq(formatted_utc("2015 000", "%Y %j"), REFUSED);
    cr_assert_eq(formatted_utc("1396483200", "%s"), in_utc("2014-04-03"));
    cr_assert_eq(formatted_utc("-1", "%s"), -1000);
    cr_assert_eq(formatted_utc("99999999999999", "%s"), REFUSED);
    cr_assert_eq(formatted_utc("2014-04-03T09:00+09:00", "%Y-%m-%dT%H:%M%z"), in_utc("2014-04-03"));
    cr_assert_eq(formatted_utc("100% 2014-04-03", "100%% %F"), in_utc("2014-04-03"));
    cr_assert_eq(formatted_utc("2014년 4월 3일", "%Y년 %m월 %d일"), in_utc("2014-04-03"));
    cr_assert_eq(formatted_utc("2014-04-03   9:05", "%F %H:%M"), in_utc("2014-04-03T09:05"));
    cr_assert_eq(formatted_utc("2014-04-039:05", "%F %H:%M"), in_utc("2014-04-03T09:05"));
}

Test(time, half_days) {
    cr_assert_eq(formatted_utc("2014-04-03 12:05 AM", "%F %I:%M %p"), in_utc("2014-04-03T00:05"));
    cr_assert_eq(formatted_utc("2014-04-03 12:05 pm", "%F %I:%M %p"), in_utc("2014-04-03T12:05"));
    cr_assert_eq(formatted_utc("2014-04-03 1:05 p.m.", "%F %I:%M %p"), in_utc("2014-04-03T13:05"));
    cr_assert_eq(formatted_utc("2014-04-03 오후 3:05", "%F %p %I:%M"), in_utc("2014-04-03T15:05"));
    cr_assert_eq(formatted_utc("2014-04-03 上午 3:05", "%F %p %I:%M"), in_utc("2014-04-03T03:05"));
    cr_assert_eq(formatted_utc("2014-04-03 13:05 PM", "%F %I:%M %p"), REFUSED);
    cr_assert_eq(formatted_utc("2014-04-03 0:05 AM", "%F %I:%M %p"), REFUSED);
    cr_assert_eq(formatted_utc("2014-04-03 1:05 XM", "%F %I:%M %p"), REFUSED);
}

Test(time, formats_that_leave_the_time_open_are_refused) {
    struct zone z = utc();
    struct err err = {0};
    int64_t time;
    cr_assert_eq(time_parse_format(view_of("2014-04"), "%Y-%m", &z, &time, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "date-format");
    cr_assert_eq(time_parse_format(view_of("2014-04-03 3"), "%F %I", &z, &time, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "date-format");
    cr_assert_eq(time_parse_format(view_of("2014-04-03"), "%Q", &z, &time, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "date-format");
    cr_assert_eq(time_parse_format(view_of("2014-04-03"), "%F%", &z, &time, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "date-format");
    cr_assert_eq(time_parse_format(view_of("03"), "%d", &z, &time, &err), ERR_INVALID);
    cr_assert_eq(time_parse_format(view_of(""), "", &z, &time, &err), ERR_INVALID);
}

Test(time, a_format_without_time_of_day_is_midnight_in_the_region) {
    struct zone z = region("America/Sao_Paulo");
    cr_assert_eq(formatted("03/04/2014", "%d/%m/%Y", &z), in_utc("2014-04-03T03:00:00Z"));
    cr_assert_eq(formatted("03/01/2014 10:30", "%d/%m/%Y %H:%M", &z), in_utc("2014-01-03T12:30:00Z"));
}

Test(time, written_times) {
    struct zone z = zone_fixed(9 * HOUR_MS);
    char out[40];
    cr_assert_str_eq(time_format(0, &z, out), "1970-01-01T09:00:00+09:00");
    cr_assert_str_eq(time_format(1, &z, out), "1970-01-01T09:00:00.001+09:00");
    cr_assert_str_eq(time_format(-1, &z, out), "1970-01-01T08:59:59.999+09:00");
    z = utc();
    cr_assert_str_eq(time_format(TIME_MIN, &z, out), "1900-01-01T00:00:00+00:00");
    cr_assert_str_eq(time_format(TIME_MAX, &z, out), "2399-12-31T23:59:59.999+00:00");
}
