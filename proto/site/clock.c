#include "proto/site/clock.h"

#include "proto/event/hlc.h"

#include "proto/site/site.h"

int clock_of(struct site *site, uint64_t id, uint64_t *hlc, struct err *err) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event = {.hlc = 0};
    int code = log_get_id(site->log, id, &record, &copy, err);
    if (code == 0) code = event_decode(record.frame, &event, err);
    if (code >= 0) *hlc = event.hlc;
    buf_release(&copy);
    return code < 0 ? code : 0;
}

/* That of a stream's last event; without one, `id` and `hlc` stay 0. */
static int last_word(struct site *site, uint32_t stream, uint64_t *id, uint64_t *hlc, struct err *err) {
    struct head head;
    *id = *hlc = 0;
    if (log_head(site->log, stream, &head) != 0 || head.seq == 0) return 0;
    *id = id_make(stream, head.seq);
    return clock_of(site, *id, hlc, err);
}

static void former_said(struct site *site, uint64_t id, uint64_t hlc) {
    struct clock *clock = &site->clock;
    if (id < clock->former) return; /* each goes on behind the one before it */
    clock->former = id;
    clock->former_hlc = hlc;
}

static bool of_former_hub(const struct site *site, uint32_t stream) {
    return site->config.role == ROLE_HUB && stream_is_hub(stream) && stream != site->config.stream;
}

int clock_load(struct site *site, struct err *err) {
    uint64_t id, hlc;
    int code = last_word(site, site->config.stream, &id, &site->clock.said, err);
    for (uint32_t i = 0; code == 0 && site->config.role == ROLE_HUB && i < site->config.incarnation; i++) {
        code = last_word(site, stream_make(i, 0), &id, &hlc, err);
        if (code == 0) former_said(site, id, hlc);
    }
    return code;
}

void clock_hear(struct site *site, uint64_t id, const struct event *event) {
    if (of_former_hub(site, id_stream(id))) former_said(site, id, event->hlc);
    site->clock.heard = hlc_hear(site->clock.heard, event->hlc, site_now(site));
}

/* From corrected time where the hub corrected a stream's clock up to its end: the one way in which an hlc goes back. */
uint64_t clock_before(const struct site *site, const struct head *head) {
    const struct clock *clock = &site->clock;
    uint64_t own = head->seq == 0 ? 0 : model_hlc_at(site->model, id_make(head->stream, head->seq), clock->said);
    uint64_t former = clock->former == 0 ? 0 : model_hlc_at(site->model, clock->former, clock->former_hlc);
    if (former > own) own = former;
    return hlc_hear(own, clock->heard, site_now(site));
}
