/* A log that has no room left: the batch is refused whole, everything else goes on. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "proto/log/log.h"
#include "tests/support/scratch.h"
#include "tests/support/scribe.h"
#include "tests/support/small_disk.h"

#define STREAM 65537u
#define OTHER 65538u

static struct scratch scratch;
static struct scribe scribe;
static char directory[128];

static void prepare(void) {
    scratch_make(&scratch);
    scribe_init(&scribe);
    snprintf(directory, sizeof directory, "%s", scratch_name(&scratch, "log"));
}

static void finish(void) {
    scribe_release(&scribe);
    scratch_remove(&scratch);
}

TestSuite(log_full, .init = prepare, .fini = finish);

static struct log *open_log(uint64_t map_bytes) {
    struct log *log;
    struct err err;
    cr_assert_eq(log_lmdb_open(directory, env_os(), map_bytes, &log, &err), 0, "%s", err.text);
    return log;
}

static void verify_good(struct log *log) {
    struct log_trust trust = scribe_trust(&scribe);
    struct verify_report report;
    struct err err;
    cr_assert_eq(log->ops->verify(log, &trust, &report, &err), 0, "%s", err.text);
    cr_assert_eq(report.records, scribe.tip);
}

/* All that can be asked of the log agrees with what was appended. */
static void stands(struct log *log) {
    struct record record;
    struct head head;
    struct buf copy = BUF_INIT;
    struct log_iterator *it;
    uint64_t position;
    uint64_t count = 0;
    cr_assert_eq(log_tip(log), scribe.tip);
    cr_assert_eq(log_head(log, STREAM, &head), 0);
    cr_assert(scribe_head_is(&scribe, &head));
    cr_assert_eq(log_position_of(log, id_make(STREAM, head.seq), &position), 0);
    cr_assert_eq(log_position_of(log, id_make(STREAM, head.seq + 1), &position), ERR_NOT_FOUND);
    cr_assert_eq(log_get(log, scribe.tip, &record, &copy, NULL), 0);
    cr_assert_eq(log->ops->iterate(log, &it, NULL), 0);
    while (it->ops->next(it, &record, NULL) == 0) count++;
    cr_assert_eq(count, scribe.tip);
    it->ops->close(it);
    buf_release(&copy);
}

/* Appends until nothing more fits, and then tries in vain. Returns how often it was refused. */
static void fill(struct log *log, size_t per_batch, size_t filler) {
    struct err err;
    int refused = 0;
    for (int i = 0; refused < 10; i++) {
        char ref[32];
        char value[32];
        cr_assert_lt(i, 100000);
        snprintf(ref, sizeof ref, "ref %d", i);
        snprintf(value, sizeof value, "%d", i);
        scribe_event(&scribe, STREAM, 0, ref, filler);
        for (size_t j = 1; j < per_batch; j++) scribe_event(&scribe, STREAM, 0, NULL, filler);
        scribe_value(&scribe, view_of("cursor"), view_of(value));
        int rc = scribe_append(&scribe, log, &err);
        if (rc == 0) continue;
        cr_assert_eq(rc, ERR_NO_SPACE, "%s", err.text);
        refused++;
        stands(log);
    }
}

/* A batch that was refused left neither its other stream nor its value. */
static void left_nothing(struct log *log) {
    struct head head;
    struct err err;
    struct buf value = BUF_INIT;
    for (int i = 0; i < 100; i++) scribe_event(&scribe, OTHER, 0, NULL, 3000);
    scribe_value(&scribe, view_of("other"), view_of("x"));
    cr_assert_eq(scribe_append(&scribe, log, &err), ERR_NO_SPACE);
    cr_assert_eq(log_head(log, OTHER, &head), ERR_NOT_FOUND);
    cr_assert_eq(log->ops->value(log, view_of("other"), &value), ERR_NOT_FOUND);
    stands(log);
}

static void goes_on(struct log *log) {
    struct err err;
    for (int i = 0; i < 300; i++) scribe_event(&scribe, OTHER, 0, NULL, 100);
    cr_assert_eq(scribe_append(&scribe, log, &err), 0, "%s", err.text);
    stands(log);
    verify_good(log);
}

Test(log_full, refuses_small_batches_past_its_map) {
    struct log *log = open_log(256 << 10);
    fill(log, 1, 100);
    left_nothing(log);
    verify_good(log);
    log->ops->close(log);
    log = open_log(256 << 10);
    stands(log);
    log->ops->close(log);
    log = open_log(0);
    stands(log);
    goes_on(log);
    log->ops->close(log);
}

Test(log_full, refuses_large_batches_past_its_map) {
    struct log *log = open_log(2 << 20);
    fill(log, 50, 1000);
    left_nothing(log);
    verify_good(log);
    log->ops->close(log);
    log = open_log(0);
    goes_on(log);
    log->ops->close(log);
}

/* Where a file system of its own is not allowed there is nothing to test on. */
static void small_disk(const char *size) {
    if (!small_disk_mount(scratch.path, size)) cr_skip_test("no file system of its own: %s", strerror(errno));
}

Test(log_full, refuses_small_batches_on_a_full_disk) {
    small_disk("1m");
    struct log *log = open_log(0);
    fill(log, 1, 100);
    left_nothing(log);
    verify_good(log);
    log->ops->close(log);
    log = open_log(0);
    stands(log);
    cr_assert(small_disk_resize(scratch.path, "4m"));
    goes_on(log);
    log->ops->close(log);
    log = open_log(0);
    stands(log);
    log->ops->close(log);
    small_disk_end(scratch.path);
}

Test(log_full, refuses_large_batches_on_a_full_disk) {
    small_disk("4m");
    struct log *log = open_log(0);
    fill(log, 50, 1000);
    left_nothing(log);
    cr_assert(small_disk_resize(scratch.path, "8m"));
    goes_on(log);
    log->ops->close(log);
    small_disk_end(scratch.path);
}
