/* What an argument of a command may be: a word of a list, an id, or any text. */
#include <string.h>

#include "proto/api/openapi.h"
#include "proto/base/bytes.h"
#include "proto/command/export.h"
#include "proto/event/describe.h"

static json_t *of_choices(const struct choice_list *choices) {
    json_t *list = json_array();
    const struct choice_info *info;
    for (size_t i = 0; (info = choice_at(choices, i)) != NULL; i++)
        json_array_append_new(list, json_string(info->word));
    return list;
}

/* The first words of what its help says an argument may be: "vip", "staff [sample]"; "FILE" and "report KIND", which is
 * a route of its own, are none. */
static json_t *of_help(const struct command *command) {
    json_t *list = json_array();
    for (const struct word *w = command->grammar == NULL ? NULL : command->grammar->words; w != NULL && w->word != NULL;
         w++) {
        size_t len = strspn(w->word, "abcdefghijklmnopqrstuvwxyz-");
        if (len > 0 && (w->word[len] == '\0' || w->word[len + 1] == '['))
            json_array_append_new(list, json_stringn(w->word, len));
    }
    return list;
}

static json_t *of_exports(const struct program *program) {
    json_t *list = json_array();
    const struct command *one;
    for (size_t i = 0; (one = export_list_at(program, i)) != NULL; i++)
        json_array_append_new(list, json_string(one->name));
    return list;
}

static json_t *words_of(const struct program *program, const struct route *route, const char *name) {
    const struct command *command = route_command(program, route);
    if (strcmp(name, "step") == 0) return of_choices(&choices_step);
    if (strcmp(name, "level") == 0) return of_choices(&choices_level);
    if (strcmp(name, "list") == 0) return of_exports(program);
    if (strcmp(name, "kind") != 0) return NULL;
    if (strcmp(command->name, "relation") == 0) return of_choices(&choices_relation);
    bool report = strstr(route->words, "report {kind}") != NULL;
    return of_help(report ? program_command(program, view_of("report")) : command);
}

static bool is_id(const char *name) {
    static const char *const ids[] = {"id", "other", "a", "b", "customer", "purchase"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strcmp(name, ids[i]) == 0) return true;
    return false;
}

json_t *openapi_argument(const struct program *program, const struct route *route, const char *name) {
    json_t *words = route->words == NULL ? NULL : words_of(program, route, name);
    if (words != NULL) return json_pack("{s:s, s:o}", "type", "string", "enum", words);
    if (is_id(name)) return json_pack("{s:s, s:s}", "type", "string", "pattern", OPENAPI_ID);
    return strcmp(name, "points") == 0 ? json_pack("{s:[s, s]}", "type", "integer", "string")
                                       : json_pack("{s:s}", "type", "string");
}
