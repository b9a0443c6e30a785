#include "proto/command/inner.h"

#include <stdlib.h>
#include <string.h>

#include "proto/command/parse.h"

const struct command *inner_command(const struct program *program, const char *name) {
    for (const struct command *const *group = program->groups; *group != NULL; group++)
        for (const struct command *c = *group; c->name != NULL; c++)
            if (strcmp(c->name, name) == 0) return c;
    return NULL;
}

static bool listed(const struct option *options, const char *name) {
    while (options->name != NULL && strcmp(options->name, name) != 0) options++;
    return options->name != NULL;
}

void inner_give(struct call *inner, const char *name, const char *value) {
    inner->given_names[inner->given_count] = name;
    inner->given_values[inner->given_count++] = value;
}

int inner_open(struct call *call, const struct command *command, const struct option *own, struct call *inner) {
    struct option found;
    *inner = *call;
    inner->command = command;
    inner->argc--;
    inner->argv++;
    inner->given_count = 0;
    inner->given_names = mem_alloc((call->given_count + INNER_SPARE) * sizeof *inner->given_names);
    inner->given_values = mem_alloc((call->given_count + INNER_SPARE) * sizeof *inner->given_values);
    for (size_t i = 0; i < call->given_count; i++) {
        const char *name = call->given_names[i];
        if (listed(own, name)) continue;
        if (!option_find(command, name, &found))
            return err_set(&inner->error, ERR_USAGE, name, "%s has no option --%s", command->name, name);
        inner_give(inner, name, call->given_values[i]);
    }
    return parse_check(inner);
}

void inner_close(struct call *call, struct call *inner) {
    call->error = inner->error;
    call->bar = inner->bar;
    free(inner->given_names);
    free(inner->given_values);
}
