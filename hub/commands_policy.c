/* policy, clock: what the region sets, and the word of a person on a clock that was wrong. */
#include <string.h>

#include "hub/commands.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/model/policy_sense.h"

#define SETTINGS_MAX 16
#define COMING_TOLD 8 /* later values of one key */

/* One `--set KEY=VALUE [--from DATE]`. */
struct setting {
    const char *key;
    struct view value;
    int64_t from; /* NIL: from the beginning */
};

static int read_setting(struct call *call, const char *text, struct setting *out) {
    const char *equals = strchr(text, '=');
    if (equals == NULL) return err_set(&call->error, ERR_INVALID, "set", "'%s' is not KEY=VALUE", text);
    const struct policy_info *info = policy_find(view_make(text, (size_t)(equals - text)));
    if (info == NULL)
        return err_set(&call->error, ERR_INVALID, "set", "there is no policy '%.*s'; `policy` lists them",
                       (int)(equals - text), text);
    *out = (struct setting){info->key, view_of(equals + 1), NIL};
    int code = policy_check_sense(info, out->value, call->site->currency.decimals, &call->error);
    if (code != 0) err_prefix(&call->error, "%s", info->key);
    return code;
}

static int read_from(struct call *call, const char *text, struct setting *setting) {
    struct zone zone = call->site->zone;
    int code = time_parse(view_of(text), &zone, false, &setting->from, &call->error);
    return code == 0 ? 0 : err_set(&call->error, code, "from", "'%s' is not a date", text);
}

/* The options in the order written: each --from belongs to the --set before it. */
static int read_settings(struct call *call, struct setting *settings, size_t *count) {
    int code = 0;
    *count = 0;
    for (size_t i = 0; code == 0 && i < call->given_count; i++) {
        if (strcmp(call->given_names[i], "set") == 0) {
            if (*count == SETTINGS_MAX)
                return err_set(&call->error, ERR_LIMIT, "set", "at most %d at once", SETTINGS_MAX);
            code = read_setting(call, call->given_values[i], &settings[(*count)++]);
        } else if (strcmp(call->given_names[i], "from") == 0) {
            if (*count == 0) return err_set(&call->error, ERR_USAGE, "from", "stands behind the --set it is for");
            code = read_from(call, call->given_values[i], &settings[*count - 1]);
        }
    }
    return code;
}

/* A value that was set from a later day on holds from there, whatever is set to hold before it. */
static void tell_later(struct call *call, const struct setting *setting) {
    int64_t now = ask_latest(call), at = setting->from, since = TIME_NONE;
    const struct model *model = ask_begin(call);
    struct view key = view_of(setting->key), held = model_policy(model, key, now);
    while ((at = model_policy_change(model, key, at)) != TIME_NONE && at <= now) since = at;
    json_t *value = since == TIME_NONE || view_equal(held, setting->value) ? NULL : ask_text(held);
    ask_end(call);
    if (value == NULL) return;
    char day[16];
    fprintf(
        call->err_out,
        "%s: %s is %s all the same: that was set to hold from %s on; set this one --from a later day, or void that\n",
        call->program->name, setting->key, json_string_value(value),
        date_format(zone_date(&call->site->zone, since), day));
    json_decref(value);
}

static bool chain_known(const struct model *model, struct view chain) {
    struct store_state store;
    for (size_t i = 0; model_store_at(model, i, &store); i++)
        if (view_equal(store.chain, chain)) return true;
    return false;
}

/* C8: fields of a chain that nobody has been enrolled in are no mistake before the first store of it, and one after. */
static void tell_unknown_chains(struct call *call, const struct setting *setting) {
    struct view list = setting->value, word;
    if (setting->key == NULL || strcmp(setting->key, policies[POLICY_CUSTOM_FIELDS].key) != 0) return;
    while (policy_next(&list, &word)) {
        const uint8_t *colon = memchr(word.data, ':', word.len);
        if (colon == NULL) continue;
        struct view chain = view_make(word.data, (size_t)(colon - word.data));
        bool known = chain_known(ask_begin(call), chain);
        ask_end(call);
        if (!known)
            fprintf(call->err_out, "%s: no store is of chain %.*s: nobody is asked for %.*s until one is enrolled\n",
                    call->program->name, (int)chain.len, (const char *)chain.data, (int)word.len,
                    (const char *)word.data);
    }
}

static int write_settings(struct call *call, const struct setting *settings, size_t count) {
    struct draft drafts[SETTINGS_MAX];
    char keys[SETTINGS_MAX][REF_KEY_MAX + 1];
    for (size_t i = 0; i < count; i++) {
        int code = act_draft(call, &drafts[i], EVENT_policy, SUBJECT_GIVEN, 0);
        if (code != 0) return code;
        const struct setting *setting = &settings[i];
        drafts[i].event.body.policy = (struct body_policy){view_of(setting->key), setting->value, setting->from};
        if (i == 0 || drafts[i].event.ref.key.data == NULL) continue;
        /* One ref for the whole call: the later ones are told apart by their number. */
        int n = snprintf(keys[i], sizeof keys[i], "%s %zu", call_option(call, "ref"), i + 1);
        if (n >= (int)sizeof keys[i]) return err_set(&call->error, ERR_LIMIT, "ref", "is too long");
        drafts[i].event.ref.key = view_of(keys[i]);
    }
    int code = act_write(call, drafts, count, "sets the policy");
    for (size_t i = 0; code == 0 && i < count; i++) {
        tell_later(call, &settings[i]);
        tell_unknown_chains(call, &settings[i]);
    }
    return code;
}

static const struct column policy_columns[] = {
    {"key", "key", COLUMN_TEXT},       {"value", "value", COLUMN_TEXT}, {"default", "default", COLUMN_TEXT},
    {"unit", "unit", COLUMN_TEXT},     {"range", "range", COLUMN_TEXT}, {"meaning", "meaning", COLUMN_TEXT},
    {"serves", "source", COLUMN_TEXT}, {NULL, "coming", COLUMN_TEXT},   {NULL, NULL, COLUMN_TEXT},
};

/* What was set to hold from a later day on: [{from, value}]. Under the site's lock. */
static json_t *coming(const struct call *call, const struct model *model, enum policy_name name, int64_t now) {
    json_t *list = json_array();
    struct view key = view_of(policies[name].key);
    int64_t from = now;
    for (int i = 0; i < COMING_TOLD && (from = model_policy_change(model, key, from)) != TIME_NONE; i++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "from", ask_time(call, from), "value",
                                              ask_text(policy_text(model, name, from))));
    return list;
}

static json_t *policy_row(struct call *call, enum policy_name name) {
    const struct policy_info *info = &policies[name];
    char range[POLICY_RANGE_TEXT];
    const struct model *model = ask_begin(call);
    json_t *value = ask_text(policy_text(model, name, ask_latest(call)));
    json_t *fallback = ask_text(policy_default(model, name)), *later = coming(call, model, name, ask_latest(call));
    ask_end(call);
    return json_pack("{s:s, s:o, s:o, s:o, s:s, s:s, s:s, s:s}", "key", info->key, "coming", later, "value", value,
                     "default", fallback, "unit", info->unit, "range", policy_range(info, range), "meaning",
                     info->meaning, "source", info->source);
}

static int list_policies(struct call *call) {
    struct listing *listing = listing_open(call, policy_columns);
    for (enum policy_name name = 0; name < POLICY_COUNT; name++) listing_add(listing, policy_row(call, name));
    listing_close(listing, "no policies");
    return 0;
}

static int hub_policy(struct call *call) {
    struct setting settings[SETTINGS_MAX] = {{.key = NULL}};
    size_t count;
    int code = read_settings(call, settings, &count);
    if (code != 0) return code;
    return count == 0 ? list_policies(call) : write_settings(call, settings, count);
}

/* ---- clock ---- */

static bool store_stream(struct call *call, const char *store, uint32_t *out) {
    struct stream_state stream;
    const struct model *model = ask_begin(call);
    bool found = false;
    for (size_t i = 0; model_stream_at(model, i, &stream); i++) {
        if (!stream.opened || !view_is(stream.store, store)) continue;
        if (call_has(call, "stream") && stream.stream != *out) continue;
        *out = stream.stream;
        found = true;
    }
    ask_end(call);
    return found;
}

static int find_stream(struct call *call, uint32_t *stream, uint64_t *last) {
    int64_t number = 0;
    struct head head;
    const char *store = call->argv[0];
    int code = call_number(call, "stream", 0, ID_STREAM_MAX, 0, &number);
    if (code != 0) return code;
    *stream = (uint32_t)number;
    if (!store_stream(call, store, stream))
        return err_set(&call->error, ERR_NOT_FOUND, "store", "store %s has no %sstream here", store,
                       call_has(call, "stream") ? "such " : "");
    if (log_head(call->site->log, *stream, &head) != 0 || head.seq == 0)
        return err_set(&call->error, ERR_NOT_FOUND, "store", "the hub has no events of stream %u", *stream);
    *last = head.seq;
    return 0;
}

/* The hlc's ms that an event shows, as its store wrote it; TIME_NONE: it cannot be read. */
static int64_t shown_at(struct site *site, uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    bool read = log_get_id(site->log, id, &record, &copy, NULL) == 0 && event_decode(record.frame, &event, NULL) >= 0;
    buf_release(&copy);
    return read ? (int64_t)(event.hlc >> 16) : TIME_NONE;
}

/* The first sequence whose event shows `time` or later; `last` + 1: none. Within a stream times do not go back, but for
 * a restart behind a correction; who means that sees the sequences in `log`. */
static uint64_t first_at(struct site *site, uint32_t stream, uint64_t last, int64_t time) {
    uint64_t low = 1, high = last + 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (shown_at(site, id_make(stream, middle)) >= time)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static int read_range(struct call *call, uint32_t stream, uint64_t last, struct body_clock *body) {
    int64_t since = TIME_NONE, until = TIME_NONE, from = 1, to = (int64_t)last;
    int code = call_time(call, "since", false, TIME_NONE, &since);
    if (code == 0) code = call_time(call, "until", true, TIME_NONE, &until);
    if (code == 0 && (call_has(call, "from") || call_has(call, "to")) &&
        (call_has(call, "since") || call_has(call, "until")))
        code = err_set(&call->error, ERR_USAGE, NULL, "say sequences (--from, --to) or times (--since, --until)");
    if (code == 0 && !call_has(call, "from") && !call_has(call, "since"))
        code = err_set(&call->error, ERR_USAGE, "from", "is missing: the first sequence that is wrong, or --since");
    if (code == 0) code = call_number(call, "from", 1, to, 1, &from);
    if (code == 0) code = call_number(call, "to", from, to, to, &to);
    if (code != 0) return code;
    if (since != TIME_NONE) from = (int64_t)first_at(call->site, stream, last, since);
    if (until != TIME_NONE) to = (int64_t)first_at(call->site, stream, last, until + 1) - 1;
    if (from > to) return err_set(&call->error, ERR_NOT_FOUND, NULL, "no event of the store shows such a time");
    body->from = from;
    body->to = to;
    return 0;
}

static int hub_clock(struct call *call) {
    struct draft draft;
    uint32_t stream = 0;
    uint64_t last = 0;
    char text[ID_TEXT];
    int code = find_stream(call, &stream, &last);
    if (code == 0) code = act_draft(call, &draft, EVENT_clock, SUBJECT_GIVEN, 0);
    if (code != 0) return code;
    struct body_clock *body = &draft.event.body.clock;
    body->stream = stream;
    code = read_range(call, stream, last, body);
    if (code == 0) code = call_number(call, "ms", -(TIME_MAX - TIME_MIN), TIME_MAX - TIME_MIN, 0, &body->ms);
    if (code == 0 && body->ms == 0)
        code = err_set(&call->error, ERR_USAGE, "ms",
                       "is missing: what to add to its times; a clock that was ahead by N takes -N");
    if (code == 0) code = site_write(call->site, &draft, 1, NULL, 0, NULL, &call->error);
    if (code != 0) return code;
    id_format(draft.id, text);
    if (call->json)
        call_json(call, json_pack("{s:s, s:b, s:I, s:I, s:I, s:I}", "id", text, "existing", draft.existing, "stream",
                                  (json_int_t)stream, "from", (json_int_t)body->from, "to", (json_int_t)body->to, "ms",
                                  (json_int_t)body->ms));
    else
        fprintf(call->out, "%s corrects sequences %lld to %lld of stream %u by %lld ms%s\n", text,
                (long long)body->from, (long long)body->to, stream, (long long)body->ms,
                draft.existing ? ": before, under the same ref" : "");
    return 0;
}

static const struct option policy_options[] = {
    {"set", "KEY=VALUE", "sets one, from the beginning if no --from follows", true},
    {"from", "DATE", "the --set before it is in force from this date", true},
    {NULL, NULL, NULL, false},
};
static const struct option clock_options[] = {
    {"stream", "N", "one of the store's streams (default: its newest)", false},
    {"from", "SEQ", "first sequence that is wrong", false},
    {"to", "SEQ", "last sequence that is wrong (default: the last the hub has)", false},
    {"since", "TIME", "instead of --from: from the first event that shows this time", false},
    {"until", "TIME", "instead of --to: up to the last event that shows this time", false},
    {"ms", "N", "what is added to their times: -3600000 for a clock that was an hour ahead", false},
    {NULL, NULL, NULL, false},
};

const struct command hub_policy_commands[] = {
    {"policy", "", "what the region sets: figures and lists, with their defaults", NEEDS_SITE, 0, 0, policy_options,
     act_options, false, hub_policy, NULL},
    {"clock", "STORE --from SEQ --ms N", "the clock of a store was wrong: correct what it wrote", NEEDS_SITE, 1, 1,
     clock_options, act_options, false, hub_clock, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
