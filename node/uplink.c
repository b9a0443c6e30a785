#include "node/uplink.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/base/zone.h"
#include "proto/site/directory.h"

/* number, token, the hub's incarnation */
#define TOKEN_VALUE_SIZE (8 + TOKEN_SIZE + 4)
#define HELLO_MOST 8192 /* room for a HELLO at once: growing would leave copies of the join secret behind */

static void token_load(struct uplink *u) {
    struct buf value = BUF_INIT;
    if (u->site->log->ops->value(u->site->log, view_of("token"), &value) == 0 && value.len == TOKEN_VALUE_SIZE) {
        u->token_number = get_u64_le(value.data);
        memcpy(u->token, value.data + 8, TOKEN_SIZE);
        u->incarnation = get_u32_le(value.data + 8 + TOKEN_SIZE);
    }
    buf_release(&value);
}

/* A receipt is signed, but the hub's key is only learned from the hub: on disk the site's own chain guards it. */
static int receipt_load(struct uplink *u, struct err *err) {
    int code = u->site->log->ops->value(u->site->log, view_of("receipt"), &u->receipt);
    chain_start(u->site->config.stream, u->site->signer.public_key, u->acked_chain);
    if (code == ERR_NOT_FOUND) return 0;
    struct message message;
    if (code == 0) code = message_decode(buf_view(&u->receipt), &message, err);
    if (code != 0 || message.type != MESSAGE_receipt)
        return err_set(err, ERR_CORRUPT, NULL, "the stored receipt is damaged");
    u->acked = u->receipted = message.body.receipt.seq;
    u->receipt_incarnation = (uint32_t)message.body.receipt.incarnation;
    memcpy(u->acked_chain, message.body.receipt.chain.data, CHAIN_SIZE);
    return 0;
}

int uplink_open(struct uplink *u, struct site *site, const struct uplink_port *port, FILE *journal, struct err *err) {
    *u = (struct uplink){.site = site, .port = *port, .journal = {journal, site->env}};
    u->packer = batch_packer_open(PUSH_LEVEL);
    u->retry_wait = RETRY_FIRST_MS;
    u->incarnation = site->config.incarnation;
    feed_open(&u->feed, site, journal);
    token_load(u);
    return receipt_load(u, err);
}

void uplink_release(struct uplink *u) {
    batch_packer_close(u->packer);
    handback_release(&u->handback);
    buf_release(&u->receipt);
}

/* Nothing more is sent, nothing but the hub's reason is heard, until `uplink_closed`. */
static void hang_up(struct uplink *u) {
    if (u->state == UPLINK_DOWN || u->state == UPLINK_CLOSING) return;
    u->state = UPLINK_CLOSING;
    u->port.close(u->port.context);
}

size_t uplink_send(struct uplink *u, const struct message *message) {
    struct buf bytes = BUF_INIT;
    if (message->type == MESSAGE_hello) buf_reserve(&bytes, HELLO_MOST);
    message_encode(message, &bytes);
    size_t size = bytes.len;
    if (u->port.send(u->port.context, buf_view(&bytes)) != 0) hang_up(u);
    buf_wipe(&bytes);
    return size;
}

/* Waits longer after each failure, or as long as the hub asked, spread by chance so that a region does not come back in
 * the same second. */
static void plan_retry(struct uplink *u, int64_t asked) {
    uint32_t chance;
    env_random(u->site->env, &chance, sizeof chance);
    int64_t least = asked > 0 ? asked : u->retry_wait / 2;
    u->retry_at = u->now + least + (int64_t)(chance % (uint64_t)(least / 2 + 1));
    u->retry_wait = u->retry_wait * 2 < RETRY_LAST_MS ? u->retry_wait * 2 : RETRY_LAST_MS;
}

/* This PC is an older copy of its store, or a clone: it writes nothing more until it is recovered. The hub has found
 * out, or hears it from us. */
static void part(struct uplink *u, const char *why) {
    struct err err;
    if (u->state == UPLINK_OPEN || u->state == UPLINK_GREETING) {
        struct message message = {.type = MESSAGE_error};
        message.body.error = (struct message_error){(uint64_t)-ERR_FORKED, view_of(why), 0};
        uplink_send(u, &message);
    }
    if (site_quarantine(u->site, view_of(why), &err) != 0)
        journal_say(&u->journal, "that this store is read-only could not be stored: %s", err.text);
    site_quarantined(u->site, &u->trouble);
}

void uplink_fail(struct uplink *u, bool refused, int code, const char *format, ...) {
    char text[sizeof u->trouble.text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bool news = strstr(u->trouble.text, text) == NULL;
    err_set(&u->trouble, code, NULL, "%s", text);
    u->refused = refused;
    u->explained = true;
    if (code == ERR_FORKED) part(u, text);
    if (news) journal_say(&u->journal, "%s", u->trouble.text);
    hang_up(u);
}

static void knock(struct uplink *u) {
    struct message message = {.type = MESSAGE_knock};
    message.body.knock = (struct message_knock){PROTOCOL_LOWEST, PROTOCOL_HIGHEST, u->site->config.stream,
                                                view_make(u->site->config.root, PUBLIC_KEY_SIZE)};
    uplink_send(u, &message);
}

void uplink_dialled(struct uplink *u) {
    if (u->state != UPLINK_DIALLING) { /* given up meanwhile */
        u->port.close(u->port.context);
        return;
    }
    u->state = UPLINK_KNOCKING;
    u->heard_at = u->now;
    knock(u);
}

static void dial(struct uplink *u) {
    const struct config *config = &u->site->config;
    const char *address = config->addresses[u->address++ % config->address_count];
    struct err err = {.code = 0};
    u->state = UPLINK_DIALLING;
    u->explained = false;
    u->heard_at = u->now;
    if (u->port.dial(u->port.context, address, &err) != 0) uplink_closed(u, &err);
}

void uplink_closed(struct uplink *u, const struct err *err) {
    bool was_open = u->state == UPLINK_OPEN;
    if (u->state == UPLINK_DOWN) return;
    if (was_open) u->retry_wait = RETRY_FIRST_MS;
    u->state = UPLINK_DOWN;
    u->in_flight_count = u->in_flight_bytes = 0;
    if (!u->explained) uplink_fail(u, false, err->code, "no line to the hub: %s", err->text);
    if (u->retry_at <= u->now) plan_retry(u, u->refused ? RETRY_LAST_MS : 0);
}

static void greet(struct uplink *u) {
    struct site *site = u->site;
    struct head head = {.stream = site->config.stream};
    if (log_head(site->log, head.stream, &head) != 0) chain_start(head.stream, site->signer.public_key, head.chain);
    struct message greeting = {.type = MESSAGE_greeting}, hello = {.type = MESSAGE_hello};
    struct message_greeting *g = &greeting.body.greeting;
    g->public_key = view_make(site->signer.public_key, PUBLIC_KEY_SIZE);
    const uint8_t *secret = site->secrets.join_secret;
    if (!sodium_is_zero(secret, SECRET_SIZE)) g->secret = view_make(secret, SECRET_SIZE);
    g->seq = head.seq;
    g->chain = view_make(head.chain, CHAIN_SIZE);
    g->head_signature = view_make(head.signature, SIGNATURE_SIZE);
    if (u->receipt.len > 0) g->receipt = buf_view(&u->receipt);
    g->token_number = u->token_number;
    if (u->token_number > 0) g->token = view_make(u->token, TOKEN_SIZE);
    g->incarnation = u->incarnation;
    g->time = env_now(site->env);
    g->software = view_of("dangol-node " DANGOL_VERSION);
    feed_greet(&u->feed, g);
    if (u->new_key != NULL) g->new_key = view_make(u->new_key, PUBLIC_KEY_SIZE);
    struct buf content = BUF_INIT, held = BUF_INIT, directory = BUF_INIT;
    handback_held(site, &held);
    site_directory_greet(site, &directory);
    g->directory = buf_view(&directory);
    if (held.len > 0) g->held = buf_view(&held);
    uint8_t signature[SIGNATURE_SIZE];
    buf_reserve(&content, HELLO_MOST);
    message_encode(&greeting, &content);
    hello_sign(&site->signer, view_make(u->nonce, NONCE_SIZE), buf_view(&content), signature);
    hello.body.hello = (struct message_hello){view_make(signature, sizeof signature), buf_view(&content)};
    uplink_send(u, &hello);
    buf_wipe(&content);
    buf_release(&held);
    buf_release(&directory);
}

static void take_nonce(struct uplink *u, const struct message_nonce *nonce) {
    if (nonce->version < PROTOCOL_LOWEST || nonce->version > PROTOCOL_HIGHEST) {
        uplink_fail(u, true, ERR_VERSION,
                    "the hub wants to speak protocol %llu, this store speaks %d to %d; upgrade the %s",
                    (unsigned long long)nonce->version, PROTOCOL_LOWEST, PROTOCOL_HIGHEST,
                    nonce->version > PROTOCOL_HIGHEST ? "store" : "hub");
        return;
    }
    if (!hub_certificate_holds(u->site->config.root, nonce->hub_key.data, nonce->hub_certificate.data)) {
        uplink_fail(u, true, ERR_AUTH, "the hub's key is not certified by this region's root");
        return;
    }
    memcpy(u->nonce, nonce->nonce.data, NONCE_SIZE);
    memcpy(u->hub_key, nonce->hub_key.data, PUBLIC_KEY_SIZE);
    u->state = UPLINK_GREETING;
    greet(u);
}

/* The token, durably, before anything else is said; the hub's clock with it. */
static int keep_welcome(struct uplink *u, const struct message_welcome *welcome, struct err *err) {
    uint8_t token[TOKEN_VALUE_SIZE], offset[8], contact[8];
    int64_t now = env_now(u->site->env);
    put_u64_le(token, welcome->token_number);
    memcpy(token + 8, welcome->token.data, TOKEN_SIZE);
    put_u32_le(token + 8 + TOKEN_SIZE, (uint32_t)welcome->incarnation);
    put_u64_le(offset, (uint64_t)(welcome->time - now));
    put_u64_le(contact, (uint64_t)now);
    struct log_value values[] = {{view_of("token"), view_make(token, sizeof token)},
                                 {view_of("clock offset"), view_make(offset, sizeof offset)},
                                 {view_of("contact"), view_make(contact, sizeof contact)},
                                 {view_of("revoked"), VIEW_NONE}};
    int code = site_set_values(u->site, values, sizeof values / sizeof *values, err);
    if (code != 0) return code;
    u->token_number = welcome->token_number;
    u->incarnation = (uint32_t)welcome->incarnation;
    memcpy(u->token, welcome->token.data, TOKEN_SIZE);
    mutex_lock(&u->site->writer);
    u->site->clock_offset_ms = welcome->time - now;
    mutex_unlock(&u->site->writer);
    return 0;
}

/* A hub that knows less than it did is an older copy of itself: nothing of what we hold from it may be overwritten. */
static bool welcome_fits(struct uplink *u, const struct message_welcome *welcome) {
    if (welcome->token_number <= u->token_number || welcome->incarnation < u->incarnation) {
        uplink_fail(
            u, true, ERR_CONFLICT,
            "the hub gave session token %llu of incarnation %llu before, now %llu of %llu: an older copy of the "
            "hub was restored",
            (unsigned long long)u->token_number, (unsigned long long)u->incarnation,
            (unsigned long long)welcome->token_number, (unsigned long long)welcome->incarnation);
        return false;
    }
    if (welcome->time < TIME_MIN || welcome->time > TIME_MAX) {
        uplink_fail(u, false, ERR_FORMAT, "the hub's clock shows an impossible time");
        return false;
    }
    return true;
}

/* A hub that shows no receipt for what it says it has gets it again: duplicates are acked. */
static bool start(struct uplink *u, const struct message_welcome *welcome) {
    if (!uplink_start_from(u, welcome->next_seq, (uint32_t)welcome->incarnation, welcome->receipt)) return false;
    return u->sent.seq <= u->acked || uplink_start_from(u, u->acked + 1, (uint32_t)welcome->incarnation, VIEW_NONE);
}

/* That we have joined stands in the hub's stream; once it stands in our copy of it too, a hub that is lost gets it back
 * from us. Until then only the secret could tell the next one that our key is ours. */
static void forget_join_secret(struct uplink *u) {
    struct site *site = u->site;
    struct stream_state own;
    struct err err;
    if (sodium_is_zero(site->secrets.join_secret, SECRET_SIZE)) return;
    site_read(site);
    bool told = model_stream(site->model, site->config.stream, &own) && own.keyed;
    site_unread(site);
    if (told && site_joined(u->site, &err) != 0)
        journal_say(&u->journal, "the join secret could not be removed, it will be tried again: %s", err.text);
}

static void take_welcome(struct uplink *u, const struct message_welcome *welcome) {
    struct err err;
    handback_begin(&u->handback, welcome);
    if (u->handback.guest) { /* it does not know us yet: nothing of ours is said or kept */
        u->state = UPLINK_OPEN;
        u->pinged_at = u->now;
        journal_say(&u->journal, "the hub was rebuilt and does not know this store yet; it gets its own events back");
        uplink_handback(u);
        return;
    }
    if (u->new_key != NULL) {
        uplink_fail(u, true, ERR_VERSION, "the hub takes this directory as it is; it gives out no new stream for it");
        return;
    }
    if (!welcome_fits(u, welcome) || !start(u, welcome)) return;
    int code = keep_welcome(u, welcome, &err);
    if (code != 0) {
        uplink_fail(u, false, code, "the session token could not be stored: %s", err.text);
        return;
    }
    forget_join_secret(u);
    u->credit = welcome->credit;
    feed_begin(&u->feed);
    u->state = UPLINK_OPEN;
    u->pinged_at = u->now;
    u->trouble = (struct err){.code = 0};
    u->refused = false;
    u->retry_wait = RETRY_FIRST_MS;
    journal_say(&u->journal, "on the line with the hub; it has %llu of our events", (unsigned long long)u->sent.seq);
    uplink_hand_keys(u, welcome->keys_wanted);
    uplink_handback(u);
    uplink_push(u);
}

static void take_moved(struct uplink *u, const struct message_moved *moved) {
    if (u->new_key == NULL || stream_is_hub((uint32_t)moved->stream) || moved->stream == u->site->config.stream) {
        uplink_fail(u, false, ERR_FORMAT, "the hub gives a stream that nobody asked for");
        return;
    }
    u->moved_stream = (uint32_t)moved->stream;
    u->moved_incarnation = (uint32_t)moved->incarnation;
    u->explained = u->refused = true;
    hang_up(u);
}

/* For `status`, also when no daemon runs; until a WELCOME says otherwise. Told again at every attempt, kept once. */
static void keep_revoked(struct uplink *u, const char *why) {
    struct buf kept = BUF_INIT;
    struct log_value value = {view_of("revoked"), view_of(why)};
    struct err err;
    u->site->log->ops->value(u->site->log, value.key, &kept);
    if (!view_equal(buf_view(&kept), value.value) && site_set_values(u->site, &value, 1, &err) != 0)
        journal_say(&u->journal, "that this store is revoked could not be stored: %s", err.text);
    buf_release(&kept);
}

static void take_error(struct uplink *u, const struct message_error *error) {
    char text[301];
    view_text(error->text, text, sizeof text);
    if (-(int)error->code == ERR_REVOKED) keep_revoked(u, text);
    if (-(int)error->code == ERR_FORKED) hang_up(u); /* it knows */
    uplink_fail(u, error->retry_after == 0, error->code == 0 ? ERR_REFUSED : -(int)error->code, "the hub refuses: %s",
                text);
    if (error->retry_after > 0) plan_retry(u, (int64_t)error->retry_after);
}

static void take_bye(struct uplink *u, const struct message_bye *bye) {
    char text[201];
    uplink_fail(u, false, ERR_CLOSED, "the hub says bye: %s", view_text(bye->text, text, sizeof text));
    if (bye->retry_after > 0) plan_retry(u, (int64_t)bye->retry_after);
}

static void take_ping(struct uplink *u, const struct message_ping *ping) {
    if (ping->echo == 1) return;
    struct message answer = {.type = MESSAGE_ping};
    answer.body.ping = (struct message_ping){ping->number, 1, env_now(u->site->env)};
    uplink_send(u, &answer);
}

static void take_feed(struct uplink *u, const struct message_feed *feed) {
    struct message message = {.type = MESSAGE_fed};
    struct err err = {.code = 0};
    int code = feed_take(&u->feed, feed, &message.body.fed, &err);
    if (code == 0) {
        uplink_send(u, &message);
        forget_join_secret(u);
        return;
    }
    if (code == ERR_CONFLICT && u->feed.contradicted) {
        struct message word = {.type = MESSAGE_error};
        word.body.error = (struct message_error){(uint64_t)-ERR_CONFLICT, view_of(err.text), 0};
        uplink_send(u, &word);
    }
    uplink_fail(u, code == ERR_CONFLICT || code == ERR_AUTH, code, "what the hub tells of our people was not taken: %s",
                err.text);
}

static void take_message(struct uplink *u, const struct message *message) {
    const struct {
        uint16_t type;
        enum uplink_state state;
    } expected[] = {{MESSAGE_nonce, UPLINK_KNOCKING},
                    {MESSAGE_welcome, UPLINK_GREETING},
                    {MESSAGE_moved, UPLINK_GREETING},
                    {MESSAGE_ack, UPLINK_OPEN},
                    {MESSAGE_feed, UPLINK_OPEN}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        if (message->type == expected[i].type && u->state != expected[i].state) {
            uplink_fail(u, false, ERR_FORMAT, "the hub sent a %s out of turn", message_name(message->type));
            return;
        }
    }
    switch (message->type) {
    case MESSAGE_nonce: take_nonce(u, &message->body.nonce); break;
    case MESSAGE_welcome: take_welcome(u, &message->body.welcome); break;
    case MESSAGE_moved: take_moved(u, &message->body.moved); break;
    case MESSAGE_ack: uplink_ack(u, &message->body.ack); break;
    case MESSAGE_feed: take_feed(u, &message->body.feed); break;
    case MESSAGE_ping: take_ping(u, &message->body.ping); break;
    case MESSAGE_error: take_error(u, &message->body.error); break;
    case MESSAGE_bye: take_bye(u, &message->body.bye); break;
    default: break; /* of a later version */
    }
}

void uplink_message(struct uplink *u, struct view bytes) {
    struct message message;
    struct err err;
    if (u->state <= UPLINK_DIALLING || u->explained) return;
    u->heard_at = u->now;
    int code = message_decode(bytes, &message, &err);
    if (u->state == UPLINK_CLOSING) { /* the line broke under us; why, the hub may have said before */
        if (code == 0 && message.type == MESSAGE_error) take_error(u, &message.body.error);
    } else if (code < 0) {
        uplink_fail(u, false, code, "the hub sent what is no message: %s", err.text);
    } else if (code == 0) {
        take_message(u, &message);
    }
}

void uplink_settle(struct uplink *u) {
    if (u->run_count == 0) return;
    struct log_value values[2 + RUNS_UNSAVED];
    struct buf keys[RUNS_UNSAVED];
    uint8_t contact[8], received[RUNS_UNSAVED][8];
    struct err err;
    size_t n = 0;
    put_u64_le(contact, (uint64_t)env_now(u->site->env));
    values[n++] = (struct log_value){view_of("receipt"), buf_view(&u->receipt)};
    values[n++] = (struct log_value){view_of("contact"), view_make(contact, sizeof contact)};
    for (size_t i = 0; i < u->run_count; i++) {
        keys[i] = BUF_INIT;
        buf_printf(&keys[i], "received %016llx", (unsigned long long)u->runs[i].from);
        put_u64_le(received[i], (uint64_t)u->runs[i].received);
        values[n++] = (struct log_value){buf_view(&keys[i]), view_make(received[i], 8)};
    }
    bool saved = BUG(forget_receipt) || site_set_values(u->site, values, n, &err) == 0;
    if (!saved && !u->unsaved)
        journal_say(&u->journal, "the hub's receipt cannot be stored, it will be tried again: %s", err.text);
    u->unsaved = !saved;
    for (size_t i = 0; i < u->run_count; i++) buf_release(&keys[i]);
    if (saved) u->run_count = 0;
}

void uplink_clock(struct uplink *u, int64_t now) { u->now = now; }

/* A store in quarantine stays off the line, and says why. */
static void come_back(struct uplink *u) {
    if (!site_quarantined(u->site, &u->trouble)) {
        dial(u);
        return;
    }
    u->refused = true;
    plan_retry(u, RETRY_LAST_MS);
}

void uplink_tick(struct uplink *u, int64_t now) {
    uplink_clock(u, now);
    if (u->state == UPLINK_DOWN) {
        if (now >= u->retry_at && u->moved_stream == 0) come_back(u);
        return;
    }
    if (u->state == UPLINK_CLOSING) return;
    if (now - u->heard_at > (u->state == UPLINK_OPEN ? SILENCE_MS : SILENCE_MS / 3)) {
        uplink_fail(u, false, ERR_TIMEOUT, "the hub is silent");
        return;
    }
    if (u->state != UPLINK_OPEN) return;
    uplink_handback(u);
    if (now - u->pinged_at >= PING_MS) {
        u->pinged_at = now;
        struct message ping = {.type = MESSAGE_ping};
        ping.body.ping = (struct message_ping){++u->ping_number, 0, env_now(u->site->env)};
        uplink_send(u, &ping);
    }
    uplink_push(u);
}

/* Something may be gathered while a PUSH is under way. */
static int64_t open_due(const struct uplink *u) {
    int64_t ping = u->pinged_at + PING_MS, gathered = u->pushed_at + GATHER_MS;
    bool gathers = u->credit < GATHER_CREDIT && u->in_flight_count > 0 && gathered > u->now;
    return gathers && gathered < ping ? gathered : ping;
}

int64_t uplink_due(const struct uplink *u) {
    int64_t at = u->state == UPLINK_DOWN      ? u->retry_at
                 : u->state == UPLINK_OPEN    ? open_due(u)
                 : u->state == UPLINK_CLOSING ? INT64_MAX
                                              : u->heard_at + SILENCE_MS / 3 + 1;
    return at > u->now ? at - u->now : 0;
}

void uplink_try_now(struct uplink *u) {
    u->refused = false;
    u->retry_at = 0;
    u->retry_wait = RETRY_FIRST_MS;
}

void uplink_bye(struct uplink *u) {
    if (u->state != UPLINK_OPEN) return;
    struct message message = {.type = MESSAGE_bye};
    message.body.bye.text = view_of("stopping");
    uplink_send(u, &message);
}

bool uplink_level(const struct uplink *u) {
    struct head head;
    uint64_t own = log_head(u->site->log, u->site->config.stream, &head) == 0 ? head.seq : 0;
    return u->state == UPLINK_OPEN && !handback_busy(&u->handback) && u->run_count == 0 && own <= u->acked &&
           feed_level(&u->feed, own);
}
