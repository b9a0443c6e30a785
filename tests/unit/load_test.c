/* Load at the hub: fresh events before backlog, credits that shrink, the door, and what the journal says of it. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/contract/push_scene.h"

TestSuite(load, .init = push_scene_prepare, .fini = push_scene_done);

static uint64_t seq_of(const struct impostor *impostor) {
    struct head head;
    return log_head(&net.hub.machine.log.base, impostor->signer.stream, &head) == 0 ? head.seq : 0;
}

static void push_last(struct peer *peer, struct impostor *impostor, const struct head *before, size_t start) {
    struct message message = impostor_push(impostor, before, (uint32_t)(impostor->head.seq - before->seq),
                                           view_make(impostor->frames.data + start, impostor->frames.len - start));
    peer_post(peer, &message);
    net_settle(&net);
}

/* Writes so many events and pushes them. */
static void bring(struct peer *peer, struct impostor *impostor, uint32_t count) {
    struct head before = impostor->head;
    size_t start = impostor->frames.len;
    impostor_write(impostor, count, 20);
    push_last(peer, impostor, &before, start);
}

static void come(struct peer *peer, struct impostor *impostor, size_t store, uint8_t seed) {
    peer_impostor(impostor, &net, store, seed);
    cr_assert(peer_enter(peer, impostor, &net));
}

/* ---- Lanes ---- */

/* Two have a long backlog and came first; the third has ten events. One group takes these, and something of both. */
Test(load, fresh_events_go_before_backlog) {
    struct impostor lee, park;
    struct peer other, little;
    come(&other, &lee, 1, 51);
    come(&little, &park, 2, 52);
    net.hub.halted = true;
    for (int i = 0; i < 6; i++) bring(&line, &kim, 5000);
    for (int i = 0; i < 6; i++) bring(&other, &lee, 5000);
    bring(&little, &park, 10);
    cr_assert(ingest_step(net.hub.ingest));
    cr_assert_eq(seq_of(&park), 10);
    cr_assert_eq(at_hub(), 10000, "one has its turn after the other: %zu", (size_t)at_hub());
    cr_assert_eq(seq_of(&lee), 5000);
    net.hub.halted = false;
    net_settle(&net);
    holds(30000);
    acked(&line, 30000);
    cr_assert_eq(seq_of(&lee), 30000);
    peer_close(&other);
    peer_close(&little);
    impostor_release(&lee);
    impostor_release(&park);
}

/* A small batch behind a large one of the same store does not pass it, nor a large one a small one. */
Test(load, a_stream_keeps_its_order) {
    net.hub.halted = true;
    for (uint32_t i = 0; i < 12; i++) bring(&line, &kim, i % 3 == 1 ? 3000 : 5);
    net.hub.halted = false;
    net_settle(&net);
    cr_assert_eq(line.gaps, 0);
    holds(8 * 5 + 4 * 3000);
    cr_assert(!net_journal_says(&net, "gap"));
}

/* ---- Credits ---- */

Test(load, credit_shrinks_with_the_room_left) {
    struct impostor lee;
    struct peer other;
    ingest_limit(net.hub.ingest, 1u << 20);
    bring(&line, &kim, 10);
    acked(&line, 10);
    uint64_t alone = line.last.body.ack.credit;
    cr_assert_leq(alone, (1u << 20) / 4);
    cr_assert_gt(alone, 200000);
    net.hub.halted = true;
    for (int i = 0; i < 6; i++) bring(&line, &kim, 4000);
    come(&other, &lee, 1, 51);
    cr_assert_gt(lee.credit, 0, "something may always come");
    cr_assert_lt(lee.credit, alone / 4, "%zu, alone %zu", (size_t)lee.credit, (size_t)alone);
    net.hub.halted = false;
    net_settle(&net);
    acked(&line, 24010);
    bring(&other, &lee, 10);
    cr_assert_geq(other.last.body.ack.credit, alone / 2 - 4096, "there is room again");
    peer_close(&other);
    impostor_release(&lee);
}

/* What waits for room is not unpacked: small on the line, large behind it. */
Test(load, what_waits_is_not_unpacked) {
    size_t items;
    ingest_limit(net.hub.ingest, 300000);
    net.hub.halted = true;
    for (int i = 0; i < 20; i++) bring(&line, &kim, 3000);
    cr_assert_leq(ingest_waiting(net.hub.ingest, &items), 300000);
    cr_assert_not_null(net.hub.desk.waiting);
    net.hub.halted = false;
    net_settle(&net);
    holds(60000);
    cr_assert_eq(ingest_waiting(net.hub.ingest, &items), 0, "all room is given back");
}

/* Nor is there room without end for what waits packed: beyond it a store is to come back. */
Test(load, what_waits_altogether_is_bounded) {
    struct impostor lee;
    struct peer other;
    come(&other, &lee, 1, 51);
    ingest_limit(net.hub.ingest, 1);
    net.hub.halted = true;
    bring(&line, &kim, 3000);
    bring(&line, &kim, 3000);
    cr_assert_gt(net.hub.desk.held, 0);
    net.hub.desk.held_most = net.hub.desk.held;
    bring(&other, &lee, 3000);
    cr_assert_null(other.connection);
    cr_assert_eq(other.last.type, MESSAGE_error);
    cr_assert_eq(other.last.body.error.code, -ERR_BUSY);
    cr_assert_eq(other.last.body.error.retry_after, HELD_RETRY_MS);
    net.hub.halted = false;
    net_settle(&net);
    holds(6000);
    cr_assert_eq(net.hub.desk.held, 0, "all of it is given back");
    peer_close(&other);
    impostor_release(&lee);
}

/* ---- The door ---- */

Test(load, strangers_are_so_many_at_most) {
    static struct peer crowd[DOOR_STRANGERS];
    struct peer late, later;
    struct impostor lee;
    for (size_t i = 0; i < DOOR_STRANGERS; i++) peer_dial(&crowd[i], &net);
    net_settle(&net);
    cr_assert_eq(net.hub.desk.door.count, DOOR_STRANGERS);
    peer_dial(&late, &net);
    net_settle(&net);
    cr_assert_null(late.connection, "no room, and the oldest is young");
    cr_assert(net_journal_says(&net, "too many who have not said yet who they are"));
    bring(&line, &kim, 10); /* who is known goes on */
    acked(&line, 10);
    net_pass(&net, DOOR_PATIENCE_MS);
    come(&later, &lee, 1, 51);
    cr_assert_null(crowd[0].connection, "the oldest made room");
    cr_assert_not_null(crowd[1].connection);
    net_pass(&net, STRANGER_DEADLINE_MS);
    cr_assert_eq(net.hub.desk.door.count, 0);
    for (size_t i = 0; i < DOOR_STRANGERS; i++) peer_close(&crowd[i]);
    peer_close(&late);
    peer_close(&later);
    impostor_release(&lee);
}

/* Whoever knocks beyond the rate is told a time of its own. */
Test(load, knocks_are_spread) {
    uint64_t before = 0;
    for (int i = 0; i < DOOR_KNOCKS_FIRST + 50; i++) {
        struct peer peer;
        peer_dial(&peer, &net);
        bool in = peer_knock(&peer, &kim);
        const struct message *said = peer_last(&peer);
        if (!in) {
            cr_assert_eq(said->type, MESSAGE_error);
            cr_assert_eq(said->body.error.code, (uint64_t)-ERR_BUSY);
            cr_assert_geq(said->body.error.retry_after, DOOR_BACK_FIRST_MS);
            cr_assert_gt(said->body.error.retry_after, before);
            before = said->body.error.retry_after;
        }
        peer_close(&peer);
    }
    cr_assert_gt(before, 0, "some were told to come back");
    cr_assert_leq(before, DOOR_BACK_FIRST_MS + 1000);
    net_pass(&net, (int64_t)before);
    again();
}

/* ---- The journal ---- */

Test(load, those_sent_away_are_counted) {
    for (int i = 0; i < 5; i++) {
        struct peer peer;
        peer_dial(&peer, &net);
        net_settle(&net);
        peer_close(&peer);
        net_settle(&net);
    }
    cr_assert(net_journal_says(&net, "gone before it said who it is"));
    cr_assert(!net_journal_says(&net, "more: "));
    net_pass(&net, DOOR_SAYS_EVERY_MS);
    net_settle(&net);
    cr_assert(net_journal_says(&net, "dropped 4 more: gone before it said who it is"));
}
