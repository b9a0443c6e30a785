/* A hub that is gone and built again from its stores: another log with the same events in another order, another hub
 * stream. What was decided is not decided anew: the persons are the same, each link is written once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/region_net.h"

#define STORES 3
#define STREAMS (STORES + 1)
#define PEOPLE 40
#define LINKS_MAX 256

static struct region_net net;

/* The new hub and its judge. */
static struct site *hub;
static struct judge judge;

/* Who of whom, and what people said against it. */
static void live(uint64_t people[PEOPLE]) {
    struct site *old = net.hub.machine.site;
    uint64_t link;
    for (size_t i = 0; i < PEOPLE; i++) {
        char phone[24], card[24], name[8];
        snprintf(phone, sizeof phone, "010-2222-%04d", (int)sim_dice(&net.world, PEOPLE / 3));
        snprintf(card, sizeof card, "C%d", (int)sim_dice(&net.world, PEOPLE / 3));
        snprintf(name, sizeof name, "Kim %d", (int)sim_dice(&net.world, 2));
        struct person_card who = {.name = sim_dice(&net.world, 4) == 0 ? NULL : name};
        if (sim_dice(&net.world, 3) != 0) who.phone = phone;
        if (who.phone == NULL || sim_dice(&net.world, 3) == 0) who.card = card;
        people[i] = trade_register(net.stores[i % STORES].machine.site, who);
        cr_assert_neq(people[i], 0, "%s", trade_error()->text);
        if (sim_dice(&net.world, 5) == 0) cr_assert(net_level(&net));
    }
    cr_assert(net_level(&net));
    net_settle(&net);
    for (size_t i = 0; i < PEOPLE; i += 7) {
        if (model_links(old->model, people[i], &link, 1) > 0 && i % 2 == 0) cr_assert_neq(trade_void(old, link), 0);
        uint64_t members[2];
        if (model_members(old->model, people[i], members, 2) > 1 && i % 2 == 1)
            cr_assert_neq(trade_unlink(old, members[0], members[1]), 0);
    }
    cr_assert_neq(trade_erase(old, people[PEOPLE - 1]), 0);
    cr_assert(net_level(&net));
    net_settle(&net);
}

/* Over a log that may hold something already. */
static void new_hub(struct log *log) {
    static uint8_t master[KEY_BYTES] = {9};
    struct config config = net.hub.machine.config;
    struct secrets secrets = net.hub.machine.secrets;
    const struct env *env = &net.hub.machine.clock.env;
    struct zone zone = zone_fixed(0);
    struct err err = {.code = 0};
    config.incarnation = 2;
    config.stream = stream_make(2, 0);
    hub = site_assemble(&config, &secrets, &zone, keyring_mem_open(master, env), log, env, &err);
    cr_assert_not_null(hub, "%s", err.text);
    judge_open(&judge, hub);
}

static void judge_all(void) {
    struct err err = {.code = 0};
    while (judge_step(&judge, &err) > 0) {
    }
    cr_assert_eq(err.code, 0, "%s", err.text);
}

/* The key of a customer, as a store hands it back. */
static size_t key_of(uint64_t id, struct ring_put *put) {
    struct ring_key key[1];
    struct keyring *ring = net.hub.machine.site->ring;
    if (ring->ops->get(ring, id, key, 1, NULL) != 1 || key[0].destroyed) return 0;
    *put = (struct ring_put){.id = id, .has_key = true, .key = key[0].key};
    return 1;
}

static struct head head_in(struct log *log, uint32_t stream) {
    struct site *old = net.hub.machine.site;
    struct stream_state state;
    struct head head = {.stream = stream};
    if (log_head(log, stream, &head) == 0) return head;
    bool keyed = model_stream(old->model, stream, &state) && state.keyed;
    chain_start(stream, keyed ? state.key : old->signer.public_key, head.chain);
    return head;
}

/* The next event of a stream of the old hub's log goes to the new one, with its time of receipt when there is no hub
 * over the log yet; false: it has no more. */
static bool hand_back(struct log *log, uint32_t stream) {
    struct site *old = net.hub.machine.site;
    struct head head = head_in(log, stream);
    struct record record;
    struct buf copy = BUF_INIT;
    struct err err = {.code = 0};
    bool more = log_get_id(old->log, id_make(stream, head.seq + 1), &record, &copy, NULL) == 0;
    if (more) {
        struct ring_put put;
        struct log_append append = {.id = record.id, .received = record.received, .frame = record.frame};
        head.seq++;
        chain_next(head.chain, record.frame);
        struct taking taking = {.records = &append, .record_count = 1, .heads = &head, .head_count = 1, .keys = &put};
        struct log_batch batch = {.records = &append, .record_count = 1, .heads = &head, .head_count = 1};
        uint64_t position;
        if (hub == NULL) {
            cr_assert_eq(log_append(log, &batch, &position, &err), 0, "%s", err.text);
        } else {
            taking.key_count = key_of(record.id, &put);
            mutex_lock(&hub->writer);
            int code = site_take(hub, &taking, &err);
            mutex_unlock(&hub->writer);
            cr_assert_eq(code, 0, "%s", err.text);
        }
    }
    buf_release(&copy);
    return more;
}

/* The keys come back too. */
static void hand_back_keys(const uint64_t people[PEOPLE]) {
    for (size_t i = 0; i < PEOPLE; i++) {
        struct ring_put put;
        if (key_of(people[i], &put) > 0) cr_assert_eq(hub->ring->ops->put(hub->ring, &put, 1, NULL), 0);
    }
}

/* Streams in an order that the seed draws; now and then the judge has its turn. */
static void hand_back_all(struct log *log) {
    bool more[STREAMS] = {true, true, true, true};
    for (size_t left = STREAMS; left > 0;) {
        size_t i = sim_dice(&net.world, STREAMS);
        uint32_t stream = i == STORES ? net.hub.machine.config.stream : net.stores[i].machine.config.stream;
        if (!more[i]) continue;
        for (uint64_t n = sim_dice(&net.world, 20); more[i] && n > 0; n--) more[i] = hand_back(log, stream);
        if (!more[i]) left--;
        if (hub != NULL && sim_dice(&net.world, 4) == 0) judge_all();
    }
    if (hub != NULL) judge_all();
}

static void hold(bool on) {
    struct log_value value = {view_of(JUDGE_HOLD), on ? view_of("a former self") : VIEW_NONE};
    struct err err = {.code = 0};
    cr_assert_eq(site_set_values(hub, &value, 1, &err), 0, "%s", err.text);
}

/* Links that count and have this ref. */
struct seen_link {
    char ref[REF_KEY_MAX + 1];
};

static void each_link_counts_once(uint64_t seed) {
    static struct seen_link seen[LINKS_MAX];
    struct log_iterator *it;
    struct record record;
    struct event e;
    size_t count = 0;
    cr_assert_eq(hub->log->ops->iterate(hub->log, &it, NULL), 0);
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        if (event_decode(record.frame, &e, NULL) != EVENT_GOOD || e.type != EVENT_linked) continue;
        if (!view_is(e.ref.source, "judge") || model_voided(hub->model, record.id)) continue;
        for (size_t i = 0; i < count; i++)
            cr_assert_not(view_is(e.ref.key, seen[i].ref), "seed %zu: \"%s\" twice", (size_t)seed, seen[i].ref);
        cr_assert_lt(count, LINKS_MAX);
        view_text(e.ref.key, seen[count++].ref, sizeof seen->ref);
    }
    it->ops->close(it);
}

static void done(void) {
    judge_close(&judge);
    site_close(hub);
    hub = NULL;
    region_net_close(&net);
}

Test(judge_rebuild, the_same_persons_once_its_former_word_is_back) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        uint64_t people[PEOPLE];
        uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
        struct head head;
        region_net_open(&net, seed, STORES);
        net_stores_start(&net);
        live(people);
        struct log *log = log_mem_open(&net.hub.machine.clock.env);
        hand_back_all(log);
        new_hub(log);
        hand_back_keys(people);
        hold(true);
        judge_all();
        cr_assert_neq(log_head(hub->log, hub->config.stream, &head), 0, "seed %zu: it waits", (size_t)seed);
        hold(false);
        judge_all();
        cr_assert_neq(log_head(hub->log, hub->config.stream, &head), 0, "seed %zu: nothing new", (size_t)seed);
        const struct model *old = net.hub.machine.site->model;
        for (size_t i = 0; i < PEOPLE; i++)
            cr_assert_eq(model_person(hub->model, people[i]), model_person(old, people[i]), "seed %zu", (size_t)seed);
        model_digest(old, NULL, before);
        model_digest(hub->model, NULL, after);
        cr_assert_arr_eq(before, after, DIGEST_SIZE);
        each_link_counts_once(seed);
        /* It judges on from there: who comes with a number known is found. */
        net.world.elapsed += 60000;
        uint64_t found[PEOPLE], a = trade_register(hub, (struct person_card){.phone = "010-2222-0001"});
        judge_all();
        cr_assert_gt(site_find(hub, TAG_PHONE, view_of("010-2222-0001"), false, found, PEOPLE, NULL), 0);
        cr_assert(found[0] == a || model_person(hub->model, a) == model_person(hub->model, found[0]));
        done();
    }
}

/* A hub that did not wait: what it decided before it heard of its former word gives way to it. */
Test(judge_rebuild, its_former_word_goes_before) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        uint64_t people[PEOPLE];
        region_net_open(&net, seed, STORES);
        net_stores_start(&net);
        live(people);
        new_hub(log_mem_open(&net.hub.machine.clock.env));
        hand_back_all(hub->log);
        each_link_counts_once(seed);
        done();
    }
}

/* A link that a person took back stays so, though the new hub made it again before it knew. */
Test(judge_rebuild, a_link_taken_back) {
    uint64_t link;
    region_net_open(&net, 1, STORES);
    net_stores_start(&net);
    uint64_t a =
        trade_register(net.stores[0].machine.site, (struct person_card){.name = "Kim", .phone = "01012345678"});
    uint64_t b =
        trade_register(net.stores[1].machine.site, (struct person_card){.name = "Kim", .phone = "01012345678"});
    cr_assert(net_level(&net));
    net_settle(&net);
    cr_assert_eq(model_links(net.hub.machine.site->model, a, &link, 1), 1);
    cr_assert_neq(trade_void(net.hub.machine.site, link), 0);
    new_hub(log_mem_open(&net.hub.machine.clock.env));
    for (size_t i = 0; i < STORES; i++)
        while (hand_back(hub->log, net.stores[i].machine.config.stream)) judge_all();
    judge_all();
    cr_assert_eq(model_person(hub->model, a), model_person(hub->model, b));
    while (hand_back(hub->log, net.hub.machine.config.stream)) judge_all();
    judge_all();
    cr_assert_neq(model_person(hub->model, a), model_person(hub->model, b));
    done();
}
