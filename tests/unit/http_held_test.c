/* Whoever reads slowly makes the server hold long answers, and not without bound. A real server, on this machine. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/http/server.h"

#define LIST_BYTES ((size_t)32 << 20) /* more than sockets take by themselves */
#define MOST ((size_t)16 << 20)
#define BODY_LIMIT ((size_t)4 << 20)
#define BODIES_MOST ((size_t)5 << 20)

static bool begin(void *context, struct http_request *request, struct http_answer *answer) {
    (void)context;
    (void)answer;
    request->body_limit = request->method == HTTP_POST ? BODY_LIMIT : 0;
    request->lane = strcmp(request->target.path, "/list") == 0 ? HTTP_LASTS : HTTP_QUICK;
    return true;
}

static void answer_it(void *context, struct http_request *request, struct http_answer *answer) {
    (void)context;
    size_t len = request->lane == HTTP_LASTS ? LIST_BYTES : 4;
    answer->status = 200;
    answer->type = "text/plain";
    buf_reserve(&answer->body, len);
    memset(answer->body.data, 'x', len);
    answer->body.len = len;
}

static void refused(void *context, const struct http_request *request, int status) {
    (void)context;
    (void)request;
    (void)status;
}

static void end(void *context, struct http_request *request) {
    (void)context;
    (void)request;
}

static int dial(const struct http_server *server) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)strtoul(strrchr(http_url(server), ':') + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

/* Reads the head of an answer, and perhaps more: the status; `*left`: bytes of the body still to come. */
static int read_head(int fd, size_t *left) {
    char text[4096];
    size_t got = 0;
    char *body = NULL;
    while (body == NULL) {
        ssize_t n = recv(fd, text + got, sizeof text - 1 - got, 0);
        cr_assert_gt(n, 0);
        got += (size_t)n;
        text[got] = '\0';
        body = strstr(text, "\r\n\r\n");
    }
    const char *length = strstr(text, "Content-Length: ");
    cr_assert_not_null(length);
    *left = strtoul(length + 16, NULL, 10) - (got - (size_t)(body + 4 - text));
    return (int)strtol(text + 9, NULL, 10);
}

static int ask(int fd, const char *path, size_t *left) {
    char text[256];
    int len = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    cr_assert_eq(send(fd, text, (size_t)len, 0), len);
    return read_head(fd, left);
}

static void read_rest(int fd, size_t left) {
    static char part[65536];
    while (left > 0) {
        ssize_t n = recv(fd, part, left < sizeof part ? left : sizeof part, 0);
        cr_assert_gt(n, 0);
        left -= (size_t)n;
    }
}

Test(http_held, E15_lists_wait_while_too_much_is_still_to_be_read_and_the_rest_goes_on) {
    struct http_service service = {.begin = begin, .answer = answer_it, .refused = refused, .end = end};
    struct http_options options = {.host = "127.0.0.1", .env = env_os(), .policy = "none", .held_most = MOST};
    struct http_server *server;
    struct err err = {.code = 0};
    size_t slow_left, left;
    cr_assert_eq(http_open(&options, &service, &server, &err), 0, "%s", err.text);
    int slow = dial(server), other = dial(server);
    cr_assert_eq(ask(slow, "/list", &slow_left), 200);
    cr_expect_eq(ask(other, "/list", &left), 503, "the first one's is held");
    read_rest(other, left);
    cr_expect_eq(ask(other, "/quick", &left), 200);
    read_rest(other, left);
    read_rest(slow, slow_left);
    cr_expect_eq(ask(slow, "/list", &left), 200, "nothing is held any more");
    read_rest(slow, left);
    close(slow);
    close(other);
    http_close(server);
}

/* ---- What is sent ---- */

static void announce(int fd, size_t len) {
    char text[256];
    int head = snprintf(text, sizeof text, "POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", len);
    cr_assert_eq(send(fd, text, (size_t)head, 0), head);
}

static void send_bytes(int fd, size_t len) {
    static const char part[65536];
    while (len > 0) {
        ssize_t n = send(fd, part, len < sizeof part ? len : sizeof part, MSG_NOSIGNAL);
        cr_assert_gt(n, 0);
        len -= (size_t)n;
    }
}

static int send_whole(int fd, size_t len) {
    size_t left;
    announce(fd, len);
    send_bytes(fd, len);
    int status = read_head(fd, &left);
    read_rest(fd, left);
    return status;
}

/* One is sent slowly, and meanwhile a second and a small one. Who of the large ones comes too late is not said; the
 * server may also have been done with one before it saw the other. Was it the second? */
static bool second_waits(const struct http_server *server) {
    size_t left;
    int slow = dial(server), second = dial(server), small = dial(server);
    announce(slow, BODY_LIMIT);
    send_bytes(slow, BODY_LIMIT - 1);
    int told = send_whole(second, BODIES_MOST / 2);
    cr_expect_eq(send_whole(small, 60000), 200, "a sale finds room");
    send_bytes(slow, 1);
    int slow_told = read_head(slow, &left);
    read_rest(slow, left);
    close(slow);
    close(second);
    close(small);
    return told == 503 && slow_told == 200;
}

Test(http_held, E15_large_bodies_wait_while_too_many_are_being_sent_and_small_ones_do_not) {
    struct http_service service = {.begin = begin, .answer = answer_it, .refused = refused, .end = end};
    struct http_options options = {.host = "127.0.0.1", .env = env_os(), .policy = "none", .taken_most = BODIES_MOST};
    struct http_server *server;
    struct err err = {.code = 0};
    cr_assert_eq(http_open(&options, &service, &server, &err), 0, "%s", err.text);
    while (!second_waits(server)) continue;
    /* Nothing is held any more, as soon as the server is done with what it has answered. */
    for (int status = 503; status != 200;) {
        int other = dial(server);
        status = send_whole(other, BODY_LIMIT);
        close(other);
    }
    http_close(server);
}
