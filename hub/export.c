/* export: lists as CSV, for other programs and for people's spreadsheets. */
#include <stdlib.h>
#include <string.h>

#include "hub/commands.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"

#define PAGE_RECORDS 1000

static const struct column customer_columns[] = {
    {"id", "id", COLUMN_TEXT},        {"name", "name", COLUMN_TEXT},       {"phone", "phone", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},    {"email", "email", COLUMN_TEXT},     {"birthday", "birthday", COLUMN_TEXT},
    {"spend", "spend", COLUMN_MONEY}, {"visits", "visits", COLUMN_NUMBER}, {"last", "last", COLUMN_TIME},
    {NULL, NULL, COLUMN_TEXT},
};

static int export_customers(struct call *call) {
    struct cut cut;
    struct standing *all = NULL;
    size_t count = 0;
    int code = ask_cut(call, &cut, NULL);
    if (code != 0) return code;
    const struct model *model = ask_begin(call);
    code = segments(model, &cut, &all, &count);
    ask_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be listed");
    struct listing *listing = listing_open(call, customer_columns);
    for (size_t i = 0; i < count && !call_cancelled(call); i++) {
        uint64_t person = all[i].person;
        listing_add(listing, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "id", ask_id(person), "name",
                                       ask_person_field(call, person, SEALED_registered_name), "phone",
                                       ask_person_field(call, person, SEALED_registered_phone), "card",
                                       ask_person_field(call, person, SEALED_registered_card), "email",
                                       ask_person_field(call, person, SEALED_registered_email), "birthday",
                                       ask_person_field(call, person, SEALED_registered_birthday), "spend",
                                       (json_int_t)all[i].spend, "visits", (json_int_t)all[i].visits, "last",
                                       ask_time(call, all[i].last)));
    }
    listing_close(listing, "there are no customers yet");
    free(all);
    return 0;
}

static const struct column purchase_columns[] = {
    {"id", "id", COLUMN_TEXT},
    {"kind", "kind", COLUMN_TEXT},
    {"time", "time", COLUMN_TIME},
    {"store", "store", COLUMN_TEXT},
    {"customer", "customer", COLUMN_TEXT},
    {"ref", "ref", COLUMN_TEXT},
    {"sku", "sku", COLUMN_TEXT},
    {"quantity", "quantity", COLUMN_TEXT},
    {"amount", "amount", COLUMN_MONEY},
    {"list_amount", "list_amount", COLUMN_MONEY},
    {"voided", "voided", COLUMN_YES_NO},
    {NULL, NULL, COLUMN_TEXT},
};

struct purchase_export {
    struct call *call;
    struct listing *listing;
};

/* One row a line of goods; a return's quantities and amounts are negative. */
static void export_lines(struct purchase_export *x, const struct record *record, const struct event *event) {
    bool back = event->type == EVENT_returned;
    struct list lines = back ? event->body.returned.lines : event->body.sold.lines;
    struct row_sale_line line;
    struct stream_state stream;
    struct call *call = x->call;
    const struct model *model = ask_begin(call);
    bool voided = model_voided(model, record->id), placed = model_stream(model, id_stream(record->id), &stream);
    uint64_t person =
        model_customer(model, event->subject) == CUSTOMER_UNKNOWN ? 0 : model_person(model, event->subject);
    json_t *store = placed ? ask_text(stream.store) : json_null();
    ask_end(call);
    while (row_sale_line_next(&lines, &line)) {
        char quantity[40];
        int64_t sign = back ? -1 : 1;
        listing_add(x->listing,
                    json_pack("{s:o, s:s, s:o, s:O, s:o, s:o, s:o, s:s, s:I, s:o, s:b}", "id", ask_id(record->id),
                              "kind", back ? "return" : "purchase", "time", ask_time(call, event_time(event)), "store",
                              store, "customer", ask_id(person), "ref", ask_text(event->ref.key), "sku",
                              ask_text(line.sku), "quantity", decimal_format(sign * line.quantity, 3, false, quantity),
                              "amount", (json_int_t)line.amount * sign, "list_amount",
                              line.list_amount == NIL ? json_null() : json_integer(sign * line.list_amount), "voided",
                              voided));
    }
    json_decref(store);
}

static int export_purchases(struct call *call) {
    struct purchase_export x = {call, listing_open(call, purchase_columns)};
    struct buf copy = BUF_INIT;
    uint64_t tip = log_tip(call->site->log);
    int code = 0;
    for (uint64_t position = 1; code == 0 && position <= tip && !call_cancelled(call); position++) {
        struct record record;
        struct event event;
        buf_clear(&copy);
        code = log_get(call->site->log, position, &record, &copy, &call->error);
        if (code != 0 || event_decode(record.frame, &event, NULL) != EVENT_GOOD) continue;
        if (event.type == EVENT_sold || event.type == EVENT_returned) export_lines(&x, &record, &event);
        if (position % PAGE_RECORDS == 0) call_progress(call, "export", position, tip);
    }
    buf_release(&copy);
    listing_close(x.listing, "no purchases yet");
    return code;
}

/* A question's own list, every row of it. */
static int export_question(struct call *call, int (*ask)(struct call *call), const char *option, const char *value) {
    const char *names[2] = {"csv", option}, *values[2] = {NULL, value};
    struct call inner = *call;
    inner.given_names = names;
    inner.given_values = values;
    inner.given_count = 2;
    int code = ask(&inner);
    call->error = inner.error;
    return code;
}

int hub_export(struct call *call) {
    const char *what = call->argv[0];
    if (call->json)
        return err_set(&call->error, ERR_USAGE, "json", "an export is CSV; the commands of the same names give JSON");
    const char *names[1] = {"csv"}, *values[1] = {NULL};
    if (strcmp(what, "vip") == 0) return export_question(call, ask_vip, "top", "100000000");
    if (strcmp(what, "complaints") == 0) return export_question(call, ask_complaints, "all", NULL);
    if (!call_has(call, "csv")) {
        call->given_names = names;
        call->given_values = values;
        call->given_count = 1;
    }
    if (strcmp(what, "customers") == 0) return export_customers(call);
    if (strcmp(what, "purchases") == 0) return export_purchases(call);
    return err_set(&call->error, ERR_USAGE, NULL,
                   "'%s' cannot be exported; ask customers, purchases, vip or complaints", what);
}
