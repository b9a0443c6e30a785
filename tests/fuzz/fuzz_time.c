/* What is read as a time is written as that time, whatever the zone; dates and days agree. Input: a byte for the offset
 * of the zone, a text, and after a line feed a format. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/zone.h"

#define QUARTER_MS INT64_C(900000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(int64_t time, const struct zone *z) {
    char out[40];
    int64_t back;
    assert(time >= TIME_MIN && time <= TIME_MAX);
    assert(zone_utc_ms(z, zone_local_ms(z, time)) == time);
    assert(time_parse(view_of(time_format(time, z, out)), z, false, &back, NULL) == 0);
    assert(back == time);
    struct date d = zone_date(z, time);
    assert(date_valid(d));
    assert(zone_day_start(z, d) <= time && time <= zone_day_end(z, d));
    assert(strncmp(date_format(d, (char[16]){""}), out, 10) == 0);
}

static void check_text(struct view text, const struct zone *z) {
    int64_t start = 0, end = 0;
    struct date d;
    char out[16];
    int code = time_parse(text, z, false, &start, NULL);
    if (code == 0) check_written(start, z);
    if (time_parse(text, z, true, &end, NULL) == 0 && code == 0) assert(end == start || end == start + DAY_MS - 1);
    if (date_parse(text, &d, NULL) == 0) {
        struct date back;
        assert(date_valid(d) && date_parse(view_of(date_format(d, out)), &back, NULL) == 0);
        assert(back.year == d.year && back.month == d.month && back.day == d.day);
        assert(code != 0 || zone_day_start(z, d) == start);
    }
}

static void check_format(struct view text, struct view format, const struct zone *z) {
    char *pattern = mem_view_text(format);
    struct err err = {0};
    int64_t time;
    int code = time_parse_format(text, pattern, z, &time, &err);
    assert(code == err.code && (code == 0 || code == ERR_INVALID));
    if (code == 0) check_written(time, z);
    free(pattern);
}

static void check_days(int64_t days, int months) {
    struct date d = date_from_days(days);
    if (!date_valid(d)) return;
    assert(date_to_days(d) == days);
    assert(date_weekday(d) == (int)(((days + 4) % 7 + 7) % 7));
    struct date moved = date_add_months(d, months);
    if (moved.year == 0) return;
    assert(date_valid(moved) && moved.day <= d.day);
    assert((moved.year - d.year) * 12 + moved.month - d.month == months);
}

/* A zone with one summer, in which doubtful hours come and go at places the input chooses. */
static int64_t summer_offset(void *context, int64_t utc_ms) {
    const int64_t *change = context;
    return utc_ms >= change[0] && utc_ms < change[1] ? change[2] : 0;
}

static void check_doubtful(int64_t from, int64_t length, int64_t offset, int64_t at) {
    int64_t change[] = {from, from + 3 * DAY_MS + length, offset};
    struct zone z = {summer_offset, change, "summer"};
    int64_t local = zone_local_ms(&z, at);
    int64_t back = zone_utc_ms(&z, local);
    assert(back <= at && zone_local_ms(&z, back) == local);
    struct date d = zone_date(&z, at);
    assert(zone_day_end(&z, d) + 1 == zone_day_start(&z, date_from_days(date_to_days(d) + 1)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    struct zone z = zone_fixed((data[0] % 113 - 56) * QUARTER_MS);
    const uint8_t *end = memchr(data, '\n', size);
    size_t len = end == NULL ? size : (size_t)(end - data);
    if (len > 0) check_text(view_make(data + 1, len - 1), &z);
    if (end != NULL && len > 0) check_format(view_make(data + 1, len - 1), view_make(end + 1, size - len - 1), &z);
    if (size >= 16) {
        check_days((int32_t)get_u32_le(data) % 4000000, (int32_t)get_u32_le(data + 4) % 200000);
        check_doubtful((int32_t)get_u32_le(data), get_u32_le(data + 4) % 100000000,
                       (int32_t)get_u32_le(data + 8) % (DAY_MS - 1), (int32_t)get_u32_le(data + 12));
        char out[40];
        time_format((int64_t)get_u64_le(data), &z, out);
        assert(strlen(out) < sizeof out);
    }
    return 0;
}
