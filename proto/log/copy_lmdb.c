/* A copy of the log as it is at one commit, on new pages without gaps: beside appends, which go on meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/base/environment_lmdb.h"
#include "proto/base/file_os.h"
#include "proto/log/log_lmdb.h"

int log_lmdb_copy(struct log *base, const char *directory, struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    char *path = path_join(directory, ENVIRONMENT_FILE);
    int code = directory_make(directory, err);
    int fd = code == 0 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (code == 0 && fd < 0) code = err_os(err, "write", path);
    if (code == 0) {
        int rc = mdb_env_copyfd2(log->env, fd, MDB_CP_COMPACT);
        if (rc != 0) code = log_lmdb_error(rc, "copying the log", err);
    }
    if (code == 0 && fsync(fd) != 0) code = err_os(err, "sync", path);
    if (fd >= 0) close(fd);
    if (code == 0) code = directory_sync(directory, err);
    free(path);
    return code;
}
