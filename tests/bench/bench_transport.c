/* The line's speed: messages one way over loopback, TLS and plain, and what a connection costs.
 *
 *     bench_transport [SECONDS]     default 3
 *
 * Sending keeps 4 MiB queued; the sender is called back when its queue is empty, as the feed and the uplink are. */
#include "proto/wire/transport.h"
#include "tests/support/throwaway_tls.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGEST (1u << 20)
#define IN_QUEUE (4u << 20)

static size_t message_size;
static atomic_size_t received, opened;
static atomic_int closed;
static int64_t until;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void tell(void) {
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void *on_opened(void *context, struct connection *connection) {
    transport_limit(connection, LARGEST);
    atomic_fetch_add(&opened, 1);
    tell();
    return context;
}

static bool on_message(void *user, struct connection *connection, struct view bytes) {
    (void)user;
    (void)connection;
    atomic_fetch_add(&received, bytes.len);
    return true;
}

static void on_closed(void *user, struct connection *connection, const struct err *err) {
    (void)user;
    (void)connection;
    (void)err;
    atomic_fetch_add(&closed, 1);
    tell();
}

static void fill(void *user, struct connection *connection) {
    static const uint8_t zeros[LARGEST];
    (void)user;
    for (size_t queued = 0; queued < IN_QUEUE; queued += message_size + FRAME_HEADER)
        transport_send(connection, view_make(zeros, message_size));
    if (env_monotonic(env_os()) > until) transport_close(connection, true);
}

static void *fill_first(void *context, struct connection *connection) {
    on_opened(context, connection);
    fill(context, connection);
    return context;
}

static void dial_failed(void *context, const struct err *err) {
    (void)context;
    fprintf(stderr, "%s\n", err->text);
    exit(EXIT_FAILURE);
}

static struct transport *open_one(const struct tls_identity *identity) {
    struct transport *t;
    struct err err = {0};
    if (transport_nng_open(env_os(), identity, &t, &err) != 0) dial_failed(NULL, &err);
    return t;
}

static void await(const atomic_size_t *counter, size_t least) {
    pthread_mutex_lock(&lock);
    while (atomic_load(counter) < least) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void one_way(const char *name, const struct tls_identity *identity, size_t size, int seconds) {
    struct transport *server = open_one(identity), *client = open_one(identity);
    struct transport_handler reader = {on_opened, on_message, NULL, on_closed, &lock};
    struct transport_handler writer = {fill_first, on_message, fill, on_closed, &lock};
    char bound[TRANSPORT_PEER_SIZE];
    message_size = size;
    atomic_store(&received, 0);
    atomic_store(&closed, 0);
    int64_t start = env_monotonic(env_os());
    until = start + seconds * 1000;
    server->ops->listen(server, "127.0.0.1:0", &reader, bound, NULL);
    client->ops->dial(client, bound, &writer, dial_failed, NULL);
    pthread_mutex_lock(&lock);
    while (atomic_load(&closed) < 2) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    double elapsed = (double)(env_monotonic(env_os()) - start) / 1000;
    printf("%s, messages of %7zu bytes: %8.1f MB/s %9.0f messages/s\n", name, size,
           (double)atomic_load(&received) / elapsed / 1e6, (double)(atomic_load(&received) / size) / elapsed);
    transport_shutdown(client);
    transport_shutdown(server);
}

static long resident_kib(void) {
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0) kib = strtol(line + 6, NULL, 10);
    if (file != NULL) fclose(file);
    return kib;
}

static int threads(void) {
    int count = -2; /* "." and ".." */
    DIR *tasks = opendir("/proc/self/task");
    while (tasks != NULL && readdir(tasks) != NULL) count++;
    if (tasks != NULL) closedir(tasks);
    return count;
}

/* Both ends are in this process, so a connection here costs what one costs at each of two. */
static void cost(const struct tls_identity *identity, size_t count) {
    struct transport_handler quiet = {on_opened, on_message, NULL, on_closed, &lock};
    char bound[TRANSPORT_PEER_SIZE];
    struct transport *server = open_one(identity), *client = open_one(identity);
    server->ops->listen(server, "127.0.0.1:0", &quiet, bound, NULL);
    atomic_store(&opened, 0);
    long before = resident_kib();
    int64_t start = env_monotonic(env_os());
    for (size_t i = 1; i <= count; i++) {
        client->ops->dial(client, bound, &quiet, dial_failed, NULL);
        await(&opened, 2 * i);
    }
    printf("TLS, %zu connections dialled in %lld ms: %.1f KiB each (both ends), %d threads\n", count,
           (long long)(env_monotonic(env_os()) - start), (double)(resident_kib() - before) / (double)count, threads());
    transport_shutdown(client);
    transport_shutdown(server);
}

int main(int argc, char **argv) {
    struct throwaway_tls tls;
    int seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3;
    throwaway_tls_make(&tls);
    printf("%d threads and %ld KiB before\n", threads(), resident_kib());
    cost(&tls.identity, 400);
    one_way("TLS", &tls.identity, 262144, seconds);
    one_way("TLS", &tls.identity, 200, seconds);
    one_way("TCP", NULL, 262144, seconds);
    one_way("TCP", NULL, 200, seconds);
    throwaway_tls_release(&tls);
    return EXIT_SUCCESS;
}
