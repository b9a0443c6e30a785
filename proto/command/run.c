#include "proto/command/run.h"

#include <stdlib.h>

#include "proto/base/file_os.h"
#include "proto/command/ask.h"
#include "proto/command/handover_os.h"
#include "proto/command/help.h"
#include "proto/command/parse.h"
#include "proto/command/run_os.h"

/* site_open's progress has no context: one call a process opens a site. */
static struct call *opening;

static void opening_progress(uint64_t done, uint64_t all) { call_progress(opening, "opening", done, all); }

static int open_site(struct call *call) {
    opening = call;
    int code = site_open(call->directory, call->program->role, call->env, opening_progress, &call->site, &call->error);
    call_progress_end(call);
    return code;
}

/* Opens the site, or has the call done by the serve that owns it: HANDOVER_DONE, and `*status` is its exit status. An
 * owner that is no serve will be done soon: commands wait for each other. */
static int open_or_hand_over(struct call *call, int *status) {
    if (call->command->needs == NEEDS_SOUND_SITE) {
        int sound = ask_sound(call);
        if (sound != 0) return sound;
    }
    int64_t until = env_monotonic(call->env) + CALL_OTHERS_WAIT_MS;
    for (bool told = false;; told = true) {
        int code = open_site(call);
        if (code != ERR_BUSY) return code;
        if (call->command->needs == NEEDS_OWNERSHIP) return err_prefix(&call->error, "another one is running");
        struct err busy = call->error;
        code = handover_call(call, signals_ask, status);
        if (code != HANDOVER_NOBODY) return code;
        call->error = busy;
        if (env_monotonic(call->env) >= until) return ERR_BUSY;
        if (call->progress && !told) fprintf(call->err_out, "%s: waiting: %s\n", call->program->name, busy.text);
        if (call->progress && !told) fflush(call->err_out);
        call_pause(call, CALL_OTHERS_AGAIN_MS);
    }
}

/* A directory called like an argument is not meant. */
static bool site_exists(const char *path) {
    char *site = path_join(path, "site.json");
    bool there = file_exists(site);
    free(site);
    return there;
}

static int run_here(struct call *call, struct streams *streams) {
    int status = EXIT_REFUSED;
    enum command_needs needs = call->command->needs;
    int code = needs == NEEDS_NOTHING || needs == NEEDS_TARGET ? 0 : open_or_hand_over(call, &status);
    if (code == HANDOVER_DONE) return status;
    signals_ask();
    status = code < 0 ? call_refused(call, code) : call_run(call, streams);
    site_close(call->site);
    return status;
}

/* Help and the version are output like any other. */
static int told(struct call *call, struct streams *streams) {
    int code = streams_flush(streams, &call->error);
    return code == 0 ? EXIT_DONE : code == ERR_CLOSED ? EXIT_REFUSED : call_refused(call, code);
}

static int run_words(struct call *call, struct streams *streams, struct stop *stop, int count,
                     const char *const *words) {
    struct parse_place place = {.usual = process_directory(), .exists = site_exists};
    int outcome = parse_words(call, count, words, &place);
    if (outcome < 0) return call_refused(call, outcome);
    if (outcome == PARSE_VERSION) {
        fprintf(call->out, "%s %s\n", call->program->name, DANGOL_VERSION);
        return told(call, streams);
    }
    if (outcome == PARSE_HELP) {
        if (call->command == NULL)
            help_program(call->program, call->out);
        else
            help_command(call->program, call->command, call->out);
        return told(call, streams);
    }
    signals_start(call->program->name, call->json, stop);
    return run_here(call, streams);
}

int program_main(const struct program *program, int argc, char **argv) {
    static struct stop stop; /* signals may come until the very end */
    process_start();
    stop_init(&stop);
    struct call call = {.program = program, .env = env_os(), .working_directory = process_here()};
    struct streams streams;
    streams_open(&streams, (const int[]){0, 1, 2}, &stop, &call);
    int skip = argc > 0 ? 1 : 0;
    int status = run_words(&call, &streams, &stop, argc - skip, (const char *const *)argv + skip);
    call_release(&call);
    streams_close(&streams);
    return status;
}
