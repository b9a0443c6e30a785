/* Frames from outside. Whatever is decoded: the three readers agree on what a frame is; msgpack-c reads it as an array;
 * lists can be walked to their end and come to what decoding says; a good event written again gives the same bytes
 * (where it has just the fields of the catalogue), and in any case one that means the same. */
#include <assert.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/describe.h"
#include "proto/event/frame.h"
#include "proto/event/json.h"
#include "proto/event/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_msgpack(struct view frame, uint32_t *elements) {
    msgpack_unpacked unpacked;
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    msgpack_unpack_return result = msgpack_unpack_next(&unpacked, (const char *)frame.data, frame.len, &offset);
    assert(result == MSGPACK_UNPACK_SUCCESS && offset == frame.len);
    assert(unpacked.data.type == MSGPACK_OBJECT_ARRAY);
    *elements = unpacked.data.via.array.size;
    assert(*elements >= FRAME_FIELDS);
    msgpack_unpacked_destroy(&unpacked);
}

static bool inside(struct view part, struct view whole) {
    return part.data == NULL || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void check_ids(struct list list, struct view frame) {
    uint64_t id;
    uint32_t count = 0;
    assert(inside(list.raw, frame));
    for (struct list walk = list; list_next_id(&walk, &id); count++) assert(id_valid(id));
    assert(count == list.count);
}

static void check_lines(struct list list, struct view frame) {
    struct row_sale_line row;
    uint32_t count = 0;
    assert(inside(list.raw, frame));
    for (struct list walk = list; row_sale_line_next(&walk, &row); count++) assert(inside(row.sku, frame));
    assert(count == list.count);
}

/* What decoding summed up is what a walk finds. */
static void check_totals(struct list lines, struct row_totals totals) {
    struct row_sale_line row;
    uint64_t amount = 0, margin = 0;
    bool positive = false, costed = false;
    while (row_sale_line_next(&lines, &row)) {
        amount += (uint64_t)row.amount;
        positive |= row.quantity > 0;
        if (row.cost == NIL) continue;
        margin += (uint64_t)row.amount - (uint64_t)row.cost;
        costed = true;
    }
    assert(totals.amount == amount && totals.positive == positive);
    assert(totals.margin == margin && totals.costed == costed);
}

static void check_fields(const struct event *e, const struct event_info *info) {
    for (size_t i = 0; i < info->count; i++) {
        const void *value = (const char *)&e->body + info->fields[i].offset;
        struct list list;
        struct view bytes;
        switch (info->fields[i].kind) {
        case KIND_IDS:
            memcpy(&list, value, sizeof list);
            check_ids(list, e->frame);
            break;
        case KIND_ROWS:
            memcpy(&list, value, sizeof list);
            check_lines(list, e->frame);
            break;
        case KIND_WORD:
        case KIND_BYTES:
            memcpy(&bytes, value, sizeof bytes);
            assert(inside(bytes, e->frame));
            break;
        case KIND_SEALED:
            memcpy(&bytes, value, sizeof bytes);
            assert(bytes.data == NULL);
            break;
        default: break;
        }
    }
}

/* Has the frame as many fields in its body as the catalogue, neither fewer nor more. */
static bool is_of_catalogue(const struct event *e, const struct event_info *info, uint32_t elements) {
    struct cursor c = cursor_of(e->frame);
    cursor_array(&c);
    for (int i = 1; i < FRAME_FIELDS; i++) cursor_skip(&c);
    return elements == FRAME_FIELDS && cursor_array(&c) == 1 + info->count - info->sealed_count;
}

static void check_again(const struct event *e, const struct event_info *info, uint32_t elements) {
    struct buf again = BUF_INIT, third = BUF_INIT;
    struct event f;
    frame_write(e, e->sealed, &again);
    if (is_of_catalogue(e, info, elements)) assert(view_equal(buf_view(&again), e->frame));
    int standing = event_decode(buf_view(&again), &f, NULL);
    assert(standing == EVENT_GOOD || standing == ERR_LIMIT); /* nil for what was left out may be too much */
    if (standing == EVENT_GOOD) {
        frame_write(&f, f.sealed, &third);
        assert(view_equal(buf_view(&again), buf_view(&third)));
    }
    buf_release(&again);
    buf_release(&third);
}

static void check_good(struct event *e, uint32_t elements) {
    const struct event_info *info = event_info(e->type);
    const struct customer_key key = {{0}};
    struct buf plain = BUF_INIT;
    check_fields(e, info);
    if (e->type == EVENT_sold) check_totals(e->body.sold.lines, e->body.sold.lines_totals);
    if (e->type == EVENT_returned) check_totals(e->body.returned.lines, e->body.returned.lines_totals);
    check_again(e, info, elements);
    int code = event_open(e, &key, &plain, NULL);
    assert(code == ERR_AUTH || e->sealed.data == NULL);
    buf_release(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view bytes = view_make(data, size);
    struct event e;
    struct err err = {0}, again = {0};
    size_t length = 0;
    int form = frame_length(bytes, &length, NULL);
    assert(form < 0 || (length > 0 && length <= size));
    if (form == 0) bytes.len = length; /* what stands behind it is the next one's */

    int standing = event_decode(bytes, &e, &err);
    assert((standing >= 0) == (frame_check(bytes, &again) == 0));
    assert((standing == EVENT_GOOD) == (err.code == 0) && (standing == EVENT_GOOD || err.text[0] != '\0'));
    if (standing < 0) return 0;
    assert(form == 0);
    uint32_t elements;
    check_msgpack(bytes, &elements);
    assert(inside(e.actor, bytes) && inside(e.ref.source, bytes) && inside(e.ref.key, bytes));
    assert(inside(e.origin.chain, bytes) && inside(e.sealed, bytes));
    check_ids(e.after, bytes);
    if (standing == EVENT_GOOD) check_good(&e, elements);

    const struct zone utc = zone_fixed(0);
    json_t *json = event_json(&e, 1, standing, false, &utc);
    assert(json != NULL);
    json_decref(json);
    return 0;
}
