/* replay: the history folded again into a model of its own, up to a time on either axis, and a question asked of it.
 * What a hub that was restored or rebuilt got back stands in its log behind later records, with the times at which it
 * was first received: so every record is asked. */
#include <string.h>

#include "hub/commands.h"
#include "proto/command/ask.h"
#include "proto/model/policies.h"

static int ask(struct call *call) {
    static const struct {
        const char *question;
        int (*run)(struct call *call);
    } questions[] = {{"vip", ask_vip},
                     {"pyramid", ask_pyramid},
                     {"complaints", ask_complaints},
                     {"segments", ask_segments},
                     {"status", hub_status}};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (strcmp(call->argv[0], questions[i].question) == 0) return questions[i].run(call);
    return err_set(&call->error, ERR_USAGE, NULL,
                   "'%s' cannot be replayed; ask vip, pyramid, complaints, segments or status", call->argv[0]);
}

/* One line of the file: KEY=VALUE, nothing, or a # and a remark. */
static int assume(struct call *call, struct model *model, struct view line, bool *any) {
    while (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t')) line = view_make(line.data + 1, line.len - 1);
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]) != NULL) line.len--;
    if (line.len == 0 || line.data[0] == '#') return 0;
    const uint8_t *equals = memchr(line.data, '=', line.len);
    if (equals == NULL) return err_set(&call->error, ERR_INVALID, "policy", "is not KEY=VALUE");
    struct view key = view_make(line.data, (size_t)(equals - line.data));
    struct view value = view_make(equals + 1, line.len - key.len - 1);
    const struct policy_info *info = policy_find(key);
    if (info == NULL)
        return err_set(&call->error, ERR_INVALID, "policy", "there is no policy '%.*s'; `policy` lists them",
                       (int)(key.len > 64 ? 64 : key.len), (const char *)key.data);
    int code = policy_check(info, value, call->site->currency.decimals, &call->error);
    if (code != 0) {
        err_prefix(&call->error, "%s", info->key);
        snprintf(call->error.field, sizeof call->error.field, "policy");
        return code;
    }
    model_assume_policy(model, key, value);
    *any = true;
    return 0;
}

/* What would have been: the values of a file instead of those in force, at all times. */
static int assume_file(struct call *call, struct model *model, bool *any) {
    const char *path = call_option(call, "policy");
    struct buf text = BUF_INIT;
    int code = path == NULL ? 0 : call_read(call, path, &text);
    struct view rest = buf_view(&text);
    for (size_t number = 1; code == 0 && rest.len > 0; number++) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
        code = assume(call, model, view_make(rest.data, len), any);
        if (code != 0) err_prefix(&call->error, "%s line %zu", path, number);
        rest = end == NULL ? VIEW_NONE : view_make(end + 1, rest.len - len - 1);
    }
    buf_release(&text);
    return code;
}

int hub_replay(struct call *call) {
    int64_t received = TIME_NONE, happened = TIME_NONE;
    int code = call_time(call, "received-until", true, TIME_NONE, &received);
    if (code == 0) code = call_time(call, "happened-until", true, TIME_NONE, &happened);
    uint64_t to = log_tip(call->site->log);
    if (code != 0) return code;
    struct replay replay = {model_open(call->site->log), happened, false};
    site_assume(call->site, replay.model);
    model_received_until(replay.model, received);
    code = assume_file(call, replay.model, &replay.other_policy);
    if (code == 0) code = model_replay(replay.model, 0, to, NULL, &call->error);
    call->replay = &replay;
    if (code == 0) code = ask(call);
    call->replay = NULL;
    model_close(replay.model);
    return code;
}
