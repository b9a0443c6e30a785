#include "proto/command/help.h"

#include <string.h>

#include "proto/base/text.h"
#include "proto/command/export.h"
#include "proto/command/parse.h"
#include "proto/event/describe.h"

#define LEFT_COLUMNS 24

/* "  --top 100            how many", the right side on a line of its own when the left is long. */
static void entry(FILE *out, const char *left, const char *right) {
    size_t width = text_width(view_of(left));
    fprintf(out, "  %s", left);
    if (width > LEFT_COLUMNS) fprintf(out, "\n  ");
    size_t pad = width > LEFT_COLUMNS ? LEFT_COLUMNS + 2 : LEFT_COLUMNS + 2 - width;
    fprintf(out, "%*s%s\n", (int)pad, "", right == NULL ? "" : right);
}

static void option_entry(FILE *out, const struct command *command, const struct option *option) {
    struct buf left = BUF_INIT, right = BUF_INIT;
    const struct rule *rule = rule_about(command, option->name);
    bool some = rule != NULL && rule->with != NULL && rule->with[0] != '\0' && rule->with[0] != '!';
    buf_printf(&left, "%s%s", option->name[1] == '\0' ? "-" : "--", option->name);
    if (option->value != NULL) buf_printf(&left, " %s", option->value);
    if (option->repeats) buf_printf(&left, " …");
    if (some) rule_put_with(&right, rule->with);
    buf_printf(&right, "%s%s", some ? ": " : "", option->help);
    entry(out, buf_text(&left), buf_text(&right));
    buf_release(&left);
    buf_release(&right);
}

static bool list_empty(const struct option *list) { return list == NULL || list->name == NULL; }

void help_usage(const struct program *program, const struct command *command, struct buf *out) {
    if (command == NULL) {
        buf_printf(out, "%s COMMAND DIR [ARGUMENT …]", program->name);
        return;
    }
    const char *arguments = command->arguments == NULL ? "" : command->arguments;
    const char *blank = arguments[0] == '\0' ? "" : " ";
    buf_printf(out, "%s %s", program->name, command->name);
    if (command->needs == NEEDS_TARGET)
        buf_printf(out, "%s%s DIR", blank, arguments);
    else
        buf_printf(out, " DIR%s%s", blank, arguments);
    if (!list_empty(command->options) || !list_empty(command->more) || command->borrows != BORROWS_NONE)
        buf_printf(out, " [OPTION …]");
}

void help_program(const struct program *program, FILE *out) {
    struct buf usage = BUF_INIT;
    help_usage(program, NULL, &usage);
    fprintf(out, "%s: %s\n\nUsage: %s\n\n", program->name, program->summary, buf_text(&usage));
    buf_release(&usage);
    for (const struct command *const *group = program->groups; *group != NULL; group++) {
        for (const struct command *c = *group; c->name != NULL; c++) entry(out, c->name, c->summary);
        fputc('\n', out);
    }
    fprintf(out,
            "DIR is the data directory, also taken from DANGOL_DIR. %s help COMMAND tells the options of a command.\n"
            "--json: results and errors as JSON. --version: which version this is.\n",
            program->name);
}

static void file_entries(const struct command *command, FILE *out) {
    const struct event_info *file = event_info(EVENT_registered);
    fprintf(out, "\nThe customer file:\n");
    for (size_t i = file->count - file->sealed_count; i < file->count; i++) {
        const struct field_info *field = &file->fields[i];
        struct option option;
        /* A row of the command's own takes the place of the field. */
        if (option_find(command, field->name, &option) && option.name == field->name)
            option_entry(out, command, &option);
    }
}

static void list_entries(const struct program *program, FILE *out) {
    for (size_t i = 0;; i++) {
        const struct command *list = export_list_at(program, i);
        if (list == NULL) return;
        entry(out, list->name, list->summary);
    }
}

void help_command(const struct program *program, const struct command *command, FILE *out) {
    struct buf usage = BUF_INIT;
    help_usage(program, command, &usage);
    fprintf(out, "Usage: %s\n\n%s\n", buf_text(&usage), command->summary);
    buf_release(&usage);
    const struct word *word = command->grammar == NULL ? NULL : command->grammar->words;
    if (word != NULL) fprintf(out, "\nWords:\n");
    if (command->borrows == BORROWS_LIST) list_entries(program, out);
    for (; word != NULL && word->word != NULL; word++) entry(out, word->word, word->meaning);
    fprintf(out, "\nOptions:\n");
    const struct option *lists[] = {command->options, command->more};
    for (size_t i = 0; i < 2; i++)
        for (const struct option *o = lists[i]; o != NULL && o->name != NULL; o++) option_entry(out, command, o);
    entry(out, "--json", "results and errors as JSON");
    entry(out, "--help", "this text");
    if (command->borrows == BORROWS_FILE) file_entries(command, out);
}
