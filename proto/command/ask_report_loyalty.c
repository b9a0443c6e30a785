/* report benefits: what was given away in a span of time, by kind (P4). */
#include <stdlib.h>

#include "proto/base/idmap.h"
#include "proto/command/ask_report.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"
#include "proto/model/benefits.h"

#define KINDS_MAX 16

static const struct column columns[] = {
    {"kind", "kind", COLUMN_TEXT},  {"given", "given", COLUMN_NUMBER}, {"customers", "customers", COLUMN_NUMBER},
    {"cost", "cost", COLUMN_MONEY}, {NULL, NULL, COLUMN_TEXT},
};

struct kind_sum {
    int64_t given, cost;
    struct idmap persons;
};

static void add_up(const struct benefit *all, size_t count, struct kind_sum sums[KINDS_MAX]) {
    for (size_t i = 0; i < count; i++) {
        if (all[i].kind < 0 || all[i].kind >= KINDS_MAX) continue;
        struct kind_sum *sum = &sums[all[i].kind];
        sum->given++;
        if (all[i].cost != NIL) sum->cost += all[i].cost;
        idmap_put(&sum->persons, all[i].person, NULL);
    }
}

static int report_benefits(struct call *call, const struct report_span *span) {
    struct cut cut = {span->from, span->to};
    struct kind_sum sums[KINDS_MAX] = {{0}};
    struct benefit *all = NULL;
    size_t count = 0;
    struct pace pace;
    const struct model *model = ask_report_begin(call, "benefits", &pace);
    benefits_given(model, 0, &cut, &span->scope, &pace, &all, &count);
    ask_report_end(call);
    add_up(all, count, sums);
    free(all);
    struct listing *listing = listing_open(call, columns);
    for (int64_t kind = 0; kind < KINDS_MAX; kind++) {
        const struct kind_sum *sum = &sums[kind];
        if (sum->given > 0)
            listing_add(listing, json_pack("{s:s, s:I, s:I, s:I}", "kind", choice_word(&choices_benefit_kind, kind),
                                           "given", (json_int_t)sum->given, "customers", (json_int_t)sum->persons.count,
                                           "cost", (json_int_t)sum->cost));
        idmap_release(&sums[kind].persons);
    }
    listing_close(listing, "no benefits were given in that time");
    return 0;
}

const struct report loyalty_reports[] = {
    {"benefits", "benefits given, by kind, with their cost", report_benefits},
    {NULL, NULL, NULL},
};
