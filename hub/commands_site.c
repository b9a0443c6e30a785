/* init, serve, status, rebuild: the region's directory. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hub/commands.h"
#include "hub/daemon.h"
#include "hub/recovery.h"
#include "proto/api/api.h"
#include "proto/base/file_os.h"
#include "proto/base/text.h"
#include "proto/command/ask.h"

#define TLS_DAYS 3650

/* The region's root: read where it is kept, or made there. */
static int root_of(struct call *call, const char *path, const char *region, struct region_root *root) {
    struct buf text = BUF_INIT;
    int code = file_read(call->working_directory, path, &text, &call->error);
    if (code == ERR_NOT_FOUND && call_has(call, "recover"))
        return err_set(&call->error, code, "root", "the region's root is needed, and %s is not there", path);
    if (code != 0 && code != ERR_NOT_FOUND) return code; /* it is there: never make another in its place */
    if (code == 0) {
        code = region_root_read(buf_view(&text), root, &call->error);
        if (code != 0) err_prefix(&call->error, "%s", path);
    } else {
        code = region_root_make(call->env, region, root, &call->error);
        if (code == 0) region_root_write(root, &text);
        if (code == 0) code = file_write(call->working_directory, path, buf_view(&text), 0600, &call->error);
        if (code != 0) region_root_release(root);
    }
    buf_wipe(&text);
    return code;
}

static const char *or_default(const struct call *call, const char *option, const char *fallback) {
    const char *given = call_option(call, option);
    return given == NULL ? fallback : given;
}

static int check_country(struct call *call, const char *country) {
    bool two = strlen(country) == 2 && country[0] >= 'A' && country[0] <= 'Z' && country[1] >= 'A' && country[1] <= 'Z';
    return two ? 0
               : err_set(&call->error, ERR_INVALID, "country", "'%s' is not a country code of two capital letters",
                         country);
}

static int check_address(struct call *call, const char *option, const char *address) {
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    if (transport_address_split(address, host, &port, NULL) == 0 && host[0] != '\0') return 0;
    return err_set(&call->error, ERR_INVALID, option, "'%s' is not HOST:PORT", address);
}

static int fill_config(struct call *call, struct config *config) {
    struct currency currency;
    struct zone zone;
    const char *listen = or_default(call, "listen", "0.0.0.0:7700");
    const char *advertise = or_default(call, "advertise", listen);
    config->region = mem_text(or_default(call, "region", "region"));
    config->currency = mem_text(or_default(call, "currency", "KRW"));
    config->timezone = mem_text(or_default(call, "timezone", "Asia/Seoul"));
    config->country = mem_text(or_default(call, "country", "KR"));
    config->listen = mem_text(listen);
    config->http = mem_text(or_default(call, "http", "127.0.0.1:7780"));
    config->addresses[config->address_count++] = mem_text(advertise);
    if (!utf8_valid(view_of(config->region)) || *config->region == '\0')
        return err_set(&call->error, ERR_INVALID, "region", "is empty or not valid UTF-8 text");
    int code = currency_find(config->currency, &currency, &call->error);
    if (code != 0) return err_set(&call->error, code, "currency", "'%s' is not an ISO 4217 currency", config->currency);
    code = zone_os(config->timezone, &zone, &call->error);
    if (code != 0) return err_set(&call->error, code, "timezone", "'%s' is not an IANA time zone", config->timezone);
    code = check_country(call, config->country);
    if (code == 0) code = check_address(call, "listen", listen);
    if (code == 0) code = check_address(call, "advertise", advertise);
    if (code == 0) code = api_check_address(call, "http", config->http);
    return code;
}

static int fill_identity(struct call *call, const struct region_root *root, struct config *config,
                         struct secrets *secrets) {
    struct signer hub;
    env_random(call->env, secrets->master, KEY_BYTES);
    env_random(call->env, secrets->ref_key, KEY_BYTES);
    env_random(call->env, secrets->seed, sizeof secrets->seed);
    signer_from_seed(&hub, secrets->seed, ROLE_HUB, config->stream, root->signer.public_key);
    hub_certify(root, hub.public_key, secrets->certificate);
    sodium_memzero(&hub, sizeof hub);
    memcpy(config->root, root->signer.public_key, PUBLIC_KEY_SIZE);
    config->ca_certificate = mem_text(root->ca_certificate);
    return tls_certificate_make(call->env, root, TLS_DAYS, &secrets->tls_key, &secrets->tls_certificate, &call->error);
}

static int create(struct call *call, struct config *config, struct secrets *secrets) {
    struct region_root root = {.ca_key = NULL};
    char *kept = path_join(call->directory, "root.json");
    const char *path = or_default(call, "root", kept);
    int code = fill_config(call, config);
    if (code == 0) code = directory_make(call->directory, &call->error);
    if (code == 0) code = root_of(call, path, config->region, &root);
    if (code == 0) {
        code = fill_identity(call, &root, config, secrets);
        if (code == 0) code = config_create(call->directory, config, secrets, &call->error);
        region_root_release(&root);
    }
    if (code == 0 && !call->json && config->incarnation == INCARNATION_UNKNOWN)
        fprintf(
            call->out,
            "%s waits for the stores of region %s: `serve` it where they look for the hub; the first one hands back "
            "what the hub before wrote, and then all of them what they have; an erasure of which no store had been "
            "told "
            "is gone: ask for it again\n",
            call->directory, config->region);
    else if (code == 0 && !call->json)
        fprintf(call->out, "%s is the hub of region %s; its root is in %s: keep a copy off this machine\n",
                call->directory, config->region, path);
    free(kept);
    return code;
}

static int hub_init(struct call *call) {
    struct config config = {.role = ROLE_HUB};
    if (call_has(call, "recover")) config.incarnation = INCARNATION_UNKNOWN;
    config.stream = stream_make(config.incarnation, 0);
    struct secrets secrets = {.tls_key = NULL};
    int code = config_may_create(call->directory, &call->error);
    if (code == 0) code = create(call, &config, &secrets);
    if (code == 0 && call->json)
        call_json(call, json_pack("{s:s, s:s, s:s, s:s}", "region", config.region, "currency", config.currency,
                                  "timezone", config.timezone, "country", config.country));
    config_release(&config);
    secrets_release(&secrets);
    return code;
}

/* What a person should know before anything else; NULL: nothing. */
static json_t *standing(struct call *call) {
    struct restored restored;
    recovery_restored(call->site, &restored);
    if (restored.noted) return json_pack("{s:s, s:s}", "state", "restored", "reason", restored.reason);
    if (recovery_waits(call->site)) return json_pack("{s:s}", "state", "waiting for the first store");
    if (recovery_goes_on(call->site)) return json_pack("{s:s}", "state", "waiting for what the former hub wrote");
    return json_null();
}

static void print_standing(struct call *call) {
    struct restored restored;
    recovery_restored(call->site, &restored);
    if (restored.noted)
        fprintf(call->out, "ALL STORES ARE REFUSED: %s; stop `serve` and run `dangol-hub recover %s`\n",
                restored.reason, call->directory);
    else if (recovery_waits(call->site))
        fprintf(call->out, "waiting for the first store to hand back what the hub before this one wrote\n");
    else if (recovery_goes_on(call->site))
        fprintf(call->out, "what the hub before this one wrote is not back yet; nothing is judged so far\n");
}

/* Only the hub that serves knows; null at others. */
static json_t *directory_json(struct call *call) {
    struct daemon *daemon = call->daemon;
    if (daemon == NULL || call->replay != NULL) return json_null();
    struct directory *d = &daemon->desk.directory;
    mutex_lock(&d->lock);
    json_t *out = json_pack("{s:b, s:I, s:I}", "ready", d->ready, "numbers", (json_int_t)d->numbers, "waiting",
                            (json_int_t)d->waiting);
    mutex_unlock(&d->lock);
    return out;
}

static void print_directory(struct call *call) {
    json_t *d = directory_json(call);
    if (json_is_true(json_object_get(d, "ready")))
        fprintf(call->out, "directory of VIPs: %lld numbers, %lld more to be hashed\n",
                json_integer_value(json_object_get(d, "numbers")), json_integer_value(json_object_get(d, "waiting")));
    json_decref(d);
}

int hub_status(struct call *call) {
    struct totals t;
    uint8_t digest[DIGEST_SIZE];
    char text[2 * DIGEST_SIZE + 1];
    struct cut cut = {TIME_NONE, call->replay == NULL ? TIME_NONE : call->replay->happened_until};
    struct pace pace;
    const struct model *model = ask_report_begin(call, "digest", &pace);
    model_digest_paced(model, &pace, digest);
    totals(model, &cut, &t); /* of the moment that the digest is of */
    ask_report_end(call);
    hex_encode(view_make(digest, sizeof digest), text);
    if (call->json) {
        call_json(call,
                  json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:I, s:o, s:o}", "region",
                            call->site->config.region, "events", (json_int_t)t.events, "customers",
                            (json_int_t)t.customers, "persons", (json_int_t)t.persons, "purchases",
                            (json_int_t)t.purchases, "lines", (json_int_t)t.lines, "returns", (json_int_t)t.returns,
                            "anonymous", (json_int_t)t.anonymous, "streams", (json_int_t)t.streams, "digest", text,
                            "incarnation", (json_int_t)call->site->config.incarnation, "recovery", standing(call),
                            "directory", directory_json(call)));
        return 0;
    }
    char counts[3][COUNT_TEXT];
    fprintf(call->out, "region %s: %s of %s\n", call->site->config.region, count_format(t.events, "event", counts[0]),
            count_format(t.streams, "stream", counts[1]));
    fprintf(call->out, "%s, %s\n", count_format(t.customers, "customer", counts[0]),
            count_format(t.persons, "person", counts[1]));
    fprintf(call->out, "%s (%llu without a customer), %s, %s\n", count_format(t.purchases, "purchase", counts[0]),
            (unsigned long long)t.anonymous, count_format(t.returns, "return", counts[1]),
            count_format(t.lines, "line", counts[2]));
    print_directory(call);
    fprintf(call->out, "digest %s\n", text);
    print_standing(call);
    return 0;
}

static int hub_rebuild(struct call *call) {
    struct rebuild_report r;
    char before[2 * DIGEST_SIZE + 1], after[2 * DIGEST_SIZE + 1], count[COUNT_TEXT];
    int code = site_rebuild(call->site, NULL, &r, &call->error);
    if (code != 0) return code;
    double seconds = (double)(r.ms > 0 ? r.ms : 1) / 1000.0;
    hex_encode(view_make(r.before, DIGEST_SIZE), before);
    hex_encode(view_make(r.after, DIGEST_SIZE), after);
    if (call->json)
        call_json(call, json_pack("{s:I, s:f, s:f, s:s, s:s}", "events", (json_int_t)r.events, "seconds", seconds,
                                  "events_per_second", (double)r.events / seconds, "digest_before", before,
                                  "digest_after", after));
    else
        fprintf(call->out, "%s folded anew in %.3f s (%.0f a second); the state is the same, digest %s\n",
                count_format(r.events, "event", count), seconds, (double)r.events / seconds, after);
    return 0;
}

static const struct option init_options[] = {
    {"root", "FILE", "the region's root: read there, or made there (default: DIR/root.json)", false},
    {"region", "NAME", "the region's name", false},
    {"currency", "CODE", "ISO 4217 (default: KRW)", false},
    {"timezone", "ZONE", "IANA name (default: Asia/Seoul)", false},
    {"country", "CC", "for telephone numbers (default: KR)", false},
    {"listen", "HOST:PORT", "where stores are listened for (default: 0.0.0.0:7700)", false},
    {"advertise", "HOST:PORT", "the address stores are told (default: as listened on)", false},
    {"recover", NULL, "the hub of this region was destroyed: get everything back from its stores", false},
    {"http", "HOST:PORT|off", "where the region app is served (default: 127.0.0.1:7780)", false},
    {NULL, NULL, NULL, false},
};
const struct option hub_replay_options[] = {
    {"received-until", "TIME", "only what the hub had received by then", false},
    {"happened-until", "TIME", "only what had happened by then", false},
    {"policy", "FILE", "what would have been under the KEY=VALUE lines of this file", false},
    {"csv", NULL, "a list as CSV, whole as `export` has it", false},
    {"encoding", "E", "of --csv, as of `export`", false},
    {NULL, NULL, NULL, false},
};

/* Those of all the questions it can ask; each takes only its own. */
static const struct option replay_question_options[] = {
    {"top", "N", "vip: how many (default: 100)", false},
    {"custodian", "CODE", "vip: only whom this employee looked after then, of --store", false},
    {"by", "MEASURE|PERIOD", "vip: spend, visits, margin, referrals or score; report complaints: day … year", false},
    {"as-of", "DATE", "as it was at the end of that day", false},
    {"from", "DATE", "report: from this day on", false},
    {"to", "DATE", "report: up to the end of this day", false},
    {"window", "all|year|season|DAYS", "vip, pyramid: count only what happened in it", false},
    {"quarter", "2026Q4", "staff: which quarter", false},
    {"store", "S", "only what happened at this store", false},
    {"chain", "C", "only at stores of this chain", false},
    {"staff", "CODE", "followups: only those of this employee", false},
    {"kind", "KIND", "followups: only of this kind", false},
    {"segment", "T", "report complaints: of this branch of trade", false},
    {"matter", "store|region|company", "findings: whose matter they are", false},
    {"year", "Y", "gathering: of this year", false},
    {"open", NULL, "complaints: those not closed (default)", false},
    {"overdue", NULL, "complaints: those without a first answer in time", false},
    {"unsatisfied", NULL, "complaints: closed ones to whom a last offer or a second cycle is due", false},
    {"all", NULL, "complaints: closed ones too; followups: those that were answered, too", false},
    {"level", "store|region|company", "complaints: whose matter one is", false},
    {"vip", NULL, "complaints, report complaints: of VIPs", false},
    {"r", "1-5", "segments: only those of this group by recency", false},
    {"f", "1-5", "segments: by frequency", false},
    {"m", "1-5", "segments: by money", false},
    {"tier", "T", "segments: only those of this tier; none: those without", false},
    {"changed", NULL, "segments: only those whose tier is another one under --policy", false},
    {NULL, NULL, NULL, false},
};
static const struct word replay_words[] = {
    {"vip", "the ranking"},
    {"pyramid", "which share of sales the top 20% bring"},
    {"segments", "R, F, M, tier, type and band of every customer"},
    {"rfm", "the same, counted by recency and frequency"},
    {"complaints", "the complaint desk"},
    {"alerts", "articles that several customers complain about"},
    {"followups", "whom to call, write to or visit"},
    {"findings", "what customers said that is somebody's matter"},
    {"benefits", "what was given to whom"},
    {"gathering list", "the gatherings that were held"},
    {"gathering year", "how many each store held in the year"},
    {"report KIND", "figures over a span of time"},
    {"staff [sample]", "contest of the quarter and figures for appraisal"},
    {"status", "how much there is"},
    {NULL, NULL},
};
static const struct grammar replay_grammar = {replay_words, NULL};

const struct command hub_site_commands[] = {
    {"init", "", "make the directory of a region", NEEDS_NOTHING, 0, 0, init_options, NULL, false, hub_init, NULL},
    {"serve", "", "take what the stores bring, answer questions, until Ctrl-C", NEEDS_OWNERSHIP, 0, 0,
     api_serve_options, NULL, false, hub_serve, NULL},
    {"status", "", "how much there is", NEEDS_SITE, 0, 0, NULL, NULL, false, hub_status, NULL},
    {"rebuild", "", "fold the whole log anew and compare", NEEDS_SITE, 0, 0, NULL, NULL, false, hub_rebuild, NULL},
    {"replay",
     "(vip | pyramid | segments | rfm | complaints | alerts | followups | findings | benefits | "
     "gathering list|year | report KIND | staff | status)",
     "what was known then: fold the history again up to a time", NEEDS_SITE, 1, 2, hub_replay_options,
     replay_question_options, false, hub_replay, &replay_grammar},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
