#include "proto/log/verify_os.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 200

/* Between parent and child, one packet each; both are the same program. */
struct packet {
    enum { PACKET_KEY, PACKET_RESULT } kind;
    int code;
    uint32_t stream;
    uint8_t key[PUBLIC_KEY_SIZE];
    struct verify_report report;
    struct err err;
};

static bool packet_send(int socket, const struct packet *packet) {
    ssize_t sent;
    do sent = send(socket, packet, sizeof *packet, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *packet;
}

static bool packet_receive(int socket, struct packet *packet) {
    ssize_t got;
    do got = recv(socket, packet, sizeof *packet, 0);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *packet;
}

/* ---- The child ---- */

static int ask_key(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    const int *socket = context;
    struct packet packet = {.kind = PACKET_KEY, .stream = stream};
    if (!packet_send(*socket, &packet) || !packet_receive(*socket, &packet)) _exit(EXIT_FAILURE);
    memcpy(key, packet.key, PUBLIC_KEY_SIZE);
    return packet.code;
}

/* Dies quietly and alone: no handlers of the parent's, no core of a huge map, none of the parent's descriptors (a
 * connection that the parent closes would stay open), no life after the parent's. */
static void child_settle(int socket) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGINT, SIGTERM, SIGHUP};
    const struct rlimit none = {0, 0};
    sigset_t all;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) signal(signals[i], SIG_DFL);
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (socket > STDERR_FILENO + 1) close_range(STDERR_FILENO + 1, (unsigned)socket - 1, 0);
    close_range((unsigned)socket + 1, ~0U, 0);
}

static _Noreturn void child_run(int socket, const struct verify_work *work, const struct log_trust *trust,
                                struct verify_beat *beat) {
    struct packet packet = {.kind = PACKET_RESULT};
    struct log_trust asking = {.key_of = ask_key, .context = &socket};
    child_settle(socket);
    if (trust != NULL) {
        memcpy(asking.root, trust->root, PUBLIC_KEY_SIZE);
        asking.fed = trust->fed;
    }
    packet.code = work->run(work->context, trust == NULL ? NULL : &asking, beat, &packet.report, &packet.err);
    _exit(packet_send(socket, &packet) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* ---- The parent ---- */

struct watch {
    int socket;
    pid_t child;
    const struct log_trust *trust;
    const struct env *env;
    struct verify_beat *beat;
    uint64_t steps; /* seen last, and when */
    int64_t since;
    bool stuck;
};

/* Whether it still moves. */
static bool alive(struct watch *w) {
    uint64_t steps = atomic_load(&w->beat->steps);
    int64_t now = env_monotonic(w->env);
    if (steps != w->steps) {
        w->steps = steps;
        w->since = now;
    }
    if (w->trust != NULL && w->trust->progress != NULL)
        w->trust->progress(atomic_load(&w->beat->done), atomic_load(&w->beat->all));
    return now - w->since < VERIFY_STUCK_MS;
}

static bool answer(struct watch *w, struct packet *packet) {
    packet->code = w->trust->key_of(w->trust->context, packet->stream, packet->key);
    w->since = env_monotonic(w->env);
    return packet_send(w->socket, packet);
}

/* Until the result is there (true), or the child is not. */
static bool listen_to(struct watch *w, struct packet *packet) {
    for (;;) {
        struct pollfd look = {.fd = w->socket, .events = POLLIN};
        int ready = poll(&look, 1, LOOK_MS);
        if (ready <= 0 && !alive(w)) {
            w->stuck = true;
            kill(w->child, SIGKILL);
            return false;
        }
        if (ready <= 0) continue;
        if (!packet_receive(w->socket, packet)) return false;
        if (packet->kind == PACKET_RESULT) return true;
        if (!answer(w, packet)) return false;
    }
}

static int died(const struct watch *w, int status, struct verify_report *report, struct err *err) {
    uint64_t done = atomic_load(&w->beat->done);
    uint64_t all = atomic_load(&w->beat->all);
    *report = (struct verify_report){.records = done, .first_bad = done < all ? done + 1 : 0};
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (number == SIGINT || number == SIGTERM || number == SIGHUP)
        return err_set(err, ERR_INTERRUPTED, NULL, "the check was stopped by signal %d", number);
    if (w->stuck)
        return err_set(err, ERR_CORRUPT, NULL,
                       "the structure of the log is damaged behind record %llu: reading does not end",
                       (unsigned long long)done);
    return err_set(err, ERR_CORRUPT, NULL,
                   "the structure of the log is damaged behind record %llu: reading it ends in signal %d",
                   (unsigned long long)done, number);
}

static int watch_child(struct watch *w, struct verify_report *report, struct err *err) {
    struct packet packet;
    int status = 0;
    bool told = listen_to(w, &packet);
    while (waitpid(w->child, &status, 0) < 0 && errno == EINTR) continue;
    if (!told) return died(w, status, report, err);
    *report = packet.report;
    if (packet.code != 0) err_set(err, packet.code, packet.err.field, "%s", packet.err.text);
    return packet.code;
}

static int fork_and_watch(const int sockets[2], const struct verify_work *work, struct watch *w,
                          struct verify_report *report, struct err *err) {
    w->child = fork();
    if (w->child == 0) child_run(sockets[1], work, w->trust, w->beat);
    close(sockets[1]);
    if (w->child < 0) return err_set(err, ERR_IO, NULL, "cannot start the check: %s", strerror(errno));
    return watch_child(w, report, err);
}

int verify_in_child(const struct verify_work *work, const struct log_trust *trust, const struct env *env,
                    struct verify_report *report, struct err *err) {
    int sockets[2];
    struct watch w = {.trust = trust, .env = env, .since = env_monotonic(env)};
    *report = (struct verify_report){0};
    w.beat = mmap(NULL, sizeof *w.beat, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w.beat == MAP_FAILED) return err_set(err, ERR_IO, NULL, "cannot start the check: %s", strerror(errno));
    int rc = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets);
    if (rc != 0) {
        rc = err_set(err, ERR_IO, NULL, "cannot start the check: %s", strerror(errno));
    } else {
        w.socket = sockets[0];
        rc = fork_and_watch(sockets, work, &w, report, err);
        close(sockets[0]);
    }
    munmap(w.beat, sizeof *w.beat);
    return rc;
}
