/* complaints: one desk for all. */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/command/text_table.h"
#include "proto/event/describe.h"

#define ANSWER_HOURS 24 /* X4's default, until policy sets another */

static const struct column columns[] = {
    {"complaint", "id", COLUMN_TEXT},
    {"opened", "opened_at", COLUMN_TIME},
    {"store", "store", COLUMN_TEXT},
    {"customer", "customer", COLUMN_TEXT},
    {"state", "state", COLUMN_TEXT},
    {"step", "step", COLUMN_TEXT},
    {"answered", "first_answer_at", COLUMN_TIME},
    {"closed", "closed_at", COLUMN_TIME},
    {"score", "score", COLUMN_NUMBER},
    {"overdue", "overdue", COLUMN_YES_NO},
    {"topic", "topic", COLUMN_TEXT},
    /* In CSV, with what an import takes. */
    {NULL, "satisfied", COLUMN_YES_NO},
    {NULL, "level", COLUMN_TEXT},
    {NULL, "card", COLUMN_TEXT},
    {NULL, "phone", COLUMN_TEXT},
    {NULL, "channel", COLUMN_TEXT},
    {NULL, "sku", COLUMN_TEXT},
    {NULL, "segment", COLUMN_TEXT},
    {NULL, "company", COLUMN_TEXT},
    {NULL, "text", COLUMN_TEXT},
    {NULL, "staff", COLUMN_TEXT},
    {NULL, "ref", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

/* What the thread's first event says in the clear, and its topic when a key is there. */
static void add_opening(struct call *call, uint64_t id, json_t *row) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened = false;
    if (site_event(call->site, id, &event, &frame, &plain, &standing, &opened, &record, NULL) == 0 &&
        standing == EVENT_GOOD && event.type == EVENT_complained) {
        const char *channel = choice_word(&choices_channel, event.body.complained.channel);
        json_object_set_new(row, "ref", ask_text(event.ref.key));
        json_object_set_new(row, "staff", ask_text(event.actor));
        json_object_set_new(row, "channel", channel == NULL ? json_null() : json_string(channel));
        json_object_set_new(row, "sku", ask_text(event.body.complained.sku));
        json_object_set_new(row, "segment", ask_text(event.body.complained.segment));
        json_object_set_new(row, "company", ask_text(event.body.complained.company));
        json_object_set_new(row, "topic", opened ? ask_text(event.body.complained.topic) : json_null());
        json_object_set_new(row, "text", opened ? ask_text(event.body.complained.text) : json_null());
    } else {
        json_object_set_new(row, "ref", json_null());
    }
    buf_release(&frame);
    buf_wipe(&plain);
}

json_t *ask_store_of(struct call *call, uint32_t stream) {
    struct stream_state state;
    const struct model *model = ask_begin(call);
    json_t *store = model_stream(model, stream, &state) ? ask_text(state.store) : json_null();
    ask_end(call);
    return store;
}

static json_t *choice_json(const char *word) { return word == NULL ? json_null() : json_string(word); }

static json_t *complaint_row(struct call *call, const struct complaint *c) {
    static const char *const states[] = {"open", "paused", "closed"};
    uint64_t person = 0;
    if (c->subject != c->id) {
        const struct model *model = ask_begin(call);
        person = model_person(model, c->subject);
        ask_end(call);
    }
    json_t *row = json_pack(
        "{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:I}", "id", ask_id(c->id), "customer",
        ask_id(person), "card", person == 0 ? json_null() : ask_person_field(call, person, SEALED_registered_card),
        "store", ask_store_of(call, c->stream), "state", states[c->state], "step",
        choice_json(choice_word(&choices_step, c->step)), "level", choice_json(choice_word(&choices_level, c->level)),
        "opened_at", ask_time(call, c->opened_at), "first_answer_at", ask_time(call, c->first_answer_at), "closed_at",
        ask_time(call, c->closed_at), "satisfied", c->satisfied == NIL ? json_null() : json_boolean(c->satisfied == 1),
        "score", c->score == NIL ? json_null() : json_integer(c->score), "overdue", c->overdue, "concurrent",
        c->concurrent, "steps", (json_int_t)c->steps);
    json_object_set_new(row, "phone",
                        person == 0 ? json_null() : ask_person_field(call, person, SEALED_registered_phone));
    add_opening(call, c->id, row);
    return row;
}

/* ---- One complaint ---- */

/* Each event of the thread; where: a store, or the desk. */
static json_t *thread_rows(struct call *call, uint64_t id) {
    const struct model *model = ask_begin(call);
    size_t count = complaint_thread(model, id, NULL, 0);
    uint64_t *ids = mem_alloc((count + 1) * sizeof *ids);
    size_t now = complaint_thread(model, id, ids, count);
    ask_end(call);
    json_t *rows = json_array();
    for (size_t i = 0; i < count && i < now; i++) {
        struct buf frame = BUF_INIT;
        struct record record;
        uint32_t stream = id_stream(ids[i]);
        bool desk = call->site->config.role == ROLE_HUB && stream == call->site->config.stream;
        if (log_get_id(call->site->log, ids[i], &record, &frame, NULL) == 0) {
            json_t *row = ask_event(call, &record);
            json_object_set_new(row, "where", desk ? json_string("desk") : ask_store_of(call, stream));
            json_array_append_new(rows, row);
        }
        buf_release(&frame);
    }
    free(ids);
    return rows;
}

static const char *said(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text == NULL ? "" : text;
}

static void print_moment(struct call *call, const char *what, const char *time) {
    struct buf text = BUF_INIT;
    if (*time == '\0') return;
    ask_minute(&text, time);
    fprintf(call->out, "%s %s\n", what, buf_text(&text));
    buf_release(&text);
}

static void print_thread(struct call *call, const json_t *rows) {
    struct text_table *table = table_open("time|where|by|event|what");
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        struct buf text = BUF_INIT;
        json_object_del(json_object_get(row, "body"), "complaint"); /* the one that is shown */
        ask_minute(&text, said(row, "at"));
        table_cell(table, buf_view(&text));
        table_text(table, said(row, "where"));
        table_text(table, said(row, "actor"));
        table_text(table, said(row, "type"));
        buf_clear(&text);
        ask_event_text(call, row, &text);
        table_cell(table, buf_view(&text));
        buf_wipe(&text);
    }
    table_print(table, call->out);
    table_close(table);
}

static void print_complaint(struct call *call, const json_t *c) {
    const char *customer = said(c, "customer"), *step = said(c, "step");
    fprintf(call->out, "complaint %s of %s: %s%s%s%s\n", said(c, "id"), *customer == '\0' ? "nobody known" : customer,
            said(c, "state"), *step == '\0' ? "" : " after ", step,
            json_is_true(json_object_get(c, "overdue")) ? ", overdue" : "");
    print_moment(call, "opened", said(c, "opened_at"));
    print_moment(call, "first answered", said(c, "first_answer_at"));
    print_moment(call, "closed", said(c, "closed_at"));
    print_thread(call, json_object_get(c, "thread"));
}

int ask_complaint(struct call *call) {
    struct complaint complaint = {.id = 0};
    int code = ask_thread(call, call->argc > 1 ? call->argv[1] : NULL, &complaint);
    if (code != 0) return code;
    json_t *row = complaint_row(call, &complaint);
    json_object_set_new(row, "thread", thread_rows(call, complaint.id));
    if (call->json) {
        call_json(call, row);
        return 0;
    }
    print_complaint(call, row);
    json_decref(row);
    return 0;
}

int ask_thread(struct call *call, const char *written, struct complaint *out) {
    uint64_t id;
    if (written == NULL) return err_set(&call->error, ERR_USAGE, "complaint", "say which complaint");
    int code = call_id(call, "complaint", written, &id);
    if (code != 0) return code;
    struct cut all = {TIME_NONE, TIME_NONE};
    const struct model *model = ask_begin(call);
    bool known = complaint_of(model, id, &all, site_now(call->site), ANSWER_HOURS, out);
    ask_end(call);
    if (known) return 0;
    return err_set(&call->error, ERR_NOT_FOUND, "complaint", "there is no complaint %s here", written);
}

/* ---- All of them ---- */

static bool wanted(const struct call *call, const struct complaint *c) {
    if (call_has(call, "all")) return true;
    if (call_has(call, "overdue")) return c->overdue;
    return c->state != COMPLAINT_CLOSED;
}

int ask_complaints(struct call *call) {
    int64_t now;
    int64_t latest = ask_latest(call);
    int code = call_time(call, "as-of", true, latest, &now);
    if (code != 0) return code;
    now = ask_not_after(call, now, latest);
    struct cut cut = {TIME_NONE, now};
    struct complaint *all = NULL;
    size_t count = 0;
    const struct model *model = ask_begin(call);
    code = complaints(model, &cut, now, ANSWER_HOURS, &all, &count);
    ask_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the complaints could not be listed");
    struct listing *listing = listing_open(call, columns);
    for (size_t i = 0; i < count && !call_cancelled(call); i++)
        if (wanted(call, &all[i])) listing_add(listing, complaint_row(call, &all[i]));
    listing_close(listing, "no complaints");
    free(all);
    return 0;
}
