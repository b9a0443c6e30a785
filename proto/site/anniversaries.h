/* Birthdays and dated occasions of the customer files, opened: an index beside the model, in memory only, so that
 * asking whose day is near does not open a million files each time. Kept up with the log by file_index.h. Whoever is
 * erased is wiped from it by site_forget, with the keys.
 *
 * Thread: any. A hub that opens nothing sealed (site_settle_closed) has none. */
#ifndef DANGOL_PROTO_SITE_ANNIVERSARIES_H
#define DANGOL_PROTO_SITE_ANNIVERSARIES_H

#include "proto/base/bytes.h"
#include "proto/base/idmap.h"
#include "proto/model/dated.h"
#include "proto/site/file_index.h"

struct site;
struct model;

struct anniversaries {
    struct file_index index;
    struct dated *items; /* customer 0: no longer */
    size_t count, room;
    struct idmap first; /* customer → the place of its first item + 1; the others stand behind it */
};

void anniversaries_init(struct anniversaries *a);
void anniversaries_release(struct anniversaries *a);
/* Brings it up to date and tells all of it; of a replay (NULL: none) the files are opened anew. The caller frees.
 * `progress` may be NULL. */
void site_anniversaries(struct site *site, const struct model *replay,
                        void (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct dated **out,
                        size_t *count);
/* Nothing of these is left. */
void site_anniversaries_forget(struct site *site, const uint64_t *customers, size_t count);

/* The days in a text: 1990-05-01, 05-01, with -, /, . or 年 月 년 월 between; the year does not matter. What is no day
 * of any year is passed over. At most `max`; returns how many. */
struct month_day {
    uint8_t month, day;
};
size_t text_days(struct view text, struct month_day *out, size_t max);

#endif
