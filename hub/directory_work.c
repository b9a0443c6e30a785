#include "hub/directory_work.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/event/describe.h"
#include "proto/model/tiers.h"

#define KEY_VALUE "directory key"
#define TAGS_OF_ONE 8

void directory_work_open(struct directory_work *work, struct desk *desk, uint32_t memory) {
    *work = (struct directory_work){.desk = desk, .memory = memory};
    interest_open(&work->concern, desk->site);
}

void directory_work_close(struct directory_work *work) {
    interest_close(&work->concern);
    VEC_RELEASE(work->waiting);
    idmap_release(&work->waits);
    sodium_memzero(&work->heading, sizeof work->heading);
}

static struct directory *directory_of(const struct directory_work *work) { return &work->desk->directory; }

/* ---- One customer's number ---- */

/* What the slow hash of this number gave before; others that stand there are of numbers that were given up. */
static bool remembered(struct directory_work *work, uint64_t customer, const uint8_t quick[DIRECTORY_QUICK],
                       uint32_t *hash) {
    struct keyring *ring = work->desk->site->ring;
    struct tag tags[TAGS_OF_ONE];
    int n = ring->ops->tags(ring, customer, TAG_DIRECTORY, tags, TAGS_OF_ONE, NULL);
    bool found = false;
    for (int i = 0; i < n; i++) {
        if (quick != NULL && memcmp(tags[i].bytes, quick, DIRECTORY_QUICK) == 0) {
            *hash = get_u32_be(tags[i].bytes + DIRECTORY_QUICK);
            found = true;
        } else {
            ring->ops->untag(ring, customer, &tags[i], NULL); /* kept by mistake it does no harm */
        }
    }
    return found;
}

/* The number that the file shows, in normal form; false: none that can be read. Appends. */
static bool number_of(struct directory_work *work, uint64_t customer, struct buf *out) {
    struct site *site = work->desk->site;
    struct buf written = BUF_INIT;
    site_field(site, NULL, customer, SEALED_registered_phone, &written);
    bool good = written.len > 0 && phone_normalise(buf_view(&written), site->config.country, out, NULL) == 0;
    buf_wipe(&written);
    return good;
}

static void let_wait(struct directory_work *work, uint64_t customer) {
    bool added;
    idmap_put(&work->waits, customer, &added);
    if (added) *VEC_ADD(work->waiting) = customer;
}

static void count_customer(struct directory_work *work, uint64_t customer, uint8_t tier) {
    struct directory *directory = directory_of(work);
    struct buf normal = BUF_INIT;
    uint8_t quick[DIRECTORY_QUICK];
    uint32_t hash;
    bool number = number_of(work, customer, &normal);
    if (number) directory_quick(&work->heading, buf_view(&normal), quick);
    if (remembered(work, customer, number ? quick : NULL, &hash)) {
        directory_claim(directory, customer, hash, tier);
    } else {
        directory_unclaim(directory, customer);
        if (number) let_wait(work, customer);
    }
    buf_wipe(&normal);
}

/* ---- Persons ---- */

struct looking {
    VEC(uint64_t) persons;
    struct interest_ids ids; /* of one record */
    VEC(uint64_t) gone;      /* customers who are none any more */
    struct idmap seen;
};

static void looking_release(struct looking *l) {
    VEC_RELEASE(l->persons);
    VEC_RELEASE(l->ids);
    VEC_RELEASE(l->gone);
    idmap_release(&l->seen);
}

/* The caller holds the state. */
static void look_for(struct looking *l, const struct model *model, uint64_t id, bool once) {
    enum customer_state state = model_customer(model, id);
    uint64_t person = model_person(model, id);
    bool added;
    if (state == CUSTOMER_THING && person == id) return;
    if (state != CUSTOMER_KNOWN) *VEC_ADD(l->gone) = id;
    if (once && person != id) return; /* comes under its own id */
    idmap_put(&l->seen, person, &added);
    if (added) *VEC_ADD(l->persons) = person;
}

struct member {
    uint64_t customer;
    int tier; /* TIER_NO: no VIP */
};
struct members {
    struct member *items;
    uint32_t count, room;
};

static void add_members(const struct directory_work *work, const struct model *model, uint64_t person,
                        const struct tier_standing *standing, struct members *out) {
    struct interest_person all;
    int tier = tier_shown(standing);
    interest_person_open(&work->concern, person, &all);
    for (size_t i = 0; i < all.count; i++)
        if (model_customer(model, all.ids[i]) == CUSTOMER_KNOWN)
            *VEC_ADD(*out) = (struct member){all.ids[i], tier >= work->vips ? tier : TIER_NO};
    interest_person_close(&all);
}

/* As of the end of the day: nothing in it changes while the day lasts but by what is recorded. One after the other, so
 * that nobody waits for the state for longer than it takes to go through the sales of one. */
static void judge_persons(const struct directory_work *work, const struct looking *l, struct members *out) {
    struct site *site = work->desk->site;
    struct tier_table table;
    struct tier_standing standing;
    site_read(site);
    tier_table_read(site->model, work->as_of, &table);
    site_unread(site);
    for (uint32_t i = 0; i < l->persons.count; i++) {
        site_read(site);
        tiers_of(site->model, &site->zone, work->as_of, &table, &l->persons.items[i], 1, &standing);
        add_members(work, site->model, l->persons.items[i], &standing, out);
        site_unread(site);
    }
}

static void look_at(struct directory_work *work, const struct looking *l) {
    struct members members = {NULL, 0, 0};
    judge_persons(work, l, &members);
    for (uint32_t i = 0; i < l->gone.count; i++) directory_unclaim(directory_of(work), l->gone.items[i]);
    for (uint32_t i = 0; i < members.count; i++) {
        const struct member *member = &members.items[i];
        if (member->tier == TIER_NO)
            directory_unclaim(directory_of(work), member->customer);
        else
            count_customer(work, member->customer, (uint8_t)member->tier);
    }
    VEC_RELEASE(members);
}

/* ---- Everybody, and whom a record concerns ---- */

static void begin_pass(struct directory_work *work) {
    work->begun = true;
    work->passed = false;
    work->next = 0;
    work->keys_came = work->desk->keys_came;
}

static void pass(struct directory_work *work) {
    struct looking l = {.persons = {NULL, 0, 0}};
    const struct model *model = work->desk->site->model;
    bool more = true;
    site_read(work->desk->site);
    for (uint32_t looked = 0; l.persons.count < WORK_PERSONS && looked < WORK_LOOKED && more; looked++) {
        uint64_t id = model_customer_at(model, work->next);
        more = id != 0;
        if (more) look_for(&l, model, id, true);
        work->next += more;
    }
    site_unread(work->desk->site);
    look_at(work, &l);
    looking_release(&l);
    work->passed = !more;
}

static void hear(struct directory_work *work, const struct record *record, struct looking *l) {
    struct site *site = work->desk->site;
    struct event event;
    int standing = event_decode(record->frame, &event, NULL);
    if (standing != EVENT_GOOD) return;
    l->ids.count = 0;
    if (event.type == EVENT_clock) work->begun = false; /* what happened when is another thing now, for many */
    site_read(site);
    uint64_t subject = model_subject(&event, record->id, standing);
    if (subject != 0) *VEC_ADD(l->ids) = subject;
    interest_concerned(&work->concern, &event, &l->ids);
    for (uint32_t i = 0; i < l->ids.count; i++) look_for(l, site->model, l->ids.items[i], false);
    site_unread(site);
}

/* 1: there is more, 0: up to the end, or negative. */
static int follow(struct directory_work *work, uint64_t tip, struct err *err) {
    struct log *log = work->desk->site->log;
    struct log_iterator *it;
    struct record record;
    struct looking l = {.persons = {NULL, 0, 0}};
    uint64_t to = tip - work->position <= WORK_RECORDS ? tip : work->position + WORK_RECORDS;
    int code = log->ops->iterate(log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, work->position + 1);
    while (code == 0 && work->position < to && (code = it->ops->next(it, &record, err)) == 0) {
        hear(work, &record, &l);
        work->position = record.position;
    }
    it->ops->close(it);
    look_at(work, &l);
    looking_release(&l);
    return code < 0 ? code : work->position < tip;
}

/* ---- The heading ---- */

static int load_key(struct directory_work *work, struct err *err) {
    struct site *site = work->desk->site;
    struct customer_key *key = &work->heading.key;
    struct buf value = BUF_INIT;
    struct err why = {.code = 0};
    if (work->heading.memory != 0) return 0;
    int code = site->ring->ops->get_value(site->ring, KEY_VALUE, &value, &why);
    if (code == 0 && value.len == KEY_BYTES) {
        memcpy(key->bytes, value.data, KEY_BYTES);
    } else if (code == 0 || code == ERR_NOT_FOUND) {
        customer_key_make(key, site->env);
        code = site->ring->ops->set_value(site->ring, KEY_VALUE, view_make(key->bytes, KEY_BYTES), err);
    } else {
        err_set(err, code, NULL, "%s", why.text);
    }
    if (code == 0) work->heading.memory = work->memory;
    buf_wipe(&value);
    return code;
}

static void read_policy(struct directory_work *work, char rules[200]) {
    struct site *site = work->desk->site;
    struct tier_table table;
    struct buf names = BUF_INIT;
    site_read(site);
    tier_table_read(site->model, work->as_of, &table);
    int vips = (int)policy_number(site->model, POLICY_VIP_TIERS, work->as_of);
    struct view window = policy_text(site->model, POLICY_TIER_WINDOW, work->as_of);
    snprintf(rules, sizeof work->rules, "%d %.*s", vips, (int)window.len, (const char *)window.data);
    site_unread(site);
    for (size_t i = 0; i < table.count; i++) buf_printf(&names, "%s%s", i > 0 ? "," : "", table.tiers[i].name);
    for (size_t i = 0; i < table.count; i++) {
        size_t used = strlen(rules);
        snprintf(rules + used, sizeof work->rules - used, " %lld", (long long)table.tiers[i].spend);
    }
    work->vips = vips == 0 ? INT16_MAX : vips >= (int)table.count ? 0 : (int)table.count - vips;
    view_text(buf_view(&names), work->heading.tiers, sizeof work->heading.tiers);
    directory_heading_sum(&work->heading);
    buf_release(&names);
}

/* What decides besides the records: the day, the policy, keys that were lacking. */
static void look_up(struct directory_work *work) {
    struct site *site = work->desk->site;
    char rules[200];
    uint8_t before[DIRECTORY_SUM];
    struct date today = zone_date(&site->zone, site_now(site));
    memcpy(before, work->heading.sum, DIRECTORY_SUM);
    bool new_day = work->day != date_to_days(today) || !work->begun;
    work->day = date_to_days(today);
    work->as_of = zone_day_end(&site->zone, today);
    read_policy(work, rules);
    bool same = strcmp(rules, work->rules) == 0 && memcmp(before, work->heading.sum, DIRECTORY_SUM) == 0;
    memcpy(work->rules, rules, sizeof rules);
    if (new_day || !same || work->keys_came != work->desk->keys_came) begin_pass(work);
    directory_head(directory_of(work), &work->heading);
}

/* ---- Hashing ---- */

static int hash_one(struct directory_work *work, uint64_t customer, struct ring_put *put, struct err *err) {
    struct buf normal = BUF_INIT;
    uint32_t hash;
    *put = (struct ring_put){.id = customer, .tags = {{.kind = TAG_DIRECTORY}}};
    int code = 0;
    if (number_of(work, customer, &normal)) {
        code = directory_hash(&work->heading, buf_view(&normal), &hash, err);
        directory_quick(&work->heading, buf_view(&normal), put->tags[0].bytes);
        put_u32_be(put->tags[0].bytes + DIRECTORY_QUICK, hash);
        put->tag_count = code == 0;
    }
    buf_wipe(&normal);
    return code;
}

/* The first few that wait. Who is no VIP any more, or has another number, is found out when she is looked at again. */
static int hash_some(struct directory_work *work, struct err *err) {
    struct keyring *ring = work->desk->site->ring;
    struct ring_put puts[WORK_HASHES];
    struct looking l = {.persons = {NULL, 0, 0}};
    uint32_t count = work->waiting.count < WORK_HASHES ? work->waiting.count : WORK_HASHES;
    uint64_t *first = work->waiting.items + work->waiting.count - count;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < count; i++) code = hash_one(work, first[i], &puts[i], err);
    if (code == 0) code = ring->ops->put(ring, puts, count, err);
    if (code != 0) return code;
    site_read(work->desk->site);
    for (uint32_t i = 0; i < count; i++) {
        idmap_remove(&work->waits, first[i]);
        look_for(&l, work->desk->site->model, first[i], false);
    }
    site_unread(work->desk->site);
    work->waiting.count -= count;
    look_at(work, &l);
    looking_release(&l);
    return 0;
}

/* ---- A step ---- */

static void publish(struct directory_work *work) {
    struct directory *directory = directory_of(work);
    int64_t now = env_monotonic(work->desk->site->env);
    int64_t pause = WORK_PUBLISH_MS + WORK_PUBLISH_STORE_MS * (int64_t)desk_stores(work->desk);
    mutex_lock(&directory->lock);
    directory->waiting = work->waiting.count;
    mutex_unlock(&directory->lock);
    bool settled = directory->ready && directory->touched.count == 0;
    if (!work->passed || settled || (directory->ready && now - work->published < pause)) return;
    work->published = now;
    if (directory_publish(directory) && work->desk->answered != NULL) work->desk->answered(work->desk->feeder);
}

static void tell(struct directory_work *work, int code, const struct err *err) {
    if (code < 0 && strcmp(err->text, work->trouble.text) != 0)
        journal_say(&work->desk->journal, "directory of VIPs: %s", err->text);
    work->trouble = code < 0 ? *err : (struct err){.code = 0};
}

static int work_on(struct directory_work *work, struct err *err) {
    struct site *site = work->desk->site;
    int code = load_key(work, err);
    if (code != 0) return code;
    look_up(work);
    site_read(site);
    uint64_t tip = model_position(site->model);
    site_unread(site);
    if (!work->passed && work->next == 0) work->position = tip; /* the pass sees what these records have done */
    if (work->position > tip || tip - work->position > WORK_BEHIND) {
        work->position = tip;
        begin_pass(work);
    }
    if (work->position < tip && (code = follow(work, tip, err)) != 0) return code;
    if (!work->passed) {
        pass(work);
    } else if (work->waiting.count > 0) {
        code = hash_some(work, err);
    }
    return code < 0 ? code : !work->passed || work->waiting.count > 0;
}

bool directory_step(struct directory_work *work) {
    struct err err = {.code = 0};
    if (work->desk->site->closed) {
        work->begun = false;
        return false;
    }
    int code = work_on(work, &err);
    tell(work, code, &err);
    publish(work);
    return code > 0;
}

bool directory_settled(const struct directory_work *work) {
    const struct directory *directory = directory_of(work);
    return directory->ready && work->passed && work->waiting.count == 0 && directory->touched.count == 0 &&
           work->position == log_tip(work->desk->site->log);
}
