/* Which column of a file is which field, which rows are wanted, and what a file's own words mean:
 *
 *     --map FIELD=COLUMN,…              an entry with a comma in it is quoted: "customer=Card, No."; FIELD alone:
 *                                       the column has its name; FIELD=DATE+TIME: the texts of both, a blank between
 *                                       them, where no column is called so
 *     --where COLUMN=VALUE              several columns: all must hold; several values of one column: any of them
 *     --value FIELD=VALUE:MEANING,…     an empty meaning: nothing is said
 *
 * First what the options say is taken in, then it is bound to a file's header. All errors name the option.
 * Memory: the mapping's own, until mapping_release. Thread: pure. */
#ifndef DANGOL_NODE_MAPPING_H
#define DANGOL_NODE_MAPPING_H

#include "node/arena.h"
#include "proto/base/err.h"

#define MAPPING_FIELDS_MAX 40
#define MAPPING_ENTRIES_MAX 1000
#define MAPPING_PARTS 4 /* columns that are one field together */

/* `need` 0: may be missing; else at least one of the fields with the same number must be mapped. */
struct mapping_field {
    const char *name;
    int need;
};

struct mapping_where {
    struct view column, value;
    int at; /* place of the column */
};

struct mapping_value {
    int field;
    struct view word, meaning;
};

struct mapping {
    const struct mapping_field *fields;
    size_t field_count;
    struct view columns[MAPPING_FIELDS_MAX];           /* VIEW_NONE: not mapped */
    int at[MAPPING_FIELDS_MAX];                        /* place of the column, -1: not mapped */
    int joined[MAPPING_FIELDS_MAX][MAPPING_PARTS - 1]; /* of those joined to it; ends with -1, or full */
    struct mapping_where *wheres;
    size_t where_count;
    struct mapping_value *values;
    size_t value_count;
    bool has_values[MAPPING_FIELDS_MAX];
    struct arena arena;
};

void mapping_init(struct mapping *m, const struct mapping_field *fields, size_t count);
void mapping_release(struct mapping *m);

int mapping_add_map(struct mapping *m, const char *text, struct err *err);
int mapping_add_where(struct mapping *m, const char *text, struct err *err);
int mapping_add_value(struct mapping *m, const char *text, struct err *err);
/* Is every needed field mapped? */
int mapping_check(const struct mapping *m, struct err *err);
/* Finds the columns in a header (UTF-8, trimmed); one that is asked for and not there, or there twice, is an error. */
int mapping_bind(struct mapping *m, const struct view *header, size_t count, struct err *err);

static inline bool mapping_has(const struct mapping *m, int field) { return m->at[field] >= 0; }
/* What a word of the file means; false: nothing is said about it. */
bool mapping_meaning(const struct mapping *m, int field, struct view word, struct view *meaning);
/* `cell` gives the trimmed text of a column of the row. */
bool mapping_wants(const struct mapping *m, struct view (*cell)(void *context, int column), void *context);

/* Without the blanks around it. */
struct view mapping_trim(struct view text);

#endif
