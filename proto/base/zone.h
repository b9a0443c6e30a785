/* Dates and times. Events hold ms since 1970 UTC; zones exist only in questions and at the door.
 *
 * A zone is an IANA name; its rules are the C library's (tzdata), reached through a port so that pure cores take a
 * `struct zone` and tests can use a fixed offset. A local time that occurs twice takes the earlier offset (the first of
 * the two); one that never occurs takes the offset before the gap. Thread: zone_os switches the process to one zone for
 * good (a process serves one region); a second, different name is refused. All other functions are pure. */
#ifndef DANGOL_PROTO_BASE_ZONE_H
#define DANGOL_PROTO_BASE_ZONE_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define DAY_MS INT64_C(86400000)
#define TIME_NONE INT64_MIN

/* Times outside 1900-01-01 … 2399-12-31 are refused at the door and flagged by folds. */
#define TIME_MIN INT64_C(-2208988800000)
#define TIME_MAX INT64_C(13569465599999)

struct zone {
    /* Offset from UTC in ms in force at an instant, east positive. */
    int64_t (*offset_at)(void *context, int64_t utc_ms);
    void *context;
    char name[64];
};

struct date {
    int year, month, day; /* month and day from 1; year 0: no date */
};

int zone_os(const char *name, struct zone *out, struct err *err); /* before threads start: it sets TZ */
struct zone zone_fixed(int64_t offset_ms);

int64_t date_to_days(struct date d); /* days since 1970-01-01 */
struct date date_from_days(int64_t days);
bool date_valid(struct date d);
int date_weekday(struct date d); /* 0 Sunday … 6 */
/* Clamped to the month's last day; no date outside the years 1 … 9999. */
struct date date_add_months(struct date d, int months);
/* The latest day that is so many months (from 0) before `d` or longer: the way back of date_add_months, so that "so
 * many months after a day" is the same asked from either end. From the last of a shorter month that is a longer one's
 * last, from 28 February 2025 a year back 29 February 2024. */
struct date date_months_before(struct date d, int months);

int64_t zone_local_ms(const struct zone *z, int64_t utc_ms); /* local wall clock, as if it were UTC */
int64_t zone_utc_ms(const struct zone *z, int64_t local_ms); /* see above for doubtful times */
struct date zone_date(const struct zone *z, int64_t utc_ms); /* none for TIME_NONE */
int64_t zone_day_start(const struct zone *z, struct date d);
int64_t zone_day_end(const struct zone *z, struct date d); /* the ms before the next day starts */

/* "2017-06-30", of the years 1900 … 2399. Here and below blanks around the text do not matter. */
int date_parse(struct view text, struct date *out, struct err *err);
/* A date, or date and time ("2017-06-30T12:00:05.123+09:00", a space for the T, seconds and zone optional; "Z").
 * Without zone it is the region's. A date alone is `end_of_day ? its last ms : 00:00`. "now" is not known here. */
int time_parse(struct view text, const struct zone *z, bool end_of_day, int64_t *out, struct err *err);
/* The same after a strptime-like format: %Y %m %d %H %M %S %y %b %p %I %j %s %%, and %z for an offset, %f for a
 * fraction of the second, %F and %T for %Y-%m-%d and %H:%M:%S; blanks match any blanks or none. A format without time
 * of day gives 00:00; one that leaves the date or the half of the day open is refused. */
int time_parse_format(struct view text, const char *format, const struct zone *z, int64_t *out, struct err *err);

/* RFC 3339 with the zone's offset, ms only when not zero, "" for TIME_NONE; `out` of 40 bytes; returns it. */
char *time_format(int64_t utc_ms, const struct zone *z, char *out);
char *date_format(struct date d, char *out); /* 16 bytes */

#endif
