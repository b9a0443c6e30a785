/* The model one rule at a time: what an event does, early or late, voided or not, from those who may and who may
 * not. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/pack.h"
#include "proto/base/zone.h"
#include "proto/event/hlc.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static const struct cut everything = {TIME_NONE, TIME_NONE};

static void set_up(void) { region_init(&r); }
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(model, .init = set_up, .fini = tear_down);

static struct model *folded(void) { return fold_region(&f, &r); }

static struct totals counted(void) {
    struct totals out;
    totals(folded(), &everything, &out);
    return out;
}

struct digest {
    uint8_t bytes[DIGEST_SIZE];
};

static struct digest digest(const char *store) {
    struct digest out;
    struct view code = view_of(store);
    model_digest(folded(), store == NULL ? NULL : &code, out.bytes);
    return out;
}

static bool same(struct digest a, struct digest b) { return memcmp(a.bytes, b.bytes, DIGEST_SIZE) == 0; }

Test(model, empty) {
    struct totals t = counted();
    cr_assert_eq(t.events + t.customers + t.persons + t.purchases + t.lines + t.returns + t.anonymous + t.streams, 0u);
    cr_assert_eq(model_position(f.model), 0u);
    cr_assert_eq(model_customer(f.model, id_make(1, 1)), CUSTOMER_UNKNOWN);
    cr_assert_eq(model_customer_at(f.model, 0), 0u);
    cr_assert_gt(model_memory(f.model), 0u);
}

Test(model, a_registration_makes_a_customer) {
    uint64_t a = region_registered(&r, 1, 7, NIL), unheard = id_make(2, 40), heads[4];
    region_sold(&r, 2, unheard, 10, 1, NIL);
    cr_assert_eq(model_customer(folded(), a), CUSTOMER_KNOWN);
    cr_assert_eq(model_customer(f.model, unheard), CUSTOMER_PLACEHOLDER);
    cr_assert_eq(model_customer_at(f.model, 0), a);
    cr_assert_eq(model_customer_at(f.model, 1), unheard);
    cr_assert_eq(model_customer_at(f.model, 2), 0u);
    cr_assert_eq(model_field_heads(f.model, a, 2, heads, 4), 1u);
    cr_assert_eq(heads[0], a);
    cr_assert_eq(model_field_heads(f.model, a, 3, heads, 4), 0u);
    cr_assert_eq(model_field_heads(f.model, a, -1, heads, 4), 0u);
    cr_assert_eq(model_field_heads(f.model, a, 64, heads, 4), 0u);
}

Test(model, hints_are_those_of_frames_that_name_the_subject) {
    uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, 0, 5, 1, NIL);
    cr_assert_eq(model_last_position(folded(), a), 1u);
    cr_assert_eq(model_last_position(f.model, sale), 0u, "no entry: the log knows where it stands");
    region_contacted(&r, 2, a, NIL);
    region_returned(&r, 1, sale, sale, 5, NIL);
    cr_assert_eq(model_last_position(folded(), a), 3u);
    cr_assert_eq(model_last_position(f.model, sale), 4u);
}

Test(model, unknown_and_bad_events_count_and_are_linked_in) {
    struct buf frame = BUF_INIT;
    uint64_t a = region_registered(&r, 1, 1, NIL);
    pack_array(&frame, FRAME_FIELDS);
    pack_uint(&frame, EVENT_sold);
    pack_uint(&frame, 1);
    pack_uint(&frame, r.hlc);
    pack_nil(&frame);
    pack_nil(&frame);
    pack_uint(&frame, a);
    for (int i = 0; i < 3; i++) pack_nil(&frame);
    pack_array(&frame, 0); /* a sale without lines */
    struct digest before = digest(NULL);
    region_put_frame(&r, 1, a, buf_view(&frame));
    region_put_frame(&r, 1, 0, view_of("no frame at all"));
    struct totals t = counted();
    cr_assert_eq(t.events, 3u);
    cr_assert_eq(t.purchases, 0u);
    cr_assert_eq(model_last_position(f.model, a), 2u);
    cr_assert_eq(model_position(f.model), 3u);
    cr_assert(same(before, digest(NULL)));
    buf_release(&frame);
}

/* ---- Purchases of nobody ---- */

Test(model, a_sale_without_customer_names_itself_or_nobody) {
    struct event e;
    struct buf lines = BUF_INIT;
    event_init(&e, EVENT_sold);
    struct row_sale_line line = {view_of("hat"), 1000, 700, NIL, NIL, NIL};
    row_sale_line_append(&e.body.sold.lines, &lines, &line);
    uint64_t nil = region_put(&r, 1, &e, false), self = region_sold(&r, 1, 0, 700, 1, NIL);
    buf_release(&lines);
    cr_assert_eq(counted().anonymous, 2u);
    uint64_t a = region_registered(&r, 1, 1, NIL);
    region_attributed(&r, 1, nil, a);
    region_attributed(&r, 1, self, a);
    cr_assert_eq(counted().anonymous, 0u);
    cr_assert_eq(value_of(f.model, a).spend, 1400);
}

Test(model, a_return_of_a_sale_without_customer) {
    uint64_t sale = region_sold(&r, 1, 0, 700, 1, NIL);
    region_returned(&r, 1, sale, sale, 200, NIL);
    region_returned(&r, 1, 0, 0, 100, NIL);
    struct totals t = counted();
    cr_assert_eq(t.purchases, 1u);
    cr_assert_eq(t.returns, 2u);
    cr_assert_eq(t.anonymous, 1u);
    cr_assert_eq(t.lines, 3u);
    cr_assert_eq(model_customer(f.model, sale), CUSTOMER_THING);
}

Test(model, sales_of_many_lines) {
    uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, a, 5000, 300, NIL);
    region_sold(&r, 1, a, 5000, 254, NIL);
    cr_assert_eq(counted().lines, 554u);
    struct cut cut = {TIME_NONE, region_day(1, 0)};
    struct totals t;
    totals(f.model, &cut, &t);
    cr_assert_eq(t.lines, 554u);
    region_voided(&r, 1, a, sale, true);
    cr_assert_eq(counted().lines, 254u);
}

/* ---- Voids ---- */

Test(model, the_latest_verdict_holds) {
    uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, a, 700, 1, NIL);
    cr_assert_not(model_voided(folded(), sale));
    region_voided(&r, 1, a, sale, true);
    cr_assert(model_voided(folded(), sale));
    cr_assert_eq(value_of(f.model, a).spend, 0);
    uint64_t latest = r.hlc;
    region_voided(&r, 1, a, sale, false);
    r.hlc = latest - 1;
    region_voided(&r, HUB, a, sale, true); /* earlier, though it arrives later */
    cr_assert_eq(value_of(folded(), a).spend, 700);
}

Test(model, undoing_a_void_gives_the_digest_of_before) {
    uint64_t a = region_registered(&r, 1, 1, NIL), b = region_registered(&r, 2, 1, NIL);
    uint64_t thing = region_complained(&r, 1, a, NIL);
    const uint64_t things[] = {
        region_sold(&r, 1, a, 700, 1, NIL),
        region_contacted(&r, 1, a, NIL),
        region_referred(&r, 1, a, b, NIL),
        region_updated(&r, 2, a, 3, IDS(a)),
        region_linked(&r, HUB, a, b, choice_link_reason_phone),
        thing,
        region_stepped(&r, 2, a, thing, choice_step_apologise, IDS(thing), NIL),
        region_policy(&r, "vip", "5", NIL),
        region_store(&r, "S1", "clothes"),
        region_staff(&r, 1, "07", true),
        region_unlinked(&r, HUB, a, b, NO_IDS, IDS(a)),
        a,
    };
    struct digest before = digest(NULL);
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        region_voided(&r, HUB, a, things[i], true);
        cr_assert_not(same(before, digest(NULL)), "voiding event %zu shows", i);
        region_voided(&r, HUB, a, things[i], false);
        cr_assert(same(before, digest(NULL)), "undoing the void of event %zu does not", i);
    }
}

Test(model, a_store_voids_only_its_own) {
    uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, a, 700, 1, NIL);
    region_voided(&r, 2, a, sale, true);
    cr_assert_eq(value_of(folded(), a).spend, 700);
    region_stream(&r, 1, "S1");
    region_stream(&r, 2, "S2");
    cr_assert_eq(value_of(folded(), a).spend, 700);
    region_stream(&r, 2, "S1"); /* it is the same store's new PC after all */
    cr_assert_eq(value_of(folded(), a).spend, 0);
    uint64_t other = region_sold(&r, 1, a, 40, 1, NIL);
    region_voided(&r, HUB, a, other, true);
    cr_assert_eq(value_of(folded(), a).spend, 0);
}

Test(model, P2_what_came_back_of_a_sale_taken_back_counts_nothing) {
    /* Off line, the one store takes goods back, the other voids the sale: whichever is heard of first. */
    for (int void_first = 0; void_first < 2; void_first++) {
        uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, a, 5000, 1, region_day(1, 0));
        uint64_t taken = void_first ? region_voided(&r, 1, a, sale, true) : 0;
        uint64_t back = region_returned(&r, 2, a, sale, 2000, region_day(2, 0));
        if (!void_first) cr_assert_eq(value_of(folded(), a).spend, 3000);
        if (!void_first) taken = region_voided(&r, 1, a, sale, true);
        cr_assert_eq(value_of(folded(), a).spend, 0);
        cr_assert_eq(counted().returns, (unsigned)void_first, "only that of the first round, which counts again");
        region_voided(&r, HUB, a, back, true);
        region_voided(&r, HUB, a, back, false);
        cr_assert_eq(value_of(folded(), a).spend, 0, "the return is no more than its sale");
        region_voided(&r, 1, a, sale, false);
        cr_assert_eq(value_of(folded(), a).spend, 3000);
        region_voided(&r, HUB, a, back, true);
        cr_assert_eq(value_of(folded(), a).spend, 5000);
        region_voided(&r, HUB, a, back, false);
        cr_assert_eq(value_of(folded(), a).spend, 3000);
        cr_assert_neq(taken, 0u);
    }
}

Test(model, P2_what_came_back_of_a_sale_that_came_twice_counts) {
    uint64_t a = region_registered(&r, 1, 1, NIL), kept = region_sold(&r, 1, a, 5000, 1, region_day(1, 0));
    uint64_t twice = region_sold(&r, 2, a, 5000, 1, region_day(1, 0));
    region_returned(&r, 2, a, twice, 2000, region_day(2, 0));
    region_twice(&r, HUB, a, twice, true);
    cr_assert_eq(value_of(folded(), a).spend, 3000, "it is of the one that is left");
    region_voided(&r, HUB, a, twice, true);
    cr_assert_eq(value_of(folded(), a).spend, 5000, "people took it back");
    region_twice(&r, HUB, a, twice, true);
    cr_assert_eq(value_of(folded(), a).spend, 3000);
    region_voided(&r, 1, a, kept, true);
    region_twice(&r, HUB, a, twice, false);
    cr_assert_eq(value_of(folded(), a).spend, 3000, "the other one stands in its place");
}

Test(model, P2_what_came_back_of_nobodys_sale_taken_back) {
    uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, 0, 700, 1, NIL);
    struct digest before = digest(NULL);
    region_attributed(&r, 1, sale, a);
    region_returned(&r, 1, sale, sale, 200, NIL);
    cr_assert_eq(value_of(folded(), a).spend, 500);
    region_voided(&r, 1, sale, sale, true);
    cr_assert_eq(value_of(folded(), a).spend, 0);
    cr_assert_not(same(before, digest(NULL)));
    region_returned(&r, 2, sale, sale, 300, NIL);
    cr_assert_eq(value_of(folded(), a).spend, 0, "and what comes later");
    cr_assert_eq(counted().returns, 0u);
}

Test(model, what_cannot_be_voided) {
    uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 1, a, 700, 1, region_day(0, 1));
    uint64_t voided = region_voided(&r, 1, a, sale, true);
    region_voided(&r, HUB, a, voided, true);
    cr_assert_eq(value_of(folded(), a).spend, 0, "a void is taken back by the opposite word");
    uint64_t erased = region_erased(&r, HUB, IDS(a));
    region_voided(&r, HUB, a, erased, true);
    cr_assert_eq(model_customer(folded(), a), CUSTOMER_ERASED);
    uint64_t stream = region_stream(&r, 1, "S1");
    region_voided(&r, HUB, 0, stream, true);
    struct stream_state state;
    cr_assert(model_stream(folded(), 1, &state));
    cr_assert(state.opened);
}

Test(model, a_void_of_what_comes_later) {
    uint64_t later = id_make(1, 2);
    region_voided(&r, HUB, later, later, true);
    uint64_t a = region_registered(&r, 1, 1, NIL);
    cr_assert_eq(region_sold(&r, 1, a, 700, 1, NIL), later);
    cr_assert_eq(value_of(folded(), a).spend, 0);
    cr_assert_eq(counted().purchases, 0u);
}

/* Records whose hints pass the sales by: the last visit is found all the same. */
Test(model, the_last_visit_without_hints) {
    uint64_t a = region_registered(&r, 1, 1, NIL);
    region_sold(&r, 1, a, 10, 1, region_day(1, 0));
    uint64_t last = region_sold(&r, 1, a, 100, 1, region_day(2, 0));
    r.events[1].subject = r.events[2].subject = 0;
    region_voided(&r, 1, a, last, true);
    cr_assert_eq(value_of(folded(), a).last, region_day(1, 0));
    cr_assert_eq(value_of(f.model, a).visits, 1u);
}

/* ---- Fields ---- */

Test(model, the_heads_of_a_field) {
    uint64_t a = region_registered(&r, 1, 3, NIL), heads[8];
    uint64_t first = region_updated(&r, 1, a, 1, IDS(a));
    uint64_t other = region_updated(&r, 2, a, 1, IDS(a));
    cr_assert_eq(model_field_heads(folded(), a, 0, heads, 8), 2u);
    cr_assert_eq(heads[0], other, "the later one wins");
    cr_assert_eq(heads[1], first);
    cr_assert_eq(model_field_heads(f.model, a, 1, heads, 8), 1u);
    cr_assert_eq(heads[0], a);
    cr_assert_eq(model_heads(f.model, a, 3, heads, 8), 3u, "every head of both fields, each once");
    cr_assert_eq(model_heads(f.model, a, 3, heads, 1), 3u);
    uint64_t both = region_updated(&r, 1, a, 3, IDS(a, first, other));
    cr_assert_eq(model_heads(folded(), a, 3, heads, 8), 1u);
    cr_assert_eq(heads[0], both);
    region_voided(&r, 1, a, both, true);
    cr_assert_eq(model_field_heads(folded(), a, 0, heads, 8), 2u, "as before");
    uint64_t last = region_updated(&r, 1, a, 1, IDS(both));
    cr_assert_eq(model_field_heads(folded(), a, 0, heads, 8), 1u, "a voided event still orders others");
    cr_assert_eq(heads[0], last);
    cr_assert_eq(model_heads(f.model, id_make(9, 9), 3, heads, 8), 0u);
}

Test(model, edits_in_a_circle_leave_a_head) {
    uint64_t a = region_registered(&r, 1, 1, NIL), heads[4], first = id_make(2, 1), second = id_make(3, 1);
    cr_assert_eq(region_updated(&r, 2, a, 1, IDS(second)), first);
    cr_assert_eq(region_updated(&r, 3, a, 1, IDS(first)), second);
    cr_assert_geq(model_field_heads(folded(), a, 0, heads, 4), 1u);
}

/* ---- Clocks ---- */

Test(model, a_corrected_clock_moves_times_and_who_wins) {
    uint64_t a = region_registered(&r, 1, 1, NIL), heads[2], right = r.hlc;
    r.hlc = hlc_make(REGION_START + 10 * DAY_MS, 0);
    uint64_t ahead = region_updated(&r, 2, a, 1, IDS(a)); /* ten days ahead */
    uint64_t sale = region_sold(&r, 2, a, 700, 1, NIL);
    region_sold(&r, 2, a, 50, 1, region_day(1, 0)); /* told: stays */
    r.hlc = right + (UINT64_C(5000) << 16);
    uint64_t update = region_updated(&r, 1, a, 1, IDS(a));
    cr_assert_eq(model_field_heads(folded(), a, 0, heads, 2), 2u);
    cr_assert_eq(heads[0], ahead);
    cr_assert_geq(value_of(f.model, a).last, region_day(10, 0));
    region_clock(&r, 2, 1, id_seq(sale), -10 * DAY_MS);
    cr_assert_eq(model_field_heads(folded(), a, 0, heads, 2), 2u);
    cr_assert_eq(heads[0], update);
    cr_assert_eq(value_of(f.model, a).last, region_day(1, 0));
    cr_assert_eq(value_of(f.model, a).spend, 750);
    cr_assert_eq(model_position(f.model), r.count);
    cr_assert_eq(counted().events, r.count);
}

Test(model, a_corrected_clock_decides_which_void_is_the_latest) {
    uint64_t a = region_registered(&r, 1, 1, NIL), sale = region_sold(&r, 2, a, 700, 1, NIL), right = r.hlc;
    r.hlc = hlc_make(REGION_START + 10 * DAY_MS, 0);
    uint64_t ahead = region_voided(&r, 2, a, sale, true);
    r.hlc = right + (UINT64_C(5000) << 16);
    region_voided(&r, HUB, a, sale, false);
    cr_assert(model_voided(folded(), sale));
    region_clock(&r, 2, id_seq(ahead), id_seq(ahead), -10 * DAY_MS);
    cr_assert_not(model_voided(folded(), sale));
    cr_assert_eq(value_of(f.model, a).spend, 700);
}

Test(model, clocks_of_stores_are_the_hubs_to_correct) {
    uint64_t a = region_registered(&r, 1, 1, NIL);
    region_sold(&r, 2, a, 700, 1, NIL);
    int64_t last = value_of(folded(), a).last;
    struct event e;
    event_init(&e, EVENT_clock);
    e.body.clock.stream = 2;
    e.body.clock.from = 1;
    e.body.clock.to = 9;
    e.body.clock.ms = -DAY_MS;
    region_put(&r, 1, &e, false);
    cr_assert_eq(value_of(folded(), a).last, last);
    region_clock(&r, 2, 1, 9, -DAY_MS);
    region_clock(&r, 2, 1, 9, -DAY_MS); /* corrections add up */
    cr_assert_eq(value_of(folded(), a).last, last - 2 * DAY_MS);
    region_clock(&r, 2, 1, 9, -(TIME_MAX - TIME_MIN));
    cr_assert_eq(value_of(folded(), a).last, 0, "an hlc has no times before 1970");
}

Test(model, events_rehomed_bear_their_first_time) {
    static const uint8_t chain[CHAIN_BYTES] = {1};
    uint64_t a = region_registered(&r, 1, 1, NIL);
    struct event e;
    struct buf lines = BUF_INIT;
    event_init(&e, EVENT_sold);
    struct row_sale_line line = {view_of("hat"), 1000, 700, NIL, NIL, NIL};
    row_sale_line_append(&e.body.sold.lines, &lines, &line);
    e.subject = a;
    e.origin = (struct origin){view_make(chain, sizeof chain), hlc_make(region_day(-3, 0), 0)};
    region_put(&r, 5, &e, false);
    cr_assert_eq(value_of(folded(), a).last, region_day(-3, 0));
    buf_release(&lines);
}

/* ---- The directory ---- */

Test(model, stores_and_streams) {
    struct store_state store;
    struct stream_state stream;
    region_store(&r, "S2", "beauty");
    uint64_t first = region_store(&r, "S1", "clothes"), second = region_store(&r, "S1", "shoes");
    region_stream(&r, 7, "S1");
    region_registered(&r, 3, 1, NIL);
    cr_assert(model_store(folded(), view_of("S1"), &store));
    cr_assert(view_is(store.chain, "shoes"));
    cr_assert_not(model_store(f.model, view_of("S3"), &store));
    cr_assert(model_store_at(f.model, 0, &store) && view_is(store.code, "S1"));
    cr_assert(model_store_at(f.model, 1, &store) && view_is(store.code, "S2"));
    cr_assert_not(model_store_at(f.model, 2, &store));
    cr_assert(model_stream_at(f.model, 0, &stream) && stream.stream == HUB && stream.events == 4);
    cr_assert(model_stream_at(f.model, 1, &stream) && stream.stream == 3 && stream.last_seq == 1 && !stream.opened);
    cr_assert_null(stream.store.data);
    cr_assert(model_stream_at(f.model, 2, &stream) && stream.stream == 7 && view_is(stream.store, "S1"));
    cr_assert_not(model_stream_at(f.model, 3, &stream));
    cr_assert_not(model_stream(f.model, 8, &stream));
    region_voided(&r, HUB, 0, second, true);
    cr_assert(model_store(folded(), view_of("S1"), &store) && view_is(store.chain, "clothes"));
    region_voided(&r, HUB, 0, first, true);
    cr_assert_not(model_store(folded(), view_of("S1"), &store));
    cr_assert(model_store_at(f.model, 0, &store) && view_is(store.code, "S2"));
}

static void key_stream(uint32_t stream, uint8_t fill) {
    uint8_t key[PUBLIC_KEY_SIZE];
    struct event e;
    memset(key, fill, sizeof key);
    event_init(&e, EVENT_stream_keyed);
    e.body.stream_keyed.stream = stream;
    e.body.stream_keyed.key = view_make(key, sizeof key);
    region_put(&r, HUB, &e, false);
}

static void revoke_stream(uint32_t stream, int64_t last) {
    struct event e;
    event_init(&e, EVENT_stream_revoked);
    e.body.stream_revoked.stream = stream;
    e.body.stream_revoked.last = last;
    region_put(&r, HUB, &e, false);
}

Test(model, the_first_key_of_a_stream_and_its_last_revocation_hold) {
    struct stream_state stream;
    uint64_t late = r.hlc + (UINT64_C(9000) << 16), early = r.hlc;
    region_stream(&r, 3, "S3");
    cr_assert(model_stream(folded(), 3, &stream) && stream.opened && !stream.keyed && !stream.revoked);
    r.hlc = late;
    key_stream(3, 2);
    revoke_stream(3, 20);
    r.hlc = early;
    key_stream(3, 1);
    revoke_stream(3, 10);
    cr_assert(model_stream(folded(), 3, &stream) && stream.keyed && stream.revoked);
    cr_assert_eq(stream.key[0], 1);
    cr_assert_eq(stream.revoked_last, 20u);
}

Test(model, what_a_node_assumes_gives_way_to_events) {
    struct stream_state stream;
    struct store_state store;
    region_registered(&r, 3, 1, NIL);
    struct model *model = folded();
    model_assume_store(model, 3, view_of("S3"), view_of("Third"), VIEW_NONE);
    model_assume_store(model, 3, view_of("S3"), view_of("The third"), VIEW_NONE);
    cr_assert(model_stream(model, 3, &stream) && view_is(stream.store, "S3"));
    cr_assert(model_store(model, view_of("S3"), &store) && view_is(store.name, "The third"));
    region_stream(&r, 3, "S4");
    model = folded();
    model_assume_store(model, 3, view_of("S3"), VIEW_NONE, VIEW_NONE);
    cr_assert(model_stream(model, 3, &stream) && view_is(stream.store, "S4"));
}

Test(model, policy_in_force) {
    region_policy(&r, "vip", "1", NIL);
    region_policy(&r, "vip", "2", region_day(10, 0));
    region_policy(&r, "vip", "3", region_day(5, 0));
    struct view key = view_of("vip");
    cr_assert(view_is(model_policy(folded(), key, region_day(0, 0)), "1"));
    cr_assert(view_is(model_policy(f.model, key, region_day(5, 0)), "3"));
    cr_assert(view_is(model_policy(f.model, key, region_day(10, 0) - 1), "3"));
    cr_assert(view_is(model_policy(f.model, key, region_day(10, 0)), "2"));
    cr_assert(view_is(model_policy(f.model, key, TIME_NONE), "2"));
    cr_assert_null(model_policy(f.model, view_of("unset"), TIME_NONE).data);
    region_policy(&r, "vip", "4", region_day(5, 0));
    cr_assert(view_is(model_policy(folded(), key, region_day(6, 0)), "4"), "of one date the last said");
}

Test(model, staff_by_store_and_code) {
    region_stream(&r, 1, "S1");
    region_stream(&r, 4, "S1");
    region_staff(&r, 1, "07", true);
    region_staff(&r, 2, "07", true);
    uint64_t gone = region_staff(&r, 4, "07", false);
    struct staff_state staff;
    size_t cursor = 0, active = 0, count = 0;
    for (folded(); model_staff_next(f.model, &cursor, &staff); count++) active += staff.active;
    cr_assert_eq(count, 2u, "07 of S1, and 07 of a store not known");
    cr_assert_eq(active, 1u);
    cr_assert_eq(model_customer(f.model, gone), CUSTOMER_THING);
}

/* ---- Digest ---- */

Test(model, an_erasure_leaves_the_digest_alone) {
    uint64_t a = region_registered(&r, 1, 1, NIL), b = region_registered(&r, 2, 1, NIL);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    region_sold(&r, 1, a, 700, 1, NIL);
    struct digest before = digest(NULL);
    region_erased(&r, HUB, IDS(a, b));
    cr_assert(same(before, digest(NULL)));
    cr_assert_eq(value_of(f.model, b).spend, 700, "sums stay");
}

Test(model, it_does_not_matter_whether_a_sale_of_nobody_has_an_entry) {
    uint64_t sale = region_sold(&r, 1, 0, 700, 1, NIL);
    struct digest before = digest(NULL);
    region_voided(&r, HUB, sale, id_make(9, 9), true); /* names it, says nothing of it */
    cr_assert_eq(model_last_position(folded(), sale), 2u);
    cr_assert(same(before, digest(NULL)));
}

static struct digest digest_of(const size_t *order, size_t count, const char *store) {
    struct log *log = region_log(&r, order, count);
    struct model *model = model_open(log);
    struct view code = view_of(store);
    struct digest out;
    cr_assert_eq(model_replay(model, 0, count, NULL, NULL), 0);
    model_digest(model, &code, out.bytes);
    model_close(model);
    log->ops->close(log);
    return out;
}

/* A node that was fed everything about its people agrees with the hub about them, and need not know anything else. */
Test(model, a_store_agrees_about_its_people) {
    region_stream(&r, 1, "S1");
    region_stream(&r, 2, "S2");
    uint64_t a = region_registered(&r, 1, 1, NIL), b = region_registered(&r, 2, 1, NIL);
    uint64_t stranger = region_registered(&r, 2, 1, NIL);
    region_sold(&r, 2, b, 700, 1, NIL);
    region_sold(&r, 2, stranger, 9000, 1, NIL);
    region_linked(&r, HUB, b, a, choice_link_reason_phone);
    const size_t fed[] = {2, 0, 1, 7, 3, 5};
    cr_assert(same(digest("S1"), digest_of(fed, 6, "S1")));
    cr_assert_not(same(digest("S1"), digest_of(fed, 5, "S1")), "a sale at the other store is missing");
    cr_assert_not(same(digest("S2"), digest_of(fed, 6, "S2")));
    region_contacted(&r, 1, stranger, NIL);
    cr_assert_not(same(digest("S1"), digest_of(fed, 6, "S1")), "served once, its customer from then on");
    const size_t fed_more[] = {8, 6, 4, 2, 0, 1, 7, 3, 5};
    cr_assert(same(digest("S1"), digest_of(fed_more, 9, "S1")));
}

static struct digest digest_with_name(const char *name) {
    struct event e;
    region_release(&r);
    region_init(&r);
    event_init(&e, EVENT_registered);
    e.body.registered.name = view_of(name);
    e.sealed_bits = 1 << SEALED_registered_name;
    region_put(&r, 1, &e, true);
    return digest(NULL);
}

Test(model, sealed_bytes_are_in_the_digest) {
    cr_assert(same(digest_with_name("Kim"), digest_with_name("Kim")));
    cr_assert_not(same(digest_with_name("Kim"), digest_with_name("Lee")));
}

Test(model, whom_nothing_is_said_of_is_not_in_the_digest) {
    struct digest before = digest(NULL);
    uint64_t unheard = id_make(2, 40), sale = region_sold(&r, 1, unheard, 5, 1, NIL);
    cr_assert_not(same(before, digest(NULL)));
    region_voided(&r, 1, unheard, sale, true);
    cr_assert(same(before, digest(NULL)));
}

Test(model, a_store_nobody_heard_of_has_no_people) {
    static const struct digest nothing;
    region_stream(&r, 1, "S1");
    region_sold(&r, 1, id_make(2, 40), 5, 1, NIL); /* whom nobody registered */
    region_sold(&r, 1, 0, 5, 1, NIL);
    cr_assert(same(digest("S1"), nothing));
    region_registered(&r, 1, 1, NIL);
    cr_assert(same(digest("S9"), nothing));
    cr_assert_not(same(digest(NULL), nothing));
}

Test(model, memory_grows_with_what_it_holds) {
    size_t before = model_memory(folded());
    for (int i = 0; i < 1000; i++) region_registered(&r, 1, 1, NIL);
    size_t customers = model_memory(folded());
    cr_assert_leq(customers - before, 400u * 1000);
    for (int i = 0; i < 5000; i++) region_sold(&r, 1, id_make(1, 1), 5, 1, NIL);
    cr_assert_leq(model_memory(folded()) - customers, 25u * 5000);
}
