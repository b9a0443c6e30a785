/* A document as text, without blanks: the same bytes as jansson's JSON_COMPACT | JSON_ENCODE_ANY, in a fraction of the
 * time, since nothing is looked up that a document of our own making cannot have (a container within itself).
 *
 * Thread: any that may read the document. Before: jansson. Comes after: inside.c. */
#ifndef DANGOL_PROTO_COMMAND_JSON_TEXT_H
#define DANGOL_PROTO_COMMAND_JSON_TEXT_H

#include <jansson.h>

#include "proto/base/bytes.h"

void json_text(json_t *document, struct buf *out);

#endif
