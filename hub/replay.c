/* replay: the history folded again into a model of its own, up to a time on either axis, and a question asked of it.
 * What a hub that was restored or rebuilt got back stands in its log behind later records, with the times at which it
 * was first received: so every record is asked. */
#include <string.h>

#include "hub/commands.h"
#include "proto/command/ask.h"

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

int hub_replay(struct call *call) {
    int64_t received = TIME_NONE, happened = TIME_NONE;
    int code = call_time(call, "received-until", true, TIME_NONE, &received);
    if (code == 0) code = call_time(call, "happened-until", true, TIME_NONE, &happened);
    uint64_t to = log_tip(call->site->log);
    if (code != 0) return code;
    struct replay replay = {model_open(call->site->log), happened};
    site_assume(call->site, replay.model);
    model_received_until(replay.model, received);
    code = model_replay(replay.model, 0, to, NULL, &call->error);
    call->replay = &replay;
    if (code == 0) code = ask(call);
    call->replay = NULL;
    model_close(replay.model);
    return code;
}
