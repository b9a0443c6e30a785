/* A follow-up as written in `--answers`: kind:event, kind:customer:day, letter:customer:amount. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/event/id.h"
#include "proto/model/followups.h"

static const char *const words[FOLLOWUP_KINDS] = {
    [FOLLOWUP_PROMISE] = "promise",   [FOLLOWUP_THANK] = "thank",       [FOLLOWUP_REFERRAL] = "referral",
    [FOLLOWUP_NEWCOMER] = "newcomer", [FOLLOWUP_LETTER] = "letter",     [FOLLOWUP_TOP] = "top",
    [FOLLOWUP_BIRTHDAY] = "birthday", [FOLLOWUP_OCCASION] = "occasion", [FOLLOWUP_INACTIVE] = "inactive",
    [FOLLOWUP_RAINY] = "rainy",
};

const char *followup_word(enum followup_kind kind) { return words[kind]; }

enum followup_kind followup_kind_of(struct view word) {
    for (int kind = FOLLOWUP_PROMISE; kind < FOLLOWUP_KINDS; kind++)
        if (view_is(word, words[kind])) return (enum followup_kind)kind;
    return FOLLOWUP_NONE;
}

static bool of_event(enum followup_kind kind) { return kind <= FOLLOWUP_NEWCOMER; }

char *followup_format(const struct followup *f, char out[FOLLOWUP_TEXT]) {
    char id[ID_TEXT], day[16];
    const char *kind = words[f->kind];
    if (of_event(f->kind))
        snprintf(out, FOLLOWUP_TEXT, "%s:%s", kind, id_format(f->cause, id));
    else if (f->kind == FOLLOWUP_LETTER)
        snprintf(out, FOLLOWUP_TEXT, "%s:%s:%" PRId64, kind, id_format(f->person, id), f->figure);
    else
        snprintf(out, FOLLOWUP_TEXT, "%s:%s:%s", kind, id_format(f->person, id), date_format(f->day, day));
    return out;
}

static struct view word_before_colon(struct view *rest) {
    const uint8_t *colon = rest->len == 0 ? NULL : memchr(rest->data, ':', rest->len);
    size_t length = colon == NULL ? rest->len : (size_t)(colon - rest->data);
    struct view word = view_make(rest->data, length);
    size_t skip = colon == NULL ? length : length + 1;
    *rest = view_make(rest->data + skip, rest->len - skip);
    return word;
}

static bool read_amount(struct view text, int64_t *out) {
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *out > INT64_MAX / 10 - 1) return false;
        *out = *out * 10 + (text.data[i] - '0');
    }
    return text.len > 0;
}

bool followup_parse(struct view text, struct followup *out) {
    *out = (struct followup){.stream = FOLLOWUP_NO_STREAM};
    struct view rest = text;
    out->kind = followup_kind_of(word_before_colon(&rest));
    if (out->kind == FOLLOWUP_NONE) return false;
    if (!id_parse(word_before_colon(&rest), of_event(out->kind) ? &out->cause : &out->person)) return false;
    if (of_event(out->kind)) return rest.len == 0 && text.data[text.len - 1] != ':';
    return out->kind == FOLLOWUP_LETTER ? read_amount(rest, &out->figure)
                                        : rest.len == 10 && date_parse(rest, &out->day, NULL) == 0;
}
