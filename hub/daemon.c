#include "hub/daemon.h"

#include <string.h>

#include "hub/recovery.h"
#include "proto/api/api.h"
#include "proto/command/backup.h"
#include "proto/command/handover_os.h"

#define IDLE_MS 200
#define GATHER_STORES 400 /* so many on the line for each ms that pushes are gathered: with few not at all */
#define GATHER_MS 10

extern const struct http_assets hub_ui; /* the pages of its app, which the build makes */

static int listen_for_stores(struct daemon *daemon, struct call *call) {
    struct site *site = daemon->site;
    struct tls_identity tls = {.key = site->secrets.tls_key, .certificate = site->secrets.tls_certificate};
    int code = transport_nng_open(site->env, &tls, &daemon->transport, &call->error);
    if (code != 0) return code;
    struct transport_handler handler = desk_handler(&daemon->desk);
    return daemon->transport->ops->listen(daemon->transport, site->config.listen, &handler, daemon->bound,
                                          &call->error);
}

/* Judges what is new; a disk that is full now is tried again with the next group. */
static void judge(struct daemon *daemon) {
    struct err err = {.code = 0};
    int code;
    if (atomic_exchange(&daemon->desk.tag_again, false)) judge_afresh(&daemon->judge);
    while ((code = judge_step(&daemon->judge, &err)) > 0) {
    }
    if (code < 0 && strcmp(err.text, daemon->trouble.text) != 0)
        journal_say(&daemon->desk.journal, "judge: %s", err.text);
    daemon->trouble = code < 0 ? err : (struct err){.code = 0};
    daemon->desk.judged = daemon->judge.position;
}

static int64_t gather_ms(struct daemon *daemon) {
    int64_t ms = (int64_t)(desk_stores(&daemon->desk) / GATHER_STORES);
    return ms < GATHER_MS ? ms : GATHER_MS;
}

static void work(struct daemon *daemon, const struct call *call) {
    while (!call_cancelled(call) && daemon->desk.incarnation == 0) {
        bool more = desk_welcome(&daemon->desk);
        more |= ingest_step(daemon->ingest);
        desk_resume(&daemon->desk);
        judge(daemon);
        more |= erasing_step(&daemon->erasing);
        if (!more) {
            ingest_wait(daemon->ingest, IDLE_MS);
            continue;
        }
        feed_thread_wake(&daemon->feeding);
        int64_t ms = gather_ms(daemon);
        if (ms > 0) ingest_gather(daemon->ingest, ms);
    }
}

static void say_standing(struct daemon *daemon) {
    struct restored restored;
    recovery_restored(daemon->site, &restored);
    if (restored.noted)
        journal_say(&daemon->desk.journal,
                    "REFUSING ALL STORES: %s; stop this and run `dangol-hub recover` on this directory",
                    restored.reason);
    else if (recovery_waits(daemon->site))
        journal_say(&daemon->desk.journal,
                    "waiting for the first store to hand back what the hub before this one wrote");
    else if (recovery_goes_on(daemon->site))
        journal_say(&daemon->desk.journal,
                    "what the hub before this one wrote is not back yet; nothing is judged so far");
}

/* Until it is stopped, or stores have told with which incarnation it must go on. */
static int serve(struct call *call, uint32_t *incarnation) {
    struct daemon daemon = {.site = call->site};
    struct handover *handover = NULL;
    struct api *api = NULL;
    daemon.ingest = ingest_open(call->site);
    desk_open(&daemon.desk, call->site, daemon.ingest, call->err_out);
    judge_open(&daemon.judge, call->site);
    judge(&daemon);
    erasing_open(&daemon.erasing, &daemon.desk);
    erasing_step(&daemon.erasing);
    feed_thread_start(&daemon.feeding, &daemon.desk);
    directory_thread_start(&daemon.directory, &daemon.desk, DIRECTORY_MEMORY);
    int code = listen_for_stores(&daemon, call);
    if (code == 0) code = handover_open(call->program, call->site, &daemon, call->env, &handover, &call->error);
    if (code == 0) code = api_serve(call, &daemon, &daemon.desk.journal, hub_ui, &api);
    if (code == 0) {
        journal_say(&daemon.desk.journal, "serving region %s for stores on %s", call->site->config.region,
                    daemon.bound);
        say_standing(&daemon);
        work(&daemon, call);
        *incarnation = daemon.desk.incarnation;
        journal_say(&daemon.desk.journal, *incarnation == 0 ? "stopping" : "beginning again");
    }
    api_close(api);
    handover_close(handover);
    if (daemon.transport != NULL) transport_shutdown(daemon.transport);
    directory_thread_stop(&daemon.directory);
    feed_thread_stop(&daemon.feeding);
    while (ingest_step(daemon.ingest)) {
    }
    desk_welcome(&daemon.desk); /* writes who has left */
    judge_close(&daemon.judge);
    ingest_close(daemon.ingest);
    desk_close(&daemon.desk);
    return code;
}

/* A backup that is served as it is goes on as a new incarnation. */
static int begin_backup(struct call *call) {
    if (!backup_marked(call->directory)) return 0;
    int code = recovery_waits(call->site) ? 0 : recovery_open(call->site, recovery_next(call->site, 0), &call->error);
    return code == 0 ? backup_unmark(call->directory, &call->error) : code;
}

int hub_serve(struct call *call) {
    int code = begin_backup(call);
    uint32_t incarnation;
    do {
        incarnation = 0;
        if (code == 0) code = serve(call, &incarnation);
        if (code == 0 && incarnation != 0) code = recovery_open(call->site, incarnation, &call->error);
    } while (code == 0 && incarnation != 0 && !call_cancelled(call));
    return code;
}
