/* erase: a person asked to be forgotten (C11). Tells whom, and how far it is: safe to run again. */
#include <stdlib.h>
#include <string.h>

#include "hub/commands.h"
#include "hub/daemon.h"
#include "hub/recovery.h"
#include "proto/base/text.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/model/vec.h"
#include "proto/site/erasure.h"

#define IDS_MOST 256u /* of one event */
#define ATTEMPTS 3    /* somebody may be linked to her at the same moment */
#define KEYS_OF_ONE 32

struct ids {
    uint64_t *items;
    uint32_t count, room;
};

/* ---- Whom ---- */

/* What an id is the id of. */
static const char *what_is(struct site *site, uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event = {.type = 0};
    if (log_get_id(site->log, id, &record, &copy, NULL) == 0 && event_decode(record.frame, &event, NULL) != EVENT_GOOD)
        event.type = 0;
    buf_release(&copy);
    switch (event.type) {
    case EVENT_sold: return "sale";
    case EVENT_returned: return "return";
    case EVENT_complained: return "complaint";
    case EVENT_staff: return "staff";
    default: return "customer";
    }
}

/* In the writer's turn, too: a link that was judged meanwhile is not missed. */
static void find_members(struct site *site, uint64_t customer, struct ids *out) {
    uint64_t few[IDS_MOST];
    size_t count = model_members(site->model, customer, few, IDS_MOST);
    out->count = 0;
    VEC_RESERVE(*out, (uint32_t)count);
    out->count = (uint32_t)model_members(site->model, customer, out->items, count);
}

static int may_erase(struct call *call, uint64_t id, enum customer_state *state) {
    char text[ID_TEXT], person[ID_TEXT];
    const struct model *model = ask_begin(call);
    *state = model_customer(model, id);
    uint64_t named = model_person(model, id);
    ask_end(call);
    if (*state == CUSTOMER_UNKNOWN)
        return err_set(&call->error, ERR_NOT_FOUND, "customer", "there is no customer %s here", id_format(id, text));
    if (*state == CUSTOMER_THING && named != id)
        return err_set(&call->error, ERR_REFUSED, "customer", "%s is a %s of customer %s: erase the customer",
                       id_format(id, text), what_is(call->site, id), id_format(named, person));
    if (*state != CUSTOMER_ERASED && recovery_goes_on(call->site))
        return err_set(&call->error, ERR_REFUSED, NULL,
                       "what the hub before this one wrote is not back yet, and with it who is one person with whom; "
                       "erase when a store has handed it back");
    return 0;
}

/* A ref that stands for something else would leave the person as she is. */
static int check_ref(struct call *call, const struct draft *draft) {
    uint8_t hash[REF_HASH_SIZE];
    uint64_t holder;
    char text[ID_TEXT];
    if (draft->event.ref.source.data == NULL) return 0;
    ref_hash(draft->event.ref.source, draft->event.ref.key, hash);
    if (call->site->log->ops->ref(call->site->log, hash, &holder) != 0) return 0;
    return err_set(&call->error, ERR_EXISTS, "ref", "event %s has this ref already, and it is of somebody else",
                   id_format(holder, text));
}

/* ---- Writing it down ---- */

struct writing {
    struct site *site;
    uint64_t customer;
    struct ids ids;
};

static int settle(struct draft *draft, const struct draft *batch, struct err *err) {
    struct writing *writing = draft->context;
    struct ids now = {NULL, 0, 0};
    if (draft != batch) return 0;
    find_members(writing->site, writing->customer, &now);
    bool same =
        now.count == writing->ids.count && memcmp(now.items, writing->ids.items, now.count * sizeof *now.items) == 0;
    VEC_RELEASE(now);
    return same ? 0 : err_set(err, ERR_CONFLICT, "customer", "who is one person with her changes just now; try again");
}

/* Several events when there are many ids: all of them name the first, so they belong together. */
static int write_all(struct call *call, struct writing *writing) {
    const struct ids *ids = &writing->ids;
    size_t count = ids->count <= 1 ? 1 : (ids->count - 1 + IDS_MOST - 2) / (IDS_MOST - 1);
    struct draft *drafts = mem_alloc(count * sizeof *drafts);
    struct buf *lists = mem_alloc(count * sizeof *lists);
    uint32_t next = 1;
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct list *list = &drafts[i].event.body.erased.ids;
        code = act_draft(call, &drafts[i], EVENT_erased, SUBJECT_GIVEN, writing->customer);
        drafts[i].settle = settle;
        drafts[i].context = writing;
        if (i > 0) drafts[i].event.ref = (struct ref){VIEW_NONE, VIEW_NONE};
        list_append_id(list, &lists[i], ids->items[0]);
        while (next < ids->count && list->count < IDS_MOST) list_append_id(list, &lists[i], ids->items[next++]);
    }
    if (code == 0) code = check_ref(call, &drafts[0]);
    if (code == 0) code = site_write(call->site, drafts, count, NULL, 0, NULL, &call->error);
    for (size_t i = 0; i < count; i++) buf_release(&lists[i]);
    free(lists);
    free(drafts);
    return code;
}

static int write_erasure(struct call *call, uint64_t customer) {
    struct writing writing = {.site = call->site, .customer = customer};
    int code = ERR_CONFLICT;
    for (int i = 0; i < ATTEMPTS && code == ERR_CONFLICT; i++) {
        site_read(call->site);
        find_members(call->site, customer, &writing.ids);
        site_unread(call->site);
        code = write_all(call, &writing);
    }
    VEC_RELEASE(writing.ids);
    return code;
}

/* ---- How far it is ---- */

struct progress {
    struct call *call;
    struct ids ids;                   /* of all erasures that belong together */
    struct erasure_state first, last; /* without their ids */
    uint64_t position;                /* of the last one in the log */
    struct ids streams;               /* that wrote about one of them */
    json_t *stores;
    int64_t at_hub; /* keys destroyed here */
    bool hub_done, done;
    bool elsewhere; /* some store knows of it too */
};

static bool listed(const struct ids *ids, uint64_t id) {
    for (uint32_t i = 0; i < ids->count; i++)
        if (ids->items[i] == id) return true;
    return false;
}

static bool add_id(struct ids *ids, uint64_t id) {
    if (listed(ids, id)) return false;
    *VEC_ADD(*ids) = id;
    return true;
}

static bool add_erasure(struct progress *p, const struct erasure_state *erasure) {
    bool ours = false, added = false;
    for (size_t i = 0; i < erasure->count && !ours; i++) ours = listed(&p->ids, erasure->ids[i]);
    for (size_t i = 0; ours && i < erasure->count; i++) added |= add_id(&p->ids, erasure->ids[i]);
    if (!ours) return false;
    if (p->first.event == 0) p->first = *erasure;
    p->last = *erasure;
    return added;
}

static void gather_ids(struct progress *p, uint64_t customer) {
    struct erasure_state erasure;
    bool grows = true;
    add_id(&p->ids, customer);
    const struct model *model = ask_begin(p->call);
    while (grows) {
        grows = false;
        for (size_t i = 0; model_erasure_at(model, i, &erasure); i++) grows |= add_erasure(p, &erasure);
    }
    ask_end(p->call);
}

/* Along the records about each of them. */
static void gather_streams(struct progress *p) {
    struct log *log = p->call->site->log;
    struct buf copy = BUF_INIT;
    for (uint32_t i = 0; i < p->ids.count; i++) {
        const struct model *model = ask_begin(p->call);
        uint64_t position = model_last_position(model, p->ids.items[i]);
        ask_end(p->call);
        add_id(&p->streams, id_stream(p->ids.items[i]));
        for (struct record record; position != 0; position = record.previous) {
            buf_clear(&copy);
            if (log_get(log, position, &record, &copy, NULL) != 0) break;
            add_id(&p->streams, id_stream(record.id));
        }
    }
    buf_release(&copy);
}

/* Keys that streams of this store say they destroyed; VIEW_NONE: this hub's own. */
static int64_t count_destroyed(struct progress *p, struct view store) {
    const struct model *model = ask_begin(p->call);
    int64_t count = 0;
    for (uint32_t i = 0; i < p->ids.count; i++) {
        struct key_destroyed_state said[KEYS_OF_ONE];
        size_t n = model_keys_destroyed(model, p->ids.items[i], said, KEYS_OF_ONE);
        for (size_t k = 0; k < n && k < KEYS_OF_ONE; k++) {
            uint32_t stream = id_stream(said[k].event);
            struct stream_state state;
            if (store.data == NULL)
                count += stream == p->call->site->config.stream;
            else
                count += model_stream(model, stream, &state) && state.opened && view_equal(state.store, store);
        }
    }
    ask_end(p->call);
    return count;
}

/* One store, over all its streams. */
struct standing_of_store {
    struct view store;
    bool wrote, live, waits;
    int64_t destroyed, last_seen;
};

static void look_at_stream(struct progress *p, const struct stream_state *stream, struct standing_of_store *s) {
    struct daemon *daemon = p->call->daemon;
    struct visit visit = {.token_number = 0};
    s->wrote |= listed(&p->streams, stream->stream);
    if (stream->revoked) return;
    if (daemon != NULL)
        visits_load(&daemon->desk.visits, stream->stream, &visit, NULL);
    else
        visit_load(p->call->site, stream->stream, &visit, NULL);
    s->live = true;
    p->elsewhere |= visit.erased_upto >= p->position;
    s->waits |= erasing_waits_for(stream, &visit, &p->last, p->position);
    if (visit.last_seen > s->last_seen) s->last_seen = visit.last_seen;
}

static void add_store(struct progress *p, const struct standing_of_store *s) {
    const char *state = s->waits               ? "not yet"
                        : s->destroyed > 0     ? "destroyed"
                        : s->wrote && !s->live ? "revoked, and out of reach"
                        : s->wrote             ? "held none"
                                               : NULL;
    p->done &= !s->waits;
    if (state == NULL) return;
    json_array_append_new(p->stores, json_pack("{s:o, s:s, s:I, s:o}", "store", ask_text(s->store), "state", state,
                                               "keys_destroyed", (json_int_t)s->destroyed, "last_seen",
                                               ask_time(p->call, s->last_seen == 0 ? TIME_NONE : s->last_seen)));
}

/* Stores in the order of their first stream. */
static void gather_stores(struct progress *p) {
    struct stream_state *all = NULL, stream;
    size_t count = 0;
    struct buf codes = BUF_INIT;
    const struct model *model = ask_begin(p->call);
    while (model_stream_at(model, count, &stream)) count++;
    all = mem_alloc((count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++) {
        model_stream_at(model, i, &all[i]);
        if (all[i].store.data != NULL) buf_append_view(&codes, all[i].store);
    }
    ask_end(p->call);
    for (size_t i = 0, at = 0; i < count; i++) { /* views of our own: the model's end here */
        if (all[i].store.data == NULL) continue;
        all[i].store.data = codes.data + at;
        at += all[i].store.len;
    }
    for (size_t i = 0; i < count; i++) {
        struct standing_of_store s = {.store = all[i].store};
        bool first = all[i].opened && s.store.data != NULL;
        for (size_t k = 0; k < i && first; k++) first = !all[k].opened || !view_equal(all[k].store, s.store);
        if (!first) continue;
        for (size_t k = i; k < count; k++)
            if (all[k].opened && view_equal(all[k].store, s.store)) look_at_stream(p, &all[k], &s);
        s.destroyed = count_destroyed(p, s.store);
        add_store(p, &s);
    }
    free(all);
    buf_release(&codes);
}

static void look(struct progress *p, uint64_t customer) {
    struct site *site = p->call->site;
    gather_ids(p, customer);
    gather_streams(p);
    if (log_position_of(site->log, p->last.event, &p->position) != 0) p->position = UINT64_MAX;
    p->at_hub = count_destroyed(p, VIEW_NONE);
    p->hub_done = site_forgot_all(site);
    p->done = p->hub_done;
    p->stores = json_array();
    gather_stores(p);
}

static void print_progress(struct progress *p, uint64_t customer) {
    struct call *call = p->call;
    char text[ID_TEXT], when[40], count[COUNT_TEXT];
    struct buf line = BUF_INIT;
    fprintf(call->out, "erased: %s, as asked for on %s\n", id_format(customer, text),
            time_format(p->first.time, &call->site->zone, when));
    for (uint32_t i = 0; i < p->ids.count; i++)
        buf_printf(&line, "%s%s %s", i == 0 ? "  " : ", ", what_is(call->site, p->ids.items[i]),
                   id_format(p->ids.items[i], text));
    fprintf(call->out, "%s\n", buf_text(&line));
    if (p->hub_done)
        fprintf(call->out, "  hub: %s destroyed\n", count_format((uint64_t)p->at_hub, "key", count));
    else
        fprintf(call->out, "  hub: not yet\n");
    size_t i;
    json_t *store;
    json_array_foreach(p->stores, i, store) {
        const char *state = json_string_value(json_object_get(store, "state")),
                   *seen = json_string_value(json_object_get(store, "last_seen"));
        buf_clear(&line);
        text_printable(view_of(json_string_value(json_object_get(store, "store"))), &line);
        fprintf(call->out, "  store %s: ", buf_text(&line));
        uint64_t keys = (uint64_t)json_integer_value(json_object_get(store, "keys_destroyed"));
        if (strcmp(state, "destroyed") == 0)
            fprintf(call->out, "%s destroyed\n", count_format(keys, "key", count));
        else if (strcmp(state, "not yet") == 0)
            fprintf(call->out, "not yet, last seen %s\n", seen == NULL ? "never" : seen);
        else
            fprintf(call->out, "%s\n", state);
    }
    fprintf(call->out, p->done
                           ? "done everywhere; sums stay, and copies made before this (backups) still hold the keys\n"
                           : "stores do it when they are told; run this again to see how far they are\n");
    if (!p->elsewhere)
        fprintf(call->out, "so far only this hub knows of it: were its disk lost before a store is told, it would have "
                           "to be asked for again\n");
    buf_release(&line);
}

static json_t *ids_json(struct progress *p) {
    json_t *ids = json_array();
    for (uint32_t i = 0; i < p->ids.count; i++)
        json_array_append_new(ids, json_pack("{s:o, s:s}", "id", ask_id(p->ids.items[i]), "what",
                                             what_is(p->call->site, p->ids.items[i])));
    return ids;
}

static void answer(struct call *call, uint64_t customer) {
    struct progress p = {.call = call};
    look(&p, customer);
    if (call->json)
        call_json(call, json_pack("{s:o, s:o, s:o, s:o, s:{s:b, s:I}, s:O, s:b, s:b}", "customer", ask_id(customer),
                                  "event", ask_id(p.first.event), "erased_at", ask_time(call, p.first.time), "ids",
                                  ids_json(&p), "hub", "destroyed", p.hub_done, "keys_destroyed", (json_int_t)p.at_hub,
                                  "stores", p.stores, "elsewhere", p.elsewhere, "done", p.done));
    else
        print_progress(&p, customer);
    json_decref(p.stores);
    VEC_RELEASE(p.ids);
    VEC_RELEASE(p.streams);
}

static int hub_erase(struct call *call) {
    uint64_t id;
    enum customer_state state = CUSTOMER_UNKNOWN;
    int code = call_id(call, "customer", call->argv[0], &id);
    if (code == 0) code = may_erase(call, id, &state);
    if (code == 0 && state != CUSTOMER_ERASED) code = write_erasure(call, id);
    if (code != 0) return code;
    code = site_forget(call->site, &call->error);
    if (code != 0)
        return err_prefix(&call->error, "it is written down, but the keys here could not be destroyed yet, and will be "
                                        "at the next start");
    answer(call, id);
    return 0;
}

const struct command hub_erase_commands[] = {
    {"erase", "ID", "forget a person: destroy the keys, here and at every store; run again to see how far it is",
     NEEDS_SITE, 1, 1, NULL, act_options, false, hub_erase, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
