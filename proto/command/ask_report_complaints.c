/* report complaints: X9. A complaint is of the period it was opened in, and told as it stood at the end. */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask_report.h"
#include "proto/command/ask_tier.h"
#include "proto/command/listing.h"
#include "proto/command/period.h"
#include "proto/model/complaint_sums.h"

static const struct column columns[] = {
    {"period", "period", COLUMN_TEXT},
    {"complaints", "complaints", COLUMN_NUMBER},
    {"purchases", "purchases", COLUMN_NUMBER},
    {"per 1000", "per_1000", COLUMN_NUMBER},
    {"answer, hours", "answer_hours", COLUMN_NUMBER},
    {"median", "answer_hours_median", COLUMN_NUMBER},
    {"in time", "answer_in_time", COLUMN_NUMBER},
    {"closing, hours", "resolve_hours", COLUMN_NUMBER},
    {"median", "resolve_hours_median", COLUMN_NUMBER},
    {"in time", "resolve_in_time", COLUMN_NUMBER},
    {"resolved", "resolved", COLUMN_NUMBER},
    {"score", "score", COLUMN_NUMBER},
    {"cost", "cost", COLUMN_MONEY},
    {"causes", "cause_list", COLUMN_TEXT},
    {NULL, "from", COLUMN_TEXT},
    {NULL, "answered", COLUMN_NUMBER},
    {NULL, "closed", COLUMN_NUMBER},
    {NULL, "asked", COLUMN_NUMBER},
    {NULL, "scored", COLUMN_NUMBER},
    {NULL, "without_cause", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};

/* Everything a report is made of; the lists live as long as it. */
struct figures {
    struct call *call;
    enum period period;
    const struct report_span *span;
    struct cut cut;
    struct complaint *list; /* wanted ones, by opening */
    size_t count;
    struct idmap vips;
    bool of_vips;
    const char *segment; /* NULL: any */
    int64_t *starts;     /* of the periods, and the end of the last */
    uint32_t *purchases;
    size_t periods;
};

static bool in_scope(const struct model *model, const struct scope *scope, uint32_t stream) {
    struct stream_state state;
    struct store_state store;
    if (scope->store.data == NULL && scope->chain.data == NULL) return true;
    if (!model_stream(model, stream, &state) || state.store.data == NULL) return false;
    if (scope->store.data != NULL && !view_equal(state.store, scope->store)) return false;
    return scope->chain.data == NULL ||
           (model_store(model, state.store, &store) && view_equal(store.chain, scope->chain));
}

static bool wanted(const struct model *model, const struct figures *r, const struct complaint *c) {
    if (r->of_vips && (c->person == 0 || idmap_find(&r->vips, c->person) == NULL)) return false;
    return (r->segment == NULL || strcmp(c->segment, r->segment) == 0) && in_scope(model, &r->span->scope, c->stream);
}

/* Periods from the first day, or complaint, to the end. */
static void make_periods(struct figures *r) {
    const struct zone *zone = &r->call->site->zone;
    struct date day = r->span->first;
    size_t room = 0;
    if (day.year == 0 && r->count > 0) day = zone_date(zone, r->list[0].opened_at);
    if (day.year == 0) return;
    struct date start = period_start(r->period, day);
    for (;; start = period_next(r->period, start)) {
        if (r->periods + 1 >= room) r->starts = mem_resize(r->starts, (room = room * 2 + 64) * sizeof *r->starts);
        int64_t at = start.year == 0 ? INT64_MAX : zone_day_start(zone, start);
        if (r->periods == 0 && r->cut.from != TIME_NONE && at < r->cut.from) at = r->cut.from;
        r->starts[r->periods] = at;
        if (at > r->cut.to) break;
        r->periods++;
    }
    r->starts[r->periods] = r->cut.to + 1;
}

#define KEPT_AT_ONCE 4096

static void keep_wanted(struct figures *r) {
    size_t kept = 0;
    for (size_t from = 0; from < r->count; from += KEPT_AT_ONCE) {
        const struct model *model = ask_begin(r->call);
        for (size_t i = from; i < r->count && i < from + KEPT_AT_ONCE; i++)
            if (wanted(model, r, &r->list[i])) r->list[kept++] = r->list[i];
        ask_end(r->call);
    }
    r->count = kept;
}

static int gather(struct figures *r) {
    struct pace pace;
    const struct model *model = ask_report_begin(r->call, "complaints", &pace);
    int code = complaints_paced(model, &r->cut, &r->call->site->zone, r->cut.to, &pace, &r->list, &r->count);
    ask_report_end(r->call);
    if (code != 0) return err_set(&r->call->error, code, NULL, "the complaints could not be listed");
    if (r->of_vips) ask_vips(r->call, r->cut.to, &r->vips);
    keep_wanted(r);
    make_periods(r);
    r->purchases = mem_alloc((r->periods + 1) * sizeof *r->purchases);
    model = ask_report_begin(r->call, "purchases", &pace);
    purchases_within(model, &r->span->scope, r->of_vips ? &r->vips : NULL, r->starts, r->periods, &pace, r->purchases);
    ask_report_end(r->call);
    return 0;
}

static json_t *ratio(double part, double whole) { return whole <= 0 ? json_null() : json_real(part / whole); }

static json_t *hours(int64_t ms) { return ms == NIL ? json_null() : json_real((double)ms / 3600000); }

static void set_times(json_t *row, const char *name, const char *done, const struct complaint_times *times) {
    char key[40];
    json_object_set_new(row, done, json_integer(times->met));
    snprintf(key, sizeof key, "%s_hours", name);
    json_object_set_new(row, key, hours(times->mean_ms));
    snprintf(key, sizeof key, "%s_hours_median", name);
    json_object_set_new(row, key, hours(times->median_ms));
    snprintf(key, sizeof key, "%s_in_time", name);
    json_object_set_new(row, key, ratio(times->in_time, times->judged));
}

static void set_causes(json_t *row, const struct complaint_sums *sums) {
    struct buf text = BUF_INIT;
    json_t *causes = json_object();
    for (size_t i = 0; i < sums->cause_count; i++) {
        json_object_set_new(causes, sums->causes[i].cause, json_integer(sums->causes[i].count));
        buf_printf(&text, "%s%s %u", i == 0 ? "" : ", ", sums->causes[i].cause, (unsigned)sums->causes[i].count);
    }
    json_object_set_new(row, "causes", causes);
    json_object_set_new(row, "cause_list", text.len == 0 ? json_null() : json_string(buf_text(&text)));
    json_object_set_new(row, "without_cause", json_integer(sums->without_cause));
    buf_release(&text);
}

static json_t *period_row(const struct figures *r, size_t period, const struct complaint *list, size_t count) {
    const struct zone *zone = &r->call->site->zone;
    struct date day = zone_date(zone, r->starts[period]);
    struct complaint_sums sums;
    char name[PERIOD_TEXT], from[PERIOD_TEXT];
    bool comparable = r->segment == NULL; /* a purchase has no segment */
    complaint_sums_of(list, count, &sums);
    json_t *row = json_pack(
        "{s:s, s:s, s:I, s:o, s:o, s:I, s:o, s:I, s:o, s:I}", "period",
        period_format(r->period, period_start(r->period, day), name), "from", date_format(day, from), "complaints",
        (json_int_t)count, "purchases", comparable ? json_integer(r->purchases[period]) : json_null(), "per_1000",
        comparable ? ratio(1000.0 * (double)count, r->purchases[period]) : json_null(), "asked", (json_int_t)sums.asked,
        "resolved", ratio(sums.satisfied, sums.asked), "scored", (json_int_t)sums.scored, "score",
        ratio((double)sums.score_sum, sums.scored), "cost", (json_int_t)sums.cost);
    set_times(row, "answer", "answered", &sums.answer);
    set_times(row, "resolve", "closed", &sums.resolve);
    set_causes(row, &sums);
    complaint_sums_release(&sums);
    return row;
}

/* Nobody asked for the time since the last complaint and purchase. */
static size_t shown_periods(const struct figures *r) {
    int64_t last = r->count == 0 ? TIME_NONE : r->list[r->count - 1].opened_at;
    size_t shown = r->periods;
    if (call_has(r->call, "to")) return shown;
    while (shown > 0 && r->purchases[shown - 1] == 0 && last < r->starts[shown - 1]) shown--;
    return shown;
}

static void print(const struct figures *r) {
    struct listing *listing = listing_open(r->call, columns);
    size_t from = 0, to, shown = shown_periods(r);
    for (size_t i = 0; i < shown && !call_cancelled(r->call); i++, from = to) {
        for (to = from; to < r->count && r->list[to].opened_at < r->starts[i + 1];) to++;
        listing_add(listing, period_row(r, i, r->list + from, to - from));
    }
    listing_close(listing, "no complaints in that time");
}

static int report(struct call *call, const struct report_span *span) {
    struct figures r = {.call = call,
                        .span = span,
                        .cut = {span->from, span->to},
                        .of_vips = call_has(call, "vip"),
                        .segment = call_option(call, "segment")};
    int code = period_option(call, PERIOD_MONTH, &r.period);
    if (code == 0) code = gather(&r);
    if (code == 0) print(&r);
    idmap_release(&r.vips);
    free(r.list);
    free(r.starts);
    free(r.purchases);
    return code;
}

const struct report complaint_reports[] = {
    {"complaints", "how many, of 1000 purchases, about what, how soon answered and closed, at what cost", report},
    {NULL, NULL, NULL},
};
