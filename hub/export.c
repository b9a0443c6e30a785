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
    {"quantity", "quantity", COLUMN_NUMBER},
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
    uint64_t person = model_person(model, event->subject);
    enum customer_state state = model_customer(model, person);
    if (state != CUSTOMER_KNOWN && state != CUSTOMER_ERASED) person = 0;
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

/* Runs a list with options of ours before the asker's own, which so go first. */
static int export_with(struct call *call, int (*list)(struct call *call), const char *option, const char *value) {
    struct call inner = *call;
    size_t count = call->given_count, extra = option == NULL ? 1 : 2;
    inner.given_names = mem_alloc((count + extra) * sizeof *inner.given_names);
    inner.given_values = mem_alloc((count + extra) * sizeof *inner.given_values);
    inner.given_names[0] = "csv";
    if (option != NULL) {
        inner.given_names[1] = option;
        inner.given_values[1] = value;
    }
    for (size_t i = 0; i < count; i++) {
        inner.given_names[extra + i] = call->given_names[i];
        inner.given_values[extra + i] = call->given_values[i];
    }
    inner.given_count = count + extra;
    int code = list(&inner);
    call->error = inner.error;
    free(inner.given_names);
    free(inner.given_values);
    return code;
}

int hub_export(struct call *call) {
    static const struct {
        const char *name;
        int (*list)(struct call *call);
        const char *option, *value;
    } lists[] = {
        {"customers", export_customers, NULL, NULL},
        {"purchases", export_purchases, NULL, NULL},
        {"vip", ask_vip, "top", "100000000"},
        {"complaints", ask_complaints, "all", NULL},
    };
    if (call->json)
        return err_set(&call->error, ERR_USAGE, "json", "an export is CSV; the commands of the same names give JSON");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (strcmp(call->argv[0], lists[i].name) != 0) continue;
        return export_with(call, lists[i].list, lists[i].option, lists[i].value);
    }
    return err_set(&call->error, ERR_USAGE, NULL,
                   "'%s' cannot be exported; ask customers, purchases, vip or complaints", call->argv[0]);
}
