#include "proto/model/turns.h"

#define AGAIN_AT_ONCE 64      /* their rows may have to be read from the log */
#define AGAIN_IN_TURNS 200000 /* whoever is not level with the writer by then ends in one go */

struct turns turns_begin(const struct model *model, const struct pace *pace, uint64_t all) {
    return (struct turns){model, pace, model->touched.count, 0, all};
}

void turns_rest(struct turns *turns, uint64_t done) {
    turns->done += done;
    pace_rest(turns->pace, turns->done, turns->all);
}

bool turns_end(struct turns *turns, void (*again)(void *context, uint32_t touched), void *context) {
    const struct touched *touched = &turns->model->touched;
    uint32_t last = NONE;
    for (uint64_t looked = 0; turns->seen != touched->count; turns->seen++) {
        if (touched->count - turns->seen > TOUCHED_KEPT) return false;
        uint32_t at = touched->ring[turns->seen % TOUCHED_KEPT];
        if (at == last) continue; /* a sale touches its customer twice */
        if (++looked % AGAIN_AT_ONCE == 0 && looked < AGAIN_IN_TURNS) {
            pace_rest(turns->pace, turns->done, turns->all);
            if (touched->count - turns->seen > TOUCHED_KEPT) return false;
        }
        again(context, at);
        last = at;
    }
    return true;
}
