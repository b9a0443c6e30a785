/* Old and new versions together: who speaks what, and that both sides learn which of them is to be upgraded. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/pack.h"
#include "tests/support/peer.h"

static struct region_net net;
static struct impostor kim; /* of stores[0] */
static struct peer line;

static void prepare(void) {
    region_net_open(&net, 1, 1);
    peer_impostor(&kim, &net, 0, 50);
    peer_dial(&line, &net);
}

static void done(void) {
    peer_close(&line);
    impostor_release(&kim);
    region_net_close(&net);
}

TestSuite(versions, .init = prepare, .fini = done);

/* Refused, and both sides know why; the store comes back when somebody has acted. */
static void refused(const char *words) {
    cr_assert(peer_refused(&line, ERR_VERSION, words), "%s", words);
    cr_assert(net_journal_says(&net, words));
    cr_assert_eq(line.last.body.error.retry_after, 0);
}

static void again(void) {
    peer_close(&line);
    peer_dial(&line, &net);
}

static void knock_as(const struct message_knock *knock) {
    struct message message = {.type = MESSAGE_knock};
    message.body.knock = *knock;
    peer_send_message(&line, &message);
}

Test(versions, of_the_store) {
    struct message_knock knock =
        (struct message_knock){1, 1, kim.signer.stream, view_make(net.root.public_key, PUBLIC_KEY_SIZE)};
    knock.lowest = knock.highest = 2;
    knock_as(&knock);
    refused("upgrade the hub");
    again();
    knock.lowest = knock.highest = 0;
    knock_as(&knock);
    refused("upgrade the store");
    again();
    knock.lowest = 1;
    knock.highest = 7;
    knock_as(&knock);
    cr_assert_eq(peer_last(&line)->type, MESSAGE_nonce);
    cr_assert_eq(peer_last(&line)->body.nonce.version, 1);
}

/* A KNOCK of a later version may say more: what is said first keeps its place, so that each side learns who has to be
 * upgraded. */
Test(versions, knock_of_a_later_version) {
    for (unsigned lowest = 1; lowest <= 2; lowest++) {
        struct buf bytes = BUF_INIT;
        again();
        pack_array(&bytes, 7);
        pack_uint(&bytes, MESSAGE_knock);
        pack_uint(&bytes, lowest);
        pack_uint(&bytes, 3);
        pack_uint(&bytes, kim.signer.stream);
        pack_bin(&bytes, view_make(net.root.public_key, PUBLIC_KEY_SIZE));
        pack_str(&bytes, view_of("a word of version 3"));
        pack_nil(&bytes);
        peer_send(&line, buf_view(&bytes));
        buf_release(&bytes);
        if (lowest == 2) {
            refused("speaks protocol 1 to 1, the store 2 to 3; upgrade the hub");
            continue;
        }
        cr_assert_eq(peer_last(&line)->type, MESSAGE_nonce);
        cr_assert_eq(peer_last(&line)->body.nonce.version, 1);
    }
}

/* What an uplink of ours makes of a refusal: it says it in its journal and its status, and does not try in vain. */
Test(versions, what_the_store_is_told) {
    struct net_store *store = &net.stores[0];
    net.hub.halted = true;
    net_store_start(store);
    net_settle(&net);
    struct message message = {.type = MESSAGE_error};
    message.body.error =
        (struct message_error){.code = (uint64_t)-ERR_VERSION,
                               .text = view_of("this hub speaks protocol 2 to 3, the store 1 to 1; upgrade the store")};
    struct buf bytes = BUF_INIT;
    message_encode(&message, &bytes);
    uplink_message(&store->uplink, buf_view(&bytes));
    buf_release(&bytes);
    cr_assert(store->uplink.refused);
    cr_assert_eq(store->uplink.trouble.code, ERR_VERSION);
    cr_assert(strstr(store->uplink.trouble.text, "upgrade the store") != NULL);
    cr_assert(net_journal_says(&net, "the hub refuses: this hub speaks protocol 2 to 3"));
}

/* Events of a type, an envelope and a body that this version does not know: taken, acked, chained, and shown. */
Test(versions, events_of_a_later_version) {
    struct buf frame = BUF_INIT, copy = BUF_INIT;
    struct record record;
    struct event event;
    cr_assert(peer_knock(&line, &kim) && peer_hello(&line, &kim));
    pack_array(&frame, FRAME_FIELDS + 2); /* contacted, version 2, with more behind everything */
    pack_uint(&frame, EVENT_contacted);
    pack_uint(&frame, 2);
    pack_uint(&frame, (uint64_t)SIM_START << 16);
    for (int i = 0; i < 6; i++) pack_nil(&frame);
    pack_array(&frame, 11);
    pack_nil(&frame);
    pack_uint(&frame, choice_contact_kind_call);
    pack_str(&frame, view_of("fit"));
    for (int i = 0; i < 6; i++) pack_nil(&frame);
    pack_str(&frame, view_of("a field of version 2"));
    pack_uint(&frame, 7);
    pack_str(&frame, view_of("more envelope"));
    pack_uint(&frame, 8);
    struct head start = impostor_start(&kim);
    struct message push = impostor_push(&kim, &start, 1, buf_view(&frame));
    peer_send_message(&line, &push);
    cr_assert_eq(line.acks, 1, "%s", line.last.type == MESSAGE_error ? "refused" : "no ack");
    struct site *hub = net.hub.machine.site;
    cr_assert_eq(log_get_id(hub->log, id_make(kim.signer.stream, 1), &record, &copy, NULL), 0);
    cr_assert(view_equal(record.frame, buf_view(&frame)), "byte for byte");
    cr_assert_eq(event_decode(record.frame, &event, NULL), EVENT_GOOD);
    cr_assert(view_is(event.body.contacted.purpose, "fit"), "what is known of it is read");
    buf_release(&frame);
    buf_release(&copy);
}
