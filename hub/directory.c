#include "hub/directory.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/wire/identity.h"

void directory_open(struct directory *d) {
    *d = (struct directory){.free_claim = NONE};
    mutex_init(&d->lock);
}

void directory_close(struct directory *d) {
    VEC_RELEASE(d->claims);
    VEC_RELEASE(d->touched);
    VEC_RELEASE(d->changes);
    idmap_release(&d->of_customer);
    idmap_release(&d->of_hash);
    for (int i = 0; i < DIRECTORY_SHELVES; i++) buf_release(&d->shelves[i]);
    sodium_memzero(&d->heading, sizeof d->heading);
    mutex_destroy(&d->lock);
}

/* ---- Claims ---- */

static uint64_t key_of(uint32_t hash) { return (uint64_t)hash + 1; }

static struct directory_claim *claim_of(const struct directory *d, uint64_t customer) {
    const uint64_t *place = idmap_find(&d->of_customer, customer);
    return place == NULL ? NULL : &d->claims.items[*place - 1];
}

bool directory_claimed(const struct directory *d, uint64_t customer, uint32_t *hash) {
    const struct directory_claim *claim = claim_of(d, customer);
    if (claim == NULL) return false;
    *hash = claim->hash;
    return true;
}

void directory_unclaim(struct directory *d, uint64_t customer) {
    struct directory_claim *claim = claim_of(d, customer);
    if (claim == NULL) return;
    uint32_t index = (uint32_t)(claim - d->claims.items);
    uint64_t *first = idmap_find(&d->of_hash, key_of(claim->hash));
    *VEC_ADD(d->touched) = claim->hash;
    if (*first == (uint64_t)index + 1) {
        *first = claim->next == NONE ? 0 : (uint64_t)claim->next + 1;
        if (*first == 0) idmap_remove(&d->of_hash, key_of(claim->hash));
    } else {
        uint32_t before = (uint32_t)*first - 1;
        while (d->claims.items[before].next != index) before = d->claims.items[before].next;
        d->claims.items[before].next = claim->next;
    }
    idmap_remove(&d->of_customer, customer);
    *claim = (struct directory_claim){.next = d->free_claim};
    d->free_claim = index;
}

static uint32_t free_place(struct directory *d) {
    uint32_t index = d->free_claim;
    if (index == NONE) {
        *VEC_ADD(d->claims) = (struct directory_claim){.customer = 0};
        return d->claims.count - 1;
    }
    assert(d->claims.items != NULL);
    d->free_claim = d->claims.items[index].next;
    return index;
}

void directory_claim(struct directory *d, uint64_t customer, uint32_t hash, uint8_t tier) {
    const struct directory_claim *before = claim_of(d, customer);
    if (before != NULL && before->hash == hash && before->tier == tier) return;
    directory_unclaim(d, customer);
    uint32_t index = free_place(d);
    uint64_t *first = idmap_put(&d->of_hash, key_of(hash), NULL);
    d->claims.items[index] = (struct directory_claim){
        .customer = customer, .hash = hash, .next = *first == 0 ? NONE : (uint32_t)*first - 1, .tier = tier};
    *first = (uint64_t)index + 1;
    *idmap_put(&d->of_customer, customer, NULL) = (uint64_t)index + 1;
    *VEC_ADD(d->touched) = hash;
}

/* The highest tier claimed for a number. */
static uint8_t counts_as(const struct directory *d, uint32_t hash) {
    const uint64_t *first = idmap_find(&d->of_hash, key_of(hash));
    uint8_t tier = DIRECTORY_GONE;
    for (uint32_t i = first == NULL ? NONE : (uint32_t)*first - 1; i != NONE; i = d->claims.items[i].next)
        if (tier == DIRECTORY_GONE || d->claims.items[i].tier > tier) tier = d->claims.items[i].tier;
    return tier;
}

/* ---- Publishing ---- */

static void sum_shelf(struct directory *d, int number) {
    directory_shelf_sum(&d->heading, (uint8_t)number, buf_view(&d->shelves[number]), d->sums[number]);
}

static void forget_changes(struct directory *d, uint32_t count) {
    if (count == 0) return;
    d->changes.count -= count;
    memmove(d->changes.items, d->changes.items + count, d->changes.count * sizeof *d->changes.items);
    d->first += count;
}

void directory_head(struct directory *d, const struct directory_heading *heading) {
    mutex_lock(&d->lock);
    if (d->epoch == 0 || memcmp(d->heading.sum, heading->sum, DIRECTORY_SUM) != 0) {
        d->heading = *heading;
        d->epoch++;
        d->ready = false; /* the tiers' numbers may mean others now */
        for (int i = 0; i < DIRECTORY_SHELVES; i++) sum_shelf(d, i);
    }
    mutex_unlock(&d->lock);
}

bool directory_publish(struct directory *d) {
    bool news = !d->ready, dirty[DIRECTORY_SHELVES] = {false};
    mutex_lock(&d->lock);
    for (uint32_t i = 0; i < d->touched.count; i++) {
        uint32_t hash = d->touched.items[i];
        struct buf *shelf = &d->shelves[directory_shelf(hash)];
        size_t before = shelf->len;
        uint8_t tier = counts_as(d, hash);
        if (tier == DIRECTORY_GONE && BUG(directory_keeps_gone)) continue;
        if (!directory_set(shelf, hash, tier)) continue;
        d->numbers = d->numbers + shelf->len / DIRECTORY_ROW - before / DIRECTORY_ROW;
        *VEC_ADD(d->changes) = (struct directory_change){hash, tier};
        dirty[directory_shelf(hash)] = news = true;
    }
    for (int i = 0; i < DIRECTORY_SHELVES; i++)
        if (dirty[i]) sum_shelf(d, i);
    if (d->changes.count > DIRECTORY_CHANGES_KEPT) forget_changes(d, d->changes.count - DIRECTORY_CHANGES_KEPT);
    d->touched.count = 0;
    d->ready = true;
    mutex_unlock(&d->lock);
    return news;
}

/* ---- Telling ---- */

void directory_seat_open(struct directory_seat *seat, struct view held) {
    *seat = (struct directory_seat){.wants = held.data != NULL};
    bool whole = held.len == DIRECTORY_SUM + DIRECTORY_SHELVES * DIRECTORY_SUM;
    if (whole) buf_append_view(&seat->held, held);
}

void directory_seat_close(struct directory_seat *seat) { buf_release(&seat->held); }

void directory_seat_again(struct directory_seat *seat) { seat->epoch = 0; }

static uint64_t newest(const struct directory *d) { return d->first + d->changes.count; }

static void want(struct directory_seat *seat, int shelf) { seat->pending[shelf / 8] |= (uint8_t)(1u << shelf % 8); }
static bool wanted(const struct directory_seat *seat, int shelf) {
    return (seat->pending[shelf / 8] >> shelf % 8 & 1) != 0;
}
static bool none_wanted(const struct directory_seat *seat) {
    return sodium_is_zero(seat->pending, sizeof seat->pending) == 1;
}

/* What a store that stands elsewhere lacks: under a heading that it has, the shelves that are others; else all. */
static void look(const struct directory *d, struct directory_seat *seat) {
    const uint8_t *held = seat->held.data;
    bool known = seat->held.len > 0 && memcmp(held, d->heading.sum, DIRECTORY_SUM) == 0;
    for (int i = 0; i < DIRECTORY_SHELVES; i++) {
        const uint8_t *sum = known ? held + DIRECTORY_SUM + (size_t)i * DIRECTORY_SUM : NULL;
        if (!known || memcmp(sum, d->sums[i], DIRECTORY_SUM) != 0) want(seat, i);
    }
    seat->fresh = !known;
    seat->owed = !none_wanted(seat);
    seat->told = newest(d);
    seat->epoch = d->epoch;
    buf_release(&seat->held);
}

static void catch_up(const struct directory *d, struct directory_seat *seat) {
    if (seat->epoch != d->epoch) look(d, seat);
    if (seat->told >= d->first) return;
    for (int i = 0; i < DIRECTORY_SHELVES; i++) want(seat, i);
    seat->told = newest(d);
}

bool directory_owes(struct directory *d, struct directory_seat *seat) {
    if (!seat->wants) return false;
    mutex_lock(&d->lock);
    bool owes = d->ready;
    if (owes) {
        catch_up(d, seat);
        owes = seat->owed || seat->told < newest(d) || !none_wanted(seat);
    }
    mutex_unlock(&d->lock);
    return owes;
}

static int write_key(const struct directory *d, const uint8_t receiver[32], struct buf *box, struct err *err) {
    struct carried_key key = {.id = DIRECTORY_KEY_ID, .key = d->heading.key};
    int code = keys_box(&key, 1, receiver, box, err);
    sodium_memzero(&key, sizeof key);
    return code;
}

static void write_shelves(const struct directory *d, struct directory_seat *seat, struct buf *out) {
    for (int i = 0; i < DIRECTORY_SHELVES && out->len < DIRECTORY_PART_BYTES; i++) {
        if (!wanted(seat, i)) continue;
        directory_shelf_write(out, (uint8_t)i, buf_view(&d->shelves[i]));
        seat->pending[i / 8] &= (uint8_t) ~(1u << i % 8);
    }
}

static void write_changes(const struct directory *d, struct directory_seat *seat, struct buf *out) {
    for (uint32_t n = 0; n < DIRECTORY_PART_CHANGES && seat->told < newest(d); n++, seat->told++) {
        const struct directory_change *change = &d->changes.items[seat->told - d->first];
        directory_change_write(out, change->hash, change->tier);
    }
}

int directory_tell(struct directory *d, struct directory_seat *seat, const uint8_t receiver[32], struct buf *out,
                   struct err *err) {
    struct message message = {.type = MESSAGE_directory};
    struct message_directory *m = &message.body.directory;
    struct buf box = BUF_INIT, shelves = BUF_INIT, changes = BUF_INIT;
    uint8_t sum[DIRECTORY_SUM];
    mutex_lock(&d->lock);
    catch_up(d, seat);
    int code = seat->fresh ? write_key(d, receiver, &box, err) : 0;
    if (code == 0) {
        write_shelves(d, seat, &shelves);
        write_changes(d, seat, &changes);
        seat->fresh = false;
        seat->owed = !none_wanted(seat) || seat->told < newest(d);
        directory_sum(d->sums[0], sum);
        m->heading = view_make(d->heading.sum, DIRECTORY_SUM);
        m->memory = d->heading.memory;
        m->tiers = view_of(d->heading.tiers);
        if (box.len > 0) m->key = buf_view(&box);
        if (shelves.len > 0) m->shelves = buf_view(&shelves);
        if (changes.len > 0) m->changes = buf_view(&changes);
        if (!seat->owed) m->sum = view_make(sum, DIRECTORY_SUM);
        message_encode(&message, out);
    }
    mutex_unlock(&d->lock);
    buf_release(&box);
    buf_release(&shelves);
    buf_release(&changes);
    return code;
}
