/* Decimal text and decimal products against the processor's long doubles, which are near enough to tell a wrong result,
 * and against themselves. The first byte chooses the number of decimals. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/money.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool near(int64_t units, long double exact) {
    long double distance = (long double)units - exact;
    return (distance < 0 ? -distance : distance) <= 0.5L + 1e-3L;
}

static long double scale(int decimals) {
    long double scale = 1;
    while (decimals-- > 0) scale *= 10;
    return scale;
}

static void check_text(struct view text, int decimals) {
    int64_t exact, rounded;
    struct err err = {0};
    int code_exact = decimal_parse(text, decimals, MONEY_EXACT, MONEY_MAX, &exact, NULL);
    int code_rounded = decimal_parse(text, decimals, MONEY_ROUND, MONEY_MAX, &rounded, &err);
    assert(code_exact != 0 || (code_rounded == 0 && exact == rounded));
    assert(code_rounded == err.code && (code_rounded == 0 || err.text[0] != '\0'));
    if (code_rounded == ERR_INVALID) return;
    char *copy = mem_view_text(text);
    long double value = strtold(copy, NULL) * scale(decimals);
    if (code_rounded == 0) {
        assert(rounded >= -MONEY_MAX && rounded <= MONEY_MAX);
        assert(near(rounded, value));
    } else {
        assert(code_rounded == ERR_LIMIT && (value > (long double)MONEY_MAX || value < (long double)-MONEY_MAX));
    }
    free(copy);
}

static void check_format(int64_t value, int decimals) {
    char plain[40], grouped[40], *out = plain;
    int64_t back;
    decimal_format(value, decimals, false, plain);
    decimal_format(value, decimals, true, grouped);
    if (value != INT64_MIN) {
        assert(decimal_parse(view_of(plain), decimals, MONEY_EXACT, INT64_MAX, &back, NULL) == 0);
        assert(back == value);
    }
    for (const char *at = grouped; *at != '\0'; at++)
        if (*at != ',') assert(*at == *out++);
    assert(*out == '\0');
}

static void check_product(int64_t a, int64_t b, int decimals) {
    int64_t product, mirrored;
    long double exact = (long double)a * (long double)b / scale(decimals);
    bool fits = decimal_multiply(a, b, decimals, MONEY_MAX, &product);
    assert(fits ? near(product, exact) : exact > (long double)MONEY_MAX || exact < (long double)-MONEY_MAX);
    if (a == INT64_MIN) return;
    assert(decimal_multiply(-a, b, decimals, MONEY_MAX, &mirrored) == fits);
    assert(!fits || mirrored == -product);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    int decimals = data[0] % 5;
    check_text(view_make(data + 1, size - 1), decimals);
    if (size >= 17) {
        check_format((int64_t)get_u64_le(data + 1), data[0] % 19);
        check_product((int64_t)get_u64_le(data + 1), (int64_t)get_u64_le(data + 9), decimals);
        check_product((int64_t)get_u64_le(data + 1) >> 24, (int64_t)get_u64_le(data + 9) >> 34, decimals);
    }
    return 0;
}
