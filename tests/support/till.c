#include "tests/support/till.h"

#include <stdlib.h>
#include <string.h>

#include "proto/event/describe.h"
#include "proto/event/json.h"

#define ARTICLES 20000

static uint64_t next_random(struct till *t) {
    t->state ^= t->state << 13;
    t->state ^= t->state >> 7;
    t->state ^= t->state << 17;
    return t->state;
}

static uint64_t below(struct till *t, uint64_t bound) { return next_random(t) % bound; }

/* Small numbers often: the square of an even draw. */
static uint64_t skewed(struct till *t, uint64_t bound) {
    uint64_t a = below(t, 1u << 20), b = below(t, 1u << 20);
    return (a * b >> 20) * bound >> 20;
}

void till_open(struct till *t, uint64_t seed) {
    *t = (struct till){.state = seed * 2 + 1, .receipt = 31625220889, .now = INT64_C(1483228800000)};
    for (int i = 0; i < 8; i++) next_random(t);
}

void till_close(struct till *t) { free(t->customers); }

int till_register(struct till *t, struct site *site, size_t count, struct err *err) {
    t->customers = mem_resize(t->customers, (t->customer_count + count) * sizeof *t->customers);
    while (count > 0) {
        struct draft drafts[512];
        char cards[512][24];
        size_t n = count < 512 ? count : 512;
        memset(drafts, 0, n * sizeof *drafts);
        for (size_t i = 0; i < n; i++) {
            snprintf(cards[i], sizeof cards[i], "C%zu", t->customer_count + i);
            drafts[i].subject = SUBJECT_SELF;
            event_init(&drafts[i].event, EVENT_registered);
            drafts[i].event.at = t->now;
            event_sealed_set(&drafts[i].event, event_info(EVENT_registered), SEALED_registered_card, view_of(cards[i]));
            if (site_draft_tags(site, &drafts[i], err) != 0) return err->code;
        }
        int code = site_write(site, drafts, n, NULL, 0, NULL, err);
        if (code != 0) return code;
        for (size_t i = 0; i < n; i++) t->customers[t->customer_count++] = drafts[i].id;
        count -= n;
    }
    return 0;
}

static void fill_lines(struct till *t, struct list *lines, struct buf *storage) {
    uint64_t count = 1 + below(t, 10) / 6 + below(t, 10) / 8;
    for (size_t i = 0; i < count; i++) {
        char sku[16];
        uint64_t article = skewed(t, ARTICLES);
        snprintf(sku, sizeof sku, "%llu", 800000ULL + article * 37);
        int64_t quantity = below(t, 8) == 0 ? 2000 : 1000;
        struct row_sale_line line = {view_of(sku), quantity, (int64_t)(99 + article % 400 * 5) * quantity / 1000,
                                     NIL,          NIL,      NIL};
        row_sale_line_append(lines, storage, &line);
    }
}

int till_sell(struct till *t, struct site *site, size_t count, size_t batch, struct err *err) {
    struct draft *drafts = mem_alloc(batch * sizeof *drafts);
    struct buf *lines = mem_alloc(batch * sizeof *lines);
    char(*keys)[24] = mem_alloc(batch * sizeof *keys);
    int code = 0;
    while (code == 0 && count > 0) {
        size_t n = count < batch ? count : batch;
        memset(drafts, 0, n * sizeof *drafts);
        for (size_t i = 0; i < n; i++) {
            event_init(&drafts[i].event, EVENT_sold);
            drafts[i].event.at = t->now += (int64_t)below(t, 60) * 1000;
            drafts[i].event.subject = t->customers[skewed(t, t->customer_count)];
            snprintf(keys[i], sizeof keys[i], "%llu", (unsigned long long)(t->receipt += below(t, 9000)));
            drafts[i].event.ref = (struct ref){view_of("purchases:367"), view_of(keys[i])};
            buf_clear(&lines[i]);
            fill_lines(t, &drafts[i].event.body.sold.lines, &lines[i]);
        }
        code = site_write(site, drafts, n, NULL, 0, NULL, err);
        count -= n;
    }
    for (size_t i = 0; i < batch; i++) buf_release(&lines[i]);
    free(lines);
    free(keys);
    free(drafts);
    return code;
}

size_t till_json_size(struct site *site, uint64_t sale) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened;
    struct err err;
    size_t size = 0;
    if (site_event(site, sale, &event, &frame, &plain, &standing, &opened, &record, &err) == 0) {
        json_t *row = event_json(&event, sale, standing, opened, &site->zone);
        char *text = json_dumps(row, JSON_COMPACT);
        size = strlen(text);
        free(text);
        json_decref(row);
    }
    buf_release(&frame);
    buf_release(&plain);
    return size;
}
