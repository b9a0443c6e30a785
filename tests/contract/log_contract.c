/* The contract, first half: appending and refusing, refs, values, heads. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/event.h"
#include "tests/contract/log_scene.h"

/* ---- Appending ---- */

void log_is_empty_at_first(const struct log_form *form) {
    struct scene s;
    struct head head;
    struct head *heads;
    size_t count;
    struct record record;
    struct buf copy = BUF_INIT;
    struct log_iterator *it;
    scene_begin(&s, form);
    cr_assert_eq(log_tip(s.log), 0);
    cr_assert_eq(log_head(s.log, STORE_A, &head), ERR_NOT_FOUND);
    cr_assert_eq(s.log->ops->heads(s.log, &heads, &count, &s.err), 0);
    cr_assert_eq(count, 0);
    free(heads);
    scene_not_found(s.log, id_make(STORE_A, 1));
    scene_value_is(s.log, "cursor", NULL);
    cr_assert_eq(log_get(s.log, 0, &record, &copy, &s.err), ERR_NOT_FOUND);
    cr_assert_eq(log_get(s.log, 1, &record, &copy, &s.err), ERR_NOT_FOUND);
    cr_assert_eq(log_get_id(s.log, id_make(STORE_A, 1), &record, &copy, &s.err), ERR_NOT_FOUND);
    cr_assert_eq(s.log->ops->iterate(s.log, &it, &s.err), 0);
    cr_assert_eq(it->ops->next(it, &record, &s.err), LOG_END);
    it->ops->close(it);
    scene_verify_good(&s, 0, 0);
    scene_end(&s);
}

void log_gives_back_what_was_appended(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    struct head head;
    struct record record;
    struct buf copy = BUF_INIT;
    scene_begin(&s, form);
    uint64_t customer = scribe_event(&s.scribe, STORE_A, 0, NULL, 30);
    scribe_event(&s.scribe, STORE_A, customer, "K-1", 0);
    scribe_event(&s.scribe, STORE_A, customer, NULL, 900);
    const struct log_batch *batch = scribe_batch(&s.scribe);
    cr_assert_eq(log_append(s.log, batch, &first, &s.err), 0, "%s", s.err.text);
    cr_assert_eq(first, 1);
    cr_assert_eq(log_tip(s.log), 3);
    for (uint64_t position = 1; position <= 3; position++)
        scene_holds_record(s.log, position, &batch->records[position - 1]);
    cr_assert_eq(log_head(s.log, STORE_A, &head), 0);
    scribe_done(&s.scribe);
    cr_assert(scribe_head_is(&s.scribe, &head));
    buf_append(&copy, "kept", 4);
    cr_assert_eq(log_get_id(s.log, id_make(STORE_A, 3), &record, &copy, &s.err), 0);
    cr_assert_eq(record.position, 3);
    cr_assert_eq(record.previous, 2);
    cr_assert_eq(memcmp(copy.data, "kept", 4), 0);
    buf_release(&copy);
    scene_end(&s);
}

void log_takes_batches_over_several_streams(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    for (int i = 0; i < 3; i++) {
        scribe_event(&s.scribe, STORE_B, 0, NULL, 10);
        scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
        scribe_event(&s.scribe, STORE_B, 0, NULL, 10);
    }
    scene_append(&s);
    scene_append_run(&s, HUB, 1);
    scene_append_run(&s, STORE_A, 2);
    cr_assert_eq(log_tip(s.log), 12);
    scene_run_is(s.log, id_make(STORE_A, 3), 8, 1);
    scene_run_is(s.log, id_make(STORE_A, 4), 11, 2);
    scene_run_is(s.log, id_make(STORE_B, 2), 3, 2);
    scene_run_is(s.log, id_make(HUB, 1), 10, 1);
    scene_verify_good(&s, 12, 3);
    scene_end(&s);
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
        scene_holds_record(s->log, first, &record);
        scribe_done(&s->scribe);
    } else {
        scribe_drop(&s->scribe);
    }
    free(bytes);
    return rc;
}

void log_takes_frames_up_to_the_limit(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    cr_assert_eq(append_frame(&s, FRAME_MAX), 0);
    cr_assert_eq(append_frame(&s, 1), 0);
    cr_assert_eq(append_frame(&s, FRAME_MAX + 1), ERR_CONFLICT);
    cr_assert_eq(append_frame(&s, 0), ERR_CONFLICT);
    cr_assert_eq(log_tip(s.log), 2);
    scene_end(&s);
}

/* ---- Refusing ---- */

void log_refuses_a_gap(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scene_append_run(&s, STORE_A, 2);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    batch.records++;
    batch.record_count--;
    scene_refused(&s, &batch, "goes on with 3");
    scene_end(&s);
}

void log_refuses_a_repeat(const struct log_form *form) {
    struct scene s;
    uint64_t first;
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    const struct log_batch *batch = scribe_batch(&s.scribe);
    cr_assert_eq(log_append(s.log, batch, &first, &s.err), 0);
    scene_refused(&s, batch, "goes on with 2");
    cr_assert_eq(log_tip(s.log), 1);
    scene_end(&s);
}

void log_refuses_a_stream_without_head(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_event(&s.scribe, STORE_B, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    batch.head_count = 1;
    scene_refused(&s, &batch, "new head is missing");
    batch.head_count = 0;
    scene_refused(&s, &batch, "new head is missing");
    scene_end(&s);
}

void log_refuses_a_head_that_is_not_the_last(const struct log_form *form) {
    struct scene s;
    struct head heads[2];
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    heads[0] = heads[1] = batch.heads[0];
    batch.heads = heads;
    heads[0].seq = 2;
    scene_refused(&s, &batch, "head of stream");
    heads[0].seq = 1;
    batch.head_count = 2;
    scene_refused(&s, &batch, "two heads");
    heads[1].stream = STORE_B;
    heads[1].seq = 0;
    scene_refused(&s, &batch, "head of stream");
    scene_end(&s);
}

void log_refuses_a_hint_forwards(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    record.previous = 1;
    batch.records = &record;
    scene_refused(&s, &batch, "hint");
    scene_end(&s);
}

void log_refuses_a_foreign_ref_hash(const struct log_form *form) {
    struct scene s;
    uint8_t hash[REF_HASH_SIZE] = {1};
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "K", 10);
    struct log_batch batch = *scribe_batch(&s.scribe);
    struct log_append record = batch.records[0];
    batch.records = &record;
    record.ref_hash = view_make(hash, sizeof hash);
    scene_refused(&s, &batch, "ref hash");
    record.ref_hash = view_make(batch.records[0].ref_hash.data, REF_HASH_SIZE - 1);
    scene_refused(&s, &batch, "ref hash");
    scene_end(&s);
}

void log_refuses_a_ref_that_is_taken(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    scene_append(&s);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 18", 10);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    scene_refused(&s, scribe_batch(&s.scribe), "65537-1 has the same ref");
    scene_end(&s);
}

void log_refuses_a_ref_twice_in_a_batch(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    scribe_event(&s.scribe, STORE_A, 0, "receipt 17", 10);
    scene_refused(&s, scribe_batch(&s.scribe), "same ref");
    scene_end(&s);
}

void log_leaves_nothing_of_a_refused_batch(const struct log_form *form) {
    struct scene s;
    struct head head;
    uint64_t id;
    uint8_t hash[REF_HASH_SIZE];
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, "one", 10);
    scene_append(&s);
    scribe_event(&s.scribe, STORE_A, 0, "two", 10);
    scribe_event(&s.scribe, STORE_B, 0, "one", 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("moved"));
    cr_assert_eq(scribe_append(&s.scribe, s.log, &s.err), ERR_CONFLICT);
    ref_hash(view_of("till"), view_of("two"), hash);
    cr_assert_eq(log_tip(s.log), 1);
    cr_assert_eq(s.log->ops->ref(s.log, hash, &id), ERR_NOT_FOUND);
    cr_assert_eq(log_head(s.log, STORE_B, &head), ERR_NOT_FOUND);
    scene_not_found(s.log, id_make(STORE_A, 2));
    scene_value_is(s.log, "cursor", NULL);
    scribe_event(&s.scribe, STORE_A, 0, "two", 10);
    scene_append(&s);
    scene_verify_good(&s, 2, 1);
    scene_end(&s);
}

/* ---- Small things ---- */

void log_finds_refs(const struct log_form *form) {
    struct scene s;
    char name[32];
    uint8_t hash[REF_HASH_SIZE];
    uint64_t id;
    scene_begin(&s, form);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "receipt %d", i);
        scribe_event(&s.scribe, STORE_A, 0, i % 3 == 0 ? NULL : name, 10);
        if (i % 7 == 0) scene_append(&s);
    }
    scene_append(&s);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "receipt %d", i);
        ref_hash(view_of("till"), view_of(name), hash);
        cr_assert_eq(s.log->ops->ref(s.log, hash, &id), i % 3 == 0 ? ERR_NOT_FOUND : 0);
        if (i % 3 != 0) cr_assert_eq(id, id_make(STORE_A, (uint64_t)i + 1));
    }
    scene_verify_good(&s, 300, 1);
    scene_end(&s);
}

void log_keeps_values_with_the_append(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("1"));
    scribe_value(&s.scribe, view_of("receipt"), view_of(""));
    scene_append(&s);
    scene_value_is(s.log, "cursor", "1");
    scene_value_is(s.log, "receipt", "");
    scene_value_is(s.log, "receip", NULL);
    scene_value_is(s.log, "receiptx", NULL);
    scribe_event(&s.scribe, STORE_A, 0, NULL, 10);
    scribe_value(&s.scribe, view_of("cursor"), view_of("a longer one"));
    scene_append(&s);
    scene_value_is(s.log, "cursor", "a longer one");
    scene_verify_good(&s, 2, 1);
    scene_end(&s);
}

static void join_value(void *context, const struct log_value *value) {
    struct buf *all = context;
    buf_printf(all, "%zu:%zu ", value->key.len, value->value.len);
}

void log_keeps_values_alone(const struct log_form *form) {
    struct scene s;
    struct buf large = BUF_INIT;
    struct buf found = BUF_INIT;
    char key[130];
    scene_begin(&s, form);
    for (int i = 0; i < 20000; i++) buf_append_byte(&large, (uint8_t)i);
    memset(key, 'k', sizeof key);
    scribe_value(&s.scribe, view_of("large"), buf_view(&large));
    scribe_value(&s.scribe, view_make(key, 128), view_of("longest key"));
    scene_append(&s);
    cr_assert_eq(log_tip(s.log), 0);
    buf_append_byte(&found, 'x');
    cr_assert_eq(s.log->ops->value(s.log, view_of("large"), &found), 0);
    cr_assert(view_equal(view_make(found.data + 1, found.len - 1), buf_view(&large)));
    struct buf all = BUF_INIT;
    cr_assert_eq(s.log->ops->values(s.log, join_value, &all, &s.err), 0);
    cr_assert(view_is(buf_view(&all), "128:11 5:20000 "), "ascending by key: %s", buf_text(&all));
    buf_release(&all);
    scribe_value(&s.scribe, view_make(key, 129), view_of("too long"));
    scene_refused(&s, scribe_batch(&s.scribe), "key of a value");
    scribe_drop(&s.scribe);
    scribe_value(&s.scribe, view_make(key, 0), view_of("none"));
    scene_refused(&s, scribe_batch(&s.scribe), "key of a value");
    scene_verify_good(&s, 0, 0);
    buf_release(&large);
    buf_release(&found);
    scene_end(&s);
}

void log_removes_values(const struct log_form *form) {
    struct scene s;
    scene_begin(&s, form);
    scribe_value(&s.scribe, view_of("a"), view_of("1"));
    scribe_value(&s.scribe, view_of("b"), view_of("2"));
    scribe_value(&s.scribe, view_of("c"), view_of("3"));
    scene_append(&s);
    scribe_value(&s.scribe, view_of("b"), VIEW_NONE);
    scribe_value(&s.scribe, view_of("never there"), VIEW_NONE);
    scene_append(&s);
    scene_value_is(s.log, "a", "1");
    scene_value_is(s.log, "b", NULL);
    scene_value_is(s.log, "c", "3");
    scene_end(&s);
}

void log_lists_heads(const struct log_form *form) {
    struct scene s;
    struct head *heads;
    size_t count;
    scene_begin(&s, form);
    scene_append_run(&s, STORE_C, 3);
    scene_append_run(&s, HUB, 1);
    scene_append_run(&s, STORE_A, 2);
    scene_append_run(&s, STORE_C, 1);
    cr_assert_eq(s.log->ops->heads(s.log, &heads, &count, &s.err), 0);
    cr_assert_eq(count, 3);
    cr_assert_eq(heads[0].stream, HUB);
    cr_assert_eq(heads[1].stream, STORE_A);
    cr_assert_eq(heads[2].stream, STORE_C);
    cr_assert_eq(heads[2].seq, 4);
    for (size_t i = 0; i < count; i++) cr_assert(scribe_head_is(&s.scribe, &heads[i]));
    free(heads);
    scene_end(&s);
}
