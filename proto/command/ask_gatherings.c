/* gathering list, gathering year, gathering guests, findings (K6, K8). */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"
#include "proto/model/gatherings.h"
#include "proto/model/policies.h"

static const struct column gathering_columns[] = {
    {"gathering", "id", COLUMN_TEXT}, {"at", "at", COLUMN_TIME},      {"name", "name", COLUMN_TEXT},
    {"store", "store", COLUMN_TEXT},  {"cost", "cost", COLUMN_MONEY}, {"attended", "attended", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};

static json_t *money(int64_t amount) { return amount == NIL ? json_null() : json_integer(amount); }

/* Rows are made under the lock: names are the model's. */
static json_t *gathering_rows(struct call *call, const struct cut *cut) {
    struct gathering *all;
    size_t count;
    json_t *rows = json_array();
    const struct model *model = ask_begin(call);
    gatherings(model, cut, &all, &count);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows, json_pack("{s:o, s:o, s:o, s:o, s:o, s:i}", "id", ask_id(all[i].id), "at",
                                              ask_time(call, all[i].time), "name", ask_text(all[i].name), "store",
                                              ask_text(all[i].store), "cost", money(all[i].cost), "attended",
                                              (int)all[i].attended));
    ask_end(call);
    free(all);
    return rows;
}

static void print_rows(struct call *call, const struct column *columns, json_t *rows, const char *nothing) {
    struct listing *listing = listing_open(call, columns);
    listing_covers(listing); /* who came is known of customers that are */
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) listing_add(listing, json_incref(row));
    listing_close(listing, nothing);
    json_decref(rows);
}

/* ---- A year of a store against the policy ---- */

static const struct column year_columns[] = {
    {"store", "store", COLUMN_TEXT},     {"year", "year", COLUMN_NUMBER},         {"held", "held", COLUMN_NUMBER},
    {"wanted", "wanted", COLUMN_NUMBER}, {"attended", "attended", COLUMN_NUMBER}, {"cost", "cost", COLUMN_MONEY},
    {NULL, NULL, COLUMN_TEXT},
};

static void add_to(json_t *row, const char *key, json_int_t more) {
    json_object_set_new(row, key, json_integer(json_integer_value(json_object_get(row, key)) + more));
}

static json_t *row_of_store(json_t *rows, const char *store, int year, int64_t wanted) {
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const char *code = json_string_value(json_object_get(row, "store"));
        if (code == NULL ? store == NULL : store != NULL && strcmp(code, store) == 0) return row;
    }
    row = json_pack("{s:o, s:i, s:i, s:o, s:i, s:i}", "store", store == NULL ? json_null() : json_string(store), "year",
                    year, "held", 0, "wanted", store == NULL ? json_null() : json_integer(wanted), "attended", 0,
                    "cost", 0);
    json_array_append_new(rows, row);
    return row;
}

static int year_asked(struct call *call, int *year, struct cut *cut) {
    const struct zone *zone = &call->site->zone;
    int64_t now = ask_latest(call), given;
    int code = call_number(call, "year", 1900, 2399, zone_date(zone, now).year, &given);
    *year = (int)given;
    cut->from = zone_day_start(zone, (struct date){*year, 1, 1});
    cut->to = zone_day_end(zone, (struct date){*year, 12, 31});
    if (cut->to > now) cut->to = now;
    return code;
}

/* Every store, also one that held none; then the region, whose gatherings nobody counts on. */
static int list_year(struct call *call, int year, const struct cut *cut) {
    struct store_state store;
    json_t *held = gathering_rows(call, cut), *rows = json_array(), *one;
    const struct model *model = ask_begin(call);
    int64_t wanted = policy_number(model, POLICY_GATHERINGS, cut->to);
    for (size_t i = 0; model_store_at(model, i, &store); i++) {
        char *code = mem_view_text(store.code);
        row_of_store(rows, code, year, wanted);
        free(code);
    }
    ask_end(call);
    size_t i;
    json_array_foreach(held, i, one) {
        const char *code = json_string_value(json_object_get(one, "store"));
        json_t *row = row_of_store(rows, code, year, wanted);
        add_to(row, "held", 1);
        add_to(row, "attended", json_integer_value(json_object_get(one, "attended")));
        add_to(row, "cost", json_integer_value(json_object_get(one, "cost")));
    }
    json_decref(held);
    print_rows(call, year_columns, rows, "no store is known yet");
    return 0;
}

/* ---- Who came ---- */

static const struct column guest_columns[] = {
    {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"phone", "phone", COLUMN_TEXT},
    {"at", "at", COLUMN_TIME},
    {NULL, "contact", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

static json_t *guest_row(struct call *call, const struct guest *guest) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "customer", ask_id(guest->person), "name",
                     ask_person_field(call, guest->person, SEALED_registered_name), "card",
                     ask_person_field(call, guest->person, SEALED_registered_card), "phone",
                     ask_person_field(call, guest->person, SEALED_registered_phone), "at", ask_time(call, guest->time),
                     "contact", ask_id(guest->contact));
}

static bool is_gathering(struct call *call, uint64_t id) {
    struct gathering *all;
    size_t count;
    bool found = false;
    const struct cut ever = {TIME_NONE, TIME_NONE};
    const struct model *model = ask_begin(call);
    gatherings(model, &ever, &all, &count);
    ask_end(call);
    for (size_t i = 0; i < count; i++) found = found || all[i].id == id;
    free(all);
    return found;
}

static int list_guests(struct call *call) {
    uint64_t id;
    struct guest *all;
    size_t count;
    if (call->argc < 2) return err_set(&call->error, ERR_USAGE, "id", "say which: gathering guests ID");
    int code = call_id(call, "id", call->argv[1], &id);
    if (code == 0 && !is_gathering(call, id))
        code = err_set(&call->error, ERR_NOT_FOUND, "id", "there is no gathering %s here", call->argv[1]);
    if (code != 0) return code;
    const struct model *model = ask_begin(call);
    gathering_guests(model, id, &all, &count);
    ask_end(call);
    struct listing *listing = listing_open(call, guest_columns);
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++)
        listing_add(listing, guest_row(call, &all[i]));
    listing_close(listing, "nobody is noted to have come");
    free(all);
    return 0;
}

int ask_gatherings(struct call *call) {
    struct cut cut;
    int year;
    int code = year_asked(call, &year, &cut);
    if (code != 0) return code;
    const char *word = call->argv[0];
    if (strcmp(word, "guests") == 0) return list_guests(call);
    if (strcmp(word, "year") == 0 && call->argc == 1) return list_year(call, year, &cut);
    if (strcmp(word, "list") != 0 || call->argc != 1)
        return err_set(&call->error, ERR_USAGE, NULL, "'%s' is nothing to be done with gatherings here", word);
    if (!call_has(call, "year")) cut = (struct cut){TIME_NONE, ask_latest(call)};
    print_rows(call, gathering_columns, gathering_rows(call, &cut), "no gathering was held");
    return 0;
}

/* ---- Findings ---- */

static const struct column finding_columns[] = {
    {"at", "at", COLUMN_TIME},         {"matter", "matter", COLUMN_TEXT},     {"store", "store", COLUMN_TEXT},
    {"staff", "staff", COLUMN_TEXT},   {"customer", "customer", COLUMN_TEXT}, {"name", "name", COLUMN_TEXT},
    {"findings", "text", COLUMN_TEXT}, {NULL, "contact", COLUMN_TEXT},        {NULL, NULL, COLUMN_TEXT},
};

static json_t *finding_row(struct call *call, const struct finding *f) {
    struct buf staff = BUF_INIT, note = BUF_INIT;
    ask_actor(call, f->contact, &staff);
    ask_sealed_text(call, f->contact, SEALED_contacted_note, &note);
    json_t *row =
        json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "at", ask_time(call, f->time), "matter",
                  choice_word(&choices_level, f->matter), "store", ask_store_of(call, id_stream(f->contact)), "staff",
                  staff.len == 0 ? json_null() : ask_text(buf_view(&staff)), "customer", ask_id(f->person), "name",
                  ask_person_field(call, f->person, SEALED_registered_name), "text",
                  note.len == 0 ? json_null() : ask_text(buf_view(&note)), "contact", ask_id(f->contact));
    buf_release(&staff);
    buf_wipe(&note);
    return row;
}

int ask_findings(struct call *call) {
    struct cut cut = {TIME_NONE, ask_latest(call)};
    const char *word = call_option(call, "matter"), *store = call_option(call, "store");
    int64_t matter = 0;
    int code = word == NULL ? 0 : choice_parse(&choices_level, "matter", view_of(word), &matter, &call->error);
    if (code == 0) code = call_time(call, "from", false, TIME_NONE, &cut.from);
    if (code == 0 && store != NULL) code = ask_known(call, "store");
    if (code != 0) return code;
    struct finding *all;
    size_t count;
    struct pace pace;
    findings(ask_report_begin(call, "contacts", &pace), (int)matter, &cut, &pace, &all, &count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (store == NULL || (all[i].store.data != NULL && view_is(all[i].store, store))) all[kept++] = all[i];
    ask_report_end(call);
    struct listing *listing = listing_open(call, finding_columns);
    for (size_t i = 0; i < kept && !call_cancelled(call) && !listing_full(listing); i++)
        listing_add(listing, finding_row(call, &all[i]));
    listing_close(listing, "no findings");
    free(all);
    return 0;
}
