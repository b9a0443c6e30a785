/* The record of looks (E14): what is written is read again, and whatever is changed, cut, moved or put back afterwards
 * is found. The file is a real one, the log in memory. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/base/pack.h"
#include "proto/site/looks.h"
#include "tests/support/shop.h"

static struct shop shop;
static struct looks *looks;
static struct err err;

static void prepare(void) {
    shop_open(&shop, NULL, NULL);
    shop.site->directory = mem_text(shop.scratch.path);
    looks = NULL;
}

static void done(void) {
    looks_close(looks);
    shop_close(&shop);
}

TestSuite(looks, .init = prepare, .fini = done);

static const char *path(void) { return scratch_name(&shop.scratch, LOOKS_FILE); }

static void open_looks(void) {
    looks_close(looks);
    looks = NULL;
    cr_assert_eq(looks_open(shop.site, &looks, &err), 0, "%s", err.text);
}

/* Entries as the recorder makes them, in groups of one. */
static void write_entries(int count) {
    uint8_t key[32];
    looks_key(shop.site->secrets.master, key);
    for (int i = 0; i < count; i++) {
        struct buf bytes = BUF_INIT;
        struct looks_head head = *looks_head(looks);
        uint64_t ids[2] = {id_make(1, head.seq + 1), id_make(1, 99)};
        struct look_entry entry = {.at = 1000 + i,
                                   .who = view_of("kim"),
                                   .role = view_of("manager"),
                                   .address = view_of("10.0.0.1"),
                                   .method = view_of("GET"),
                                   .route = view_of("/customers/{id}"),
                                   .outcome = LOOK_ALLOWED};
        looks_put(key, &head, &entry, ids, 2, &bytes);
        cr_assert_eq(looks_append(looks, buf_view(&bytes), &head, &err), 0, "%s", err.text);
        buf_release(&bytes);
    }
}

struct seen {
    int count, lost;
    uint64_t last;
};

static int see(void *context, const struct look_entry *entry) {
    struct seen *seen = context;
    struct cursor ids = entry->ids;
    seen->count++;
    seen->last = entry->seq;
    if (entry->outcome == LOOK_LOST) {
        seen->lost++;
        return 0;
    }
    cr_assert(view_is(entry->who, "kim") && view_is(entry->route, "/customers/{id}"));
    cr_assert_eq(entry->count, 2);
    cr_assert_eq(cursor_uint(&ids), id_make(1, entry->seq));
    cr_assert_eq(cursor_uint(&ids), id_make(1, 99));
    return 0;
}

static int read_all(struct seen *seen) {
    *seen = (struct seen){0};
    return looks_read(shop.site, see, seen, NULL, &err);
}

static size_t file_size(void) {
    struct buf bytes = BUF_INIT;
    scratch_read(path(), &bytes);
    size_t size = bytes.len;
    buf_release(&bytes);
    return size;
}

Test(looks, E14_what_was_written_is_read_again_across_openings) {
    struct seen seen;
    cr_assert_eq(read_all(&seen), 0);
    cr_assert_eq(seen.count, 0, "none, where nobody was served");
    open_looks();
    write_entries(3);
    open_looks();
    write_entries(2);
    cr_assert_eq(read_all(&seen), 0, "%s", err.text);
    cr_assert_eq(seen.count, 5);
    cr_assert_eq(seen.last, 5);
}

Test(looks, E14_every_changed_byte_is_found) {
    struct seen seen;
    uint8_t byte;
    struct buf bytes = BUF_INIT;
    open_looks();
    write_entries(4);
    scratch_read(path(), &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        byte = bytes.data[i] ^ 0x41;
        scratch_poke(path(), i, view_make(&byte, 1));
        cr_assert_eq(read_all(&seen), ERR_CORRUPT, "byte %zu of %zu", i, bytes.len);
        scratch_poke(path(), i, view_make(&bytes.data[i], 1));
    }
    cr_assert_eq(read_all(&seen), 0);
    buf_release(&bytes);
}

Test(looks, E14_the_entry_that_was_changed_is_named) {
    struct seen seen;
    open_looks();
    write_entries(2);
    size_t third = file_size();
    write_entries(2);
    scratch_poke(path(), third + 20, view_of("X"));
    cr_assert_eq(read_all(&seen), ERR_CORRUPT);
    cr_assert_eq(seen.count, 2);
    cr_assert_not_null(strstr(err.text, "entry 3 "), "%s", err.text);
}

Test(looks, E14_a_file_that_was_cut_removed_or_put_back_is_found) {
    struct seen seen;
    struct buf old = BUF_INIT;
    open_looks();
    write_entries(2);
    scratch_read(path(), &old);
    write_entries(2);
    cr_assert_eq(truncate(path(), (off_t)old.len), 0);
    cr_assert_eq(read_all(&seen), ERR_CORRUPT, "cut between two entries");
    cr_assert_not_null(strstr(err.text, "ends at entry 2; 4 were written"), "%s", err.text);
    cr_assert_eq(unlink(path()), 0);
    cr_assert_eq(read_all(&seen), ERR_CORRUPT, "removed");
    buf_release(&old);
}

/* Somebody who knows how it is made, but not the key. */
Test(looks, E14_entries_made_with_another_key_are_found) {
    struct seen seen;
    uint8_t key[32] = {9};
    struct buf file = BUF_INIT;
    struct looks_head head;
    struct look_entry entry = {.who = view_of("kim"), .outcome = LOOK_ALLOWED};
    open_looks();
    write_entries(1);
    buf_append_view(&file, view_of(LOOKS_MAGIC));
    looks_begin(key, &head);
    looks_put(key, &head, &entry, NULL, 0, &file);
    scratch_write(path(), buf_view(&file));
    cr_assert_eq(read_all(&seen), ERR_CORRUPT);
    buf_release(&file);
}

Test(looks, E14_half_an_entry_that_a_crash_left_goes_and_nothing_else) {
    struct seen seen;
    open_looks();
    write_entries(3);
    size_t size = file_size();
    uint8_t torn[40] = {60, 0, 0, 0, 0x99, 4};
    scratch_poke(path(), size, view_make(torn, sizeof torn));
    cr_assert_eq(read_all(&seen), 0, "%s", err.text);
    cr_assert_eq(seen.count, 3);
    open_looks();
    cr_assert_eq(file_size(), size);
    uint8_t zeros[200] = {0}; /* as some file systems leave them */
    scratch_poke(path(), size, view_make(zeros, sizeof zeros));
    open_looks();
    cr_assert_eq(file_size(), size);
    write_entries(1);
    cr_assert_eq(read_all(&seen), 0, "%s", err.text);
    cr_assert_eq(seen.count, 4);
    cr_assert_eq(seen.lost, 0);
}

static int aside_count(void) {
    int count = 0;
    DIR *directory = opendir(shop.scratch.path);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strncmp(entry->d_name, LOOKS_FILE ".damaged-", sizeof LOOKS_FILE ".damaged-" - 1) == 0;
    closedir(directory);
    return count;
}

Test(looks, E14_a_damaged_record_is_set_aside_and_the_next_one_says_so) {
    struct seen seen;
    open_looks();
    write_entries(3);
    cr_assert_eq(truncate(path(), (off_t)LOOKS_MAGIC_SIZE), 0);
    open_looks();
    write_entries(2);
    cr_assert_eq(aside_count(), 1);
    cr_assert_eq(read_all(&seen), 0, "%s", err.text);
    cr_assert_eq(seen.count, 3);
    cr_assert_eq(seen.lost, 1);
    cr_assert_eq(seen.last, 6, "it counts on where the other ended");
    cr_assert_eq(unlink(path()), 0);
    open_looks();
    cr_assert_eq(read_all(&seen), 0, "%s", err.text);
    cr_assert_eq(seen.lost, 1);
    cr_assert_eq(seen.last, 7);
}

/* `recover` puts the log aside: its values are gone, the record goes on. */
Test(looks, E14_a_new_log_takes_the_record_as_it_is_if_it_holds) {
    struct seen seen;
    struct log_value none = {view_of("looks head"), VIEW_NONE};
    open_looks();
    write_entries(3);
    cr_assert_eq(site_set_values(shop.site, &none, 1, NULL), 0);
    open_looks();
    write_entries(1);
    cr_assert_eq(read_all(&seen), 0, "%s", err.text);
    cr_assert_eq(seen.count, 4);
    cr_assert_eq(aside_count(), 0);
}

Test(looks, E14_what_is_too_long_or_no_text_is_kept_as_far_as_it_goes) {
    uint8_t key[32] = {1};
    char long_text[5000];
    struct buf bytes = BUF_INIT;
    struct looks_head head, at;
    struct look_entry entry = {.who = view_make("\xff\xfe", 2), .outcome = LOOK_WRONG_SECRET}, read;
    memset(long_text, 'x', sizeof long_text);
    entry.route = view_make(long_text, sizeof long_text);
    uint64_t ids[LOOK_IDS + 10];
    for (size_t i = 0; i < LOOK_IDS + 10; i++) ids[i] = UINT64_MAX;
    looks_begin(key, &head);
    at = head;
    looks_put(key, &head, &entry, ids, LOOK_IDS + 10, &bytes);
    struct view left = buf_view(&bytes);
    cr_assert_eq(looks_take(key, &at, &left, &read, &err), 0, "%s", err.text);
    cr_assert_eq(left.len, 0);
    cr_assert_eq(read.who.len, 0);
    cr_assert_eq(read.route.len, 200);
    cr_assert_eq(read.count, LOOK_IDS);
    buf_release(&bytes);
}

/* ---- The latest first ---- */

struct back {
    uint64_t next; /* the number that is to come */
    size_t count, most;
};

static int see_back(void *context, const struct look_entry *entry) {
    struct back *back = context;
    cr_assert_eq(entry->seq, back->next--);
    return ++back->count == back->most ? LOOKS_ENOUGH : 0;
}

static size_t read_back(uint64_t before, uint64_t last, size_t most) {
    struct back back = {.next = last, .most = most};
    cr_assert_eq(looks_read_back(shop.site, before, see_back, &back, &err), 0, "%s", err.text);
    return back.count;
}

/* More than a block of entries at once: written as one group. */
static void write_many(size_t count) {
    uint8_t key[32];
    struct buf bytes = BUF_INIT;
    struct looks_head head = *looks_head(looks);
    looks_key(shop.site->secrets.master, key);
    for (size_t i = 0; i < count; i++) {
        struct look_entry entry = {.at = 1000, .who = view_of("kim"), .outcome = LOOK_ALLOWED};
        looks_put(key, &head, &entry, NULL, 0, &bytes);
    }
    cr_assert_eq(looks_append(looks, buf_view(&bytes), &head, &err), 0, "%s", err.text);
    buf_release(&bytes);
}

Test(looks, E14_the_latest_come_first_and_one_page_of_them_reads_little) {
    cr_assert_eq(read_back(UINT64_MAX, 0, 0), 0, "none, where nobody was served");
    open_looks();
    cr_assert_eq(read_back(UINT64_MAX, 0, 0), 0);
    write_many(20000);
    cr_assert_eq(read_back(UINT64_MAX, 20000, 0), 20000);
    cr_assert_gt(shop.site->looks.count, 3, "there are blocks");
    cr_assert_eq(read_back(UINT64_MAX, 20000, 50), 50);
    write_many(7);
    cr_assert_eq(read_back(UINT64_MAX, 20007, 50), 50, "what came since, too");
    for (size_t i = 0; i < shop.site->looks.count; i++) { /* about the beginning of every block */
        uint64_t seq = shop.site->looks.at[i].seq;
        cr_assert_eq(read_back(seq, seq == 0 ? 0 : seq - 1, 0), seq == 0 ? 0 : seq - 1);
        cr_assert_eq(read_back(seq + 1, seq, 0), seq);
        cr_assert_eq(read_back(seq + 2, seq + 1, 0), seq + 1);
    }
}

Test(looks, E14_what_is_given_backwards_is_as_it_was_written) {
    struct buf bytes = BUF_INIT;
    open_looks();
    write_many(20000);
    cr_assert_eq(read_back(UINT64_MAX, 20000, 50), 50);
    scratch_read(path(), &bytes);
    size_t last = bytes.len - 1000, first = 1000;
    uint8_t byte = bytes.data[last] ^ 1;
    scratch_poke(path(), last, view_make(&byte, 1));
    struct back back = {.next = 20000, .most = 50};
    cr_assert_eq(looks_read_back(shop.site, UINT64_MAX, see_back, &back, &err), ERR_CORRUPT);
    scratch_poke(path(), last, view_make(&bytes.data[last], 1));
    byte = bytes.data[first] ^ 1;
    scratch_poke(path(), first, view_make(&byte, 1));
    back = (struct back){.next = 20000};
    cr_assert_eq(looks_read_back(shop.site, UINT64_MAX, see_back, &back, &err), ERR_CORRUPT);
    cr_assert_gt(back.count, 10000, "the blocks behind the changed one");
    buf_release(&bytes);
}

Test(looks, E14_a_changed_record_is_found_by_the_first_who_reads_backwards) {
    open_looks();
    write_many(20000);
    scratch_poke(path(), 1000, view_of("?"));
    struct back back = {.next = 20000, .most = 50};
    cr_assert_eq(looks_read_back(shop.site, UINT64_MAX, see_back, &back, &err), ERR_CORRUPT);
    cr_assert_eq(back.count, 0);
}
