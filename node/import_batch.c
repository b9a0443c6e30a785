/* Writing: units in batches of one commit each. A unit that the writer refuses is rejected and its batch made again
 * without it. In a dry run the same drafts are made, looked at and dropped. */
#include <assert.h>
#include <stdlib.h>

#include "node/import.h"
#include "proto/base/text.h"

#define LISTS 2
#define COMMITS 16 /* a large import is so many commits at least */
#define AGAIN 1    /* a unit was taken out: make the batch again */

/* Every commit writes each page of the log's index that it touches, and refs are all over it: the fewer commits, the
 * less is written. */
static size_t batch_most(const struct import *im, size_t units) {
    bool alone = im->call->daemon == NULL && !im->dry_run;
    size_t most = alone ? units / COMMITS : 0;
    return most > IMPORT_BATCH_ALONE ? IMPORT_BATCH_ALONE : most > IMPORT_BATCH ? most : IMPORT_BATCH;
}

static void batch_init(struct import *im, size_t units) {
    struct batch *b = &im->batch;
    import_batch_release(im);
    b->most = batch_most(im, units);
    b->room = (units < b->most ? units * IMPORT_UNIT_MAX : b->most) + IMPORT_UNIT_MAX;
    if (b->room > b->most + IMPORT_UNIT_MAX) b->room = b->most + IMPORT_UNIT_MAX;
    b->drafts = mem_alloc(b->room * sizeof *b->drafts);
    b->storage = mem_alloc(b->room * LISTS * sizeof *b->storage);
    b->cards = mem_alloc(b->room * sizeof *b->cards);
    b->units = mem_alloc(b->room * sizeof *b->units);
}

void import_batch_release(struct import *im) {
    struct batch *b = &im->batch;
    for (size_t i = 0; b->storage != NULL && i < b->room * LISTS; i++) buf_release(&b->storage[i]);
    free(b->storage);
    free(b->drafts);
    free(b->cards);
    free(b->units);
    *b = (struct batch){.number = b->number};
}

struct draft *import_draft(struct import *im, enum event_type type, struct view key, int64_t at, struct view staff) {
    struct batch *b = &im->batch;
    assert(b->count < b->room);
    struct draft *d = &b->drafts[b->count];
    b->cards[b->count++] = 0;
    d->subject = SUBJECT_GIVEN;
    d->settle = NULL;
    d->context = NULL;
    d->unless_known = false;
    d->tag_count = 0;
    d->id = 0;
    d->existing = false;
    event_init(&d->event, type);
    d->event.at = at;
    d->event.actor = staff;
    if (key.data != NULL) d->event.ref = (struct ref){im->source, key};
    return d;
}

struct buf *import_storage(struct import *im, const struct draft *draft, int which) {
    return &im->batch.storage[(draft - im->batch.drafts) * LISTS + which];
}

/* Drafts of the units from `from` on, until the batch is full; `*next` is the first that is not in it. */
static int fill(struct import *im, const struct import_order *order, size_t from, size_t count, size_t *next) {
    struct batch *b = &im->batch;
    b->count = b->unit_count = 0;
    b->number++;
    size_t i = from;
    for (; i < count && b->count < b->most; i++) {
        size_t first = b->count;
        int code = im->kind->draft(im, order[i].unit);
        if (code < 0) return code;
        assert(code != IMPORT_LATER || (first > 0 && b->count == first));
        if (code == IMPORT_LATER) break;
        assert(b->count - first <= IMPORT_UNIT_MAX);
        if (b->count > first) b->units[b->unit_count++] = (struct batch_unit){order[i].unit, (uint32_t)first};
    }
    *next = i;
    return 0;
}

/* ---- The dry run ---- */

/* Is a draft's ref known, in the log or among what would be written? */
static int pretend_ref(struct import *im, struct draft *d) {
    uint8_t hash[REF_HASH_SIZE];
    bool added;
    if (d->event.ref.source.data == NULL) return 0;
    int code = import_known(im, d->event.ref.key, &d->id);
    d->existing = code == 0;
    if (code != ERR_NOT_FOUND) return code;
    ref_hash(d->event.ref.source, d->event.ref.key, hash);
    idmap_put(&im->pretended, get_u64_be(hash) | 1, &added);
    d->existing = !added;
    return 0;
}

bool import_pretended(struct import *im, struct view key) {
    uint8_t hash[REF_HASH_SIZE];
    ref_hash(im->source, key, hash);
    return idmap_find(&im->pretended, get_u64_be(hash) | 1) != NULL;
}

/* What the writer would find out about the batch. All drafts are looked at before any ref counts as written. */
static int pretend(struct import *im, size_t *failed) {
    int code = 0;
    for (size_t i = 0; code == 0 && i < im->batch.count; i++) {
        code = event_validate(&im->batch.drafts[i].event, &im->call->error);
        if (code != 0) *failed = i;
    }
    for (size_t i = 0; code == 0 && i < im->batch.count; i++) code = pretend_ref(im, &im->batch.drafts[i]);
    return code;
}

/* ---- The commit ---- */

static size_t unit_drafts(const struct batch *b, size_t unit) {
    size_t end = unit + 1 < b->unit_count ? b->units[unit + 1].first : b->count;
    return end - b->units[unit].first;
}

static void settle_unit(struct import *im, uint32_t unit, const struct draft *drafts, size_t count) {
    const uint32_t *cards = im->batch.cards + (drafts - im->batch.drafts);
    bool written = false;
    if (im->kind->row_of == NULL) {
        im->kind->settle(im, unit, drafts, count);
        return;
    }
    for (size_t i = 0; i < count; i++) written = written || (!drafts[i].existing && cards[i] == 0);
    import_done(im, im->kind->row_of(im, unit), written ? ROW_WRITTEN : ROW_SKIPPED);
}

static void settle(struct import *im) {
    struct batch *b = &im->batch;
    for (size_t i = 0; i < b->count; i++) {
        im->events += !b->drafts[i].existing;
        im->registered += !b->drafts[i].existing && b->drafts[i].event.type == EVENT_registered;
        if (im->dry_run && !b->drafts[i].existing) import_preview(im, &b->drafts[i]);
    }
    import_cards_written(im);
    if (im->kind->written != NULL) im->kind->written(im);
    for (size_t i = 0; i < b->unit_count; i++) {
        const struct batch_unit *unit = &b->units[i];
        settle_unit(im, unit->unit, b->drafts + unit->first, unit_drafts(b, i));
    }
}

/* Refused for what the draft says, not because writing failed? */
static bool fault_of_unit(int code) {
    return code == ERR_INVALID || code == ERR_LIMIT || code == ERR_REFUSED || code == ERR_NOT_FOUND;
}

static void refuse(struct import *im, size_t draft) {
    struct batch *b = &im->batch;
    size_t unit = 0;
    while (unit + 1 < b->unit_count && b->units[unit + 1].first <= draft) unit++;
    struct err why = im->call->error;
    im->call->error = (struct err){0};
    if (im->kind->row_of == NULL)
        im->kind->refuse(im, b->units[unit].unit, &why);
    else
        import_reject(im, im->kind->row_of(im, b->units[unit].unit), why.field[0] == '\0' ? NULL : why.field, "%s",
                      why.text);
}

static int commit(struct import *im) {
    struct batch *b = &im->batch;
    size_t failed = SIZE_MAX;
    if (b->count == 0) return 0;
    int code = im->dry_run ? pretend(im, &failed)
                           : site_write(im->site, b->drafts, b->count, NULL, 0, &failed, &im->call->error);
    if (failed < b->count && fault_of_unit(code)) {
        refuse(im, failed);
        b->most = IMPORT_BATCH; /* each refusal makes a batch again: let it be a small one */
        return AGAIN;
    }
    if (code == 0) settle(im);
    return code;
}

/* ---- All of it ---- */

/* Where a person stands after an import that ended early. */
static int ended_early(struct import *im, int code, const char *why) {
    char count[COUNT_TEXT];
    if (im->dry_run) return err_set(&im->call->error, code, NULL, "%s; nothing has been written", why);
    return err_set(&im->call->error, code, NULL, "%s; %s of %s written so far, the same command goes on from there",
                   why, count_format(im->events, "event", count), im->path);
}

static int earlier(const void *a, const void *b) {
    const struct import_order *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

int import_write(struct import *im, struct import_order *order, size_t count) {
    int code = 0;
    batch_init(im, count);
    if (count > 0) qsort(order, count, sizeof *order, earlier);
    for (size_t i = 0, next = 0; i < count; i = code == AGAIN ? i : next) {
        if (call_cancelled(im->call)) return ended_early(im, ERR_INTERRUPTED, "stopped");
        code = fill(im, order, i, count, &next);
        if (code == 0) code = commit(im);
        if (code < 0) {
            struct err why = im->call->error;
            return ended_early(im, code, why.text);
        }
        call_progress(im->call, im->dry_run ? "checking" : "writing", next, count);
    }
    return 0;
}
