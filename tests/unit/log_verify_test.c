/* Verify against a disk that changes bytes: every byte of records and index rows that is flipped in the file is named;
 * any other byte is found too, or nothing that can be read has changed. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/threads.h"
#include "proto/log/chain.h"
#include "proto/log/record.h"
#include "proto/log/rows.h"
#include "tests/support/scratch.h"
#include "tests/support/scribe.h"

#define STORE_A 65537u
#define STORE_B 65538u
#define HUB 65536u
#define PAIRS 2100 /* of runs: so many that they are in the index */

static struct scratch scratch;
static struct scribe scribe;
static char directory[128];
static char data[160];
static struct buf image; /* the file as it should be */
static atomic_bool written;

static struct log *open_log(void) {
    struct log *log;
    struct err err;
    cr_assert_eq(log_lmdb_open(directory, env_os(), 0, &log, &err), 0, "%s", err.text);
    return log;
}

static void append(struct log *log) {
    struct err err;
    cr_assert_eq(scribe_append(&scribe, log, &err), 0, "%s", err.text);
}

static char *ref_name(uint64_t i) {
    static char name[32];
    snprintf(name, sizeof name, "receipt %lu", (unsigned long)i);
    return name;
}

/* A few customers, runs of one and two events in the index and in memory, refs on every tenth event, values. */
static void prepare(void) {
    scratch_make(&scratch);
    scribe_init(&scribe);
    snprintf(directory, sizeof directory, "%s", scratch_name(&scratch, "log"));
    snprintf(data, sizeof data, "%s/data.mdb", directory);
    struct log *log = open_log();
    uint64_t customers[4];
    for (int i = 0; i < 4; i++) customers[i] = scribe_event(&scribe, STORE_A, 0, NULL, 40);
    scribe_value(&scribe, view_of("cursor"), view_of("where the fold is"));
    append(log);
    for (uint64_t i = 0; i < PAIRS; i++) {
        scribe_event(&scribe, STORE_A, customers[i % 4], i % 10 == 0 ? ref_name(i) : NULL, i % 23);
        scribe_event(&scribe, STORE_B, i % 5 == 0 ? customers[i % 3] : 0, NULL, i % 17);
        if (i % 3 == 0) scribe_event(&scribe, STORE_B, 0, NULL, 3);
        if (i % 100 == 0) append(log);
    }
    append(log);
    scribe_event(&scribe, HUB, 0, NULL, 60);
    scribe_event(&scribe, HUB, 0, "of the hub", 6000); /* on overflow pages */
    append(log);
    scribe_event(&scribe, STORE_B, 0, NULL, 60);
    scribe_value(&scribe, view_of("receipt"), view_of("what the hub signed"));
    append(log);
    log->ops->close(log);
    scratch_read(data, &image);
}

static void finish(void) {
    buf_release(&image);
    scribe_release(&scribe);
    scratch_remove(&scratch);
}

TestSuite(log_verify, .init = prepare, .fini = finish, .timeout = 600);

static int verify(struct verify_report *report, struct err *err) {
    struct log_trust trust = scribe_trust(&scribe);
    *err = (struct err){0};
    return log_lmdb_verify(directory, env_os(), &trust, report, err);
}

Test(log_verify, finds_nothing_in_a_good_log) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(verify(&report, &err), 0, "%s", err.text);
    cr_assert_eq(report.records, scribe.tip);
    cr_assert_eq(report.streams, 3);
    cr_assert_eq(report.first_bad, 0);
}

/* ---- Chosen bytes ---- */

static void poke(size_t offset, uint8_t byte) { scratch_poke(data, offset, view_make(&byte, 1)); }

/* Flips one byte wherever the bytes stand: in the page that counts and in older copies of it. Puts it back when `undo`.
 * Returns how many there are. */
static int flip_everywhere(struct view bytes, size_t index, bool undo) {
    const uint8_t *from = image.data;
    size_t left = image.len;
    int count = 0;
    for (;;) {
        const uint8_t *found = memmem(from, left, bytes.data, bytes.len);
        if (found == NULL) return count;
        size_t offset = (size_t)(found - image.data) + index;
        poke(offset, undo ? image.data[offset] : image.data[offset] ^ 0x11);
        count++;
        left -= (size_t)(found - from) + 1;
        from = found + 1;
    }
}

/* Every byte of `bytes`, flipped, is found, and one of two words named. */
static void every_byte_is_named(struct view bytes, uint64_t position, const char *word, const char *or_word) {
    for (size_t i = 0; i < bytes.len; i++) {
        struct verify_report report;
        struct err err;
        cr_assert_gt(flip_everywhere(bytes, i, false), 0, "%s is not in the file", word);
        int rc = verify(&report, &err);
        cr_assert_eq(rc, ERR_CORRUPT, "byte %zu of %s was not found", i, word);
        cr_assert(strstr(err.text, word) != NULL || strstr(err.text, or_word) != NULL, "byte %zu of %s: %s", i, word,
                  err.text);
        if (position != 0)
            cr_assert_eq(report.first_bad, position, "byte %zu: record %lu: %s", i, (unsigned long)report.first_bad,
                         err.text);
        flip_everywhere(bytes, i, true);
    }
}

/* The bytes of a record, or of its key and them. */
static struct buf record_bytes(uint64_t position, bool with_key) {
    struct log *log = open_log();
    struct buf bytes = BUF_INIT;
    struct buf copy = BUF_INIT;
    struct record record;
    uint64_t key = position << 1;
    uint64_t id;
    uint8_t ref[REF_HASH_SIZE];
    cr_assert_eq(log_get(log, position, &record, &copy, NULL), 0);
    struct log_append append = {.id = record.id,
                                .received = record.received,
                                .previous = record.previous,
                                .frame = record.frame,
                                .ref_hash = VIEW_NONE};
    /* The scribe's refs are on every tenth event of a store, by number. */
    ref_hash(view_of("till"), view_of(ref_name(id_seq(record.id) - 5)), ref);
    if (log->ops->ref(log, ref, &id) == 0 && id == record.id) append.ref_hash = view_make(ref, sizeof ref);
    if (with_key) buf_append(&bytes, &key, sizeof key);
    buf_reserve(&bytes, record_size(&append));
    record_encode(bytes.data + bytes.len, position, &append);
    bytes.len += record_size(&append);
    buf_release(&copy);
    log->ops->close(log);
    return bytes;
}

static void every_byte_of_record(uint64_t position, bool with_key) {
    char word[64];
    struct buf bytes = record_bytes(position, with_key);
    snprintf(word, sizeof word, "record %lu (event", (unsigned long)position);
    every_byte_is_named(buf_view(&bytes), with_key ? 0 : position, word, with_key ? "records" : word);
    buf_release(&bytes);
}

Test(log_verify, names_every_byte_of_the_first_record) { every_byte_of_record(1, false); }

Test(log_verify, names_every_byte_of_a_record_with_a_ref) {
    every_byte_of_record(4 + 7 * 10 + 1, false); /* ten rounds write 10 + 10 + 4 events */
}

Test(log_verify, names_every_byte_of_a_record_in_the_middle) { every_byte_of_record(2222, false); }

Test(log_verify, names_every_byte_of_the_last_record) { every_byte_of_record(scribe.tip, false); }

Test(log_verify, names_every_byte_of_a_key) { every_byte_of_record(1234, true); }

/* Every 97th byte of one that fills two pages of its own. */
Test(log_verify, names_bytes_of_a_large_record) {
    struct log *log = open_log();
    struct buf copy = BUF_INIT;
    struct record record;
    const uint64_t position = scribe.tip - 1;
    cr_assert_eq(log_get(log, position, &record, &copy, NULL), 0);
    log->ops->close(log);
    for (size_t i = 0; i < copy.len; i += 97) {
        struct verify_report report;
        struct err err;
        cr_assert_gt(flip_everywhere(buf_view(&copy), i, false), 0);
        cr_assert_eq(verify(&report, &err), ERR_CORRUPT);
        cr_assert_eq(report.first_bad, position, "%s", err.text);
        flip_everywhere(buf_view(&copy), i, true);
    }
    buf_release(&copy);
}

static void every_byte_of_run(uint32_t stream, uint64_t seq, uint64_t position, uint64_t count) {
    uint8_t bytes[RUN_KEY_SIZE + RUN_ROW_SIZE];
    const struct run run = {seq, position, count};
    run_key(bytes, stream, seq);
    run_row_encode(bytes + RUN_KEY_SIZE, view_make(bytes, RUN_KEY_SIZE), &run);
    every_byte_is_named(view_make(bytes, sizeof bytes), 0, "index of runs", "of runs");
}

Test(log_verify, names_every_byte_of_a_run) {
    struct log *log = open_log();
    uint64_t position;
    uint64_t length;
    cr_assert_eq(log->ops->run_of(log, id_make(STORE_A, 1), &position, &length), 0);
    every_byte_of_run(STORE_A, 1, position, length);
    cr_assert_eq(log->ops->run_of(log, id_make(STORE_B, 1001), &position, &length), 0);
    log->ops->close(log);
    every_byte_of_run(STORE_B, 1001, position, length);
}

Test(log_verify, names_every_byte_of_a_ref) {
    uint8_t bytes[REF_HASH_SIZE + REF_ROW_SIZE];
    ref_hash(view_of("till"), view_of(ref_name(700)), bytes);
    ref_row_encode(bytes + REF_HASH_SIZE, view_make(bytes, REF_HASH_SIZE), id_make(STORE_A, 705));
    every_byte_is_named(view_make(bytes, sizeof bytes), 0, "ref", "refs");
}

Test(log_verify, names_every_byte_of_a_head) {
    uint8_t bytes[HEAD_KEY_SIZE + HEAD_ROW_SIZE];
    struct head head;
    struct log *log = open_log();
    cr_assert_eq(log_head(log, STORE_A, &head), 0);
    log->ops->close(log);
    head_key(bytes, STORE_A);
    head_row_encode(bytes + HEAD_KEY_SIZE, view_make(bytes, HEAD_KEY_SIZE), &head);
    every_byte_is_named(view_make(bytes, sizeof bytes), 0, "head", "small rows");
}

Test(log_verify, names_every_byte_of_a_value) {
    struct buf bytes = BUF_INIT;
    buf_append(&bytes, "vcursor----where the fold is", 28);
    row_seal(view_make(bytes.data, 7), bytes.data + 7, 21);
    every_byte_is_named(buf_view(&bytes), 0, "value", "small rows");
    buf_release(&bytes);
}

Test(log_verify, names_every_byte_of_a_commit) {
    struct log *log = open_log();
    struct commit_row row = {.last = scribe.tip - 1, .count = 2};
    uint8_t bytes[COMMIT_ROW_SIZE];
    uint64_t at;
    cr_assert_eq(log->ops->chain_at(log, row.last, &at, row.chain, NULL), 0);
    cr_assert_eq(at, row.last);
    log->ops->close(log);
    commit_row_encode(bytes, &row);
    every_byte_is_named(view_make(bytes, sizeof bytes), 0, "commit row", "commit row");
}

/* A log that is open here is verified from outside as well, and goes on. */
Test(log_verify, answers_for_an_open_log) {
    struct log *log = open_log();
    struct log_trust trust = scribe_trust(&scribe);
    struct verify_report report;
    struct err err;
    struct buf bytes = record_bytes(100, false);
    cr_assert_eq(log->ops->verify(log, &trust, &report, &err), 0, "%s", err.text);
    flip_everywhere(buf_view(&bytes), 30, false);
    cr_assert_eq(log->ops->verify(log, &trust, &report, &err), ERR_CORRUPT);
    cr_assert_eq(report.first_bad, 100);
    flip_everywhere(buf_view(&bytes), 30, true);
    scribe_event(&scribe, STORE_A, 0, NULL, 10);
    append(log);
    cr_assert_eq(log->ops->verify(log, &trust, &report, &err), 0, "%s", err.text);
    cr_assert_eq(report.records, scribe.tip);
    log->ops->close(log);
    buf_release(&bytes);
}

static void write_on(void *context) {
    struct log *log = context;
    for (int i = 0; i < 200; i++) {
        for (int j = 0; j < 30; j++)
            scribe_event(&scribe, (i + j) % 3 == 0 ? STORE_A : STORE_B, 0,
                         j == 0 ? ref_name(1000000u + (unsigned)i) : NULL, 9);
        append(log);
    }
    atomic_store(&written, true);
}

static int fixed_key(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    const uint8_t(*keys)[PUBLIC_KEY_SIZE] = context;
    memcpy(key, keys[stream - HUB], PUBLIC_KEY_SIZE);
    return 0;
}

/* Beside a writer, with runs going from memory to the index meanwhile. */
Test(log_verify, answers_beside_a_writer) {
    struct log *log = open_log();
    struct thread writer;
    struct verify_report report;
    struct err err;
    static uint8_t keys[3][PUBLIC_KEY_SIZE];
    uint64_t before = 0;
    struct log_trust trust = scribe_trust(&scribe);
    for (uint32_t i = 0; i < 3; i++) trust.key_of(trust.context, HUB + i, keys[i]);
    trust.key_of = fixed_key;
    trust.context = keys;
    thread_start(&writer, write_on, log);
    for (bool over = false; !over;) {
        over = atomic_load(&written);
        cr_assert_eq(log->ops->verify(log, &trust, &report, &err), 0, "%s", err.text);
        cr_assert_geq(report.records, before);
        before = report.records;
    }
    thread_join(&writer);
    cr_assert_eq(before, scribe.tip);
    log->ops->close(log);
}

/* Reading a record that has changed says so, too. */
Test(log_verify, is_not_needed_to_notice) {
    struct buf bytes = record_bytes(100, false);
    struct buf copy = BUF_INIT;
    struct record record;
    struct log_iterator *it;
    struct err err;
    flip_everywhere(buf_view(&bytes), 30, false);
    struct log *log = open_log();
    cr_assert_eq(log_get(log, 100, &record, &copy, &err), ERR_CORRUPT);
    cr_assert_not_null(strstr(err.text, "record 100"), "%s", err.text);
    cr_assert_eq(log->ops->iterate(log, &it, &err), 0);
    it->ops->seek(it, 99);
    cr_assert_eq(it->ops->next(it, &record, &err), 0);
    cr_assert_eq(it->ops->next(it, &record, &err), ERR_CORRUPT);
    it->ops->seek(it, 101);
    cr_assert_eq(it->ops->next(it, &record, &err), 0);
    it->ops->close(it);
    log->ops->close(log);
    buf_release(&bytes);
    buf_release(&copy);
}

/* ---- Any bytes ---- */

static void add(crypto_generichash_state *state, const void *bytes, size_t len) {
    crypto_generichash_update(state, bytes, len);
}

static void add_number(crypto_generichash_state *state, uint64_t number) { add(state, &number, sizeof number); }

static void add_records(crypto_generichash_state *state, struct log *log) {
    struct log_iterator *it;
    struct record record;
    cr_assert_eq(log->ops->iterate(log, &it, NULL), 0);
    while (it->ops->next(it, &record, NULL) == 0) {
        uint64_t position = 0;
        uint64_t length = 0;
        add_number(state, record.id);
        add_number(state, (uint64_t)record.received);
        add_number(state, record.previous);
        add(state, record.frame.data, record.frame.len);
        cr_assert_eq(log->ops->run_of(log, record.id, &position, &length), 0);
        add_number(state, position);
        add_number(state, length);
    }
    it->ops->close(it);
}

/* Everything that can be asked of the log, in one number. */
static void read_everything(uint8_t out[32]) {
    static const char *const values[] = {"cursor", "receipt"};
    struct log *log = open_log();
    crypto_generichash_state state;
    struct head *heads;
    size_t count;
    struct buf value = BUF_INIT;
    crypto_generichash_init(&state, NULL, 0, 32);
    add_number(&state, log_tip(log));
    add_records(&state, log);
    cr_assert_eq(log->ops->heads(log, &heads, &count, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        add_number(&state, heads[i].seq);
        add(&state, heads[i].signature, SIGNATURE_SIZE);
    }
    free(heads);
    for (uint64_t i = 0; i < PAIRS; i += 10) {
        uint8_t hash[REF_HASH_SIZE];
        uint64_t id = 0;
        ref_hash(view_of("till"), view_of(ref_name(i)), hash);
        cr_assert_eq(log->ops->ref(log, hash, &id), 0);
        add_number(&state, id);
    }
    for (size_t i = 0; i < 2; i++) cr_assert_eq(log->ops->value(log, view_of(values[i]), &value), 0);
    add(&state, value.data, value.len);
    buf_release(&value);
    crypto_generichash_final(&state, out, 32);
    log->ops->close(log);
}

/* A flip that verify passes over must not matter. */
static int random_flips(uint64_t seed, int rounds, size_t from, size_t to) {
    uint8_t good[32];
    uint8_t now[32];
    int named = 0;
    read_everything(good);
    for (int i = 0; i < rounds; i++) {
        struct verify_report report;
        struct err err;
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t offset = from + (size_t)((seed >> 24) % (to - from));
        poke(offset, image.data[offset] ^ (uint8_t)(1u << (seed >> 20) % 8));
        int rc = verify(&report, &err);
        if (rc == 0) {
            read_everything(now);
            cr_assert_eq(memcmp(good, now, sizeof now), 0, "offset %zu changed what is read", offset);
        } else {
            cr_assert_eq(strlen(err.text) > 0, 1);
            named++;
        }
        scratch_write(data, buf_view(&image)); /* opening it may have written to it */
    }
    return named;
}

Test(log_verify, misses_nothing_in_300_random_flips) { cr_assert_gt(random_flips(1, 300, 0, image.len), 20); }

/* LMDB's own: the meta pages, which say what is valid. */
Test(log_verify, misses_nothing_in_the_meta_pages) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    cr_assert_gt(random_flips(2, 150, 0, 152) + random_flips(3, 150, page, page + 152), 20);
}
