/* The judge on newcomers: points for them are the same wherever who brought them is served; judging again says
 * nothing. */

#include "proto/model/points.h"
#include "tests/support/level_region.h"

static struct region_net net;
static struct site *hub, *shop[3];

static void look_up(void) {
    hub = net.hub.machine.site;
    for (size_t i = 0; i < 3; i++) shop[i] = net.stores[i].machine.site;
}
static void prepare(void) {
    region_net_open(&net, 1, 3);
    net_stores_start(&net);
    look_up();
}
static void done(void) { region_net_close(&net); }

TestSuite(judge_credits, .init = prepare, .fini = done);

static void level(void) { SOUND(region_net_agree(&net)); }

static uint64_t come(size_t store, const char *name, const char *phone) {
    uint64_t id = trade_register(shop[store], (struct person_card){.name = name, .phone = phone});
    cr_assert_neq(id, 0u, "%s", trade_error()->text);
    return id;
}

static uint64_t refer(size_t store, uint64_t customer, uint64_t newcomer) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_referred);
    draft.event.subject = customer;
    draft.event.body.referred.newcomer = newcomer;
    return trade_write(shop[store], &draft);
}

static int64_t points_at(struct site *site, uint64_t customer) {
    struct points out = {.newcomers = 0};
    site_read(site);
    points_of(site->model, customer, TIME_NONE, &out);
    site_unread(site);
    return out.referrals;
}

static uint64_t judgements(void) {
    struct log_iterator *it;
    struct record record;
    struct event event;
    uint64_t count = 0;
    cr_assert_eq(hub->log->ops->iterate(hub->log, &it, NULL), 0);
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0)
        count += event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_credited;
    it->ops->close(it);
    return count;
}

static void nothing_new(void) {
    uint64_t tip = log_tip(hub->log);
    net_hub_crash(&net);
    net_hub_start(&net);
    look_up();
    net.hub.judge.position = net.hub.judge.stored = 0;
    struct err err = {.code = 0};
    while (judge_step(&net.hub.judge, &err) > 0) {
    }
    cr_assert_eq(err.code, 0, "%s", err.text);
    level();
    cr_assert_eq(log_tip(hub->log), tip);
}

Test(judge_credits, P3_the_same_where_the_newcomer_is_not_known) {
    uint64_t ann = come(0, "Ann", "010-1000-0001"), here = come(1, "Ann", "010-1000-0001");
    uint64_t ben = come(0, "Ben", "010-1000-0002");
    refer(0, ann, ben);
    level();
    cr_assert_eq(judgements(), 0u, "she has not bought");
    uint64_t again = come(2, "Ben", "010-1000-0002"); /* buys elsewhere, under another id */
    uint64_t sold = trade_sell(shop[2], again, 5000);
    level();
    cr_assert_eq(judgements(), 1u);
    cr_assert_eq(points_at(hub, ann), 100);
    cr_assert_eq(points_at(shop[0], ann), 100);
    cr_assert_eq(points_at(shop[1], here), 100, "she serves Ann, and has never heard of Ben");
    nothing_new();
    trade_return(shop[2], again, sold, 5000);
    level();
    cr_assert_eq(points_at(hub, ann), 0);
    cr_assert_eq(points_at(shop[1], here), 0);
    trade_void(hub, sold);
    trade_sell(shop[0], ben, 1000);
    level();
    cr_assert_eq(points_at(hub, ann), 100);
    cr_assert_eq(points_at(shop[1], here), 100);
    nothing_new();
}

Test(judge_credits, P3_links_unlinks_and_voids_are_followed) {
    uint64_t ann = come(0, "Ann", "010-1000-0001"), ben = come(0, "Ben", "010-1000-0002"),
             eve = come(0, "Eve", "010-1000-0003");
    refer(0, ann, ben);
    uint64_t second = refer(0, ann, eve);
    trade_sell(shop[0], ben, 1000);
    trade_sell(shop[0], eve, 1000);
    level();
    cr_assert_eq(points_at(shop[0], ann), 200);
    trade_link(hub, ben, eve);
    level();
    cr_assert_eq(points_at(shop[0], ann), 100, "one person");
    trade_unlink(hub, ben, eve);
    level();
    cr_assert_eq(points_at(shop[0], ann), 200);
    trade_void(shop[0], second);
    level();
    cr_assert_eq(points_at(shop[0], ann), 100);
    trade_void_on(shop[0], second, false);
    trade_link(hub, ann, ben);
    level();
    cr_assert_eq(points_at(shop[0], ann), 100, "nobody brings herself, but Eve");
    cr_assert_eq(points_at(hub, ann), 100);
    nothing_new();
}
