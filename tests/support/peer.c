#include "tests/support/peer.h"

#include <stdlib.h>
#include <string.h>

static void *peer_opened(void *context, struct connection *connection) {
    struct peer *peer = context;
    peer->connection = connection;
    transport_limit(connection, MESSAGE_MAX);
    return peer;
}

static void take_feed(struct peer *peer, const struct message_feed *feed) {
    struct message answer = {.type = MESSAGE_fed};
    answer.body.fed = (struct message_fed){feed->incarnation, feed->position, feed->chain, feed->rules, 0, VIEW_NONE};
    peer->feeds++;
    if (peer->silent) return;
    peer_post(peer, &answer);
}

static bool peer_message(void *user, struct connection *connection, struct view bytes) {
    struct peer *peer = user;
    struct message message;
    (void)connection;
    if (message_decode(bytes, &message, NULL) == 0 && message.type == MESSAGE_feed) {
        take_feed(peer, &message.body.feed);
        return true;
    }
    if (peer->count < PEER_INBOX) buf_append_view(&peer->inbox[peer->count], bytes);
    peer->count++;
    buf_clear(&peer->last_bytes);
    buf_append_view(&peer->last_bytes, bytes);
    if (message_decode(buf_view(&peer->last_bytes), &peer->last, NULL) != 0) peer->last.type = 0;
    bool ack = peer->last.type == MESSAGE_ack;
    peer->acks += ack && peer->last.body.ack.receipt.data != NULL;
    peer->gaps += ack && peer->last.body.ack.receipt.data == NULL;
    return true;
}

static void peer_closed(void *user, struct connection *connection, const struct err *err) {
    struct peer *peer = user;
    (void)connection;
    peer->connection = NULL;
    peer->closed = *err;
}

static void peer_dial_failed(void *context, const struct err *err) { peer_closed(context, NULL, err); }

void peer_dial(struct peer *peer, struct region_net *net) {
    struct transport_handler handler = {
        .opened = peer_opened, .message = peer_message, .closed = peer_closed, .context = peer};
    *peer = (struct peer){.net = net, .transport = transport_mem_open(net->lines)};
    if (peer->transport->ops->dial(peer->transport, NET_HUB_ADDRESS, &handler, peer_dial_failed, &peer->closed) != 0)
        abort();
    net_settle(net);
    if (peer->connection == NULL && peer->closed.code == 0) abort();
}

void peer_close(struct peer *peer) {
    transport_shutdown(peer->transport);
    for (size_t i = 0; i < PEER_INBOX; i++) buf_release(&peer->inbox[i]);
    buf_release(&peer->last_bytes);
}

void peer_hang_up(struct peer *peer) {
    if (peer->connection != NULL) transport_close(peer->connection, false);
    net_settle(peer->net);
}

void peer_send(struct peer *peer, struct view bytes) {
    if (peer->connection != NULL) transport_send(peer->connection, bytes);
    net_settle(peer->net);
}

void peer_post(struct peer *peer, const struct message *message) {
    struct buf bytes = BUF_INIT;
    message_encode(message, &bytes);
    if (peer->connection != NULL) transport_send(peer->connection, buf_view(&bytes));
    buf_release(&bytes);
}

void peer_send_message(struct peer *peer, const struct message *message) {
    peer_post(peer, message);
    net_settle(peer->net);
}

const struct message *peer_last(const struct peer *peer) { return &peer->last; }

bool peer_refused(const struct peer *peer, int code, const char *words) {
    char text[400];
    if (peer->connection != NULL || peer->last.type != MESSAGE_error) return false;
    view_text(peer->last.body.error.text, text, sizeof text);
    return (int)peer->last.body.error.code == -code && strstr(text, words) != NULL;
}

bool peer_knock(struct peer *peer, struct impostor *impostor) {
    struct buf bytes = BUF_INIT;
    impostor_knock(impostor, &bytes);
    peer_send(peer, buf_view(&bytes));
    buf_release(&bytes);
    impostor_hear(impostor, &peer->last);
    return peer->last.type == MESSAGE_nonce;
}

bool peer_hello(struct peer *peer, struct impostor *impostor) {
    struct buf bytes = BUF_INIT;
    struct message_greeting greeting = impostor_greeting(impostor);
    impostor_hello(impostor, &greeting, &bytes);
    peer_send(peer, buf_view(&bytes));
    buf_release(&bytes);
    impostor_hear(impostor, &peer->last);
    return peer->last.type == MESSAGE_welcome;
}

bool peer_enter(struct peer *peer, struct impostor *impostor, struct region_net *net) {
    peer_dial(peer, net);
    return peer_knock(peer, impostor) && peer_hello(peer, impostor);
}

void peer_impostor(struct impostor *impostor, const struct region_net *net, size_t store, uint8_t seed) {
    const struct net_machine *machine = &net->stores[store].machine;
    impostor_init(impostor, seed, machine->config.stream, net->root.public_key);
    memcpy(impostor->secret, machine->secrets.join_secret, SECRET_SIZE);
    impostor->shows_secret = true;
}
