#include "proto/site/looks.h"

#include <sodium.h>

#include "proto/base/pack.h"
#include "proto/base/text.h"

#define FIELDS 9
#define TEXTS 5      /* of them */
#define TEXT_MAX 200 /* bytes of a text that came from outside, at most */
#define PREFIX 4     /* bytes of the length */

static const struct {
    const char *word;
    enum look_outcome outcome;
} outcomes[] = {
#define LOOK_OUTCOME_ROW(name, number, word, meaning) {word, LOOK_##name},
    LOOK_OUTCOMES(LOOK_OUTCOME_ROW)
#undef LOOK_OUTCOME_ROW
};

const char *look_outcome_word(enum look_outcome outcome) {
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (outcomes[i].outcome == outcome) return outcomes[i].word;
    return NULL;
}

bool look_refused(enum look_outcome outcome) {
    return outcome != LOOK_ALLOWED && outcome != LOOK_SIGNED_IN && outcome != LOOK_SIGNED_OUT;
}

void looks_key(const uint8_t master[32], uint8_t out[32]) {
    crypto_generichash(out, 32, (const uint8_t *)LOOKS_FILE, sizeof LOOKS_FILE - 1, master, 32);
}

void looks_begin(const uint8_t key[32], struct looks_head *out) {
    *out = (struct looks_head){.offset = LOOKS_MAGIC_SIZE};
    crypto_generichash(out->chain, LOOK_CHAIN, (const uint8_t *)LOOKS_MAGIC, LOOKS_MAGIC_SIZE, key, 32);
}

static void next_chain(const uint8_t key[32], uint8_t chain[LOOK_CHAIN], struct view body) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, 32, LOOK_CHAIN);
    crypto_generichash_update(&state, chain, LOOK_CHAIN);
    crypto_generichash_update(&state, body.data, body.len);
    crypto_generichash_final(&state, chain, LOOK_CHAIN);
}

/* As much of a text as an entry keeps, and none of it when it is no text. */
static void put_text(struct buf *out, struct view text) {
    char kept[TEXT_MAX + 1];
    if (text.data == NULL || !utf8_valid(text)) text = view_of("");
    pack_str(out, view_of(view_text(text, kept, sizeof kept)));
}

void looks_put(const uint8_t key[32], struct looks_head *head, const struct look_entry *entry, const uint64_t *ids,
               size_t count, struct buf *out) {
    struct buf body = BUF_INIT;
    uint8_t length[PREFIX];
    if (count > LOOK_IDS) count = LOOK_IDS;
    pack_array(&body, FIELDS);
    pack_uint(&body, head->seq + 1);
    pack_int(&body, entry->at);
    put_text(&body, entry->who);
    put_text(&body, entry->role);
    put_text(&body, entry->address);
    put_text(&body, entry->method);
    put_text(&body, entry->route);
    pack_uint(&body, (uint64_t)entry->outcome);
    pack_array(&body, (uint32_t)count);
    for (size_t i = 0; i < count; i++) pack_uint(&body, ids[i]);
    next_chain(key, head->chain, buf_view(&body));
    put_u32_le(length, (uint32_t)body.len);
    buf_append(out, length, sizeof length);
    buf_append_view(out, buf_view(&body));
    buf_append(out, head->chain, LOOK_CHAIN);
    head->seq++;
    head->offset += PREFIX + body.len + LOOK_CHAIN;
    buf_release(&body);
}

static bool take_body(struct view body, struct look_entry *out) {
    struct cursor c = cursor_of(body);
    bool whole = cursor_array(&c) == FIELDS;
    out->seq = cursor_uint(&c);
    out->at = cursor_int(&c);
    struct view *const texts[TEXTS] = {&out->who, &out->role, &out->address, &out->method, &out->route};
    for (size_t i = 0; i < TEXTS; i++) {
        *texts[i] = cursor_str(&c);
        whole = whole && cursor_ok(&c) && utf8_valid(*texts[i]);
    }
    uint64_t outcome = cursor_uint(&c);
    out->outcome = outcome < 256 ? (enum look_outcome)outcome : (enum look_outcome)0;
    out->count = cursor_array(&c);
    out->ids = c;
    for (uint32_t i = 0; i < out->count; i++) cursor_uint(&c);
    return whole && cursor_done(&c) && look_outcome_word(out->outcome) != NULL;
}

int looks_take(const uint8_t key[32], struct looks_head *head, struct view *bytes, struct look_entry *out,
               struct err *err) {
    if (bytes->len < PREFIX) return LOOKS_END;
    uint32_t length = get_u32_le(bytes->data);
    if (length > LOOK_BODY_MAX)
        return err_set(err, ERR_CORRUPT, NULL, "entry %llu is damaged", (unsigned long long)head->seq + 1);
    if (bytes->len - PREFIX < length + LOOK_CHAIN) return LOOKS_END;
    struct view body = view_make(bytes->data + PREFIX, length);
    uint8_t chain[LOOK_CHAIN];
    memcpy(chain, head->chain, sizeof chain);
    next_chain(key, chain, body);
    if (sodium_memcmp(chain, body.data + length, sizeof chain) != 0 || !take_body(body, out) ||
        (out->seq != head->seq + 1 && !(out->outcome == LOOK_LOST && head->seq == 0)))
        return err_set(err, ERR_CORRUPT, NULL, "entry %llu is not as it was written, or one before it is missing",
                       (unsigned long long)head->seq + 1);
    memcpy(head->chain, chain, sizeof chain);
    head->seq = out->seq;
    head->offset += PREFIX + length + LOOK_CHAIN;
    *bytes = view_make(body.data + length + LOOK_CHAIN, bytes->len - PREFIX - length - LOOK_CHAIN);
    return 0;
}
