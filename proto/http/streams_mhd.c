/* Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. A stream that has nothing to send
 * is suspended, and resumed by whoever has something to say. */
#include <stdlib.h>
#include <string.h>

#include "proto/http/server_mhd.h"

#define PENDING_MAX (64u << 10) /* a stream that has not taken this much does not read */
#define BLOCK 4096

void feeds_open(struct http_server *server) {
    mutex_init(&server->streams.lock);
    server->streams.all.next = server->streams.all.previous = &server->streams.all;
}

/* Under the lock. */
static void unlink_stream(struct stream *stream) {
    if (stream->next == NULL) return;
    stream->next->previous = stream->previous;
    stream->previous->next = stream->next;
    stream->next = stream->previous = NULL;
    stream->server->streams.count--;
}

static void wake(struct stream *stream) {
    if (!stream->asleep) return;
    stream->asleep = false;
    MHD_resume_connection(stream->exchange->connection);
}

/* What is to be sent now. Suspending happens under the lock, so that whoever wakes the stream finds it asleep. */
static ssize_t next_bytes(void *context, uint64_t position, char *out, size_t most) {
    (void)position;
    struct stream *stream = context;
    struct mutex *lock = &stream->server->streams.lock;
    ssize_t len = 0;
    mutex_lock(lock);
    struct buf *pending = &stream->pending;
    if (stream->server->streams.closing || stream->given_up || stream->exchange == NULL) {
        len = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (pending->len == 0) {
        stream->asleep = true;
        MHD_suspend_connection(stream->exchange->connection);
    } else {
        len = (ssize_t)(pending->len < most ? pending->len : most);
        memcpy(out, pending->data, (size_t)len);
        pending->len -= (size_t)len;
        memmove(pending->data, pending->data + len, pending->len);
    }
    mutex_unlock(lock);
    return len;
}

static void response_over(void *context) {
    struct stream *stream = context;
    mutex_lock(&stream->server->streams.lock);
    unlink_stream(stream);
    if (stream->exchange != NULL) stream->exchange->stream = NULL;
    mutex_unlock(&stream->server->streams.lock);
    buf_release(&stream->pending);
    free(stream);
}

struct MHD_Response *stream_open(struct exchange *x) {
    struct http_server *server = x->server;
    struct stream *stream = mem_alloc(sizeof *stream);
    *stream = (struct stream){.server = server, .exchange = x};
    buf_append_view(&stream->pending, view_of(": welcome\n\n"));
    mutex_lock(&server->streams.lock);
    bool room = server->streams.count < HTTP_STREAMS_MAX && !server->streams.closing;
    if (room) {
        stream->next = server->streams.all.next;
        stream->previous = &server->streams.all;
        stream->next->previous = stream;
        server->streams.all.next = stream;
        server->streams.count++;
        x->stream = stream;
    }
    mutex_unlock(&server->streams.lock);
    if (room) {
        struct MHD_Response *response =
            MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, next_bytes, stream, response_over);
        if (response != NULL) return response;
    }
    x->stream = NULL;
    stream->exchange = NULL;
    response_over(stream);
    return NULL;
}

void stream_over(struct exchange *x) {
    mutex_lock(&x->server->streams.lock);
    if (x->stream != NULL) {
        unlink_stream(x->stream);
        x->stream->exchange = NULL;
        x->stream = NULL;
    }
    mutex_unlock(&x->server->streams.lock);
}

void http_publish(struct http_server *server, const char *event, const char *data) {
    struct buf text = BUF_INIT;
    buf_printf(&text, "event: %s\ndata: %s\n\n", event, data);
    const struct http_service *service = server->service;
    mutex_lock(&server->streams.lock);
    for (struct stream *s = server->streams.all.next; s != &server->streams.all; s = s->next) {
        if (!service->told(service->context, &s->exchange->request, event)) continue;
        if (s->pending.len > PENDING_MAX)
            s->given_up = true;
        else
            buf_append_view(&s->pending, buf_view(&text));
        wake(s);
    }
    mutex_unlock(&server->streams.lock);
    buf_release(&text);
}

void http_review(struct http_server *server) {
    const struct http_service *service = server->service;
    mutex_lock(&server->streams.lock);
    for (struct stream *s = server->streams.all.next; s != &server->streams.all; s = s->next) {
        if (service->stays(service->context, &s->exchange->request)) continue;
        s->given_up = true;
        wake(s);
    }
    mutex_unlock(&server->streams.lock);
}

void http_beat(struct http_server *server) {
    mutex_lock(&server->streams.lock);
    for (struct stream *s = server->streams.all.next; s != &server->streams.all; s = s->next) {
        if (s->pending.len > PENDING_MAX)
            s->given_up = true;
        else
            buf_append_view(&s->pending, view_of(": beat\n\n"));
        wake(s);
    }
    mutex_unlock(&server->streams.lock);
}

size_t http_streams(struct http_server *server) {
    mutex_lock(&server->streams.lock);
    size_t count = server->streams.count;
    mutex_unlock(&server->streams.lock);
    return count;
}

void feeds_end(struct http_server *server) {
    mutex_lock(&server->streams.lock);
    server->streams.closing = true;
    for (struct stream *s = server->streams.all.next; s != &server->streams.all; s = s->next) wake(s);
    mutex_unlock(&server->streams.lock);
}

void feeds_release(struct http_server *server) { mutex_destroy(&server->streams.lock); }

size_t http_streams_of(struct http_server *server, bool (*is)(const void *context, const struct http_request *request),
                       const void *context) {
    size_t count = 0;
    mutex_lock(&server->streams.lock);
    for (const struct stream *s = server->streams.all.next; s != &server->streams.all; s = s->next)
        count += s->exchange != NULL && is(context, &s->exchange->request);
    mutex_unlock(&server->streams.lock);
    return count;
}
