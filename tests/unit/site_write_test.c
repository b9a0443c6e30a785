/* The writer's turn: ids, refs, subjects, clocks, keys; all of a batch or none of it, whatever fails. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/faulty.h"
#include "tests/support/parties.h"
#include "tests/support/sim_world.h"
#include "tests/support/trade.h"

static struct sim_world world;
static struct sim_clock machine_clock;
static struct faulty_log disk;
static struct faulty_ring ring;
static struct site *site;

static void start(enum role role) {
    struct parties parties;
    struct config config = {.role = role, .stream = role == ROLE_HUB ? stream_make(1, 0) : PARTIES_STREAM};
    static char region[] = "region", currency[] = "KRW", zone_name[] = "UTC", country[] = "KR", store[] = "S1";
    struct secrets secrets = {.tls_key = NULL};
    struct zone zone = zone_fixed(0);
    struct err err = {.code = 0};
    parties_make(&parties, 0);
    memcpy(config.root, parties.root.public_key, PUBLIC_KEY_SIZE);
    config.incarnation = 1;
    config.region = region;
    config.currency = currency;
    config.timezone = zone_name;
    config.country = country;
    config.store = role == ROLE_HUB ? NULL : store;
    memset(secrets.seed, 4, sizeof secrets.seed);
    site = site_assemble(&config, &secrets, &zone, &ring.base, &disk.base, &machine_clock.env, &err);
    cr_assert_not_null(site, "%s", err.text);
}

static void prepare(void) {
    static const uint8_t master[KEY_BYTES] = {0};
    sim_world_init(&world, 1);
    sim_clock_init(&machine_clock, &world);
    faulty_log_make(&disk, log_mem_open(&machine_clock.env));
    faulty_ring_make(&ring, keyring_mem_open(master, &machine_clock.env));
    start(ROLE_STORE);
}

static void restart(void) {
    enum role role = site->config.role;
    site_close(site);
    if (disk.fault.dead) fault_plan(&disk.fault, 0, 0, 0);
    start(role);
}

static int key_of(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    const struct site *s = context;
    if (stream != s->config.stream) return ERR_NOT_FOUND;
    memcpy(key, s->signer.public_key, PUBLIC_KEY_SIZE);
    return 0;
}

static void sound(void) {
    struct log_trust trust = {.key_of = key_of, .context = site};
    struct verify_report report;
    struct err err = {.code = 0};
    uint64_t keys;
    memcpy(trust.root, site->config.root, PUBLIC_KEY_SIZE);
    cr_assert_eq(site->log->ops->verify(site->log, &trust, &report, &err), 0, "%s", err.text);
    cr_assert_eq(site->ring->ops->verify(site->ring, &keys, &err), 0, "%s", err.text);
}

static void done(void) {
    sound();
    site_close(site);
    faulty_log_end(&disk);
    faulty_ring_end(&ring);
}

TestSuite(site_write, .init = prepare, .fini = done);

/* An event at a position, opened; valid until the next call. */
static struct event *event_at(uint64_t position) {
    static struct buf frame, plain;
    static struct event event;
    struct record record;
    buf_clear(&frame);
    buf_clear(&plain);
    cr_assert_eq(log_get(site->log, position, &record, &frame, NULL), 0);
    cr_assert_eq(event_decode(record.frame, &event, NULL), EVENT_GOOD);
    if (event.sealed_bits != 0) cr_assert(site_unseal(site, &event, &plain));
    return &event;
}

static struct draft contact_draft(int subject, const char *note) {
    struct draft draft = {.subject = subject};
    event_init(&draft.event, EVENT_contacted);
    draft.event.body.contacted.kind = choice_contact_kind_call;
    draft.event.body.contacted.purpose = view_of("fit");
    draft.event.body.contacted.note = view_of(note);
    draft.event.sealed_bits = UINT64_C(1) << SEALED_contacted_note;
    return draft;
}

static struct draft person_draft(const char *name) {
    struct draft draft = {.subject = SUBJECT_SELF};
    event_init(&draft.event, EVENT_registered);
    draft.event.body.registered.name = view_of(name);
    draft.event.sealed_bits = UINT64_C(1) << SEALED_registered_name;
    return draft;
}

static struct draft referred(struct draft draft, const char *key) {
    draft.event.ref = (struct ref){view_of("till"), view_of(key)};
    return draft;
}

static void write_all(struct draft *drafts, size_t count) {
    struct err err = {.code = 0};
    cr_assert_eq(site_write(site, drafts, count, NULL, 0, NULL, &err), 0, "%s", err.text);
}

static uint64_t seq(void) {
    struct head head;
    return log_head(site->log, site->config.stream, &head) == 0 ? head.seq : 0;
}

/* ---- Subjects ---- */

Test(site_write, subjects) {
    struct draft drafts[] = {person_draft("Kim"), contact_draft(1, "of Kim"), person_draft("Lee"),
                             contact_draft(3, "of Lee"), contact_draft(1, "of Kim again")};
    write_all(drafts, 5);
    for (size_t i = 0; i < 5; i++) cr_assert_eq(drafts[i].id, id_make(PARTIES_STREAM, i + 1));
    const uint64_t subjects[] = {1, 1, 3, 3, 1};
    for (size_t i = 0; i < 5; i++) cr_assert_eq(event_at(i + 1)->subject, id_make(PARTIES_STREAM, subjects[i]));
    cr_assert(view_is(event_at(5)->body.contacted.note, "of Kim again"));
    cr_assert(view_is(event_at(4)->body.contacted.note, "of Lee"));
    struct draft given = contact_draft(SUBJECT_GIVEN, "later");
    given.event.subject = drafts[2].id;
    write_all(&given, 1);
    cr_assert_eq(event_at(6)->subject, drafts[2].id);
    struct record record;
    struct buf copy = BUF_INIT;
    cr_assert_eq(log_get(site->log, 6, &record, &copy, NULL), 0);
    cr_assert_eq(record.previous, 4, "a history is a walk");
    buf_release(&copy);
}

/* Each has a key of its own, which opens nothing else. */
Test(site_write, keys_of_subjects) {
    struct draft drafts[] = {person_draft("Kim"), person_draft("Lee")};
    struct ring_key keys[2];
    write_all(drafts, 2);
    for (size_t i = 0; i < 2; i++) cr_assert_eq(site->ring->ops->get(site->ring, drafts[i].id, &keys[i], 1, NULL), 1);
    cr_assert_neq(memcmp(keys[0].key.bytes, keys[1].key.bytes, KEY_BYTES), 0);
}

Test(site_write, subject_whose_key_is_not_here) {
    struct err err = {.code = 0};
    size_t failed = 99;
    struct draft drafts[] = {person_draft("Kim"), contact_draft(SUBJECT_GIVEN, "of whom?")};
    drafts[1].event.subject = id_make(PARTIES_STREAM + 1, 5);
    cr_assert_eq(site_write(site, drafts, 2, NULL, 0, &failed, &err), ERR_REFUSED);
    cr_assert_eq(failed, 1);
    cr_assert_not_null(strstr(err.text, "65549-5"), "%s", err.text);
    cr_assert_eq(seq(), 0);
    cr_assert_eq(log_tip(site->log), 0);
    uint64_t kim = trade_register(site, (struct person_card){.name = "Kim"});
    cr_assert_eq(site->ring->ops->destroy(site->ring, kim, NULL), 0);
    drafts[1].event.subject = kim;
    cr_assert_eq(site_write(site, drafts, 2, NULL, 0, &failed, &err), ERR_REFUSED);
    cr_assert_not_null(strstr(err.text, "erased"), "%s", err.text);
}

static int name_the_first(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)err;
    draft->event.body.voided.event = batch[0].id;
    return 0;
}

Test(site_write, drafts_that_name_each_other) {
    struct draft drafts[] = {person_draft("Kim"), {.subject = 1, .settle = name_the_first}};
    event_init(&drafts[1].event, EVENT_voided);
    drafts[1].event.body.voided.on = 1;
    drafts[1].event.body.voided.reason = view_of("typed wrong");
    write_all(drafts, 2);
    cr_assert_eq(event_at(2)->body.voided.event, drafts[0].id);
}

/* ---- Refs ---- */

Test(site_write, refs_are_written_once) {
    struct draft first = referred(person_draft("Kim"), "receipt 1");
    write_all(&first, 1);
    cr_assert(!first.existing);
    for (int i = 0; i < 3; i++) {
        struct draft again = referred(person_draft("Kim"), "receipt 1");
        write_all(&again, 1);
        cr_assert(again.existing);
        cr_assert_eq(again.id, first.id);
        if (i == 1) restart();
    }
    struct draft other = referred(person_draft("Kim"), "receipt 2"),
                 source = referred(person_draft("Kim"), "receipt 1");
    source.event.ref.source = view_of("app");
    write_all(&other, 1);
    write_all(&source, 1);
    cr_assert(!other.existing && !source.existing);
    cr_assert_eq(seq(), 3);
}

Test(site_write, refs_within_one_batch) {
    struct draft drafts[] = {referred(person_draft("Kim"), "a"), referred(person_draft("Kim"), "a"),
                             referred(contact_draft(2, "hers"), "b"), referred(contact_draft(1, "hers"), "b"),
                             contact_draft(4, "nonsense: of a contact")};
    write_all(drafts, 4);
    cr_assert_eq(seq(), 2);
    cr_assert(drafts[1].existing);
    cr_assert_eq(drafts[1].id, drafts[0].id);
    cr_assert_eq(event_at(2)->subject, drafts[0].id, "the n-th draft is whom its ref named before");
    cr_assert(drafts[3].existing);
    cr_assert_eq(drafts[3].id, drafts[2].id);
    /* The whole batch again, and something new behind it. */
    struct draft again[] = {referred(person_draft("Kim"), "a"), referred(contact_draft(1, "hers"), "b"),
                            contact_draft(1, "new")};
    write_all(again, 3);
    cr_assert_eq(seq(), 3);
    cr_assert_eq(event_at(3)->subject, drafts[0].id);
}

Test(site_write, nothing_new_writes_nothing) {
    struct draft draft = referred(person_draft("Kim"), "a");
    write_all(&draft, 1);
    uint64_t writes = disk.fault.writes;
    write_all(&draft, 1);
    cr_assert_eq(disk.fault.writes, writes);
    write_all(NULL, 0);
    cr_assert_eq(disk.fault.writes, writes);
}

/* ---- Clocks ---- */

Test(site_write, hlc_never_goes_back) {
    uint64_t last = 0;
    for (int i = 0; i < 200; i++) {
        machine_clock.skew = (int64_t)sim_dice(&world, 1000000) - 500000;
        if (i % 50 == 49) restart();
        cr_assert_neq(trade_sell(site, 0, 1000), 0);
        uint64_t hlc = event_at(log_tip(site->log))->hlc;
        cr_assert_gt(hlc, last);
        last = hlc;
    }
    struct draft drafts[70];
    for (size_t i = 0; i < 70; i++) drafts[i] = person_draft("Kim");
    machine_clock.skew = -1000000;
    write_all(drafts, 70);
    for (uint64_t position = 201; position <= 270; position++) {
        cr_assert_gt(event_at(position)->hlc, last);
        last = event_at(position)->hlc;
    }
}

Test(site_write, hlc_goes_on_after_a_failure) {
    cr_assert_neq(trade_sell(site, 0, 1000), 0);
    fault_plan(&disk.fault, 0, 1, ERR_NO_SPACE);
    cr_assert_eq(trade_sell(site, 0, 1000), 0);
    cr_assert_eq(trade_error()->code, ERR_NO_SPACE);
    cr_assert_neq(trade_sell(site, 0, 1000), 0);
    uint64_t first = event_at(1)->hlc;
    cr_assert_gt(event_at(2)->hlc, first);
    cr_assert_leq(event_at(2)->hlc, first + 2, "the clock stood still");
}

/* ---- All or nothing ---- */

Test(site_write, one_bad_draft_spoils_the_batch) {
    struct err err = {.code = 0};
    size_t failed = 99;
    struct draft drafts[] = {person_draft("Kim"), contact_draft(1, "good"), contact_draft(1, "no purpose")};
    drafts[2].event.body.contacted.purpose = VIEW_NONE;
    cr_assert_lt(site_write(site, drafts, 3, NULL, 0, &failed, &err), 0);
    cr_assert_eq(failed, 2);
    cr_assert_eq(log_tip(site->log), 0);
    cr_assert_eq(model_position(site->model), 0);
    struct ring_key key;
    cr_assert_eq(site->ring->ops->get(site->ring, id_make(PARTIES_STREAM, 1), &key, 1, NULL), 0);
}

Test(site_write, values_commit_with_the_events) {
    struct err err;
    struct buf value = BUF_INIT;
    struct log_value cursor = {view_of("cursor"), view_of("1")};
    struct draft draft = person_draft("Kim");
    fault_plan(&disk.fault, 0, 1, ERR_NO_SPACE);
    cr_assert_eq(site_write(site, &draft, 1, &cursor, 1, NULL, &err), ERR_NO_SPACE);
    cr_assert_eq(site->log->ops->value(site->log, view_of("cursor"), &value), ERR_NOT_FOUND);
    draft = person_draft("Kim");
    cr_assert_eq(site_write(site, &draft, 1, &cursor, 1, NULL, &err), 0);
    cr_assert_eq(site->log->ops->value(site->log, view_of("cursor"), &value), 0);
    cr_assert(view_is(buf_view(&value), "1"));
    /* And without any: of a batch that was written before. */
    struct draft known = referred(person_draft("Lee"), "a"), again = known;
    write_all(&known, 1);
    cursor.value = view_of("2");
    cr_assert_eq(site_write(site, &again, 1, &cursor, 1, NULL, &err), 0);
    buf_clear(&value);
    cr_assert_eq(site->log->ops->value(site->log, view_of("cursor"), &value), 0);
    cr_assert(view_is(buf_view(&value), "2"));
    buf_release(&value);
}

/* ---- Full disks and crashes between ring, log and fold ---- */

static int live_keys(uint64_t id) {
    struct ring_key found[4];
    int live = 0, n = site->ring->ops->get(site->ring, id, found, 4, NULL);
    for (int i = 0; i < n; i++) live += !found[i].destroyed;
    return live;
}

/* The log refuses what the ring already holds the key of: the id is given out again, the orphan and its tags go. */
static void orphan(bool dies) {
    uint64_t id = id_make(PARTIES_STREAM, 1), found[2];
    fault_plan(&disk.fault, 0, 1, ERR_NO_SPACE);
    cr_assert_eq(trade_register(site, (struct person_card){.name = "Kim", .phone = "010-1111-2222"}), 0);
    cr_assert_eq(live_keys(id), 1, "the orphan");
    cr_assert_eq(site_find(site, TAG_PHONE, view_of("010-1111-2222"), false, found, 2, NULL), 0, "harmless");
    if (dies) restart();
    cr_assert_eq(trade_register(site, (struct person_card){.name = "Lee", .phone = "010-3333-4444"}), id);
    cr_assert_eq(live_keys(id), 1);
    cr_assert(view_is(event_at(1)->body.registered.name, "Lee"));
    cr_assert_eq(site_find(site, TAG_PHONE, view_of("010-1111-2222"), false, found, 2, NULL), 0);
    cr_assert_eq(site_find(site, TAG_PHONE, view_of("010-3333-4444"), false, found, 2, NULL), 1);
}

Test(site_write, orphan_keys_go) { orphan(false); }
Test(site_write, orphan_keys_go_after_a_crash) { orphan(true); }

Test(site_write, full_ring) {
    fault_plan(&ring.fault, 0, 1, ERR_NO_SPACE);
    cr_assert_eq(trade_register(site, (struct person_card){.name = "Kim"}), 0);
    cr_assert_eq(trade_error()->code, ERR_NO_SPACE);
    cr_assert_eq(log_tip(site->log), 0);
    cr_assert_neq(trade_sell(site, 0, 1000), 0, "without a key there is nothing to put there");
    cr_assert_neq(trade_register(site, (struct person_card){.name = "Kim"}), 0);
}

/* Durable, but nobody was told: after the restart it is there, once. */
Test(site_write, dies_behind_the_commit) {
    struct draft draft = referred(person_draft("Kim"), "a");
    disk.fault.after_all = true;
    fault_plan(&disk.fault, 0, 1, ERR_IO);
    struct err err;
    cr_assert_eq(site_write(site, &draft, 1, NULL, 0, NULL, &err), ERR_IO);
    restart();
    draft = referred(person_draft("Kim"), "a");
    write_all(&draft, 1);
    cr_assert(draft.existing);
    cr_assert_eq(seq(), 1);
    cr_assert(view_is(event_at(1)->body.registered.name, "Kim"));
    cr_assert_neq(trade_contact(site, draft.id, 0, "after it"), 0);
    uint64_t first = event_at(1)->hlc;
    cr_assert_gt(event_at(2)->hlc, first);
}

/* Any write fails, anywhere: what was written reads as before, and it goes on. */
Test(site_write, faults_anywhere) {
    for (uint64_t n = 0; n < 30; n++) {
        struct fault *fault = n % 2 == 0 ? &disk.fault : &ring.fault;
        fault_plan(fault, n / 4, 1, ERR_NO_SPACE);
        fault->after_all = false;
        uint64_t written = 0, before = seq(), kim = 0;
        for (int i = 0; i < 12; i++) {
            uint64_t id = kim == 0 ? trade_register(site, (struct person_card){.name = "Kim", .card = "1"})
                                   : trade_contact(site, kim, 0, "a note");
            if (kim == 0) kim = id;
            written += id != 0;
            if (id == 0 && n % 3 == 0) restart();
        }
        cr_assert_eq(seq(), before + written);
        for (uint64_t position = 1; position <= log_tip(site->log); position++) event_at(position);
        sound();
    }
}

/* ---- The hub's side ---- */

Test(site_write, received_never_goes_back) {
    site_close(site);
    start(ROLE_HUB);
    int64_t last = 0;
    for (int i = 0; i < 50; i++) {
        struct buf copy = BUF_INIT;
        struct record record;
        machine_clock.skew = (int64_t)sim_dice(&world, 1000000) - 500000;
        if (i % 20 == 19) restart();
        cr_assert_neq(trade_sell(site, 0, 1000), 0);
        cr_assert_eq(log_get(site->log, log_tip(site->log), &record, &copy, NULL), 0);
        cr_assert_geq(record.received, last);
        last = record.received;
        buf_release(&copy);
    }
}
