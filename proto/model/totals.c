/* Totals: what there is. */
#include "proto/model/scope.h"

static bool registered_by(const struct entry *entry, const struct cut *cut) {
    return entry_known(entry) && (cut->to == TIME_NONE || entry->registered_time <= cut->to);
}

static void count_customers(const struct model *model, const struct cut *cut, struct totals *out) {
    const struct entry *entries = model->entries.items;
    for (uint32_t i = 0; i < model->entries.count; i++) {
        if (registered_by(&entries[i], cut)) out->customers++;
        if (model->roots.items[i] != i) continue;
        uint32_t member = i;
        bool known = false;
        do {
            known = known || registered_by(&entries[member], cut);
            member = entries[member].next_member;
        } while (member != i);
        if (known) out->persons++;
    }
}

static void count_row(const struct model *model, const struct row *row, uint64_t id, struct totals *out) {
    out->lines += row_line_count(model, row, id);
    if ((row_flags(row) & ROW_RETURN) != 0) {
        out->returns++;
    } else {
        out->purchases++;
        if (row_nobodys(model, row)) out->anonymous++;
    }
}

static void count_rows(const struct model *model, const struct cut *cut, struct totals *out) {
    for (uint32_t i = 0; i < model->streams.count; i++) {
        const struct stream *stream = &model->streams.items[i];
        for (uint32_t j = 0; j < stream->rows.count; j++) {
            const struct row *row = rows_at(&stream->rows, j);
            if (row_live(row) && cut_has(cut, row_time(row)))
                count_row(model, row, id_make(stream->number, rows_seq(&stream->rows, j)), out);
        }
    }
}

/* What is counted as it comes: `status` asks all the time. */
static void take_counters(const struct model *model, struct totals *out) {
    out->purchases = model->purchases;
    out->returns = model->returns;
    out->lines = model->lines;
    out->anonymous = model->nobodys;
    for (uint32_t i = 0; i < model->entries.count; i++) {
        const struct entry *entry = &model->entries.items[i];
        if (entry->rows > entry->returns && (entry->flags & ENTRY_THING) != 0 && entry_nobodys(model, i))
            out->anonymous += entry->rows - entry->returns;
    }
}

void totals(const struct model *model, const struct cut *cut, struct totals *out) {
    *out = (struct totals){.events = model->events, .streams = model->streams.count};
    count_customers(model, cut, out);
    if (cut_is_whole(model, cut))
        take_counters(model, out);
    else
        count_rows(model, cut, out);
}
