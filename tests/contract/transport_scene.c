#include "tests/contract/transport_scene.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#define PATIENCE_SECONDS 60

/* ---- what callbacks write down; the lock is held while they touch the scene ---- */

static void complain(struct scene *scene, const char *what) {
    if (scene->wrong == NULL) scene->wrong = what;
}

static void enter(struct side *side) {
    pthread_mutex_lock(&side->scene->lock);
    if (side->inside) complain(side->scene, "two callbacks of one connection at once");
    if (side->closed > 0) complain(side->scene, "a callback after closed");
    side->inside = true;
    pthread_mutex_unlock(&side->scene->lock);
}

static void leave(struct side *side, size_t *counter) {
    pthread_mutex_lock(&side->scene->lock);
    side->inside = false;
    ++*counter;
    pthread_cond_broadcast(&side->scene->changed);
    pthread_mutex_unlock(&side->scene->lock);
}

static void *opened(struct scene *scene, struct connection *connection, bool near) {
    struct side *side = mem_alloc(sizeof *side);
    pthread_mutex_lock(&scene->lock);
    side->scene = scene;
    side->manner = near ? scene->near_as : scene->far_as;
    side->connection = connection;
    side->opened = 1;
    side->inside = true;
    side->next = scene->sides;
    scene->sides = side;
    *(near ? &scene->near : &scene->far) = side;
    pthread_mutex_unlock(&scene->lock);

    if (side->manner.limit > 0) transport_limit(connection, side->manner.limit);
    if (side->manner.deadline > 0) transport_deadline(connection, side->manner.deadline);
    struct buf bytes = BUF_INIT;
    for (size_t i = 1; i <= side->manner.greet; i++) {
        scene_pattern(i, i, &bytes);
        transport_send(connection, buf_view(&bytes));
    }
    buf_release(&bytes);

    pthread_mutex_lock(&scene->lock);
    side->inside = false;
    scene->opened += !side->manner.refuse;
    ++*(near ? &scene->near_opened : &scene->far_opened);
    if (side->manner.refuse) side->connection = NULL;
    pthread_cond_broadcast(&scene->changed);
    pthread_mutex_unlock(&scene->lock);
    return side->manner.refuse ? NULL : side;
}

static void *near_opened(void *context, struct connection *connection) { return opened(context, connection, true); }

static void *far_opened(void *context, struct connection *connection) { return opened(context, connection, false); }

static bool message(void *user, struct connection *connection, struct view bytes) {
    struct side *side = user;
    enter(side);
    size_t number = side->messages + 1;
    bool hold = side->manner.hold > 0 && number >= side->manner.hold;
    pthread_mutex_lock(&side->scene->lock);
    if (connection != side->connection) complain(side->scene, "a message of another connection");
    if (side->held) complain(side->scene, "a message before transport_resume");
    if (bytes.data == NULL) complain(side->scene, "a message that is none");
    buf_clear(&side->last);
    buf_append_view(&side->last, bytes);
    side->bytes += bytes.len;
    side->held = hold && !side->manner.resume_early;
    pthread_mutex_unlock(&side->scene->lock);
    if (side->manner.echo) transport_send(connection, bytes);
    if (side->manner.close_at == number) transport_close(connection, side->manner.flush);
    if (hold && side->manner.resume_early) transport_resume(connection);
    leave(side, &side->messages);
    return !hold;
}

static void drained(void *user, struct connection *connection) {
    struct side *side = user;
    (void)connection;
    enter(side);
    leave(side, &side->drained);
}

static void closed(void *user, struct connection *connection, const struct err *err) {
    struct side *side = user;
    enter(side);
    pthread_mutex_lock(&side->scene->lock);
    if (connection != side->connection) complain(side->scene, "the end of another connection");
    if (err->code >= 0) complain(side->scene, "an end without a reason");
    side->err = *err;
    side->connection = NULL;
    side->scene->closed++;
    pthread_mutex_unlock(&side->scene->lock);
    leave(side, &side->closed);
}

static void dial_failed(void *context, const struct err *err) {
    struct scene *scene = context;
    pthread_mutex_lock(&scene->lock);
    scene->dial_err = *err;
    scene->failed++;
    pthread_cond_broadcast(&scene->changed);
    pthread_mutex_unlock(&scene->lock);
}

/* ---- the scene ---- */

void scene_open_pair(struct scene *scene, const struct transport_form *form, struct transport *server,
                     struct transport *client) {
    *scene = (struct scene){.form = form, .server = server, .client = client};
    pthread_mutex_init(&scene->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&scene->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    struct transport_handler handler = {far_opened, message, drained, closed, scene};
    struct err err = {0};
    int rc = server->ops->listen(server, form->address, &handler, scene->bound, &err);
    cr_assert_eq(rc, 0, "listen: %s", err.text);
}

void scene_open(struct scene *scene, const struct transport_form *form) {
    struct transport *server = form->open(form->world);
    scene_open_pair(scene, form, server, form->open(form->world));
}

static void forget_sides(struct scene *scene) {
    while (scene->sides != NULL) {
        struct side *side = scene->sides;
        cr_assert_eq(side->closed, side->manner.refuse ? 0 : 1, "closed came %zu times", side->closed);
        scene->sides = side->next;
        buf_release(&side->last);
        free(side);
    }
}

void scene_close(struct scene *scene) {
    if (scene->client != NULL) transport_shutdown(scene->client);
    if (scene->server != NULL) transport_shutdown(scene->server);
    cr_assert_null(scene->wrong, "%s", scene->wrong);
    forget_sides(scene);
    pthread_cond_destroy(&scene->changed);
    pthread_mutex_destroy(&scene->lock);
}

void scene_dial_only(struct scene *scene, const char *address) {
    struct transport_handler handler = {near_opened, message, drained, closed, scene};
    struct err err = {0};
    int rc = scene->client->ops->dial(scene->client, address, &handler, dial_failed, &err);
    cr_assert_eq(rc, 0, "dial: %s", err.text);
}

void scene_dial(struct scene *scene) {
    size_t near = scene_read(scene, &scene->near_opened);
    size_t far = scene_read(scene, &scene->far_opened);
    scene_dial_only(scene, scene->bound);
    scene_await(scene, &scene->near_opened, near + 1);
    scene_await(scene, &scene->far_opened, far + 1);
}

static void await_change(struct scene *scene, const size_t *counter, size_t least) {
    struct timespec limit = {.tv_sec = (time_t)(env_monotonic(env_os()) / 1000) + PATIENCE_SECONDS};
    int rc = 0;
    pthread_mutex_lock(&scene->lock);
    while (*counter < least && scene->wrong == NULL && rc == 0)
        rc = pthread_cond_timedwait(&scene->changed, &scene->lock, &limit);
    size_t reached = *counter;
    pthread_mutex_unlock(&scene->lock);
    cr_assert_null(scene->wrong, "%s", scene->wrong);
    cr_assert_geq(reached, least, "only %zu of %zu happened", reached, least);
}

void scene_await(struct scene *scene, const size_t *counter, size_t least) {
    if (scene->form->move != NULL)
        while (*counter < least && scene->wrong == NULL && scene->form->move(scene->form->world)) {
        }
    await_change(scene, counter, scene->form->move == NULL ? least : 0);
    size_t reached = scene_read(scene, counter);
    cr_assert_geq(reached, least, "only %zu of %zu happened", reached, least);
}

size_t scene_read(struct scene *scene, const size_t *counter) {
    pthread_mutex_lock(&scene->lock);
    size_t value = *counter;
    pthread_mutex_unlock(&scene->lock);
    return value;
}

struct connection *scene_connection(struct scene *scene, const struct side *side) {
    pthread_mutex_lock(&scene->lock);
    struct connection *connection = side->connection;
    pthread_mutex_unlock(&scene->lock);
    cr_assert_not_null(connection);
    return connection;
}

void scene_pattern(size_t number, size_t size, struct buf *out) {
    buf_clear(out);
    buf_reserve(out, size);
    for (size_t i = 0; i < size; i++) out->data[i] = (uint8_t)(number * 31 + size + i * 7 + i / 251);
    out->len = size;
}
