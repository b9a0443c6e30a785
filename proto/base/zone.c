#include "proto/base/zone.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS INT64_C(60000)

/* Days and years count in 400-year eras that begin on 1 March, so that the leap day is the last of its year.
 * See Howard Hinnant, "chrono-compatible low-level date algorithms". */
#define ERA_DAYS 146097
#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int days_in_month(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_valid(struct date d) {
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= days_in_month(d.year, d.month);
}

int64_t date_to_days(struct date d) {
    int64_t year = (int64_t)d.year - (d.month <= 2);
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month = d.month > 2 ? (int64_t)d.month - 3 : (int64_t)d.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + d.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

struct date date_from_days(int64_t days) {
    /* No time in ms reaches further, and beyond it the year would not fit. */
    if (days < INT64_MIN / DAY_MS - 1 || days > INT64_MAX / DAY_MS) return (struct date){0, 0, 0};
    days += EPOCH_DAYS;
    int64_t era = floor_divide(days, ERA_DAYS);
    int64_t day_of_era = days - era * ERA_DAYS;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    int day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    bool next_year = month >= 10;
    return (struct date){(int)(era * 400 + year_of_era + next_year), (int)(next_year ? month - 9 : month + 3), day};
}

struct date date_add_months(struct date d, int months) {
    int64_t month = (int64_t)d.year * 12 + d.month - 1 + months;
    int64_t year = floor_divide(month, 12);
    if (year < 1 || year > 9999) return (struct date){0, 0, 0};
    struct date moved = {(int)year, (int)(month - year * 12) + 1, d.day};
    int last = days_in_month(moved.year, moved.month);
    if (moved.day > last) moved.day = last;
    return moved;
}

struct date date_months_before(struct date d, int months) {
    struct date back = date_add_months(d, -months);
    if (back.year != 0 && d.day == days_in_month(d.year, d.month)) back.day = days_in_month(back.year, back.month);
    return back;
}

int date_weekday(struct date d) {
    int64_t days = date_to_days(d) + 4; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_divide(days, 7) * 7);
}

static int64_t fixed_offset(void *context, int64_t utc_ms) {
    (void)utc_ms;
    return (int64_t)(intptr_t)context;
}

struct zone zone_fixed(int64_t offset_ms) {
    assert(offset_ms > -DAY_MS && offset_ms < DAY_MS);
    struct zone zone = {fixed_offset, (void *)(intptr_t)offset_ms, "UTC"};
    int64_t minutes = (offset_ms < 0 ? -offset_ms : offset_ms) / MINUTE_MS;
    if (minutes > 0)
        snprintf(zone.name, sizeof zone.name, "%c%02d:%02d", offset_ms < 0 ? '-' : '+', (int)(minutes / 60),
                 (int)(minutes % 60));
    return zone;
}

/* Events may claim any time at all; sums with an offset stop at the ends. */
static int64_t add_clamped(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

int64_t zone_local_ms(const struct zone *z, int64_t utc_ms) {
    return add_clamped(utc_ms, z->offset_at(z->context, utc_ms));
}

int64_t zone_utc_ms(const struct zone *z, int64_t local_ms) {
    /* No offset reaches a day, so these two are in force safely before and after the instant looked for; of them, the
     * one in force before wins both where a time occurs twice and where it never does. */
    int64_t before = z->offset_at(z->context, add_clamped(local_ms, -DAY_MS));
    int64_t after = z->offset_at(z->context, add_clamped(local_ms, DAY_MS));
    int64_t earlier = add_clamped(local_ms, -before);
    int64_t later = add_clamped(local_ms, -after);
    if (before == after || z->offset_at(z->context, earlier) == before) return earlier;
    return z->offset_at(z->context, later) == after ? later : earlier;
}

struct date zone_date(const struct zone *z, int64_t utc_ms) {
    if (utc_ms == TIME_NONE) return (struct date){0, 0, 0};
    return date_from_days(floor_divide(zone_local_ms(z, utc_ms), DAY_MS));
}

static int64_t day_start(const struct zone *z, int64_t days) {
    assert(days > INT64_MIN / DAY_MS && days < INT64_MAX / DAY_MS);
    return zone_utc_ms(z, days * DAY_MS);
}

int64_t zone_day_start(const struct zone *z, struct date d) { return day_start(z, date_to_days(d)); }

int64_t zone_day_end(const struct zone *z, struct date d) {
    /* Not its 23:59:59.999, which may occur twice: days follow each other without gaps. */
    return day_start(z, date_to_days(d) + 1) - 1;
}

char *date_format(struct date d, char *out) {
    snprintf(out, 16, "%04d-%02d-%02d", d.year, d.month, d.day);
    return out;
}

/* So many digits, then a sign; where they are written next. Lists have a million times in them. */
static char *put_digits(char *out, int64_t value, int digits, char sign) {
    for (int i = digits; i-- > 0; value /= 10) out[i] = (char)('0' + value % 10);
    out[digits] = sign;
    return out + digits + 1;
}

/* Of a year that no event has. */
static char *odd_time(struct date d, int64_t rest, int64_t minutes, char *out) {
    int64_t distance = minutes < 0 ? -minutes : minutes;
    int len = snprintf(out, 40, "%04d-%02d-%02dT%02d:%02d:%02d", d.year, d.month, d.day, (int)(rest / 3600000),
                       (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
    if (rest % 1000 != 0) len += snprintf(out + len, (size_t)(40 - len), ".%03d", (int)(rest % 1000));
    snprintf(out + len, (size_t)(40 - len), "%c%02d:%02d", minutes < 0 ? '-' : '+', (int)(distance / 60),
             (int)(distance % 60));
    return out;
}

char *time_format(int64_t utc_ms, const struct zone *z, char *out) {
    if (utc_ms == TIME_NONE) {
        out[0] = '\0';
        return out;
    }
    /* RFC 3339 has no seconds in offsets, as there were before standard time: the wall clock shown goes with the
     * offset shown, so that reading it back gives the same instant. */
    int64_t minutes = z->offset_at(z->context, utc_ms) / MINUTE_MS;
    int64_t local = add_clamped(utc_ms, minutes * MINUTE_MS);
    int64_t rest = local % DAY_MS + (local % DAY_MS < 0 ? DAY_MS : 0);
    struct date d = date_from_days(floor_divide(local, DAY_MS));
    int64_t distance = minutes < 0 ? -minutes : minutes;
    if (d.year < 0 || d.year > 9999) return odd_time(d, rest, minutes, out);
    char *at = put_digits(out, d.year, 4, '-');
    at = put_digits(at, d.month, 2, '-');
    at = put_digits(at, d.day, 2, 'T');
    at = put_digits(at, rest / 3600000, 2, ':');
    at = put_digits(at, rest / 60000 % 60, 2, ':');
    at = put_digits(at, rest / 1000 % 60, 2, rest % 1000 == 0 ? (minutes < 0 ? '-' : '+') : '.');
    if (rest % 1000 != 0) at = put_digits(at, rest % 1000, 3, minutes < 0 ? '-' : '+');
    at = put_digits(at, distance / 60, 2, ':');
    put_digits(at, distance % 60, 2, '\0');
    return out;
}
