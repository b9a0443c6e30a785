#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/command/command.h"

#define STANDARD "-"

/* What /dev and /proc/self say is about the process that asks. For a call from another process the path is turned to
 * that one, so that `import … <(zcat day.csv.gz)` works beside a serve. */
static char *callers_path(const struct call *call, const char *path) {
    static const struct {
        const char *start, *there;
    } own[] = {{"/dev/fd/", "fd/"},
               {"/proc/self/", ""},
               {"/dev/stdin", "fd/0"},
               {"/dev/stdout", "fd/1"},
               {"/dev/stderr", "fd/2"}};
    for (size_t i = 0; call->caller != 0 && i < sizeof own / sizeof *own; i++) {
        size_t len = strlen(own[i].start);
        if (strncmp(path, own[i].start, len) != 0) continue;
        struct buf there = BUF_INIT;
        buf_printf(&there, "/proc/%ld/%s%s", call->caller, own[i].there, path + len);
        char *copy = mem_text(buf_text(&there));
        buf_release(&there);
        return copy;
    }
    return mem_text(path);
}

/* Whoever asks over HTTP names no files of this PC. */
static int may_open(struct call *call, const char *path) {
    if (!call->remote) return 0;
    return err_set(&call->error, ERR_REFUSED, NULL, "%s: files of this PC are not read or written over HTTP", path);
}

static int standard_read(struct call *call, struct buf *out) {
    size_t start = out->len, n = 1;
    while (n > 0 && out->len - start <= FILE_WHOLE_MAX) {
        buf_reserve(out, 65536);
        n = fread(out->data + out->len, 1, 65536, call->in);
        out->len += n;
    }
    if (out->len - start > FILE_WHOLE_MAX)
        return err_set(&call->error, ERR_LIMIT, NULL, "the standard input is larger than %u MiB", FILE_WHOLE_MAX >> 20);
    if (!ferror(call->in)) return 0;
    return call_cancelled(call) ? call_stopped(call) : err_os(&call->error, "read", "the standard input");
}

int call_read(struct call *call, const char *path, struct buf *out) {
    if (strcmp(path, STANDARD) == 0) return standard_read(call, out);
    int code = may_open(call, path);
    if (code != 0) return code;
    char *there = callers_path(call, path);
    code = file_read(call->working_directory, there, out, &call->error);
    free(there);
    return code;
}

int call_write_file(struct call *call, const char *path, struct view content, unsigned mode) {
    if (strcmp(path, STANDARD) != 0) {
        int code = may_open(call, path);
        return code != 0 ? code : file_write(call->working_directory, path, content, mode, &call->error);
    }
    if (fwrite(content.data, 1, content.len, call->out) == content.len) return 0;
    return err_os(&call->error, "write", "the output");
}

int call_claim(struct call *call, const char *path) {
    if (strcmp(path, STANDARD) == 0) return 0;
    int code = may_open(call, path);
    if (code != 0) return code;
    int fd = openat(call->working_directory, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return err_set(&call->error, ERR_EXISTS, NULL, "%s is there already and is not written over; name another",
                       path);
    if (fd < 0) return err_os(&call->error, "write", path);
    close(fd);
    return 0;
}

void call_unclaim(struct call *call, const char *path) {
    if (strcmp(path, STANDARD) != 0 && !call->remote) unlinkat(call->working_directory, path, 0);
}

/* A stream over the call's own, whose closing leaves that open. */
static ssize_t borrowed_read(void *cookie, char *data, size_t size) {
    size_t n = fread(data, 1, size, cookie);
    return n == 0 && ferror((FILE *)cookie) ? -1 : (ssize_t)n;
}

static ssize_t borrowed_write(void *cookie, const char *data, size_t size) {
    return (ssize_t)fwrite(data, 1, size, cookie);
}

static int borrowed_close(void *cookie) {
    (void)cookie;
    return 0;
}

static int flags_of(const char *mode) {
    if (mode[0] == 'r') return O_RDONLY;
    return O_WRONLY | O_CREAT | (mode[0] == 'a' ? O_APPEND : O_TRUNC) | (strchr(mode, 'x') != NULL ? O_EXCL : 0);
}

static FILE *file_open(struct call *call, const char *path, const char *mode) {
    if (may_open(call, path) != 0) return NULL;
    char *there = callers_path(call, path);
    int fd = openat(call->working_directory, there, flags_of(mode) | O_CLOEXEC, 0666);
    free(there);
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(fd);
        fd = -1;
        errno = EISDIR;
    }
    const char kind[] = {mode[0], '\0'};
    FILE *file = fd < 0 ? NULL : fdopen(fd, kind);
    if (file == NULL) err_os(&call->error, mode[0] == 'r' ? "open" : "write", path);
    if (file == NULL && fd >= 0) close(fd);
    return file;
}

FILE *call_open(struct call *call, const char *path, const char *mode) {
    if (strcmp(path, STANDARD) != 0) return file_open(call, path, mode);
    cookie_io_functions_t functions = {.read = borrowed_read, .write = borrowed_write, .close = borrowed_close};
    FILE *file = fopencookie(mode[0] == 'r' ? call->in : call->out, mode, functions);
    if (file == NULL) err_os(&call->error, "open", "the standard stream");
    return file;
}
