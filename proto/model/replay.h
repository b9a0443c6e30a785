/* Reading a stretch of the log into the model. Inside this room; callers use model_replay. */
#ifndef DANGOL_PROTO_MODEL_REPLAY_H
#define DANGOL_PROTO_MODEL_REPLAY_H

#include "proto/model/model.h"

/* Folds the records (from, to], or as many as there are; leaves what is to be settled once (see model.c). */
int replay_range(struct model *model, uint64_t from, uint64_t to, void (*progress)(uint64_t done, uint64_t all),
                 struct err *err);

#endif
