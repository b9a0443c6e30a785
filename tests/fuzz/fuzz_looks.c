/* Bytes of anybody's in the record of looks: none are taken for an entry unless the key made them; what is made with
 * the key is taken whole, whatever its texts. */
#include <assert.h>

#include "proto/site/looks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[32] = {4};

static void check_foreign(struct view bytes) {
    struct looks_head head;
    struct look_entry entry;
    struct err err = {0};
    looks_begin(key, &head);
    int code = looks_take(key, &head, &bytes, &entry, &err);
    assert(code != 0 && (code == LOOKS_END || (code == ERR_CORRUPT && err.text[0] != '\0')));
    assert(head.seq == 0 && head.offset == LOOKS_MAGIC_SIZE);
}

static void check_own(struct view text) {
    struct looks_head head, at;
    struct look_entry entry = {.outcome = LOOK_ALLOWED}, found;
    struct buf bytes = BUF_INIT;
    uint64_t ids[8] = {0};
    size_t part = text.len / 5, count = text.len % 8;
    entry.who = view_make(text.data, part);
    entry.role = view_make(text.data + part, part);
    entry.address = view_make(text.data + 2 * part, part);
    entry.method = view_make(text.data + 3 * part, part);
    entry.route = view_make(text.data + 4 * part, part);
    for (size_t i = 0; i < count && 8 * i + 8 <= text.len; i++) ids[i] = get_u64_le(text.data + 8 * i);
    looks_begin(key, &head);
    at = head;
    looks_put(key, &head, &entry, ids, count, &bytes);
    struct view left = buf_view(&bytes);
    int code = looks_take(key, &at, &left, &found, NULL);
    assert(code == 0 && left.len == 0 && found.count == count && found.seq == 1);
    assert(at.offset == head.offset && memcmp(at.chain, head.chain, LOOK_CHAIN) == 0);
    for (uint32_t i = 0; i < found.count; i++) {
        uint64_t id = cursor_uint(&found.ids);
        assert(id == ids[i]);
    }
    if (bytes.len > 40 && text.len > 0) {
        bytes.data[text.data[0] % bytes.len] ^= 1;
        struct view changed = buf_view(&bytes);
        looks_begin(key, &at);
        code = looks_take(key, &at, &changed, &found, NULL);
        assert(code != 0);
    }
    buf_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_foreign(view_make(data, size));
    check_own(view_make(data, size));
    return 0;
}
