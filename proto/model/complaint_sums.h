/* Complaints added up: what articles are complained about (X8), and the figures of a report (X9).
 *
 * Pure; complaints are borrowed from whoever asked for them (questions.h). Arrays returned are the caller's to free.
 * Thread: under the site's read lock where a model is asked. */
#ifndef DANGOL_PROTO_MODEL_COMPLAINT_SUMS_H
#define DANGOL_PROTO_MODEL_COMPLAINT_SUMS_H

#include "proto/base/idmap.h"
#include "proto/model/questions.h"

/* ---- X8 ---- */

/* Is it one article, as people type them? Letters of either case are the same, blanks around it are nothing. */
bool same_article(const char *a, const char *b);

struct complaint_alert {
    const char *sku; /* as the first complaint has it; borrowed */
    uint32_t count, open;
    int64_t first_at, last_at;
};
/* Articles with at least `least` of these complaints: the most first, then by name. */
size_t complaint_alerts(const struct complaint *list, size_t count, int64_t least, struct complaint_alert **out);

/* ---- X9 ---- */

/* One of the two times: of those it was met for, and how many kept it of those of which it is known. */
struct complaint_times {
    uint32_t met;
    int64_t mean_ms, median_ms; /* NIL: none was met */
    uint32_t judged, in_time;   /* met, or over */
};
struct complaint_cause {
    const char *cause; /* borrowed */
    uint32_t count;
};
struct complaint_sums {
    uint32_t count;
    struct complaint_times answer, resolve;
    uint32_t asked, satisfied; /* closed ones that said whether they are satisfied */
    uint32_t scored;
    int64_t score_sum;
    int64_t cost;
    uint32_t without_cause;
    struct complaint_cause *causes; /* the most first, then by name */
    size_t cause_count;
};
void complaint_sums_of(const struct complaint *list, size_t count, struct complaint_sums *out);
void complaint_sums_release(struct complaint_sums *sums);

/* Purchases made in each of `count` periods; period i is [starts[i], starts[i + 1]). `persons` NULL: anybody's and
 * nobody's; else of these only. In turns, each purchase as it is when it is met: one that is voided or linked meanwhile
 * may count as it was or as it is, and one made meanwhile or not. */
void purchases_within(const struct model *model, const struct scope *scope, const struct idmap *persons,
                      const int64_t *starts, size_t count, const struct pace *pace, uint32_t *out);

#endif
