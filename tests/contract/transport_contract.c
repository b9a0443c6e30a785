#include "tests/contract/transport_contract.h"

#include <criterion/criterion.h>
#include <string.h>

#define LARGE (6u << 20)

static void send_pattern(struct scene *scene, const struct side *side, size_t number, size_t size) {
    struct buf bytes = BUF_INIT;
    scene_pattern(number, size, &bytes);
    cr_assert_eq(transport_send(scene_connection(scene, side), buf_view(&bytes)), 0);
    buf_release(&bytes);
}

/* The other side may close meanwhile. The lock keeps the connection alive until all is sent: `closed` waits for it. */
static void send_to_the_end(struct scene *scene, size_t count, size_t size) {
    struct buf bytes = BUF_INIT;
    pthread_mutex_lock(&scene->lock);
    for (size_t i = 1; i <= count && scene->near->connection != NULL; i++) {
        scene_pattern(i, size, &bytes);
        transport_send(scene->near->connection, buf_view(&bytes));
    }
    pthread_mutex_unlock(&scene->lock);
    buf_release(&bytes);
}

static void expect_last(struct scene *scene, const struct side *side, size_t number, size_t size) {
    struct buf expected = BUF_INIT;
    scene_pattern(number, size, &expected);
    pthread_mutex_lock(&scene->lock);
    bool same = side->last.len == size && (size == 0 || memcmp(side->last.data, expected.data, size) == 0);
    pthread_mutex_unlock(&scene->lock);
    cr_assert(same, "message %zu of %zu bytes arrived changed, with %zu bytes", number, size, side->last.len);
    buf_release(&expected);
}

static void expect_end(struct scene *scene, const struct side *side, int code) {
    scene_await(scene, &side->closed, 1);
    cr_assert_eq(side->err.code, code, "ended with %d: %s", side->err.code, side->err.text);
}

/* ---- carrying ---- */

void transport_echoes_every_size(const struct transport_form *form) {
    static const size_t sizes[] = {0,     1,     2,     3,     4,      5,       255,      4096,  4097,
                                   16383, 16384, 16385, 65535, 65536,  65537,   1u << 20, LARGE, 0,
                                   1,     70000, 4096,  LARGE, 131072, 3000000, 7};
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.echo = true, .limit = LARGE};
    scene.near_as = (struct manner){.limit = LARGE};
    scene_dial(&scene);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        send_pattern(&scene, scene.near, i, sizes[i]);
        scene_await(&scene, &scene.near->messages, i + 1);
        expect_last(&scene, scene.near, i, sizes[i]);
    }
    scene_close(&scene);
}

/* Sizes add up differently in every order, so the sums at the end tell; the scene checks each one's neighbours. */
void transport_keeps_the_order_both_ways(const struct transport_form *form) {
    enum { COUNT = 3000 };
    struct scene scene;
    scene_open(&scene, form);
    scene_dial(&scene);
    size_t bytes = 0;
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = i * 37 % 500;
        bytes += size;
        send_pattern(&scene, scene.near, i, size);
        send_pattern(&scene, scene.far, i + 1, size);
        if (i % 10 == 0) {
            scene_await(&scene, &scene.far->messages, i + 1);
            expect_last(&scene, scene.far, i, size);
            scene_await(&scene, &scene.near->messages, i + 1);
            expect_last(&scene, scene.near, i + 1, size);
        }
    }
    scene_await(&scene, &scene.far->messages, COUNT);
    scene_await(&scene, &scene.near->messages, COUNT);
    cr_assert_eq(scene.far->bytes, bytes);
    cr_assert_eq(scene.near->bytes, bytes);
    scene_close(&scene);
}

void transport_carries_many_connections(const struct transport_form *form) {
    enum { COUNT = 40 };
    struct scene scene;
    struct side *near[COUNT];
    scene_open(&scene, form);
    scene.far_as = (struct manner){.echo = true};
    for (size_t i = 0; i < COUNT; i++) {
        scene_dial(&scene);
        near[i] = scene.near;
    }
    for (size_t round = 1; round <= 20; round++)
        for (size_t i = 0; i < COUNT; i++) send_pattern(&scene, near[i], i, round + i);
    for (size_t i = 0; i < COUNT; i++) {
        scene_await(&scene, &near[i]->messages, 20);
        expect_last(&scene, near[i], i, 20 + i);
    }
    scene_close(&scene);
}

/* ---- limits ---- */

void transport_takes_messages_up_to_the_limit(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.limit = 1000};
    scene_dial(&scene);
    send_pattern(&scene, scene.near, 1, 1000);
    scene_await(&scene, &scene.far->messages, 1);
    expect_last(&scene, scene.far, 1, 1000);
    send_pattern(&scene, scene.near, 2, 1001);
    expect_end(&scene, scene.far, ERR_LIMIT);
    scene_close(&scene);
}

void transport_closes_on_a_message_too_large(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene_dial(&scene);
    send_pattern(&scene, scene.near, 1, TRANSPORT_LIMIT_AT_FIRST + 1);
    expect_end(&scene, scene.far, ERR_LIMIT);
    expect_end(&scene, scene.near, ERR_CLOSED);
    cr_assert_eq(scene.far->messages, 0);
    scene_close(&scene);
}

void transport_closes_when_the_queue_is_full(const struct transport_form *form) {
    struct scene scene;
    struct buf bytes = BUF_INIT;
    int rc = 0;
    size_t sent = 0;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.limit = LARGE, .hold = 1};
    scene_dial(&scene);
    scene_pattern(1, 1u << 20, &bytes);
    for (; rc == 0 && sent < 200; sent++) rc = transport_send(scene_connection(&scene, scene.near), buf_view(&bytes));
    cr_assert_eq(rc, ERR_LIMIT);
    cr_assert_gt(sent, 15);
    expect_end(&scene, scene.near, ERR_LIMIT);
    buf_release(&bytes);
    scene_close(&scene);
}

/* ---- flow ---- */

/* That nothing arrives while held, the scene itself checks with every message. */
void transport_reads_no_further_before_resume(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.hold = 1};
    scene_dial(&scene);
    for (size_t i = 1; i <= 20; i++) send_pattern(&scene, scene.near, i, i * 100);
    for (size_t i = 1; i <= 20; i++) {
        scene_await(&scene, &scene.far->messages, i);
        expect_last(&scene, scene.far, i, i * 100);
        pthread_mutex_lock(&scene.lock);
        scene.far->held = false;
        pthread_mutex_unlock(&scene.lock);
        transport_resume(scene_connection(&scene, scene.far));
    }
    scene_close(&scene);
}

void transport_may_be_resumed_before_message_returns(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.hold = 1, .resume_early = true};
    scene_dial(&scene);
    for (size_t i = 1; i <= 200; i++) send_pattern(&scene, scene.near, i, i);
    scene_await(&scene, &scene.far->messages, 200);
    expect_last(&scene, scene.far, 200, 200);
    scene_close(&scene);
}

void transport_tells_when_drained(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.limit = LARGE};
    scene_dial(&scene);
    for (size_t i = 1; i <= 5; i++) {
        size_t before = scene_read(&scene, &scene.near->drained);
        send_pattern(&scene, scene.near, i, i << 18);
        scene_await(&scene, &scene.near->drained, before + 1);
    }
    scene_await(&scene, &scene.far->messages, 5);
    expect_last(&scene, scene.far, 5, 5 << 18);
    scene_close(&scene);
}

void transport_sends_what_opened_sent(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.near_as = (struct manner){.greet = 3};
    scene.far_as = (struct manner){.greet = 4};
    scene_dial(&scene);
    scene_await(&scene, &scene.far->messages, 3);
    scene_await(&scene, &scene.near->messages, 4);
    expect_last(&scene, scene.far, 3, 3);
    expect_last(&scene, scene.near, 4, 4);
    scene_close(&scene);
}

/* ---- ending ---- */

void transport_delivers_before_a_flushing_end(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.limit = LARGE};
    scene_dial(&scene);
    for (size_t i = 1; i <= 150; i++) send_pattern(&scene, scene.near, i, 100000);
    struct connection *near = scene_connection(&scene, scene.near);
    transport_close(near, true);
    expect_end(&scene, scene.far, ERR_CLOSED);
    expect_end(&scene, scene.near, ERR_CLOSED);
    cr_assert_eq(scene.far->messages, 150);
    expect_last(&scene, scene.far, 150, 100000);
    scene_close(&scene);
}

/* The other side keeps sending meanwhile: what it sends is dropped, and must not cost what was flushed. */
void transport_delivers_before_a_flushing_end_inside_message(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.near_as = (struct manner){.limit = LARGE};
    scene.far_as = (struct manner){.echo = true, .limit = LARGE, .close_at = 3, .flush = true};
    scene_dial(&scene);
    send_to_the_end(&scene, 30, 300000);
    expect_end(&scene, scene.near, ERR_CLOSED);
    expect_end(&scene, scene.far, ERR_CLOSED);
    cr_assert_eq(scene.far->messages, 3);
    cr_assert_eq(scene.near->messages, 3);
    expect_last(&scene, scene.near, 3, 300000);
    scene_close(&scene);
}

void transport_ends_when_both_flush(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.near_as = scene.far_as = (struct manner){.greet = 1, .close_at = 1, .flush = true};
    scene_dial(&scene);
    expect_end(&scene, scene.near, ERR_CLOSED);
    expect_end(&scene, scene.far, ERR_CLOSED);
    scene_close(&scene);
}

void transport_stops_flushing_in_time(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.limit = LARGE, .hold = 1};
    scene_dial(&scene);
    for (size_t i = 1; i <= 15; i++) send_pattern(&scene, scene.near, i, 1u << 20);
    scene_await(&scene, &scene.far->messages, 1);
    struct connection *near = scene_connection(&scene, scene.near);
    transport_close(near, true);
    cr_assert_eq(transport_send(near, view_of("late")), ERR_CLOSED);
    expect_end(&scene, scene.near, ERR_TIMEOUT);
    scene_close(&scene);
}

void transport_closes_at_once(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene_dial(&scene);
    transport_close(scene_connection(&scene, scene.near), false);
    expect_end(&scene, scene.near, ERR_CLOSED);
    expect_end(&scene, scene.far, ERR_CLOSED);
    scene_close(&scene);
}

/* Nothing is under way then that could report the end. */
void transport_closes_while_held(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.hold = 1};
    scene_dial(&scene);
    send_pattern(&scene, scene.near, 1, 1);
    scene_await(&scene, &scene.far->messages, 1);
    transport_close(scene_connection(&scene, scene.far), false);
    expect_end(&scene, scene.far, ERR_CLOSED);
    expect_end(&scene, scene.near, ERR_CLOSED);
    scene_close(&scene);
}

void transport_closes_inside_message(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.echo = true, .close_at = 2};
    scene_dial(&scene);
    send_to_the_end(&scene, 10, 100);
    expect_end(&scene, scene.far, ERR_CLOSED);
    expect_end(&scene, scene.near, ERR_CLOSED);
    cr_assert_eq(scene.far->messages, 2);
    scene_close(&scene);
}

void transport_notices_that_the_peer_is_gone(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene_dial(&scene);
    transport_shutdown(scene.client);
    scene.client = NULL;
    cr_assert_eq(scene.near->closed, 1);
    expect_end(&scene, scene.far, ERR_CLOSED);
    scene_close(&scene);
}

/* ---- time ---- */

void transport_fires_a_deadline(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.deadline = 50};
    scene_dial(&scene);
    expect_end(&scene, scene.far, ERR_TIMEOUT);
    expect_end(&scene, scene.near, ERR_CLOSED);
    scene_close(&scene);
}

/* The near end's deadline comes first, then is taken back, then comes far behind the other's. */
void transport_moves_a_deadline(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene_dial(&scene);
    struct connection *near = scene_connection(&scene, scene.near);
    transport_deadline(near, 60000);
    transport_deadline(near, 100);
    transport_deadline(near, 0);
    transport_deadline(scene_connection(&scene, scene.far), 300);
    expect_end(&scene, scene.far, ERR_TIMEOUT);
    expect_end(&scene, scene.near, ERR_CLOSED);
    scene_close(&scene);
}

/* ---- beginning ---- */

void transport_reports_a_failed_dial(const struct transport_form *form) {
    struct scene scene;
    char nobody[TRANSPORT_PEER_SIZE];
    scene_open(&scene, form);
    view_text(view_of(scene.bound), nobody, sizeof nobody);
    transport_shutdown(scene.server);
    scene.server = NULL;
    scene_dial_only(&scene, nobody);
    scene_await(&scene, &scene.failed, 1);
    cr_assert_eq(scene.dial_err.code, ERR_REFUSED, "failed with %d: %s", scene.dial_err.code, scene.dial_err.text);
    cr_assert_eq(scene.opened, 0);
    scene_close(&scene);
}

void transport_refuses_a_bad_address(const struct transport_form *form) {
    static const char *const bad[] = {
        "",      "host",     "host:", "host:x",       ":",     "h:65536", "[]:1",     "a b:1",   "http://host:80",
        "a:b:1", "host/x:1", "h:-1",  "user@host:80", "[::1]", "::1:80",  "h:000001", "h\r\n:1", "[::1]x:1"};
    struct scene scene;
    scene_open(&scene, form);
    struct transport_handler handler = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        int rc = scene.server->ops->listen(scene.server, bad[i], &handler, NULL, &err);
        cr_assert_eq(rc, ERR_INVALID, "listen \"%s\": %d", bad[i], rc);
        cr_assert_eq(err.code, rc);
        rc = scene.client->ops->dial(scene.client, bad[i], &handler, NULL, &err);
        cr_assert_eq(rc, ERR_INVALID, "dial \"%s\": %d", bad[i], rc);
    }
    scene_close(&scene);
}

void transport_refuses_by_opened(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene.far_as = (struct manner){.refuse = true, .greet = 2};
    scene_dial(&scene);
    expect_end(&scene, scene.near, ERR_CLOSED);
    scene.near_as = (struct manner){.refuse = true};
    scene.far_as = (struct manner){0};
    scene_dial(&scene);
    expect_end(&scene, scene.far, ERR_CLOSED);
    scene_close(&scene);
}

void transport_names_the_peer(const struct transport_form *form) {
    struct scene scene;
    scene_open(&scene, form);
    scene_dial(&scene);
    const char *near = transport_peer(scene_connection(&scene, scene.near));
    const char *far = transport_peer(scene_connection(&scene, scene.far));
    cr_assert_not_null(strchr(near, ':'));
    cr_assert_not_null(strchr(far, ':'));
    cr_assert_str_neq(near, far);
    scene_close(&scene);
}

/* scene_close asserts that each end closed once. */
void transport_shuts_down_with_everything_under_way(const struct transport_form *form) {
    enum { COUNT = 8 };
    struct scene scene;
    scene_open(&scene, form);
    for (size_t i = 0; i < COUNT; i++) {
        scene.far_as = (struct manner){.echo = i % 2 == 0, .limit = LARGE, .hold = i % 3 == 0 ? 2 : 0};
        scene.near_as = (struct manner){.limit = LARGE, .deadline = i % 2 == 0 ? 60000 : 0};
        scene_dial(&scene);
        for (size_t j = 0; j < 10; j++) send_pattern(&scene, scene.near, j, j << 16);
        if (i == 3) transport_close(scene_connection(&scene, scene.near), true);
    }
    scene_dial_only(&scene, scene.bound);
    transport_shutdown(scene.client);
    scene.client = NULL;
    transport_shutdown(scene.server);
    scene.server = NULL;
    cr_assert_eq(scene.closed, scene.opened);
    cr_assert_eq(scene.near_opened + scene.failed, COUNT + 1);
    scene_close(&scene);
}
