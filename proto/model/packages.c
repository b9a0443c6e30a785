#include "proto/model/packages.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/money.h"
#include "proto/model/person_rows.h"
#include "proto/model/policies.h"
#include "proto/model/scope.h"

struct packages {
    const struct model *model;
    const struct zone *zone;
    struct package *items;
    uint32_t count, room;
    int64_t *quantities; /* of each one's line; filled beside `items` */
    struct buf frame;
};

/* ---- What was bought ---- */

static int64_t expiry(const struct packages *p, int64_t bought) {
    int64_t months = policy_number(p->model, POLICY_PACKAGE_MONTHS, bought);
    return zone_day_end(p->zone, date_add_months(zone_date(p->zone, bought), (int)months));
}

static void add_line(struct packages *p, const struct person_row *row, const struct row_sale_line *line) {
    if (line->sessions == NIL || line->sessions == 0 || line->quantity <= 0 || line->sku.len > PACKAGE_SKU_MAX) return;
    struct package *package = VEC_ADD(*p);
    *package = (struct package){
        .sale = row->id,
        .time = row->time,
        .bought = line->sessions,
        .expires = expiry(p, row->time),
        .last_used = TIME_NONE,
    };
    memcpy(package->sku, line->sku.data, line->sku.len);
    p->quantities = mem_resize(p->quantities, p->count * sizeof *p->quantities);
    p->quantities[p->count - 1] = line->quantity;
}

static struct package *package_of(struct packages *p, uint64_t sale, struct view sku) {
    for (uint32_t i = 0; i < p->count; i++)
        if (p->items[i].sale == sale && view_equal(view_of(p->items[i].sku), sku)) return &p->items[i];
    return NULL;
}

/* ---- What came back ---- */

static void take_back(struct packages *p, uint64_t sale, const struct row_sale_line *line) {
    struct package *package = package_of(p, sale, line->sku);
    if (package == NULL || line->quantity <= 0) return;
    int64_t of = p->quantities[package - p->items], quantity = line->quantity < of ? line->quantity : of;
    package->returned += (package->bought * quantity + of - 1) / of;
    if (package->returned > package->bought) package->returned = package->bought;
}

static int read_row(struct packages *p, const struct person_row *row, struct err *err) {
    struct record record;
    struct event event;
    struct row_sale_line line;
    bool back = (row->flags & ROW_RETURN) != 0;
    buf_clear(&p->frame);
    int code = log_get_id(p->model->log, row->id, &record, &p->frame, err);
    if (code != 0 || event_decode(record.frame, &event, NULL) != EVENT_GOOD) return code;
    struct list lines = back ? event.body.returned.lines : event.body.sold.lines;
    while (row_sale_line_next(&lines, &line)) {
        if (back)
            take_back(p, event.body.returned.sale, &line);
        else
            add_line(p, row, &line);
    }
    return 0;
}

/* Sales before returns: a clock may have put one before the other. */
static int read_rows(struct packages *p, uint64_t customer, int64_t to, struct err *err) {
    struct cut cut = {TIME_NONE, to};
    struct person_row *rows;
    size_t count;
    int code = 0;
    person_rows(p->model, customer, &cut, &rows, &count);
    for (int returns = 0; returns < 2; returns++)
        for (size_t i = 0; i < count && code == 0; i++)
            if (((rows[i].flags & ROW_RETURN) != 0) == (returns == 1)) code = read_row(p, &rows[i], err);
    free(rows);
    return code;
}

/* ---- What was used ---- */

static void add_uses(struct packages *p, uint32_t entry, int64_t to) {
    const struct model *model = p->model;
    for (uint32_t i = model->entries.items[entry].facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_package_used || fact->dead || (to != TIME_NONE && fact->time > to)) continue;
        struct package *package = package_of(p, fact->other, words_view(&model->words, fact->words[0]));
        if (package == NULL) continue;
        package->used += fact->values[0];
        if (package->last_used < fact->time) package->last_used = fact->time;
    }
}

int packages_of(const struct model *model, const struct zone *zone, uint64_t customer, int64_t to, struct package **out,
                size_t *count, struct err *err) {
    struct packages p = {.model = model, .zone = zone, .frame = BUF_INIT};
    uint32_t first = entry_find(model, customer), entry = first;
    int code = read_rows(&p, customer, to, err);
    while (entry != NONE) {
        add_uses(&p, entry, to);
        entry = model->entries.items[entry].next_member;
        if (entry == first) break;
    }
    *count = code == 0 ? p.count : 0;
    *out = mem_alloc((*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++) {
        struct package *package = &p.items[i];
        int64_t left = package->bought - package->returned - package->used;
        package->left = left > 0 ? left : 0;
        (*out)[i] = *package;
    }
    VEC_RELEASE(p);
    free(p.quantities);
    buf_release(&p.frame);
    return code;
}
