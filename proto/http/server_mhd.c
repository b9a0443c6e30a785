#include "proto/http/server_mhd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "proto/http/listen_os.h"

#define CONNECTIONS 1024
#define THREADS 2
#define STACK_BYTES (512u << 10)
#define HEAD_BYTES (16u << 10)  /* of a connection: its head has to fit */
#define DRAIN_BYTES (16u << 20) /* of a body that is too large so much more is read, so that its sender reads why */
#define SMALL_BODY (64u << 10)  /* is not counted, see taken_most */
#define IDLE_SECONDS 75         /* the library's own, behind links_os.h's */

static const struct {
    size_t threads, waiting;
} lanes[HTTP_LANES] = {[HTTP_ACTS] = {4, 256}, [HTTP_LASTS] = {2, 128}, [HTTP_SIGNS] = {4, 16}};

static void problem(struct exchange *x, int status, const char *code, const char *detail) {
    http_problem(&x->answer, status, code, NULL, detail);
    if (status == 503) http_answer_header(&x->answer, "Retry-After", "2");
    x->stage = STAGE_READY;
}

/* Before the service was asked, or without it. */
static void refuse(struct exchange *x, int status, const char *code, const char *detail) {
    const struct http_service *service = x->server->service;
    problem(x, status, code, detail);
    service->refused(service->context, &x->request, status);
}

static void refuse_body(struct exchange *x) {
    refuse(x, 413, "limit", x->request.body_limit == 0 ? "this takes no body" : "the body is too large");
}

/* ---- A connection ---- */

static struct link *link_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **link,
                          enum MHD_ConnectionNotificationCode what) {
    struct http_server *server = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (what == MHD_CONNECTION_NOTIFY_STARTED && info != NULL) *link = links_add(server->links, info->connect_fd);
    if (what == MHD_CONNECTION_NOTIFY_CLOSED && *link != NULL) links_remove(server->links, *link);
}

static void step(struct exchange *x, enum link_step what, size_t bytes) {
    if (x->link != NULL) link_is(x->server->links, x->link, what, bytes);
}

/* ---- Reading ---- */

/* The first line is there. The library's own way of decoding the address is not used: it loses where a slash was one.
 * */
static void *on_address(void *context, const char *address, struct MHD_Connection *connection) {
    struct exchange *x = mem_alloc(sizeof *x);
    x->server = context;
    x->connection = connection;
    x->link = link_of(connection);
    x->raw = mem_text(address);
    return x;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **cookie,
                         enum MHD_RequestTerminationCode how) {
    (void)connection;
    (void)how;
    struct http_server *server = context;
    struct exchange *x = *cookie;
    if (x == NULL) return;
    *cookie = NULL;
    stream_over(x);
    step(x, LINK_IDLE, 0);
    atomic_fetch_sub(&server->held, x->held);
    atomic_fetch_sub(&server->taken, x->taken);
    if (x->admitted) server->service->end(server->service->context, &x->request);
    http_answer_release(&x->answer);
    http_target_release(&x->request.target);
    buf_wipe(&x->request.body);
    free(x->raw);
    free(x);
}

static bool read_number(const char *text, size_t *out) {
    size_t number = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || number > SIZE_MAX / 10 - 10) return false;
        number = number * 10 + (size_t)(*c - '0');
    }
    *out = number;
    return *text != '\0';
}

/* What is said of these once is meant; said twice, somebody on the way may have read the other one. */
static const bool said_once[HTTP_HEADER_COUNT] = {
    [HTTP_HEADER_AUTHORIZATION] = true,   [HTTP_HEADER_COOKIE] = true,           [HTTP_HEADER_CONTENT_TYPE] = true,
    [HTTP_HEADER_CONTENT_LENGTH] = true,  [HTTP_HEADER_CONTENT_ENCODING] = true, [HTTP_HEADER_TRANSFER_ENCODING] = true,
    [HTTP_HEADER_IDEMPOTENCY_KEY] = true, [HTTP_HEADER_ORIGIN] = true,           [HTTP_HEADER_HOST] = true,
    [HTTP_HEADER_FETCH_SITE] = true,
};

/* RFC 9110, 5.6.2 and 5.5: the library is content with more. */
static bool well_formed(const char *name, size_t name_len, const char *value, size_t value_len) {
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < name_len; i++) {
        char c = name[i], small = (char)(c | 0x20);
        bool token =
            (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr(others, c) != NULL);
        if (!token) return false;
    }
    for (size_t i = 0; i < value_len; i++)
        if (((uint8_t)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f) return false;
    return name_len > 0;
}

/* One header. */
static enum MHD_Result read_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                   const char *value, size_t value_len) {
    struct exchange *x = context;
    const char **headers = x->request.headers;
    (void)kind;
    if (value == NULL || !well_formed(name, name_len, value, value_len)) x->odd = true;
    for (int i = 0; i < HTTP_HEADER_COUNT; i++) {
        const char *known = http_header_name((enum http_header)i);
        if ((known[0] ^ name[0]) & ~0x20 || strlen(known) != name_len || strcasecmp(known, name) != 0) continue;
        if (headers[i] == NULL)
            headers[i] = value;
        else if (said_once[i])
            x->odd = true;
        break;
    }
    return MHD_YES;
}

static void read_length(struct exchange *x) {
    const char *length = x->request.headers[HTTP_HEADER_CONTENT_LENGTH];
    const char *coding = x->request.headers[HTTP_HEADER_TRANSFER_ENCODING];
    x->has_body = coding != NULL || (length != NULL && strcmp(length, "0") != 0);
    if (length != NULL && !read_number(length, &x->announced)) x->announced = SIZE_MAX;
    if (coding != NULL && (length != NULL || strcasecmp(coding, "chunked") != 0)) x->odd = true;
}

static void read_head(struct exchange *x, const char *method) {
    struct http_request *request = &x->request;
    request->method = http_method_of(method);
    request->tls = x->server->tls;
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, read_header, x);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info != NULL) http_address(info->client_addr, request->address);
    read_length(x);
}

/* Nobody knows where such a request ends and the next begins: what was sent behind it is not read (RFC 9112, 6.3). */
static void refuse_odd(struct exchange *x) {
    refuse(x, 400, "format", "the head is not written correctly, or says something twice");
    http_answer_header(&x->answer, "Connection", "close");
}

/* Decides what becomes of the request. An answer that is there before the body cuts the connection off; a request
 * without one gets it in the next turn. */
static enum MHD_Result begin(struct exchange *x, const char *method) {
    const struct http_service *service = x->server->service;
    struct err err = {.code = 0};
    read_head(x, method);
    x->stage = STAGE_BODY;
    int code = http_target_parse(x->raw, &x->request.target, &err);
    if (x->odd) {
        refuse_odd(x);
    } else if (code != 0) {
        refuse(x, code == ERR_LIMIT ? 414 : 400, err_word(code), err.text);
    } else if (x->request.method == HTTP_OTHER) {
        refuse(x, 405, "usage", "there is no such method here");
    } else {
        x->admitted = true;
        if (!service->begin(service->context, &x->request, &x->answer)) x->stage = STAGE_READY;
    }
    if (x->stage == STAGE_BODY && x->announced > x->request.body_limit) refuse_body(x);
    if (x->stage == STAGE_READY && x->has_body) return exchange_send(x);
    if (x->has_body) step(x, LINK_BODY, x->announced);
    return MHD_YES;
}

/* Of a body that is too large, or comes when too much is held already. */
static void refuse_drained(struct exchange *x) {
    if (!x->crowded) {
        refuse_body(x);
        return;
    }
    problem(x, 503, "busy", "too much is being sent at once; try again in a moment");
    x->server->service->refused(x->server->service->context, &x->request, 503);
}

/* What is small always finds room: a sale is noted while files are being sent. False: too much is held. */
static bool take_room(struct exchange *x, size_t len) {
    size_t wanted = len > SMALL_BODY ? len : 0, more = wanted - x->taken;
    if (more == 0) return true;
    x->taken = wanted;
    if (atomic_fetch_add(&x->server->taken, more) + more <= x->server->taken_most) return true;
    x->crowded = true;
    return false;
}

static void give_room(struct exchange *x) {
    atomic_fetch_sub(&x->server->taken, x->taken);
    x->taken = 0;
}

/* What comes without announcing how much it is, and is too much, is read for a while and thrown away: the library takes
 * an answer only at the end of a body. Whoever goes on is cut off. */
static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *len) {
    struct buf *body = &x->request.body;
    if (x->drained > 0 || *len > x->request.body_limit - body->len || !take_room(x, body->len + *len)) {
        if (x->drained == 0) x->drained = 1;
        x->drained += *len;
        *len = 0;
        buf_release(body);
        give_room(x);
        if (x->drained <= DRAIN_BYTES) return MHD_YES;
        refuse_drained(x);
        return MHD_NO;
    }
    if (body->cap == 0 && x->announced > *len) buf_reserve(body, x->announced < (1u << 20) ? x->announced : 1u << 20);
    buf_append(body, data, *len);
    *len = 0;
    return MHD_YES;
}

/* ---- Answering ---- */

static void make_answer(struct exchange *x) {
    const struct http_service *service = x->server->service;
    service->answer(service->context, &x->request, &x->answer);
    x->stage = STAGE_READY;
}

static void work(void *context) {
    struct exchange *x = context;
    make_answer(x);
    MHD_resume_connection(x->connection); /* from here on it may be gone */
}

static enum MHD_Result answer(struct exchange *x) {
    struct http_server *server = x->server;
    step(x, LINK_WORK, 0);
    if (x->request.lane == HTTP_QUICK) {
        make_answer(x);
        return exchange_send(x);
    }
    if (x->request.lane == HTTP_LASTS && atomic_load(&server->held) >= server->held_most) {
        problem(x, 503, "busy", "too many long lists are being read at once; try again in a moment");
        return exchange_send(x);
    }
    x->stage = STAGE_WORK;
    MHD_suspend_connection(x->connection);
    if (pool_do(server->pools[x->request.lane], work, x)) return MHD_YES;
    problem(x, 503, "busy", "too much is asked for at once; try again in a moment");
    MHD_resume_connection(x->connection);
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *len, void **cookie) {
    (void)context;
    (void)connection;
    (void)url;
    (void)version;
    struct exchange *x = *cookie;
    if (x->stage == STAGE_HEAD) return begin(x, method);
    if (*len > 0 && x->stage == STAGE_BODY) return take_body(x, data, len);
    if (*len > 0) return MHD_NO;
    if (x->stage == STAGE_BODY && x->drained > 0) {
        refuse_drained(x);
        http_answer_header(&x->answer, "Connection", "close");
        return exchange_send(x);
    }
    if (x->stage == STAGE_BODY) return answer(x);
    return x->stage == STAGE_READY ? exchange_send(x) : MHD_YES;
}

/* ---- Opening and closing ---- */

static bool start(struct http_server *server, const struct http_options *options, int fd) {
    size_t room = http_room(CONNECTIONS);
    server->links = links_open(options->env, room);
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->key},
                                   {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->certificate},
                                   {MHD_OPTION_END, 0, NULL}};
    if (server->tls) flags |= MHD_USE_TLS;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)THREADS, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)room, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HEAD_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_address, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_ARRAY, server->tls ? tls : tls + 2, MHD_OPTION_END);
    return server->daemon != NULL;
}

int http_open(const struct http_options *options, const struct http_service *service, struct http_server **out,
              struct err *err) {
    int fd = -1;
    uint16_t port = 0;
    int code = http_listen(options->host, options->port, &fd, &port, err);
    if (code != 0) return code;
    struct http_server *server = mem_alloc(sizeof *server);
    server->service = service;
    server->policy = options->policy;
    server->held_most = options->held_most > 0 ? options->held_most : HTTP_HELD_MOST;
    server->taken_most = options->taken_most > 0 ? options->taken_most : HTTP_TAKEN_MOST;
    server->tls = options->key != NULL;
    const char *host = options->host[0] == '\0' ? "0.0.0.0" : options->host;
    snprintf(server->url, sizeof server->url, strchr(host, ':') == NULL ? "%s://%s:%u" : "%s://[%s]:%u",
             server->tls ? "https" : "http", host, port);
    feeds_open(server);
    for (int i = HTTP_QUICK + 1; i < HTTP_LANES; i++) server->pools[i] = pool_open(lanes[i].threads, lanes[i].waiting);
    *out = server;
    if (start(server, options, fd)) return 0;
    *out = NULL;
    close(fd);
    http_close(server);
    return err_set(err, ERR_IO, "http", "the HTTP server does not start%s",
                   options->key == NULL ? "" : ": its key and certificate may not fit each other");
}

void http_close(struct http_server *server) {
    if (server == NULL) return;
    feeds_end(server);
    for (int i = 0; i < HTTP_LANES; i++) pool_close(server->pools[i]);
    if (server->daemon != NULL) MHD_stop_daemon(server->daemon);
    links_close(server->links);
    feeds_release(server);
    free(server);
}

const char *http_url(const struct http_server *server) { return server->url; }
