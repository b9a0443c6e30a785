/* Pages that were looked at are let go of when they are too many, and stay while they are few. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proto/base/environment_lmdb.h"

#define MIB ((size_t)1 << 20)
#define FILE_BYTES (2 * ENVIRONMENT_ROOM)

static size_t mapped_bytes(void) {
    char line[128], *at = line;
    FILE *file = fopen("/proc/self/statm", "re");
    cr_assert_not_null(file);
    cr_assert_not_null(fgets(line, sizeof line, file));
    fclose(file);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    strtoul(at, &at, 10);
    size_t resident = strtoul(at, &at, 10), shared = strtoul(at, &at, 10);
    cr_assert((resident - shared) * page < ENVIRONMENT_LARGE, "a small program");
    return shared * page;
}

static void look_at(struct environment_pages *pages, size_t bytes) {
    volatile unsigned char *at = pages->start;
    unsigned sum = 0;
    for (size_t i = 0; i < bytes; i += 4096) sum += at[i];
    cr_assert_eq(sum, 0);
}

Test(environment, pages_are_let_go_of_when_they_are_too_many) {
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    cr_assert_eq(ftruncate(fileno(file), (off_t)FILE_BYTES), 0);
    struct environment_pages pages = {.size = FILE_BYTES};
    pages.start = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, fileno(file), 0);
    cr_assert(pages.start != MAP_FAILED);
    environment_looked(&pages, ENVIRONMENT_LOOKS); /* what is there already is not its own */
    atomic_store(&pages.others, mapped_bytes());
    look_at(&pages, ENVIRONMENT_ROOM / 2);
    size_t few = mapped_bytes();
    environment_looked(&pages, ENVIRONMENT_LOOKS);
    cr_assert(mapped_bytes() + MIB > few, "few of them stay");
    look_at(&pages, FILE_BYTES);
    size_t many = mapped_bytes();
    environment_looked(&pages, ENVIRONMENT_LOOKS / 2);
    cr_assert(mapped_bytes() + MIB > many, "nobody has asked yet");
    environment_looked(&pages, ENVIRONMENT_LOOKS / 2);
    cr_assert(mapped_bytes() + FILE_BYTES < many + 4 * MIB, "all of them go");
    munmap(pages.start, FILE_BYTES);
    fclose(file);
}
