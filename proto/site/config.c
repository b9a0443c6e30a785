#include "proto/site/config.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/file_os.h"

#define WORKING_DIRECTORY (-100) /* AT_FDCWD */

static const char *role_name(enum role role) { return role == ROLE_HUB ? "hub" : "node"; }

static void put_text(json_t *object, const char *key, const char *text) {
    if (text != NULL) json_object_set_new(object, key, json_string(text));
}

static void put_hex(json_t *object, const char *key, const uint8_t *bytes, size_t len) {
    char text[2 * SIGNATURE_SIZE + 1];
    hex_encode(view_make(bytes, len), text);
    json_object_set_new(object, key, json_string(text));
    sodium_memzero(text, sizeof text);
}

static char *take_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? NULL : mem_text(text);
}

static bool take_hex(const json_t *object, const char *key, uint8_t *out, size_t len) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && hex_decode(text, out, len);
}

static bool take_number(const json_t *object, const char *key, uint32_t largest, uint32_t *out) {
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > (json_int_t)largest) return false;
    *out = (uint32_t)number;
    return true;
}

static int load_json(const char *directory, const char *name, json_t **out, struct err *err) {
    char *path = path_join(directory, name);
    struct buf text = BUF_INIT;
    json_error_t reason;
    int code = file_read(WORKING_DIRECTORY, path, &text, err);
    if (code == 0) {
        *out = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, &reason);
        if (!json_is_object(*out)) {
            code = err_set(err, ERR_CORRUPT, NULL, "%s is not a JSON object (line %d: %s)", path, reason.line,
                           reason.text);
            json_decref(*out);
        }
    }
    buf_wipe(&text);
    free(path);
    return code;
}

static int store_json(const char *directory, const char *name, json_t *object, unsigned mode, struct err *err) {
    char *path = path_join(directory, name);
    char *text = json_dumps(object, JSON_INDENT(2));
    int code = file_write(WORKING_DIRECTORY, path, view_of(text), mode, err);
    sodium_memzero(text, strlen(text));
    free(text);
    free(path);
    return code;
}

static int config_parse(const json_t *object, struct config *out) {
    out->region = take_text(object, "region");
    out->currency = take_text(object, "currency");
    out->timezone = take_text(object, "timezone");
    out->country = take_text(object, "country");
    out->listen = take_text(object, "listen");
    out->http = take_text(object, "http");
    out->ca_certificate = take_text(object, "ca");
    out->store = take_text(object, "store");
    out->name = take_text(object, "name");
    out->chain = take_text(object, "chain");
    const json_t *addresses = json_object_get(object, "addresses");
    for (size_t i = 0; i < json_array_size(addresses) && out->address_count < HUB_ADDRESSES_MAX; i++) {
        const char *address = json_string_value(json_array_get(addresses, i));
        if (address != NULL) out->addresses[out->address_count++] = mem_text(address);
    }
    bool whole = take_number(object, "stream", ID_STREAM_MAX, &out->stream) &&
                 take_number(object, "incarnation", 255, &out->incarnation) &&
                 take_hex(object, "root", out->root, sizeof out->root) && out->region != NULL &&
                 out->currency != NULL && out->timezone != NULL && out->country != NULL &&
                 out->ca_certificate != NULL && out->address_count > 0 &&
                 (out->role == ROLE_HUB ? out->listen != NULL : out->store != NULL);
    return whole ? 0 : ERR_CORRUPT;
}

int config_load(const char *directory, enum role role, struct config *out, struct err *err) {
    *out = (struct config){.role = role};
    json_t *object = NULL;
    int code = load_json(directory, "site.json", &object, err);
    if (code == ERR_NOT_FOUND)
        return err_set(err, code, NULL, "%s is not a Dangol directory; make one with `init`", directory);
    if (code != 0) return code;
    const json_t *format = json_object_get(object, "format");
    const char *kind = json_string_value(json_object_get(object, "role"));
    if (!json_is_integer(format) || json_integer_value(format) != SITE_FORMAT)
        code =
            err_set(err, ERR_VERSION, NULL,
                    "%s was made by another version of Dangol (format %lld, this program reads %d); use that version",
                    directory, (long long)json_integer_value(format), SITE_FORMAT);
    else if (kind == NULL || strcmp(kind, role_name(role)) != 0)
        code = err_set(err, ERR_REFUSED, NULL, "%s belongs to a %s; use dangol-%s", directory,
                       kind == NULL ? "nobody" : kind, kind == NULL ? "hub" : kind);
    else if (config_parse(object, out) != 0)
        code = err_set(err, ERR_CORRUPT, NULL, "%s/site.json lacks a field or holds an impossible one", directory);
    json_decref(object);
    if (code != 0) config_release(out);
    return code;
}

int secrets_load(const char *directory, enum role role, struct secrets *out, struct err *err) {
    *out = (struct secrets){.tls_key = NULL};
    json_t *object = NULL;
    int code = load_json(directory, "secrets.json", &object, err);
    if (code != 0) return code;
    out->tls_key = take_text(object, "tls_key");
    out->tls_certificate = take_text(object, "tls_certificate");
    bool whole = take_hex(object, "master", out->master, sizeof out->master) &&
                 take_hex(object, "ref_key", out->ref_key, sizeof out->ref_key) &&
                 take_hex(object, "seed", out->seed, sizeof out->seed);
    if (role == ROLE_STORE && json_object_get(object, "join_secret") != NULL)
        whole = whole && take_hex(object, "join_secret", out->join_secret, sizeof out->join_secret);
    if (role == ROLE_HUB)
        whole = whole && take_hex(object, "certificate", out->certificate, sizeof out->certificate) &&
                out->tls_key != NULL && out->tls_certificate != NULL;
    json_decref(object);
    if (whole) return 0;
    secrets_release(out);
    return err_set(err, ERR_CORRUPT, NULL, "%s/secrets.json lacks a field or holds an impossible one", directory);
}

int secrets_store(const char *directory, enum role role, const struct secrets *s, struct err *err) {
    json_t *object = json_object();
    put_hex(object, "master", s->master, sizeof s->master);
    put_hex(object, "ref_key", s->ref_key, sizeof s->ref_key);
    put_hex(object, "seed", s->seed, sizeof s->seed);
    if (role == ROLE_STORE && !sodium_is_zero(s->join_secret, sizeof s->join_secret))
        put_hex(object, "join_secret", s->join_secret, sizeof s->join_secret);
    if (role == ROLE_HUB) {
        put_hex(object, "certificate", s->certificate, sizeof s->certificate);
        put_text(object, "tls_key", s->tls_key);
        put_text(object, "tls_certificate", s->tls_certificate);
    }
    int code = store_json(directory, "secrets.json", object, 0600, err);
    json_decref(object);
    return code;
}

int config_store(const char *directory, const struct config *c, struct err *err) {
    json_t *object = json_object(), *addresses = json_array();
    json_object_set_new(object, "format", json_integer(SITE_FORMAT));
    put_text(object, "role", role_name(c->role));
    put_text(object, "region", c->region);
    put_text(object, "currency", c->currency);
    put_text(object, "timezone", c->timezone);
    put_text(object, "country", c->country);
    for (size_t i = 0; i < c->address_count; i++) json_array_append_new(addresses, json_string(c->addresses[i]));
    json_object_set_new(object, "addresses", addresses);
    json_object_set_new(object, "stream", json_integer(c->stream));
    json_object_set_new(object, "incarnation", json_integer(c->incarnation));
    put_text(object, "store", c->store);
    put_text(object, "name", c->name);
    put_text(object, "chain", c->chain);
    put_text(object, "listen", c->listen);
    put_text(object, "http", c->http);
    put_hex(object, "root", c->root, sizeof c->root);
    put_text(object, "ca", c->ca_certificate);
    int code = store_json(directory, "site.json", object, 0644, err);
    json_decref(object);
    return code;
}

static const char *const recovery_steps[] = {
    [RECOVERY_NONE] = "none", [RECOVERY_ASKED] = "asked", [RECOVERY_MOVED] = "moved", [RECOVERY_REHOMES] = "rehomes"};

/* Not there in a file of an older program: then nothing was receipted. */
static void take_receipted(const json_t *object, struct recovery *out) {
    struct head *head = &out->receipted;
    json_int_t seq = json_integer_value(json_object_get(object, "receipted"));
    bool whole = seq > 0 && seq <= (json_int_t)ID_SEQ_MAX && take_hex(object, "chain", head->chain, CHAIN_SIZE) &&
                 take_hex(object, "signature", head->signature, SIGNATURE_SIZE);
    head->stream = out->old_stream;
    head->seq = whole ? (uint64_t)seq : 0;
}

int recovery_load(const char *directory, struct recovery *out, struct err *err) {
    json_t *object = NULL;
    *out = (struct recovery){.step = RECOVERY_NONE};
    int code = load_json(directory, "recover.json", &object, err);
    if (code == ERR_NOT_FOUND) return 0;
    if (code != 0) return code;
    const char *step = json_string_value(json_object_get(object, "step"));
    const char *aside = json_string_value(json_object_get(object, "aside"));
    for (int i = RECOVERY_ASKED; i <= RECOVERY_REHOMES; i++)
        if (step != NULL && strcmp(step, recovery_steps[i]) == 0) out->step = (enum recovery_step)i;
    bool whole = out->step != RECOVERY_NONE && aside != NULL && strlen(aside) < sizeof out->aside &&
                 take_number(object, "old_stream", ID_STREAM_MAX, &out->old_stream) &&
                 take_number(object, "new_stream", ID_STREAM_MAX, &out->new_stream) &&
                 take_number(object, "incarnation", 255, &out->incarnation) &&
                 take_hex(object, "seed", out->seed, sizeof out->seed) &&
                 take_hex(object, "old_key", out->old_key, sizeof out->old_key);
    if (whole) memcpy(out->aside, aside, strlen(aside) + 1);
    take_receipted(object, out);
    json_decref(object);
    if (whole) return 0;
    return err_set(err, ERR_CORRUPT, NULL, "%s/recover.json lacks a field or holds an impossible one", directory);
}

int recovery_store(const char *directory, const struct recovery *r, struct err *err) {
    json_t *object = json_object();
    put_text(object, "step", recovery_steps[r->step]);
    put_text(object, "aside", r->aside);
    json_object_set_new(object, "old_stream", json_integer(r->old_stream));
    json_object_set_new(object, "new_stream", json_integer(r->new_stream));
    json_object_set_new(object, "incarnation", json_integer(r->incarnation));
    put_hex(object, "seed", r->seed, sizeof r->seed);
    put_hex(object, "old_key", r->old_key, sizeof r->old_key);
    if (r->receipted.seq > 0) {
        json_object_set_new(object, "receipted", json_integer((json_int_t)r->receipted.seq));
        put_hex(object, "chain", r->receipted.chain, CHAIN_SIZE);
        put_hex(object, "signature", r->receipted.signature, SIGNATURE_SIZE);
    }
    int code = store_json(directory, "recover.json", object, 0600, err);
    json_decref(object);
    return code;
}

static bool holds(const char *directory, const char *name) {
    char *path = path_join(directory, name);
    bool there = file_exists(path);
    free(path);
    return there;
}

/* Did an `init` begin here and not come to its end? */
static bool begun(const char *directory) {
    return holds(directory, "secrets.json") || holds(directory, "secrets.json.new") || holds(directory, "root.json") ||
           holds(directory, "root.json.new");
}

int config_may_create(const char *directory, struct err *err) {
    if (holds(directory, "site.json"))
        return err_set(err, ERR_EXISTS, NULL, "%s is a Dangol directory already; nothing was changed", directory);
    if (file_exists(directory) && !directory_exists(directory))
        return err_set(err, ERR_REFUSED, NULL, "%s is not a directory", directory);
    if (!directory_empty(directory) && !begun(directory))
        return err_set(err, ERR_REFUSED, NULL, "%s is not empty; choose another directory", directory);
    return 0;
}

int config_create(const char *directory, const struct config *config, const struct secrets *secrets, struct err *err) {
    int code = config_may_create(directory, err);
    if (code == 0) code = directory_make(directory, err);
    if (code == 0) code = secrets_store(directory, config->role, secrets, err);
    if (code == 0) code = config_store(directory, config, err);
    if (code == 0) code = directory_sync(directory, err); /* another `init` may have made it, and come to no end */
    return code;
}

void config_release(struct config *c) {
    for (size_t i = 0; i < c->address_count; i++) free(c->addresses[i]);
    char *texts[] = {c->region, c->currency,       c->timezone, c->country, c->listen,
                     c->http,   c->ca_certificate, c->store,    c->name,    c->chain};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    *c = (struct config){.role = c->role};
}

void secrets_release(struct secrets *s) {
    if (s->tls_key != NULL) sodium_memzero(s->tls_key, strlen(s->tls_key));
    free(s->tls_key);
    free(s->tls_certificate);
    sodium_memzero(s, sizeof *s);
}
