/* What a request asks for: the path in pieces and the query in pairs, decoded. Pure.
 *
 * The path is taken apart before its pieces are decoded, so that an encoded slash stays in its piece. What could mean
 * another place than it says ("." and "..", empty pieces but the last, control characters, broken UTF-8) is refused. */
#ifndef DANGOL_PROTO_HTTP_TARGET_H
#define DANGOL_PROTO_HTTP_TARGET_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define HTTP_PIECES_MAX 12
#define HTTP_PAIRS_MAX 64
#define HTTP_TARGET_MAX 8192 /* bytes */

struct http_pair {
    const char *name, *value;
};

struct http_target {
    struct http_pair *pairs; /* owned, with the text behind them that all strings lie in */
    size_t pair_count;
    char *path; /* as it was sent, without the query */
    const char *pieces[HTTP_PIECES_MAX];
    size_t piece_count;
};

/* ERR_LIMIT, ERR_FORMAT; then nothing is owned. "/" has no piece, "/a/" is refused. */
int http_target_parse(const char *raw, struct http_target *out, struct err *err);
void http_target_release(struct http_target *target);
/* The first value of a name, or NULL. */
const char *http_query(const struct http_target *target, const char *name);

#endif
