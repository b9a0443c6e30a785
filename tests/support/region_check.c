/* region_net_check: what must hold at any time, whatever went wrong before. */
#include <stdlib.h>
#include <string.h>

#include "proto/model/questions.h"
#include "tests/support/region_net.h"

static const char *tell(struct region_net *net, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *tell(struct region_net *net, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(net->wrong, sizeof net->wrong, format, arguments);
    va_end(arguments);
    return net->wrong;
}

const char *net_check_log(struct region_net *net, struct site *site, const char *whose) {
    struct verify_report report;
    struct err err = {.code = 0};
    if (site_verify_log(site, &report, &err) != 0) return tell(net, "the log of %s: %s", whose, err.text);
    return NULL;
}

/* One event at the hub: the store's bytes, and readable. */
static const char *check_event(struct region_net *net, struct net_store *store, uint64_t id) {
    struct buf there = BUF_INIT, here = BUF_INIT, plain = BUF_INIT;
    struct record theirs, ours;
    struct event event;
    const char *wrong = NULL;
    unsigned long long seq = id_seq(id);
    struct site *hub = net->hub.machine.site;
    if (log_get_id(hub->log, id, &theirs, &there, NULL) != 0)
        wrong = tell(net, "the hub lacks %s %llu", store->machine.config.store, seq);
    else if (log_get_id(&store->machine.log.base, id, &ours, &here, NULL) != 0)
        wrong = tell(net, "the hub has %s %llu, the store has not", store->machine.config.store, seq);
    else if (!view_equal(theirs.frame, ours.frame))
        wrong = tell(net, "the hub has other bytes of %s %llu", store->machine.config.store, seq);
    else if (event_decode(theirs.frame, &event, NULL) == EVENT_GOOD && event.sealed_bits != 0 &&
             model_customer(hub->model, event.subject) != CUSTOMER_ERASED && !site_unseal(hub, &event, &plain))
        wrong = tell(net, "the hub cannot read %s %llu: its key is missing", store->machine.config.store, seq);
    buf_release(&there);
    buf_release(&here);
    buf_release(&plain);
    return wrong;
}

static uint64_t receipt_seq(struct net_store *store) {
    struct buf value = BUF_INIT;
    struct message message;
    uint64_t seq = 0;
    struct log *log = &store->machine.log.base;
    if (log->ops->value(log, view_of("receipt"), &value) == 0 && message_decode(buf_view(&value), &message, NULL) == 0)
        seq = message.body.receipt.seq;
    buf_release(&value);
    return seq;
}

static const char *check_store(struct region_net *net, struct net_store *store) {
    uint64_t there = net_seq_at_hub(net, store), promised = receipt_seq(store);
    if (store->machine.site != NULL && store->uplink.acked > promised) promised = store->uplink.acked;
    if (promised > there)
        return tell(net, "%s holds a receipt for %llu, the hub has %llu", store->machine.config.store,
                    (unsigned long long)promised, (unsigned long long)there);
    const char *wrong = NULL;
    for (uint64_t seq = 1; wrong == NULL && seq <= there; seq++)
        wrong = check_event(net, store, id_make(store->machine.config.stream, seq));
    if (wrong == NULL && store->machine.site != NULL)
        wrong = net_check_log(net, store->machine.site, store->machine.config.store);
    return wrong;
}

/* Sales in a log that nobody has taken back, counted by hand. */
static uint64_t sales_in(struct site *site) {
    struct log *log = site->log;
    struct log_iterator *it;
    struct record record;
    struct event event;
    uint64_t sales = 0;
    if (log->ops->iterate(log, &it, NULL) != 0) return 0;
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0)
        if (event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_sold)
            sales += !model_voided(site->model, record.id);
    it->ops->close(it);
    return sales;
}

/* A fold of what stands in the log now, beside the one that grew with it. */
const char *net_check_fold(struct region_net *net, struct site *site, const char *whose) {
    struct rebuild_report report;
    struct err err = {.code = 0};
    return site_rebuild(site, NULL, &report, &err) == 0 ? NULL : tell(net, "%s: %s", whose, err.text);
}

static const char *check_sales(struct region_net *net, struct site *site, const char *whose) {
    struct totals totals_now;
    struct cut cut = {TIME_NONE, TIME_NONE};
    totals(site->model, &cut, &totals_now);
    if (totals_now.purchases == sales_in(site)) return NULL;
    return tell(net, "%s counts %llu sales of %llu", whose, (unsigned long long)totals_now.purchases,
                (unsigned long long)sales_in(site));
}

const char *region_net_check(struct region_net *net) {
    struct site *hub = net->hub.machine.site;
    uint64_t keys;
    struct err err = {.code = 0};
    const char *wrong = net_check_log(net, hub, "the hub");
    if (wrong == NULL) wrong = net_check_fold(net, hub, "the hub");
    if (wrong == NULL) wrong = check_sales(net, hub, "the hub");
    if (wrong == NULL && hub->ring->ops->verify(hub->ring, &keys, &err) != 0)
        wrong = tell(net, "the hub's ring: %s", err.text);
    for (size_t i = 0; wrong == NULL && i < net->store_count; i++) wrong = check_store(net, &net->stores[i]);
    return wrong;
}

static const char *check_people(struct region_net *net, struct net_store *store) {
    uint8_t here[DIGEST_SIZE], there[DIGEST_SIZE];
    struct view code = view_of(store->machine.config.store);
    model_digest(store->machine.site->model, &code, here);
    model_digest(net->hub.machine.site->model, &code, there);
    if (memcmp(here, there, DIGEST_SIZE) == 0) return NULL;
    return tell(net, "%s knows its people otherwise than the hub", store->machine.config.store);
}

const char *region_net_agree(struct region_net *net) {
    const char *wrong = net_level(net) ? NULL : tell(net, "not level");
    net_settle(net);
    for (size_t i = 0; wrong == NULL && i < net->store_count; i++)
        if (net_up(&net->stores[i].machine)) wrong = check_people(net, &net->stores[i]);
    return wrong != NULL ? wrong : region_net_check(net);
}
