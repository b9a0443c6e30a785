/* Callers whose key the hub does not know, and what they may do all the same. */
#include <criterion/criterion.h>

#include "hub/recovery.h"
#include "tests/support/peer.h"

static struct region_net net;
static struct impostor kim, lee; /* both say that they are stores[0] */
static struct peer line;

static void prepare(void) {
    region_net_open(&net, 1, 3);
    peer_impostor(&kim, &net, 0, 50);
    peer_impostor(&lee, &net, 0, 51);
    lee.shows_secret = false;
}

static void done(void) {
    peer_close(&line);
    impostor_release(&kim);
    impostor_release(&lee);
    region_net_close(&net);
}

TestSuite(guest, .init = prepare, .fini = done);

static void refused_with(struct impostor *who, struct view receipt, const char *words) {
    struct buf hello = BUF_INIT;
    peer_close(&line);
    peer_dial(&line, &net);
    cr_assert(peer_knock(&line, who));
    struct message_greeting greeting = impostor_greeting(who);
    greeting.receipt = receipt;
    impostor_hello(who, &greeting, &hello);
    peer_send(&line, buf_view(&hello));
    buf_release(&hello);
    cr_assert(peer_refused(&line, ERR_AUTH, words), "not refused because \"%s\"", words);
}

/* A sound hub is stopped by no receipt that somebody has got hold of. */
Test(guest, a_receipt_of_somebody_else) {
    struct restored restored;
    cr_assert(peer_enter(&line, &kim, &net));
    impostor_write(&kim, 3, 20);
    struct message push = impostor_push_all(&kim);
    peer_send_message(&line, &push);
    impostor_hear(&kim, peer_last(&line));
    cr_assert_gt(kim.receipt.len, 0);
    refused_with(&lee, buf_view(&kim.receipt), "not the one this stream joined with");
    lee.signer.stream = stream_make(1, 9);
    refused_with(&lee, buf_view(&kim.receipt), "never given out");
    recovery_restored(net.hub.machine.site, &restored);
    cr_assert(!restored.noted);
}
