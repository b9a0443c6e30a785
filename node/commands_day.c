/* mark, review: what a store says of its own day and of its files, about no customer (K2, C10). */
#include "node/commands.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/event/describe.h"

/* ---- mark ---- */

static int node_mark(struct call *call) {
    struct draft draft;
    int code = act_draft(call, &draft, EVENT_day_marked, SUBJECT_GIVEN, 0);
    if (code == 0)
        code = choice_parse(&choices_day_mark, "mark", view_of(call->argv[0]), &draft.event.body.day_marked.mark,
                            &call->error);
    if (code != 0) return code;
    draft.event.body.day_marked.on = !call_has(call, "off");
    return act_write(call, &draft, 1, call_has(call, "off") ? "marks the day no longer" : "marks the day");
}

static const struct option mark_options[] = {{"off", NULL, "it is not so after all", false}, {NULL, NULL, NULL, false}};
static const struct word mark_words[] = {
    {"rainy", "it rains: everyone who bought is to be thanked that evening"},
    {"closed", "the store was closed"},
    {NULL, NULL},
};
static const struct grammar mark_grammar = {mark_words, NULL};

/* ---- Review ---- */

/* Where the store has named keepers, one of them reviews. */
static int check_keeper(struct call *call) {
    struct staff_state staff;
    struct buf keepers = BUF_INIT;
    const char *code = call_option(call, "staff");
    size_t cursor = 0;
    bool found = false;
    const struct model *model = ask_begin(call);
    while (model_staff_next(model, &cursor, &staff)) {
        if (!staff.active || !staff.keeper || !view_is(staff.store, call->site->config.store)) continue;
        found = found || (code != NULL && view_is(staff.code, code));
        buf_printf(&keepers, "%s%.*s", keepers.len > 0 ? ", " : "", (int)staff.code.len, (const char *)staff.code.data);
    }
    ask_end(call);
    int result = found || keepers.len == 0
                     ? 0
                     : err_set(&call->error, ERR_REFUSED, "staff", "the files are reviewed by their keeper: --staff %s",
                               buf_text(&keepers));
    buf_release(&keepers);
    return result;
}

static int node_review(struct call *call) {
    struct draft draft;
    int code = check_keeper(call);
    if (code == 0) code = act_draft(call, &draft, EVENT_reviewed, SUBJECT_GIVEN, 0);
    if (code == 0) code = call_number(call, "files", 0, 1000000000, NIL, &draft.event.body.reviewed.files);
    return code != 0 ? code : act_write(call, &draft, 1, "notes the review");
}

static const struct option review_options[] = {{"files", "N", "how many were looked through", false},
                                               {NULL, NULL, NULL, false}};

const struct command node_day_commands[] = {
    {"mark", "rainy|closed [--at DATE]", "mark a day of the store", NEEDS_SITE, 1, 1, mark_options, act_options,
     BORROWS_NONE, node_mark, &mark_grammar},
    {"review", "[--files N]", "the keeper has looked the store's files through", NEEDS_SITE, 0, 0, review_options,
     act_options, BORROWS_NONE, node_review, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
