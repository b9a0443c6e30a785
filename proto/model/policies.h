/* The policy: figures and lists that the region sets, with their defaults. Each is a key of the event `policy`, checked
 * before it is written; the one table here is what `policy` shows and the documents hold.
 *
 * Pure. Comes after: model_policy, which tells the value in force. Before: the commands, the hub's judge. */
#ifndef DANGOL_PROTO_MODEL_POLICIES_H
#define DANGOL_PROTO_MODEL_POLICIES_H

#include "proto/model/model.h"

struct policy_info {
    const char *key;
    const char *fallback; /* the default, as written */
    const char *unit;
    const char *range;
    const char *meaning;
    int (*check)(struct view value, struct err *err); /* 0 or ERR_INVALID with the reason */
};

/* Ends with a key of NULL. */
extern const struct policy_info policies[];
const struct policy_info *policy_find(struct view key); /* NULL: there is none */

#define POLICY_REGIONAL_SOURCES "regional-sources"
#define POLICY_CLOCK_TOLERANCE "clock-tolerance"

/* In force at a time (TIME_NONE: by the latest date), or the default. Text is borrowed as model_policy's. What was said
 * of a key that a later version knows otherwise, and does not pass the check here, counts as not said. */
struct view policy_text(const struct model *model, const char *key, int64_t at);
int64_t policy_number(const struct model *model, const char *key, int64_t at);
/* Is `word` one of a comma list? */
bool policy_lists(struct view list, struct view word);

#endif
