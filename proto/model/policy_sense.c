#include "proto/model/policy_sense.h"

#include <string.h>

#include "proto/event/describe.h"
#include "proto/model/policy_values.h"

/* ---- One word of a list ---- */

static int sense_file_field(struct view word, struct err *err) {
    if (event_sealed_bit(event_info(EVENT_registered), word) >= 0) return 0;
    return err_set(err, ERR_INVALID, "set", "there is no field '%.*s' in a customer's file", (int)word.len, word.data);
}

static int sense_measure(struct view word, struct err *err) {
    if (view_is(word, "count") || view_is(word, "completeness") || view_is(word, "validity")) return 0;
    return err_set(err, ERR_INVALID, "set", "'%.*s' is neither count, completeness nor validity", (int)word.len,
                   word.data);
}

static int sense_custom(struct view word, struct err *err) {
    const uint8_t *colon = memchr(word.data, ':', word.len);
    if (colon != NULL && colon > word.data && colon + 1 < word.data + word.len) return 0;
    return err_set(err, ERR_INVALID, "set", "'%.*s' is not CHAIN:FIELD", (int)word.len, word.data);
}

static int sense_words(struct view list, int (*sense)(struct view word, struct err *err), struct err *err) {
    struct view word;
    int code = 0;
    while (code == 0 && policy_next(&list, &word)) code = sense(word, err);
    return code;
}

/* ---- A value ---- */

static int sense_tiers(const struct policy_reading *r, struct view value, struct err *err) {
    struct policy_tier tiers[POLICY_LISTED_MAX];
    size_t count = 0;
    int code = read_tiers(r, value, tiers, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct view name = tiers[i].name;
        if (view_is(name, POLICY_NOTHING))
            code = err_set(err, ERR_INVALID, "set", "no tier can be called none: that is to have no tier");
        for (size_t j = 0; code == 0 && j < i; j++)
            if (view_equal(name, tiers[j].name))
                code = err_set(err, ERR_INVALID, "set", "names the tier '%.*s' twice", (int)name.len, name.data);
    }
    return code;
}

/* Two bounds make three groups, or three levels. */
static int sense_two(const struct policy_reading *r, struct view value, struct err *err) {
    int64_t numbers[POLICY_LISTED_MAX];
    size_t count = 0;
    int code = read_numbers(r, value, numbers, &count, err);
    return code != 0 || count == 2 ? code : err_set(err, ERR_INVALID, "set", "takes two numbers, not %zu", count);
}

int policy_check_sense(const struct policy_info *info, struct view value, int decimals, struct err *err) {
    const struct policy_reading r = {info, decimals};
    int code = policy_check(info, value, decimals, err);
    if (code == 0 && value.len > policy_value_max())
        code = err_set(err, ERR_INVALID, "set", "takes at most %zu bytes, not %zu", policy_value_max(), value.len);
    if (code != 0) return code;
    switch ((enum policy_name)(info - policies)) {
    case POLICY_TIERS: return sense_tiers(&r, value, err);
    case POLICY_VOLUME_GROUPS:
    case POLICY_PROFIT_GROUPS:
    case POLICY_BANDS:
    case POLICY_LEVEL_HOURS: return sense_two(&r, value, err);
    case POLICY_ASK_ORDER: return sense_words(value, sense_file_field, err);
    case POLICY_CUSTOM_FIELDS: return sense_words(value, sense_custom, err);
    case POLICY_CONTEST_Q4: return sense_words(value, sense_measure, err);
    default: return 0;
    }
}
