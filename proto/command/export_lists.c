/* The lists that are exported only. Their columns bear the names of the fields that `import` takes, where there is one,
 * so that one store's export is another's import. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/idmap.h"
#include "proto/command/ask.h"
#include "proto/command/ask_sales.h"
#include "proto/command/export.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"
#include "proto/model/served.h"

#define PAGE_RECORDS 1000

#define END_OF_COLUMNS                                                                                                 \
    { NULL, NULL, COLUMN_TEXT }

/* ---- Customers: a row a person, every field of the file as it is now ---- */

#define FILE_COLUMN(event, name, most, doc) {#name, #name, COLUMN_TEXT},
static const struct column customer_columns[] = {
    {"id", "id", COLUMN_TEXT},
    CUSTOMER_FILE(FILE_COLUMN, registered) /* clang-format would join the lines */
    {"time", "time", COLUMN_TIME},
    {"staff", "staff", COLUMN_TEXT},
    {"told", "told", COLUMN_YES_NO},
    {"referred_by", "referred_by", COLUMN_TEXT},
    {"store", "store", COLUMN_TEXT},
    {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER},
    {"last", "last", COLUMN_TIME},
    END_OF_COLUMNS,
};
#undef FILE_COLUMN

static json_t *flag(int64_t value) { return value == NIL ? json_null() : json_boolean(value == 1); }

/* Since when, by whom and where: of the registration that the person is known under. */
static void add_registration(struct call *call, uint64_t person, json_t *row) {
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    if (log_get_id(call->site->log, person, &record, &frame, NULL) == 0 &&
        event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_registered) {
        const struct model *model = ask_begin(call);
        int64_t time = model_time(model, person, &event);
        ask_end(call);
        json_object_set_new(row, "time", ask_time(call, time));
        json_object_set_new(row, "staff", ask_text(event.actor));
        json_object_set_new(row, "told", flag(event.body.registered.told));
    }
    buf_release(&frame);
    json_object_set_new(row, "store", ask_store_of(call, id_stream(person)));
}

/* Newcomer → whoever brought her, persons both: what the referrals in the log say. */
static int read_referrals(struct call *call, struct idmap *out) {
    struct buf frame = BUF_INIT;
    uint64_t tip = log_tip(call->site->log);
    int code = 0;
    for (uint64_t position = 1; code == 0 && position <= tip && !call_cancelled(call); position++) {
        struct record record;
        struct event event;
        buf_clear(&frame);
        code = log_get(call->site->log, position, &record, &frame, &call->error);
        if (code != 0 || event_decode(record.frame, &event, NULL) != EVENT_GOOD || event.type != EVENT_referred)
            continue;
        const struct model *model = ask_begin(call);
        if (!model_voided(model, record.id))
            *idmap_put(out, model_person(model, event.body.referred.newcomer), NULL) =
                model_person(model, event.subject);
        ask_end(call);
        if (position % PAGE_RECORDS == 0) call_progress(call, "reading", position, tip);
    }
    buf_release(&frame);
    return code;
}

static json_t *referrer_of(struct call *call, const struct idmap *referrals, uint64_t person) {
    const uint64_t *referrer = idmap_find(referrals, person);
    return referrer == NULL || !ask_sees(call, *referrer) ? json_null()
                                                          : ask_person_field(call, *referrer, SEALED_registered_card);
}

static json_t *customer_row(struct call *call, const struct standing *s, const struct idmap *referrals) {
    const struct event_info *file = event_info(EVENT_registered);
    json_t *row = json_pack("{s:o, s:I, s:I, s:o}", "id", ask_id(s->person), "spend", (json_int_t)s->spend, "visits",
                            (json_int_t)s->visits, "last", ask_time(call, s->last));
    for (size_t bit = 0; bit < file->sealed_count; bit++)
        json_object_set_new(row, file->fields[file->count - file->sealed_count + bit].name,
                            ask_person_field(call, s->person, (int)bit));
    json_object_set_new(row, "referred_by", referrer_of(call, referrals, s->person));
    add_registration(call, s->person, row);
    return row;
}

/* Of --store: whom it serves. */
struct whose_customers {
    bool all;
    struct served served;
};

static int read_served(struct call *call, struct whose_customers *out) {
    const char *store = call_option(call, "store");
    int code = ask_known(call, "store");
    *out = (struct whose_customers){.all = store == NULL};
    if (code != 0 || out->all) return code;
    struct pace pace;
    const struct model *model = ask_report_begin(call, "customers", &pace);
    served_make(model, view_of(store), &pace, &out->served);
    ask_report_end(call);
    return 0;
}

static bool is_theirs(struct call *call, const struct whose_customers *whose, uint64_t person) {
    if (whose->all) return true;
    const struct model *model = ask_begin(call);
    bool has = served_has(&whose->served, model, person);
    ask_end(call);
    return has;
}

static void put_customers(struct call *call, const struct standing *all, size_t count,
                          const struct whose_customers *whose, const struct idmap *referrals) {
    struct listing *listing = listing_open(call, customer_columns);
    for (size_t i = 0; i < count && !call_cancelled(call); i++) {
        if (i % PAGE_RECORDS == 0) call_progress(call, "export", i, count);
        if (is_theirs(call, whose, all[i].person)) listing_add(listing, customer_row(call, &all[i], referrals));
    }
    listing_close(listing, "there are no customers yet");
}

static int list_customers(struct call *call) {
    struct cut cut;
    struct standing *all = NULL;
    struct idmap referrals = {.slots = NULL};
    struct whose_customers whose = {.all = true};
    size_t count = 0;
    int code = ask_cut(call, &cut, NULL);
    if (code == 0) code = read_served(call, &whose);
    if (code == 0) code = read_referrals(call, &referrals);
    if (code == 0) {
        struct pace pace;
        code = segments(ask_report_begin(call, "customers", &pace), &cut, &pace, &all, &count);
        ask_report_end(call);
        if (code != 0) err_set(&call->error, code, NULL, "the customers could not be listed");
    }
    if (code == 0) put_customers(call, all, count, &whose, &referrals);
    served_release(&whose.served);
    idmap_release(&referrals);
    free(all);
    return code;
}

/* ---- What the log holds, record by record ---- */

struct walk {
    struct call *call;
    const struct sales_asked *asked; /* of purchases; or NULL */
    struct listing *listing;
    struct buf frame, plain;
    struct record record;
    struct event event;
};

/* Of whoever the event is about now: an anonymous sale may have been attributed since. */
static void add_customer(struct walk *w, json_t *row) {
    struct call *call = w->call;
    uint64_t id = w->record.id;
    const struct model *model = ask_begin(call);
    uint64_t person = model_person(model, model_subject(&w->event, id, EVENT_GOOD));
    enum customer_state state = model_customer(model, person);
    bool voided = model_voided(model, id) ||
                  (w->event.type == EVENT_returned && model_taken_back(model, w->event.body.returned.sale));
    int64_t time = model_time(model, id, &w->event);
    ask_end(call);
    if (state != CUSTOMER_KNOWN && state != CUSTOMER_ERASED) person = 0;
    bool known = person != 0 && state == CUSTOMER_KNOWN;
    json_object_set_new(row, "id", ask_id(id));
    json_object_set_new(row, "time", ask_time(call, time));
    json_object_set_new(row, "store", ask_store_of(call, id_stream(id)));
    json_object_set_new(row, "customer", ask_id(person));
    json_object_set_new(row, "card", known ? ask_person_field(call, person, SEALED_registered_card) : json_null());
    json_object_set_new(row, "phone", known ? ask_person_field(call, person, SEALED_registered_phone) : json_null());
    json_object_set_new(row, "staff", ask_text(w->event.actor));
    json_object_set_new(row, "ref", ask_text(w->event.ref.key));
    json_object_set_new(row, "voided", json_boolean(voided));
}

static int walk_log(struct call *call, const struct sales_asked *asked, const struct column *columns,
                    void (*tell)(struct walk *w), const char *nothing) {
    struct walk w = {.call = call, .asked = asked, .listing = listing_open(call, columns)};
    uint64_t tip = log_tip(call->site->log);
    int code = 0;
    for (uint64_t position = 1; code == 0 && position <= tip && !call_cancelled(call); position++) {
        buf_clear(&w.frame);
        code = log_get(call->site->log, position, &w.record, &w.frame, &call->error);
        if (code == 0 && event_decode(w.record.frame, &w.event, NULL) == EVENT_GOOD) tell(&w);
        if (position % PAGE_RECORDS == 0) call_progress(call, "export", position, tip);
    }
    buf_release(&w.frame);
    buf_wipe(&w.plain);
    listing_close(w.listing, nothing);
    return code;
}

/* ---- Purchases: a row a line of goods ---- */

static const struct column purchase_columns[] = {
    {"id", "id", COLUMN_TEXT},
    {"kind", "kind", COLUMN_TEXT},
    {"time", "time", COLUMN_TIME},
    {"store", "store", COLUMN_TEXT},
    {"customer", "customer", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"phone", "phone", COLUMN_TEXT},
    {"ref", "ref", COLUMN_TEXT},
    {"sku", "sku", COLUMN_TEXT},
    {"quantity", "quantity", COLUMN_NUMBER},
    {"amount", "amount", COLUMN_MONEY},
    {"list_amount", "list_amount", COLUMN_MONEY},
    {"cost", "cost", COLUMN_MONEY},
    {"sessions", "sessions", COLUMN_NUMBER},
    {"staff", "staff", COLUMN_TEXT},
    {"sale", "sale", COLUMN_TEXT},
    {"care_told", "care_told", COLUMN_YES_NO},
    {"card_given", "card_given", COLUMN_YES_NO},
    {"voided", "voided", COLUMN_YES_NO},
    END_OF_COLUMNS,
};

/* What all lines of the basket have in common. */
static json_t *basket_row(struct walk *w, bool back) {
    json_t *row = json_pack("{s:s}", "kind", back ? "return" : "purchase");
    add_customer(w, row);
    if (back) {
        json_object_set_new(row, "sale", ask_id(w->event.body.returned.sale));
    } else {
        json_object_set_new(row, "care_told", flag(w->event.body.sold.care_told));
        json_object_set_new(row, "card_given", flag(w->event.body.sold.card_given));
    }
    return row;
}

static bool is_asked_for(const struct walk *w) {
    const struct model *model = ask_begin(w->call);
    bool asked = sale_asked_for(model, w->record.id, w->asked);
    ask_end(w->call);
    return asked;
}

static json_t *money(int64_t amount) { return amount == NIL ? json_null() : json_integer(amount); }

/* A return's quantities and amounts are negative here. */
static void tell_purchase(struct walk *w) {
    bool back = w->event.type == EVENT_returned;
    if ((!back && w->event.type != EVENT_sold) || !is_asked_for(w)) return;
    struct list lines = back ? w->event.body.returned.lines : w->event.body.sold.lines;
    struct row_sale_line line;
    json_t *basket = basket_row(w, back);
    int64_t sign = back ? -1 : 1;
    while (row_sale_line_next(&lines, &line)) {
        char quantity[40];
        json_t *row = json_copy(basket);
        json_object_set_new(row, "sku", ask_text(line.sku));
        json_object_set_new(row, "quantity", json_string(decimal_format(sign * line.quantity, 3, false, quantity)));
        json_object_set_new(row, "amount", json_integer(sign * line.amount));
        json_object_set_new(row, "list_amount", money(line.list_amount == NIL ? NIL : sign * line.list_amount));
        json_object_set_new(row, "cost", money(line.cost == NIL ? NIL : sign * line.cost));
        json_object_set_new(row, "sessions", money(line.sessions));
        listing_add(w->listing, row);
    }
    json_decref(basket);
}

static int list_purchases(struct call *call) {
    struct sales_asked asked;
    int code = ask_which_sales(call, &asked);
    return code != 0 ? code : walk_log(call, &asked, purchase_columns, tell_purchase, "no purchases that fit this");
}

/* ---- Contacts ---- */

static const struct column contact_columns[] = {
    {"id", "id", COLUMN_TEXT},
    {"time", "time", COLUMN_TIME},
    {"store", "store", COLUMN_TEXT},
    {"customer", "customer", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"phone", "phone", COLUMN_TEXT},
    {"ref", "ref", COLUMN_TEXT},
    {"kind", "kind", COLUMN_TEXT},
    {"purpose", "purpose", COLUMN_TEXT},
    {"outcome", "outcome", COLUMN_TEXT},
    {"satisfaction", "satisfaction", COLUMN_NUMBER},
    {"minutes", "minutes", COLUMN_NUMBER},
    {"matter", "matter", COLUMN_TEXT},
    {"answers", "answers", COLUMN_TEXT},
    {"note", "note", COLUMN_TEXT},
    {"staff", "staff", COLUMN_TEXT},
    {"voided", "voided", COLUMN_YES_NO},
    END_OF_COLUMNS,
};

static json_t *word_of(const struct choice_list *list, int64_t number) {
    const char *word = choice_word(list, number);
    return word == NULL ? json_null() : json_string(word);
}

static bool noted_there(const struct walk *w) {
    const char *store = call_option(w->call, "store");
    if (store == NULL) return true;
    json_t *its = ask_store_of(w->call, id_stream(w->record.id));
    bool there = json_is_string(its) && strcmp(json_string_value(its), store) == 0;
    json_decref(its);
    return there;
}

static void tell_contact(struct walk *w) {
    struct body_contacted *body = &w->event.body.contacted;
    if (w->event.type != EVENT_contacted || !noted_there(w)) return;
    buf_clear(&w->plain);
    bool opened = w->event.sealed_bits != 0 && site_unseal(w->call->site, &w->event, &w->plain);
    json_t *row = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind",
                            word_of(&choices_contact_kind, body->kind), "purpose", ask_text(body->purpose), "outcome",
                            word_of(&choices_outcome, body->outcome), "satisfaction", money(body->satisfaction),
                            "minutes", money(body->minutes), "matter", word_of(&choices_level, body->matter), "answers",
                            ask_text(body->answers), "note", opened ? ask_text(body->note) : json_null());
    add_customer(w, row);
    listing_add(w->listing, row);
}

static int list_contacts(struct call *call) {
    return walk_log(call, NULL, contact_columns, tell_contact, "no contacts yet");
}

static const struct option customer_options[] = {
    {"as-of", "DATE", "who was known at the end of that day, with spend and visits by then (default: now)", false},
    {"store", "S", "only whom this store serves: it knows them, sold to them or was given them", false},
    {NULL, NULL, NULL, false}};
static const struct option contact_options[] = {{"store", "S", "only those that this store noted", false},
                                                {NULL, NULL, NULL, false}};

const struct command export_lists[] = {
    {"customers", "", "a row a customer: the file as it is now, spend, visits, last visit", NEEDS_SITE, 0, 0,
     customer_options, NULL, BORROWS_NONE, list_customers, NULL},
    {"purchases", "", "a row a line of goods sold or returned", NEEDS_SITE, 0, 0, ask_sales_export_options, NULL,
     BORROWS_NONE, list_purchases, NULL},
    {"contacts", "", "a row a call, message, visit …", NEEDS_SITE, 0, 0, contact_options, NULL, BORROWS_NONE,
     list_contacts, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
