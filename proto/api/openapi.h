/* The OpenAPI 3.1 document of a program: made from the table of routes, the commands' options and the table of what
 * they answer (results.def), so that it cannot say anything else than the server does. tests/e2e/test_api.py holds the
 * copy in the tree against a running server, and every answer against its schema. */
#ifndef DANGOL_PROTO_API_OPENAPI_H
#define DANGOL_PROTO_API_OPENAPI_H

#include <jansson.h>

#include "proto/api/routes.h"

json_t *openapi_document(const struct program *program); /* the caller's */

/* The schema of what a command answers, by its route's words; NULL when nothing more is promised than JSON. */
json_t *openapi_result(const struct route *route);
/* The schema of an option's value, by its placeholder: "N", "DATE", "a|b|c". */
json_t *openapi_value(const struct option *option);

#endif
