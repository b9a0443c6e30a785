#include "hub/feed_seat.h"

#include <stdlib.h>
#include <string.h>

/* The same log has the same chain at the same place. */
static bool belongs(struct site *site, const struct message_greeting *greeting) {
    uint8_t chain[CHAIN_SIZE];
    uint64_t at;
    if (greeting->feed_incarnation != site->config.incarnation || greeting->feed_rules != FEED_RULES ||
        greeting->feed_position > log_tip(site->log) || greeting->feed_chain.data == NULL)
        return false;
    return site->log->ops->chain_at(site->log, greeting->feed_position, &at, chain, NULL) == 0 &&
           memcmp(chain, greeting->feed_chain.data, CHAIN_SIZE) == 0;
}

void feed_seat_open(struct feed_seat *seat, struct site *site, const struct message_greeting *greeting) {
    uint64_t at;
    *seat = (struct feed_seat){.cursor = {.incarnation = site->config.incarnation, .rules = FEED_RULES}};
    if (belongs(site, greeting)) seat->cursor.position = greeting->feed_position;
    if (site->log->ops->chain_at(site->log, seat->cursor.position, &at, seat->cursor.chain, NULL) != 0)
        seat->cursor.position = 0;
    directory_seat_open(&seat->directory, greeting->directory);
}

void feed_seat_start_over(struct feed_seat *seat) {
    seat->cursor.position = seat->digest_position = 0;
    seat->start_over = seat->level_told = false;
    idmap_clear(&seat->told);
}

void feed_seat_close(struct feed_seat *seat) {
    idmap_release(&seat->told);
    directory_seat_close(&seat->directory);
}

void feed_seat_sent(struct feed_seat *seat, size_t bytes, int64_t now) {
    if (seat->outstanding_count == 0) seat->waiting_since = now;
    seat->outstanding[seat->outstanding_count++] = bytes;
    seat->unanswered += bytes;
}

bool feed_seat_answered(struct feed_seat *seat) {
    if (seat->outstanding_count == 0) return false;
    seat->unanswered -= seat->outstanding[0];
    seat->waiting_since = 0; /* the feeder starts counting anew */
    memmove(seat->outstanding, seat->outstanding + 1, --seat->outstanding_count * sizeof *seat->outstanding);
    return true;
}

void feed_seat_told(struct feed_seat *seat, const struct message_fed *fed, uint64_t newest) {
    if (fed->own.data == NULL || seat->told_position >= newest) return;
    seat->told_position = fed->position;
    seat->told_seq = get_u64_be(fed->own.data);
}
