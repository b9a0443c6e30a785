#include "proto/model/calendar.h"

#include <stdio.h>
#include <string.h>

#include "proto/model/policies.h"
#include "proto/model/policy_values.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MINUTES 1440
#define SEARCHED_DAYS 36525

/* ---- Reading ---- */

/* The word up to the next blank; false at the end. */
static bool next_word(struct view *rest, struct view *word) {
    size_t start = 0, end;
    while (start < rest->len && rest->data[start] == ' ') start++;
    for (end = start; end < rest->len && rest->data[end] != ' ';) end++;
    if (start == end) return false;
    *word = view_make(rest->data + start, end - start);
    *rest = view_make(rest->data + end, rest->len - end);
    return true;
}

/* "A-B" in two; without a dash both are the whole. */
static void halves(struct view word, struct view *first, struct view *last) {
    const uint8_t *dash = memchr(word.data, '-', word.len);
    *first = *last = word;
    if (dash == NULL) return;
    first->len = (size_t)(dash - word.data);
    *last = view_make(dash + 1, word.len - first->len - 1);
}

static bool read_weekday(struct view word, int *out) {
    static const char *const names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    for (*out = 0; *out < 7; ++*out)
        if (view_is(word, names[*out])) return true;
    return false;
}

static bool digit(uint8_t c) { return c >= '0' && c <= '9'; }

/* "10:00", up to "24:00" */
static bool read_minute(struct view word, int16_t *out) {
    const uint8_t *c = word.data;
    if (word.len != 5 || c[2] != ':' || !digit(c[0]) || !digit(c[1]) || !digit(c[3]) || !digit(c[4])) return false;
    int hour = (c[0] - '0') * 10 + c[1] - '0', minute = (c[3] - '0') * 10 + c[4] - '0';
    *out = (int16_t)(hour * 60 + minute);
    return minute < 60 && *out <= DAY_MINUTES;
}

static bool read_span(struct view word, struct calendar_span *out) {
    struct view first, last;
    halves(word, &first, &last);
    return read_minute(first, &out->from) && read_minute(last, &out->to) && out->from < out->to;
}

/* "Mon-Fri 10:00-13:00 14:00-20:00"; days that were named already are refused. */
static bool read_days(struct view text, struct calendar *out) {
    struct calendar_span spans[CALENDAR_SPANS];
    struct view word, first, last;
    int from, to;
    uint8_t count = 0;
    if (!next_word(&text, &word)) return false;
    halves(word, &first, &last);
    if (!read_weekday(first, &from) || !read_weekday(last, &to)) return false;
    while (next_word(&text, &word)) {
        if (count == CALENDAR_SPANS || !read_span(word, &spans[count])) return false;
        if (count > 0 && spans[count].from < spans[count - 1].to) return false;
        count++;
    }
    if (count == 0) return false;
    for (int day = from;; day = (day + 1) % 7) {
        if (out->span_count[day] > 0) return false;
        out->span_count[day] = count;
        memcpy(out->spans[day], spans, count * sizeof *spans);
        if (day == to) return true;
    }
}

int calendar_read_hours(struct view text, struct calendar *out, struct err *err) {
    struct calendar read;
    struct view group;
    size_t groups = 0;
    bool good = true;
    memset(&read, 0, sizeof read);
    read.always = view_is(text, POLICY_OFF);
    for (; good && policy_next(&text, &group); groups++) good = read_days(group, &read);
    if (!good || (groups == 0 && !read.always))
        return err_set(
            err, ERR_INVALID, "set",
            "takes days with their hours as \"Mon-Fri 10:00-13:00 14:00-20:00, Sat 10:00-18:00\", at most %d "
            "stretches a day, ascending, each day once, or \"%s\"",
            CALENDAR_SPANS, POLICY_OFF);
    if (out != NULL) *out = read;
    return 0;
}

bool calendar_read_day(struct view word, struct date *out) {
    char text[16];
    bool yearly = word.len == 5;
    if (word.len != 10 && !yearly) return false;
    snprintf(text, sizeof text, "%s%.*s", yearly ? "2000-" : "", (int)word.len, (const char *)word.data);
    if (date_parse(view_of(text), out, NULL) != 0) return false;
    if (yearly) out->year = 0;
    return true;
}

void calendar_make(const struct zone *zone, struct view hours, struct view holidays, struct calendar *out) {
    struct view word;
    if (calendar_read_hours(hours, out, NULL) != 0) *out = (struct calendar){.always = true};
    out->zone = zone;
    while (out->holiday_count < CALENDAR_HOLIDAYS && policy_next(&holidays, &word))
        if (calendar_read_day(word, &out->holidays[out->holiday_count])) out->holiday_count++;
}

/* ---- Counting ---- */

static bool is_holiday(const struct calendar *c, struct date day) {
    for (size_t i = 0; i < c->holiday_count; i++) {
        const struct date *h = &c->holidays[i];
        if (h->month == day.month && h->day == day.day && (h->year == 0 || h->year == day.year)) return true;
    }
    return false;
}

/* The hours of a day of the calendar; how many stretches. */
static size_t hours_of(const struct calendar *c, int64_t days, const struct calendar_span **out) {
    struct date day = date_from_days(days);
    int weekday = date_weekday(day);
    *out = c->spans[weekday];
    return c->span_count[weekday] == 0 || is_holiday(c, day) ? 0 : c->span_count[weekday];
}

static int64_t instant(const struct calendar *c, int64_t days, int16_t minute) {
    return zone_utc_ms(c->zone, days * DAY_MS + minute * MINUTE_MS);
}

int64_t calendar_elapsed(const struct calendar *c, int64_t from, int64_t to) {
    if (to <= from) return 0;
    if (c->always) return to - from;
    int64_t sum = 0, last = date_to_days(zone_date(c->zone, to));
    for (int64_t day = date_to_days(zone_date(c->zone, from)); day <= last; day++) {
        const struct calendar_span *spans;
        size_t count = hours_of(c, day, &spans);
        for (size_t i = 0; i < count; i++) {
            int64_t start = instant(c, day, spans[i].from), end = instant(c, day, spans[i].to);
            if (start < from) start = from;
            if (end > to) end = to;
            if (end > start) sum += end - start;
        }
    }
    return sum;
}

int64_t calendar_after(const struct calendar *c, int64_t from, int64_t ms) {
    if (c->always || ms <= 0) return from + (ms > 0 ? ms : 0);
    int64_t first = date_to_days(zone_date(c->zone, from));
    for (int64_t day = first; day < first + SEARCHED_DAYS; day++) {
        const struct calendar_span *spans;
        size_t count = hours_of(c, day, &spans);
        for (size_t i = 0; i < count; i++) {
            int64_t start = instant(c, day, spans[i].from), end = instant(c, day, spans[i].to);
            if (start < from) start = from;
            if (end <= start) continue;
            if (end - start >= ms) return start + ms;
            ms -= end - start;
        }
    }
    return TIME_NONE;
}
