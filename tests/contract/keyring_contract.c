#include "tests/contract/keyring_contract.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/id.h"

#define MANY 1200u /* more than a page of any kind */
#define ID(number) id_make(65548, (number) + 1u)

struct customer_key keyring_key(uint32_t number) {
    struct customer_key key;
    memset(key.bytes, 0xa5, sizeof key.bytes);
    put_u32_be(key.bytes, number);
    return key;
}

struct tag keyring_tag(uint32_t number) {
    struct tag tag = {.kind = (uint8_t)(TAG_PHONE + number % 3)};
    put_u32_be(tag.bytes, number);
    return tag;
}

/* ---- Pieces ---- */

static struct ring_put key_put(uint64_t id, uint32_t key) {
    return (struct ring_put){.id = id, .has_key = true, .key = keyring_key(key)};
}

static void put(struct keyring *ring, struct ring_put put) {
    struct err err = {0};
    cr_assert_eq(ring->ops->put(ring, &put, 1, &err), 0, "%s", err.text);
}

static void put_key(struct keyring *ring, uint64_t id, uint32_t key) { put(ring, key_put(id, key)); }

static void put_tagged(struct keyring *ring, uint64_t id, uint32_t key, uint32_t first_tag, size_t tags) {
    struct ring_put p = key_put(id, key);
    for (p.tag_count = 0; p.tag_count < tags; p.tag_count++)
        p.tags[p.tag_count] = keyring_tag(first_tag + (uint32_t)p.tag_count);
    put(ring, p);
}

static int get(struct keyring *ring, uint64_t id, struct ring_key *out, size_t max) {
    struct err err = {0};
    int count = ring->ops->get(ring, id, out, max, &err);
    cr_assert_geq(count, 0, "%s", err.text);
    return count;
}

static int found(struct keyring *ring, uint32_t tag) {
    uint64_t ids[8];
    struct tag t = keyring_tag(tag);
    return ring->ops->find(ring, &t, ids, 8, NULL);
}

static bool is_key(const struct ring_key *key, uint32_t number) {
    struct customer_key expected = keyring_key(number);
    uint8_t fingerprint[FINGERPRINT_BYTES];
    customer_key_fingerprint(&expected, fingerprint);
    if (memcmp(key->fingerprint, fingerprint, sizeof fingerprint) != 0) return false;
    if (key->destroyed) memset(&expected, 0, sizeof expected);
    return memcmp(key->key.bytes, expected.bytes, KEY_BYTES) == 0;
}

static void destroy(struct keyring *ring, uint64_t id) {
    struct err err = {0};
    cr_assert_eq(ring->ops->destroy(ring, id, &err), 0, "%s", err.text);
}

/* Whatever a case did, the ring is whole. */
static void close_whole(struct keyring *ring) {
    uint64_t keys;
    struct err err = {0};
    cr_assert_eq(ring->ops->verify(ring, &keys, &err), 0, "%s", err.text);
    ring->ops->close(ring);
}

/* ---- Keys ---- */

void keyring_gives_back_what_was_put(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[2];
    put_key(ring, ID(0), 7);
    cr_assert_eq(get(ring, ID(0), keys, 2), 1);
    cr_assert(is_key(&keys[0], 7) && !keys[0].destroyed);
    close_whole(ring);
}

void keyring_knows_nothing_of_others(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[2];
    cr_assert_eq(get(ring, ID(1), keys, 2), 0);
    put_tagged(ring, ID(1), 7, 1, 1);
    cr_assert_eq(get(ring, ID(0), keys, 2), 0);
    cr_assert_eq(get(ring, ID(2), keys, 2), 0);
    cr_assert_eq(get(ring, UINT64_MAX, keys, 2), 0);
    cr_assert_eq(found(ring, 0), 0);
    cr_assert_eq(found(ring, 2), 0);
    cr_assert_eq(ring->ops->put(ring, NULL, 0, NULL), 0);
    close_whole(ring);
}

void keyring_takes_many_at_once(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_put *puts = mem_alloc(MANY * sizeof *puts);
    struct ring_key keys[2];
    uint64_t id;
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t n = i * 7 % MANY; /* in no order */
        puts[i] = key_put(ID(n), n);
        puts[i].tags[0] = keyring_tag(n);
        puts[i].tag_count = 1;
    }
    cr_assert_eq(ring->ops->put(ring, puts, MANY, NULL), 0);
    for (uint32_t i = 0; i < MANY; i++) {
        struct tag tag = keyring_tag(i);
        cr_assert_eq(get(ring, ID(i), keys, 2), 1);
        cr_assert(is_key(&keys[0], i));
        cr_assert_eq(ring->ops->find(ring, &tag, &id, 1, NULL), 1);
        cr_assert_eq(id, ID(i));
    }
    free(puts);
    close_whole(ring);
}

void keyring_keeps_two_keys_of_one_id(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[3];
    put_key(ring, ID(0), 1);
    put_key(ring, ID(0), 2);
    cr_assert_eq(get(ring, ID(0), keys, 3), 2);
    cr_assert((is_key(&keys[0], 1) && is_key(&keys[1], 2)) || (is_key(&keys[0], 2) && is_key(&keys[1], 1)));
    close_whole(ring);
}

void keyring_writes_a_key_once(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[2];
    put_key(ring, ID(0), 1);
    put_tagged(ring, ID(0), 1, 5, 2); /* tags may come later */
    cr_assert_eq(get(ring, ID(0), keys, 2), 1);
    cr_assert(is_key(&keys[0], 1));
    cr_assert(found(ring, 5) == 1 && found(ring, 6) == 1);
    close_whole(ring);
}

void keyring_replaces_an_orphan(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[2];
    put_tagged(ring, ID(0), 1, 0, 2);
    put_tagged(ring, ID(1), 2, 1, 1);
    struct ring_put p = key_put(ID(0), 3);
    p.tags[0] = keyring_tag(4);
    p.tag_count = 1;
    p.replace = true;
    put(ring, p);
    cr_assert_eq(get(ring, ID(0), keys, 2), 1);
    cr_assert(is_key(&keys[0], 3));
    cr_assert_eq(get(ring, ID(1), keys, 2), 1);
    cr_assert(found(ring, 0) == 0 && found(ring, 1) == 1 && found(ring, 4) == 1);
    put(ring, p); /* once more is the same */
    cr_assert_eq(get(ring, ID(0), keys, 2), 1);
    close_whole(ring);
}

/* ---- Tags ---- */

void keyring_finds_by_tag(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct tag tag = keyring_tag(0);
    uint64_t ids[4];
    put_tagged(ring, ID(300), 1, 0, 3);
    put_tagged(ring, ID(2), 2, 0, 1);
    put_tagged(ring, ID(1), 3, 0, 1);
    cr_assert_eq(ring->ops->find(ring, &tag, ids, 4, NULL), 3);
    cr_assert(ids[0] == ID(1) && ids[1] == ID(2) && ids[2] == ID(300)); /* ascending */
    cr_assert_eq(ring->ops->find(ring, &tag, ids, 2, NULL), 2);
    cr_assert_eq(ring->ops->find(ring, &tag, ids, 0, NULL), 0);
    tag.kind++; /* the same bytes of another kind */
    cr_assert_eq(ring->ops->find(ring, &tag, ids, 4, NULL), 0);
    close_whole(ring);
}

void keyring_adds_tags_without_a_key(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[2];
    put_key(ring, ID(0), 1);
    put(ring, (struct ring_put){.id = ID(0), .tags = {keyring_tag(8)}, .tag_count = 1});
    put(ring, (struct ring_put){.id = ID(9), .tags = {keyring_tag(9)}, .tag_count = 1});
    cr_assert_eq(get(ring, ID(0), keys, 2), 1);
    cr_assert_eq(get(ring, ID(9), keys, 2), 0);
    cr_assert(found(ring, 8) == 1 && found(ring, 9) == 1);
    close_whole(ring);
}

void keyring_tells_the_tags_of_one(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct tag tags[4], first = keyring_tag(0);
    put_tagged(ring, ID(0), 1, 0, 3);
    put_tagged(ring, ID(1), 2, 3, 1);
    cr_assert_eq(ring->ops->tags(ring, ID(0), first.kind, tags, 4, NULL), 1);
    cr_assert(tags[0].kind == first.kind && memcmp(tags[0].bytes, first.bytes, TAG_BYTES) == 0);
    put(ring, (struct ring_put){.id = ID(0), .tags = {keyring_tag(6), keyring_tag(9)}, .tag_count = 2});
    cr_assert_eq(ring->ops->tags(ring, ID(0), first.kind, tags, 4, NULL), 3);
    cr_assert_eq(ring->ops->tags(ring, ID(0), first.kind, tags, 2, NULL), 2);
    cr_assert_eq(ring->ops->tags(ring, ID(0), TAG_DIRECTORY, tags, 4, NULL), 0);
    cr_assert_eq(ring->ops->destroy(ring, ID(0), NULL), 0);
    cr_assert_eq(ring->ops->tags(ring, ID(0), first.kind, tags, 4, NULL), 0);
    cr_assert_eq(ring->ops->tags(ring, ID(1), first.kind, tags, 4, NULL), 1);
    close_whole(ring);
}

void keyring_forgets_a_tag(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct tag tag = keyring_tag(1);
    put_tagged(ring, ID(0), 1, 0, 3);
    put_tagged(ring, ID(1), 2, 1, 1);
    cr_assert_eq(ring->ops->untag(ring, ID(0), &tag, NULL), 0);
    cr_assert(found(ring, 0) == 1 && found(ring, 1) == 1 && found(ring, 2) == 1);
    cr_assert_eq(ring->ops->untag(ring, ID(1), &tag, NULL), 0);
    cr_assert_eq(ring->ops->untag(ring, ID(1), &tag, NULL), 0);
    cr_assert_eq(found(ring, 1), 0);
    close_whole(ring);
}

/* ---- Destroying ---- */

void keyring_leaves_a_tombstone(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[3];
    put_tagged(ring, ID(0), 1, 0, 3);
    put_key(ring, ID(0), 2);
    put_tagged(ring, ID(1), 3, 0, 1);
    destroy(ring, ID(0));
    cr_assert_eq(get(ring, ID(0), keys, 3), 2);
    cr_assert(keys[0].destroyed && keys[1].destroyed);
    cr_assert(is_key(&keys[0], 1) || is_key(&keys[0], 2));
    cr_assert(is_key(&keys[1], 1) || is_key(&keys[1], 2));
    cr_assert(found(ring, 0) == 1 && found(ring, 1) == 0 && found(ring, 2) == 0);
    cr_assert_eq(get(ring, ID(1), keys, 3), 1);
    cr_assert_not(keys[0].destroyed);
    close_whole(ring);
}

void keyring_never_takes_a_destroyed_key_again(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[3];
    put_key(ring, ID(0), 1);
    destroy(ring, ID(0));
    put_tagged(ring, ID(0), 1, 0, 2);
    cr_assert_eq(get(ring, ID(0), keys, 3), 1);
    cr_assert(keys[0].destroyed);
    put_tagged(ring, ID(1), 1, 0, 2); /* nor under another id */
    cr_assert_eq(get(ring, ID(1), keys, 3), 0);
    struct ring_put p = key_put(ID(0), 1);
    p.replace = true;
    put(ring, p);
    cr_assert_eq(get(ring, ID(0), keys, 3), 1);
    cr_assert(keys[0].destroyed);
    cr_assert(found(ring, 0) == 0 && found(ring, 1) == 0);
    put_key(ring, ID(0), 2); /* another key is another matter */
    cr_assert_eq(get(ring, ID(0), keys, 3), 2);
    p = key_put(ID(0), 3);
    p.replace = true;
    put(ring, p); /* an orphan goes, a tombstone stays */
    cr_assert_eq(get(ring, ID(0), keys, 3), 2);
    cr_assert(is_key(&keys[0], 3) && keys[1].destroyed);
    close_whole(ring);
}

void keyring_takes_no_tags_for_the_destroyed(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    put_key(ring, ID(0), 1);
    destroy(ring, ID(0));
    put(ring, (struct ring_put){.id = ID(0), .tags = {keyring_tag(0)}, .tag_count = 1});
    cr_assert_eq(found(ring, 0), 0);
    close_whole(ring);
}

void keyring_destroys_nothing_twice(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[2];
    destroy(ring, ID(0)); /* there is none */
    put(ring, (struct ring_put){.id = ID(0), .tags = {keyring_tag(0)}, .tag_count = 1});
    destroy(ring, ID(0)); /* only tags */
    cr_assert_eq(found(ring, 0), 0);
    put_key(ring, ID(0), 1);
    destroy(ring, ID(0));
    destroy(ring, ID(0));
    cr_assert_eq(get(ring, ID(0), keys, 2), 1);
    close_whole(ring);
}

static void renew(struct keyring *ring) {
    struct err err = {0};
    cr_assert_eq(ring->ops->renew(ring, &err), 0, "%s", err.text);
}

void keyring_goes_on_in_a_new_generation(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[2];
    struct buf value = BUF_INIT;
    renew(ring); /* an empty one */
    for (uint32_t i = 0; i < MANY; i++) put_tagged(ring, ID(i), i, i, 1);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", view_of("a value"), NULL), 0);
    for (uint32_t i = 0; i < MANY; i += 3) destroy(ring, ID(i));
    renew(ring);
    renew(ring);
    for (uint32_t i = 0; i < MANY; i++) {
        cr_assert_eq(get(ring, ID(i), keys, 2), 1);
        cr_assert_eq(keys[0].destroyed, i % 3 == 0);
        cr_assert(is_key(&keys[0], i));
        cr_assert_eq(found(ring, i), i % 3 == 0 ? 0 : 1);
    }
    cr_assert_eq(ring->ops->get_value(ring, "tag key", &value, NULL), 0);
    cr_assert(view_is(buf_view(&value), "a value"));
    buf_release(&value);
    put_key(ring, ID(0), 0); /* destroyed for ever */
    put_key(ring, ID(MANY), MANY);
    cr_assert_eq(get(ring, ID(0), keys, 2), 1);
    cr_assert(keys[0].destroyed);
    cr_assert_eq(get(ring, ID(MANY), keys, 2), 1);
    close_whole(ring);
}

void keyring_gives_live_keys_first(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_key keys[6];
    for (uint32_t i = 0; i < 3; i++) put_key(ring, ID(0), i);
    destroy(ring, ID(0));
    for (uint32_t i = 3; i < 6; i++) put_key(ring, ID(0), i);
    cr_assert_eq(get(ring, ID(0), keys, 6), 6);
    for (size_t i = 0; i < 6; i++) cr_assert_eq(keys[i].destroyed, i >= 3);
    close_whole(ring);
}

void keyring_gives_no_more_than_asked_for(const struct keyring_form *form) {
    static const struct ring_key nothing;
    struct keyring *ring = form->open();
    struct ring_key keys[3];
    memset(keys, 0, sizeof keys);
    for (uint32_t i = 0; i < 3; i++) put_key(ring, ID(0), i);
    cr_assert_eq(get(ring, ID(0), keys, 2), 2);
    cr_assert_eq(memcmp(&keys[2], &nothing, sizeof nothing), 0);
    cr_assert_eq(get(ring, ID(0), keys, 0), 0);
    close_whole(ring);
}

/* ---- All of it ---- */

struct told {
    struct keyring *ring;
    uint32_t live, destroyed, stop_at;
};

static int tell(void *context, uint64_t id, const struct ring_key *key) {
    struct told *told = context;
    uint32_t number = (uint32_t)id_seq(id) - 1;
    cr_assert(is_key(key, number));
    if (key->destroyed)
        told->destroyed++;
    else
        told->live++;
    return told->stop_at != 0 && told->live + told->destroyed == told->stop_at ? 77 : 0;
}

static struct keyring *open_many(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct ring_put *puts = mem_alloc(MANY * sizeof *puts);
    for (uint32_t i = 0; i < MANY; i++) puts[i] = key_put(ID(i), i);
    cr_assert_eq(ring->ops->put(ring, puts, MANY, NULL), 0);
    free(puts);
    destroy(ring, ID(0));
    destroy(ring, ID(500));
    destroy(ring, ID(MANY - 1));
    return ring;
}

void keyring_tells_of_every_key(const struct keyring_form *form) {
    struct keyring *ring = open_many(form);
    struct told told = {0};
    cr_assert_eq(ring->ops->each(ring, tell, &told, NULL), 0);
    cr_assert(told.live == MANY - 3 && told.destroyed == 3);
    close_whole(ring);
    ring = form->open();
    told = (struct told){0};
    cr_assert_eq(ring->ops->each(ring, tell, &told, NULL), 0);
    cr_assert_eq(told.live, 0);
    close_whole(ring);
}

void keyring_stops_telling(const struct keyring_form *form) {
    struct keyring *ring = open_many(form);
    for (uint32_t stop = 1; stop <= MANY; stop += 257) {
        struct told told = {.stop_at = stop};
        cr_assert_eq(ring->ops->each(ring, tell, &told, NULL), 77);
        cr_assert_eq(told.live + told.destroyed, stop);
    }
    close_whole(ring);
}

static int destroy_it(void *context, uint64_t id, const struct ring_key *key) {
    struct told *told = context;
    struct ring_key again;
    cr_assert_eq(get(told->ring, id, &again, 1), 1);
    cr_assert_eq(again.destroyed, key->destroyed);
    destroy(told->ring, id);
    return tell(context, id, key);
}

void keyring_may_be_used_while_telling(const struct keyring_form *form) {
    struct keyring *ring = open_many(form);
    struct told told = {.ring = ring};
    cr_assert_eq(ring->ops->each(ring, destroy_it, &told, NULL), 0);
    cr_assert_eq(told.live, MANY - 3);
    told = (struct told){0};
    cr_assert_eq(ring->ops->each(ring, tell, &told, NULL), 0);
    cr_assert_eq(told.destroyed, MANY);
    close_whole(ring);
}

void keyring_keeps_values(const struct keyring_form *form) {
    struct keyring *ring = form->open();
    struct buf out = BUF_INIT;
    struct err err = {0};
    cr_assert_eq(ring->ops->get_value(ring, "tag key", &out, &err), ERR_NOT_FOUND);
    cr_assert_eq(err.code, ERR_NOT_FOUND);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", view_of("first"), NULL), 0);
    cr_assert_eq(ring->ops->set_value(ring, "tag key 2", view_of("other"), NULL), 0);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", view_of("second"), NULL), 0);
    cr_assert_eq(ring->ops->set_value(ring, "empty", view_of(""), NULL), 0);
    buf_append(&out, "the ", 4);
    cr_assert_eq(ring->ops->get_value(ring, "tag key", &out, NULL), 0);
    cr_assert_eq(ring->ops->get_value(ring, "empty", &out, NULL), 0);
    cr_assert(view_is(buf_view(&out), "the second"));
    cr_assert_eq(ring->ops->get_value(ring, "tag", &out, NULL), ERR_NOT_FOUND);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", VIEW_NONE, NULL), 0);
    cr_assert_eq(ring->ops->set_value(ring, "tag key", VIEW_NONE, NULL), 0);
    cr_assert_eq(ring->ops->get_value(ring, "tag key", &out, NULL), ERR_NOT_FOUND);
    buf_clear(&out);
    cr_assert_eq(ring->ops->get_value(ring, "tag key 2", &out, NULL), 0);
    cr_assert(view_is(buf_view(&out), "other"));
    char name[101];
    memset(name, 'n', 100);
    name[100] = '\0';
    cr_assert_eq(ring->ops->set_value(ring, name, view_of("longest"), NULL), 0);
    cr_assert_eq(ring->ops->get_value(ring, name, &out, NULL), 0);
    buf_release(&out);
    close_whole(ring);
}

void keyring_verifies(const struct keyring_form *form) {
    struct keyring *ring = open_many(form);
    uint64_t keys = 0;
    for (uint32_t i = 0; i < 700; i++)
        put(ring, (struct ring_put){.id = ID(i + 1), .tags = {keyring_tag(i), keyring_tag(i + 1)}, .tag_count = 2});
    cr_assert_eq(ring->ops->verify(ring, &keys, NULL), 0);
    cr_assert_eq(keys, MANY - 3);
    close_whole(ring);
}
