/* Money and quantities as people and files write them. Integers inside: int64 of the currency's minor units
 * (ISO 4217 exponents: won 0 decimals, yuan and dollar 2), int64 thousandths for quantities. No floating point. */
#ifndef DANGOL_PROTO_BASE_MONEY_H
#define DANGOL_PROTO_BASE_MONEY_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"

/* Sums stay far from overflow: 140 billion won times a thousand. Larger amounts are refused at the door. */
#define MONEY_MAX INT64_C(140000000000000)
#define QUANTITY_MAX INT64_C(1000000000)

struct currency {
    char code[4];
    int decimals;
};

/* Looks an ISO 4217 code up; ERR_INVALID for an unknown one. */
int currency_find(const char *code, struct currency *out, struct err *err);

/* Decimal text (optional sign, digits, one point) to units of 10^-decimals.
 * MONEY_EXACT, for what people type: more decimals than there are is an error.
 * MONEY_ROUND, for files: any decimals and an exponent; rounded half away from zero. */
enum money_mode { MONEY_EXACT, MONEY_ROUND };
int decimal_parse(struct view text, int decimals, enum money_mode mode, int64_t max, int64_t *out, struct err *err);

/* a × b / 10^decimals, rounded half away from zero; false on overflow of `max`. */
bool decimal_multiply(int64_t a, int64_t b, int decimals, int64_t max, int64_t *out);
/* amount × part / whole, rounded half away from zero; `whole` is not 0, `part` no larger. */
int64_t decimal_share(int64_t amount, int64_t part, int64_t whole);

/* "1234.50" with exactly `decimals` decimals; `grouped` puts commas between thousands. `out` of 40 bytes; returns
 * it. */
char *decimal_format(int64_t value, int decimals, bool grouped, char *out);

#endif
