#include "proto/base/environment_lmdb.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/base/file_os.h"

#define FILE_NAME "data.mdb"
#define UNBORN_NAME "data.new"
#define UNBORN_LOCK "data.new-lock"

/* A code of LMDB's or the system's. */
static int failed(int rc, const char *what, const char *path, struct err *err) {
    errno = rc;
    return rc > 0 ? err_os(err, what, path)
                  : err_set(err, ERR_IO, NULL, "cannot %s %s: %s", what, path, mdb_strerror(rc));
}

static int make_whole(const char *path) {
    MDB_env *env;
    int rc = mdb_env_create(&env);
    if (rc != 0) return rc;
    rc = mdb_env_open(env, path, MDB_NOSUBDIR, 0600);
    if (rc == 0) rc = mdb_env_sync(env, 1);
    mdb_env_close(env);
    return rc;
}

static int make_in(const char *directory, const char *path, struct err *err) {
    char *unborn = path_join(directory, UNBORN_NAME), *lock = path_join(directory, UNBORN_LOCK);
    unlink(unborn);
    int rc = make_whole(unborn);
    int code = rc == 0 ? 0 : failed(rc, "make", path, err);
    if (code == 0 && rename(unborn, path) != 0) code = err_os(err, "make", path);
    if (code != 0) unlink(unborn);
    unlink(lock);
    free(unborn);
    free(lock);
    return code;
}

int environment_make(const char *directory, struct err *err) {
    char *path = path_join(directory, FILE_NAME);
    int code = directory_make(directory, err);
    if (code == 0 && !file_exists(path)) code = make_in(directory, path, err);
    free(path);
    return code;
}

int environment_settle(MDB_env *env, const char *directory, struct err *err) {
    MDB_envinfo info;
    int rc = mdb_env_info(env, &info);
    if (rc == 0) rc = mdb_env_sync(env, 1);
    if (rc != 0) return failed(rc, "sync", directory, err);
    return info.me_last_txnid == 0 ? directory_sync(directory, err) : 0;
}
