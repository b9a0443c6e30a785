/* replay: the history folded again into a model of its own, up to a time on either axis, and a question asked of it.
 * What a hub that was restored or rebuilt got back stands in its log behind later records, with the times at which it
 * was first received: so every record is asked. */
#include <string.h>

#include "hub/commands.h"
#include "proto/command/ask_contact.h"
#include "proto/command/export.h"
#include "proto/command/inner.h"
#include "proto/model/policy_sense.h"

/* Those of the hub's commands that only ask; `run` where the command of that name can do more. */
static const struct question {
    const char *name;
    int (*run)(struct call *call);
} questions[] = {
    {"vip", NULL},    {"pyramid", NULL},    {"segments", NULL}, {"rfm", NULL},      {"complaints", NULL},
    {"alerts", NULL}, {"followups", NULL},  {"findings", NULL}, {"benefits", NULL}, {"gathering", ask_gatherings},
    {"report", NULL}, {"staff", ask_staff}, {"status", NULL},
};

static int ask(struct call *call) {
    struct buf names = BUF_INIT;
    size_t count = sizeof questions / sizeof *questions;
    for (size_t i = 0; i < count; i++) {
        const struct command *command = inner_command(call->program, questions[i].name);
        struct call inner;
        buf_printf(&names, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", questions[i].name);
        if (command == NULL || strcmp(call->argv[0], questions[i].name) != 0) continue;
        buf_release(&names);
        int code = inner_open(call, command, hub_replay_options, &inner);
        if (code == 0 && call_has(call, "csv")) code = export_whole(call, &inner);
        if (code == 0) code = questions[i].run == NULL ? command->run(&inner) : questions[i].run(&inner);
        inner_close(call, &inner);
        return code;
    }
    err_set(&call->error, ERR_USAGE, NULL, "'%s' cannot be replayed; ask %s", call->argv[0], buf_text(&names));
    buf_release(&names);
    return ERR_USAGE;
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
    int code = policy_check_sense(info, value, call->site->currency.decimals, &call->error);
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
        if (code != 0 && path != NULL && strcmp(path, "-") != 0) err_prefix(&call->error, "%s line %zu", path, number);
        rest = end == NULL ? VIEW_NONE : view_make(end + 1, rest.len - len - 1);
    }
    buf_release(&text);
    return code;
}

static int check_form(struct call *call) {
    if (call_has(call, "csv")) return export_form(call);
    if (!call_has(call, "encoding")) return 0;
    return err_set(&call->error, ERR_USAGE, "encoding", "goes with --csv");
}

int hub_replay(struct call *call) {
    int64_t received = TIME_NONE, happened = TIME_NONE;
    int code = check_form(call);
    if (code == 0) code = call_time(call, "received-until", true, TIME_NONE, &received);
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
