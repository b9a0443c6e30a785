#include "hub/visits.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/base/cursor.h"
#include "proto/base/pack.h"

#define FIELDS_FIRST 6  /* of the first form of this row */
#define FIELDS_CLOCK 17 /* of the second */
#define FIELDS_COPY 20  /* of the third */
#define FIELDS 21

void visit_key(uint32_t stream, struct buf *out) { buf_printf(out, "visit %u", stream); }

static void load_clock(struct cursor *c, struct visit *out) {
    struct span *span = &out->span;
    out->applied_skew_ms = cursor_int(c);
    out->applied_known = cursor_uint(c) == 1;
    out->greeted_seq = cursor_uint(c);
    out->greeted_at = cursor_int(c);
    span->from = cursor_uint(c);
    span->to = cursor_uint(c);
    span->since_seq = cursor_uint(c);
    span->since = cursor_int(c);
    span->at = cursor_int(c);
    span->drift_ms = cursor_int(c);
    span->known = cursor_uint(c) == 1;
}

static void pack_clock(struct buf *out, const struct visit *visit) {
    const struct span *span = &visit->span;
    pack_int(out, visit->applied_skew_ms);
    pack_uint(out, visit->applied_known);
    pack_uint(out, visit->greeted_seq);
    pack_int(out, visit->greeted_at);
    pack_uint(out, span->from);
    pack_uint(out, span->to);
    pack_uint(out, span->since_seq);
    pack_int(out, span->since);
    pack_int(out, span->at);
    pack_int(out, span->drift_ms);
    pack_uint(out, span->known);
}

int visit_load(struct site *site, uint32_t stream, struct visit *out, struct err *err) {
    *out = (struct visit){.token_number = 0};
    struct buf key = BUF_INIT, value = BUF_INIT;
    visit_key(stream, &key);
    int code = site->log->ops->value(site->log, buf_view(&key), &value);
    if (code == 0) {
        struct cursor c = cursor_of(buf_view(&value));
        uint32_t fields = cursor_array(&c);
        out->token_number = cursor_uint(&c);
        struct view token = cursor_bin_exact(&c, TOKEN_SIZE), before = cursor_bin_exact(&c, TOKEN_SIZE);
        out->last_seen = cursor_int(&c);
        out->skew_ms = cursor_int(&c);
        out->claimed_seq = cursor_uint(&c);
        if (fields >= FIELDS_CLOCK) load_clock(&c, out);
        if (fields >= FIELDS_COPY) {
            out->copy_at = cursor_int(&c);
            out->copy_moved_to = (uint32_t)cursor_uint(&c);
            out->token_kept = cursor_uint(&c) == 1;
        }
        if (fields >= FIELDS) out->erased_upto = cursor_uint(&c);
        if (cursor_ok(&c) && fields >= FIELDS_FIRST) {
            memcpy(out->token, token.data, TOKEN_SIZE);
            memcpy(out->token_before, before.data, TOKEN_SIZE);
        } else {
            code = err_set(err, ERR_CORRUPT, NULL, "what the hub remembers of stream %u is damaged", stream);
        }
    }
    buf_release(&key);
    buf_release(&value);
    return code == ERR_NOT_FOUND ? 0 : code;
}

static bool in_doubt(const struct visit *visit) {
    const struct span *span = &visit->span;
    bool drifted = span->drift_ms >= VISIT_DOUBT_MS || span->drift_ms <= -VISIT_DOUBT_MS;
    return span->known && drifted && span->from <= span->to && span->at == visit->last_seen;
}

/* ---- Noted, to be written together ---- */

struct noted {
    struct noted *next;
    uint32_t stream;
    uint64_t number;
    struct visit visit;
};

void visits_open(struct visits *visits, struct site *site) {
    *visits = (struct visits){.site = site};
    mutex_init(&visits->lock);
}

static void forget(struct visits *visits, uint64_t upto) {
    for (struct noted **at = &visits->noted; *at != NULL;) {
        struct noted *noted = *at;
        if (noted->number > upto) {
            at = &noted->next;
            continue;
        }
        *at = noted->next;
        free(noted);
    }
}

void visits_close(struct visits *visits) {
    forget(visits, UINT64_MAX);
    mutex_destroy(&visits->lock);
}

static struct noted *find(struct visits *visits, uint32_t stream) {
    struct noted *noted;
    LL_SEARCH_SCALAR(visits->noted, noted, stream, stream);
    return noted;
}

int visits_load(struct visits *visits, uint32_t stream, struct visit *out, struct err *err) {
    mutex_lock(&visits->lock);
    const struct noted *noted = find(visits, stream);
    if (noted != NULL) *out = noted->visit;
    mutex_unlock(&visits->lock);
    return noted != NULL ? 0 : visit_load(visits->site, stream, out, err);
}

uint64_t visits_note(struct visits *visits, uint32_t stream, const struct visit *visit) {
    mutex_lock(&visits->lock);
    struct noted *noted = find(visits, stream);
    if (noted == NULL) {
        noted = mem_alloc(sizeof *noted);
        noted->stream = stream;
        LL_PREPEND(visits->noted, noted);
    }
    noted->visit = *visit;
    uint64_t number = noted->number = ++visits->last;
    mutex_unlock(&visits->lock);
    return number;
}

static void visit_write(const struct visit *visit, struct buf *out) {
    pack_array(out, FIELDS);
    pack_uint(out, visit->token_number);
    pack_bin(out, view_make(visit->token, TOKEN_SIZE));
    pack_bin(out, view_make(visit->token_before, TOKEN_SIZE));
    pack_int(out, visit->last_seen);
    pack_int(out, visit->skew_ms);
    pack_uint(out, visit->claimed_seq);
    pack_clock(out, visit);
    pack_int(out, visit->copy_at);
    pack_uint(out, visit->copy_moved_to);
    pack_uint(out, visit->token_kept);
    pack_uint(out, visit->erased_upto);
}

/* One commit's worth. */
struct rows {
    size_t count;
    struct buf *keys, *contents;
    struct log_value *values; /* one more than `count`: that a clock is in doubt */
    uint8_t doubt[12];        /* when and whose: it changes each time */
    bool doubted;
};

static void rows_make(struct visits *visits, struct rows *rows, uint64_t *upto) {
    struct noted *noted;
    size_t all = 0, i = 0;
    mutex_lock(&visits->lock);
    LL_COUNT(visits->noted, noted, all);
    *rows = (struct rows){.count = all,
                          .keys = mem_alloc(all * sizeof *rows->keys),
                          .contents = mem_alloc(all * sizeof *rows->contents),
                          .values = mem_alloc((all + 1) * sizeof *rows->values)};
    LL_FOREACH(visits->noted, noted) {
        visit_key(noted->stream, &rows->keys[i]);
        visit_write(&noted->visit, &rows->contents[i]);
        rows->values[i] = (struct log_value){buf_view(&rows->keys[i]), buf_view(&rows->contents[i])};
        i++;
        if (!in_doubt(&noted->visit)) continue;
        put_u64_le(rows->doubt, (uint64_t)noted->visit.span.at);
        put_u32_le(rows->doubt + 8, noted->stream);
        rows->doubted = true;
    }
    rows->values[all] = (struct log_value){view_of(VISIT_DOUBTS), view_make(rows->doubt, sizeof rows->doubt)};
    *upto = visits->last;
    mutex_unlock(&visits->lock);
}

static void rows_release(struct rows *rows) {
    for (size_t i = 0; i < rows->count; i++) {
        buf_release(&rows->keys[i]);
        buf_release(&rows->contents[i]);
    }
    free(rows->keys);
    free(rows->contents);
    free(rows->values);
}

/* They stay noted until they are written: somebody may come back meanwhile. */
int visits_write(struct visits *visits, uint64_t *upto, struct err *err) {
    struct rows rows;
    rows_make(visits, &rows, upto);
    size_t count = rows.count + rows.doubted;
    int code = rows.count == 0 ? 0 : site_set_values(visits->site, rows.values, count, err);
    if (rows.count > 0 && code == 0) code = 1;
    rows_release(&rows);
    mutex_lock(&visits->lock);
    forget(visits, *upto);
    mutex_unlock(&visits->lock);
    return code;
}

/* ---- Tokens ---- */

enum echo visit_echo(const struct visit *visit, uint64_t number, struct view token) {
    struct view none = view_make("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", TOKEN_SIZE);
    if (token.data == NULL) token = none;
    if (number > visit->token_number) return ECHO_NEWER;
    if (number == visit->token_number)
        return view_equal(token, view_make(visit->token, TOKEN_SIZE)) ? ECHO_NEWEST : ECHO_FALSE;
    if (number + 1 < visit->token_number || visit->token_kept) return ECHO_OLDER;
    return view_equal(token, view_make(visit->token_before, TOKEN_SIZE)) ? ECHO_BEFORE : ECHO_FALSE;
}

void visit_next_token(struct visit *visit, const struct env *env) {
    memcpy(visit->token_before, visit->token, TOKEN_SIZE);
    visit->applied_skew_ms = visit->skew_ms;
    visit->applied_known = true;
    visit->token_number++;
    visit->token_kept = false;
    env_random(env, visit->token, TOKEN_SIZE);
}

void visit_adopt(struct visit *visit, uint64_t number, struct view token, const struct env *env) {
    visit->token_number = number;
    memcpy(visit->token, token.data, TOKEN_SIZE);
    visit_next_token(visit, env);
    visit->applied_known = false;
}

static bool went_back(struct site *site, int64_t now) {
    mutex_lock(&site->writer);
    bool back = now < site->last_received - VISIT_DOUBT_MS;
    mutex_unlock(&site->writer);
    return back;
}

void visit_greeted(struct visit *visit, struct site *site, int64_t time, uint64_t seq, uint64_t held) {
    int64_t now = env_now(site->env);
    struct span *span = &visit->span;
    visit->last_seen = now;
    visit->skew_ms = time - now;
    visit->claimed_seq = seq;
    if (span->to <= held && !went_back(site, now)) /* else what it tells of has not all come yet */
        *span = (struct span){.from = span->to + 1,
                              .to = seq,
                              .since_seq = visit->greeted_seq,
                              .since = visit->greeted_at,
                              .at = now,
                              .drift_ms = visit->skew_ms - visit->applied_skew_ms,
                              .known = visit->applied_known};
    visit->greeted_seq = seq;
    visit->greeted_at = now;
}
