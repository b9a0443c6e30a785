/* An older image of the hub's disk goes on and writes under numbers that its former self has used, before anybody
 * calls who knows better. What stores were told counts, what the copy wrote moves, and all become level by themselves
 * once `recover` was run. */
#include <string.h>

#include "hub/branch.h"
#include "hub/recovery.h"
#include "proto/model/questions.h"
#include "proto/site/regrow.h"
#include "tests/support/level_region.h"

LEVEL_REGION(branch, 7, 3)

static const struct person_card kim = {"Kim Dangol", "010-1234-5678", NULL, NULL};
static const struct person_card lee = {"Lee Dangol", "010-9999-0000", NULL, NULL};

static bool noted(void) {
    struct restored restored;
    recovery_restored(hub(), &restored);
    return restored.noted;
}

static void recover(void) {
    net_hub_stop(&net);
    net_hub_recover(&net);
    net_hub_start(&net);
}

/* Level, and everybody knows the same of their people; also those who were told first by the copy. */
static void agreed(void) {
    cr_assert(net_level(&net));
    net_pass(&net, 2 * 60 * 1000);
    SOUND(region_net_agree(&net));
    cr_assert(!noted());
}

/* How many of the hub's contacts with a customer count, and whether their words can be read. */
static size_t contacts(struct site *site, uint64_t customer, const char *words) {
    struct log_iterator *it;
    struct record record;
    size_t count = 0;
    cr_assert_eq(site->log->ops->iterate(site->log, &it, NULL), 0);
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        struct event event;
        struct buf plain = BUF_INIT;
        if (event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_contacted &&
            model_person(site->model, event.subject) == model_person(site->model, customer) &&
            !model_voided(site->model, record.id) && site_unseal(site, &event, &plain) &&
            view_is(event.body.contacted.note, words))
            count++;
        buf_wipe(&plain);
    }
    it->ops->close(it);
    return count;
}

static uint64_t call_at_hub(uint64_t customer, const char *words) {
    uint64_t id = trade_contact(hub(), customer, choice_outcome_reached, words);
    cr_assert_neq(id, 0);
    return id;
}

static void hub_gets(struct net_image *image) {
    net_hub_stop(&net);
    net_image_put(&net.hub.machine, image);
    for (size_t i = 0; i < net.store_count; i++) net_cut(&net.stores[i].machine, true);
    net_hub_start(&net);
}

static void line_of(size_t store) {
    net_cut(&net.stores[store].machine, false);
    uplink_try_now(&net.stores[store].uplink);
    net_pass(&net, 3 * 60 * 1000);
}

/* `theirs` events of the lost time that stores were told of; `ours` that the copy writes, some of them told to store 2
 * if `told`. */
static void scene(int theirs, int ours, bool told) {
    uint64_t customer = trade_register(site_of(0), kim), other = trade_register(site_of(2), lee);
    cr_assert(net_level(&net));
    struct net_image image = net_image_take(&net.hub.machine);
    net_cut(&net.stores[2].machine, true); /* it hears nothing of the lost time */
    for (int i = 0; i < theirs; i++) call_at_hub(customer, "asks for the blue one");
    net_pass(&net, 60000);
    hub_gets(&image);
    for (int i = 0; i < ours; i++) call_at_hub(i % 2 == 0 ? customer : other, "asks for the red one");
    if (told) {
        line_of(2);
        cr_assert(net_store_level(&net.stores[2]));
        cr_assert_eq(contacts(site_of(2), other, "asks for the red one"), (size_t)(ours / 2));
    }
    line_of(0);
    cr_assert(noted(), "found out at first contact");
    cr_assert(net_journal_says(&net, "run `dangol-hub recover`"));
    if (ours > theirs && !told) /* only the bytes tell */
        cr_assert(net_journal_says(&net, "was told other events by this hub than it holds"));
    recover();
    static const uint8_t secret[SECRET_SIZE] = {7}; /* the incarnation in between writes too, and tells nobody */
    net_enroll(&net, "S9", secret);
    for (size_t i = 0; i < net.store_count; i++) line_of(i);
    cr_assert(noted(), "and its branch is found");
    cr_assert(branch_kept(hub()));
    recover();
    agreed();
    cr_assert(!recovery_goes_on(hub()), "nothing else is waited for");
    cr_assert_eq(net.hub.joined.rehomed, (uint64_t)ours);
    cr_assert_eq(contacts(hub(), customer, "asks for the blue one"), (size_t)theirs);
    cr_assert_eq(contacts(hub(), customer, "asks for the red one"), (size_t)((ours + 1) / 2));
    cr_assert_eq(contacts(hub(), other, "asks for the red one"), (size_t)(ours / 2));
    cr_assert_eq(contacts(site_of(0), customer, "asks for the blue one"), (size_t)theirs);
    cr_assert_eq(contacts(site_of(0), customer, "asks for the red one"), (size_t)((ours + 1) / 2));
    cr_assert_eq(contacts(site_of(2), other, "asks for the red one"), (size_t)(ours / 2));
    trade_sell(site_of(0), customer, 5);
    call_at_hub(other, "goes on");
    agreed();
}

Test(branch, the_copy_wrote_less) { scene(5, 2, false); }
Test(branch, the_copy_wrote_as_much) { scene(3, 3, false); }
Test(branch, the_copy_wrote_more) { scene(2, 6, false); }
Test(branch, a_store_was_told_by_the_copy) { scene(2, 6, true); }
Test(branch, a_store_was_told_less_by_the_copy) { scene(6, 2, true); }
