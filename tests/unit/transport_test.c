/* The transport's contract over its forms, and what only the nng form or only TLS must do. */
#include "proto/wire/message.h"
#include "tests/contract/transport_contract.h"
#include "tests/support/throwaway_tls.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(TRANSPORT_LIMIT_AT_FIRST == MESSAGE_MAX_STRANGER, "the port knows no messages, but this much");

/* ---- the forms ---- */

/* A net whose clock jumps to the next deadline when nothing else is left to do. */
struct mem_world {
    struct env env;
    int64_t now;
    uint64_t state;
    struct mem_net *net;
};

static int64_t mem_now(void *context) { return ((struct mem_world *)context)->now; }

static void mem_random(void *context, void *out, size_t len) {
    struct mem_world *world = context;
    for (size_t i = 0; i < len; i++) {
        world->state = world->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ((uint8_t *)out)[i] = (uint8_t)(world->state >> 56);
    }
}

static bool mem_move(void *context) {
    struct mem_world *world = context;
    if (mem_net_step(world->net)) return true;
    int64_t due = mem_net_due(world->net);
    if (due == INT64_MAX) return false;
    world->now = due;
    return true;
}

static struct transport *mem_open(void *context) { return transport_mem_open(((struct mem_world *)context)->net); }

static void run_mem(void (*test)(const struct transport_form *)) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct mem_world world = {.env = {mem_now, mem_now, mem_random, &world}, .now = 1000, .state = seed};
        struct transport_form form = {mem_open, mem_move, &world, "hub:0"};
        world.net = mem_net_open(&world.env);
        test(&form);
        mem_net_close(world.net);
    }
}

static struct transport *nng_open(void *context) {
    struct transport *t = NULL;
    struct err err = {0};
    cr_assert_eq(transport_nng_open(env_os(), context, &t, &err), 0, "%s", err.text);
    return t;
}

static void run_tcp(void (*test)(const struct transport_form *)) {
    struct transport_form form = {nng_open, NULL, NULL, "127.0.0.1:0"};
    test(&form);
}

static void run_tls(void (*test)(const struct transport_form *)) {
    struct throwaway_tls tls;
    throwaway_tls_make(&tls);
    struct transport_form form = {nng_open, NULL, &tls.identity, "127.0.0.1:0"};
    test(&form);
    throwaway_tls_release(&tls);
}

#define OVER_EVERY_FORM(name)                                                                                          \
    Test(mem, name) { run_mem(transport_##name); }                                                                     \
    Test(tcp, name) { run_tcp(transport_##name); }                                                                     \
    Test(tls, name) { run_tls(transport_##name); }
TRANSPORT_CONTRACT(OVER_EVERY_FORM)

/* ---- the mem form alone ---- */

Test(mem_alone, a_cut_line_carries_nothing_and_then_everything) {
    struct mem_world world = {.env = {mem_now, mem_now, mem_random, &world}, .now = 1000, .state = 1};
    struct transport_form form = {mem_open, mem_move, &world, "hub:0"};
    world.net = mem_net_open(&world.env);
    struct scene scene;
    scene_open(&scene, &form);
    scene_dial(&scene);
    transport_mem_cut(scene.client, true);
    transport_send(scene.near->connection, view_of("hello"));
    scene_dial_only(&scene, scene.bound);
    scene_await(&scene, &scene.failed, 1);
    while (mem_net_step(world.net)) {
    }
    cr_assert_eq(scene.far->messages, 0);
    transport_mem_cut(scene.client, false);
    scene_await(&scene, &scene.far->messages, 1);
    mem_net_cut(world.net, true);
    transport_close(scene.near->connection, false);
    scene_await(&scene, &scene.near->closed, 1);
    while (mem_net_step(world.net)) {
    }
    cr_assert_eq(scene.far->closed, 0);
    mem_net_cut(world.net, false);
    scene_await(&scene, &scene.far->closed, 1);
    scene_close(&scene);
    mem_net_close(world.net);
}

/* ---- the nng form alone ---- */

static int raw_connect(const char *bound) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    cr_assert_eq(transport_address_split(bound, host, &port, NULL), 0);
    to.sin_port = htons(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void raw_reset(int fd) {
    struct linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

static void expect_echo(struct scene *scene) {
    size_t far = scene_read(scene, &scene->far_opened);
    scene_dial_only(scene, scene->bound);
    scene_await(scene, &scene->far_opened, far + 1);
    scene_await(scene, &scene->near_opened, 1);
    transport_send(scene_connection(scene, scene->near), view_of("hello"));
    scene_await(scene, &scene->near->messages, 1);
}

/* A beginning of a TLS client's first message. */
static const uint8_t hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x5a};

static void half_handshakes(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.echo = true};
    for (size_t i = 0; i < 1000; i++) {
        int fd = raw_connect(scene.bound);
        if (i % 3 != 2) cr_assert_eq(send(fd, hello, i % 3 == 0 ? sizeof hello : 3, MSG_NOSIGNAL) > 0, 1);
        if (i % 2 == 0)
            raw_reset(fd);
        else
            close(fd);
    }
    expect_echo(&scene);
    scene_await(&scene, &scene.closed, 1000);
    scene_close(&scene);
}
Test(tls_alone, survives_half_handshakes) { run_tls(half_handshakes); }
Test(tcp_alone, survives_half_handshakes) { run_tcp(half_handshakes); }

/* They stay open and say nothing: nobody else may wait for them, and the deadline ends them. */
static void silent_strangers(const struct transport_form *form) {
    enum { COUNT = 50 };
    struct scene scene;
    int fds[COUNT];
    scene_open(&scene, form);
    scene.far_as = (struct manner){.echo = true, .deadline = 3000};
    for (size_t i = 0; i < COUNT; i++) {
        fds[i] = raw_connect(scene.bound);
        if (i % 2 == 0) cr_assert_eq(send(fds[i], hello, sizeof hello, MSG_NOSIGNAL) > 0, 1);
    }
    expect_echo(&scene);
    scene_await(&scene, &scene.closed, COUNT);
    for (size_t i = 0; i < COUNT; i++) close(fds[i]);
    scene_close(&scene);
}
Test(tls_alone, ends_silent_strangers) { run_tls(silent_strangers); }

static void noise(const struct transport_form *form) {
    static const char text[] = "GET / HTTP/1.1\r\nHost: hub\r\n\r\n";
    struct scene scene;
    char answer[256];
    scene_open(&scene, form);
    scene.far_as = (struct manner){.echo = true};
    int fd = raw_connect(scene.bound);
    cr_assert_eq(send(fd, text, sizeof text - 1, MSG_NOSIGNAL), (ssize_t)sizeof text - 1);
    while (recv(fd, answer, sizeof answer, 0) > 0) {
    }
    close(fd);
    scene_await(&scene, &scene.closed, 1);
    cr_assert_eq(scene.far->messages, 0);
    expect_echo(&scene);
    scene_close(&scene);
}
Test(tls_alone, ends_what_is_no_tls) { run_tls(noise); }
Test(tcp_alone, ends_what_is_no_frame) { run_tcp(noise); }

/* A header and part of the message, then nothing. */
static void torn_message(const struct transport_form *form) {
    static const uint8_t torn[] = {0, 0, 0x40, 0, 'h', 'a', 'l', 'f'};
    struct scene scene;
    scene_open(&scene, form);
    int fd = raw_connect(scene.bound);
    cr_assert_eq(send(fd, torn, sizeof torn, MSG_NOSIGNAL), (ssize_t)sizeof torn);
    close(fd);
    scene_await(&scene, &scene.closed, 1);
    cr_assert_eq(scene.far->messages, 0);
    cr_assert_eq(scene.far->err.code, ERR_CLOSED);
    scene_close(&scene);
}
Test(tcp_alone, drops_a_torn_message) { run_tcp(torn_message); }

/* Byte by byte: a header in four pieces is a header. */
static void slow_bytes(const struct transport_form *form) {
    static const uint8_t frames[] = {0, 0, 0, 3, 'a', 'b', 'c', 0, 0, 0, 0, 0, 0, 0, 1, 'd', 0xff, 0xff, 0xff, 0xff};
    int one = 1;
    char end;
    struct scene scene;
    scene_open(&scene, form);
    int fd = raw_connect(scene.bound);
    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &one, sizeof one);
    for (size_t i = 0; i < sizeof frames; i++) cr_assert_eq(send(fd, frames + i, 1, MSG_NOSIGNAL), 1);
    cr_assert_eq(recv(fd, &end, 1, 0), 0);
    close(fd);
    scene_await(&scene, &scene.closed, 1);
    cr_assert_eq(scene.far->messages, 3);
    cr_assert_eq(scene.far->bytes, 4);
    cr_assert_str_eq(scene.far->err.text, "closed by the other side");
    scene_close(&scene);
}
Test(tcp_alone, reads_frames_byte_by_byte) { run_tcp(slow_bytes); }

/* Accepting fails for want of descriptors, and goes on when there are some again. */
static void no_descriptors(const struct transport_form *form) {
    struct rlimit limit;
    struct scene scene;
    scene_open(&scene, form);
    scene_dial(&scene);
    getrlimit(RLIMIT_NOFILE, &limit);
    int fd = raw_connect(scene.bound);
    scene_await(&scene, &scene.far_opened, 2);
    struct rlimit none = {3, limit.rlim_max};
    int spare = socket(AF_INET, SOCK_STREAM, 0);
    setrlimit(RLIMIT_NOFILE, &none);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons((uint16_t)strtoul(strrchr(scene.bound, ':') + 1, NULL, 10));
    cr_assert_eq(connect(spare, (struct sockaddr *)&to, sizeof to), 0);
    transport_send(scene_connection(&scene, scene.near), view_of("a connection that exists goes on"));
    scene_await(&scene, &scene.far_opened, 2);
    setrlimit(RLIMIT_NOFILE, &limit);
    scene_await(&scene, &scene.far_opened, 3);
    close(spare);
    close(fd);
    scene_close(&scene);
}
Test(tcp_alone, accepts_again_when_there_are_descriptors) { run_tcp(no_descriptors); }
Test(tls_alone, accepts_again_when_there_are_descriptors) { run_tls(no_descriptors); }

/* ---- who it is ---- */

static void expect_refused(const struct tls_identity *server, const struct tls_identity *client) {
    struct tls_identity copy = *server, other = *client;
    struct transport_form form = {nng_open, NULL, &copy, "127.0.0.1:0"};
    struct scene scene;
    struct transport *listening = nng_open(&copy);
    scene_open_pair(&scene, &form, listening, nng_open(&other));
    scene.near_as = scene.far_as = (struct manner){.greet = 1};
    scene_dial(&scene);
    scene_await(&scene, &scene.near->closed, 1);
    scene_await(&scene, &scene.far->closed, 1);
    cr_assert_eq(scene.near->err.code, ERR_AUTH);
    cr_assert_not_null(strstr(scene.near->err.text, "certificate"), "%s", scene.near->err.text);
    cr_assert_eq(scene.near->messages + scene.far->messages, 0);
    scene_close(&scene);
}

Test(tls_alone, refuses_another_server_name) {
    struct throwaway_tls tls;
    throwaway_tls_make(&tls);
    struct tls_identity other = tls.identity;
    other.server_name = "dangol-0123456789abcdef";
    expect_refused(&tls.identity, &other);
    throwaway_tls_release(&tls);
}

Test(tls_alone, refuses_another_authority) {
    struct throwaway_tls tls, foreign;
    throwaway_tls_make(&tls);
    throwaway_tls_make(&foreign);
    struct tls_identity other = foreign.identity;
    other.server_name = tls.name;
    expect_refused(&tls.identity, &other);
    throwaway_tls_release(&foreign);
    throwaway_tls_release(&tls);
}

Test(tls_alone, refuses_to_open_without_what_it_needs) {
    struct throwaway_tls tls;
    struct transport *t = NULL;
    struct err err = {0};
    throwaway_tls_make(&tls);
    struct tls_identity nameless = tls.identity, broken = tls.identity, keyless = tls.identity, nobody = {0};
    nameless.server_name = NULL;
    broken.ca_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    keyless.certificate = NULL;
    cr_assert_eq(transport_nng_open(env_os(), &nameless, &t, &err), ERR_INVALID);
    cr_assert_eq(transport_nng_open(env_os(), &broken, &t, &err), ERR_INVALID);
    cr_assert_eq(transport_nng_open(env_os(), &keyless, &t, &err), ERR_INVALID);
    cr_assert_eq(transport_nng_open(env_os(), &nobody, &t, &err), 0);
    struct transport_handler handler = {0};
    cr_assert_eq(t->ops->listen(t, "127.0.0.1:0", &handler, NULL, &err), ERR_INVALID);
    cr_assert_eq(t->ops->dial(t, "127.0.0.1:1", &handler, NULL, &err), ERR_INVALID);
    transport_shutdown(t);
    throwaway_tls_release(&tls);
}

static void port_taken(const struct transport_form *form) {
    struct scene scene;
    struct err err = {0};
    struct transport_handler handler = {0};
    scene_open(&scene, form);
    cr_assert_eq(scene.client->ops->listen(scene.client, scene.bound, &handler, NULL, &err), ERR_BUSY);
    cr_assert_not_null(strstr(err.text, scene.bound), "%s", err.text);
    scene_close(&scene);
}
Test(tcp_alone, says_that_a_port_is_taken) { run_tcp(port_taken); }
Test(mem_alone, says_that_a_port_is_taken) { run_mem(port_taken); }

static void unknown_host(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene_dial_only(&scene, "no-such-host.invalid:7700");
    scene_await(&scene, &scene.failed, 1);
    cr_assert(scene.dial_err.code == ERR_NOT_FOUND || scene.dial_err.code == ERR_IO, "%s", scene.dial_err.text);
    scene_close(&scene);
}
Test(tcp_alone, says_that_a_host_is_unknown) { run_tcp(unknown_host); }
