#include <string.h>

#include "proto/base/text.h"
#include "proto/command/help.h"
#include "proto/command/inside.h"
#include "proto/command/parse.h"
#include "proto/command/run.h"

bool call_cancelled(const struct call *call) {
    if (!atomic_load(call->cancelled)) return false;
    atomic_store(call->noticed, true);
    return true;
}

int call_stopped(struct call *call) { return err_set(&call->error, ERR_INTERRUPTED, NULL, "stopped"); }

/* The n-th time an option was given, from 0; `*count` is how often it was. */
static const char *given(const struct call *call, const char *name, size_t n, size_t *count) {
    const char *value = NULL;
    *count = 0;
    for (size_t i = 0; i < call->given_count; i++) {
        if (strcmp(call->given_names[i], name) != 0) continue;
        if (*count == n) value = call->given_values[i];
        ++*count;
    }
    return value;
}

size_t call_option_count(const struct call *call, const char *name) {
    size_t count;
    given(call, name, 0, &count);
    return count;
}

const char *call_option_at(const struct call *call, const char *name, size_t index) {
    size_t count;
    return given(call, name, index, &count);
}

const char *call_option(const struct call *call, const char *name) {
    size_t count = call_option_count(call, name);
    return count == 0 ? NULL : call_option_at(call, name, count - 1);
}

bool call_has(const struct call *call, const char *name) { return call_option_count(call, name) > 0; }

/* ---- What the answer rests on ---- */

void call_rests_on(struct call *call, uint64_t id) {
    struct grounds *grounds = call->grounds;
    if (grounds == NULL) return;
    for (size_t i = 0; i < grounds->count; i++)
        if (grounds->on[i] == id) return;
    if (grounds->count < GROUNDS_MAX)
        grounds->on[grounds->count++] = id;
    else
        grounds->shifting = true;
}

void call_rests_until(struct call *call, int64_t time) {
    if (call->grounds != NULL && time != TIME_NONE && time < call->grounds->until) call->grounds->until = time;
}

void call_rests_on_nothing(struct call *call) {
    if (call->grounds != NULL) call->grounds->shifting = true;
}

/* ---- The end of a call ---- */

static void refused_json(struct call *call, int code) {
    const struct err *err = &call->error;
    json_t *field = err->field[0] == '\0' ? json_null() : json_string(err->field);
    json_t *document =
        json_pack("{s:{s:s, s:s, s:o}}", "error", "code", err_word(code), "message", err->text, "field", field);
    if (document != NULL) json_dumpf(document, call->err_out, JSON_COMPACT);
    fputc('\n', call->err_out);
    json_decref(document);
}

/* The field as it was written, "--phone", or "phone" for a column, unless the text names it already. */
static void put_field(const struct call *call, struct buf *out) {
    const struct err *err = &call->error;
    struct option option;
    struct buf field = BUF_INIT;
    bool is_option = call->command != NULL && call_option_find(call, err->field, &option);
    buf_printf(&field, "%s%s", !is_option ? "" : err->field[1] == '\0' ? "-" : "--", err->field);
    if (err->field[0] != '\0' && strstr(err->text, buf_text(&field)) == NULL) buf_printf(out, "%s: ", buf_text(&field));
    buf_release(&field);
}

static void refused_text(struct call *call, int code) {
    struct buf line = BUF_INIT;
    buf_printf(&line, "%s: ", call->program->name);
    put_field(call, &line);
    buf_printf(&line, "%s", call->error.text);
    if (code == ERR_USAGE) {
        buf_printf(&line, " (usage: ");
        help_usage(call->program, call->command, &line);
        buf_printf(&line, ")");
    }
    buf_append_byte(&line, '\n');
    fwrite(line.data, 1, line.len, call->err_out);
    buf_release(&line);
}

int call_refused(struct call *call, int code) {
    if (call->error.code == 0 || call->error.text[0] == '\0')
        err_set(&call->error, code, NULL, "the command failed: %s", err_word(code));
    call_progress_end(call);
    if (call->json)
        refused_json(call, code);
    else
        refused_text(call, code);
    fflush(call->err_out);
    return code == ERR_USAGE ? EXIT_USAGE : EXIT_REFUSED;
}

static int memory_flush(struct call *call, struct err *err) {
    if (fflush(call->out) == 0 && !ferror(call->out) && !call->memory->full) return 0;
    return err_set(err, ERR_LIMIT, NULL, "the answer is too large; ask for less of it");
}

int call_run(struct call *call, struct streams *streams) {
    int code = call->command->run(call);
    call_progress_end(call);
    if (code >= 0 && atomic_load(call->noticed) && call->command->needs != NEEDS_OWNERSHIP) code = call_stopped(call);
    struct err written = {0};
    int flushed = streams != NULL ? streams_flush(streams, &written) : memory_flush(call, &written);
    if (code >= 0 && flushed == ERR_CLOSED) return EXIT_REFUSED; /* as `head` ends it: no reason to complain */
    if (code >= 0 && flushed < 0) {
        call->error = written;
        code = flushed;
    }
    return code < 0 ? call_refused(call, code) : EXIT_DONE;
}
