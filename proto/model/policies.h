/* The policy: figures and lists that the region sets, with their defaults. Each is a key of the event `policy`, checked
 * before it is written; the one table, policies.def, is what `policy` shows and the documents hold.
 *
 * Pure. Thread: under the site's read lock, as every question. Comes after: model_policy, which tells the value in
 * force. Before: the questions, the commands, the hub's judge. */
#ifndef DANGOL_PROTO_MODEL_POLICIES_H
#define DANGOL_PROTO_MODEL_POLICIES_H

#include "proto/model/model.h"

enum policy_kind {
    POLICY_KIND_NUMBER,
    POLICY_KIND_AMOUNT,
    POLICY_KIND_AMOUNTS,
    POLICY_KIND_NUMBERS,
    POLICY_KIND_WINDOW,
    POLICY_KIND_TIERS,
    POLICY_KIND_WEIGHTS,
    POLICY_KIND_HOURS,
    POLICY_KIND_DAYS,
    POLICY_KIND_LIST,
    POLICY_KIND_TEXT,
};

struct policy_info {
    const char *key;
    enum policy_kind kind;
    int64_t least, most;
    const char *fallback; /* the default, as written in policies.def; policy_default tells the currency's */
    const char *unit, *meaning, *source;
};

/* POLICY_TIERS, … and the number of them. */
enum policy_name {
#define POLICY(name, key, kind, least, most, fallback, unit, meaning, source) POLICY_##name,
#include "proto/model/policies.def"
#undef POLICY
    POLICY_COUNT
};
extern const struct policy_info policies[POLICY_COUNT];
const struct policy_info *policy_find(struct view key); /* NULL: there is none */
/* "1 to 50", "ascending, each 1 to 99", … Fills `out`; returns it. */
#define POLICY_RANGE_TEXT 120
char *policy_range(const struct policy_info *info, char out[POLICY_RANGE_TEXT]);
/* May the value be set? 0, or ERR_INVALID with the reason. `decimals` of the region's currency. */
int policy_check(const struct policy_info *info, struct view value, int decimals, struct err *err);
/* The longest value that the event `policy` carries, in bytes. */
size_t policy_value_max(void);
/* The default in the model's currency. */
struct view policy_default(const struct model *model, enum policy_name name);

/* In force at a time (TIME_NONE: by the latest date), or the default. Text is borrowed as model_policy's. What was said
 * of a key that a later version knows otherwise, and does not pass the check here, counts as not said. */
struct view policy_text(const struct model *model, enum policy_name name, int64_t at);
int64_t policy_number(const struct model *model, enum policy_name name, int64_t at);
/* Minor units; NIL: off. */
int64_t policy_amount(const struct model *model, enum policy_name name, int64_t at);
/* NUMBERS or AMOUNTS (minor units), ascending, at most `max`; how many. 0: off. */
#define POLICY_LISTED_MAX 16
size_t policy_numbers(const struct model *model, enum policy_name name, int64_t at, int64_t *out, size_t max);

/* The tiers in force, the lowest first. Names are borrowed. */
struct policy_tier {
    struct view name;
    int64_t spend; /* minor units: from here on */
};
size_t policy_tiers(const struct model *model, int64_t at, struct policy_tier out[POLICY_LISTED_MAX]);
/* The parts of the weighted score; all 0 is refused. */
struct policy_weights {
    int64_t spend, visits, referrals;
};
struct policy_weights policy_weights(const struct model *model, int64_t at);

/* The next word of a comma list, without blanks around it; false behind the last, and for "none" and "off". */
bool policy_next(struct view *rest, struct view *word);
/* Is `word` one of a comma list? */
bool policy_lists(struct view list, struct view word);

#endif
