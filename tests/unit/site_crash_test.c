/* Power cuts over a whole site, key ring and log together. A store's day is recorded, write by write, and put together
 * again as disks could hold it if the power had gone at any moment: whatever was acknowledged by then must be there,
 * byte for byte, and readable. Few states are all tried; of many, some are drawn.
 *
 * A failure names the seed and the image. DANGOL_SEED=… tells the same day again, DANGOL_IMAGE=… (with it) tries that
 * image alone, DANGOL_DRAWS=… draws so many at each moment. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/disk.h"
#include "tests/support/scratch.h"
#include "tests/support/story.h"

/* Up to so many states at a moment are all tried; else so many are drawn by each unit. Fewer where all is slow. */
#ifdef __SANITIZE_ADDRESS__
#define COUNTED_MOST 4
#define DRAWS 0
#else
#define COUNTED_MOST 32
#define DRAWS 8
#endif
#define KILLS 3
#define WHY_SIZE 600
#define IMAGE_SECONDS 60

/* What happens to an image before it is looked at. */
enum then {
    THEN_NOTHING,
    THEN_ON,   /* afterwards the store goes on */
    THEN_CUT,  /* the first start after the cut is cut too */
    THEN_KILL, /* the process died first, without a power cut, and was started again, and then came the cut */
    THEN_KINDS
};

struct attempt {
    size_t moment;
    struct disk_image image;
    unsigned then;
};

static struct scratch scratch;
static struct disk disk;
static struct story story;
static char directory[96], cut[96], again[96];
static uint64_t seed;

/* The images are looked at in a process of its own, since a damaged file can make liblmdb crash or go round in circles.
 * It shares this: where it was is known then, too. */
static struct shared {
    struct attempt attempt;
    size_t images;
    char why[WHY_SIZE];
} * shared;

static size_t moment_now(void) { return disk.op_count; }

static uint64_t number_of(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void prepare(void) {
    /* Many small files: not on a real disk, where there is another. */
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 1);
    scratch_make(&scratch);
    snprintf(directory, sizeof directory, "%s/disk/site", scratch.path);
    snprintf(cut, sizeof cut, "%s/cut", scratch.path);
    snprintf(again, sizeof again, "%s/again", scratch.path);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(shared != MAP_FAILED);
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* files are put together in the same memory again; LMDB zeroes much */
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    seed = number_of("DANGOL_SEED", 2);
    mkdir(scratch_name(&scratch, "disk"), 0700);
    disk_record(&disk, scratch_name(&scratch, "disk"));
    story_tell(&story, directory, seed, moment_now);
    disk_stop();
}

static void finish(void) {
    story_release(&story);
    disk_release(&disk);
    munmap(shared, sizeof *shared);
    scratch_remove(&scratch);
}

TestSuite(site_crash, .init = prepare, .fini = finish, .timeout = 600);

/* ---- One image ---- */

static const char *site_in(const char *root) {
    static char path[128];
    snprintf(path, sizeof path, "%s/site", root);
    return path;
}

/* Starts the site in `cut`, recorded, and leaves in `again` what a second cut left of that. `*whole`: it came after
 * all. */
static bool cut_again(const struct disk_state *state, const struct attempt *attempt, struct buf *text, bool *whole) {
    struct disk second;
    struct disk_state left;
    struct disk_image image = attempt->image;
    if (attempt->then == THEN_KILL)
        disk_record_on(&second, state, cut);
    else
        disk_record(&second, cut);
    size_t known = second.op_count;
    bool opened = story_opens(&story, site_in(cut), text);
    disk_stop();
    *whole = attempt->image.number % 3 == 0;
    image.lots = DISK_DRAWN;
    image.number = attempt->image.number + attempt->moment;
    disk_state_start(&left, &second);
    disk_state_advance(&left, *whole ? second.op_count : known + image.number % (second.op_count - known + 1));
    disk_image_write(&left, &image, again);
    disk_state_release(&left);
    disk_release(&second);
    return opened;
}

static bool stands_again(const struct disk_state *state, const struct attempt *attempt, size_t done, struct buf *text) {
    uint64_t tip, tip_again;
    bool whole;
    if (!cut_again(state, attempt, text, &whole) ||
        !story_stands(&story, site_in(again), done, false, &tip_again, text))
        return false;
    if (!whole) return true;
    /* What a start has shown is there for good: somebody may have been told. */
    if (!story_stands(&story, site_in(cut), done, false, &tip, text)) return false;
    if (tip != tip_again)
        buf_printf(text, "%llu records were there, then %llu", (unsigned long long)tip, (unsigned long long)tip_again);
    return tip == tip_again;
}

static bool stands(const struct disk_state *state, const struct attempt *attempt, struct buf *text) {
    bool killed = attempt->then == THEN_KILL && attempt->moment > 0;
    size_t done = story_done(&story, attempt->moment - (killed ? 1 : 0));
    struct disk_image image = attempt->image;
    uint64_t tip;
    if (killed) image.lots = DISK_ALL;
    disk_image_write(state, &image, cut);
    if (attempt->then == THEN_CUT || attempt->then == THEN_KILL)
        return done < STORY_OPENED || stands_again(state, attempt, done, text);
    return story_stands(&story, site_in(cut), done, attempt->then == THEN_ON, &tip, text);
}

static bool survives(const struct disk_state *state, const struct attempt *attempt) {
    struct buf text = BUF_INIT;
    shared->attempt = *attempt;
    shared->images++;
    snprintf(shared->why, WHY_SIZE, "it crashed or came to no end");
    alarm(IMAGE_SECONDS);
    bool good = stands(state, attempt, &text);
    snprintf(shared->why, WHY_SIZE, "%s", buf_text(&text));
    buf_release(&text);
    scratch_remove_tree(cut);
    scratch_remove_tree(again);
    return good;
}

static void tell(void) {
    const struct attempt *a = &shared->attempt;
    fprintf(stderr, "site_crash: DANGOL_SEED=%llu DANGOL_IMAGE=%zu:%zu:%d:%llu:%d:%u  (%zu steps done): %s\n",
            (unsigned long long)seed, a->moment, a->image.unit, (int)a->image.lots, (unsigned long long)a->image.number,
            a->image.old_bytes, a->then, story_done(&story, a->moment), shared->why);
}

/* ---- All of them ---- */

static bool attempt_from(const char *text, struct attempt *out) {
    unsigned long long parts[6];
    for (size_t i = 0; i < 6; i++) {
        char *end;
        parts[i] = strtoull(text, &end, 10);
        if (end == text || *end != (i < 5 ? ':' : '\0')) return false;
        text = end + 1;
    }
    *out = (struct attempt){.moment = (size_t)parts[0], .then = (unsigned)parts[5]};
    out->image = (struct disk_image){(size_t)parts[1], (enum disk_lots)parts[2], parts[3], parts[4] != 0};
    return true;
}

/* The images of one moment. */
static bool moment_survives(const struct disk_state *state, uint64_t draws) {
    const size_t units[] = {DISK_PAGE, DISK_SECTOR};
    struct attempt attempt = {.moment = state->moment};
    for (size_t i = 0; i < 2; i++) {
        uint64_t count = disk_count(state, units[i], COUNTED_MOST + 1);
        bool all = count <= COUNTED_MOST;
        attempt.image.unit = units[i];
        for (uint64_t n = 0; n < (all ? count : draws + 2); n++) {
            uint64_t drawn = seed * 1000003 + state->moment * 1009 + n;
            attempt.image.lots = all ? DISK_COUNTED : n == 0 ? DISK_NONE : n == 1 ? DISK_ALL : DISK_DRAWN;
            attempt.image.number = all ? n : drawn;
            attempt.image.old_bytes = drawn % 2 == 0;
            attempt.then = (unsigned)(drawn / 2 % THEN_KINDS);
            if (!survives(state, &attempt)) return false;
        }
    }
    return true;
}

/* The process ended in a write that is its own sync. */
static bool end_survives(const struct disk_state *state) {
    struct attempt attempt = {.moment = state->moment, .image = {.unit = DISK_PAGE}, .then = THEN_KILL};
    for (; attempt.image.number < KILLS; attempt.image.number++)
        if (!survives(state, &attempt)) return false;
    return true;
}

/* Every moment, or one image; false at the first that does not stand, which is shared then. */
static bool day_survives(uint64_t draws, const struct attempt *one) {
    struct disk_state state;
    bool good = true;
    disk_state_start(&state, &disk);
    for (size_t at = 0; one == NULL && good && at <= disk.op_count; at++) {
        at = disk_moment(&disk, at);
        disk_state_advance(&state, at);
        good = moment_survives(&state, draws);
        if (!good || at == disk.op_count || !disk.ops[at].direct) continue;
        disk_state_advance(&state, at + 1);
        good = end_survives(&state);
    }
    if (one != NULL) {
        disk_state_advance(&state, one->moment);
        good = survives(&state, one);
    }
    disk_state_release(&state);
    return good;
}

static bool day_survives_apart(uint64_t draws, const struct attempt *one) {
    int status = 0;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) _exit(day_survives(draws, one) ? 0 : 1);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status == 0;
}

Test(site_crash, loses_nothing_acknowledged_at_any_moment) {
    struct attempt one;
    const char *text = getenv("DANGOL_IMAGE");
    if (text != NULL) cr_assert(attempt_from(text, &one), "DANGOL_IMAGE is six numbers as a failure prints them");
    bool good = day_survives_apart(number_of("DANGOL_DRAWS", DRAWS), text == NULL ? NULL : &one);
    if (!good) tell();
    fprintf(stderr, "site_crash: DANGOL_SEED=%llu, %zu operations, %zu images\n", (unsigned long long)seed,
            disk.op_count, shared->images);
    cr_assert(good, "%s", shared->why);
}

/* ---- That it would be found ---- */

static void found(const char *what) {
    bool good = day_survives_apart(DRAWS, NULL);
    cr_assert_not(good, "%s: not found in %zu images", what, shared->images);
    tell();
    fprintf(stderr, "site_crash: %s: found by image %zu\n", what, shared->images);
}

/* Leaves out the syncs of a file or directory, as a disk does that lies. */
static void forget_syncs(const char *path) {
    size_t node, count = 0;
    cr_assert(disk_find(&disk, path, &node));
    for (size_t i = 0; i < disk.op_count; i++) {
        if (disk.ops[i].kind != DISK_SYNC || disk.ops[i].node != node) continue;
        disk.ops[i].kind = DISK_NOTHING;
        count++;
    }
    cr_assert_gt(count, 0);
}

Test(site_crash, finds_syncs_of_the_log_left_out) {
    forget_syncs("site/log/data.mdb");
    found("the log is not synced");
}

Test(site_crash, finds_syncs_of_the_ring_left_out) {
    forget_syncs("site/ring/data.mdb");
    found("the key ring is not synced");
}

Test(site_crash, finds_syncs_of_names_left_out) {
    forget_syncs("site");
    found("the names in the directory are not synced");
}

/* Small appends wait for the disk once: what they lean on is the redo in the meta pages. */
Test(site_crash, finds_the_redo_left_out) {
    size_t node, count = 0;
    cr_assert(disk_find(&disk, "site/log/data.mdb", &node));
    for (size_t i = 0; i < disk.op_count; i++) {
        struct disk_op *op = &disk.ops[i];
        if (op->kind != DISK_WRITE || op->node != node || op->offset % DISK_PAGE != 512 || op->offset > 2 * DISK_PAGE)
            continue;
        op->kind = DISK_NOTHING;
        count++;
    }
    cr_assert_gt(count, 0);
    found("there is no redo");
}
