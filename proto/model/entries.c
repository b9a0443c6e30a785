/* Entries: one for each subject that events are about. */
#include <string.h>

#include "proto/model/state.h"

_Static_assert(sizeof(struct entry) == 128 && offsetof(struct entry, id) == 48, "two cache lines");

/* A sale without customer may have arrived before the first event that names it as its subject. */
static void take_over_row(struct model *model, uint32_t index, uint64_t id) {
    const struct stream *stream = stream_find(model, id_stream(id));
    struct row *row = stream == NULL ? NULL : rows_find(&stream->rows, id_seq(id));
    if (row != NULL && row->entry == NONE) row_take_over(model, row, id, index);
}

uint32_t entry_of(struct model *model, uint64_t id) {
    bool added;
    uint64_t *place = idmap_put(&model->entry_of, id, &added);
    if (!added) return (uint32_t)*place;
    uint32_t index = model->entries.count;
    *place = index;
    *VEC_ADD(model->entries) = (struct entry){
        .id = id,
        .last = TIME_NONE,
        .next_member = index,
        .edges = NONE,
        .edits = NONE,
        .facts = NONE,
        .items = NONE,
        .registered_time = TIME_NONE,
    };
    *VEC_ADD(model->roots) = index;
    entry_touched(model, index);
    take_over_row(model, index, id);
    return index;
}

/* A sum does not mind the order, so the digest of a person's sealed bytes can be kept as they come. Each is mixed, not
 * hashed: that the bytes are the author's the chains say, this only compares two folds of them. */
void entry_seal(struct model *model, uint32_t index, uint64_t id, struct view sealed) {
    uint64_t a = row_mix(id ^ UINT64_C(0x9E3779B97F4A7C15)), b = row_mix(id ^ UINT64_C(0xC2B2AE3D27D4EB4F));
    uint8_t last[8] = {0};
    size_t rest = sealed.len % sizeof last;
    for (size_t at = 0; at + sizeof last <= sealed.len; at += sizeof last) {
        uint64_t word = get_u64_le(sealed.data + at);
        a = row_mix(a ^ word);
        b = row_mix(b + word);
    }
    memcpy(last, sealed.data + sealed.len - rest, rest);
    a = row_mix(a ^ get_u64_le(last) ^ (uint64_t)sealed.len << 56);
    b = row_mix(b + get_u64_le(last) + ((uint64_t)sealed.len << 56));
    struct entry *entry = &model->entries.items[index];
    entry->sealed[0] += a;
    entry->sealed[1] += b;
}

enum customer_state model_customer(const struct model *model, uint64_t id) {
    uint32_t index = entry_find(model, id);
    if (index == NONE) return CUSTOMER_UNKNOWN;
    const struct entry *entry = &model->entries.items[index];
    if (model_erased(model, id)) return CUSTOMER_ERASED;
    if (entry_known(entry)) return CUSTOMER_KNOWN;
    return (entry->flags & ENTRY_THING) != 0 ? CUSTOMER_THING : CUSTOMER_PLACEHOLDER;
}

uint64_t model_customer_at(const struct model *model, size_t index) {
    return index < model->entries.count ? model->entries.items[index].id : 0;
}
