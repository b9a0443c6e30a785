#include "proto/model/sales.h"

#include <stdlib.h>

#include "proto/model/person_rows.h"
#include "proto/model/scope.h"

/* ---- Whose ---- */

bool entry_nobodys(const struct model *model, uint32_t entry) {
    const struct entry *entries = model->entries.items;
    uint32_t i = entry;
    do {
        if (entry_known(&entries[i]) || (entries[i].flags & ENTRY_THING) == 0) return false;
        i = entries[i].next_member;
    } while (i != entry);
    return true;
}

bool row_nobodys(const struct model *model, const struct row *row) {
    return row->entry == NONE || entry_nobodys(model, row->entry);
}

static const struct row *row_at(const struct model *model, uint64_t id, const struct rows **rows) {
    const struct stream *stream = stream_find(model, id_stream(id));
    *rows = stream == NULL ? NULL : &stream->rows;
    return stream == NULL ? NULL : rows_find(&stream->rows, id_seq(id));
}

static bool of_person(const struct model *model, const struct row *row, uint64_t person) {
    return row->entry != NONE && person_name(model, row->entry) == person;
}

bool sale_asked_for(const struct model *model, uint64_t id, const struct sales_asked *asked) {
    const struct rows *rows;
    const struct row *row = row_at(model, id, &rows);
    if (row == NULL || !cut_has(&asked->cut, row_time(row)) || !scope_has(model, &asked->scope, id_stream(id)))
        return false;
    if (asked->whose == SALES_NOBODYS) return row_nobodys(model, row);
    return asked->whose != SALES_CUSTOMERS || of_person(model, row, model_person(model, asked->customer));
}

/* ---- The latest ---- */

struct met_sale {
    uint64_t id;
    int64_t time;
};

struct meeting {
    const struct model *model;
    const struct sales_asked *asked;
    struct cut cut;
    struct met_sale behind;   /* id 0: none */
    VEC(struct met_sale) met; /* twice as many as are asked for at most, but for the first few */
};

static int latest_first(const void *a, const void *b) {
    const struct met_sale *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    return (x->id < y->id) - (x->id > y->id);
}

static void keep_latest(struct meeting *m) {
    if (m->met.count > 1) qsort(m->met.items, m->met.count, sizeof *m->met.items, latest_first);
    if (m->met.count > m->asked->most) m->met.count = (uint32_t)m->asked->most;
}

static void meet(struct meeting *m, uint64_t id, int64_t time) {
    if (m->behind.id != 0 && time == m->behind.time && id >= m->behind.id) return;
    *VEC_ADD(m->met) = (struct met_sale){id, time};
    if (m->met.count / 2 >= m->asked->most && m->met.count >= 1024) keep_latest(m);
}

static bool asked_for(const struct meeting *m, const struct row *row) {
    if (!row_live(row) || row_has(row, ROW_RETURN) || !cut_has(&m->cut, row_time(row))) return false;
    return m->asked->whose != SALES_NOBODYS || row_nobodys(m->model, row);
}

static void meet_stream(struct meeting *m, const struct stream *stream) {
    const struct rows *rows = &stream->rows;
    int64_t from = m->cut.from == TIME_NONE ? INT64_MIN : m->cut.from;
    int64_t to = m->cut.to == TIME_NONE ? INT64_MAX : m->cut.to;
    for (uint32_t i = rows_within(rows, 0, from, to); i < rows->count; i++) {
        if (i % ROWS_CHUNK == 0 && (i = rows_within(rows, i, from, to)) >= rows->count) break;
        const struct row *row = rows_at(rows, i);
        if (asked_for(m, row)) meet(m, id_make(stream->number, rows_seq(rows, i)), row_time(row));
    }
}

static void meet_all(struct meeting *m, const struct pace *pace) {
    const struct model *model = m->model;
    for (uint32_t i = 0; i < model->streams.count; i++) {
        if (i > 0) pace_rest(pace, i, model->streams.count);
        const struct stream *stream = &model->streams.items[i];
        if (scope_has(model, &m->asked->scope, stream->number)) meet_stream(m, stream);
    }
}

/* Nothing is later than the one that they stand behind. */
static void begin_behind(struct meeting *m) {
    const struct rows *rows;
    const struct row *row = m->asked->behind == 0 ? NULL : row_at(m->model, m->asked->behind, &rows);
    if (row == NULL) return;
    m->behind = (struct met_sale){m->asked->behind, row_time(row)};
    if (m->cut.to == TIME_NONE || m->cut.to > m->behind.time) m->cut.to = m->behind.time;
}

static void meet_customer(struct meeting *m) {
    struct person_row *rows;
    size_t count;
    person_rows(m->model, m->asked->customer, &m->cut, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if ((rows[i].flags & ROW_RETURN) == 0 && scope_has(m->model, &m->asked->scope, id_stream(rows[i].id)))
            meet(m, rows[i].id, rows[i].time);
    free(rows);
}

/* ---- What is told of each ---- */

static int64_t returned_of(const struct model *model, uint64_t sale) {
    const struct give_backs *all = &model->gave_back;
    int64_t sum = 0;
    for (uint32_t i = give_backs_newest(all, sale); i != NONE; i = give_backs_before(all, i)) {
        const struct rows *rows;
        const struct row *row = row_at(model, all->items[i].id, &rows);
        if (row != NULL && row_live(row)) sum = (int64_t)((uint64_t)sum - (uint64_t)row_amount(rows, row));
    }
    return sum;
}

static uint64_t whose(const struct model *model, const struct row *row) {
    return row_nobodys(model, row) ? 0 : person_name(model, row->entry);
}

/* False: it was voided, or got its customer, while others had the model. */
static bool tell(const struct meeting *m, const struct met_sale *met, struct sale *out) {
    const struct rows *rows;
    const struct row *row = row_at(m->model, met->id, &rows);
    if (row == NULL || !asked_for(m, row)) return false;
    *out = (struct sale){
        .id = met->id,
        .person = whose(m->model, row),
        .time = row_time(row),
        .amount = row_amount(rows, row),
        .returned = returned_of(m->model, met->id),
        .lines = row_line_count(m->model, row, met->id),
    };
    return true;
}

void sales_made(const struct model *model, const struct sales_asked *asked, const struct pace *pace, struct sale **out,
                size_t *count) {
    struct meeting m = {model, asked, asked->cut, {0, 0}, {NULL, 0, 0}};
    begin_behind(&m);
    if (asked->whose == SALES_CUSTOMERS)
        meet_customer(&m);
    else
        meet_all(&m, pace);
    keep_latest(&m);
    *count = 0;
    *out = mem_alloc(((size_t)m.met.count + 1) * sizeof **out);
    for (uint32_t i = 0; i < m.met.count; i++)
        if (tell(&m, &m.met.items[i], &(*out)[*count])) ++*count;
    pace_leave(pace);
    VEC_RELEASE(m.met);
}
