#include "proto/model/months.h"

#include <stdlib.h>

#include "proto/model/scope.h"

#define LOST_MAX 120 /* of the policy */
_Static_assert(MONTHS_MAX + LOST_MAX + 1 < INT16_MAX, "a month in 16 bits");

#define NEVER INT16_MAX

/* Finds the month of a time: rows mostly stand in the order of time. */
struct month_finder {
    int base, count; /* months from base on */
    int64_t *starts; /* one more than months */
    int last;
};

static struct month_finder finder_make(const struct zone *zone, int base, int count) {
    struct month_finder finder = {base, count, mem_alloc(((size_t)count + 1) * sizeof(int64_t)), 0};
    for (int i = 0; i <= count; i++) finder.starts[i] = zone_day_start(zone, month_start(base + i));
    return finder;
}

/* Index from base; -1: before. The time is not beyond the last month. */
static int find_month(struct month_finder *f, int64_t time) {
    if (time < f->starts[0]) return -1;
    if (f->starts[f->last] <= time && time < f->starts[f->last + 1]) return f->last;
    int low = 0, high = f->count;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (f->starts[middle] <= time)
            low = middle;
        else
            high = middle;
    }
    return f->last = low;
}

struct grid_maker {
    const struct model *model;
    const struct scope *scope;
    int64_t to;
    int lost_months;
    int lead; /* months before the grid's first that are looked at, too */
    struct month_finder finder;
    int16_t *first; /* by root: the month of the first visit, or NEVER */
    uint64_t *bits; /* by root, `words` of them each: a bit for each month with a visit */
    size_t words;
    bool *known; /* by root */
    struct month_grid *grid;
};

static void take_visits(struct grid_maker *maker, const struct rows *rows) {
    const struct cut cut = {TIME_NONE, maker->to};
    struct rooted_row few[ROOTED_ROWS];
    uint32_t at = 0;
    for (size_t count; (count = rooted_rows(rows, &at, &cut, maker->model->roots.items, few)) > 0;) {
        for (size_t i = 0; i < count; i++) {
            __builtin_prefetch(&maker->first[few[i].root], 1);
            __builtin_prefetch(&maker->bits[few[i].root * maker->words], 1);
        }
        for (size_t i = 0; i < count; i++) {
            if (!row_has(few[i].row, ROW_VISIT)) continue;
            int month = find_month(&maker->finder, row_time(few[i].row));
            int16_t *first = &maker->first[few[i].root];
            if (*first > month) *first = (int16_t)month;
            if (month < 0) continue;
            maker->bits[few[i].root * maker->words + (size_t)month / 64] |= UINT64_C(1) << month % 64;
        }
    }
}

static void take_sale(struct grid_maker *maker, const struct rows *rows, const struct row *row) {
    int month = find_month(&maker->finder, row_time(row));
    if (month < maker->lead) return;
    struct month_figures *figures = &maker->grid->figures[month - maker->lead];
    int64_t amount = row_amount(rows, row);
    figures->all_sales += amount;
    uint32_t root = row->entry == NONE ? NONE : maker->model->roots.items[row->entry];
    if (root == NONE || !maker->known[root]) return;
    figures->sales += amount;
    if (maker->first[root] < month) figures->returning_sales += amount;
}

static void take_sales(struct grid_maker *maker, const struct rows *rows) {
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = rows_at(rows, i);
        if (row_live(row) && row_time(row) <= maker->to) take_sale(maker, rows, row);
    }
}

static void each_stream(struct grid_maker *maker, void (*take)(struct grid_maker *maker, const struct rows *rows)) {
    for (uint32_t s = 0; s < maker->model->streams.count; s++) {
        const struct stream *stream = &maker->model->streams.items[s];
        if (scope_has(maker->model, maker->scope, stream->number)) take(maker, &stream->rows);
    }
}

static bool active(const uint64_t *bits, int month) { return (bits[month / 64] >> month % 64 & 1) != 0; }

/* Walks the person's months; `since` is the last month with a visit. Before the first looked at there was none that
 * matters: whoever came last then is lost by the grid's first month already. */
static void add_person(struct grid_maker *maker, int first, const uint64_t *bits) {
    struct month_grid *grid = maker->grid;
    int since = first < 0 ? -1 : first;
    uint64_t *cohort = first >= maker->lead ? &grid->retained[(first - maker->lead) * grid->count] : NULL;
    for (int month = since < 0 ? 0 : since; month < maker->lead + grid->count; month++) {
        struct month_figures *figures = month < maker->lead ? NULL : &grid->figures[month - maker->lead];
        bool here = active(bits, month);
        if (figures != NULL) {
            figures->active += here;
            figures->gained += first == month;
            figures->lost += !here && month - since == maker->lost_months;
            figures->won_back += here && month != first && month - since > maker->lost_months;
            if (cohort != NULL) cohort[month - maker->lead] += here;
        }
        if (here) since = month;
    }
}

static void find_known(struct grid_maker *maker) {
    const struct model *model = maker->model;
    for (uint32_t i = 0; i < model->entries.count; i++) {
        maker->first[i] = NEVER;
        maker->known[i] = model->roots.items[i] == i && person_listed(model, i);
    }
}

void months_open(const struct model *model, const struct zone *zone, struct date from, int64_t to,
                 const struct scope *scope, struct month_grid *out) {
    int last = month_of(zone_date(zone, to)), first = month_of(from);
    if (first <= last - MONTHS_MAX) first = last - MONTHS_MAX + 1;
    if (first > last) first = last;
    *out = (struct month_grid){.first = first, .count = last - first + 1};
    for (int i = 0; i < out->count; i++) out->figures[i].month = first + i;
    out->retained = mem_alloc((size_t)out->count * (size_t)out->count * sizeof *out->retained);
    size_t most = (size_t)model->entries.count + 1;
    int lost = (int)policy_number(model, POLICY_LOST_MONTHS, to);
    size_t words = (size_t)(lost + 1 + out->count + 63) / 64;
    struct grid_maker maker = {
        .model = model,
        .scope = scope,
        .to = to,
        .lost_months = lost,
        .lead = lost + 1,
        .finder = finder_make(zone, first - lost - 1, lost + 1 + out->count),
        .first = mem_alloc(most * sizeof *maker.first),
        .bits = mem_alloc(most * words * sizeof *maker.bits),
        .words = words,
        .known = mem_alloc(most),
        .grid = out,
    };
    find_known(&maker);
    each_stream(&maker, take_visits);
    each_stream(&maker, take_sales);
    for (uint32_t i = 0; i < model->entries.count; i++)
        if (maker.known[i] && maker.first[i] != NEVER) add_person(&maker, maker.first[i], &maker.bits[i * words]);
    free(maker.finder.starts);
    free(maker.first);
    free(maker.bits);
    free(maker.known);
}

void months_close(struct month_grid *grid) { free(grid->retained); }
