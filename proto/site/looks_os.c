/* The file of the record of looks, and its head among the log's values: seq u64, offset u64 (LE), chain. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/site/looks.h"
#include "proto/site/site.h"

#define HEAD_NAME "looks head"
#define HEAD_SIZE (16 + LOOK_CHAIN)
#define CHUNK (1u << 20)
#define BLOCK (256u << 10) /* between two marks, at least */

struct looks {
    struct site *site;
    int fd; /* -1: in memory, where nobody asks */
    uint8_t key[32];
    struct looks_head head;
};

static bool load_head(struct site *site, struct looks_head *out) {
    struct buf value = BUF_INIT;
    bool known = site->log->ops->value(site->log, view_of(HEAD_NAME), &value) == 0 && value.len == HEAD_SIZE;
    if (known) {
        out->seq = get_u64_le(value.data);
        out->offset = get_u64_le(value.data + 8);
        memcpy(out->chain, value.data + 16, LOOK_CHAIN);
    }
    buf_release(&value);
    return known;
}

static int store_head(struct site *site, const struct looks_head *head, struct err *err) {
    uint8_t bytes[HEAD_SIZE];
    put_u64_le(bytes, head->seq);
    put_u64_le(bytes + 8, head->offset);
    memcpy(bytes + 16, head->chain, LOOK_CHAIN);
    struct log_value value = {view_of(HEAD_NAME), view_make(bytes, sizeof bytes)};
    return site_set_values(site, &value, 1, err);
}

/* ---- Reading ---- */

struct reading {
    int fd;
    uint8_t key[32];
    struct looks_head at, kept; /* where it is; as the log has it */
    bool headed;                /* it has */
    struct buf bytes;
    size_t used; /* of them */
    bool ended;
    struct err *err;
};

static int cut(struct reading *r) {
    return err_set(r->err, ERR_CORRUPT, NULL, "the record of looks ends at entry %llu; %llu were written",
                   (unsigned long long)r->at.seq, (unsigned long long)r->kept.seq);
}

/* What the log knows of the place just reached. */
static int compare(const struct reading *r) {
    if (!r->headed || r->at.seq != r->kept.seq) return 0;
    if (r->at.offset == r->kept.offset && sodium_memcmp(r->at.chain, r->kept.chain, LOOK_CHAIN) == 0) return 0;
    return err_set(r->err, ERR_CORRUPT, NULL, "the record of looks was put in another's place: entry %llu is another",
                   (unsigned long long)r->at.seq);
}

/* More of the file behind what is left; false: there is no more. */
static bool fill(struct reading *r, int *code) {
    if (r->used > 0) memmove(r->bytes.data, r->bytes.data + r->used, r->bytes.len - r->used);
    r->bytes.len -= r->used;
    r->used = 0;
    buf_reserve(&r->bytes, CHUNK);
    ssize_t n = read(r->fd, r->bytes.data + r->bytes.len, CHUNK);
    if (n < 0) *code = err_os(r->err, "read", LOOKS_FILE);
    if (n <= 0) return false;
    r->bytes.len += (size_t)n;
    return true;
}

/* 0, LOOKS_END, negative. */
static int next(struct reading *r, struct look_entry *out) {
    for (;;) {
        struct view left = view_make(r->bytes.data + r->used, r->bytes.len - r->used);
        size_t before = left.len;
        int code = looks_take(r->key, &r->at, &left, out, r->err);
        /* Behind what the log knows a crash may have left anything. */
        if (code < 0 && r->headed && r->at.seq >= r->kept.seq) return LOOKS_END;
        if (code < 0) return err_prefix(r->err, "the record of looks");
        if (code == 0) {
            r->used += before - left.len;
            return compare(r);
        }
        code = LOOKS_END;
        if (!fill(r, &code)) return code < 0 || !r->headed || r->at.seq >= r->kept.seq ? code : cut(r);
    }
}

static int begin(struct reading *r, struct site *site, struct err *err) {
    char magic[LOOKS_MAGIC_SIZE];
    *r = (struct reading){.fd = -1, .err = err};
    looks_key(site->secrets.master, r->key);
    looks_begin(r->key, &r->at);
    r->headed = load_head(site, &r->kept); /* before the file, which only gets longer */
    if (site->directory == NULL) return LOOKS_END;
    char *path = path_join(site->directory, LOOKS_FILE);
    r->fd = open(path, O_RDWR | O_CLOEXEC);
    int code = r->fd >= 0 ? 0 : errno == ENOENT ? LOOKS_END : err_os(err, "open", path);
    free(path);
    if (code == LOOKS_END && r->headed && r->kept.seq > 0) return cut(r);
    if (code == 0 &&
        (read(r->fd, magic, sizeof magic) != (ssize_t)sizeof magic || memcmp(magic, LOOKS_MAGIC, sizeof magic) != 0))
        return err_set(err, ERR_CORRUPT, NULL, "the record of looks does not begin as one");
    return code;
}

static void finish(struct reading *r) {
    if (r->fd >= 0) close(r->fd);
    buf_release(&r->bytes);
    sodium_memzero(r->key, sizeof r->key);
}

int looks_read(struct site *site, int (*each)(void *context, const struct look_entry *entry), void *context,
               uint64_t *entries, struct err *err) {
    struct reading r;
    struct look_entry entry;
    int code = begin(&r, site, err);
    while (code == 0 && (code = next(&r, &entry)) == 0) code = each == NULL ? 0 : each(context, &entry);
    if (entries != NULL) *entries = r.at.seq;
    finish(&r);
    return code == LOOKS_END ? 0 : code;
}

/* ---- Reading backwards ---- */

void looks_marks_init(struct looks_marks *marks) {
    mutex_init(&marks->lock);
    marks->at = NULL;
    marks->count = marks->room = 0;
}

void looks_marks_release(struct looks_marks *marks) {
    mutex_destroy(&marks->lock);
    free(marks->at);
}

static void add_mark(struct looks_marks *marks, const struct looks_head *at) {
    if (marks->count == marks->room) {
        marks->room = marks->room == 0 ? 64 : 2 * marks->room;
        marks->at = mem_resize(marks->at, marks->room * sizeof *marks->at);
    }
    marks->at[marks->count++] = *at;
}

/* Goes on behind the last mark to the end, and marks what it finds. Called with the lock. */
static int follow(struct reading *r, struct looks_marks *marks) {
    struct look_entry entry;
    if (marks->count == 0) add_mark(marks, &r->at);
    r->at = marks->at[marks->count - 1];
    if (lseek(r->fd, (off_t)r->at.offset, SEEK_SET) < 0) return err_os(r->err, "read", LOOKS_FILE);
    int code;
    while ((code = next(r, &entry)) == 0) {
        bool certain = r->headed && r->at.seq <= r->kept.seq; /* behind that a crash may have left anything */
        if (certain && r->at.offset - marks->at[marks->count - 1].offset >= BLOCK) add_mark(marks, &r->at);
    }
    return code == LOOKS_END ? 0 : code;
}

/* One block's entries, from its last to its first. */
struct block {
    struct looks_head from, to;
    struct buf bytes;
    struct look_entry *entries;
    size_t count, room;
};

static int read_block(struct reading *r, struct block *b) {
    size_t len = (size_t)(b->to.offset - b->from.offset);
    b->count = 0;
    buf_clear(&b->bytes);
    buf_reserve(&b->bytes, len);
    for (ssize_t n = 1; b->bytes.len < len && n > 0;) {
        n = pread(r->fd, b->bytes.data + b->bytes.len, len - b->bytes.len, (off_t)(b->from.offset + b->bytes.len));
        if (n < 0) return err_os(r->err, "read", LOOKS_FILE);
        b->bytes.len += (size_t)n;
    }
    struct view left = buf_view(&b->bytes);
    struct looks_head at = b->from;
    int code = 0;
    while (left.len > 0 && code == 0) {
        if (b->count == b->room) {
            b->room = b->room == 0 ? 1024 : 2 * b->room;
            b->entries = mem_resize(b->entries, b->room * sizeof *b->entries);
        }
        code = looks_take(r->key, &at, &left, &b->entries[b->count], r->err);
        b->count += code == 0;
    }
    if (code < 0) return err_prefix(r->err, "the record of looks");
    if (at.offset == b->to.offset && sodium_memcmp(at.chain, b->to.chain, LOOK_CHAIN) == 0) return 0;
    return err_set(r->err, ERR_CORRUPT, NULL, "the record of looks was changed before entry %llu",
                   (unsigned long long)b->to.seq + 1);
}

static int give_back(struct reading *r, const struct looks_head *marks, size_t count, uint64_t before,
                     int (*each)(void *context, const struct look_entry *entry), void *context) {
    struct block b = {.to = r->at};
    int code = 0;
    for (size_t i = count; code == 0 && i-- > 0; b.to = marks[i]) {
        b.from = marks[i];
        if (b.from.seq + 1 < before) code = read_block(r, &b);
        for (size_t k = b.from.seq + 1 < before ? b.count : 0; code == 0 && k-- > 0;)
            if (b.entries[k].seq < before) code = each(context, &b.entries[k]);
    }
    buf_release(&b.bytes);
    free(b.entries);
    return code == LOOKS_ENOUGH ? 0 : code;
}

int looks_read_back(struct site *site, uint64_t before, int (*each)(void *context, const struct look_entry *entry),
                    void *context, struct err *err) {
    struct looks_marks *marks = &site->looks;
    struct looks_head *copy = NULL;
    struct reading r;
    size_t count = 0;
    int code = begin(&r, site, err);
    if (code == 0) {
        mutex_lock(&marks->lock);
        code = follow(&r, marks);
        count = marks->count;
        copy = mem_alloc(count * sizeof *copy);
        memcpy(copy, marks->at, count * sizeof *copy);
        mutex_unlock(&marks->lock);
        if (code == 0) code = give_back(&r, copy, count, before, each, context);
    }
    free(copy);
    finish(&r);
    return code == LOOKS_END ? 0 : code;
}

/* ---- Writing ---- */

/* Whole entries behind the head stay; a half one, of a crash, goes. A file that the log knows is read from there. */
static int find_end(struct looks *looks, struct err *err) {
    struct reading r;
    struct look_entry entry;
    struct looks_head from;
    int code = begin(&r, looks->site, err);
    if (code == 0 && r.headed && r.kept.seq > 0) {
        from = r.kept;
        uint8_t chain[LOOK_CHAIN];
        if (from.offset < LOOKS_MAGIC_SIZE + LOOK_CHAIN ||
            pread(r.fd, chain, sizeof chain, (off_t)(from.offset - LOOK_CHAIN)) != (ssize_t)sizeof chain)
            code = cut(&r);
        else if (sodium_memcmp(chain, from.chain, sizeof chain) != 0)
            code = err_set(err, ERR_CORRUPT, NULL, "the record of looks is not as it was left");
        else if (lseek(r.fd, (off_t)from.offset, SEEK_SET) < 0)
            code = err_os(err, "read", LOOKS_FILE);
        r.at = from;
    }
    while (code == 0) code = next(&r, &entry);
    looks->head = r.at;
    if (code == LOOKS_END && r.fd >= 0) {
        looks->fd = r.fd;
        r.fd = -1;
        code = ftruncate(looks->fd, (off_t)looks->head.offset) == 0 ? 0 : err_os(err, "cut", LOOKS_FILE);
    }
    finish(&r);
    return code;
}

static int make_file(struct looks *looks, const char *path, struct err *err) {
    int code = file_write(AT_FDCWD, path, view_of(LOOKS_MAGIC), 0600, err);
    if (code != 0) return code;
    looks->fd = open(path, O_RDWR | O_CLOEXEC);
    return looks->fd >= 0 ? 0 : err_os(err, "open", path);
}

/* What is there is not what was written: it is kept for whoever looks into it, and the record begins again. */
static int set_aside(struct looks *looks, const char *path, struct err *err) {
    struct looks_head kept = {.seq = 0};
    struct buf aside = BUF_INIT, bytes = BUF_INIT;
    int64_t now = env_now(looks->site->env);
    if (load_head(looks->site, &kept) && kept.seq > looks->head.seq) looks->head.seq = kept.seq;
    uint64_t before = looks->head.seq;
    buf_printf(&aside, "%s.damaged-%lld", path, (long long)now);
    int code = file_exists(path) ? file_rename(path, buf_text(&aside), err) : 0;
    if (code == 0) code = make_file(looks, path, err);
    looks_begin(looks->key, &looks->head);
    looks->head.seq = before;
    struct looks_head head = looks->head;
    looks_put(looks->key, &head, &(struct look_entry){.at = now, .outcome = LOOK_LOST}, NULL, 0, &bytes);
    if (code == 0) code = looks_append(looks, buf_view(&bytes), &head, err);
    buf_release(&aside);
    buf_release(&bytes);
    return code;
}

int looks_open(struct site *site, struct looks **out, struct err *err) {
    struct looks *looks = mem_alloc(sizeof *looks);
    *looks = (struct looks){.site = site, .fd = -1};
    looks_key(site->secrets.master, looks->key);
    looks_begin(looks->key, &looks->head);
    int code = 0;
    if (site->directory != NULL) {
        char *path = path_join(site->directory, LOOKS_FILE);
        code = find_end(looks, err);
        if (code == ERR_CORRUPT) code = set_aside(looks, path, err);
        if (code == LOOKS_END) code = make_file(looks, path, err);
        free(path);
    }
    if (code == 0)
        *out = looks;
    else
        looks_close(looks);
    return code;
}

const struct looks_head *looks_head(const struct looks *looks) { return &looks->head; }

static int write_bytes(struct looks *looks, struct view bytes, struct err *err) {
    off_t at = (off_t)looks->head.offset;
    while (bytes.len > 0) {
        ssize_t n = pwrite(looks->fd, bytes.data, bytes.len, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_os(err, "write", LOOKS_FILE);
        bytes = view_make(bytes.data + n, bytes.len - (size_t)n);
        at += n;
    }
    return fdatasync(looks->fd) == 0 ? 0 : err_os(err, "write", LOOKS_FILE);
}

int looks_append(struct looks *looks, struct view bytes, const struct looks_head *head, struct err *err) {
    int code = looks->fd < 0 ? 0 : write_bytes(looks, bytes, err);
    if (code == 0) code = store_head(looks->site, head, err);
    if (code == 0) looks->head = *head;
    return code;
}

void looks_close(struct looks *looks) {
    if (looks == NULL) return;
    if (looks->fd >= 0) close(looks->fd);
    sodium_memzero(looks->key, sizeof looks->key);
    free(looks);
}
