#include "tests/support/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/scratch.h"

#define DESCRIPTORS 256

static struct disk *recording;

static struct {
    unsigned after;
    int error;
    bool failed;
    size_t node; /* whose sync failed */
    bool heard[DESCRIPTORS];
} fault;

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "disk: %s: %s\n", what, strerror(errno));
    abort();
}

static void put_name(char out[32], const char *name) {
    must(strlen(name) < 32, name);
    memcpy(out, name, strlen(name) + 1);
}

static bool ignored(const char *name) {
    return strcmp(name, "lock") == 0 || strcmp(name, "lock.mdb") == 0 || strcmp(name, "data.new-lock") == 0 ||
           strcmp(name, "data.next-lock") == 0;
}

/* ---- Nodes ---- */

static size_t node_add(struct disk *disk, const struct stat *info) {
    for (size_t i = 0; i < disk->node_count; i++)
        if (disk->nodes[i].device == info->st_dev && disk->nodes[i].inode == info->st_ino) disk->nodes[i].lost = true;
    disk->nodes = mem_resize(disk->nodes, (disk->node_count + 1) * sizeof *disk->nodes);
    disk->nodes[disk->node_count] =
        (struct disk_node){.device = info->st_dev, .inode = info->st_ino, .directory = S_ISDIR(info->st_mode)};
    return disk->node_count++;
}

static bool node_of(const struct disk *disk, const struct stat *info, size_t *out) {
    for (size_t i = 0; i < disk->node_count; i++) {
        const struct disk_node *node = &disk->nodes[i];
        if (node->lost || node->device != info->st_dev || node->inode != info->st_ino) continue;
        *out = i;
        return true;
    }
    return false;
}

static bool node_of_fd(int fd, size_t *out) {
    struct stat info;
    return recording != NULL && fstat(fd, &info) == 0 && node_of(recording, &info, out);
}

static struct disk_op *op_add(enum disk_kind kind, size_t node) {
    if (recording->op_count % 1024 == 0)
        recording->ops = mem_resize(recording->ops, (recording->op_count + 1024) * sizeof *recording->ops);
    struct disk_op *op = &recording->ops[recording->op_count++];
    *op = (struct disk_op){.kind = kind, .node = node};
    return op;
}

/* ---- Beginning and end ---- */

static void read_below(struct disk *disk, size_t directory, const char *path) {
    DIR *listing = opendir(path);
    must(listing != NULL, path);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char child[PATH_MAX];
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || ignored(entry->d_name)) continue;
        must(snprintf(child, sizeof child, "%s/%s", path, entry->d_name) < (int)sizeof child, path);
        must(stat(child, &info) == 0, child);
        size_t node = node_add(disk, &info);
        disk->names = mem_resize(disk->names, (disk->name_count + 1) * sizeof *disk->names);
        disk->names[disk->name_count] = (struct disk_name){.directory = directory, .child = node};
        put_name(disk->names[disk->name_count++].name, entry->d_name);
        if (disk->nodes[node].directory)
            read_below(disk, node, child);
        else
            scratch_read(child, &disk->nodes[node].before);
    }
    closedir(listing);
}

void disk_record(struct disk *disk, const char *root) {
    struct stat info;
    must(recording == NULL, "one at a time");
    *disk = (struct disk){.op_count = 0};
    must(stat(root, &info) == 0, root);
    node_add(disk, &info);
    read_below(disk, 0, root);
    recording = disk;
}

void disk_stop(void) { recording = NULL; }

void disk_release(struct disk *disk) {
    if (recording == disk) recording = NULL;
    for (size_t i = 0; i < disk->node_count; i++) buf_release(&disk->nodes[i].before);
    free(disk->nodes);
    free(disk->names);
    free(disk->ops);
    buf_release(&disk->bytes);
    *disk = (struct disk){.op_count = 0};
}

/* What was last given that name, by any of the first `count` operations or before them. */
static bool child_of(const struct disk *disk, size_t count, size_t directory, const char *name, size_t *out) {
    while (count-- > 0) {
        const struct disk_op *op = &disk->ops[count];
        if (op->node != directory) continue;
        if (op->kind == DISK_RENAME && strcmp(op->to, name) == 0)
            return child_of(disk, count, directory, op->name, out);
        if (op->kind != DISK_ADD || strcmp(op->name, name) != 0) continue;
        *out = op->child;
        return true;
    }
    for (size_t i = 0; i < disk->name_count; i++) {
        if (disk->names[i].directory != directory || strcmp(disk->names[i].name, name) != 0) continue;
        *out = disk->names[i].child;
        return true;
    }
    return false;
}

static bool find_at(const struct disk *disk, size_t count, const char *path, size_t *out) {
    char *copy = mem_text(path), *rest = copy;
    bool found = true;
    *out = 0;
    for (char *part; found && (part = strtok_r(rest, "/", &rest)) != NULL;)
        found = child_of(disk, count, *out, part, out);
    free(copy);
    return found;
}

bool disk_find(const struct disk *disk, const char *path, size_t *out) {
    return find_at(disk, disk->op_count, path, out);
}

/* What the file held for certain, and after it what else was written to it. */
static void take_pending(struct disk *disk, size_t node, const struct disk_state *state, size_t old_node) {
    struct buf *before = &disk->nodes[node].before;
    buf_clear(before);
    buf_append_view(before, buf_view(&state->contents[old_node]));
    for (size_t i = 0; i < state->pending_count; i++) {
        const struct disk_op *old = &state->disk->ops[state->pending[i].op];
        if (old->node != old_node) continue;
        must(state->pending[i].fate == DISK_WAITS, "a process after a failed sync");
        struct disk_op *op = op_add(old->kind, node);
        op->direct = old->direct && state->pending[i].op + 1 < state->moment;
        op->offset = old->offset;
        op->len = old->len;
        op->start = disk->bytes.len;
        buf_append(&disk->bytes, state->disk->bytes.data + old->start, old->len);
    }
}

static void match_below(struct disk *disk, size_t directory, const char *path, const struct disk_state *state) {
    for (size_t i = 0; i < disk->name_count; i++) {
        char child[PATH_MAX];
        size_t node = disk->names[i].child, old_node;
        if (disk->names[i].directory != directory) continue;
        must(snprintf(child, sizeof child, "%s/%s", path, disk->names[i].name) < (int)sizeof child, path);
        if (disk->nodes[node].directory)
            match_below(disk, node, child, state);
        else if (find_at(state->disk, state->moment, child, &old_node))
            take_pending(disk, node, state, old_node);
    }
}

void disk_record_on(struct disk *disk, const struct disk_state *state, const char *root) {
    disk_record(disk, root);
    match_below(disk, 0, "", state);
}

/* ---- Noting ---- */

bool disk_recording(void) { return recording != NULL; }

void disk_fail_sync(unsigned after, int error) {
    memset(&fault, 0, sizeof fault);
    fault.after = after;
    fault.error = error;
}

static bool sync_fails(int fd, size_t node) {
    if (fault.error == 0 || recording->nodes[node].directory) return false;
    if (!fault.failed && fault.after-- > 0) return false;
    if (!fault.failed) fault.node = node;
    fault.failed = true;
    must(fd < DESCRIPTORS, "too many files are open");
    if (fault.node != node || fault.heard[fd]) return false;
    fault.heard[fd] = true;
    return true;
}

bool disk_note_failed(int fd) {
    size_t node;
    if (!node_of_fd(fd, &node) || !sync_fails(fd, node)) return false;
    op_add(DISK_FAILED, node);
    errno = fault.error;
    return true;
}

bool disk_note_write(int fd, const void *bytes, size_t len, off_t offset) {
    size_t node;
    if (!node_of_fd(fd, &node)) return true;
    bool direct = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    bool fails = direct && sync_fails(fd, node);
    struct disk_op *op = op_add(DISK_WRITE, node);
    op->direct = direct && !fails;
    op->offset = (size_t)offset;
    op->len = len;
    op->start = recording->bytes.len;
    buf_append(&recording->bytes, bytes, len);
    if (!fails) return true;
    op_add(DISK_FAILED, node);
    errno = fault.error;
    return false;
}

void disk_note_length(int fd, off_t length) {
    size_t node;
    if (node_of_fd(fd, &node)) op_add(DISK_LENGTH, node)->offset = (size_t)length;
}

void disk_note_sync(int fd) {
    size_t node;
    if (node_of_fd(fd, &node)) op_add(DISK_SYNC, node);
}

/* The directory that a path names something in, if it is one of ours, and the name. */
static bool parent_of(int directory_fd, const char *path, size_t *directory, char name[32]) {
    struct stat info;
    char *copy = mem_text(path), *last = mem_text(path);
    const char *base = basename(last);
    bool found = recording != NULL && fstatat(directory_fd, dirname(copy), &info, 0) == 0 &&
                 node_of(recording, &info, directory) && !ignored(base);
    if (found) put_name(name, base);
    free(copy);
    free(last);
    return found;
}

void disk_note_made(int directory_fd, const char *path) {
    size_t directory;
    char name[32];
    struct stat info;
    if (!parent_of(directory_fd, path, &directory, name) || fstatat(directory_fd, path, &info, 0) != 0) return;
    size_t child = node_add(recording, &info);
    struct disk_op *op = op_add(DISK_ADD, directory);
    op->child = child;
    put_name(op->name, name);
}

void disk_note_renamed(int directory_fd, const char *from, const char *to) {
    size_t directory, other;
    char name[32], new_name[32];
    if (!parent_of(directory_fd, from, &directory, name) || !parent_of(directory_fd, to, &other, new_name)) return;
    must(directory == other, "renamed into another directory");
    struct disk_op *op = op_add(DISK_RENAME, directory);
    put_name(op->name, name);
    put_name(op->to, new_name);
}

void disk_note_removed(int directory_fd, const char *path) {
    size_t directory;
    char name[32];
    if (parent_of(directory_fd, path, &directory, name)) put_name(op_add(DISK_REMOVE, directory)->name, name);
}
