#include "proto/command/handover_wire_os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/file_os.h"

#define MAGIC "DGL1"
#define HEADER_BYTES 8

int handover_address(const char *directory, struct sockaddr_un *out, int *fd, struct err *err) {
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    *fd = -1;
    int len = snprintf(out->sun_path, sizeof out->sun_path, "%s/" HANDOVER_SOCKET, directory);
    if (len > 0 && (size_t)len < sizeof out->sun_path) return 0;
    *fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0) return err_os(err, "open", directory);
    snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/" HANDOVER_SOCKET, *fd);
    return 0;
}

union fd_space {
    char bytes[CMSG_SPACE(HANDOVER_FDS * sizeof(int))];
    struct cmsghdr align;
};

static bool send_bytes(int socket, const uint8_t *data, size_t len) {
    while (len > 0) {
        ssize_t n = send(socket, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

bool handover_send(int socket, struct view words, const int fds[HANDOVER_FDS]) {
    uint8_t header[HEADER_BYTES] = MAGIC;
    put_u32_le(header + 4, (uint32_t)words.len);
    union fd_space space = {.bytes = {0}};
    struct iovec part = {header, sizeof header};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space.bytes, .msg_controllen = sizeof space.bytes};
    struct cmsghdr *control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(HANDOVER_FDS * sizeof(int));
    memcpy(CMSG_DATA(control), fds, HANDOVER_FDS * sizeof(int));
    ssize_t n;
    do n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0) return false;
    return send_bytes(socket, header + n, sizeof header - (size_t)n) && send_bytes(socket, words.data, words.len);
}

static bool receive_bytes(int socket, uint8_t *out, size_t len) {
    while (len > 0) {
        ssize_t n = recv(socket, out, len, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        out += n;
        len -= (size_t)n;
    }
    return true;
}

/* Exactly the descriptors of a request; others are closed. */
static bool take_fds(struct msghdr *message, int fds[HANDOVER_FDS]) {
    bool taken = false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (count == HANDOVER_FDS && !taken) {
            memcpy(fds, CMSG_DATA(c), HANDOVER_FDS * sizeof(int));
            taken = true;
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            close(fd);
        }
    }
    return taken && (message->msg_flags & MSG_CTRUNC) == 0;
}

bool handover_receive(int socket, struct buf *words, int fds[HANDOVER_FDS]) {
    uint8_t header[HEADER_BYTES];
    union fd_space space;
    struct iovec part = {header, sizeof header};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space.bytes, .msg_controllen = sizeof space.bytes};
    for (int i = 0; i < HANDOVER_FDS; i++) fds[i] = -1;
    ssize_t n;
    do n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n <= 0 || !take_fds(&message, fds)) return false;
    if (!receive_bytes(socket, header + n, sizeof header - (size_t)n) || memcmp(header, MAGIC, 4) != 0) return false;
    uint32_t len = get_u32_le(header + 4);
    if (len == 0 || len > HANDOVER_WORDS_MAX) return false;
    buf_reserve(words, len);
    if (!receive_bytes(socket, words->data, len)) return false;
    words->len = len;
    return words->data[len - 1] == '\0';
}
