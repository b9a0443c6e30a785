/* duplicates: who may be one person, and is not linked (C5): what two files have in common, and how one of them writes
 * it. A store sees its own people; the region's desk decides, by `link`, or by `unlink` that they are two. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/ask_duplicates.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"

#define MARK_BYTES 16
enum mark_kind { MARK_PHONE, MARK_CARD, MARK_EMAIL, MARK_BIRTHDAY };

/* Something that a customer's file says, by hash: what two of them have in common stands side by side when sorted. */
struct mark {
    uint8_t hash[MARK_BYTES];
    uint64_t customer;
    uint32_t kind;
};
struct marks {
    struct mark *items;
    size_t count, cap;
};

static void add_mark(struct marks *marks, enum mark_kind kind, uint64_t customer, struct view text) {
    if (marks->count == marks->cap) {
        marks->cap = marks->cap * 2 + 1024;
        marks->items = mem_resize(marks->items, marks->cap * sizeof *marks->items);
    }
    struct mark *mark = &marks->items[marks->count++];
    *mark = (struct mark){.customer = customer, .kind = kind};
    crypto_generichash(mark->hash, sizeof mark->hash, text.data, text.len, NULL, 0);
}

#define BIT(field) (UINT64_C(1) << SEALED_registered_##field)

/* The strong keys, and name and birthday together; a file's events are opened once. */
static void add_customer(struct call *call, uint64_t customer, struct marks *marks) {
    static const struct {
        int bit;
        enum mark_kind kind;
    } keys[] = {{SEALED_registered_phone, MARK_PHONE},
                {SEALED_registered_card, MARK_CARD},
                {SEALED_registered_email, MARK_EMAIL}};
    const char *country = call->site->config.country;
    struct person_file file = {.text = BUF_INIT};
    struct buf normal = BUF_INIT;
    site_customer_file(call->site, NULL, customer, BIT(name) | BIT(phone) | BIT(card) | BIT(email) | BIT(birthday),
                       &file);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct view written = person_file_field(&file, keys[i].bit);
        buf_clear(&normal);
        if (written.len == 0) continue;
        int code = keys[i].kind == MARK_PHONE  ? phone_normalise(written, country, &normal, NULL)
                   : keys[i].kind == MARK_CARD ? card_normalise(written, &normal, NULL)
                                               : email_normalise(written, &normal, NULL);
        if (code == 0) add_mark(marks, keys[i].kind, customer, buf_view(&normal));
    }
    struct view name = person_file_field(&file, SEALED_registered_name);
    struct view birthday = person_file_field(&file, SEALED_registered_birthday);
    buf_clear(&normal);
    bool day = birthday.len > 0 &&
               memchr(birthday.data, '-', birthday.len) != NULL; /* many share an age, or a year of birth */
    if (name.len > 0 && day && name_normalise(name, &normal, NULL) == 0) {
        buf_append_byte(&normal, '\n');
        buf_append_view(&normal, birthday);
        add_mark(marks, MARK_BIRTHDAY, customer, buf_view(&normal));
    }
    person_file_wipe(&file);
    buf_wipe(&normal);
}

static int by_mark(const void *a, const void *b) {
    const struct mark *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    int order = memcmp(x->hash, y->hash, MARK_BYTES);
    if (order != 0) return order;
    return (x->customer > y->customer) - (x->customer < y->customer);
}

static bool same_mark(const struct mark *a, const struct mark *b) {
    return a->kind == b->kind && memcmp(a->hash, b->hash, MARK_BYTES) == 0;
}

static json_t *pair_row(struct call *call, uint64_t a, uint64_t b, uint32_t kind) {
    static const char *const reasons[] = {
        [MARK_PHONE] = "phone", [MARK_CARD] = "card", [MARK_EMAIL] = "email", [MARK_BIRTHDAY] = "name and birthday"};
    static const int bits[] = {[MARK_PHONE] = SEALED_registered_phone,
                               [MARK_CARD] = SEALED_registered_card,
                               [MARK_EMAIL] = SEALED_registered_email,
                               [MARK_BIRTHDAY] = SEALED_registered_birthday};
    struct buf written = BUF_INIT;
    site_field(call->site, NULL, a, bits[kind], &written);
    json_t *value = written.len == 0 ? json_null() : ask_text(buf_view(&written));
    buf_wipe(&written);
    return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "customer", ask_id(a), "name",
                     ask_person_field(call, a, SEALED_registered_name), "other", ask_id(b), "other_name",
                     ask_person_field(call, b, SEALED_registered_name), "reason", reasons[kind], "value", value,
                     "store", ask_store_of(call, id_stream(a)), "other_store", ask_store_of(call, id_stream(b)));
}

/* The first customer of each person among those that say the same. */
struct first {
    uint64_t customer, person;
};

/* Whom of the firsts the customer may be, so that it is not the same person already and nobody said that they are two;
 * 0: nobody. One who is none of them is the next. */
static uint64_t undecided(struct call *call, struct first *firsts, size_t *count, uint64_t customer) {
    uint64_t found = 0;
    bool known = false;
    const struct model *model = ask_begin(call);
    uint64_t person = model_person(model, customer);
    for (size_t i = 0; i < *count && found == 0; i++) {
        bool same = firsts[i].person == person;
        known = known || same;
        if (!same && !model_barred(model, firsts[i].customer, customer)) found = firsts[i].customer;
    }
    ask_end(call);
    if (!known) firsts[(*count)++] = (struct first){customer, person};
    return found;
}

/* Within those that say the same, each is held against the first of every person before it: a pair a customer. Found at
 * the first of them mostly, so a number that thousands gave takes no longer than thousands of numbers. */
static void tell(struct call *call, const struct marks *marks, struct listing *listing) {
    struct first *firsts = mem_alloc((marks->count + 1) * sizeof *firsts);
    for (size_t from = 0, to; from < marks->count && !call_cancelled(call) && !listing_full(listing); from = to) {
        size_t count = 0;
        for (to = from + 1; to < marks->count && same_mark(&marks->items[from], &marks->items[to]);) to++;
        if (to - from == 1) continue;
        for (size_t i = from; i < to && !listing_full(listing); i++) {
            uint64_t customer = marks->items[i].customer, other = undecided(call, firsts, &count, customer);
            if (other != 0) listing_add(listing, pair_row(call, other, customer, marks->items[i].kind));
        }
    }
    free(firsts);
}

static int ask_duplicates(struct call *call) {
    static const struct column columns[] = {
        {"customer", "customer", COLUMN_TEXT},
        {"name", "name", COLUMN_TEXT},
        {"store", "store", COLUMN_TEXT},
        {"other", "other", COLUMN_TEXT},
        {"name", "other_name", COLUMN_TEXT},
        {"store", "other_store", COLUMN_TEXT},
        {"the same", "reason", COLUMN_TEXT},
        {"as written", "value", COLUMN_TEXT},
        {NULL, NULL, COLUMN_TEXT},
    };
    struct marks marks = {NULL, 0, 0};
    uint64_t id = 1;
    ask_tell_closed(call);
    for (size_t i = 0; id != 0 && !call_cancelled(call); i++) {
        const struct model *model = ask_begin(call);
        id = model_customer_at(model, i);
        bool known = id != 0 && model_customer(model, id) == CUSTOMER_KNOWN;
        ask_end(call);
        if (known) add_customer(call, id, &marks);
        if (i % 1000 == 999) call_progress(call, "comparing", i, 0);
    }
    call_progress_end(call);
    if (marks.count > 0) qsort(marks.items, marks.count, sizeof *marks.items, by_mark);
    struct listing *listing = listing_open(call, columns);
    tell(call, &marks, listing);
    listing_close(listing, "nobody seems to stand here twice");
    if (marks.count > 0) sodium_memzero(marks.items, marks.count * sizeof *marks.items);
    free(marks.items);
    return 0;
}

const struct command ask_duplicate_commands[] = {
    {"duplicates", "", "customers who may be one person and are not linked, each pair with its reason", NEEDS_SITE, 0,
     0, NULL, NULL, BORROWS_NONE, ask_duplicates, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
