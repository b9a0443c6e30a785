/* What a file knows, lacks and should be asked for. */
#include <criterion/criterion.h>

#include "proto/event/describe.h"
#include "proto/model/completeness.h"
#include "tests/support/region_model.h"

#define BIT(name) (UINT64_C(1) << SEALED_registered_##name)
#define ALL ((UINT64_C(1) << SEALED_COUNT_registered) - 1)

static struct region r;
static struct folded f;

static void set_up(void) { region_init(&r); }
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(completeness, .init = set_up, .fini = tear_down);

static bool near(double a, double b) { return a - b < 1e-12 && b - a < 1e-12; }

/* Changes `set`, clears `cleared`, knowing of `after`. */
static uint64_t change(uint32_t stream, uint64_t customer, uint64_t set, uint64_t cleared, struct ids after,
                       int64_t at) {
    struct event e;
    struct buf storage = BUF_INIT;
    event_init(&e, EVENT_updated);
    e.subject = customer;
    e.at = at;
    for (int bit = 0; bit < SEALED_COUNT_registered; bit++)
        if (((set | cleared) >> bit & 1) != 0)
            event_sealed_set(&e, event_info(e.type), bit, (set >> bit & 1) != 0 ? view_of("value") : VIEW_NONE);
    if (cleared != 0) e.body.updated.cleared = (int64_t)cleared;
    for (size_t i = 0; i < after.count; i++) list_append_id(&e.after, &storage, after.items[i]);
    uint64_t id = region_put(&r, stream, &e, false);
    buf_release(&storage);
    return id;
}

/* Each field alone, by the list of the requirement. */
Test(completeness, C2_eight_hardware_and_ten_software_fields_count) {
    static const char *const hardware[] = {"name",  "sex",     "nationality", "birthday",
                                           "email", "address", "phone",       "size"};
    static const char *const software[] = {"work",    "family",    "personality", "habits",     "taste",
                                           "hobbies", "lifestyle", "service",     "promotions", "values"};
    const struct event_info *info = event_info(EVENT_registered);
    uint64_t counted = 0;
    for (size_t i = 0; i < 8; i++) {
        uint64_t bit = UINT64_C(1) << event_sealed_bit(info, view_of(hardware[i]));
        cr_assert(near(completeness_of(bit).share, 0.025), "%s", hardware[i]);
        counted |= bit;
    }
    for (size_t i = 0; i < 10; i++) {
        uint64_t bit = UINT64_C(1) << event_sealed_bit(info, view_of(software[i]));
        cr_assert(near(completeness_of(bit).share, 0.08), "%s", software[i]);
        counted |= bit;
    }
    cr_assert_eq(__builtin_popcountll(counted), 18);
    cr_assert(near(completeness_of(counted).share, 1));
    cr_assert(near(completeness_of(ALL & ~counted).share, 0), "other fields never count");
    cr_assert(near(completeness_of(ALL).share, 1));
    cr_assert(near(completeness_of(0).share, 0));
}

Test(completeness, C2_half_a_percent_counts_as_one) {
    static const unsigned wanted[][3] = {{0, 0, 0},  {1, 0, 3},   {2, 0, 5},  {7, 0, 18},  {1, 1, 11},
                                         {1, 2, 19}, {7, 10, 98}, {8, 9, 92}, {8, 10, 100}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct completeness c = completeness_by(wanted[i][0], wanted[i][1]);
        cr_assert_eq(c.percent, wanted[i][2], "%u and %u: %u", wanted[i][0], wanted[i][1], c.percent);
        cr_assert_eq(c.share, (5.0 * wanted[i][0] + 16.0 * wanted[i][1]) / 200, "%u and %u", c.hardware, c.software);
    }
}

Test(completeness, C2_what_was_cleared_is_not_known_and_told_again_it_is) {
    uint64_t a = region_registered(&r, 1, BIT(name) | BIT(phone) | BIT(taste), NIL);
    cr_assert(near(person_completeness(fold_region(&f, &r), a).share, 0.13));
    uint64_t card = change(1, a, BIT(work), BIT(taste), IDS(a), NIL);
    struct completeness now = person_completeness(fold_region(&f, &r), a);
    cr_assert_eq(now.hardware, 2u);
    cr_assert_eq(now.software, 1u);
    uint64_t again = change(1, a, BIT(taste), 0, IDS(card), NIL);
    cr_assert_eq(person_completeness(fold_region(&f, &r), a).software, 2u);
    region_voided(&r, 1, a, again, true);
    cr_assert_eq(person_completeness(fold_region(&f, &r), a).software, 1u, "voided, the clearing stands again");
    region_voided(&r, 1, a, card, true);
    cr_assert_eq(person_completeness(fold_region(&f, &r), a).software, 1u, "work is gone, taste is back");
    cr_assert_eq(person_known_fields(f.model, a), BIT(name) | BIT(phone) | BIT(taste));
}

Test(completeness, C2_of_two_that_did_not_know_of_each_other_the_later_one_counts) {
    uint64_t a = region_registered(&r, 1, BIT(name) | BIT(taste), NIL);
    change(2, a, 0, BIT(taste), IDS(a), NIL);
    change(1, a, BIT(taste), 0, IDS(a), NIL);
    cr_assert_eq(person_completeness(fold_region(&f, &r), a).software, 1u);
    change(2, a, 0, BIT(taste), IDS(a), NIL);
    cr_assert_eq(person_completeness(fold_region(&f, &r), a).software, 0u);
}

Test(completeness, C2_linked_customers_know_together_and_the_erased_nothing) {
    uint64_t a = region_registered(&r, 1, BIT(name) | BIT(phone), NIL);
    uint64_t b = region_registered(&r, 2, BIT(name) | BIT(hobbies), NIL);
    uint64_t link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    fold_region(&f, &r);
    cr_assert_eq(person_completeness(f.model, b).hardware, 2u);
    cr_assert_eq(person_completeness(f.model, a).software, 1u);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(person_completeness(fold_region(&f, &r), b).hardware, 1u, "apart, each knows her own");
    cr_assert_eq(person_completeness(f.model, a).software, 0u);
    region_erased(&r, HUB, IDS(a, b));
    cr_assert(near(person_completeness(fold_region(&f, &r), a).share, 0));
    cr_assert_eq(person_known_fields(f.model, id_make(9, 9)), 0u, "nor does anybody unheard of");
}

Test(completeness, C1_the_first_missing_field_of_the_order_is_asked_for) {
    region_policy(&r, "ask-order", "phone, birthday,nonsense,address", NIL);
    const struct model *model = fold_region(&f, &r);
    int64_t now = region_day(30, 12);
    cr_assert_eq(ask_next(model, 0, 0, now), SEALED_registered_phone);
    cr_assert_eq(ask_next(model, BIT(phone), 0, now), SEALED_registered_birthday);
    cr_assert_eq(ask_next(model, BIT(phone), BIT(birthday), now), SEALED_registered_address, "asked already");
    cr_assert_eq(ask_next(model, BIT(phone) | BIT(birthday) | BIT(address), 0, now), -1);
}

Test(completeness, C1_without_a_policy_the_default_order_counts_and_none_asks_for_nothing) {
    region_registered(&r, 1, BIT(name), NIL);
    cr_assert_eq(ask_next(fold_region(&f, &r), BIT(name) | BIT(phone), 0, region_day(1, 0)),
                 SEALED_registered_birthday);
    region_policy(&r, "ask-order", "none", NIL);
    cr_assert_eq(ask_next(fold_region(&f, &r), 0, 0, region_day(1, 0)), -1);
}

static int64_t noon(int year, int month, int day) {
    return date_to_days((struct date){year, month, day}) * DAY_MS + DAY_MS / 2;
}

Test(completeness, C3_a_field_is_stale_a_day_after_so_many_months) {
    struct zone zone = zone_fixed(9 * INT64_C(3600000));
    region_policy(&r, "stale-months", "12", NIL);
    const struct model *model = fold_region(&f, &r);
    cr_assert_not(field_stale(model, noon(2024, 5, 10), noon(2025, 5, 9), &zone));
    cr_assert_not(field_stale(model, noon(2024, 5, 10), noon(2025, 5, 10), &zone), "exactly twelve months");
    cr_assert(field_stale(model, noon(2024, 5, 10), noon(2025, 5, 11), &zone));
    cr_assert_not(field_stale(model, noon(2024, 2, 29), noon(2025, 2, 28), &zone), "a leap day is clamped");
    cr_assert(field_stale(model, noon(2024, 2, 29), noon(2025, 3, 1), &zone));
    cr_assert(field_stale(model, noon(2024, 5, 10), noon(2025, 5, 10) + DAY_MS / 2, &zone), "by the region's days");
}

Test(completeness, C3_every_field_knows_its_event_and_time_and_who_disagrees) {
    struct field_source sources[8];
    uint64_t a = region_registered(&r, 1, BIT(name) | BIT(taste), region_day(1, 9));
    uint64_t x = change(1, a, BIT(taste), 0, IDS(a), region_day(5, 9));
    uint64_t y = change(2, a, 0, BIT(taste), IDS(a), region_day(4, 9));
    size_t count = file_sources(fold_region(&f, &r), a, sources, 8);
    cr_assert_eq(count, 3u);
    cr_assert_eq(sources[0].bit, SEALED_registered_name);
    cr_assert_eq(sources[0].event, a);
    cr_assert_eq(sources[0].time, region_day(1, 9));
    cr_assert_not(sources[0].concurrent);
    cr_assert_eq(sources[1].event, y, "the latest written is shown first");
    cr_assert(sources[1].concurrent && sources[1].cleared);
    cr_assert_eq(sources[2].event, x);
    cr_assert_eq(sources[2].time, region_day(5, 9));
    cr_assert(sources[2].concurrent && !sources[2].cleared);
    cr_assert_eq(file_sources(f.model, id_make(9, 9), sources, 8), 0u);
}

/* Which event a person's file takes a field from; 0: there is none. */
static uint64_t winner_of(uint64_t person, int bit) {
    struct field_winner won[2];
    size_t count = model_person_winners(fold_region(&f, &r), person, UINT64_C(1) << bit, won, 2);
    cr_assert_leq(count, 1u);
    return count == 0 || won[0].cleared != 0 ? 0 : won[0].event;
}

Test(completeness, C3_of_linked_customers_what_was_told_last_counts) {
    uint64_t a = region_registered(&r, 1, BIT(name) | BIT(phone) | BIT(address), region_day(1, 9));
    uint64_t b = region_registered(&r, 2, BIT(name) | BIT(address), region_day(9, 9));
    uint64_t old = region_registered(&r, 3, BIT(address) | BIT(taste), region_day(0, 9)); /* a book imported late */
    cr_assert_eq(winner_of(a, SEALED_registered_address), a, "not linked");
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    region_linked(&r, HUB, old, a, choice_link_reason_card);
    cr_assert_eq(winner_of(a, SEALED_registered_address), b);
    cr_assert_eq(winner_of(old, SEALED_registered_address), b, "whoever of them is asked for");
    cr_assert_eq(winner_of(b, SEALED_registered_phone), a, "only one told it");
    cr_assert_eq(winner_of(b, SEALED_registered_taste), old);
    uint64_t moved = change(1, a, BIT(address), 0, IDS(a), region_day(20, 9));
    cr_assert_eq(winner_of(b, SEALED_registered_address), moved);
    uint64_t wrong = change(2, b, 0, BIT(address), IDS(b), region_day(20, 9) + 1);
    cr_assert_eq(winner_of(a, SEALED_registered_address), 0u, "cleared a ms later");
    cr_assert_eq(person_known_fields(f.model, a), BIT(name) | BIT(phone) | BIT(taste));
    cr_assert_eq(person_known_at(f.model, b, region_day(20, 9)), BIT(name) | BIT(phone) | BIT(address) | BIT(taste));
    region_voided(&r, 2, b, wrong, true);
    cr_assert_eq(winner_of(a, SEALED_registered_address), moved);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a, old));
    cr_assert_eq(winner_of(b, SEALED_registered_address), b);
    cr_assert_eq(winner_of(b, SEALED_registered_phone), 0u);
    region_erased(&r, HUB, IDS(a, old));
    cr_assert_eq(winner_of(a, SEALED_registered_address), 0u);
}

Test(completeness, C3_told_at_the_same_moment_by_two_the_later_written_counts) {
    uint64_t a = region_registered(&r, 1, BIT(taste), region_day(1, 9)), then = r.hlc;
    uint64_t b = region_registered(&r, 2, BIT(taste), region_day(1, 9));
    region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(winner_of(a, SEALED_registered_taste), b);
    uint64_t x = change(1, a, BIT(taste), 0, IDS(a), region_day(2, 9));
    r.hlc = then; /* its clock is behind */
    uint64_t y = change(2, b, BIT(taste), 0, IDS(b), region_day(2, 9));
    cr_assert_eq(winner_of(b, SEALED_registered_taste), x);
    region_voided(&r, 1, a, x, true);
    cr_assert_eq(winner_of(a, SEALED_registered_taste), y);
}

static int asked_next(uint64_t who) {
    const struct model *model = fold_region(&f, &r);
    return ask_next(model, person_known_fields(model, who), 0, region_day(30, 12));
}

Test(completeness, C1_what_a_linked_customer_told_is_not_asked_again) {
    uint64_t a = region_registered(&r, 1, BIT(name) | BIT(phone), NIL);
    uint64_t b = region_registered(&r, 2, BIT(name) | BIT(birthday), NIL);
    region_policy(&r, "ask-order", "phone,birthday,address", NIL);
    cr_assert_eq(asked_next(a), SEALED_registered_birthday);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(asked_next(a), SEALED_registered_address);
    uint64_t told = change(2, b, BIT(address), 0, IDS(b), NIL);
    cr_assert_eq(asked_next(a), -1);
    region_voided(&r, 2, b, told, true);
    cr_assert_eq(asked_next(a), SEALED_registered_address);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(asked_next(b), SEALED_registered_phone);
}

Test(completeness, C1_the_order_of_the_day_counts) {
    region_policy(&r, "ask-order", "address", region_day(5, 0));
    const struct model *model = fold_region(&f, &r);
    cr_assert_eq(ask_next(model, BIT(phone), 0, region_day(5, 0) - 1), SEALED_registered_birthday, "the ms before");
    cr_assert_eq(ask_next(model, BIT(phone), 0, region_day(5, 0)), SEALED_registered_address);
}

Test(completeness, C12_what_changed_within_a_month_by_its_own_time) {
    bool registered;
    uint64_t a = region_registered(&r, 1, BIT(name), region_day(10, 9));
    change(1, a, BIT(taste), 0, IDS(a), region_day(20, 9));
    uint64_t dead = change(1, a, BIT(work), 0, IDS(a), region_day(20, 10));
    region_voided(&r, 1, a, dead, true);
    const struct model *model = fold_region(&f, &r);
    cr_assert_eq(file_changed(model, a, region_day(10, 9), region_day(20, 9), &registered), BIT(taste));
    cr_assert_not(registered, "the start is left out");
    cr_assert_eq(file_changed(model, a, region_day(10, 9) - 1, region_day(20, 9) - 1, &registered), 0u);
    cr_assert(registered);
}
