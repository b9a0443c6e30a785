/* From words to a call: what the command line says, by the program's table. Pure: where a directory is, the caller
 * says. Before: program_main, or the handover, whose words come from another process. After: the command's run.
 * Ownership: the call owns its lists (call_release), the words stay the caller's. */
#ifndef DANGOL_PROTO_COMMAND_PARSE_H
#define DANGOL_PROTO_COMMAND_PARSE_H

#include "proto/command/command.h"

enum parse_outcome { PARSE_RUN, PARSE_HELP, PARSE_VERSION };

struct parse_place {
    const char *given;                /* not NULL: the directory is known, every word is an argument */
    const char *usual;                /* for when none is written; or NULL */
    bool (*exists)(const char *path); /* tells a directory from an argument when either may come first */
};

/* Fills command, directory, argc, argv, given_* and json of `call`, whose program is set. An outcome, or ERR_USAGE with
 * call->error filled; json is right even then. After PARSE_HELP the command may be NULL: help about the program. */
int parse_words(struct call *call, int count, const char *const *words, const struct parse_place *place);
void call_release(struct call *call);

/* The words that parse to this call again, without DIR: "--name=value" …, "--", arguments. NUL-ended strings. */
void parse_unparse(const struct call *call, struct buf *out);

/* The rule of a command about the arguments an option goes with, or NULL. */
const struct rule *rule_about(const struct command *command, const char *option);
/* Appends its words as a person writes them: "open, step or reopen", "step … outcome". */
void rule_put_with(struct buf *out, const char *with);

/* An option of a command by name; its row is filled when it is a field of the customer file. */
bool option_find(const struct command *command, const char *name, struct option *out);
/* The same of the call's command, also when it is borrowed from a list. */
bool call_option_find(const struct call *call, const char *name, struct option *out);
/* How many arguments, which options go with them and with each other: what parse_words asks of the call's command.
 * ERR_USAGE. */
int parse_check(struct call *call);

/* The nearest of several names to a mistyped one, or NULL when none is near. */
struct nearest {
    const char *word;
    const char *best;
    size_t distance;
};
void nearest_try(struct nearest *nearest, const char *candidate);

#endif
