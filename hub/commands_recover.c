/* backup, restore, recover: what people do before and after something broke. */
#include "hub/commands.h"
#include "hub/recovery.h"
#include "proto/command/backup.h"

static void tell(struct call *call, const struct site *site) {
    if (call->json)
        call_json(call, json_pack("{s:s, s:I}", "region", site->config.region, "incarnation",
                                  (json_int_t)site->config.incarnation));
    else
        fprintf(call->out,
                "%s goes on as incarnation %u; `serve` it: its stores hand back what it lacks, with the times at which "
                "it was first received. Until the first one has, nothing is judged\n",
                call->directory, site->config.incarnation);
}

/* A crash on the way leaves the mark, and serving it does the rest. */
static int hub_restore(struct call *call) {
    struct site *site = NULL;
    int code = backup_unpack(call);
    if (code == 0) code = site_open(call->directory, ROLE_HUB, call->env, NULL, &site, &call->error);
    if (code == 0) code = recovery_open(site, recovery_next(site, 0), &call->error);
    if (code == 0) code = backup_unmark(call->directory, &call->error);
    if (code == 0) tell(call, site);
    site_close(site);
    return code;
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
    if (code == 0) code = backup_unmark(call->directory, &call->error);
    if (code == 0) tell(call, site);
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
