/* A small file system of a test's own, which can be filled to the last page. Needs root, or a namespace of users;
 * whoever is not allowed gets false and skips. Gone with the process. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_SMALL_DISK_H
#define DANGOL_TESTS_SUPPORT_SMALL_DISK_H

#include <stdbool.h>
#include <stddef.h>

#define SMALL_DISK_PAGE 4096u

/* `size` as mount wants it: "4m". False: errno says why. */
bool small_disk_mount(const char *path, const char *size);
bool small_disk_resize(const char *path, const char *size);
void small_disk_end(const char *path);

/* Fills it with a file until so many pages are free; aborts when it cannot. */
void small_disk_fill(const char *path, size_t pages_left);
void small_disk_clear(const char *path);

#endif
