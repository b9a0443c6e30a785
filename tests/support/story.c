#include "tests/support/story.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/file_os.h"
#include "proto/log/chain.h"
#include "tests/support/trade.h"

#define HERE (-100) /* AT_FDCWD */
#define LARGE 40    /* registrations or sales in a commit: past what is redone from a meta page */

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "story: %s: %s\n", what, trade_error()->text);
    abort();
}

static uint64_t below(struct story *story, uint64_t bound) {
    uint64_t drawn;
    env_random(&story->world.env, &drawn, sizeof drawn);
    return drawn % bound;
}

/* ---- The site ---- */

static void fill_config(struct story *story, uint64_t seed) {
    static char region[] = "region", currency[] = "KRW", zone[] = "UTC", country[] = "KR", store[] = "S1",
                name[] = "Shop 1", chain[] = "", address[] = "127.0.0.1:1", certificate[] = "none";
    struct parties parties;
    must(env_os() != NULL, "the library of ciphers"); /* started by it */
    still_world_init(&story->world, seed);
    parties_make(&parties, 0);
    story->config = (struct config){.role = ROLE_STORE,
                                    .stream = PARTIES_STREAM,
                                    .incarnation = 1,
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
    memcpy(story->config.root, parties.root.public_key, PUBLIC_KEY_SIZE);
    memset(story->secrets.seed, 4, sizeof story->secrets.seed);
    memset(story->secrets.master, 7, sizeof story->secrets.master);
}

static int open_site(struct story *story, const char *directory, struct err *err) {
    return site_open(directory, ROLE_STORE, &story->world.env, NULL, &story->site, err);
}

/* ---- Steps ---- */

static struct story_customer *customer_add(struct story *story, uint64_t id, const struct tag *tag) {
    must(id != 0, "registering");
    story->customers = mem_resize(story->customers, (story->customer_count + 1) * sizeof *story->customers);
    struct story_customer *made = &story->customers[story->customer_count++];
    *made = (struct story_customer){.id = id, .tag = *tag, .registered = story->step_count};
    return made;
}

/* So many new customers in one commit: their keys in the ring's, their events in the log's. */
static void register_some(struct story *story, size_t count) {
    struct draft *drafts = mem_alloc(count * sizeof *drafts);
    char(*phones)[64] = mem_alloc(count * sizeof *phones);
    struct err err = {.code = 0};
    for (size_t i = 0; i < count; i++) {
        struct event *event = &drafts[i].event;
        snprintf(phones[i], sizeof phones[i], "010-7%03zu-%04zu", i, story->step_count);
        drafts[i].subject = SUBJECT_SELF;
        event_init(event, EVENT_registered);
        event->body.registered.name = view_of("손님");
        event->body.registered.phone = view_of(phones[i]);
        event->sealed_bits = UINT64_C(1) << SEALED_registered_name | UINT64_C(1) << SEALED_registered_phone;
        must(site_draft_tags(story->site, &drafts[i], &err) == 0, err.text);
    }
    must(site_write(story->site, drafts, count, NULL, 0, NULL, &err) == 0, err.text);
    for (size_t i = 0; i < count; i++) customer_add(story, drafts[i].id, &drafts[i].tags[0]);
    free(drafts);
    free(phones);
}

/* Somebody who is still in the book. */
static struct story_customer *somebody(struct story *story) {
    for (;;) {
        struct story_customer *found = &story->customers[below(story, story->customer_count)];
        if (found->destroyed == 0) return found;
    }
}

/* A sale with a ref, which is an index row, and a note, which is sealed. */
static void sell(struct story *story, bool value) {
    struct draft drafts[2];
    char key[24], note[600], number[24];
    struct err err = {.code = 0};
    uint64_t customer = somebody(story)->id;
    struct row_sale_line line;
    struct buf lines = BUF_INIT;
    memset(drafts, 0, sizeof drafts);
    snprintf(key, sizeof key, "receipt %zu", story->step_count);
    snprintf(number, sizeof number, "%zu", story->step_count);
    memset(note, 'n', sizeof note);
    event_init(&drafts[0].event, EVENT_sold);
    row_sale_line_init(&line);
    line.sku = view_of("coat");
    line.quantity = 1000;
    line.amount = 89000;
    row_sale_line_append(&drafts[0].event.body.sold.lines, &lines, &line);
    drafts[0].event.subject = drafts[1].event.subject = customer;
    event_init(&drafts[1].event, EVENT_contacted);
    drafts[1].event.subject = customer;
    drafts[1].event.body.contacted.kind = choice_contact_kind_call;
    drafts[1].event.body.contacted.purpose = view_of("fit");
    drafts[1].event.body.contacted.note = view_make(note, below(story, sizeof note));
    drafts[1].event.sealed_bits = UINT64_C(1) << SEALED_contacted_note;
    drafts[0].event.ref = (struct ref){view_of("till"), view_of(key)};
    struct log_value values[] = {{view_of("number"), view_of(number)}};
    must(site_write(story->site, drafts, 2, values, value, NULL, &err) == 0, err.text);
    buf_release(&lines);
    if (value) story->number_step = story->step_count;
}

static void set_number(struct story *story) {
    char number[24];
    struct err err = {.code = 0};
    snprintf(number, sizeof number, "%zu", story->step_count);
    struct log_value value = {view_of("number"), view_of(number)};
    must(site_set_values(story->site, &value, 1, &err) == 0, err.text);
    story->number_step = story->step_count;
}

static void destroy_somebody(struct story *story) {
    struct story_customer *customer = somebody(story);
    struct err err = {.code = 0};
    must(story->site->ring->ops->destroy(story->site->ring, customer->id, &err) == 0, err.text);
    customer->destroyed = story->step_count;
}

static void write_note(struct story *story) {
    char *path = path_join(story->directory, "note.json");
    struct buf text = BUF_INIT;
    struct err err = {.code = 0};
    buf_printf(&text, "%zu\n", story->step_count);
    for (size_t i = 0; i < 3 * story->step_count; i++) buf_printf(&text, "and then %zu\n", i);
    must(file_write(HERE, path, buf_view(&text), 0600, &err) == 0, err.text);
    buf_release(&text);
    free(path);
    story->note_step = story->step_count;
}

static void reopen(struct story *story) {
    struct err err = {.code = 0};
    site_close(story->site);
    must(open_site(story, story->directory, &err) == 0, err.text);
}

static void take_step(struct story *story) {
    struct err err = {.code = 0};
    size_t number = story->step_count; /* the first is 1 */
    if (number == STORY_CREATED)
        must(config_create(story->directory, &story->config, &story->secrets, &err) == 0, err.text);
    else if (number == STORY_OPENED)
        must(open_site(story, story->directory, &err) == 0, err.text);
    else if (number == STORY_OPENED + 1 || number % 16 == 7)
        register_some(story, LARGE);
    else if (number % 16 == 12)
        must(trade_day(story->site, somebody(story)->id, 4 * LARGE), "a day of sales");
    else if (number % 16 == 9)
        destroy_somebody(story);
    else if (number % 16 == 10)
        write_note(story);
    else if (number % 16 == 14)
        reopen(story);
    else if (number % 8 == 5)
        set_number(story);
    else if (number % 3 == 0)
        register_some(story, 1 + below(story, 2));
    else
        sell(story, number % 2 == 0);
}

static void keep_records(struct story *story) {
    uint64_t tip = log_tip(story->site->log);
    story->records = mem_alloc((tip + 1) * sizeof *story->records);
    for (uint64_t at = 1; at <= tip; at++) {
        struct record record;
        struct story_record *kept = &story->records[at];
        kept->start = story->frames.len;
        must(log_get(story->site->log, at, &record, &story->frames, NULL) == 0, "reading");
        kept->id = record.id;
        kept->len = story->frames.len - kept->start;
    }
}

void story_tell(struct story *story, const char *directory, uint64_t seed, size_t (*moment)(void)) {
    *story = (struct story){.directory = directory};
    fill_config(story, seed);
    while (story->step_count < STORY_STEPS) {
        story->step_count++;
        story->world.now += 1000;
        take_step(story);
        story->numbers[story->step_count] = story->number_step;
        story->notes[story->step_count] = story->note_step;
        story->steps[story->step_count] = (struct story_step){
            .moment = moment == NULL ? 0 : moment(), .tip = story->site == NULL ? 0 : log_tip(story->site->log)};
    }
    keep_records(story);
    site_close(story->site);
    story->site = NULL;
}

void story_release(struct story *story) {
    free(story->customers);
    free(story->records);
    buf_release(&story->frames);
}

size_t story_done(const struct story *story, size_t moment) {
    size_t done = 0;
    while (done < story->step_count && story->steps[done + 1].moment <= moment) done++;
    return done;
}

/* ---- What is left of it ---- */

struct look {
    struct story *story;
    const char *directory;
    size_t done;
    uint64_t tip;
    struct buf *why;
};

static bool wrong(struct look *look, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(struct look *look, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buf_printf(look->why, "%s", text);
    return false;
}

static int key_of(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    const struct site *site = context;
    if (stream != site->config.stream) return ERR_NOT_FOUND;
    memcpy(key, site->signer.public_key, PUBLIC_KEY_SIZE);
    return 0;
}

static bool verifies(struct look *look) {
    struct site *site = look->story->site;
    struct log_trust trust = {.key_of = key_of, .context = site};
    struct verify_report report;
    struct err err = {.code = 0};
    uint64_t keys;
    memcpy(trust.root, site->config.root, PUBLIC_KEY_SIZE);
    if (site->log->ops->verify(site->log, &trust, &report, &err) != 0) return wrong(look, "verify: %s", err.text);
    if (report.records != log_tip(site->log)) return wrong(look, "verify saw another log");
    if (site->ring->ops->verify(site->ring, &keys, &err) != 0) return wrong(look, "verify: %s", err.text);
    return true;
}

/* Every record is the one that was written. */
static bool same_records(struct look *look) {
    const struct story *story = look->story;
    struct log *log = story->site->log;
    struct log_iterator *it;
    struct record record;
    struct err err = {.code = 0};
    uint64_t at = 0;
    if (log->ops->iterate(log, &it, &err) != 0) return wrong(look, "%s", err.text);
    while (it->ops->next(it, &record, &err) == 0 && ++at <= look->tip) {
        const struct story_record *kept = &story->records[at];
        if (record.id != kept->id || !view_equal(record.frame, view_make(story->frames.data + kept->start, kept->len)))
            break;
    }
    it->ops->close(it);
    return at == look->tip || wrong(look, "record %llu is not what was written", (unsigned long long)at);
}

/* Whether a customer's key was destroyed by then: 1 yes, 0 no, -1 perhaps. */
static int destroyed(const struct look *look, uint64_t id) {
    for (size_t i = 0; i < look->story->customer_count; i++) {
        const struct story_customer *customer = &look->story->customers[i];
        if (customer->id != id || customer->destroyed == 0) continue;
        return customer->destroyed <= look->done ? 1 : customer->destroyed == look->done + 1 ? -1 : 0;
    }
    return 0;
}

/* What is sealed can be read, unless the key was destroyed: then never again. What has a ref is found by it. */
static bool readable_record(struct look *look, uint64_t at, struct buf *frame, struct buf *plain) {
    struct site *site = look->story->site;
    struct event event;
    struct record record;
    struct err err = {.code = 0};
    int standing;
    bool opened;
    uint8_t hash[REF_HASH_SIZE];
    uint64_t found = 0;
    buf_clear(frame);
    buf_clear(plain);
    uint64_t id = look->story->records[at].id;
    if (site_event(site, id, &event, frame, plain, &standing, &opened, &record, &err) != 0)
        return wrong(look, "record %llu: %s", (unsigned long long)at, err.text);
    if (record.position != at || standing != EVENT_GOOD) return wrong(look, "record %llu", (unsigned long long)at);
    if (event.ref.source.data != NULL) {
        ref_hash(event.ref.source, event.ref.key, hash);
        if (site->log->ops->ref(site->log, hash, &found) != 0 || found != id)
            return wrong(look, "record %llu is not found by its ref", (unsigned long long)at);
    }
    int gone = event.sealed_bits == 0 ? -1 : destroyed(look, event.subject);
    if (gone == 0 && !opened) return wrong(look, "record %llu cannot be read", (unsigned long long)at);
    if (gone == 1 && opened) return wrong(look, "record %llu can be read again", (unsigned long long)at);
    return true;
}

static bool readable(struct look *look) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    bool good = true;
    for (uint64_t at = 1; good && at <= look->tip; at++) good = readable_record(look, at, &frame, &plain);
    buf_release(&frame);
    buf_release(&plain);
    return good;
}

static bool right_keys(struct look *look) {
    struct keyring *ring = look->story->site->ring;
    for (size_t i = 0; i < look->story->customer_count; i++) {
        const struct story_customer *customer = &look->story->customers[i];
        struct ring_key keys[4];
        uint64_t found[4];
        if (customer->registered > look->done) continue;
        int gone = destroyed(look, customer->id);
        int key_count = ring->ops->get(ring, customer->id, keys, 4, NULL);
        int tag_count = ring->ops->find(ring, &customer->tag, found, 4, NULL);
        if (key_count != 1) return wrong(look, "customer %zu has %d keys", i, key_count);
        if (gone >= 0 && keys[0].destroyed != (gone == 1)) return wrong(look, "the key of customer %zu", i);
        if (tag_count != (keys[0].destroyed ? 0 : 1)) return wrong(look, "customer %zu has %d tags", i, tag_count);
    }
    return true;
}

/* A number was left by the last step that was done, or by the one after it. */
static bool is_from(const struct look *look, size_t number, const size_t *steps) {
    return number == steps[look->done] || (look->done < STORY_STEPS && number == steps[look->done + 1]);
}

static bool right_number(struct look *look) {
    struct log *log = look->story->site->log;
    struct buf value = BUF_INIT;
    size_t number = 0;
    if (log->ops->value(log, view_of("number"), &value) == 0) number = strtoul(buf_text(&value), NULL, 10);
    buf_release(&value);
    return is_from(look, number, look->story->numbers) || wrong(look, "the value is %zu", number);
}

static bool right_note(struct look *look) {
    char *path = path_join(look->directory, "note.json");
    struct buf text = BUF_INIT;
    size_t number = 0, lines = 0;
    if (file_read(HERE, path, &text, NULL) == 0) number = strtoul(buf_text(&text), NULL, 10);
    for (size_t i = 0; i < text.len; i++) lines += text.data[i] == '\n';
    bool whole = lines == (number == 0 ? 0 : 1 + 3 * number);
    buf_release(&text);
    free(path);
    return (whole && is_from(look, number, look->story->notes)) || wrong(look, "the file is %zu", number);
}

static bool right_tip(struct look *look) {
    const struct story_step *steps = look->story->steps;
    look->tip = log_tip(look->story->site->log);
    if (look->tip == steps[look->done].tip) return true;
    if (look->done < STORY_STEPS && look->tip == steps[look->done + 1].tip) return true;
    return wrong(look, "%llu records are there, of %llu", (unsigned long long)look->tip,
                 (unsigned long long)steps[look->done].tip);
}

/* An `init` that had not come to its end can be run again. */
static bool begins_again(struct look *look) {
    struct config config;
    struct story *story = look->story;
    struct err err = {.code = 0};
    if (look->done >= STORY_CREATED || config_load(look->directory, ROLE_STORE, &config, &err) == 0) {
        if (look->done < STORY_CREATED) config_release(&config);
        return true;
    }
    return config_create(look->directory, &story->config, &story->secrets, &err) == 0 || wrong(look, "%s", err.text);
}

static bool opens(struct look *look) {
    struct err err = {.code = 0};
    return open_site(look->story, look->directory, &err) == 0 || wrong(look, "opening: %s", err.text);
}

static void shut(struct look *look) {
    site_close(look->story->site);
    look->story->site = NULL;
}

static bool goes_on(struct look *look) {
    struct site *site = look->story->site;
    if (trade_register(site, (struct person_card){.name = "after", .phone = "010-9999-0000"}) == 0 ||
        trade_sell(site, 0, 1000) == 0 || !trade_day(site, 0, 2 * LARGE))
        return wrong(look, "it does not go on: %s", trade_error()->text);
    shut(look);
    if (!opens(look)) return false;
    if (log_tip(look->story->site->log) != look->tip + 2 + 2 * LARGE) return wrong(look, "it lost what came after");
    return verifies(look);
}

bool story_opens(struct story *story, const char *directory, struct buf *why) {
    struct look look = {.story = story, .directory = directory, .why = why};
    if (!opens(&look)) return false;
    shut(&look);
    return true;
}

bool story_stands(struct story *story, const char *directory, size_t done, bool on, uint64_t *tip, struct buf *why) {
    struct look look = {.story = story, .directory = directory, .done = done, .why = why};
    bool opened = begins_again(&look) && opens(&look);
    bool good = opened && right_tip(&look) && verifies(&look) && same_records(&look) && readable(&look) &&
                right_keys(&look) && right_number(&look) && right_note(&look) && (!on || goes_on(&look));
    if (story->site != NULL) shut(&look);
    *tip = look.tip;
    return good;
}
