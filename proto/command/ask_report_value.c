/* Reports on who stays and who does not: V7, V8, V10. */
#include <stdlib.h>

#include "proto/command/ask_report.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"
#include "proto/model/inactive.h"
#include "proto/model/months.h"
#include "proto/model/retention.h"

#define MONTHS_SHOWN 12 /* without --from */

static json_t *share(int64_t part, int64_t all) {
    return all > 0 ? json_real((double)part / (double)all) : json_null();
}

/* Parts of a whole for people: a percentage with one decimal. */
static json_t *percent(int64_t part, int64_t all) {
    char text[40];
    if (all <= 0) return json_null();
    snprintf(text, sizeof text, "%.1f%%", 100 * (double)part / (double)all);
    return json_string(text);
}

/* ---- Inactive ---- */

static const struct column inactive_columns[] = {
    {"customer", "customer", COLUMN_TEXT},   {"name", "name", COLUMN_TEXT},       {"card", "card", COLUMN_TEXT},
    {"phone", "phone", COLUMN_TEXT},         {"months", "months", COLUMN_NUMBER}, {"last visit", "last", COLUMN_TIME},
    {"contacted", "contacted", COLUMN_TIME}, {"silent", "silent", COLUMN_YES_NO}, {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER},     {NULL, NULL, COLUMN_TEXT},
};

static json_t *inactive_row(struct call *call, const struct inactive *one) {
    const struct standing *s = &one->standing;
    return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:b, s:I, s:I}", "customer", ask_id(s->person), "name",
                     ask_person_field(call, s->person, SEALED_registered_name), "card",
                     ask_person_field(call, s->person, SEALED_registered_card), "phone",
                     ask_person_field(call, s->person, SEALED_registered_phone), "months", (json_int_t)one->months,
                     "last", ask_time(call, s->last), "contacted", ask_time(call, one->contacted), "silent",
                     one->silent, "spend", (json_int_t)s->spend, "visits", (json_int_t)s->visits);
}

static int report_inactive(struct call *call, const struct report_span *span) {
    struct inactive *all = NULL;
    size_t count = 0;
    struct pace pace;
    const struct model *model = ask_report_begin(call, "customers", &pace);
    int code = inactive_list(model, &call->site->zone, span->to, &span->scope, &pace, &all, &count);
    ask_report_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be listed");
    struct listing *listing = listing_open(call, inactive_columns);
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++)
        if (span->from == TIME_NONE || all[i].standing.last >= span->from)
            listing_add(listing, inactive_row(call, &all[i]));
    listing_close(listing, "nobody has stayed away for so long");
    free(all);
    return 0;
}

/* ---- Retention ---- */

static const struct column retention_columns[] = {
    {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"last", "last", COLUMN_TIME},
    {"kept until", "until", COLUMN_TIME},
    {"spend", "spend", COLUMN_MONEY},
    {NULL, NULL, COLUMN_TEXT},
};

/* Proposed to a person, who erases or keeps them (`dangol-hub erase`). */
static int report_retention(struct call *call, const struct report_span *span) {
    struct kept *all = NULL;
    size_t count = 0;
    if (call_has(call, "store") || call_has(call, "chain"))
        return err_set(&call->error, ERR_INVALID, call_has(call, "store") ? "store" : "chain",
                       "has no part in this: a file is kept for the whole region");
    int code = retention_over(ask_begin(call), &call->site->zone, span->to, &all, &count);
    ask_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be listed");
    struct listing *listing = listing_open(call, retention_columns);
    for (size_t i = 0; i < count && !call_cancelled(call); i++)
        if (span->from == TIME_NONE || all[i].last >= span->from)
            listing_add(listing, json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "customer", ask_id(all[i].person), "name",
                                           ask_person_field(call, all[i].person, SEALED_registered_name), "card",
                                           ask_person_field(call, all[i].person, SEALED_registered_card), "last",
                                           ask_time(call, all[i].last), "until", ask_time(call, all[i].until), "spend",
                                           (json_int_t)all[i].spend));
    listing_close(listing, "every file is still to be kept");
    free(all);
    return 0;
}

static const struct column back_columns[] = {
    {"months", "months", COLUMN_NUMBER}, {"contacted", "contacted", COLUMN_NUMBER},
    {"back", "back", COLUMN_NUMBER},     {"of them", "percent", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

static int report_back(struct call *call, const struct report_span *span) {
    struct came_back spans[POLICY_LISTED_MAX];
    struct pace pace;
    const struct model *model = ask_report_begin(call, "contacts", &pace);
    size_t count = came_back(model, &call->site->zone, span->from, span->to, &span->scope, &pace, spans);
    ask_report_end(call);
    struct listing *listing = listing_open(call, back_columns);
    for (size_t i = 0; i < count; i++)
        listing_add(listing, json_pack("{s:I, s:I, s:I, s:o, s:o}", "months", (json_int_t)spans[i].months, "contacted",
                                       (json_int_t)spans[i].contacted, "back", (json_int_t)spans[i].back, "share",
                                       share((int64_t)spans[i].back, (int64_t)spans[i].contacted), "percent",
                                       percent((int64_t)spans[i].back, (int64_t)spans[i].contacted)));
    listing_close(listing, "the policy names no months");
    return 0;
}

/* ---- Month by month ---- */

static struct month_grid *open_grid(struct call *call, const struct report_span *span) {
    struct month_grid *grid = mem_alloc(sizeof *grid);
    struct date from = span->first;
    if (from.year == 0) from = date_add_months((struct date){span->last.year, span->last.month, 1}, 1 - MONTHS_SHOWN);
    struct pace pace;
    const struct model *model = ask_report_begin(call, "months", &pace);
    months_open(model, &call->site->zone, from, span->to, &span->scope, &pace, grid);
    ask_report_end(call);
    return grid;
}

static void close_grid(struct month_grid *grid) {
    months_close(grid);
    free(grid);
}

static json_t *month_text(int month) {
    char text[16];
    struct date start = month_start(month);
    snprintf(text, sizeof text, "%04d-%02d", start.year % 10000, start.month % 100);
    return json_string(text);
}

static const struct column gained_columns[] = {
    {"month", "month", COLUMN_TEXT}, {"active", "active", COLUMN_NUMBER},     {"gained", "gained", COLUMN_NUMBER},
    {"lost", "lost", COLUMN_NUMBER}, {"won back", "won_back", COLUMN_NUMBER}, {"change", "change", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};

static int report_gained_lost(struct call *call, const struct report_span *span) {
    struct month_grid *grid = open_grid(call, span);
    struct listing *listing = listing_open(call, gained_columns);
    for (int i = 0; i < grid->count; i++) {
        const struct month_figures *f = &grid->figures[i];
        listing_add(listing, json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "month", month_text(f->month), "active",
                                       (json_int_t)f->active, "gained", (json_int_t)f->gained, "lost",
                                       (json_int_t)f->lost, "won_back", (json_int_t)f->won_back, "change",
                                       (json_int_t)(f->gained + f->won_back) - (json_int_t)f->lost));
    }
    listing_close(listing, "no months");
    close_grid(grid);
    return 0;
}

static const struct column cohort_columns[] = {
    {"gained in", "cohort", COLUMN_TEXT},
    {"customers", "customers", COLUMN_NUMBER},
    {"month", "month", COLUMN_TEXT},
    {"after", "after", COLUMN_NUMBER},
    {"retained", "retained", COLUMN_NUMBER},
    {"of them", "percent", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

static int report_cohorts(struct call *call, const struct report_span *span) {
    struct month_grid *grid = open_grid(call, span);
    struct listing *listing = listing_open(call, cohort_columns);
    for (int cohort = 0; cohort < grid->count; cohort++) {
        int64_t gained = (int64_t)grid->figures[cohort].gained;
        for (int month = cohort; gained > 0 && month < grid->count; month++) {
            int64_t retained = (int64_t)grid->retained[cohort * grid->count + month];
            listing_add(listing,
                        json_pack("{s:o, s:I, s:o, s:i, s:I, s:o, s:o}", "cohort", month_text(grid->first + cohort),
                                  "customers", (json_int_t)gained, "month", month_text(grid->first + month), "after",
                                  month - cohort, "retained", (json_int_t)retained, "share", share(retained, gained),
                                  "percent", percent(retained, gained)));
        }
    }
    listing_close(listing, "nobody came for the first time in these months");
    close_grid(grid);
    return 0;
}

static const struct column returning_columns[] = {
    {"month", "month", COLUMN_TEXT},
    {"all sales", "all_sales", COLUMN_MONEY},
    {"of customers", "sales", COLUMN_MONEY},
    {"of returning ones", "returning_sales", COLUMN_MONEY},
    {"share", "percent", COLUMN_TEXT},
    {"reference %", "reference", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};

static int report_returning(struct call *call, const struct report_span *span) {
    int64_t reference = policy_number(ask_begin(call), POLICY_RETURNING_SHARE, span->to);
    ask_end(call);
    struct month_grid *grid = open_grid(call, span);
    struct listing *listing = listing_open(call, returning_columns);
    for (int i = 0; i < grid->count; i++) {
        const struct month_figures *f = &grid->figures[i];
        listing_add(listing,
                    json_pack("{s:o, s:I, s:I, s:I, s:o, s:o, s:I}", "month", month_text(f->month), "all_sales",
                              (json_int_t)f->all_sales, "sales", (json_int_t)f->sales, "returning_sales",
                              (json_int_t)f->returning_sales, "share", share(f->returning_sales, f->sales), "percent",
                              percent(f->returning_sales, f->sales), "reference", (json_int_t)reference));
    }
    listing_close(listing, "no months");
    close_grid(grid);
    return 0;
}

/* ---- Why they left ---- */

static const struct column leaving_columns[] = {
    {"reason", "reason", COLUMN_TEXT},  {"customers", "customers", COLUMN_NUMBER},
    {"of all", "percent", COLUMN_TEXT}, {"spend", "spend", COLUMN_MONEY},
    {NULL, NULL, COLUMN_TEXT},
};

static int report_leaving(struct call *call, const struct report_span *span) {
    struct leaving reasons[LEAVING_MAX];
    int64_t all = 0;
    leaving_reasons(ask_begin(call), span->from, span->to, &span->scope, reasons);
    ask_end(call);
    for (size_t i = 0; i < LEAVING_MAX; i++) all += (int64_t)reasons[i].customers;
    struct listing *listing = listing_open(call, leaving_columns);
    for (size_t i = 1; i < LEAVING_MAX && all > 0; i++) {
        const char *word = choice_word(&choices_leaving, (int64_t)i);
        if (word == NULL) continue;
        int64_t customers = (int64_t)reasons[i].customers;
        listing_add(listing, json_pack("{s:s, s:I, s:o, s:o, s:I}", "reason", word, "customers", (json_int_t)customers,
                                       "share", share(customers, all), "percent", percent(customers, all), "spend",
                                       (json_int_t)reasons[i].spend));
    }
    listing_close(listing, "nobody was noted as having left");
    return 0;
}

const struct report value_reports[] = {
    {"inactive", "customers without a visit for 6 or 12 months", report_inactive},
    {"back", "how many of them came back after a contact", report_back},
    {"gained-lost", "customers gained, lost and won back, by month", report_gained_lost},
    {"cohorts", "of those gained in a month, how many came in each later one", report_cohorts},
    {"returning", "share of sales from returning customers, by month", report_returning},
    {"leaving", "why customers left", report_leaving},
    {"retention", "customers whose file need not be kept any longer", report_retention},
    {NULL, NULL, NULL},
};
