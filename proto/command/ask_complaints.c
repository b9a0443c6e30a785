/* complaints: one desk for all. */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/listing.h"
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
        json_object_set_new(row, "ref", ask_text(event.ref.key));
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

static json_t *store_of(struct call *call, uint32_t stream) {
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
        "store", store_of(call, c->stream), "state", states[c->state], "step",
        choice_json(choice_word(&choices_step, c->step)), "level", choice_json(choice_word(&choices_level, c->level)),
        "opened_at", ask_time(call, c->opened_at), "first_answer_at", ask_time(call, c->first_answer_at), "closed_at",
        ask_time(call, c->closed_at), "satisfied", c->satisfied == NIL ? json_null() : json_boolean(c->satisfied == 1),
        "score", c->score == NIL ? json_null() : json_integer(c->score), "overdue", c->overdue, "concurrent",
        c->concurrent, "steps", (json_int_t)c->steps);
    add_opening(call, c->id, row);
    return row;
}

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
    if (now > latest) now = latest;
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
