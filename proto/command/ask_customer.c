/* customer: whom she has in front of her. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/ask_directory.h"
#include "proto/command/ask_tier.h"
#include "proto/command/recall.h"
#include "proto/event/describe.h"

#define MEMBERS_MAX 256

struct past {
    int64_t time; /* when it happened */
    uint64_t hlc, id, position;
};

struct history {
    struct past *items;
    size_t count, cap;
};

static void history_add(struct call *call, struct history *h, const struct record *record) {
    struct event event = {.hlc = 0};
    bool read = event_decode(record->frame, &event, NULL) >= 0;
    const struct model *model = ask_begin(call);
    int64_t time = read ? model_time(model, record->id, &event) : record->received;
    ask_end(call);
    if (h->count == h->cap) {
        h->cap = h->cap * 2 + 64;
        h->items = mem_resize(h->items, h->cap * sizeof *h->items);
    }
    h->items[h->count++] = (struct past){time, event.hlc, record->id, record->position};
}

static int later_first(const void *a, const void *b) {
    const struct past *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    if (x->hlc != y->hlc) return x->hlc < y->hlc ? 1 : -1;
    return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

/* Every record about the person, what happened last first: each member's walk along the records' hints. A store that
 * was off line brings what happened long ago, so the order of the log does not do; nor does it where the time is one,
 * for each site has an order of its own. */
static int history_walk(struct call *call, const uint64_t *members, size_t count, struct history *out) {
    struct buf copy = BUF_INIT;
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct model *model = ask_begin(call);
        uint64_t position = model_last_position(model, members[i]);
        ask_end(call);
        while (code == 0 && position != 0) {
            struct record record;
            buf_clear(&copy);
            code = log_get(call->site->log, position, &record, &copy, &call->error);
            if (code != 0) break;
            history_add(call, out, &record);
            position = record.previous;
        }
    }
    buf_release(&copy);
    if (out->count > 0) qsort(out->items, out->count, sizeof *out->items, later_first);
    return code;
}

/* Of a sale that was taken back there is nothing to return. */
static bool returns_nothing(const struct model *model, struct view frame) {
    struct event event;
    return event_decode(frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_returned &&
           model_taken_back(model, event.body.returned.sale);
}

static json_t *event_row(struct call *call, uint64_t position) {
    struct buf frame = BUF_INIT;
    struct record record;
    json_t *row = NULL;
    if (log_get(call->site->log, position, &record, &frame, &call->error) == 0) {
        row = ask_event(call, &record);
        const struct model *model = ask_begin(call);
        bool voided = model_voided(model, record.id) || returns_nothing(model, record.frame);
        ask_end(call);
        json_object_set_new(row, "voided", json_boolean(voided));
    }
    buf_release(&frame);
    return row;
}

/* Every field of the file that has a value, by name. */
static json_t *file_json(struct call *call, uint64_t person) {
    const struct event_info *info = event_info(EVENT_registered);
    json_t *file = json_object();
    for (size_t i = info->count - info->sealed_count, bit = 0; i < info->count; i++, bit++) {
        json_t *value = ask_person_field(call, person, (int)bit);
        if (json_is_null(value))
            json_decref(value);
        else
            json_object_set_new(file, info->fields[i].name, value);
    }
    return file;
}

static json_t *ids_json(const uint64_t *ids, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(list, ask_id(ids[i]));
    return list;
}

/* When it was asked for; TIME_NONE: she was not erased. */
static int64_t erased_at(struct call *call, uint64_t customer) {
    struct erasure_state erasure;
    const struct model *model = ask_begin(call);
    bool erased = model_erasure_of(model, customer, &erasure);
    ask_end(call);
    return erased ? erasure.time : TIME_NONE;
}

/* Of whoever was erased only sums are left. */
static void print_erased(struct call *call, int64_t erased, const struct standing *value,
                         const struct asked_tiers *tiers) {
    char text[ID_TEXT], money[40], when[40], visits[COUNT_TEXT];
    fprintf(call->out, "customer %s\n", id_format(value->person, text));
    fprintf(call->out, "  ERASED, as asked for on %s: name, numbers and texts are gone for good, sums stay\n",
            time_format(erased, &call->site->zone, when));
    fprintf(call->out, "spend %s %s in %s, last %s\n",
            decimal_format(value->spend, call->site->currency.decimals, true, money), call->site->currency.code,
            count_format(value->visits, "visit", visits),
            value->last == TIME_NONE ? "never" : time_format(value->last, &call->site->zone, when));
    ask_tier_line(call, tiers);
}

/* The recall card, then what else stands in the file, then the history. */
static void print_customer(struct call *call, const json_t *card, const json_t *file, const struct history *h,
                           size_t shown) {
    const char *key;
    json_t *field;
    struct buf printable = BUF_INIT;
    if (card != NULL) recall_print(call, card);
    json_object_foreach((json_t *)(uintptr_t)file, key, field) {
        if (json_object_get(card, key) != NULL || strcmp(key, "reason") == 0) continue;
        buf_clear(&printable);
        text_printable(view_of(json_string_value(field)), &printable);
        fprintf(call->out, "  %-12s %s\n", key, buf_text(&printable));
    }
    for (size_t i = 0; i < shown; i++) {
        json_t *row = event_row(call, h->items[i].position);
        buf_clear(&printable);
        ask_event_line(call, row, &printable);
        fprintf(call->out, "  %s\n", buf_text(&printable));
        json_decref(row);
    }
    buf_wipe(&printable);
}

static void json_customer(struct call *call, int64_t erased, json_t *card, json_t *file, const struct standing *value,
                          struct asked_tiers *tiers, const uint64_t *members, size_t member_count,
                          const struct history *h, size_t shown) {
    json_t *out = json_pack("{s:o, s:O?, s:O?, s:O?, s:n, s:I, s:I, s:o, s:o, s:O}", "id", ask_id(value->person),
                            "name", json_object_get(file, "name"), "card", json_object_get(file, "card"), "phone",
                            json_object_get(file, "phone"), "tier", "spend", (json_int_t)value->spend, "visits",
                            (json_int_t)value->visits, "last", ask_time(call, value->last), "ids",
                            ids_json(members, member_count), "file", file);
    ask_tier_row(tiers, 0, out);
    json_object_set_new(out, "erased_at", ask_time(call, erased));
    json_t *history = json_array();
    for (size_t i = 0; i < shown; i++) json_array_append_new(history, event_row(call, h->items[i].position));
    json_object_set_new(out, "history", history);
    if (card != NULL) json_object_update_missing(out, card);
    call_json(call, out);
}

int ask_customer(struct call *call) {
    uint64_t customer = 0, members[MEMBERS_MAX];
    int64_t most = 0;
    struct standing value = {.last = TIME_NONE};
    struct history history = {NULL, 0, 0};
    struct asked_tiers tiers;
    bool answered;
    int code = call_number(call, "history", 0, INT64_MAX, INT64_MAX, &most);
    if (code == 0) code = ask_whoever(call, call->argc > 0 ? call->argv[0] : NULL, &customer);
    code = ask_elsewhere(call, code, &answered);
    if (code != 0 || answered) return code;
    const struct model *model = ask_begin(call);
    struct cut all = {TIME_NONE, ask_latest(call)};
    value.person = model_person(model, customer);
    size_t count = model_members(model, customer, members, MEMBERS_MAX);
    person_value(model, customer, &all, &value);
    ask_end(call);
    ask_tiers(call, all.to, &value.person, 1, sizeof value, &tiers);
    if (count > MEMBERS_MAX) count = MEMBERS_MAX;
    code = history_walk(call, members, count, &history);
    if (code == 0) {
        json_t *file = file_json(call, value.person);
        int64_t erased = erased_at(call, customer);
        size_t shown = (uint64_t)most < history.count ? (size_t)most : history.count;
        json_t *card = erased == TIME_NONE ? recall_card(call, customer) : NULL;
        if (!call->json && card == NULL) print_erased(call, erased, &value, &tiers);
        if (call->json)
            json_customer(call, erased, card, file, &value, &tiers, members, count, &history, shown);
        else
            print_customer(call, card, file, &history, shown);
        json_decref(card);
        json_decref(file);
    }
    ask_tiers_release(&tiers);
    free(history.items);
    return code;
}
