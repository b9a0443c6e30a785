#include "proto/site/site.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/base/file_os.h"
#include "proto/site/accounts.h"
#include "proto/site/erasure.h"
#include "proto/site/ranking.h"
#include "proto/site/retell.h"

#define TAG_KEY "tag key"

/* The key behind this site's strong-key tags: made once, kept in the ring, which it dies with. */
static int tag_key_load(struct site *site, struct err *err) {
    struct buf value = BUF_INIT;
    int code = site->ring->ops->get_value(site->ring, TAG_KEY, &value, err);
    if (code == 0 && value.len == sizeof site->tag_key) {
        memcpy(site->tag_key, value.data, sizeof site->tag_key);
    } else if (code == 0) {
        code = err_set(err, ERR_CORRUPT, NULL, "the key ring's tag key has a wrong size");
    } else if (code == ERR_NOT_FOUND) {
        env_random(site->env, site->tag_key, sizeof site->tag_key);
        code = site->ring->ops->set_value(site->ring, TAG_KEY, view_make(site->tag_key, sizeof site->tag_key), err);
    }
    buf_wipe(&value);
    return code;
}

static int64_t last_received(struct site *site) {
    struct buf copy = BUF_INIT;
    struct record record = {.received = 0};
    uint64_t tip = log_tip(site->log);
    if (tip > 0 && log_get(site->log, tip, &record, &copy, NULL) != 0) record.received = 0;
    struct buf newest = BUF_INIT;
    int64_t received = record.received;
    if (site->log->ops->value(site->log, view_of(SITE_NEWEST_RECEIVED), &newest) == 0 && newest.len == 8 &&
        (int64_t)get_u64_le(newest.data) > received)
        received = (int64_t)get_u64_le(newest.data);
    buf_release(&newest);
    buf_release(&copy);
    return received;
}

static void offset_load(struct site *site) {
    struct buf value = BUF_INIT;
    if (site->log->ops->value(site->log, view_of("clock offset"), &value) == 0 && value.len == 8)
        site->clock_offset_ms = (int64_t)get_u64_le(value.data);
    buf_release(&value);
}

static void locks_init(struct site *site) {
    mutex_init(&site->writer);
    mutex_init(&site->forgetting);
    anniversaries_init(&site->anniversaries);
    name_index_init(&site->name_index);
    name_index_init(&site->number_index);
    hashed_numbers_init(&site->hashed_numbers);
    news_init(&site->news);
    looks_marks_init(&site->looks);
    site->ranking = ranking_kept_open();
    rwlock_init(&site->state);
    rwlock_init(&site->model_stays);
    mutex_init(&site->growth.lock);
    condition_init(&site->growth.grown);
}

void site_assume(const struct site *site, struct model *model) {
    model_assume_currency(model, &site->currency);
    if (site->config.role != ROLE_STORE) return;
    model_assume_store(model, site->config.stream, view_of(site->config.store), view_of(site->config.name),
                       view_of(site->config.chain));
}

/* What is common to both ways of opening, once config, secrets, zone, ring and log are there. */
static int site_start(struct site *site, void (*progress)(uint64_t done, uint64_t all), struct err *err) {
    int code = currency_find(site->config.currency, &site->currency, err);
    if (code != 0) return code;
    signer_from_seed(&site->signer, site->secrets.seed, site->config.role, site->config.stream, site->config.root);
    site->model = model_open(site->log);
    site_assume(site, site->model);
    code = accounts_open(site->directory, site->secrets.master, site->env, &site->accounts, err);
    if (code == 0) code = tag_key_load(site, err);
    if (code == 0 && !BUG(hlc_goes_back)) code = clock_load(site, err);
    offset_load(site);
    site_settle_closed(site);
    site->log->ops->value(site->log, view_of(SITE_QUARANTINE), &site->quarantine);
    site->last_received = last_received(site);
    if (code == 0) code = model_replay(site->model, 0, log_tip(site->log), progress, err);
    /* What a crash has left half done; a disk that is full now is no reason not to open. */
    if (code == 0) site_forget(site, NULL);
    return code;
}

static int open_parts(struct site *site, const char *directory, struct err *err) {
    int code = config_load(directory, site->config.role, &site->config, err);
    if (code == 0) code = secrets_load(directory, site->config.role, &site->secrets, err);
    if (code == 0) code = owner_take(directory, &site->owner, err);
    if (code == 0) code = zone_os(site->config.timezone, &site->zone, err);
    char *ring = path_join(directory, "ring"), *log = path_join(directory, "log");
    if (code == 0) code = keyring_lmdb_open(ring, site->secrets.master, site->env, &site->ring, err);
    if (code == 0) code = log_lmdb_open(log, site->env, 0, &site->log, err);
    if (code == 0 && site->config.role == ROLE_STORE && retell_due(site->log, site->env))
        code = retell_opening(site, err);
    free(ring);
    free(log);
    return code;
}

/* In the middle of it the log is away, and an empty one must not take its place. */
static int check_recovery(const char *directory, struct err *err) {
    struct recovery recovery;
    int code = recovery_load(directory, &recovery, err);
    bool away = recovery.step == RECOVERY_MOVED;
    sodium_memzero(&recovery, sizeof recovery);
    if (code != 0 || !away) return code;
    return err_set(err, ERR_REFUSED, NULL,
                   "a recovery of this store was begun and is not done; run `dangol-node recover %s` again", directory);
}

static int open_as(const char *directory, enum role role, bool recovering, const struct env *env,
                   void (*progress)(uint64_t done, uint64_t all), struct site **out, struct err *err) {
    struct site *site = mem_alloc(sizeof *site);
    site->recovering = recovering;
    site->directory = mem_text(directory);
    site->env = env;
    site->config.role = role;
    locks_init(site);
    int code = recovering || role == ROLE_HUB ? 0 : check_recovery(directory, err);
    if (code == 0) code = open_parts(site, directory, err);
    if (code == 0) code = site_start(site, progress, err);
    if (code == 0)
        *out = site;
    else
        site_close(site);
    return code;
}

int site_open(const char *directory, enum role role, const struct env *env,
              void (*progress)(uint64_t done, uint64_t all), struct site **out, struct err *err) {
    return open_as(directory, role, false, env, progress, out, err);
}

int site_open_recovering(const char *directory, const struct env *env, struct site **out, struct err *err) {
    return open_as(directory, ROLE_STORE, true, env, NULL, out, err);
}

static char *copy_text(const char *text) { return text == NULL ? NULL : mem_text(text); }

static void copy_config(struct config *to, const struct config *from) {
    *to = *from;
    char **texts[] = {&to->region, &to->currency,       &to->timezone, &to->country, &to->listen,
                      &to->http,   &to->ca_certificate, &to->store,    &to->name,    &to->chain};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = copy_text(*texts[i]);
    for (size_t i = 0; i < to->address_count; i++) to->addresses[i] = copy_text(from->addresses[i]);
}

static struct site *assemble(const struct config *config, const struct secrets *secrets, const struct zone *zone,
                             struct keyring *ring, struct log *log, bool borrows, const struct env *env,
                             struct err *err) {
    struct site *site = mem_alloc(sizeof *site);
    site->borrows = borrows;
    site->env = env;
    copy_config(&site->config, config);
    site->secrets = *secrets;
    site->secrets.tls_key = copy_text(secrets->tls_key);
    site->secrets.tls_certificate = copy_text(secrets->tls_certificate);
    site->zone = *zone;
    site->ring = ring;
    site->log = log;
    locks_init(site);
    if (site_start(site, NULL, err) == 0) return site;
    site_close(site);
    return NULL;
}

struct site *site_assemble(const struct config *config, const struct secrets *secrets, const struct zone *zone,
                           struct keyring *ring, struct log *log, const struct env *env, struct err *err) {
    return assemble(config, secrets, zone, ring, log, false, env, err);
}

struct site *site_borrow(const struct config *config, const struct secrets *secrets, const struct zone *zone,
                         struct keyring *ring, struct log *log, const struct env *env, struct err *err) {
    return assemble(config, secrets, zone, ring, log, true, env, err);
}

void site_close(struct site *site) {
    if (site == NULL) return;
    accounts_close(site->accounts);
    model_close(site->model);
    if (site->log != NULL && !site->borrows) site->log->ops->close(site->log);
    if (site->ring != NULL && !site->borrows) site->ring->ops->close(site->ring);
    owner_release(&site->owner);
    buf_release(&site->quarantine);
    config_release(&site->config);
    secrets_release(&site->secrets);
    sodium_memzero(&site->signer, sizeof site->signer);
    sodium_memzero(site->tag_key, sizeof site->tag_key);
    mutex_destroy(&site->writer);
    mutex_destroy(&site->forgetting);
    anniversaries_release(&site->anniversaries);
    name_index_release(&site->name_index);
    name_index_release(&site->number_index);
    hashed_numbers_release(&site->hashed_numbers);
    news_release(&site->news);
    looks_marks_release(&site->looks);
    ranking_kept_close(site->ranking);
    rwlock_destroy(&site->state);
    rwlock_destroy(&site->model_stays);
    mutex_destroy(&site->growth.lock);
    condition_destroy(&site->growth.grown);
    free(site->directory);
    free(site);
}

int site_joined(struct site *site, struct err *err) {
    uint8_t *secret = site->secrets.join_secret;
    if (sodium_is_zero(secret, SECRET_SIZE)) return 0;
    struct secrets left = site->secrets;
    sodium_memzero(left.join_secret, SECRET_SIZE);
    int code = site->directory == NULL ? 0 : secrets_store(site->directory, site->config.role, &left, err);
    sodium_memzero(&left, sizeof left);
    if (code == 0) sodium_memzero(secret, SECRET_SIZE);
    return code;
}

void site_read(struct site *site) { rwlock_read(&site->state); }
void site_unread(struct site *site) { rwlock_unlock(&site->state); }
void site_keep_model(struct site *site) { rwlock_read(&site->model_stays); }
void site_give_model(struct site *site) { rwlock_unlock(&site->model_stays); }
int64_t site_now(const struct site *site) { return env_now(site->env) + site->clock_offset_ms; }

struct view site_hub_key_name(uint32_t stream, char out[SITE_HUB_KEY_NAME]) {
    snprintf(out, SITE_HUB_KEY_NAME, "hub key %u", stream);
    return view_of(out);
}

bool site_hub_key(struct site *site, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE],
                  uint8_t certificate[SIGNATURE_SIZE]) {
    char name[SITE_HUB_KEY_NAME];
    struct buf value = BUF_INIT;
    bool known = site->log->ops->value(site->log, site_hub_key_name(stream, name), &value) == 0 &&
                 value.len == PUBLIC_KEY_SIZE + SIGNATURE_SIZE;
    if (known) memcpy(key, value.data, PUBLIC_KEY_SIZE);
    if (known) memcpy(certificate, value.data + PUBLIC_KEY_SIZE, SIGNATURE_SIZE);
    buf_release(&value);
    return known;
}

int site_rebuild(struct site *site, void (*progress)(uint64_t done, uint64_t all), struct rebuild_report *out,
                 struct err *err) {
    struct model *fresh = model_open(site->log), *old = NULL;
    int64_t start = env_monotonic(site->env);
    site_assume(site, fresh);
    int code = model_replay(fresh, 0, log_tip(site->log), progress, err);
    out->ms = env_monotonic(site->env) - start;
    mutex_lock(&site->writer); /* nothing is appended while the last records are folded and the two compared */
    if (code == 0) code = model_replay(fresh, model_position(fresh), log_tip(site->log), NULL, err);
    if (code == 0) {
        out->events = log_tip(site->log);
        model_digest(site->model, NULL, out->before);
        model_digest(fresh, NULL, out->after);
        if (memcmp(out->before, out->after, DIGEST_SIZE) != 0)
            code = err_set(err, ERR_CORRUPT, NULL,
                           "the rebuilt state differs from the serving one; keep this directory and report it");
    }
    if (code == 0) {
        rwlock_write(&site->model_stays);
        rwlock_write(&site->state);
        old = site->model;
        site->model = fresh;
        news_of_all(&site->news);
        rwlock_unlock(&site->state);
        rwlock_unlock(&site->model_stays);
    }
    mutex_unlock(&site->writer);
    model_close(code == 0 ? old : fresh);
    return code;
}
