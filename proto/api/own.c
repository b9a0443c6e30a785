/* The routes that are no command: what is served, who is signed in. */
#include <sodium.h>
#include <stdlib.h>

#include "proto/api/api_parts.h"
#include "proto/api/openapi.h"

static json_t *text(const char *value) { return value == NULL || *value == '\0' ? json_null() : json_string(value); }

void own_site(struct api *api, struct http_request *request, struct http_answer *answer) {
    (void)request;
    const struct site *site = api->inside.site;
    const struct config *config = &site->config;
    bool hub = config->role == ROLE_HUB;
    api_json(answer, 200,
             json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:i, s:s, s:s}", "program", hub ? "hub" : "node", "version",
                       DANGOL_VERSION, "region", config->region, "store", text(hub ? NULL : config->store), "name",
                       text(hub ? NULL : config->name), "currency", config->currency, "exponent",
                       site->currency.decimals, "timezone", config->timezone, "country", config->country));
}

void own_health(struct api *api, struct http_request *request, struct http_answer *answer) {
    (void)api;
    (void)request;
    api_json(answer, 200, json_pack("{s:b}", "ok", 1));
}

void own_openapi(struct api *api, struct http_request *request, struct http_answer *answer) {
    (void)request;
    api_json(answer, 200, openapi_document(api->inside.program));
}

static json_t *session_json(const struct api *api, const struct identity *who) {
    char when[40];
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:s}", "name", who->name, "display", who->display, "role",
                     account_role_word(who->role), "store", text(who->store), "staff", text(who->staff), "token",
                     who->token, "expires", time_format(who->expires, &api->inside.site->zone, when));
}

void own_session(struct api *api, struct http_request *request, struct http_answer *answer) {
    const struct turn *turn = request->data;
    api_json(answer, 200, session_json(api, &turn->who));
}

/* A cookie for this host only, that no script and no other site's page gets at. */
static void set_cookie(const struct api *api, const struct http_request *request, const char *value, const char *more,
                       struct http_answer *answer) {
    char name[API_COOKIE_SIZE];
    api_cookie_name(api, request, name);
    http_answer_header(answer, "Set-Cookie", "%s=%s; HttpOnly; SameSite=Strict; Path=/%s%s", name, value,
                       request->tls ? "; Secure" : "", more);
}

static void refuse_sign_in(const struct err *err, int64_t retry_after, struct http_answer *answer) {
    if (err->code == ERR_AUTH) {
        http_problem(answer, 401, "auth", "secret", err->text);
        return;
    }
    http_problem(answer,
                 err->code == ERR_BUSY    ? 503
                 : err->code == ERR_LIMIT ? 429
                                          : api_status(err->code),
                 err_word(err->code), err->field, err->text);
    if (retry_after > 0) http_answer_header(answer, "Retry-After", "%lld", (long long)retry_after);
}

static void sign_in(struct api *api, struct http_request *request, struct fields *fields, struct http_answer *answer) {
    const struct field *name = fields_find(fields, view_of("name")), *secret = fields_find(fields, view_of("secret"));
    struct err err = {.code = 0};
    if (name == NULL || secret == NULL) {
        http_problem(answer, 422, "invalid", name == NULL ? "name" : "secret", "is missing");
        return;
    }
    struct sign_in ask = {view_of(name->value), view_of(secret->value), request->address};
    struct signed_in in = {.retry_after = 0};
    if (guard_sign_in(api->guard, &ask, &in, &err) == 0) {
        set_cookie(api, request, in.cookie, "", answer);
        api_json(answer, 200, session_json(api, &in.who));
    } else {
        refuse_sign_in(&err, in.retry_after, answer);
    }
    sodium_memzero(&in, sizeof in);
}

void own_sign_in(struct api *api, struct http_request *request, struct http_answer *answer) {
    struct fields fields = {.list = NULL};
    struct err err = {.code = 0};
    if (fields_json(&fields, buf_view(&request->body), &err) == 0)
        sign_in(api, request, &fields, answer);
    else
        api_refuse(answer, &err);
    fields_release(&fields);
}

void own_sign_out(struct api *api, struct http_request *request, struct http_answer *answer) {
    struct view cookie = api_cookie(api, request);
    if (cookie.data != NULL) guard_sign_out(api->guard, cookie, request->address);
    http_review(api->server); /* what the session listened to ends with it */
    set_cookie(api, request, "", "; Max-Age=0", answer);
    answer->private = true;
    answer->status = 204;
}

#define LISTENING_OF_ONE 64 /* of an account: counters may share one, and who has just left is noticed by the beat */

static bool is_of(const void *context, const struct http_request *request) {
    const struct identity *who = context;
    const struct turn *turn = request->data;
    return turn->who.token == who->token && strcmp(turn->who.name, who->name) == 0;
}

/* One token in the wrong hands does not keep everybody else from hearing what is new. */
void own_changes(struct api *api, struct http_request *request, struct http_answer *answer) {
    const struct turn *turn = request->data;
    if (http_streams_of(api->server, is_of, &turn->who) >= LISTENING_OF_ONE) {
        http_problem(answer, 429, "limit", NULL, "too many listen for changes in this name already");
        http_answer_header(answer, "Retry-After", "30");
        return;
    }
    answer->status = 200;
    answer->type = "text/event-stream";
    answer->private = true;
    answer->events = true;
}
