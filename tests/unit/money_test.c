/* Currencies, decimal text, rounding, multiplication and the written form. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/money.h"

#define REFUSED INT64_MIN

static int64_t parse(const char *text, int decimals, enum money_mode mode) {
    struct err err = {0};
    int64_t value = REFUSED;
    int code = decimal_parse(view_of(text), decimals, mode, MONEY_MAX, &value, &err);
    cr_assert_eq(code, err.code);
    cr_assert_eq(code == 0, err.text[0] == '\0');
    return code == 0 ? value : REFUSED;
}

static int64_t typed(const char *text, int decimals) { return parse(text, decimals, MONEY_EXACT); }

static int64_t filed(const char *text, int decimals) { return parse(text, decimals, MONEY_ROUND); }

Test(money, currencies_have_their_iso_decimals) {
    static const struct {
        const char *code;
        int decimals;
    } known[] = {{"KRW", 0}, {"JPY", 0}, {"VND", 0}, {"CNY", 2}, {"USD", 2}, {"EUR", 2}, {"KWD", 3}, {"CLF", 4}};
    struct currency currency;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        cr_assert_eq(currency_find(known[i].code, &currency, NULL), 0, "%s", known[i].code);
        cr_assert_eq(currency.decimals, known[i].decimals, "%s", known[i].code);
        cr_assert_str_eq(currency.code, known[i].code);
    }
    cr_assert_eq(currency_find("krw", &currency, NULL), 0);
    cr_assert_str_eq(currency.code, "KRW");
}

Test(money, other_words_are_no_currency) {
    static const char *const unknown[] = {"", "K", "KR", "KRWX", "ZZZ", "W K", "RW ", " KR", "원화", "K\nW"};
    struct currency currency;
    struct err err;
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        cr_assert_eq(currency_find(unknown[i], &currency, &err), ERR_INVALID, "\"%s\"", unknown[i]);
    cr_assert_str_eq(err.field, "currency");
    cr_assert_eq(currency_find(NULL, &currency, &err), ERR_INVALID);
}

Test(money, typed_amounts_are_taken_exactly) {
    cr_assert_eq(typed("0", 0), 0);
    cr_assert_eq(typed("1234", 0), 1234);
    cr_assert_eq(typed("1234", 2), 123400);
    cr_assert_eq(typed("1234.5", 2), 123450);
    cr_assert_eq(typed("1234.56", 2), 123456);
    cr_assert_eq(typed("-0.01", 2), -1);
    cr_assert_eq(typed("+7", 2), 700);
    cr_assert_eq(typed("-0", 2), 0);
    cr_assert_eq(typed("0007.10", 2), 710);
    cr_assert_eq(typed(".5", 2), 50);
    cr_assert_eq(typed(" 12 ", 0), 12);
    cr_assert_eq(typed("2.5", 3), 2500);
}

Test(money, typed_amounts_with_too_many_decimals_are_refused) {
    cr_assert_eq(typed("12.5", 0), REFUSED);
    cr_assert_eq(typed("12.0", 0), REFUSED);
    cr_assert_eq(typed("1.999", 2), REFUSED);
    cr_assert_eq(typed("1.990", 2), REFUSED);
    cr_assert_eq(typed("1e3", 2), REFUSED);
}

Test(money, what_is_not_a_number_is_refused_everywhere) {
    static const char *const words[] = {"",     " ",   "-",  "+",   ".",    "-.",    "1,000", "1 000", "1.2.3",
                                        "--1",  "+-1", "1-", "abc", "0x10", "1a",    "inf",   "nan",   "１２",
                                        "₩100", "e5",  "1e", "1e+", "1e5x", "1e1.5", "1e 5",  "١"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        cr_assert_eq(typed(words[i], 2), REFUSED, "\"%s\"", words[i]);
        cr_assert_eq(filed(words[i], 2), REFUSED, "\"%s\"", words[i]);
    }
    int64_t value;
    cr_assert_eq(decimal_parse(VIEW_NONE, 2, MONEY_ROUND, MONEY_MAX, &value, NULL), ERR_INVALID);
    cr_assert_eq(decimal_parse(view_make("1\0", 2), 2, MONEY_ROUND, MONEY_MAX, &value, NULL), ERR_INVALID);
}

Test(money, filed_amounts_are_rounded_half_away_from_zero) {
    cr_assert_eq(filed("1.004", 2), 100);
    cr_assert_eq(filed("1.005", 2), 101);
    cr_assert_eq(filed("1.00499999999999999999999999", 2), 100);
    cr_assert_eq(filed("-1.005", 2), -101);
    cr_assert_eq(filed("-1.004", 2), -100);
    cr_assert_eq(filed("0.5", 0), 1);
    cr_assert_eq(filed("-0.5", 0), -1);
    cr_assert_eq(filed("0.49", 0), 0);
    cr_assert_eq(filed("-0.49", 0), 0);
    cr_assert_eq(filed("9.995", 2), 1000);
    cr_assert_eq(filed("99.5", 0), 100);
    cr_assert_eq(filed(".05", 0), 0);
    cr_assert_eq(filed("12.", 0), 12);
}

Test(money, filed_amounts_may_have_an_exponent) {
    cr_assert_eq(filed("1.5e3", 0), 1500);
    cr_assert_eq(filed("1.5E+3", 2), 150000);
    cr_assert_eq(filed("15e-1", 0), 2);
    cr_assert_eq(filed("14e-1", 0), 1);
    cr_assert_eq(filed("5e-1", 0), 1);
    cr_assert_eq(filed("5e-2", 0), 0);
    cr_assert_eq(filed("5e-3", 2), 1);
    cr_assert_eq(filed("9.313225746154785e-10", 2), 0);
    cr_assert_eq(filed("1e-999999999999", 2), 0);
    cr_assert_eq(filed("1e999999999999", 2), REFUSED);
    cr_assert_eq(filed("0e999999999999", 2), 0);
    cr_assert_eq(filed("0.00000000000000000001e20", 0), 1);
    cr_assert_eq(filed("100000000000000000000e-20", 0), 1);
}

Test(money, amounts_stop_at_the_limit) {
    struct err err = {0};
    int64_t value = 0;
    cr_assert_eq(typed("140000000000000", 0), MONEY_MAX);
    cr_assert_eq(typed("-140000000000000", 0), -MONEY_MAX);
    cr_assert_eq(filed("140000000000000.4", 0), MONEY_MAX);
    cr_assert_eq(decimal_parse(view_of("140000000000001"), 0, MONEY_EXACT, MONEY_MAX, &value, &err), ERR_LIMIT);
    cr_assert_eq(decimal_parse(view_of("140000000000000.5"), 0, MONEY_ROUND, MONEY_MAX, &value, &err), ERR_LIMIT);
    cr_assert_eq(decimal_parse(view_of("1400000000000.01"), 2, MONEY_EXACT, MONEY_MAX, &value, &err), ERR_LIMIT);
    cr_assert_eq(decimal_parse(view_of("99999999999999999999999999"), 0, MONEY_EXACT, MONEY_MAX, &value, &err),
                 ERR_LIMIT);
    cr_assert_not_null(strstr(err.text, "140,000,000,000,000"));
    cr_assert_eq(decimal_parse(view_of("9223372036854775807"), 0, MONEY_EXACT, INT64_MAX, &value, &err), 0);
    cr_assert_eq(value, INT64_MAX);
    cr_assert_eq(decimal_parse(view_of("9223372036854775808"), 0, MONEY_EXACT, INT64_MAX, &value, &err), ERR_LIMIT);
    cr_assert_eq(decimal_parse(view_of("9223372036854775807.5"), 0, MONEY_ROUND, INT64_MAX, &value, &err), ERR_LIMIT);
}

Test(money, endless_digits_are_refused_without_harm) {
    char digits[5000];
    int64_t value = 0;
    memset(digits, '0', sizeof digits);
    cr_assert_eq(decimal_parse(view_make(digits, 900), 2, MONEY_ROUND, MONEY_MAX, &value, NULL), 0);
    cr_assert_eq(value, 0);
    cr_assert_eq(decimal_parse(view_make(digits, sizeof digits), 2, MONEY_ROUND, MONEY_MAX, &value, NULL), ERR_INVALID);
}

Test(money, products_are_rounded_half_away_from_zero) {
    int64_t out;
    cr_assert(decimal_multiply(1500, 1999, 3, MONEY_MAX, &out));
    cr_assert_eq(out, 2999); /* 1.5 × 1999 = 2998.5 */
    cr_assert(decimal_multiply(-1500, 1999, 3, MONEY_MAX, &out));
    cr_assert_eq(out, -2999);
    cr_assert(decimal_multiply(333, 1000, 3, MONEY_MAX, &out));
    cr_assert_eq(out, 333);
    cr_assert(decimal_multiply(1, 499, 3, MONEY_MAX, &out));
    cr_assert_eq(out, 0);
    cr_assert(decimal_multiply(-1, 499, 3, MONEY_MAX, &out));
    cr_assert_eq(out, 0);
    cr_assert(decimal_multiply(7, 6, 0, MONEY_MAX, &out));
    cr_assert_eq(out, 42);
    cr_assert(decimal_multiply(MONEY_MAX, QUANTITY_MAX, 9, MONEY_MAX, &out));
    cr_assert_eq(out, MONEY_MAX);
}

Test(money, products_above_the_limit_are_refused) {
    int64_t out = 5;
    cr_assert_not(decimal_multiply(MONEY_MAX, 1001, 3, MONEY_MAX, &out));
    cr_assert_not(decimal_multiply(-MONEY_MAX, 1001, 3, MONEY_MAX, &out));
    cr_assert_not(decimal_multiply(INT64_MAX, INT64_MAX, 0, INT64_MAX, &out));
    cr_assert_not(decimal_multiply(INT64_MIN, INT64_MIN, 18, INT64_MAX, &out));
    cr_assert_eq(out, 5);
}

static void check_format(int64_t value, int decimals, bool grouped, const char *expected) {
    char out[40];
    cr_assert_str_eq(decimal_format(value, decimals, grouped, out), expected);
}

Test(money, amounts_are_written_with_all_their_decimals) {
    check_format(0, 0, false, "0");
    check_format(0, 2, false, "0.00");
    check_format(5, 2, false, "0.05");
    check_format(-5, 2, false, "-0.05");
    check_format(123450, 2, false, "1234.50");
    check_format(123450, 2, true, "1,234.50");
    check_format(-123456789, 2, true, "-1,234,567.89");
    check_format(123, 0, true, "123");
    check_format(1000, 0, true, "1,000");
    check_format(100000, 2, true, "1,000.00");
    check_format(99900, 2, true, "999.00");
    check_format(1234567, 0, true, "1,234,567");
    check_format(INT64_MIN, 0, true, "-9,223,372,036,854,775,808");
    check_format(INT64_MIN, 18, true, "-9.223372036854775808");
    check_format(1, 18, false, "0.000000000000000001");
}

Test(money, what_is_written_reads_back) {
    static const int64_t values[] = {0, 1, -1, 9, 10, 99, 100, 12345, -99999, MONEY_MAX, -MONEY_MAX};
    for (int decimals = 0; decimals <= 4; decimals++)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            char out[40];
            cr_assert_eq(typed(decimal_format(values[i], decimals, false, out), decimals), values[i], "%s", out);
            cr_assert_eq(filed(out, decimals), values[i], "%s", out);
        }
}
