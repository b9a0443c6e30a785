#include "proto/event/seal_event.h"

#include <string.h>

#include "proto/base/pack.h"
#include "proto/event/seal.h"
#include "proto/event/take.h"

#define DOMAIN "dangol seal 1"
#define DOMAIN_SIZE (sizeof DOMAIN - 1)
#define BIT(number) (UINT64_C(1) << (number))

static const struct field_info *sealed_field(const struct event_info *info, size_t bit) {
    return &info->fields[info->count - info->sealed_count + bit];
}

struct view event_aad(const struct event *e, uint8_t out[SEAL_AAD_BYTES]) {
    memcpy(out, DOMAIN, DOMAIN_SIZE);
    out[DOMAIN_SIZE] = (uint8_t)(e->type >> 8);
    out[DOMAIN_SIZE + 1] = (uint8_t)e->type;
    out[DOMAIN_SIZE + 2] = e->version;
    put_u64_be(out + DOMAIN_SIZE + 3, e->subject);
    return view_make(out, SEAL_AAD_BYTES);
}

int sealed_check(const struct event *e, const struct event_info *info, struct err *err) {
    if (info->sealed_count < 64 && e->sealed_bits >> info->sealed_count != 0)
        return err_set(err, ERR_INVALID, "sealed", "%s has no sealed field of that number", info->name);
    for (size_t bit = 0; bit < info->sealed_count; bit++) {
        const struct field_info *field = sealed_field(info, bit);
        struct view text = event_sealed_view(e, info, (int)bit);
        if (text.data == NULL) continue;
        if ((e->sealed_bits & BIT(bit)) == 0)
            return err_set(err, ERR_INVALID, field->name, "%s is given but not marked as present", field->name);
        if (!text_good(text, (size_t)field->bound))
            return err_set(err, ERR_INVALID, field->name, "%s must be text of 1 to %lld bytes in UTF-8", field->name,
                           (long long)field->bound);
    }
    return 0;
}

void sealed_write(const struct event *e, const struct event_info *info, struct buf *plain) {
    pack_array(plain, (uint32_t)__builtin_popcountll(e->sealed_bits));
    for (size_t bit = 0; bit < info->sealed_count; bit++)
        if ((e->sealed_bits & BIT(bit)) != 0) pack_str(plain, event_sealed_view(e, info, (int)bit));
}

static void sealed_forget(struct event *e, const struct event_info *info) {
    uint64_t bits = e->sealed_bits;
    for (size_t bit = 0; bit < info->sealed_count; bit++) event_sealed_set(e, info, (int)bit, VIEW_NONE);
    e->sealed_bits = bits;
}

/* The key's holder wrote this, so it is in form; but a program at fault may have held it, so it is looked at. Elements
 * of bits not known here are a later version's. */
static bool sealed_read(struct event *e, const struct event_info *info, struct view plain) {
    struct cursor c = cursor_of(plain);
    if (cursor_array(&c) != (uint32_t)__builtin_popcountll(e->sealed_bits)) return false;
    for (size_t bit = 0; bit < 64; bit++) {
        if ((e->sealed_bits & BIT(bit)) == 0) continue;
        if (bit >= info->sealed_count) {
            cursor_skip(&c);
            continue;
        }
        struct view text = cursor_nil(&c) ? VIEW_NONE : cursor_str(&c);
        if (text.data != NULL && !text_good(text, (size_t)sealed_field(info, bit)->bound)) return false;
        event_sealed_set(e, info, (int)bit, text);
    }
    return cursor_done(&c);
}

int event_open(struct event *e, const struct customer_key *key, struct buf *plain, struct err *err) {
    const struct event_info *info = event_info(e->type);
    uint8_t aad[SEAL_AAD_BYTES];
    size_t start = plain->len;
    if (info == NULL || e->sealed.data == NULL) return 0;
    if (seal_open(key, e->sealed, event_aad(e, aad), plain) != 0)
        return err_set(err, ERR_AUTH, "sealed", "the key is not the one %s was sealed with", info->name);
    sealed_forget(e, info);
    if (sealed_read(e, info, view_make(plain->data + start, plain->len - start))) return 0;
    sealed_forget(e, info);
    return err_set(err, ERR_FORMAT, "sealed", "what is sealed in %s is not in form", info->name);
}
