#include "tests/support/region_model.h"

#include <assert.h>

#include "proto/base/zone.h"

struct model *fold_region(struct folded *f, const struct region *r) {
    folded_release(f);
    f->log = region_log(r, NULL, r->count);
    f->model = model_open(f->log);
    int rc = model_replay(f->model, 0, r->count, NULL, NULL);
    assert(rc == 0);
    (void)rc;
    return f->model;
}

void folded_release(struct folded *f) {
    model_close(f->model);
    if (f->log != NULL) f->log->ops->close(f->log);
    *f = (struct folded){NULL, NULL};
}

int64_t region_day(int day, int hour) { return REGION_START + day * DAY_MS + hour * INT64_C(3600000); }

struct standing value_of(const struct model *model, uint64_t customer) {
    static const struct cut everything = {TIME_NONE, TIME_NONE};
    struct standing out = {.last = TIME_NONE};
    person_value(model, customer, &everything, &out);
    return out;
}
