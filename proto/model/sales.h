/* Sales as they were made, the latest first: what a counter looks through to find the one of this morning, and of
 * those of nobody whose it was (P1).
 *
 * Only those that count: not what was voided. Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_SALES_H
#define DANGOL_PROTO_MODEL_SALES_H

#include "proto/model/questions.h"

enum whose_sales { SALES_ANYBODYS, SALES_NOBODYS, SALES_CUSTOMERS };
struct sales_asked {
    struct cut cut;
    struct scope scope;
    enum whose_sales whose;
    uint64_t customer; /* SALES_CUSTOMERS: of her person */
    uint64_t behind;   /* 0, or a sale: only those that stand behind it, wherever it may be by now */
    size_t most;       /* at least 1; the latest so many */
};

struct sale {
    uint64_t id;
    uint64_t person; /* 0: nobody's */
    int64_t time;
    int64_t amount;   /* minor units */
    int64_t returned; /* of it, by returns that name it; not negative as a rule */
    uint32_t lines;
};

/* Of one moment the largest id first. The caller's to free. In turns: a stream of sales each. */
void sales_made(const struct model *model, const struct sales_asked *asked, const struct pace *pace, struct sale **out,
                size_t *count);

/* Is the sale, or return, of this id one of these, voided or not? */
bool sale_asked_for(const struct model *model, uint64_t id, const struct sales_asked *asked);

#endif
