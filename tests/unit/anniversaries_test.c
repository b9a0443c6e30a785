/* The index of birthdays and dated occasions (K2, C11): it keeps no day of somebody who was erased. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/site/anniversaries.h"
#include "proto/site/erasure.h"
#include "tests/support/region_net.h"

static uint64_t register_born(struct site *site, const char *name, const char *birthday) {
    struct draft draft = {.subject = SUBJECT_SELF};
    event_init(&draft.event, EVENT_registered);
    draft.event.body.registered.name = view_of(name);
    draft.event.body.registered.birthday = view_of(birthday);
    draft.event.sealed_bits = UINT64_C(1) << SEALED_registered_name | UINT64_C(1) << SEALED_registered_birthday;
    uint64_t id = trade_write(site, &draft);
    cr_assert_neq(id, 0, "%s", trade_error()->text);
    return id;
}

static size_t asked(struct site *site) {
    struct dated *days;
    size_t count, known = 0;
    site_anniversaries(site, NULL, NULL, NULL, &days, &count);
    for (size_t i = 0; i < count; i++) known += days[i].customer != 0;
    free(days);
    return known;
}

/* Of the index as it lies in memory. */
static size_t kept_of(const struct site *site, uint64_t customer, int month) {
    size_t kept = 0;
    for (size_t i = 0; i < site->anniversaries.count; i++)
        kept += site->anniversaries.items[i].customer == customer || site->anniversaries.items[i].month == month;
    return kept;
}

Test(anniversaries, C11_no_day_of_the_erased_is_left_in_it) {
    static struct region_net net;
    region_net_open(&net, 12, 1);
    net_stores_start(&net);
    cr_assert(net_level(&net));
    struct site *store = net.stores[0].machine.site, *hub = net.hub.machine.site;
    uint64_t gone = register_born(store, "Kim Forgotten", "1990-05-01");
    uint64_t stays = register_born(store, "Lee Stays", "1980-07-02");
    cr_assert(net_level(&net));
    struct site *const sites[] = {store, hub};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(asked(sites[i]), 2u);
        cr_assert_eq(kept_of(sites[i], gone, 5), 1u);
    }
    cr_assert_neq(trade_erase(hub, gone), 0, "%s", trade_error()->text);
    net_pass(&net, 2000);
    cr_assert(net_level(&net));
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(kept_of(sites[i], gone, 5), 0u, "before anybody asks again");
        cr_assert_eq(kept_of(sites[i], stays, 7), 1u);
        cr_assert_eq(asked(sites[i]), 1u);
    }
    region_net_close(&net);
}
