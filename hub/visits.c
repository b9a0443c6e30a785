#include "hub/visits.h"

#include <string.h>

#include "proto/base/cursor.h"
#include "proto/base/pack.h"

static void visit_key(uint32_t stream, struct buf *out) { buf_printf(out, "visit %u", stream); }

int visit_load(struct site *site, uint32_t stream, struct visit *out, struct err *err) {
    *out = (struct visit){.token_number = 0};
    struct buf key = BUF_INIT, value = BUF_INIT;
    visit_key(stream, &key);
    int code = site->log->ops->value(site->log, buf_view(&key), &value);
    if (code == 0) {
        struct cursor c = cursor_of(buf_view(&value));
        uint32_t fields = cursor_array(&c);
        out->token_number = cursor_uint(&c);
        struct view token = cursor_bin_exact(&c, TOKEN_SIZE), before = cursor_bin_exact(&c, TOKEN_SIZE);
        out->last_seen = cursor_int(&c);
        out->skew_ms = cursor_int(&c);
        out->claimed_seq = cursor_uint(&c);
        if (cursor_ok(&c) && fields >= 6) {
            memcpy(out->token, token.data, TOKEN_SIZE);
            memcpy(out->token_before, before.data, TOKEN_SIZE);
        } else {
            code = err_set(err, ERR_CORRUPT, NULL, "what the hub remembers of stream %u is damaged", stream);
        }
    }
    buf_release(&key);
    buf_release(&value);
    return code == ERR_NOT_FOUND ? 0 : code;
}

int visit_store(struct site *site, uint32_t stream, const struct visit *visit, struct err *err) {
    struct buf key = BUF_INIT, value = BUF_INIT;
    visit_key(stream, &key);
    pack_array(&value, 6);
    pack_uint(&value, visit->token_number);
    pack_bin(&value, view_make(visit->token, TOKEN_SIZE));
    pack_bin(&value, view_make(visit->token_before, TOKEN_SIZE));
    pack_int(&value, visit->last_seen);
    pack_int(&value, visit->skew_ms);
    pack_uint(&value, visit->claimed_seq);
    struct log_value change = {buf_view(&key), buf_view(&value)};
    int code = site_set_values(site, &change, 1, err);
    buf_release(&key);
    buf_release(&value);
    return code;
}

enum echo visit_echo(const struct visit *visit, uint64_t number, struct view token) {
    struct view none = view_make("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", TOKEN_SIZE);
    if (token.data == NULL) token = none;
    if (number > visit->token_number) return ECHO_NEWER;
    if (number == visit->token_number)
        return view_equal(token, view_make(visit->token, TOKEN_SIZE)) ? ECHO_NEWEST : ECHO_FALSE;
    if (number + 1 < visit->token_number) return ECHO_OLDER;
    return view_equal(token, view_make(visit->token_before, TOKEN_SIZE)) ? ECHO_BEFORE : ECHO_FALSE;
}

void visit_next_token(struct visit *visit, const struct env *env) {
    memcpy(visit->token_before, visit->token, TOKEN_SIZE);
    visit->token_number++;
    env_random(env, visit->token, TOKEN_SIZE);
}
