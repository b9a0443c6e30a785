/* What an idle node costs a store's PC: memory of a real `dangol-node serve` on the line with a real hub.
 *
 *   memory_idle_node   resident MB; baseline: the limit, 12 MB */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/bench.h"
#include "tests/support/children.h"

#define LIMIT_MB 12.0

/* Starts a program; `out` gets its stderr when it is not NULL. */
static pid_t start(const char *const *words, FILE **out) {
    int ends[2];
    bench_must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    pid_t child = child_program(words, STDERR_FILENO, out != NULL ? ends[1] : -1);
    close(ends[1]);
    if (out != NULL)
        *out = fdopen(ends[0], "r");
    else
        close(ends[0]);
    return child;
}

static void run(const char *const *words) {
    int status;
    bench_must(waitpid(start(words, NULL), &status, 0) > 0 && status == 0, words[1]);
}

/* The rest of the first line that holds `sign`. */
static void wait_for(FILE *lines, const char *sign, char *rest, size_t size) {
    char line[1024];
    while (fgets(line, sizeof line, lines) != NULL) {
        const char *found = strstr(line, sign);
        if (found == NULL) continue;
        snprintf(rest, size, "%s", found + strlen(sign));
        rest[strcspn(rest, "\n")] = '\0';
        return;
    }
    bench_must(false, sign);
}

static double resident_mb(pid_t process) {
    char path[64], line[256];
    double kb = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    FILE *status = fopen(path, "r");
    bench_must(status != NULL, path);
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0) kb = strtod(line + 6, NULL);
    fclose(status);
    return kb / 1024;
}

static void stop(pid_t process, FILE *lines) {
    kill(process, SIGTERM);
    waitpid(process, NULL, 0);
    fclose(lines);
}

int main(void) {
    const char *hub = "dangol-hub", *node = "dangol-node";
    FILE *hub_lines, *node_lines;
    char rest[256];
    char address[64]; /* fixed before there is a socket: the join file must name it */
    snprintf(address, sizeof address, "127.0.0.1:%d", 20000 + (int)(getpid() % 20000));
    run((const char *const[]){hub, "init", "hub", "--listen", address, NULL});
    run((const char *const[]){hub, "enroll", "hub", "1", "-o", "join", NULL});
    run((const char *const[]){node, "init", "node", "--join", "join", NULL});
    run((const char *const[]){node, "register", "node", "--name", "Example Ann", "--card", "A1", NULL});
    pid_t hub_process = start((const char *const[]){hub, "serve", "hub", NULL}, &hub_lines);
    wait_for(hub_lines, "serving", rest, sizeof rest);
    pid_t node_process = start((const char *const[]){node, "serve", "node", NULL}, &node_lines);
    wait_for(node_lines, "on the line", rest, sizeof rest);
    double mb = resident_mb(node_process);
    stop(node_process, node_lines);
    stop(hub_process, hub_lines);
    bench_tell("memory_idle_node", "MB", mb, LIMIT_MB, LIMIT_MB / mb);
    return 0;
}
