#include "proto/model/policies.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/event/describe.h"
#include "proto/model/calendar.h"
#include "proto/model/policy_values.h"
#include "proto/model/state.h"

const struct policy_info policies[POLICY_COUNT] = {
#define POLICY(name, key, kind, least, most, fallback, unit, meaning, source)                                          \
    {key, POLICY_KIND_##kind, least, most, fallback, unit, meaning, source},
#include "proto/model/policies.def"
#undef POLICY
};

const struct policy_info *policy_find(struct view key) {
    for (size_t i = 0; i < POLICY_COUNT; i++)
        if (view_is(key, policies[i].key)) return &policies[i];
    return NULL;
}

size_t policy_value_max(void) {
    const struct event_info *info = event_info(EVENT_policy);
    size_t i = 0;
    while (strcmp(info->fields[i].name, "value") != 0) i++;
    return (size_t)info->fields[i].bound;
}

/* A list of short words may be longer than another one of as many long words. */
static void range_of_list(const struct policy_info *info, char out[POLICY_RANGE_TEXT]) {
    size_t longest = info->kind == POLICY_KIND_DAYS ? sizeof "YYYY-MM-DD" : POLICY_WORD_MAX + 1;
    int len = snprintf(out, POLICY_RANGE_TEXT, "up to %lld", (long long)info->most);
    if ((size_t)info->most * longest > policy_value_max())
        len += snprintf(out + len, POLICY_RANGE_TEXT - (size_t)len, ", up to %zu bytes", policy_value_max());
    snprintf(out + len, POLICY_RANGE_TEXT - (size_t)len, ", or %s", POLICY_NOTHING);
}

char *policy_range(const struct policy_info *info, char out[POLICY_RANGE_TEXT]) {
    long long least = info->least, most = info->most;
    switch (info->kind) {
    case POLICY_KIND_NUMBER: snprintf(out, POLICY_RANGE_TEXT, "%lld to %lld", least, most); break;
    case POLICY_KIND_AMOUNT: snprintf(out, POLICY_RANGE_TEXT, "above 0, or %s", POLICY_OFF); break;
    case POLICY_KIND_AMOUNTS:
    case POLICY_KIND_TIERS:
        snprintf(out, POLICY_RANGE_TEXT, "ascending, up to %d, or %s", POLICY_LISTED_MAX, POLICY_OFF);
        break;
    case POLICY_KIND_NUMBERS: snprintf(out, POLICY_RANGE_TEXT, "ascending, each %lld to %lld", least, most); break;
    case POLICY_KIND_WINDOW: snprintf(out, POLICY_RANGE_TEXT, "all, year, season, or %lld to %lld", least, most); break;
    case POLICY_KIND_WEIGHTS: snprintf(out, POLICY_RANGE_TEXT, "each %lld to %lld, not all 0", least, most); break;
    case POLICY_KIND_HOURS: snprintf(out, POLICY_RANGE_TEXT, "days and hours, or %s", POLICY_OFF); break;
    case POLICY_KIND_TEXT: snprintf(out, POLICY_RANGE_TEXT, "up to %lld bytes, or %s", most, POLICY_NOTHING); break;
    default: range_of_list(info, out); break;
    }
    return out;
}

static int check_text(const struct policy_info *info, struct view value, struct err *err) {
    if (!utf8_valid(value)) return err_set(err, ERR_INVALID, "set", "is not valid UTF-8 text");
    if (value.len > 0 && value.len <= (size_t)info->most) return 0;
    return err_set(err, ERR_INVALID, "set", "takes 1 to %lld bytes", (long long)info->most);
}

int policy_check(const struct policy_info *info, struct view value, int decimals, struct err *err) {
    const struct policy_reading r = {info, decimals};
    switch (info->kind) {
    case POLICY_KIND_NUMBER: return read_number(&r, value, NULL, err);
    case POLICY_KIND_AMOUNT: return read_amount(&r, value, NULL, err);
    case POLICY_KIND_AMOUNTS:
    case POLICY_KIND_NUMBERS: return read_numbers(&r, value, NULL, NULL, err);
    case POLICY_KIND_TIERS: return read_tiers(&r, value, NULL, NULL, err);
    case POLICY_KIND_WEIGHTS: return read_weights(&r, value, NULL, err);
    case POLICY_KIND_WINDOW: return check_window(&r, value, err);
    case POLICY_KIND_HOURS: return calendar_read_hours(value, NULL, err);
    case POLICY_KIND_DAYS: return check_days(&r, value, err);
    case POLICY_KIND_LIST: return check_list(&r, value, err);
    default: return check_text(info, value, err);
    }
}

/* "CNY 2000; KRW 400000; off": the alternative of the currency, or the last one. */
struct view policy_default(const struct model *model, enum policy_name name) {
    const char *at = policies[name].fallback, *end;
    for (; (end = strchr(at, ';')) != NULL; at = end + 1 + strspn(end + 1, " ")) {
        size_t code = strlen(model->currency.code);
        if (code > 0 && strncmp(at, model->currency.code, code) == 0 && at[code] == ' ')
            return view_make(at + code + 1, (size_t)(end - at) - code - 1);
    }
    return view_of(at);
}

struct view policy_text(const struct model *model, enum policy_name name, int64_t at) {
    struct view said = model_policy(model, view_of(policies[name].key), at);
    bool counts = said.data != NULL && policy_check(&policies[name], said, model->currency.decimals, NULL) == 0;
    return counts ? said : policy_default(model, name);
}

static struct policy_reading reading(const struct model *model, enum policy_name name) {
    return (struct policy_reading){&policies[name], model->currency.decimals};
}

int64_t policy_number(const struct model *model, enum policy_name name, int64_t at) {
    const struct policy_reading r = reading(model, name);
    int64_t number = 0;
    return read_number(&r, policy_text(model, name, at), &number, NULL) == 0 ? number : 0;
}

int64_t policy_amount(const struct model *model, enum policy_name name, int64_t at) {
    const struct policy_reading r = reading(model, name);
    int64_t amount = NIL;
    return read_amount(&r, policy_text(model, name, at), &amount, NULL) == 0 ? amount : NIL;
}

size_t policy_numbers(const struct model *model, enum policy_name name, int64_t at, int64_t *out, size_t max) {
    const struct policy_reading r = reading(model, name);
    int64_t all[POLICY_LISTED_MAX];
    size_t count = 0;
    if (read_numbers(&r, policy_text(model, name, at), all, &count, NULL) != 0) return 0;
    if (count > max) count = max;
    memcpy(out, all, count * sizeof *out);
    return count;
}

size_t policy_tiers(const struct model *model, int64_t at, struct policy_tier out[POLICY_LISTED_MAX]) {
    const struct policy_reading r = reading(model, POLICY_TIERS);
    size_t count = 0;
    return read_tiers(&r, policy_text(model, POLICY_TIERS, at), out, &count, NULL) == 0 ? count : 0;
}

struct policy_weights policy_weights(const struct model *model, int64_t at) {
    const struct policy_reading r = reading(model, POLICY_SCORE_WEIGHTS);
    struct policy_weights weights = {0, 0, 0};
    read_weights(&r, policy_text(model, POLICY_SCORE_WEIGHTS, at), &weights, NULL);
    return weights;
}

bool policy_lists(struct view list, struct view word) {
    struct view listed;
    while (policy_next(&list, &listed))
        if (view_equal(listed, word)) return true;
    return false;
}
