/* Kept answers (E15, C11): whatever happens, what is kept is what would be said now, or it is gone; what happens to
 * others leaves it; and nothing of somebody who was erased is left. */
#include "proto/api/kept.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/event/describe.h"
#include "tests/support/shop.h"
#include "tests/support/trade.h"

#define PEOPLE 12
#define HOUR (60 * 60 * INT64_C(1000))
#define DAY (24 * HOUR)
#define PLENTY ((size_t)1 << 20)

static struct shop shop;
static struct kept *kept;
static uint64_t people[PEOPLE];

static void prepare(void) {
    shop_open(&shop, NULL, NULL);
    kept = kept_open(shop.site, PLENTY);
    for (size_t i = 0; i < PEOPLE; i++) {
        char name[32], phone[32], card[32];
        snprintf(name, sizeof name, "Example %zu", i);
        snprintf(phone, sizeof phone, "010-1111-%04zu", i);
        snprintf(card, sizeof card, "C%zu", i);
        people[i] = trade_register(shop.site, (struct person_card){name, phone, card, NULL});
        cr_assert_neq(people[i], 0, "%s", trade_error()->text);
    }
}

static void done(void) {
    kept_close(kept);
    shop_close(&shop);
}
TestSuite(kept, .init = prepare, .fini = done);

/* A question: a card by id (way 0), card or phone, or the ranking. */
struct question {
    int way;
    size_t whom;
};
enum { BY_ID, BY_CARD, BY_PHONE, RANKING, WAYS };

static void key_of(struct question q, uint8_t key[KEPT_KEY]) {
    memset(key, 0, KEPT_KEY);
    key[0] = (uint8_t)(q.way + 1);
    key[1] = (uint8_t)q.whom;
}

/* As it is now, worked out; `grounds` may be NULL. */
static bool work_out(struct question q, struct grounds *grounds, struct buf *out) {
    char text[32];
    const struct command *table = q.way == RANKING ? ask_commands : ask_file_commands;
    const char *words[] = {q.way == RANKING ? "vip" : "recall", "--json", text, NULL};
    if (q.way == BY_ID) id_format(people[q.whom], text);
    if (q.way == BY_CARD) snprintf(text, sizeof text, "--card=C%zu", q.whom);
    if (q.way == BY_PHONE) snprintf(text, sizeof text, "--phone=010-1111-%04zu", q.whom);
    if (q.way == RANKING) snprintf(text, sizeof text, "--top=100");
    shop.grounds = grounds;
    buf_clear(out);
    bool answered = shop_run(&shop, table, words) == 0;
    buf_printf(out, "%s", answered ? buf_text(&shop.out) : shop.error.text);
    shop.grounds = NULL;
    return answered;
}

/* As the API does it; true: it was at hand. */
static bool ask(struct question q, struct buf *out) {
    uint8_t key[KEPT_KEY];
    uint64_t then;
    struct kept_answer answer = {.count = 0};
    struct grounds grounds = {.until = INT64_MAX};
    key_of(q, key);
    bool found = kept_find(kept, key, false, &then, &answer);
    if (!found) {
        bool answered = work_out(q, &grounds, &answer.body);
        uint64_t ids[] = {people[q.whom]};
        answer.ids = mem_alloc(sizeof ids);
        memcpy(answer.ids, ids, sizeof ids);
        answer.count = 1;
        if (answered) kept_put(kept, key, &answer, &grounds, then);
    }
    buf_clear(out);
    buf_append_view(out, buf_view(&answer.body));
    cr_assert_eq(answer.count, 1);
    kept_answer_release(&answer);
    return found;
}

static bool at_hand(struct question q) {
    struct buf out = BUF_INIT;
    bool found = ask(q, &out);
    buf_release(&out);
    return found;
}

/* Whether kept or not, it is what is true now. */
static bool true_now(struct question q, const char *after) {
    struct buf said = BUF_INIT, now = BUF_INIT;
    bool found = ask(q, &said);
    work_out(q, NULL, &now);
    cr_assert_str_eq(buf_text(&said), buf_text(&now), "way %d, %zu, after %s", q.way, q.whom, after);
    buf_release(&said);
    buf_release(&now);
    return found;
}

static void all_true(const char *after) {
    for (size_t i = 0; i < PEOPLE; i++)
        for (int way = 0; way < RANKING; way++) true_now((struct question){way, i}, after);
    true_now((struct question){RANKING, 0}, after);
}

/* ---- What happens ---- */

static uint64_t tier_by_hand(uint64_t customer, int64_t until) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_tier_granted);
    draft.event.subject = customer;
    draft.event.body.tier_granted.tier = view_of("gold");
    draft.event.body.tier_granted.until = until;
    return trade_write(shop.site, &draft);
}

/* As the feed brings it. */
static void set_policy(const char *key, const char *value, int64_t from) {
    static uint64_t seq = 1;
    struct event event;
    struct buf frame = BUF_INIT;
    event_init(&event, EVENT_policy);
    event.hlc = (uint64_t)site_now(shop.site) << 16;
    event.body.policy = (struct body_policy){view_of(key), view_of(value), from};
    cr_assert_eq(event_encode(&event, NULL, shop.env, &frame, NULL), 0);
    struct log_append record = {.id = id_make(stream_make(1, 0), ++seq),
                                .partial = true,
                                .received = site_now(shop.site),
                                .frame = buf_view(&frame)};
    struct taking taking = {.records = &record, .record_count = 1, .fed = true};
    mutex_lock(&shop.site->writer);
    cr_assert_eq(site_take(shop.site, &taking, NULL), 0);
    mutex_unlock(&shop.site->writer);
    buf_release(&frame);
}

static uint64_t command(const struct command *table, const char *const *words) {
    return shop_run(&shop, table, words) == 0;
}
#define COMMAND(table, ...) command(table, (const char *const[]){__VA_ARGS__, NULL})

static uint64_t last_sale, last_complaint, last_link;

/* One act, about a; some need another. */
static const char *act(unsigned what, uint64_t a, uint64_t b) {
    char id[ID_TEXT], other[ID_TEXT], phone[32];
    id_format(a, id);
    id_format(b, other);
    switch (what) {
    case 0: last_sale = trade_sell(shop.site, a, (int64_t)(a % 7 + 1) * 100000); return "a sale";
    case 1: trade_return(shop.site, a, last_sale, 10); return "a return";
    case 2: trade_update(shop.site, a, (struct person_card){.name = "Changed Name"}); return "a new name";
    case 3:
        snprintf(phone, sizeof phone, "010-1111-%04u", (unsigned)(b % PEOPLE));
        trade_update(shop.site, a, (struct person_card){.phone = phone});
        return "somebody's number";
    case 4: trade_clear_phone(shop.site, a); return "no number any more";
    case 5: trade_contact(shop.site, a, 0, "a word"); return "a contact";
    case 6: last_link = trade_link(shop.site, a, b); return "a link";
    case 7: trade_unlink(shop.site, a, b); return "an unlink";
    case 8: trade_void(shop.site, last_sale); return "a void of a sale";
    case 9: trade_void(shop.site, last_link); return "a void of a link";
    case 10: last_complaint = trade_complain(shop.site, a, "a complaint"); return "a complaint";
    case 11: trade_step(shop.site, last_complaint, 1, "listened"); return "a step";
    case 12: COMMAND(act_file_commands, "tag", id, "latent"); return "a tag";
    case 13: COMMAND(act_file_commands, "relation", id, "family", other); return "a relation";
    case 14: COMMAND(act_file_commands, "consent", id, "--purpose=news", "--given"); return "a consent";
    case 15: COMMAND(act_contact_commands, "promise", "add", id, "--text=a hat", "--by=2030-01-01"); return "a promise";
    case 16: tier_by_hand(a, shop.world.now + 3 * HOUR); return "a tier by hand";
    case 17: trade_attribute(shop.site, trade_sell(shop.site, 0, 77), a); return "an attributed sale";
    case 18: shop.world.now += 2 * HOUR; return "two hours";
    case 19: shop.world.now += DAY; return "a day";
    case 20:
        trade_register(shop.site, (struct person_card){.name = "Another", .card = b % 2 != 0 ? "C3" : "C4"});
        return "a newcomer with somebody's card";
    case 21: set_policy("stale-months", b % 2 != 0 ? "1" : "12", NIL); return "a policy";
    case 22: set_policy("birthday-days", "30", shop.world.now + HOUR); return "a policy of later";
    default: trade_sell(shop.site, 0, 5); return "a sale to nobody";
    }
}

Test(kept, E15_whatever_happens_what_is_kept_is_what_would_be_said_now) {
    uint64_t dice = 20261122;
    size_t found = 0, asked = 0;
    for (int i = 0; i < 400; i++) {
        dice = dice * 6364136223846793005u + 1442695040888963407u;
        uint64_t a = people[(dice >> 33) % PEOPLE], b = people[(dice >> 45) % PEOPLE];
        unsigned what = (unsigned)((dice >> 53) % 24);
        const char *after = act(what, a, b);
        /* Not all are asked after each: some are asked again only after several acts. */
        for (size_t k = 0; k < 8; k++, asked++)
            found += true_now((struct question){(int)((dice >> (2 * k)) % WAYS), (size_t)((dice >> (3 * k)) % PEOPLE)},
                              after);
        if (i % 20 == 0) all_true(after);
    }
    all_true("all");
    cr_expect_gt(found, asked / 20, "%zu of %zu were at hand", found, asked);
}

Test(kept, E15_what_happens_to_others_leaves_a_card_and_empties_the_ranking) {
    struct question card = {BY_CARD, 3}, ranking = {RANKING, 0};
    cr_assert_not(at_hand(card));
    cr_assert(at_hand(card));
    cr_assert_not(at_hand(ranking));
    cr_assert(at_hand(ranking));
    static const unsigned acts[] = {0, 2, 5, 6, 10, 11, 12, 14, 15, 16, 17, 23};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const char *what = act(acts[i], people[7], people[8]);
        cr_expect(at_hand(card), "%s of another", what);
        cr_expect_not(at_hand(ranking), "%s", what);
        cr_expect(at_hand(ranking));
    }
}

Test(kept, E15_each_cause_takes_the_card_away) {
    static const unsigned acts[] = {0, 1, 2, 4, 5, 6, 7, 9, 12, 13, 14, 15, 16, 17, 19, 21};
    struct question card = {BY_ID, 2};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        at_hand(card);
        cr_assert(at_hand(card));
        const char *what = act(acts[i], people[2], people[5]);
        cr_expect_not(at_hand(card), "%s", what);
    }
    act(10, people[2], 0);
    at_hand(card);
    cr_expect(at_hand(card), "an open complaint: for as long as nothing happens");
    shop.world.now += 60 * 1000;
    cr_expect_not(at_hand(card), "and not longer than a minute");
}

Test(kept, E15_a_card_ends_at_midnight_and_when_something_comes_due) {
    struct question card = {BY_ID, 2};
    shop.world.now = shop.world.now / DAY * DAY + 20 * HOUR;
    at_hand(card);
    shop.world.now += 4 * HOUR - 1;
    cr_expect(at_hand(card), "the last millisecond of the day");
    shop.world.now += 1;
    cr_expect_not(at_hand(card));
    tier_by_hand(people[2], shop.world.now + HOUR);
    at_hand(card);
    shop.world.now += HOUR;
    cr_expect(at_hand(card), "its last millisecond");
    shop.world.now += 1;
    cr_expect_not(at_hand(card), "the tier is over");
    set_policy("stale-months", "3", shop.world.now + HOUR);
    at_hand(card);
    shop.world.now += HOUR - 1;
    cr_expect(at_hand(card));
    shop.world.now += 1;
    cr_expect_not(at_hand(card), "a policy has come into force");
    at_hand(card);
    shop.world.now -= HOUR;
    cr_expect_not(at_hand(card), "a clock that was set back");
}

Test(kept, E15_somebody_else_takes_the_number_over) {
    struct question phone = {BY_PHONE, 4};
    cr_assert_not(at_hand(phone));
    cr_assert(at_hand(phone));
    trade_update(shop.site, people[9], (struct person_card){.phone = "010-1111-0004"});
    cr_expect_not(at_hand(phone));
    true_now(phone, "two of one number");
}

static bool remains(const char *text, struct question q) {
    struct kept_answer answer;
    uint8_t key[KEPT_KEY];
    uint64_t then;
    key_of(q, key);
    if (!kept_find(kept, key, false, &then, &answer)) return false;
    bool there = strstr(buf_text(&answer.body), text) != NULL;
    kept_answer_release(&answer);
    return there;
}

Test(kept, C11_nothing_is_kept_of_the_erased_nor_comes_in_behind_the_erasure) {
    struct question card = {BY_CARD, 6};
    struct kept_figures figures;
    struct buf text = BUF_INIT;
    struct grounds grounds = {.until = INT64_MAX};
    struct kept_answer late = {.count = 0};
    uint8_t key[KEPT_KEY];
    uint64_t then;
    for (size_t i = 0; i < PEOPLE; i++) at_hand((struct question){BY_CARD, i});
    cr_assert(remains("Example 6", card));
    key_of((struct question){BY_ID, 6}, key);
    cr_assert_not(kept_find(kept, key, false, &then, &late));
    work_out((struct question){BY_ID, 6}, &grounds, &late.body); /* read before, kept behind */
    cr_assert(trade_hears_erasure(shop.site, people[6]));
    kept_put(kept, key, &late, &grounds, then);
    kept_figures(kept, &figures);
    cr_expect_eq(figures.answers, 0, "%zu are kept", figures.answers);
    cr_expect_eq(figures.bytes, 0);
    cr_expect_not(remains("Example 6", card));
    all_true("an erasure");
    kept_answer_release(&late);
    buf_release(&text);
}

Test(kept, E15_memory_is_bounded_and_the_unasked_go_first) {
    struct kept_figures figures;
    kept_close(kept);
    kept = kept_open(shop.site, 8192);
    at_hand((struct question){BY_ID, 0});
    for (size_t i = 1; i < PEOPLE; i++) {
        at_hand((struct question){BY_ID, i});
        cr_expect(at_hand((struct question){BY_ID, 0}), "asked for again and again");
        kept_figures(kept, &figures);
        cr_expect_leq(figures.bytes, 8192);
    }
    cr_expect_lt(figures.answers, PEOPLE);
    cr_expect_not(at_hand((struct question){BY_ID, 1}), "has gone");
}

Test(kept, E15_cards_are_kept_in_less_than_half_and_come_back_as_they_were) {
    struct kept_figures before, after;
    struct buf card = BUF_INIT;
    for (size_t i = 0; i < 2 * PEOPLE; i++) trade_sell(shop.site, people[i % PEOPLE], 1000);
    /* The first are what the others are packed with. */
    for (size_t i = 0; i < PEOPLE; i++) at_hand((struct question){BY_ID, i});
    kept_figures(kept, &before);
    for (size_t i = 0; i < PEOPLE; i++) at_hand((struct question){BY_CARD, i});
    kept_figures(kept, &after);
    work_out((struct question){BY_CARD, 0}, NULL, &card);
    cr_assert_eq(after.answers, before.answers + PEOPLE);
    cr_expect_lt(2 * (after.bytes - before.bytes), PEOPLE * card.len, "%zu for %zu cards of %zu",
                 after.bytes - before.bytes, (size_t)PEOPLE, card.len);
    for (int way = BY_ID; way <= BY_CARD; way++)
        for (size_t i = 0; i < PEOPLE; i++) cr_expect(true_now((struct question){way, i}, "all"), "at hand");
    buf_release(&card);
}
