/* The index of names (C6, C11): it finds what opening every file would find, whatever happened since it was made, and
 * keeps no letter of somebody who was erased. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/site/erasure.h"
#include "tests/support/region_net.h"
#include "tests/support/shop.h"

static struct shop shop;

static void prepare(void) { shop_open(&shop, NULL, NULL); }
static void done(void) { shop_close(&shop); }
TestSuite(name_index, .init = prepare, .fini = done);

#define FOUND_MAX 2000

struct found {
    uint64_t ids[FOUND_MAX];
    bool whole[FOUND_MAX];
    size_t count;
};

static void take(void *context, uint64_t customer, enum name_part part) {
    struct found *found = context;
    cr_assert_lt(found->count, (size_t)FOUND_MAX);
    found->ids[found->count] = customer;
    found->whole[found->count++] = part == PART_WHOLE;
}

static const struct file_asking nobody_asks = {NULL, NULL};

static void search(struct site *site, const char *part, struct found *out) {
    out->count = 0;
    cr_assert_eq(site_names_find(site, view_of(part), take, out, &nobody_asks), 0);
}

/* By opening every file. */
static size_t expected(struct site *site, const char *part, uint64_t customer, bool *whole) {
    struct buf written = BUF_INIT, normal = BUF_INIT;
    size_t at = 0;
    site_field(site, NULL, customer, SEALED_registered_name, &written);
    if (written.len > 0 && name_normalise(buf_view(&written), &normal, NULL) == 0) {
        at = memmem(normal.data, normal.len, part, strlen(part)) != NULL;
        *whole = view_is(buf_view(&normal), part);
    }
    buf_wipe(&written);
    buf_wipe(&normal);
    return at;
}

static void compare(struct site *site, const char *part) {
    struct found found;
    size_t wanted = 0;
    search(site, part, &found);
    uint64_t id;
    for (size_t i = 0; (id = model_customer_at(site->model, i)) != 0; i++) {
        bool whole = false;
        if (model_customer(site->model, id) != CUSTOMER_KNOWN || expected(site, part, id, &whole) == 0) continue;
        wanted++;
        size_t k = 0;
        while (k < found.count && found.ids[k] != id) k++;
        cr_assert_lt(k, found.count, "%s is not found by %s", "a customer", part);
        cr_assert_eq(found.whole[k], whole, "%s", part);
    }
    cr_assert_eq(found.count, wanted, "%s", part);
}

static void compare_all(struct site *site) {
    static const char *const parts[] = {"k", "kim", "kim 1", "kim 12", "im", "lee", " ", "a kim a", "누구"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) compare(site, parts[i]);
}

static uint64_t customer(const char *name) { return trade_register(shop.site, (struct person_card){.name = name}); }

Test(name_index, C6_parts_and_whole_names) {
    struct found found;
    uint64_t whole = customer("KIM  Ann"), part = customer("Kim Anna"), twice = customer("Annann");
    trade_register(shop.site, (struct person_card){.card = "C-1"});
    search(shop.site, "kim ann", &found);
    cr_assert_eq(found.count, 2u);
    cr_assert(found.ids[0] == whole && found.whole[0] && found.ids[1] == part && !found.whole[1]);
    search(shop.site, "ann", &found);
    cr_assert_eq(found.count, 3u, "a name that has it twice is told once");
    cr_assert_eq(found.ids[2], twice);
    search(shop.site, "annk", &found);
    cr_assert_eq(found.count, 0u, "no part of two names");
    search(shop.site, "ann\nkim", &found);
    cr_assert_eq(found.count, 0u);
    search(shop.site, "", &found);
    cr_assert_eq(found.count, 0u);
}

Test(name_index, C6_follows_what_happens) {
    uint64_t ids[120];
    char name[40];
    for (int i = 0; i < 120; i++) {
        snprintf(name, sizeof name, i % 3 == 0 ? "A Kim a %d" : "Kim %d", i);
        ids[i] = customer(name);
        if (i == 60) compare_all(shop.site);
    }
    compare_all(shop.site);
    for (int i = 0; i < 120; i += 5) trade_update(shop.site, ids[i], (struct person_card){.name = "Lee 12"});
    for (int i = 1; i < 120; i += 7) trade_void(shop.site, ids[i]);
    compare_all(shop.site);
    for (int i = 1; i < 120; i += 14) trade_void_on(shop.site, ids[i], false);
    compare_all(shop.site);
}

/* So many changes that the room of former names is taken up again. */
Test(name_index, C6_former_names_leave_no_gaps) {
    char name[120];
    uint64_t a = customer("Kim 1"), b = customer("Kim 12");
    compare_all(shop.site);
    for (int i = 0; i < 1500; i++) {
        snprintf(name, sizeof name, "Kim %d with a long name, so that it is worth while to close the gaps behind it",
                 i);
        trade_update(shop.site, i % 2 == 0 ? a : b, (struct person_card){.name = name});
        if (i % 100 == 99) compare_all(shop.site);
    }
    compare_all(shop.site);
    cr_assert_lt(shop.site->name_index.length, (size_t)150000, "%zu", shop.site->name_index.length);
}

static bool at_once(void *context, uint64_t at, uint64_t all) {
    (void)at;
    (void)all;
    ++*(int *)context;
    return *(int *)context > 1;
}

Test(name_index, C6_a_search_that_is_ended_is_taken_up_again) {
    struct found found = {.count = 0};
    int asked = 0;
    uint64_t id = customer("Kim");
    const struct file_asking asking = {at_once, &asked};
    cr_assert_eq(site_names_find(shop.site, view_of("kim"), take, &found, &asking), ERR_INTERRUPTED);
    cr_assert_eq(found.count, 0u);
    search(shop.site, "kim", &found);
    cr_assert(found.count == 1 && found.ids[0] == id);
}

static bool remains(const struct name_index *names, const char *text) {
    return names->room > 0 && memmem(names->text, names->room, text, strlen(text)) != NULL;
}

Test(name_index, C11_nothing_of_the_erased_is_left_in_it, .init = NULL, .fini = NULL) {
    static struct region_net net;
    struct found found;
    region_net_open(&net, 11, 1);
    net_stores_start(&net);
    cr_assert(net_level(&net));
    struct site *store = net.stores[0].machine.site, *hub = net.hub.machine.site;
    uint64_t gone = trade_register(store, (struct person_card){.name = "Kim Forgotten"});
    uint64_t stays = trade_register(store, (struct person_card){.name = "Lee Stays"});
    cr_assert(net_level(&net));
    struct site *const sites[] = {store, hub};
    for (size_t i = 0; i < 2; i++) {
        search(sites[i], "forgotten", &found);
        cr_assert(found.count == 1 && found.ids[0] == gone);
        cr_assert(remains(&sites[i]->name_index, "forgotten"));
    }
    cr_assert_neq(trade_erase(hub, gone), 0, "%s", trade_error()->text);
    net_pass(&net, 2000);
    cr_assert(net_level(&net));
    for (size_t i = 0; i < 2; i++) {
        cr_assert_not(remains(&sites[i]->name_index, "forgotten"), "before anybody asks again");
        search(sites[i], "forgotten", &found);
        cr_assert_eq(found.count, 0u);
        search(sites[i], "stays", &found);
        cr_assert(found.count == 1 && found.ids[0] == stays);
    }
    region_net_close(&net);
}

static size_t numbered(const char *digits, struct found *out) {
    out->count = 0;
    cr_assert_eq(site_numbers_find(shop.site, view_of(digits), take, out, &nobody_asks), 0);
    return out->count;
}

static uint64_t phone(const char *written) {
    return trade_register(shop.site, (struct person_card){.name = "Example", .phone = written});
}

Test(name_index, C6_C11_the_end_of_a_number_and_nothing_of_the_erased) {
    struct found found;
    uint64_t a = phone("010-1234-5678"), b = phone("010 9999 5678");
    phone("010-5678-0000");
    cr_expect_eq(numbered("5678", &found), 2, "at the end only");
    cr_expect_eq(numbered("345678", &found), 1);
    cr_expect_eq(found.ids[0], a);
    cr_expect_eq(numbered("01012345678", &found), 1);
    cr_expect(found.whole[0]);
    cr_expect_eq(numbered("56 78", &found), 0, "digits only");
    cr_expect_eq(numbered("", &found), 0);
    cr_expect_eq(numbered("5678\n", &found), 0);
    trade_update(shop.site, a, (struct person_card){.phone = "010-1234-0001"});
    cr_expect_eq(numbered("5678", &found), 1, "a number that changed");
    cr_expect_eq(found.ids[0], b);
    cr_expect_eq(numbered("0001", &found), 1);
    trade_clear_phone(shop.site, a);
    cr_expect_eq(numbered("0001", &found), 0);
    cr_assert(trade_hears_erasure(shop.site, b));
    const struct name_index *numbers = &shop.site->number_index;
    cr_expect_null(memmem(numbers->text, numbers->room, "99995678", 8), "no digit is left in memory");
    cr_expect_eq(numbered("5678", &found), 0);
}
