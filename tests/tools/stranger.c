/* A hostile store, over the real line: plays an honest KNOCK and HELLO where an attack needs them, then attacks.
 *
 *     stranger --hub HOST:PORT --join FILE --attack NAME
 *
 * Exit 0: the hub refused it, and what an honest connection finds afterwards is as before; 1: it did not, or the line
 * failed; 2: wrong use, or no such attack. Only for a hub on this machine; ends by itself: every wait has an end. */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "proto/base/file_os.h"
#include "proto/base/threads.h"
#include "proto/wire/transport.h"
#include "tests/support/impostor.h"

#define PATIENCE_MS 30000
#define WORKING_DIRECTORY (-100) /* AT_FDCWD */
#define INBOX 16

struct stranger {
    const char *hub;
    struct join_file join;
    struct impostor self;
    struct transport *transport;
    struct message answer; /* newest one read; borrows from the inbox */

    struct mutex lock; /* of what the transport's threads tell */
    struct condition changed;
    struct connection *connection; /* NULL: not yet, or no more */
    bool closed;
    struct err reason;
    struct buf inbox[INBOX];
    size_t came, read;
};

/* ---- The line ---- */

static void *line_opened(void *user, struct connection *connection) {
    struct stranger *s = user;
    transport_limit(connection, MESSAGE_MAX);
    transport_deadline(connection, 2 * PATIENCE_MS);
    mutex_lock(&s->lock);
    s->connection = connection;
    condition_broadcast(&s->changed);
    mutex_unlock(&s->lock);
    return s;
}

static bool line_message(void *user, struct connection *connection, struct view bytes) {
    struct stranger *s = user;
    (void)connection;
    mutex_lock(&s->lock);
    if (s->came < INBOX) buf_append_view(&s->inbox[s->came++], bytes);
    condition_broadcast(&s->changed);
    mutex_unlock(&s->lock);
    return true;
}

static void line_ended(void *user, struct connection *connection, const struct err *err) {
    struct stranger *s = user;
    (void)connection;
    mutex_lock(&s->lock);
    s->connection = NULL;
    s->closed = true;
    s->reason = *err;
    condition_broadcast(&s->changed);
    mutex_unlock(&s->lock);
}

static void dial_failed(void *user, const struct err *err) { line_ended(user, NULL, err); }

static void hang_up(struct stranger *s) {
    if (s->transport != NULL) transport_shutdown(s->transport);
    s->transport = NULL;
    for (size_t i = 0; i < INBOX; i++) buf_clear(&s->inbox[i]);
    s->came = s->read = 0;
    s->connection = NULL;
    s->closed = false;
}

static bool dial(struct stranger *s) {
    char name[SERVER_NAME_SIZE];
    struct err err = {.code = 0};
    hang_up(s);
    server_name(s->join.root, name);
    struct tls_identity tls = {.ca_certificate = s->join.ca_certificate, .server_name = name};
    struct transport_handler handler = {
        .opened = line_opened, .message = line_message, .closed = line_ended, .context = s};
    int code = transport_nng_open(env_os(), &tls, &s->transport, &err);
    if (code == 0) code = s->transport->ops->dial(s->transport, s->hub, &handler, dial_failed, &err);
    mutex_lock(&s->lock);
    while (code == 0 && s->connection == NULL && !s->closed)
        if (!condition_wait_ms(&s->changed, &s->lock, PATIENCE_MS)) break;
    bool there = s->connection != NULL;
    mutex_unlock(&s->lock);
    if (!there) fprintf(stderr, "stranger: no line to %s: %s\n", s->hub, code != 0 ? err.text : s->reason.text);
    return there;
}

static void send_bytes(struct stranger *s, struct view bytes) {
    mutex_lock(&s->lock);
    if (s->connection != NULL) transport_send(s->connection, bytes);
    mutex_unlock(&s->lock);
}

static void send_message(struct stranger *s, const struct message *message) {
    struct buf bytes = BUF_INIT;
    message_encode(message, &bytes);
    send_bytes(s, buf_view(&bytes));
    buf_release(&bytes);
}

static bool next_message(struct stranger *s) {
    mutex_lock(&s->lock);
    while (s->read == s->came && !s->closed)
        if (!condition_wait_ms(&s->changed, &s->lock, PATIENCE_MS)) break;
    bool there = s->read < s->came && message_decode(buf_view(&s->inbox[s->read]), &s->answer, NULL) == 0;
    if (there) s->read++;
    mutex_unlock(&s->lock);
    return there;
}

/* The type of the next message; 0: the line is closed, or nothing came. */
static uint16_t hear(struct stranger *s) {
    bool there;
    do there = next_message(s); /* what a hub tells every store is no answer */
    while (there && s->answer.type == MESSAGE_feed);
    if (!there) return 0;
    impostor_hear(&s->self, &s->answer);
    return s->answer.type;
}

/* ---- The honest part ---- */

static bool enter(struct stranger *s) {
    struct buf bytes = BUF_INIT;
    bool welcome = false;
    if (!dial(s)) return false;
    impostor_knock(&s->self, &bytes);
    send_bytes(s, buf_view(&bytes));
    if (hear(s) == MESSAGE_nonce) {
        struct message_greeting greeting = impostor_greeting(&s->self);
        buf_clear(&bytes);
        impostor_hello(&s->self, &greeting, &bytes);
        send_bytes(s, buf_view(&bytes));
        welcome = hear(s) == MESSAGE_welcome;
    }
    buf_release(&bytes);
    return welcome;
}

/* Is the line closed, after a word why or without one? */
static bool refused(struct stranger *s) {
    char text[301];
    uint16_t type;
    while ((type = hear(s)) != 0) {
        if (type != MESSAGE_error) return false;
        printf("refused: %s\n", view_text(s->answer.body.error.text, text, sizeof text));
    }
    mutex_lock(&s->lock);
    bool closed = s->closed;
    if (closed) printf("closed: %s\n", s->reason.text);
    mutex_unlock(&s->lock);
    return closed;
}

/* ---- The attacks: true when the hub refused ---- */

static bool refuses_push(struct stranger *s, const struct message *push) {
    send_message(s, push);
    return refused(s);
}

static bool wrong_signature(struct stranger *s) {
    uint8_t signature[SIGNATURE_SIZE];
    struct message push = impostor_push_all(&s->self);
    memcpy(signature, push.body.push.head_signature.data, sizeof signature);
    signature[0] ^= 1;
    push.body.push.head_signature = view_make(signature, sizeof signature);
    return refuses_push(s, &push);
}

static bool broken_chain(struct stranger *s) {
    uint8_t chain[CHAIN_SIZE];
    struct message push = impostor_push_all(&s->self);
    memcpy(chain, push.body.push.chain.data, sizeof chain);
    chain[0] ^= 1;
    push.body.push.chain = view_make(chain, sizeof chain);
    return refuses_push(s, &push);
}

static bool oversize(struct stranger *s) {
    struct buf bytes = BUF_INIT;
    buf_reserve(&bytes, MESSAGE_MAX + 1);
    memset(bytes.data, 0x91, MESSAGE_MAX + 1);
    bytes.len = MESSAGE_MAX + 1;
    send_bytes(s, buf_view(&bytes));
    buf_release(&bytes);
    return refused(s);
}

static bool garbage(struct stranger *s) {
    uint8_t noise[4096];
    env_random(env_os(), noise, sizeof noise);
    noise[0] = 0xc1; /* which msgpack never uses: no accident makes a message of it */
    send_bytes(s, view_make(noise, sizeof noise));
    return refused(s);
}

/* Its second and third event without the first. */
static bool gap(struct stranger *s) {
    struct head before = impostor_start(&s->self);
    size_t first;
    struct view frames = buf_view(&s->self.frames);
    if (frame_length(frames, &first, NULL) != 0) return false;
    chain_next(before.chain, view_make(frames.data, first));
    before.seq = 1;
    struct message push = impostor_push(&s->self, &before, 2, view_make(frames.data + first, frames.len - first));
    send_message(s, &push);
    bool told = hear(s) == MESSAGE_ack && s->answer.body.ack.receipt.data == NULL;
    if (told) printf("the hub wants %llu\n", (unsigned long long)s->answer.body.ack.next_seq);
    return told && s->answer.body.ack.next_seq == 1;
}

static bool foreign_stream(struct stranger *s) {
    struct impostor other;
    impostor_init(&other, 77, s->self.signer.stream + 1, s->join.root);
    impostor_write(&other, 3, 50);
    struct message push = impostor_push_all(&other);
    bool done = refuses_push(s, &push);
    impostor_release(&other);
    return done;
}

/* A quarter of a gigabyte of nothing in a few kilobytes. */
static bool zstd_bomb(struct stranger *s) {
    size_t size = (size_t)1 << 28, most = ZSTD_compressBound(size);
    uint8_t *nothing = mem_alloc(size), *bomb = mem_alloc(most);
    size_t len = ZSTD_compress(bomb, most, nothing, size, 1);
    struct message push = impostor_push_all(&s->self);
    push.body.push.frames = view_make(bomb, len);
    bool done = !ZSTD_isError(len) && refuses_push(s, &push);
    free(nothing);
    free(bomb);
    return done;
}

/* Three events are taken; then three others at the same sequences. */
static bool fork_of(struct stranger *s) {
    struct message push = impostor_push_all(&s->self);
    send_message(s, &push);
    if (hear(s) != MESSAGE_ack || s->answer.body.ack.receipt.data == NULL) return false;
    struct buf honest = s->self.frames;
    struct head head = s->self.head;
    s->self.frames = BUF_INIT;
    s->self.head = impostor_start(&s->self);
    impostor_write(&s->self, 3, 49);
    push = impostor_push_all(&s->self);
    bool done = refuses_push(s, &push);
    buf_release(&s->self.frames);
    s->self.frames = honest;
    s->self.head = head;
    return done;
}

/* The join file was stolen after it was used: another key shows the same secret. */
static bool random_key(struct stranger *s) {
    struct impostor thief;
    uint8_t seed;
    env_random(env_os(), &seed, 1);
    impostor_init(&thief, seed == 42 ? 43 : seed, s->self.signer.stream, s->join.root);
    memcpy(thief.secret, s->self.secret, SECRET_SIZE);
    thief.shows_secret = true;
    thief.time = s->self.time;
    struct impostor self = s->self;
    s->self = thief;
    bool done = !enter(s) && s->answer.type == MESSAGE_error && refused(s);
    impostor_release(&s->self);
    s->self = self;
    return done;
}

/* A store that speaks versions 2 and 3 only. */
static bool later_version(struct stranger *s) {
    struct message knock = {.type = MESSAGE_knock};
    knock.body.knock = (struct message_knock){PROTOCOL_HIGHEST + 1, PROTOCOL_HIGHEST + 2, s->self.signer.stream,
                                              view_make(s->self.signer.root, PUBLIC_KEY_SIZE)};
    if (!dial(s)) return false;
    send_message(s, &knock);
    return refused(s);
}

/* No attack: events of a type that this hub does not know are taken like any others. */
static bool later_events(struct stranger *s) {
    struct message push = impostor_push_all(&s->self);
    send_message(s, &push);
    return hear(s) == MESSAGE_ack && s->answer.body.ack.receipt.data != NULL;
}

static const struct attack {
    const char *name;
    bool (*play)(struct stranger *s);
    uint64_t taken; /* events the hub has afterwards */
} attacks[] = {
    {"wrong-signature", wrong_signature, 0},
    {"broken-chain", broken_chain, 0},
    {"oversize", oversize, 0},
    {"garbage", garbage, 0},
    {"gap", gap, 0},
    {"foreign-stream", foreign_stream, 0},
    {"zstd-bomb", zstd_bomb, 0},
    {"fork", fork_of, 3},
    {"random-key", random_key, 0},
    {"later-version", later_version, 0},
    {"later-events", later_events, 3},
};

/* ---- Main ---- */

static const char *option(int argc, char **argv, const char *name) {
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0) return argv[i + 1];
    return NULL;
}

static int wrong_use(const char *what) {
    fprintf(stderr, "stranger: %s\nusage: stranger --hub HOST:PORT --join FILE --attack NAME\nattacks:", what);
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) fprintf(stderr, " %s", attacks[i].name);
    fputc('\n', stderr);
    return 2;
}

static const struct attack *find_attack(const char *name) {
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        if (strcmp(attacks[i].name, name) == 0) return &attacks[i];
    return NULL;
}

static bool on_this_machine(const char *hub) {
    return strncmp(hub, "127.0.0.1:", 10) == 0 || strncmp(hub, "localhost:", 10) == 0 || strncmp(hub, "[::1]:", 6) == 0;
}

static int read_join(const char *path, struct join_file *join) {
    struct buf text = BUF_INIT;
    struct err err = {.code = 0};
    int code = file_read(WORKING_DIRECTORY, path, &text, &err);
    if (code == 0) code = join_file_read(buf_view(&text), join, &err);
    if (code != 0) fprintf(stderr, "stranger: %s\n", err.text);
    buf_wipe(&text);
    return code;
}

static bool play(struct stranger *s, const struct attack *attack) {
    if (!enter(s)) {
        fprintf(stderr, "stranger: the honest part was refused already\n");
        return false;
    }
    impostor_write(&s->self, 3, 50);
    if (!attack->play(s)) {
        fprintf(stderr, "stranger: the hub did not refuse %s\n", attack->name);
        return false;
    }
    bool sound = enter(s) && s->self.next_seq == attack->taken + 1;
    if (!sound) fprintf(stderr, "stranger: the hub is not as it was before\n");
    return sound;
}

int main(int argc, char **argv) {
    struct stranger s = {.hub = option(argc, argv, "--hub")};
    const char *join = option(argc, argv, "--join"), *name = option(argc, argv, "--attack");
    if (s.hub == NULL || join == NULL || name == NULL || argc != 7) return wrong_use("an option is missing");
    if (find_attack(name) == NULL) return wrong_use("there is no such attack");
    if (!on_this_machine(s.hub)) return wrong_use("only a hub on this machine is attacked");
    if (read_join(join, &s.join) != 0) return 1;
    impostor_init(&s.self, 42, s.join.stream, s.join.root);
    memcpy(s.self.secret, s.join.secret, SECRET_SIZE);
    s.self.shows_secret = true;
    s.self.time = env_now(env_os());
    mutex_init(&s.lock);
    condition_init(&s.changed);
    bool held = play(&s, find_attack(name));
    hang_up(&s);
    for (size_t i = 0; i < INBOX; i++) buf_release(&s.inbox[i]);
    mutex_destroy(&s.lock);
    condition_destroy(&s.changed);
    impostor_release(&s.self);
    join_file_release(&s.join);
    return held ? 0 : 1;
}
