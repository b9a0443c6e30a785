/* The net inside a process as the simulator uses it: slow lines, lines that end in one way or another, processes that
 * are dead before their transport is. What every transport does is in transport_test.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire/transport.h"
#include "tests/support/sim_world.h"

#define HOST "hub:1"

struct side {
    struct connection *connection;
    char heard[64]; /* a letter a message */
    int closed;
};

static struct sim_world world;
static struct sim_clock world_clock;
static struct mem_net *net;
static struct transport *near, *far;
static struct side caller, called;

static void *opened(void *context, struct connection *connection) {
    struct side *side = context;
    side->connection = connection;
    return side;
}

static bool message(void *user, struct connection *connection, struct view bytes) {
    struct side *side = user;
    size_t len = strlen(side->heard);
    (void)connection;
    if (bytes.len > 0 && len + 1 < sizeof side->heard) side->heard[len] = (char)bytes.data[0];
    return true;
}

static void closed(void *user, struct connection *connection, const struct err *err) {
    struct side *side = user;
    (void)connection;
    (void)err;
    side->connection = NULL;
    side->closed++;
}

static void dial_failed(void *context, const struct err *err) { closed(context, NULL, err); }

static void settle(void) {
    while (mem_net_step(net)) {
    }
}

static void start(void) {
    struct transport_handler handler = {.opened = opened, .message = message, .closed = closed};
    struct err err;
    sim_world_init(&world, 1);
    sim_clock_init(&world_clock, &world);
    net = mem_net_open(&world_clock.env);
    near = transport_mem_open(net);
    far = transport_mem_open(net);
    memset(&caller, 0, sizeof caller);
    memset(&called, 0, sizeof called);
    handler.context = &called;
    cr_assert_eq(far->ops->listen(far, HOST, &handler, NULL, &err), 0);
    handler.context = &caller;
    cr_assert_eq(near->ops->dial(near, HOST, &handler, dial_failed, &err), 0);
    settle();
    cr_assert_not_null(caller.connection);
    cr_assert_not_null(called.connection);
}

static void stop(void) {
    if (near != NULL) transport_shutdown(near);
    transport_shutdown(far);
    mem_net_close(net);
}

TestSuite(mem_net, .init = start, .fini = stop);

static void say(const char *letters) {
    for (; *letters != '\0'; letters++) cr_assert_eq(transport_send(caller.connection, view_make(letters, 1)), 0);
}

static void pass(int64_t ms) {
    world.elapsed += ms;
    settle();
}

Test(mem_net, a_message_takes_its_time) {
    transport_mem_weather(near, &(struct mem_weather){.delay_ms = 100});
    transport_mem_weather(far, &(struct mem_weather){.delay_ms = 50});
    say("a");
    settle();
    cr_assert_str_eq(called.heard, "");
    cr_assert_eq(mem_net_due(net), world.elapsed + 150);
    pass(149);
    cr_assert_str_eq(called.heard, "");
    pass(1);
    cr_assert_str_eq(called.heard, "a");
    cr_assert_eq(mem_net_due(net), INT64_MAX);
}

Test(mem_net, unsteady_lines_keep_the_order) {
    transport_mem_weather(near, &(struct mem_weather){.jitter_ms = 1000});
    say("abcdefghijklmnop");
    for (int i = 0; i < 100; i++) pass(10);
    cr_assert_str_eq(called.heard, "abcdefghijklmnop");
}

Test(mem_net, a_narrow_line_is_slow_for_much) {
    uint8_t much[5000] = {'m'};
    transport_mem_weather(near, &(struct mem_weather){.bytes_per_ms = 10});
    cr_assert_eq(transport_send(caller.connection, view_make(much, sizeof much)), 0);
    say("a");
    pass(499);
    cr_assert_str_eq(called.heard, "");
    pass(2);
    cr_assert_str_eq(called.heard, "ma");
}

Test(mem_net, what_was_under_way_is_lost_or_lingers) {
    mem_net_fate(net, 100, 0);
    say("ab");
    transport_close(caller.connection, false);
    settle();
    cr_assert_str_eq(called.heard, "ab");
    cr_assert_eq(called.closed, 1);
    cr_assert_eq(caller.closed, 1);
}

Test(mem_net, one_side_may_never_hear_of_the_end) {
    mem_net_fate(net, 0, 100);
    say("ab");
    transport_close(caller.connection, false);
    pass(1000000);
    cr_assert_str_eq(called.heard, "");
    cr_assert_eq(called.closed, 0);
    cr_assert_eq(transport_send(called.connection, view_of("anybody there?")), 0);
    transport_deadline(called.connection, 1000);
    pass(1000);
    cr_assert_eq(called.closed, 1);
}

Test(mem_net, the_dead_say_nothing) {
    say("a");
    transport_mem_mute(near);
    cr_assert_eq(transport_send(caller.connection, view_of("b")), 0);
    cr_assert_eq(transport_send(called.connection, view_of("c")), 0);
    settle();
    cr_assert_str_eq(called.heard, "", "what left before is on a line that is down");
    cr_assert_str_eq(caller.heard, "");
    transport_shutdown(near);
    near = NULL;
    settle();
    cr_assert_eq(caller.closed, 1);
    cr_assert_eq(called.closed, 1);
}

Test(mem_net, load) {
    size_t connections, bytes;
    mem_net_load(net, &connections, &bytes);
    cr_assert_eq(connections, 2);
    cr_assert_eq(bytes, 0);
    transport_mem_cut(far, true);
    say("abc");
    settle();
    mem_net_load(net, &connections, &bytes);
    cr_assert_eq(bytes, 3 * (FRAME_HEADER + 1));
}
