/* Writing frames. What was written is read back before it counts: so writing enforces what reading enforces, and an
 * event of this program can never be refused or flagged elsewhere. */
#include <assert.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/base/pack.h"
#include "proto/event/body.h"
#include "proto/event/describe.h"
#include "proto/event/frame.h"
#include "proto/event/seal.h"
#include "proto/event/seal_event.h"
#include "proto/event/take.h"

void event_init(struct event *e, enum event_type type) {
    const struct event_info *info = event_info((uint16_t)type);
    assert(info != NULL);
    memset(e, 0, sizeof *e);
    e->type = info->number;
    e->version = info->version;
    e->at = NIL;
    body_init(e);
}

static void write_after(const struct list *after, struct buf *out) {
    if (after->count == 0) {
        pack_nil(out);
        return;
    }
    pack_array(out, after->count);
    buf_append(out, after->raw.data, after->raw.len);
}

static void write_ref(const struct ref *ref, struct buf *out) {
    if (ref->source.data == NULL && ref->key.data == NULL) {
        pack_nil(out);
        return;
    }
    pack_array(out, 2);
    pack_str(out, ref->source);
    pack_str(out, ref->key);
}

static void write_origin(const struct origin *origin, struct buf *out) {
    if (origin->chain.data == NULL) {
        pack_nil(out);
        return;
    }
    pack_array(out, 2);
    pack_bin(out, origin->chain);
    pack_uint(out, origin->hlc);
}

void frame_write(const struct event *e, struct view sealed, struct buf *out) {
    pack_array(out, FRAME_FIELDS);
    pack_uint(out, e->type);
    pack_uint(out, e->version);
    pack_uint(out, e->hlc);
    if (e->at == NIL)
        pack_nil(out);
    else
        pack_int(out, e->at);
    pack_str(out, e->actor);
    if (e->subject == 0)
        pack_nil(out);
    else
        pack_uint(out, e->subject);
    write_ref(&e->ref, out);
    write_after(&e->after, out);
    write_origin(&e->origin, out);
    body_write(e, sealed, out);
}

/* Lists are handed over as raw bytes and could hold anything: looked at by themselves, so that the one at fault is
 * named and its bytes cannot pass for the fields behind them. */
static int check_list(const struct list *list, bool rows, const char *field, struct err *err) {
    struct cursor c = cursor_of(list->raw);
    for (uint32_t i = 0; i < list->count && cursor_ok(&c); i++) {
        if (rows)
            cursor_skip(&c);
        else
            cursor_uint(&c);
    }
    if (cursor_done(&c)) return 0;
    return err_set(err, ERR_INVALID, field, "%s is not a list of %u elements", field, list->count);
}

static int check_lists(const struct event *e, const struct event_info *info, struct err *err) {
    if (check_list(&e->after, false, "after", err) != 0) return ERR_INVALID;
    for (size_t i = 0; i < info->count; i++) {
        const struct field_info *field = &info->fields[i];
        if (field->kind != KIND_IDS && field->kind != KIND_ROWS) continue;
        const struct list *list = (const void *)((const char *)&e->body + field->offset);
        if (check_list(list, field->kind == KIND_ROWS, field->name, err) != 0) return ERR_INVALID;
    }
    return 0;
}

static int check_before(const struct event *e, const struct event_info **info, struct err *err) {
    *info = event_info(e->type);
    if (*info == NULL)
        return err_set(err, ERR_INVALID, "type", "event type %u is not known to this version of Dangol", e->type);
    if (e->version != (*info)->version)
        return err_set(err, ERR_INVALID, "version", "version of %s must be %u", (*info)->name, (*info)->version);
    if (check_lists(e, *info, err) != 0) return ERR_INVALID;
    return sealed_check(e, *info, err);
}

static int check_after(struct view frame, struct err *err) {
    struct event read_back;
    int standing = event_decode(frame, &read_back, err);
    if (standing == EVENT_GOOD) return 0;
    if (standing == ERR_LIMIT && frame.len > FRAME_MAX) return ERR_LIMIT;
    if (err != NULL) err->code = ERR_INVALID;
    return ERR_INVALID;
}

int event_validate(const struct event *e, struct err *err) {
    const struct event_info *info;
    int code = check_before(e, &info, err);
    if (code != 0) return code;

    /* As event_encode would write it, with as many zeros for the seal and, where need be, some id for the subject. */
    struct event copy = *e;
    struct buf plain = BUF_INIT, zeros = BUF_INIT, frame = BUF_INIT;
    struct view sealed = VIEW_NONE;
    if (e->sealed_bits != 0) {
        sealed_write(e, info, &plain);
        buf_reserve(&zeros, plain.len + SEAL_OVERHEAD);
        memset(zeros.data, 0, plain.len + SEAL_OVERHEAD);
        zeros.len = plain.len + SEAL_OVERHEAD;
        sealed = buf_view(&zeros);
        if (copy.subject == 0) copy.subject = id_make(ID_STREAM_MAX, ID_SEQ_MAX);
    }
    frame_write(&copy, sealed, &frame);
    code = check_after(buf_view(&frame), err);
    buf_wipe(&plain);
    buf_release(&zeros);
    buf_release(&frame);
    return code;
}

int event_encode(const struct event *e, const struct customer_key *key, const struct env *env, struct buf *out,
                 struct err *err) {
    const struct event_info *info;
    int code = check_before(e, &info, err);
    if (code != 0) return code;

    struct buf sealed = BUF_INIT;
    if (e->sealed_bits != 0) {
        assert(key != NULL);
        struct buf plain = BUF_INIT;
        uint8_t aad[SEAL_AAD_BYTES];
        sealed_write(e, info, &plain);
        seal(key, buf_view(&plain), event_aad(e, aad), env, &sealed);
        if (BUG(seal_nothing)) memcpy(sealed.data, plain.data, plain.len);
        buf_wipe(&plain);
    }
    size_t start = out->len;
    frame_write(e, e->sealed_bits != 0 ? buf_view(&sealed) : VIEW_NONE, out);
    code = check_after(view_make(out->data + start, out->len - start), err);
    if (code != 0) out->len = start;
    buf_release(&sealed);
    return code;
}
