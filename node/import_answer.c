/* What became of an import, or would. */
#include <string.h>

#include "node/import.h"
#include "proto/command/ask.h"
#include "proto/event/json.h"

#define PROBLEMS_TOLD 20 /* rejected rows that the answer itself names */
#define PROBLEMS_SHOWN 5 /* … to people */

static json_t *problems(const struct import *im) {
    json_t *list = json_array();
    for (uint32_t row = 0; row < im->row_count && json_array_size(list) < PROBLEMS_TOLD; row++) {
        if (im->rows[row].outcome != ROW_REJECTED) continue;
        struct buf text = BUF_INIT;
        struct view field = im->reasons[im->rows[row].reason].field;
        import_reason_text(im, row, &text);
        json_t *problem =
            json_pack("{s:I, s:s%}", "line", (json_int_t)im->rows[row].line, "reason", buf_text(&text), text.len);
        json_object_set_new(problem, "field",
                            field.data == NULL ? json_null() : json_stringn((const char *)field.data, field.len));
        json_array_append_new(list, problem);
        buf_release(&text);
    }
    return list;
}

/* The rejected rows themselves, for who sent the file over HTTP: as UTF-8, which JSON is, and which the file is taken
 * for when it comes again. */
static json_t *rejected_rows(const struct import *im) {
    json_t *text = json_stringn((const char *)im->rejects.data, im->rejects.len);
    if (text != NULL) return text;
    struct buf decoded = BUF_INIT;
    encoding_decode(im->encoding, buf_view(&im->rejects), &decoded);
    text = json_stringn((const char *)decoded.data, decoded.len);
    buf_wipe(&decoded);
    return text == NULL ? json_null() : text;
}

static void answer_json(struct import *im, const char *rejects) {
    const char delimiter[] = {(char)im->dialect.delimiter, '\0'};
    call_json(im->call,
              json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:b, s:o, s:s, s:s, s:O?, s:o*}", "rows",
                        (json_int_t)im->row_count, "written", (json_int_t)im->outcomes[ROW_WRITTEN], "skipped",
                        (json_int_t)im->outcomes[ROW_SKIPPED], "events", (json_int_t)im->events, "registered",
                        (json_int_t)im->registered, "rejected", (json_int_t)im->outcomes[ROW_REJECTED], "rejects_file",
                        rejects, "dry_run", (int)im->dry_run, "problems", problems(im), "encoding",
                        encoding_name(im->encoding), "delimiter", delimiter, "preview", im->preview, "rejects",
                        im->rejects.len > 0 ? rejected_rows(im) : NULL));
}

/* Whom a draft is about: by number, or by what the one is registered with that the same batch registers. */
static json_t *whom(struct import *im, const struct draft *draft) {
    const struct batch *b = &im->batch;
    if (draft->subject == SUBJECT_GIVEN) {
        struct view called = im->kind->called == NULL ? VIEW_NONE : im->kind->called(im, draft->event.subject);
        return called.data == NULL ? ask_id(draft->event.subject) : ask_text(called);
    }
    if (draft->subject == SUBJECT_SELF) return json_null();
    const struct event *registered = &b->drafts[draft->subject - 1].event;
    if (registered->type != EVENT_registered) return json_null();
    struct view card = registered->body.registered.card;
    return ask_text(card.data != NULL ? card : registered->body.registered.phone);
}

void import_preview(struct import *im, const struct draft *draft) {
    static const char *const unwritten[] = {"hlc", "standing", "version", "subject", "after"};
    if (im->preview == NULL) im->preview = json_array();
    if ((int64_t)json_array_size(im->preview) >= im->preview_most) return;
    json_t *row = event_json(&draft->event, 0, EVENT_GOOD, true, &im->site->zone);
    for (size_t i = 0; i < sizeof unwritten / sizeof *unwritten; i++) json_object_del(row, unwritten[i]);
    /* Ids that are not given out yet. */
    if (draft->event.type == EVENT_stepped) json_object_del(json_object_get(row, "body"), "complaint");
    if (draft->event.type == EVENT_voided) json_object_del(json_object_get(row, "body"), "event");
    if (draft->event.type == EVENT_referred) json_object_del(json_object_get(row, "body"), "newcomer");
    int64_t at = draft->event.at == NIL ? site_now(im->site) : draft->event.at;
    json_object_set_new(row, "at", ask_time(im->call, at));
    json_object_set_new(row, "customer", whom(im, draft));
    json_array_append_new(im->preview, row);
}

static void put_preview(const struct import *im, struct buf *out) {
    size_t i;
    const json_t *row;
    json_array_foreach(im->preview, i, row) {
        const char *whose = json_string_value(json_object_get(row, "customer"));
        if (i == 0) buf_printf(out, "The first of them:\n");
        buf_printf(out, "  ");
        ask_minute(out, json_string_value(json_object_get(row, "at")));
        buf_printf(out, "  %s%s%s  ", json_string_value(json_object_get(row, "type")), whose == NULL ? "" : " of ",
                   whose == NULL ? "" : whose);
        ask_event_text(im->call, row, out);
        buf_append_byte(out, '\n');
    }
}

static void put_count(struct buf *out, const char *before, uint64_t count, const char *after) {
    char text[40];
    buf_printf(out, "%s%s%s", before, decimal_format((int64_t)count, 0, true, text), after);
}

static void put_problems(const struct import *im, struct buf *out) {
    uint64_t shown = 0;
    for (uint32_t row = 0; row < im->row_count && shown < PROBLEMS_SHOWN; row++) {
        if (im->rows[row].outcome != ROW_REJECTED) continue;
        buf_printf(out, "  line %u: ", im->rows[row].line);
        import_reason_text(im, row, out);
        buf_append_byte(out, '\n');
        shown++;
    }
    if (im->outcomes[ROW_REJECTED] > shown) put_count(out, "  and ", im->outcomes[ROW_REJECTED] - shown, " more\n");
}

static void answer_people(struct import *im, const char *rejects) {
    struct buf out = BUF_INIT;
    const char *would = im->dry_run ? "would be " : "";
    bool plain = strcmp(encoding_name(im->encoding), "UTF-8") == 0;
    buf_printf(&out, "%s from %s", im->kind->name, im->path);
    put_count(&out, ": ", im->row_count, im->row_count == 1 ? " row" : " rows");
    buf_printf(&out, "%s%s\n", plain ? "" : ", in ", plain ? "" : encoding_name(im->encoding));
    put_count(&out, "  ", im->outcomes[ROW_WRITTEN], " ");
    buf_printf(&out, "%swritten", would);
    put_count(&out, ", as ", im->events, im->events == 1 ? " event" : " events");
    if (im->registered > 0) put_count(&out, "; customers registered: ", im->registered, "");
    put_count(&out, "\n  ", im->outcomes[ROW_SKIPPED], " already here\n");
    put_count(&out, "  ", im->outcomes[ROW_REJECTED], " ");
    buf_printf(&out, "%srejected\n", would);
    put_problems(im, &out);
    put_preview(im, &out);
    if (rejects != NULL)
        buf_printf(&out,
                   "The rejected rows are in %s: correct them there and import that file by the same command%s%s.\n",
                   rejects, plain || !im->encoding_found ? "" : " with --encoding ",
                   plain || !im->encoding_found ? "" : encoding_name(im->encoding));
    const char *kept = call_option(im->call, "save-map");
    if (kept != NULL) buf_printf(&out, "The mapping is kept: --use-map %s\n", kept);
    call_progress_end(im->call);
    fwrite(out.data, 1, out.len, im->call->out);
    buf_release(&out);
}

void import_answer(struct import *im, const char *rejects) {
    if (im->call->json)
        answer_json(im, rejects);
    else
        answer_people(im, rejects);
}
