/* Power cuts. All that the log writes is recorded, and put together again as a disk could hold it if the power had gone
 * at any moment (tests/support/disk.h). Whatever was acknowledged by then must be there, whole, and verify must find
 * nothing. The log alone, with all that an append can carry, and after syncs that failed; a whole site is in
 * site_crash_test.c. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/disk.h"
#include "tests/support/scratch.h"
#include "tests/support/scribe.h"

#define APPENDS 40
#define TURNS 6

static struct disk disk;

/* ---- The log ---- */

static struct scratch scratch;
static struct scribe scribe;
static uint64_t tips[APPENDS + 1];       /* behind the first n batches */
static size_t acknowledged[APPENDS + 1]; /* operations of the disk by then */

static void prepare(void) {
    /* Many small files: not on a real disk, where there is another. */
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 1);
    scratch_make(&scratch);
    scribe_init(&scribe);
}

static void finish(void) {
    disk_release(&disk);
    scribe_release(&scribe);
    scratch_remove(&scratch);
}

TestSuite(log_crash, .init = prepare, .fini = finish, .timeout = 600);

static struct log *open_log(const char *name) {
    struct log *log;
    struct err err;
    char path[128];
    snprintf(path, sizeof path, "%s", scratch_name(&scratch, name));
    cr_assert_eq(log_lmdb_open(path, env_os(), 0, &log, &err), 0, "%s", err.text);
    return log;
}

/* Small ones and large ones, with and without what an append can carry. */
static int try_append(struct log *log, int number, struct err *err) {
    char text[16];
    const int size = number % 7 == 6 ? 40 : 1 + number % 3;
    snprintf(text, sizeof text, "%d", number);
    for (int i = 0; i < size && number % 10 != 9; i++)
        scribe_event(&scribe, 1 + (uint32_t)(i % 2), 0, i == 0 && number % 4 == 0 ? text : NULL,
                     (size_t)(number * 37 + i) % 400);
    scribe_value(&scribe, view_of("number"), view_of(text));
    tips[number] = scribe.tip + scribe.record_count;
    int rc = scribe_append(&scribe, log, err);
    if (rc == 0) acknowledged[number] = disk.op_count;
    return rc;
}

static void append(struct log *log, int number) {
    struct err err;
    cr_assert_eq(try_append(log, number, &err), 0, "%s", err.text);
}

static struct log *record_disk(void) {
    mkdir(scratch_name(&scratch, "disk"), 0700);
    disk_record(&disk, scratch_name(&scratch, "disk"));
    return open_log("disk/log");
}

/* A log with the first batch. */
static struct log *record_log(void) {
    struct log *log = record_disk();
    append(log, 0);
    return log;
}

static void record_appends(void) {
    struct log *log = record_log();
    for (int i = 1; i <= APPENDS; i++) append(log, i);
    disk_stop();
    log->ops->close(log);
}

/* The number of the last batch in the log; all before it and nothing of the next. */
static int whole_batches(struct log *log) {
    struct buf value = BUF_INIT;
    cr_assert_eq(log->ops->value(log, view_of("number"), &value), 0);
    int number = (int)strtol(buf_text(&value), NULL, 10);
    buf_release(&value);
    cr_assert(number >= 0 && number <= APPENDS);
    cr_assert_eq(log_tip(log), tips[number], "batch %d", number);
    return number;
}

static void verify_good(const char *name, uint64_t records) {
    struct log_trust trust = scribe_trust(&scribe);
    struct verify_report report;
    struct err err;
    char path[128];
    snprintf(path, sizeof path, "%s", scratch_name(&scratch, name));
    cr_assert_eq(log_lmdb_verify(path, env_os(), &trust, &report, &err), 0, "%s", err.text);
    cr_assert_eq(report.records, records);
}

static void survives(const struct disk_state *state, const struct disk_image *image, int least) {
    disk_image_write(state, image, scratch_name(&scratch, "cut"));
    struct log *log = open_log("cut/log");
    int number = whole_batches(log);
    cr_assert(number == least || number == least + 1, "batch %d of %d, %zu:%zu:%d:%llu", number, least, state->moment,
              image->unit, (int)image->lots, (unsigned long long)image->number);
    log->ops->close(log);
    verify_good("cut/log", tips[number]);
    scratch_remove_tree(scratch_name(&scratch, "cut"));
}

/* At each moment from `from` on; `last`: the last batch of all. */
static void all_survive(size_t from, int last) {
    const struct disk_image images[] = {{DISK_PAGE, DISK_NONE, 0, false},
                                        {DISK_PAGE, DISK_ALL, 0, false},
                                        {DISK_PAGE, DISK_DRAWN, 1, false},
                                        {DISK_SECTOR, DISK_DRAWN, 1, true},
                                        {DISK_SECTOR, DISK_DRAWN, 2, true}};
    struct disk_state state;
    int done = 0; /* batches acknowledged */
    disk_state_start(&state, &disk);
    for (size_t moment = from; moment <= disk.op_count; moment++) {
        disk_state_advance(&state, moment);
        while (done < last && acknowledged[done + 1] <= moment) done++;
        for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
            struct disk_image image = images[i];
            image.number += moment * 10;
            survives(&state, &image, done);
        }
    }
    disk_state_release(&state);
}

Test(log_crash, loses_nothing_acknowledged_at_any_moment) {
    record_appends();
    all_survive(acknowledged[0], APPENDS);
}

/* Two streams that take turns: each event is a run of its own, and when there are many the index gets them all, with an
 * append like any other. */
Test(log_crash, loses_nothing_while_the_index_of_runs_is_written) {
    struct disk_state state;
    struct err err;
    int done = 0;
    struct log *log = record_disk();
    for (int i = 0; i <= TURNS; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        for (uint32_t k = 0; k < (i < TURNS - 2 ? 1500 : 1); k++) scribe_event(&scribe, 1 + k % 2, 0, NULL, 10);
        scribe_value(&scribe, view_of("number"), view_of(text));
        cr_assert_eq(scribe_append(&scribe, log, &err), 0, "%s", err.text);
        tips[i] = scribe.tip;
        acknowledged[i] = disk.op_count;
    }
    disk_stop();
    log->ops->close(log);
    disk_state_start(&state, &disk);
    for (size_t moment = acknowledged[0]; moment <= disk.op_count; moment++) {
        moment = disk_moment(&disk, moment);
        disk_state_advance(&state, moment);
        while (done < TURNS && acknowledged[done + 1] <= moment) done++;
        for (uint64_t n = 0; n < 6; n++) {
            struct disk_image image = {n % 2 == 0 ? DISK_PAGE : DISK_SECTOR, n < 2 ? DISK_NONE + n : DISK_DRAWN,
                                       moment * 10 + n, false};
            survives(&state, &image, done);
        }
    }
    disk_state_release(&state);
}

/* Small appends wait for the disk once. */
Test(log_crash, syncs_small_appends_once) {
    record_appends();
    size_t from = acknowledged[0];
    for (int i = 1; i <= APPENDS; i++) {
        int syncs = 0;
        for (size_t j = from; j < acknowledged[i]; j++) syncs += disk.ops[j].kind == DISK_SYNC || disk.ops[j].direct;
        cr_assert_eq(syncs, i % 7 == 6 && i % 10 != 9 ? 2 : 1, "batch %d: %d", i, syncs);
        from = acknowledged[i];
    }
}

/* ---- Syncs that fail ---- */

#define BEFORE 7 /* appends, the last one large, one of which meets the failing sync */
#define AFTER 3  /* in the process that comes then */

/* Appends until one is refused; its number, or 0. */
static int append_until_refused(struct log *log) {
    struct err err;
    for (int i = 1; i <= BEFORE; i++) {
        if (try_append(log, i, &err) == 0) continue;
        cr_assert_eq(err.code, ERR_IO, "%s", err.text);
        cr_assert(strstr(err.text, "until the program is started again") != NULL, "%s", err.text);
        cr_assert_eq(try_append(log, i, &err), ERR_IO, "and nothing more is taken");
        return i;
    }
    return 0;
}

/* Whether a sync failed at all. */
static bool fails_at(unsigned sync, int error) {
    prepare();
    struct log *log = record_log();
    disk_fail_sync(sync, error);
    int refused = append_until_refused(log);
    disk_fail_sync(0, 0);
    log->ops->close(log);
    if (refused > 0) {
        size_t from = disk.op_count;
        log = open_log("disk/log"); /* reads what the system shows, not what is on the disk */
        cr_assert_eq(whole_batches(log), refused - 1);
        for (int i = 0; i < AFTER; i++) append(log, refused + i);
        log->ops->close(log);
        disk_stop();
        all_survive(from, refused + AFTER - 1);
    }
    finish();
    return refused > 0;
}

Test(log_failed_sync, is_the_last_thing_a_process_writes, .timeout = 600) {
    static const int errors[] = {EIO, ENOSPC};
    for (int i = 0; i < 2; i++) {
        unsigned sync = 0;
        while (fails_at(sync, errors[i])) sync++;
        cr_assert_geq(sync, BEFORE + 1, "%u syncs", sync);
    }
}

/* It cannot bring to the disk what it stands on: the next one does. */
Test(log_failed_sync, refuses_to_open) {
    struct log *log;
    struct err err;
    unsigned failed = 0;
    prepare();
    log = record_log();
    for (int i = 1; i <= BEFORE; i++) append(log, i);
    log->ops->close(log);
    size_t from = disk.op_count;
    for (int code = ERR_IO; code != 0;) {
        char path[128];
        snprintf(path, sizeof path, "%s", scratch_name(&scratch, "disk/log"));
        disk_fail_sync(failed, EIO);
        code = log_lmdb_open(path, env_os(), 0, &log, &err);
        disk_fail_sync(0, 0);
        if (code == 0) continue;
        cr_assert_eq(code, ERR_IO, "%s", err.text);
        failed++;
    }
    cr_assert_geq(failed, 1);
    for (int i = 1; i <= AFTER; i++) append(log, BEFORE + i);
    log->ops->close(log);
    disk_stop();
    all_survive(from, BEFORE + AFTER);
    finish();
}
