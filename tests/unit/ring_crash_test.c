/* The key ring after syncs that failed: what was put, in that process or the one that came then, is there after a power
 * cut at any moment. Power cuts alone, with the log beside it: site_crash_test.c. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/event/id.h"
#include "proto/event/ring_row.h"
#include "proto/event/ring_store.h"
#include "tests/contract/keyring_contract.h"
#include "tests/support/disk.h"
#include "tests/support/parties.h"
#include "tests/support/scratch.h"

#define BEFORE 6 /* puts, some of which meet the failing sync */
#define AFTER 4  /* in the process that comes then */
#define PUTS (1 + BEFORE + AFTER)
#define KEYS_MOST 60 /* in one put */
#define REFUSED SIZE_MAX

static const uint8_t master[KEY_BYTES] = {77, 1, 2, 3};
static struct still_world world;
static struct scratch scratch;
static struct disk disk;
static size_t acknowledged[PUTS]; /* operations of the disk by then */

static void prepare(void) {
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 1);
    still_world_init(&world, 1);
    scratch_make(&scratch);
    mkdir(scratch_name(&scratch, "disk"), 0700);
    disk_record(&disk, scratch_name(&scratch, "disk"));
}

static void finish(void) {
    disk_release(&disk);
    scratch_remove(&scratch);
}

static struct keyring *open_ring(const char *name) {
    struct keyring *ring;
    struct err err;
    int code =
        keyring_lmdb_open_sized(scratch_name(&scratch, name), UINT64_C(1) << 26, master, &world.env, &ring, &err);
    cr_assert_eq(code, 0, "%s", err.text);
    return ring;
}

/* Few keys and many take turns. */
static uint32_t keys_of(uint32_t put) { return put % 3 == 1 ? KEYS_MOST : 1 + put % 3; }

static uint32_t number_of(uint32_t put, uint32_t key) { return 1 + (key * 7919 + put * 104729) % 1000000; }

static bool put(struct keyring *ring, uint32_t number) {
    struct ring_put puts[KEYS_MOST];
    struct err err;
    for (uint32_t i = 0; i < keys_of(number); i++) {
        uint32_t key = number_of(number, i);
        puts[i] = (struct ring_put){.id = id_make(65548, key), .has_key = true, .key = keyring_key(key)};
    }
    int code = ring->ops->put(ring, puts, keys_of(number), &err);
    acknowledged[number] = code == 0 ? disk.op_count : REFUSED;
    return code == 0;
}

static void survives(const struct disk_state *state, const struct disk_image *image) {
    uint64_t keys;
    struct err err;
    disk_image_write(state, image, scratch_name(&scratch, "cut"));
    struct keyring *ring = open_ring("cut/ring");
    cr_assert_eq(ring->ops->verify(ring, &keys, &err), 0, "%s", err.text);
    for (uint32_t number = 0; number < PUTS; number++) {
        struct ring_key found;
        for (uint32_t i = 0; i < keys_of(number) && acknowledged[number] <= state->moment; i++)
            cr_assert_eq(ring->ops->get(ring, id_make(65548, number_of(number, i)), &found, 1, &err), 1,
                         "put %u, %zu:%zu:%d:%llu", number, state->moment, image->unit, (int)image->lots,
                         (unsigned long long)image->number);
    }
    ring->ops->close(ring);
    scratch_remove_tree(scratch_name(&scratch, "cut"));
}

static void all_survive(size_t from) {
    struct disk_state state;
    disk_state_start(&state, &disk);
    for (size_t moment = from; moment <= disk.op_count; moment++) {
        disk_state_advance(&state, moment);
        for (uint64_t n = 0; n < 6; n++) {
            const struct disk_image image = {n % 2 == 0 ? DISK_PAGE : DISK_SECTOR, n < 2 ? DISK_NONE + n : DISK_DRAWN,
                                             moment * 10 + n, false};
            survives(&state, &image);
        }
    }
    disk_state_release(&state);
}

/* Whether a sync failed at all. */
static bool fails_at(unsigned sync, int error) {
    uint32_t number = 0, refused = 0;
    prepare();
    struct keyring *ring = open_ring("disk/ring");
    cr_assert(put(ring, number++));
    size_t from = disk.op_count;
    disk_fail_sync(sync, error);
    while (number <= BEFORE) refused += !put(ring, number++);
    disk_fail_sync(0, 0);
    ring->ops->close(ring);
    ring = open_ring("disk/ring"); /* reads what the system shows, not what is on the disk */
    while (number < PUTS) cr_assert(put(ring, number++));
    ring->ops->close(ring);
    disk_stop();
    if (refused > 0) all_survive(from);
    finish();
    return refused > 0;
}

Test(ring_crash, loses_nothing_after_a_sync_that_failed, .timeout = 600) {
    static const int errors[] = {EIO, ENOSPC};
    for (int i = 0; i < 2; i++) {
        unsigned sync = 0;
        while (fails_at(sync, errors[i])) sync++;
        cr_assert_geq(sync, 2 * BEFORE, "%u syncs", sync);
    }
}

/* ---- A new generation ---- */

#define DESTROYED 20 /* of the keys of one put */

static void check_generation(const struct disk_state *state, const struct disk_image *image, bool renewed,
                             const uint8_t nonce[24]) {
    uint64_t keys;
    struct err err;
    struct buf file = BUF_INIT;
    disk_image_write(state, image, scratch_name(&scratch, "cut"));
    struct keyring *ring = open_ring("cut/ring");
    cr_assert_eq(ring->ops->verify(ring, &keys, &err), 0, "%s", err.text);
    for (uint32_t i = 0; i < KEYS_MOST; i++) {
        struct ring_key found;
        cr_assert_eq(ring->ops->get(ring, id_make(65548, number_of(1, i)), &found, 1, &err), 1);
        cr_assert_eq(found.destroyed, i < DESTROYED, "key %u at %zu", i, state->moment);
    }
    if (!renewed) cr_assert_eq(ring->ops->renew(ring, &err), 0, "%s", err.text); /* as the next start does */
    ring->ops->close(ring);
    scratch_read(scratch_name(&scratch, "cut/ring/data.mdb"), &file);
    cr_assert(memmem(file.data, file.len, nonce, 24) == NULL, "at %zu, renewed %d", state->moment, renewed);
    cr_assert_neq(access(scratch_name(&scratch, "cut/ring/data.next"), F_OK), 0);
    buf_release(&file);
    scratch_remove_tree(scratch_name(&scratch, "cut"));
}

/* The bytes that stand for the first key on disk, as LMDB's pages show them. */
static void find_nonce(struct keyring *ring, uint8_t nonce[24]) {
    struct row_key row = row_key_prefix(id_make(65548, number_of(1, 0)));
    struct ring_store *store = keyring_store(ring);
    struct ring_txn *txn;
    struct ring_row found;
    cr_assert_eq(store->ops->begin(store, false, &txn, NULL), 0);
    cr_assert_eq(store->ops->seek(txn, row_view(&row), &found, NULL), 0);
    memcpy(nonce, found.value.data + 1, 24);
    store->ops->abort(txn);
}

/* The power goes at any moment of a renewal: the ring is whole, the keys are as destroyed as they were, and after the
 * renewal that the next start makes nothing of them is left in its files. */
Test(ring_crash, C11_a_new_generation_comes_whole_or_not_at_all, .timeout = 600) {
    uint8_t nonce[24];
    struct err err;
    prepare();
    struct keyring *ring = open_ring("disk/ring");
    cr_assert(put(ring, 1));
    find_nonce(ring, nonce);
    for (uint32_t i = 0; i < DESTROYED; i++)
        cr_assert_eq(ring->ops->destroy(ring, id_make(65548, number_of(1, i)), &err), 0, "%s", err.text);
    size_t from = disk.op_count;
    cr_assert_eq(ring->ops->renew(ring, &err), 0, "%s", err.text);
    size_t done = disk.op_count;
    ring->ops->close(ring);
    disk_stop();
    struct disk_state state;
    disk_state_start(&state, &disk);
    for (size_t moment = from; moment <= done; moment++) {
        disk_state_advance(&state, moment);
        for (uint64_t n = 0; n < 8; n++) {
            const struct disk_image image = {n % 2 == 0 ? DISK_PAGE : DISK_SECTOR, n < 2 ? DISK_NONE + n : DISK_DRAWN,
                                             moment * 10 + n, n % 3 == 0};
            check_generation(&state, &image, moment == done, nonce);
        }
    }
    disk_state_release(&state);
    finish();
}

/* The same when a sync fails on the way: it says so, and the ring goes on. */
Test(ring_crash, C11_a_generation_that_could_not_be_synced_is_not_there) {
    struct err err;
    unsigned refused = 0;
    for (unsigned sync = 0; sync < 12; sync++) {
        uint64_t keys;
        prepare();
        struct keyring *ring = open_ring("disk/ring");
        cr_assert(put(ring, 1));
        cr_assert_eq(ring->ops->destroy(ring, id_make(65548, number_of(1, 0)), &err), 0, "%s", err.text);
        disk_fail_sync(sync, EIO);
        refused += ring->ops->renew(ring, &err) != 0;
        disk_fail_sync(0, 0);
        cr_assert(put(ring, 2));
        cr_assert_eq(ring->ops->renew(ring, &err), 0, "%s", err.text);
        cr_assert_eq(ring->ops->verify(ring, &keys, &err), 0, "%s", err.text);
        cr_assert_eq(keys, KEYS_MOST - 1 + keys_of(2));
        ring->ops->close(ring);
        disk_stop();
        finish();
    }
    cr_assert_geq(refused, 2);
}
