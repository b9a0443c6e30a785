/* The judge: who is linked without anybody's word, who is not, and that judging again changes nothing. */
#include <string.h>

#include "tests/support/level_region.h"

static struct region_net net;
static struct site *shop[3]; /* the stores' */
static struct site *hub;

static void prepare(void) {
    region_net_open(&net, 1, 3);
    net_stores_start(&net);
    for (size_t i = 0; i < 3; i++) shop[i] = net.stores[i].machine.site;
    hub = net.hub.machine.site;
}

static void level(void) { SOUND(region_net_agree(&net)); }

static void done(void) { region_net_close(&net); }

TestSuite(judge, .init = prepare, .fini = done);

static bool one(uint64_t a, uint64_t b) { return model_person(hub->model, a) == model_person(hub->model, b); }

static uint64_t come(size_t store, struct person_card who) {
    uint64_t id = trade_register(shop[store], who);
    cr_assert_neq(id, 0, "%s", trade_error()->text);
    return id;
}

/* Links in the hub's log so far. */
static size_t links(void) {
    struct log_iterator *it;
    struct record record;
    struct event event;
    size_t count = 0;
    cr_assert_eq(hub->log->ops->iterate(hub->log, &it, NULL), 0);
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0)
        count += event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_linked;
    it->ops->close(it);
    return count;
}

/* From the very first record, as a hub that lost its cursor would. */
static void judge_again(void) {
    struct err err = {.code = 0};
    net.hub.judge.position = net.hub.judge.stored = 0;
    while (judge_step(&net.hub.judge, &err) > 0) {
    }
    cr_assert_eq(err.code, 0, "%s", err.text);
}

static void hub_dies(void) {
    net_hub_crash(&net);
    net_hub_start(&net);
    hub = net.hub.machine.site;
}

/* ---- Who is one ---- */

Test(judge, C5_by_each_strong_key) {
    const struct person_card cards[][2] = {
        {{.name = "Kim", .phone = "010-1234-5678"}, {.name = "KIM", .phone = "+82 10 1234 5678"}},
        {{.name = "이단골", .card = "ab 12-34"}, {.card = "AB1234"}},
        {{.email = " Lee@Example.com"}, {.name = "Lee", .email = "lee@example.com"}},
    };
    const int reasons[] = {choice_link_reason_phone, choice_link_reason_card, choice_link_reason_email};
    for (size_t i = 0; i < 3; i++) {
        uint64_t a = come(0, cards[i][0]), b = come(1, cards[i][1]),
                 other = come(2, (struct person_card){.name = "Park"});
        level();
        cr_assert(one(a, b), "pair %zu", i);
        cr_assert(!one(a, other));
        cr_assert_eq(links(), i + 1);
        struct buf copy = BUF_INIT;
        struct record record;
        struct event event;
        uint64_t link;
        cr_assert_eq(model_links(hub->model, a, &link, 1), 1);
        cr_assert_eq(log_get_id(hub->log, link, &record, &copy, NULL), 0);
        cr_assert_eq(event_decode(record.frame, &event, NULL), EVENT_GOOD);
        cr_assert_eq(event.body.linked.reason, reasons[i]);
        cr_assert_eq(id_stream(link), hub->config.stream);
        buf_release(&copy);
    }
}

/* Three with one number need two links; two with two numbers need one. */
Test(judge, no_more_links_than_needed) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(1, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t c = come(2, (struct person_card){.name = "Kim", .phone = "010-1111-2222", .card = "7"});
    uint64_t d = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222", .card = "7"});
    level();
    cr_assert(one(a, b) && one(b, c) && one(c, d));
    cr_assert_eq(links(), 3);
}

Test(judge, C5_by_a_key_told_later) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(1, (struct person_card){.name = "Kim", .card = "8"});
    level();
    cr_assert(!one(a, b));
    cr_assert_neq(trade_update(shop[1], b, (struct person_card){.phone = "01011112222"}), 0);
    level();
    cr_assert(one(a, b));
}

Test(judge, finds_people_by_their_keys) {
    uint64_t found[4];
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    cr_assert_eq(site_find(hub, TAG_PHONE, view_of("+82-10-1111-2222"), false, found, 4, NULL), 1);
    cr_assert_eq(found[0], a);
}

/* ---- Who is not ---- */

Test(judge, C5_names_disagree) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(1, (struct person_card){.name = "Lee", .phone = "010-1111-2222"});
    level();
    cr_assert(!one(a, b));
    cr_assert_eq(links(), 0);
}

/* Somebody without a name, with whom either would agree, does not bring the two together. */
Test(judge, C5_names_disagree_through_others) {
    uint64_t nobody = come(0, (struct person_card){.phone = "010-1111-2222"});
    level();
    uint64_t a = come(1, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    uint64_t b = come(2, (struct person_card){.name = "Lee", .phone = "010-1111-2222"});
    level();
    cr_assert(one(nobody, a));
    cr_assert(!one(a, b));
    uint64_t c = come(2, (struct person_card){.name = "kim ", .phone = "010-1111-2222"});
    level();
    cr_assert(one(a, c), "the right one is found among them");
    cr_assert(!one(b, c));
}

/* All three come in one batch: the judgement of one pair stands before the next is made. */
Test(judge, names_disagree_within_one_batch) {
    shop[1] = NULL;
    come(0, (struct person_card){.phone = "010-1111-2222"});
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(0, (struct person_card){.name = "Lee", .phone = "010-1111-2222"});
    level();
    cr_assert(!one(a, b));
    cr_assert_eq(links(), 1);
}

Test(judge, C5_a_name_corrected_in_time) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(1, (struct person_card){.name = "Lee", .phone = "010-1111-2222"});
    level();
    cr_assert(!one(a, b));
    cr_assert_neq(trade_update(shop[1], b, (struct person_card){.name = "Kim", .phone = "010-1111-2222"}), 0);
    level();
    cr_assert(one(a, b));
}

Test(judge, C5_number_given_up) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(0, (struct person_card){.name = "Lee", .phone = "010-3333-4444"});
    level();
    cr_assert_neq(trade_clear_phone(shop[0], a), 0);
    cr_assert_neq(trade_update(shop[0], b, (struct person_card){.phone = "010-5555-6666"}), 0);
    level();
    uint64_t c = come(1, (struct person_card){.phone = "010-1111-2222"});
    uint64_t d = come(1, (struct person_card){.phone = "010-3333-4444"});
    level();
    cr_assert(!one(a, c));
    cr_assert(!one(b, d));
    uint64_t e = come(2, (struct person_card){.phone = "010-5555-6666"});
    level();
    cr_assert(one(b, e));
}

/* Somebody called, and it was another's by then. */
Test(judge, C5_number_found_to_be_anothers) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222", .card = "9"});
    cr_assert_neq(trade_contact(shop[0], a, choice_outcome_reached, NULL), 0);
    uint64_t call = trade_contact(shop[0], a, choice_outcome_wrong_number, "an old man answered");
    level();
    uint64_t b = come(1, (struct person_card){.phone = "010-1111-2222"});
    uint64_t c = come(1, (struct person_card){.card = "9"});
    level();
    cr_assert(!one(a, b));
    cr_assert(one(a, c), "the card is still hers");
    cr_assert_neq(trade_void(shop[0], call), 0); /* typed at the wrong customer */
    level();
    uint64_t d = come(2, (struct person_card){.phone = "010-1111-2222"});
    level();
    cr_assert(one(a, d));
}

Test(judge, C5_barred) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(1, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    cr_assert(one(a, b));
    cr_assert_neq(trade_unlink(hub, a, b), 0);
    cr_assert(!one(a, b));
    judge_again();
    cr_assert(!one(a, b));
    /* New evidence, but a person has spoken. */
    cr_assert_neq(trade_update(shop[0], a, (struct person_card){.card = "5"}), 0);
    cr_assert_neq(trade_update(shop[1], b, (struct person_card){.card = "5"}), 0);
    level();
    cr_assert(!one(a, b));
    /* Through a third one, who may be either. */
    uint64_t c = come(2, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    cr_assert(one(c, a) != one(c, b), "one of them, not both");
    cr_assert(!one(a, b));
    /* A person's link has the last word. */
    cr_assert_neq(trade_link(hub, a, b), 0);
    cr_assert(one(a, b) && one(b, c));
}

Test(judge, C11_erased) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    cr_assert_neq(trade_erase(hub, a), 0);
    uint64_t b = come(1, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    cr_assert(!one(a, b));
    cr_assert_eq(model_customer(hub->model, b), CUSTOMER_KNOWN, "who comes after is a new customer");
}

/* ---- Once, whatever happens ---- */

Test(judge, again_is_harmless) {
    for (int i = 0; i < 30; i++) {
        char phone[24];
        snprintf(phone, sizeof phone, "010-2222-%04d", i / 3);
        come((size_t)i % 3, (struct person_card){.name = "Kim", .phone = phone});
    }
    level();
    uint64_t tip = log_tip(hub->log);
    cr_assert_eq(links(), 20);
    judge_again();
    cr_assert_eq(log_tip(hub->log), tip);
    hub_dies();
    judge_again();
    cr_assert_eq(log_tip(hub->log), tip);
    level();
    cr_assert_eq(links(), 20);
}

/* A link that a person took back stays taken back. */
Test(judge, C5_voided_link_is_not_made_again) {
    uint64_t link;
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(1, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    cr_assert_eq(model_links(hub->model, a, &link, 1), 1);
    cr_assert_neq(trade_void(hub, link), 0);
    cr_assert(!one(a, b));
    judge_again();
    cr_assert(!one(a, b));
    hub_dies();
    judge_again();
    cr_assert(!one(a, b));
    /* By another key they can be found again. */
    level();
    cr_assert_neq(trade_update(shop[0], a, (struct person_card){.card = "5"}), 0);
    cr_assert_neq(trade_update(shop[1], b, (struct person_card){.card = "5"}), 0);
    level();
    cr_assert(one(a, b));
}

/* Dies at every write; what was judged is judged once, what was not is judged then. */
Test(judge, restarts_from_its_cursor) {
    uint64_t people[12];
    bool failed = true;
    for (uint64_t n = 0; failed; n++) {
        char phone[24];
        snprintf(phone, sizeof phone, "010-4444-%04d", (int)n);
        size_t before = links();
        struct fault *fault = n % 2 == 0 ? &net.hub.machine.log.fault : &net.hub.machine.ring.fault;
        for (size_t i = 0; i < 4; i++) people[i] = come(i % 3, (struct person_card){.name = "Kim", .phone = phone});
        uint64_t failures = fault->failed;
        fault->after_all = n % 4 < 2;
        fault_plan(fault, n / 2, 1, ERR_IO);
        net_settle(&net);
        failed = fault->failed > failures;
        net_hub_crash(&net);
        net_hub_start(&net);
        hub = net.hub.machine.site;
        level();
        for (size_t i = 1; i < 4; i++) cr_assert(one(people[0], people[i]), "n %zu", (size_t)n);
        cr_assert_eq(links(), before + 3);
        cr_assert_lt(n, 200);
    }
    /* Of several that come together, all may be written before the cursor; with the one that comes late it goes. */
    for (size_t i = 0; i < 2; i++) {
        people[i] = come(i, (struct person_card){.name = "Kim", .phone = "010-5555-6666"});
        level();
    }
    cr_assert(one(people[0], people[1]));
    struct judge fresh;
    judge_open(&fresh, hub);
    cr_assert_gt(fresh.position, 0);
    cr_assert_leq(fresh.position, log_tip(hub->log));
    judge_close(&fresh);
}

Test(judge, full_disk) {
    struct err err = {.code = 0};
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    uint64_t b = come(1, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    net.hub.halted = true;
    net_settle(&net);
    while (ingest_step(net.hub.ingest)) {
    }
    fault_plan(&net.hub.machine.log.fault, 0, 1, ERR_NO_SPACE);
    cr_assert_eq(judge_step(&net.hub.judge, &err), ERR_NO_SPACE);
    cr_assert(!one(a, b));
    fault_plan(&net.hub.machine.ring.fault, 0, 1, ERR_NO_SPACE);
    cr_assert_eq(judge_step(&net.hub.judge, &err), ERR_NO_SPACE);
    while (judge_step(&net.hub.judge, &err) > 0) {
    }
    cr_assert(one(a, b));
    net.hub.halted = false;
    level();
    cr_assert_eq(links(), 1);
}

/* More than a step may take at once. */
Test(judge, long_backlog) {
    uint64_t a = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    cr_assert(trade_day(shop[0], a, 25000));
    uint64_t b = come(0, (struct person_card){.name = "Kim", .phone = "010-1111-2222"});
    level();
    cr_assert(one(a, b));
    judge_again();
    cr_assert_eq(links(), 1);
}
