/* The key ring's contract over both forms, and what only the one on disk must do. */
#include "tests/contract/keyring_contract.h"

#include <criterion/criterion.h>
#include <lmdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/event/id.h"
#include "proto/event/ring_row.h"
#include "tests/support/parties.h"

#define ID(number) id_make(65548, (number) + 1u)

static const uint8_t master[KEY_BYTES] = {77, 1, 2, 3};
static struct still_world world;
static char base[200]; /* holds every directory of a test */
static unsigned opened;

static void prepare(void) {
    still_world_init(&world, 1);
    const char *directory = getenv("TMPDIR");
    snprintf(base, sizeof base, "%s/dangol-keyring-XXXXXX", directory != NULL ? directory : "/tmp");
    cr_assert_not_null(mkdtemp(base));
}

static const char *path_of(const char *name) {
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", base, name);
    return path;
}

static void remove_ring(const char *name) {
    char path[300];
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", base, name, files[i]);
        unlink(path);
    }
    rmdir(path_of(name));
}

static void finish(void) {
    char name[20];
    for (unsigned i = 0; i < opened; i++) {
        snprintf(name, sizeof name, "%u", i);
        remove_ring(name);
    }
    remove_ring("ring");
    remove_ring("copy");
    rmdir(base);
}

/* ---- The contract ---- */

static struct keyring *open_mem(void) { return keyring_mem_open(master, &world.env); }

static struct keyring *open_lmdb(void) {
    struct keyring *ring;
    struct err err = {0};
    char name[20];
    snprintf(name, sizeof name, "%u", opened++);
    cr_assert_eq(keyring_lmdb_open(path_of(name), master, &world.env, &ring, &err), 0, "%s", err.text);
    return ring;
}

static const struct keyring_form mem_form = {open_mem};
static const struct keyring_form lmdb_form = {open_lmdb};

TestSuite(keyring_mem, .init = prepare, .fini = finish);
TestSuite(keyring_lmdb, .init = prepare, .fini = finish);

#define FORMS(name)                                                                                                    \
    Test(keyring_mem, name) { keyring_##name(&mem_form); }                                                             \
    Test(keyring_lmdb, name) { keyring_##name(&lmdb_form); }
KEYRING_CONTRACT(FORMS)

/* ---- On disk ---- */

TestSuite(keyring_disk, .init = prepare, .fini = finish);

static struct keyring *open_sized(uint64_t map_bytes) {
    struct keyring *ring;
    struct err err = {0};
    cr_assert_eq(keyring_lmdb_open_sized(path_of("ring"), map_bytes, master, &world.env, &ring, &err), 0, "%s",
                 err.text);
    return ring;
}

static struct keyring *open_ring(void) { return open_sized(UINT64_C(1) << 30); }

static struct ring_put put_of(uint32_t number) {
    return (struct ring_put){
        .id = ID(number), .has_key = true, .key = keyring_key(number), .tags = {keyring_tag(number)}, .tag_count = 1};
}

static void put_number(struct keyring *ring, uint32_t number) {
    const struct ring_put put = put_of(number);
    cr_assert_eq(ring->ops->put(ring, &put, 1, NULL), 0);
}

/* Reads and writes the environment behind the ring's back. */
static MDB_env *open_raw(MDB_txn **txn, MDB_dbi *table) {
    MDB_env *env;
    cr_assert_eq(mdb_env_create(&env), 0);
    cr_assert_eq(mdb_env_open(env, path_of("ring"), 0, 0600), 0);
    cr_assert_eq(mdb_txn_begin(env, NULL, 0, txn), 0);
    cr_assert_eq(mdb_dbi_open(*txn, NULL, 0, table), 0);
    return env;
}

static void close_raw(MDB_env *env, MDB_txn *txn) {
    cr_assert_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static size_t last_transaction(void) {
    MDB_txn *txn;
    MDB_dbi table;
    MDB_env *env = open_raw(&txn, &table);
    size_t id = mdb_txn_id(txn);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return id;
}

Test(keyring_disk, survives_being_closed) {
    struct keyring *ring = open_ring();
    struct ring_key key;
    uint64_t keys;
    put_number(ring, 1);
    put_number(ring, 2);
    cr_assert_eq(ring->ops->destroy(ring, ID(2), NULL), 0);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", view_of("secret"), NULL), 0);
    ring->ops->close(ring);
    ring = open_ring();
    cr_assert_eq(ring->ops->get(ring, ID(1), &key, 1, NULL), 1);
    cr_assert_eq(key.key.bytes[3], 1);
    cr_assert_eq(ring->ops->get(ring, ID(2), &key, 1, NULL), 1);
    cr_assert(key.destroyed);
    cr_assert_eq(ring->ops->verify(ring, &keys, NULL), 0);
    cr_assert_eq(keys, 1);
    ring->ops->close(ring);
}

Test(keyring_disk, is_for_its_owner_only) {
    struct stat facts;
    struct keyring *ring = open_ring();
    cr_assert_eq(stat(path_of("ring"), &facts), 0);
    cr_assert_eq(facts.st_mode & 0777, 0700);
    cr_assert_eq(stat(path_of("ring/data.mdb"), &facts), 0);
    cr_assert_eq(facts.st_mode & 0777, 0600);
    ring->ops->close(ring);
}

Test(keyring_disk, refuses_another_master) {
    const uint8_t other[KEY_BYTES] = {78};
    struct keyring *ring = open_ring();
    struct err err = {0};
    ring->ops->close(ring);
    cr_assert_eq(keyring_lmdb_open(path_of("ring"), other, &world.env, &ring, &err), ERR_AUTH);
    cr_assert_eq(err.code, ERR_AUTH);
    ring = open_ring();
    ring->ops->close(ring);
}

Test(keyring_disk, refuses_a_place_that_is_none) {
    struct keyring *ring;
    struct err err = {0};
    cr_assert_eq(keyring_lmdb_open("/dev/null/at/all", master, &world.env, &ring, &err), ERR_IO);
    cr_assert_not_null(strstr(err.text, "/dev/null/at/all"));
    /* A file where LMDB's should be; also without anybody to tell. */
    cr_assert_eq(mkdir(path_of("ring"), 0700), 0);
    FILE *file = fopen(path_of("ring/data.mdb"), "wb");
    for (int i = 0; i < 8192; i++) fputc('x', file);
    fclose(file);
    cr_assert_eq(keyring_lmdb_open(path_of("ring"), master, &world.env, &ring, &err), ERR_CORRUPT);
    cr_assert_not_null(strstr(err.text, path_of("ring")));
    cr_assert_eq(keyring_lmdb_open(path_of("ring"), master, &world.env, &ring, NULL), ERR_CORRUPT);
}

static bool file_holds(const char *name, const uint8_t *bytes, size_t len) {
    FILE *file = fopen(path_of(name), "rb");
    cr_assert_not_null(file);
    struct buf whole = BUF_INIT;
    buf_reserve(&whole, 8u << 20);
    whole.len = fread(whole.data, 1, 8u << 20, file);
    fclose(file);
    bool found = memmem(whole.data, whole.len, bytes, len) != NULL;
    buf_release(&whole);
    return found;
}

Test(keyring_disk, holds_no_secret_in_the_clear) {
    struct keyring *ring = open_ring();
    const struct customer_key key = keyring_key(5);
    put_number(ring, 5);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", view_of("the tag key itself"), NULL), 0);
    ring->ops->close(ring);
    cr_assert_not(file_holds("ring/data.mdb", key.bytes, KEY_BYTES));
    cr_assert_not(file_holds("ring/data.mdb", (const uint8_t *)"the tag key itself", 18));
    cr_assert_not(file_holds("ring/data.mdb", master, KEY_BYTES));
}

Test(keyring_disk, commits_once_however_many_are_put) {
    struct ring_put puts[100];
    struct keyring *ring = open_ring();
    ring->ops->close(ring);
    size_t before = last_transaction();
    for (uint32_t i = 0; i < 100; i++) puts[i] = put_of(i);
    ring = open_ring();
    cr_assert_eq(ring->ops->put(ring, puts, 100, NULL), 0);
    ring->ops->close(ring);
    cr_assert_eq(last_transaction(), before + 1);
}

/* Puts until it no longer goes; says how many did. The ring must hold those and nothing of the last. */
static uint32_t fill_up(struct keyring *ring, uint32_t batch) {
    struct ring_put puts[64];
    struct err err = {0};
    uint64_t keys;
    uint32_t done = 0;
    for (;; done += batch) {
        for (uint32_t i = 0; i < batch; i++) puts[i] = put_of(done + i);
        int code = ring->ops->put(ring, puts, batch, &err);
        if (code != 0) {
            cr_assert_eq(code, ERR_NO_SPACE, "%s", err.text);
            break;
        }
        cr_assert_lt(done, 100000);
    }
    cr_assert_eq(ring->ops->verify(ring, &keys, &err), 0, "%s", err.text);
    cr_assert_eq(keys, done);
    return done;
}

Test(keyring_disk, a_full_map_fails_the_put_and_nothing_else) {
    static const uint32_t batches[] = {1, 2, 5, 64}; /* full in a put, or at the commit */
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        struct keyring *ring = open_sized(32 * 4096);
        uint32_t done = fill_up(ring, batches[i]);
        cr_assert_gt(done, 0);
        ring->ops->close(ring);
        ring = open_ring(); /* with a larger map it goes on */
        put_number(ring, done);
        ring->ops->close(ring);
        remove_ring("ring");
    }
}

Test(keyring_disk, a_full_disk_fails_the_commit_and_nothing_else) {
    struct rlimit limit, small;
    struct keyring *ring = open_ring();
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 40 * 4096;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    uint32_t done = fill_up(ring, 16);
    cr_assert_gt(done, 0);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    put_number(ring, done); /* once there is space again, it goes on */
    ring->ops->close(ring);
}

/* ---- Damage ---- */

static void damage(struct row_key row, const void *value, size_t len) {
    MDB_txn *txn;
    MDB_dbi table;
    MDB_env *env = open_raw(&txn, &table);
    MDB_val k = {row.len, row.bytes}, v;
    if (value == NULL) {
        cr_assert_eq(mdb_del(txn, table, &k, NULL), 0);
    } else {
        uint8_t copy[300];
        memcpy(copy, value, len);
        v = (MDB_val){len, copy};
        cr_assert_eq(mdb_put(txn, table, &k, &v, 0), 0);
    }
    close_raw(env, txn);
}

static struct row_key key_row(uint32_t number) {
    const struct customer_key key = keyring_key(number);
    uint8_t fingerprint[FINGERPRINT_BYTES];
    customer_key_fingerprint(&key, fingerprint);
    return row_key_of(ID(number), fingerprint);
}

static struct row_key tomb_row(uint32_t number) {
    struct row_key row = key_row(number);
    return row_tomb_of(row.bytes + 9, ID(number));
}

/* A ring in which 1 lives, 2 is destroyed; then the damage; then what verify says. */
static void check_found(struct row_key row, const void *value, size_t len, const char *word) {
    struct keyring *ring = open_ring();
    struct err err = {0};
    uint64_t keys;
    put_number(ring, 1);
    put_number(ring, 2);
    cr_assert_eq(ring->ops->destroy(ring, ID(2), NULL), 0);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", view_of("secret"), NULL), 0);
    ring->ops->close(ring);
    damage(row, value, len);
    ring = open_ring();
    cr_assert_eq(ring->ops->verify(ring, &keys, &err), ERR_CORRUPT, "%s", word);
    cr_assert_not_null(strstr(err.text, word), "%s", err.text);
    ring->ops->close(ring);
    remove_ring("ring");
}

Test(keyring_disk, damage_is_found_and_named) {
    static const uint8_t zeros[300], live[ROW_LIVE_SIZE] = {ROW_LIVE}, odd[1] = {7};
    struct tag one = keyring_tag(1);
    struct row_key unknown = row_value("x");
    unknown.bytes[0] = 'Z';
    struct row_key cut = key_row(1);
    cut.len--;
    check_found(key_row(1), live, sizeof live, "key of 65548-2 is damaged");
    check_found(key_row(1), zeros, 80, "key of 65548-2 is damaged");
    check_found(key_row(1), odd, 1, "key of 65548-2 is damaged");
    check_found(key_row(1), zeros, 0, "wrong size");
    check_found(cut, live, sizeof live, "wrong size");
    check_found(tomb_row(2), NULL, 0, "tombstone of 65548-3 has no counterpart");
    check_found(key_row(2), NULL, 0, "tombstone of 65548-3 has no counterpart");
    check_found(row_tag_of(&one, ID(1)), NULL, 0, "tag of 65548-2 has no counterpart");
    check_found(row_tag_of_id(ID(1), &one), NULL, 0, "tag of 65548-2 has no counterpart");
    check_found(row_tag_prefix(&one), zeros, 0, "wrong size");
    check_found(row_value("tag key"), zeros, 60, "value tag key is damaged");
    check_found(unknown, zeros, 3, "unknown kind");
}

/* A key of another row in its place: each is bound to its own. */
Test(keyring_disk, a_row_in_anothers_place_is_found) {
    struct keyring *ring = open_ring();
    struct ring_key key;
    struct err err = {0};
    uint8_t copy[ROW_LIVE_SIZE];
    put_number(ring, 1);
    put_number(ring, 2);
    ring->ops->close(ring);
    MDB_txn *txn;
    MDB_dbi table;
    MDB_env *env = open_raw(&txn, &table);
    struct row_key two = key_row(2);
    MDB_val k = {two.len, two.bytes}, v;
    cr_assert_eq(mdb_get(txn, table, &k, &v), 0);
    cr_assert_eq(v.mv_size, sizeof copy);
    memcpy(copy, v.mv_data, sizeof copy);
    close_raw(env, txn);
    damage(key_row(1), copy, sizeof copy);
    ring = open_ring();
    cr_assert_eq(ring->ops->get(ring, ID(1), &key, 1, &err), ERR_CORRUPT);
    cr_assert_eq(ring->ops->get(ring, ID(2), &key, 1, &err), 1);
    ring->ops->close(ring);
}

/* ---- Compaction ---- */

Test(keyring_disk, a_compact_copy_is_the_ring_without_what_was_destroyed) {
    uint8_t wrapped[100][24]; /* nonces: what is left of a key on disk begins with one */
    struct keyring *ring = open_ring();
    struct ring_key key;
    struct err err = {0};
    uint64_t keys;
    for (uint32_t i = 0; i < 100; i++) put_number(ring, i);
    ring->ops->close(ring);
    MDB_txn *txn;
    MDB_dbi table;
    MDB_env *env = open_raw(&txn, &table);
    for (uint32_t i = 0; i < 100; i++) {
        struct row_key row = key_row(i);
        MDB_val k = {row.len, row.bytes}, v;
        cr_assert_eq(mdb_get(txn, table, &k, &v), 0);
        memcpy(wrapped[i], (const uint8_t *)v.mv_data + 1, sizeof wrapped[i]);
    }
    close_raw(env, txn);

    ring = open_ring();
    for (uint32_t i = 0; i < 100; i += 2) cr_assert_eq(ring->ops->destroy(ring, ID(i), NULL), 0);
    cr_assert_eq(keyring_lmdb_compact(ring, path_of("copy"), &err), 0, "%s", err.text);
    cr_assert_eq(keyring_lmdb_compact(ring, path_of("copy"), &err), ERR_EXISTS);
    put_number(ring, 200); /* the old one still works */
    ring->ops->close(ring);
    for (uint32_t i = 0; i < 100; i++)
        cr_assert_eq(file_holds("copy/data.mdb", wrapped[i], sizeof wrapped[i]), i % 2 == 1, "%u", i);

    cr_assert_eq(keyring_lmdb_open(path_of("copy"), master, &world.env, &ring, &err), 0, "%s", err.text);
    cr_assert_eq(ring->ops->verify(ring, &keys, &err), 0, "%s", err.text);
    cr_assert_eq(keys, 50);
    cr_assert_eq(ring->ops->get(ring, ID(4), &key, 1, NULL), 1);
    cr_assert(key.destroyed);
    cr_assert_eq(ring->ops->get(ring, ID(5), &key, 1, NULL), 1);
    cr_assert_not(key.destroyed);
    ring->ops->close(ring);
}

/* ---- A new generation ---- */

/* What stands on disk for each key: the nonce its wrapped form begins with. */
static void read_wrapped(uint8_t wrapped[][24], uint32_t count) {
    MDB_txn *txn;
    MDB_dbi table;
    MDB_env *env = open_raw(&txn, &table);
    for (uint32_t i = 0; i < count; i++) {
        struct row_key row = key_row(i);
        MDB_val k = {row.len, row.bytes}, v;
        cr_assert_eq(mdb_get(txn, table, &k, &v), 0);
        memcpy(wrapped[i], (const uint8_t *)v.mv_data + 1, 24);
    }
    close_raw(env, txn);
}

Test(keyring_disk, C11_nothing_of_a_destroyed_key_is_left_in_the_next_generation) {
    uint8_t wrapped[100][24];
    struct err err = {0};
    struct tag tag = keyring_tag(4);
    struct row_key tagged = row_tag_of(&tag, ID(4));
    struct keyring *ring = open_ring();
    for (uint32_t i = 0; i < 100; i++) put_number(ring, i);
    ring->ops->close(ring);
    read_wrapped(wrapped, 100);
    ring = open_ring();
    for (uint32_t i = 0; i < 100; i += 2) cr_assert_eq(ring->ops->destroy(ring, ID(i), NULL), 0);
    bool left = false;
    for (uint32_t i = 0; i < 100; i += 2) left |= file_holds("ring/data.mdb", wrapped[i], 24);
    cr_assert(left, "LMDB keeps what was deleted: that is what a new generation is for");
    cr_assert_eq(ring->ops->renew(ring, &err), 0, "%s", err.text);
    put_number(ring, 200); /* it goes on */
    ring->ops->close(ring);
    for (uint32_t i = 0; i < 100; i++) cr_assert_eq(file_holds("ring/data.mdb", wrapped[i], 24), i % 2 == 1, "%u", i);
    cr_assert_not(file_holds("ring/data.mdb", tagged.bytes, tagged.len));
    cr_assert_neq(access(path_of("ring/data.next"), F_OK), 0);
    struct ring_key key;
    uint64_t keys;
    ring = open_ring();
    cr_assert_eq(ring->ops->verify(ring, &keys, &err), 0, "%s", err.text);
    cr_assert_eq(keys, 51);
    cr_assert(ring->ops->get(ring, ID(4), &key, 1, NULL) == 1 && key.destroyed);
    cr_assert(ring->ops->get(ring, ID(200), &key, 1, NULL) == 1 && !key.destroyed);
    ring->ops->close(ring);
}

/* A reader that began before goes on with what it sees. */
struct renewing {
    struct keyring *ring;
    uint32_t seen;
};

static int renew_in_the_middle(void *context, uint64_t id, const struct ring_key *key) {
    struct renewing *r = context;
    (void)id;
    (void)key;
    if (r->seen++ % 300 == 0) cr_assert_eq(r->ring->ops->renew(r->ring, NULL), 0);
    return 0;
}

Test(keyring_disk, a_new_generation_may_come_while_keys_are_told) {
    struct keyring *ring = open_ring();
    struct renewing r = {ring, 0};
    for (uint32_t i = 0; i < 1000; i++) put_number(ring, i);
    cr_assert_eq(ring->ops->each(ring, renew_in_the_middle, &r, NULL), 0);
    cr_assert_eq(r.seen, 1000);
    ring->ops->close(ring);
}
