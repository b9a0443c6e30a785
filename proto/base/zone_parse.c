#include <string.h>

#include "proto/base/zone.h"

/* What is left to read. */
struct scan {
    const uint8_t *at;
    const uint8_t *end;
};

#define OPEN (-1) /* not given */

struct parts {
    int year, month, day, day_of_year;
    int hour, hour_of_half, half; /* half: 0 morning, 1 afternoon */
    int minute, second, ms;
    int64_t epoch_seconds;
    bool has_epoch;
    int64_t offset_ms;
    bool has_offset;
};

static bool is_blank(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static void skip_blanks(struct scan *s) {
    while (s->at != s->end && is_blank(*s->at)) s->at++;
}

static struct scan scan_of(struct view text) {
    if (text.data == NULL) text = view_of("");
    struct scan s = {text.data, text.data + text.len};
    skip_blanks(&s);
    while (s.end != s.at && is_blank(s.end[-1])) s.end--;
    return s;
}

static struct parts parts_open(void) {
    return (struct parts){OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, 0, 0, 0, 0, false, 0, false};
}

static bool take_char(struct scan *s, char c) {
    if (s->at == s->end || *s->at != (uint8_t)c) return false;
    s->at++;
    return true;
}

static bool take_digits(struct scan *s, int least, int most, int *out) {
    int count = 0, value = 0;
    while (count < most && s->at != s->end && is_digit(*s->at)) {
        value = value * 10 + (*s->at++ - '0');
        count++;
    }
    *out = value;
    return count >= least;
}

/* Any number of digits after the point, cut to ms: "123456" is 123. */
static bool take_fraction(struct scan *s, int *ms) {
    int unit = 100;
    *ms = 0;
    if (s->at == s->end || !is_digit(*s->at)) return false;
    for (; s->at != s->end && is_digit(*s->at); s->at++) {
        *ms += (*s->at - '0') * unit;
        unit /= 10;
    }
    return true;
}

/* "Z", "+09:00", "+0900" or "+09". */
static bool take_offset(struct scan *s, struct parts *p) {
    int hours, minutes = 0;
    p->has_offset = true;
    p->offset_ms = 0;
    if (take_char(s, 'Z') || take_char(s, 'z')) return true;
    bool west = take_char(s, '-');
    if ((!west && !take_char(s, '+')) || !take_digits(s, 2, 2, &hours)) return false;
    bool colon = take_char(s, ':');
    if ((colon || (s->at != s->end && is_digit(*s->at))) && !take_digits(s, 2, 2, &minutes)) return false;
    p->offset_ms = (hours * 60 + minutes) * INT64_C(60000) * (west ? -1 : 1);
    return hours < 24 && minutes < 60;
}

/* "2017-06-30" */
static bool take_date(struct scan *s, struct parts *p) {
    return take_digits(s, 4, 4, &p->year) && take_char(s, '-') && take_digits(s, 2, 2, &p->month) &&
           take_char(s, '-') && take_digits(s, 2, 2, &p->day);
}

/* "12:00", "12:00:05", "12:00:05.123" */
static bool take_clock(struct scan *s, struct parts *p) {
    if (!take_digits(s, 2, 2, &p->hour) || !take_char(s, ':') || !take_digits(s, 2, 2, &p->minute)) return false;
    if (!take_char(s, ':')) return true;
    return take_digits(s, 2, 2, &p->second) && (!take_char(s, '.') || take_fraction(s, &p->ms));
}

/* Ignores case in ASCII. */
static bool take_word(struct scan *s, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(s->end - s->at) < len) return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = s->at[i];
        if (c != (uint8_t)word[i] && (c < 'A' || c > 'Z' || c - 'A' + 'a' != word[i])) return false;
    }
    s->at += len;
    return true;
}

static bool take_month_name(struct scan *s, int *month) {
    static const char *const names[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};
    for (int i = 0; i < 12; i++) {
        char abbreviated[4] = {names[i][0], names[i][1], names[i][2], '\0'};
        if (take_word(s, names[i]) || take_word(s, abbreviated)) {
            *month = i + 1;
            return true;
        }
    }
    return false;
}

static bool take_half(struct scan *s, int *half) {
    static const struct {
        const char *word;
        int half;
    } words[] = {{"am", 0}, {"pm", 1}, {"a.m.", 0}, {"p.m.", 1}, {"오전", 0}, {"오후", 1}, {"上午", 0}, {"下午", 1}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (take_word(s, words[i].word)) {
            *half = words[i].half;
            return true;
        }
    }
    return false;
}

static bool take_epoch(struct scan *s, struct parts *p) {
    bool before = take_char(s, '-');
    int count = 0;
    p->epoch_seconds = 0;
    for (; count < 12 && s->at != s->end && is_digit(*s->at); count++)
        p->epoch_seconds = p->epoch_seconds * 10 + (*s->at++ - '0');
    if (before) p->epoch_seconds = -p->epoch_seconds;
    p->has_epoch = true;
    return count > 0;
}

static bool take_short_year(struct scan *s, int *year) {
    if (!take_digits(s, 2, 2, year)) return false;
    *year += *year < 69 ? 2000 : 1900;
    return true;
}

enum outcome { TAKEN, MISMATCH, UNKNOWN };

static enum outcome matched(bool taken) { return taken ? TAKEN : MISMATCH; }

static enum outcome take_directive(struct scan *s, char directive, struct parts *p) {
    switch (directive) {
    case 'Y': return matched(take_digits(s, 4, 4, &p->year));
    case 'y': return matched(take_short_year(s, &p->year));
    case 'm': return matched(take_digits(s, 1, 2, &p->month));
    case 'b': return matched(take_month_name(s, &p->month));
    case 'd': return matched(take_digits(s, 1, 2, &p->day));
    case 'j': return matched(take_digits(s, 1, 3, &p->day_of_year));
    case 'H': return matched(take_digits(s, 1, 2, &p->hour));
    case 'I': return matched(take_digits(s, 1, 2, &p->hour_of_half));
    case 'p': return matched(take_half(s, &p->half));
    case 'M': return matched(take_digits(s, 1, 2, &p->minute));
    case 'S': return matched(take_digits(s, 1, 2, &p->second));
    case 'f': return matched(take_fraction(s, &p->ms));
    case 's': return matched(take_epoch(s, p));
    case 'z': return matched(take_offset(s, p));
    case 'F': return matched(take_date(s, p));
    case 'T':
        return matched(take_digits(s, 1, 2, &p->hour) && take_char(s, ':') && take_digits(s, 1, 2, &p->minute) &&
                       take_char(s, ':') && take_digits(s, 1, 2, &p->second));
    case '%': return matched(take_char(s, '%'));
    default: return UNKNOWN;
    }
}

/* All of the text after the format; on UNKNOWN *format is at the letter at fault. */
static enum outcome take_format(struct scan *s, const char **format, struct parts *p) {
    for (; **format != '\0'; (*format)++) {
        enum outcome outcome = TAKEN;
        if (is_blank((uint8_t) * *format))
            skip_blanks(s);
        else if (**format != '%')
            outcome = matched(take_char(s, **format));
        else if (*++*format == '\0')
            return UNKNOWN;
        else
            outcome = take_directive(s, **format, p);
        if (outcome != TAKEN) return outcome;
    }
    return matched(s->at == s->end);
}

/* Whether the format, once matched, told all that is needed. */
static bool parts_complete(const struct parts *p) {
    if ((p->hour_of_half == OPEN) != (p->half == OPEN)) return false;
    return p->has_epoch || (p->year != OPEN && (p->day_of_year != OPEN || (p->month != OPEN && p->day != OPEN)));
}

static bool parts_date(const struct parts *p, struct date *out) {
    if (p->day_of_year == OPEN) {
        *out = (struct date){p->year, p->month, p->day};
        return date_valid(*out);
    }
    struct date first = {p->year, 1, 1};
    *out = first;
    if (!date_valid(first) || p->day_of_year < 1) return false;
    *out = date_from_days(date_to_days(first) + p->day_of_year - 1);
    return out->year == p->year;
}

static bool parts_clock_ms(const struct parts *p, int64_t *out) {
    int hour = p->hour == OPEN ? 0 : p->hour;
    if (p->hour_of_half != OPEN) {
        if (p->hour_of_half < 1 || p->hour_of_half > 12) return false;
        hour = p->hour_of_half % 12 + 12 * p->half;
    }
    *out = ((hour * 60 + p->minute) * 60 + p->second) * INT64_C(1000) + p->ms;
    return hour < 24 && p->minute < 60 && p->second < 60;
}

static bool parts_time(const struct parts *p, const struct zone *z, int64_t *out) {
    struct date date;
    int64_t clock;
    if (p->has_epoch) {
        *out = p->epoch_seconds * 1000 + p->ms;
        return true;
    }
    if (!parts_date(p, &date) || !parts_clock_ms(p, &clock)) return false;
    int64_t local = date_to_days(date) * DAY_MS + clock;
    *out = p->has_offset ? local - p->offset_ms : zone_utc_ms(z, local);
    return true;
}

static int refuse_unreal(struct view text, struct err *err) {
    char shown[60];
    return err_set(err, ERR_INVALID, NULL, "\"%s\" is not in the calendar, or not a time of day",
                   view_text(text, shown, sizeof shown));
}

static int check_range(struct view text, bool within, struct err *err) {
    char shown[60];
    return within ? 0
                  : err_set(err, ERR_INVALID, NULL, "\"%s\" is outside the years 1900 to 2399",
                            view_text(text, shown, sizeof shown));
}

int date_parse(struct view text, struct date *out, struct err *err) {
    char shown[60];
    struct scan s = scan_of(text);
    struct parts p = parts_open();
    struct date date;
    if (!take_date(&s, &p) || s.at != s.end)
        return err_set(err, ERR_INVALID, NULL, "\"%s\" is not a date such as 2017-06-30",
                       view_text(text, shown, sizeof shown));
    if (!parts_date(&p, &date)) return refuse_unreal(text, err);
    int code = check_range(text, date.year >= 1900 && date.year <= 2399, err);
    if (code == 0) *out = date;
    return code;
}

/* The rest of a time after its date. */
static bool take_clock_and_offset(struct scan *s, struct parts *p) {
    if (!take_char(s, 'T') && !take_char(s, 't') && !take_char(s, ' ')) return false;
    if (!take_clock(s, p)) return false;
    if (s->at == s->end) return true;
    take_char(s, ' ');
    return take_offset(s, p) && s->at == s->end;
}

int time_parse(struct view text, const struct zone *z, bool end_of_day, int64_t *out, struct err *err) {
    char shown[60];
    struct scan s = scan_of(text);
    struct parts p = parts_open();
    int64_t time;
    bool read = take_date(&s, &p);
    bool date_alone = read && s.at == s.end;
    if (!read || (!date_alone && !take_clock_and_offset(&s, &p)))
        return err_set(err, ERR_INVALID, NULL, "\"%s\" is not a time such as 2017-06-30 or 2017-06-30T12:00:05",
                       view_text(text, shown, sizeof shown));
    if (!parts_time(&p, z, &time)) return refuse_unreal(text, err);
    if (date_alone && end_of_day) time = zone_day_end(z, (struct date){p.year, p.month, p.day});
    int code = check_range(text, time >= TIME_MIN && time <= TIME_MAX, err);
    if (code == 0) *out = time;
    return code;
}

int time_parse_format(struct view text, const char *format, const struct zone *z, int64_t *out, struct err *err) {
    char shown[60];
    const char *at = format;
    struct scan s = scan_of(text);
    struct parts p = parts_open();
    int64_t time;
    enum outcome outcome = take_format(&s, &at, &p);
    if (outcome == UNKNOWN)
        return err_set(err, ERR_INVALID, "date-format", "\"%%%.1s\" in the date format \"%s\" is not known", at,
                       format);
    if (outcome == MISMATCH)
        return err_set(err, ERR_INVALID, NULL, "\"%s\" does not match the date format \"%s\"",
                       view_text(text, shown, sizeof shown), format);
    if (!parts_complete(&p))
        return err_set(err, ERR_INVALID, "date-format",
                       "the date format \"%s\" must give year, month and day, and %%I goes with %%p", format);
    if (!parts_time(&p, z, &time)) return refuse_unreal(text, err);
    int code = check_range(text, time >= TIME_MIN && time <= TIME_MAX, err);
    if (code == 0) *out = time;
    return code;
}
