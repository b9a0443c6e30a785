/* Business hours and holidays: how much of the time between two instants counts, and when so much has counted.
 *
 * Hours are the region's wall clock: a day on which the clocks change is as long as its hours are that day. Pure.
 * Memory: none of its own; the zone is borrowed. Before: the clocks of complaints, the check of the policy's values. */
#ifndef DANGOL_PROTO_MODEL_CALENDAR_H
#define DANGOL_PROTO_MODEL_CALENDAR_H

#include "proto/base/zone.h"

#define CALENDAR_SPANS 4      /* of a day at most: a break or three */
#define CALENDAR_HOLIDAYS 166 /* no more fit into the event's text: the policy's bound */

struct calendar_span {
    int16_t from, to; /* minutes of the day */
};

struct calendar {
    const struct zone *zone;
    bool always; /* every hour counts */
    uint8_t span_count[7];
    struct calendar_span spans[7][CALENDAR_SPANS]; /* by weekday, 0 Sunday; ascending, apart from each other */
    size_t holiday_count;
    struct date holidays[CALENDAR_HOLIDAYS]; /* year 0: of every year */
};

/* "Mon-Fri 10:00-13:00 14:00-20:00, Sat 10:00-18:00", or "off": always; a day that is not named is closed. `out` NULL:
 * only checked. ERR_INVALID on "set" with the reason. */
int calendar_read_hours(struct view text, struct calendar *out, struct err *err);
/* "YYYY-MM-DD", or "MM-DD" of every year. */
bool calendar_read_day(struct view word, struct date *out);
/* From values that have passed their checks. */
void calendar_make(const struct zone *zone, struct view hours, struct view holidays, struct calendar *out);

/* What counts of [from, to), in ms. */
int64_t calendar_elapsed(const struct calendar *calendar, int64_t from, int64_t to);
/* The first instant at which `ms` have counted since `from`; TIME_NONE: not within a hundred years. */
int64_t calendar_after(const struct calendar *calendar, int64_t from, int64_t ms);

#endif
