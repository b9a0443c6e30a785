/* The clocks of a complaint (X4) and the level it has come up to (X3). Inside this room.
 *
 * A clock runs from the opening until it is met, within the calendar of the policy in force at the opening; it stands
 * still while the complaint is paused, and between an outcome and a reopening. Nothing of it is kept. */
#ifndef DANGOL_PROTO_MODEL_COMPLAINT_CLOCKS_H
#define DANGOL_PROTO_MODEL_COMPLAINT_CLOCKS_H

#include "proto/model/calendar.h"
#include "proto/model/questions.h"
#include "proto/model/vec.h"

/* What the policy says of complaints opened at a time. Read again only where the policy has changed in between. */
struct terms {
    struct calendar calendar;
    struct view hours, holidays; /* the calendar's, as read */
    int64_t answer_ms, resolve_ms;
    int64_t level_ms[2]; /* TIME_NONE: never */
};
void terms_start(struct terms *terms); /* before the first terms_at */
void terms_at(const struct model *model, const struct zone *zone, int64_t at, struct terms *terms);

/* Times in which the clock stands still. */
struct still {
    int64_t from, to; /* INT64_MAX: it has not ended */
};
struct stills {
    VEC(struct still) list;
};
void stills_add(struct stills *stills, int64_t from, int64_t to);
/* In order, apart from each other: before the questions below. */
void stills_settle(struct stills *stills);
int64_t stills_within(const struct stills *stills, int64_t from, int64_t to); /* ms on the wall */

/* `met`: when, TIME_NONE: not yet. */
void clock_read(const struct terms *terms, const struct stills *stills, int64_t opened, int64_t met, int64_t now,
                int64_t allowed, struct complaint_clock *out);
/* The level that the time spent since it was given one, at the opening or by a routing, has brought it to. */
int64_t level_after(const struct terms *terms, int64_t level, int64_t spent);

#endif
