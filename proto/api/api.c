#include "proto/api/api_parts.h"
#include "proto/api/bounds.h"
#include "proto/api/certificate.h"

#include <stdlib.h>
#include <strings.h>
#include <sys/types.h>

#include "proto/base/file_os.h"
#include "proto/command/stream_os.h"
#include "proto/wire/transport.h"

#define BODY_MAX (1u << 20)
#define FILE_BODY_MAX (64u << 20)
#define WORKING_DIRECTORY (-100) /* AT_FDCWD */

/* ---- Errors ---- */

int api_status(int code) {
    switch (code) {
    case ERR_USAGE:
    case ERR_FORMAT: return 400;
    case ERR_INVALID:
    case ERR_LIMIT: return 422;
    case ERR_AUTH: return 403;
    case ERR_NOT_FOUND: return 404;
    case ERR_EXISTS:
    case ERR_CONFLICT:
    case ERR_REVOKED:
    case ERR_REFUSED:
    case ERR_VERSION: return 409;
    case ERR_BUSY:
    case ERR_NO_SPACE:
    case ERR_TIMEOUT:
    case ERR_CLOSED:
    case ERR_INTERRUPTED:
    case ERR_FORKED: return 503;
    default: return 500;
    }
}

void api_refuse(struct http_answer *answer, const struct err *err) {
    int status = api_status(err->code);
    http_problem(answer, status, err_word(err->code), err->field, err->text);
    if (status == 503) http_answer_header(answer, "Retry-After", err->code == ERR_FORKED ? "600" : "2");
}

void api_json(struct http_answer *answer, int status, json_t *document) {
    char *text = document == NULL ? NULL : json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (text == NULL) mem_exhausted();
    answer->status = status;
    answer->type = "application/json";
    answer->private = true;
    buf_append(&answer->body, text, strlen(text));
    free(text);
}

/* ---- Who asks ---- */

void api_cookie_name(const struct api *api, const struct http_request *request, char out[API_COOKIE_SIZE]) {
    const char *colon = api->server == NULL ? NULL : strrchr(http_url(api->server), ':');
    snprintf(out, API_COOKIE_SIZE, "%sdangol-%s", request->tls ? "__Host-" : "", colon == NULL ? "" : colon + 1);
}

struct view api_cookie(const struct api *api, const struct http_request *request) {
    const char *rest = request->headers[HTTP_HEADER_COOKIE];
    char name[API_COOKIE_SIZE];
    api_cookie_name(api, request, name);
    size_t name_len = strlen(name);
    while (rest != NULL && *rest != '\0') {
        rest += strspn(rest, "; ");
        size_t len = strcspn(rest, ";");
        if (len > name_len && strncmp(rest, name, name_len) == 0 && rest[name_len] == '=')
            return view_make(rest + name_len + 1, len - name_len - 1);
        rest += len;
    }
    return VIEW_NONE;
}

static void identify(struct api *api, const struct http_request *request, struct turn *turn) {
    static const char scheme[] = "Bearer ";
    const char *bearer = request->headers[HTTP_HEADER_AUTHORIZATION];
    /* Looking on is not using it: an app that is left open, and asks for what is new, signs out in the end. */
    bool listens = turn->route != NULL && turn->route->own == own_changes;
    bool used = request->headers[HTTP_HEADER_UNATTENDED] == NULL && !listens;
    if (bearer != NULL && strncmp(bearer, scheme, sizeof scheme - 1) == 0) {
        turn->signed_in = guard_identify_token(api->guard, view_of(bearer + sizeof scheme - 1), &turn->who);
        return;
    }
    struct view cookie = api_cookie(api, request);
    if (cookie.data != NULL) turn->by_cookie = turn->signed_in = guard_identify(api->guard, cookie, used, &turn->who);
}

bool api_note(struct api *api, const struct http_request *request, const uint64_t *ids, size_t count,
              enum look_outcome outcome, struct http_answer *answer) {
    const struct turn *turn = request->data;
    struct err err = {.code = 0};
    struct look look = {.who = turn->signed_in ? &turn->who : NULL,
                        .address = request->address,
                        .method = http_method_name(request->method),
                        .route = turn->route->path,
                        .ids = ids,
                        .count = count,
                        .outcome = outcome};
    if (guard_note(api->guard, &look, &err) == 0) return true;
    api_refuse(answer, &err);
    return false;
}

static void refuse_nobody(struct api *api, const struct http_request *request, const struct turn *turn,
                          struct http_answer *answer) {
    http_problem(answer, 401, "auth", NULL, "sign in first");
    if ((turn->route->flags & ROUTE_PERSONAL) != 0) api_note(api, request, NULL, 0, LOOK_NOT_SIGNED_IN, answer);
    http_answer_header(answer, "WWW-Authenticate", "Bearer");
}

static void refuse_role(struct api *api, const struct http_request *request, const struct turn *turn, const char *why,
                        struct http_answer *answer) {
    uint64_t id;
    const char *named = route_piece(turn->route, &request->target, view_of("id"));
    size_t count = named != NULL && id_parse(view_of(named), &id);
    char detail[128];
    snprintf(detail, sizeof detail, "this is not for the role %s", account_role_word(turn->who.role));
    http_problem(answer, 403, "auth", NULL, why == NULL ? detail : why);
    api_note(api, request, &id, count, LOOK_NOT_YOUR_ROLE, answer);
}

/* ---- Whether a browser was tricked into it ---- */

/* Of "https://host:port": does the origin name the host that was asked? */
static bool same_host(const char *origin, const char *host) {
    const char *start = strstr(origin, "://");
    return start != NULL && host != NULL && strcmp(start + 3, host) == 0;
}

/* A page of somebody else can make a browser send a request with our cookie only as a form would, and the browser says
 * so. Programs that show a token send none of this. */
static const char *forged(const struct http_request *request) {
    const char *site = request->headers[HTTP_HEADER_FETCH_SITE], *origin = request->headers[HTTP_HEADER_ORIGIN];
    if (site != NULL && strcmp(site, "same-origin") != 0) return "this was asked for by a page of another site";
    if (origin != NULL && !same_host(origin, request->headers[HTTP_HEADER_HOST]))
        return "this was asked for by a page of another origin";
    return NULL;
}

static const char *content_type(const struct route *route) {
    return (route->flags & ROUTE_FILE) != 0 ? "text/csv" : "application/json";
}

static bool may_write(const struct http_request *request, const struct turn *turn, struct http_answer *answer) {
    if (request->method == HTTP_GET) return true;
    const char *why = turn->signed_in && !turn->by_cookie ? NULL : forged(request);
    if (why != NULL) {
        http_problem(answer, 403, "auth", NULL, why);
        return false;
    }
    if (request->method == HTTP_DELETE && request->headers[HTTP_HEADER_CONTENT_TYPE] == NULL) return true;
    const char *wanted = content_type(turn->route), *packed = request->headers[HTTP_HEADER_CONTENT_ENCODING];
    char detail[64];
    if (packed != NULL && strcasecmp(packed, "identity") != 0) {
        http_problem(answer, 415, "format", "Content-Encoding", "the body is to be sent as it is, not packed");
        return false;
    }
    if (http_is_type(request->headers[HTTP_HEADER_CONTENT_TYPE], wanted)) return true;
    snprintf(detail, sizeof detail, "the body is to be %s", wanted);
    http_problem(answer, 415, "format", "Content-Type", detail);
    return false;
}

/* ---- From head to answer ---- */

static bool in_api(const struct http_target *target) {
    return target->piece_count > 2 && strcmp(target->pieces[0], "api") == 0 && strcmp(target->pieces[1], "v1") == 0;
}

static int64_t now(const struct api *api) { return env_monotonic(api->inside.env); }

/* Strangers who have failed too often wait; who is signed in does not. */
static bool too_many(struct api *api, const struct http_request *request, const struct turn *turn,
                     struct http_answer *answer) {
    if (turn->signed_in || !misses_full(api->misses, request->address, now(api))) return false;
    http_problem(answer, 429, "limit", NULL, "too many requests failed from this address; wait a little");
    http_answer_header(answer, "Retry-After", "10");
    return true;
}

static bool admit(struct api *api, struct http_request *request, struct turn *turn, struct http_answer *answer) {
    struct match match = route_find(api->inside.program, request->method, &request->target);
    turn->route = match.route;
    identify(api, request, turn);
    if (too_many(api, request, turn, answer)) return false;
    if (match.route == NULL) {
        http_problem(answer, match.other_method ? 405 : 404, match.other_method ? "usage" : "not_found", NULL,
                     match.other_method ? "this is asked for with another method" : "there is nothing here");
        return false;
    }
    bool open = (match.route->flags & ROUTE_OPEN) != 0;
    if (!open && !turn->signed_in) {
        refuse_nobody(api, request, turn, answer);
        return false;
    }
    bool role = open || guard_may(&turn->who, route_roles(match.route, &request->target));
    const char *bound = role && !open ? bounds_refuse(&api->inside, match.route, request, &turn->who) : NULL;
    if (!role || bound != NULL) {
        refuse_role(api, request, turn, bound, answer);
        return false;
    }
    if (!may_write(request, turn, answer)) return false;
    request->body_limit = request->method == HTTP_GET              ? 0
                          : (match.route->flags & ROUTE_FILE) != 0 ? FILE_BODY_MAX
                                                                   : BODY_MAX;
    request->lane = route_lane(match.route);
    return true;
}

static void count_failure(struct api *api, const struct http_request *request, const struct turn *turn,
                          const struct http_answer *answer) {
    if (answer->status >= 400 && answer->status < 500 && answer->status != 429 && !turn->signed_in)
        misses_count(api->misses, request->address, now(api));
}

static bool begin(void *context, struct http_request *request, struct http_answer *answer) {
    struct api *api = context;
    struct turn *turn = mem_alloc(sizeof *turn);
    request->data = turn;
    if (!in_api(&request->target)) {
        if (request->method == HTTP_GET) return true;
        http_problem(answer, 405, "usage", NULL, "pages are only read");
        return false;
    }
    bool admitted = admit(api, request, turn, answer);
    if (!admitted) count_failure(api, request, turn, answer);
    return admitted;
}

static void answer_page(struct api *api, struct http_request *request, struct http_answer *answer) {
    const struct http_asset *asset = http_asset_find(&api->assets, request->target.path);
    if (asset != NULL)
        http_asset_answer(asset, request, answer);
    else
        http_problem(answer, 404, "not_found", NULL, "there is no such page");
}

static void answer_request(void *context, struct http_request *request, struct http_answer *answer) {
    struct api *api = context;
    const struct turn *turn = request->data;
    if (turn->route == NULL)
        answer_page(api, request, answer);
    else if (turn->route->own != NULL)
        turn->route->own(api, request, answer);
    else
        api_command(api, request, answer);
    count_failure(api, request, turn, answer);
}

static void end(void *context, struct http_request *request) {
    (void)context;
    free(request->data);
    request->data = NULL;
}

/* As long as the session or token holds. */
static bool stays(void *context, const struct http_request *request) {
    struct api *api = context;
    const struct turn *turn = request->data;
    if (atomic_load(&api->cancelled)) return false;
    if (turn->by_cookie) return guard_knows(api->guard, api_cookie(api, request));
    return env_now(api->inside.env) < turn->who.expires;
}

/* The server has refused it. Of somebody who is signed in, and wanted something of people, it is recorded as a look. */
static void refused(void *context, const struct http_request *request, int status) {
    struct api *api = context;
    const struct turn *turn = request->data;
    bool known = turn != NULL && turn->signed_in && turn->route != NULL;
    turned_away(api->turned, request->address, status);
    if (!known) misses_count(api->misses, request->address, now(api));
    if (!known || (turn->route->flags & (ROUTE_PERSONAL | ROUTE_RECORDED)) == 0) return;
    struct look look = {.who = &turn->who,
                        .address = request->address,
                        .method = http_method_name(request->method),
                        .route = turn->route->path,
                        .outcome = LOOK_REFUSED};
    guard_note(api->guard, &look, NULL);
}

/* The status counts all of the region. */
static bool told(void *context, const struct http_request *request, const char *event) {
    const struct api *api = context;
    const struct turn *turn = request->data;
    return strcmp(event, "status") != 0 || !bounds_bound(api->inside.program, &turn->who);
}

/* ---- Opening and closing ---- */

static char *url_file(const struct api *api) { return path_join(api->inside.site->directory, API_URL_FILE); }

/* A convenience: a full disk is no reason not to serve. */
static void write_url(struct api *api) {
    char *path = url_file(api);
    struct buf line = BUF_INIT;
    struct err err = {.code = 0};
    buf_printf(&line, "%s\n", http_url(api->server));
    if (file_write(WORKING_DIRECTORY, path, buf_view(&line), 0644, &err) != 0)
        journal_say(api->journal, "http: the address is not kept: %s", err.text);
    buf_release(&line);
    free(path);
}

static void forget_url(struct api *api) {
    char *path = url_file(api);
    file_remove(path, NULL);
    free(path);
}

/* Whoever looks in from outside this PC comes over TLS. */
static int guarded(struct api *api, struct http_options *options, struct buf *pem, struct err *err) {
    if (http_loopback(options->host)) return 0;
    int code = api_certificate(api->inside.site, pem, err);
    options->key = options->certificate = buf_text(pem);
    return code;
}

static void tell_fingerprint(const struct api *api, struct buf *pem) {
    char fingerprint[FINGERPRINT_TEXT];
    if (pem->len > 0 && certificate_fingerprint(buf_text(pem), fingerprint))
        journal_say(api->journal, "http: browsers that do not know the certificate are to show the fingerprint %s",
                    fingerprint);
}

static int listen_at(struct api *api, const char *address, struct err *err) {
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    struct buf pem = BUF_INIT;
    int code = transport_address_split(address, host, &port, NULL);
    if (code != 0) return err_set(err, code, "http", "'%s' is not HOST:PORT", address);
    http_content_policy(http_asset_find(&api->assets, "/"), &api->policy);
    struct http_options options = {
        .host = host, .port = port, .env = api->inside.env, .policy = buf_text(&api->policy)};
    code = guarded(api, &options, &pem, err);
    if (code == 0) code = http_open(&options, &api->service, &api->server, err);
    if (code == 0) write_url(api);
    if (code == 0) tell_fingerprint(api, &pem);
    buf_wipe(&pem);
    return code;
}

static struct api *prepare(const struct api_options *options) {
    struct api *api = mem_alloc(sizeof *api);
    api->inside = options->inside;
    api->journal = options->journal;
    api->assets = options->assets;
    api->service = (struct http_service){api, begin, answer_request, refused, end, stays, told};
    atomic_init(&api->cancelled, false);
    env_random(api->inside.env, &api->run, sizeof api->run);
    api->misses = misses_open(api->run);
    api->turned = turned_open(options->journal, api->inside.env);
    api->once = once_open(api->inside.env);
    api->kept = kept_open(api->inside.site, KEPT_BYTES);
    return api;
}

int api_open(const struct api_options *options, struct api **out, struct err *err) {
    *out = NULL;
    if (options->address == NULL || strcmp(options->address, API_OFF) == 0) return 0;
    struct api *api = prepare(options);
    int code = guard_open(api->inside.site, options->journal, &api->guard, err);
    if (code == 0) code = listen_at(api, options->address, err);
    if (code == 0) {
        api->changes = changes_open(api);
        journal_say(options->journal, "http: listening on %s", http_url(api->server));
        *out = api;
        return 0;
    }
    api_close(api);
    if (options->asked) return code;
    journal_say(options->journal, "http: NOT SERVED: %s", err->text);
    *err = (struct err){.code = 0};
    return 0;
}

const struct option api_serve_options[] = {
    {"http", "HOST:PORT|off", "where the app and the API are served (default: as at init)", false},
    {NULL, NULL, NULL, false},
};

int api_check_address(struct call *call, const char *option, const char *address) {
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    if (strcmp(address, API_OFF) == 0) return 0;
    if (transport_address_split(address, host, &port, NULL) == 0 && host[0] != '\0') return 0;
    return err_set(&call->error, ERR_INVALID, option, "'%s' is neither HOST:PORT nor off", address);
}

int api_serve(struct call *call, void *daemon, const struct journal *journal, struct http_assets assets,
              struct api **out) {
    const char *asked = call_option(call, "http");
    int code = asked == NULL ? 0 : api_check_address(call, "http", asked);
    struct api_options options = {.inside = {call->program, call->site, daemon, call->env},
                                  .journal = journal,
                                  .address = asked != NULL ? asked : call->site->config.http,
                                  .asked = asked != NULL,
                                  .assets = assets};
    return code != 0 ? code : api_open(&options, out, &call->error);
}

static void tell_kept(const struct api *api) {
    struct kept_figures figures;
    kept_figures(api->kept, &figures);
    if (figures.asked == 0) return;
    journal_say(api->journal, "http: %llu of %llu cards and rankings were at hand, %zu are, in %zu KiB",
                (unsigned long long)figures.found, (unsigned long long)figures.asked, figures.answers,
                figures.bytes / 1024);
}

void api_close(struct api *api) {
    if (api == NULL) return;
    atomic_store(&api->cancelled, true);
    changes_close(api->changes);
    if (api->server != NULL) forget_url(api);
    http_close(api->server);
    guard_close(api->guard);
    tell_kept(api);
    once_close(api->once);
    kept_close(api->kept);
    misses_close(api->misses);
    turned_close(api->turned);
    buf_release(&api->policy);
    free(api);
}
