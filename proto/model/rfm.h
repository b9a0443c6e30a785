/* What each customer is worth and how she buys: V4, V5, V6.
 *
 * Pure. Thread: under the site's read lock. The arrays are the caller's to free. Before: segments, the score of vip. */
#ifndef DANGOL_PROTO_MODEL_RFM_H
#define DANGOL_PROTO_MODEL_RFM_H

#include "proto/model/questions.h"

enum buyer_type { BUYER_AMOUNT, BUYER_FREQUENCY, BUYER_DISCOUNT };
enum visit_band { BAND_LOW, BAND_POTENTIAL, BAND_KEY };

struct segment {
    struct standing standing; /* up to `to` */
    uint32_t reduced;         /* of the visits, those with reduced goods */
    uint32_t band_visits;     /* within the band-window */
    uint8_t r, f, m;          /* 1 … 5, 5 is best */
    uint8_t type, band;       /* enum buyer_type, enum visit_band */
    bool valid;               /* may come back; else one-time */
    bool referred;            /* a customer brought her */
    bool candidate;           /* for VIP: comes again and pays the full price, or was brought by a customer */
};

/* Everybody known by `to`, ascending by id, under the policy in force then. In turns, as of their end. n log n. */
int segments_valued(const struct model *model, const struct zone *zone, int64_t to, const struct pace *pace,
                    struct segment **out, size_t *count);

/* The map of recency by frequency: how many customers stand where, and what they brought. */
#define RFM_GROUPS 5
struct rfm_cell {
    uint64_t customers, visits;
    int64_t spend;
};
struct rfm_map {
    struct rfm_cell cells[RFM_GROUPS][RFM_GROUPS]; /* [r - 1][f - 1] */
};
void rfm_map_of(const struct segment *segments, size_t count, struct rfm_map *out);

/* Groups of five: 1 + floor(5 × those with a smaller value / count), so that equal values share a group. */
void groups_of_five(const int64_t *values, size_t count, uint8_t *out);

/* V2: the weighted score by root, over those with a row in the window: the sum of weight × group of five of net spend,
 * visits and referrals. `referrals` by root. To be freed. */
struct people;
struct policy_weights;
int64_t *scores_make(const struct policy_weights *weights, const struct people *people, const uint32_t *referrals);

#endif
