/* A whole program: exit status, streams, signals, and commands that meet over one data directory. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/command/handover_os.h"
#include "tests/support/children.h"

static int run_hello(struct call *call) {
    fprintf(call->out, "hello%s%s in %s\n", call->argc > 0 ? " " : "", call->argc > 0 ? call->argv[0] : "",
            call->daemon != NULL ? "serve" : "its own");
    return 0;
}

static int run_wait(struct call *call) {
    fprintf(call->out, "waiting\n");
    fflush(call->out);
    call_pause(call, -1);
    return 0;
}

/* Does not listen. */
static int run_deaf(struct call *call) {
    fprintf(call->out, "deaf\n");
    fflush(call->out);
    while (pause() < 0) continue;
    return 0;
}

static int run_hold(struct call *call) {
    char line[16];
    fprintf(call->out, "holding\n");
    fflush(call->out);
    return fgets(line, sizeof line, call->in) != NULL ? 0 : call_stopped(call);
}

static int run_pour(struct call *call) {
    for (int i = 0; i < 100000; i++) fprintf(call->out, "%d\n", i);
    return 0;
}

static int run_serve(struct call *call) {
    struct handover *handover = NULL;
    int code = handover_open(call->program, call->site, call, call->env, &handover, &call->error);
    if (code != 0) return code;
    fprintf(call->out, "serving\n");
    fflush(call->out);
    call_pause(call, -1);
    handover_close(handover);
    return 0;
}

#define COMMAND(name, needs, most, run)                                                                                \
    { name, "", "for tests", needs, 0, most, NULL, NULL, false, run, NULL }
static const struct command commands[] = {
    COMMAND("free", NEEDS_NOTHING, 1, run_hello), COMMAND("wait", NEEDS_NOTHING, 0, run_wait),
    COMMAND("deaf", NEEDS_NOTHING, 0, run_deaf),  COMMAND("pour", NEEDS_NOTHING, 0, run_pour),
    COMMAND("hello", NEEDS_SITE, 1, run_hello),   COMMAND("hold", NEEDS_SITE, 0, run_hold),
    COMMAND("linger", NEEDS_SITE, 0, run_wait),   COMMAND("serve", NEEDS_OWNERSHIP, 0, run_serve),
    COMMAND(NULL, NEEDS_NOTHING, 0, NULL),
};
static const struct command *const groups[] = {commands, NULL};
static const struct program program = {"dangol-test", "a program for tests", ROLE_STORE, groups};

/* ---- Processes ---- */

static char base[] = "/tmp/dangol-program-XXXXXX";
static char *directory;

static void world_open(void) {
    cr_assert_not_null(mkdtemp(base));
    directory = path_join(base, "site");
    unsetenv("DANGOL_DIR");
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static void world_close(void) {
    nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
}

TestSuite(program, .init = world_open, .fini = world_close, .timeout = 60);

static void site_make(void) {
    struct config config = {.role = ROLE_STORE, .stream = 65537, .incarnation = 1, .address_count = 1};
    struct secrets secrets = {.tls_key = NULL};
    struct err err = {0};
    char **texts[] = {&config.region, &config.currency, &config.timezone,     &config.country,       &config.store,
                      &config.name,   &config.http,     &config.addresses[0], &config.ca_certificate};
    static const char *const values[] = {"region", "KRW",         "Asia/Seoul",  "KR",  "S1",
                                         "S1",     "127.0.0.1:1", "127.0.0.1:2", "none"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = mem_text(values[i]);
    env_random(env_os(), secrets.master, sizeof secrets.master);
    env_random(env_os(), secrets.seed, sizeof secrets.seed);
    cr_assert_eq(config_create(directory, &config, &secrets, &err), 0, "%s", err.text);
    config_release(&config);
    secrets_release(&secrets);
}

static void (*before)(void); /* in the child, before the program begins */

static struct child start(const char *const *words) {
    struct child child = child_start();
    if (child.pid != 0) return child;
    char *argv[10] = {mem_text("program")};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++) argv[argc] = mem_text(words[argc - 1]);
    if (before != NULL) before();
    _exit(program_main(&program, argc, argv));
}

#define START(...) start((const char *const[]){__VA_ARGS__, NULL})

static void ends(struct child child, int status, const char *out, const char *err) {
    struct buf told = BUF_INIT, complained = BUF_INIT;
    int got = child_end(child, &told, &complained);
    const char *text = buf_text(&told), *complaint = buf_text(&complained);
    cr_assert_eq(got, status, "status %d, \"%s\", \"%s\"", got, text, complaint);
    cr_assert(out[0] == '\0' ? text[0] == '\0' : strstr(text, out) != NULL, "\"%s\"", text);
    cr_assert(err[0] == '\0' ? complaint[0] == '\0' : strstr(complaint, err) != NULL, "\"%s\"", complaint);
    buf_release(&told);
    buf_release(&complained);
}

static void says(struct child child, const char *text) { cr_assert(child_says(child, text), "no \"%s\"", text); }

/* ---- Alone ---- */

Test(program, help_version_and_wrong_use) {
    ends(START("--version"), 0, "dangol-test " DANGOL_VERSION "\n", "");
    ends(START("--help"), 0, "a program for tests", "");
    ends(START("hello", "--help"), 0, "Usage: dangol-test hello DIR", "");
    ends(start((const char *const[]){NULL}), 2, "", "dangol-test: the command is missing (usage: dangol-test COMMAND");
    ends(START("helo", "x"), 2, "", "did you mean \"hello\"?");
    ends(START("hello", "--json"), 2, "", "{\"error\":{\"code\":\"usage\"");
    ends(START("hello", "--json", "a", "b", "c"), 2, "", "{\"error\":{\"code\":\"usage\"");
}

static void directory_from_environment(void) { setenv("DANGOL_DIR", directory, 1); }

Test(program, the_directory_from_the_environment) {
    site_make();
    before = directory_from_environment;
    ends(START("hello"), 0, "hello in its own\n", "");
    ends(START("hello", "you"), 0, "hello you in its own\n", "");
    ends(START("hello", directory, "you"), 0, "hello you in its own\n", "");
}

Test(program, no_directory_or_not_one_of_ours) {
    ends(START("hello", directory), 1, "", directory);
    cr_assert_eq(mkdir(directory, 0700), 0);
    ends(START("hello", directory), 1, "", directory);
    ends(START("hello", directory, "--json"), 1, "", "{\"error\":{\"code\":");
}

static void output_to_full(void) { dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO); }
static void streams_closed(void) {
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
}

Test(program, output_that_cannot_be_written_is_an_error) {
    before = output_to_full;
    ends(START("free", "x"), 1, "", "cannot write the output: No space left");
    ends(START("--version"), 1, "", "cannot write the output");
    before = streams_closed;
    ends(START("free", "x"), 0, "", "");
    before = NULL;
    struct child child = START("pour", "x");
    says(child, "0\n1\n2\n");
    child_close(&child.out);
    ends(child, 1, "", "");
}

Test(program, a_signal_stops_a_command) {
    static const int signals[] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        struct child child = START("wait", "x");
        says(child, "waiting\n");
        kill(child.pid, signals[i]);
        ends(child, 1, "", "dangol-test: stopped\n");
    }
    struct child child = START("wait", "x", "--json");
    says(child, "waiting\n");
    kill(child.pid, SIGINT);
    ends(child, 1, "", "{\"error\":{\"code\":\"interrupted\",\"message\":\"stopped\",\"field\":null}}\n");
}

Test(program, a_second_signal_kills_a_command_that_does_not_listen) {
    struct child child = START("deaf", "x");
    says(child, "deaf\n");
    kill(child.pid, SIGINT);
    while (kill(child.pid, 0) == 0) { /* the first one was taken when the second one is no longer caught */
        char path[64];
        struct buf status = BUF_INIT;
        snprintf(path, sizeof path, "/proc/%d/status", (int)child.pid);
        cr_assert_eq(file_read(AT_FDCWD, path, &status, NULL), 0);
        const char *caught = strstr(buf_text(&status), "SigCgt:");
        bool taken = caught != NULL && (strtoull(caught + 7, NULL, 16) & 1u << (SIGINT - 1)) == 0;
        buf_release(&status);
        if (taken) break;
    }
    kill(child.pid, SIGINT);
    ends(child, CHILD_SIGNALLED + SIGINT, "", "");
}

static void interrupts_ignored(void) { signal(SIGINT, SIG_IGN); }

Test(program, a_signal_ignored_from_the_start_stays_so) {
    before = interrupts_ignored;
    struct child child = START("wait", "x");
    says(child, "waiting\n");
    kill(child.pid, SIGINT);
    kill(child.pid, SIGTERM);
    ends(child, 1, "", "stopped");
}

/* ---- Over one directory ---- */

static int master; /* of a terminal for the errors of a child */
static char terminal[64];

static void errors_to_terminal(void) { dup2(open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC), STDERR_FILENO); }

static void terminal_open(void) {
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    cr_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    cr_assert_eq(ptsname_r(master, terminal, sizeof terminal), 0);
}

/* Reads from the terminal until it has said this. */
static void terminal_says(const char *text) {
    struct buf said = BUF_INIT;
    char c;
    while (strstr(buf_text(&said), text) == NULL) {
        cr_assert_eq(read(master, &c, 1), 1, "it said \"%s\"", buf_text(&said));
        buf_append(&said, &c, 1);
    }
    buf_release(&said);
}

Test(program, commands_wait_for_each_other) {
    site_make();
    terminal_open();
    struct child first = START("hold", directory);
    says(first, "holding\n");
    before = errors_to_terminal;
    struct child second = START("hello", directory);
    before = NULL;
    terminal_says("dangol-test: waiting: ");
    terminal_says("is in use by process ");
    cr_assert_eq(write(first.in, "go\n", 3), 3);
    ends(first, 0, "", "");
    ends(second, 0, "hello in its own\n", "");
    close(master);
}

Test(program, a_signal_ends_the_waiting) {
    site_make();
    terminal_open();
    struct child first = START("hold", directory);
    says(first, "holding\n");
    before = errors_to_terminal;
    struct child second = START("hello", directory);
    terminal_says("waiting: ");
    kill(second.pid, SIGINT);
    terminal_says("dangol-test: stopped");
    ends(second, 1, "", "");
    ends(first, 1, "", "stopped");
    close(master);
}

Test(program, only_one_serve_and_everything_else_runs_in_it) {
    site_make();
    struct child serve = START("serve", directory);
    says(serve, "serving\n");
    ends(START("hello", directory, "you"), 0, "hello you in serve\n", "");
    ends(START("serve", directory), 1, "", "another one is running");
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)serve.pid);
    ends(START("serve", directory), 1, "", process);
    struct child hold = START("hold", directory);
    says(hold, "holding\n");
    cr_assert_eq(write(hold.in, "go\n", 3), 3);
    ends(hold, 0, "", "");
    struct child linger = START("linger", directory);
    says(linger, "waiting\n");
    kill(serve.pid, SIGTERM);
    ends(serve, 0, "", "");
    ends(linger, 1, "", "dangol-test: stopped\n");
    ends(START("hello", directory), 0, "hello in its own\n", "");
}

Test(program, a_killed_serve_does_not_block_the_directory) {
    site_make();
    struct child serve = START("serve", directory);
    says(serve, "serving\n");
    kill(serve.pid, SIGKILL);
    ends(serve, CHILD_SIGNALLED + SIGKILL, "", "");
    ends(START("hello", directory), 0, "hello in its own\n", "");
    serve = START("serve", directory);
    says(serve, "serving\n");
    ends(START("hello", directory), 0, "hello in serve\n", "");
    kill(serve.pid, SIGINT);
    ends(serve, 0, "", "");
}

/* A caller comes while the serve is just going: it is done by the serve or after it, never lost. */
Test(program, commands_around_the_end_of_a_serve) {
    site_make();
    for (int i = 0; i < 10; i++) {
        struct child callers[4];
        struct child serve = START("serve", directory);
        says(serve, "serving\n");
        for (int k = 0; k < 4; k++) {
            if (k == i % 4) kill(serve.pid, SIGTERM);
            callers[k] = START("hello", directory);
        }
        ends(serve, 0, "", "");
        for (int k = 0; k < 4; k++) ends(callers[k], 0, "hello in ", "");
    }
}
