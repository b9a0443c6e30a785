/* An event as JSON:
 *
 *   {"id": "12-845", "type": "contacted", "version": 1, "standing": "good",
 *    "at": "2017-06-30T12:00:00+09:00", "hlc": "1498791600000.0", "actor": "kim", "subject": "12-3",
 *    "ref": {"source": "till", "key": "77"}, "after": ["12-801"], "origin": {"chain": "ab…", "hlc": "…"},
 *    "body": {"kind": "call", "note": {"sealed": true}, …}}
 *
 * What is absent is left out; null is a sealed field that was cleared. A type that is not known shows as its number;
 * unknown and bad events have "hash", the BLAKE2b-256 of the frame, instead of "body". */
#include "proto/event/json.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "proto/event/describe.h"

static json_t *json_text(struct view text) { return json_stringn((const char *)text.data, text.len); }

static json_t *json_hex(struct view bytes) {
    struct buf text = BUF_INIT;
    buf_reserve(&text, bytes.len * 2 + 1);
    hex_encode(bytes, (char *)text.data);
    json_t *json = json_stringn((const char *)text.data, bytes.len * 2);
    buf_release(&text);
    return json;
}

static json_t *json_id(uint64_t id) {
    char text[ID_TEXT];
    return json_string(id_format(id, text));
}

static json_t *json_time(int64_t ms, const struct zone *zone) {
    char text[40];
    return json_string(time_format(ms, zone, text));
}

/* As text: JavaScript's numbers end at 53 bits. */
static json_t *json_hlc(uint64_t hlc) {
    return json_sprintf("%" PRId64 ".%u", (int64_t)(hlc >> 16), (unsigned)(hlc & 0xFFFF));
}

static json_t *json_ids(struct list ids) {
    json_t *array = json_array();
    uint64_t id;
    while (list_next_id(&ids, &id)) json_array_append_new(array, json_id(id));
    return array;
}

static json_t *json_fields(const void *base, const struct field_info *fields, size_t count, const struct zone *zone);

/* The rows of a field, each decoded into the struct its offsets belong to. */
static json_t *json_rows(const struct field_info *field, struct list rows, const struct zone *zone) {
    json_t *array = json_array();
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(wanted)                                                                                              \
    if (strcmp(field->row->name, #wanted) == 0) {                                                                      \
        struct row_##wanted value;                                                                                     \
        while (row_##wanted##_next(&rows, &value))                                                                     \
            json_array_append_new(array, json_fields(&value, field->row->fields, field->row->count, zone));            \
    }
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc)
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
    return array;
}

static json_t *json_number(const struct field_info *field, int64_t number, const struct zone *zone) {
    if (number == NIL) return NULL;
    if (field->kind == KIND_TIME) return json_time(number, zone);
    return field->kind == KIND_FLAG ? json_boolean(number) : json_integer(number);
}

/* NULL: the field is absent. */
static json_t *json_field(const struct field_info *field, const void *value, const struct zone *zone) {
    union {
        uint64_t id;
        int64_t number;
        struct view bytes;
        struct list list;
    } v;
    switch (field->kind) {
    case KIND_ID: memcpy(&v.id, value, sizeof v.id); return v.id == 0 ? NULL : json_id(v.id);
    case KIND_COUNT:
    case KIND_MONEY:
    case KIND_QUANTITY:
    case KIND_TIME:
    case KIND_SPAN:
    case KIND_FLAG: memcpy(&v.number, value, sizeof v.number); return json_number(field, v.number, zone);
    case KIND_WORD:
    case KIND_SEALED: memcpy(&v.bytes, value, sizeof v.bytes); return v.bytes.data == NULL ? NULL : json_text(v.bytes);
    case KIND_BYTES: memcpy(&v.bytes, value, sizeof v.bytes); return v.bytes.data == NULL ? NULL : json_hex(v.bytes);
    case KIND_IDS: memcpy(&v.list, value, sizeof v.list); return v.list.raw.data == NULL ? NULL : json_ids(v.list);
    case KIND_CHOICE:
        memcpy(&v.number, value, sizeof v.number);
        return v.number == 0 ? NULL : json_string(choice_word(field->words, v.number));
    case KIND_ROWS: memcpy(&v.list, value, sizeof v.list); return json_rows(field, v.list, zone);
    }
    return NULL;
}

static json_t *json_fields(const void *base, const struct field_info *fields, size_t count, const struct zone *zone) {
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_field(&fields[i], (const char *)base + fields[i].offset, zone);
        if (value != NULL) json_object_set_new(object, fields[i].name, value);
    }
    return object;
}

static json_t *json_body(const struct event *e, const struct event_info *info, bool opened, const struct zone *zone) {
    json_t *body = json_fields(&e->body, info->fields, info->count - info->sealed_count, zone);
    for (size_t bit = 0; bit < info->sealed_count; bit++) {
        if ((e->sealed_bits >> bit & 1) == 0) continue;
        const char *name = info->fields[info->count - info->sealed_count + bit].name;
        struct view text = event_sealed_view(e, info, (int)bit);
        if (!opened)
            json_object_set_new(body, name, json_pack("{s:b}", "sealed", 1));
        else
            json_object_set_new(body, name, text.data != NULL ? json_text(text) : json_null());
    }
    return body;
}

static json_t *json_hash(struct view frame) {
    uint8_t hash[32];
    crypto_generichash(hash, sizeof hash, frame.data, frame.len, NULL, 0);
    return json_hex(view_make(hash, sizeof hash));
}

static void set_envelope(json_t *json, const struct event *e, const struct zone *zone) {
    const struct event_info *info = event_info(e->type);
    json_object_set_new(json, "type", info != NULL ? json_string(info->name) : json_integer(e->type));
    json_object_set_new(json, "version", json_integer(e->version));
    json_object_set_new(json, "at", json_time(event_time(e), zone));
    json_object_set_new(json, "hlc", json_hlc(e->hlc));
    if (e->actor.data != NULL) json_object_set_new(json, "actor", json_text(e->actor));
    if (e->subject != 0) json_object_set_new(json, "subject", json_id(e->subject));
    if (e->ref.source.data != NULL)
        json_object_set_new(json, "ref",
                            json_pack("{s:o, s:o}", "source", json_text(e->ref.source), "key", json_text(e->ref.key)));
    if (e->after.count > 0) json_object_set_new(json, "after", json_ids(e->after));
    if (e->origin.chain.data != NULL)
        json_object_set_new(
            json, "origin",
            json_pack("{s:o, s:o}", "chain", json_hex(e->origin.chain), "hlc", json_hlc(e->origin.hlc)));
}

static const char *standing_word(int standing) {
    switch (standing) {
    case EVENT_GOOD: return "good";
    case EVENT_UNKNOWN: return "unknown";
    case EVENT_BAD: return "bad";
    default: return "broken";
    }
}

json_t *event_json(const struct event *e, uint64_t id, int standing, bool opened, const struct zone *zone) {
    json_t *json = json_object();
    if (id != 0) json_object_set_new(json, "id", json_id(id));
    json_object_set_new(json, "standing", json_string(standing_word(standing)));
    if (standing >= 0) set_envelope(json, e, zone);
    if (standing == EVENT_GOOD)
        json_object_set_new(json, "body", json_body(e, event_info(e->type), opened, zone));
    else
        json_object_set_new(json, "hash", json_hash(e->frame));
    return json;
}
