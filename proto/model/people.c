#include "proto/model/people.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/turns.h"

#define PEOPLE_AT_ONCE 2048

struct reading {
    const struct model *model;
    const struct people_asked *asked;
    struct people *out;
    bool kept; /* the sums kept in the entries are those of the cut */
};

static bool whole(const struct model *model, const struct cut *cut, const struct scope *scope) {
    return cut_is_whole(model, cut) && scope_is_whole(scope);
}

/* ---- One person ---- */

static bool early(const struct model *model, uint32_t root, const struct cut *cut) {
    const struct entry *entries = model->entries.items;
    uint32_t i = root;
    do {
        if (entry_known(&entries[i]) && (cut->to == TIME_NONE || entries[i].registered_time <= cut->to)) return true;
        i = entries[i].next_member;
    } while (i != root);
    return false;
}

static void name_person(const struct reading *r, uint32_t root) {
    bool listed = person_listed(r->model, root);
    r->out->names[root] = listed ? person_name(r->model, root) : 0;
    r->out->early[root] = listed && early(r->model, root, &r->asked->cut);
}

static void look_at(const struct reading *r, uint32_t root) {
    const struct people_asked *asked = r->asked;
    struct people *out = r->out;
    if (asked->look == NULL || out->names[root] == 0) return;
    asked->look(asked->context, r->model, root, &out->tallies[root], out->beside + root * asked->beside);
}

static void add_met(const struct reading *r, uint32_t root, const struct met_row *met) {
    struct people *out = r->out;
    const struct people_asked *asked = r->asked;
    uint32_t stream = id_stream(met->id);
    int64_t time = row_time(met->row);
    if (out->seconds != NULL && cut_has(asked->second, time))
        tally_add_row(&out->seconds[root], met->rows, met->row, stream);
    if (!cut_has(&asked->cut, time) || !scope_has(r->model, asked->scope, stream)) return;
    tally_add_row(&out->tallies[root], met->rows, met->row, stream);
    if (out->profits != NULL) profit_add_row(&out->profits[root], met->rows, met->row);
}

static void clear(const struct reading *r, uint32_t i) {
    struct people *out = r->out;
    out->names[i] = 0;
    out->early[i] = false;
    out->tallies[i] = TALLY_NONE;
    if (out->seconds != NULL) out->seconds[i] = TALLY_NONE;
    if (out->profits != NULL) out->profits[i] = (struct profit){0};
    if (out->beside != NULL) memset(out->beside + i * r->asked->beside, 0, r->asked->beside);
}

static void *more(void *items, uint32_t count, size_t size) {
    return items == NULL ? NULL : mem_resize(items, ((size_t)count + 1) * size);
}

/* As many as there are by now. */
static void make_room(const struct reading *r) {
    struct people *out = r->out;
    uint32_t before = out->count, count = r->model->entries.count;
    if (count <= before) return;
    out->names = more(out->names, count, sizeof *out->names);
    out->early = more(out->early, count, sizeof *out->early);
    out->tallies = more(out->tallies, count, sizeof *out->tallies);
    out->seconds = more(out->seconds, count, sizeof *out->seconds);
    out->profits = more(out->profits, count, sizeof *out->profits);
    out->beside = more(out->beside, count, r->asked->beside);
    for (out->count = count; before < count; before++) clear(r, before);
}

static void read_again(void *context, uint32_t touched) {
    const struct reading *r = context;
    const struct entry *entries = r->model->entries.items;
    struct met_rows met = {NULL, 0, 0};
    if ((touched & TOUCHED_STREAM) != 0) return; /* nobody's */
    make_room(r);
    uint32_t root = r->model->roots.items[touched], member = root;
    do {
        clear(r, member);
        entry_rows(r->model, member, &met);
        member = entries[member].next_member;
    } while (member != root);
    for (uint32_t i = 0; i < met.count; i++) add_met(r, root, &met.items[i]);
    VEC_RELEASE(met);
    name_person(r, root);
    look_at(r, root);
}

/* ---- All of them ---- */

enum pass { PASS_TALLIES, PASS_SECONDS, PASS_PROFITS };

struct passing {
    const struct reading *r;
    enum pass pass;
};

static void add_few(const struct reading *r, enum pass pass, const struct stream *stream, const struct rooted_row *few,
                    size_t count) {
    struct people *out = r->out;
    for (size_t i = 0; i < count; i++) {
        uint32_t root = few[i].root;
        if (root >= out->count) continue; /* came since: read again in the end */
        if (pass == PASS_PROFITS)
            profit_add_row(&out->profits[root], &stream->rows, few[i].row);
        else
            tally_add_row(pass == PASS_SECONDS ? &out->seconds[root] : &out->tallies[root], &stream->rows, few[i].row,
                          stream->number);
    }
}

static const void *place(const struct reading *r, enum pass pass, uint32_t root) {
    const struct people *out = r->out;
    if (root >= out->count) return out;
    if (pass == PASS_PROFITS) return &out->profits[root];
    return pass == PASS_SECONDS ? &out->seconds[root] : &out->tallies[root];
}

static uint32_t add_piece(void *context, const struct stream *stream, uint32_t at, uint32_t end) {
    const struct passing *p = context;
    const struct reading *r = p->r;
    const struct cut *cut = p->pass == PASS_SECONDS ? r->asked->second : &r->asked->cut;
    struct rooted_row few[ROOTED_ROWS];
    size_t count;
    while (at < end && (count = rooted_rows(&stream->rows, &at, cut, r->model->roots.items, few)) > 0) {
        for (size_t i = 0; i < count; i++) __builtin_prefetch(place(r, p->pass, few[i].root), 1);
        add_few(r, p->pass, stream, few, count);
    }
    return at;
}

static void add_all_rows(const struct reading *r, enum pass pass, struct turns *turns) {
    struct passing passing = {r, pass};
    turns_rows(turns, pass == PASS_SECONDS ? NULL : r->asked->scope, add_piece, &passing);
}

/* A million of them are so much memory that making it ready takes turns, too. */
static void make_ready(const struct reading *r, uint32_t count, struct turns *turns) {
    for (r->out->count = 0; r->out->count < count; r->out->count++) {
        if (r->out->count % PEOPLE_AT_ONCE == 0) turns_rest(turns, 0);
        clear(r, r->out->count);
    }
}

static void name_all(const struct reading *r, struct turns *turns) {
    const struct model *model = r->model;
    struct tallies kept = {model, NULL, 0};
    uint32_t count = r->out->count;
    for (uint32_t i = 0; i < count && i < model->entries.count; i++) {
        if (i % PEOPLE_AT_ONCE == 0 && i > 0) turns_rest(turns, PEOPLE_AT_ONCE);
        if (i >= model->entries.count || model->roots.items[i] != i) continue;
        name_person(r, i);
        if (r->kept) r->out->tallies[i] = tallies_of(&kept, i);
        look_at(r, i);
    }
}

static bool read_all(struct reading *r, const struct pace *pace) {
    const struct model *model = r->model;
    struct people *out = r->out;
    uint32_t count = model->entries.count;
    size_t room = (size_t)count + 1;
    *out = (struct people){.names = mem_alloc(room * sizeof *out->names),
                           .early = mem_alloc(room * sizeof *out->early),
                           .tallies = mem_alloc(room * sizeof *out->tallies)};
    if (r->asked->second != NULL) out->seconds = mem_alloc(room * sizeof *out->seconds);
    if (r->asked->margins) out->profits = mem_alloc(room * sizeof *out->profits);
    if (r->asked->beside > 0) out->beside = mem_alloc(room * r->asked->beside);
    r->kept = !r->asked->counted && whole(model, &r->asked->cut, r->asked->scope);
    uint64_t passes = (r->kept ? 0u : 1u) + (out->seconds != NULL ? 1u : 0u) + (out->profits != NULL ? 1u : 0u);
    struct turns turns = turns_begin(model, pace, passes * turns_row_count(model) + count);
    make_ready(r, count, &turns);
    if (!r->kept) add_all_rows(r, PASS_TALLIES, &turns);
    if (out->seconds != NULL) add_all_rows(r, PASS_SECONDS, &turns);
    if (out->profits != NULL) add_all_rows(r, PASS_PROFITS, &turns);
    name_all(r, &turns);
    return turns_end(&turns, read_again, r);
}

void people_read(const struct model *model, const struct people_asked *asked, const struct pace *pace,
                 struct people *out) {
    struct reading r = {model, asked, out, false};
    if (read_all(&r, pace)) return;
    people_release(out);
    read_all(&r, NULL);
}

void people_release(struct people *people) {
    free(people->names);
    free(people->early);
    free(people->tallies);
    free(people->seconds);
    free(people->profits);
    free(people->beside);
}
