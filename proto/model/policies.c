#include "proto/model/policies.h"

#include <string.h>

#include "proto/base/money.h"
#include "proto/base/text.h"

#define LISTED_MAX 20
#define NOTHING_LISTED "none"

static struct view trimmed(struct view text) {
    while (text.len > 0 && text.data[0] == ' ') text = view_make(text.data + 1, text.len - 1);
    while (text.len > 0 && text.data[text.len - 1] == ' ') text.len--;
    return text;
}

/* The next word of a comma list; false behind the last. An empty text has one word, the empty one. */
static bool next_listed(struct view *rest, struct view *word) {
    if (rest->data == NULL) return false;
    const uint8_t *comma = rest->len == 0 ? NULL : memchr(rest->data, ',', rest->len);
    size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->data);
    *word = trimmed(view_make(rest->data, len));
    *rest = comma == NULL ? VIEW_NONE : view_make(comma + 1, rest->len - len - 1);
    return true;
}

bool policy_lists(struct view list, struct view word) {
    struct view listed;
    if (view_is(trimmed(list), NOTHING_LISTED)) return false;
    while (next_listed(&list, &listed))
        if (view_equal(listed, word)) return true;
    return false;
}

static int check_sources(struct view value, struct err *err) {
    struct view word;
    size_t count = 0;
    if (!utf8_valid(value)) return err_set(err, ERR_INVALID, "set", "is not valid UTF-8 text");
    for (struct view rest = value; next_listed(&rest, &word); count++)
        if (word.len == 0 || word.len > REF_SOURCE_MAX)
            return err_set(err, ERR_INVALID, "set", "takes sources of 1 to %d bytes, separated by commas, or \"%s\"",
                           REF_SOURCE_MAX, NOTHING_LISTED);
    if (count > LISTED_MAX) return err_set(err, ERR_INVALID, "set", "takes at most %d sources", LISTED_MAX);
    return 0;
}

static int whole_number(struct view value, int64_t least, int64_t most, int64_t *out, struct err *err) {
    if (decimal_parse(value, 0, MONEY_EXACT, INT64_MAX, out, NULL) == 0 && *out >= least && *out <= most) return 0;
    return err_set(err, ERR_INVALID, "set", "takes a whole number from %lld to %lld", (long long)least,
                   (long long)most);
}

static int check_tolerance(struct view value, struct err *err) {
    int64_t seconds;
    return whole_number(value, 60, 86400, &seconds, err);
}

const struct policy_info policies[] = {
    {POLICY_REGIONAL_SOURCES, NOTHING_LISTED, "sources, separated by commas", "up to 20",
     "sources whose refs are one thing in the whole region: what comes under the same ref from a second stream is "
     "voided",
     check_sources},
    {POLICY_CLOCK_TOLERANCE, "300", "seconds", "60 to 86400",
     "how wrong a store's clock may be before it is shown as wrong, and what it wrote off line may be corrected",
     check_tolerance},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

const struct policy_info *policy_find(struct view key) {
    const struct policy_info *info = policies;
    while (info->key != NULL && !view_is(key, info->key)) info++;
    return info->key == NULL ? NULL : info;
}

struct view policy_text(const struct model *model, const char *key, int64_t at) {
    const struct policy_info *info = policy_find(view_of(key));
    struct view said = model_policy(model, view_of(key), at);
    bool counts = said.data != NULL && info->check(said, NULL) == 0;
    return counts ? said : view_of(info->fallback);
}

int64_t policy_number(const struct model *model, const char *key, int64_t at) {
    int64_t number = 0;
    struct view text = policy_text(model, key, at);
    return decimal_parse(text, 0, MONEY_EXACT, INT64_MAX, &number, NULL) == 0 ? number : 0;
}
