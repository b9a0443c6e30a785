#include "proto/base/money.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

__extension__ typedef __int128 wide;

/* ISO 4217, by the number of decimals. */
static const struct {
    int decimals;
    const char *codes;
} exponents[] = {
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
    {2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
        "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
        "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
        "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK "
        "SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD "
        "YER ZAR ZMW ZWL"},
    {3, "BHD IQD JOD KWD LYD OMR TND"},
    {4, "CLF UYW"},
};

#define MAX_DECIMALS 18
#define MAX_TEXT 1000
#define MAX_EXPONENT 1000000

static bool upper_code(const char *code, char *out) {
    if (code == NULL || strlen(code) != 3) return false;
    for (size_t i = 0; i <= 3; i++) out[i] = (char)(code[i] >= 'a' && code[i] <= 'z' ? code[i] - 'a' + 'A' : code[i]);
    return strchr(out, ' ') == NULL;
}

int currency_find(const char *code, struct currency *out, struct err *err) {
    char upper[4];
    if (upper_code(code, upper)) {
        for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
            if (strstr(exponents[i].codes, upper) == NULL) continue;
            memcpy(out->code, upper, sizeof upper);
            out->decimals = exponents[i].decimals;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "currency", "\"%s\" is not an ISO 4217 currency code such as KRW or USD",
                   code == NULL ? "" : code);
}

/* Decimal text taken apart, before any arithmetic. */
struct decimal {
    bool negative;
    struct view digits; /* with the point still inside */
    long whole;         /* how many digits stand before the point, the exponent counted in */
    long count;         /* how many digits there are */
    long decimals;      /* how many were written after the point */
};

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static struct view trim(struct view text) {
    while (text.len > 0 && (*text.data == ' ' || *text.data == '\t')) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL && text.data[text.len - 1] != '\0')
        text.len--;
    return text;
}

/* "e-5" up to the end of the text; the value is held at ±MAX_EXPONENT, beyond which it makes no difference. */
static bool read_exponent(const uint8_t *at, const uint8_t *end, long *out) {
    if (at == end || (*at != 'e' && *at != 'E')) return false;
    at++;
    bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) at++;
    if (at == end) return false;
    long value = 0;
    for (; at != end; at++) {
        if (!is_digit(*at)) return false;
        if (value < MAX_EXPONENT) value = value * 10 + (*at - '0');
    }
    *out = negative ? -value : value;
    return true;
}

static bool read_decimal(struct view text, enum money_mode mode, struct decimal *out) {
    const uint8_t *at = text.data, *end = text.data + text.len;
    bool point = false;
    *out = (struct decimal){.negative = text.len > 0 && *at == '-'};
    if (text.len > 0 && (*at == '-' || *at == '+')) at++;
    out->digits.data = at;
    for (; at != end && (is_digit(*at) || (*at == '.' && !point)); at++) {
        if (*at == '.') {
            point = true;
        } else {
            out->count++;
            out->decimals += point;
        }
    }
    out->digits.len = (size_t)(at - out->digits.data);
    long exponent = 0;
    if (out->count == 0 || (at != end && (mode == MONEY_EXACT || !read_exponent(at, end, &exponent)))) return false;
    out->whole = out->count - out->decimals + exponent;
    return true;
}

/* False when that is above `max`, which is below 2^63. */
static bool shift_in(uint64_t *value, uint8_t digit, uint64_t max) {
    if (*value > max / 10) return false;
    *value = *value * 10 + digit;
    return *value <= max;
}

/* The first `kept` digits as a number (zeros follow what is written), half away from zero by the digit after them.
 * False when that is above `max`. */
static bool round_digits(const struct decimal *decimal, long kept, uint64_t max, uint64_t *out) {
    uint64_t value = 0;
    long seen = 0;
    for (size_t i = 0; i < decimal->digits.len && seen <= kept; i++) {
        uint8_t c = decimal->digits.data[i];
        if (c == '.') continue;
        if (seen++ == kept)
            value += c >= '5';
        else if (!shift_in(&value, (uint8_t)(c - '0'), max))
            return false;
    }
    while (value > 0 && seen++ < kept)
        if (!shift_in(&value, 0, max)) return false;
    *out = value;
    return value <= max;
}

int decimal_parse(struct view text, int decimals, enum money_mode mode, int64_t max, int64_t *out, struct err *err) {
    assert(decimals >= 0 && decimals <= MAX_DECIMALS && max >= 0);
    char shown[40];
    struct decimal decimal;
    view_text(text, shown, sizeof shown);
    text = trim(text);
    if (text.len == 0 || text.len > MAX_TEXT || !read_decimal(text, mode, &decimal))
        return err_set(err, ERR_INVALID, NULL, "\"%s\" is not a number such as 1234%s", shown,
                       decimals > 0 ? ".50" : "");
    if (mode == MONEY_EXACT && decimal.decimals > decimals && decimals == 0)
        return err_set(err, ERR_INVALID, NULL, "\"%s\" must be a whole number", shown);
    if (mode == MONEY_EXACT && decimal.decimals > decimals)
        return err_set(err, ERR_INVALID, NULL, "\"%s\" has more than %d decimals", shown, decimals);
    uint64_t units;
    if (!round_digits(&decimal, decimal.whole + decimals, (uint64_t)max, &units)) {
        char limit[40];
        return err_set(err, ERR_LIMIT, NULL, "\"%s\" is too large: the limit is %s", shown,
                       decimal_format(max, decimals, true, limit));
    }
    *out = decimal.negative ? -(int64_t)units : (int64_t)units;
    return 0;
}

static int64_t power_of_ten(int exponent) {
    int64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

bool decimal_multiply(int64_t a, int64_t b, int decimals, int64_t max, int64_t *out) {
    assert(decimals >= 0 && decimals <= MAX_DECIMALS);
    wide product = (wide)a * b;
    wide divisor = power_of_ten(decimals);
    wide half = product < 0 ? -(divisor / 2) : divisor / 2;
    wide value = (product + half) / divisor;
    if (value > max || value < -(wide)max) return false;
    *out = (int64_t)value;
    return true;
}

char *decimal_format(int64_t value, int decimals, bool grouped, char *out) {
    assert(decimals >= 0 && decimals <= MAX_DECIMALS);
    char digits[24];
    uint64_t units = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int count = snprintf(digits, sizeof digits, "%0*llu", decimals + 1, (unsigned long long)units);
    char *at = out;
    if (value < 0) *at++ = '-';
    for (int i = 0; i < count; i++) {
        int after = count - decimals - i; /* digits from here to the point */
        if (after == 0)
            *at++ = '.';
        else if (grouped && i > 0 && after > 0 && after % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

int64_t decimal_share(int64_t amount, int64_t part, int64_t whole) {
    wide product = (wide)amount * part, divisor = whole;
    if (divisor < 0) {
        product = -product;
        divisor = -divisor;
    }
    wide half = product < 0 ? -divisor : divisor;
    return (int64_t)((2 * product + half) / (2 * divisor));
}
