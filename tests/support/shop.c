#include "tests/support/shop.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/command/parse.h"

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "shop: %s failed\n", what);
    abort();
}

void shop_open_over(struct shop *shop, const char *currency, const char *country, struct keyring *ring, struct log *log,
                    const struct env *env) {
    struct err err = {0};
    char region[] = "region", zone_name[] = "UTC", store[] = "A", name[] = "Shop A", chain[] = "";
    char *money = mem_text(currency == NULL ? "KRW" : currency), *land = mem_text(country == NULL ? "KR" : country);
    struct config config = {.role = ROLE_STORE,
                            .stream = PARTIES_STREAM,
                            .incarnation = 1,
                            .region = region,
                            .timezone = zone_name,
                            .store = store,
                            .name = name,
                            .chain = chain,
                            .currency = money,
                            .country = land};
    struct secrets secrets = {.tls_key = NULL};
    memset(secrets.ref_key, 3, sizeof secrets.ref_key);
    memset(secrets.seed, 5, sizeof secrets.seed);
    struct zone zone = zone_fixed(0);
    shop->env = env;
    shop->site = site_assemble(&config, &secrets, &zone, ring, log, env, &err);
    must(shop->site != NULL, err.text);
    free(money);
    free(land);
    scratch_make(&shop->scratch);
    shop->directory = open(shop->scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(shop->directory >= 0, "opening the working directory");
}

void shop_open(struct shop *shop, const char *currency, const char *country) {
    static const uint8_t master[KEY_BYTES];
    memset(shop, 0, sizeof *shop);
    must(env_os() != NULL, "the library of ciphers"); /* started by it */
    still_world_init(&shop->world, 7);
    const struct env *env = &shop->world.env;
    shop_open_over(shop, currency, country, keyring_mem_open(master, env), log_mem_open(env), env);
}

static void forget_run(struct shop *shop) {
    buf_release(&shop->out);
    buf_release(&shop->err_out);
    json_decref(shop->answer);
    shop->answer = NULL;
    shop->error = (struct err){0};
}

void shop_close(struct shop *shop) {
    shop_event(NULL, 0);
    forget_run(shop);
    site_close(shop->site);
    close(shop->directory);
    scratch_remove(&shop->scratch);
}

static FILE *stream_to(struct buf *into, char **text, size_t *size) {
    buf_clear(into);
    FILE *stream = open_memstream(text, size);
    must(stream != NULL, "opening a stream");
    return stream;
}

static void close_stream(FILE *stream, char **text, const size_t *size, struct buf *into) {
    fclose(stream);
    buf_append(into, *text, *size);
    free(*text);
}

int shop_run(struct shop *shop, const struct command *table, const char *const *words) {
    const struct command *const groups[] = {table, NULL};
    const struct program program = {"dangol-node", "for tests", ROLE_STORE, groups};
    const struct parse_place place = {.given = "shop"};
    char *out, *err_out;
    size_t out_size, err_size;
    int count = 0;
    while (words[count] != NULL) count++;
    forget_run(shop);
    struct call call = {.program = &program,
                        .site = shop->site,
                        .env = shop->env,
                        .in = shop->in.len == 0 ? fopen("/dev/null", "r")
                                                : fmemopen((void *)(uintptr_t)shop->in.data, shop->in.len, "r"),
                        .out = stream_to(&shop->out, &out, &out_size),
                        .err_out = stream_to(&shop->err_out, &err_out, &err_size),
                        .working_directory = shop->directory,
                        .grounds = shop->grounds,
                        .cancelled = &shop->cancelled,
                        .noticed = &shop->noticed,
                        .cancel_fd = -1};
    int code = parse_words(&call, count, words, &place);
    shop->code = code == PARSE_RUN ? call.command->run(&call) : code;
    shop->error = call.error;
    bool json = call.json;
    call_release(&call);
    fclose(call.in);
    close_stream(call.out, &out, &out_size, &shop->out);
    close_stream(call.err_out, &err_out, &err_size, &shop->err_out);
    if (json && shop->code == 0) shop->answer = json_loadb((const char *)shop->out.data, shop->out.len, 0, NULL);
    return shop->code;
}

void shop_put(struct shop *shop, const char *name, const char *text) {
    scratch_write(scratch_name(&shop->scratch, name), view_of(text));
}

void shop_get(struct shop *shop, const char *name, struct buf *out) {
    scratch_read(scratch_name(&shop->scratch, name), out);
}

const struct event *shop_event(struct shop *shop, uint64_t position) {
    static struct buf frame, plain;
    static struct event event;
    struct record record;
    buf_release(&frame);
    buf_release(&plain);
    if (shop == NULL || log_get(shop->site->log, position, &record, &frame, NULL) != 0) return NULL;
    must(event_decode(record.frame, &event, NULL) == EVENT_GOOD, "decoding");
    if (event.subject == 0) event.subject = record.id;
    if (event.sealed_bits != 0) must(site_unseal(shop->site, &event, &plain), "unsealing");
    return &event;
}
