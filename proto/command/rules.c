/* Which options go with which arguments, and with each other, by the command's table: nothing given is dropped. */
#include <string.h>

#include "proto/command/parse.h"
#include "proto/command/run.h"

static struct view next_word(struct view *rest, char divider) {
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->data, divider, rest->len);
    struct view word = view_make(rest->data, end == NULL ? rest->len : (size_t)(end - rest->data));
    *rest = end == NULL ? view_make("", 0) : view_make(end + 1, rest->len - word.len - 1);
    return word;
}

static bool has_word(const char *words, const char *word) {
    struct view rest = view_of(words);
    while (rest.len > 0)
        if (view_is(next_word(&rest, ' '), word)) return true;
    return false;
}

const struct rule *rule_about(const struct command *command, const char *option) {
    const struct rule *rule = command->grammar == NULL ? NULL : command->grammar->rules;
    for (; rule != NULL && rule->options != NULL; rule++)
        if (has_word(rule->options, option)) return rule;
    return NULL;
}

static bool begins_with(const struct call *call, struct view pattern) {
    for (int i = 0; pattern.len > 0; i++) {
        struct view word = next_word(&pattern, ' ');
        if (i >= call->argc || !(view_is(word, "*") || view_is(word, call->argv[i]))) return false;
    }
    return true;
}

static bool goes(const struct call *call, const char *with) {
    if (with == NULL) return true;
    if (*with == '\0') return call->argc == 0;
    bool but = *with == '!';
    struct view rest = view_of(with + but);
    while (rest.len > 0)
        if (begins_with(call, next_word(&rest, '|'))) return !but;
    return but;
}

void rule_put_with(struct buf *out, const char *with) {
    struct view rest = view_of(with);
    for (bool first = true; rest.len > 0; first = false) {
        struct view pattern = next_word(&rest, '|');
        buf_printf(out, "%s", first ? "" : rest.len > 0 ? ", " : " or ");
        for (bool begun = false; pattern.len > 0; begun = true) {
            struct view word = next_word(&pattern, ' ');
            if (begun) buf_append_byte(out, ' ');
            buf_append_view(out, view_is(word, "*") ? view_of("…") : word);
        }
    }
}

static int does_not_go(struct call *call, const char *option, const char *with) {
    struct buf text = BUF_INIT;
    if (*with == '\0') {
        buf_printf(&text, "--%s stands in place of \"%s\": give one of them", option, call->argv[0]);
    } else if (*with == '!') {
        buf_printf(&text, "--%s does not go with %s", option, call->argv[0]);
    } else {
        buf_printf(&text, "--%s goes with ", option);
        rule_put_with(&text, with);
        buf_printf(&text, " only");
    }
    err_set(&call->error, ERR_USAGE, option, "%s", buf_text(&text));
    buf_release(&text);
    return ERR_USAGE;
}

/* Another option given that the rule allows only one of; or NULL. */
static const char *rival_of(const struct call *call, const struct rule *rule, const char *option) {
    for (size_t i = 0; rule->rivals && i < call->given_count; i++)
        if (strcmp(call->given_names[i], option) != 0 && has_word(rule->options, call->given_names[i]))
            return call->given_names[i];
    return NULL;
}

/* A first argument that is none of the command's words is for the command to refuse. */
static bool first_is_known(const struct call *call) {
    const struct word *w = call->command->grammar->words;
    if (w == NULL || call->argc == 0) return true;
    for (; w->word != NULL; w++) {
        struct view word = view_of(w->word);
        if (view_is(next_word(&word, ' '), call->argv[0])) return true;
    }
    return false;
}

int rules_check(struct call *call) {
    if (call->command->grammar == NULL || !first_is_known(call)) return 0;
    for (size_t i = 0; i < call->given_count; i++) {
        const char *name = call->given_names[i];
        const struct rule *rule = rule_about(call->command, name);
        if (rule == NULL) continue;
        if (!goes(call, rule->with)) return does_not_go(call, name, rule->with);
        const char *rival = rival_of(call, rule, name);
        if (rival != NULL)
            return err_set(&call->error, ERR_USAGE, name, "--%s and --%s do not go together: give one of them", name,
                           rival);
    }
    return 0;
}
