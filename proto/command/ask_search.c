/* search: what somebody types at a counter finds whom it may mean: a telephone number or its last digits, a card, an
 * e-mail address, a name or a part of it. Strong keys by their index; names and last digits by a look through the
 * files, which only their keys open, so that one is bounded. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/ask_tier.h"
#include "proto/command/listing.h"

#define FOUND_MAX 200
#define FILES_MAX 200000 /* the newest ones that are looked through */
#define DIGITS_LEAST 3   /* of the end of a telephone number */

/* The better, the further up: a strong key, a whole name, its beginning, something in it, the end of a number. */
enum match { MATCH_NONE, MATCH_DIGITS, MATCH_PART, MATCH_BEGINNING, MATCH_NAME, MATCH_KEY };

struct found {
    uint64_t person;
    enum match match;
};

struct search {
    struct found found[FOUND_MAX];
    size_t count, limit;
    struct buf name;   /* normal form of what was typed */
    struct buf digits; /* empty: it is no end of a number */
};

static void keep(struct search *search, uint64_t person, enum match match) {
    if (match == MATCH_NONE) return;
    for (size_t i = 0; i < search->count; i++) {
        if (search->found[i].person != person) continue;
        if (search->found[i].match < match) search->found[i].match = match;
        return;
    }
    if (search->count < FOUND_MAX) search->found[search->count++] = (struct found){person, match};
}

static void look_for_key(struct call *call, struct search *search, enum tag_kind kind, const char *typed) {
    uint64_t ids[FOUND_MAX];
    int n = site_find(call->site, kind, view_of(typed), false, ids, FOUND_MAX, NULL);
    const struct model *model = ask_begin(call);
    for (int i = 0; i < n; i++) keep(search, model_person(model, ids[i]), MATCH_KEY);
    ask_end(call);
}

static bool ends_with(struct view text, struct view end) {
    return text.len >= end.len && memcmp(text.data + text.len - end.len, end.data, end.len) == 0;
}

static enum match name_match(struct call *call, uint64_t customer, struct view wanted) {
    struct buf written = BUF_INIT, normal = BUF_INIT;
    enum match match = MATCH_NONE;
    site_field(call->site, NULL, customer, SEALED_registered_name, &written);
    if (written.len > 0 && name_normalise(buf_view(&written), &normal, NULL) == 0) {
        const uint8_t *at = memmem(normal.data, normal.len, wanted.data, wanted.len);
        if (at != NULL)
            match = normal.len == wanted.len ? MATCH_NAME : at == normal.data ? MATCH_BEGINNING : MATCH_PART;
    }
    buf_wipe(&written);
    buf_wipe(&normal);
    return match;
}

static enum match digits_match(struct call *call, uint64_t customer, struct view digits) {
    struct buf written = BUF_INIT, plain = BUF_INIT;
    site_field(call->site, NULL, customer, SEALED_registered_phone, &written);
    for (size_t i = 0; i < written.len; i++)
        if (isdigit(written.data[i])) buf_append_byte(&plain, written.data[i]);
    enum match match = ends_with(buf_view(&plain), digits) ? MATCH_DIGITS : MATCH_NONE;
    buf_wipe(&written);
    buf_wipe(&plain);
    return match;
}

static size_t customers_count(struct call *call) {
    size_t count = 0;
    const struct model *model = ask_begin(call);
    while (model_customer_at(model, count) != 0) count++;
    ask_end(call);
    return count;
}

static void look_through(struct call *call, struct search *search) {
    size_t count = customers_count(call);
    size_t least = count > FILES_MAX ? count - FILES_MAX : 0;
    for (size_t i = count; i > least && !call_cancelled(call) && search->count < FOUND_MAX; i--) {
        const struct model *model = ask_begin(call);
        uint64_t id = model_customer_at(model, i - 1);
        bool known = model_customer(model, id) == CUSTOMER_KNOWN;
        uint64_t person = known ? model_person(model, id) : 0;
        ask_end(call);
        if (!known) continue;
        if (search->name.len > 0) keep(search, person, name_match(call, id, buf_view(&search->name)));
        if (search->digits.len > 0) keep(search, person, digits_match(call, id, buf_view(&search->digits)));
    }
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
                                            {"tier", "tier", COLUMN_TEXT},         {NULL, "tier_was", COLUMN_TEXT},
                                            {"store", "store", COLUMN_TEXT},       {NULL, NULL, COLUMN_TEXT}};
    struct asked_tiers tiers;
    size_t count = search->count < search->limit ? search->count : search->limit;
    ask_tiers(call, ask_begin(call), ask_latest(call), &search->found->person, count, sizeof *search->found, &tiers);
    ask_end(call);
    struct listing *listing = ask_tier_listing(call, columns, &tiers);
    for (size_t i = 0; i < count; i++) {
        uint64_t person = search->found[i].person;
        json_t *row = json_pack("{s:o, s:o, s:o, s:o, s:n, s:o}", "customer", ask_id(person), "name",
                                ask_person_field(call, person, SEALED_registered_name), "phone",
                                ask_person_field(call, person, SEALED_registered_phone), "card",
                                ask_person_field(call, person, SEALED_registered_card), "tier", "store",
                                ask_store_of(call, id_stream(person)));
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
    struct search search = {.limit = (size_t)limit, .name = BUF_INIT, .digits = BUF_INIT};
    ask_tell_closed(call);
    read_digits(typed, &search.digits);
    /* What a number is written with is in no name, and a name in no number. */
    if (search.digits.len == 0 && name_normalise(view_of(typed), &search.name, NULL) != 0) buf_clear(&search.name);
    look_for_key(call, &search, TAG_PHONE, typed);
    look_for_key(call, &search, TAG_CARD, typed);
    look_for_key(call, &search, TAG_EMAIL, typed);
    /* A whole strong key means its owner, and nobody else. */
    if (search.count == 0 && search.name.len + search.digits.len > 0) look_through(call, &search);
    qsort(search.found, search.count, sizeof *search.found, by_match);
    answer(call, &search);
    buf_wipe(&search.name);
    buf_wipe(&search.digits);
    return 0;
}
