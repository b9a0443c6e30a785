/* The directory of VIPs: rows and shelves, what the hub publishes of its claims, what each session still lacks. Over a
 * region in one process: directory_region_test.c. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "hub/directory.h"
#include "proto/site/directory.h"
#include "proto/wire/identity.h"
#include "tests/support/parties.h"
#include "tests/support/region_net.h"

#define HERE 4 /* KiB are too few for the slow hash: what is tested here hashes nothing */

static struct parties parties;
static struct directory d;
static struct directory_heading heading;

static void head(const char *tiers) {
    heading = (struct directory_heading){.memory = HERE};
    memset(heading.key.bytes, 7, KEY_BYTES);
    snprintf(heading.tiers, sizeof heading.tiers, "%s", tiers);
    directory_heading_sum(&heading);
    directory_head(&d, &heading);
}

static void prepare(void) {
    parties_make(&parties, 0);
    directory_open(&d);
    head("silver,gold,platinum");
}
static void done(void) { directory_close(&d); }
TestSuite(directory, .init = prepare, .fini = done);

/* ---- Rows ---- */

Test(directory, rows_stand_in_order_and_are_found) {
    struct buf rows = BUF_INIT;
    static const uint32_t hashes[] = {0x12000005, 0x12000001, 0x12ffffff, 0x12000003};
    for (size_t i = 0; i < 4; i++) cr_assert(directory_set(&rows, hashes[i], (uint8_t)i));
    cr_assert_eq(rows.len, 4 * DIRECTORY_ROW);
    for (size_t i = 0; i < 4; i++) cr_assert_eq(directory_find(buf_view(&rows), hashes[i]), i);
    cr_assert_eq(directory_find(buf_view(&rows), 0x12000002), DIRECTORY_GONE);
    for (size_t i = 1; i < 4; i++)
        cr_assert_lt(directory_row_hash(0x12, rows.data + (i - 1) * DIRECTORY_ROW),
                     directory_row_hash(0x12, rows.data + i * DIRECTORY_ROW));
    cr_assert(!directory_set(&rows, hashes[0], 0), "as it is already");
    cr_assert(directory_set(&rows, hashes[0], 9));
    cr_assert_eq(directory_find(buf_view(&rows), hashes[0]), 9);
    cr_assert(directory_set(&rows, hashes[1], DIRECTORY_GONE));
    cr_assert(!directory_set(&rows, hashes[1], DIRECTORY_GONE));
    cr_assert_eq(directory_find(buf_view(&rows), hashes[1]), DIRECTORY_GONE);
    cr_assert_eq(rows.len, 3 * DIRECTORY_ROW);
    buf_release(&rows);
}

Test(directory, tiers_are_named_by_their_number) {
    cr_assert(view_is(directory_tier("a,b,c", 0), "a"));
    cr_assert(view_is(directory_tier("a,b,c", 2), "c"));
    cr_assert_null(directory_tier("a,b,c", 3).data);
    cr_assert_null(directory_tier("a,b,c", DIRECTORY_GONE).data);
    cr_assert_null(directory_tier("", 0).data);
}

static int shelves_of(const char *hex, size_t len) {
    uint8_t bytes[32];
    struct view left = view_make(bytes, len), rows;
    int number = -1, code;
    cr_assert(hex_decode(hex, bytes, len));
    while ((code = directory_shelf_next(&left, &number, &rows, NULL)) == 1) {
    }
    return code;
}

Test(directory, shelves_that_cannot_be_are_refused) {
    cr_assert_eq(shelves_of("00000100000101ff0000", 10), 0, "one row, and an empty shelf");
    cr_assert_eq(shelves_of("000001000001", 6), ERR_FORMAT, "cut short");
    cr_assert_eq(shelves_of("0000", 2), ERR_FORMAT);
    cr_assert_eq(shelves_of("0500000500", 5), ERR_FORMAT);
    cr_assert_eq(shelves_of("050000040000", 6), ERR_FORMAT, "out of order");
    cr_assert_eq(shelves_of("0500020000020100000201", 11), ERR_FORMAT, "a row twice");
    cr_assert_eq(shelves_of("050001000002ff", 7), ERR_FORMAT, "a row that is gone");
}

Test(directory, the_same_number_and_key_give_the_same_hash_forever) {
    struct directory_heading h = {.memory = 8};
    uint32_t hash, other;
    uint8_t quick[DIRECTORY_QUICK];
    char hex[2 * DIRECTORY_QUICK + 1];
    memset(h.key.bytes, 7, KEY_BYTES);
    cr_assert_eq(directory_hash(&h, view_of("+821012345678"), &hash, NULL), 0);
    cr_assert_eq(hash, 0x1b27ad7a, "%08x", hash);
    directory_quick(&h, view_of("+821012345678"), quick);
    hex_encode(view_make(quick, sizeof quick), hex);
    cr_assert_str_eq(hex, "cb6727b349487cfed024c9ad");
    h.memory = DIRECTORY_MEMORY;
    cr_assert_eq(directory_hash(&h, view_of("+821012345678"), &other, NULL), 0);
    cr_assert_eq(other, 0x937538ce, "%08x", other);
    h.key.bytes[0]++;
    cr_assert_eq(directory_hash(&h, view_of("+821012345678"), &hash, NULL), 0);
    cr_assert_neq(hash, other);
    h.memory = 1;
    cr_assert_eq(directory_hash(&h, view_of("+821012345678"), &hash, NULL), ERR_NO_SPACE);
}

/* What was hashed once is at hand, under the same key and memory, until it is forgotten. */
Test(directory, a_number_is_hashed_once) {
    struct hashed_numbers numbers;
    struct directory_heading h = {.memory = 8}, other = {.memory = 8}, more = {.memory = 16};
    struct view number = view_of("+821012345678");
    uint32_t hash, wanted;
    hashed_numbers_init(&numbers);
    memset(other.key.bytes, 3, KEY_BYTES);
    cr_assert_eq(directory_hash(&h, number, &wanted, NULL), 0);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(hashed_number(&numbers, &h, number, &hash, NULL), 0);
        cr_assert_eq(hash, wanted);
    }
    for (size_t i = 0; i < HASHED_NUMBERS; i++) numbers.slots[i].hash ^= 42; /* to be told from one made anew */
    cr_assert_eq(hashed_number(&numbers, &h, number, &hash, NULL), 0);
    cr_assert_eq(hash, wanted ^ 42, "it was at hand");
    cr_assert_eq(hashed_number(&numbers, &more, number, &hash, NULL), 0);
    cr_assert(hash != wanted && hash != (wanted ^ 42), "with more memory it is another hash");
    cr_assert_eq(hashed_number(&numbers, &other, number, &hash, NULL), 0);
    cr_assert(hash != wanted && hash != (wanted ^ 42), "and under another key");
    cr_assert_eq(hashed_number(&numbers, &h, view_of("+821012345679"), &hash, NULL), 0);
    cr_assert(hash != wanted && hash != (wanted ^ 42), "and another number's");
    hashed_numbers_forget(&numbers);
    cr_assert_eq(hashed_number(&numbers, &h, number, &hash, NULL), 0);
    cr_assert_eq(hash, wanted);
    hashed_numbers_release(&numbers);
}

/* ---- A store of one's own ---- */

/* What a store makes of parts, without a site. */
struct store {
    struct directory_seat seat;
    struct buf rows[DIRECTORY_SHELVES];
    uint8_t heading[DIRECTORY_SUM];
    bool complete;
    size_t parts, shelves, changes;
};

static void take(struct store *s, struct view bytes) {
    struct message m;
    cr_assert_eq(message_decode(bytes, &m, NULL), 0);
    const struct message_directory *part = &m.body.directory;
    struct view left = part->shelves, rows;
    int number = -1;
    uint32_t hash;
    uint8_t tier;
    bool fresh = memcmp(s->heading, part->heading.data, DIRECTORY_SUM) != 0;
    cr_assert_eq(fresh, part->key.data != NULL, "the key comes with a heading that is new, and then alone");
    for (int i = 0; fresh && i < DIRECTORY_SHELVES; i++) buf_clear(&s->rows[i]);
    memcpy(s->heading, part->heading.data, DIRECTORY_SUM);
    while (directory_shelf_next(&left, &number, &rows, NULL) == 1) {
        buf_clear(&s->rows[number]);
        buf_append(&s->rows[number], rows.data, rows.len);
        s->shelves++;
    }
    left = part->changes;
    while (directory_change_next(&left, &hash, &tier, NULL) == 1) {
        directory_set(&s->rows[directory_shelf(hash)], hash, tier);
        s->changes++;
    }
    s->complete = part->sum.data != NULL;
    s->parts++;
}

static void tell_one(struct store *s) {
    struct buf part = BUF_INIT;
    cr_assert_eq(directory_tell(&d, &s->seat, parties.store.public_key, &part, NULL), 0);
    cr_assert_lt(part.len, 400000);
    take(s, buf_view(&part));
    buf_release(&part);
}

static bool same(const struct store *s) {
    for (int i = 0; i < DIRECTORY_SHELVES; i++)
        if (!view_equal(buf_view(&s->rows[i]), buf_view(&d.shelves[i]))) return false;
    return true;
}

static void tell_all(struct store *s) {
    s->parts = s->shelves = s->changes = 0;
    while (directory_owes(&d, &s->seat)) tell_one(s);
    cr_assert(same(s));
    if (s->parts > 0) cr_assert(s->complete);
}

static void connect(struct store *s, bool knows) {
    struct buf held = BUF_INIT;
    uint8_t sum[DIRECTORY_SUM];
    directory_seat_close(&s->seat);
    if (knows) {
        buf_append(&held, s->heading, DIRECTORY_SUM);
        struct directory_heading as = heading;
        memcpy(as.sum, s->heading, DIRECTORY_SUM);
        for (int i = 0; i < DIRECTORY_SHELVES; i++) {
            directory_shelf_sum(&as, (uint8_t)i, buf_view(&s->rows[i]), sum);
            buf_append(&held, sum, DIRECTORY_SUM);
        }
    }
    directory_seat_open(&s->seat, buf_view(&held));
    buf_release(&held);
}

static void forget(struct store *s) {
    directory_seat_close(&s->seat);
    for (int i = 0; i < DIRECTORY_SHELVES; i++) buf_release(&s->rows[i]);
}

static uint32_t hash_of(uint32_t n) { return n * UINT32_C(2654435761); }

/* ---- Claims and what is published of them ---- */

Test(directory, nothing_is_told_before_it_is_ready) {
    struct store s = {.parts = 0};
    connect(&s, false);
    directory_claim(&d, 1, hash_of(1), 2);
    cr_assert(!directory_owes(&d, &s.seat));
    cr_assert(directory_publish(&d));
    cr_assert(directory_owes(&d, &s.seat));
    tell_all(&s);
    cr_assert_eq(d.numbers, 1);
    cr_assert(!directory_publish(&d), "nothing is new");
    cr_assert(!directory_owes(&d, &s.seat));
    forget(&s);
}

Test(directory, the_highest_of_those_with_one_number_counts) {
    uint32_t hash = hash_of(9);
    struct buf *shelf = &d.shelves[directory_shelf(hash)];
    directory_claim(&d, 1, hash, 1);
    directory_claim(&d, 2, hash, 2);
    directory_claim(&d, 3, hash, 1);
    directory_publish(&d);
    cr_assert_eq(directory_find(buf_view(shelf), hash), 2);
    directory_unclaim(&d, 2);
    directory_publish(&d);
    cr_assert_eq(directory_find(buf_view(shelf), hash), 1);
    directory_claim(&d, 1, hash_of(10), 1); /* another number */
    directory_publish(&d);
    cr_assert_eq(directory_find(buf_view(shelf), hash), 1);
    directory_unclaim(&d, 3);
    directory_unclaim(&d, 3);
    directory_publish(&d);
    cr_assert_eq(directory_find(buf_view(shelf), hash), DIRECTORY_GONE);
    cr_assert_eq(d.numbers, 1);
}

Test(directory, a_store_on_the_line_gets_changes_alone) {
    struct store s = {.parts = 0};
    for (uint32_t i = 1; i <= 1000; i++) directory_claim(&d, i, hash_of(i), 1);
    directory_publish(&d);
    connect(&s, false);
    tell_all(&s);
    cr_assert(s.shelves == DIRECTORY_SHELVES && s.changes == 0);
    directory_claim(&d, 5, hash_of(5), 2);
    directory_unclaim(&d, 6);
    directory_claim(&d, 7, hash_of(7), 2);
    directory_claim(&d, 7, hash_of(7), 1); /* back before anybody saw it */
    directory_publish(&d);
    tell_all(&s);
    cr_assert(s.parts == 1 && s.shelves == 0 && s.changes == 2);
    forget(&s);
}

Test(directory, a_store_that_comes_back_gets_the_shelves_that_are_others) {
    struct store s = {.parts = 0};
    for (uint32_t i = 1; i <= 1000; i++) directory_claim(&d, i, hash_of(i), 1);
    directory_publish(&d);
    connect(&s, false);
    tell_all(&s);
    connect(&s, true);
    tell_all(&s);
    cr_assert_eq(s.parts, 0, "nothing at all");
    directory_unclaim(&d, 5);
    directory_publish(&d);
    connect(&s, true);
    tell_all(&s);
    cr_assert(s.parts == 1 && s.shelves == 1 && s.changes == 0);
    buf_append(&s.rows[3], "\xff\xff\xff\x01", 4); /* and one that is damaged */
    connect(&s, true);
    tell_all(&s);
    cr_assert_eq(s.shelves, 1);
    forget(&s);
}

Test(directory, another_heading_begins_anew) {
    struct store s = {.parts = 0};
    for (uint32_t i = 1; i <= 100; i++) directory_claim(&d, i, hash_of(i), 1);
    directory_publish(&d);
    connect(&s, false);
    tell_all(&s);
    head("bronze,silver,gold,platinum");
    cr_assert(!directory_owes(&d, &s.seat), "not before the tiers are those of the new heading");
    for (uint32_t i = 1; i <= 100; i++) directory_claim(&d, i, hash_of(i), 2);
    directory_publish(&d);
    tell_all(&s);
    cr_assert_eq(s.shelves, DIRECTORY_SHELVES);
    cr_assert_arr_eq(s.heading, heading.sum, DIRECTORY_SUM);
    head("bronze,silver,gold,platinum");
    cr_assert(!directory_owes(&d, &s.seat), "it is the same one");
    forget(&s);
}

Test(directory, who_has_fallen_off_the_end_of_the_changes_gets_all) {
    struct store s = {.parts = 0};
    directory_publish(&d);
    connect(&s, false);
    tell_all(&s);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 1; i <= DIRECTORY_CHANGES_KEPT / 2; i++) directory_claim(&d, i, hash_of(i), round % 2);
        directory_publish(&d);
    }
    cr_assert_leq(d.changes.count, DIRECTORY_CHANGES_KEPT);
    tell_all(&s);
    cr_assert_eq(s.shelves, DIRECTORY_SHELVES);
    cr_assert_gt(s.parts, 1, "in several parts");
    forget(&s);
}

Test(directory, a_store_that_knows_none_is_told_none) {
    struct store s = {.parts = 0};
    directory_seat_open(&s.seat, VIEW_NONE);
    directory_claim(&d, 1, hash_of(1), 1);
    directory_publish(&d);
    cr_assert(!directory_owes(&d, &s.seat));
    forget(&s);
}

/* Any life of claims, publications, parts and lines that break, against a table kept by hand. */
Test(directory, any_life_of_claims_comes_out_as_a_table_kept_by_hand) {
    enum { PEOPLE = 300, NUMBERS = 150 };
    static int tier[PEOPLE + 1], number[PEOPLE + 1];
    struct store stores[3] = {{.parts = 0}};
    uint64_t dice = 4711;
    for (int i = 0; i <= PEOPLE; i++) tier[i] = -1;
    for (size_t i = 0; i < 3; i++) connect(&stores[i], false);
    for (int step = 0; step < 20000; step++) {
        dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t roll = (uint32_t)(dice >> 33), who = 1 + roll % PEOPLE;
        struct store *s = &stores[roll / PEOPLE % 3];
        if (step % 10 < 6) {
            tier[who] = (int)(roll / 1000 % 4) - 1;
            number[who] = (int)(roll / 5000 % NUMBERS);
            if (tier[who] < 0)
                directory_unclaim(&d, who);
            else
                directory_claim(&d, who, hash_of((uint32_t)number[who]), (uint8_t)tier[who]);
        } else if (step % 10 == 6) {
            directory_publish(&d);
        } else if (step % 10 == 7 && step % 170 == 7) {
            connect(s, s->parts > 0);
        } else if (directory_owes(&d, &s->seat)) {
            tell_one(s);
        }
    }
    directory_publish(&d);
    for (size_t i = 0; i < 3; i++) tell_all(&stores[i]);
    uint64_t rows = 0;
    for (int n = 0; n < NUMBERS; n++) {
        int highest = -1;
        uint32_t hash = hash_of((uint32_t)n);
        for (int i = 1; i <= PEOPLE; i++)
            if (number[i] == n && tier[i] > highest) highest = tier[i];
        uint8_t told = directory_find(buf_view(&d.shelves[directory_shelf(hash)]), hash);
        cr_assert_eq(told, highest < 0 ? DIRECTORY_GONE : highest, "number %d", n);
        rows += highest >= 0;
    }
    cr_assert_eq(d.numbers, rows);
    for (size_t i = 0; i < 3; i++) forget(&stores[i]);
}
