/* vip, pyramid, segments: who brings what. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"

static void card_of(void *context, uint64_t person, struct buf *out) {
    struct call *call = context;
    const struct model *replay = call->replay == NULL ? NULL : call->replay->model;
    site_person_field(call->site, replay, person, SEALED_registered_card, out);
}

static int measure_of(struct call *call, enum measure *out) {
    static const char *const words[] = {"spend", "visits", "margin", "referrals"};
    static const enum measure measures[] = {BY_SPEND, BY_VISITS, BY_MARGIN, BY_REFERRALS};
    const char *by = call_option(call, "by");
    if (by == NULL) by = "spend";
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (strcmp(by, words[i]) != 0) continue;
        *out = measures[i];
        return 0;
    }
    return err_set(&call->error, ERR_INVALID, "by", "'%s' is no measure; use spend, visits, margin or referrals", by);
}

static json_t *standing_row(struct call *call, const struct standing *s, size_t place) {
    return json_pack("{s:I, s:o, s:o, s:o, s:I, s:I, s:o, s:n}", "rank", (json_int_t)place, "customer",
                     ask_id(s->person), "name", ask_person_field(call, s->person, SEALED_registered_name), "card",
                     ask_person_field(call, s->person, SEALED_registered_card), "spend", (json_int_t)s->spend, "visits",
                     (json_int_t)s->visits, "last", ask_time(call, s->last), "tier");
}

static const struct column margin_columns[] = {
    {"rank", "rank", COLUMN_NUMBER},     {"customer", "customer", COLUMN_TEXT}, {"name", "name", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},       {"margin", "margin", COLUMN_MONEY},    {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER}, {"last visit", "last", COLUMN_TIME},   {NULL, NULL, COLUMN_TEXT},
};
static const struct column vip_columns[] = {
    {"rank", "rank", COLUMN_NUMBER},     {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},       {"card", "card", COLUMN_TEXT},
    {"spend", "spend", COLUMN_MONEY},    {"visits", "visits", COLUMN_NUMBER},
    {"last visit", "last", COLUMN_TIME}, {NULL, NULL, COLUMN_TEXT},
};

int ask_vip(struct call *call) {
    struct cut cut;
    struct scope scope;
    enum measure by = BY_SPEND;
    int64_t top;
    int code = call_number(call, "top", 1, 100000000, 100, &top);
    if (code == 0) code = measure_of(call, &by);
    if (code == 0) code = ask_cut(call, &cut, &scope);
    if (code != 0) return code;
    struct standing *ranking = NULL;
    size_t count = 0;
    const struct model *model = ask_begin(call);
    code = rank(model, by, &cut, &scope, &ranking, &count);
    ask_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the ranking failed");
    ranking_ties(ranking, count, (size_t)top, card_of, call);
    struct listing *listing = listing_open(call, by == BY_MARGIN ? margin_columns : vip_columns);
    for (size_t i = 0; i < count && i < (size_t)top && !call_cancelled(call); i++) {
        json_t *row = standing_row(call, &ranking[i], i + 1);
        if (by == BY_MARGIN) json_object_set_new(row, "margin", json_integer(ranking[i].value));
        listing_add(listing, row);
    }
    listing_close(listing, "nobody bought anything in that time");
    free(ranking);
    return 0;
}

static json_t *profit_json(const struct profit_groups *p) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "high", (json_int_t)p->high, "medium", (json_int_t)p->medium,
                     "low", (json_int_t)p->low, "none", (json_int_t)p->none, "high_margin", (json_int_t)p->high_margin,
                     "margin", (json_int_t)p->margin);
}

static void print_profit(struct call *call, const struct profit_groups *p) {
    char text[40];
    fprintf(call->out, "by margin, %s %s where it is known: %llu high, %llu medium, %llu low, %llu none\n",
            decimal_format(p->margin, call->site->currency.decimals, true, text), call->site->currency.code,
            (unsigned long long)p->high, (unsigned long long)p->medium, (unsigned long long)p->low,
            (unsigned long long)p->none);
}

int ask_pyramid(struct call *call) {
    struct cut cut;
    struct scope scope;
    int code = ask_cut(call, &cut, &scope);
    if (code != 0) return code;
    struct standing *ranking = NULL;
    size_t count = 0;
    struct pyramid p;
    struct profit_groups profit;
    char text[40], customers[COUNT_TEXT];
    const struct model *model = ask_begin(call);
    code = rank(model, BY_SPEND, &cut, &scope, &ranking, &count);
    bool profits = profit_groups(model, &cut, &scope, &profit);
    ask_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the ranking failed");
    pyramid_of(ranking, count, &p);
    free(ranking);
    if (call->json) {
        json_t *out = json_pack("{s:I, s:I, s:f, s:I, s:I}", "customers", (json_int_t)p.customers, "top_customers",
                                (json_int_t)p.top_customers, "top_share", p.top_share, "customers_for_80_percent",
                                (json_int_t)p.customers_for_80_percent, "total", (json_int_t)p.total);
        if (profits) json_object_set_new(out, "profit_groups", profit_json(&profit));
        call_json(call, out);
        return 0;
    }
    fprintf(call->out, "%s brought %s %s\n", count_format(p.customers, "customer", customers),
            decimal_format(p.total, call->site->currency.decimals, true, text), call->site->currency.code);
    fprintf(call->out, "the top 20%% (%llu) bring %.1f%% of it; 80%% come from %s\n",
            (unsigned long long)p.top_customers, 100 * p.top_share,
            count_format(p.customers_for_80_percent, "customer", customers));
    if (profits) print_profit(call, &profit);
    return 0;
}

static const struct column segments_columns[] = {
    {"customer", "customer", COLUMN_TEXT}, {"card", "card", COLUMN_TEXT},       {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER},   {"last visit", "last", COLUMN_TIME}, {NULL, NULL, COLUMN_TEXT},
};

int ask_segments(struct call *call) {
    struct cut cut;
    int code = ask_cut(call, &cut, NULL);
    if (code != 0) return code;
    struct standing *all = NULL;
    size_t count = 0;
    const struct model *model = ask_begin(call);
    code = segments(model, &cut, &all, &count);
    ask_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be listed");
    struct listing *listing = listing_open(call, segments_columns);
    for (size_t i = 0; i < count && !call_cancelled(call); i++)
        listing_add(listing, json_pack("{s:o, s:o, s:I, s:I, s:o}", "customer", ask_id(all[i].person), "card",
                                       ask_person_field(call, all[i].person, SEALED_registered_card), "spend",
                                       (json_int_t)all[i].spend, "visits", (json_int_t)all[i].visits, "last",
                                       ask_time(call, all[i].last)));
    listing_close(listing, "there are no customers yet");
    free(all);
    return 0;
}
