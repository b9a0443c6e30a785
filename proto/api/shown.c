#include "proto/api/shown.h"

#include "proto/event/id.h"

/* Lists name each customer once, mostly: looking back a little finds those that do not. */
#define LOOK_BACK 16

static bool known(const uint64_t *ids, size_t count, uint64_t id) {
    for (size_t i = count; i > 0 && count - i < LOOK_BACK; i--)
        if (ids[i - 1] == id) return true;
    return false;
}

/* The id behind `"name": "`, if it is one. */
static bool id_behind(const uint8_t *at, const uint8_t *end, uint64_t *id) {
    const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
    return quote != NULL && id_parse(view_make(at, (size_t)(quote - at)), id);
}

static size_t add_named(struct view json, const char *name, uint64_t *ids, size_t count, size_t most) {
    const uint8_t *at = json.data, *end = json.data + json.len;
    size_t len = strlen(name);
    while (count < most && json.len > 0 && (at = memmem(at, (size_t)(end - at), name, len)) != NULL) {
        uint64_t id;
        at += len;
        if (id_behind(at, end, &id) && !known(ids, count, id)) ids[count++] = id;
    }
    return count;
}

size_t shown_ids(struct view json, bool one, uint64_t *ids, size_t count, size_t most) {
    count = add_named(json, "\"customer\": \"", ids, count, most);
    return one ? add_named(json, "\"id\": \"", ids, count, most) : count;
}
