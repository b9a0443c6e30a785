/* The contract, second half: finding, iterating, verifying, opening again. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/log/site_chain.h"
#include "tests/contract/log_scene.h"

/* ---- Where events stand ---- */

void log_finds_positions_and_runs(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scene_append_run(&s, STORE_A, 3);
    scene_append_run(&s, STORE_A, 2);
    scene_append_run(&s, STORE_B, 2);
    scene_append_run(&s, STORE_A, 1);
    scene_run_is(s.log, id_make(STORE_A, 1), 1, 5);
    scene_run_is(s.log, id_make(STORE_A, 4), 4, 2);
    scene_run_is(s.log, id_make(STORE_A, 5), 5, 1);
    scene_run_is(s.log, id_make(STORE_B, 1), 6, 2);
    scene_run_is(s.log, id_make(STORE_A, 6), 8, 1);
    scene_not_found(s.log, id_make(STORE_A, 7));
    scene_not_found(s.log, id_make(STORE_B, 3));
    scene_not_found(s.log, id_make(STORE_C, 1));
    scene_not_found(s.log, id_make(STORE_A, 0));
    scene_not_found(s.log, 0);
    scene_end(&s);
}

/* Enough runs that the LMDB form writes them to its index on the way, more than once. */
void log_finds_runs_after_many(const struct log_form *form) {
    struct scene s;
    const uint64_t rounds = 6000;
    scene_begin(&s, form);
    for (uint64_t i = 0; i < rounds; i++) {
        scribe_event(&s.scribe, STORE_A, 0, NULL, 0);
        scribe_event(&s.scribe, STORE_B, 0, NULL, 0);
        scribe_event(&s.scribe, STORE_B, 0, NULL, 0);
        if (i % 500 == 0) scene_append(&s);
    }
    scene_append(&s);
    scene_append_run(&s, STORE_B, 3);
    scene_append_run(&s, STORE_C, 1);
    for (uint64_t i = 0; i < rounds; i += 7) {
        scene_run_is(s.log, id_make(STORE_A, i + 1), 3 * i + 1, 1);
        scene_run_is(s.log, id_make(STORE_B, 2 * i + 1), 3 * i + 2, i == rounds - 1 ? 5 : 2);
        scene_run_is(s.log, id_make(STORE_B, 2 * i + 2), 3 * i + 3, i == rounds - 1 ? 4 : 1);
    }
    scene_run_is(s.log, id_make(STORE_B, 2 * rounds), 3 * rounds, 4);
    scene_verify_good(&s, 3 * rounds + 4, 3);
    scene_end(&s);
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
    scene_begin(&s, form);
    scene_append_run(&s, STORE_A, 3);
    scene_append_run(&s, STORE_B, 1);
    scene_append_run(&s, STORE_A, 3);
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
    scene_end(&s);
}

void log_iterates_on_after_the_end(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it;
    scene_begin(&s, form);
    scene_append_run(&s, STORE_A, 1);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    next_is(it, 1);
    ends(it);
    scene_append_run(&s, STORE_A, 2);
    next_is(it, 2);
    scene_append_run(&s, STORE_A, 1);
    next_is(it, 3);
    next_is(it, 4);
    ends(it);
    it->ops->close(it);
    scene_end(&s);
}

void log_iterates_on_after_a_pause(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it;
    struct log_iterator *other;
    scene_begin(&s, form);
    scene_append_run(&s, STORE_A, 5);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    cr_assert_eq(s.log->ops->iterate(s.log, &other, &s.err), 0);
    it->ops->pause(it);
    next_is(it, 1);
    it->ops->pause(it);
    it->ops->pause(it);
    next_is(other, 1);
    next_is(it, 2);
    next_is(it, 3);
    scene_append_run(&s, STORE_B, 1);
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
    scene_end(&s);
}

void log_iterates_past_a_transaction(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it;
    const int batches = 5;
    scene_begin(&s, form);
    for (int i = 0; i < batches; i++) scene_append_run(&s, STORE_A, LOG_SCAN_MAX / 2 + 1);
    const uint64_t tip = (uint64_t)batches * (LOG_SCAN_MAX / 2 + 1);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    for (uint64_t position = 1; position <= tip; position++) next_is(it, position);
    ends(it);
    it->ops->close(it);
    scene_verify_good(&s, tip, 1);
    scene_end(&s);
}

/* A few at once are the same records, all readable together, whatever transactions lie between. */
void log_iterates_a_few_at_once(const struct log_form *form) {
    struct scene s;
    struct log_iterator *it, *single;
    struct record few[7], one;
    size_t count;
    uint64_t position = 1;
    scene_begin(&s, form);
    for (int i = 0; i < 3; i++) scene_append_run(&s, STORE_A, LOG_SCAN_MAX / 2 + 1);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    cr_assert_eq(s.log->ops->iterate(s.log, &single, &s.err), 0);
    while (log_next_few(it, few, 7, &count, &s.err) == 0) {
        cr_assert(count > 0 && count <= 7);
        for (size_t i = 0; i < count; i++) {
            cr_assert_eq(single->ops->next(single, &one, &s.err), 0);
            cr_assert_eq(few[i].position, position++);
            cr_assert(view_equal(few[i].frame, one.frame), "record %llu", (unsigned long long)few[i].position);
            cr_assert_eq(few[i].id, one.id);
        }
    }
    cr_assert_eq(position, 3 * (LOG_SCAN_MAX / 2 + 1) + 1);
    cr_assert_eq(log_next_few(it, few, 7, &count, &s.err), LOG_END);
    scene_append_run(&s, STORE_A, 1);
    cr_assert_eq(log_next_few(it, few, 7, &count, &s.err), 0);
    cr_assert_eq(count, 1u);
    cr_assert_eq(few[0].position, position);
    it->ops->close(it);
    single->ops->close(single);
    scene_end(&s);
}

/* ---- Chains and verify ---- */

void log_chains_commit_by_commit(const struct log_form *form) {
    struct scene s;
    struct site_chain start;
    uint8_t chain[CHAIN_SIZE];
    uint8_t second[CHAIN_SIZE];
    uint8_t third[CHAIN_SIZE];
    uint64_t at;
    scene_begin(&s, form);
    site_chain_start(&start);
    cr_assert_eq(s.log->ops->chain_at(s.log, 0, &at, chain, &s.err), 0);
    cr_assert_eq(at, 0);
    cr_assert_eq(memcmp(chain, start.value, CHAIN_SIZE), 0);
    scene_append_run(&s, STORE_A, 3);
    scene_append_run(&s, STORE_B, 2);
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
    scene_end(&s);
}

void log_verifies_what_it_took(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    uint64_t a = scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    uint64_t b = scribe_event(&s.scribe, STORE_B, 0, "b", 10);
    for (int i = 0; i < 200; i++) {
        scribe_event(&s.scribe, i % 2 == 0 ? STORE_A : STORE_B, i % 3 == 0 ? a : b, NULL, (size_t)i * 20);
        if (i % 10 == 0) scene_append(&s);
    }
    scribe_event(&s.scribe, HUB, 0, "b of the hub", 10);
    scene_append(&s);
    scene_verify_good(&s, 203, 3);
    scene_verify_is(&s, NULL, 0, NULL);
    scene_end(&s);
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
    scene_begin(&s, form);
    scene_append_run(&s, STORE_A, 3);
    struct log_trust trust = scribe_trust(&s.scribe);
    struct log_trust changed = trust;
    changed.key_of = other_key;
    scene_verify_is(&s, &changed, ERR_CORRUPT, "chain of stream 65537");
    changed.key_of = no_key;
    scene_verify_is(&s, &changed, ERR_CORRUPT, "no public key is known for stream 65537");
    changed = trust;
    changed.root[0] ^= 1;
    scene_verify_is(&s, &changed, ERR_CORRUPT, "signature of the head of stream 65537");
    scene_verify_is(&s, &trust, 0, NULL);
    scene_end(&s);
}

/* A hint that is not the subject's previous record passes append, which cannot know. */
void log_verifies_hints(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    scene_begin(&s, form);
    uint64_t customer = scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scene_append(&s);
    scribe_event(&s.scribe, STORE_A, customer, NULL, 10);
    scene_append(&s);
    scribe_event(&s.scribe, STORE_A, customer, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    record.previous = 1;
    batch.records = &record;
    cr_assert_eq(log_append(s.log, &batch, &first, &s.err), 0);
    scene_verify_is(&s, NULL, ERR_CORRUPT, "record 3 (event 65537-3)");
    scene_end(&s);
}

/* Nor can it know that a frame is not the one that was chained. */
void log_verifies_chains(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    scene_begin(&s, form);
    scene_append_run(&s, STORE_A, 1);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    record.frame.len--;
    batch.records = &record;
    cr_assert_eq(log_append(s.log, &batch, &first, &s.err), 0);
    scene_verify_is(&s, NULL, 0, NULL);
    struct log_trust trust = scribe_trust(&s.scribe);
    scene_verify_is(&s, &trust, ERR_CORRUPT, "chain of stream 65537");
    scene_end(&s);
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
    scene_begin(&s, form);
    if (!form->keeps) {
        scene_end(&s);
        return;
    }
    scribe_event(&s.scribe, STORE_A, 0, "x", 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("12"));
    scene_append(&s);
    scene_append_run(&s, STORE_B, 4);
    scene_append_run(&s, STORE_A, 4);
    cr_assert_eq(s.log->ops->chain_at(s.log, 9, &at, before, &s.err), 0);
    again(&s, form);
    cr_assert_eq(log_tip(s.log), 9);
    cr_assert_eq(log_head(s.log, STORE_A, &head), 0);
    cr_assert(scribe_head_is(&s.scribe, &head));
    cr_assert_eq(s.log->ops->chain_at(s.log, 9, &at, after, &s.err), 0);
    cr_assert_eq(memcmp(before, after, CHAIN_SIZE), 0);
    scene_run_is(s.log, id_make(STORE_A, 2), 6, 4);
    scene_run_is(s.log, id_make(STORE_B, 1), 2, 4);
    scene_value_is(s.log, "cursor", "12");
    scribe_event(&s.scribe, STORE_A, 0, "x", 10);
    scene_refused(&s, scribe_batch(&s.scribe), "same ref");
    scene_verify_good(&s, 9, 2);
    scene_end(&s);
}

/* Over closes before and after runs were written to the index, with runs that go on across them. */
void log_goes_on_after_opening_again(const struct log_form *form) {
    struct scene s;
    uint64_t tip = 0;
    scene_begin(&s, form);
    for (int round = 0; round < 6; round++) {
        const int counts[] = {3, 9000, 1, 20000, 2, 1};
        scene_append_run(&s, STORE_A, counts[round]);
        tip += (uint64_t)counts[round];
        if (form->keeps) again(&s, form);
        scene_run_is(s.log, id_make(STORE_A, 1), 1, tip);
    }
    scene_append_run(&s, STORE_B, 1);
    scene_append_run(&s, STORE_A, 1);
    scene_run_is(s.log, id_make(STORE_A, 1), 1, tip);
    scene_run_is(s.log, id_make(STORE_A, tip + 1), tip + 2, 1);
    scene_verify_good(&s, tip + 2, 2);
    scene_end(&s);
}

/* ---- Streams held in part ---- */

/* Events of STORE_B with the seqs in `order`, as a feed brings them, each in a batch of its own. */
static void feed(struct scene *s, const uint64_t *order, size_t count) {
    struct log_batch batch = *scribe_batch(&s->scribe);
    uint64_t first;
    for (size_t i = 0; i < count; i++) {
        struct log_append record = batch.records[order[i] - 1];
        record.partial = true;
        record.ref_hash = VIEW_NONE;
        record.previous = 0;
        const struct log_batch one = {.records = &record, .record_count = 1};
        cr_assert_eq(log_append(s->log, &one, &first, &s->err), 0, "%s", s->err.text);
    }
}

static const uint64_t fed_order[] = {5, 2, 3, 9, 1};
#define FED (sizeof fed_order / sizeof *fed_order)

static void fed_scene(struct scene *s, const struct log_form *form) {
    scene_begin(s, form);
    for (int i = 0; i < 9; i++) scribe_event(&s->scribe, STORE_B, 0, NULL, 12);
    feed(s, fed_order, FED);
}

void log_takes_partial_events_in_any_order(const struct log_form *form) {
    struct scene s;
    struct head head;
    fed_scene(&s, form);
    for (size_t i = 0; i < FED; i++) {
        uint64_t position;
        cr_assert_eq(log_position_of(s.log, id_make(STORE_B, fed_order[i]), &position), 0);
        cr_assert_eq(position, i + 1);
    }
    scene_not_found(s.log, id_make(STORE_B, 4));
    cr_assert_eq(log_head(s.log, STORE_B, &head), ERR_NOT_FOUND);
    struct log_trust trust = scribe_trust(&s.scribe);
    scene_verify_is(&s, &trust, ERR_CORRUPT, "no head of its stream");
    trust.fed = true;
    scene_verify_is(&s, &trust, 0, NULL);
    scene_end(&s);
}

void log_refuses_partial_events_twice(const struct log_form *form) {
    struct scene s;
    fed_scene(&s, form);
    struct log_append records[2] = {s.scribe.batch.records[2], s.scribe.batch.records[2]};
    struct log_batch batch = {.records = records, .record_count = 1};
    records[0].partial = records[1].partial = true;
    scene_refused(&s, &batch, "in the log already");
    records[0].id = records[1].id = id_make(STORE_B, 4);
    batch.record_count = 2;
    scene_refused(&s, &batch, "in the log already");
    scribe_drop(&s.scribe);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    s.scribe.tip = FED;
    scene_append(&s);
    records[0].id = id_make(STORE_A, 7);
    batch.record_count = 1;
    scene_refused(&s, &batch, "held in full");
    scene_end(&s);
}

void log_keeps_partial_events_after_opening_again(const struct log_form *form) {
    struct scene s;
    if (!form->keeps) return;
    fed_scene(&s, form);
    s.log->ops->close(s.log);
    s.log = form->open(form->context);
    feed(&s, (const uint64_t[]){4, 8}, 2);
    scene_run_is(s.log, id_make(STORE_B, 4), FED + 1, 1);
    scene_run_is(s.log, id_make(STORE_B, 9), 4, 1);
    struct log_trust trust = scribe_trust(&s.scribe);
    trust.fed = true;
    scene_verify_is(&s, &trust, 0, NULL);
    scene_end(&s);
}
