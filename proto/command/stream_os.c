#include "proto/command/stream_os.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file_os.h"

void stop_init(struct stop *stop) {
    atomic_init(&stop->asked, false);
    atomic_init(&stop->noticed, false);
    stop->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop->fd >= 0) return;
    fprintf(stderr, "dangol: eventfd: %s\n", strerror(errno));
    abort();
}

void stop_ask(struct stop *stop) {
    atomic_store(&stop->asked, true);
    uint64_t one = 1;
    ssize_t written = write(stop->fd, &one, sizeof one);
    (void)written; /* a full counter is readable as well */
}

void stop_release(struct stop *stop) {
    if (stop->fd >= 0) close(stop->fd);
    stop->fd = -1;
}

/* 0 when the descriptor can be used without waiting. */
static int await(struct stream *stream, short events) {
    if (stream->plain) return 0;
    for (;;) {
        struct pollfd fds[] = {{stream->fd, events, 0}, {stream->stop_fd, POLLIN, 0}};
        int ready = poll(fds, 2, -1);
        if (ready < 0 && errno != EINTR) return errno;
        if (ready <= 0) continue;
        if (fds[0].revents != 0) return 0;
        if (fds[1].revents != 0) return EINTR;
    }
}

static ssize_t stream_read(void *cookie, char *data, size_t size) {
    struct stream *stream = cookie;
    for (;;) {
        int error = await(stream, POLLIN);
        if (error == 0) {
            ssize_t n = read(stream->fd, data, size);
            if (n >= 0) return n;
            if (errno == EINTR || errno == EAGAIN) continue;
            error = errno;
        }
        stream->error = errno = error;
        return -1;
    }
}

/* At most PIPE_BUF at once, which a pipe that polls as writable takes without waiting. */
static ssize_t stream_write(void *cookie, const char *data, size_t size) {
    struct stream *stream = cookie;
    size_t done = 0;
    while (done < size) {
        int error = await(stream, POLLOUT);
        if (error == 0) {
            size_t chunk = size - done;
            if (!stream->plain && chunk > PIPE_BUF) chunk = PIPE_BUF;
            ssize_t n = write(stream->fd, data + done, chunk);
            if (n >= 0) {
                done += (size_t)n;
                continue;
            }
            if (errno == EINTR || errno == EAGAIN) continue;
            error = errno;
        }
        stream->error = errno = error;
        break;
    }
    return (ssize_t)done;
}

static void stream_open(struct stream *stream, int fd, const char *mode, int buffering, struct stop *stop) {
    struct stat status;
    *stream = (struct stream){.fd = fd, .stop_fd = stop->fd};
    stream->plain = fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode));
    cookie_io_functions_t functions = {.read = stream_read, .write = stream_write};
    stream->file = fopencookie(stream, mode, functions);
    if (stream->file == NULL) {
        fprintf(stderr, "dangol: out of memory\n");
        abort();
    }
    setvbuf(stream->file, NULL, buffering, 0);
}

void streams_open(struct streams *streams, const int fds[3], struct stop *stop, struct call *call) {
    stream_open(&streams->in, fds[0], "r", _IOFBF, stop);
    stream_open(&streams->out, fds[1], "w", isatty(fds[1]) ? _IOLBF : _IOFBF, stop);
    stream_open(&streams->err, fds[2], "w", _IOLBF, stop);
    call->in = streams->in.file;
    call->out = streams->out.file;
    call->err_out = streams->err.file;
    call->progress = isatty(fds[2]);
    call->cancelled = &stop->asked;
    call->cancel_fd = stop->fd;
    call->noticed = &stop->noticed;
}

int streams_flush(struct streams *streams, struct err *err) {
    struct stream *out = &streams->out;
    if (fflush(out->file) == 0 && !ferror(out->file)) return 0;
    if (out->error == EINTR) return err_set(err, ERR_INTERRUPTED, NULL, "stopped");
    if (out->error == EPIPE) return err_set(err, ERR_CLOSED, NULL, "nobody reads the output any more");
    errno = out->error;
    return err_os(err, "write", "the output");
}

void streams_close(struct streams *streams) {
    fclose(streams->in.file);
    fclose(streams->out.file);
    fclose(streams->err.file);
}

bool call_pause(struct call *call, int64_t ms) {
    int64_t until = env_monotonic(call->env) + ms;
    while (!call_cancelled(call)) {
        int64_t left = ms < 0 ? -1 : until - env_monotonic(call->env);
        if (ms >= 0 && left <= 0) return false;
        struct pollfd stopped = {call->cancel_fd, POLLIN, 0};
        poll(&stopped, 1, left > INT_MAX ? INT_MAX : (int)left);
    }
    return true;
}
