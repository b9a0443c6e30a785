/* Follow-ups from sales and returns: thanks, letters, rainy days, visits that did not happen, the top customer. */
#include <stdlib.h>

#include "proto/model/followup_parts.h"
#include "proto/model/policies.h"

/* ---- The rows looked back over ---- */

static int by_person(const void *a, const void *b) {
    const struct recent *x = a, *y = b;
    if (x->root != y->root) return x->root < y->root ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

void followup_gather_rows(struct collecting *c) {
    const struct model *model = c->model;
    int64_t days = policy_number(model, POLICY_THANK_DAYS, c->q->now), from = start_of(c, c->earliest - days);
    size_t room = 0;
    for (uint32_t s = 0; s < model->streams.count; s++) {
        const struct stream *stream = &model->streams.items[s];
        for (uint32_t i = 0; i < stream->rows.count; i++) {
            const struct row *row = rows_at(&stream->rows, i);
            int64_t time = row_time(row);
            if (time < from || time > c->q->now || row->entry == NONE || !row_live(row)) continue;
            if (c->recent_count == room) {
                room = room * 2 + 256;
                c->recents = mem_resize(c->recents, room * sizeof *c->recents);
            }
            c->recents[c->recent_count++] =
                (struct recent){id_make(stream->number, row_seq(row)), time, row_amount(&stream->rows, row),
                                model->roots.items[row->entry], row_flags(row)};
        }
    }
    if (c->recent_count > 0) qsort(c->recents, c->recent_count, sizeof *c->recents, by_person);
}

/* ---- Thanks and letters, a person at a time ---- */

struct policy_of_trade {
    int64_t thank; /* NIL: off */
    int64_t days;
    int64_t letters[POLICY_LISTED_MAX];
    size_t letter_count;
};

/* What is left of a purchase after what came back of it. */
static int64_t kept_of(const struct collecting *c, const struct recent *run, size_t count, const struct recent *sale) {
    int64_t left = sale->amount;
    if (c->q->reader.sale_of == NULL) return left;
    for (size_t i = 0; i < count; i++)
        if ((run[i].flags & ROW_RETURN) != 0 && c->q->reader.sale_of(c->q->reader.context, run[i].id) == sale->id)
            left += run[i].amount; /* negative */
    return left;
}

static struct followup of_row(const struct collecting *c, enum followup_kind kind, const struct recent *row) {
    return (struct followup){.kind = kind,
                             .person = person_name(c->model, row->root),
                             .cause = row->id,
                             .since = row->time,
                             .stream = id_stream(row->id)};
}

static void thanks_of(struct collecting *c, const struct policy_of_trade *p, const struct recent *run, size_t count) {
    for (size_t i = 0; p->thank != NIL && i < count; i++) {
        if ((run[i].flags & ROW_RETURN) != 0 || run[i].amount < p->thank) continue;
        struct followup f = of_row(c, FOLLOWUP_THANK, &run[i]);
        int64_t due = day_of(c, run[i].time) + p->days;
        f.figure = kept_of(c, run, count, &run[i]);
        f.since = start_of(c, due);
        if (p->days == 0) f.since = run[i].time;
        if (f.figure >= p->thank) followup_add(c, f, due);
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
        struct followup f = of_row(c, FOLLOWUP_LETTER, crossing);
        f.figure = threshold;
        followup_add(c, f, day_of(c, crossing->time) + p->days);
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
        uint64_t *latest = idmap_put(&days, (uint64_t)(stream_store(stream) + 1) << 32 | (uint32_t)day, NULL);
        const struct fact *other = *latest == 0 ? NULL : &model->facts.items[*latest - 1];
        if (other == NULL || later(fact->hlc, fact->id, other->hlc, other->id)) *latest = i + 1;
    }
    return days;
}

static void thank_for_rain(struct collecting *c) {
    struct idmap days = rainy_days(c);
    int64_t last = INT64_MIN;
    uint32_t root = NONE;
    for (size_t i = 0; days.count > 0 && i < c->recent_count; i++) {
        const struct recent *row = &c->recents[i];
        const struct stream *stream = stream_find(c->model, id_stream(row->id));
        if ((row->flags & ROW_VISIT) == 0 || stream == NULL) continue;
        int64_t day = day_of(c, row->time);
        const uint64_t *mark = idmap_find(&days, (uint64_t)(stream_store(stream) + 1) << 32 | (uint32_t)day);
        if (mark == NULL || c->model->facts.items[*mark - 1].values[1] != 1) continue;
        if (row->root == root && day == last) continue; /* once a day is enough */
        root = row->root;
        last = day;
        struct followup f = of_row(c, FOLLOWUP_RAINY, row);
        f.day = date_from_days(day);
        followup_add(c, f, day);
    }
    idmap_release(&days);
}

void followup_trade(struct collecting *c) {
    const struct model *model = c->model;
    int64_t now = c->q->now;
    struct policy_of_trade p = {.thank = policy_amount(model, POLICY_THANK_AMOUNT, now),
                                .days = policy_number(model, POLICY_THANK_DAYS, now)};
    p.letter_count = policy_numbers(model, POLICY_LETTER_SPEND, now, p.letters, POLICY_LISTED_MAX);
    for (size_t from = 0, to; from < c->recent_count; from = to) {
        for (to = from + 1; to < c->recent_count && c->recents[to].root == c->recents[from].root;) to++;
        thanks_of(c, &p, &c->recents[from], to - from);
        letters_of(c, &p, &c->recents[from], to - from);
    }
    if (policy_number(model, POLICY_RAINY_THANKS, now) == 1) thank_for_rain(c);
}

/* ---- Visits that did not happen ---- */

/* Of the months reached, only the most count. */
static void inactive_person(struct collecting *c, uint32_t root, int64_t last, const int64_t *months, size_t count) {
    struct date visit = zone_date(c->q->zone, last);
    for (size_t i = count; i-- > 0;) {
        struct date day = date_add_months(visit, (int)months[i]);
        int64_t due = date_to_days(day);
        if (due > c->today) continue;
        struct followup f = {.kind = FOLLOWUP_INACTIVE,
                             .person = person_name(c->model, root),
                             .figure = months[i],
                             .day = day,
                             .since = start_of(c, due),
                             .stream = FOLLOWUP_NO_STREAM};
        followup_add(c, f, due);
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
        if (c->model->roots.items[i] != i) continue;
        int64_t last = tallies_of(&c->tallies, i).last;
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
    if (rank_first(model, BY_SPEND, &cut, NULL, 1, &ranking, &count) != 0) return;
    if (count > 0 && ranking[0].spend > 0) {
        struct followup f = {.kind = FOLLOWUP_TOP,
                             .person = ranking[0].person,
                             .figure = ranking[0].spend,
                             .day = {year, 1, 1},
                             .since = start_of(c, first),
                             .stream = FOLLOWUP_NO_STREAM};
        followup_add(c, f, due);
    }
    free(ranking);
}

/* ---- Where they belong ---- */

/* Of two visits at one time: streams stand in the order in which a site heard of them. */
static void keep_largest(uint64_t *kept, uint64_t number) {
    if (*kept < number) *kept = number;
}

void followup_place(struct collecting *c) {
    const struct model *model = c->model;
    struct idmap wanted = {.slots = NULL}; /* root + 1 → stream + 1 of its latest visit */
    for (size_t i = 0; i < c->count; i++)
        if (c->found[i].stream == FOLLOWUP_NO_STREAM && c->found[i].kind != FOLLOWUP_TOP)
            idmap_put(&wanted, (uint64_t)model->roots.items[entry_find(model, c->found[i].person)] + 1, NULL);
    uint8_t *asked = wanted.count == 0 ? NULL : mem_alloc((size_t)model->entries.count + 1);
    for (uint32_t i = 0; asked != NULL && i < model->entries.count; i++)
        asked[i] = idmap_find(&wanted, (uint64_t)model->roots.items[i] + 1) != NULL;
    for (uint32_t s = 0; asked != NULL && s < model->streams.count; s++) {
        const struct stream *stream = &model->streams.items[s];
        for (uint32_t i = 0; i < stream->rows.count; i++) {
            const struct row *row = rows_at(&stream->rows, i);
            if (row->entry == NONE || !asked[row->entry] || !row_live(row) || (row_flags(row) & ROW_VISIT) == 0)
                continue;
            uint32_t root = model->roots.items[row->entry];
            if (row_time(row) == tallies_of(&c->tallies, root).last)
                keep_largest(idmap_put(&wanted, (uint64_t)root + 1, NULL), (uint64_t)stream->number + 1);
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        struct followup *f = &c->found[i];
        if (f->stream != FOLLOWUP_NO_STREAM || f->kind == FOLLOWUP_TOP) continue;
        const uint64_t *at = idmap_find(&wanted, (uint64_t)model->roots.items[entry_find(model, f->person)] + 1);
        f->stream = at == NULL || *at == 0 ? id_stream(f->person) : (uint32_t)(*at - 1);
    }
    free(asked);
    idmap_release(&wanted);
}
