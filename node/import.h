/* The import of a file of the store's till, old customer book or complaint desk; inside node/import* only.
 *
 *   import.c           the command, and the file
 *   import_options.c   what it is told: options, a mapping kept under a name, what the file itself tells
 *   import_maps.c      the mappings kept
 *   import_suggest.c   a mapping proposed, for a file that nobody has said anything about
 *   import_answer.c    what became of it
 *   import_rows.c      reading: which rows are ours, their cells, what becomes of each of them
 *   import_KIND.c      what a row means; a `struct import_kind` each
 *   import_entries.c   what kinds keep whose units are one row each
 *   import_cards.c     customers by card or phone number, registered when they are not known
 *   import_voids.c     what does not count
 *   import_batch.c     writing: units (a basket, a row) in batches of one commit each, or what would be written
 *   import_rejects.c   the file of rejected rows
 *
 * The whole file is in memory, at most IMPORT_FILE_MAX of it, and what is kept of its rows points into it. First every
 * row is read and taken apart (`take`), nothing is written; then the units are written in the order they happened. A
 * unit is written whole or not at all, so an import can be stopped after any batch, and run again: what has a ref is
 * known by it. Every row that --where lets through ends as written, skipped (it is there already) or rejected.
 * Memory: the import's own, until its end. Thread: the call's. */
#ifndef DANGOL_NODE_IMPORT_H
#define DANGOL_NODE_IMPORT_H

#include "node/csv.h"
#include "node/mapping.h"
#include "node/names.h"
#include "proto/base/encoding_os.h"
#include "proto/command/command.h"

#define IMPORT_FILE_MAX ((size_t)1 << 30)
#define IMPORT_BATCH 5000        /* drafts of one commit: the counter waits for it, some 50 ms */
#define IMPORT_BATCH_ALONE 50000 /* where no counter waits and there is that much */
#define IMPORT_UNIT_MAX 8        /* drafts of one unit: at most so many more */
#define PREVIEW_USUAL 5          /* events that a dry run shows */
#define PREVIEW_MOST 1000

struct import;

struct import_kind {
    const char *name; /* "purchases": also the first part of the source */
    const struct mapping_field *fields;
    size_t field_count;
    size_t state_size;
    size_t entry_size;                /* of what import_keep is given */
    void (*begin)(struct import *im); /* may be NULL, as may `spoilt` */
    /* The current row, whose form is right: keeps what it means, or rejects it. */
    void (*take)(struct import *im, uint32_t row);
    /* The current row was rejected for its form; what cells it has may be looked at. */
    void (*spoilt)(struct import *im, uint32_t row);
    int (*write)(struct import *im); /* all rows are read: puts the units in order and calls import_write */
    /* Adds the drafts of a unit to the batch, or decides without any (import_done). IMPORT_LATER: only in the next
     * batch. Called again for the same unit when its batch was refused for another one. Negative ends the import. */
    int (*draft)(struct import *im, uint32_t unit);
    /* Units that are one row each: which. Such a row is written unless every draft of its own was there already. */
    uint32_t (*row_of)(const struct import *im, uint32_t unit);
    /* Other units: the drafts have been written (or would be); or the writer refused one of them. */
    void (*settle)(struct import *im, uint32_t unit, const struct draft *drafts, size_t count);
    void (*refuse)(struct import *im, uint32_t unit, const struct err *why);
    void (*written)(struct import *im); /* a batch has been (or would be); may be NULL */
    /* A dry run: by what in the file a customer is known who would be registered; VIEW_NONE: one who is here. May be
     * NULL. */
    struct view (*called)(const struct import *im, uint64_t customer);
    void (*end)(struct import *im); /* may be NULL */
};
#define IMPORT_LATER 1

extern const struct import_kind import_purchases, import_customers, import_contacts, import_complaints;

/* ---- Rows ---- */

enum import_outcome { ROW_OPEN, ROW_WRITTEN, ROW_SKIPPED, ROW_REJECTED };

struct import_row {
    uint32_t at, len; /* of the raw row in the content */
    uint32_t line;    /* from 1 */
    uint32_t number;  /* among all rows of the file, from 1 */
    uint32_t reason;  /* of a rejected row: place in `reasons` */
    uint8_t outcome;  /* enum import_outcome */
};

/* Why rows were rejected: in words, or for the sake of another row of the same basket. */
struct import_reason {
    struct view text; /* "FIELD: what is wrong", VIEW_NONE: because of another row */
    struct view field;
    uint32_t culprit; /* that row */
};

struct card; /* import_cards.c */
struct cards {
    struct names spellings; /* as written, a phone number behind a byte of its own → number in by_spelling */
    struct names normal;    /* normalised, the same → number in items */
    uint32_t *by_spelling;
    size_t spelling_cap;
    struct card *items;
    size_t cap;
};

struct import_order {
    int64_t time;
    uint32_t unit;
};

/* One of each kept row, by unit; `order` until import_write sorts it. */
struct import_entries {
    uint8_t *items;
    struct import_order *order;
    uint32_t *rows;
    size_t count, cap;
};

struct batch_unit {
    uint32_t unit;
    uint32_t first; /* its first draft */
};

struct batch {
    struct draft *drafts;
    struct buf *storage; /* two for each draft: lists it borrows from */
    uint32_t *cards;     /* of each draft that registers a card: its number + 1 */
    size_t count;
    size_t most; /* it is full with so many; the last unit may bring some more */
    size_t room;
    struct batch_unit *units;
    size_t unit_count;
    uint32_t number; /* of the batch being made, from 1 */
};

struct import {
    struct call *call;
    struct site *site;
    const struct import_kind *kind;
    void *state; /* the kind's own, zeroed */
    const char *path;
    int64_t now; /* when it began */
    bool dry_run, suggest;
    json_t *kept; /* options of the mapping that --use-map names, or NULL */
    bool mapped;  /* --map is given or kept */
    const char *date_format;
    struct encoding *encoding;
    bool encoding_found;        /* in the file, nobody named it */
    struct csv_dialect dialect; /* delimiter 0: to be found */
    struct mapping mapping;
    int64_t preview_most;
    json_t *preview;    /* of a dry run: the first events as they would be written */
    struct buf rejects; /* of a call over HTTP: the rows that a file would hold */
    struct view source;
    char file_hash[33];

    struct buf content;
    struct arena arena;
    struct csv csv;
    struct csv_row row; /* the current one */
    uint32_t current;   /* its number in `rows` */
    size_t column_count;
    struct view header; /* raw, without line end */
    size_t own_columns; /* at the front: of a rejects file, to be replaced but for the row's key */
    struct buf scratch;
    struct import_row *rows;
    size_t row_count, row_cap;
    struct import_reason *reasons;
    size_t reason_count, reason_cap;

    struct cards cards;
    struct import_entries entries;
    struct batch batch;
    struct idmap pretended; /* dry run: refs that would be written, by the first bytes of their hash */
    struct names refs;      /* refs of the file (import_row_ref) */
    uint32_t *ref_rows;     /* which row each was first in */
    size_t ref_cap;
    int fatal; /* an option turned out to be wrong: call->error says why */
    uint64_t events, registered;
    uint64_t outcomes[4];
};

/* The options, or those of the mapping kept. The file is not looked at yet. */
int import_take_options(struct import *im);
const char *import_option(const struct import *im, const char *name);
json_t *import_options_kept(const struct import *im); /* what --save-map keeps; a new reference */
/* Encoding and delimiter, by the file where nobody says. */
int import_take_form(struct import *im);
/* The header of the file that was opened as CSV: names as UTF-8, trimmed, which live as long as the import. */
int import_header(struct import *im, const struct view **names);
/* Reads the header and all rows through kind->take. */
int import_read(struct import *im);
/* Answers with a proposal, or refuses with one, because --map is missing. */
int import_suggest(struct import *im);
void import_answer(struct import *im, const char *rejects);
/* A dry run: this would be written. */
void import_preview(struct import *im, const struct draft *draft);
void import_rows_release(struct import *im);

void import_done(struct import *im, uint32_t row, enum import_outcome outcome); /* ROW_WRITTEN or ROW_SKIPPED */
/* The first reason a row is given stays. `field` is the field's name, not the column's. */
void import_reject(struct import *im, uint32_t row, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void import_reject_with(struct import *im, uint32_t row, uint32_t culprit);
/* Appends "line 17: amount: …". */
void import_reason_text(const struct import *im, uint32_t row, struct buf *out);

/* Cells of the current row, trimmed, as UTF-8, with --value applied; VIEW_NONE when not mapped or empty. They live as
 * long as the import. False: the row is rejected. */
bool import_text(struct import *im, int field, struct view *out);
bool import_word(struct import *im, int field, size_t most, struct view *out); /* at most so many bytes */
/* What is not text in that encoding is replaced: for free text. */
bool import_free_text(struct import *im, int field, size_t most, struct view *out);
bool import_time(struct import *im, int field,
                 int64_t *out); /* of something that has happened; NIL when there is none */
bool import_decimal(struct import *im, int field, int decimals, int64_t max, int64_t *out); /* NIL when there is none */
bool import_score(struct import *im, int field, int64_t *out);                              /* 1 to 5, NIL */
struct choice_list;
bool import_choice(struct import *im, int field, const struct choice_list *list, int64_t *out); /* 0 */
bool import_yes_no(struct import *im, int field, int64_t *out);                                 /* 1, 0, NIL */
/* Rejects the current row unless `there`. */
bool import_need(struct import *im, int field, bool there);
/* The longest text the catalogue takes for a field of an event. */
size_t import_bound(enum event_type type, const char *field);

/* ---- Refs ---- */

/* The key of the current row's ref: the field's cell, else the row's own. A key that is the customer's card, phone or
 * e-mail is hashed. */
bool import_row_key(struct import *im, int field, uint32_t row, struct view *out);
/* That of another row, in whose cell of the field this text stands. */
struct view import_key_of(struct import *im, int field, struct view text);
/* A key with something behind it: of what belongs to the same thing. */
struct view import_key_with(struct import *im, struct view key, const char *suffix);
/* The keyed hash of something personal, in hexadecimal. */
struct view import_hidden(struct import *im, const char *what, struct view text);
/* Is there an event with this ref? ERR_NOT_FOUND, or an error of the log. */
int import_known(struct import *im, struct view key, uint64_t *id);
/* The same for an event of a type; another one with this ref rejects the row: IMPORT_REJECTED. */
int import_recorded(struct import *im, struct view key, enum event_type type, uint32_t row, uint64_t *id);
#define IMPORT_REJECTED 2
/* Notes that the current row has this ref: a second row with other content is rejected, one with the same skipped; then
 * false. */
bool import_row_ref(struct import *im, uint32_t row, struct view key);
#define ROW_KEY_TEXT 48
/* What a row is known by that has no ref: hash and number of the file and the row that it was first read from. A
 * rejects file hands it on, so that a row comes in once, in however many rounds its file is corrected. `cells` are the
 * row's; the key borrows from them or `text`. */
struct view import_own_key(const struct import *im, const struct csv_row *cells, uint32_t row, char text[ROW_KEY_TEXT]);

/* ---- Cards ---- */

#define NOBODY UINT32_MAX
/* Whose the current row is: the number of its card, or where it tells none of its phone; NOBODY. False: rejected. */
bool import_customer(struct import *im, int card_field, int phone_field, uint32_t *out);
/* A row with this card happened then. */
void import_card_seen(struct import *im, uint32_t card, int64_t at);
/* Known to this store by now, in this batch or before? 0 or 1, negative on error. */
int import_card_known(struct import *im, uint32_t card);
/* Whose the draft made next is: adds a registration to the batch when nobody has the card. */
int import_card_subject(struct import *im, uint32_t card, int *subject, uint64_t *id);
void import_cards_written(struct import *im); /* the batch was: keeps the ids of registrations */
void import_cards_release(struct import *im);

/* ---- Entries: for kinds whose units are one row each ---- */

/* Keeps a copy of what the current row means as the next unit; `time` is its place in the order of writing. */
void import_keep(struct import *im, const void *entry, int64_t time);
const void *import_entry(const struct import *im, uint32_t unit);
uint32_t import_entry_row(const struct import *im, uint32_t unit); /* the kind's `row_of` */
int import_write_entries(struct import *im);                       /* and its `write` */
void import_entries_release(struct import *im);

/* ---- Batches ---- */

/* Writes the units in order of time, then unit; `order` is sorted in place. May be called again for others. */
int import_write(struct import *im, struct import_order *order, size_t count);
/* A new draft of the batch, with ref when `key` is not VIEW_NONE; its lists may borrow from import_storage. */
struct draft *import_draft(struct import *im, enum event_type type, struct view key, int64_t at, struct view staff);
struct buf *import_storage(struct import *im, const struct draft *draft, int which); /* which: 0 or 1 */
void import_batch_release(struct import *im);
/* In a dry run: would something with this key have been written by now? */
bool import_pretended(struct import *im, struct view key);
/* Adds a draft that takes back what the draft made last says; `key` is that one's. */
void import_void_last(struct import *im, struct view key);
/* The same of what is here already: 1, 0 when it is void, negative. */
int import_void(struct import *im, struct view key, uint64_t id);

/* ---- Rejects ---- */

#define REJECTS_LINE "rejected_line"
#define REJECTS_REASON "rejected_reason"
#define REJECTS_ROW "rejected_row" /* the row's own key; files of former versions have none */
#define REJECTS_COLUMNS 3
/* Writes the rejected rows to a new file in the caller's directory; `*name` is the caller's to free, NULL when there
 * are none. */
int import_rejects(struct import *im, char **name);

#endif
