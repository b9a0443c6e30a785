/* From an answer to the library's response. */
#include <string.h>
#include <zstd.h>

#include "proto/http/server_mhd.h"

#define WORTH_PACKING 1024 /* bytes */
#define PACKING_LEVEL 1

static void put(struct MHD_Response *response, const char *name, const char *value) {
    MHD_add_response_header(response, name, value);
}

static void put_common(const struct http_server *server, struct MHD_Response *response,
                       const struct http_answer *answer) {
    put(response, "Content-Security-Policy", server->policy);
    put(response, "X-Content-Type-Options", "nosniff");
    put(response, "X-Frame-Options", "DENY");
    put(response, "Referrer-Policy", "no-referrer");
    put(response, "Cross-Origin-Opener-Policy", "same-origin");
    put(response, "Cross-Origin-Resource-Policy", "same-origin");
    if (answer->private) put(response, "Cache-Control", "no-store");
    put(response, "Vary", "Accept, Accept-Encoding, Authorization, Cookie");
    if (answer->type != NULL) put(response, "Content-Type", answer->type);
    if (answer->encoding != NULL) put(response, "Content-Encoding", answer->encoding);
    for (size_t i = 0; i < answer->header_count; i++) put(response, answer->headers[i].name, answer->headers[i].value);
}

static bool packs(const char *type) {
    return type != NULL &&
           (strncmp(type, "text/", 5) == 0 || strstr(type, "json") != NULL || strstr(type, "svg") != NULL);
}

/* Packed when the client knows how and it is worth it; in `out`. */
static bool pack(const struct exchange *x, struct view content, struct buf *out) {
    if (content.len < WORTH_PACKING || x->answer.encoding != NULL || !packs(x->answer.type) ||
        !http_names(x->request.headers[HTTP_HEADER_ACCEPT_ENCODING], "zstd"))
        return false;
    buf_reserve(out, ZSTD_compressBound(content.len));
    size_t len = ZSTD_compress(out->data, out->cap, content.data, content.len, PACKING_LEVEL);
    if (ZSTD_isError(len) || len >= content.len) return false;
    out->len = len;
    return true;
}

static struct MHD_Response *response_of(struct exchange *x) {
    struct http_answer *answer = &x->answer;
    struct buf packed = BUF_INIT;
    struct view content = answer->fixed.data != NULL ? answer->fixed : buf_view(&answer->body);
    bool small = pack(x, content, &packed);
    struct buf *given = small ? &packed : &answer->body;
    struct MHD_Response *response;
    if (!small && answer->fixed.data != NULL)
        response =
            MHD_create_response_from_buffer(content.len, (void *)(uintptr_t)content.data, MHD_RESPMEM_PERSISTENT);
    else
        response = MHD_create_response_from_buffer(given->len, given->data, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        buf_release(&packed);
        return NULL;
    }
    if (!small) buf_release(&packed);
    if (given == &packed || answer->fixed.data == NULL) *given = (struct buf){NULL, 0, 0}; /* the library's now */
    if (small) put(response, "Content-Encoding", "zstd");
    return response;
}

enum MHD_Result exchange_send(struct exchange *x) {
    x->stage = STAGE_SENT;
    struct MHD_Response *response = NULL;
    if (x->answer.events) {
        response = stream_open(x);
        if (response == NULL) {
            http_problem(&x->answer, 503, "busy", NULL, "too many listen for changes already");
            http_answer_header(&x->answer, "Retry-After", "30");
        }
    }
    bool stream = response != NULL;
    size_t bytes = x->answer.fixed.len > 0 ? x->answer.fixed.len : x->answer.body.len;
    if (!stream) response = response_of(x);
    if (response == NULL) return MHD_NO;
    put_common(x->server, response, &x->answer);
    if (x->link != NULL) link_is(x->server->links, x->link, stream ? LINK_EVENTS : LINK_ANSWER, bytes);
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)x->answer.status, response);
    MHD_destroy_response(response);
    return result;
}
