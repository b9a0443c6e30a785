/* The log's contract over its two forms, and what only the LMDB form must do. */
#include <criterion/criterion.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/log/record.h"
#include "proto/log/rows.h"
#include "tests/contract/log_contract.h"
#include "tests/support/scratch.h"
#include "tests/support/scribe.h"

static struct scratch scratch;

static void prepare(void) { scratch_make(&scratch); }

static void finish(void) { scratch_remove(&scratch); }

static struct log *lmdb_open(void *context) {
    struct log *log;
    struct err err;
    (void)context;
    cr_assert_eq(log_lmdb_open(scratch_name(&scratch, "log"), env_os(), 0, &log, &err), 0, "%s", err.text);
    return log;
}

static struct log *mem_open(void *context) {
    (void)context;
    return log_mem_open(env_os());
}

static const struct log_form in_lmdb = {"lmdb", lmdb_open, true, NULL};
static const struct log_form in_memory = {"mem", mem_open, false, NULL};

TestSuite(log_lmdb, .init = prepare, .fini = finish);

#define OVER_BOTH(name)                                                                                                \
    Test(log_lmdb, name) { log_##name(&in_lmdb); }                                                                     \
    Test(log_mem, name) { log_##name(&in_memory); }
LOG_CONTRACT(OVER_BOTH)
#undef OVER_BOTH

/* ---- LMDB alone ---- */

Test(log_lmdb, makes_its_directory_private) {
    struct stat info;
    struct log *log = lmdb_open(NULL);
    cr_assert_eq(stat(scratch_name(&scratch, "log"), &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0700);
    cr_assert_eq(stat(scratch_name(&scratch, "log/data.mdb"), &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    log->ops->close(log);
}

/* How much of the log's file counts as memory of this process. */
static size_t mapped_kib(void) {
    char line[512];
    size_t kib = 0;
    bool ours = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    cr_assert_not_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        const char *space = strchr(line, ' '); /* behind a name and its colon, or behind a range of addresses */
        if (space != NULL && space[-1] != ':') ours = strstr(line, "log/data.mdb") != NULL;
        if (ours && strncmp(line, "Rss:", 4) == 0) kib = strtoull(line + 4, NULL, 10);
    }
    fclose(maps);
    return kib;
}

Test(log_lmdb, keeps_few_of_its_pages) {
    struct stat info;
    struct scribe scribe;
    struct record record;
    struct log_iterator *it;
    struct err err;
    struct log *log = lmdb_open(NULL);
    scribe_init(&scribe);
    for (int commit = 0; commit < 20; commit++) {
        for (uint32_t i = 0; i < 20000; i++) scribe_event(&scribe, 1 + i % 7, 0, NULL, 100);
        cr_assert_eq(scribe_append(&scribe, log, &err), 0, "%s", err.text);
    }
    cr_assert_eq(log->ops->iterate(log, &it, &err), 0);
    cr_assert_eq(it->ops->seek(it, 1), 0);
    size_t read = 0;
    while (it->ops->next(it, &record, &err) == 0) read++;
    it->ops->close(it);
    cr_assert_eq(read, 400000);
    cr_assert_eq(stat(scratch_name(&scratch, "log/data.mdb"), &info), 0);
    cr_assert_lt(mapped_kib(), (size_t)info.st_size / 1024 / 3, "all of %lld", (long long)info.st_size);
    cr_assert_gt(mapped_kib(), 0, "nothing was found at all");
    log->ops->close(log);
    scribe_release(&scribe);
}

Test(log_lmdb, opens_where_addresses_are_limited) {
    struct log *log;
    struct err err;
    struct scribe scribe;
    scribe_init(&scribe);
    cr_assert_eq(log_lmdb_open(scratch_name(&scratch, "log"), env_os(), 4 << 20, &log, &err), 0, "%s", err.text);
    scribe_event(&scribe, 1, 0, NULL, 10);
    cr_assert_eq(scribe_append(&scribe, log, &err), 0);
    log->ops->close(log);
    log = lmdb_open(NULL);
    cr_assert_eq(log_tip(log), 1);
    log->ops->close(log);
    scribe_release(&scribe);
}

/* Puts a row into the unnamed database behind the log's back. */
static void put_row(const char *key, struct view value) {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi db;
    char name[32];
    snprintf(name, sizeof name, "%s", key);
    MDB_val k = {strlen(name), name};
    uint8_t bytes[64];
    memcpy(bytes, value.data, value.len);
    MDB_val v = {value.len, bytes};
    mkdir(scratch_name(&scratch, "log"), 0700);
    cr_assert_eq(mdb_env_create(&env), 0);
    cr_assert_eq(mdb_env_open(env, scratch_name(&scratch, "log"), 0, 0600), 0);
    cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    cr_assert_eq(mdb_dbi_open(txn, NULL, 0, &db), 0);
    cr_assert_eq(mdb_put(txn, db, &k, &v, 0), 0);
    cr_assert_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void open_fails(int code, const char *word) {
    struct log *log;
    struct err err;
    cr_assert_eq(log_lmdb_open(scratch_name(&scratch, "log"), env_os(), 0, &log, &err), code);
    cr_assert_not_null(strstr(err.text, word), "%s", err.text);
}

Test(log_lmdb, refuses_another_format) {
    uint8_t row[STATE_ROW_SIZE];
    const struct log_state state = {.format = 2};
    struct log *log = lmdb_open(NULL);
    log->ops->close(log);
    state_row_encode(row, &state);
    put_row(STATE_KEY, view_make(row, sizeof row));
    open_fails(ERR_VERSION, "format 2, this program reads format 1");
}

Test(log_lmdb, refuses_what_is_not_a_log) {
    put_row("something else", view_of("x"));
    open_fails(ERR_CORRUPT, "no state row");
}

/* ---- A power cut after a small append ---- */

#define META_USED 152 /* of a page, by LMDB */

/* As if LMDB's meta page of the last transaction had never reached the disk: it is what it was before. */
static void lose_last_meta(struct view before) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char path[128];
    struct buf now = BUF_INIT;
    int changed = 0;
    snprintf(path, sizeof path, "%s", scratch_name(&scratch, "log/data.mdb"));
    scratch_read(path, &now);
    for (size_t offset = 0; offset <= page; offset += page) {
        if (memcmp(now.data + offset, before.data + offset, META_USED) == 0) continue;
        scratch_poke(path, offset, view_make(before.data + offset, META_USED));
        changed++;
    }
    cr_assert_eq(changed, 1);
    buf_release(&now);
}

Test(log_lmdb, finishes_a_small_append_after_a_power_cut) {
    struct scribe scribe;
    struct err err;
    struct head head;
    uint64_t id;
    uint8_t hash[REF_HASH_SIZE];
    scribe_init(&scribe);
    for (int round = 0; round < 8; round++) {
        struct buf before = BUF_INIT;
        char name[16];
        struct log *log = lmdb_open(NULL);
        scratch_read(scratch_name(&scratch, "log/data.mdb"), &before);
        snprintf(name, sizeof name, "ref %d", round);
        for (int i = 0; i <= round % 3; i++) scribe_event(&scribe, 1 + (uint32_t)i, 0, i == 0 ? name : NULL, 100);
        scribe_value(&scribe, view_of("round"), view_of(name));
        cr_assert_eq(scribe_append(&scribe, log, &err), 0, "%s", err.text);
        log->ops->close(log);
        lose_last_meta(buf_view(&before));
        buf_release(&before);
        log = lmdb_open(NULL);
        cr_assert_eq(log_tip(log), scribe.tip);
        cr_assert_eq(log_head(log, 1, &head), 0);
        cr_assert(scribe_head_is(&scribe, &head));
        ref_hash(view_of("till"), view_of(name), hash);
        cr_assert_eq(log->ops->ref(log, hash, &id), 0);
        struct buf value = BUF_INIT;
        cr_assert_eq(log->ops->value(log, view_of("round"), &value), 0);
        cr_assert(view_is(buf_view(&value), name));
        buf_release(&value);
        log->ops->close(log);
    }
    struct log_trust trust = scribe_trust(&scribe);
    struct verify_report report;
    cr_assert_eq(log_lmdb_verify(scratch_name(&scratch, "log"), env_os(), &trust, &report, &err), 0, "%s", err.text);
    cr_assert_eq(report.records, scribe.tip);
    scribe_release(&scribe);
}

/* What was written down for the last append does not come back once it stands, nor for another one. */
Test(log_lmdb, finishes_an_append_once) {
    struct scribe scribe;
    scribe_init(&scribe);
    for (int round = 0; round < 5; round++) {
        struct log *log = lmdb_open(NULL);
        cr_assert_eq(log_tip(log), (uint64_t)round);
        scribe_event(&scribe, 1, 0, NULL, round == 3 ? 5000 : 100);
        cr_assert_eq(scribe_append(&scribe, log, NULL), 0);
        log->ops->close(log);
    }
    scribe_release(&scribe);
}

/* The test above would pass as well if nothing had been lost. */
Test(log_lmdb, loses_an_append_that_is_not_written_down) {
    struct scribe scribe;
    struct buf before = BUF_INIT;
    static const uint8_t nothing[8];
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    scribe_init(&scribe);
    struct log *log = lmdb_open(NULL);
    scribe_event(&scribe, 1, 0, NULL, 10);
    cr_assert_eq(scribe_append(&scribe, log, NULL), 0);
    scratch_read(scratch_name(&scratch, "log/data.mdb"), &before);
    scribe_event(&scribe, 1, 0, NULL, 10);
    cr_assert_eq(scribe_append(&scribe, log, NULL), 0);
    log->ops->close(log);
    lose_last_meta(buf_view(&before));
    for (size_t i = 0; i < 2; i++)
        scratch_poke(scratch_name(&scratch, "log/data.mdb"), i * page + 512, view_make(nothing, sizeof nothing));
    log = lmdb_open(NULL);
    cr_assert_eq(log_tip(log), 1);
    log->ops->close(log);
    buf_release(&before);
    scribe_release(&scribe);
}
