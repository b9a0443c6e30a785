#include "tests/support/small_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BALLAST "ballast"

bool small_disk_mount(const char *path, const char *size) {
    char options[64];
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    snprintf(options, sizeof options, "size=%s,mode=700", size);
    return mount("dangol", path, "tmpfs", 0, options) == 0;
}

bool small_disk_resize(const char *path, const char *size) {
    char options[64];
    snprintf(options, sizeof options, "size=%s", size);
    return mount("dangol", path, "tmpfs", MS_REMOUNT, options) == 0;
}

void small_disk_end(const char *path) { umount2(path, MNT_DETACH); }

static void must(bool good, const char *what) {
    if (good) return;
    perror(what);
    abort();
}

void small_disk_fill(const char *path, size_t pages_left) {
    static const char page[SMALL_DISK_PAGE];
    char name[128];
    struct statvfs disk;
    snprintf(name, sizeof name, "%s/" BALLAST, path);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && statvfs(path, &disk) == 0, name);
    for (size_t left = (size_t)disk.f_bavail; left > pages_left; left--)
        must(write(fd, page, sizeof page) == (ssize_t)sizeof page, name);
    close(fd);
    must(statvfs(path, &disk) == 0 && disk.f_bavail <= pages_left, name);
}

void small_disk_clear(const char *path) {
    char name[128];
    snprintf(name, sizeof name, "%s/" BALLAST, path);
    must(unlink(name) == 0 || errno == ENOENT, name);
}
