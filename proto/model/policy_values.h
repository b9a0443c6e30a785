/* How values of the policy are written and read: one reader a kind, used by the check before a value is written and by
 * the questions that ask for it. Inside this room.
 *
 * Each reader: `out` may be NULL (only checked); 0, or ERR_INVALID with the reason. */
#ifndef DANGOL_PROTO_MODEL_POLICY_VALUES_H
#define DANGOL_PROTO_MODEL_POLICY_VALUES_H

#include "proto/model/policies.h"

struct policy_reading {
    const struct policy_info *info;
    int decimals; /* of the currency */
};

#define POLICY_NOTHING "none"
#define POLICY_OFF "off"
#define POLICY_WORD_MAX 64 /* bytes, of a LIST */

int read_number(const struct policy_reading *r, struct view value, int64_t *out, struct err *err);
/* NIL: off. */
int read_amount(const struct policy_reading *r, struct view value, int64_t *out, struct err *err);
/* Ascending, POLICY_LISTED_MAX of them at most; amounts or numbers by the kind. */
int read_numbers(const struct policy_reading *r, struct view value, int64_t *out, size_t *count, struct err *err);
int read_tiers(const struct policy_reading *r, struct view value, struct policy_tier *out, size_t *count,
               struct err *err);
int read_weights(const struct policy_reading *r, struct view value, struct policy_weights *out, struct err *err);
int check_list(const struct policy_reading *r, struct view value, struct err *err);
int check_window(const struct policy_reading *r, struct view value, struct err *err);
int check_days(const struct policy_reading *r, struct view value, struct err *err);

#endif
