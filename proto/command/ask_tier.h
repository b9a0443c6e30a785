/* The tiers of the customers of a list, for its rows: tier, and beside it tier_earned, tier_granted, tier_next,
 * to_next, tier_lapsed; under another policy (replay --policy) tier_was where it differs. */
#ifndef DANGOL_PROTO_COMMAND_ASK_TIER_H
#define DANGOL_PROTO_COMMAND_ASK_TIER_H

#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/model/tiers.h"

#define ASK_TIER_COLUMNS 24
/* Columns behind that of the tier. People see those that tell anything in this list: tier_was, and where somebody has a
 * tier given by hand, that one and the earned (V3). */
#define ASK_TIER_FIELDS                                                                                                \
    {NULL, "tier_was", COLUMN_TEXT}, {NULL, "tier_earned", COLUMN_TEXT}, {NULL, "tier_granted", COLUMN_TEXT},          \
        {NULL, "tier_lapsed", COLUMN_TEXT}, {NULL, "tier_next", COLUMN_TEXT}, {                                        \
        NULL, "to_next", COLUMN_MONEY                                                                                  \
    }
struct lapsed_tier {
    size_t index; /* of whom */
    char name[TIER_NAME_MAX + 1];
};
struct asked_tiers {
    struct tier_table table, table_before;
    struct tier_standing *of, *before; /* before: NULL unless the policy is another one */
    struct lapsed_tier *lapsed;        /* given by hand, and no tier any more; few */
    size_t lapsed_count;
    size_t changed;                          /* rows so far whose tier is another one */
    struct column columns[ASK_TIER_COLUMNS]; /* of the listing */
};

/* Not between ask_begin and ask_end; many are a report. `stride`: bytes from one id to the next. */
void ask_tiers(struct call *call, int64_t to, const uint64_t *persons, size_t count, size_t stride,
               struct asked_tiers *out);
/* The same of one person, whose rows up to `to` are at hand, between ask_begin and ask_end. */
void ask_tier_by_rows(struct call *call, const struct model *model, int64_t to, uint64_t person,
                      const struct person_row *rows, size_t count, struct asked_tiers *out);
/* The VIPs of then: a report. To be released. */
void ask_vips(struct call *call, int64_t to, struct idmap *out);
/* A listing of these columns, ASK_TIER_FIELDS among them; `tiers` are those of `count` persons. */
struct listing *ask_tier_listing(struct call *call, const struct column *columns, struct asked_tiers *tiers,
                                 size_t count);
void ask_tier_row(struct asked_tiers *tiers, size_t index, json_t *row);
/* Of the first, for people: the tier, what it was earned by, how far to the next, what was given by hand. */
void ask_tier_line(struct call *call, const struct asked_tiers *tiers);
/* Said to people behind a list: how many change tier. */
void ask_tiers_changed(struct call *call, const struct asked_tiers *tiers);
void ask_tiers_release(struct asked_tiers *tiers);

#endif
