/* vip: who brings what; of everybody, or of those whom one employee looks after. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/ask_tier.h"
#include "proto/command/listing.h"
#include "proto/model/about.h"
#include "proto/site/ranking.h"

void ask_card_of(void *context, uint64_t person, struct buf *out) {
    struct call *call = context;
    const struct model *replay = call->replay == NULL ? NULL : call->replay->model;
    site_person_field(call->site, replay, person, SEALED_registered_card, out);
}

static int measure_of(struct call *call, enum measure *out) {
    static const struct {
        const char *word;
        enum measure measure;
    } measures[] = {{"spend", BY_SPEND},
                    {"visits", BY_VISITS},
                    {"margin", BY_MARGIN},
                    {"referrals", BY_REFERRALS},
                    {"score", BY_SCORE}};
    const char *by = call_option(call, "by");
    if (by == NULL) by = "spend";
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (strcmp(by, measures[i].word) != 0) continue;
        *out = measures[i].measure;
        return 0;
    }
    return err_set(&call->error, ERR_INVALID, "by", "'%s' is no measure; use spend, visits, margin, referrals or score",
                   by);
}

static json_t *standing_row(struct call *call, const struct standing *s, size_t place) {
    struct person_file file = {.text = BUF_INIT};
    uint64_t bits = UINT64_C(1) << SEALED_registered_name | UINT64_C(1) << SEALED_registered_card;
    ask_person_file(call, s->person, bits, &file);
    json_t *row = json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:n}", "rank", (json_int_t)place, "customer",
                            ask_id(s->person), "name", ask_text(person_file_field(&file, SEALED_registered_name)),
                            "card", ask_text(person_file_field(&file, SEALED_registered_card)), "value",
                            s->value == NIL ? json_null() : json_integer(s->value), "spend", (json_int_t)s->spend,
                            "visits", (json_int_t)s->visits, "last", ask_time(call, s->last), "tier");
    person_file_wipe(&file);
    return row;
}

static const struct column margin_columns[] = {
    {"rank", "rank", COLUMN_NUMBER},     {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},       {"card", "card", COLUMN_TEXT},
    {"margin", "margin", COLUMN_MONEY},  {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER}, {"last visit", "last", COLUMN_TIME},
    {"tier", "tier", COLUMN_TEXT},       ASK_TIER_FIELDS,
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column referral_columns[] = {
    {"rank", "rank", COLUMN_NUMBER},
    {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"brought", "referrals", COLUMN_NUMBER},
    {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER},
    {"last visit", "last", COLUMN_TIME},
    {"tier", "tier", COLUMN_TEXT},
    ASK_TIER_FIELDS,
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column score_columns[] = {
    {"rank", "rank", COLUMN_NUMBER},     {"customer", "customer", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},       {"card", "card", COLUMN_TEXT},
    {"score", "value", COLUMN_NUMBER},   {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER}, {"last visit", "last", COLUMN_TIME},
    {"tier", "tier", COLUMN_TEXT},       ASK_TIER_FIELDS,
    {NULL, NULL, COLUMN_TEXT},
};
static const struct column vip_columns[] = {
    {"rank", "rank", COLUMN_NUMBER},     {"customer", "customer", COLUMN_TEXT}, {"name", "name", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},       {"spend", "spend", COLUMN_MONEY},      {"visits", "visits", COLUMN_NUMBER},
    {"last visit", "last", COLUMN_TIME}, {"tier", "tier", COLUMN_TEXT},         ASK_TIER_FIELDS,
    {NULL, NULL, COLUMN_TEXT},
};

/* null: not known; people are told so in a word. */
static json_t *margin_json(const struct call *call, int64_t margin) {
    if (margin != NIL) return json_integer(margin);
    return call->json || call_has(call, "csv") ? json_null() : json_string("unknown");
}

static void list_vip(struct call *call, enum measure by, const struct cut *cut, const struct standing *ranking,
                     size_t count) {
    struct asked_tiers tiers;
    ask_tiers(call, cut->to, &ranking->person, count, sizeof *ranking, &tiers);
    const struct column *columns = by == BY_MARGIN      ? margin_columns
                                   : by == BY_SCORE     ? score_columns
                                   : by == BY_REFERRALS ? referral_columns
                                                        : vip_columns;
    struct listing *listing = ask_tier_listing(call, columns, &tiers, count);
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++) {
        json_t *row = standing_row(call, &ranking[i], i + 1);
        if (by == BY_MARGIN) json_object_set_new(row, "margin", margin_json(call, ranking[i].value));
        if (by == BY_REFERRALS) json_object_set_new(row, "referrals", json_integer(ranking[i].value));
        ask_tier_row(&tiers, i, row);
        listing_add(listing, row);
        if (i % 1000 == 999) call_progress(call, "listing", i, count);
    }
    listing_close(listing, "nobody bought anything in that time");
    ask_tiers_changed(call, &tiers);
    ask_tiers_release(&tiers);
}

static int by_id(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The persons whom an employee of the store looked after then, by id. */
static uint64_t *in_custody(struct call *call, struct view staff, struct view store, int64_t until, size_t *count) {
    uint64_t *ids = NULL;
    size_t room = 0;
    const struct model *model = ask_begin(call);
    *count = about_in_custody(model, staff, store, until, NULL, 0);
    if (*count > 0) {
        room = *count;
        ids = mem_alloc(room * sizeof *ids);
        *count = about_in_custody(model, staff, store, until, ids, room);
        qsort(ids, *count, sizeof *ids, by_id);
    }
    ask_end(call);
    return ids;
}

/* Of a ranking of everybody those whom the employee looks after (C10); behind them who bought nothing. */
static int keep_custody(struct call *call, int64_t until, struct standing **ranking, size_t *count) {
    bool at_store = call->site->config.role == ROLE_STORE;
    const char *store = at_store ? call->site->config.store : call_option(call, "store");
    if (store == NULL) return err_set(&call->error, ERR_INVALID, "store", "is missing: whose employee that is");
    size_t held = 0, kept = 0;
    uint64_t *ids = in_custody(call, view_of(call_option(call, "custodian")), view_of(store), until, &held);
    struct standing *mine = mem_alloc((held + 1) * sizeof *mine);
    bool *bought = mem_alloc((held + 1) * sizeof *bought);
    memset(bought, 0, (held + 1) * sizeof *bought);
    for (size_t i = 0; i < *count && held > 0; i++) {
        const uint64_t *found = bsearch(&(*ranking)[i].person, ids, held, sizeof *ids, by_id);
        if (found == NULL) continue;
        bought[found - ids] = true;
        mine[kept++] = (*ranking)[i];
    }
    for (size_t i = 0; i < held; i++)
        if (!bought[i]) mine[kept++] = (struct standing){.person = ids[i], .last = TIME_NONE};
    free(bought);
    free(ids);
    free(*ranking);
    *ranking = mine;
    *count = kept;
    return 0;
}

int ask_vip(struct call *call) {
    bool one_of_us = call_has(call, "custodian");
    struct cut cut;
    struct scope scope;
    enum measure by = BY_SPEND;
    int64_t top;
    int code = call_number(call, "top", 1, 100000000, 100, &top);
    if (code == 0) code = measure_of(call, &by);
    if (code == 0) code = ask_cut(call, &cut, &scope);
    if (code != 0) return code;
    struct standing *ranking = NULL;
    size_t count = 0;
    if (one_of_us || call->replay != NULL ||
        !site_rank_first(call->site, by, &cut, &scope, (size_t)top, &ranking, &count)) {
        struct pace pace;
        const struct model *model = ask_report_begin(call, "ranking", &pace);
        code = rank_paced(model, by, &cut, &scope, one_of_us ? 0 : (size_t)top, &pace, &ranking, &count);
        ask_report_end(call);
    }
    if (code != 0) return err_set(&call->error, code, NULL, "the ranking failed");
    if (one_of_us) code = keep_custody(call, cut.to, &ranking, &count);
    if (code != 0) {
        free(ranking);
        return code;
    }
    ranking_ties(ranking, count, (size_t)top, ask_card_of, call);
    list_vip(call, by, &cut, ranking, count < (size_t)top ? count : (size_t)top);
    free(ranking);
    return 0;
}
