#include "proto/command/export.h"

#include <assert.h>
#include <string.h>

#include "proto/base/encoding_os.h"
#include "proto/command/inner.h"
#include "proto/command/parse.h"

/* What can be exported, by the name of the command that lists it; names that a program does not have are passed over.
 * An option of the list that makes it whole stands beside it, for when none of its like is given. */
static const struct exported {
    const char *name;
    const char *option, *value; /* NULL: none; a value of NULL: a switch */
} exported[] = {
    {"customers", NULL, NULL},   /* export_lists.c */
    {"purchases", NULL, NULL},   /* the same */
    {"contacts", NULL, NULL},    /* the same */
    {"benefits", NULL, NULL},    /* what was given to whom */
    {"complaints", "all", NULL}, /* closed ones too */
    {"vip", "top", "100000000"}, /* everybody */
    {"alerts", NULL, NULL},      /* articles complained about */
    {"segments", NULL, NULL},    /* a row a customer */
    {"rfm", NULL, NULL},         /* the map */
    {"report", NULL, NULL},      /* any kind of it */
    {"monthly", NULL, NULL},     /* the latest, what changed */
    {"followups", NULL, NULL},   /* open ones */
    {"findings", NULL, NULL},    /* of contacts */
    {"staff", NULL, NULL},       /* for appraisal */
    {"stores", NULL, NULL},      /* the hub's */
    {"access", NULL, NULL},      /* who looked at whom */
};
#define EXPORTED_COUNT (sizeof exported / sizeof *exported)

static const struct command *command_of(const struct program *program, const struct exported *x) {
    for (const struct command *list = export_lists; list->name != NULL; list++)
        if (strcmp(list->name, x->name) == 0) return list;
    return inner_command(program, x->name);
}

const struct command *export_list_at(const struct program *program, size_t index) {
    for (size_t i = 0; i < EXPORTED_COUNT; i++) {
        const struct command *command = command_of(program, &exported[i]);
        if (command != NULL && index-- == 0) return command;
    }
    return NULL;
}

/* While the words are read, DIR is one of the arguments, and the list may still come. */
static bool names(const struct call *call, const char *list) {
    for (int i = 0; i < call->argc; i++)
        if (strcmp(call->argv[i], list) == 0) return true;
    return false;
}

bool export_option(const struct call *call, const char *name, struct option *out) {
    const struct command *list;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; (list = export_list_at(call->program, i)) != NULL; i++)
            if ((pass == 1 || names(call, list->name)) && option_find(list, name, out)) return true;
    return false;
}

/* ---- Running a list ---- */

static const struct option options[] = {
    {"csv", NULL, "as CSV (the only form, and the default)", false},
    {"encoding", "E",
     "how the letters are written: utf-8 (default), utf-8-bom (for Excel), gb18030, cp949, windows-1252, latin1",
     false},
    {NULL, NULL, NULL, false},
};

/* Is an option given that says the same as this one, or what it excludes? */
static bool already_said(const struct call *call, const char *option) {
    const struct rule *rule = rule_about(call->command, option);
    for (size_t i = 0; i < call->given_count; i++) {
        const char *given = call->given_names[i];
        if (strcmp(given, option) == 0 || (rule != NULL && rule->rivals && rule_about(call->command, given) == rule))
            return true;
    }
    return false;
}

static int run_list(struct call *call, const struct exported *x, const struct command *list) {
    struct call inner;
    int code = inner_open(call, list, options, &inner);
    if (code == 0) {
        if (x->option != NULL && !already_said(&inner, x->option)) inner_give(&inner, x->option, x->value);
        inner_give(&inner, "csv", NULL);
        if (call_has(call, "encoding")) inner_give(&inner, "encoding", call_option(call, "encoding"));
        code = list->run(&inner);
    }
    inner_close(call, &inner);
    return code;
}

static int not_a_list(struct call *call) {
    struct buf names = BUF_INIT;
    const struct command *list;
    for (size_t i = 0; (list = export_list_at(call->program, i)) != NULL; i++)
        buf_printf(&names, "%s%s", i == 0 ? "" : ", ", list->name);
    err_set(&call->error, ERR_USAGE, NULL, "'%s' cannot be exported; ask for one of %s", call->argv[0],
            buf_text(&names));
    buf_release(&names);
    return ERR_USAGE;
}

static int run(struct call *call) {
    struct encoding *encoding;
    if (call->json)
        return err_set(&call->error, ERR_USAGE, "json", "an export is CSV; the commands of the same names give JSON");
    int code = encoding_open(call_option(call, "encoding"), &encoding, &call->error);
    if (code != 0) return code;
    encoding_close(encoding);
    for (size_t i = 0; i < EXPORTED_COUNT; i++) {
        const struct command *list = command_of(call->program, &exported[i]);
        if (list != NULL && strcmp(call->argv[0], exported[i].name) == 0) return run_list(call, &exported[i], list);
    }
    return not_a_list(call);
}

static const struct word words[] = {
    {"", "Each with its own arguments and options; complaints and vip are whole unless told otherwise."},
    {"", "Text that begins with = + - @, tab or CR gets a ' in front, so that no spreadsheet takes it"},
    {"", "for a formula; numbers never do, and `import` takes it off again."},
    {NULL, NULL},
};
static const struct grammar grammar = {words, NULL};

const struct command export_commands[] = {
    {.name = "export",
     .arguments = "LIST --csv",
     .summary = "write a list as CSV",
     .needs = NEEDS_SITE,
     .least = 1,
     .most = -1,
     .options = options,
     .borrows = BORROWS_LIST,
     .run = run,
     .grammar = &grammar},
    {.name = NULL},
};
