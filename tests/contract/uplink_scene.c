#include "tests/contract/uplink_scene.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

struct region_net region;
struct site *site;
struct uplink uplink;
struct signer hub;
struct fake_line wire;
static struct buf receipt; /* the newest */

static int fake_dial(void *context, const char *address, struct err *err) {
    (void)context;
    wire.dials++;
    cr_assert_str_eq(address, NET_HUB_ADDRESS);
    return wire.refuses_dial ? err_set(err, ERR_INVALID, NULL, "no such address") : 0;
}

static int fake_send(void *context, struct view message) {
    (void)context;
    if (wire.refuses_send) return ERR_CLOSED;
    buf_clear(&wire.bytes);
    buf_append_view(&wire.bytes, message);
    cr_assert_eq(message_decode(buf_view(&wire.bytes), &wire.last, NULL), 0);
    wire.sent++;
    wire.pushes += wire.last.type == MESSAGE_push;
    return 0;
}

static void fake_close(void *context) {
    (void)context;
    wire.closes++;
}

static void open_uplink(void) {
    struct uplink_port port = {fake_dial, fake_send, fake_close, NULL};
    struct err err;
    cr_assert_eq(uplink_open(&uplink, site, &port, region.journal, &err), 0, "%s", err.text);
}

void uplink_scene_prepare(void) {
    region_net_open(&region, 1, 1);
    net_store_start(&region.stores[0]);
    site = region.stores[0].machine.site;
    hub = region.hub.machine.site->signer;
    open_uplink();
}

void uplink_scene_done(void) {
    uplink_release(&uplink);
    buf_release(&wire.bytes);
    buf_release(&receipt);
    region_net_close(&region);
}

void uplink_scene_restart(void) {
    uplink_release(&uplink);
    open_uplink();
}

/* ---- The hub's part ---- */

void hear(const struct message *message) {
    struct buf bytes = BUF_INIT;
    message_encode(message, &bytes);
    uplink_message(&uplink, buf_view(&bytes));
    buf_release(&bytes);
}

void pass(int64_t ms) {
    region.world.elapsed += ms;
    uplink_tick(&uplink, region.world.elapsed);
}

void say_nonce(uint64_t version) {
    static const uint8_t nonce[NONCE_SIZE] = {1};
    struct message message = {.type = MESSAGE_nonce};
    message.body.nonce =
        (struct message_nonce){version, view_make(nonce, sizeof nonce), view_make(hub.public_key, PUBLIC_KEY_SIZE),
                               view_make(region.hub.machine.secrets.certificate, SIGNATURE_SIZE)};
    hear(&message);
}

/* Our own head at `seq`. */
struct head head_at(uint64_t seq) {
    struct head head = {.stream = site->config.stream};
    chain_start(head.stream, site->signer.public_key, head.chain);
    while (head.seq < seq) {
        struct buf copy = BUF_INIT;
        struct record record;
        cr_assert_eq(log_get_id(site->log, id_make(head.stream, ++head.seq), &record, &copy, NULL), 0);
        chain_next(head.chain, record.frame);
        buf_release(&copy);
    }
    return head;
}

struct view receipt_for(const struct head *head) {
    buf_clear(&receipt);
    receipt_write(&hub, head, SIM_START + (int64_t)head->seq, 1, &receipt);
    return buf_view(&receipt);
}

struct message_welcome honest_welcome(uint64_t held) {
    static const uint8_t token[TOKEN_SIZE] = {5};
    struct head head = head_at(held);
    return (struct message_welcome){
        .next_seq = held + 1,
        .incarnation = 1,
        .time = env_now(site->env),
        .credit = 1 << 20,
        .token_number = uplink.token_number + 1,
        .token = view_make(token, sizeof token),
        .receipt = held == 0 ? VIEW_NONE : receipt_for(&head),
    };
}

void welcome(const struct message_welcome *body) {
    struct message message = {.type = MESSAGE_welcome};
    message.body.welcome = *body;
    hear(&message);
}

void ack(uint64_t next_seq, struct view with, uint64_t credit) {
    struct message message = {.type = MESSAGE_ack};
    message.body.ack = (struct message_ack){site->config.stream, next_seq, with, credit};
    hear(&message);
}

void ack_to(uint64_t seq) {
    struct head head = head_at(seq);
    ack(seq + 1, receipt_for(&head), 1 << 20);
}

void level_to(uint64_t seq) {
    struct batch_packer *packer = batch_packer_open(PUSH_LEVEL);
    struct message message = {.type = MESSAGE_feed};
    struct feed_cursor cursor = {.incarnation = 1, .position = 1, .rules = FEED_RULES};
    cr_assert_eq(feed_pack(packer, &cursor, view_make("", 0), 0, &message.body.feed, NULL), 0);
    message.body.feed.digest_seq = seq;
    message.body.feed.level = 1;
    hear(&message);
    batch_packer_close(packer);
}

/* As far as the nonce. */
void knocked(void) {
    pass(0);
    cr_assert_eq(uplink.state, UPLINK_DIALLING);
    uplink_dialled(&uplink);
    cr_assert_eq(uplink.state, UPLINK_KNOCKING);
    cr_assert_eq(wire.last.type, MESSAGE_knock);
}

void greeted(void) {
    knocked();
    say_nonce(1);
    cr_assert_eq(uplink.state, UPLINK_GREETING);
    cr_assert_eq(wire.last.type, MESSAGE_hello);
}

void opened(uint64_t held) {
    greeted();
    struct message_welcome body = honest_welcome(held);
    welcome(&body);
    cr_assert_eq(uplink.state, UPLINK_OPEN, "%s", uplink.trouble.text);
}

void closed(void) {
    struct err err;
    err_set(&err, ERR_CLOSED, NULL, "the other side is gone");
    uplink_closed(&uplink, &err);
    cr_assert_eq(uplink.state, UPLINK_DOWN);
}

void gives_up(int code, bool refused, const char *words) {
    cr_assert_eq(uplink.state, UPLINK_CLOSING);
    cr_assert_eq(uplink.trouble.code, code, "%s", uplink.trouble.text);
    cr_assert_eq(uplink.refused, refused);
    cr_assert_not_null(strstr(uplink.trouble.text, words), "%s", uplink.trouble.text);
    cr_assert(net_journal_says(&region, words));
    size_t sent = wire.sent;
    struct message late = {.type = MESSAGE_error};
    late.body.error = (struct message_error){1, view_of("and another thing"), 0};
    ack_to(0); /* nothing is heard or said any more */
    hear(&late);
    pass(1000);
    cr_assert_eq(wire.sent, sent);
    closed();
    cr_assert_eq(uplink.trouble.code, code, "the reason stays");
    cr_assert_gt(uplink_due(&uplink), 0);
}

/* The next attempt, when its time has come. */
void wait_for_dial(void) {
    size_t dials = wire.dials;
    region.world.elapsed += uplink_due(&uplink);
    uplink_tick(&uplink, region.world.elapsed);
    cr_assert_eq(wire.dials, dials + 1);
}

void sell(size_t count) { cr_assert(trade_day(site, 0, count), "%s", trade_error()->text); }

void sell_one_by_one(size_t count) {
    for (size_t i = 0; i < count; i++) {
        sell(1);
        pass(0);
    }
}
