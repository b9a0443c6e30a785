#include "proto/command/export.h"

#include <assert.h>
#include <string.h>

#include "proto/base/encoding_os.h"
#include "proto/command/inner.h"
#include "proto/command/parse.h"

/* What can be exported, by the name of the command that lists it; names that a program does not have are passed over.
 * An option of the list that makes it whole stands beside it, for when none of its like is given. Where a command does
 * more than list, its first argument is one of `words` ("" for none), and it has none of the options that `write`. */
static const struct exported {
    const char *name;
    const char *option, *value; /* NULL: none; a value of NULL: a switch */
    const char *words;          /* divided by '|'; NULL: whatever */
    const char *write;          /* divided by blanks; NULL: none does */
} exported[] = {
    {"customers", NULL, NULL, NULL, NULL},               /* export_lists.c */
    {"purchases", NULL, NULL, NULL, NULL},               /* the same */
    {"contacts", NULL, NULL, NULL, NULL},                /* the same */
    {"search", NULL, NULL, NULL, NULL},                  /* some of the customers */
    {"duplicates", NULL, NULL, NULL, NULL},              /* pairs that may be one */
    {"fields", NULL, NULL, NULL, NULL},                  /* one file: who told what */
    {"tags", NULL, NULL, NULL, NULL},                    /* those there are */
    {"points", NULL, NULL, NULL, NULL},                  /* a row a customer */
    {"packages", NULL, NULL, NULL, NULL},                /* a row a package */
    {"benefits", NULL, NULL, NULL, NULL},                /* what was given to whom */
    {"complaints", "all", NULL, NULL, NULL},             /* closed ones too */
    {"vip", "top", "100000000", NULL, NULL},             /* everybody */
    {"alerts", NULL, NULL, NULL, NULL},                  /* articles complained about */
    {"segments", NULL, NULL, NULL, NULL},                /* a row a customer */
    {"rfm", NULL, NULL, NULL, NULL},                     /* the map */
    {"report", NULL, NULL, NULL, NULL},                  /* any kind of it */
    {"monthly", NULL, NULL, NULL, NULL},                 /* the latest, what changed */
    {"followups", NULL, NULL, NULL, NULL},               /* open ones */
    {"promise", NULL, NULL, "list", NULL},               /* open ones */
    {"gathering", NULL, NULL, "list|year|guests", NULL}, /* what was held, and who came */
    {"findings", NULL, NULL, NULL, NULL},                /* of contacts */
    {"staff", NULL, NULL, "|sample", NULL},              /* for appraisal */
    {"stores", NULL, NULL, NULL, NULL},                  /* the hub's */
    {"policy", NULL, NULL, NULL, "set from"},            /* the hub's, with its defaults */
    {"user", NULL, NULL, "list", NULL},                  /* who may sign in */
    {"mappings", NULL, NULL, "", NULL},                  /* a store's, of its imports */
    {"access", NULL, NULL, NULL, NULL},                  /* who looked at whom */
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

static bool among(const char *words, char divider, const char *word) {
    const char *end;
    for (;; words = end + 1) {
        end = strchrnul(words, divider);
        if ((size_t)(end - words) == strlen(word) && strncmp(words, word, strlen(word)) == 0) return true;
        if (*end == '\0') return false;
    }
}

/* An export writes nothing down. */
static int check_reads(struct call *inner, const struct exported *x) {
    const char *word = inner->argc == 0 ? "" : inner->argv[0];
    if (x->words != NULL && !among(x->words, '|', word))
        return err_set(&inner->error, ERR_USAGE, NULL, "%s %s is no list%s%s", x->name, word,
                       strlen(x->words) < 2 ? "" : "; these are: ", x->words + strspn(x->words, "|"));
    for (size_t i = 0; i < inner->given_count; i++)
        if (x->write != NULL && among(x->write, ' ', inner->given_names[i]))
            return err_set(&inner->error, ERR_USAGE, inner->given_names[i], "does not go with an export: it writes");
    return 0;
}

int export_form(struct call *call) {
    struct encoding *encoding = NULL;
    if (call->json)
        return err_set(&call->error, ERR_USAGE, "json", "an export is CSV; the commands of the same names give JSON");
    int code = encoding_open(call_option(call, "encoding"), &encoding, &call->error);
    encoding_close(encoding);
    return code;
}

int export_whole(struct call *call, struct call *inner) {
    const struct exported *x = exported;
    while (x < exported + EXPORTED_COUNT && strcmp(x->name, inner->command->name) != 0) x++;
    if (x == exported + EXPORTED_COUNT)
        return err_set(&inner->error, ERR_USAGE, "csv", "%s is no list", inner->command->name);
    int code = check_reads(inner, x);
    if (code != 0) return code;
    if (x->option != NULL && !already_said(inner, x->option)) inner_give(inner, x->option, x->value);
    inner_give(inner, "csv", NULL);
    if (call_has(call, "encoding")) inner_give(inner, "encoding", call_option(call, "encoding"));
    return 0;
}

static int run_list(struct call *call, const struct command *list) {
    struct call inner;
    int code = inner_open(call, list, options, &inner);
    if (code == 0) code = export_whole(call, &inner);
    if (code == 0) code = list->run(&inner);
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
    int code = export_form(call);
    if (code != 0) return code;
    for (size_t i = 0; i < EXPORTED_COUNT; i++) {
        const struct command *list = command_of(call->program, &exported[i]);
        if (list != NULL && strcmp(call->argv[0], exported[i].name) == 0) return run_list(call, list);
    }
    return not_a_list(call);
}

static const struct word words[] = {
    {"", "Each with its own arguments and options; complaints and vip are whole unless told otherwise."},
    {"", "Text that begins with = + - @, tab or CR gets a ' in front, so that no spreadsheet takes it"},
    {"", "for a formula; numbers never do, and `import` takes it off again."},
    {"", "A store's `import` reads customers, purchases, contacts and complaints back in. It does not carry"},
    {"", "over: of complaints the routing, pauses, cycles before the last and the words of the steps; benefits,"},
    {"", "redeemed points, used sessions of packages, tiers by hand, tags, consents, relations, custodians,"},
    {"", "promises, and who came to a gathering. `backup` keeps all of it."},
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
