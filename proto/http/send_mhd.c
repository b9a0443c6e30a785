/* From an answer to the library's response. */
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "proto/http/server_mhd.h"

#define WORTH_PACKING 1024    /* bytes */
#define PACKING_LEVEL 1       /* of either way: the line to a counter is fast */
#define LONG (1u << 20)       /* bytes of an answer that is counted */
#define GZIP_WINDOW (15 + 16) /* zlib's way of saying gzip */
#define GZIP_MEMORY 8

static void put(struct MHD_Response *response, const char *name, const char *value) {
    MHD_add_response_header(response, name, value);
}

/* What runs in a browser is told all that it may and may not. An answer of the API is data: it runs nowhere, in no
 * frame, in no page of another site (OWASP's REST Security Cheat Sheet, "Security Headers"). Each header costs the
 * library three allocations, so no more than are of use. */
static void put_common(const struct http_server *server, struct MHD_Response *response,
                       const struct http_answer *answer) {
    put(response, "Content-Security-Policy",
        answer->page ? server->policy : "default-src 'none'; frame-ancestors 'none'");
    put(response, "X-Content-Type-Options", "nosniff");
    put(response, "Cross-Origin-Resource-Policy", "same-origin");
    if (answer->page) {
        put(response, "X-Frame-Options", "DENY");
        put(response, "Referrer-Policy", "no-referrer");
        put(response, "Cross-Origin-Opener-Policy", "same-origin");
    }
    if (answer->private)
        put(response, "Cache-Control", "no-store");
    else
        put(response, "Vary", "Accept, Accept-Encoding, Authorization, Cookie");
    if (answer->type != NULL) put(response, "Content-Type", answer->type);
    if (answer->encoding != NULL) put(response, "Content-Encoding", answer->encoding);
    for (size_t i = 0; i < answer->header_count; i++) put(response, answer->headers[i].name, answer->headers[i].value);
}

static bool packs(const char *type) {
    return type != NULL &&
           (strncmp(type, "text/", 5) == 0 || strstr(type, "json") != NULL || strstr(type, "svg") != NULL);
}

static bool pack_zstd(struct view content, struct buf *out) {
    buf_reserve(out, ZSTD_compressBound(content.len));
    size_t len = ZSTD_compress(out->data, out->cap, content.data, content.len, PACKING_LEVEL);
    if (ZSTD_isError(len)) return false;
    out->len = len;
    return true;
}

static bool pack_gzip(struct view content, struct buf *out) {
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)content.data, .avail_in = (uInt)content.len};
    if (content.len > UINT32_MAX / 2 ||
        deflateInit2(&z, PACKING_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t room = deflateBound(&z, (uLong)content.len);
    buf_reserve(out, room);
    z.next_out = out->data;
    z.avail_out = (uInt)room;
    bool whole = deflate(&z, Z_FINISH) == Z_STREAM_END;
    out->len = z.total_out;
    deflateEnd(&z);
    return whole;
}

/* Packed into `out` when the client knows how and it is worth it; how, or NULL. */
static const char *pack(const struct exchange *x, struct view content, struct buf *out) {
    const char *accepted = x->request.headers[HTTP_HEADER_ACCEPT_ENCODING];
    if (content.len < WORTH_PACKING || x->answer.encoding != NULL || !packs(x->answer.type)) return NULL;
    const char *way = http_names(accepted, "zstd") ? "zstd" : http_names(accepted, "gzip") ? "gzip" : NULL;
    bool packed = way != NULL && (*way == 'z' ? pack_zstd(content, out) : pack_gzip(content, out));
    return packed && out->len < content.len ? way : NULL;
}

static struct MHD_Response *response_of(struct exchange *x) {
    struct http_answer *answer = &x->answer;
    struct buf packed = BUF_INIT;
    struct view content = answer->fixed.data != NULL ? answer->fixed : buf_view(&answer->body);
    const char *small = pack(x, content, &packed);
    struct buf *given = small != NULL ? &packed : &answer->body;
    struct MHD_Response *response;
    if (small == NULL && answer->fixed.data != NULL)
        response =
            MHD_create_response_from_buffer(content.len, (void *)(uintptr_t)content.data, MHD_RESPMEM_PERSISTENT);
    else
        response = MHD_create_response_from_buffer(given->len, given->data, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        buf_release(&packed);
        return NULL;
    }
    if (small == NULL) buf_release(&packed);
    if (given == &packed || answer->fixed.data == NULL) *given = (struct buf){NULL, 0, 0}; /* the library's now */
    if (small != NULL) put(response, "Content-Encoding", small);
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
    if (!stream && bytes >= LONG && x->answer.fixed.data == NULL) {
        x->held = bytes;
        atomic_fetch_add(&x->server->held, bytes);
    }
    put_common(x->server, response, &x->answer);
    if (x->link != NULL) link_is(x->server->links, x->link, stream ? LINK_EVENTS : LINK_ANSWER, bytes);
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)x->answer.status, response);
    MHD_destroy_response(response);
    return result;
}
