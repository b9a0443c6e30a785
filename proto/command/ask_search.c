/* search: what somebody types at a counter finds whom it may mean: a telephone number or its last digits, a card, an
 * e-mail address, a name or a part of it. Strong keys by their tags; names and last digits by their indexes
 * (proto/site/name_index.h). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/ask_tier.h"
#include "proto/command/listing.h"
#include "proto/model/served.h"

#define FOUND_MAX 200
#define DIGITS_LEAST 3 /* of the end of a telephone number */
/* For who sees the customers of one store only: each that a name may mean is looked at, and that takes some
 * microseconds. A name that more have than this is too short for them. */
#define LOOKED_AT_MAX 20000

/* The better, the further up: a strong key, a whole name, its beginning, something in it, the end of a number. */
enum match { MATCH_NONE, MATCH_DIGITS, MATCH_PART, MATCH_BEGINNING, MATCH_NAME, MATCH_KEY };

struct found {
    uint64_t person;
    enum match match;
};

struct search {
    const struct site *site;
    struct found found[FOUND_MAX];
    size_t count, limit;
    enum match weakest; /* of those found, once there are FOUND_MAX */
    const char *bound;  /* only whom this store serves; NULL: everybody */
    size_t looked_at;
    struct buf name;   /* normal form of what was typed */
    struct buf digits; /* empty: it is no end of a number */
};

/* The place of one of the weakest, and how weak those will be that are left. */
static size_t weakest_place(struct search *search) {
    size_t weakest = 0;
    for (size_t i = 1; i < search->count; i++)
        if (search->found[i].match < search->found[weakest].match) weakest = i;
    search->weakest = search->found[weakest].match;
    return weakest;
}

/* Called under the site's read lock. */
static bool is_seen(struct search *search, uint64_t person) {
    if (search->bound == NULL) return true;
    return search->looked_at++ < LOOKED_AT_MAX && store_serves(search->site->model, view_of(search->bound), person);
}

/* When there are too many, the better ones. */
static void keep(struct search *search, uint64_t person, enum match match) {
    if (search->count == FOUND_MAX && match <= search->weakest) return;
    for (size_t i = 0; i < search->count; i++) {
        if (search->found[i].person != person) continue;
        if (search->found[i].match < match) search->found[i].match = match;
        return;
    }
    if (!is_seen(search, person)) return;
    size_t place = search->count < FOUND_MAX ? search->count++ : weakest_place(search);
    if (search->found[place].match < match) search->found[place] = (struct found){person, match};
}

static void look_for_key(struct call *call, struct search *search, enum tag_kind kind, const char *typed) {
    uint64_t ids[FOUND_MAX];
    int n = site_find(call->site, kind, view_of(typed), false, ids, FOUND_MAX, NULL);
    const struct model *model = ask_begin(call);
    for (int i = 0; i < n; i++) keep(search, model_person(model, ids[i]), MATCH_KEY);
    ask_end(call);
}

static void keep_named(void *context, uint64_t customer, enum name_part part) {
    struct search *search = context;
    enum match match = part == PART_WHOLE ? MATCH_NAME : part == PART_BEGINNING ? MATCH_BEGINNING : MATCH_PART;
    keep(search, model_person(search->site->model, customer), match);
}

static void keep_numbered(void *context, uint64_t customer, enum name_part part) {
    struct search *search = context;
    (void)part;
    keep(search, model_person(search->site->model, customer), MATCH_DIGITS);
}

static bool goes_on(void *context, uint64_t done, uint64_t all) {
    call_progress(context, "opening files", done, all);
    return !call_cancelled(context);
}

static int look_for_text(struct call *call, struct search *search) {
    struct file_asking asking = {goes_on, call};
    int code = 0;
    if (search->name.len > 0) code = site_names_find(call->site, buf_view(&search->name), keep_named, search, &asking);
    if (code == 0 && search->digits.len > 0)
        code = site_numbers_find(call->site, buf_view(&search->digits), keep_numbered, search, &asking);
    call_progress_end(call);
    return code == 0 ? 0 : call_stopped(call);
}

/* Only digits and what people put between them. */
static void read_digits(const char *typed, struct buf *out) {
    for (const char *at = typed; *at != '\0'; at++) {
        if (isdigit((unsigned char)*at)) {
            buf_append_byte(out, (uint8_t)*at);
        } else if (strchr(" -.()", *at) == NULL) {
            buf_clear(out);
            return;
        }
    }
    if (out->len < DIGITS_LEAST) buf_clear(out);
}

static int by_match(const void *a, const void *b) {
    const struct found *first = a, *second = b;
    if (first->match != second->match) return first->match > second->match ? -1 : 1;
    return first->person < second->person ? -1 : first->person > second->person;
}

static void answer(struct call *call, struct search *search) {
    static const struct column columns[] = {{"customer", "customer", COLUMN_TEXT}, {"name", "name", COLUMN_TEXT},
                                            {"phone", "phone", COLUMN_TEXT},       {"card", "card", COLUMN_TEXT},
                                            {"tier", "tier", COLUMN_TEXT},         ASK_TIER_FIELDS,
                                            {"store", "store", COLUMN_TEXT},       {NULL, NULL, COLUMN_TEXT}};
    const uint64_t bits = UINT64_C(1) << SEALED_registered_name | UINT64_C(1) << SEALED_registered_phone |
                          UINT64_C(1) << SEALED_registered_card;
    struct asked_tiers tiers;
    size_t count = search->count < search->limit ? search->count : search->limit;
    ask_tiers(call, ask_latest(call), &search->found->person, count, sizeof *search->found, &tiers);
    struct listing *listing = ask_tier_listing(call, columns, &tiers, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t person = search->found[i].person;
        struct person_file file = {.text = BUF_INIT};
        ask_person_file(call, person, bits, &file);
        json_t *row = json_pack("{s:o, s:o, s:o, s:o, s:n, s:o}", "customer", ask_id(person), "name",
                                ask_text(person_file_field(&file, SEALED_registered_name)), "phone",
                                ask_text(person_file_field(&file, SEALED_registered_phone)), "card",
                                ask_text(person_file_field(&file, SEALED_registered_card)), "tier", "store",
                                ask_store_of(call, id_stream(person)));
        person_file_wipe(&file);
        ask_tier_row(&tiers, i, row);
        listing_add(listing, row);
    }
    listing_close(listing, "nobody is found by that");
    ask_tiers_release(&tiers);
}

int ask_search(struct call *call) {
    const char *typed = call->argv[0];
    int64_t limit;
    int code = call_number(call, "limit", 1, FOUND_MAX, 20, &limit);
    if (code != 0) return code;
    struct search search = {
        .site = call->site, .limit = (size_t)limit, .bound = call->bound, .name = BUF_INIT, .digits = BUF_INIT};
    ask_tell_closed(call);
    read_digits(typed, &search.digits);
    /* What a number is written with is in no name, and a name in no number. */
    if (search.digits.len == 0 && name_normalise(view_of(typed), &search.name, NULL) != 0) buf_clear(&search.name);
    look_for_key(call, &search, TAG_PHONE, typed);
    look_for_key(call, &search, TAG_CARD, typed);
    look_for_key(call, &search, TAG_EMAIL, typed);
    /* A whole strong key means its owner, and nobody else. */
    if (search.count == 0) code = look_for_text(call, &search);
    qsort(search.found, search.count, sizeof *search.found, by_match);
    if (code == 0 && search.looked_at > LOOKED_AT_MAX)
        code = err_set(&call->error, ERR_LIMIT, "text", "fits too many customers; say more of the name");
    if (code == 0) answer(call, &search);
    buf_wipe(&search.name);
    buf_wipe(&search.digits);
    return code;
}
