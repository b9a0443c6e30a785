/* Answering with a page of the app (assets.h), and what a page may do. "/" is /index.html. Pure. */
#ifndef DANGOL_PROTO_HTTP_PAGE_H
#define DANGOL_PROTO_HTTP_PAGE_H

#include "proto/http/assets.h"
#include "proto/http/http.h"

/* The page at a path as it was sent, or NULL. */
const struct http_asset *http_asset_find(const struct http_assets *assets, const char *path);
/* 200 with the page, or 304 when the client has it. What lies under /ui/lib and is asked for with ?v= and the start of
 * its hash never changes under that address, so it is kept for good; everything else is asked for again each time. */
void http_asset_answer(const struct http_asset *asset, const struct http_request *request, struct http_answer *answer);

/* What a page may do: only what it says itself. `page` is /index.html or NULL; a script written into it (the import
 * map) is allowed by its hash. Appends the value of Content-Security-Policy. */
void http_content_policy(const struct http_asset *page, struct buf *out);

#endif
