/* The list of follow-ups with what only the site can tell: dates in sealed fields, the sale of a return. */
#include <stdlib.h>

#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/site/anniversaries.h"

struct source {
    struct call *call;
    struct dated *dated;
    size_t count;
};

static bool dated_at(void *context, size_t index, struct dated *out) {
    const struct source *source = context;
    if (index >= source->count) return false;
    *out = source->dated[index];
    return true;
}

/* Decodes an event of the log; its views borrow from `frame`. */
static bool read_event(struct call *call, uint64_t id, struct buf *frame, struct event *event) {
    struct record record;
    return log_get_id(call->site->log, id, &record, frame, NULL) == 0 &&
           event_decode(record.frame, event, NULL) == EVENT_GOOD;
}

static uint64_t sale_of(void *context, uint64_t returned) {
    const struct source *source = context;
    struct buf frame = BUF_INIT;
    struct event event;
    bool good = read_event(source->call, returned, &frame, &event) && event.type == EVENT_returned;
    uint64_t sale = good ? event.body.returned.sale : 0;
    buf_release(&frame);
    return sale;
}

void ask_actor(struct call *call, uint64_t event, struct buf *out) {
    struct buf frame = BUF_INIT;
    struct event read;
    if (event != 0 && read_event(call, event, &frame, &read)) buf_append_view(out, read.actor);
    buf_release(&frame);
}

static void progress(void *context, uint64_t done, uint64_t all) { call_progress(context, "opening dates", done, all); }

int followup_list_open(struct call *call, const struct followup_question *asked, struct followup_list *out) {
    struct source source = {.call = call};
    *out = (struct followup_list){.items = NULL};
    ask_tell_closed(call);
    site_anniversaries(call->site, call->replay == NULL ? NULL : call->replay->model, progress, call, &source.dated,
                       &source.count);
    call_progress_end(call);
    struct followup_question question = *asked;
    question.zone = &call->site->zone;
    question.region = call->site->config.role == ROLE_HUB;
    question.reader = (struct followup_reader){&source, dated_at, sale_of};
    struct pace pace;
    const struct model *model = ask_report_begin(call, "follow-ups", &pace);
    question.pace = &pace;
    question.text = &out->text;
    int code = followups(model, &question, &out->items, &out->count);
    ask_report_end(call);
    free(source.dated);
    return code == 0 ? 0 : err_set(&call->error, code, NULL, "the follow-ups could not be listed");
}

void followup_list_close(struct followup_list *list) {
    free(list->items);
    buf_release(&list->text);
}
