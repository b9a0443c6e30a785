/* A whole site on a disk that is full, to the last page: wherever the room ends, in the key ring or in the log, a
 * command is refused with a clear reason, nothing of it is there, and with room again everything goes on. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "proto/base/file_os.h"
#include "tests/support/parties.h"
#include "tests/support/scratch.h"
#include "tests/support/small_disk.h"
#include "tests/support/trade.h"

#define PAGES_MOST 48 /* of free room: with more, whatever is tried here fits */
#define PEOPLE_MOST 8192
#define MANY 60

static struct scratch scratch;
static struct still_world world;
static struct site *site;
static char directory[128];
static uint64_t people[PEOPLE_MOST]; /* whose registration was acknowledged */
static size_t people_count;
static uint64_t tip; /* of what was acknowledged */
static size_t refused, written;

static void open_site(void) {
    struct err err = {.code = 0};
    cr_assert_eq(site_open(directory, ROLE_STORE, &world.env, NULL, &site, &err), 0, "%s", err.text);
}

static void prepare(void) {
    static char region[] = "region", currency[] = "KRW", zone[] = "UTC", country[] = "KR", store[] = "S1",
                name[] = "Shop 1", chain[] = "", address[] = "127.0.0.1:1", certificate[] = "none";
    struct config config = {.role = ROLE_STORE,
                            .stream = PARTIES_STREAM,
                            .region = region,
                            .currency = currency,
                            .timezone = zone,
                            .country = country,
                            .store = store,
                            .name = name,
                            .chain = chain,
                            .addresses = {address},
                            .address_count = 1,
                            .ca_certificate = certificate};
    struct secrets secrets = {.tls_key = NULL};
    struct err err;
    scratch_make(&scratch);
    still_world_init(&world, 1);
    cr_assert_not_null(env_os()); /* the library of ciphers is started by it */
    if (!small_disk_mount(scratch.path, "16m")) cr_skip_test("no file system of its own: %s", strerror(errno));
    snprintf(directory, sizeof directory, "%s", scratch_name(&scratch, "site"));
    cr_assert_eq(config_create(directory, &config, &secrets, &err), 0, "%s", err.text);
    open_site();
}

static void finish(void) {
    small_disk_end(scratch.path);
    scratch_remove(&scratch);
}

TestSuite(site_full, .init = prepare, .fini = finish, .timeout = 300);

static int key_of(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    (void)context;
    (void)stream;
    memcpy(key, site->signer.public_key, PUBLIC_KEY_SIZE);
    return 0;
}

/* Everything acknowledged is there and can be read, and nothing else is. */
static void stands(void) {
    struct log_trust trust = {.key_of = key_of};
    struct verify_report report;
    struct err err = {.code = 0};
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    uint64_t keys;
    memcpy(trust.root, site->config.root, PUBLIC_KEY_SIZE);
    cr_assert_eq(log_tip(site->log), tip);
    cr_assert_eq(site->log->ops->verify(site->log, &trust, &report, &err), 0, "%s", err.text);
    cr_assert_eq(report.records, tip);
    cr_assert_eq(site->ring->ops->verify(site->ring, &keys, &err), 0, "%s", err.text);
    for (size_t i = 0; i < people_count; i++) {
        struct event event;
        struct record record;
        int standing;
        bool opened;
        buf_clear(&frame);
        buf_clear(&plain);
        cr_assert_eq(site_event(site, people[i], &event, &frame, &plain, &standing, &opened, &record, &err), 0);
        cr_assert(opened, "customer %zu of %zu", i, people_count);
    }
    buf_release(&frame);
    buf_release(&plain);
}

/* It was written, with so many events; or there was no room and nothing is there. */
static bool counted(bool good, size_t events, const struct err *err) {
    if (good) {
        tip += events;
        written++;
    } else {
        cr_assert_eq(err->code, ERR_NO_SPACE, "%s", err->text);
        cr_assert_not_null(strstr(err->text, "No space left"), "%s", err->text);
        refused++;
    }
    cr_assert_eq(log_tip(site->log), tip);
    return good;
}

static void register_one(void) {
    char phone[64];
    snprintf(phone, sizeof phone, "010-2%03zu-0000", people_count % 1000);
    uint64_t id = trade_register(site, (struct person_card){.name = "손님", .phone = phone});
    if (counted(id != 0, 1, trade_error())) people[people_count++] = id;
}

static void register_many(void) {
    static struct draft drafts[MANY];
    struct err err = {.code = 0};
    cr_assert_lt(people_count + MANY, PEOPLE_MOST);
    memset(drafts, 0, sizeof drafts);
    for (size_t i = 0; i < MANY; i++) {
        drafts[i].subject = SUBJECT_SELF;
        event_init(&drafts[i].event, EVENT_registered);
        drafts[i].event.body.registered.name = view_of("one of many");
        drafts[i].event.sealed_bits = UINT64_C(1) << SEALED_registered_name;
    }
    if (!counted(site_write(site, drafts, MANY, NULL, 0, NULL, &err) == 0, MANY, &err)) return;
    for (size_t i = 0; i < MANY; i++) people[people_count++] = drafts[i].id;
}

static void sell(void) { counted(trade_sell(site, people[0], 1000) != 0, 1, trade_error()); }
static void sell_many(void) { counted(trade_day(site, people[0], 4 * MANY), (size_t)4 * MANY, trade_error()); }

static void restart(void) {
    site_close(site);
    open_site();
}

/* What a small and a large commit need is tried with less and less room, from none on. */
static void sweep(void (*small)(void), void (*large)(void)) {
    refused = written = 0;
    for (size_t pages = 0; pages < PAGES_MOST; pages += pages < 12 ? 1 : 6) {
        small_disk_fill(scratch.path, pages);
        for (int i = 0; i < 3; i++) small();
        large();
        small();
        if (pages % 4 == 0) restart(); /* on the full disk */
        stands();
        small_disk_clear(scratch.path);
        size_t before = refused;
        small();
        large();
        cr_assert_eq(refused, before, "it does not go on");
        stands();
        if (pages % 4 == 2) restart();
    }
    cr_assert_gt(refused, 0);
    cr_assert_gt(written, refused);
}

Test(site_full, refuses_registrations_where_there_is_no_room) {
    sweep(register_one, register_many);
    site_close(site);
}

Test(site_full, refuses_sales_where_there_is_no_room) {
    register_one();
    sweep(sell, sell_many);
    site_close(site);
}

/* The files beside log and ring: whole or as they were. */
Test(site_full, writes_files_whole_or_not_at_all) {
    static char text[3 * SMALL_DISK_PAGE];
    struct err err = {.code = 0};
    struct buf found = BUF_INIT;
    const char *path = scratch_name(&scratch, "note.json");
    char copy[128];
    snprintf(copy, sizeof copy, "%s", path);
    memset(text, 'b', sizeof text);
    cr_assert_eq(file_write(-100, copy, view_of("before"), 0600, &err), 0);
    for (size_t pages = 0; pages < 3; pages++) {
        small_disk_fill(scratch.path, pages);
        cr_assert_eq(file_write(-100, copy, view_make(text, sizeof text), 0600, &err), ERR_NO_SPACE, "%s", err.text);
        buf_clear(&found);
        scratch_read(copy, &found);
        cr_assert(view_equal(buf_view(&found), view_of("before")));
        cr_assert_not(file_exists(scratch_name(&scratch, "note.json.new")));
    }
    small_disk_clear(scratch.path);
    cr_assert_eq(file_write(-100, copy, view_make(text, sizeof text), 0600, &err), 0, "%s", err.text);
    buf_release(&found);
    site_close(site);
}

/* A site that was never opened before, where there is no room to do it. */
Test(site_full, opens_for_the_first_time_when_there_is_room) {
    struct err err = {.code = 0};
    char other[128];
    struct config config = site->config;
    struct secrets secrets = {.tls_key = NULL};
    snprintf(other, sizeof other, "%s", scratch_name(&scratch, "other"));
    cr_assert_eq(config_create(other, &config, &secrets, &err), 0);
    site_close(site);
    snprintf(directory, sizeof directory, "%s", other);
    size_t pages = 0;
    for (bool opened = false; !opened; pages++) {
        cr_assert_lt(pages, 200);
        small_disk_fill(scratch.path, pages);
        int code = site_open(directory, ROLE_STORE, &world.env, NULL, &site, &err);
        opened = code == 0;
        cr_assert(opened || code == ERR_NO_SPACE, "%zu pages: %s", pages, err.text);
        small_disk_clear(scratch.path);
    }
    cr_assert_gt(pages, 1);
    register_one();
    restart();
    stands();
    site_close(site);
}
