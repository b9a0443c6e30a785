/* Stores and chains by name: those that were enrolled, at a store its own. */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/parse.h"

#define NAMES_TOLD 12

struct names {
    char **items;
    size_t count, cap;
};

static bool listed(const struct names *names, struct view name) {
    for (size_t i = 0; i < names->count; i++)
        if (view_is(name, names->items[i])) return true;
    return false;
}

static void add(struct names *names, struct view name) {
    if (name.data == NULL || listed(names, name)) return;
    if (names->count == names->cap) {
        names->cap = names->cap * 2 + 16;
        names->items = mem_resize(names->items, names->cap * sizeof *names->items);
    }
    names->items[names->count++] = mem_view_text(name);
}

static void collect(struct call *call, bool chains, struct names *names) {
    const struct config *own = &call->site->config;
    struct store_state store;
    const struct model *model = ask_begin(call);
    for (size_t i = 0; model_store_at(model, i, &store); i++) add(names, chains ? store.chain : store.code);
    ask_end(call);
    if (own->role == ROLE_STORE) add(names, view_of(chains ? own->chain : own->store));
}

/* A few are listed; of many the nearest is told. At a store the name may be another store's. */
static int refuse(struct call *call, const char *option, const char *written, const struct names *names) {
    struct nearest nearest = {.word = written};
    struct buf text = BUF_INIT;
    bool many = names->count > NAMES_TOLD, store = call->site->config.role == ROLE_STORE;
    buf_printf(&text, "there is no %s %s here", option, written);
    for (size_t i = 0; many && i < names->count; i++) nearest_try(&nearest, names->items[i]);
    if (nearest.best != NULL) {
        buf_printf(&text, "; did you mean %s?", nearest.best);
    } else {
        buf_printf(&text, "%s: %s", store ? ": a store knows only its own" : "; known here",
                   names->count == 0 ? "none" : "");
        for (size_t i = 0; i < names->count && i < NAMES_TOLD; i++)
            buf_printf(&text, "%s%s", i == 0 ? "" : ", ", names->items[i]);
        if (many) buf_printf(&text, " and %zu more", names->count - NAMES_TOLD);
    }
    err_set(&call->error, ERR_NOT_FOUND, option, "%s", buf_text(&text));
    buf_release(&text);
    return ERR_NOT_FOUND;
}

int ask_known(struct call *call, const char *option) {
    const char *written = call_option(call, option);
    struct names names = {NULL, 0, 0};
    if (written == NULL) return 0;
    collect(call, strcmp(option, "chain") == 0, &names);
    int code = listed(&names, view_of(written)) ? 0 : refuse(call, option, written, &names);
    for (size_t i = 0; i < names.count; i++) free(names.items[i]);
    free(names.items);
    return code;
}
