/* The caller's end of the handover. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/command/handover_os.h"
#include "proto/command/handover_wire_os.h"
#include "proto/command/parse.h"

#define CONNECT_SECONDS 5 /* when more calls wait than the socket queues */

/* A connected socket in `*out`, HANDOVER_NOBODY, or an error. */
static int connect_to(const char *directory, int *out, struct err *err) {
    struct sockaddr_un address;
    int directory_fd;
    int code = handover_address(directory, &address, &directory_fd, err);
    if (code != 0) return code;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = CONNECT_SECONDS};
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        *out = fd;
    } else if (errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN || errno == EINTR) {
        code = HANDOVER_NOBODY;
    } else {
        code = err_os(err, "reach the running serve at", address.sun_path);
    }
    if (code != 0 && fd >= 0) close(fd);
    if (directory_fd >= 0) close(directory_fd);
    return code;
}

/* Closing it is fine at any time: the serve has its own. */
static int working_directory(const struct call *call) {
    int fd = openat(call->working_directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? fd : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC); /* ours was removed */
}

static bool send_call(int socket, struct view words, const struct call *call) {
    int here = working_directory(call);
    const int fds[HANDOVER_FDS] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, here};
    bool sent = here >= 0 && handover_send(socket, words, fds);
    if (here >= 0) close(here);
    return sent;
}

/* The next bytes from the serve; on the way a stop is passed on once. */
static bool await(int socket, struct call *call, bool *asked, uint8_t *out, size_t len) {
    while (len > 0) {
        struct pollfd fds[] = {{socket, POLLIN, 0}, {*asked ? -1 : call->cancel_fd, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0) continue;
        if (fds[1].revents != 0) {
            const char cancel = HANDOVER_CANCEL;
            *asked = true;
            send(socket, &cancel, 1, MSG_NOSIGNAL); /* a serve that is gone shows in the next poll */
        }
        if (fds[0].revents == 0) continue;
        ssize_t n = recv(socket, out, len, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        out += n;
        len -= (size_t)n;
    }
    return true;
}

static int converse(int socket, struct view words, struct call *call, void (*begun)(void), int *status) {
    bool asked = false;
    uint8_t word, exit_status;
    /* A serve that is busy says so without listening: its word may be there although ours found no ear. */
    bool sent = send_call(socket, words, call);
    if (!sent) shutdown(socket, SHUT_WR);
    if (!await(socket, call, &asked, &word, 1)) return HANDOVER_NOBODY;
    if (word == HANDOVER_BUSY)
        return err_set(&call->error, ERR_BUSY, NULL, "busy: %d commands are running in this serve; try again",
                       HANDOVER_CALLS);
    if (!sent) return HANDOVER_NOBODY;
    if (word != HANDOVER_BEGUN)
        return err_set(
            &call->error, ERR_REFUSED, NULL,
            "the running serve does not take commands from here: it is another user's or of another version");
    begun();
    if (!await(socket, call, &asked, &word, 1) || !await(socket, call, &asked, &exit_status, 1) ||
        word != HANDOVER_ENDED)
        return err_set(&call->error, ERR_CLOSED, NULL, "the running serve ended before the command was done");
    *status = exit_status;
    return HANDOVER_DONE;
}

int handover_call(struct call *call, void (*begun)(void), int *status) {
    struct buf words = BUF_INIT;
    buf_append(&words, call->program->name, strlen(call->program->name) + 1);
    parse_unparse(call, &words);
    int socket = -1;
    int code = words.len > HANDOVER_WORDS_MAX ? err_set(&call->error, ERR_LIMIT, NULL,
                                                        "the command is longer than %u KiB", HANDOVER_WORDS_MAX >> 10)
                                              : connect_to(call->directory, &socket, &call->error);
    if (code == 0) code = converse(socket, buf_view(&words), call, begun, status);
    if (socket >= 0) close(socket);
    buf_release(&words);
    return code;
}
