/* The CSV reader over everything that is found in the wild, and encodings. */
#include <criterion/criterion.h>
#include <string.h>

#include "node/csv.h"
#include "proto/base/encoding_os.h"
#include "proto/base/text.h"

/* Rows as "[a|b|c]" one after the other, a fault as "!" and its field. */
static void check_dialect(const char *content, size_t len, struct csv_dialect dialect, const char *expected) {
    struct csv csv;
    struct csv_row row;
    struct buf shown = BUF_INIT, bytes = BUF_INIT;
    csv_open(&csv, view_make(content, len), dialect);
    buf_append_view(&bytes, csv.mark);
    while (csv_next(&csv, &row)) {
        buf_append_byte(&shown, '[');
        for (size_t i = 0; i < row.count; i++) {
            if (i > 0) buf_append_byte(&shown, '|');
            buf_append_view(&shown, row.fields[i]);
            cr_assert_lt(row.starts[i], row.raw.len + 1);
        }
        buf_append_byte(&shown, ']');
        if (row.fault != NULL) buf_printf(&shown, "!%zu", row.fault_field);
        buf_append_view(&bytes, row.raw);
    }
    cr_expect_str_eq(buf_text(&shown), expected, "%s", content);
    cr_expect(view_equal(buf_view(&bytes), view_make(content, len)), "bytes were lost of %s", content);
    csv_close(&csv);
    buf_release(&shown);
    buf_release(&bytes);
}

static void check(const char *content, const char *expected) {
    check_dialect(content, strlen(content), (struct csv_dialect){.delimiter = ','}, expected);
}

Test(csv, fields_and_line_ends) {
    check("a,b\nc,d\n", "[a|b][c|d]");
    check("a,b\r\nc,d", "[a|b][c|d]");
    check("a,b\rc,d\r", "[a|b][c|d]");
    check("", "");
    check("a", "[a]");
    check(",", "[|]");
    check("a,\n,b\n", "[a|][|b]");
    check("\n\na\n\r\n", "[][][a][]");
    check(" a , b \n", "[ a | b ]");
}

Test(csv, byte_order_mark) {
    check("\xEF\xBB\xBFname,b\n", "[name|b]");
    check("\xEF\xBB\xBF\"name\",b\n", "[name|b]");
    check("\xEF\xBB\xBF", "");
    check("\xEF\xBB", "[\xEF\xBB]");
}

Test(csv, quotes) {
    check("\"a\",\"b,c\"\n", "[a|b,c]");
    check("\"a \"\"big\"\" one\",\"\"\n", "[a \"big\" one|]");
    check("\"two\nlines\",x\r\ny,z\n", "[two\nlines|x][y|z]");
    check("\"\"\"\"\n", "[\"]");
    check("a\"b,c\n", "[a\"b|c]");
    check("\"a\"", "[a]");
    check("\"a\",", "[a|]");
}

Test(csv, a_stray_quote_costs_one_row) {
    check("a,\"b\nc,d\ne,f\n", "[a|]!2[c|d][e|f]");
    check("a,\"b\nc,\"d\"\ne,f\n", "[a|]!2[c|d][e|f]");
    check("\"", "[]!1");
    check("\"a\"b,c\nd\n", "[a|c]!1[d]");
    check("\"a\" ,c\nd\n", "[a|c]!1[d]");
}

Test(csv, any_delimiter) {
    check_dialect("a;b,c\n", 6, (struct csv_dialect){.delimiter = ';'}, "[a|b,c]");
    check_dialect("a\tb\n", 4, (struct csv_dialect){.delimiter = '\t'}, "[a|b]");
    cr_expect(csv_delimiter(';') && csv_delimiter('\t') && csv_delimiter('|') && csv_delimiter(' '));
    cr_expect(!csv_delimiter('"') && !csv_delimiter('\n') && !csv_delimiter('\r') && !csv_delimiter(0) &&
              !csv_delimiter('x') && !csv_delimiter('7') && !csv_delimiter(0xE9));
}

Test(csv, second_bytes_are_no_delimiters) {
    /* 0x85 0x7C is one character of GB18030 whose second byte is a bar. */
    check_dialect("\x85\x7C|b\n", 5, (struct csv_dialect){.delimiter = '|', .double_byte = true}, "[\x85\x7C|b]");
    check_dialect("\x85|b\n", 4, (struct csv_dialect){.delimiter = '|', .double_byte = true}, "[\x85|b]");
    check_dialect("\x81\x30\x81\x7C,b\n", 7, (struct csv_dialect){.delimiter = ',', .double_byte = true},
                  "[\x81\x30\x81\x7C|b]");
    check_dialect("a,\x85", 3, (struct csv_dialect){.delimiter = ',', .double_byte = true}, "[a|\x85]");
    check_dialect("\x85,b\n\x85\nc", 7, (struct csv_dialect){.delimiter = ',', .double_byte = true},
                  "[\x85|b][\x85][c]");
}

Test(csv, lines_are_counted_inside_quotes_too) {
    static const char content[] = "h\n\"a\r\nb\nc\rd\"\nx\n\n\"y\"\nz";
    static const uint64_t lines[] = {1, 2, 6, 7, 8, 9};
    struct csv csv;
    struct csv_row row;
    size_t n = 0;
    csv_open(&csv, view_of(content), (struct csv_dialect){.delimiter = ','});
    while (csv_next(&csv, &row)) cr_expect_eq(row.line, lines[n++]);
    cr_expect_eq(n, sizeof lines / sizeof *lines);
    csv_close(&csv);
}

Test(csv, where_fields_begin) {
    struct csv csv;
    struct csv_row row;
    csv_open(&csv, view_of("7,\"a\"\"b\",c\n"), (struct csv_dialect){.delimiter = ','});
    cr_assert(csv_next(&csv, &row));
    cr_expect_eq(row.starts[0], 0);
    cr_expect_eq(row.starts[1], 2);
    cr_expect_eq(row.starts[2], 9);
    csv_close(&csv);
}

/* `count` bytes x between `before` and `after`. */
static void filled(struct buf *out, const char *before, size_t count, const char *after) {
    buf_clear(out);
    buf_append_view(out, view_of(before));
    buf_reserve(out, count);
    memset(out->data + out->len, 'x', count);
    out->len += count;
    buf_append_view(out, view_of(after));
}

Test(csv, sizes_are_bounded) {
    struct csv csv;
    struct csv_row row;
    struct buf content = BUF_INIT;
    static const struct {
        const char *before, *after;
        size_t fill;
        bool fault;
        size_t rows;
    } cases[] = {
        {"a,", "\nb\n", CSV_FIELD_MAX, false, 2},
        {"a,", "\nb\n", CSV_FIELD_MAX + 1, true, 2},
        {"a,", "\nb\n", CSV_ROW_MAX, true, 2},
        {"a,\"", "\"\nb\n", CSV_FIELD_MAX, false, 2},
        {"a,\"", "\"\nb\n", CSV_FIELD_MAX + 1, true, 2},
        {"\"a\n", "\"\nb\n", CSV_ROW_MAX, true, 3}, /* an open quote is given up after the first line */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        filled(&content, cases[i].before, cases[i].fill, cases[i].after);
        csv_open(&csv, buf_view(&content), (struct csv_dialect){.delimiter = ','});
        size_t rows = 1;
        cr_assert(csv_next(&csv, &row));
        cr_expect_eq(row.fault != NULL, cases[i].fault, "case %zu", i);
        while (csv_next(&csv, &row)) rows++;
        cr_expect_eq(rows, cases[i].rows, "case %zu: %zu rows", i, rows);
        csv_close(&csv);
    }
    buf_release(&content);
}

Test(csv, too_many_fields) {
    struct csv csv;
    struct csv_row row;
    struct buf content = BUF_INIT;
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++) buf_append_byte(&content, ',');
    csv_open(&csv, buf_view(&content), (struct csv_dialect){.delimiter = ','});
    cr_assert(csv_next(&csv, &row));
    cr_expect(row.fault != NULL && row.fault_field == 0);
    cr_expect_eq(row.count, CSV_FIELDS_MAX);
    cr_expect_not(csv_next(&csv, &row));
    csv_close(&csv);
    buf_release(&content);
}

/* ---- Encodings ---- */

static void check_decode(const char *name, const char *bytes, const char *expected, size_t broken) {
    struct encoding *e;
    struct err err = {0};
    struct buf out = BUF_INIT;
    cr_assert_eq(encoding_open(name, &e, &err), 0, "%s", err.text);
    cr_expect_eq(encoding_decode(e, view_of(bytes), &out), broken, "%s: %s", name, expected);
    cr_expect_str_eq(buf_text(&out), expected, "%s", name);
    encoding_close(e);
    buf_release(&out);
}

Test(encoding, decodes) {
    check_decode(NULL, "김단골", "김단골", 0);
    check_decode("utf-8", "a\xFFz", "a\uFFFDz", 1);
    check_decode("UTF8", "\xEA\xB9", "\uFFFD\uFFFD", 2);
    check_decode("latin1", "S\xE3o \x96", "São \xC2\x96", 0);
    check_decode("windows-1252", "S\xE3o \x96", "São –", 0);
    check_decode("cp1252", "\x81", "\uFFFD", 1);
    check_decode("CP949", "\xB1\xE8\x8C\x63", "김똠", 0);
    check_decode("euc-kr", "\xB1\xE8", "김", 0);
    check_decode("gb18030", "\xCD\xF5\x81\x39\xEE\x39", "王㐀", 0);
    check_decode("GBK", "\xCD\xF5", "王", 0);
    check_decode("gb18030", "\xCD", "\uFFFD", 1);
}

Test(encoding, nul_is_no_character) {
    struct encoding *e;
    struct buf out = BUF_INIT;
    cr_assert_eq(encoding_open(NULL, &e, NULL), 0);
    cr_expect_eq(encoding_decode(e, view_make("a\0b", 3), &out), 1);
    cr_expect(utf8_valid(buf_view(&out)));
    cr_expect_str_eq(buf_text(&out), "a\uFFFDb");
    encoding_close(e);
    buf_release(&out);
}

Test(encoding, encodes_back) {
    static const char *const names[] = {"utf-8", "latin1", "windows-1252", "gb18030", "cp949"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct encoding *e;
        struct buf there = BUF_INIT, back = BUF_INIT;
        cr_assert_eq(encoding_open(names[i], &e, NULL), 0);
        encoding_encode(e, view_of("é 김 王 \"x\""), &there);
        cr_expect_eq(encoding_decode(e, buf_view(&there), &back), 0, "%s", names[i]);
        cr_expect(strstr(buf_text(&back), "\"x\"") != NULL, "%s: %s", names[i], buf_text(&back));
        encoding_close(e);
        buf_release(&there);
        buf_release(&back);
    }
}

Test(encoding, unknown_ones_are_refused) {
    struct encoding *e;
    struct err err = {0};
    cr_expect_eq(encoding_open("klingon", &e, &err), ERR_INVALID);
    cr_expect_str_eq(err.field, "encoding");
    cr_expect(strstr(err.text, "klingon") != NULL && strstr(err.text, "gb18030") != NULL);
}
