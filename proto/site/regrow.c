#include "proto/site/regrow.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/environment_lmdb.h"
#include "proto/base/file_os.h"
#include "proto/event/describe.h"
#include "proto/log/record.h"
#include "proto/model/vec.h"

#define PART_EVENTS 4096u
#define PART_BYTES (4u << 20)
#define NEXT_NAME "log.next"
#define ASIDE_MOST 1000

/* What goes over in one commit. Views point into `bytes`, which has room for all of it from the start. */
struct part {
    const struct regrowing *of;
    struct buf bytes;
    VEC(struct log_append) records;
    VEC(struct head) heads;
};

static void part_clear(struct part *part) {
    buf_clear(&part->bytes);
    part->records.count = part->heads.count = 0;
}

static struct view keep(struct part *part, struct view bytes) {
    size_t at = part->bytes.len;
    buf_append_view(&part->bytes, bytes);
    return view_make(part->bytes.data + at, bytes.len);
}

/* The ref's hash, if the old log knows this event by it. */
static struct view ref_of(struct part *part, const struct record *record) {
    struct event event;
    uint8_t hash[REF_HASH_SIZE];
    uint64_t holder;
    struct log *from = part->of->from;
    if (event_decode(record->frame, &event, NULL) < 0 || event.ref.source.data == NULL) return VIEW_NONE;
    ref_hash(event.ref.source, event.ref.key, hash);
    if (from->ops->ref(from, hash, &holder) != 0 || holder != record->id) return VIEW_NONE;
    return keep(part, view_make(hash, sizeof hash));
}

/* Its stream's head moves on; the signed one is the last. */
static void move_head(struct part *part, uint64_t id, const struct head *last) {
    uint32_t i = 0;
    while (i < part->heads.count && part->heads.items[i].stream != id_stream(id)) i++;
    if (i == part->heads.count) *VEC_ADD(part->heads) = (struct head){.stream = id_stream(id)};
    part->heads.items[i] = id_seq(id) == last->seq ? *last : (struct head){.stream = id_stream(id), .seq = id_seq(id)};
}

static void add(struct part *part, const struct record *record) {
    struct head last;
    bool partial = log_head(part->of->from, id_stream(record->id), &last) != 0;
    struct log_append append = {
        .id = record->id, .partial = partial, .received = record->received, .frame = keep(part, record->frame)};
    append.ref_hash = ref_of(part, record);
    *VEC_ADD(part->records) = append;
    if (!partial) move_head(part, record->id, &last);
}

static bool full(const struct part *part) {
    return part->records.count == PART_EVENTS ||
           part->bytes.len + FRAME_MAX + REF_HASH_SIZE > PART_BYTES; /* the next one must fit, or views would move */
}

static int flush(struct part *part, struct err *err) {
    struct site *to = part->of->to;
    struct taking taking = {.records = part->records.items,
                            .record_count = part->records.count,
                            .heads = part->heads.items,
                            .head_count = part->heads.count,
                            .fed = true};
    if (part->records.count == 0) return 0;
    mutex_lock(&to->writer);
    int code = site_take(to, &taking, err);
    mutex_unlock(&to->writer);
    part_clear(part);
    return code;
}

static int grow_records(struct part *part, struct err *err) {
    const struct regrowing *of = part->of;
    struct log_iterator *it;
    struct record record;
    int code = of->from->ops->iterate(of->from, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, 1);
    while (code == 0 && (code = it->ops->next(it, &record, err)) == 0) {
        if (of->keeps(of->context, record.id)) add(part, &record);
        if (full(part)) code = flush(part, err);
    }
    it->ops->close(it);
    if (code == LOG_END) code = flush(part, err);
    return code;
}

/* ---- Values ---- */

struct place {
    size_t key, value, end; /* in the bytes */
};

struct values {
    const struct regrowing *of;
    struct buf bytes;
    VEC(struct place) places;
};

static void add_value(void *context, const struct log_value *value) {
    struct values *v = context;
    if (!v->of->keeps_value(v->of->context, value->key)) return;
    struct place *place = VEC_ADD(v->places);
    place->key = v->bytes.len;
    buf_append_view(&v->bytes, value->key);
    place->value = v->bytes.len;
    buf_append_view(&v->bytes, value->value);
    place->end = v->bytes.len;
}

static int grow_values(const struct regrowing *of, struct err *err) {
    struct values v = {.of = of};
    int code = of->from->ops->values(of->from, add_value, &v, err);
    buf_append_byte(&v.bytes, 0); /* an empty value at the end is one all the same */
    struct log_value *all = mem_alloc((v.places.count + 1) * sizeof *all);
    for (uint32_t i = 0; i < v.places.count; i++) {
        const struct place *place = &v.places.items[i];
        const uint8_t *bytes = v.bytes.data;
        all[i] = (struct log_value){view_make(bytes + place->key, place->value - place->key),
                                    view_make(bytes + place->value, place->end - place->value)};
    }
    if (code == 0 && v.places.count > 0) code = site_set_values(of->to, all, v.places.count, err);
    free(all);
    buf_release(&v.bytes);
    VEC_RELEASE(v.places);
    return code;
}

int regrow(const struct regrowing *regrowing, struct err *err) {
    struct part part = {.of = regrowing};
    buf_reserve(&part.bytes, PART_BYTES);
    int code = grow_records(&part, err);
    if (code == 0) code = grow_values(regrowing, err);
    buf_release(&part.bytes);
    VEC_RELEASE(part.records);
    VEC_RELEASE(part.heads);
    return code;
}

/* ---- In a directory ---- */

static int remove_in(const char *folder, const char *name, struct err *err) {
    char *path = path_join(folder, name);
    int code = file_remove(path, err);
    free(path);
    return code;
}

int regrow_begin(const char *directory, const struct env *env, struct log **out, struct err *err) {
    char *next = path_join(directory, NEXT_NAME);
    int code = directory_exists(next) ? remove_in(next, ENVIRONMENT_FILE, err) : 0;
    if (code == 0) code = log_lmdb_open(next, env, 0, out, err);
    free(next);
    return code;
}

/* The old one, whole, and synced. */
static int copy_aside(const char *folder, struct log *old, struct err *err) {
    char *copy = path_join(folder, "log");
    int code = directory_make(folder, err);
    if (code == 0) code = log_lmdb_copy(old, copy, err);
    if (code == 0) code = directory_sync(folder, err);
    if (code != 0) remove_in(copy, ENVIRONMENT_FILE, NULL);
    free(copy);
    return code;
}

static int put_in_place(const char *directory, const char *next, struct err *err) {
    char *log = path_join(directory, "log"), *to = path_join(log, ENVIRONMENT_FILE);
    char *from = path_join(next, ENVIRONMENT_FILE);
    int code = file_rename(from, to, err);
    free(log);
    free(to);
    free(from);
    return code;
}

int regrow_end(const char *directory, const char *aside, struct log **old, struct log **fresh, struct err *err) {
    char *next = path_join(directory, NEXT_NAME), *folder = aside == NULL ? NULL : path_join(directory, aside);
    int code = aside == NULL ? ERR_REFUSED : copy_aside(folder, *old, err);
    (*fresh)->ops->close(*fresh);
    *fresh = NULL;
    if (code == 0) {
        (*old)->ops->close(*old);
        *old = NULL;
        code = put_in_place(directory, next, err);
    }
    if (code != 0) remove_in(next, ENVIRONMENT_FILE, NULL);
    free(next);
    free(folder);
    return code;
}

int aside_name(const char *directory, uint32_t stream, char out[ASIDE_NAME], struct err *err) {
    for (int i = 1; i <= ASIDE_MOST; i++) {
        char number[16] = "";
        if (i > 1) snprintf(number, sizeof number, "-%d", i);
        snprintf(out, ASIDE_NAME, "before-%u%s", stream, number);
        char *path = path_join(directory, out);
        bool there = file_exists(path);
        free(path);
        if (!there) return 0;
    }
    return err_set(err, ERR_LIMIT, NULL, "%s holds too many folders of former recoveries", directory);
}
