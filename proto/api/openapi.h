/* The OpenAPI 3.1 document of a program: made from the table of routes, the commands' options and the table of what
 * they answer (results.def), so that it cannot say anything else than the server does. tests/e2e/test_api.py holds the
 * copy in the tree against a running server, and every answer against its schema. */
#ifndef DANGOL_PROTO_API_OPENAPI_H
#define DANGOL_PROTO_API_OPENAPI_H

#include <jansson.h>

#include "proto/api/routes.h"

json_t *openapi_document(const struct program *program); /* the caller's */

#define OPENAPI_ID "^[0-9]+-[0-9]+$"

/* The schema of what a route answers; NULL when nothing more is promised than JSON. */
json_t *openapi_result(const struct program *program, const struct route *route);
/* What the rows and objects of commands are, by name: for what openapi_result refers to. */
void openapi_schemas(const struct program *program, json_t *schemas);
/* The schema of an argument of a route's words, by its name: its words, where it is one of a list. */
json_t *openapi_argument(const struct program *program, const struct route *route, const char *name);
/* The responses of an operation, by status. */
json_t *openapi_responses(const struct program *program, const struct route *route);
/* The schema of an option's value, by its placeholder: "N", "DATE", "a|b|c". */
json_t *openapi_value(const struct option *option);

#endif
