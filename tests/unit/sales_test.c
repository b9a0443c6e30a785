/* The sales that were made: of whom, of nobody, in which days, the latest first; against a plain look at all. */
#include "proto/model/sales.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/support/region_model.h"

static struct region r;
static struct folded f;

static void set_up(void) { region_init(&r); }
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(sales, .init = set_up, .fini = tear_down);

static struct sale *found;
static size_t count;
static void ask(struct sales_asked asked) {
    if (asked.most == 0) asked.most = SIZE_MAX;
    free(found);
    sales_made(fold_region(&f, &r), &asked, NULL, &found, &count);
}

#define EVER ((struct cut){TIME_NONE, TIME_NONE})
static void ask_nobodys(void) { ask((struct sales_asked){.cut = EVER, .whose = SALES_NOBODYS}); }
static void ask_of(uint64_t customer) {
    ask((struct sales_asked){.cut = EVER, .whose = SALES_CUSTOMERS, .customer = customer});
}

static void is_exactly(const uint64_t *ids, size_t wanted) {
    cr_assert_eq(count, wanted);
    for (size_t i = 0; i < wanted; i++) cr_assert_eq(found[i].id, ids[i], "at %zu", i);
}
#define ARE(...) is_exactly((const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

Test(sales, P1_of_nobody_until_it_is_somebodys) {
    uint64_t ann = region_registered(&r, 1, 1, NIL);
    uint64_t first = region_sold(&r, 1, 0, 100, 2, region_day(1, 0)), hers = region_sold(&r, 1, ann, 200, 1, NIL);
    uint64_t second = region_sold(&r, 2, 0, 300, 1, region_day(2, 0));
    ask_nobodys();
    ARE(second, first);
    cr_assert_eq(found[1].amount, 100);
    cr_assert_eq(found[1].lines, 2u);
    cr_assert_eq(found[1].person, 0u);
    uint64_t word = region_attributed(&r, 1, first, ann);
    ask_nobodys();
    ARE(second);
    ask_of(ann);
    ARE(first, hers);
    cr_assert_eq(found[0].person, ann);
    region_voided(&r, 1, first, word, true);
    ask_nobodys();
    ARE(second, first);
    region_voided(&r, 2, second, second, true);
    ask_nobodys();
    ARE(first);
}

Test(sales, P1_of_somebody_who_is_registered_no_more_it_is_not_nobodys) {
    uint64_t ann = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, ann, 100, 1, NIL);
    region_voided(&r, 1, ann, ann, true);
    ask_nobodys();
    cr_assert_eq(count, 0u);
    ask_of(ann);
    ARE(sale);
}

Test(sales, P1_of_linked_customers_together) {
    uint64_t ann = region_registered(&r, 1, 1, NIL), same = region_registered(&r, 2, 1, NIL);
    uint64_t a = region_sold(&r, 1, ann, 100, 1, region_day(1, 0)),
             b = region_sold(&r, 2, same, 100, 1, region_day(2, 0));
    ask_of(same);
    ARE(b);
    region_linked(&r, HUB, ann, same, choice_link_reason_person);
    ask_of(same);
    ARE(b, a);
    cr_assert_eq(found[0].person, found[1].person);
}

Test(sales, P2_what_came_back_of_it_stands_beside_and_is_no_sale) {
    uint64_t sale = region_sold(&r, 1, 0, 100, 1, region_day(1, 0));
    region_returned(&r, 1, sale, sale, 30, region_day(2, 0));
    uint64_t back = region_returned(&r, 1, sale, sale, 50, region_day(3, 0));
    ask_nobodys();
    ARE(sale);
    cr_assert_eq(found[0].returned, 80);
    region_voided(&r, 1, sale, back, true);
    ask_nobodys();
    cr_assert_eq(found[0].returned, 30);
}

Test(sales, P1_the_first_and_the_last_ms_of_the_days_asked_for) {
    int64_t from = region_day(10, 0), to = region_day(11, 0) - 1;
    region_sold(&r, 1, 0, 1, 1, from - 1);
    uint64_t first = region_sold(&r, 1, 0, 1, 1, from), last = region_sold(&r, 1, 0, 1, 1, to);
    region_sold(&r, 1, 0, 1, 1, to + 1);
    ask((struct sales_asked){.cut = {from, to}});
    ARE(last, first);
}

Test(sales, P1_of_one_store) {
    region_store(&r, "north", "C");
    region_stream(&r, 1, "north");
    uint64_t here = region_sold(&r, 1, 0, 1, 1, NIL);
    region_sold(&r, 2, 0, 1, 1, NIL);
    ask((struct sales_asked){.cut = EVER, .scope = {view_of("north"), VIEW_NONE}});
    ARE(here);
}

Test(sales, P1_of_one_moment_by_their_ids_and_behind_one_that_is_gone) {
    uint64_t ids[4], ann = region_registered(&r, 1, 1, NIL);
    for (int i = 0; i < 4; i++) ids[i] = region_sold(&r, 1, 0, 1, 1, region_day(1, 0));
    uint64_t before = region_sold(&r, 2, 0, 1, 1, region_day(0, 0));
    ask_nobodys();
    ARE(ids[3], ids[2], ids[1], ids[0], before);
    struct sales_asked rest = {.cut = EVER, .whose = SALES_NOBODYS, .behind = ids[2]};
    ask(rest);
    ARE(ids[1], ids[0], before);
    region_attributed(&r, 1, ids[2], ann);
    ask(rest);
    ARE(ids[1], ids[0], before);
    region_voided(&r, 1, ids[2], ids[2], true);
    rest.most = 2;
    ask(rest);
    ARE(ids[1], ids[0]);
    rest.behind = before;
    ask(rest);
    cr_assert_eq(count, 0u);
}

/* ---- Many, at random ---- */

#define MANY 4000
#define DAYS 30
struct plain {
    uint64_t id, customer; /* 0: nobody's */
    int64_t time;
    bool dead;
};
static struct plain plain[MANY];

static int latest_first(const void *a, const void *b) {
    const struct plain *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    return x->id > y->id ? -1 : x->id < y->id;
}

static void live(void) {
    uint64_t customers[5];
    for (uint32_t i = 0; i < 5; i++) customers[i] = region_registered(&r, 1 + i % 3, 1, NIL);
    for (size_t i = 0; i < MANY; i++) {
        uint64_t roll = region_roll(&r, 10);
        uint32_t stream = 1 + (uint32_t)region_roll(&r, 3);
        struct plain *p = &plain[i];
        p->customer = roll < 5 ? customers[roll] : 0;
        p->time = region_day((int)region_roll(&r, DAYS), (int)region_roll(&r, 24));
        p->id = region_sold(&r, stream, p->customer, 100, 1, p->time);
        p->dead = region_roll(&r, 20) == 0;
        if (p->dead) region_voided(&r, stream, p->customer != 0 ? p->customer : p->id, p->id, true);
        if (p->dead || p->customer != 0 || region_roll(&r, 5) > 0) continue;
        p->customer = customers[region_roll(&r, 5)];
        region_attributed(&r, stream, p->id, p->customer);
    }
    qsort(plain, MANY, sizeof *plain, latest_first);
}

static bool fits(const struct plain *p, const struct sales_asked *asked) {
    if (p->dead || p->time < asked->cut.from || p->time > asked->cut.to) return false;
    if (asked->whose == SALES_NOBODYS) return p->customer == 0;
    return asked->whose == SALES_ANYBODYS || p->customer == asked->customer;
}

Test(sales, P1_against_a_plain_look) {
    live();
    for (int i = 0; i < 60; i++) {
        int day = (int)region_roll(&r, DAYS);
        struct sales_asked asked = {.cut = {region_day(day, 0), region_day(day + (int)region_roll(&r, DAYS), 12)},
                                    .whose = (enum whose_sales)region_roll(&r, 3),
                                    .customer = plain[region_roll(&r, MANY)].customer,
                                    .most = 1 + (size_t)region_roll(&r, MANY)};
        if (asked.customer == 0 && asked.whose == SALES_CUSTOMERS) asked.whose = SALES_NOBODYS;
        size_t wanted = 0;
        ask(asked);
        for (size_t k = 0; k < MANY && wanted < asked.most; k++) {
            if (!plain[k].dead) cr_assert_eq(sale_asked_for(f.model, plain[k].id, &asked), fits(&plain[k], &asked));
            if (!fits(&plain[k], &asked)) continue;
            cr_assert_lt(wanted, count);
            cr_assert_eq(found[wanted].id, plain[k].id);
            cr_assert_eq(found[wanted++].person, plain[k].customer);
        }
        cr_assert_eq(count, wanted);
    }
}
