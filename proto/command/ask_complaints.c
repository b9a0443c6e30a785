/* complaints: one desk for all. */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask_tier.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"

static const struct column columns[] = {
    {"complaint", "id", COLUMN_TEXT},
    {"opened", "opened_at", COLUMN_TIME},
    {"store", "store", COLUMN_TEXT},
    {"customer", "customer", COLUMN_TEXT},
    {"state", "state", COLUMN_TEXT},
    {"step", "step", COLUMN_TEXT},
    {"level", "level", COLUMN_TEXT},
    {"due", "due_at", COLUMN_TIME},
    {"answered", "first_answer_at", COLUMN_TIME},
    {"closed", "closed_at", COLUMN_TIME},
    {"score", "score", COLUMN_NUMBER},
    {"overdue", "overdue", COLUMN_YES_NO},
    {"topic", "topic", COLUMN_TEXT},
    /* In CSV, with what an import takes. */
    {NULL, "satisfied", COLUMN_YES_NO},
    {NULL, "settlement", COLUMN_TEXT},
    {NULL, "cost", COLUMN_MONEY},
    {NULL, "cause", COLUMN_TEXT},
    {NULL, "left_ms", COLUMN_NUMBER},
    {NULL, "answer_due_at", COLUMN_TIME},
    {NULL, "answer_ms", COLUMN_NUMBER},
    {NULL, "answer_left_ms", COLUMN_NUMBER},
    {NULL, "answer_overdue", COLUMN_YES_NO},
    {NULL, "answered_in_time", COLUMN_YES_NO},
    {NULL, "resolve_due_at", COLUMN_TIME},
    {NULL, "resolve_ms", COLUMN_NUMBER},
    {NULL, "resolve_left_ms", COLUMN_NUMBER},
    {NULL, "resolve_overdue", COLUMN_YES_NO},
    {NULL, "closed_in_time", COLUMN_YES_NO},
    {NULL, "paused_ms", COLUMN_NUMBER},
    {NULL, "business_hours", COLUMN_YES_NO},
    {NULL, "concurrent", COLUMN_YES_NO},
    {NULL, "steps", COLUMN_NUMBER},
    {NULL, "escalated", COLUMN_YES_NO},
    {NULL, "routed_to", COLUMN_TEXT},
    {NULL, "cycles", COLUMN_NUMBER},
    {NULL, "last_offer", COLUMN_YES_NO},
    {NULL, "offer_due", COLUMN_YES_NO},
    {NULL, "left_out", COLUMN_TEXT},
    {NULL, "name", COLUMN_TEXT},
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

static json_t *number_json(int64_t number) { return number == NIL ? json_null() : json_integer(number); }

static json_t *word_json(const char *word) { return *word == '\0' ? json_null() : json_string(word); }

/* Names of the steps that were left out. */
static json_t *left_out(const struct complaint *c) {
    json_t *names = json_array();
    for (int64_t step = choice_step_listen; step <= choice_step_follow_up; step++)
        if ((c->left_out >> step & 1) != 0) json_array_append_new(names, json_string(choice_word(&choices_step, step)));
    return names;
}

/* The clock that matters now: the first answer, then the end; none of one that is closed. */
static const struct complaint_clock *pressing(const struct complaint *c) {
    if (c->state == COMPLAINT_CLOSED) return NULL;
    return c->answer.met ? &c->resolve : &c->answer;
}

static void add_clocks(struct call *call, const struct complaint *c, json_t *row) {
    const struct complaint_clock *clock = pressing(c);
    json_object_set_new(row, "due_at", clock == NULL ? json_null() : ask_time(call, clock->due_at));
    json_object_set_new(row, "left_ms", clock == NULL ? json_null() : json_integer(clock->left_ms));
    json_object_set_new(row, "business_hours", json_boolean(c->business_hours));
    json_object_set_new(row, "paused_ms", json_integer(c->paused_ms));
    json_object_set_new(row, "answer_due_at", ask_time(call, c->answer.due_at));
    json_object_set_new(row, "answer_ms", json_integer(c->answer.spent_ms));
    json_object_set_new(row, "answer_left_ms", json_integer(c->answer.left_ms));
    json_object_set_new(row, "answer_overdue", json_boolean(c->overdue));
    json_object_set_new(row, "answered_in_time", c->answer.met ? json_boolean(!c->answer.over) : json_null());
    json_object_set_new(row, "resolve_due_at", ask_time(call, c->resolve.due_at));
    json_object_set_new(row, "resolve_ms", json_integer(c->resolve.spent_ms));
    json_object_set_new(row, "resolve_left_ms", json_integer(c->resolve.left_ms));
    json_object_set_new(row, "resolve_overdue", json_boolean(c->resolve.over && !c->resolve.met));
    json_object_set_new(row, "closed_in_time", c->resolve.met ? json_boolean(!c->resolve.over) : json_null());
}

/* X6: closed with somebody who is not satisfied, and neither a last offer nor a second cycle came of it. */
static bool offer_due(const struct complaint *c) {
    return c->state == COMPLAINT_CLOSED && c->satisfied == 0 && !c->last_offer;
}

json_t *ask_complaint_row(struct call *call, const struct complaint *c) {
    static const char *const states[] = {"open", "paused", "closed"};
    uint64_t person = c->person;
    json_t *row = json_pack(
        "{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:I}", "id", ask_id(c->id), "customer",
        ask_id(person), "card", person == 0 ? json_null() : ask_person_field(call, person, SEALED_registered_card),
        "store", ask_store_of(call, c->stream), "state", states[c->state], "step",
        choice_json(choice_word(&choices_step, c->step)), "level", choice_json(choice_word(&choices_level, c->level)),
        "opened_at", ask_time(call, c->opened_at), "first_answer_at", ask_time(call, c->first_answer_at), "closed_at",
        ask_time(call, c->closed_at), "satisfied", c->satisfied == NIL ? json_null() : json_boolean(c->satisfied == 1),
        "score", number_json(c->score), "overdue", c->overdue, "concurrent", c->concurrent, "steps",
        (json_int_t)c->steps);
    json_t *more = json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:I, s:b}", "escalated", c->escalated, "routed_to",
                             word_json(c->routed_to), "left_out", left_out(c), "cause", word_json(c->cause),
                             "settlement", choice_json(choice_word(&choices_settlement, c->settlement)), "cost",
                             number_json(c->cost), "cycles", (json_int_t)c->cycles, "last_offer", c->last_offer);
    json_object_update(row, more);
    json_decref(more);
    json_object_set_new(row, "offer_due", json_boolean(offer_due(c)));
    add_clocks(call, c, row);
    json_object_set_new(row, "name",
                        person == 0 ? json_null() : ask_person_field(call, person, SEALED_registered_name));
    json_object_set_new(row, "phone",
                        person == 0 ? json_null() : ask_person_field(call, person, SEALED_registered_phone));
    add_opening(call, c->id, row);
    return row;
}

/* ---- All of them ---- */

/* What is asked for. */
struct wanted {
    const struct call *call;
    int64_t level; /* 0: any */
    const char *store;
    struct idmap *vips; /* NULL: anybody's */
};

bool ask_complaint_of_store(const struct model *model, const struct complaint *c, const char *store) {
    struct stream_state stream;
    return strcmp(c->routed_to, store) == 0 ||
           (model_stream(model, c->stream, &stream) && view_is(stream.store, store));
}

static bool is_wanted(const struct model *model, const struct wanted *w, const struct complaint *c) {
    if (w->level != 0 && c->level != w->level) return false;
    if (w->vips != NULL && (c->person == 0 || idmap_find(w->vips, c->person) == NULL)) return false;
    if (w->store != NULL && !ask_complaint_of_store(model, c, w->store)) return false;
    if (call_has(w->call, "all")) return true;
    if (call_has(w->call, "overdue")) return c->overdue;
    if (call_has(w->call, "unsatisfied")) return offer_due(c);
    return c->state != COMPLAINT_CLOSED;
}

/* A clock that runs before one that stands still; the one with the least time left, or the most too late, first. */
static int by_urgency(const void *a, const void *b) {
    const struct complaint *x = a, *y = b;
    const struct complaint_clock *first = pressing(x), *second = pressing(y);
    if ((first == NULL) != (second == NULL)) return first == NULL ? 1 : -1;
    if (x->state != y->state) return x->state < y->state ? -1 : 1;
    if (first != NULL && first->left_ms != second->left_ms) return first->left_ms < second->left_ms ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

#define KEPT_AT_ONCE 4096

/* Those wanted of all, in their place; how many. */
static size_t keep_wanted(struct call *call, const struct wanted *w, struct complaint *all, size_t count) {
    size_t kept = 0;
    for (size_t from = 0; from < count; from += KEPT_AT_ONCE) {
        const struct model *model = ask_begin(call);
        for (size_t i = from; i < count && i < from + KEPT_AT_ONCE; i++)
            if (is_wanted(model, w, &all[i])) all[kept++] = all[i];
        ask_end(call);
    }
    return kept;
}

/* Open ones are a question; all there ever were are a report. */
static int list_all(struct call *call, int64_t now, struct complaint **out, size_t *count) {
    struct cut cut = {TIME_NONE, now};
    const struct zone *zone = &call->site->zone;
    struct pace pace;
    int code;
    /* One without a first answer is open, too. */
    if (!call_has(call, "all") && !call_has(call, "unsatisfied")) {
        code = complaints_open(ask_begin(call), &cut, zone, now, out, count);
        ask_end(call);
        return code;
    }
    code = complaints_paced(ask_report_begin(call, "complaints", &pace), &cut, zone, now, &pace, out, count);
    ask_report_end(call);
    return code;
}

static int list(struct call *call, int64_t now, struct wanted *wanted) {
    struct complaint *all = NULL;
    struct idmap vips = {.slots = NULL};
    size_t count = 0;
    int code = list_all(call, now, &all, &count);
    if (code != 0) return err_set(&call->error, code, NULL, "the complaints could not be listed");
    if (call_has(call, "vip")) {
        ask_vips(call, now, &vips);
        wanted->vips = &vips;
    }
    count = keep_wanted(call, wanted, all, count);
    wanted->vips = NULL;
    idmap_release(&vips);
    if (!call_has(call, "all") && count > 0) qsort(all, count, sizeof *all, by_urgency);
    struct listing *listing = listing_open(call, columns);
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++)
        listing_add(listing, ask_complaint_row(call, &all[i]));
    listing_close(listing, "no complaints");
    free(all);
    return 0;
}

int ask_complaints(struct call *call) {
    int64_t now;
    int64_t latest = ask_latest(call);
    struct wanted wanted = {call, 0, call_option(call, "store"), NULL};
    const char *level = call_option(call, "level");
    int code = call_time(call, "as-of", true, latest, &now);
    if (code == 0 && level != NULL)
        code = choice_parse(&choices_level, "level", view_of(level), &wanted.level, &call->error);
    if (code == 0) code = ask_known(call, "store");
    if (code != 0) return code;
    return list(call, ask_not_after(call, now, latest), &wanted);
}
