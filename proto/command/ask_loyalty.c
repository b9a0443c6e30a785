#include "proto/command/ask_loyalty.h"

#include <stdlib.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"
#include "proto/model/benefits.h"
#include "proto/model/packages.h"
#include "proto/model/points.h"

#define REDEMPTIONS_SHOWN 1000

static const char *last_argument(const struct call *call) {
    return call->argc == 0 ? NULL : call->argv[call->argc - 1];
}

/* Up to the end of a day, or now. */
static int end_of(struct call *call, int64_t *to) {
    struct cut cut;
    int code = ask_cut(call, &cut, NULL);
    *to = cut.to;
    return code;
}

/* Whom it is about: the one that is named, or everybody. */
struct whose {
    uint64_t *ids;
    size_t count;
    bool named;
};

static int take_whose(struct call *call, int64_t to, struct whose *out) {
    struct cut cut = {TIME_NONE, to};
    struct standing *all = NULL;
    int code = 0;
    *out = (struct whose){.named = call->argc > 0 || call_has(call, "phone") || call_has(call, "card")};
    out->ids = mem_alloc(sizeof *out->ids);
    out->count = 1;
    if (out->named) return ask_whoever(call, last_argument(call), out->ids);
    if (call->bound != NULL)
        return err_set(&call->error, ERR_AUTH, NULL, "this account sees the customers of one store only: name one");
    struct pace pace;
    code = segments(ask_report_begin(call, "customers", &pace), &cut, &pace, &all, &out->count);
    ask_report_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be listed");
    out->ids = mem_resize(out->ids, (out->count + 1) * sizeof *out->ids);
    for (size_t i = 0; i < out->count; i++) out->ids[i] = all[i].person;
    free(all);
    return 0;
}

static json_t *number(int64_t value) { return value == NIL ? json_null() : json_integer(value); }

/* ---- points ---- */

static json_t *redemption_json(struct call *call, const struct redemption *r) {
    return json_pack("{s:o, s:o, s:I, s:o, s:o}", "id", ask_id(r->id), "at", ask_time(call, r->time), "points",
                     (json_int_t)r->points, "balance", number(r->balance), "tier", ask_text(r->tier));
}

static json_t *points_json(struct call *call, uint64_t person, const struct points *p, json_t *redemptions) {
    (void)call;
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "customer", ask_id(person), "balance",
                     (json_int_t)p->balance, "spend_points", (json_int_t)p->spend, "referral_points",
                     (json_int_t)p->referrals, "newcomers", (json_int_t)p->newcomers, "redeemed",
                     (json_int_t)p->redeemed, "redemptions", redemptions);
}

static void print_redemption(struct call *call, const json_t *row) {
    struct buf line = BUF_INIT;
    const json_t *balance = json_object_get(row, "balance"), *tier = json_object_get(row, "tier");
    ask_minute(&line, json_string_value(json_object_get(row, "at")));
    buf_printf(&line, "  %s  %lld redeemed", json_string_value(json_object_get(row, "id")),
               (long long)json_integer_value(json_object_get(row, "points")));
    if (json_is_integer(balance)) buf_printf(&line, " of %lld", (long long)json_integer_value(balance));
    if (json_is_string(tier)) {
        buf_printf(&line, ", ");
        text_printable(view_of(json_string_value(tier)), &line);
    }
    fprintf(call->out, "  %s\n", buf_text(&line));
    buf_release(&line);
}

static void print_points(struct call *call, uint64_t person, const struct points *p, const json_t *redemptions) {
    char id[ID_TEXT], count[COUNT_TEXT];
    fprintf(call->out, "customer %s has %lld points: %lld by spend, %lld for %s, %lld redeemed\n",
            id_format(person, id), (long long)p->balance, (long long)p->spend, (long long)p->referrals,
            count_format(p->newcomers, "newcomer", count), (long long)p->redeemed);
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)(uintptr_t)redemptions, i, row) print_redemption(call, row);
}

static void tell_points(struct call *call, uint64_t customer, int64_t to) {
    struct points points;
    struct redemption *all = mem_alloc(REDEMPTIONS_SHOWN * sizeof *all);
    json_t *redemptions = json_array();
    const struct model *model = ask_begin(call);
    points_of(model, customer, to, &points);
    customer = model_person(model, customer);
    size_t count = redemptions_of(model, customer, to, all, REDEMPTIONS_SHOWN);
    for (size_t i = 0; i < count && i < REDEMPTIONS_SHOWN; i++)
        json_array_append_new(redemptions, redemption_json(call, &all[i]));
    ask_end(call);
    if (call->json)
        call_json(call, points_json(call, customer, &points, json_incref(redemptions)));
    else
        print_points(call, customer, &points, redemptions);
    json_decref(redemptions);
    free(all);
}

static const struct column points_columns[] = {
    {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"points", "balance", COLUMN_NUMBER},
    {"by spend", "spend_points", COLUMN_NUMBER},
    {"for newcomers", "referral_points", COLUMN_NUMBER},
    {NULL, "newcomers", COLUMN_NUMBER},
    {"redeemed", "redeemed", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};

static json_t *points_row(struct call *call, uint64_t customer, int64_t to) {
    struct points points;
    const struct model *model = ask_begin(call);
    points_of(model, customer, to, &points);
    customer = model_person(model, customer);
    ask_end(call);
    json_t *row = points_json(call, customer, &points, json_null());
    json_object_del(row, "redemptions");
    json_object_set_new(row, "name", ask_person_field(call, customer, SEALED_registered_name));
    json_object_set_new(row, "card", ask_person_field(call, customer, SEALED_registered_card));
    return row;
}

/* One customer's with what was redeemed, for people and programs; a list of everybody's, and in CSV. */
int ask_points(struct call *call) {
    int64_t to = TIME_NONE;
    struct whose whose = {.ids = NULL};
    int code = end_of(call, &to);
    if (code == 0) code = take_whose(call, to, &whose);
    if (code == 0 && whose.named && !call_has(call, "csv")) {
        tell_points(call, whose.ids[0], to);
    } else if (code == 0) {
        struct listing *listing = listing_open(call, points_columns);
        for (size_t i = 0; i < whose.count && !call_cancelled(call) && !listing_full(listing); i++)
            listing_add(listing, points_row(call, whose.ids[i], to));
        listing_close(listing, "there are no customers yet");
    }
    free(whose.ids);
    return code;
}

/* ---- packages ---- */

/* People know whose they asked for: see WHOSE_COLUMNS. */
#define WHOSE_COLUMNS 2
static const struct column package_columns[] = {
    {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},
    {"sale", "sale", COLUMN_TEXT},
    {"package", "sku", COLUMN_TEXT},
    {"bought", "bought", COLUMN_NUMBER},
    {"returned", "returned", COLUMN_NUMBER},
    {"used", "used", COLUMN_NUMBER},
    {"left", "left", COLUMN_NUMBER},
    {"of", "at", COLUMN_TIME},
    {"expires", "expires", COLUMN_TIME},
    {"last used", "last_used", COLUMN_TIME},
    {NULL, "expired", COLUMN_YES_NO},
    {NULL, NULL, COLUMN_TEXT},
};

static json_t *package_json(struct call *call, const struct package *p, int64_t now) {
    return json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:b}", "sale", ask_id(p->sale), "sku", p->sku,
                     "bought", (json_int_t)p->bought, "returned", (json_int_t)p->returned, "used", (json_int_t)p->used,
                     "left", (json_int_t)p->left, "at", ask_time(call, p->time), "expires", ask_time(call, p->expires),
                     "last_used", ask_time(call, p->last_used), "expired", p->expires < now);
}

static int list_packages(struct call *call, struct listing *listing, uint64_t customer, int64_t to) {
    struct package *all = NULL;
    size_t count = 0;
    const struct model *model = ask_begin(call);
    int code = packages_of(model, &call->site->zone, customer, to, &all, &count, &call->error);
    customer = model_person(model, customer);
    ask_end(call);
    for (size_t i = 0; i < count; i++) {
        json_t *row = package_json(call, &all[i], to);
        json_object_set_new(row, "customer", ask_id(customer));
        json_object_set_new(row, "name", ask_person_field(call, customer, SEALED_registered_name));
        listing_add(listing, row);
    }
    free(all);
    return code;
}

int ask_packages(struct call *call) {
    int64_t to = TIME_NONE;
    struct whose whose = {.ids = NULL};
    int code = end_of(call, &to);
    if (code == 0) code = take_whose(call, to, &whose);
    if (code == 0) {
        bool known = whose.named && !call_has(call, "csv");
        struct listing *listing = listing_open(call, package_columns + (known ? WHOSE_COLUMNS : 0));
        for (size_t i = 0; code == 0 && i < whose.count && !call_cancelled(call) && !listing_full(listing); i++)
            code = list_packages(call, listing, whose.ids[i], to);
        listing_close(listing, "no packages were bought");
    }
    free(whose.ids);
    return code;
}

/* ---- benefits ---- */

static const struct column benefit_columns[] = {
    {"time", "at", COLUMN_TIME},     {"benefit", "id", COLUMN_TEXT},  {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},   {"kind", "kind", COLUMN_TEXT},   {"cost", "cost", COLUMN_MONEY},
    {"store", "store", COLUMN_TEXT}, {"staff", "staff", COLUMN_TEXT}, {"note", "note", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

static json_t *benefit_json(struct call *call, const struct benefit *b) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing = EVENT_BAD;
    bool opened = false;
    int code = site_event(call->site, b->id, &event, &frame, &plain, &standing, &opened, &record, NULL);
    bool good = code == 0 && standing == EVENT_GOOD;
    json_t *row =
        json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "id", ask_id(b->id), "at", ask_time(call, b->time),
                  "customer", ask_id(b->person), "name", ask_person_field(call, b->person, SEALED_registered_name),
                  "kind", choice_word(&choices_benefit_kind, b->kind), "cost", number(b->cost), "store",
                  ask_store_of(call, id_stream(b->id)), "staff", good ? ask_text(event.actor) : json_null(), "note",
                  good && opened && event.sealed_bits != 0 ? ask_text(event.body.benefit.note) : json_null());
    buf_release(&frame);
    buf_wipe(&plain);
    return row;
}

int ask_days(struct call *call, struct cut *cut) {
    const struct zone *zone = &call->site->zone;
    struct date today = zone_date(zone, ask_latest(call)), from = today, to = today;
    int code = call_date(call, "from", today, &from);
    if (code == 0) code = call_date(call, "to", today, &to);
    if (code != 0) return code;
    cut->from = call_has(call, "from") ? zone_day_start(zone, from) : TIME_NONE;
    cut->to = call_has(call, "to") ? zone_day_end(zone, to) : ask_latest(call);
    if (cut->from != TIME_NONE && cut->from > cut->to)
        return err_set(&call->error, ERR_INVALID, "to", "is before --from");
    return 0;
}

int ask_benefits(struct call *call) {
    uint64_t customer = 0;
    struct cut cut;
    struct scope scope = {view_of(call_option(call, "store")), VIEW_NONE};
    struct benefit *all = NULL;
    size_t count = 0;
    int code = ask_days(call, &cut);
    if (code == 0) code = ask_known(call, "store");
    if (code == 0 && call->argc > 0) code = ask_whoever(call, call->argv[0], &customer);
    if (code != 0) return code;
    struct pace pace;
    const struct model *model = ask_report_begin(call, "benefits", &pace);
    benefits_given(model, customer, &cut, &scope, &pace, &all, &count);
    ask_report_end(call);
    struct listing *listing = listing_open(call, benefit_columns);
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++)
        listing_add(listing, benefit_json(call, &all[i]));
    listing_close(listing, "no benefits were given in that time");
    free(all);
    return 0;
}

/* ---- What the table of ask.c says of them ---- */

const struct option ask_points_options[] = {
    {"phone", "P", "by telephone number", false},
    {"card", "C", "by number of the contact card", false},
    {"as-of", "DATE", "as it was at the end of that day (default: now)", false},
    {NULL, NULL, NULL, false},
};
const struct option ask_benefits_options[] = {
    {"from", "DATE", "given on this day or later", false},
    {"to", "DATE", "given on this day or before", false},
    {"store", "S", "only those of this store", false},
    {NULL, NULL, NULL, false},
};
static const struct rule whose_rules[] = {{"phone card", "", true}, {NULL, NULL, false}};
const struct grammar ask_points_grammar = {NULL, whose_rules};
