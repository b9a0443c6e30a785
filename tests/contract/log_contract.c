#include "tests/contract/log_contract.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/event.h"
#include "proto/log/site_chain.h"
#include "tests/support/scribe.h"

#define STORE_A 65537u
#define STORE_B 65538u
#define STORE_C 65539u
#define HUB 65536u

/* ---- Pieces ---- */

struct scene {
    struct log *log;
    struct scribe scribe;
    struct err err;
};

static void begin(struct scene *s, const struct log_form *form) {
    s->log = form->open(form->context);
    cr_assert_not_null(s->log);
    scribe_init(&s->scribe);
}

static void end(struct scene *s) {
    s->log->ops->close(s->log);
    scribe_release(&s->scribe);
}

static void append(struct scene *s) { cr_assert_eq(scribe_append(&s->scribe, s->log, &s->err), 0, "%s", s->err.text); }

/* Appends a batch of `count` events of a stream. */
static void append_run(struct scene *s, uint32_t stream, int count) {
    for (int i = 0; i < count; i++) scribe_event(&s->scribe, stream, 0, NULL, 20);
    append(s);
}

static void refused(struct scene *s, const struct log_batch *batch, const char *word) {
    uint64_t first;
    cr_assert_eq(log_append(s->log, batch, &first, &s->err), ERR_CONFLICT);
    cr_assert_not_null(strstr(s->err.text, word), "\"%s\" does not say \"%s\"", s->err.text, word);
}

static void verify_is(struct scene *s, const struct log_trust *trust, int code, const char *word) {
    struct verify_report report;
    cr_assert_eq(s->log->ops->verify(s->log, trust, &report, &s->err), code, "%s", s->err.text);
    if (word != NULL) cr_assert_not_null(strstr(s->err.text, word), "\"%s\" does not say \"%s\"", s->err.text, word);
}

static void verify_good(struct scene *s, uint64_t records, uint64_t streams) {
    struct log_trust trust = scribe_trust(&s->scribe);
    struct verify_report report;
    cr_assert_eq(s->log->ops->verify(s->log, &trust, &report, &s->err), 0, "%s", s->err.text);
    cr_assert_eq(report.records, records);
    cr_assert_eq(report.streams, streams);
    cr_assert_eq(report.first_bad, 0);
}

static void holds_record(struct log *log, uint64_t position, const struct log_append *expected) {
    struct buf copy = BUF_INIT;
    struct record record;
    cr_assert_eq(log_get(log, position, &record, &copy, NULL), 0);
    cr_assert_eq(record.position, position);
    cr_assert_eq(record.id, expected->id);
    cr_assert_eq(record.received, expected->received);
    cr_assert_eq(record.previous, expected->previous);
    cr_assert(view_equal(record.frame, expected->frame));
    buf_release(&copy);
}

static void value_is(struct log *log, const char *key, const char *expected) {
    struct buf value = BUF_INIT;
    int rc = log->ops->value(log, view_of(key), &value);
    cr_assert_eq(rc, expected == NULL ? ERR_NOT_FOUND : 0, "%s", key);
    if (expected != NULL) cr_assert(view_is(buf_view(&value), expected), "%s is %s", key, buf_text(&value));
    buf_release(&value);
}

static void run_is(struct log *log, uint64_t id, uint64_t position, uint64_t length) {
    uint64_t p;
    uint64_t l;
    cr_assert_eq(log->ops->run_of(log, id, &p, &l), 0, "event %lu", (unsigned long)id);
    cr_assert_eq(p, position);
    cr_assert_eq(l, length, "event %lu: %lu", (unsigned long)id, (unsigned long)l);
    cr_assert_eq(log_position_of(log, id, &p), 0);
    cr_assert_eq(p, position);
}

static void not_found(struct log *log, uint64_t id) {
    uint64_t p;
    uint64_t l;
    cr_assert_eq(log->ops->run_of(log, id, &p, &l), ERR_NOT_FOUND);
    cr_assert_eq(log_position_of(log, id, &p), ERR_NOT_FOUND);
}

/* ---- Appending ---- */

void log_is_empty_at_first(const struct log_form *form) {
    struct scene s;
    struct head head;
    struct head *heads;
    size_t count;
    struct record record;
    struct buf copy = BUF_INIT;
    struct log_iterator *it;
    begin(&s, form);
    cr_assert_eq(log_tip(s.log), 0);
    cr_assert_eq(log_head(s.log, STORE_A, &head), ERR_NOT_FOUND);
    cr_assert_eq(s.log->ops->heads(s.log, &heads, &count, &s.err), 0);
    cr_assert_eq(count, 0);
    free(heads);
    not_found(s.log, id_make(STORE_A, 1));
    value_is(s.log, "cursor", NULL);
    cr_assert_eq(log_get(s.log, 0, &record, &copy, &s.err), ERR_NOT_FOUND);
    cr_assert_eq(log_get(s.log, 1, &record, &copy, &s.err), ERR_NOT_FOUND);
    cr_assert_eq(log_get_id(s.log, id_make(STORE_A, 1), &record, &copy, &s.err), ERR_NOT_FOUND);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    cr_assert_eq(it->ops->next(it, &record, &s.err), LOG_END);
    it->ops->close(it);
    verify_good(&s, 0, 0);
    end(&s);
}

void log_gives_back_what_was_appended(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    struct head head;
    struct record record;
    struct buf copy = BUF_INIT;
    begin(&s, form);
    uint64_t customer = scribe_event(&s.scribe, STORE_A, 0, NULL, 30);
    scribe_event(&s.scribe, STORE_A, customer, "K-1", 0);
    scribe_event(&s.scribe, STORE_A, customer, NULL, 900);
    const struct log_batch *batch = scribe_batch(&s.scribe);
    cr_assert_eq(log_append(s.log, batch, &first, &s.err), 0, "%s", s.err.text);
    cr_assert_eq(first, 1);
    cr_assert_eq(log_tip(s.log), 3);
    for (uint64_t position = 1; position <= 3; position++) holds_record(s.log, position, &batch->records[position - 1]);
    cr_assert_eq(log_head(s.log, STORE_A, &head), 0);
    scribe_done(&s.scribe);
    cr_assert(scribe_head_is(&s.scribe, &head));
    buf_append(&copy, "kept", 4);
    cr_assert_eq(log_get_id(s.log, id_make(STORE_A, 3), &record, &copy, &s.err), 0);
    cr_assert_eq(record.position, 3);
    cr_assert_eq(record.previous, 2);
    cr_assert_eq(memcmp(copy.data, "kept", 4), 0);
    buf_release(&copy);
    end(&s);
}

void log_takes_batches_over_several_streams(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    for (int i = 0; i < 3; i++) {
        scribe_event(&s.scribe, STORE_B, 0, NULL, 10);
        scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
        scribe_event(&s.scribe, STORE_B, 0, NULL, 10);
    }
    append(&s);
    append_run(&s, HUB, 1);
    append_run(&s, STORE_A, 2);
    cr_assert_eq(log_tip(s.log), 12);
    run_is(s.log, id_make(STORE_A, 3), 8, 1);
    run_is(s.log, id_make(STORE_A, 4), 11, 2);
    run_is(s.log, id_make(STORE_B, 2), 3, 2);
    run_is(s.log, id_make(HUB, 1), 10, 1);
    verify_good(&s, 12, 3);
    end(&s);
}

/* A batch of one event whose frame is `len` bytes. */
static int append_frame(struct scene *s, size_t len) {
    uint64_t first;
    uint8_t *bytes = mem_alloc(len);
    scribe_event(&s->scribe, STORE_A, 0, NULL, 10);
    const struct log_batch *batch = scribe_batch(&s->scribe);
    struct log_append record = batch->records[0];
    record.frame = view_make(bytes, len);
    const struct log_batch changed = {&record, 1, batch->heads, 1, NULL, 0};
    int rc = log_append(s->log, &changed, &first, &s->err);
    if (rc == 0) {
        holds_record(s->log, first, &record);
        scribe_done(&s->scribe);
    } else {
        scribe_drop(&s->scribe);
    }
    free(bytes);
    return rc;
}

void log_takes_frames_up_to_the_limit(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    cr_assert_eq(append_frame(&s, FRAME_MAX), 0);
    cr_assert_eq(append_frame(&s, 1), 0);
    cr_assert_eq(append_frame(&s, FRAME_MAX + 1), ERR_CONFLICT);
    cr_assert_eq(append_frame(&s, 0), ERR_CONFLICT);
    cr_assert_eq(log_tip(s.log), 2);
    end(&s);
}

/* ---- Refusing ---- */

void log_refuses_a_gap(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    append_run(&s, STORE_A, 2);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    batch.records++;
    batch.record_count--;
    refused(&s, &batch, "goes on with 3");
    end(&s);
}

void log_refuses_a_repeat(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    const struct log_batch *batch = scribe_batch(&s.scribe);
    cr_assert_eq(log_append(s.log, batch, &first, &s.err), 0);
    refused(&s, batch, "goes on with 2");
    cr_assert_eq(log_tip(s.log), 1);
    end(&s);
}

void log_refuses_a_stream_without_head(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_event(&s.scribe, STORE_B, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    batch.head_count = 1;
    refused(&s, &batch, "new head is missing");
    batch.head_count = 0;
    refused(&s, &batch, "new head is missing");
    end(&s);
}

void log_refuses_a_head_that_is_not_the_last(const struct log_form *form) {
    struct scene s;
    struct head heads[2];
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    heads[0] = heads[1] = batch.heads[0];
    batch.heads = heads;
    heads[0].seq = 2;
    refused(&s, &batch, "head of stream");
    heads[0].seq = 1;
    batch.head_count = 2;
    refused(&s, &batch, "two heads");
    heads[1].stream = STORE_B;
    heads[1].seq = 0;
    refused(&s, &batch, "head of stream");
    end(&s);
}

void log_refuses_a_hint_forwards(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    record.previous = 1;
    batch.records = &record;
    refused(&s, &batch, "hint");
    end(&s);
}

void log_refuses_a_foreign_ref_hash(const struct log_form *form) {
    struct scene s;
    uint8_t hash[REF_HASH_SIZE] = {1};
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "K", 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    batch.records = &record;
    record.ref_hash = view_make(hash, sizeof hash);
    refused(&s, &batch, "ref hash");
    record.ref_hash = view_make(batch.records[0].ref_hash.data, REF_HASH_SIZE - 1);
    refused(&s, &batch, "ref hash");
    end(&s);
}

void log_refuses_a_ref_that_is_taken(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    append(&s);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 18", 10);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    refused(&s, scribe_batch(&s.scribe), "65537-1 has the same ref");
    end(&s);
}

void log_refuses_a_ref_twice_in_a_batch(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    refused(&s, scribe_batch(&s.scribe), "same ref");
    end(&s);
}

void log_leaves_nothing_of_a_refused_batch(const struct log_form *form) {
    struct scene s;
    struct head head;
    uint64_t id;
    uint8_t hash[REF_HASH_SIZE];
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "one", 10);
    append(&s);
    scribe_event(&s.scribe, STORE_A, 0, "two", 10);
    scribe_event(&s.scribe, STORE_B, 0, "one", 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("moved"));
    cr_assert_eq(scribe_append(&s.scribe, s.log, &s.err), ERR_CONFLICT);
    ref_hash(view_of("till"), view_of("two"), hash);
    cr_assert_eq(log_tip(s.log), 1);
    cr_assert_eq(s.log->ops->ref(s.log, hash, &id), ERR_NOT_FOUND);
    cr_assert_eq(log_head(s.log, STORE_B, &head), ERR_NOT_FOUND);
    not_found(s.log, id_make(STORE_A, 2));
    value_is(s.log, "cursor", NULL);
    scribe_event(&s.scribe, STORE_A, 0, "two", 10);
    append(&s);
    verify_good(&s, 2, 1);
    end(&s);
}

/* ---- Small things ---- */

void log_finds_refs(const struct log_form *form) {
    struct scene s;
    char name[32];
    uint8_t hash[REF_HASH_SIZE];
    uint64_t id;
    begin(&s, form);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "receipt %d", i);
        scribe_event(&s.scribe, STORE_A, 0, i % 3 == 0 ? NULL : name, 10);
        if (i % 7 == 0) append(&s);
    }
    append(&s);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "receipt %d", i);
        ref_hash(view_of("till"), view_of(name), hash);
        cr_assert_eq(s.log->ops->ref(s.log, hash, &id), i % 3 == 0 ? ERR_NOT_FOUND : 0);
        if (i % 3 != 0) cr_assert_eq(id, id_make(STORE_A, (uint64_t)i + 1));
    }
    verify_good(&s, 300, 1);
    end(&s);
}

void log_keeps_values_with_the_append(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("1"));
    scribe_value(&s.scribe, view_of("receipt"), view_of(""));
    append(&s);
    value_is(s.log, "cursor", "1");
    value_is(s.log, "receipt", "");
    value_is(s.log, "receip", NULL);
    value_is(s.log, "receiptx", NULL);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("a longer one"));
    append(&s);
    value_is(s.log, "cursor", "a longer one");
    verify_good(&s, 2, 1);
    end(&s);
}

void log_keeps_values_alone(const struct log_form *form) {
    struct scene s;
    struct buf large = BUF_INIT;
    struct buf found = BUF_INIT;
    char key[130];
    begin(&s, form);
    for (int i = 0; i < 20000; i++) buf_append_byte(&large, (uint8_t)i);
    memset(key, 'k', sizeof key);
    scribe_value(&s.scribe, view_of("large"), buf_view(&large));
    scribe_value(&s.scribe, view_make(key, 128), view_of("longest key"));
    append(&s);
    cr_assert_eq(log_tip(s.log), 0);
    buf_append_byte(&found, 'x');
    cr_assert_eq(s.log->ops->value(s.log, view_of("large"), &found), 0);
    cr_assert(view_equal(view_make(found.data + 1, found.len - 1), buf_view(&large)));
    scribe_value(&s.scribe, view_make(key, 129), view_of("too long"));
    refused(&s, scribe_batch(&s.scribe), "key of a value");
    scribe_drop(&s.scribe);
    scribe_value(&s.scribe, view_make(key, 0), view_of("none"));
    refused(&s, scribe_batch(&s.scribe), "key of a value");
    verify_good(&s, 0, 0);
    buf_release(&large);
    buf_release(&found);
    end(&s);
}

void log_removes_values(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    scribe_value(&s.scribe, view_of("a"), view_of("1"));
    scribe_value(&s.scribe, view_of("b"), view_of("2"));
    scribe_value(&s.scribe, view_of("c"), view_of("3"));
    append(&s);
    scribe_value(&s.scribe, view_of("b"), VIEW_NONE);
    scribe_value(&s.scribe, view_of("never there"), VIEW_NONE);
    append(&s);
    value_is(s.log, "a", "1");
    value_is(s.log, "b", NULL);
    value_is(s.log, "c", "3");
    end(&s);
}

void log_lists_heads(const struct log_form *form) {
    struct scene s;
    struct head *heads;
    size_t count;
    begin(&s, form);
    append_run(&s, STORE_C, 3);
    append_run(&s, HUB, 1);
    append_run(&s, STORE_A, 2);
    append_run(&s, STORE_C, 1);
    cr_assert_eq(s.log->ops->heads(s.log, &heads, &count, &s.err), 0);
    cr_assert_eq(count, 3);
    cr_assert_eq(heads[0].stream, HUB);
    cr_assert_eq(heads[1].stream, STORE_A);
    cr_assert_eq(heads[2].stream, STORE_C);
    cr_assert_eq(heads[2].seq, 4);
    for (size_t i = 0; i < count; i++) cr_assert(scribe_head_is(&s.scribe, &heads[i]));
    free(heads);
    end(&s);
}

/* ---- Where events stand ---- */

void log_finds_positions_and_runs(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    append_run(&s, STORE_A, 3);
    append_run(&s, STORE_A, 2);
    append_run(&s, STORE_B, 2);
    append_run(&s, STORE_A, 1);
    run_is(s.log, id_make(STORE_A, 1), 1, 5);
    run_is(s.log, id_make(STORE_A, 4), 4, 2);
    run_is(s.log, id_make(STORE_A, 5), 5, 1);
    run_is(s.log, id_make(STORE_B, 1), 6, 2);
    run_is(s.log, id_make(STORE_A, 6), 8, 1);
    not_found(s.log, id_make(STORE_A, 7));
    not_found(s.log, id_make(STORE_B, 3));
    not_found(s.log, id_make(STORE_C, 1));
    not_found(s.log, id_make(STORE_A, 0));
    not_found(s.log, 0);
    end(&s);
}

/* Enough runs that the LMDB form writes them to its index on the way, more than once. */
void log_finds_runs_after_many(const struct log_form *form) {
    struct scene s;
    const uint64_t rounds = 6000;
    begin(&s, form);
    for (uint64_t i = 0; i < rounds; i++) {
        scribe_event(&s.scribe, STORE_A, 0, NULL, 0);
        scribe_event(&s.scribe, STORE_B, 0, NULL, 0);
        scribe_event(&s.scribe, STORE_B, 0, NULL, 0);
        if (i % 500 == 0) append(&s);
    }
    append(&s);
    append_run(&s, STORE_B, 3);
    append_run(&s, STORE_C, 1);
    for (uint64_t i = 0; i < rounds; i += 7) {
        run_is(s.log, id_make(STORE_A, i + 1), 3 * i + 1, 1);
        run_is(s.log, id_make(STORE_B, 2 * i + 1), 3 * i + 2, i == rounds - 1 ? 5 : 2);
        run_is(s.log, id_make(STORE_B, 2 * i + 2), 3 * i + 3, i == rounds - 1 ? 4 : 1);
    }
    run_is(s.log, id_make(STORE_B, 2 * rounds), 3 * rounds, 4);
    verify_good(&s, 3 * rounds + 4, 3);
    end(&s);
}

/* ---- Iterating ---- */

static void next_is(struct log_iterator *it, uint64_t position) {
    struct record record;
    struct err err;
    cr_assert_eq(it->ops->next(it, &record, &err), 0, "%s", err.text);
    cr_assert_eq(record.position, position);
    cr_assert_neq(record.frame.len, 0);
}

static void ends(struct log_iterator *it) {
    struct record record;
    cr_assert_eq(it->ops->next(it, &record, NULL), LOG_END);
}

void log_iterates_from_anywhere(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it;
    begin(&s, form);
    append_run(&s, STORE_A, 3);
    append_run(&s, STORE_B, 1);
    append_run(&s, STORE_A, 3);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    for (uint64_t start = 1; start <= 7; start++) {
        cr_assert_eq(it->ops->seek(it, start), 0);
        for (uint64_t position = start; position <= 7; position++) next_is(it, position);
        ends(it);
        ends(it);
    }
    cr_assert_eq(it->ops->seek(it, 0), 0);
    next_is(it, 1);
    cr_assert_eq(it->ops->seek(it, 8), 0);
    ends(it);
    cr_assert_eq(it->ops->seek(it, 5), 0);
    next_is(it, 5);
    cr_assert_eq(it->ops->seek(it, 2), 0);
    next_is(it, 2);
    next_is(it, 3);
    it->ops->close(it);
    end(&s);
}

void log_iterates_on_after_the_end(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it;
    begin(&s, form);
    append_run(&s, STORE_A, 1);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    next_is(it, 1);
    ends(it);
    append_run(&s, STORE_A, 2);
    next_is(it, 2);
    append_run(&s, STORE_A, 1);
    next_is(it, 3);
    next_is(it, 4);
    ends(it);
    it->ops->close(it);
    end(&s);
}

void log_iterates_on_after_a_pause(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it;
    struct log_iterator *other;
    begin(&s, form);
    append_run(&s, STORE_A, 5);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    cr_assert_eq(s.log->ops->iterate(s.log, &other, &s.err), 0);
    it->ops->pause(it);
    next_is(it, 1);
    it->ops->pause(it);
    it->ops->pause(it);
    next_is(other, 1);
    next_is(it, 2);
    next_is(it, 3);
    append_run(&s, STORE_B, 1);
    it->ops->pause(it);
    it->ops->seek(it, 5);
    next_is(it, 5);
    next_is(other, 2);
    next_is(it, 6);
    it->ops->close(it);
    it = other;
    for (uint64_t position = 3; position <= 6; position++) next_is(it, position);
    ends(it);
    it->ops->close(it);
    end(&s);
}

void log_iterates_past_a_transaction(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it;
    const int batches = 5;
    begin(&s, form);
    for (int i = 0; i < batches; i++) append_run(&s, STORE_A, LOG_SCAN_MAX / 2 + 1);
    const uint64_t tip = (uint64_t)batches * (LOG_SCAN_MAX / 2 + 1);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    for (uint64_t position = 1; position <= tip; position++) next_is(it, position);
    ends(it);
    it->ops->close(it);
    verify_good(&s, tip, 1);
    end(&s);
}

/* ---- Chains and verify ---- */

void log_chains_commit_by_commit(const struct log_form *form) {
    struct scene s;
    struct site_chain start;
    uint8_t chain[CHAIN_SIZE];
    uint8_t second[CHAIN_SIZE];
    uint8_t third[CHAIN_SIZE];
    uint64_t at;
    begin(&s, form);
    site_chain_start(&start);
    cr_assert_eq(s.log->ops->chain_at(s.log, 0, &at, chain, &s.err), 0);
    cr_assert_eq(at, 0);
    cr_assert_eq(memcmp(chain, start.value, CHAIN_SIZE), 0);
    append_run(&s, STORE_A, 3);
    append_run(&s, STORE_B, 2);
    cr_assert_eq(s.log->ops->chain_at(s.log, 2, &at, chain, &s.err), 0);
    cr_assert_eq(at, 0);
    cr_assert_eq(memcmp(chain, start.value, CHAIN_SIZE), 0);
    cr_assert_eq(s.log->ops->chain_at(s.log, 3, &at, second, &s.err), 0);
    cr_assert_eq(at, 3);
    cr_assert_neq(memcmp(second, start.value, CHAIN_SIZE), 0);
    cr_assert_eq(s.log->ops->chain_at(s.log, 4, &at, chain, &s.err), 0);
    cr_assert_eq(at, 3);
    cr_assert_eq(memcmp(second, chain, CHAIN_SIZE), 0);
    cr_assert_eq(s.log->ops->chain_at(s.log, 5, &at, third, &s.err), 0);
    cr_assert_eq(at, 5);
    cr_assert_neq(memcmp(second, third, CHAIN_SIZE), 0);
    cr_assert_eq(s.log->ops->chain_at(s.log, UINT64_MAX, &at, chain, &s.err), 0);
    cr_assert_eq(at, 5);
    cr_assert_eq(memcmp(third, chain, CHAIN_SIZE), 0);
    end(&s);
}

void log_verifies_what_it_took(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    uint64_t a = scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    uint64_t b = scribe_event(&s.scribe, STORE_B, 0, "b", 10);
    for (int i = 0; i < 200; i++) {
        scribe_event(&s.scribe, i % 2 == 0 ? STORE_A : STORE_B, i % 3 == 0 ? a : b, NULL, (size_t)i * 20);
        if (i % 10 == 0) append(&s);
    }
    scribe_event(&s.scribe, HUB, 0, "b of the hub", 10);
    append(&s);
    verify_good(&s, 203, 3);
    verify_is(&s, NULL, 0, NULL);
    end(&s);
}

static int other_key(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    (void)context;
    (void)stream;
    memset(key, 7, PUBLIC_KEY_SIZE);
    return 0;
}

static int no_key(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    (void)context;
    (void)stream;
    (void)key;
    return ERR_NOT_FOUND;
}

void log_verifies_against_the_right_key(const struct log_form *form) {
    struct scene s;
    begin(&s, form);
    append_run(&s, STORE_A, 3);
    struct log_trust trust = scribe_trust(&s.scribe);
    struct log_trust changed = trust;
    changed.key_of = other_key;
    verify_is(&s, &changed, ERR_CORRUPT, "chain of stream 65537");
    changed.key_of = no_key;
    verify_is(&s, &changed, ERR_CORRUPT, "no public key is known for stream 65537");
    changed = trust;
    changed.root[0] ^= 1;
    verify_is(&s, &changed, ERR_CORRUPT, "signature of the head of stream 65537");
    verify_is(&s, &trust, 0, NULL);
    end(&s);
}

/* A hint that is not the subject's previous record passes append, which cannot know. */
void log_verifies_hints(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    begin(&s, form);
    uint64_t customer = scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    append(&s);
    scribe_event(&s.scribe, STORE_A, customer, NULL, 10);
    append(&s);
    scribe_event(&s.scribe, STORE_A, customer, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    record.previous = 1;
    batch.records = &record;
    cr_assert_eq(log_append(s.log, &batch, &first, &s.err), 0);
    verify_is(&s, NULL, ERR_CORRUPT, "record 3 (event 65537-3)");
    end(&s);
}

/* Nor can it know that a frame is not the one that was chained. */
void log_verifies_chains(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    begin(&s, form);
    append_run(&s, STORE_A, 1);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    record.frame.len--;
    batch.records = &record;
    cr_assert_eq(log_append(s.log, &batch, &first, &s.err), 0);
    verify_is(&s, NULL, 0, NULL);
    struct log_trust trust = scribe_trust(&s.scribe);
    verify_is(&s, &trust, ERR_CORRUPT, "chain of stream 65537");
    end(&s);
}

/* ---- Opening again ---- */

static void again(struct scene *s, const struct log_form *form) {
    s->log->ops->close(s->log);
    s->log = form->open(form->context);
    cr_assert_not_null(s->log);
}

void log_is_the_same_after_opening_again(const struct log_form *form) {
    struct scene s;
    struct head head;
    uint64_t at;
    uint8_t before[CHAIN_SIZE];
    uint8_t after[CHAIN_SIZE];
    begin(&s, form);
    if (!form->keeps) {
        end(&s);
        return;
    }
    scribe_event(&s.scribe, STORE_A, 0, "x", 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("12"));
    append(&s);
    append_run(&s, STORE_B, 4);
    append_run(&s, STORE_A, 4);
    cr_assert_eq(s.log->ops->chain_at(s.log, 9, &at, before, &s.err), 0);
    again(&s, form);
    cr_assert_eq(log_tip(s.log), 9);
    cr_assert_eq(log_head(s.log, STORE_A, &head), 0);
    cr_assert(scribe_head_is(&s.scribe, &head));
    cr_assert_eq(s.log->ops->chain_at(s.log, 9, &at, after, &s.err), 0);
    cr_assert_eq(memcmp(before, after, CHAIN_SIZE), 0);
    run_is(s.log, id_make(STORE_A, 2), 6, 4);
    run_is(s.log, id_make(STORE_B, 1), 2, 4);
    value_is(s.log, "cursor", "12");
    scribe_event(&s.scribe, STORE_A, 0, "x", 10);
    refused(&s, scribe_batch(&s.scribe), "same ref");
    verify_good(&s, 9, 2);
    end(&s);
}

/* Over closes before and after runs were written to the index, with runs that go on across them. */
void log_goes_on_after_opening_again(const struct log_form *form) {
    struct scene s;
    uint64_t tip = 0;
    begin(&s, form);
    for (int round = 0; round < 6; round++) {
        const int counts[] = {3, 9000, 1, 20000, 2, 1};
        append_run(&s, STORE_A, counts[round]);
        tip += (uint64_t)counts[round];
        if (form->keeps) again(&s, form);
        run_is(s.log, id_make(STORE_A, 1), 1, tip);
    }
    append_run(&s, STORE_B, 1);
    append_run(&s, STORE_A, 1);
    run_is(s.log, id_make(STORE_A, 1), 1, tip);
    run_is(s.log, id_make(STORE_A, tip + 1), tip + 2, 1);
    verify_good(&s, tip + 2, 2);
    end(&s);
}
