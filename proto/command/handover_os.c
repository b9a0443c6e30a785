/* The serve's end of the handover: a listener thread that accepts, watches for cancels and collects what has ended; a
 * thread for each call. */
#include "proto/command/handover_os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/command/handover_wire_os.h"
#include "proto/command/inside.h"
#include "proto/command/parse.h"
#include "proto/command/stream_os.h"

#define REQUEST_SECONDS 10 /* a caller sends its words at once */
#define QUEUE 64
#define SLOTS (2 * HANDOVER_CALLS) /* for those that get done and for those that last */
#define RETRY_MS 100

enum slot_state { SLOT_FREE, SLOT_READING, SLOT_RUNNING, SLOT_ENDED };

struct slot {
    struct handover *handover;
    atomic_int state; /* enum slot_state; the call's thread moves it to RUNNING and ENDED, the listener does the rest */
    int socket;       /* the listener opens and closes it */
    bool heard;       /* the listener: cancelled or gone, not polled any more */
    atomic_bool lasting; /* set by the call's thread, for good */
    struct thread thread;
    struct stop stop;
};

struct handover {
    struct inside inside;
    int directory, socket;
    struct stop closing;
    struct stop changed; /* a slot's state: wakes the listener */
    struct thread listener;
    atomic_int lasting; /* slots that are */
    struct slot slots[SLOTS];
};

/* ---- One call, on its thread ---- */

static bool caller_allowed(int socket, long *pid) {
    struct ucred caller;
    socklen_t len = sizeof caller;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &caller, &len) != 0) return false;
    *pid = (long)caller.pid;
    return caller.uid == 0 || caller.uid == geteuid();
}

static void tell(int socket, const void *bytes, size_t len) {
    ssize_t sent = send(socket, bytes, len, MSG_NOSIGNAL);
    (void)sent; /* a caller that is gone will not read it */
}

/* The strings of a request; their bytes stay in `text`. */
static const char **split(struct buf *text, int *count) {
    size_t found = 0;
    for (size_t i = 0; i < text->len; i++) found += text->data[i] == '\0';
    const char **words = mem_alloc((found + 1) * sizeof *words);
    const char *word = (const char *)text->data;
    for (size_t i = 0; i < found; i++) {
        words[i] = word;
        word += strlen(word) + 1;
    }
    *count = (int)found;
    return words;
}

static int run_request(struct slot *slot, struct buf *text, const int fds[HANDOVER_FDS], long caller) {
    const struct handover *handover = slot->handover;
    struct call call;
    struct streams streams;
    inside_call(&handover->inside, &call);
    call.working_directory = fds[3];
    call.caller = caller;
    call.slot = slot;
    streams_open(&streams, fds, &slot->stop, &call);
    int count;
    const char **words = split(text, &count);
    int status = inside_run(&call, &streams, count, words);
    call_release(&call);
    streams_close(&streams);
    free(words);
    return status;
}

static void set_state(struct slot *slot, enum slot_state state) {
    atomic_store(&slot->state, state);
    stop_ask(&slot->handover->changed);
}

static void close_all(const int fds[HANDOVER_FDS]) {
    for (int i = 0; i < HANDOVER_FDS; i++)
        if (fds[i] >= 0) close(fds[i]);
}

static void slot_main(void *context) {
    struct slot *slot = context;
    struct buf text = BUF_INIT;
    int fds[HANDOVER_FDS] = {-1, -1, -1, -1};
    long caller = 0;
    bool taken = caller_allowed(slot->socket, &caller) && handover_receive(slot->socket, &text, fds);
    if (taken && !atomic_load(&slot->stop.asked)) {
        tell(slot->socket, &(const char){HANDOVER_BEGUN}, 1);
        set_state(slot, SLOT_RUNNING);
        const uint8_t ended[] = {HANDOVER_ENDED, (uint8_t)run_request(slot, &text, fds, caller)};
        /* Before the caller goes on: who reads its output waits for the last descriptor to close. */
        close_all(fds);
        set_state(slot, SLOT_ENDED); /* so that the place is free for a caller that comes again at once */
        tell(slot->socket, ended, sizeof ended);
    } else {
        close_all(fds);
        set_state(slot, SLOT_ENDED);
        if (!atomic_load(&slot->stop.asked)) tell(slot->socket, &(const char){HANDOVER_NOT_TAKEN}, 1);
    }
    buf_release(&text);
}

int call_lasts(struct call *call) {
    struct slot *slot = call->slot;
    if (slot == NULL || atomic_load(&slot->lasting)) return 0;
    struct handover *handover = slot->handover;
    if (atomic_fetch_add(&handover->lasting, 1) < HANDOVER_CALLS) {
        atomic_store(&slot->lasting, true);
        return 0;
    }
    atomic_fetch_sub(&handover->lasting, 1);
    return err_set(&call->error, ERR_BUSY, NULL,
                   "busy: %d commands that last are running in this serve; end one of them", HANDOVER_CALLS);
}

/* ---- The listener ---- */

static void slot_start(struct handover *handover, struct slot *slot, int socket) {
    struct timeval patience = {.tv_sec = REQUEST_SECONDS};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    slot->handover = handover;
    slot->socket = socket;
    slot->heard = false;
    atomic_store(&slot->lasting, false);
    stop_init(&slot->stop);
    atomic_store(&slot->state, SLOT_READING);
    thread_start(&slot->thread, slot_main, slot);
}

static void slot_end(struct slot *slot) {
    thread_join(&slot->thread);
    close(slot->socket);
    stop_release(&slot->stop);
    if (atomic_load(&slot->lasting)) atomic_fetch_sub(&slot->handover->lasting, 1);
    atomic_store(&slot->state, SLOT_FREE);
}

static void slot_cancel(struct slot *slot) {
    slot->heard = true;
    stop_ask(&slot->stop);
}

static bool slot_is(struct slot *slot, enum slot_state state) { return atomic_load(&slot->state) == (int)state; }

/* Ends what has ended; a free slot, or NULL when too many others are to get done. */
static struct slot *collect(struct handover *handover) {
    struct slot *free_slot = NULL;
    int busy = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &handover->slots[i];
        if (slot_is(slot, SLOT_ENDED)) slot_end(slot);
        if (slot_is(slot, SLOT_FREE))
            free_slot = slot;
        else
            busy += !atomic_load(&slot->lasting);
    }
    return busy < HANDOVER_CALLS ? free_slot : NULL;
}

/* A caller that says 'C', or is gone. */
static void hear(struct slot *slot) {
    char word;
    ssize_t n = recv(slot->socket, &word, 1, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0 || word == HANDOVER_CANCEL) slot_cancel(slot);
}

static void refuse(int socket) {
    tell(socket, &(const char){HANDOVER_BUSY}, 1);
    close(socket);
}

static void take(struct handover *handover) {
    int socket = accept4(handover->socket, NULL, NULL, SOCK_CLOEXEC);
    struct slot *slot = collect(handover);
    if (socket >= 0 && slot != NULL) {
        slot_start(handover, slot, socket);
    } else if (socket >= 0) {
        refuse(socket);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        struct pollfd closing = {handover->closing.fd, POLLIN, 0};
        poll(&closing, 1, RETRY_MS); /* the caller waits in the queue meanwhile */
    }
}

enum watched { WATCH_CLOSING, WATCH_CHANGED, WATCH_SOCKET, WATCH_SLOTS };

static void listen_once(struct handover *handover) {
    collect(handover);
    struct pollfd fds[WATCH_SLOTS + SLOTS] = {
        [WATCH_CLOSING] = {handover->closing.fd, POLLIN, 0},
        [WATCH_CHANGED] = {handover->changed.fd, POLLIN, 0},
        [WATCH_SOCKET] = {handover->socket, POLLIN, 0},
    };
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &handover->slots[i];
        bool watched = slot_is(slot, SLOT_RUNNING) && !slot->heard;
        fds[WATCH_SLOTS + i] = (struct pollfd){watched ? slot->socket : -1, POLLIN, 0};
    }
    if (poll(fds, WATCH_SLOTS + SLOTS, -1) < 0) return;
    uint64_t count;
    ssize_t n = fds[WATCH_CHANGED].revents == 0 ? 0 : read(handover->changed.fd, &count, sizeof count);
    (void)n;
    for (size_t i = 0; i < SLOTS; i++)
        if (fds[WATCH_SLOTS + i].revents != 0) hear(&handover->slots[i]);
    if (fds[WATCH_SOCKET].revents != 0) take(handover);
}

static void listener_main(void *context) {
    struct handover *handover = context;
    while (!atomic_load(&handover->closing.asked)) listen_once(handover);
    unlinkat(handover->directory, HANDOVER_SOCKET, 0);
    close(handover->socket);
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &handover->slots[i];
        if (slot_is(slot, SLOT_FREE)) continue;
        slot_cancel(slot);
        shutdown(slot->socket, SHUT_RD); /* one that still reads its words */
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (!slot_is(&handover->slots[i], SLOT_FREE)) slot_end(&handover->slots[i]);
}

/* ---- Opening and closing ---- */

static int listen_at(struct handover *handover, const char *directory, struct err *err) {
    struct sockaddr_un address;
    int through;
    int code = handover_address(directory, &address, &through, err);
    if (code != 0) return code;
    unlinkat(handover->directory, HANDOVER_SOCKET, 0); /* what a dead owner left: the lock is ours */
    handover->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* A socket's mode before bind is the mode of the file that bind makes. */
    if (handover->socket < 0 || fchmod(handover->socket, 0600) != 0 ||
        bind(handover->socket, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(handover->socket, QUEUE) != 0)
        code = err_os(err, "listen at", address.sun_path);
    if (through >= 0) close(through);
    return code;
}

static void handover_release(struct handover *handover) {
    if (handover->directory >= 0) close(handover->directory);
    stop_release(&handover->closing);
    stop_release(&handover->changed);
    free(handover);
}

int handover_open(const struct program *program, struct site *site, void *daemon, const struct env *env,
                  struct handover **out, struct err *err) {
    struct handover *handover = mem_alloc(sizeof *handover);
    *handover = (struct handover){.inside = {program, site, daemon, env}, .socket = -1};
    stop_init(&handover->closing);
    stop_init(&handover->changed);
    const char *directory = site->directory;
    handover->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int code = handover->directory < 0 ? err_os(err, "open", directory) : listen_at(handover, directory, err);
    if (code != 0) {
        if (handover->socket >= 0) close(handover->socket);
        handover_release(handover);
        return code;
    }
    thread_start(&handover->listener, listener_main, handover);
    *out = handover;
    return 0;
}

void handover_close(struct handover *handover) {
    if (handover == NULL) return;
    stop_ask(&handover->closing);
    thread_join(&handover->listener);
    handover_release(handover);
}
