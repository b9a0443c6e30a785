/* pyramid: how much of it comes from how few (V1). */
#include <stdlib.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"

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

static json_t *volume_json(const struct volume *volume) {
    return json_pack("{s:I, s:I}", "customers", (json_int_t)volume->customers, "spend", (json_int_t)volume->spend);
}

/* Of the calendar year, in the whole region, whatever the window and scope: not for whoever sees one store only. */
static json_t *year_top_json(struct call *call, const struct standing *top) {
    if (top->person == 0) return json_null();
    return json_pack("{s:o, s:o, s:o, s:I}", "customer", ask_id(top->person), "name",
                     ask_person_field(call, top->person, SEALED_registered_name), "card",
                     ask_person_field(call, top->person, SEALED_registered_card), "spend", (json_int_t)top->spend);
}

static json_t *curve_json(const double *curve) {
    json_t *out = json_array();
    for (int i = 0; i < PYRAMID_POINTS; i++) json_array_append_new(out, json_real(curve[i]));
    return out;
}

static void json_pyramid(struct call *call, const struct pyramid *p, const double *curve, int64_t percent,
                         const struct profit_groups *profit, const struct standing *top) {
    json_t *out = json_pack("{s:I, s:I, s:f, s:I, s:I, s:I}", "customers", (json_int_t)p->customers, "top_customers",
                            (json_int_t)p->top_customers, "top_share", p->top_share, "customers_for_80_percent",
                            (json_int_t)p->customers_for_80_percent, "total", (json_int_t)p->total, "top_percent",
                            (json_int_t)percent);
    json_object_set_new(out, "large", volume_json(&p->large));
    json_object_set_new(out, "medium", volume_json(&p->medium));
    json_object_set_new(out, "small", volume_json(&p->small));
    if (profit != NULL) json_object_set_new(out, "profit_groups", profit_json(profit));
    json_object_set_new(out, "curve", curve_json(curve));
    json_object_set_new(out, "year_top", year_top_json(call, top));
    json_object_set_new(out, "covers", json_string(call_covers(call)));
    call_json(call, out);
}

static void print_volume(struct call *call, const char *name, const struct volume *volume, int64_t total) {
    char customers[COUNT_TEXT];
    fprintf(call->out, "  %-8s %s, %.1f%%\n", name, count_format(volume->customers, "customer", customers),
            total > 0 ? 100 * (double)volume->spend / (double)total : 0);
}

static void print_pyramid(struct call *call, const struct pyramid *p, int64_t percent,
                          const struct profit_groups *profit, const struct standing *top) {
    char text[40], customers[COUNT_TEXT], id[ID_TEXT];
    int decimals = call->site->currency.decimals;
    fprintf(call->out, "%s brought %s %s\n", count_format(p->customers, "customer", customers),
            decimal_format(p->total, decimals, true, text), call->site->currency.code);
    fprintf(call->out, "the top %lld%% (%llu) bring %.1f%% of it; 80%% come from %s\n", (long long)percent,
            (unsigned long long)p->top_customers, 100 * p->top_share,
            count_format(p->customers_for_80_percent, "customer", customers));
    print_volume(call, "large", &p->large, p->total);
    print_volume(call, "medium", &p->medium, p->total);
    print_volume(call, "small", &p->small, p->total);
    if (profit != NULL) print_profit(call, profit);
    if (top->person != 0)
        fprintf(call->out, "top of the year %s: customer %s, %s %s\n",
                call->site->config.role == ROLE_HUB ? "in the region" : "of whom this store knows",
                id_format(top->person, id), decimal_format(top->spend, decimals, true, text),
                call->site->currency.code);
    call_covers_note(call);
}

/* The largest net spend of the year; of several the one with the first card. */
static int year_top(struct call *call, int64_t to, struct standing *out) {
    static const struct scope anywhere = {{NULL, 0}, {NULL, 0}};
    const struct zone *zone = &call->site->zone;
    struct standing *ranking = NULL;
    struct cut year;
    size_t count = 0;
    *out = (struct standing){.person = 0};
    int code = cut_window(view_of("year"), zone_date(zone, to), zone, &year, &call->error);
    year.to = to;
    if (code == 0) {
        struct pace pace;
        const struct model *model = ask_report_begin(call, "top of the year", &pace);
        code = rank_paced(model, BY_SPEND, &year, &anywhere, 1, &pace, &ranking, &count);
        ask_report_end(call);
    }
    if (code == 0) ranking_ties(ranking, count, 1, ask_card_of, call);
    if (code == 0 && count > 0 && ranking[0].spend > 0) *out = ranking[0];
    free(ranking);
    return code;
}

int ask_pyramid(struct call *call) {
    struct cut cut;
    struct scope scope;
    int code = ask_cut(call, &cut, &scope);
    if (code != 0) return code;
    struct standing *ranking = NULL, top = {.person = 0};
    size_t count = 0;
    struct pyramid p;
    double curve[PYRAMID_POINTS];
    struct profit_groups profit;
    struct pace pace;
    const struct model *model = ask_report_begin(call, "ranking", &pace);
    struct pyramid_shares shares = pyramid_shares(model, cut.to);
    code = rank_paced(model, BY_SPEND, &cut, &scope, 0, &pace, &ranking, &count);
    ask_report_end(call);
    model = ask_report_begin(call, "margins", &pace);
    bool profits = profit_groups(model, &cut, &scope, &pace, &profit);
    ask_report_end(call);
    if (code == 0 && call->bound == NULL) code = year_top(call, cut.to, &top);
    if (code != 0) {
        free(ranking);
        return err_set(&call->error, code, NULL, "the ranking failed");
    }
    pyramid_of(ranking, count, &shares, &p);
    pyramid_curve(ranking, count, curve);
    free(ranking);
    if (call->json)
        json_pyramid(call, &p, curve, shares.top, profits ? &profit : NULL, &top);
    else
        print_pyramid(call, &p, shares.top, profits ? &profit : NULL, &top);
    return 0;
}
