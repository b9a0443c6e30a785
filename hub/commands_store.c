/* enroll, revoke, stores: which stores belong to the region. */
#include <sodium.h>
#include <string.h>

#include "hub/commands.h"
#include "hub/daemon.h"
#include "hub/recovery.h"
#include "hub/visits.h"
#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/model/policies.h"

#define LIVE_STREAMS 32

/* What the region knows of a store: its facts, its newest stream, and the next number that is free. */
struct place {
    bool known;
    bool same_facts;
    uint32_t live[LIVE_STREAMS]; /* not revoked: more than one after a PC was cloned or restored */
    size_t live_count;
    uint32_t stream; /* the newest of them */
    uint32_t next;
};

static bool same(struct view known, const char *told) { return told == NULL || view_is(known, told); }

static void find_place(struct call *call, const char *store, struct place *place) {
    struct store_state facts;
    struct stream_state stream;
    const struct model *model = ask_begin(call);
    uint32_t incarnation = call->site->config.incarnation, counter = 0;
    *place = (struct place){.known = model_store(model, view_of(store), &facts)};
    if (place->known)
        place->same_facts =
            same(facts.name, call_option(call, "name")) && same(facts.chain, call_option(call, "chain"));
    for (size_t i = 0; model_stream_at(model, i, &stream); i++) {
        if (stream_incarnation(stream.stream) == incarnation && (stream.stream & 0xFFFF) > counter)
            counter = stream.stream & 0xFFFF;
        if (!stream.opened || stream.revoked || !view_is(stream.store, store)) continue;
        if (place->live_count < LIVE_STREAMS) place->live[place->live_count++] = stream.stream;
        place->stream = stream.stream;
    }
    ask_end(call);
    place->next = counter == 0xFFFF ? 0 : stream_make(incarnation, counter + 1);
}

/* A store's facts as told now, or as known from before. */
static void fill_facts(struct call *call, const char *store, struct body_store_opened *body, struct buf *known) {
    struct store_state facts = {VIEW_NONE, VIEW_NONE, VIEW_NONE};
    size_t name_end;
    const struct model *model = ask_begin(call);
    model_store(model, view_of(store), &facts);
    buf_append_view(known, facts.name);
    name_end = known->len;
    buf_append_view(known, facts.chain);
    bool has_name = facts.name.data != NULL, has_chain = facts.chain.data != NULL;
    ask_end(call);
    body->store = view_of(store);
    body->name = call_has(call, "name") ? view_of(call_option(call, "name"))
                 : has_name             ? view_make(known->data, name_end)
                                        : VIEW_NONE;
    body->chain = call_has(call, "chain") ? view_of(call_option(call, "chain"))
                  : has_chain             ? view_make(known->data + name_end, known->len - name_end)
                                          : VIEW_NONE;
}

/* The hub's own addresses, or those given for this store. */
static void fill_addresses(struct call *call, struct join_file *join) {
    const struct config *config = &call->site->config;
    size_t given = call_option_count(call, "address"), count = given > 0 ? given : config->address_count;
    for (size_t i = 0; i < count && i < HUB_ADDRESSES_MAX; i++) {
        const char *address = given > 0 ? call_option_at(call, "address", i) : config->addresses[i];
        join->addresses[join->address_count++] = mem_text(address);
        if (strncmp(address, "0.0.0.0:", 8) == 0 || strncmp(address, "[::]:", 5) == 0)
            fprintf(call->err_out,
                    "%s: the join file names %s, which is the hub only on the hub's own machine; "
                    "enroll with --address HOST:PORT, or init the hub with --advertise\n",
                    call->program->name, address);
    }
}

static char *owned(struct view v) { return v.data == NULL ? NULL : mem_view_text(v); }

static int write_join(struct call *call, uint32_t stream, const uint8_t secret[SECRET_SIZE],
                      const struct body_store_opened *facts) {
    struct site *site = call->site;
    struct join_file join = {.address_count = 0, .stream = stream, .incarnation = site->config.incarnation};
    struct buf text = BUF_INIT;
    const char *path = call_option(call, "o");
    memcpy(join.root, site->config.root, PUBLIC_KEY_SIZE);
    memcpy(join.secret, secret, SECRET_SIZE);
    memcpy(join.ref_key, site->secrets.ref_key, KEY_BYTES);
    fill_addresses(call, &join);
    join.ca_certificate = mem_text(site->config.ca_certificate);
    join.store = owned(facts->store);
    join.name = owned(facts->name);
    join.chain = owned(facts->chain);
    join.region = mem_text(site->config.region);
    join.currency = mem_text(site->config.currency);
    join.timezone = mem_text(site->config.timezone);
    join.country = mem_text(site->config.country);
    join_file_write(&join, &site->signer, site->secrets.certificate, &text);
    int code = 0;
    if (path == NULL && call->remote)
        call_json(call, json_pack("{s:s, s:I, s:s}", "store", join.store, "stream", (json_int_t)stream, "join",
                                  buf_text(&text)));
    else if (path == NULL)
        fwrite(text.data, 1, text.len, call->out);
    else
        code = call_write_file(call, path, buf_view(&text), 0600);
    if (code == 0 && path != NULL && call->json)
        call_json(call, json_pack("{s:s, s:I, s:s}", "store", join.store, "stream", (json_int_t)stream, "file", path));
    else if (code == 0 && path != NULL)
        fprintf(call->out, "%s brings store %s in as stream %u, once; hand it over like a key\n", path, join.store,
                stream);
    join_file_release(&join);
    buf_wipe(&text);
    return code;
}

static int check_words(struct call *call, const char *store) {
    const struct {
        const char *field, *text;
        size_t most;
    } words[] = {
        {"store", store, 64}, {"name", call_option(call, "name"), 200}, {"chain", call_option(call, "chain"), 64}};
    for (size_t i = 0; i < 3; i++) {
        if (words[i].text == NULL) continue;
        if (*words[i].text == '\0' || strlen(words[i].text) > words[i].most || !utf8_valid(view_of(words[i].text)))
            return err_set(&call->error, ERR_INVALID, words[i].field, "must be 1 to %zu bytes of text", words[i].most);
    }
    return 0;
}

/* What is decided in the writer's turn, so that two calls at once do not give out one number twice, or name an end that
 * ingest has moved on from. */
struct enrolment {
    struct call *call;
    const char *store;
    struct place place; /* as it is in that turn */
};

static int settle_opened(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    struct enrolment *e = draft->context;
    size_t had_streams = e->place.live_count;
    uint32_t before = e->place.stream;
    find_place(e->call, e->store, &e->place);
    if (e->place.live_count != had_streams || e->place.stream != before)
        return err_set(err, ERR_CONFLICT, "store",
                       "%s was enrolled or revoked at the same moment; look at `stores` and try again", e->store);
    if (e->place.next == 0) return err_set(err, ERR_LIMIT, NULL, "this hub has given out all its 65,535 streams");
    draft->event.body.stream_opened.stream = e->place.next;
    return 0;
}

static int settle_revoked(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    (void)err;
    struct call *call = draft->context;
    struct head head;
    struct body_stream_revoked *body = &draft->event.body.stream_revoked;
    body->last = log_head(call->site->log, (uint32_t)body->stream, &head) == 0 ? (int64_t)head.seq : 0;
    return 0;
}

/* The PCs that the store had until now; their last events are those that the hub has in that turn. */
static size_t revoke_all(struct call *call, const struct place *place, const char *reason, struct draft *drafts) {
    for (size_t i = 0; i < place->live_count; i++) {
        drafts[i] = (struct draft){.subject = SUBJECT_GIVEN, .settle = settle_revoked, .context = call};
        event_init(&drafts[i].event, EVENT_stream_revoked);
        drafts[i].event.body.stream_revoked = (struct body_stream_revoked){place->live[i], 0, view_of(reason)};
    }
    return place->live_count;
}

static int open_stream(struct call *call, const char *store, const struct place *place) {
    struct draft drafts[2 + LIVE_STREAMS];
    struct enrolment enrolment = {call, store, *place};
    struct body_store_opened facts;
    struct buf known = BUF_INIT;
    uint8_t secret[SECRET_SIZE], hash[32];
    size_t count = 0;
    memset(drafts, 0, sizeof drafts);
    env_random(call->env, secret, sizeof secret);
    join_secret_hash(secret, hash);
    fill_facts(call, store, &facts, &known);
    if (!place->known || !place->same_facts) {
        event_init(&drafts[count].event, EVENT_store_opened);
        drafts[count++].event.body.store_opened = facts;
    }
    event_init(&drafts[count].event, EVENT_stream_opened);
    struct body_stream_opened *body = &drafts[count++].event.body.stream_opened;
    body->stream = place->next;
    body->store = view_of(store);
    body->secret_hash = view_make(hash, sizeof hash);
    drafts[count - 1].settle = settle_opened;
    drafts[count - 1].context = &enrolment;
    if (place->live_count > 0) body->replaces = place->stream;
    count += revoke_all(call, place, "replaced", drafts + count);
    int code = site_write(call->site, drafts, count, NULL, 0, NULL, &call->error);
    if (code == 0) code = write_join(call, enrolment.place.next, secret, &facts);
    sodium_memzero(secret, sizeof secret);
    buf_release(&known);
    return code;
}

static void drop_streams(struct call *call, const struct place *place, const char *why) {
    struct daemon *daemon = call->daemon;
    for (size_t i = 0; daemon != NULL && i < place->live_count; i++) desk_drop(&daemon->desk, place->live[i], why);
}

static int check_addresses(struct call *call) {
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    size_t count = call_option_count(call, "address");
    if (count > HUB_ADDRESSES_MAX) return err_set(&call->error, ERR_LIMIT, "address", "at most %d", HUB_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *address = call_option_at(call, "address", i);
        if (transport_address_split(address, host, &port, NULL) != 0 || host[0] == '\0')
            return err_set(&call->error, ERR_INVALID, "address", "'%s' is not HOST:PORT", address);
    }
    return 0;
}

static int hub_enroll(struct call *call) {
    struct place place;
    const char *store = call->argv[0];
    int code = check_words(call, store);
    if (code != 0) return code;
    find_place(call, store, &place);
    if (place.live_count > 0 && !call_has(call, "replace"))
        return err_set(&call->error, ERR_EXISTS, "store",
                       "%s is enrolled already (stream %u); --replace puts a new PC in its place", store, place.stream);
    code = check_addresses(call);
    /* A join file that cannot be written is found out before the store is enrolled; another file, maybe another store's
     * join file, is not written over. */
    const char *path = call_option(call, "o");
    if (code == 0 && path != NULL) code = call_claim(call, path);
    if (code != 0) return code;
    code = open_stream(call, store, &place);
    if (code != 0 && path != NULL) call_unclaim(call, path);
    if (code == 0) drop_streams(call, &place, "this PC was replaced by another");
    return code;
}

static int hub_revoke(struct call *call) {
    struct place place;
    const char *store = call->argv[0];
    find_place(call, store, &place);
    if (!place.known) return err_set(&call->error, ERR_NOT_FOUND, "store", "there is no store %s here", store);
    if (place.live_count == 0) return err_set(&call->error, ERR_EXISTS, "store", "%s is revoked already", store);
    struct draft drafts[LIVE_STREAMS];
    size_t count = revoke_all(call, &place, call_option(call, "reason"), drafts);
    int code = site_write(call->site, drafts, count, NULL, 0, NULL, &call->error);
    if (code != 0) return code;
    drop_streams(call, &place, "this store was revoked");
    int64_t last = drafts[count - 1].event.body.stream_revoked.last;
    if (call->json)
        call_json(call, json_pack("{s:s, s:I, s:I}", "store", store, "stream", (json_int_t)place.stream, "last",
                                  (json_int_t)last));
    else
        fprintf(call->out, "store %s is revoked; its events up to %llu stay, later ones are refused\n", store,
                (unsigned long long)last);
    return 0;
}

static const struct column stores_columns[] = {
    {"store", "store", COLUMN_TEXT},         {"name", "name", COLUMN_TEXT},
    {"chain", "chain", COLUMN_TEXT},         {"stream", "stream", COLUMN_NUMBER},
    {"events", "events", COLUMN_NUMBER},     {"lag", "lag", COLUMN_NUMBER},
    {"last seen", "last_seen", COLUMN_TIME}, {"skew ms", "skew_ms", COLUMN_NUMBER},
    {"clock", "clock", COLUMN_TEXT},         {"to erase", "erasures_waiting", COLUMN_NUMBER},
    {"state", "state", COLUMN_TEXT},         {NULL, "seq", COLUMN_NUMBER},
    {NULL, "future_ms", COLUMN_NUMBER},      {NULL, NULL, COLUMN_TEXT},
};

#define COPY_SHOWN_MS ((int64_t)24 * 60 * 60 * 1000) /* beside the PC that keeps the stream */

static json_t *state_word(struct call *call, const struct stream_state *stream, const struct visit *visit) {
    struct daemon *daemon = call->daemon;
    if (stream->revoked) return json_string("revoked");
    if (!stream->keyed) return json_string("not joined");
    bool here = daemon != NULL && desk_connected(&daemon->desk, stream->stream);
    bool copy = visit->copy_at != 0 && visit->copy_moved_to == 0;
    if (copy && !here && visit->copy_at >= visit->last_seen)
        return json_string("restored or cloned: run dangol-node recover");
    if (copy && visit->copy_at > env_now(call->env) - COPY_SHOWN_MS)
        return json_sprintf("%s; another PC is restored or cloned: run dangol-node recover there",
                            here ? "connected" : "offline");
    if (visit->copy_moved_to != 0) return json_sprintf("recovered as stream %u", visit->copy_moved_to);
    return json_string(here ? "connected" : "offline");
}

/* A store that is connected was heard within the last minute and a half: now. */
static int64_t seen_at(struct call *call, const struct stream_state *stream, const struct visit *visit) {
    struct daemon *daemon = call->daemon;
    if (daemon != NULL && desk_connected(&daemon->desk, stream->stream)) return env_now(call->env);
    return visit->last_seen != 0 ? visit->last_seen : TIME_NONE;
}

/* How far the newest event of a stream lies in the future, as the fold takes it; 0: it does not. */
static int64_t future_ms(struct call *call, const struct stream_state *stream) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    uint64_t id = id_make(stream->stream, stream->last_seq);
    int64_t ahead = 0;
    if (stream->last_seq > 0 && log_get_id(call->site->log, id, &record, &copy, NULL) == 0 &&
        event_decode(record.frame, &event, NULL) >= 0) {
        const struct model *model = ask_begin(call);
        ahead = (int64_t)(model_hlc(model, id, &event) >> 16) - env_now(call->env);
        ask_end(call);
    }
    buf_release(&copy);
    return ahead > 0 ? ahead : 0;
}

/* What a person should know of a store's clock. */
static const char *clock_word(struct call *call, const struct visit *visit, int64_t future) {
    const struct model *model = ask_begin(call);
    int64_t tolerance = policy_number(model, POLICY_CLOCK_TOLERANCE, TIME_NONE) * 1000;
    ask_end(call);
    if (future > tolerance) return "events in the future";
    return visit->skew_ms > tolerance ? "ahead" : visit->skew_ms < -tolerance ? "behind" : "right";
}

/* All erasures, by where they stand. */
struct erasures {
    struct erasure_state *items; /* without their ids */
    uint64_t *positions;
    size_t count;
};

static void find_erasures(struct call *call, struct erasures *out) {
    const struct model *model = ask_begin(call);
    struct erasure_state erasure;
    *out = (struct erasures){.count = 0};
    while (model_erasure_at(model, out->count, &erasure)) out->count++;
    out->items = mem_alloc((out->count + 1) * sizeof *out->items);
    out->positions = mem_alloc((out->count + 1) * sizeof *out->positions);
    for (size_t i = 0; i < out->count; i++) {
        model_erasure_at(model, i, &out->items[i]);
        if (log_position_of(call->site->log, out->items[i].event, &out->positions[i]) != 0) out->positions[i] = 0;
    }
    ask_end(call);
}

/* How many the store has not been told of, or has not done yet. */
static size_t erasures_waiting(const struct erasures *erasures, const struct stream_state *stream,
                               const struct visit *visit) {
    size_t waiting = 0;
    for (size_t i = 0; i < erasures->count; i++)
        waiting += erasing_waits_for(stream, visit, &erasures->items[i], erasures->positions[i]);
    return waiting;
}

static json_t *store_row(struct call *call, const struct stream_state *stream, const struct erasures *erasures,
                         json_t *facts) {
    struct visit visit = {.token_number = 0};
    json_t *row = facts;
    struct daemon *daemon = call->daemon;
    bool read = (daemon != NULL ? visits_load(&daemon->desk.visits, stream->stream, &visit, NULL)
                                : visit_load(call->site, stream->stream, &visit, NULL)) == 0;
    uint64_t lag = read && visit.claimed_seq > stream->last_seq ? visit.claimed_seq - stream->last_seq : 0;
    bool seen = read && visit.last_seen != 0;
    json_object_set_new(row, "stream", json_integer(stream->stream));
    json_object_set_new(row, "events", json_integer((json_int_t)stream->events));
    json_object_set_new(row, "seq", json_integer((json_int_t)stream->last_seq));
    json_object_set_new(row, "last_seen", ask_time(call, read ? seen_at(call, stream, &visit) : TIME_NONE));
    json_object_set_new(row, "lag", json_integer((json_int_t)lag));
    json_object_set_new(row, "skew_ms", seen ? json_integer(visit.skew_ms) : json_null());
    int64_t future = future_ms(call, stream);
    json_object_set_new(row, "clock", seen ? json_string(clock_word(call, &visit, future)) : json_null());
    json_object_set_new(row, "future_ms", json_integer(future));
    json_object_set_new(row, "erasures_waiting", json_integer((json_int_t)erasures_waiting(erasures, stream, &visit)));
    json_object_set_new(row, "state", state_word(call, stream, &visit));
    return row;
}

static int hub_stores(struct call *call) {
    struct listing *listing = listing_open(call, stores_columns);
    struct erasures erasures;
    find_erasures(call, &erasures);
    for (size_t i = 0;; i++) {
        struct stream_state stream;
        struct store_state facts = {VIEW_NONE, VIEW_NONE, VIEW_NONE};
        const struct model *model = ask_begin(call);
        bool more = model_stream_at(model, i, &stream);
        json_t *row = NULL;
        if (more && stream.opened) {
            model_store(model, stream.store, &facts);
            row = json_pack("{s:o, s:o, s:o}", "store", ask_text(stream.store), "name", ask_text(facts.name), "chain",
                            ask_text(facts.chain));
        }
        ask_end(call);
        if (!more) break;
        if (row != NULL) listing_add(listing, store_row(call, &stream, &erasures, row));
    }
    free(erasures.items);
    free(erasures.positions);
    listing_close(listing, "no stores yet: `enroll` one");
    struct restored restored;
    recovery_restored(call->site, &restored);
    if (restored.noted)
        fprintf(call->err_out, "%s: all stores are refused: %s; stop `serve` and run `dangol-hub recover %s`\n",
                call->program->name, restored.reason, call->directory);
    return 0;
}

static const struct option enroll_options[] = {
    {"name", "NAME", "the store's name", false},
    {"chain", "CHAIN", "the chain it belongs to", false},
    {"replace", NULL, "the store's PC is replaced: the old one is no longer accepted", false},
    {"address", "HOST:PORT", "where this store finds the hub, instead of what the hub advertises", true},
    {"o", "FILE", "where the join file goes (default: standard output)", false},
    {NULL, NULL, NULL, false},
};
static const struct option revoke_options[] = {{"reason", "R", "why", false}, {NULL, NULL, NULL, false}};

const struct command hub_store_commands[] = {
    {"enroll", "STORE", "make the join file that brings a store's PC in", NEEDS_SITE, 1, 1, enroll_options, NULL, false,
     hub_enroll, NULL},
    {"revoke", "STORE", "take nothing more from a store", NEEDS_SITE, 1, 1, revoke_options, NULL, false, hub_revoke,
     NULL},
    {"stores", "", "the stores, how far behind, since when", NEEDS_SITE, 0, 0, NULL, NULL, false, hub_stores, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
