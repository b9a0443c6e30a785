/* purchases: the sales that were made, the latest first; of one customer, of nobody (P1). */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/ask_loyalty.h"
#include "proto/command/ask_sales.h"
#include "proto/command/listing.h"

#define SALES_SHOWN 100 /* to people who do not say how many */
static const struct column columns[] = {
    {"time", "at", COLUMN_TIME},        {"purchase", "id", COLUMN_TEXT},
    {"store", "store", COLUMN_TEXT},    {"staff", "staff", COLUMN_TEXT},
    {"amount", "amount", COLUMN_MONEY}, {"returned", "returned", COLUMN_MONEY},
    {"goods", "goods", COLUMN_TEXT},    {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},      {NULL, "card", COLUMN_TEXT},
    {NULL, "ref", COLUMN_TEXT},         {NULL, NULL, COLUMN_TEXT},
};

static void add_goods(json_t *row, struct list lines) {
    struct row_sale_line line;
    json_t *goods = json_array(), *items = json_array();
    while (row_sale_line_next(&lines, &line)) {
        char quantity[40];
        json_array_append_new(goods, ask_text(line.sku));
        json_array_append_new(items, json_pack("{s:o, s:s, s:I}", "sku", ask_text(line.sku), "quantity",
                                               decimal_format(line.quantity, 3, false, quantity), "amount",
                                               (json_int_t)line.amount));
    }
    json_object_set_new(row, "goods", goods);
    json_object_set_new(row, "items", items);
}

/* What only the log says of it. */
static void add_event(struct call *call, uint64_t id, json_t *row) {
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    bool good = log_get_id(call->site->log, id, &record, &frame, NULL) == 0 &&
                event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_sold;
    json_object_set_new(row, "staff", good ? ask_text(event.actor) : json_null());
    json_object_set_new(row, "ref", good ? ask_text(event.ref.key) : json_null());
    add_goods(row, good ? event.body.sold.lines : (struct list){.count = 0});
    buf_release(&frame);
}

static json_t *sale_row(struct call *call, const struct sale *sale) {
    bool known = sale->person != 0;
    json_t *row =
        json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o}", "id", ask_id(sale->id), "at", ask_time(call, sale->time),
                  "store", ask_store_of(call, id_stream(sale->id)), "amount", (json_int_t)sale->amount, "returned",
                  (json_int_t)sale->returned, "customer", ask_id(sale->person), "name",
                  known ? ask_person_field(call, sale->person, SEALED_registered_name) : json_null(), "card",
                  known ? ask_person_field(call, sale->person, SEALED_registered_card) : json_null());
    add_event(call, sale->id, row);
    return row;
}

int ask_which_sales(struct call *call, struct sales_asked *out) {
    const char *customer = call_option(call, "customer");
    *out = (struct sales_asked){.scope = {view_of(call_option(call, "store")), VIEW_NONE}, .most = SIZE_MAX};
    int code = ask_days(call, &out->cut);
    if (!call_has(call, "to")) out->cut.to = TIME_NONE; /* what a wrong clock wrote is a sale, too */
    if (code == 0) code = ask_known(call, "store");
    if (code != 0 || customer == NULL) return code;
    out->whose = strcmp(customer, "none") == 0 ? SALES_NOBODYS : SALES_CUSTOMERS;
    return out->whose == SALES_NOBODYS ? 0 : ask_whoever(call, customer, &out->customer);
}

/* A page begins behind the last sale of the one before, by where that stands: also when it has got its customer since,
 * and is among those of nobody no more. So it need not be looked for among the rows. */
static int page_begins(struct page *page, struct sales_asked *asked, struct err *err) {
    size_t len = strcspn(page->after, " ");
    if (page->after[0] == '\0') return 0;
    if (!id_parse(view_make(page->after, len), &asked->behind))
        return err_set(err, ERR_INVALID, "cursor", "is not one that this program gave for purchases");
    page->after[0] = '\0';
    page->offset = 0;
    return 0;
}

static int how_many(struct call *call, struct sales_asked *asked) {
    int64_t latest;
    struct page *page = call->page;
    int code = call_number(call, "latest", 1, 100000000, SALES_SHOWN, &latest);
    if (code != 0) return code;
    asked->most = (size_t)latest;
    if (page == NULL) return 0;
    code = page_begins(page, asked, &call->error);
    if (page->limit + 1 < asked->most || !call_has(call, "latest")) asked->most = page->limit + 1;
    return code;
}

int ask_sales(struct call *call) {
    struct sales_asked asked;
    struct sale *all = NULL;
    size_t count = 0;
    int code = ask_which_sales(call, &asked);
    if (code == 0) code = how_many(call, &asked);
    if (code != 0) return code;
    struct pace pace;
    const struct model *model = ask_report_begin(call, "purchases", &pace);
    sales_made(model, &asked, &pace, &all, &count);
    ask_report_end(call);
    struct listing *listing = listing_open(call, columns);
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++)
        listing_add(listing, sale_row(call, &all[i]));
    listing_close(listing, "nothing was sold that fits this");
    free(all);
    return 0;
}

#define WHICH_SALES                                                                                                    \
    {"customer", "ID|none", "only this customer's; none: those of nobody, see `attribute`", false},                    \
        {"from", "DATE", "sold on this day or later", false}, {"to", "DATE", "sold on this day or before", false}, {   \
        "store", "S", "only those of this store", false                                                                \
    }
#define END_OF_OPTIONS                                                                                                 \
    { NULL, NULL, NULL, false }
const struct option ask_sales_options[] = {
    {"latest", "N", "how many (default: 100)", false},
    WHICH_SALES,
    END_OF_OPTIONS,
};
const struct option ask_sales_export_options[] = {WHICH_SALES, END_OF_OPTIONS};
