#include "tests/support/swarm.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/site/site.h"

#define CUSTOMERS 8u /* the first events of a store */
#define LEVEL 1
#define DIALS_AT_ONCE 64
#define RETRY_FIRST_MS 500
#define RETRY_LAST_MS 30000
#define SILENCE_MS 90000
#define PING_MS 30000

enum state { DOWN, DIALLING, KNOCKING, GREETING, OPEN };

struct swarm_store {
    struct swarm *swarm;
    struct mutex lock;
    enum state state;
    struct connection *connection;
    struct signer signer;
    uint8_t nonce[NONCE_SIZE], token[TOKEN_SIZE];
    uint64_t token_number;
    struct head acked, ahead; /* ahead: signed, behind the batch */
    struct buf frames;        /* of the batch: made, not acked */
    uint32_t in_batch;
    bool pushed; /* the batch is on its way on this connection */
    double pushed_at, ready_at;
    uint64_t made; /* of this pace */
    int64_t retry_at, retry_wait, pinged_at;
    uint64_t pings;
};

/* ---- Who they are ---- */

static void store_signer(size_t index, uint32_t stream, const uint8_t root[PUBLIC_KEY_SIZE], struct signer *out) {
    uint8_t seed[32] = {'s', 'w', 'a', 'r', 'm'};
    put_u64_le(seed + 8, index);
    signer_from_seed(out, seed, ROLE_STORE, stream, root);
}

static void store_drafts(size_t index, uint32_t stream, const struct site *site, char code[24], uint8_t key[32],
                         struct draft *drafts) {
    static const uint8_t hash[32];
    struct signer signer;
    store_signer(index, stream, site->config.root, &signer);
    memcpy(key, signer.public_key, PUBLIC_KEY_SIZE);
    snprintf(code, 24, "W%zu", index);
    for (int i = 0; i < 3; i++) drafts[i].subject = SUBJECT_GIVEN;
    event_init(&drafts[0].event, EVENT_store_opened);
    drafts[0].event.body.store_opened.store = view_of(code);
    event_init(&drafts[1].event, EVENT_stream_opened);
    drafts[1].event.body.stream_opened = (struct body_stream_opened){
        .stream = stream, .store = view_of(code), .secret_hash = view_make(hash, 32), .replaces = NIL};
    event_init(&drafts[2].event, EVENT_stream_keyed);
    drafts[2].event.body.stream_keyed = (struct body_stream_keyed){stream, view_make(key, PUBLIC_KEY_SIZE)};
}

int swarm_enroll(const char *hub_directory, size_t count, struct err *err) {
    struct site *site;
    int code = site_open(hub_directory, ROLE_HUB, env_os(), NULL, &site, err);
    if (code != 0) return code;
    struct draft *drafts = mem_alloc(count * 3 * sizeof *drafts);
    char(*codes)[24] = mem_alloc(count * sizeof *codes);
    uint8_t(*keys)[32] = mem_alloc(count * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        store_drafts(i, stream_make(site->config.incarnation, SWARM_FIRST + (uint32_t)i), site, codes[i], keys[i],
                     drafts + 3 * i);
    code = site_write(site, drafts, count * 3, NULL, 0, NULL, err);
    free(drafts);
    free(codes);
    free(keys);
    site_close(site);
    return code;
}

int swarm_open(struct swarm *swarm, const char *hub_directory, size_t count, struct err *err) {
    struct config config;
    char name[SERVER_NAME_SIZE];
    int code = config_load(hub_directory, ROLE_HUB, &config, err);
    if (code != 0) return code;
    *swarm = (struct swarm){.env = env_os(), .count = count, .dials_at_once = DIALS_AT_ONCE};
    memcpy(swarm->root, config.root, PUBLIC_KEY_SIZE);
    swarm->address = mem_text(config.addresses[0]);
    swarm->packer = batch_packer_open(LEVEL);
    mutex_init(&swarm->lock);
    condition_init(&swarm->nothing);
    swarm->stores = mem_alloc(count * sizeof *swarm->stores);
    for (size_t i = 0; i < count; i++) {
        struct swarm_store *s = &swarm->stores[i];
        uint32_t stream = stream_make(config.incarnation, SWARM_FIRST + (uint32_t)i);
        *s = (struct swarm_store){.swarm = swarm, .retry_wait = RETRY_FIRST_MS};
        mutex_init(&s->lock);
        store_signer(i, stream, swarm->root, &s->signer);
        s->acked.stream = stream;
        chain_start(stream, s->signer.public_key, s->acked.chain);
        s->ahead = s->acked;
    }
    server_name(config.root, name);
    struct tls_identity tls = {.ca_certificate = config.ca_certificate, .server_name = name};
    code = transport_nng_open(swarm->env, &tls, &swarm->transport, err);
    config_release(&config);
    return code;
}

void swarm_close(struct swarm *swarm) {
    if (swarm->transport != NULL) transport_shutdown(swarm->transport);
    for (size_t i = 0; i < swarm->count; i++) {
        buf_release(&swarm->stores[i].frames);
        mutex_destroy(&swarm->stores[i].lock);
    }
    batch_packer_close(swarm->packer);
    mutex_destroy(&swarm->lock);
    condition_destroy(&swarm->nothing);
    free(swarm->stores);
    free(swarm->address);
}

/* ---- What they sell ---- */

static void sale(struct event *event, uint32_t stream, uint64_t seq, struct list *lines, struct buf *storage,
                 char key[24]) {
    uint64_t chance = (seq * UINT64_C(0x9E3779B97F4A7C15)) >> 33;
    char sku[16];
    event_init(event, EVENT_sold);
    event->subject = id_make(stream, 1 + chance % CUSTOMERS);
    snprintf(key, 24, "%" PRIu64, UINT64_C(31625220889) + seq * 7);
    event->ref = (struct ref){view_of("till:1"), view_of(key)};
    for (uint64_t i = 0; i < 1 + chance % 3 / 2; i++) {
        snprintf(sku, sizeof sku, "%llu", 800000ULL + (chance >> 8) % 5000 * 37);
        struct row_sale_line line = {view_of(sku), 1000, (int64_t)(99 + (chance >> 8) % 400 * 5), NIL, NIL, NIL};
        row_sale_line_append(lines, storage, &line);
    }
    event->body.sold.lines = *lines;
}

void swarm_frames(uint32_t stream, uint64_t seq, uint32_t count, int64_t now, struct buf *out) {
    struct buf storage = BUF_INIT;
    for (uint32_t i = 0; i < count; i++, seq++) {
        struct event event;
        struct list lines = {.count = 0};
        char key[24];
        buf_clear(&storage);
        if (seq <= CUSTOMERS) {
            event_init(&event, EVENT_registered);
            event.subject = id_make(stream, seq);
        } else {
            sale(&event, stream, seq, &lines, &storage, key);
        }
        event.hlc = ((uint64_t)now << 16) + (seq & 0xFFFF);
        struct err err;
        if (event_encode(&event, NULL, NULL, out, &err) != 0) {
            fprintf(stderr, "swarm: %s\n", err.text);
            abort();
        }
    }
    buf_release(&storage);
}

/* ---- The line; with the store's lock ---- */

static void say(struct swarm_store *s, const struct message *message) {
    struct buf bytes = BUF_INIT;
    message_encode(message, &bytes);
    if (s->connection != NULL) transport_send(s->connection, buf_view(&bytes));
    buf_release(&bytes);
}

static void greet(struct swarm_store *s) {
    struct message inner = {.type = MESSAGE_greeting}, message = {.type = MESSAGE_hello};
    struct message_greeting *g = &inner.body.greeting;
    struct buf content = BUF_INIT;
    uint8_t signature[SIGNATURE_SIZE];
    struct head head = s->ahead;
    head_sign(&head, &s->signer);
    *g = (struct message_greeting){.seq = head.seq, .token_number = s->token_number};
    g->public_key = view_make(s->signer.public_key, PUBLIC_KEY_SIZE);
    g->chain = view_make(head.chain, CHAIN_SIZE);
    g->head_signature = view_make(head.signature, SIGNATURE_SIZE);
    g->software = view_of("swarm");
    g->time = env_now(s->swarm->env);
    if (s->token_number > 0) g->token = view_make(s->token, TOKEN_SIZE);
    message_encode(&inner, &content);
    hello_sign(&s->signer, view_make(s->nonce, NONCE_SIZE), buf_view(&content), signature);
    message.body.hello = (struct message_hello){view_make(signature, sizeof signature), buf_view(&content)};
    say(s, &message);
    buf_release(&content);
}

static void batch_done(struct swarm_store *s) {
    s->acked = s->ahead;
    s->pushed = false;
    s->in_batch = 0;
    buf_clear(&s->frames);
}

/* The hub has either all of the batch or nothing of it. */
static void stand(struct swarm_store *s, uint64_t next_seq) {
    if (next_seq == s->ahead.seq + 1 && s->in_batch > 0) {
        s->swarm->events += s->in_batch;
        batch_done(s);
    } else if (next_seq != s->acked.seq + 1) {
        fprintf(stderr, "swarm: stream %u: %llu was acked, the hub wants %llu\n", s->signer.stream,
                (unsigned long long)s->acked.seq, (unsigned long long)next_seq);
        s->swarm->lost = true;
    }
    s->pushed = false;
}

static void take_latency(struct swarm *swarm, double ms) {
    double place = ms <= 0.1 ? 0 : log(ms / 0.1) / log(1.04);
    size_t i = place >= SWARM_LATENCIES ? SWARM_LATENCIES - 1 : (size_t)place;
    swarm->latencies[i]++;
}

static double seconds(const struct env *env) { return (double)env_monotonic(env) / 1000; }

static void take_ack(struct swarm_store *s, const struct message_ack *ack) {
    struct swarm *swarm = s->swarm;
    if (ack->receipt.data == NULL || ack->next_seq != s->ahead.seq + 1 || s->in_batch == 0) {
        stand(s, ack->next_seq);
        return;
    }
    take_latency(swarm, (seconds(swarm->env) - s->pushed_at) * 1000);
    swarm->events += s->in_batch;
    swarm->acks++;
    batch_done(s);
}

static void take_feed(struct swarm_store *s, const struct message_feed *feed) {
    struct message message = {.type = MESSAGE_fed};
    message.body.fed = (struct message_fed){feed->incarnation, feed->position, feed->chain, feed->rules, 0, VIEW_NONE};
    s->swarm->feeds++;
    say(s, &message);
}

static void plan_retry(struct swarm_store *s, int64_t asked) {
    uint32_t chance;
    env_random(s->swarm->env, &chance, sizeof chance);
    int64_t least = asked > 0 ? asked : s->retry_wait / 2;
    s->retry_at = env_monotonic(s->swarm->env) + least + chance % (uint32_t)(least / 2 + 1);
    s->retry_wait = s->retry_wait * 2 < RETRY_LAST_MS ? s->retry_wait * 2 : RETRY_LAST_MS;
}

static void take_welcome(struct swarm_store *s, const struct message_welcome *welcome) {
    s->token_number = welcome->token_number;
    memcpy(s->token, welcome->token.data, TOKEN_SIZE);
    stand(s, welcome->next_seq);
    s->retry_wait = RETRY_FIRST_MS;
    s->pinged_at = env_monotonic(s->swarm->env);
    s->state = OPEN;
    s->swarm->open++;
    s->swarm->dialling--;
}

static void take(struct swarm_store *s, const struct message *message) {
    char text[301];
    switch (message->type) {
    case MESSAGE_nonce:
        memcpy(s->nonce, message->body.nonce.nonce.data, NONCE_SIZE);
        s->state = GREETING;
        greet(s);
        break;
    case MESSAGE_welcome: take_welcome(s, &message->body.welcome); break;
    case MESSAGE_ack: take_ack(s, &message->body.ack); break;
    case MESSAGE_feed: take_feed(s, &message->body.feed); break;
    case MESSAGE_error:
        if (s->swarm->refusals++ == 0 || message->body.error.retry_after == 0)
            fprintf(stderr, "swarm: refused: %s (%llu ms)\n", view_text(message->body.error.text, text, sizeof text),
                    (unsigned long long)message->body.error.retry_after);
        plan_retry(s, (int64_t)message->body.error.retry_after);
        break;
    default: break;
    }
}

/* ---- Callbacks ---- */

static void *line_opened(void *context, struct connection *connection) {
    struct swarm_store *s = context;
    struct message knock = {.type = MESSAGE_knock};
    knock.body.knock = (struct message_knock){PROTOCOL_LOWEST, PROTOCOL_HIGHEST, s->signer.stream,
                                              view_make(s->swarm->root, PUBLIC_KEY_SIZE)};
    transport_limit(connection, MESSAGE_MAX);
    transport_deadline(connection, SILENCE_MS / 3);
    mutex_lock(&s->lock);
    s->connection = connection;
    s->state = KNOCKING;
    say(s, &knock);
    mutex_unlock(&s->lock);
    return s;
}

static bool line_message(void *user, struct connection *connection, struct view bytes) {
    struct swarm_store *s = user;
    struct message message;
    transport_deadline(connection, SILENCE_MS);
    mutex_lock(&s->lock);
    if (message_decode(bytes, &message, NULL) == 0) take(s, &message);
    mutex_unlock(&s->lock);
    return true;
}

static void line_closed(void *user, struct connection *connection, const struct err *err) {
    struct swarm_store *s = user;
    (void)connection;
    (void)err;
    mutex_lock(&s->lock);
    if (s->state == OPEN)
        s->swarm->open--;
    else
        s->swarm->dialling--;
    s->state = DOWN;
    s->connection = NULL;
    s->pushed = false;
    if (s->retry_at <= env_monotonic(s->swarm->env)) plan_retry(s, 0);
    mutex_unlock(&s->lock);
}

static void dial_failed(void *context, const struct err *err) { line_closed(context, NULL, err); }

/* ---- The driver ---- */

static void dial(struct swarm_store *s) {
    struct swarm *swarm = s->swarm;
    struct transport_handler handler = {
        .opened = line_opened, .message = line_message, .closed = line_closed, .context = s};
    struct err err;
    s->state = DIALLING;
    swarm->dialling++;
    swarm->dials++;
    mutex_unlock(&s->lock);
    if (swarm->transport->ops->dial(swarm->transport, swarm->address, &handler, dial_failed, &err) != 0)
        line_closed(s, NULL, &err);
    mutex_lock(&s->lock);
}

/* A batch of what the pace says is due by now. */
static void make_batch(struct swarm_store *s, double now) {
    struct swarm *swarm = s->swarm;
    const struct swarm_pace *pace = &swarm->pace;
    uint64_t due = pace->rate > 0 ? (uint64_t)((now - swarm->started) * pace->rate / (double)swarm->count) : UINT64_MAX;
    if (due <= s->made || now < s->ready_at) return;
    s->in_batch = due - s->made > pace->gather ? pace->gather : (uint32_t)(due - s->made);
    s->made += s->in_batch;
    s->ready_at = now + (double)pace->wait_ms / 1000;
    swarm_frames(s->signer.stream, s->acked.seq + 1, s->in_batch, env_now(swarm->env), &s->frames);
    s->ahead = s->acked;
    struct view rest = buf_view(&s->frames);
    while (rest.len > 0) {
        size_t length = 0;
        if (frame_length(rest, &length, NULL) != 0) abort();
        chain_next(s->ahead.chain, view_make(rest.data, length));
        rest = view_make(rest.data + length, rest.len - length);
        s->ahead.seq++;
    }
    head_sign(&s->ahead, &s->signer);
}

static void push(struct swarm_store *s) {
    struct message message = {.type = MESSAGE_push};
    if (batch_pack(s->swarm->packer, s->acked.seq + 1, s->in_batch, buf_view(&s->frames), &s->ahead, VIEW_NONE,
                   &message.body.push, NULL) != 0)
        abort();
    s->pushed = true;
    s->pushed_at = seconds(s->swarm->env);
    say(s, &message);
}

static void ping(struct swarm_store *s, int64_t now) {
    if (now - s->pinged_at < PING_MS) return;
    struct message message = {.type = MESSAGE_ping};
    s->pinged_at = now;
    message.body.ping = (struct message_ping){++s->pings, 0, env_now(s->swarm->env)};
    say(s, &message);
}

void swarm_step(struct swarm *swarm) {
    for (size_t i = 0; i < swarm->count; i++) {
        struct swarm_store *s = &swarm->stores[i];
        int64_t now = env_monotonic(swarm->env);
        mutex_lock(&s->lock);
        if (s->state == DOWN && now >= s->retry_at && swarm->dialling < swarm->dials_at_once) dial(s);
        if (s->state == OPEN && s->in_batch == 0) make_batch(s, seconds(swarm->env));
        if (s->state == OPEN && s->in_batch > 0 && !s->pushed) push(s);
        if (s->state == OPEN) ping(s, now);
        mutex_unlock(&s->lock);
    }
}

void swarm_rest(struct swarm *swarm, int64_t ms) {
    mutex_lock(&swarm->lock);
    condition_wait_ms(&swarm->nothing, &swarm->lock, ms);
    mutex_unlock(&swarm->lock);
}

/* They do not all begin at once. */
void swarm_pace(struct swarm *swarm, const struct swarm_pace *pace) {
    swarm->pace = *pace;
    swarm->started = seconds(swarm->env);
    for (size_t i = 0; i < swarm->count; i++) {
        struct swarm_store *s = &swarm->stores[i];
        mutex_lock(&s->lock);
        s->made = 0;
        s->ready_at = swarm->started + (double)pace->wait_ms / 1000 * (double)i / (double)swarm->count;
        mutex_unlock(&s->lock);
    }
    for (size_t i = 0; i < SWARM_LATENCIES; i++) swarm->latencies[i] = 0;
}

void swarm_stop(struct swarm *swarm) {
    for (size_t i = 0; i < swarm->count; i++) {
        mutex_lock(&swarm->stores[i].lock);
        swarm->stores[i].made = UINT64_MAX;
        mutex_unlock(&swarm->stores[i].lock);
    }
}

bool swarm_level(struct swarm *swarm) {
    bool level = true;
    for (size_t i = 0; level && i < swarm->count; i++) {
        struct swarm_store *s = &swarm->stores[i];
        mutex_lock(&s->lock);
        level = s->state == OPEN && s->in_batch == 0;
        mutex_unlock(&s->lock);
    }
    return level;
}

double swarm_latency(const struct swarm *swarm, double share) {
    uint64_t all = 0, sum = 0;
    size_t i = 0;
    for (size_t n = 0; n < SWARM_LATENCIES; n++) all += swarm->latencies[n];
    while (i < SWARM_LATENCIES - 1 && (double)(sum + swarm->latencies[i]) < (double)all * share)
        sum += swarm->latencies[i++];
    return 0.1 * pow(1.04, (double)i + 1);
}
