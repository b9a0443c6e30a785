/* What a request names, whichever way it came: pairs of the query, or the members of a JSON object. Pure.
 *
 *   "text", number      a value; a number of an option that is money is of minor units (api_money)
 *   true, false         a switch
 *   null                cleared, where the command has --clear; else as if it were not there
 *   [..]                the option again and again
 *   {..}                KEY=VALUE again and again (`set`, `custom`)
 *   lines: [{sku, quantity, amount, list_amount, cost}]   as --line; a fault is in "lines[0].quantity"
 *
 * Names may be written with underscores for dashes. */
#ifndef DANGOL_PROTO_API_FIELDS_H
#define DANGOL_PROTO_API_FIELDS_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/http/target.h"

enum field_kind { FIELD_TEXT, FIELD_NUMBER, FIELD_TRUE, FIELD_FALSE, FIELD_NULL };

struct field {
    char *name, *value; /* owned */
    enum field_kind kind;
    bool taken; /* by an argument */
};

struct fields {
    struct field *list;
    size_t count, room;
    int decimals; /* of the region's currency */
    size_t lines; /* of a sale, so far */
};

#define FIELDS_MAX 4000 /* a sale of a thousand lines fits */
#define BODY_DEPTH 8

/* Each appends. ERR_FORMAT: not JSON; ERR_INVALID with the field; ERR_LIMIT. */
int fields_json(struct fields *fields, struct view body, struct err *err);
int fields_query(struct fields *fields, const struct http_target *target, struct err *err);
void fields_release(struct fields *fields); /* wipes */
/* The first of a name that is not taken, or NULL. */
struct field *fields_find(struct fields *fields, struct view name);
/* Minor units as they are typed: 1250 with two decimals is "12.50". False: too large. */
bool api_money(int64_t minor, int decimals, char out[40]);
/* Are brackets nested no deeper than BODY_DEPTH? Whoever parses has a small stack. */
bool json_shallow(struct view text);

#endif
