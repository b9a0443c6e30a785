/* A secret from a person: a line of a file or of the standard input, or typed without being shown. */
#include "proto/command/secret.h"

#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

/* The caller's terminal, when that is its standard input; -1: it is something else. */
static int terminal(const struct call *call) {
    char path[64];
    if (call->in == NULL) return -1;
    if (call->caller != 0)
        snprintf(path, sizeof path, "/proc/%ld/fd/0", call->caller);
    else
        snprintf(path, sizeof path, "/proc/self/fd/0");
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && isatty(fd)) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

static bool tell(int fd, const char *text) { return write(fd, text, strlen(text)) == (ssize_t)strlen(text); }

/* One line, from a terminal that is in its usual mode of lines. */
static int read_terminal(struct call *call, int fd, struct buf *out) {
    struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}, {.fd = call->cancel_fd, .events = POLLIN}};
    while (poll(wait, call->cancel_fd < 0 ? 1 : 2, -1) < 0) {
    }
    if (call_cancelled(call) || (wait[1].revents != 0 && call->cancel_fd >= 0)) return call_stopped(call);
    buf_reserve(out, LINE_MAX_BYTES);
    ssize_t n = read(fd, out->data, LINE_MAX_BYTES);
    if (n < 0) return err_set(&call->error, ERR_IO, NULL, "cannot read from the terminal");
    out->len = (size_t)n;
    return 0;
}

static int ask(struct call *call, int fd, const char *prompt, struct buf *out) {
    struct termios before, quiet;
    if (tcgetattr(fd, &before) != 0) return err_set(&call->error, ERR_IO, NULL, "cannot ask the terminal");
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(fd, TCSAFLUSH, &quiet);
    tell(fd, prompt);
    int code = read_terminal(call, fd, out);
    tcsetattr(fd, TCSAFLUSH, &before);
    tell(fd, "\n");
    return code;
}

static void cut_line(struct buf *text) {
    const uint8_t *end = text->len == 0 ? NULL : memchr(text->data, '\n', text->len);
    if (end != NULL) text->len = (size_t)(end - text->data);
    if (text->len > 0 && text->data[text->len - 1] == '\r') text->len--;
}

/* Twice, since nobody sees what was typed. */
static int ask_twice(struct call *call, int fd, const char *what, struct buf *out) {
    struct buf again = BUF_INIT;
    char prompt[80];
    snprintf(prompt, sizeof prompt, "new %s: ", what);
    int code = ask(call, fd, prompt, out);
    snprintf(prompt, sizeof prompt, "again: ");
    if (code == 0) code = ask(call, fd, prompt, &again);
    cut_line(out);
    cut_line(&again);
    if (code == 0 && !view_equal(buf_view(out), buf_view(&again)))
        code = err_set(&call->error, ERR_INVALID, what, "is not the same the second time; nothing was changed");
    buf_wipe(&again);
    return code;
}

int call_secret(struct call *call, const char *option, const char *what, struct buf *out) {
    const char *path = call_option(call, option);
    int fd = path == NULL ? terminal(call) : -1, code;
    if (fd >= 0) {
        code = ask_twice(call, fd, what, out);
        close(fd);
    } else {
        code = call_read(call, path == NULL ? "-" : path, out);
        cut_line(out);
    }
    if (code == 0 && out->len == 0)
        code = err_set(&call->error, ERR_INVALID, what, "is missing: the first line of --%s, or of the standard input",
                       option);
    return code;
}
