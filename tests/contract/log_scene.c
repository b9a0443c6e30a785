#include "tests/contract/log_scene.h"

#include <criterion/criterion.h>
#include <string.h>

void scene_begin(struct scene *s, const struct log_form *form) {
    s->log = form->open(form->context);
    cr_assert_not_null(s->log);
    scribe_init(&s->scribe);
}

void scene_end(struct scene *s) {
    s->log->ops->close(s->log);
    scribe_release(&s->scribe);
}

void scene_append(struct scene *s) { cr_assert_eq(scribe_append(&s->scribe, s->log, &s->err), 0, "%s", s->err.text); }

/* Appends a batch of `count` events of a stream. */
void scene_append_run(struct scene *s, uint32_t stream, int count) {
    for (int i = 0; i < count; i++) scribe_event(&s->scribe, stream, 0, NULL, 20);
    scene_append(s);
}

void scene_refused(struct scene *s, const struct log_batch *batch, const char *word) {
    uint64_t first;
    cr_assert_eq(log_append(s->log, batch, &first, &s->err), ERR_CONFLICT);
    cr_assert_not_null(strstr(s->err.text, word), "\"%s\" does not say \"%s\"", s->err.text, word);
}

void scene_verify_is(struct scene *s, const struct log_trust *trust, int code, const char *word) {
    struct verify_report report;
    cr_assert_eq(s->log->ops->verify(s->log, trust, &report, &s->err), code, "%s", s->err.text);
    if (word != NULL) cr_assert_not_null(strstr(s->err.text, word), "\"%s\" does not say \"%s\"", s->err.text, word);
}

void scene_verify_good(struct scene *s, uint64_t records, uint64_t streams) {
    struct log_trust trust = scribe_trust(&s->scribe);
    struct verify_report report;
    cr_assert_eq(s->log->ops->verify(s->log, &trust, &report, &s->err), 0, "%s", s->err.text);
    cr_assert_eq(report.records, records);
    cr_assert_eq(report.streams, streams);
    cr_assert_eq(report.first_bad, 0);
}

void scene_holds_record(struct log *log, uint64_t position, const struct log_append *expected) {
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

void scene_value_is(struct log *log, const char *key, const char *expected) {
    struct buf value = BUF_INIT;
    int rc = log->ops->value(log, view_of(key), &value);
    cr_assert_eq(rc, expected == NULL ? ERR_NOT_FOUND : 0, "%s", key);
    if (expected != NULL) cr_assert(view_is(buf_view(&value), expected), "%s is %s", key, buf_text(&value));
    buf_release(&value);
}

void scene_run_is(struct log *log, uint64_t id, uint64_t position, uint64_t length) {
    uint64_t p;
    uint64_t l;
    cr_assert_eq(log->ops->run_of(log, id, &p, &l), 0, "event %lu", (unsigned long)id);
    cr_assert_eq(p, position);
    cr_assert_eq(l, length, "event %lu: %lu", (unsigned long)id, (unsigned long)l);
    cr_assert_eq(log_position_of(log, id, &p), 0);
    cr_assert_eq(p, position);
}

void scene_not_found(struct log *log, uint64_t id) {
    uint64_t p;
    uint64_t l;
    cr_assert_eq(log->ops->run_of(log, id, &p, &l), ERR_NOT_FOUND);
    cr_assert_eq(log_position_of(log, id, &p), ERR_NOT_FOUND);
}
