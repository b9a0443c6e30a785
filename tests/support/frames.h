/* Frames to be logged and pushed, made by hand, and the head behind them. Thread: pure. */
#ifndef DANGOL_TESTS_SUPPORT_FRAMES_H
#define DANGOL_TESTS_SUPPORT_FRAMES_H

#include "proto/log/chain.h"

/* Appends `count` frames of an event of a later version, with `filler` bytes in the body; no two are the same. */
void frames_append(struct buf *out, uint32_t count, size_t filler);

/* The head of the signer's stream before its first event, unsigned. */
struct head frames_start(const struct signer *signer);
/* The signed head behind `frames`, of which `count` follow `before`. */
struct head frames_head(const struct signer *signer, const struct head *before, uint32_t count, struct view frames);

#endif
