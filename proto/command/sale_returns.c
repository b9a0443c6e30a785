#include "proto/command/sale_returns.h"

#include "proto/command/ask.h"

bool sale_counts(struct call *call, uint64_t event) {
    const struct model *model = ask_begin(call);
    bool voided = model_voided(model, event);
    ask_end(call);
    return !voided;
}

void sale_returns_open(struct sale_returns *walk, struct call *call, uint64_t sale, uint64_t subject) {
    *walk = (struct sale_returns){.call = call, .sale = sale, .frame = BUF_INIT};
    const struct model *model = ask_begin(call);
    walk->position = model_last_position(model, subject);
    ask_end(call);
}

int sale_returns_next(struct sale_returns *walk, uint64_t *id, struct list *lines, struct err *err) {
    while (walk->position != 0) {
        struct record record;
        struct event event;
        buf_clear(&walk->frame);
        int code = log_get(walk->call->site->log, walk->position, &record, &walk->frame, err);
        if (code != 0) return code;
        walk->position = record.previous;
        if (event_decode(record.frame, &event, NULL) != EVENT_GOOD || event.type != EVENT_returned) continue;
        if (event.body.returned.sale != walk->sale || !sale_counts(walk->call, record.id)) continue;
        *id = record.id;
        *lines = event.body.returned.lines;
        return 1;
    }
    return 0;
}

void sale_returns_close(struct sale_returns *walk) { buf_release(&walk->frame); }
