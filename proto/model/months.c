#include "proto/model/months.h"

#include <stdlib.h>

#include "proto/model/scope.h"

#define LOST_MAX 120 /* of the policy */
#define WORDS ((MONTHS_MAX + LOST_MAX + 64) / 64)

/* Per person: the month of the first visit, and a bit for each month with one. */
struct past {
    int first; /* INT32_MAX: no visit */
    uint64_t bits[WORDS];
};

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
    struct past *pasts; /* by root */
    bool *known;        /* by root */
    struct month_grid *grid;
};

typedef void on_row(struct grid_maker *maker, const struct rows *rows, const struct row *row, int month);

static void each_row(struct grid_maker *maker, on_row *take) {
    const struct model *model = maker->model;
    for (uint32_t s = 0; s < model->streams.count; s++) {
        const struct stream *stream = &model->streams.items[s];
        if (!scope_has(model, maker->scope, stream->number)) continue;
        for (uint32_t j = 0; j < stream->rows.count; j++) {
            const struct row *row = rows_at(&stream->rows, j);
            if (row_live(row) && row_time(row) <= maker->to)
                take(maker, &stream->rows, row, find_month(&maker->finder, row_time(row)));
        }
    }
}

static void take_visit(struct grid_maker *maker, const struct rows *rows, const struct row *row, int month) {
    (void)rows;
    if (row->entry == NONE || (row_flags(row) & ROW_VISIT) == 0) return;
    struct past *past = &maker->pasts[maker->model->entries.items[row->entry].root];
    if (past->first > month) past->first = month;
    if (month >= 0) past->bits[month / 64] |= UINT64_C(1) << month % 64;
}

static void take_sale(struct grid_maker *maker, const struct rows *rows, const struct row *row, int month) {
    if (month < maker->lead) return;
    struct month_figures *figures = &maker->grid->figures[month - maker->lead];
    int64_t amount = row_amount(rows, row);
    figures->all_sales += amount;
    uint32_t root = row->entry == NONE ? NONE : maker->model->entries.items[row->entry].root;
    if (root == NONE || !maker->known[root]) return;
    figures->sales += amount;
    if (maker->pasts[root].first < month) figures->returning_sales += amount;
}

static bool active(const struct past *past, int month) {
    return month >= 0 && (past->bits[month / 64] >> month % 64 & 1) != 0;
}

/* Walks the person's months; `since` is the last month with a visit. Before the first looked at there was none that
 * matters: whoever came last then is lost by the grid's first month already. */
static void add_person(struct grid_maker *maker, const struct past *past) {
    struct month_grid *grid = maker->grid;
    int since = past->first < 0 ? -1 : past->first;
    uint64_t *cohort = past->first >= maker->lead ? &grid->retained[(past->first - maker->lead) * grid->count] : NULL;
    for (int month = since < 0 ? 0 : since; month < maker->lead + grid->count; month++) {
        struct month_figures *figures = month < maker->lead ? NULL : &grid->figures[month - maker->lead];
        bool here = active(past, month);
        if (figures != NULL) {
            figures->active += here;
            figures->gained += past->first == month;
            figures->lost += !here && month - since == maker->lost_months;
            figures->won_back += here && month != past->first && month - since > maker->lost_months;
            if (cohort != NULL) cohort[month - maker->lead] += here;
        }
        if (here) since = month;
    }
}

static void find_known(struct grid_maker *maker) {
    const struct model *model = maker->model;
    for (uint32_t i = 0; i < model->entries.count; i++) {
        maker->pasts[i].first = INT32_MAX;
        maker->known[i] = model->entries.items[i].root == i && person_known(model, i);
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
    struct grid_maker maker = {
        .model = model,
        .scope = scope,
        .to = to,
        .lost_months = lost,
        .lead = lost + 1,
        .finder = finder_make(zone, first - lost - 1, lost + 1 + out->count),
        .pasts = mem_alloc(most * sizeof *maker.pasts),
        .known = mem_alloc(most),
        .grid = out,
    };
    find_known(&maker);
    each_row(&maker, take_visit);
    each_row(&maker, take_sale);
    for (uint32_t i = 0; i < model->entries.count; i++)
        if (maker.known[i] && maker.pasts[i].first != INT32_MAX) add_person(&maker, &maker.pasts[i]);
    free(maker.finder.starts);
    free(maker.pasts);
    free(maker.known);
}

void months_close(struct month_grid *grid) { free(grid->retained); }
