/* A cut and a scope made ready for a scan over rows. Inside this room. */
#ifndef DANGOL_PROTO_MODEL_SCOPE_H
#define DANGOL_PROTO_MODEL_SCOPE_H

#include "proto/model/questions.h"
#include "proto/model/state.h"

/* What the live rows of a person, or of an entry, add up to. */
struct tally {
    int64_t spend;
    int64_t last; /* TIME_NONE: no visit */
    uint32_t visits;
    uint32_t rows;
    uint32_t reduced;     /* of the visits, those with reduced goods; 0 where the sums kept are the answer */
    uint32_t last_stream; /* of the last one; of several at one time, the largest number */
};
#define TALLY_NONE ((struct tally){0, TIME_NONE, 0, 0, 0, 0})

static inline bool cut_has(const struct cut *cut, int64_t time) {
    return (cut->from == TIME_NONE || time >= cut->from) && (cut->to == TIME_NONE || time <= cut->to);
}

/* Rows go by in the order they were written, and what is added up of their persons stands all over memory. So they are
 * taken some at a time, for the caller to call for what it needs of each, and then to go through them. */
#define ROOTED_ROWS 32
struct rooted_row {
    const struct row *row;
    uint32_t index; /* of the row */
    uint32_t root;
};
/* The next live rows within the cut that are somebody's, from the row `*at` on, which moves; 0: no more. `roots`: by
 * entry; NONE: nobody asks. */
size_t rooted_rows(const struct rows *rows, uint32_t *at, const struct cut *cut, const uint32_t *roots,
                   struct rooted_row out[ROOTED_ROWS]);

void tally_add_row(struct tally *tally, const struct rows *rows, const struct row *row, uint32_t stream);

/* Does the cut take no row away? Then the sums kept in the entries are the answer. */
bool cut_is_whole(const struct model *model, const struct cut *cut);
bool scope_is_whole(const struct scope *scope);
bool scope_has(const struct model *model, const struct scope *scope, uint32_t stream);

/* sales.c: has a thing, or what a row tells of, no customer? Neither its entry nor whoever it was attributed to is. */
bool entry_nobodys(const struct model *model, uint32_t entry);
bool row_nobodys(const struct model *model, const struct row *row);

/* The tallies of persons. `by_root` is NULL where the sums kept in the entries are the answer. */
struct tallies {
    const struct model *model;
    struct tally *by_root;
    uint32_t count; /* of these: who came while the asker rested has none */
};
/* `scope` NULL: everything. */
struct tallies tallies_make(const struct model *model, const struct cut *cut, const struct scope *scope);
struct tally tallies_of(const struct tallies *tallies, uint32_t root);
void tallies_release(struct tallies *tallies);
/* The last visit of it only; at once where the person is one customer. */
static inline int64_t tallies_last(const struct tallies *tallies, uint32_t root) {
    if (tallies->by_root != NULL) return tallies_of(tallies, root).last;
    const struct entry *entry = &tallies->model->entries.items[root];
    return entry->next_member == root ? entry->last : tallies_of(tallies, root).last;
}
/* Is the person known by the cut, with these rows in it? And as a standing. */
bool person_known_by(const struct model *model, uint32_t root, const struct cut *cut, const struct tally *tally);
struct standing person_standing(const struct model *model, uint32_t root, const struct tally *tally);
/* Of one person. */
struct tally tally_person(const struct model *model, uint32_t entry, const struct cut *cut);

#endif
