/* Rows: 22 bytes each, in the order of their seqs whatever the order they come in. */
#include "proto/model/rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/event/id.h"

Test(rows, a_row_keeps_what_it_was_made_of) {
    struct row row = row_make(ID_SEQ_MAX, TIME_MAX, ROW_RETURN, 3, 7);
    cr_assert_eq(row_time(&row), TIME_MAX);
    cr_assert_eq(row_flags(&row), (uint32_t)ROW_RETURN);
    cr_assert_eq(row_lines(&row), 3u);
    cr_assert_eq(row.entry, 7u);
    row = row_make(1, TIME_MIN, ROW_VISIT, ROW_LINES_MORE + 1, NONE);
    cr_assert_eq(row_time(&row), TIME_MIN);
    cr_assert_eq(row_flags(&row), (uint32_t)ROW_VISIT);
    cr_assert_eq(row_lines(&row), (uint32_t)ROW_LINES_MORE, "127 stands for that many or more");
}

Test(rows, dying_and_living_again_changes_nothing_else) {
    struct row row = row_make(9, 0, ROW_VISIT, 2, 1), before = row;
    cr_assert(row_live(&row));
    row_set_dead(&row, true);
    cr_assert_not(row_live(&row));
    cr_assert_eq(row_time(&row), 0);
    cr_assert_eq(row_lines(&row), 2u);
    row_set_dead(&row, false);
    cr_assert_eq(row.word, before.word);
}

static void put(struct rows *rows, uint64_t seq) {
    struct row row = row_make(seq, (int64_t)seq, 0, 1, NONE);
    struct row_money money = {(int64_t)seq * 10, 0, false};
    cr_assert(rows_put(rows, seq, &row, &money), "seq %llu", (unsigned long long)seq);
    cr_assert_not(rows_put(rows, seq, &row, &money), "a seq comes once");
}

static void expect_all(const struct rows *rows, uint64_t count, uint64_t stride) {
    cr_assert_eq(rows->count, count);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t seq = (i + 1) * stride;
        cr_assert_eq(rows_seq(rows, i), seq);
        cr_assert_eq(row_amount(rows, rows_at(rows, i)), (int64_t)seq * 10);
        cr_assert_eq(rows_find(rows, seq), rows_at(rows, i));
        if (stride > 1) cr_assert_null(rows_find(rows, seq + 1));
    }
    cr_assert_null(rows_find(rows, 0));
}

Test(rows, appended) {
    struct rows rows = {.chunks = NULL};
    cr_assert_null(rows_find(&rows, 1));
    for (uint64_t seq = 1; seq <= 3 * ROWS_CHUNK + 5; seq++) put(&rows, seq);
    expect_all(&rows, 3 * ROWS_CHUNK + 5, 1);
    cr_assert_leq(rows_memory(&rows), rows.count * 23);
    rows_release(&rows);
}

Test(rows, from_the_last_to_the_first) {
    struct rows rows = {.chunks = NULL};
    for (uint64_t seq = 2 * ROWS_CHUNK + 1; seq > 0; seq--) put(&rows, seq * 3);
    expect_all(&rows, 2 * ROWS_CHUNK + 1, 3);
    rows_release(&rows);
}

/* Seqs of any length, some next to an era's edge, in no order. */
Test(rows, of_streams_of_any_length) {
    static const uint64_t starts[] = {1, (1 << ROW_ERA_PLACE) - 20, UINT64_C(1) << 32, ID_SEQ_MAX - 60};
    enum { STARTS = sizeof starts / sizeof *starts, PRIME = 53, ALL = STARTS * (PRIME - 1) };
    for (uint64_t stride = 1; stride < PRIME; stride += 6) {
        struct rows rows = {.chunks = NULL};
        for (uint64_t i = 0; i < ALL; i++) put(&rows, starts[i * stride % STARTS] + (i / STARTS + 1) * stride % PRIME);
        cr_assert_eq(rows.count, (uint32_t)ALL);
        for (uint32_t i = 0; i < ALL; i++) {
            uint64_t seq = starts[i / (PRIME - 1)] + i % (PRIME - 1) + 1;
            cr_assert_eq(rows_seq(&rows, i), seq, "row %u", i);
            cr_assert_eq(rows_find(&rows, seq), rows_at(&rows, i));
            cr_assert_eq(rows_after(&rows, seq), i + 1);
            cr_assert_eq(row_amount(&rows, rows_at(&rows, i)), (int64_t)seq * 10);
        }
        rows_release(&rows);
    }
}

/* Every residue of a prime once: far from any order. */
Test(rows, in_no_order) {
    enum { PRIME = 5003 };
    struct rows rows = {.chunks = NULL};
    for (uint64_t i = 1; i < PRIME; i++) put(&rows, i * 1999 % PRIME);
    expect_all(&rows, PRIME - 1, 1);
    rows_release(&rows);
}

Test(rows, chunk_by_chunk) {
    for (uint64_t count = ROWS_CHUNK - 2; count <= ROWS_CHUNK + 2; count++) {
        struct rows rows = {.chunks = NULL};
        for (uint64_t seq = 2; seq <= count; seq++) put(&rows, seq);
        put(&rows, 1);
        expect_all(&rows, count, 1);
        rows_release(&rows);
    }
}

/* Whatever the size of its money and the order the rows come in, a row gives back what it was put with. */
Test(rows, money_of_any_size) {
    static const int64_t sums[] = {
        0, 1, -1, INT32_MAX, INT32_MIN, INT32_MAX + INT64_C(1), INT32_MIN - INT64_C(1), INT64_MAX, INT64_MIN, -5};
    enum { SUMS = sizeof sums / sizeof *sums, PRIME = 211 };
    struct rows rows = {.chunks = NULL};
    for (uint64_t i = 1; i < PRIME; i++) {
        uint64_t seq = i * 89 % PRIME;
        struct row row = row_make(seq, 0, ROW_VISIT, 1, NONE);
        struct row_money money = {sums[seq % SUMS], seq % 3 > 0 ? sums[seq / 2 % SUMS] : 0, seq % 3 > 0};
        cr_assert(rows_put(&rows, seq, &row, &money));
    }
    for (uint64_t seq = 1; seq < PRIME; seq++) {
        const struct row *row = rows_find(&rows, seq);
        struct row_money money = row_money(&rows, row);
        cr_assert_eq(money.amount, sums[seq % SUMS], "seq %llu", (unsigned long long)seq);
        cr_assert_eq(row_amount(&rows, row), money.amount);
        cr_assert_eq(money.costed, seq % 3 > 0);
        cr_assert_eq(money.margin, seq % 3 > 0 ? sums[seq / 2 % SUMS] : 0, "seq %llu", (unsigned long long)seq);
        cr_assert(row_has(row, ROW_VISIT) && row_live(row) && row_lines(row) == 1);
    }
    rows_release(&rows);
}

/* A look at some time passes over chunks, and over nothing that is of that time, whatever the order. */
Test(rows, found_by_their_time) {
    enum { PRIME = 5003, FROM = 1000, TO = 1100 };
    for (int shuffled = 0; shuffled < 2; shuffled++) {
        struct rows rows = {.chunks = NULL};
        uint32_t looked_at = 0, found = 0;
        for (uint64_t i = 1; i < PRIME; i++) {
            uint64_t seq = shuffled ? i * 1999 % PRIME : i;
            struct row row = row_make(seq, (int64_t)seq, ROW_VISIT, 1, NONE);
            cr_assert(rows_put(&rows, seq, &row, &(struct row_money){1, 0, false}));
        }
        for (uint32_t at = rows_within(&rows, 0, FROM, TO); at < rows.count;
             at = rows_within(&rows, at + 1, FROM, TO)) {
            int64_t time = row_time(rows_at(&rows, at));
            looked_at++;
            found += time >= FROM && time <= TO;
        }
        cr_assert_eq(found, TO - FROM + 1);
        cr_assert(looked_at <= rows.count / 3, "%u of %u", looked_at, rows.count);
        rows_release(&rows);
    }
}
