#include "proto/command/parse.h"

#include <stdlib.h>
#include <string.h>

#include "proto/command/export.h"
#include "proto/command/run.h"
#include "proto/event/describe.h"

/* How far a parse has come. */
struct parse {
    struct call *call;
    int count;
    const char *const *words;
    int next;
    bool help, version;
};

#define HELP "help" /* a command of every program: as --help */

/* Switches of every command. */
static bool is_help(const char *word) { return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0; }
static bool is_version(const char *word) { return strcmp(word, "--version") == 0; }
static bool is_json(const char *word) { return strcmp(word, "--json") == 0; }
static bool is_end(const char *word) { return strcmp(word, "--") == 0; }

static bool is_option(const char *word) { return word[0] == '-' && word[1] != '\0'; }

static const struct option *list_find(const struct option *list, const char *name) {
    for (; list != NULL && list->name != NULL; list++)
        if (strcmp(list->name, name) == 0) return list;
    return NULL;
}

bool option_find(const struct command *command, const char *name, struct option *out) {
    const struct option *found = list_find(command->options, name);
    if (found == NULL) found = list_find(command->more, name);
    if (found != NULL) {
        *out = *found;
        return true;
    }
    if (command->borrows != BORROWS_FILE) return false;
    const struct event_info *file = event_info(EVENT_registered);
    int bit = event_sealed_bit(file, view_of(name));
    if (bit < 0) return false;
    const struct field_info *field = &file->fields[file->count - file->sealed_count + (size_t)bit];
    bool several = bit == SEALED_registered_custom; /* KEY=VALUE each (C8) */
    *out = (struct option){.name = field->name, .value = "TEXT", .help = field->doc, .repeats = several};
    return true;
}

bool call_option_find(const struct call *call, const char *name, struct option *out) {
    if (option_find(call->command, name, out)) return true;
    return call->command->borrows == BORROWS_LIST && export_option(call, name, out);
}

/* A word that can only be an option of the command is not the value of the one before it; any other word is, though it
 * may begin with a dash. */
static bool is_own_option(const struct call *call, const char *word) {
    if (is_help(word) || is_version(word) || is_json(word) || is_end(word)) return true;
    if (!is_option(word)) return false;
    const char *name = word + (word[1] == '-' ? 2 : 1);
    char *alone = mem_view_text(view_make(name, strcspn(name, "=")));
    struct option option;
    bool own = (word[1] == '-') == (strlen(alone) > 1) && call_option_find(call, alone, &option);
    free(alone);
    return own;
}

static const char *nearest_option(const struct command *command, const char *name) {
    struct nearest nearest = {.word = name};
    const struct option *lists[] = {command->options, command->more};
    for (size_t i = 0; i < 2; i++)
        for (const struct option *o = lists[i]; o != NULL && o->name != NULL; o++) nearest_try(&nearest, o->name);
    if (command->borrows == BORROWS_FILE) {
        const struct event_info *file = event_info(EVENT_registered);
        for (size_t i = file->count - file->sealed_count; i < file->count; i++)
            nearest_try(&nearest, file->fields[i].name);
    }
    nearest_try(&nearest, "json");
    nearest_try(&nearest, "help");
    return nearest.best;
}

const struct command *program_command(const struct program *program, struct view name) {
    if (name.len == 0) return NULL;
    for (const struct command *const *group = program->groups; *group != NULL; group++)
        for (const struct command *c = *group; c->name != NULL; c++)
            if (c->name[0] == (char)name.data[0] && view_is(name, c->name)) return c;
    return NULL;
}

static const char *nearest_command(const struct program *program, const char *name) {
    struct nearest nearest = {.word = name};
    for (const struct command *const *group = program->groups; *group != NULL; group++)
        for (const struct command *c = *group; c->name != NULL; c++) nearest_try(&nearest, c->name);
    nearest_try(&nearest, HELP);
    return nearest.best;
}

static int take_command(struct parse *p, const char *word) {
    struct call *call = p->call;
    call->command = program_command(call->program, view_of(word));
    if (call->command != NULL) return 0;
    const char *near = nearest_command(call->program, word);
    if (near == NULL) return err_set(&call->error, ERR_USAGE, NULL, "there is no command \"%s\"", word);
    return err_set(&call->error, ERR_USAGE, NULL, "there is no command \"%s\"; did you mean \"%s\"?", word, near);
}

static int unknown_option(struct call *call, const char *name, const char *dashes) {
    struct err *err = &call->error;
    if (call->command == NULL)
        return err_set(err, ERR_USAGE, name, "%s%s stands before the command, or there is no such option", dashes,
                       name);
    const char *near = nearest_option(call->command, name);
    if (near == NULL) return err_set(err, ERR_USAGE, name, "%s has no option %s%s", call->command->name, dashes, name);
    return err_set(err, ERR_USAGE, name, "%s has no option %s%s; did you mean --%s?", call->command->name, dashes, name,
                   near);
}

static int put_option(struct call *call, const struct option *option, const char *value, const char *dashes) {
    const char *name = option->name;
    if (value != NULL && !option->repeats && call_has(call, name))
        return err_set(&call->error, ERR_USAGE, name, "%s%s is given twice and takes one value", dashes, name);
    call->given_names[call->given_count] = name;
    call->given_values[call->given_count++] = value;
    return 0;
}

/* `value` is what the word itself carried behind "=", or NULL. */
static int take_known(struct parse *p, const struct option *option, const char *value, const char *dashes) {
    struct err *err = &p->call->error;
    const char *name = option->name;
    if (option->value == NULL && value != NULL)
        return err_set(err, ERR_USAGE, name, "%s%s is a switch and takes no value", dashes, name);
    if (option->value != NULL && value == NULL) {
        if (p->next >= p->count || is_own_option(p->call, p->words[p->next]))
            return err_set(err, ERR_USAGE, name, "%s%s needs a value: %s%s %s", dashes, name, dashes, name,
                           option->value);
        value = p->words[p->next++];
    }
    return put_option(p->call, option, value, dashes);
}

/* "--name", "--name=value". */
static int take_long(struct parse *p, const char *word) {
    const char *equals = strchr(word, '=');
    size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    char *name = mem_view_text(view_make(word, len));
    struct option option;
    int code;
    if (p->call->command != NULL && call_option_find(p->call, name, &option))
        code = take_known(p, &option, equals == NULL ? NULL : equals + 1, "--");
    else
        code = unknown_option(p->call, name, "--");
    free(name);
    return code;
}

/* "-o FILE", "-oFILE", "-o=FILE". */
static int take_letter(struct parse *p, const char *word) {
    char letter[2] = {word[0], '\0'};
    struct option option;
    if (p->call->command == NULL || !option_find(p->call->command, letter, &option))
        return unknown_option(p->call, word, "-");
    return take_known(p, &option, word[1] == '\0' ? NULL : word[1] == '=' ? word + 2 : word + 1, "-");
}

static int take_word(struct parse *p, const char *word, bool options_over) {
    if (options_over || !is_option(word)) {
        if (p->call->command == NULL && strcmp(word, HELP) == 0)
            p->help = true;
        else if (p->call->command == NULL)
            return take_command(p, word);
        else
            p->call->argv[p->call->argc++] = word;
        return 0;
    }
    if (is_help(word))
        p->help = true;
    else if (is_version(word))
        p->version = true;
    else if (!is_json(word))
        return word[1] == '-' ? take_long(p, word + 2) : take_letter(p, word + 1);
    return 0;
}

/* An error is told as JSON even when it stands before --json. */
static bool wants_json(int count, const char *const *words) {
    for (int i = 0; i < count && !is_end(words[i]); i++)
        if (is_json(words[i])) return true;
    return false;
}

static bool directory_last(const struct command *command) { return command->needs == NEEDS_TARGET; }

/* Whether DIR is written: the number of words decides; where it does not, whether the word is a directory. */
static bool directory_written(const struct call *call, const struct parse_place *place) {
    const struct command *command = call->command;
    if (place->given != NULL || call->argc == 0) return false;
    if (place->usual == NULL) return true;
    if (call->argc <= command->least) return false;
    if (command->most >= 0 && call->argc > command->most) return true;
    return place->exists(call->argv[directory_last(command) ? call->argc - 1 : 0]);
}

static int take_directory(struct call *call, const struct parse_place *place) {
    if (!directory_written(call, place)) {
        call->directory = place->given != NULL ? place->given : place->usual;
        if (call->directory == NULL || call->directory[0] == '\0')
            return err_set(&call->error, ERR_USAGE, NULL, "the data directory is missing: write DIR or set DANGOL_DIR");
        return 0;
    }
    call->argc--;
    if (directory_last(call->command)) {
        call->directory = call->argv[call->argc];
    } else {
        call->directory = call->argv[0];
        memmove(call->argv, call->argv + 1, (size_t)call->argc * sizeof *call->argv);
    }
    if (call->directory[0] == '\0') return err_set(&call->error, ERR_USAGE, NULL, "the data directory has no name");
    return 0;
}

static int check_count(struct call *call) {
    const struct command *command = call->command;
    if (call->argc < command->least)
        return err_set(&call->error, ERR_USAGE, NULL, "%s: %s missing", command->name,
                       command->least - call->argc == 1 ? "an argument is" : "arguments are");
    if (command->most >= 0 && call->argc > command->most)
        return err_set(&call->error, ERR_USAGE, NULL, "%s: there is an argument too many: \"%s\"", command->name,
                       call->argv[command->most]);
    return 0;
}

int parse_check(struct call *call) {
    int code = check_count(call);
    return code == 0 ? rules_check(call) : code;
}

int parse_words(struct call *call, int count, const char *const *words, const struct parse_place *place) {
    struct parse p = {.call = call, .count = count, .words = words};
    size_t room = (size_t)count + 1;
    call->argv = mem_alloc(room * sizeof *call->argv);
    call->given_names = mem_alloc(room * sizeof *call->given_names);
    call->given_values = mem_alloc(room * sizeof *call->given_values);
    call->json = wants_json(count, words);
    bool options_over = false;
    int code = 0;
    while (code == 0 && p.next < count) {
        const char *word = words[p.next++];
        if (!options_over && is_end(word))
            options_over = true;
        else
            code = take_word(&p, word, options_over);
    }
    if (code != 0) return code;
    if (p.help) return PARSE_HELP;
    if (p.version) return PARSE_VERSION;
    if (call->command == NULL) return err_set(&call->error, ERR_USAGE, NULL, "the command is missing");
    code = take_directory(call, place);
    if (code == 0) code = parse_check(call);
    return code == 0 ? PARSE_RUN : code;
}

void call_release(struct call *call) {
    free(call->argv);
    free(call->given_names);
    free(call->given_values);
    call->argv = call->given_names = call->given_values = NULL;
}

static void put_word(struct buf *out, const char *word) { buf_append(out, word, strlen(word) + 1); }

void parse_unparse(const struct call *call, struct buf *out) {
    put_word(out, call->command->name);
    if (call->json) put_word(out, "--json");
    for (size_t i = 0; i < call->given_count; i++) {
        buf_append(out, "--", 2);
        if (call->given_values[i] == NULL) {
            put_word(out, call->given_names[i]);
            continue;
        }
        buf_append(out, call->given_names[i], strlen(call->given_names[i]));
        buf_append_byte(out, '=');
        put_word(out, call->given_values[i]);
    }
    put_word(out, "--");
    for (int i = 0; i < call->argc; i++) put_word(out, call->argv[i]);
}
