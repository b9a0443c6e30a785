#include "proto/command/custom_fields.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/file_values.h"
#include "proto/event/describe.h"
#include "proto/model/policies.h"

#define KEY_MAX 64

/* A store's own chain; at the region's desk that of the store where the customer was registered. */
static struct view chain_of(struct call *call, const struct model *model, uint64_t customer) {
    struct stream_state stream;
    struct store_state store;
    if (call->site->config.role == ROLE_STORE) return view_of(call->site->config.chain);
    bool known = model_stream(model, id_stream(customer), &stream) && model_store(model, stream.store, &store);
    return known ? store.chain : VIEW_NONE;
}

/* The next field of a chain among the policy's words "CHAIN:FIELD". */
static bool next_of_chain(struct view *words, struct view chain, struct view *field) {
    struct view word;
    size_t len = chain.len;
    while (policy_next(words, &word)) {
        if (word.len <= len + 1 || (len > 0 && memcmp(word.data, chain.data, len) != 0) || word.data[len] != ':')
            continue;
        *field = view_make(word.data + len + 1, word.len - len - 1);
        return true;
    }
    return false;
}

json_t *custom_declared(struct call *call, const struct model *model, int64_t now) {
    json_t *list = json_array();
    struct view words = policy_text(model, POLICY_CUSTOM_FIELDS, now), field;
    if (call->site->config.role != ROLE_STORE) return list;
    while (next_of_chain(&words, view_of(call->site->config.chain), &field))
        json_array_append_new(list, ask_text(field));
    return list;
}

/* Is it a field of the customer's chain? `list` gets those that are. */
static bool declared(struct call *call, uint64_t customer, struct view key, struct buf *list) {
    bool found = false;
    const struct model *model = ask_begin(call);
    struct view chain = chain_of(call, model, customer), field;
    struct view all = policy_text(model, POLICY_CUSTOM_FIELDS, site_now(call->site));
    while (next_of_chain(&all, chain, &field)) {
        buf_printf(list, "%s%.*s", list->len > 0 ? ", " : "", (int)field.len, (const char *)field.data);
        found = found || view_equal(field, key);
    }
    ask_end(call);
    return found;
}

static int check_declared(struct call *call, uint64_t customer, struct view key, bool only_where_declared,
                          struct err *err) {
    struct buf list = BUF_INIT;
    int code = 0;
    if (!declared(call, customer, key, &list) && !(only_where_declared && list.len == 0))
        code = err_set(err, ERR_INVALID, "custom", "this chain keeps no field '%.*s'; it keeps: %s",
                       (int)(key.len < KEY_MAX ? key.len : KEY_MAX), (const char *)key.data,
                       list.len > 0 ? buf_text(&list) : "none (the policy custom-fields declares them)");
    buf_release(&list);
    return code;
}

/* "skin=dry"; "skin=" takes it away. */
static int put_pair(struct call *call, uint64_t customer, const char *text, json_t *document) {
    const char *equals = strchr(text, '=');
    struct view key = view_make(text, (size_t)(equals - text));
    if (!utf8_valid(view_of(text))) return err_set(&call->error, ERR_INVALID, "custom", "is not valid UTF-8 text");
    int code = check_declared(call, customer, key, false, &call->error);
    if (code != 0) return code;
    if (equals[1] == '\0')
        json_object_setn_new(document, (const char *)key.data, key.len, json_null());
    else
        json_object_setn_new(document, (const char *)key.data, key.len, json_string(equals + 1));
    return 0;
}

static bool is_pair(const char *text) {
    const char *first = text + strspn(text, " \t\r\n");
    return *first != '{' && *first != '[' && strchr(text, '=') != NULL && strchr(text, '=') != text;
}

static json_t *read_object(const char *text, size_t len) {
    json_t *document = len == 0 ? NULL : json_loadb(text, len, 0, NULL);
    if (json_is_object(document)) return document;
    json_decref(document);
    return json_object();
}

int custom_object(struct call *call, uint64_t customer, struct view text, struct err *err) {
    const char *key;
    json_t *value;
    int code = check_custom(text, err);
    if (code != 0) return code;
    json_t *document = read_object((const char *)text.data, text.len);
    json_object_foreach(document, key, value) {
        code = check_declared(call, customer, view_of(key), true, err);
        if (code != 0) break;
    }
    json_decref(document);
    return code;
}

int custom_fields(struct call *call, uint64_t customer, struct buf *out) {
    size_t count = call_option_count(call, "custom");
    const char *last = call_option(call, "custom");
    if (count == 0) return 0;
    if (count == 1 && !is_pair(last)) {
        buf_append(out, last, strlen(last));
        return custom_object(call, customer, view_of(last), &call->error);
    }
    json_t *document = ask_custom(call, &customer, customer != 0);
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        const char *text = call_option_at(call, "custom", i);
        code = is_pair(text) ? put_pair(call, customer, text, document)
                             : err_set(&call->error, ERR_INVALID, "custom", "'%.40s' is not KEY=VALUE", text);
    }
    if (code == 0) {
        char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
        buf_append(out, text, strlen(text));
        free(text);
    }
    json_decref(document);
    return code;
}
