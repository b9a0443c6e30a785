/* The staff: contests on the customer file by quarter (S1), figures for appraisal (S2), talks with customers (K5).
 *
 * An employee is (store, code): the store of the stream that an event stands in, the actor of its frame. Count: files
 * registered in the quarter. Completeness (C2): the mean over files she registered or changed in it, as they were when
 * it ended. Validity: of the sampled files she registered, those found true among those verified in the quarter. The
 * sample of a store: contest-sample of its files in an order that only the quarter, the store and the file's id decide,
 * those registered before the quarter first, so that it stands still while it is looked through. A file is verified
 * by the latest word on it, else on another file of the same person; one that is not drawn counts for nobody.
 *
 * Q1 measures count, Q2 completeness, Q3 validity, Q4 what contest-q4 says. Equal scores share a rank. Who has nothing
 * to be measured by (no file, none verified) has no rank.
 *
 * Pure, but for the actors, which stand in the log. Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_STAFF_H
#define DANGOL_PROTO_MODEL_STAFF_H

#include "proto/base/idmap.h"
#include "proto/model/questions.h"

enum staff_measure { STAFF_COUNT, STAFF_COMPLETENESS, STAFF_VALIDITY };

struct quarter {
    int year, number; /* 1 to 4 */
};
bool quarter_parse(struct view text, struct quarter *out); /* "2026Q4" */
struct quarter quarter_of(struct date day);
struct date quarter_start(struct quarter q);
struct date quarter_end(struct quarter q); /* its last day */

struct staff_question {
    struct quarter quarter;
    int64_t now; /* what happened later is not known */
    const struct zone *zone;
    void (*actor)(void *context, uint64_t event, struct buf *out); /* appends; nothing: not known */
    void *context;
    const struct pace *pace; /* each event counts as it is when it is met; NULL: in one go */
    struct view drawn_at;    /* whose files are drawn from: a store knows only its own all; VIEW_NONE: each store's */
};

struct employee {
    char *store; /* NULL: the region's */
    char *code;
    uint64_t event; /* that says who she is; 0: nobody has */
    int role;       /* 0: not said */
    bool active, keeper;
    uint32_t registrations, files;
    double completeness; /* sum over `files`: staff_score has the mean */
    uint32_t sampled, verified, valid;
    uint32_t contacts, points; /* in the month of care a contact counts twice */
    uint32_t minutes, vips;    /* vips: customers of VIP tiers (tiers.h) she talked with, each once a day */
    uint32_t quota_days;       /* days on which quota-vips and quota-minutes were reached */
    uint32_t done, open;       /* follow-ups; the asker's to fill */
    uint32_t custody;          /* customers whose custodian she is now (C10), also when she works here no more */
    uint32_t reviewed;         /* months of the quarter in which she looked the files through, a bit each */
    uint32_t satisfaction, satisfied_of; /* sum, and of how many */
    double score;                        /* of the contest; NAN: not measured */
    uint32_t rank_store, rank_region;    /* 0: none */
    bool last_store, last_region;        /* nobody is behind her, and somebody is before */
};

/* A file drawn to be verified. */
struct drawn {
    uint64_t customer;
    uint32_t employee; /* who registered it; UINT32_MAX: not known */
    uint64_t verified; /* the event, the latest of the quarter; 0: not yet */
    bool valid;
};

struct staff_table {
    enum staff_measure measure;
    struct employee *items;
    struct idmap by_name; /* of a hash of store and code → index + 1 of one of them */
    size_t count, room;
    struct drawn *sample; /* by store, and as drawn */
    size_t sampled;
};
int staff_table_open(const struct model *model, const struct staff_question *question, struct staff_table *out);
/* The employee; added when there is none. VIEW_NONE or an empty code: NULL. */
struct employee *staff_table_of(struct staff_table *table, struct view store, struct view code);
void staff_table_close(struct staff_table *table);
/* Is the file in the sample of its store, of the quarter of `at`, as it is drawn by `now`? */
bool staff_drawn(const struct model *model, const struct zone *zone, uint64_t customer, int64_t at, int64_t now);
const char *staff_measure_word(enum staff_measure measure);

#endif
