/* complaint show: one thread, as it went. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/money.h"
#include "proto/command/ask.h"
#include "proto/command/text_table.h"

/* Each event of the thread; where: a store, or the desk; whether another was made without knowing of it. */
static json_t *thread_rows(struct call *call, uint64_t id) {
    const struct model *model = ask_begin(call);
    size_t count = complaint_thread(model, id, NULL, 0);
    uint64_t *ids = mem_alloc((count + 1) * sizeof *ids);
    bool *beside = mem_alloc((count + 1) * sizeof *beside);
    size_t now = complaint_thread(model, id, ids, count);
    complaint_beside(model, id, beside, count);
    ask_end(call);
    json_t *rows = json_array();
    for (size_t i = 0; i < count && i < now; i++) {
        struct buf frame = BUF_INIT;
        struct record record;
        uint32_t stream = id_stream(ids[i]);
        bool desk = stream_is_hub(stream);
        if (log_get_id(call->site->log, ids[i], &record, &frame, NULL) == 0) {
            json_t *row = ask_event(call, &record);
            json_object_set_new(row, "where", desk ? json_string("desk") : ask_store_of(call, stream));
            json_object_set_new(row, "concurrent", json_boolean(beside[i]));
            json_array_append_new(rows, row);
        }
        buf_release(&frame);
    }
    free(beside);
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
        if (json_is_true(json_object_get(row, "concurrent"))) buf_printf(&text, "(at the same time) ");
        ask_event_text(call, row, &text);
        table_cell(table, buf_view(&text));
        buf_wipe(&text);
    }
    table_print(table, call->out);
    table_close(table);
}

/* "2 d 3 h", "3 h 20 min": the two largest units. Business hours are told as hours: a day has fewer than 24 of them. */
static void duration(struct buf *out, int64_t ms, bool business) {
    int64_t minutes = (ms < 0 ? -ms : ms) / 60000;
    if (minutes >= 1440 && !business)
        buf_printf(out, "%lld d %lld h", (long long)(minutes / 1440), (long long)(minutes % 1440 / 60));
    else if (minutes >= 60)
        buf_printf(out, "%lld h %lld min", (long long)(minutes / 60), (long long)(minutes % 60));
    else
        buf_printf(out, "%lld min", (long long)minutes);
    if (business) buf_printf(out, " of business hours");
}

/* "first answer due 2024-03-02 10:00, 3 h 20 min left"; once met, when and how long it took. */
static void print_clock(struct call *call, const json_t *c, const char *what, const struct complaint_clock *clock,
                        const char *met_at, const char *due_at) {
    bool business = json_is_true(json_object_get(c, "business_hours"));
    struct buf text = BUF_INIT;
    buf_printf(&text, "%s ", what);
    if (clock->met) {
        ask_minute(&text, said(c, met_at));
        buf_printf(&text, ", after ");
        duration(&text, clock->spent_ms, business);
        if (clock->over) buf_printf(&text, ": too late");
    } else {
        if (*said(c, due_at) == '\0') {
            buf_printf(&text, "stands still");
        } else {
            buf_printf(&text, "due ");
            ask_minute(&text, said(c, due_at));
        }
        buf_printf(&text, ", ");
        duration(&text, clock->left_ms, business);
        buf_printf(&text, clock->over ? " too late" : " left");
    }
    fprintf(call->out, "%s\n", buf_text(&text));
    buf_release(&text);
}

static void print_more(struct call *call, const json_t *c, bool complaint_closed) {
    char text[40];
    const json_t *left = json_object_get(c, "left_out"), *name, *cost = json_object_get(c, "cost");
    size_t i;
    fprintf(call->out, "%s's matter%s", said(c, "level"),
            json_is_true(json_object_get(c, "escalated")) ? ", as the time of the level below is over" : "");
    if (*said(c, "routed_to") != '\0') fprintf(call->out, ", routed to %s", said(c, "routed_to"));
    if (*said(c, "cause") != '\0') fprintf(call->out, "; cause: %s", said(c, "cause"));
    if (*said(c, "settlement") != '\0') fprintf(call->out, "; given: %s", said(c, "settlement"));
    if (json_is_integer(cost))
        fprintf(call->out, "; cost: %s",
                decimal_format(json_integer_value(cost), call->site->currency.decimals, true, text));
    fprintf(call->out, "\n");
    if (!json_is_null(json_object_get(c, "satisfied")))
        fprintf(call->out, "the customer is %s%s\n",
                json_is_true(json_object_get(c, "satisfied")) ? "satisfied" : "not satisfied",
                json_is_true(json_object_get(c, "offer_due")) ? ": a last offer (`compensate`), or `reopen` it" : "");
    else if (complaint_closed)
        fprintf(call->out, "whether the customer is satisfied was not asked\n");
    json_array_foreach(left, i, name) fprintf(call->out, "%s%s", i == 0 ? "left out: " : ", ", json_string_value(name));
    if (json_array_size(left) > 0) fprintf(call->out, "\n");
}

static void print_complaint(struct call *call, const struct complaint *complaint, const json_t *c) {
    const char *customer = said(c, "customer"), *step = said(c, "step");
    fprintf(call->out, "complaint %s of %s: %s%s%s%s%s\n", said(c, "id"), *customer == '\0' ? "nobody known" : customer,
            said(c, "state"), *step == '\0' ? "" : " after ", step, complaint->overdue ? ", overdue" : "",
            complaint->last_offer ? ", with a last offer" : "");
    print_moment(call, "opened", said(c, "opened_at"));
    print_clock(call, c, complaint->answer.met ? "first answered" : "first answer", &complaint->answer,
                "first_answer_at", "answer_due_at");
    print_clock(call, c, complaint->resolve.met ? "closed" : "resolution", &complaint->resolve, "closed_at",
                "resolve_due_at");
    print_more(call, c, complaint->state == COMPLAINT_CLOSED);
    print_thread(call, json_object_get(c, "thread"));
}

int ask_complaint(struct call *call) {
    struct complaint complaint = {.id = 0};
    int code = ask_thread(call, call->argc > 1 ? call->argv[1] : NULL, &complaint);
    if (code != 0) return code;
    json_t *row = ask_complaint_row(call, &complaint);
    json_object_set_new(row, "thread", thread_rows(call, complaint.id));
    if (call->json) {
        call_json(call, row);
        return 0;
    }
    print_complaint(call, &complaint, row);
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
    bool known = complaint_of(model, id, &all, &call->site->zone, site_now(call->site), out);
    bool others = call->bound != NULL && (!known || !ask_complaint_of_store(model, out, call->bound));
    ask_end(call);
    if (others) return err_set(&call->error, ERR_AUTH, NULL, "this account sees the complaints of one store only");
    if (known) return 0;
    return err_set(&call->error, ERR_NOT_FOUND, "complaint", "there is no complaint %s here", written);
}
