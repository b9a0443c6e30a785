/* Events as JSON. */
#include "proto/event/json.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/frame.h"
#include "tests/support/parties.h"
#include "tests/support/samples.h"

static struct still_world world;
static struct customer_key key;
static struct zone seoul;

static void prepare(void) {
    still_world_init(&world, 1);
    key = sample_key();
    seoul = zone_fixed(9 * INT64_C(3600000));
}

TestSuite(event_json, .init = prepare);

/* Encodes, decodes, opens if asked to, and compares the JSON. */
static void check_json(const struct event *e, bool open, const char *expected) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event decoded;
    struct err err = {0};
    cr_assert_eq(event_encode(e, &key, &world.env, &frame, &err), 0, "%s", err.text);
    int standing = event_decode(buf_view(&frame), &decoded, NULL);
    cr_assert_eq(standing, EVENT_GOOD);
    if (open) cr_assert_eq(event_open(&decoded, &key, &plain, NULL), 0);
    json_t *json = event_json(&decoded, id_make(12, 845), standing, open, &seoul);
    char *text = json_dumps(json, JSON_COMPACT);
    cr_assert_str_eq(text, expected);
    free(text);
    json_decref(json);
    buf_release(&frame);
    buf_release(&plain);
}

Test(event_json, a_sale_shows_its_lines) {
    struct event e;
    struct buf storage = BUF_INIT;
    event_init(&e, EVENT_sold);
    e.hlc = SAMPLE_HLC;
    e.actor = view_of("kim");
    e.subject = id_make(12, 3);
    e.ref = (struct ref){view_of("till"), view_of("77")};
    const struct row_sale_line lines[] = {{view_of("COAT-7"), 1000, 129000, 159000, NIL, NIL},
                                          {view_of("모자"), -2000, 0, NIL, NIL, NIL}};
    row_sale_line_append(&e.body.sold.lines, &storage, &lines[0]);
    row_sale_line_append(&e.body.sold.lines, &storage, &lines[1]);
    e.body.sold.care_told = 0;
    check_json(&e, false,
               "{\"id\":\"12-845\",\"standing\":\"good\",\"type\":\"sold\",\"version\":1,"
               "\"at\":\"2025-12-01T09:00:00+09:00\",\"hlc\":\"1764547200000.7\",\"actor\":\"kim\","
               "\"subject\":\"12-3\",\"ref\":{\"source\":\"till\",\"key\":\"77\"},\"body\":{\"lines\":["
               "{\"sku\":\"COAT-7\",\"quantity\":1000,\"amount\":129000,\"list_amount\":159000},"
               "{\"sku\":\"모자\",\"quantity\":-2000,\"amount\":0}],\"care_told\":false}}");
    buf_release(&storage);
}

static struct event contact(void) {
    struct event e;
    event_init(&e, EVENT_contacted);
    e.hlc = SAMPLE_HLC;
    e.at = 0;
    e.subject = id_make(12, 3);
    e.body.contacted.kind = choice_contact_kind_visit;
    e.body.contacted.purpose = view_of("birthday");
    e.body.contacted.satisfaction = 5;
    e.body.contacted.note = view_of("다음 주에 다시");
    e.sealed_bits = 1u << SEALED_contacted_note;
    return e;
}

#define CONTACT                                                                                                        \
    "{\"id\":\"12-845\",\"standing\":\"good\",\"type\":\"contacted\",\"version\":1,"                                   \
    "\"at\":\"1970-01-01T09:00:00+09:00\",\"hlc\":\"1764547200000.7\",\"subject\":\"12-3\","                           \
    "\"body\":{\"kind\":\"visit\",\"purpose\":\"birthday\",\"satisfaction\":5,\"note\":"

Test(event_json, what_is_sealed_shows_only_when_opened) {
    struct event e = contact();
    check_json(&e, true, CONTACT "\"다음 주에 다시\"}}");
    check_json(&e, false, CONTACT "{\"sealed\":true}}}");
    e.body.contacted.note = VIEW_NONE;
    check_json(&e, true, CONTACT "null}}");
}

Test(event_json, ids_bytes_and_origins_have_their_forms) {
    struct event e;
    struct buf ids = BUF_INIT, after = BUF_INIT;
    uint8_t chain[CHAIN_BYTES] = {0xab, 0xcd};
    event_init(&e, EVENT_unlinked);
    e.hlc = SAMPLE_HLC;
    e.body.unlinked.other = id_make(1, 2);
    list_append_id(&e.body.unlinked.edges, &ids, id_make(1, 3));
    list_append_id(&e.body.unlinked.edges, &ids, id_make(1, 4));
    list_append_id(&e.after, &after, id_make(5, 6));
    e.origin = (struct origin){view_make(chain, sizeof chain), UINT64_MAX};
    check_json(&e, false,
               "{\"id\":\"12-845\",\"standing\":\"good\",\"type\":\"unlinked\",\"version\":1,"
               "\"at\":\"2025-12-01T09:00:00+09:00\",\"hlc\":\"1764547200000.7\",\"after\":[\"5-6\"],\"origin\":"
               "{\"chain\":\"abcd000000000000000000000000000000000000000000000000000000000000\","
               "\"hlc\":\"281474976710655.65535\"},"
               "\"body\":{\"other\":\"1-2\",\"edges\":[\"1-3\",\"1-4\"],\"barred\":[]}}");
    event_init(&e, EVENT_key_destroyed);
    e.body.key_destroyed.fingerprint = view_make(chain, FINGERPRINT_BYTES);
    check_json(&e, false,
               "{\"id\":\"12-845\",\"standing\":\"good\",\"type\":\"key_destroyed\",\"version\":1,"
               "\"at\":\"1970-01-01T09:00:00+09:00\",\"hlc\":\"0.0\","
               "\"body\":{\"fingerprint\":\"abcd000000000000\"}}");
    buf_release(&ids);
    buf_release(&after);
}

/* Every event of the catalogue has a form, with every field that is there. */
Test(event_json, every_event_shows_every_field) {
    const struct event_info *info;
    for (size_t at = 0; (info = event_info_at(at)) != NULL; at++) {
        struct sample s;
        sample_make(&s, info, SAMPLE_ORDINARY);
        json_t *json = event_json(&s.event, 1, EVENT_GOOD, true, &seoul);
        const json_t *body = json_object_get(json, "body");
        cr_assert_eq(json_object_size(body), info->count);
        for (size_t i = 0; i < info->count; i++)
            cr_assert_not_null(json_object_get(body, info->fields[i].name), "%s", info->fields[i].name);
        json_decref(json);
        sample_release(&s);
    }
}

/* BLAKE2b-256 of "frame". */
#define HASH "e751ce912f590641f6315aeec646f6c5b4fb3b165c4e9cec1023a14f9141275f"

Test(event_json, bad_and_unknown_events_show_their_envelope) {
    struct event e = contact();
    e.frame = view_of("frame");
    json_t *json = event_json(&e, 0, EVENT_BAD, false, &seoul);
    char *text = json_dumps(json, JSON_COMPACT);
    cr_assert_str_eq(text, "{\"standing\":\"bad\",\"type\":\"contacted\",\"version\":1,"
                           "\"at\":\"1970-01-01T09:00:00+09:00\",\"hlc\":\"1764547200000.7\",\"subject\":\"12-3\","
                           "\"hash\":\"" HASH "\"}");
    free(text);
    json_decref(json);
    e.type = 999;
    json = event_json(&e, 7, EVENT_UNKNOWN, false, &seoul);
    cr_assert_str_eq(json_string_value(json_object_get(json, "standing")), "unknown");
    cr_assert_eq(json_integer_value(json_object_get(json, "type")), 999);
    cr_assert_str_eq(json_string_value(json_object_get(json, "hash")), HASH);
    cr_assert_null(json_object_get(json, "body"));
    json_decref(json);
    json = event_json(&e, 7, ERR_FORMAT, false, &seoul);
    cr_assert_str_eq(json_string_value(json_object_get(json, "standing")), "broken");
    cr_assert_eq(json_object_size(json), 3); /* id, standing, hash */
    json_decref(json);
}
