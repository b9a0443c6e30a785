#include "proto/log/owner_os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "proto/base/file_os.h"

#define OWNER_FILE "lock"

static int busy(int fd, const char *directory, struct err *err) {
    char text[24] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    long process = got > 0 ? strtol(text, NULL, 10) : 0;
    if (process <= 0) return err_set(err, ERR_BUSY, NULL, "%s is in use by another process", directory);
    return err_set(err, ERR_BUSY, NULL, "%s is in use by process %ld", directory, process);
}

/* Only for people to read: that it could not be written is no reason to stop. */
static void write_process(int fd) {
    struct buf text = BUF_INIT;
    buf_printf(&text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text.data, text.len, 0) < 0) errno = 0;
    buf_release(&text);
}

int owner_take(const char *directory, struct owner *out, struct err *err) {
    char *path = path_join(directory, OWNER_FILE);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int rc = 0;
    *out = (struct owner){0};
    if (fd < 0)
        rc = err_os(err, "open", path);
    else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        rc = errno == EWOULDBLOCK ? busy(fd, directory, err) : err_os(err, "lock", path);
    free(path);
    if (rc == 0) {
        write_process(fd);
        *out = (struct owner){fd, true};
    } else if (fd >= 0) {
        close(fd);
    }
    return rc;
}

void owner_release(struct owner *owner) {
    if (owner->held) close(owner->fd);
    *owner = (struct owner){0};
}
