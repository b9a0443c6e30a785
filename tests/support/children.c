#include "tests/support/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/file_os.h"

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    abort();
}

void child_leash(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

void child_close(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

struct child child_start(void) {
    int in[2], out[2], err[2];
    must(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0, "pipe");
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        child_leash();
        close_range(STDERR_FILENO + 1, ~0u, 0);
        return (struct child){0, -1, -1, -1};
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    return (struct child){pid, in[1], out[0], err[0]};
}

char *child_path(const char *program) {
    const char *directory = getenv("DANGOL_BIN");
    char own[4096];
    if (directory != NULL && *directory != '\0') return path_join(directory, program);
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    must(len > 0, "/proc/self/exe");
    own[len] = '\0';
    *strrchr(own, '/') = '\0';
    return path_join(own, program);
}

static _Noreturn void become(const char *path, const char *const *words, int out, int err, int told) {
    child_leash();
    if (out >= 0) dup2(out, STDOUT_FILENO);
    if (err >= 0) dup2(err, STDERR_FILENO);
    execv(path, (char *const *)(uintptr_t)words);
    int why = errno;
    _exit(write(told, &why, sizeof why) < 0 ? 126 : 127);
}

pid_t child_program(const char *const *words, int out, int err) {
    int ends[2], why = 0; /* the pipe closes by itself when the program is there */
    char *path = child_path(words[0]);
    must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    fflush(NULL);
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) become(path, words, out, err, ends[1]);
    close(ends[1]);
    if (read(ends[0], &why, sizeof why) > 0) {
        fprintf(stderr, "cannot start %s: %s: set DANGOL_BIN to the directory of the programs\n", path, strerror(why));
        exit(EXIT_FAILURE);
    }
    close(ends[0]);
    free(path);
    return pid;
}

bool child_says(struct child child, const char *text) {
    for (char c; *text != '\0'; text++)
        if (read(child.out, &c, 1) != 1 || c != *text) return false;
    return true;
}

static void drain(int *fd, struct buf *out) {
    ssize_t n = *fd < 0 ? 0 : 1;
    while (n > 0) {
        buf_reserve(out, 4096);
        n = read(*fd, out->data + out->len, 4096);
        if (n > 0) out->len += (size_t)n;
    }
    child_close(fd);
}

int child_ended(pid_t pid) {
    int status = 0;
    if (pid == 0) return 0;
    must(waitpid(pid, &status, 0) == pid, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_SIGNALLED + WTERMSIG(status);
}

int child_end(struct child child, struct buf *out, struct buf *err) {
    child_close(&child.in);
    drain(&child.out, out);
    drain(&child.err, err);
    return child_ended(child.pid);
}
