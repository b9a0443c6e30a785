/* A route's command, run in this serve: its document is the answer, its error the problem. */
#include <sodium.h>
#include <stdlib.h>

#include "proto/api/api_parts.h"
#include "proto/api/bounds.h"
#include "proto/api/pages.h"
#include "proto/api/shown.h"
#include "proto/api/wording.h"
#include "proto/command/parse.h"

#define ANSWER_MOST (256u << 20)
#define MINUTE_MS 60000
#define REF_SIZE 128

/* One request's call, from words to answer. */
struct doing {
    struct api *api;
    struct http_request *request;
    struct http_answer *answer;
    const struct turn *turn;
    struct page page;
    bool paged, csv;
    char ref[REF_SIZE];
    uint8_t digest[ONCE_DIGEST]; /* of who asks and the key */
    uint8_t asked[KEPT_KEY];     /* see digest_asked */
    struct kept_answer fresh;    /* what this one will be known by */
    struct grounds grounds;
    uint64_t then; /* for kept_put */
};

int api_run(struct api *api, const struct run_asks *asks, const struct wording *words, struct call *call,
            struct memory_streams *streams) {
    atomic_bool noticed = false;
    struct site_opened opened = SITE_OPENED_NONE; /* whoever is found by her card has just been read */
    const char **list = wording_list(words);
    inside_call(&api->inside, call);
    call->remote = true;
    call->page = asks->page;
    call->grounds = asks->grounds;
    call->bound = asks->bound;
    call->cancelled = &api->cancelled;
    call->cancel_fd = api->cancel_fd;
    call->noticed = &noticed;
    call->opened = &opened;
    memory_streams_open(streams, buf_view(&words->file), ANSWER_MOST, call);
    int status = inside_run(call, NULL, words->count, list);
    memory_streams_close(streams);
    call_release(call);
    call->opened = NULL;
    site_opened_wipe(&opened);
    free(list);
    return status;
}

/* ---- What form ---- */

/* CSV when it is asked for, or the only form there is. */
static bool choose_form(struct doing *d) {
    const struct route *route = d->turn->route;
    const char *accept = d->request->headers[HTTP_HEADER_ACCEPT];
    bool csv = http_names(accept, "text/csv");
    bool export = strncmp(route->words, "export ", 7) == 0;
    if (csv && !route_exports(d->api->inside.program, route)) {
        http_problem(d->answer, 406, "usage", NULL, "this is not to be had as CSV; ask for application/json");
        return false;
    }
    d->csv = csv || export;
    d->paged = !d->csv && (route->flags & ROUTE_LIST) != 0;
    return true;
}

/* ---- Whether it has changed ---- */

/* Who asks for what, in which form: of two with the same digest the answers are the same, at the same time. */
static void digest_asked(struct doing *d) {
    crypto_generichash_state state;
    const struct http_target *target = &d->request->target;
    const struct identity *who = &d->turn->who;
    uint64_t numbers[] = {d->api->run, d->csv, who->role};
    crypto_generichash_init(&state, NULL, 0, KEPT_KEY);
    crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof numbers);
    crypto_generichash_update(&state, (const uint8_t *)who->store, strlen(who->store) + 1);
    crypto_generichash_update(&state, (const uint8_t *)target->path, strlen(target->path) + 1);
    for (size_t i = 0; i < target->pair_count; i++) {
        crypto_generichash_update(&state, (const uint8_t *)target->pairs[i].name, strlen(target->pairs[i].name) + 1);
        crypto_generichash_update(&state, (const uint8_t *)target->pairs[i].value, strlen(target->pairs[i].value) + 1);
    }
    crypto_generichash_final(&state, d->asked, KEPT_KEY);
}

/* Of what the answer depends on: the events that are known, the minute, who asks for what in which form. */
static void entity_tag(struct doing *d) {
    struct site *site = d->api->inside.site;
    uint8_t hash[8];
    mutex_lock(&site->growth.lock);
    uint64_t count = site->growth.count;
    mutex_unlock(&site->growth.lock);
    uint64_t numbers[2 + KEPT_KEY / 8] = {count, (uint64_t)(site_now(site) / MINUTE_MS)};
    memcpy(numbers + 2, d->asked, KEPT_KEY);
    crypto_generichash(hash, sizeof hash, (const uint8_t *)numbers, sizeof numbers, NULL, 0);
    char hex[2 * sizeof hash + 1];
    hex_encode(view_make(hash, sizeof hash), hex);
    snprintf(d->fresh.tag, KEPT_TAG, "W/\"%s\"", hex);
}

static bool unchanged(struct doing *d, const char *tag) {
    const char *known = d->request->headers[HTTP_HEADER_IF_NONE_MATCH];
    http_answer_put(d->answer, "ETag", tag);
    if (known == NULL || strstr(known, tag + 2) == NULL) return false;
    d->answer->status = 304;
    return true;
}

/* ---- The answer ---- */

static bool creates(const struct doing *d) { return (d->turn->route->flags & ROUTE_CREATES) != 0; }

/* Whom the answer shows, and who is named in the address. */
static void find_shown(const struct doing *d, struct view text, struct shown *out) {
    const char *path = d->turn->route->path;
    bool one = strncmp(path, "/customers", 10) == 0 || strncmp(path, "/recall", 7) == 0;
    const char *named = one ? route_piece(d->turn->route, &d->request->target, view_of("id")) : NULL;
    uint64_t id;
    if (named != NULL && id_parse(view_of(named), &id)) shown_add(out, id);
    if (d->csv)
        shown_csv(out, text);
    else
        shown_json(out, text, one, strcmp(path, "/log") == 0);
}

static bool recorded(const struct doing *d) { return (d->turn->route->flags & (ROUTE_PERSONAL | ROUTE_RECORDED)) != 0; }

static bool note(struct doing *d, struct view text, enum look_outcome outcome) {
    if (!recorded(d)) return true;
    struct shown shown = {.ids = NULL};
    find_shown(d, text, &shown);
    bool noted = api_note(d->api, d->request, shown.ids, shown.count, outcome, d->answer);
    d->fresh.ids = shown.ids;
    d->fresh.count = shown.count;
    return noted;
}

/* That nobody of a number is here tells something, too. */
static void refuse(struct doing *d, const struct err *err) {
    api_refuse(d->answer, err);
    note(d, VIEW_NONE, err->code == ERR_AUTH ? LOOK_NOT_YOUR_ROLE : LOOK_REFUSED);
}

/* Lists in pages name the next. */
static void link_page(struct doing *d) {
    if (!d->paged || !d->page.more) return;
    page_link(d->request, &d->page, &d->fresh.link);
    http_answer_put(d->answer, "Link", buf_text(&d->fresh.link));
}

static void succeed(struct doing *d, struct memory_streams *streams) {
    struct http_answer *answer = d->answer;
    if (!note(d, buf_view(&streams->out), LOOK_ALLOWED)) return;
    answer->status = creates(d) ? 201 : 200;
    answer->type = d->csv ? "text/csv; charset=utf-8" : "application/json";
    answer->body = streams->out;
    streams->out = (struct buf){NULL, 0, 0};
    if (answer->body.len == 0) buf_append_view(&answer->body, view_of("{}\n"));
    link_page(d);
    /* The page that asks names the file; else it is called as the path ends. */
    if (d->csv) http_answer_header(answer, "Content-Disposition", "attachment");
    /* The log knew the ref: a till that asks again after a restart. */
    if (d->ref[0] != '\0' && creates(d) &&
        memmem(answer->body.data, answer->body.len, "\"existing\":true", 15) != NULL) {
        answer->status = 200;
        http_answer_header(answer, "Idempotent-Replay", "true");
    }
}

static void do_words(struct doing *d, const struct wording *words) {
    struct call call;
    struct memory_streams streams;
    const struct identity *who = &d->turn->who;
    struct run_asks asks = {d->paged ? &d->page : NULL, &d->grounds,
                            bounds_bound(d->api->inside.program, who) ? who->store : NULL};
    int status = api_run(d->api, &asks, words, &call, &streams);
    if (status == EXIT_DONE) {
        succeed(d, &streams);
    } else {
        wording_fault(words, &call.error);
        refuse(d, &call.error);
    }
    buf_wipe(&streams.out);
    buf_wipe(&streams.notes);
}

/* So many may have come in before the row that a page begins behind. */
#define ROWS_SPARE 1000

static size_t rows_wanted(const struct page *page) {
    return page->offset + page->limit + 1 + (page->after[0] != '\0' ? ROWS_SPARE : 0);
}

static void do_command(struct doing *d) {
    struct wording words;
    struct err err = {.code = 0};
    struct asking asking = {.program = d->api->inside.program,
                            .route = d->turn->route,
                            .request = d->request,
                            .who = &d->turn->who,
                            .decimals = d->api->inside.site->currency.decimals,
                            .ref = d->ref[0] != '\0' ? d->ref : NULL,
                            .rows = d->paged ? rows_wanted(&d->page) : 0,
                            .csv = d->csv};
    if (wording_make(&asking, &words, &err) != 0) {
        refuse(d, &err);
        return;
    }
    do_words(d, &words);
    wording_release(&words);
}

/* ---- Once ---- */

static bool read_key(struct doing *d, const char *key) {
    size_t len = strlen(key);
    bool good = len > 0 && len <= ONCE_KEY_MAX;
    for (size_t i = 0; i < len; i++) good = good && key[i] > ' ' && key[i] < '\x7f';
    if (good) {
        /* Two accounts that choose the same key mean two things. */
        snprintf(d->ref, sizeof d->ref, "%s %s", d->turn->who.name, key);
        return true;
    }
    http_problem(d->answer, 400, "invalid", "Idempotency-Key", "is 1 to 64 printable characters without blanks");
    return false;
}

static void content_digest(const struct doing *d, uint8_t out[ONCE_DIGEST]) {
    crypto_generichash_state state;
    const struct http_target *target = &d->request->target;
    const char *method = http_method_name(d->request->method);
    crypto_generichash_init(&state, NULL, 0, ONCE_DIGEST);
    crypto_generichash_update(&state, (const uint8_t *)method, strlen(method) + 1);
    crypto_generichash_update(&state, (const uint8_t *)target->path, strlen(target->path) + 1);
    for (size_t i = 0; i < target->pair_count; i++) {
        crypto_generichash_update(&state, (const uint8_t *)target->pairs[i].name, strlen(target->pairs[i].name) + 1);
        crypto_generichash_update(&state, (const uint8_t *)target->pairs[i].value, strlen(target->pairs[i].value) + 1);
    }
    crypto_generichash_update(&state, d->request->body.data, d->request->body.len);
    crypto_generichash_final(&state, out, ONCE_DIGEST);
}

static void do_once(struct doing *d) {
    uint8_t content[ONCE_DIGEST];
    crypto_generichash(d->digest, ONCE_DIGEST, (const uint8_t *)d->ref, strlen(d->ref), NULL, 0);
    content_digest(d, content);
    switch (once_begin(d->api->once, d->digest, content, d->answer)) {
    case ONCE_NEW:
        do_command(d);
        once_end(d->api->once, d->digest, d->answer);
        return;
    case ONCE_AGAIN:
        if (note(d, buf_view(&d->answer->body), LOOK_ALLOWED))
            http_answer_header(d->answer, "Idempotent-Replay", "true");
        return;
    case ONCE_OTHER:
        http_problem(d->answer, 409, "conflict", "Idempotency-Key", "was used for something else before");
        return;
    case ONCE_BUSY:
        http_problem(d->answer, 503, "busy", "Idempotency-Key", "is still being done; ask again in a moment");
        http_answer_header(d->answer, "Retry-After", "2");
        return;
    }
}

/* ---- Asked again ---- */

/* As it was answered before, to somebody who may see it: a look all the same. */
static void do_again(struct doing *d, struct kept_answer *kept) {
    bool same = unchanged(d, kept->tag);
    if (recorded(d) && !api_note(d->api, d->request, kept->ids, kept->count, LOOK_ALLOWED, d->answer)) return;
    if (same) return;
    d->answer->status = 200;
    d->answer->type = "application/json";
    if (kept->link.len > 0) http_answer_put(d->answer, "Link", buf_text(&kept->link));
    d->answer->body = kept->body;
    kept->body = (struct buf){NULL, 0, 0};
}

static void do_fresh(struct doing *d) {
    entity_tag(d);
    if (!unchanged(d, d->fresh.tag)) do_command(d);
}

/* What is slow is worked out by one for all who wait for the same. */
static void do_kept(struct doing *d) {
    bool together = (d->turn->route->flags & ROUTE_QUICK) == 0;
    struct kept_answer kept;
    d->grounds.until = INT64_MAX;
    if (kept_find(d->api->kept, d->asked, together, &d->then, &kept)) {
        do_again(d, &kept);
        kept_answer_release(&kept);
        return;
    }
    do_fresh(d);
    if (d->answer->status == 200) {
        d->fresh.body = d->answer->body;
        kept_put(d->api->kept, d->asked, &d->fresh, &d->grounds, d->then);
        d->fresh.body = (struct buf){NULL, 0, 0};
    }
    if (together) kept_end(d->api->kept, d->asked);
}

static void do_asked(struct doing *d) {
    if (!route_tagged(d->turn->route)) {
        do_command(d);
        return;
    }
    digest_asked(d);
    if ((d->turn->route->flags & ROUTE_KEPT) != 0 && !d->csv)
        do_kept(d);
    else
        do_fresh(d);
}

/* Of what is asked for by a body, the page may stand in it, too. */
static int read_page(struct doing *d, struct err *err) {
    struct fields fields = {.list = NULL};
    const struct http_target *target = &d->request->target;
    const char *limit = http_query(target, "limit"), *cursor = http_query(target, "cursor");
    int code = 0;
    if (d->request->method != HTTP_GET) {
        code = fields_json(&fields, buf_view(&d->request->body), err);
        const struct field *in_body = fields_find(&fields, view_of("limit"));
        if (limit == NULL && in_body != NULL) limit = in_body->value;
    }
    if (code == 0) code = page_read(limit, cursor, &d->page, err);
    fields_release(&fields);
    return code;
}

void api_command(struct api *api, struct http_request *request, struct http_answer *answer) {
    struct doing d = {.api = api, .request = request, .answer = answer, .turn = request->data};
    const char *key = request->headers[HTTP_HEADER_IDEMPOTENCY_KEY];
    struct err err = {.code = 0};
    answer->private = true;
    if (!choose_form(&d)) return;
    if (d.paged && read_page(&d, &err) != 0) {
        api_refuse(answer, &err);
        return;
    }
    if (request->method == HTTP_GET)
        do_asked(&d);
    else if (key == NULL)
        do_command(&d);
    else if (read_key(&d, key))
        do_once(&d);
    kept_answer_release(&d.fresh);
}
