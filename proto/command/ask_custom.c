/* The fields that a chain keeps beside the file (C8): one JSON object in one field of it. Two stores that write of
 * different ones, off line or under two ids of a person, do not take each other's away: what they told is put together,
 * of one field the latest. null: it was taken away. */
#include <stdlib.h>

#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/event/describe.h"
#include "proto/model/completeness.h"

#define SOURCES_MAX 512
#define WORDS_MAX 64

struct telling {
    int64_t time;
    uint64_t event;
};

static int by_time(const void *a, const void *b) {
    const struct telling *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

static size_t collect(struct call *call, const uint64_t *customers, size_t count, struct telling *out) {
    struct field_source *sources = mem_alloc(SOURCES_MAX * sizeof *sources);
    size_t found = 0;
    const struct model *model = ask_begin(call);
    for (size_t i = 0; i < count; i++) {
        size_t n = file_sources(model, customers[i], sources, SOURCES_MAX);
        if (model_customer(model, customers[i]) == CUSTOMER_ERASED) continue;
        for (size_t k = 0; k < n && k < SOURCES_MAX && found < WORDS_MAX; k++)
            if (sources[k].bit == SEALED_registered_custom && !sources[k].cleared)
                out[found++] = (struct telling){sources[k].time, sources[k].event};
    }
    ask_end(call);
    free(sources);
    if (found > 0) qsort(out, found, sizeof *out, by_time);
    return found;
}

json_t *ask_custom(struct call *call, const uint64_t *customers, size_t count) {
    struct telling words[WORDS_MAX];
    json_t *all = json_object();
    size_t found = collect(call, customers, count, words);
    for (size_t i = 0; i < found; i++) {
        struct buf text = BUF_INIT;
        ask_sealed_text(call, words[i].event, SEALED_registered_custom, &text);
        json_t *said = text.len == 0 ? NULL : json_loadb((const char *)text.data, text.len, 0, NULL);
        if (json_is_object(said)) json_object_update(all, said);
        json_decref(said);
        buf_wipe(&text);
    }
    return all;
}

json_t *ask_person_custom(struct call *call, uint64_t person) {
    uint64_t members[WORDS_MAX];
    const char *key;
    json_t *value;
    void *next;
    const struct model *model = ask_begin(call);
    size_t count = model_members(model, person, members, WORDS_MAX);
    ask_end(call);
    json_t *all = ask_custom(call, members, count < WORDS_MAX ? count : WORDS_MAX);
    json_object_foreach_safe(all, next, key, value) if (json_is_null(value)) json_object_del(all, key);
    char *text = json_object_size(all) == 0 ? NULL : json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
    json_t *out = text == NULL ? json_null() : json_string(text);
    free(text);
    json_decref(all);
    return out;
}
