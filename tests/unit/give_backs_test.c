/* Returns by their sale, against a plain list. */
#include "proto/model/give_backs.h"

#include <criterion/criterion.h>

#define MANY 5000

static uint64_t sale_of(uint64_t id) { return 1 + id * 7919 % 3000; }

Test(give_backs, none) {
    struct give_backs all = {.items = NULL};
    cr_assert_eq(give_backs_newest(&all, 1), NONE);
    give_backs_put(&all, 7, 1);
    cr_assert_eq(give_backs_newest(&all, 1), 0u);
    cr_assert_eq(give_backs_newest(&all, 2), NONE);
    give_backs_release(&all);
    cr_assert_eq(give_backs_newest(&all, 1), NONE);
    cr_assert_eq(give_backs_memory(&all), 0u);
}

Test(give_backs, all_of_a_sale_the_newest_first) {
    struct give_backs all = {.items = NULL};
    for (uint64_t id = 1; id <= MANY; id++) give_backs_put(&all, id, sale_of(id));
    for (uint64_t sale = 1; sale <= 3001; sale++) {
        uint32_t at = give_backs_newest(&all, sale);
        for (uint64_t id = MANY; id > 0; id--) {
            if (sale_of(id) != sale) continue;
            cr_assert_neq(at, NONE);
            cr_assert_eq(all.items[at].id, id);
            at = give_backs_before(&all, at);
        }
        cr_assert_eq(at, NONE);
    }
    give_backs_release(&all);
}

/* A sale that everything came back of, again and again, is put down as fast as any other, and is in nobody's way. */
Test(give_backs, of_one_sale) {
    struct give_backs all = {.items = NULL};
    for (uint64_t id = 1; id <= 300000; id++) give_backs_put(&all, id, 1);
    for (uint64_t sale = 2; sale <= 1000; sale++) give_backs_put(&all, 300000 + sale, sale);
    cr_assert_eq(give_backs_newest(&all, 1), 299999u);
    cr_assert_eq(all.items[give_backs_newest(&all, 500)].id, 300500u);
    cr_assert_eq(give_backs_before(&all, give_backs_newest(&all, 500)), NONE);
    cr_assert_leq(give_backs_memory(&all), 301000u * 22);
    give_backs_release(&all);
}
