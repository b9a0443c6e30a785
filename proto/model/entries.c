/* Entries: one for each subject that events are about. */
#include <sodium.h>

#include "proto/model/state.h"

_Static_assert(sizeof(struct entry) == 128 && offsetof(struct entry, id) == 48, "two cache lines");

uint32_t entry_find(const struct model *model, uint64_t id) {
    const uint64_t *index = idmap_find(&model->entry_of, id);
    return index == NULL ? NONE : (uint32_t)*index;
}

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
        .root = index,
        .next_member = index,
        .edges = NONE,
        .edits = NONE,
        .facts = NONE,
        .items = NONE,
        .registered_time = TIME_NONE,
    };
    take_over_row(model, index, id);
    return index;
}

/* A sum does not mind the order, so the digest of a person's sealed bytes can be kept as they come. */
void entry_seal(struct model *model, uint32_t index, uint64_t id, struct view sealed) {
    uint8_t bytes[8], hash[16];
    put_u64_be(bytes, id);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, bytes, sizeof bytes);
    crypto_generichash_update(&state, sealed.data, sealed.len);
    crypto_generichash_final(&state, hash, sizeof hash);
    struct entry *entry = &model->entries.items[index];
    entry->sealed[0] += get_u64_be(hash);
    entry->sealed[1] += get_u64_be(hash + 8);
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
