/* What is kept apart of the erased, see erasure.h: one value of the ring,
 *
 *   "erased" → (erasure u64 BE ‖ kind u8 ‖ tag 16) …
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/site/erasure.h"

#define VALUE "erased"
#define ROW (8 + 1 + TAG_BYTES)

int apart_load(struct site *site, struct apart **out, size_t *count, struct err *err) {
    struct buf value = BUF_INIT;
    struct err why = {.code = 0};
    int code = site->ring->ops->get_value(site->ring, VALUE, &value, &why);
    if (code == ERR_NOT_FOUND) code = 0;
    if (code != 0) err_set(err, code, NULL, "%s", why.text);
    *count = value.len / ROW;
    *out = mem_alloc((*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++) {
        const uint8_t *row = value.data + i * ROW;
        (*out)[i].erasure = get_u64_be(row);
        (*out)[i].tag.kind = row[8];
        memcpy((*out)[i].tag.bytes, row + 9, TAG_BYTES);
    }
    buf_wipe(&value);
    return code;
}

int apart_store(struct site *site, const struct apart *rows, size_t count, struct err *err) {
    struct buf value = BUF_INIT;
    uint8_t erasure[8];
    for (size_t i = 0; i < count; i++) {
        put_u64_be(erasure, rows[i].erasure);
        buf_append(&value, erasure, sizeof erasure);
        buf_append_byte(&value, rows[i].tag.kind);
        buf_append(&value, rows[i].tag.bytes, TAG_BYTES);
    }
    int code = site->ring->ops->set_value(site->ring, VALUE, count == 0 ? VIEW_NONE : buf_view(&value), err);
    buf_wipe(&value);
    return code;
}

bool apart_name(struct site *site, struct view written, struct tag *out) {
    struct buf normal = BUF_INIT;
    bool is = written.len > 0 && name_normalise(written, &normal, NULL) == 0;
    if (is) tag_make(site->tag_key, TAG_NAME, buf_view(&normal), out);
    buf_wipe(&normal);
    return is;
}
