#include "hub/recovery.h"

#include <stdlib.h>
#include <string.h>

#include "hub/judge.h"

#define MOST 254 /* incarnations */

void recovery_restored(struct site *site, struct restored *out) {
    struct buf value = BUF_INIT;
    *out = (struct restored){.noted = false};
    if (site->log->ops->value(site->log, view_of(RECOVERY_RESTORED), &value) == 0 && value.len >= 4) {
        out->noted = true;
        out->reported = get_u32_le(value.data);
        view_text(view_make(value.data + 4, value.len - 4), out->reason, sizeof out->reason);
    }
    buf_release(&value);
}

int recovery_note(struct site *site, uint32_t reported, const char *reason, struct err *err) {
    struct restored before;
    uint8_t number[4];
    struct buf text = BUF_INIT;
    recovery_restored(site, &before);
    if (before.noted && before.reported >= reported) return 0;
    put_u32_le(number, reported > before.reported ? reported : before.reported);
    buf_append(&text, number, sizeof number);
    buf_append_view(&text, view_of(before.noted ? before.reason : reason));
    struct log_value values[] = {{view_of(RECOVERY_RESTORED), buf_view(&text)},
                                 {view_of(JUDGE_HOLD), view_of("an older copy of this hub was restored")}};
    int code = site_set_values(site, values, 2, err);
    site_settle_closed(site);
    buf_release(&text);
    return code;
}

bool recovery_waits(const struct site *site) { return site->config.incarnation == INCARNATION_UNKNOWN; }

bool recovery_goes_on(struct site *site) {
    struct buf value = BUF_INIT;
    bool holds = site->log->ops->value(site->log, view_of(JUDGE_HOLD), &value) == 0;
    buf_release(&value);
    return holds || recovery_waits(site);
}

int recovery_done(struct site *site, struct err *err) {
    struct restored restored;
    struct log_value values[] = {{view_of(JUDGE_HOLD), VIEW_NONE}, {view_of(SITE_ANSWERS), VIEW_NONE}};
    recovery_restored(site, &restored);
    if (restored.noted || recovery_waits(site) || !recovery_goes_on(site)) return 0;
    int code = site_set_values(site, values, 2, err);
    site_settle_closed(site);
    return code;
}

int recovery_answer(struct site *site, struct err *err) {
    struct log_value value = {view_of(SITE_ANSWERS), view_of("a person said so")};
    int code = site_set_values(site, &value, 1, err);
    site_settle_closed(site);
    return code;
}

uint32_t recovery_next(struct site *site, uint32_t reported) {
    uint32_t most = reported;
    struct restored restored;
    struct head *heads = NULL;
    size_t count = 0;
    recovery_restored(site, &restored);
    if (restored.reported > most) most = restored.reported;
    if (!recovery_waits(site) && site->config.incarnation > most) most = site->config.incarnation;
    if (site->log->ops->heads(site->log, &heads, &count, NULL) != 0) count = 0;
    for (size_t i = 0; i < count; i++)
        if (stream_incarnation(heads[i].stream) > most) most = stream_incarnation(heads[i].stream);
    free(heads);
    return most + 1;
}

/* The values first: when only they are written, the note is made again at the next contact. */
int recovery_open(struct site *site, uint32_t incarnation, struct err *err) {
    char name[SITE_HUB_KEY_NAME];
    uint8_t key[PUBLIC_KEY_SIZE + SIGNATURE_SIZE], now[8];
    if (incarnation > MOST) return err_set(err, ERR_LIMIT, NULL, "this region has had all its %d hubs", MOST);
    memcpy(key, site->signer.public_key, PUBLIC_KEY_SIZE);
    memcpy(key + PUBLIC_KEY_SIZE, site->secrets.certificate, SIGNATURE_SIZE);
    put_u64_le(now, (uint64_t)site_now(site));
    struct log_value values[] = {{view_of(RECOVERY_RESTORED), VIEW_NONE},
                                 {view_of(JUDGE_HOLD), view_of("what the hub before this one wrote is not back yet")},
                                 {view_of(JUDGE_BEGAN), view_make(now, sizeof now)},
                                 {view_of(SITE_ANSWERS), VIEW_NONE},
                                 {site_hub_key_name(site->config.stream, name), view_make(key, sizeof key)}};
    size_t count = sizeof values / sizeof *values - (recovery_waits(site) ? 1 : 0);
    int code = site_set_values(site, values, count, err);
    if (code != 0) return code;
    uint32_t before = site->config.incarnation;
    site->config.incarnation = incarnation;
    site->config.stream = stream_make(incarnation, 0);
    if (site->directory != NULL) code = config_store(site->directory, &site->config, err);
    if (code != 0) {
        site->config.incarnation = before;
        site->config.stream = stream_make(before, 0);
        return code;
    }
    signer_from_seed(&site->signer, site->secrets.seed, ROLE_HUB, site->config.stream, site->config.root);
    site_settle_closed(site);
    return 0;
}
