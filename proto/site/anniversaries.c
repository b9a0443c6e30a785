#include "proto/site/anniversaries.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/site/site.h"

#define DAYS_OF_A_FILE 16
#define STEP 4096 /* customers between two words on how far it is */

void anniversaries_init(struct anniversaries *a) {
    *a = (struct anniversaries){.items = NULL};
    file_index_init(&a->index);
}

static void forget_all(struct anniversaries *a) {
    if (a->items != NULL) sodium_memzero(a->items, a->count * sizeof *a->items);
    free(a->items);
    idmap_release(&a->first);
    a->items = NULL;
    a->count = a->room = 0;
    file_index_reset(&a->index);
}

void anniversaries_release(struct anniversaries *a) {
    forget_all(a);
    file_index_destroy(&a->index);
}

/* ---- Days in a text ---- */

struct reading {
    const uint8_t *at, *end;
};

static bool digit(const struct reading *r) { return r->at < r->end && *r->at >= '0' && *r->at <= '9'; }

/* A number of at most four digits; -1: none. */
static int number(struct reading *r) {
    int value = 0, digits = 0;
    for (; digit(r); r->at++, digits++) value = digits < 5 ? value * 10 + (*r->at - '0') : value;
    return digits == 0 || digits > 4 ? -1 : value;
}

/* What may stand between the parts of a day. */
static bool divided(struct reading *r) {
    static const char *const signs[] = {"-", "/", ".", "年", "月", "년", "월"};
    struct reading at = *r;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i]);
        if ((size_t)(at.end - at.at) < length || memcmp(at.at, signs[i], length) != 0) continue;
        at.at += length;
        while (at.at < at.end && *at.at == ' ') at.at++;
        if (!digit(&at)) return false;
        *r = at;
        return true;
    }
    return false;
}

size_t text_days(struct view text, struct month_day *out, size_t max) {
    struct reading r = {text.data, text.data + text.len};
    size_t count = 0;
    while (text.len > 0 && r.at < r.end && count < max) {
        int parts[3], found = 0;
        if (!digit(&r)) {
            r.at++;
            continue;
        }
        do parts[found++] = number(&r);
        while (found < 3 && divided(&r));
        struct date day = {2000, parts[found - 1 - (found > 1)], parts[found - 1]};
        bool year = found == 2 || (found == 3 && parts[0] >= 1000);
        if (found > 1 && year && date_valid(day))
            out[count++] = (struct month_day){(uint8_t)day.month, (uint8_t)day.day};
    }
    return count;
}

/* ---- The index ---- */

static void put(struct anniversaries *a, uint64_t customer, struct month_day day, bool birthday) {
    if (a->count == a->room) {
        a->room = a->room * 2 + 256;
        a->items = mem_resize(a->items, a->room * sizeof *a->items);
    }
    uint64_t *first = idmap_put(&a->first, customer, NULL);
    if (*first == 0) *first = a->count + 1;
    a->items[a->count++] = (struct dated){customer, day.month, day.day, birthday};
}

/* The files of a site, as they are or as a replay has them. */
struct files {
    struct site *site;
    const struct model *replay; /* NULL: the serving model */
    struct anniversaries *a;
};

static void read_field(const struct files *files, uint64_t customer, int bit, bool birthday) {
    struct buf text = BUF_INIT;
    struct month_day days[DAYS_OF_A_FILE];
    site_field(files->site, files->replay, customer, bit, &text);
    size_t n = text_days(buf_view(&text), days, birthday ? 1 : DAYS_OF_A_FILE);
    for (size_t i = 0; i < n; i++) put(files->a, customer, days[i], birthday);
    buf_wipe(&text);
}

static void drop(struct anniversaries *a, uint64_t customer) {
    uint64_t *first = idmap_find(&a->first, customer);
    if (first == NULL || *first == 0) return;
    for (size_t i = (size_t)*first - 1; i < a->count && a->items[i].customer == customer; i++)
        a->items[i] = (struct dated){.customer = 0};
    *first = 0;
}

static void read_customer(const struct files *files, uint64_t customer) {
    drop(files->a, customer);
    read_field(files, customer, SEALED_registered_birthday, true);
    read_field(files, customer, SEALED_registered_occasions, false);
}

static void read_serving(struct site *site, uint64_t customer) {
    read_customer(&(struct files){site, NULL, &site->anniversaries}, customer);
}

struct telling {
    void (*progress)(void *context, uint64_t done, uint64_t all);
    void *context;
};

/* Whoever asks wants all of it. */
static bool goes_on(void *context, uint64_t done, uint64_t all) {
    const struct telling *t = context;
    if (t->progress != NULL) t->progress(t->context, done, all);
    return true;
}

/* A replay's files do not change: each is opened once. */
static void make_then(const struct files *files, struct telling *t) {
    for (size_t i = 0;; i++) {
        uint64_t customer = model_customer_at(files->replay, i);
        if (customer == 0) break;
        if (model_customer(files->replay, customer) == CUSTOMER_KNOWN) read_customer(files, customer);
        if (i % STEP == 0) goes_on(t, i, 0);
    }
}

static void copy_all(const struct anniversaries *a, struct dated **out, size_t *count) {
    *out = mem_alloc((a->count + 1) * sizeof **out);
    *count = a->count;
    if (a->count > 0) memcpy(*out, a->items, a->count * sizeof **out);
}

void site_anniversaries(struct site *site, const struct model *replay,
                        void (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct dated **out,
                        size_t *count) {
    struct anniversaries *a = &site->anniversaries, then;
    struct telling t = {progress, context};
    if (replay != NULL) {
        anniversaries_init(&then);
        if (!site->closed) make_then(&(struct files){site, replay, &then}, &t);
        copy_all(&then, out, count);
        anniversaries_release(&then);
        return;
    }
    mutex_lock(&a->index.lock);
    if (site->closed)
        forget_all(a);
    else
        file_index_follow(site, &a->index, read_serving, &(struct file_asking){goes_on, &t});
    copy_all(a, out, count);
    mutex_unlock(&a->index.lock);
}

void site_anniversaries_forget(struct site *site, const uint64_t *customers, size_t count) {
    struct anniversaries *a = &site->anniversaries;
    mutex_lock(&a->index.lock);
    for (size_t i = 0; i < count; i++) drop(a, customers[i]);
    mutex_unlock(&a->index.lock);
}
