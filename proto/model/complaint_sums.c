#include "proto/model/complaint_sums.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/policies.h"
#include "proto/model/turns.h"

/* ---- X8 ---- */

static const char *past_blanks(const char *text) { return text + strspn(text, " \t"); }

static int fold(char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c; }

static int compare_articles(const char *a, const char *b) {
    a = past_blanks(a);
    b = past_blanks(b);
    for (; *a != '\0' && fold(*a) == fold(*b); a++) b++;
    if (*past_blanks(a) == '\0' && *past_blanks(b) == '\0') return 0;
    return fold(*a) - fold(*b);
}

bool same_article(const char *a, const char *b) { return compare_articles(a, b) == 0; }

/* Those of one article by their opening. */
static int by_sku(const void *a, const void *b) {
    const struct complaint *const *x = a, *const *y = b;
    int order = compare_articles((*x)->sku, (*y)->sku);
    if (order != 0) return order;
    if ((*x)->opened_at != (*y)->opened_at) return (*x)->opened_at < (*y)->opened_at ? -1 : 1;
    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static int by_count(const void *a, const void *b) {
    const struct complaint_alert *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return strcmp(x->sku, y->sku);
}

static void add_to_alert(struct complaint_alert *alert, const struct complaint *c) {
    if (alert->count == 0 || c->opened_at < alert->first_at) alert->first_at = c->opened_at;
    if (alert->count == 0 || c->opened_at > alert->last_at) alert->last_at = c->opened_at;
    if (alert->count == 0) alert->sku = c->sku;
    alert->count++;
    alert->open += c->state != COMPLAINT_CLOSED;
}

size_t complaint_alerts(const struct complaint *list, size_t count, int64_t least, struct complaint_alert **out) {
    const struct complaint **sorted = mem_alloc((count + 1) * sizeof(const struct complaint *));
    size_t named = 0, found = 0;
    for (size_t i = 0; i < count; i++)
        if (*past_blanks(list[i].sku) != '\0') sorted[named++] = &list[i];
    if (named > 0) qsort(sorted, named, sizeof(const struct complaint *), by_sku);
    *out = mem_alloc((named + 1) * sizeof **out);
    for (size_t from = 0, to; from < named; from = to) {
        struct complaint_alert alert = {.count = 0};
        for (to = from; to < named && same_article(sorted[to]->sku, sorted[from]->sku); to++)
            add_to_alert(&alert, sorted[to]);
        if (alert.count >= least) (*out)[found++] = alert;
    }
    if (found > 0) qsort(*out, found, sizeof **out, by_count);
    free(sorted);
    return found;
}

/* ---- X9 ---- */

static int by_value(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static const struct complaint_clock *clock_of(const struct complaint *c, bool answer) {
    return answer ? &c->answer : &c->resolve;
}

static void times_of(const struct complaint *list, size_t count, bool answer, struct complaint_times *out) {
    int64_t *spent = mem_alloc((count + 1) * sizeof *spent), sum = 0;
    *out = (struct complaint_times){.mean_ms = NIL, .median_ms = NIL};
    for (size_t i = 0; i < count; i++) {
        const struct complaint_clock *clock = clock_of(&list[i], answer);
        out->judged += clock->met || clock->over;
        out->in_time += clock->met && !clock->over;
        if (!clock->met) continue;
        spent[out->met++] = clock->spent_ms;
        sum += clock->spent_ms;
    }
    if (out->met > 0) {
        qsort(spent, out->met, sizeof *spent, by_value);
        out->mean_ms = sum / out->met;
        out->median_ms = (spent[(out->met - 1) / 2] + spent[out->met / 2]) / 2;
    }
    free(spent);
}

static int by_frequency(const void *a, const void *b) {
    const struct complaint_cause *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return strcmp(x->cause, y->cause);
}

static void add_cause(struct complaint_sums *out, const char *cause) {
    for (size_t i = 0; i < out->cause_count; i++) {
        if (strcmp(out->causes[i].cause, cause) != 0) continue;
        out->causes[i].count++;
        return;
    }
    out->causes[out->cause_count++] = (struct complaint_cause){cause, 1};
}

void complaint_sums_of(const struct complaint *list, size_t count, struct complaint_sums *out) {
    *out = (struct complaint_sums){.count = (uint32_t)count};
    out->causes = mem_alloc((count + 1) * sizeof *out->causes);
    for (size_t i = 0; i < count; i++) {
        const struct complaint *c = &list[i];
        out->asked += c->satisfied != NIL;
        out->satisfied += c->satisfied == 1;
        out->scored += c->score != NIL;
        out->score_sum += c->score == NIL ? 0 : c->score;
        if (c->cost != NIL && __builtin_add_overflow(out->cost, c->cost, &out->cost)) out->cost = INT64_MAX;
        out->without_cause += c->cause[0] == '\0';
        if (c->cause[0] != '\0') add_cause(out, c->cause);
    }
    if (out->cause_count > 0) qsort(out->causes, out->cause_count, sizeof *out->causes, by_frequency);
    times_of(list, count, true, &out->answer);
    times_of(list, count, false, &out->resolve);
}

void complaint_sums_release(struct complaint_sums *sums) { free(sums->causes); }

/* The period of a time, or `count`. */
static size_t period_of(const int64_t *starts, size_t count, int64_t time) {
    size_t low = 0, high = count;
    if (time < starts[0] || time >= starts[count]) return count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (starts[middle] <= time)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct purchase_count {
    const struct model *model;
    const struct idmap *persons;
    const int64_t *starts;
    size_t count;
    uint32_t *out;
};

static uint32_t count_purchases(void *context, const struct stream *stream, uint32_t at, uint32_t end) {
    const struct purchase_count *p = context;
    const struct model *model = p->model;
    for (; at < end && at < stream->rows.count; at++) {
        const struct row *row = rows_at(&stream->rows, at);
        if (!row_live(row) || (row_flags(row) & ROW_RETURN) != 0) continue;
        size_t period = period_of(p->starts, p->count, row_time(row));
        if (period == p->count) continue;
        if (p->persons != NULL &&
            (row->entry == NONE || idmap_find(p->persons, person_name(model, row->entry)) == NULL))
            continue;
        p->out[period]++;
    }
    return at;
}

void purchases_within(const struct model *model, const struct scope *scope, const struct idmap *persons,
                      const int64_t *starts, size_t count, const struct pace *pace, uint32_t *out) {
    struct purchase_count counting = {model, persons, starts, count, out};
    memset(out, 0, count * sizeof *out);
    if (count == 0) return;
    struct turns turns = turns_begin(model, pace, turns_row_count(model));
    turns_rows(&turns, scope, count_purchases, &counting);
}
