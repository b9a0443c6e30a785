#include "proto/model/turns.h"

#define AGAIN_AT_ONCE 64      /* their rows may have to be read from the log */
#define AGAIN_IN_TURNS 200000 /* whoever is not level with the writer by then ends in one go */
#define ROWS_AT_ONCE 32768

struct turns turns_begin(const struct model *model, const struct pace *pace, uint64_t all) {
    return (struct turns){model, pace, model->touched.count, 0, all};
}

void turns_rest(struct turns *turns, uint64_t done) {
    turns->done += done;
    if (turns->done > turns->all) turns->done = turns->all; /* more came meanwhile */
    pace_rest(turns->pace, turns->done, turns->all);
}

uint64_t turns_row_count(const struct model *model) {
    uint64_t rows = 0;
    for (uint32_t i = 0; i < model->streams.count; i++) rows += model->streams.items[i].rows.count;
    return rows;
}

void turns_rows(struct turns *turns, const struct scope *scope, turns_piece piece, void *context) {
    const struct model *model = turns->model;
    uint32_t streams = model->streams.count;
    uint64_t since = 0;
    for (uint32_t i = 0; i < streams; i++) {
        uint64_t after = 0;
        bool goes_on = scope_has(model, scope, model->streams.items[i].number);
        if (!goes_on) since += model->streams.items[i].rows.count;
        while (goes_on) {
            const struct rows *rows = &model->streams.items[i].rows;
            uint32_t from = rows_after(rows, after),
                     to = piece(context, &model->streams.items[i], from, from + ROWS_AT_ONCE);
            goes_on = to < rows->count;
            if (goes_on) after = rows_seq(rows, to - 1);
            since += to - from;
            if (since < ROWS_AT_ONCE) continue;
            turns_rest(turns, since);
            since = 0;
        }
    }
    turns_rest(turns, since);
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
