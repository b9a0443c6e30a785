/* Many threads at once on the nng form's connections: everything that callers may do, while nng's own threads call
 * back. ThreadSanitizer sees nng's locks, not its memory: what it finds is ours. A main of its own, since Criterion and
 * ThreadSanitizer do not go together. */
#include "proto/wire/transport.h"
#include "tests/support/throwaway_tls.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS 6
#define WORKERS 4
#define ROUNDS 3000
#define CREDIT 8
#define GREETING "hello"
#define REPLY "reply"

/* The place of a dialled connection. `lock` orders the workers' calls before the return of `closed`. */
struct slot {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct connection *connection; /* from the first message on: before, they would rarely outlive the handshake */
    bool dialling;
    int credit; /* what may be done to it until the next callback, so that workers do not run ahead */
    int inside; /* callbacks under way; not atomic on purpose */
};

static struct slot slots[SLOTS];
static struct transport *server, *client;
static char bound[TRANSPORT_PEER_SIZE];
static atomic_size_t opened, closed, messages, wrong;

static void dial(struct slot *slot);

/* ---- the dialling side ---- */

static void *near_opened(void *context, struct connection *connection) {
    struct slot *slot = context;
    atomic_fetch_add(&opened, 1);
    transport_deadline(connection, 60000);
    slot->inside = 0;
    return slot;
}

static void give_credit(struct slot *slot, struct connection *connection) {
    pthread_mutex_lock(&slot->lock);
    if (connection != NULL) slot->connection = connection;
    slot->dialling = false;
    slot->credit = CREDIT;
    pthread_cond_broadcast(&slot->ready);
    pthread_mutex_unlock(&slot->lock);
}

static bool near_message(void *user, struct connection *connection, struct view bytes) {
    struct slot *slot = user;
    if (slot->inside++ != 0) atomic_fetch_add(&wrong, 1);
    give_credit(slot, connection);
    atomic_fetch_add(&messages, 1);
    bool hold = bytes.len % 7 == 0; /* a worker resumes it some time */
    slot->inside--;
    return !hold;
}

static void near_drained(void *user, struct connection *connection) {
    struct slot *slot = user;
    (void)connection;
    if (slot->inside++ != 0) atomic_fetch_add(&wrong, 1);
    give_credit(slot, NULL);
    slot->inside--;
}

static void near_closed(void *user, struct connection *connection, const struct err *err) {
    struct slot *slot = user;
    (void)err;
    if (slot->inside++ != 0) atomic_fetch_add(&wrong, 1);
    atomic_fetch_add(&closed, 1);
    pthread_mutex_lock(&slot->lock);
    if (slot->connection != NULL && slot->connection != connection) atomic_fetch_add(&wrong, 1);
    slot->connection = NULL;
    slot->dialling = true;
    pthread_cond_broadcast(&slot->ready);
    pthread_mutex_unlock(&slot->lock);
    dial(slot);
}

static void dial_over(struct slot *slot) {
    pthread_mutex_lock(&slot->lock);
    slot->dialling = false;
    pthread_cond_broadcast(&slot->ready);
    pthread_mutex_unlock(&slot->lock);
}

static void dial_failed(void *context, const struct err *err) {
    (void)err;
    dial_over(context);
}

static void dial(struct slot *slot) {
    struct transport_handler handler = {near_opened, near_message, near_drained, near_closed, slot};
    pthread_mutex_lock(&slot->lock);
    slot->dialling = true;
    pthread_mutex_unlock(&slot->lock);
    if (client->ops->dial(client, bound, &handler, dial_failed, NULL) != 0) dial_over(slot);
}

/* ---- the listening side: answers, and now and then hangs up ---- */

static void *far_opened(void *context, struct connection *connection) {
    transport_limit(connection, 1u << 20);
    transport_deadline(connection, 60000);
    transport_send(connection, view_of(GREETING));
    return context;
}

static bool far_message(void *user, struct connection *connection, struct view bytes) {
    (void)user;
    transport_deadline(connection, 60000);
    transport_send(connection, bytes.len % 2 == 0 ? bytes : view_of(REPLY));
    if (bytes.len % 97 == 0) transport_close(connection, bytes.len % 2 == 0);
    return true;
}

static void far_closed(void *user, struct connection *connection, const struct err *err) {
    (void)user;
    (void)connection;
    (void)err;
}

/* ---- the workers ---- */

/* The last thing done before the credit is used up brings another callback for sure. */
static void act(struct slot *slot, unsigned what, unsigned size) {
    static const uint8_t zeros[70000];
    struct connection *connection = slot->connection;
    if (--slot->credit == 0) what = 0;
    switch (what % 64) {
    case 0:
        transport_resume(connection);
        transport_send(connection, view_make(zeros, 1));
        break;
    case 4: transport_close(connection, size % 2 == 0); break;
    case 1: transport_deadline(connection, size % 3 == 0 ? 1 : 30000); break;
    case 2: transport_limit(connection, 1u << 20); break;
    case 3: transport_send(connection, view_make(zeros, sizeof zeros)); break;
    default:
        if (what % 2 == 0)
            transport_resume(connection);
        else
            transport_send(connection, view_make(zeros, size));
    }
    if (transport_peer(connection)[0] == '\0') atomic_fetch_add(&wrong, 1);
}

static void *work(void *argument) {
    unsigned state = *(unsigned *)argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        state = state * 1664525u + 1013904223u;
        struct slot *slot = &slots[(state >> 24) % SLOTS];
        pthread_mutex_lock(&slot->lock);
        while (slot->connection == NULL ? slot->dialling : slot->credit == 0)
            pthread_cond_wait(&slot->ready, &slot->lock);
        if (slot->connection != NULL) act(slot, state >> 20, (state >> 8) % 500);
        pthread_mutex_unlock(&slot->lock);
    }
    return NULL;
}

static int open_both(const struct tls_identity *identity) {
    struct transport_handler handler = {far_opened, far_message, NULL, far_closed, &wrong};
    struct err err = {0};
    if (transport_nng_open(env_os(), identity, &server, &err) != 0 ||
        transport_nng_open(env_os(), identity, &client, &err) != 0 ||
        server->ops->listen(server, "127.0.0.1:0", &handler, bound, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

static int run(const char *name, const struct tls_identity *identity) {
    size_t before = atomic_load(&messages);
    static unsigned seeds[WORKERS];
    pthread_t workers[WORKERS];
    if (open_both(identity) != 0) return 1;
    for (int i = 0; i < SLOTS; i++) dial(&slots[i]);
    for (unsigned i = 0; i < WORKERS; i++) {
        seeds[i] = i;
        pthread_create(&workers[i], NULL, work, &seeds[i]);
    }
    for (int i = 0; i < WORKERS; i++) pthread_join(workers[i], NULL);
    transport_shutdown(server);
    transport_shutdown(client);
    printf("%s: %zu connections, %zu messages, %zu wrong\n", name, atomic_load(&opened),
           atomic_load(&messages) - before, atomic_load(&wrong));
    bool right = atomic_load(&opened) == atomic_load(&closed) && atomic_load(&wrong) == 0;
    return right && atomic_load(&messages) - before > ROUNDS ? 0 : 1;
}

int main(void) {
    struct throwaway_tls tls;
    throwaway_tls_make(&tls);
    for (int i = 0; i < SLOTS; i++) {
        pthread_mutex_init(&slots[i].lock, NULL);
        pthread_cond_init(&slots[i].ready, NULL);
    }
    int failed = run("TCP", NULL) + run("TLS", &tls.identity);
    throwaway_tls_release(&tls);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
