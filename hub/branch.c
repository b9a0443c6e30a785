#include "hub/branch.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hub/judge.h"
#include "hub/twice.h"
#include "proto/base/cursor.h"
#include "proto/base/pack.h"
#include "proto/log/chain.h"
#include "proto/site/erasure.h"
#include "proto/site/regrow.h"

#define PREFIX "branch "
#define MOVED_PREFIX "moved " /* of the values with the first bytes of chain values */
#define MOVED_SIZE 16
#define NAME_SIZE 24
#define PART_EVENTS 1024u

/* The value: [from, seq, chain, signature, key, times of receipt and frames one after the other]. */
struct branch {
    uint32_t stream;
    uint64_t from; /* the first sequence that is another event here */
    struct head head;
    uint8_t key[PUBLIC_KEY_SIZE + SIGNATURE_SIZE];
    struct buf value;
    struct cursor events; /* in it */
};

static struct view name_of(uint32_t stream, char out[NAME_SIZE]) {
    snprintf(out, NAME_SIZE, PREFIX "%u", stream);
    return view_of(out);
}

static bool load(struct site *site, uint32_t stream, struct branch *out) {
    char name[NAME_SIZE];
    *out = (struct branch){.stream = stream};
    bool there = site->log->ops->value(site->log, name_of(stream, name), &out->value) == 0;
    struct cursor *c = &out->events;
    *c = cursor_of(buf_view(&out->value));
    out->from = cursor_uint(c);
    out->head.stream = stream;
    out->head.seq = cursor_uint(c);
    struct view chain = cursor_bin_exact(c, CHAIN_SIZE), signature = cursor_bin_exact(c, SIGNATURE_SIZE),
                key = cursor_bin_exact(c, sizeof out->key);
    there = there && cursor_ok(c) && out->from > 0 && out->from <= out->head.seq;
    if (!there) {
        buf_release(&out->value);
        return false;
    }
    memcpy(out->head.chain, chain.data, CHAIN_SIZE);
    memcpy(out->head.signature, signature.data, SIGNATURE_SIZE);
    memcpy(out->key, key.data, sizeof out->key);
    return true;
}

/* The next kept one, of the former incarnations from `*incarnation` on; false: there is none left. */
static bool next_kept(struct site *site, uint32_t *incarnation, struct branch *out) {
    while (*incarnation < site->config.incarnation)
        if (load(site, stream_make((*incarnation)++, 0), out)) return true;
    return false;
}

bool branch_kept(struct site *site) {
    struct branch branch;
    uint32_t incarnation = 0;
    bool kept = next_kept(site, &incarnation, &branch);
    if (kept) buf_release(&branch.value);
    return kept;
}

static struct view moved_name_of(uint32_t stream, char out[NAME_SIZE]) {
    snprintf(out, NAME_SIZE, MOVED_PREFIX "%u", stream);
    return view_of(out);
}

bool branch_moved(struct site *site, uint32_t stream, const uint8_t chain[CHAIN_SIZE]) {
    struct buf value = BUF_INIT;
    char name[NAME_SIZE];
    bool moved = false;
    if (site->log->ops->value(site->log, moved_name_of(stream, name), &value) == 0)
        for (size_t at = 0; at + MOVED_SIZE <= value.len && !moved; at += MOVED_SIZE)
            moved = memcmp(value.data + at, chain, MOVED_SIZE) == 0;
    buf_release(&value);
    return moved;
}

static struct view complete_name_of(uint32_t stream, char out[NAME_SIZE]) {
    snprintf(out, NAME_SIZE, "complete %u", stream);
    return view_of(out);
}

bool branch_complete(struct site *site, uint32_t stream) {
    struct buf value = BUF_INIT;
    char name[NAME_SIZE];
    bool complete = site->log->ops->value(site->log, complete_name_of(stream, name), &value) == 0;
    buf_release(&value);
    return complete;
}

/* ---- Keeping ---- */

/* The first sequence at which the log has another event than the batch; 0: nowhere, as far as both go. */
static int find_parting(struct site *site, const struct batch *batch, uint64_t *from, struct err *err) {
    struct buf copy = BUF_INIT;
    int code = 0;
    *from = 0;
    for (uint32_t i = 0; code == 0 && i < batch->count && *from == 0; i++) {
        struct record record;
        buf_clear(&copy);
        code = log_get_id(site->log, id_make(batch->stream, i + 1), &record, &copy, err);
        if (code == 0 && !view_equal(record.frame, batch_frame(batch, i))) *from = i + 1;
    }
    buf_release(&copy);
    return code == ERR_NOT_FOUND ? 0 : code;
}

static int put_keys(struct site *site, const struct batch *batch, struct err *err) {
    int code = 0;
    for (size_t i = 0; code == 0 && i < batch->key_count; i++) {
        struct ring_put put = {.id = batch->keys[i].id, .has_key = true, .key = batch->keys[i].key};
        code = site_put_keys(site, &put, 1, err);
        sodium_memzero(&put, sizeof put);
    }
    return code;
}

static int store(struct site *site, const struct batch *batch, uint64_t from,
                 const uint8_t key[PUBLIC_KEY_SIZE + SIGNATURE_SIZE], struct err *err) {
    struct buf value = BUF_INIT;
    char name[NAME_SIZE];
    pack_uint(&value, from);
    pack_uint(&value, batch->head.seq);
    pack_bin(&value, view_make(batch->head.chain, CHAIN_SIZE));
    pack_bin(&value, view_make(batch->head.signature, SIGNATURE_SIZE));
    pack_bin(&value, view_make(key, PUBLIC_KEY_SIZE + SIGNATURE_SIZE));
    for (uint32_t i = (uint32_t)from - 1; i < batch->count; i++) {
        pack_int(&value, batch->received == NULL ? 0 : batch->received[i]);
        pack_bin(&value, batch_frame(batch, i));
    }
    struct log_value row = {name_of(batch->stream, name), buf_view(&value)};
    int code = site_set_values(site, &row, 1, err);
    buf_release(&value);
    return code;
}

int branch_keep(struct site *site, const struct batch *batch, const uint8_t key[PUBLIC_KEY_SIZE + SIGNATURE_SIZE],
                uint64_t *here, struct err *err) {
    struct branch before;
    struct head head;
    uint64_t from;
    *here = 0;
    int code = find_parting(site, batch, &from, err);
    if (code != 0 || from == 0 || log_head(site->log, batch->stream, &head) != 0) return code;
    *here = head.seq - from + 1;
    if (load(site, batch->stream, &before)) {
        bool longer = batch->head.seq > before.head.seq;
        buf_release(&before.value);
        if (!longer) return 0;
    }
    code = put_keys(site, batch, err);
    return code == 0 ? store(site, batch, from, key, err) : code;
}

/* ---- Joining ---- */

struct joining {
    struct site *site, *to;
    VEC(struct branch) branches;
    struct twices twices;
};

static bool keeps(void *context, uint64_t id) {
    const struct joining *j = context;
    if (twices_have(&j->twices, id_stream(id))) return false;
    for (uint32_t i = 0; i < j->branches.count; i++)
        if (j->branches.items[i].stream == id_stream(id)) return id_seq(id) < j->branches.items[i].from;
    return true;
}

/* Positions are others from here on, so the judge hears everything anew; what it has ruled it rules no second time. */
static bool keeps_value(void *context, struct view key) {
    const struct joining *j = context;
    bool branch = key.len > strlen(PREFIX) && memcmp(key.data, PREFIX, strlen(PREFIX)) == 0;
    return !branch && !view_is(key, JUDGE_CURSOR) && !twices_have_value(&j->twices, key);
}

/* The ref's hash, where nothing has the ref yet. */
static struct view free_ref(struct site *to, struct view frame, uint8_t out[REF_HASH_SIZE]) {
    struct event event;
    uint64_t holder;
    if (event_decode(frame, &event, NULL) < 0 || event.ref.source.data == NULL) return VIEW_NONE;
    ref_hash(event.ref.source, event.ref.key, out);
    return to->log->ops->ref(to->log, out, &holder) == 0 ? VIEW_NONE : view_make(out, REF_HASH_SIZE);
}

/* Events of the branch for one commit; their frames borrow from it. */
struct part {
    struct log_append records[PART_EVENTS];
    uint8_t hashes[PART_EVENTS][REF_HASH_SIZE];
    size_t count;
};

static int take_part(struct joining *j, struct part *part, const struct head *head, struct err *err) {
    struct taking taking = {
        .records = part->records, .record_count = part->count, .heads = head, .head_count = 1, .fed = true};
    mutex_lock(&j->to->writer);
    int code = site_take(j->to, &taking, err);
    mutex_unlock(&j->to->writer);
    part->count = 0;
    return code;
}

static int take_events(struct joining *j, struct branch *branch, struct part *part, struct err *err) {
    struct cursor *c = &branch->events;
    int code = 0;
    for (uint64_t seq = branch->from; code == 0 && seq <= branch->head.seq; seq++) {
        struct head head = seq == branch->head.seq ? branch->head : (struct head){.stream = branch->stream, .seq = seq};
        struct log_append *record = &part->records[part->count];
        *record = (struct log_append){.id = id_make(branch->stream, seq), .received = cursor_int(c)};
        record->frame = cursor_bin(c);
        if (!cursor_ok(c))
            return err_set(err, ERR_CORRUPT, NULL, "what was kept of stream %u is damaged", branch->stream);
        record->ref_hash = free_ref(j->to, record->frame, part->hashes[part->count++]);
        if (part->count == PART_EVENTS || seq == branch->head.seq) code = take_part(j, part, &head, err);
    }
    return code;
}

static int take_branch(struct joining *j, struct branch *branch, struct err *err) {
    char name[SITE_HUB_KEY_NAME];
    struct part *part = mem_alloc(sizeof *part);
    int code = take_events(j, branch, part, err);
    struct log_value key = {site_hub_key_name(branch->stream, name), view_make(branch->key, sizeof branch->key)};
    free(part);
    return code == 0 ? site_set_values(j->to, &key, 1, err) : code;
}

/* By these chain values a copy of what moves is known later. */
static int note_moved(struct joining *j, const struct branch *branch, struct err *err) {
    struct buf value = BUF_INIT, copy = BUF_INIT;
    struct record record;
    uint8_t chain[CHAIN_SIZE];
    char name[NAME_SIZE];
    struct log *log = j->site->log;
    struct view key = moved_name_of(branch->stream, name);
    int code = log->ops->value(log, key, &value);
    if (code == ERR_NOT_FOUND) code = 0;
    chain_start(branch->stream, branch->key, chain);
    for (uint64_t seq = 1; code == 0; seq++) {
        buf_clear(&copy);
        code = log_get_id(log, id_make(branch->stream, seq), &record, &copy, err);
        if (code == 0) chain_next(chain, record.frame);
        if (code == 0 && seq >= branch->from) buf_append(&value, chain, MOVED_SIZE);
    }
    if (code == ERR_NOT_FOUND) code = site_set_values(j->to, &(struct log_value){key, buf_view(&value)}, 1, err);
    buf_release(&value);
    buf_release(&copy);
    return code;
}

static int move_own(struct joining *j, const struct branch *branch, struct rehomed_report *report, struct err *err) {
    struct rehomed_report one;
    struct rehoming rehoming = {.site = j->to, .log = j->site->log, .ring = j->site->ring, .stream = branch->stream};
    rehoming.stays = twices_stays;
    rehoming.twices = &j->twices;
    memcpy(rehoming.key, branch->key, PUBLIC_KEY_SIZE);
    int code = rehome(&rehoming, &one, err);
    if (code == 0) code = note_moved(j, branch, err);
    if (code != 0) return code;
    report->at_hub += one.at_hub;
    report->rehomed += one.rehomed;
    report->same_ref += one.same_ref;
    report->left += one.left;
    report->stayed += one.stayed;
    return 0;
}

static int note_complete(struct joining *j, const struct branch *branch, struct err *err) {
    int code = 0;
    for (uint32_t i = stream_incarnation(branch->stream) + 1; code == 0 && i < j->to->config.incarnation; i++) {
        char name[NAME_SIZE];
        struct log_value value = {complete_name_of(stream_make(i, 0), name), view_of("written here")};
        code = site_set_values(j->to, &value, 1, err);
    }
    return code;
}

static void find_twices(struct joining *j) {
    for (uint32_t i = 0; i < j->branches.count; i++) {
        struct cursor c = j->branches.items[i].events;
        while (cursor_ok(&c) && cursor_left(&c) > 0) {
            cursor_int(&c);
            struct view frame = cursor_bin(&c);
            if (cursor_ok(&c)) twices_hear(&j->twices, frame);
        }
    }
    twices_settle(&j->twices, j->site->model);
}

static int join(struct joining *j, struct rehomed_report *report, struct err *err) {
    struct regrowing regrowing = {j->site->log, j->to, keeps, keeps_value, j};
    find_twices(j);
    int code = regrow(&regrowing, err);
    for (uint32_t i = 0; code == 0 && i < j->branches.count; i++) code = take_branch(j, &j->branches.items[i], err);
    for (uint32_t i = 0; code == 0 && i < j->branches.count; i++)
        code = move_own(j, &j->branches.items[i], report, err);
    if (code == 0) code = twices_note(&j->twices, j->site->model, j->to, err);
    for (uint32_t i = 0; code == 0 && i < j->branches.count; i++) code = note_complete(j, &j->branches.items[i], err);
    return code;
}

int branch_join(struct site *site, struct log *fresh, struct rehomed_report *report, struct err *err) {
    struct joining j = {.site = site};
    struct branch branch;
    uint32_t incarnation = 0;
    *report = (struct rehomed_report){.at_hub = 0};
    while (next_kept(site, &incarnation, &branch)) *VEC_ADD(j.branches) = branch;
    j.to = site_borrow(&site->config, &site->secrets, &site->zone, site->ring, fresh, site->env, err);
    int code = j.to == NULL ? err->code : join(&j, report, err);
    site_close(j.to);
    for (uint32_t i = 0; i < j.branches.count; i++) buf_release(&j.branches.items[i].value);
    VEC_RELEASE(j.branches);
    twices_release(&j.twices);
    return code;
}
