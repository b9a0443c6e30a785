/* Sales and returns: rows, and the sums of the live ones in the entry of their subject.
 *
 * A sale that names no customer is its own subject, whether its frame says nil or its own id. It takes no entry; the
 * first event that names it as subject makes one, which then takes the row over, or finds it here when the sale comes
 * later. What is taken back is a return's own amount, negative on the return's own day; of a sale
 * that was voided by people there is nothing to take back, so its returns count as little (voids.c). */
#include <stdlib.h>

#include "proto/base/bug.h"
#include "proto/model/state.h"

/* Sums wrap instead of overflowing: a nonsense region stays deterministic. */
static int64_t sum(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static int64_t difference(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }

/* `sign`: 1, or minus one. */
static struct row_money money_read(const struct row_totals *totals, uint64_t sign) {
    uint64_t margin = totals->costed ? totals->margin : 0;
    return (struct row_money){(int64_t)(sign * totals->amount), (int64_t)(sign * margin), totals->costed};
}

void purchase_read(const struct model *model, const struct record *record, const struct event *e, uint64_t subject,
                   struct purchase *out) {
    *out = (struct purchase){
        .id = record->id,
        .subject = subject,
        .position = record->position,
        .time = corrected_time(corrected_hlc(model, record->id, e), e),
        .named = e->subject != 0,
        .dead = voided(model, record->id) && !BUG(late_voids_only),
    };
    if (e->type == EVENT_sold) {
        out->lines = e->body.sold.lines.count;
        out->money = money_read(&e->body.sold.lines_totals, 1);
        out->flags = (e->body.sold.lines_totals.positive ? ROW_VISIT : 0) |
                     (e->body.sold.lines_totals.reduced ? ROW_REDUCED : 0);
        return;
    }
    out->lines = e->body.returned.lines.count;
    out->money = money_read(&e->body.returned.lines_totals, UINT64_MAX);
    out->flags = ROW_RETURN;
    out->sale = e->body.returned.sale;
    out->dead = out->dead || (model_taken_back(model, out->sale) && !BUG(late_voids_only));
    out->of_sale = out->subject != out->id && e->body.returned.sale == out->subject;
}

uint32_t row_line_count(const struct model *model, const struct row *row, uint64_t id) {
    uint32_t shown = row_lines(row);
    return shown < ROW_LINES_MORE ? shown : (uint32_t)*idmap_find(&model->long_rows, id);
}

/* Of the row of this id. */
static struct row_money money_of(const struct model *model, const struct row *row, uint64_t id) {
    return row_money(&stream_find(model, id_stream(id))->rows, row);
}

struct row_sum row_sum(const struct model *model, const struct row *row, uint64_t id) {
    struct row_money money = money_of(model, row, id);
    return row_sum_of(row, id, row_line_count(model, row, id), &money);
}

static void nobodys_changed(struct model *model, uint64_t id) {
    entry_touched(model, TOUCHED_STREAM | (uint32_t)(stream_find(model, id_stream(id)) - model->streams.items));
}

static void count_row(struct model *model, const struct row *row, uint64_t id) {
    if (row->entry == NONE) nobodys_changed(model, id);
    uint32_t lines = row_line_count(model, row, id);
    uint64_t one = row_live(row) ? 1 : UINT64_MAX; /* or minus one */
    model->lines += row_live(row) ? lines : 0 - (uint64_t)lines;
    if ((row_flags(row) & ROW_RETURN) != 0) {
        model->returns += one;
        return;
    }
    model->purchases += one;
    if (row->entry == NONE) model->nobodys += one;
}

static void visited(struct entry *entry, int64_t time, uint32_t stream) {
    if (time < entry->last || (time == entry->last && stream < entry->last_stream)) return;
    entry->last = time;
    entry->last_stream = stream;
}

static void add_row(struct entry *entry, const struct row *row, uint64_t id, int64_t amount,
                    const struct row_sum *sums) {
    entry->spend = sum(entry->spend, amount);
    entry->rows++;
    entry->rows_sum.lanes[0] += sums->lanes[0];
    entry->rows_sum.lanes[1] += sums->lanes[1];
    if (row_has(row, ROW_RETURN)) entry->returns++;
    if (!row_has(row, ROW_VISIT)) return;
    entry->visits++;
    visited(entry, row_time(row), id_stream(id));
}

static void take_row_away(struct model *model, uint32_t index, const struct row *row, int64_t amount,
                          const struct row_sum *sums) {
    struct entry *entry = &model->entries.items[index];
    entry->spend = difference(entry->spend, amount);
    entry->rows--;
    entry->rows_sum.lanes[0] -= sums->lanes[0];
    entry->rows_sum.lanes[1] -= sums->lanes[1];
    if (row_has(row, ROW_RETURN)) entry->returns--;
    if (!row_has(row, ROW_VISIT)) return;
    entry->visits--;
    if (entry->last != row_time(row) || (entry->flags & ENTRY_UNSURE) != 0) return;
    entry->flags |= ENTRY_UNSURE;
    *VEC_ADD(model->unsure) = index;
}

void row_take_over(struct model *model, struct row *row, uint64_t id, uint32_t entry) {
    if (row_live(row) && !row_has(row, ROW_RETURN)) model->nobodys--;
    model->entries.items[entry].flags |= ENTRY_PURCHASE;
    entry_touched(model, entry);
    nobodys_changed(model, id);
    row->entry = entry;
    if (!row_live(row)) return;
    struct row_sum sums = row_sum(model, row, id);
    add_row(&model->entries.items[entry], row, id, money_of(model, row, id).amount, &sums);
}

void row_void(struct model *model, struct row *row, uint64_t id, bool dead) {
    if (row_live(row) != dead) return;
    row_set_dead(row, dead);
    count_row(model, row, id);
    if (row->entry == NONE) return;
    entry_touched(model, row->entry);
    struct row_sum sums = row_sum(model, row, id);
    int64_t amount = money_of(model, row, id).amount;
    if (dead)
        take_row_away(model, row->entry, row, amount, &sums);
    else
        add_row(&model->entries.items[row->entry], row, id, amount, &sums);
}

void purchase_put(struct model *model, const struct purchase *p, uint32_t entry) {
    if (entry == NONE) entry = p->subject == p->id ? entry_find(model, p->id) : entry_of(model, p->subject);
    struct stream *stream = record_seen(model, p->id, p->position);
    struct row row = row_make(id_seq(p->id), p->time, p->flags, p->lines, entry);
    if (p->lines >= ROW_LINES_MORE) *idmap_put(&model->long_rows, p->id, NULL) = p->lines;
    row_set_dead(&row, p->dead);
    if (entry != NONE) {
        struct entry *owner = &model->entries.items[entry];
        entry_touched(model, entry);
        if (p->named) entry_reached(owner, p->position);
        if (p->of_sale || p->subject == p->id) owner->flags |= ENTRY_PURCHASE;
        struct row_sum sums = row_sum_of(&row, p->id, p->lines, &p->money);
        if (row_live(&row)) add_row(owner, &row, p->id, p->money.amount, &sums);
    }
    if (row_live(&row)) count_row(model, &row, p->id);
    rows_put(&stream->rows, id_seq(p->id), &row, &p->money);
    if (p->sale != 0) give_backs_put(&model->gave_back, p->id, p->sale);
    if (model->max_time < p->time) model->max_time = p->time;
}

/* The latest visit of an entry whose latest was voided. */
static void find_last_visit(const struct model *model, uint32_t index) {
    struct entry *entry = &model->entries.items[index];
    struct met_rows met = {NULL, 0, 0};
    entry_rows(model, index, &met);
    for (uint32_t i = 0; i < met.count; i++) {
        const struct row *row = met.items[i].row;
        if (row_has(row, ROW_VISIT)) visited(entry, row_time(row), id_stream(met.items[i].id));
    }
    VEC_RELEASE(met);
}

void settle_last_visits(struct model *model) {
    for (uint32_t i = 0; i < model->unsure.count; i++) {
        struct entry *entry = &model->entries.items[model->unsure.items[i]];
        entry->flags &= ~(uint32_t)ENTRY_UNSURE;
        entry->last = TIME_NONE;
        entry->last_stream = 0;
        if (entry->visits > 0) find_last_visit(model, model->unsure.items[i]);
    }
    model->unsure.count = 0;
}
