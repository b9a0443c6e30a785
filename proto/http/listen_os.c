#include "proto/http/listen_os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proto/base/file_os.h"

#define QUEUE 512

/* The first address of a name that can be listened on. */
static int try_each(const struct addrinfo *list) {
    int error = EADDRNOTAVAIL;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
        int on = 1;
        if (fd < 0) continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, QUEUE) == 0) return fd;
        error = errno;
        close(fd);
    }
    errno = error;
    return -1;
}

static uint16_t port_of(int fd) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {.sin6_port = 0}};
    socklen_t len = sizeof address;
    if (getsockname(fd, &address.any, &len) != 0) return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

int http_listen(const char *host, uint16_t port, int *out, uint16_t *bound, struct err *err) {
    char service[8];
    struct addrinfo *list = NULL, hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    snprintf(service, sizeof service, "%u", port);
    int rc = getaddrinfo(host[0] == '\0' ? NULL : host, service, &hints, &list);
    if (rc != 0) return err_set(err, ERR_INVALID, "http", "'%s' is no address of this PC: %s", host, gai_strerror(rc));
    int fd = try_each(list);
    int error = errno;
    freeaddrinfo(list);
    if (fd < 0 && error == EADDRINUSE)
        return err_set(err, ERR_BUSY, "http",
                       "port %u is taken by another program; name another one with --http HOST:PORT, or --http off",
                       port);
    errno = error;
    if (fd < 0) return err_os(err, "listen on", host);
    *out = fd;
    *bound = port_of(fd);
    return 0;
}

/* As inet_ntop would, in a tenth of its time: every request has an address. */
static void put_four(const struct in_addr *four, char *out) {
    const uint8_t *bytes = (const uint8_t *)&four->s_addr;
    for (size_t i = 0; i < 4; i++) {
        uint8_t b = bytes[i];
        if (b >= 100) *out++ = (char)('0' + b / 100);
        if (b >= 10) *out++ = (char)('0' + b / 10 % 10);
        *out++ = (char)('0' + b % 10);
        *out++ = i < 3 ? '.' : '\0';
    }
}

void http_address(const struct sockaddr *address, char out[HTTP_ADDRESS_SIZE]) {
    if (address->sa_family == AF_INET) {
        put_four(&((const struct sockaddr_in *)(const void *)address)->sin_addr, out);
        return;
    }
    const void *bytes = NULL;
    out[0] = '\0';
    if (address->sa_family == AF_INET6) bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (bytes == NULL || inet_ntop(address->sa_family, bytes, out, HTTP_ADDRESS_SIZE) == NULL) out[0] = '\0';
}

size_t http_room(size_t most) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return most / 4;
    size_t room = (size_t)limit.rlim_cur / 2;
    return room < most ? room : most;
}

bool http_loopback(const char *host) {
    struct in_addr four;
    if (inet_pton(AF_INET, host, &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
    return strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}
