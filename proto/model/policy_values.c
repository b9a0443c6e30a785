#include "proto/model/policy_values.h"

#include <string.h>

#include "proto/base/money.h"
#include "proto/base/text.h"
#include "proto/model/calendar.h"

static struct view trimmed(struct view text) {
    while (text.len > 0 && text.data[0] == ' ') text = view_make(text.data + 1, text.len - 1);
    while (text.len > 0 && text.data[text.len - 1] == ' ') text.len--;
    return text;
}

bool policy_next(struct view *rest, struct view *word) {
    if (rest->data == NULL) return false;
    if (view_is(trimmed(*rest), POLICY_NOTHING) || view_is(trimmed(*rest), POLICY_OFF)) return false;
    const uint8_t *comma = rest->len == 0 ? NULL : memchr(rest->data, ',', rest->len);
    size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->data);
    *word = trimmed(view_make(rest->data, len));
    *rest = comma == NULL ? VIEW_NONE : view_make(comma + 1, rest->len - len - 1);
    return true;
}

/* "gold:2000" */
static bool split(struct view text, struct view *name, struct view *value) {
    const uint8_t *colon = text.len == 0 ? NULL : memchr(text.data, ':', text.len);
    if (colon == NULL || colon == text.data) return false;
    *name = trimmed(view_make(text.data, (size_t)(colon - text.data)));
    *value = trimmed(view_make(colon + 1, text.len - (size_t)(colon - text.data) - 1));
    return name->len > 0 && value->len > 0;
}

static bool whole(const struct policy_reading *r, struct view text, int64_t *out) {
    return decimal_parse(text, 0, MONEY_EXACT, INT64_MAX, out, NULL) == 0 && *out >= r->info->least &&
           *out <= r->info->most;
}

static bool money(const struct policy_reading *r, struct view text, int64_t *out) {
    return decimal_parse(text, r->decimals, MONEY_EXACT, MONEY_MAX, out, NULL) == 0 && *out > 0;
}

int read_number(const struct policy_reading *r, struct view value, int64_t *out, struct err *err) {
    int64_t number;
    if (!whole(r, value, &number))
        return err_set(err, ERR_INVALID, "set", "takes a whole number from %lld to %lld", (long long)r->info->least,
                       (long long)r->info->most);
    if (out != NULL) *out = number;
    return 0;
}

int read_amount(const struct policy_reading *r, struct view value, int64_t *out, struct err *err) {
    int64_t amount = NIL;
    if (!view_is(value, POLICY_OFF) && !money(r, value, &amount))
        return err_set(err, ERR_INVALID, "set", "takes an amount of money above 0 with at most %d decimals, or \"%s\"",
                       r->decimals, POLICY_OFF);
    if (out != NULL) *out = amount;
    return 0;
}

int read_numbers(const struct policy_reading *r, struct view value, int64_t *out, size_t *count, struct err *err) {
    bool amounts = r->info->kind == POLICY_KIND_AMOUNTS;
    struct view word;
    int64_t before = INT64_MIN, number = 0;
    size_t read = 0;
    while (policy_next(&value, &word)) {
        bool good = read < POLICY_LISTED_MAX && (amounts ? money(r, word, &number) : whole(r, word, &number));
        if (!good || number <= before)
            return err_set(err, ERR_INVALID, "set", "takes ascending %s, separated by commas",
                           amounts ? "amounts of money, or \"" POLICY_OFF "\"" : "numbers");
        before = number;
        if (out != NULL) out[read] = number;
        read++;
    }
    if (read == 0 && !amounts) return err_set(err, ERR_INVALID, "set", "takes at least one number");
    if (count != NULL) *count = read;
    return 0;
}

int read_tiers(const struct policy_reading *r, struct view value, struct policy_tier *out, size_t *count,
               struct err *err) {
    struct view word, name = VIEW_NONE, text = VIEW_NONE;
    int64_t before = INT64_MIN, spend = 0;
    size_t read = 0;
    while (policy_next(&value, &word)) {
        bool good = read < POLICY_LISTED_MAX && split(word, &name, &text) && name.len <= 32 && utf8_valid(name) &&
                    money(r, text, &spend);
        if (!good || spend <= before)
            return err_set(err, ERR_INVALID, "set",
                           "takes NAME:SPEND, separated by commas, the lowest first, at most %d, or \"%s\"",
                           POLICY_LISTED_MAX, POLICY_OFF);
        before = spend;
        if (out != NULL) out[read] = (struct policy_tier){name, spend};
        read++;
    }
    if (count != NULL) *count = read;
    return 0;
}

int read_weights(const struct policy_reading *r, struct view value, struct policy_weights *out, struct err *err) {
    struct policy_weights weights = {0, 0, 0};
    struct view word, name, text;
    while (policy_next(&value, &word)) {
        int64_t *place = NULL;
        if (split(word, &name, &text)) {
            if (view_is(name, "spend")) place = &weights.spend;
            if (view_is(name, "visits")) place = &weights.visits;
            if (view_is(name, "referrals")) place = &weights.referrals;
        }
        if (place == NULL || !whole(r, text, place))
            return err_set(err, ERR_INVALID, "set", "takes spend:N,visits:N,referrals:N, each from %lld to %lld",
                           (long long)r->info->least, (long long)r->info->most);
    }
    if (weights.spend + weights.visits + weights.referrals == 0)
        return err_set(err, ERR_INVALID, "set", "needs at least one weight above 0");
    if (out != NULL) *out = weights;
    return 0;
}

int check_list(const struct policy_reading *r, struct view value, struct err *err) {
    struct view word;
    int64_t count = 0;
    if (!utf8_valid(value)) return err_set(err, ERR_INVALID, "set", "is not valid UTF-8 text");
    for (struct view rest = value; policy_next(&rest, &word); count++)
        if (word.len == 0 || word.len > POLICY_WORD_MAX)
            return err_set(err, ERR_INVALID, "set", "takes words of 1 to %d bytes, separated by commas, or \"%s\"",
                           POLICY_WORD_MAX, POLICY_NOTHING);
    if (count > r->info->most)
        return err_set(err, ERR_INVALID, "set", "takes at most %lld, separated by commas", (long long)r->info->most);
    return 0;
}

int check_window(const struct policy_reading *r, struct view value, struct err *err) {
    int64_t days;
    if (view_is(value, "all") || view_is(value, "year") || view_is(value, "season") || whole(r, value, &days)) return 0;
    return err_set(err, ERR_INVALID, "set", "takes all, year, season or a number of days");
}

int check_days(const struct policy_reading *r, struct view value, struct err *err) {
    struct view word;
    struct date day;
    int64_t count = 0;
    while (policy_next(&value, &word)) {
        if (++count > r->info->most || !calendar_read_day(word, &day))
            return err_set(err, ERR_INVALID, "set",
                           "takes dates as YYYY-MM-DD or MM-DD, separated by commas, at most %lld, or \"%s\"",
                           (long long)r->info->most, POLICY_NOTHING);
    }
    return 0;
}
