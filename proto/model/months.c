#include "proto/model/months.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/turns.h"

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

#define PEOPLE_AT_ONCE 16384

struct grid_maker {
    const struct model *model;
    const struct scope *scope;
    int64_t to;
    int lost_months;
    int lead; /* months before the grid's first that are looked at, too */
    int full; /* so many of them and the grid's are over: in one that is not, nobody is lost yet */
    struct month_finder finder;
    uint32_t entries, streams; /* as many as there were in the beginning */
    uint32_t *roots;           /* by entry, then */
    uint64_t *last;            /* by stream: the seq of the last row then; what comes later does not count */
    uint64_t *seen, *nobodys;  /* by entry, by stream: which rows were met, see mark_of */
    bool *doubted;             /* by stream: its sales of nobody may have changed */
    bool changed;              /* something was met that was not so in the beginning, or is not so any more */
    int16_t *first;            /* by root: the month of the first visit, or NEVER */
    uint64_t *bits;            /* by root, `words` of them each: a bit for each month with a visit */
    size_t words;
    bool *known; /* by root */
    struct month_grid *grid;
};

/* ---- The rows, twice ---- */

/* The marks of a person's rows add up to a number that tells these rows from any others. */
static uint64_t mark_of(uint64_t id) {
    id = (id ^ id >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    id = (id ^ id >> 27) * UINT64_C(0x94D049BB133111EB);
    return id ^ id >> 31;
}

static uint32_t stream_index(const struct grid_maker *maker, const struct stream *stream) {
    return (uint32_t)(stream - maker->model->streams.items);
}

static uint32_t take_visits(void *context, const struct stream *stream, uint32_t at, uint32_t end) {
    struct grid_maker *maker = context;
    const struct cut cut = {TIME_NONE, maker->to};
    uint32_t index = stream_index(maker, stream);
    struct rooted_row few[ROOTED_ROWS];
    size_t count;
    if (index >= maker->streams) return stream->rows.count;
    while (at < end && (count = rooted_rows(&stream->rows, &at, &cut, maker->model->roots.items, few)) > 0) {
        for (size_t i = 0; i < count; i++) {
            if (few[i].root >= maker->entries) continue;
            __builtin_prefetch(&maker->first[few[i].root], 1);
            __builtin_prefetch(&maker->bits[few[i].root * maker->words], 1);
            __builtin_prefetch(&maker->seen[few[i].row->entry < maker->entries ? few[i].row->entry : 0], 1);
        }
        for (size_t i = 0; i < count; i++) {
            const struct row *row = few[i].row;
            uint64_t seq = rows_seq(&stream->rows, few[i].index);
            if (row->entry >= maker->entries || seq > maker->last[index]) continue;
            maker->seen[row->entry] += mark_of(id_make(stream->number, seq));
            if (!row_has(row, ROW_VISIT)) continue;
            uint32_t root = maker->roots[row->entry];
            int month = find_month(&maker->finder, row_time(row));
            if (maker->first[root] > month) maker->first[root] = (int16_t)month;
            if (month >= 0) maker->bits[root * maker->words + (size_t)month / 64] |= UINT64_C(1) << month % 64;
        }
    }
    return at;
}

static void take_sale(struct grid_maker *maker, const struct rows *rows, const struct row *row, uint32_t root) {
    int month = find_month(&maker->finder, row_time(row));
    if (month < maker->lead) return;
    struct month_figures *figures = &maker->grid->figures[month - maker->lead];
    int64_t amount = row_amount(rows, row);
    figures->all_sales += amount;
    if (root == NONE || !maker->known[root]) return;
    figures->sales += amount;
    if (maker->first[root] < month) figures->returning_sales += amount;
}

static uint32_t take_sales(void *context, const struct stream *stream, uint32_t at, uint32_t end) {
    struct grid_maker *maker = context;
    uint32_t index = stream_index(maker, stream);
    if (index >= maker->streams) return stream->rows.count;
    for (; at < end && at < stream->rows.count; at++) {
        const struct row *row = rows_at(&stream->rows, at);
        uint64_t seq = rows_seq(&stream->rows, at);
        if (!row_live(row) || row_time(row) > maker->to || seq > maker->last[index]) continue;
        bool somebodys = row->entry < maker->entries;
        uint64_t *seen = somebodys ? &maker->seen[row->entry] : &maker->nobodys[index];
        *seen += mark_of(id_make(stream->number, seq));
        take_sale(maker, &stream->rows, row, somebodys ? maker->roots[row->entry] : NONE);
    }
    return at;
}

/* ---- Is it still so? ---- */

/* The person is of the same customers, and known as before. */
static bool same_person(const struct grid_maker *maker, uint32_t entry) {
    const struct entry *entries = maker->model->entries.items;
    uint32_t member = entry, root = maker->roots[entry];
    bool among = false;
    do {
        if (member < maker->entries && maker->roots[member] != root) return false;
        among = among || member == root;
        member = entries[member].next_member;
    } while (member != entry);
    return among && maker->known[root] == person_listed(maker->model, root);
}

static void look_again(void *context, uint32_t touched) {
    struct grid_maker *maker = context;
    const struct model *model = maker->model;
    if ((touched & TOUCHED_STREAM) != 0) {
        uint32_t index = touched & ~TOUCHED_STREAM;
        if (index < maker->streams) maker->doubted[index] = true;
        return;
    }
    struct met_rows met = {NULL, 0, 0};
    uint64_t sum = 0;
    entry_rows(model, touched, &met);
    for (uint32_t i = 0; i < met.count; i++) {
        const struct stream *stream = stream_find(model, id_stream(met.items[i].id));
        uint32_t index = stream == NULL ? NONE : stream_index(maker, stream);
        bool then = index < maker->streams && id_seq(met.items[i].id) <= maker->last[index];
        bool meant = then && row_time(met.items[i].row) <= maker->to && scope_has(model, maker->scope, stream->number);
        if (meant) sum += 2 * mark_of(met.items[i].id); /* both times */
    }
    VEC_RELEASE(met);
    if (touched >= maker->entries)
        maker->changed = maker->changed || sum != 0;
    else
        maker->changed = maker->changed || sum != maker->seen[touched] || !same_person(maker, touched);
}

static void doubt(struct grid_maker *maker, uint32_t index) {
    const struct stream *stream = &maker->model->streams.items[index];
    uint64_t sum = 0;
    if (!scope_has(maker->model, maker->scope, stream->number)) return;
    for (uint32_t i = 0; i < stream->rows.count; i++) {
        const struct row *row = rows_at(&stream->rows, i);
        uint64_t seq = rows_seq(&stream->rows, i);
        if (row->entry == NONE && row_live(row) && row_time(row) <= maker->to && seq <= maker->last[index])
            sum += mark_of(id_make(stream->number, seq));
    }
    maker->changed = maker->changed || sum != maker->nobodys[index];
}

/* ---- The persons ---- */

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
            figures->lost += !here && month - since == maker->lost_months && month < maker->full;
            figures->won_back += here && month != first && month - since > maker->lost_months;
            if (cohort != NULL) cohort[month - maker->lead] += here;
        }
        if (here) since = month;
    }
}

static void find_known(struct grid_maker *maker, struct turns *turns) {
    const struct model *model = maker->model;
    for (uint32_t i = 0; i < maker->entries; i++) {
        if (i % PEOPLE_AT_ONCE == 0 && i > 0) turns_rest(turns, PEOPLE_AT_ONCE);
        maker->first[i] = NEVER;
        if (i < model->entries.count) maker->known[i] = maker->roots[i] == i && person_listed(model, i);
    }
}

static void remember_beginning(struct grid_maker *maker) {
    const struct model *model = maker->model;
    maker->entries = model->entries.count;
    maker->streams = model->streams.count;
    size_t entries = (size_t)maker->entries + 1, streams = (size_t)maker->streams + 1;
    maker->roots = mem_alloc(entries * sizeof *maker->roots);
    maker->last = mem_alloc(streams * sizeof *maker->last);
    maker->nobodys = mem_alloc(streams * sizeof *maker->nobodys);
    maker->doubted = mem_alloc(streams * sizeof *maker->doubted);
    maker->seen = mem_alloc(entries * sizeof *maker->seen);
    maker->first = mem_alloc(entries * sizeof *maker->first);
    maker->bits = mem_alloc(entries * maker->words * sizeof *maker->bits);
    maker->known = mem_alloc(entries);
    if (maker->entries > 0) memcpy(maker->roots, model->roots.items, maker->entries * sizeof *maker->roots);
    for (uint32_t i = 0; i < maker->streams; i++) {
        const struct rows *rows = &model->streams.items[i].rows;
        maker->last[i] = rows->count == 0 ? 0 : rows->last;
    }
}

static void forget_beginning(struct grid_maker *maker) {
    free(maker->roots);
    free(maker->last);
    free(maker->nobodys);
    free(maker->doubted);
    free(maker->seen);
    free(maker->first);
    free(maker->bits);
    free(maker->known);
}

/* False: what was there in the beginning has changed. */
static bool make_grid(struct grid_maker *maker, const struct pace *pace) {
    const struct model *model = maker->model;
    struct turns turns = turns_begin(model, pace, 2 * turns_row_count(model) + model->entries.count);
    remember_beginning(maker);
    find_known(maker, &turns);
    turns_rows(&turns, maker->scope, take_visits, maker);
    turns_rows(&turns, maker->scope, take_sales, maker);
    if (!turns_end(&turns, look_again, maker)) return false;
    for (uint32_t i = 0; i < maker->streams; i++)
        if (maker->doubted[i]) doubt(maker, i);
    return !maker->changed;
}

void months_open(const struct model *model, const struct zone *zone, struct date from, int64_t to,
                 const struct scope *scope, const struct pace *pace, struct month_grid *out) {
    int last = month_of(zone_date(zone, to)), first = month_of(from);
    if (first <= last - MONTHS_MAX) first = last - MONTHS_MAX + 1;
    if (first > last) first = last;
    struct month_grid empty = {.first = first, .count = last - first + 1};
    for (int i = 0; i < empty.count; i++) empty.figures[i].month = first + i;
    *out = empty;
    int lost = (int)policy_number(model, POLICY_LOST_MONTHS, to);
    struct grid_maker start = {
        .model = model,
        .scope = scope,
        .to = to,
        .lost_months = lost,
        .lead = lost + 1,
        .finder = finder_make(zone, first - lost - 1, lost + 1 + out->count),
        .words = (size_t)(lost + 1 + out->count + 63) / 64,
        .grid = out,
    };
    start.full = start.lead + out->count - (start.finder.starts[start.lead + out->count] > to + 1);
    struct grid_maker maker = start;
    if (!make_grid(&maker, pace)) {
        forget_beginning(&maker);
        maker = start;
        *out = empty;
        make_grid(&maker, NULL);
    }
    pace_leave(pace);
    out->retained = mem_alloc((size_t)out->count * (size_t)out->count * sizeof *out->retained);
    for (uint32_t i = 0; i < maker.entries; i++)
        if (maker.known[i] && maker.first[i] != NEVER) add_person(&maker, maker.first[i], &maker.bits[i * maker.words]);
    forget_beginning(&maker);
    free(maker.finder.starts);
}

void months_close(struct month_grid *grid) { free(grid->retained); }
