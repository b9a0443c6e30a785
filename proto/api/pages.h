/* Lists in pages, and whether a list has changed since. Pure. */
#ifndef DANGOL_PROTO_API_PAGES_H
#define DANGOL_PROTO_API_PAGES_H

#include "proto/command/command.h"
#include "proto/http/http.h"

#define PAGE_ROWS 100
#define PAGE_ROWS_MAX 1000

/* `limit` and `cursor` as they were sent, each NULL when it was not; ERR_INVALID with the field. */
int page_read(const char *limit, const char *cursor, struct page *out, struct err *err);
/* The cursor behind the last row. */
void page_cursor(const struct page *page, struct buf *out);
/* What the header Link says: the same request from there on. Appends. */
void page_link(const struct http_request *request, const struct page *page, struct buf *link);

#endif
