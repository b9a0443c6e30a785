/* digest, verify, log: is it all there, and unaltered? */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/file_os.h"
#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/site/looks.h"

#define PAGE_RECORDS 1000

int ask_digest(struct call *call) {
    uint8_t digest[DIGEST_SIZE];
    char text[2 * DIGEST_SIZE + 1];
    const struct config *config = &call->site->config;
    struct view store = view_of(call_option(call, "store"));
    int code = ask_known(call, "store");
    if (code != 0) return code;
    /* A store holds parts of others' streams: what can be compared is its own people. */
    if (store.data == NULL && config->role == ROLE_STORE) store = view_of(config->store);
    struct pace pace;
    const struct model *model = ask_report_begin(call, "digest", &pace);
    if (store.data == NULL)
        model_digest_paced(model, &pace, digest);
    else
        model_digest(model, &store, digest);
    ask_report_end(call);
    hex_encode(view_make(digest, sizeof digest), text);
    if (call->json)
        call_json(call, json_pack("{s:s}", "digest", text));
    else
        fprintf(call->out, "%s\n", text);
    return 0;
}

static void verify_answer(struct call *call, int code, const struct verify_report *report, uint64_t keys,
                          uint64_t looks) {
    if (call->json) {
        call_json(call, json_pack("{s:b, s:I, s:I, s:o, s:I, s:I}", "ok", code == 0, "records",
                                  (json_int_t)report->records, "streams", (json_int_t)report->streams, "first_bad",
                                  report->first_bad == 0 ? json_null() : json_integer((json_int_t)report->first_bad),
                                  "keys", (json_int_t)keys, "looks", (json_int_t)looks));
    } else if (code == 0) {
        char texts[4][COUNT_TEXT];
        fprintf(call->out, "%s of %s, %s and %s: every chain, signature and index holds\n",
                count_format(report->records, "record", texts[0]), count_format(report->streams, "stream", texts[1]),
                count_format(keys, "key", texts[2]), count_format(looks, "recorded look", texts[3]));
    }
}

int ask_sound(struct call *call) {
    struct verify_report report = {.records = 0};
    char *log = path_join(call->directory, "log");
    int code = directory_exists(log) ? log_lmdb_verify(log, call->env, NULL, &report, &call->error) : 0;
    if (code == ERR_CORRUPT) verify_answer(call, code, &report, 0, 0);
    /* Whoever was to make it was killed before its first commit: it is made when the site is opened. */
    if (code == ERR_NOT_FOUND) {
        call->error = (struct err){.code = 0};
        code = 0;
    }
    free(log);
    return code;
}

int ask_verify(struct call *call) {
    struct site *site = call->site;
    struct verify_report report = {.records = 0};
    uint64_t keys = 0, looks = 0;
    int code = site_verify_log(site, &report, &call->error);
    if (code == 0) code = site->ring->ops->verify(site->ring, &keys, &call->error);
    if (code == 0) code = looks_read(site, NULL, NULL, &looks, &call->error);
    verify_answer(call, code, &report, keys, looks);
    return code;
}

struct paging {
    struct call *call;
    bool one_stream, follow;
    uint32_t stream;
    uint64_t from_seq;
    struct rows_out rows;
};

/* Records copied off a page, so that no read transaction spans output. */
struct slice {
    struct record records[PAGE_RECORDS];
    size_t starts[PAGE_RECORDS];
    size_t count;
    struct buf frames;
};

static bool shown(const struct paging *p, uint64_t id) {
    return (!p->one_stream || id_stream(id) == p->stream) && id_seq(id) >= p->from_seq;
}

/* Reads one page from `*position` on; `*position` moves behind it. LOG_END when there was nothing more. */
static int read_page(struct paging *p, struct slice *page, uint64_t *position) {
    struct log *log = p->call->site->log;
    struct log_iterator *it;
    page->count = 0;
    buf_clear(&page->frames);
    int code = log->ops->iterate(log, &it, &p->call->error);
    if (code != 0) return code;
    code = it->ops->seek(it, *position);
    for (uint64_t read = 0; code == 0 && page->count < PAGE_RECORDS && read < LOG_SCAN_MAX; read++) {
        struct record record;
        code = it->ops->next(it, &record, &p->call->error);
        if (code != 0) break;
        *position = record.position + 1;
        if (!shown(p, record.id)) continue;
        page->starts[page->count] = page->frames.len;
        page->records[page->count++] = record;
        buf_append_view(&page->frames, record.frame);
    }
    it->ops->close(it);
    return code;
}

static json_t *record_row(struct call *call, const struct record *record) {
    uint8_t hash[32];
    char text[65];
    json_t *row = ask_event(call, record);
    crypto_generichash(hash, sizeof hash, record->frame.data, record->frame.len, NULL, 0);
    hex_encode(view_make(hash, sizeof hash), text);
    json_object_set_new(row, "stream", json_integer(id_stream(record->id)));
    json_object_set_new(row, "seq", json_integer((json_int_t)id_seq(record->id)));
    json_object_set_new(row, "position", json_integer((json_int_t)record->position));
    json_object_set_new(row, "hash", json_string(text));
    return row;
}

/* With --json and --follow a row a line: there is no end to close a document with. */
static void print_row(struct paging *p, json_t *row) {
    struct buf line = BUF_INIT;
    if (p->call->json)
        json_dumpf(row, p->call->out, JSON_COMPACT);
    else
        ask_event_line(p->call, row, &line);
    buf_append_byte(&line, '\n');
    fwrite(line.data, 1, line.len, p->call->out);
    buf_wipe(&line);
    json_decref(row);
}

static void print_page(struct paging *p, struct slice *page) {
    for (size_t i = 0; i < page->count && !call_cancelled(p->call) && !rows_full(&p->rows); i++) {
        size_t end = i + 1 < page->count ? page->starts[i + 1] : page->frames.len;
        page->records[i].frame = view_make(page->frames.data + page->starts[i], end - page->starts[i]);
        json_t *row = record_row(p->call, &page->records[i]);
        if (p->call->json && !p->follow)
            rows_add(&p->rows, row);
        else
            print_row(p, row);
    }
    if (p->follow) fflush(p->call->out);
}

static void wait_for_growth(struct call *call, uint64_t *seen) {
    struct growth *growth = &call->site->growth;
    mutex_lock(&growth->lock);
    if (growth->count == *seen) condition_wait_ms(&growth->grown, &growth->lock, 200);
    *seen = growth->count;
    mutex_unlock(&growth->lock);
}

static int print_log(struct paging *p) {
    struct slice *page = mem_alloc(sizeof *page);
    uint64_t position = 1, seen = 0;
    int code = 0;
    while (!call_cancelled(p->call)) {
        code = read_page(p, page, &position);
        if (code < 0) break;
        print_page(p, page);
        if (!p->follow && rows_full(&p->rows)) break;
        if (code != LOG_END) continue;
        if (!p->follow) break;
        wait_for_growth(p->call, &seen);
    }
    buf_release(&page->frames);
    free(page);
    return code < 0 ? code : 0;
}

int ask_log(struct call *call) {
    struct paging p = {.call = call, .one_stream = call_has(call, "stream"), .follow = call_has(call, "follow")};
    p.rows.call = call;
    int64_t stream = 0, from = 1;
    int code = call_number(call, "stream", 0, ID_STREAM_MAX, 0, &stream);
    if (code == 0) code = call_number(call, "from", 1, (int64_t)ID_SEQ_MAX, 1, &from);
    if (code != 0) return code;
    p.stream = (uint32_t)stream;
    p.from_seq = (uint64_t)from;
    if (p.follow && (code = call_lasts(call)) != 0) return code;
    if (call->json && !p.follow) rows_begin(&p.rows, call);
    code = print_log(&p);
    if (call->json && !p.follow) rows_end(&p.rows);
    return code;
}
