/* The fields of a JSON object that came from a file: the region's root, a join file. Each is checked as it is taken;
 * the sentence names the field. Inside proto/wire only. What is taken is the caller's. Thread: pure. */
#ifndef DANGOL_PROTO_WIRE_DOCUMENT_H
#define DANGOL_PROTO_WIRE_DOCUMENT_H

#include <jansson.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

enum document_need { DOCUMENT_OPTIONAL, DOCUMENT_REQUIRED };

/* One JSON object and nothing else, no name twice; NULL with ERR_FORMAT. The caller's to json_decref. */
json_t *document_parse(struct view text, struct err *err);

/* A text of 1 to `most` bytes into an owned string; absent or null gives NULL where OPTIONAL. */
int document_text(const json_t *object, const char *name, size_t most, enum document_need need, char **out,
                  struct err *err);
/* Exactly `len` bytes in lower-case hexadecimal. */
int document_hex(const json_t *object, const char *name, uint8_t *out, size_t len, struct err *err);
int document_number(const json_t *object, const char *name, uint32_t most, uint32_t *out, struct err *err);

/* Their other direction; NULL or empty text is left out. */
void document_put_text(json_t *object, const char *name, const char *text);
void document_put_hex(json_t *object, const char *name, const uint8_t *bytes, size_t len);
void document_put_number(json_t *object, const char *name, uint32_t number);
/* Appends the object as text and lets it go. Flags are jansson's; what is not ASCII is escaped in any case, so that no
 * program that recodes text on its way changes it. */
void document_write(json_t *object, size_t flags, struct buf *out);

#endif
