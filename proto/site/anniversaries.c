#include "proto/site/anniversaries.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/site/site.h"

#define DAYS_OF_A_FILE 16
#define STEP 4096 /* customers or records between two words on how far it is */

void anniversaries_init(struct anniversaries *a) {
    *a = (struct anniversaries){.items = NULL};
    mutex_init(&a->lock);
}

static void forget_all(struct anniversaries *a) {
    if (a->items != NULL) sodium_memzero(a->items, a->count * sizeof *a->items);
    free(a->items);
    idmap_release(&a->first);
    a->items = NULL;
    a->count = a->room = 0;
    a->made = false;
}

void anniversaries_release(struct anniversaries *a) {
    forget_all(a);
    mutex_destroy(&a->lock);
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

struct telling {
    void (*progress)(void *context, uint64_t done, uint64_t all);
    void *context;
};

static void tell(const struct telling *t, uint64_t done, uint64_t all) {
    if (t->progress != NULL && done % STEP == 0) t->progress(t->context, done, all);
}

static void make(const struct files *files, const struct telling *t) {
    struct site *site = files->site;
    site_read(site);
    const struct model *model = files->replay == NULL ? site->model : files->replay;
    files->a->position = model_position(model);
    site_unread(site);
    for (size_t i = 0;; i++) {
        site_read(site);
        uint64_t customer = model_customer_at(model, i);
        bool known = customer != 0 && model_customer(model, customer) == CUSTOMER_KNOWN;
        site_unread(site);
        if (customer == 0) break;
        if (known) read_customer(files, customer);
        tell(t, i, 0);
    }
    files->a->made = true;
}

/* Whose file an event may have changed. */
static void look_at(const struct files *files, const struct record *record) {
    struct event event;
    if (event_decode(record->frame, &event, NULL) != EVENT_GOOD) return;
    switch (event.type) {
    case EVENT_registered: read_customer(files, record->id); break;
    case EVENT_updated: read_customer(files, event.subject); break;
    case EVENT_voided:
        read_customer(files, event.body.voided.event);
        if (event.subject != 0) read_customer(files, event.subject);
        break;
    case EVENT_erased: {
        struct list ids = event.body.erased.ids;
        uint64_t id;
        while (list_next_id(&ids, &id)) read_customer(files, id);
        break;
    }
    default: break;
    }
}

static void catch_up(const struct files *files, const struct telling *t) {
    struct site *site = files->site;
    struct anniversaries *a = files->a;
    struct buf frame = BUF_INIT;
    site_read(site);
    uint64_t to = model_position(site->model);
    site_unread(site);
    for (; a->position < to; a->position++) {
        struct record record;
        buf_clear(&frame);
        if (log_get(site->log, a->position + 1, &record, &frame, NULL) != 0) break;
        look_at(files, &record);
        tell(t, a->position, to);
    }
    buf_release(&frame);
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
        if (!site->closed) make(&(struct files){site, replay, &then}, &t);
        copy_all(&then, out, count);
        anniversaries_release(&then);
        return;
    }
    struct files files = {site, NULL, a};
    mutex_lock(&a->lock);
    if (site->closed) forget_all(a);
    if (!site->closed && !a->made) make(&files, &t);
    if (a->made) catch_up(&files, &t);
    copy_all(a, out, count);
    mutex_unlock(&a->lock);
}

void site_anniversaries_forget(struct site *site, const uint64_t *customers, size_t count) {
    struct anniversaries *a = &site->anniversaries;
    mutex_lock(&a->lock);
    for (size_t i = 0; i < count; i++) drop(a, customers[i]);
    mutex_unlock(&a->lock);
}
