#include "proto/command/ask_report.h"

#include <string.h>

static const struct report *const families[] = {value_reports, complaint_reports, loyalty_reports, NULL};

const struct option ask_report_options[] = {
    {"from", "DATE", "from this day on", false},
    {"to", "DATE", "up to the end of this day (default: now)", false},
    {"store", "S", "only what happened at this store", false},
    {"chain", "C", "only at stores of this chain", false},
    {"by", "day|week|month|quarter|year", "a row each (default: month)", false},
    {"vip", NULL, "only those of VIPs, customers of the highest tiers", false},
    {"segment", "T", "only those of this branch of trade", false},
    {NULL, NULL, NULL, false},
};

/* The kinds of all families, for the help. */
static const struct word words[] = {
    {"inactive", "customers without a visit for 6 or 12 months, longest away first: to be called"},
    {"back", "how many of those who had stayed away came back after a contact"},
    {"gained-lost", "customers gained, lost and won back, by month"},
    {"cohorts", "of those gained in a month, how many came in each later one"},
    {"returning", "share of sales from returning customers, by month"},
    {"leaving", "why customers left, by reason"},
    {"retention", "of whom nothing happened for `keep-years`: to be erased, if somebody decides so"},
    {"complaints", "how many, of 1000 purchases, about what, how soon answered and closed, at what cost"},
    {"benefits", "what was given away, by kind, with its cost"},
    {NULL, NULL},
};
static const struct rule rules[] = {{"by vip segment", "complaints", false}, {NULL, NULL, false}};
const struct grammar ask_report_grammar = {words, rules};

static int read_span(struct call *call, struct report_span *out) {
    const struct zone *zone = &call->site->zone;
    int64_t latest = ask_latest(call);
    *out = (struct report_span){.from = TIME_NONE, .to = latest, .last = zone_date(zone, latest)};
    int code = call_date(call, "to", out->last, &out->last);
    if (code == 0) code = call_date(call, "from", (struct date){0, 0, 0}, &out->first);
    if (code != 0) return code;
    int64_t end = zone_day_end(zone, out->last);
    if (call_has(call, "to") && end < latest) out->to = end;
    out->last = zone_date(zone, out->to);
    if (out->first.year != 0) out->from = zone_day_start(zone, out->first);
    if (out->from != TIME_NONE && out->from > out->to)
        return err_set(&call->error, ERR_INVALID, "from", "'%s' is after the end of the report",
                       call_option(call, "from"));
    out->scope.store = view_of(call_option(call, "store"));
    out->scope.chain = view_of(call_option(call, "chain"));
    code = ask_known(call, "store");
    return code == 0 ? ask_known(call, "chain") : code;
}

static int no_such_kind(struct call *call) {
    struct buf list = BUF_INIT;
    for (const struct report *const *family = families; *family != NULL; family++)
        for (const struct report *r = *family; r->kind != NULL; r++)
            buf_printf(&list, "%s%s", list.len == 0 ? "" : ", ", r->kind);
    int code = err_set(&call->error, ERR_USAGE, "kind", "there is no report '%s'; there are %s", call->argv[0],
                       buf_text(&list));
    buf_release(&list);
    return code;
}

int ask_report(struct call *call) {
    struct report_span span;
    for (const struct report *const *family = families; *family != NULL; family++) {
        for (const struct report *r = *family; r->kind != NULL; r++) {
            if (strcmp(r->kind, call->argv[0]) != 0) continue;
            int code = read_span(call, &span);
            return code == 0 ? r->run(call, &span) : code;
        }
    }
    return no_such_kind(call);
}
