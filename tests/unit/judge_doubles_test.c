/* The judge on duplicates: what came twice counts once, in whatever order it came, until people say otherwise. */
#include <stdio.h>
#include <string.h>

#include "tests/support/level_region.h"

#define STORES 3

static struct region_net net;
static struct site *hub;

static void prepare(void) {
    region_net_open(&net, 1, STORES);
    net_stores_start(&net);
    hub = net.hub.machine.site;
}

static void done(void) { region_net_close(&net); }

TestSuite(judge_doubles, .init = prepare, .fini = done);

static struct site *shop(size_t store) { return net.stores[store].machine.site; }

static void level(void) { SOUND(region_net_agree(&net)); }

static uint64_t write_draft(struct site *site, struct draft *draft) {
    struct err err = {.code = 0};
    cr_assert_eq(site_write(site, draft, 1, NULL, 0, NULL, &err), 0, "%s", err.text);
    return draft->id;
}

static void regional(const char *sources, int64_t from) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_policy);
    draft.event.body.policy = (struct body_policy){view_of("regional-sources"), view_of(sources), from};
    write_draft(hub, &draft);
}

static uint64_t sell_as(struct site *site, const char *source, const char *key, const struct origin *origin) {
    struct draft draft = {.subject = SUBJECT_SELF};
    struct buf lines = BUF_INIT;
    struct row_sale_line line;
    event_init(&draft.event, EVENT_sold);
    row_sale_line_init(&line);
    line.sku = view_of("coat");
    line.quantity = line.amount = 1000;
    row_sale_line_append(&draft.event.body.sold.lines, &lines, &line);
    if (source != NULL) draft.event.ref = (struct ref){view_of(source), view_of(key)};
    if (origin != NULL) draft.event.origin = *origin;
    uint64_t id = write_draft(site, &draft);
    buf_release(&lines);
    return id;
}

static uint64_t sell(size_t store, const char *key) {
    net.world.elapsed += 1000;
    return sell_as(shop(store), "loyalty", key, NULL);
}

static uint64_t void_it(struct site *site, uint64_t event, bool on) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    net.world.elapsed += 1000;
    event_init(&draft.event, EVENT_voided);
    draft.event.body.voided = (struct body_voided){event, on, view_of("a person's word")};
    return write_draft(site, &draft);
}

static bool counts(uint64_t id) { return !model_voided(hub->model, id); }

static void judge_again(void) {
    struct err err = {.code = 0};
    net.hub.judge.position = net.hub.judge.stored = 0;
    while (judge_step(&net.hub.judge, &err) > 0) {
    }
    cr_assert_eq(err.code, 0, "%s", err.text);
}

static void nothing_new(void) {
    uint64_t tip = log_tip(hub->log);
    judge_again();
    cr_assert_eq(log_tip(hub->log), tip, "judged anew: the same");
    net_hub_crash(&net);
    net_hub_start(&net);
    hub = net.hub.machine.site;
    judge_again();
    cr_assert_eq(log_tip(hub->log), tip, "and by a hub that starts anew");
    level();
    cr_assert_eq(log_tip(hub->log), tip);
}

/* ---- Refs ---- */

Test(judge_doubles, second_of_a_regional_ref) {
    regional("other,loyalty", NIL);
    uint64_t a = sell(0, "77"), b = sell(1, "77"), c = sell(1, "78");
    uint64_t other = sell_as(shop(2), "till", "77", NULL);
    level();
    cr_assert(counts(a) && !counts(b) && counts(c) && counts(other));
    nothing_new();
}

Test(judge_doubles, refs_are_a_stores_own_by_default) {
    uint64_t a = sell(0, "77"), b = sell(1, "77");
    level();
    cr_assert(counts(a) && counts(b));
    regional("none", NIL);
    level();
    cr_assert(counts(a) && counts(b));
}

/* Declared after they came: what is there is looked at again. */
Test(judge_doubles, declared_later) {
    uint64_t a = sell(0, "77"), b = sell(1, "77");
    level();
    regional("loyalty", NIL);
    level();
    cr_assert(counts(a) && !counts(b));
    nothing_new();
}

/* From a date on: what was written before it is as it was. */
Test(judge_doubles, from_a_date_on) {
    regional("loyalty", SIM_START + 3600000);
    uint64_t a = sell(0, "77"), b = sell(1, "77");
    net_pass(&net, 7200000);
    uint64_t c = sell(2, "77"), d = sell(2, "88"), e = sell(0, "88");
    level();
    cr_assert(counts(a) && counts(b) && counts(c));
    cr_assert(counts(d) && !counts(e));
}

/* The first counts in the end, whatever the order of arrival. */
Test(judge_doubles, order_of_arrival_does_not_matter) {
    static const size_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    regional("loyalty", NIL);
    for (size_t n = 0; n < 6; n++) {
        char key[8];
        uint64_t ids[STORES];
        snprintf(key, sizeof key, "%zu", n);
        for (size_t i = 0; i < STORES; i++) net.stores[i].silent = true;
        for (size_t i = 0; i < STORES; i++) ids[i] = sell(i, key);
        for (size_t i = 0; i < STORES; i++) {
            net.stores[orders[n][i]].silent = false;
            level();
        }
        cr_assert(counts(ids[0]) && !counts(ids[1]) && !counts(ids[2]), "order %zu", n);
    }
    nothing_new();
}

/* Typed wrong at one store, right at the other. */
Test(judge_doubles, withdrawn_one_gives_place) {
    regional("loyalty", NIL);
    uint64_t a = sell(0, "77"), b = sell(1, "77");
    level();
    cr_assert(counts(a) && !counts(b));
    void_it(shop(0), a, true);
    level();
    cr_assert(!counts(a) && counts(b));
    nothing_new();
    void_it(shop(0), a, false);
    level();
    cr_assert(counts(a) + counts(b) == 1, "one of them, again");
    /* Taken back before the second one came: the same in the end. */
    uint64_t c = sell(0, "99");
    void_it(shop(0), c, true);
    level();
    uint64_t d = sell(1, "99");
    level();
    cr_assert(!counts(c) && counts(d));
    nothing_new();
}

/* Who takes a judgement back has the last word, for ever. */
Test(judge_doubles, people_overrule) {
    regional("loyalty", NIL);
    uint64_t a = sell(0, "77"), b = sell(1, "77");
    level();
    void_it(hub, b, false);
    level();
    cr_assert(!counts(a) && counts(b), "what was kept counts, and nothing else");
    void_it(hub, a, false);
    level();
    cr_assert(counts(a) && counts(b), "a person keeps both");
    nothing_new();
    uint64_t c = sell(2, "77");
    level();
    cr_assert(counts(a) && counts(b) && !counts(c));
    nothing_new();
}

/* A store's word counts about its own events only. */
Test(judge_doubles, another_stores_word_is_none) {
    regional("loyalty", NIL);
    uint64_t a = sell(0, "77"), b = sell(1, "77");
    level();
    void_it(shop(2), a, true);
    void_it(shop(2), b, false);
    level();
    cr_assert(counts(a) && !counts(b));
}

/* Customers' ids are in use: their registrations are joined. */
Test(judge_doubles, registrations_are_linked) {
    uint64_t ids[2];
    regional("loyalty", NIL);
    for (size_t i = 0; i < 2; i++) {
        struct draft draft = {.subject = SUBJECT_SELF};
        event_init(&draft.event, EVENT_registered);
        draft.event.ref = (struct ref){view_of("loyalty"), view_of("card 5")};
        draft.event.sealed_bits = UINT64_C(1) << SEALED_registered_name;
        draft.event.body.registered.name = view_of(i == 0 ? "Kim" : "Kim S.");
        ids[i] = write_draft(shop(i), &draft);
    }
    level();
    cr_assert(counts(ids[0]) && counts(ids[1]));
    cr_assert_eq(model_person(hub->model, ids[0]), model_person(hub->model, ids[1]));
    cr_assert_neq(trade_unlink(hub, ids[0], ids[1]), 0);
    nothing_new();
    cr_assert_neq(model_person(hub->model, ids[0]), model_person(hub->model, ids[1]));
}

/* Dies at every write; judged once all the same. */
Test(judge_doubles, restarts_from_its_cursor) {
    regional("loyalty", NIL);
    level();
    for (uint64_t n = 0; n < 12; n++) {
        char key[8];
        snprintf(key, sizeof key, "k%d", (int)n);
        uint64_t a = sell(0, key), b = sell(1, key);
        net.hub.machine.log.fault.after_all = n % 2 == 0;
        fault_plan(&net.hub.machine.log.fault, n / 2, 1, ERR_IO);
        net_settle(&net);
        net_hub_crash(&net);
        net_hub_start(&net);
        hub = net.hub.machine.site;
        level();
        cr_assert(counts(a) && !counts(b), "n %d", (int)n);
    }
    nothing_new();
}

/* ---- Origins ---- */

/* The chain value of a stream at a sequence. */
static void chain_of(struct site *site, uint64_t seq, uint8_t chain[CHAIN_SIZE]) {
    struct buf copy = BUF_INIT;
    struct record record;
    chain_start(site->config.stream, site->signer.public_key, chain);
    for (uint64_t i = 1; i <= seq; i++) {
        buf_clear(&copy);
        cr_assert_eq(log_get_id(site->log, id_make(site->config.stream, i), &record, &copy, NULL), 0);
        chain_next(chain, record.frame);
    }
    buf_release(&copy);
}

static uint64_t hlc_of(struct site *site, uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    cr_assert_eq(log_get_id(site->log, id, &record, &copy, NULL), 0);
    cr_assert_eq(event_decode(record.frame, &event, NULL), EVENT_GOOD);
    buf_release(&copy);
    return event.hlc;
}

/* `to` re-homes what `from` wrote from a sequence on. */
static void rehome_after(struct site *to, struct site *from, uint64_t first) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    uint8_t chain[CHAIN_SIZE];
    chain_of(from, first - 1, chain);
    event_init(&draft.event, EVENT_rehomed);
    draft.event.body.rehomed =
        (struct body_rehomed){from->config.stream, (int64_t)first, view_make(chain, sizeof chain)};
    write_draft(to, &draft);
}

static uint64_t rehome_sale(struct site *to, struct site *from, uint64_t id) {
    uint8_t chain[CHAIN_SIZE];
    chain_of(from, id_seq(id), chain);
    struct origin origin = {view_make(chain, sizeof chain), hlc_of(from, id)};
    return sell_as(to, NULL, NULL, &origin);
}

/* Two PCs re-homed the same events. */
Test(judge_doubles, same_origin_twice) {
    net.stores[2].silent = true;
    uint64_t a = sell(2, "1"), b = sell(2, "2");
    rehome_after(shop(0), shop(2), 1);
    rehome_after(shop(1), shop(2), 1);
    uint64_t a0 = rehome_sale(shop(0), shop(2), a), a1 = rehome_sale(shop(1), shop(2), a),
             b1 = rehome_sale(shop(1), shop(2), b);
    level();
    cr_assert(counts(a0) && !counts(a1) && counts(b1));
    nothing_new();
    /* Then the originals come after all. */
    net.stores[2].silent = false;
    level();
    cr_assert(counts(a) && counts(b));
    cr_assert(!counts(a0) && !counts(a1) && !counts(b1));
    nothing_new();
}

/* The originals are there, the copies come later; one event is the copy's only. */
Test(judge_doubles, original_is_here_already) {
    uint64_t kept = sell(2, "1"), a = sell(2, "2");
    level();
    net.stores[2].silent = true;
    uint64_t lost = sell(2, "3");
    rehome_after(shop(0), shop(2), 2);
    uint64_t a0 = rehome_sale(shop(0), shop(2), a), lost0 = rehome_sale(shop(0), shop(2), lost);
    level();
    cr_assert(counts(kept) && counts(a) && !counts(a0) && counts(lost0));
    nothing_new();
}

/* Re-homed twice over: the copy of a copy, and both originals later. */
Test(judge_doubles, copy_of_a_copy) {
    net.stores[1].silent = net.stores[2].silent = true;
    uint64_t a = sell(2, "1");
    rehome_after(shop(1), shop(2), 1);
    uint64_t a1 = rehome_sale(shop(1), shop(2), a);
    rehome_after(shop(0), shop(1), 1);
    uint64_t a0 = rehome_sale(shop(0), shop(1), a1);
    level();
    cr_assert(counts(a0));
    net.stores[2].silent = false;
    level();
    net.stores[1].silent = false;
    level();
    cr_assert(counts(a) && !counts(a0) && !counts(a1));
    nothing_new();
}
