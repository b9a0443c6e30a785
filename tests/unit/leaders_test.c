/* The first ones of the ranking (V2), kept up with: whatever happens, they are those that going through everybody would
 * find; and what they cannot know they say. */
#include "proto/model/leaders.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/site/ranking.h"
#include "tests/support/shop.h"
#include "tests/support/trade.h"

#define PEOPLE 40
#define MOST 6

static const struct cut everything = {TIME_NONE, TIME_NONE};
static struct shop shop;
static uint64_t people[PEOPLE], sales[PEOPLE];
static uint64_t dice = 4711;

static void prepare(void) {
    shop_open(&shop, NULL, NULL);
    mutex_lock(&shop.site->writer);
    news_start(&shop.site->news);
    mutex_unlock(&shop.site->writer);
    for (size_t i = 0; i < PEOPLE; i++) {
        people[i] = trade_register(shop.site, (struct person_card){.name = "Example"});
        sales[i] = trade_sell(shop.site, people[i], (int64_t)(1 + i % 9) * 100);
    }
}

static void done(void) { shop_close(&shop); }
TestSuite(leaders, .init = prepare, .fini = done);

static size_t roll(size_t sides) {
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(dice >> 33) % sides;
}

static void compare(const struct standing *found, size_t count, size_t top, const char *after) {
    struct standing *wanted;
    size_t wanted_count;
    rank_first(shop.site->model, BY_SPEND, &everything, NULL, top, &wanted, &wanted_count);
    /* Of few people it tells all of them; here only the ties of the last one. */
    while (wanted_count > top && wanted[wanted_count - 1].value != wanted[top - 1].value) wanted_count--;
    cr_assert_eq(count, wanted_count, "%zu of %zu after %s", count, wanted_count, after);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(found[i].person, wanted[i].person, "place %zu after %s", i + 1, after);
        cr_assert_eq(found[i].value, wanted[i].value, "%s", after);
        cr_assert_eq(found[i].spend, wanted[i].spend, "%s", after);
        cr_assert_eq(found[i].visits, wanted[i].visits, "%s", after);
        cr_assert_eq(found[i].last, wanted[i].last, "%s", after);
    }
    free(wanted);
}

static const char *act(void) {
    size_t a = roll(PEOPLE), b = roll(PEOPLE);
    switch (roll(10)) {
    case 0: trade_return(shop.site, people[a], sales[a], 150); return "a return";
    case 1: trade_link(shop.site, people[a], people[b]); return "a link";
    case 2: trade_attribute(shop.site, trade_sell(shop.site, 0, 333), people[a]); return "an attributed sale";
    case 3: trade_void(shop.site, sales[a]); return "a void";
    case 4: trade_unlink(shop.site, people[a], people[b]); return "an unlink";
    case 5: trade_contact(shop.site, people[a], 0, "a word"); return "a contact";
    default: sales[a] = trade_sell(shop.site, people[a], (int64_t)roll(12) * 50); return "a sale";
    }
}

Test(leaders, V2_whatever_happens_they_are_the_first) {
    struct leaders leaders = {.count = 0};
    size_t renewed = 0;
    uint64_t then = 0, ids[64];
    leaders_make(shop.site->model, MOST, &leaders);
    for (int i = 0; i < 600; i++) {
        const char *after = act();
        for (size_t more = roll(3); more > 0; more--) after = act();
        struct standing *found = NULL;
        size_t count = 0, n = news_ids(&shop.site->news, then, ids, 64, &then), top = 1 + roll(MOST);
        bool sure = n <= 64 && leaders_renew(shop.site->model, ids, n, &leaders) &&
                    leaders_first(&leaders, top, &found, &count);
        renewed += sure;
        if (!sure) {
            leaders_make(shop.site->model, MOST, &leaders);
            cr_assert(leaders_first(&leaders, top, &found, &count));
        }
        compare(found, count, top, after);
        free(found);
    }
    cr_expect_gt(renewed, 200, "most are renewed, not made anew: %zu", renewed);
    leaders_release(&leaders);
}

Test(leaders, V2_too_few_left_are_not_taken_for_all) {
    struct leaders leaders = {.count = 0};
    struct standing *found = NULL;
    size_t count = 0;
    leaders_make(shop.site->model, MOST, &leaders);
    size_t first = leaders.count;
    cr_assert_geq(first, MOST);
    cr_assert_lt(first, PEOPLE);
    for (size_t i = 0; i < first; i++) {
        uint64_t person = leaders.items[0].person;
        trade_return(shop.site, person, 0, 10000);
        cr_assert(leaders_renew(shop.site->model, &person, 1, &leaders));
        bool sure = leaders_first(&leaders, 1, &found, &count);
        cr_expect_eq(sure, i + 1 < first, "%zu of %zu have gone", i + 1, first);
        if (sure) free(found);
    }
    leaders_release(&leaders);
}

Test(leaders, V2_the_site_answers_as_the_model_does) {
    for (int i = 0; i < 60; i++) {
        const char *after = act();
        struct standing *found = NULL;
        size_t count = 0, top = 1 + roll(PEOPLE);
        cr_assert(site_rank_first(shop.site, BY_SPEND, &everything, NULL, top, &found, &count));
        while (count > top && found[count - 1].value != found[top - 1].value) count--;
        compare(found, count, top, after);
        free(found);
    }
}
