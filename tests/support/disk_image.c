/* States of a disk after a power cut: see disk.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/disk.h"
#include "tests/support/scratch.h"

/* ---- Names ---- */

struct names {
    struct disk_name *list;
    size_t count;
};

static void name_remove(struct names *names, size_t directory, const char *name) {
    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].directory != directory || strcmp(names->list[i].name, name) != 0) continue;
        names->list[i] = names->list[--names->count];
        return;
    }
}

static void name_add(struct names *names, size_t directory, const char *name, size_t child) {
    name_remove(names, directory, name);
    names->list = mem_resize(names->list, (names->count + 1) * sizeof *names->list);
    struct disk_name *made = &names->list[names->count++];
    *made = (struct disk_name){.directory = directory, .child = child};
    memcpy(made->name, name, strlen(name) + 1);
}

static void name_move(struct names *names, size_t directory, const char *from, const char *to) {
    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].directory != directory || strcmp(names->list[i].name, from) != 0) continue;
        name_add(names, directory, to, names->list[i].child);
        name_remove(names, directory, from);
        return;
    }
}

static bool is_of_names(const struct disk_op *op) {
    return op->kind == DISK_ADD || op->kind == DISK_RENAME || op->kind == DISK_REMOVE;
}

static void names_apply(struct names *names, const struct disk_op *op) {
    if (op->kind == DISK_ADD) name_add(names, op->node, op->name, op->child);
    if (op->kind == DISK_RENAME) name_move(names, op->node, op->name, op->to);
    if (op->kind == DISK_REMOVE) name_remove(names, op->node, op->name);
}

/* ---- Contents ---- */

static void set_length(struct buf *content, size_t length) {
    if (length > content->len) {
        buf_reserve(content, length - content->len);
        memset(content->data + content->len, 0, length - content->len);
    }
    content->len = length;
}

/* What of an operation lies between two places. */
static void apply_between(const struct disk *disk, struct buf *content, const struct disk_op *op, size_t from,
                          size_t to) {
    size_t start = op->offset > from ? op->offset : from;
    size_t end = op->kind == DISK_WRITE && op->offset + op->len < to ? op->offset + op->len : to;
    if (start >= end) return;
    if (op->kind == DISK_WRITE)
        memcpy(content->data + start, disk->bytes.data + op->start + (start - op->offset), end - start);
    else
        memset(content->data + start, 0, end - start);
}

static void apply(const struct disk *disk, struct buf *content, const struct disk_op *op) {
    if (op->kind == DISK_LENGTH) {
        set_length(content, op->offset);
        return;
    }
    if (content->len < op->offset + op->len) set_length(content, op->offset + op->len);
    apply_between(disk, content, op, op->offset, op->offset + op->len);
}

/* ---- State ---- */

void disk_state_start(struct disk_state *state, const struct disk *disk) {
    *state = (struct disk_state){.disk = disk};
    state->contents = mem_alloc(disk->node_count * sizeof *state->contents);
    for (size_t i = 0; i < disk->node_count; i++)
        buf_append_view(&state->contents[i], buf_view(&disk->nodes[i].before));
    state->names = mem_alloc((disk->name_count + 1) * sizeof *state->names);
    if (disk->name_count > 0) memcpy(state->names, disk->names, disk->name_count * sizeof *state->names);
    state->name_count = disk->name_count;
    state->pending = mem_alloc((disk->op_count + 1) * sizeof *state->pending);
}

static bool has_lost(const struct disk_state *state, size_t node) {
    for (size_t i = 0; i < state->pending_count; i++)
        if (state->pending[i].fate == DISK_LOST && state->disk->ops[state->pending[i].op].node == node) return true;
    return false;
}

/* What of a file waited for a sync. */
static void decide(struct disk_state *state, size_t node, enum disk_fate fate) {
    for (size_t i = 0; i < state->pending_count; i++) {
        struct disk_pending *pending = &state->pending[i];
        const struct disk_op *op = &state->disk->ops[pending->op];
        if (op->node == node && pending->fate == DISK_WAITS) pending->fate = op->direct ? DISK_THERE : fate;
    }
}

/* What was pending of a node is durable now. */
static void settle(struct disk_state *state, size_t node) {
    struct names names = {state->names, state->name_count};
    size_t kept = 0;
    if (has_lost(state, node)) {
        decide(state, node, DISK_THERE);
        return;
    }
    for (size_t i = 0; i < state->pending_count; i++) {
        const struct disk_op *op = &state->disk->ops[state->pending[i].op];
        if (op->node != node)
            state->pending[kept++] = state->pending[i];
        else if (is_of_names(op))
            names_apply(&names, op);
        else
            apply(state->disk, &state->contents[node], op);
    }
    state->pending_count = kept;
    state->names = names.list;
    state->name_count = names.count;
}

void disk_state_advance(struct disk_state *state, size_t moment) {
    for (; state->moment < moment; state->moment++) {
        const struct disk_op *op = &state->disk->ops[state->moment];
        if (op->kind == DISK_SYNC)
            settle(state, op->node);
        else if (op->kind == DISK_FAILED)
            decide(state, op->node, DISK_LOST);
        else if (op->kind != DISK_NOTHING)
            state->pending[state->pending_count++] = (struct disk_pending){state->moment, DISK_WAITS};
    }
}

void disk_state_release(struct disk_state *state) {
    for (size_t i = 0; i < state->disk->node_count; i++) buf_release(&state->contents[i]);
    free(state->contents);
    free(state->names);
    free(state->pending);
    *state = (struct disk_state){.disk = NULL};
}

size_t disk_moment(const struct disk *disk, size_t moment) {
    while (moment < disk->op_count && disk->ops[moment].kind != DISK_SYNC && !disk->ops[moment].direct) moment++;
    return moment;
}

/* ---- Lots ---- */

struct drawing {
    enum disk_lots lots;
    uint64_t number;
    unsigned lean;  /* of drawn ones: most units have all, or most have nothing, or neither */
    uint64_t count; /* how many states there are so far */
    uint64_t most;
};

static uint64_t roll(struct drawing *d) {
    d->number += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64: any seed is good */
    uint64_t z = d->number;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* From `least` to `most`. */
static size_t draw(struct drawing *d, size_t least, size_t most) {
    uint64_t sides = most - least + 1;
    d->count = d->count > d->most / sides ? d->most : d->count * sides;
    if (d->lots == DISK_NONE) return least;
    if (d->lots == DISK_ALL) return most;
    if (d->lots == DISK_COUNTED) {
        size_t digit = (size_t)(d->number % sides);
        d->number /= sides;
        return least + digit;
    }
    if (d->lean < 2 && roll(d) % 8 != 0) return d->lean == 0 ? least : most;
    return least + (size_t)(roll(d) % sides);
}

static struct drawing drawing_of(const struct disk_image *image, uint64_t most) {
    struct drawing d = {.lots = image->lots, .number = image->number, .count = 1, .most = most};
    if (image->lots == DISK_DRAWN) d.lean = (unsigned)(roll(&d) % 4);
    return d;
}

/* ---- One file ---- */

struct touch {
    size_t unit, op;
};

struct file {
    const struct disk_state *state;
    size_t unit, durable, reach; /* the size of units; bytes durable; bytes that were ever written */
    bool old_bytes;
    struct disk_pending *ops; /* its pending operations */
    size_t op_count;
    struct touch *touches;
    size_t touch_count;
    struct buf content;
};

static const struct disk_op *op_of(const struct file *f, size_t index) {
    return &f->state->disk->ops[f->ops[index].op];
}

static void touch(struct file *f, size_t op, size_t from, size_t to) {
    for (size_t unit = from / f->unit; unit * f->unit < to; unit++) {
        if (f->touch_count % 256 == 0) f->touches = mem_resize(f->touches, (f->touch_count + 256) * sizeof *f->touches);
        f->touches[f->touch_count++] = (struct touch){unit, op};
    }
}

static int touch_compare(const void *a, const void *b) {
    const struct touch *x = a, *y = b;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    return x->op < y->op ? -1 : 1;
}

/* Which units the operations touch, and which of its lengths the file gets. */
static size_t look_through(struct file *f, struct drawing *d) {
    size_t *lengths = mem_alloc((f->op_count + 1) * sizeof *lengths);
    size_t count = 1, least = 0, length = f->durable;
    lengths[0] = f->reach = f->durable;
    for (size_t i = 0; i < f->op_count; i++) {
        const struct disk_op *op = op_of(f, i);
        size_t after = op->kind == DISK_LENGTH ? op->offset : op->offset + op->len;
        if (op->kind == DISK_WRITE)
            touch(f, i, op->offset, op->offset + op->len);
        else if (after < length)
            touch(f, i, after, length);
        if (op->kind == DISK_LENGTH || after > length) lengths[count++] = length = after;
        if (op->direct || f->ops[i].fate == DISK_THERE) least = count - 1;
        if (length > f->reach) f->reach = length;
    }
    length = lengths[draw(d, least, count - 1)];
    free(lengths);
    return length;
}

/* A unit holds what it held after some number of the operations that touched it: all up to a direct one at least. Those
 * that are lost or not lie before them. */
static void compose_unit(struct file *f, struct drawing *d, const struct touch *touches, size_t count) {
    size_t from = touches->unit * f->unit, to = from + f->unit, least = 0, waiting = 0, applied = 0;
    for (size_t i = 0; i < count; i++) {
        if (f->ops[touches[i].op].fate != DISK_WAITS) continue;
        waiting++;
        if (op_of(f, touches[i].op)->direct) least = waiting;
    }
    size_t arrived = draw(d, least, waiting);
    for (size_t i = 0; i < count; i++) {
        enum disk_fate fate = f->ops[touches[i].op].fate;
        if (fate == DISK_WAITS && arrived == 0) break;
        if (fate == DISK_WAITS) arrived--;
        if (fate == DISK_LOST && draw(d, 0, 1) == 0) continue;
        apply_between(f->state->disk, &f->content, op_of(f, touches[i].op), from, to);
        applied++;
    }
    if (applied == 0 && f->old_bytes && from >= f->durable) memset(f->content.data + from, 0xa5, f->unit);
}

static void compose_file(const struct disk_state *state, size_t node, const struct disk_image *image, struct drawing *d,
                         struct buf *out) {
    struct file f = {.state = state, .unit = image->unit, .old_bytes = image->old_bytes};
    f.durable = state->contents[node].len;
    f.ops = mem_alloc((state->pending_count + 1) * sizeof *f.ops);
    for (size_t i = 0; i < state->pending_count; i++)
        if (state->disk->ops[state->pending[i].op].node == node) f.ops[f.op_count++] = state->pending[i];
    size_t length = look_through(&f, d);
    buf_append_view(&f.content, buf_view(&state->contents[node]));
    set_length(&f.content, (f.reach / f.unit + 1) * f.unit);
    if (f.touch_count > 0) qsort(f.touches, f.touch_count, sizeof *f.touches, touch_compare);
    for (size_t i = 0, count; i < f.touch_count; i += count) {
        for (count = 1; i + count < f.touch_count && f.touches[i + count].unit == f.touches[i].unit;) count++;
        compose_unit(&f, d, &f.touches[i], count);
    }
    f.content.len = length;
    *out = f.content;
    free(f.ops);
    free(f.touches);
}

/* ---- All of it ---- */

struct whole {
    struct names names;
    struct buf *contents;
};

static void compose_names(const struct disk_state *state, size_t directory, struct drawing *d, struct names *names) {
    size_t count = 0;
    for (size_t i = 0; i < state->pending_count; i++) {
        const struct disk_op *op = &state->disk->ops[state->pending[i].op];
        count += op->node == directory && is_of_names(op);
    }
    size_t arrived = draw(d, 0, count);
    for (size_t i = 0; i < state->pending_count && arrived > 0; i++) {
        const struct disk_op *op = &state->disk->ops[state->pending[i].op];
        if (op->node != directory || !is_of_names(op)) continue;
        names_apply(names, op);
        arrived--;
    }
}

static void compose(const struct disk_state *state, const struct disk_image *image, struct drawing *d,
                    struct whole *out) {
    const struct disk *disk = state->disk;
    for (size_t i = 0; i < state->name_count; i++)
        name_add(&out->names, state->names[i].directory, state->names[i].name, state->names[i].child);
    out->contents = mem_alloc(disk->node_count * sizeof *out->contents);
    for (size_t i = 0; i < disk->node_count; i++) {
        if (disk->nodes[i].directory)
            compose_names(state, i, d, &out->names);
        else
            compose_file(state, i, image, d, &out->contents[i]);
    }
}

static void whole_release(const struct disk_state *state, struct whole *whole) {
    for (size_t i = 0; i < state->disk->node_count; i++) buf_release(&whole->contents[i]);
    free(whole->contents);
    free(whole->names.list);
}

uint64_t disk_count(const struct disk_state *state, size_t unit, uint64_t most) {
    const struct disk_image image = {.unit = unit, .lots = DISK_NONE};
    struct drawing d = drawing_of(&image, most);
    struct whole whole = {.contents = NULL};
    compose(state, &image, &d, &whole);
    whole_release(state, &whole);
    return d.count;
}

static void write_below(const struct disk *disk, const struct whole *whole, size_t directory, const char *path) {
    if (mkdir(path, 0700) != 0 && errno != EEXIST) abort();
    for (size_t i = 0; i < whole->names.count; i++) {
        const struct disk_name *name = &whole->names.list[i];
        char child[PATH_MAX];
        if (name->directory != directory) continue;
        if (snprintf(child, sizeof child, "%s/%s", path, name->name) >= (int)sizeof child) abort();
        if (disk->nodes[name->child].directory)
            write_below(disk, whole, name->child, child);
        else
            scratch_write(child, buf_view(&whole->contents[name->child]));
    }
}

void disk_image_write(const struct disk_state *state, const struct disk_image *image, const char *directory) {
    struct drawing d = drawing_of(image, UINT64_MAX);
    struct whole whole = {.contents = NULL};
    compose(state, image, &d, &whole);
    write_below(state->disk, &whole, 0, directory);
    whole_release(state, &whole);
}
