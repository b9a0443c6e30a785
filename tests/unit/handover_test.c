/* The handover between real processes: a serve with a small table of commands, and callers in other directories with
 * streams of their own. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/command/handover_os.h"
#include "proto/command/handover_wire_os.h"
#include "proto/command/parse.h"
#include "proto/command/run_os.h"
#include "tests/support/children.h"

#define NOBODY_STATUS 90 /* of a caller that found no serve */
#define FAILED_STATUS 91 /* of a caller that got an error instead of an exit status */

/* ---- The commands of the serve ---- */

static int run_echo(struct call *call) {
    for (int i = 0; i < call->argc; i++) fprintf(call->out, "%s%s", i == 0 ? "" : " ", call->argv[i]);
    if (call_has(call, "loud")) fprintf(call->out, "!");
    if (call_option(call, "with") != NULL) fprintf(call->out, " with %s", call_option(call, "with"));
    fprintf(call->out, call->json ? " json\n" : "\n");
    fprintf(call->err_out, "echoed in %s\n", (const char *)call->daemon);
    return 0;
}

static int run_fail(struct call *call) {
    bool usage = strcmp(call->argv[0], "usage") == 0;
    return err_set(&call->error, usage ? ERR_USAGE : ERR_INVALID, "with", "as it was told to");
}

static int run_wait(struct call *call) {
    fprintf(call->out, "waiting\n");
    fflush(call->out);
    call_pause(call, -1);
    return 0; /* that it was stopped is known without it */
}

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int here;
} meeting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

/* Ends only when two are there at once. */
static int run_meet(struct call *call) {
    pthread_mutex_lock(&meeting.lock);
    meeting.here++;
    pthread_cond_broadcast(&meeting.changed);
    while (meeting.here < 2) pthread_cond_wait(&meeting.changed, &meeting.lock);
    pthread_mutex_unlock(&meeting.lock);
    fprintf(call->out, "met\n");
    return 0;
}

/* Says that it is there, ends with a line from the caller. */
static int stay(struct call *call, const char *word) {
    char line[16];
    fprintf(call->out, "%s\n", word);
    fflush(call->out);
    bool read = fgets(line, sizeof line, call->in) != NULL;
    return read ? 0 : call_stopped(call);
}

static int run_hold(struct call *call) { return stay(call, "holding"); }

static int run_last(struct call *call) {
    int code = call_lasts(call);
    return code == 0 ? stay(call, "lasting") : code;
}

static int run_pour(struct call *call) {
    while (!ferror(call->out)) fprintf(call->out, "more and more of it\n");
    return 0;
}

static int run_cat(struct call *call) {
    struct buf text = BUF_INIT;
    int code = call_read(call, call->argv[0], &text);
    if (code == 0) fwrite(text.data, 1, text.len, call->out);
    buf_release(&text);
    return code;
}

static int run_lines(struct call *call) {
    FILE *file = call_open(call, call->argv[0], "r");
    if (file == NULL) return call->error.code;
    int count = 0;
    for (int c; (c = fgetc(file)) != EOF;) count += c == '\n';
    fclose(file);
    fprintf(call->out, "%d\n", count);
    return 0;
}

static int run_put(struct call *call) {
    FILE *file = call_open(call, call->argv[0], "w");
    if (file == NULL) return call->error.code;
    fprintf(file, "opened\n");
    fclose(file);
    return call_write_file(call, call->argv[1], view_of("written\n"), 0600);
}

#define COMMAND(name, needs, least, most, options, run)                                                                \
    { name, "", "for tests", needs, least, most, options, NULL, false, run, NULL }
static const struct option echo_options[] = {
    {"loud", NULL, "louder", false}, {"with", "X", "what with", false}, {NULL, NULL, NULL, false}};
static const struct command commands[] = {
    COMMAND("echo", NEEDS_SITE, 0, -1, echo_options, run_echo), COMMAND("fail", NEEDS_SITE, 1, 1, NULL, run_fail),
    COMMAND("wait", NEEDS_SITE, 0, 0, NULL, run_wait),          COMMAND("meet", NEEDS_SITE, 0, 0, NULL, run_meet),
    COMMAND("hold", NEEDS_SITE, 0, 0, NULL, run_hold),          COMMAND("last", NEEDS_SITE, 0, 0, NULL, run_last),
    COMMAND("pour", NEEDS_SITE, 0, 0, NULL, run_pour),          COMMAND("cat", NEEDS_SITE, 1, 1, NULL, run_cat),
    COMMAND("lines", NEEDS_SITE, 1, 1, NULL, run_lines),        COMMAND("put", NEEDS_SITE, 2, 2, NULL, run_put),
    COMMAND("own", NEEDS_OWNERSHIP, 0, 0, NULL, run_wait),      COMMAND(NULL, NEEDS_NOTHING, 0, 0, NULL, NULL),
};
static const struct command *const groups[] = {commands, NULL};
static const struct program program = {"dangol-test", "a program for tests", ROLE_HUB, groups};

/* ---- Processes ---- */

static char base[] = "/tmp/dangol-handover-XXXXXX";
static char *directory, *elsewhere; /* the serve's, and where callers stand */

static void world_open(void) {
    cr_assert_not_null(mkdtemp(base));
    directory = path_join(base, "site");
    elsewhere = path_join(base, "elsewhere");
    cr_assert_eq(mkdir(directory, 0700) | mkdir(elsewhere, 0700), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static void world_close(void) {
    nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
    free(elsewhere);
}

TestSuite(handover, .init = world_open, .fini = world_close, .timeout = 60);

struct serve {
    pid_t pid;
    int leash; /* closing it asks the serve to end */
};

static void serve_main(int ready, int leash) {
    struct site site = {.directory = directory};
    struct handover *handover = NULL;
    struct err err = {0};
    signal(SIGPIPE, SIG_IGN);
    int code = handover_open(&program, &site, (void *)(uintptr_t) "the serve", env_os(), &handover, &err);
    if (code != 0) fprintf(stderr, "%s\n", err.text);
    char word = code == 0 ? 'y' : 'n';
    if (write(ready, &word, 1) != 1) _exit(1);
    while (code == 0 && read(leash, &word, 1) > 0) continue;
    handover_close(handover);
    _exit(code == 0 ? 0 : 1);
}

static struct serve serve_start(void) {
    int ready[2], leash[2];
    cr_assert_eq(pipe2(ready, O_CLOEXEC) | pipe2(leash, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        close(leash[1]);
        child_leash();
        serve_main(ready[1], leash[0]);
    }
    close(ready[1]);
    close(leash[0]);
    char word = '?';
    cr_assert_eq(read(ready[0], &word, 1), 1);
    cr_assert_eq(word, 'y');
    close(ready[0]);
    return (struct serve){pid, leash[1]};
}

static void serve_stop(struct serve serve) {
    close(serve.leash);
    cr_assert_eq(child_ended(serve.pid), 0);
}

static void caller_main(const char *const *words) {
    static struct stop stop;
    struct call call = {.program = &program, .env = env_os(), .working_directory = process_here()};
    struct streams streams;
    int count = 0, status = FAILED_STATUS;
    while (words[count] != NULL) count++;
    process_start();
    stop_init(&stop);
    streams_open(&streams, (const int[]){0, 1, 2}, &stop, &call);
    signals_start(program.name, false, &stop);
    struct parse_place place = {.given = directory};
    if (parse_words(&call, count, words, &place) != PARSE_RUN) _exit(EXIT_USAGE);
    int outcome = handover_call(&call, signals_ask, &status);
    if (outcome == HANDOVER_NOBODY) status = NOBODY_STATUS;
    if (outcome < 0) fprintf(stderr, "%s\n", call.error.text);
    call_release(&call);
    _exit(status);
}

static struct child caller_start(const char *const *words) {
    struct child child = child_start();
    if (child.pid != 0) return child;
    if (chdir(elsewhere) == 0) caller_main(words);
    _exit(FAILED_STATUS);
}

#define START(...) caller_start((const char *const[]){__VA_ARGS__, NULL})

static void caller_ends(struct child caller, int status, const char *out, const char *err) {
    struct buf told = BUF_INIT, complained = BUF_INIT;
    int got = child_end(caller, &told, &complained);
    const char *text = buf_text(&told), *complaint = buf_text(&complained);
    cr_assert_eq(got, status, "status %d, \"%s\", \"%s\"", got, text, complaint);
    cr_assert_str_eq(text, out, "\"%s\", \"%s\"", text, complaint);
    cr_assert(err[0] == '\0' ? complaint[0] == '\0' : strstr(complaint, err) != NULL, "\"%s\"", complaint);
    buf_release(&told);
    buf_release(&complained);
}

static void says(struct child caller, const char *line) {
    cr_assert(child_says(caller, line), "it does not say \"%s\"", line);
}

/* ---- The tests ---- */

Test(handover, output_errors_and_status_are_the_callers) {
    struct serve serve = serve_start();
    caller_ends(START("echo", "a b", "", "c"), 0, "a b  c\n", "echoed in the serve");
    caller_ends(START("echo", "--loud", "--with=-x", "--json", "--", "--loud"), 0, "--loud! with -x json\n", "echoed");
    caller_ends(START("fail", "value"), EXIT_REFUSED, "", "dangol-test: with: as it was told to\n");
    caller_ends(START("fail", "usage"), EXIT_USAGE, "", "(usage: dangol-test fail DIR)\n");
    caller_ends(START("fail", "value", "--json"), EXIT_REFUSED, "", "{\"error\":{\"code\":\"invalid\",");
    serve_stop(serve);
}

Test(handover, two_at_once) {
    struct serve serve = serve_start();
    struct child one = START("meet"), two = START("meet");
    caller_ends(one, 0, "met\n", "");
    caller_ends(two, 0, "met\n", "");
    serve_stop(serve);
}

Test(handover, files_are_the_callers) {
    struct serve serve = serve_start();
    char *mine = path_join(elsewhere, "mine.txt");
    struct err err;
    cr_assert_eq(file_write(AT_FDCWD, mine, view_of("one\ntwo\n"), 0600, &err), 0);
    caller_ends(START("cat", "mine.txt"), 0, "one\ntwo\n", "");
    caller_ends(START("lines", "./mine.txt"), 0, "2\n", "");
    caller_ends(START("cat", mine), 0, "one\ntwo\n", "");
    caller_ends(START("cat", "missing.txt"), EXIT_REFUSED, "", "missing.txt");
    caller_ends(START("lines", "."), EXIT_REFUSED, "", "cannot open .");
    caller_ends(START("put", "opened.txt", "written.txt"), 0, "", "");
    caller_ends(START("cat", "opened.txt"), 0, "opened\n", "");
    caller_ends(START("cat", "written.txt"), 0, "written\n", "");
    caller_ends(START("put", "nowhere/x", "y"), EXIT_REFUSED, "", "nowhere/x");
    free(mine);
    serve_stop(serve);
}

Test(handover, a_dash_and_the_device_files_are_the_callers_streams) {
    struct serve serve = serve_start();
    static const char *const names[] = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct child cat = START("cat", names[i]), lines = START("lines", names[i]);
        cr_assert_eq(write(cat.in, "typed\n", 6), 6);
        cr_assert_eq(write(lines.in, "1\n2\n3\n", 6), 6);
        caller_ends(cat, 0, "typed\n", "");
        caller_ends(lines, 0, "3\n", "");
    }
    caller_ends(START("put", "-", "-"), 0, "opened\nwritten\n", "");
    serve_stop(serve);
}

Test(handover, a_signal_to_the_caller_stops_the_call) {
    struct serve serve = serve_start();
    static const int signals[] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        struct child caller = START("wait");
        says(caller, "waiting\n");
        kill(caller.pid, signals[i]);
        caller_ends(caller, EXIT_REFUSED, "", "dangol-test: stopped\n");
    }
    serve_stop(serve);
}

Test(handover, a_caller_that_dies_stops_the_call) {
    struct serve serve = serve_start();
    for (int i = 0; i < 2 * HANDOVER_CALLS; i++) { /* every place is used again */
        struct child caller = i % 2 == 0 ? START("wait") : START("hold");
        says(caller, i % 2 == 0 ? "waiting\n" : "holding\n");
        kill(caller.pid, SIGKILL);
        /* The serve lets go of the streams only when the call has ended. */
        caller_ends(caller, CHILD_SIGNALLED + SIGKILL, "", "stopped");
    }
    serve_stop(serve);
}

Test(handover, output_that_nobody_takes_holds_nobody_back) {
    struct serve serve = serve_start();
    struct child stuck = START("pour"), left = START("pour");
    says(stuck, "more and more of it\n");
    says(left, "more and more of it\n");
    child_close(&left.out); /* as head does */
    caller_ends(left, EXIT_REFUSED, "", "");
    serve_stop(serve); /* while the other one's pipe is full */
    cr_expect_eq(child_ended(stuck.pid), EXIT_REFUSED);
    stuck.pid = 0;
    struct buf rest = BUF_INIT, complained = BUF_INIT;
    child_end(stuck, &rest, &complained);
    cr_expect_str_eq(buf_text(&complained), "dangol-test: stopped\n");
    buf_release(&rest);
    buf_release(&complained);
}

Test(handover, the_end_of_the_serve_stops_calls) {
    struct serve serve = serve_start();
    struct child one = START("wait"), two = START("hold");
    says(one, "waiting\n");
    says(two, "holding\n");
    serve_stop(serve);
    caller_ends(one, EXIT_REFUSED, "", "dangol-test: stopped\n");
    caller_ends(two, EXIT_REFUSED, "", "dangol-test: stopped\n");
    caller_ends(START("echo"), NOBODY_STATUS, "", "");
    char *path = path_join(directory, HANDOVER_SOCKET);
    cr_expect(!file_exists(path), "the socket went with the serve");
    free(path);
}

Test(handover, a_killed_serve_is_noticed_and_its_socket_replaced) {
    caller_ends(START("echo"), NOBODY_STATUS, "", "");
    struct serve serve = serve_start();
    struct child caller = START("wait");
    says(caller, "waiting\n");
    kill(serve.pid, SIGKILL);
    cr_assert_eq(child_ended(serve.pid), CHILD_SIGNALLED + SIGKILL);
    close(serve.leash);
    caller_ends(caller, FAILED_STATUS, "", "serve ended before the command was done");
    char *path = path_join(directory, HANDOVER_SOCKET);
    cr_expect(file_exists(path));
    free(path);
    caller_ends(START("echo"), NOBODY_STATUS, "", "");
    serve = serve_start();
    caller_ends(START("echo", "again"), 0, "again\n", "echoed");
    serve_stop(serve);
}

static void start_many(struct child callers[HANDOVER_CALLS], const char *command, const char *line) {
    for (int i = 0; i < HANDOVER_CALLS; i++) {
        callers[i] = START(command);
        says(callers[i], line);
    }
}

static void let_go(struct child caller) {
    cr_assert_eq(write(caller.in, "go\n", 3), 3);
    caller_ends(caller, 0, "", "");
}

Test(handover, more_calls_than_places_are_refused_at_once) {
    struct serve serve = serve_start();
    struct child callers[HANDOVER_CALLS];
    start_many(callers, "hold", "holding\n");
    for (int i = 0; i < 3; i++)
        caller_ends(START("echo"), FAILED_STATUS, "", "busy: 16 commands are running in this serve; try again\n");
    for (int i = 0; i < HANDOVER_CALLS; i++) { /* each place that is left is free at once */
        let_go(callers[i]);
        for (int again = 0; again < 3; again++) caller_ends(START("echo", "in"), 0, "in\n", "echoed");
    }
    serve_stop(serve);
}

Test(handover, those_that_last_leave_room_for_the_others) {
    struct serve serve = serve_start();
    struct child lasting[HANDOVER_CALLS], callers[HANDOVER_CALLS];
    start_many(lasting, "last", "lasting\n");
    caller_ends(START("last"), EXIT_REFUSED, "", "busy: 16 commands that last are running");
    start_many(callers, "hold", "holding\n");
    caller_ends(START("last"), FAILED_STATUS, "", "busy: 16 commands are running");
    for (int i = 0; i < HANDOVER_CALLS; i++) let_go(callers[i]);
    let_go(lasting[0]);
    lasting[0] = START("last");
    says(lasting[0], "lasting\n");
    for (int i = 0; i < HANDOVER_CALLS; i++) let_go(lasting[i]);
    serve_stop(serve);
}

Test(handover, a_directory_with_a_long_path) {
    for (int i = 0; i < 4; i++) {
        char name[61];
        memset(name, 'a' + i, sizeof name - 1);
        name[sizeof name - 1] = '\0';
        char *longer = path_join(directory, name);
        free(directory);
        directory = longer;
        cr_assert_eq(mkdir(directory, 0700), 0);
    }
    cr_assert_gt(strlen(directory), sizeof((struct sockaddr_un *)0)->sun_path);
    struct serve serve = serve_start();
    caller_ends(START("echo", "far"), 0, "far\n", "echoed");
    serve_stop(serve);
    caller_ends(START("echo"), NOBODY_STATUS, "", "");
}

Test(handover, long_commands_pass_and_longer_ones_are_refused) {
    struct serve serve = serve_start();
    char *word = mem_alloc(HANDOVER_WORDS_MAX + 1);
    memset(word, 'x', 60000);
    char *told = mem_alloc(60002);
    memcpy(told, word, 60000);
    told[60000] = '\n';
    caller_ends(START("echo", word), 0, told, "echoed");
    memset(word, 'x', HANDOVER_WORDS_MAX);
    caller_ends(START("echo", word), FAILED_STATUS, "", "longer than 256 KiB");
    free(word);
    free(told);
    serve_stop(serve);
}

Test(handover, what_needs_a_process_of_its_own_is_not_taken) {
    struct serve serve = serve_start();
    caller_ends(START("own"), EXIT_REFUSED, "", "cannot run inside a running serve");
    serve_stop(serve);
}

static int dialled(void) {
    struct sockaddr_un address;
    int through;
    cr_assert_eq(handover_address(directory, &address, &through, NULL), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

Test(handover, nonsense_is_refused_and_harms_nobody) {
    struct serve serve = serve_start();
    static const struct {
        const char *bytes;
        size_t len;
    } wrong[] = {{"GET / HTTP/1.1\r\n", 16}, {"DGL1\1\0\0\0x", 9}, {"x", 1}, {"", 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char word = 0;
        int fd = dialled();
        cr_assert_eq(send(fd, wrong[i].bytes, wrong[i].len, MSG_NOSIGNAL), (ssize_t)wrong[i].len);
        shutdown(fd, SHUT_WR);
        cr_expect_eq(recv(fd, &word, 1, 0), 1);
        cr_expect_eq(word, HANDOVER_NOT_TAKEN);
        close(fd);
    }
    /* Words that are too long, not ended, or of another program. */
    static const char *const words[] = {"dangol-test", "dangol-other\0echo", ""};
    static const size_t lens[] = {11, 18, 0};
    for (size_t i = 0; i < 3; i++) {
        int fd = dialled();
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        handover_send(fd, view_make(words[i], lens[i]), (const int[]){null, null, null, null});
        uint8_t answer[3] = {0};
        ssize_t n = recv(fd, answer, sizeof answer, MSG_WAITALL);
        cr_expect(n >= 1 && (answer[0] == HANDOVER_NOT_TAKEN || (n == 3 && answer[2] == EXIT_REFUSED)));
        close(null);
        close(fd);
    }
    caller_ends(START("echo", "well"), 0, "well\n", "echoed");
    serve_stop(serve);
}

Test(handover, only_the_same_user_is_served) {
    struct serve serve = serve_start();
    char *path = path_join(directory, HANDOVER_SOCKET);
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    if (geteuid() != 0) {
        fprintf(stderr, "!!! SKIPPED: another user's call needs root to become that user\n");
    } else {
        cr_assert_eq(chmod(base, 0755) | chmod(directory, 0755) | chmod(path, 0666), 0);
        pid_t pid = fork();
        if (pid == 0) {
            char word = 0;
            if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
            int fd = dialled();
            _exit(recv(fd, &word, 1, 0) == 1 && word == HANDOVER_NOT_TAKEN ? 0 : 1);
        }
        cr_expect_eq(child_ended(pid), 0);
    }
    free(path);
    serve_stop(serve);
}
