/* init, serve, sync, status: the store's directory and its line to the hub. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"
#include "node/daemon.h"
#include "node/recover.h"
#include "proto/api/api.h"

static char *copy(const char *text) { return text == NULL ? NULL : mem_text(text); }

static void fill_config(struct config *config, const struct join_file *join, const char *http) {
    config->role = ROLE_STORE;
    config->stream = join->stream;
    config->incarnation = join->incarnation;
    memcpy(config->root, join->root, PUBLIC_KEY_SIZE);
    config->region = copy(join->region);
    config->currency = copy(join->currency);
    config->timezone = copy(join->timezone);
    config->country = copy(join->country);
    config->store = copy(join->store);
    config->name = copy(join->name);
    config->chain = copy(join->chain);
    config->ca_certificate = copy(join->ca_certificate);
    config->http = copy(http);
    for (size_t i = 0; i < join->address_count; i++)
        config->addresses[config->address_count++] = copy(join->addresses[i]);
}

static void fill_secrets(struct secrets *secrets, const struct join_file *join, const struct env *env) {
    env_random(env, secrets->master, KEY_BYTES);
    env_random(env, secrets->seed, sizeof secrets->seed);
    memcpy(secrets->ref_key, join->ref_key, KEY_BYTES);
    memcpy(secrets->join_secret, join->secret, SECRET_SIZE);
}

static int create(struct call *call, const struct join_file *join) {
    struct config config = {.role = ROLE_STORE};
    struct secrets secrets = {.tls_key = NULL};
    const char *http = call_option(call, "http");
    fill_config(&config, join, http == NULL ? "127.0.0.1:7790" : http);
    fill_secrets(&secrets, join, call->env);
    int code = config_create(call->directory, &config, &secrets, &call->error);
    if (code == 0 && call->json)
        call_json(call, json_pack("{s:s, s:I, s:s}", "store", config.store, "stream", (json_int_t)config.stream,
                                  "region", config.region));
    else if (code == 0)
        fprintf(call->out,
                "%s is the book of store %s, region %s (stream %u); the join file is used up with the first contact\n",
                call->directory, config.store, config.region, config.stream);
    config_release(&config);
    secrets_release(&secrets);
    return code;
}

static int node_init(struct call *call) {
    struct buf text = BUF_INIT;
    struct join_file join;
    const char *path = call_option(call, "join");
    const char *http = call_option(call, "http");
    int code = config_may_create(call->directory, &call->error);
    if (code == 0 && http != NULL) code = api_check_address(call, "http", http);
    if (code == 0 && path == NULL)
        code = err_set(&call->error, ERR_USAGE, "join",
                       "is missing: the file that `dangol-hub enroll` made for this store");
    if (code == 0) code = call_read(call, path, &text);
    if (code == 0) code = join_file_read(buf_view(&text), &join, &call->error);
    buf_wipe(&text);
    if (code != 0) return code;
    code = create(call, &join);
    join_file_release(&join);
    return code;
}

static const struct option init_options[] = {
    {"join", "FILE", "the store's join file", false},
    {"http", "HOST:PORT|off", "where the store app is served (default: 127.0.0.1:7790)", false},
    {NULL, NULL, NULL, false},
};
static const struct option sync_options[] = {
    {"timeout", "SECONDS", "give up after this long (default: 60)", false},
    {NULL, NULL, NULL, false},
};

static const struct option recover_options[] = {
    {"timeout", "SECONDS", "give up after this long, to go on another time (default: 600)", false},
    {NULL, NULL, NULL, false},
};

const struct command node_site_commands[] = {
    {"init", "--join FILE", "make the directory of a store from its join file", NEEDS_NOTHING, 0, 0, init_options, NULL,
     false, node_init, NULL},
    {"serve", "", "keep the line to the hub, until Ctrl-C", NEEDS_OWNERSHIP, 0, 0, api_serve_options, NULL, false,
     node_serve, NULL},
    {"sync", "", "bring the hub everything that waits", NEEDS_SITE, 0, 0, sync_options, NULL, false, node_sync, NULL},
    {"recover", "", "go on after this PC was restored from an older copy, or cloned", NEEDS_NOTHING, 0, 0,
     recover_options, NULL, false, node_recover, NULL},
    {"status", "", "how much waits, and since when", NEEDS_SITE, 0, 0, NULL, NULL, false, node_status, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
