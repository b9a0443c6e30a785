#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/base/text.h"
#include "proto/command/backup.h"
#include "proto/site/accounts.h"
#include "proto/site/looks.h"

#define CHUNK (1u << 20)
#define HERE (-100) /* AT_FDCWD */

/* A path of the caller's, as this process reaches it. */
static char *callers(const struct call *call, const char *path) {
    struct buf out = BUF_INIT;
    if (path[0] != '/' && call->working_directory >= 0)
        buf_printf(&out, "/proc/self/fd/%d/%s", call->working_directory, path);
    else
        buf_append_view(&out, view_of(path));
    char *copy = mem_text(buf_text(&out));
    buf_release(&out);
    return copy;
}

static bool there(const char *directory, const char *name) {
    char *path = path_join(directory, name);
    bool found = file_exists(path);
    free(path);
    return found;
}

bool backup_marked(const char *directory) { return directory != NULL && there(directory, BACKUP_MARK); }

int backup_unmark(const char *directory, struct err *err) {
    char *path = path_join(directory, BACKUP_MARK);
    int code = unlink(path) == 0 || errno == ENOENT ? directory_sync(directory, err) : err_os(err, "remove", path);
    free(path);
    return code;
}

/* A small file, when it is there. */
static int copy_small(const char *from, const char *to, const char *name, unsigned mode, struct err *err) {
    char *source = path_join(from, name), *target = path_join(to, name);
    struct buf text = BUF_INIT;
    int code = file_read(HERE, source, &text, err);
    if (code == 0) code = file_write(HERE, target, buf_view(&text), mode, err);
    if (code == ERR_NOT_FOUND) code = 0;
    buf_wipe(&text);
    free(source);
    free(target);
    return code;
}

static int copy_bytes(struct call *call, int from, int to, uint64_t all, const char *path) {
    uint8_t *chunk = mem_alloc(CHUNK);
    uint64_t done = 0;
    ssize_t n = 0;
    int code = 0;
    while (code == 0 && (n = read(from, chunk, CHUNK)) > 0) {
        if (write(to, chunk, (size_t)n) != n) code = err_os(&call->error, "write", path);
        done += (uint64_t)n;
        call_progress(call, "copying", done, all);
        if (code == 0 && call_cancelled(call)) code = call_stopped(call);
    }
    if (code == 0 && n < 0) code = err_os(&call->error, "read", path);
    if (code == 0 && fsync(to) != 0) code = err_os(&call->error, "sync", path);
    free(chunk);
    return code;
}

static int copy_file(struct call *call, const char *source, const char *target) {
    struct stat status = {.st_size = 0};
    int code = 0, in = open(source, O_RDONLY | O_CLOEXEC);
    if (in < 0 || fstat(in, &status) != 0) code = err_os(&call->error, "read", source);
    int out = code == 0 ? open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (code == 0 && out < 0) code = err_os(&call->error, "write", target);
    if (code == 0) code = copy_bytes(call, in, out, (uint64_t)status.st_size, target);
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    return code;
}

/* Who may sign in, and who looked at whom; each when it is there. The record after the log, which tells how
 * far it is. */
static int copy_identities(struct call *call, const char *from, const char *to) {
    char *source = path_join(from, LOOKS_FILE), *target = path_join(to, LOOKS_FILE);
    int code = copy_small(from, to, ACCOUNTS_FILE, 0600, &call->error);
    if (code == 0 && file_exists(source)) code = copy_file(call, source, target);
    free(source);
    free(target);
    return code;
}

/* ---- backup ---- */

static int write_mark(struct call *call, const char *target, uint64_t position, const char *when) {
    char *path = path_join(target, BACKUP_MARK);
    json_t *mark =
        json_pack("{s:s, s:s, s:I}", "directory", call->directory, "when", when, "position", (json_int_t)position);
    char *text = json_dumps(mark, JSON_INDENT(2));
    int code = file_write(HERE, path, view_of(text), 0600, &call->error);
    free(text);
    json_decref(mark);
    free(path);
    return code;
}

static int copy_parts(struct call *call, const char *target, uint64_t position) {
    struct site *site = call->site;
    char *log = path_join(target, "log"), *ring = path_join(target, "ring"), when[40];
    time_format(env_now(call->env), &site->zone, when);
    call_progress(call, "copying the log", 0, 0);
    int code = log_lmdb_copy(site->log, log, &call->error);
    call_progress(call, "copying the key ring", 0, 0);
    if (code == 0) code = keyring_lmdb_compact(site->ring, ring, &call->error);
    call_progress_end(call);
    if (code == 0) code = secrets_store(target, site->config.role, &site->secrets, &call->error);
    if (code == 0) code = copy_small(call->directory, target, "root.json", 0600, &call->error);
    if (code == 0) code = copy_identities(call, call->directory, target);
    if (code == 0) code = write_mark(call, target, position, when);
    if (code == 0) code = config_store(target, &site->config, &call->error);
    if (code == 0) code = directory_sync(target, &call->error);
    free(log);
    free(ring);
    return code;
}

int call_backup(struct call *call) {
    char *target = callers(call, call->argv[0]), count[COUNT_TEXT];
    int code = 0;
    uint64_t position = log_tip(call->site->log);
    if (mkdir(target, 0700) != 0)
        code = errno == EEXIST
                   ? err_set(&call->error, ERR_EXISTS, NULL, "%s is there already; nothing was changed", call->argv[0])
                   : err_os(&call->error, "make", call->argv[0]);
    if (code == 0) code = copy_parts(call, target, position);
    free(target);
    if (code != 0) return code;
    if (call->json)
        call_json(call, json_pack("{s:s, s:I}", "backup", call->argv[0], "events", (json_int_t)position));
    else
        fprintf(call->out,
                "%s holds %s and all keys: guard it like the directory itself; "
                "`%s restore %s DIR` makes a directory of it\n",
                call->argv[0], count_format(position, "event", count), call->program->name, call->argv[0]);
    return 0;
}

/* ---- restore ---- */

/* One LMDB environment. */
static int copy_large(struct call *call, const char *from, const char *to, const char *name) {
    char *source = path_join(from, name), *target = path_join(to, name);
    char *source_file = path_join(source, "data.mdb"), *target_file = path_join(target, "data.mdb");
    int code = directory_make(target, &call->error);
    if (code == 0) code = copy_file(call, source_file, target_file);
    if (code == 0) code = directory_sync(target, &call->error);
    free(source);
    free(target);
    free(source_file);
    free(target_file);
    return code;
}

static int check_backup(struct call *call, const char *backup) {
    struct config config;
    int code = config_load(backup, call->program->role, &config, &call->error);
    if (code != 0) return code;
    config_release(&config);
    if (backup_marked(backup)) return 0;
    return err_set(&call->error, ERR_REFUSED, NULL,
                   "%s is a directory in use, or an image of one, and no backup: `backup` makes one; an image is "
                   "served as it is, and stores find it out",
                   backup);
}

int backup_unpack(struct call *call) {
    static const char *const small[] = {"secrets.json", "root.json", BACKUP_MARK, "site.json"};
    const char *backup = call->argv[0], *target = call->directory;
    int code = check_backup(call, backup);
    if (code == 0 && mkdir(target, 0700) != 0)
        code = errno == EEXIST
                   ? err_set(&call->error, ERR_EXISTS, NULL, "%s is there already; nothing was changed", target)
                   : err_os(&call->error, "make", target);
    if (code != 0) return code;
    code = copy_large(call, backup, target, "log");
    if (code == 0) code = copy_large(call, backup, target, "ring");
    if (code == 0) code = copy_identities(call, backup, target);
    call_progress_end(call);
    for (size_t i = 0; code == 0 && i < sizeof small / sizeof *small; i++)
        code = copy_small(backup, target, small[i], i == 3 ? 0644 : 0600, &call->error);
    if (code == 0) code = directory_sync(target, &call->error);
    return code;
}
