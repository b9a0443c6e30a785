#include "hub/clocks.h"

/* The event before one, or before the span. */
static int64_t shown_before(const struct clock_evidence *e, size_t i) { return i == 0 ? e->before : e->ms[i - 1]; }

/* Where the clock jumped, at or before the first event that is certainly wrong. */
static size_t jump_before(const struct clock_evidence *e, size_t certain) {
    for (size_t i = certain + 1; i-- > 0;)
        if (e->ms[i] - shown_before(e, i) >= e->drift - e->tolerance) return i;
    return certain;
}

/* In order with what stands before it, but for the tolerance. */
static bool keeps_order(const struct clock_evidence *e, const struct clock_finding *f) {
    return e->ms[f->from] + f->ms >= shown_before(e, f->from) - e->tolerance;
}

static bool explained_by_drift(const struct clock_evidence *e, size_t certain, struct clock_finding *out) {
    if (!e->known || e->drift <= e->tolerance || e->ms[e->count - 1] - e->drift > e->at + e->tolerance) return false;
    *out = (struct clock_finding){jump_before(e, certain), e->count - 1, -e->drift};
    return keeps_order(e, out);
}

static bool goes_on(const struct clock_evidence *e, size_t certain, struct clock_finding *out) {
    if (certain != 0 || e->before_correction >= 0) return false;
    *out = (struct clock_finding){0, e->count - 1, e->before_correction};
    return e->ms[e->count - 1] + out->ms <= e->at + e->tolerance && keeps_order(e, out);
}

static bool set_back(const struct clock_evidence *e, size_t certain, struct clock_finding *out) {
    *out = (struct clock_finding){certain, e->count - 1, e->at - e->ms[e->count - 1]};
    return keeps_order(e, out);
}

static bool weigh_ahead(const struct clock_evidence *e, struct clock_finding *out) {
    size_t certain = 0;
    while (certain < e->count && e->ms[certain] <= e->at + e->tolerance) certain++;
    if (certain == e->count) return false;
    return explained_by_drift(e, certain, out) || goes_on(e, certain, out) || set_back(e, certain, out);
}

static bool weigh_behind(const struct clock_evidence *e, struct clock_finding *out) {
    size_t first = e->since_index;
    if (!e->known || e->drift >= -e->tolerance || first >= e->count || e->ms[first] >= e->since - e->tolerance)
        return false;
    *out = (struct clock_finding){first, e->count - 1, -e->drift};
    return e->ms[first] + out->ms >= e->since - e->tolerance && e->ms[e->count - 1] + out->ms <= e->at + e->tolerance;
}

bool clock_weigh(const struct clock_evidence *e, struct clock_finding *out) {
    return weigh_ahead(e, out) || weigh_behind(e, out);
}
