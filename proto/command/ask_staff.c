/* staff: the contests of a quarter, figures for appraisal, the sample to be verified (S1, S2, K5). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"
#include "proto/model/staff.h"

static const struct column staff_columns[] = {
    {"store", "store", COLUMN_TEXT},
    {"staff", "staff", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},
    {"place", "place", COLUMN_TEXT},
    {"rank", "rank_region", COLUMN_NUMBER},
    {"in store", "rank_store", COLUMN_NUMBER},
    {"registered", "registrations", COLUMN_NUMBER},
    {"complete", "completeness", COLUMN_NUMBER},
    {"valid", "validity", COLUMN_NUMBER},
    {"contacts", "contacts", COLUMN_NUMBER},
    {"minutes", "minutes", COLUMN_NUMBER},
    {"VIPs", "vips", COLUMN_NUMBER},
    {"done", "followups_done", COLUMN_NUMBER},
    {"open", "followups_open", COLUMN_NUMBER},
    {"satisfaction", "satisfaction", COLUMN_NUMBER},
    {"custody", "custody", COLUMN_NUMBER},
    {"reviews", "reviews", COLUMN_NUMBER},
    {NULL, "quarter", COLUMN_TEXT},
    {NULL, "measure", COLUMN_TEXT},
    {NULL, "place_store", COLUMN_TEXT},
    {NULL, "role", COLUMN_TEXT},
    {NULL, "active", COLUMN_YES_NO},
    {NULL, "keeper", COLUMN_YES_NO},
    {NULL, "files", COLUMN_NUMBER},
    {NULL, "sampled", COLUMN_NUMBER},
    {NULL, "verified", COLUMN_NUMBER},
    {NULL, "contact_points", COLUMN_NUMBER},
    {NULL, "quota_days", COLUMN_NUMBER},
    {NULL, NULL, COLUMN_TEXT},
};

struct asked {
    struct quarter quarter;
    char label[16];
    int64_t now;
    const char *store; /* NULL: all */
};

static int read_asked(struct call *call, struct asked *out) {
    const char *written = call_option(call, "quarter");
    out->now = ask_latest(call);
    out->store = call_option(call, "store");
    out->quarter = quarter_of(zone_date(&call->site->zone, out->now));
    if (written != NULL && !quarter_parse(view_of(written), &out->quarter))
        return err_set(&call->error, ERR_INVALID, "quarter", "'%s' is no quarter; write 2026Q4", written);
    snprintf(out->label, sizeof out->label, "%04dQ%d", out->quarter.year, out->quarter.number);
    if (zone_day_start(&call->site->zone, quarter_start(out->quarter)) > out->now)
        return err_set(&call->error, ERR_INVALID, "quarter", "%s has not begun yet", out->label);
    return out->store == NULL ? 0 : ask_known(call, "store");
}

static void actor(void *context, uint64_t event, struct buf *out) { ask_actor(context, event, out); }

static int open_table(struct call *call, const struct asked *asked, struct staff_table *out) {
    struct pace pace;
    bool at_store = call->site->config.role == ROLE_STORE;
    struct staff_question question = {asked->quarter,
                                      asked->now,
                                      &call->site->zone,
                                      actor,
                                      call,
                                      &pace,
                                      at_store ? view_of(call->site->config.store) : VIEW_NONE};
    const struct model *model = ask_report_begin(call, "staff", &pace);
    int code = staff_table_open(model, &question, out);
    ask_report_end(call);
    return code == 0 ? 0 : err_set(&call->error, code, NULL, "the staff could not be listed");
}

/* Of those due in the quarter: who answered, and whose were left. */
static int count_followups(struct call *call, const struct asked *asked, struct staff_table *table) {
    struct followup_list list;
    struct buf code = BUF_INIT;
    int64_t end = zone_day_end(&call->site->zone, quarter_end(asked->quarter));
    if (end > asked->now) end = asked->now;
    struct followup_question question = {.now = end, .due_from = quarter_start(asked->quarter), .answered = true};
    int result = followup_list_open(call, &question, &list);
    if (result != 0) return result;
    for (size_t i = 0; i < list.count; i++) {
        const struct followup *f = &list.items[i];
        if (f->answer == 0 && f->due > end) continue;
        buf_clear(&code);
        if (f->answer == 0 && f->staff.data != NULL)
            buf_append_view(&code, f->staff);
        else
            ask_actor(call, f->answer != 0 ? f->answer : f->cause, &code);
        json_t *store = f->answer == 0 ? ask_text(f->store) : ask_store_of(call, id_stream(f->answer));
        struct employee *e =
            code.len == 0 ? NULL : staff_table_of(table, view_of(json_string_value(store)), buf_view(&code));
        if (e != NULL && f->answer != 0) e->done++;
        if (e != NULL && f->answer == 0) e->open++;
        json_decref(store);
    }
    buf_release(&code);
    followup_list_close(&list);
    return 0;
}

static json_t *staff_name(struct call *call, uint64_t event) {
    struct buf name = BUF_INIT;
    if (event != 0) ask_sealed_text(call, event, SEALED_staff_name, &name);
    json_t *out = name.len == 0 ? json_null() : ask_text(buf_view(&name));
    buf_wipe(&name);
    return out;
}

static json_t *mean(double sum, uint32_t of) {
    return of == 0 ? json_null() : json_real(round(sum / of * 1000) / 1000);
}
static json_t *text(const char *word) { return word == NULL ? json_null() : json_string(word); }
static json_t *rank_json(uint32_t rank) { return rank == 0 ? json_null() : json_integer(rank); }
static const char *place_word(uint32_t rank, bool last) { return rank == 1 ? "best" : last ? "last" : NULL; }

static json_t *staff_row(struct call *call, const struct asked *asked, const struct staff_table *table,
                         const struct employee *e) {
    json_t *row = json_pack(
        "{s:s, s:s, s:o, s:s, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o}", "quarter", asked->label, "measure",
        staff_measure_word(table->measure), "store", text(e->store), "staff", e->code, "name",
        staff_name(call, e->event), "role", text(e->role == 0 ? NULL : choice_word(&choices_role, e->role)), "active",
        e->event == 0 || e->active, "keeper", e->keeper, "place", text(place_word(e->rank_region, e->last_region)),
        "place_store", text(place_word(e->rank_store, e->last_store)), "rank_region", rank_json(e->rank_region),
        "rank_store", rank_json(e->rank_store));
    json_t *figures =
        json_pack("{s:i, s:i, s:o, s:i, s:i, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "registrations",
                  (int)e->registrations, "files", (int)e->files, "completeness", mean(e->completeness, e->files),
                  "sampled", (int)e->sampled, "verified", (int)e->verified, "validity", mean(e->valid, e->verified),
                  "contacts", (int)e->contacts, "contact_points", (int)e->points, "minutes", (int)e->minutes, "vips",
                  (int)e->vips, "quota_days", (int)e->quota_days, "followups_done", (int)e->done, "followups_open",
                  (int)e->open, "satisfaction", mean(e->satisfaction, e->satisfied_of));
    json_object_update(row, figures);
    json_decref(figures);
    json_object_set_new(row, "custody", json_integer(e->custody));
    json_object_set_new(row, "reviews",
                        e->keeper || e->reviewed != 0 ? json_integer(__builtin_popcount(e->reviewed)) : json_null());
    return row;
}

static bool wanted(const struct asked *asked, const char *store) {
    return asked->store == NULL || (store != NULL && strcmp(store, asked->store) == 0);
}

/* By the contest: the best first, who is not measured last. */
static int by_rank(const void *a, const void *b) {
    const struct employee *x = a, *y = b;
    uint32_t left = x->rank_region - 1, right = y->rank_region - 1; /* none: the largest */
    if (left != right) return left < right ? -1 : 1;
    int order = strcmp(x->store == NULL ? "" : x->store, y->store == NULL ? "" : y->store);
    return order == 0 ? strcmp(x->code, y->code) : order;
}

static int list_staff(struct call *call, const struct asked *asked) {
    struct staff_table table;
    int code = open_table(call, asked, &table);
    if (code != 0) return code;
    code = count_followups(call, asked, &table);
    if (code == 0) {
        if (table.count > 0) qsort(table.items, table.count, sizeof *table.items, by_rank);
        struct listing *listing = listing_open(call, staff_columns);
        listing_covers(listing); /* ranks */
        for (size_t i = 0; i < table.count && !call_cancelled(call); i++)
            if (wanted(asked, table.items[i].store))
                listing_add(listing, staff_row(call, asked, &table, &table.items[i]));
        listing_close(listing, "no staff is known, and nobody has signed anything with --staff");
    }
    staff_table_close(&table);
    return code;
}

static const struct column sample_columns[] = {
    {"customer", "customer", COLUMN_TEXT}, {"name", "name", COLUMN_TEXT},   {"phone", "phone", COLUMN_TEXT},
    {"store", "store", COLUMN_TEXT},       {"staff", "staff", COLUMN_TEXT}, {"verified", "verified", COLUMN_YES_NO},
    {"valid", "valid", COLUMN_YES_NO},     {NULL, "quarter", COLUMN_TEXT},  {NULL, NULL, COLUMN_TEXT},
};

static int list_sample(struct call *call, const struct asked *asked) {
    struct staff_table table;
    if (call->site->config.role == ROLE_STORE && !wanted(asked, call->site->config.store))
        return err_set(&call->error, ERR_INVALID, "store",
                       "is another one: what is drawn of its files, only that store and the hub know");
    int code = open_table(call, asked, &table);
    if (code != 0) return code;
    struct listing *listing = listing_open(call, sample_columns);
    for (size_t i = 0; i < table.sampled && !call_cancelled(call); i++) {
        const struct drawn *drawn = &table.sample[i];
        json_t *store = ask_store_of(call, id_stream(drawn->customer));
        if (!wanted(asked, json_string_value(store))) {
            json_decref(store);
            continue;
        }
        const char *staff = drawn->employee == UINT32_MAX ? NULL : table.items[drawn->employee].code;
        listing_add(listing, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "quarter", asked->label, "customer",
                                       ask_id(drawn->customer), "name",
                                       ask_person_field(call, drawn->customer, SEALED_registered_name), "phone",
                                       ask_person_field(call, drawn->customer, SEALED_registered_phone), "store", store,
                                       "staff", text(staff), "verified", drawn->verified != 0, "valid",
                                       drawn->verified == 0 ? json_null() : json_boolean(drawn->valid)));
    }
    listing_close(listing, "there are no files to verify");
    staff_table_close(&table);
    return 0;
}

int ask_staff(struct call *call) {
    struct asked asked;
    int code = read_asked(call, &asked);
    if (code != 0) return code;
    if (call->argc == 0) return list_staff(call, &asked);
    if (call->argc == 1 && strcmp(call->argv[0], "sample") == 0) return list_sample(call, &asked);
    return err_set(&call->error, ERR_USAGE, NULL, "'%s' cannot be asked of the staff here", call->argv[0]);
}
