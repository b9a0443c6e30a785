/* Follow-ups from sales and returns: thanks, letters, rainy days, visits that did not happen, the top customer. */
#include <stdlib.h>

#include "proto/model/followup_parts.h"
#include "proto/model/inactive.h"
#include "proto/model/policies.h"
#include "proto/model/sort.h"
#include "proto/model/turns.h"

/* ---- The rows looked back over ---- */

struct policy_of_trade {
    int64_t thank; /* NIL: off */
    int64_t days;
    int64_t letters[POLICY_LISTED_MAX];
    size_t letter_count;
};

/* A store and a day, as one key. */
static uint64_t store_day(const struct stream *stream, int64_t day) {
    return (uint64_t)(stream_store(stream) + 1) << 32 | (uint32_t)day;
}

static int by_person(const void *a, const void *b) {
    const struct recent *x = a, *y = b;
    if (x->root != y->root) return x->root < y->root ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Of a million customers few bought what tells anything: these are marked first, then their rows are taken. */
struct looking {
    struct collecting *c;
    const struct policy_of_trade *p;
    struct idmap *rainy;
    uint8_t *marks; /* by entry: something about her may be to be told */
    uint32_t entries;
    bool any;
    size_t room;
};

/* The next few rows of these customers (`of`, by entry, as many as there were in the beginning; NULL: of any), from the
 * row `*at` on. */
static size_t few_rows(const struct looking *l, const struct rows *rows, const struct cut *cut, const uint8_t *of,
                       uint32_t *at, struct rooted_row few[ROOTED_ROWS]) {
    const uint32_t *roots = l->c->model->roots.items;
    size_t count = 0;
    if (of == NULL) return rooted_rows(rows, at, cut, roots, few);
    for (*at = rows_within(rows, *at, cut->from, cut->to); *at < rows->count && count < ROOTED_ROWS; ++*at) {
        if (*at % ROWS_CHUNK == 0 && (*at = rows_within(rows, *at, cut->from, cut->to)) >= rows->count) break;
        const struct row *row = rows_at(rows, *at);
        if (row->entry < l->entries && of[row->entry] != 0 && row_live(row) && cut_has(cut, row_time(row)))
            few[count++] = (struct rooted_row){row, *at, roots[row->entry]};
    }
    return count;
}

/* Rows of everybody, or (`of`) of some; in turns. */
struct row_walk {
    struct looking *l;
    bool marked; /* of those marked only */
    void (*take)(struct looking *l, const struct stream *stream, const struct rooted_row *rooted);
};

static uint32_t walk_rows(void *context, const struct stream *stream, uint32_t at, uint32_t end) {
    const struct row_walk *walk = context;
    struct looking *l = walk->l;
    const struct collecting *c = l->c;
    const struct model *model = c->model;
    const uint8_t *of = walk->marked ? l->marks : followup_of_store(c, stream->number) ? NULL : c->custodied;
    struct cut cut = {start_of(c, c->earliest - l->p->days), c->q->now};
    struct rooted_row few[ROOTED_ROWS];
    size_t count;
    if (followup_lost(c)) return stream->rows.count;
    while (at < end && (count = few_rows(l, &stream->rows, &cut, of, &at, few)) > 0) {
        for (size_t i = 0; i < count; i++) __builtin_prefetch(&model->entries.items[few[i].root]);
        for (size_t i = 0; i < count; i++)
            if (few[i].root < l->entries) walk->take(l, stream, &few[i]);
    }
    return at;
}

static void mark(struct looking *l, const struct stream *stream, const struct rooted_row *rooted) {
    const struct row *row = rooted->row;
    uint32_t root = rooted->root;
    const struct policy_of_trade *p = l->p;
    struct collecting *c = l->c;
    if (l->marks[root] != 0) return;
    bool tells = p->thank != NIL && !row_has(row, ROW_RETURN) && row_amount(&stream->rows, row) >= p->thank;
    tells = tells || (p->letter_count > 0 && tallies_of(&c->tallies, root).spend >= p->letters[0]);
    tells = tells || (l->rainy->count > 0 && row_has(row, ROW_VISIT) &&
                      idmap_find(l->rainy, store_day(stream, day_of(c, row_time(row)))) != NULL);
    if (!tells) return;
    l->any = true;
    for (; root < l->entries && l->marks[root] == 0; root = c->model->entries.items[root].next_member)
        l->marks[root] = 1;
}

static void take(struct looking *l, const struct stream *stream, const struct rooted_row *rooted) {
    struct collecting *c = l->c;
    const struct row *row = rooted->row;
    if (c->recent_count == l->room) {
        l->room = l->room * 2 + 256;
        c->recents = mem_resize(c->recents, l->room * sizeof *c->recents);
    }
    c->recents[c->recent_count++] =
        (struct recent){id_make(stream->number, rows_seq(&stream->rows, rooted->index)), row_time(row),
                        row_amount(&stream->rows, row), rooted->root, row_flags(row)};
}

/* By person first, by counting; then those of each. */
static void sort_recents(struct collecting *c) {
    size_t count = c->recent_count;
    struct sort_pair *pairs = mem_alloc((2 * count + 1) * sizeof *pairs);
    struct recent *sorted = mem_alloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; i < count; i++) pairs[i] = (struct sort_pair){c->recents[i].root, (uint32_t)i, 0};
    if (count > 0) sort_pairs(pairs, pairs + count, count);
    for (size_t i = 0; i < count; i++) sorted[i] = c->recents[pairs[i].index];
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && sorted[to].root == sorted[from].root;) to++;
        if (to - from > 1) qsort(&sorted[from], to - from, sizeof *sorted, by_person);
    }
    free(pairs);
    free(c->recents);
    c->recents = sorted;
}

static void gather_rows(struct collecting *c, const struct policy_of_trade *p, struct idmap *rainy) {
    struct looking l = {c, p, rainy, NULL, c->entries, false, 0};
    if (p->thank == NIL && p->letter_count == 0 && rainy->count == 0) return;
    l.marks = mem_alloc((size_t)l.entries + 1);
    struct turns turns = turns_begin(c->model, c->pace, 0);
    struct row_walk marking = {&l, false, mark}, taking = {&l, true, take};
    turns_rows(&turns, NULL, walk_rows, &marking);
    if (l.any) turns_rows(&turns, NULL, walk_rows, &taking);
    free(l.marks);
    if (followup_lost(c)) c->recent_count = 0;
    sort_recents(c);
}

/* ---- Thanks and letters, a person at a time ---- */

/* What is left of a purchase after what came back of it. */
static int64_t kept_of(const struct collecting *c, const struct recent *run, size_t count, const struct recent *sale) {
    int64_t left = sale->amount;
    if (c->q->reader.sale_of == NULL) return left;
    for (size_t i = 0; i < count; i++)
        if ((run[i].flags & ROW_RETURN) != 0 && c->q->reader.sale_of(c->q->reader.context, run[i].id) == sale->id)
            left += run[i].amount; /* negative */
    return left;
}

static struct followup of_row(enum followup_kind kind, const struct recent *row) {
    return (struct followup){.kind = kind, .cause = row->id, .since = row->time, .stream = id_stream(row->id)};
}

static void thanks_of(struct collecting *c, const struct policy_of_trade *p, const struct recent *run, size_t count) {
    for (size_t i = 0; p->thank != NIL && i < count; i++) {
        if ((run[i].flags & ROW_RETURN) != 0 || run[i].amount < p->thank) continue;
        struct followup f = of_row(FOLLOWUP_THANK, &run[i]);
        int64_t due = day_of(c, run[i].time) + p->days;
        f.figure = kept_of(c, run, count, &run[i]);
        f.since = start_of(c, due);
        if (p->days == 0) f.since = run[i].time;
        if (f.figure >= p->thank) followup_add(c, run[i].root, f, due);
    }
}

/* The last time the sum came from below to the threshold, where it still is there. */
static void letters_of(struct collecting *c, const struct policy_of_trade *p, const struct recent *run, size_t count) {
    int64_t now = tallies_of(&c->tallies, run->root).spend, before = now;
    for (size_t i = 0; i < count; i++) before -= run[i].amount;
    for (size_t k = 0; k < p->letter_count; k++) {
        const struct recent *crossing = NULL;
        int64_t sum = before, threshold = p->letters[k];
        for (size_t i = 0; i < count; i++) {
            if (sum < threshold && sum + run[i].amount >= threshold) crossing = &run[i];
            sum += run[i].amount;
        }
        if (now < threshold || crossing == NULL) continue;
        struct followup f = of_row(FOLLOWUP_LETTER, crossing);
        f.figure = threshold;
        followup_add(c, crossing->root, f, day_of(c, crossing->time) + p->days);
    }
}

/* ---- Rainy days ---- */

/* Store and day → the latest word on whether it rained, by index of the fact + 1. */
static struct idmap rainy_days(const struct collecting *c) {
    const struct model *model = c->model;
    struct idmap days = {.slots = NULL};
    for (uint32_t i = model->store_facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_day_marked || fact->dead || fact->values[0] != choice_day_mark_rainy) continue;
        const struct stream *stream = stream_find(model, id_stream(fact->id));
        int64_t day = day_of(c, fact->time);
        if (fact->time > c->q->now || day < c->earliest || stream == NULL) continue;
        uint64_t *latest = idmap_put(&days, store_day(stream, day), NULL);
        const struct fact *other = *latest == 0 ? NULL : &model->facts.items[*latest - 1];
        if (other == NULL || later(fact->hlc, fact->id, other->hlc, other->id)) *latest = i + 1;
    }
    return days;
}

static void thank_for_rain(struct collecting *c, const struct idmap *rainy) {
    int64_t last = INT64_MIN;
    uint32_t root = NONE;
    for (size_t i = 0; rainy->count > 0 && i < c->recent_count; i++) {
        const struct recent *row = &c->recents[i];
        const struct stream *stream = stream_find(c->model, id_stream(row->id));
        if ((row->flags & ROW_VISIT) == 0 || stream == NULL) continue;
        int64_t day = day_of(c, row->time);
        const uint64_t *mark = idmap_find(rainy, store_day(stream, day));
        if (mark == NULL || c->model->facts.items[*mark - 1].values[1] != 1) continue;
        if (row->root == root && day == last) continue; /* once a day is enough */
        root = row->root;
        last = day;
        struct followup f = of_row(FOLLOWUP_RAINY, row);
        f.day = date_from_days(day);
        followup_add(c, root, f, day);
    }
}

void followup_trade(struct collecting *c) {
    const struct model *model = c->model;
    int64_t now = c->q->now;
    struct policy_of_trade p = {.thank = NIL, .days = policy_number(model, POLICY_THANK_DAYS, now)};
    struct idmap rainy = {.slots = NULL};
    if (followup_asked(c, FOLLOWUP_THANK)) p.thank = policy_amount(model, POLICY_THANK_AMOUNT, now);
    if (followup_asked(c, FOLLOWUP_LETTER))
        p.letter_count = policy_numbers(model, POLICY_LETTER_SPEND, now, p.letters, POLICY_LISTED_MAX);
    if (followup_asked(c, FOLLOWUP_RAINY) && policy_number(model, POLICY_RAINY_THANKS, now) == 1) rainy = rainy_days(c);
    gather_rows(c, &p, &rainy);
    for (size_t from = 0, to; from < c->recent_count; from = to) {
        for (to = from + 1; to < c->recent_count && c->recents[to].root == c->recents[from].root;) to++;
        thanks_of(c, &p, &c->recents[from], to - from);
        letters_of(c, &p, &c->recents[from], to - from);
    }
    thank_for_rain(c, &rainy);
    idmap_release(&rainy);
    free(c->recents);
    c->recents = NULL;
    c->recent_count = 0;
}

/* ---- Visits that did not happen ---- */

/* Of the months reached, only the most count. */
static void inactive_person(struct collecting *c, uint32_t root, int64_t last, const int64_t *months, size_t count) {
    struct date visit = zone_date(c->q->zone, last);
    for (size_t i = count; i-- > 0;) {
        struct date day = inactive_day(visit, (int)months[i]);
        int64_t due = date_to_days(day);
        if (due > c->today) continue;
        struct followup f = {.kind = FOLLOWUP_INACTIVE,
                             .figure = months[i],
                             .day = day,
                             .since = start_of(c, due),
                             .stream = FOLLOWUP_NO_STREAM};
        followup_add(c, root, f, due);
        return;
    }
}

void followup_inactive(struct collecting *c) {
    int64_t months[POLICY_LISTED_MAX];
    size_t count = policy_numbers(c->model, POLICY_INACTIVE_MONTHS, c->q->now, months, POLICY_LISTED_MAX);
    if (count == 0) return;
    /* Coarse, so that of a million customers few need a calendar: a month has 28 to 31 days. */
    int64_t oldest = start_of(c, c->earliest) - (months[count - 1] * 31 + 2) * DAY_MS;
    int64_t newest = c->q->now - (months[0] * 28 - 2) * DAY_MS;
    for (uint32_t i = 0; i < c->model->entries.count; i++) {
        if (!followup_goes_on(c, i)) return;
        if (i >= c->model->entries.count || c->model->roots.items[i] != i) continue;
        int64_t last = tallies_last(&c->tallies, i);
        if (last != TIME_NONE && last >= oldest && last <= newest) inactive_person(c, i, last, months, count);
    }
}

/* ---- The region's top customer of last year ---- */

void followup_top(struct collecting *c) {
    const struct model *model = c->model;
    int year = date_from_days(c->today).year;
    int64_t days = policy_number(model, POLICY_FOLLOWUP_DAYS, c->q->now);
    int64_t first = date_to_days((struct date){year, 1, 1}), due = first + days;
    if (policy_number(model, POLICY_TOP_VISIT, c->q->now) != 1 || due < c->earliest) return;
    struct cut cut = {start_of(c, date_to_days((struct date){year - 1, 1, 1})), start_of(c, first) - 1};
    struct standing *ranking = NULL;
    size_t count = 0;
    struct pace pace = pace_within(c->pace);
    if (rank_paced(model, BY_SPEND, &cut, NULL, 1, &pace, &ranking, &count) != 0) return;
    if (!followup_lost(c) && count > 0 && ranking[0].spend > 0) {
        struct followup f = {.kind = FOLLOWUP_TOP,
                             .figure = ranking[0].spend,
                             .day = {year, 1, 1},
                             .since = start_of(c, first),
                             .stream = FOLLOWUP_NO_STREAM};
        followup_add(c, entry_find(model, ranking[0].person), f, due);
    }
    free(ranking);
}
