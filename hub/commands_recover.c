/* backup, restore, recover: what people do before and after something broke. */
#include "hub/branch.h"
#include "hub/commands.h"
#include "hub/recovery.h"
#include "proto/base/text.h"
#include "proto/command/backup.h"
#include "proto/site/regrow.h"

/* Of what this copy had written before it was found out, where stores hold other events under the same numbers. */
struct joined {
    struct rehomed_report report;
    char aside[ASIDE_NAME]; /* the folder with the log of before; empty: nothing was joined */
};

static void tell_joined(struct call *call, const struct joined *joined) {
    char moved[COUNT_TEXT], same[COUNT_TEXT], left[COUNT_TEXT];
    if (joined->aside[0] == '\0') return;
    fprintf(call->out, "what the stores were told counts; %s that this copy wrote in its place moved behind it\n",
            count_format(joined->report.rehomed, "event", moved));
    if (joined->report.same_ref > 0)
        fprintf(call->out, "%s not moved: the same ref is there\n",
                count_format(joined->report.same_ref, "event", same));
    if (joined->report.left > 0)
        fprintf(call->out, "%s of another version could not be moved\n",
                count_format(joined->report.left, "event", left));
    if (joined->report.stayed > 0)
        fprintf(call->out,
                "%s about a PC whose stream number was given out twice stay behind; that PC is told to recover\n",
                count_format(joined->report.stayed, "event", left));
    fprintf(call->out, "the log of before is in %s/%s\n", call->directory, joined->aside);
}

static void tell(struct call *call, const struct site *site, const struct joined *joined) {
    if (call->json)
        call_json(call,
                  json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s}", "region", site->config.region, "incarnation",
                            (json_int_t)site->config.incarnation, "rehomed", (json_int_t)joined->report.rehomed,
                            "same_ref", (json_int_t)joined->report.same_ref, "left", (json_int_t)joined->report.left,
                            "stayed", (json_int_t)joined->report.stayed, "aside", joined->aside));
    else
        tell_joined(call, joined);
    if (!call->json)
        fprintf(
            call->out,
            "%s goes on as incarnation %u; `serve` it: its stores hand back what it lacks, with the times at which "
            "it was first received. Until the first one has, nothing is judged. An erasure of which no store had been "
            "told is gone: ask for it again\n",
            call->directory, site->config.incarnation);
}

/* A crash on the way leaves the mark, and serving it does the rest. */
static int hub_restore(struct call *call) {
    struct site *site = NULL;
    int code = backup_unpack(call);
    if (code == 0) code = site_open(call->directory, ROLE_HUB, call->env, NULL, &site, &call->error);
    if (code == 0) code = recovery_open(site, recovery_next(site, 0), &call->error);
    if (code == 0) code = backup_unmark(call->directory, &call->error);
    if (code == 0) tell(call, site, &(struct joined){.aside = ""});
    site_close(site);
    return code;
}

/* Afterwards the site is closed but for its name: the log in its place is another one. */
static int join_branches(struct call *call, struct joined *out) {
    struct site *site = call->site;
    struct log *fresh = NULL;
    struct err *err = &call->error;
    if (!branch_kept(site)) return 0;
    int code = regrow_begin(call->directory, call->env, &fresh, err);
    if (code == 0) code = branch_join(site, fresh, &out->report, err);
    if (code == 0) code = aside_name(call->directory, site->config.stream, out->aside, err);
    if (code == 0)
        code = regrow_end(call->directory, out->aside, &site->log, &fresh, err);
    else if (fresh != NULL)
        regrow_end(call->directory, NULL, &site->log, &fresh, NULL);
    return code == 0 ? 0 : err_prefix(err, "nothing is lost, run `recover` again");
}

static int answer_now(struct call *call) {
    struct site *site = call->site;
    if (!site->closed)
        return err_set(&call->error, ERR_REFUSED, "answer-now", "this hub answers questions about people already");
    int code = recovery_answer(site, &call->error);
    if (code == 0 && call->json) call_json(call, json_pack("{s:b}", "answers", 1));
    if (code == 0 && !call->json)
        fprintf(call->out,
                "%s answers questions about people from now on; whoever was erased after its copy was made is "
                "readable here until a store hands back that they were\n",
                call->directory);
    return code;
}

static int hub_recover(struct call *call) {
    struct site *site = call->site;
    if (call_has(call, "answer-now")) return answer_now(call);
    if (recovery_waits(site))
        return err_set(&call->error, ERR_REFUSED, NULL,
                       "%s was made with `init --recover`: `serve` it, and the first store brings it to life",
                       call->directory);
    int code = recovery_open(site, recovery_next(site, 0), &call->error);
    struct joined joined = {.aside = ""};
    if (code == 0) code = backup_unmark(call->directory, &call->error);
    if (code == 0) code = join_branches(call, &joined);
    if (code == 0) tell(call, site, &joined);
    return code;
}

static const struct option recover_options[] = {
    {"answer-now", NULL, "only this: show names before a store has told who was erased since; when none is left",
     false},
    {NULL, NULL, NULL, false},
};

const struct command hub_recover_commands[] = {
    {"backup", "TARGET", "copy everything to a new directory, beside a running serve", NEEDS_SITE, 1, 1, NULL, NULL,
     false, call_backup, NULL},
    {"restore", "BACKUP", "make a directory from a backup: a new incarnation of the hub", NEEDS_TARGET, 1, 1, NULL,
     NULL, false, hub_restore, NULL},
    {"recover", "", "go on with an older image of this hub, when stores have found it out", NEEDS_OWNERSHIP, 0, 0,
     recover_options, NULL, false, hub_recover, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
