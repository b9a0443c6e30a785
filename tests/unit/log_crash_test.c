/* Power cuts. All that the log writes to its file is recorded, and the file is put together again as a disk could hold
 * it if the power had gone at any moment: everything before the last sync, and of what came later any part, by sectors.
 * Whatever was acknowledged by then must be there, whole, and verify must find nothing.
 *
 * A sync can be made to fail. What it should have brought to the disk may then be missing there for good, though every
 * read still shows it and the next sync succeeds: that is how Linux does it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/scratch.h"
#include "tests/support/scribe.h"

#define SECTOR 512
#define APPENDS 40

/* ---- What was written ---- */

struct write {
    size_t offset;
    size_t len;
    size_t start; /* in `written` */
    bool sync;    /* no write: everything before is on the disk */
    bool failed;  /* a sync that did not: what waited for it is lost, or not */
    bool direct;  /* by a descriptor that syncs each write */
};

static struct write *writes;
static size_t write_count;
static struct buf written;
static bool recording;
static struct stat recorded; /* the file */

static bool is_recorded(int fd) {
    struct stat info;
    return recording && fstat(fd, &info) == 0 && info.st_ino == recorded.st_ino && info.st_dev == recorded.st_dev;
}

static struct write *note(const void *bytes, size_t len, off_t offset) {
    writes = mem_resize(writes, (write_count + 1) * sizeof *writes);
    writes[write_count] = (struct write){.offset = (size_t)offset, .len = len, .start = written.len};
    buf_append(&written, bytes, len);
    return &writes[write_count++];
}

/* One sync from now on fails, and every other descriptor hears of it once. */
static struct {
    int countdown; /* syncs until then; negative: none fails */
    int error;     /* 0: none has */
    bool heard[256];
} fault = {.countdown = -1};
static int plan_error;

static void plan_fault(int after, int error) {
    memset(&fault, 0, sizeof fault);
    fault.countdown = after;
    plan_error = error;
}

static bool sync_fails(int fd) {
    if (fault.countdown >= 0 && fault.countdown-- == 0) fault.error = plan_error;
    if (fault.error == 0 || fault.heard[fd]) return false;
    fault.heard[fd] = true;
    errno = fault.error;
    return true;
}

/* These stand before the C library's, for liblmdb too. */
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset) {
    bool failed = false;
    if (is_recorded(fd)) {
        struct write *w = note(bytes, len, offset);
        bool direct = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
        failed = direct && sync_fails(fd);
        w->direct = direct && !failed;
    }
    ssize_t n = syscall(SYS_pwrite64, fd, bytes, len, offset);
    if (!failed) return n;
    errno = plan_error;
    return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset) { return pwrite(fd, bytes, len, offset); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    off_t offset = lseek(fd, 0, SEEK_CUR);
    for (int i = 0; i < count && is_recorded(fd); i++) {
        note(parts[i].iov_base, parts[i].iov_len, offset);
        offset += (off_t)parts[i].iov_len;
    }
    return syscall(SYS_writev, fd, parts, count);
}

int fdatasync(int fd) {
    if (!is_recorded(fd)) return (int)syscall(SYS_fdatasync, fd);
    struct write *w = note(NULL, 0, 0);
    w->failed = sync_fails(fd);
    w->sync = !w->failed;
    return w->sync ? (int)syscall(SYS_fdatasync, fd) : -1;
}

/* ---- The disk ---- */

static uint64_t seed = 1;

static bool chance(unsigned of) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % of == 0;
}

enum pending { NOTHING, ALL, SECTORS, WRITES, PENDING_KINDS };

static void put(struct buf *disk, size_t offset, const uint8_t *bytes, size_t len) {
    if (disk->len < offset + len) {
        buf_reserve(disk, offset + len - disk->len);
        memset(disk->data + disk->len, 0, offset + len - disk->len);
        disk->len = offset + len;
    }
    memcpy(disk->data + offset, bytes, len);
}

/* Those sectors of a write that reached the disk. */
static void put_some(struct buf *disk, const struct write *w, enum pending kind) {
    const uint8_t *bytes = written.data + w->start;
    if (kind == NOTHING || (kind == WRITES && chance(2))) return;
    if (kind != SECTORS) {
        put(disk, w->offset, bytes, w->len);
        return;
    }
    for (size_t done = 0; done < w->len;) {
        size_t len = SECTOR - (w->offset + done) % SECTOR;
        if (len > w->len - done) len = w->len - done;
        if (chance(2)) put(disk, w->offset + done, bytes + done, len);
        done += len;
    }
}

/* Is a write on the disk for certain, when `count` are done? */
static bool is_there(size_t write, size_t count) {
    for (size_t i = write; i < count; i++) {
        if (writes[i].direct && i == write) return true;
        if (writes[i].sync || writes[i].failed) return writes[i].sync;
    }
    return false;
}

/* The disk after the first `count` writes, if the power went then. `start`: what was there before. */
static void disk_at(struct buf *disk, struct view start, size_t count, enum pending kind) {
    buf_clear(disk);
    buf_append_view(disk, start);
    for (size_t i = 0; i < count; i++) {
        if (is_there(i, count))
            put(disk, writes[i].offset, written.data + writes[i].start, writes[i].len);
        else
            put_some(disk, &writes[i], kind);
    }
}

/* ---- The log ---- */

static struct scratch scratch;
static struct scribe scribe;
static uint64_t tips[APPENDS + 1];       /* behind the first n batches */
static size_t acknowledged[APPENDS + 1]; /* writes by then */

static void prepare(void) {
    scratch_make(&scratch);
    scribe_init(&scribe);
}

static void finish(void) {
    free(writes);
    writes = NULL;
    write_count = 0;
    buf_release(&written);
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
    if (rc == 0) acknowledged[number] = write_count;
    return rc;
}

static void append(struct log *log, int number) {
    struct err err;
    cr_assert_eq(try_append(log, number, &err), 0, "%s", err.text);
}

static struct buf record_from_here(void) {
    struct buf start = BUF_INIT;
    char data[128];
    snprintf(data, sizeof data, "%s", scratch_name(&scratch, "log/data.mdb"));
    scratch_read(data, &start);
    cr_assert_eq(stat(data, &recorded), 0);
    recording = true;
    return start;
}

static struct buf record_appends(void) {
    struct log *log = open_log("log");
    append(log, 0);
    struct buf start = record_from_here();
    for (int i = 1; i <= APPENDS; i++) append(log, i);
    recording = false;
    log->ops->close(log);
    return start;
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

static void survives(struct view disk, int least, int most) {
    mkdir(scratch_name(&scratch, "cut"), 0700);
    unlink(scratch_name(&scratch, "cut/lock.mdb"));
    scratch_write(scratch_name(&scratch, "cut/data.mdb"), disk);
    struct log *log = open_log("cut");
    int number = whole_batches(log);
    cr_assert(number >= least && number <= most, "batch %d of %d to %d", number, least, most);
    log->ops->close(log);
    verify_good("cut", tips[number]);
}

Test(log_crash, loses_nothing_acknowledged_at_any_moment) {
    struct buf start = record_appends();
    struct buf disk = BUF_INIT;
    int done = 0; /* batches acknowledged */
    for (size_t count = 0; count <= write_count; count++) {
        while (done < APPENDS && acknowledged[done + 1] <= count) done++;
        for (enum pending kind = NOTHING; kind < PENDING_KINDS; kind++) {
            disk_at(&disk, buf_view(&start), count, kind);
            survives(buf_view(&disk), done, done < APPENDS ? done + 1 : done);
        }
    }
    buf_release(&disk);
    buf_release(&start);
}

/* Small appends wait for the disk once. */
Test(log_crash, syncs_small_appends_once) {
    struct buf start = record_appends();
    size_t from = 0;
    for (int i = 1; i <= APPENDS; i++) {
        int syncs = 0;
        for (size_t j = from; j < acknowledged[i]; j++) syncs += writes[j].sync || writes[j].direct;
        cr_assert_eq(syncs, i % 7 == 6 && i % 10 != 9 ? 2 : 1, "batch %d: %d", i, syncs);
        from = acknowledged[i];
    }
    buf_release(&start);
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
static bool fails_at(int sync, int error) {
    prepare();
    struct log *log = open_log("log");
    append(log, 0);
    struct buf start = record_from_here(), disk = BUF_INIT;
    plan_fault(sync, error);
    int refused = append_until_refused(log);
    plan_fault(-1, 0);
    log->ops->close(log);
    if (refused > 0) {
        size_t from = write_count;
        log = open_log("log"); /* reads what the system shows, not what is on the disk */
        cr_assert_eq(whole_batches(log), refused - 1);
        for (int i = 0; i < AFTER; i++) append(log, refused + i);
        log->ops->close(log);
        int done = refused - 1, all = refused + AFTER - 1;
        for (size_t count = from; count <= write_count; count++) {
            while (done < all && acknowledged[done + 1] <= count) done++;
            for (enum pending kind = NOTHING; kind < PENDING_KINDS; kind++) {
                disk_at(&disk, buf_view(&start), count, kind);
                survives(buf_view(&disk), done, done < all ? done + 1 : done);
            }
        }
    }
    recording = false;
    buf_release(&disk);
    buf_release(&start);
    finish();
    return refused > 0;
}

Test(log_failed_sync, is_the_last_thing_a_process_writes, .timeout = 600) {
    static const int errors[] = {EIO, ENOSPC};
    for (int i = 0; i < 2; i++) {
        int sync = 0;
        while (fails_at(sync, errors[i])) sync++;
        cr_assert_geq(sync, BEFORE + 1, "%d syncs", sync);
    }
}
