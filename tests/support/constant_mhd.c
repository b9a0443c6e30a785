#include "tests/support/constant_mhd.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tests/support/bench.h"
#include "tests/support/children.h"

/* As in proto/http/server_mhd.c. */
#define THREADS 2u
#define CONNECTIONS 1024u
#define STACK_BYTES ((size_t)512 << 10)
#define HEAD_BYTES ((size_t)16 << 10)

static enum MHD_Result say(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                           const char *version, const char *data, size_t *len, void **cookie) {
    (void)url;
    (void)method;
    (void)version;
    (void)data;
    static int seen;
    if (*cookie == NULL) {
        *cookie = &seen;
        return MHD_YES;
    }
    *len = 0;
    return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

/* The library writes these itself. */
static bool is_own(const char *line) {
    static const char *const own[] = {"Content-Length:", "Date:", "Connection:"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strncasecmp(line, own[i], strlen(own[i])) == 0) return true;
    return false;
}

static struct MHD_Response *response_of(const char *answer) {
    const char *end = strstr(answer, "\r\n\r\n");
    bench_must(end != NULL, "an answer to say again");
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(end + 4), (void *)(uintptr_t)(end + 4), MHD_RESPMEM_PERSISTENT);
    const char *line = strstr(answer, "\r\n") + 2;
    for (const char *next; line < end; line = next + 2) {
        char name[80], value[1000];
        next = strstr(line, "\r\n");
        if (is_own(line)) continue;
        size_t len = strcspn(line, ":");
        snprintf(name, sizeof name, "%.*s", (int)len, line);
        snprintf(value, sizeof value, "%.*s", (int)((size_t)(next - line) - len - 2), line + len + 2);
        bench_must(MHD_add_response_header(response, name, value) == MHD_YES, name);
    }
    return response;
}

static _Noreturn void serve(const char *answer, int told) {
    child_leash();
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL, NULL, say, response_of(answer),
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE, THREADS,
        MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    bench_must(daemon != NULL, "the constant server");
    uint16_t port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    bench_must(write(told, &port, sizeof port) == sizeof port, "telling the port");
    for (;;) pause();
}

pid_t constant_start(const char *answer, uint16_t *port) {
    int ends[2];
    bench_must(pipe(ends) == 0, "pipe");
    fflush(NULL);
    pid_t pid = fork();
    bench_must(pid >= 0, "fork");
    if (pid == 0) serve(answer, ends[1]);
    close(ends[1]);
    bench_must(read(ends[0], port, sizeof *port) == sizeof *port, "the constant server");
    close(ends[0]);
    return pid;
}
