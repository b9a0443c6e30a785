/* The VIP directory, as both ends must agree on it: any store recognises any VIP of the region by telephone number,
 * without holding anything of hers (DESIGN, section 6; E4).
 *
 * A row is the slow keyed hash of a number, cut to 32 bits, and a tier. 256 *shelves* hold the rows, by the first byte
 * of the hash; within a shelf they stand in ascending order, four bytes each: the other three of the hash, the tier's
 * number. The *heading* is what the rows are made and read with: key, memory of the hash, names of the tiers. Sums
 * tell whether two directories are the same: a store tells its own in HELLO and gets the shelves that are others.
 *
 *   hash     the first 4 bytes of Argon2id v1.3 (2 passes, 1 lane, heading.memory KiB; salt: 16 bytes 0) of
 *            BLAKE2b-256 keyed with the key, of "dangol directory number 1" ‖ number in normal form
 *   quick    the first 12 bytes of BLAKE2b-128 keyed with the key, of "dangol directory quick 1" ‖ number: by it the
 *            hub's ring remembers what the slow one gave
 *   sums     BLAKE2b-64: of a heading over "dangol directory 1" ‖ memory (4, big-endian) ‖ tiers, with the key; of a
 *            shelf over the heading's ‖ its number ‖ its rows; of the whole over all shelves' in order
 *
 * The salt is no secret and need not be: the key makes the input of the slow hash, and a region has but one.
 * Pure. Thread: any. */
#ifndef DANGOL_PROTO_WIRE_DIRECTORY_H
#define DANGOL_PROTO_WIRE_DIRECTORY_H

#include "proto/event/seal.h"
#include "proto/wire/message.h"

#define DIRECTORY_SHELVES 256
#define DIRECTORY_ROW 4
#define DIRECTORY_CHANGE 5
#define DIRECTORY_GONE 255
#define DIRECTORY_SUM 8
#define DIRECTORY_QUICK 12
#define DIRECTORY_MEMORY 16384u /* KiB, of a hub that serves */
#define DIRECTORY_TIERS_TEXT 601
#define DIRECTORY_SHELF_MOST 65535 /* rows */
#define DIRECTORY_KEY_ID 1         /* in the sealed box */

struct directory_heading {
    struct customer_key key;
    uint32_t memory; /* KiB */
    char tiers[DIRECTORY_TIERS_TEXT];
    uint8_t sum[DIRECTORY_SUM];
};
/* Fills the sum from the rest. */
void directory_heading_sum(struct directory_heading *heading);
/* The name of a tier; VIEW_NONE: there is none of this number. */
struct view directory_tier(const char *tiers, uint8_t tier);

/* Takes its time and its memory: never under a lock. ERR_NO_SPACE: there is not so much memory. */
int directory_hash(const struct directory_heading *heading, struct view normal, uint32_t *out, struct err *err);
void directory_quick(const struct directory_heading *heading, struct view normal, uint8_t out[DIRECTORY_QUICK]);

static inline uint8_t directory_shelf(uint32_t hash) { return (uint8_t)(hash >> 24); }
static inline uint32_t directory_row_hash(uint8_t shelf, const uint8_t *row) {
    return (uint32_t)shelf << 24 | (uint32_t)row[0] << 16 | (uint32_t)row[1] << 8 | row[2];
}
/* The tier of a hash among the rows of its shelf; DIRECTORY_GONE: it is not there. */
uint8_t directory_find(struct view rows, uint32_t hash);
/* Puts a row, changes or (DIRECTORY_GONE) removes it. False: nothing had to be done, or the shelf is full. */
bool directory_set(struct buf *rows, uint32_t hash, uint8_t tier);
void directory_shelf_sum(const struct directory_heading *heading, uint8_t number, struct view rows,
                         uint8_t out[DIRECTORY_SUM]);
/* `sums`: of all shelves, one after the other. */
void directory_sum(const uint8_t *sums, uint8_t out[DIRECTORY_SUM]);

/* Of the message's `shelves` and `changes`. Each `next` gives 1, 0 at the end, or ERR_FORMAT: cut short, rows not in
 * ascending order, a shelf twice or out of order. */
void directory_shelf_write(struct buf *out, uint8_t number, struct view rows);
int directory_shelf_next(struct view *left, int *number, struct view *rows, struct err *err); /* number: -1 before */
void directory_change_write(struct buf *out, uint32_t hash, uint8_t tier);
int directory_change_next(struct view *left, uint32_t *hash, uint8_t *tier, struct err *err);

#endif
