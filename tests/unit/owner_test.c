/* One process owns a directory. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/log/owner_os.h"
#include "tests/support/scratch.h"

static struct scratch scratch;

static void prepare(void) { scratch_make(&scratch); }

static void finish(void) { scratch_remove(&scratch); }

TestSuite(owner, .init = prepare, .fini = finish);

Test(owner, is_one_at_a_time) {
    struct owner owner;
    struct owner other;
    struct err err;
    char process[32];
    cr_assert_eq(owner_take(scratch.path, &owner, &err), 0, "%s", err.text);
    cr_assert_eq(owner_take(scratch.path, &other, &err), ERR_BUSY);
    snprintf(process, sizeof process, "process %ld", (long)getpid());
    cr_assert_not_null(strstr(err.text, process), "%s", err.text);
    cr_assert_not_null(strstr(err.text, scratch.path), "%s", err.text);
    owner_release(&other);
    cr_assert_eq(owner_take(scratch.path, &other, NULL), ERR_BUSY);
    owner_release(&owner);
    cr_assert_eq(owner_take(scratch.path, &other, &err), 0);
    owner_release(&other);
    owner_release(&other);
}

Test(owner, writes_who_it_is) {
    struct owner owner;
    struct buf text = BUF_INIT;
    struct stat info;
    char expected[32];
    const char *path = scratch_name(&scratch, "lock");
    scratch_write(path, view_of("12345678901234567890\n"));
    cr_assert_eq(owner_take(scratch.path, &owner, NULL), 0);
    scratch_read(path, &text);
    snprintf(expected, sizeof expected, "%ld\n", (long)getpid());
    cr_assert(view_is(buf_view(&text), expected));
    buf_release(&text);
    owner_release(&owner);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(owner_take(scratch.path, &owner, NULL), 0);
    cr_assert_eq(stat(path, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    owner_release(&owner);
}

/* The system lets go, however the owner ends. */
Test(owner, ends_with_its_process) {
    struct owner owner;
    struct err err;
    int ready[2];
    int over[2];
    char byte;
    char expected[32];
    cr_assert_eq(pipe(ready), 0);
    cr_assert_eq(pipe(over), 0);
    pid_t child = fork();
    if (child == 0) {
        close(over[1]);
        byte = owner_take(scratch.path, &owner, NULL) == 0 ? 'y' : 'n';
        if (write(ready[1], &byte, 1) != 1 || read(over[0], &byte, 1) != 0) _exit(2);
        _exit(0);
    }
    cr_assert_gt(child, 0);
    close(over[0]);
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(byte, 'y');
    cr_assert_eq(owner_take(scratch.path, &owner, &err), ERR_BUSY);
    snprintf(expected, sizeof expected, "process %ld", (long)child);
    cr_assert_not_null(strstr(err.text, expected), "%s", err.text);
    close(over[1]);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert_eq(owner_take(scratch.path, &owner, &err), 0, "%s", err.text);
    owner_release(&owner);
}

Test(owner, needs_a_directory) {
    struct owner owner;
    struct err err;
    cr_assert_eq(owner_take(scratch_name(&scratch, "missing"), &owner, &err), ERR_NOT_FOUND);
    cr_assert_not_null(strstr(err.text, "missing/lock"), "%s", err.text);
    owner_release(&owner);
}
