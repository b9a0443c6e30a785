/* Kept answers and the kept first page under ThreadSanitizer: a till sells while many ask for cards and the ranking,
 * and somebody is erased now and then. Whoever asks after a sale was written never gets the answer from before it. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/api/kept.h"
#include "proto/base/threads.h"
#include "proto/site/ranking.h"
#include "tests/support/shop.h"
#include "tests/support/trade.h"

#define ASKERS 3
#define PEOPLE 6
#define SALES 1200
#define ERASE_EVERY 50
#define PRICE 1000
#define SMALL ((size_t)2048) /* so that answers go to make room, too */

static const struct cut everything = {TIME_NONE, TIME_NONE};

static struct shop shop;
static struct kept *kept;
static uint64_t people[PEOPLE];
static _Atomic int64_t written[PEOPLE]; /* spent in sales that the till has seen written */
static atomic_bool closing;
static atomic_uint at_hand;

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "kept: %s\n", what);
    exit(1);
}

static int64_t spent(size_t whom) {
    struct standing standing = {.spend = 0};
    site_read(shop.site);
    bool known = person_value(shop.site->model, people[whom], &everything, &standing);
    site_unread(shop.site);
    return known ? standing.spend : 0;
}

/* As the API asks: what is at hand, or worked out and kept. */
static int64_t ask(size_t whom) {
    uint8_t key[KEPT_KEY] = {(uint8_t)(whom + 1)};
    uint64_t then;
    struct kept_answer answer = {.count = 0};
    bool together = whom % 2 == 0;
    bool found = kept_find(kept, key, together, &then, &answer);
    if (!found) {
        struct grounds grounds = {.told = true, .until = INT64_MAX, .on = {people[whom]}, .count = 1};
        buf_printf(&answer.body, "%lld", (long long)spent(whom));
        kept_put(kept, key, &answer, &grounds, then);
        if (together) kept_end(kept, key);
    }
    atomic_fetch_add(&at_hand, found);
    int64_t said = strtoll(buf_text(&answer.body), NULL, 10);
    kept_answer_release(&answer);
    return said;
}

static int64_t first_of_ranking(void) {
    struct standing *found = NULL;
    size_t count = 0;
    must(site_rank_first(shop.site, BY_SPEND, &everything, NULL, 1, &found, &count), "the first page is not kept");
    int64_t most = count > 0 ? found[0].spend : 0;
    free(found);
    return most;
}

static void asker(void *context) {
    size_t whom = *(size_t *)context;
    while (!atomic_load(&closing)) {
        whom = (whom + 1) % PEOPLE;
        int64_t least = atomic_load(&written[whom]);
        must(ask(whom) >= least, "an answer from before the sale");
        must(first_of_ranking() >= least, "a ranking from before the sale");
    }
}

static void sell(void) {
    for (int i = 0; i < SALES; i++) {
        size_t whom = (size_t)i % PEOPLE;
        must(trade_sell(shop.site, people[whom], PRICE) != 0, trade_error()->text);
        atomic_fetch_add(&written[whom], PRICE);
        must(ask(whom) == atomic_load(&written[whom]), "the till's own sale is not in the answer");
        if (i % ERASE_EVERY != 0) continue;
        uint64_t other = trade_register(shop.site, (struct person_card){"Example Gone", NULL, NULL, NULL});
        must(other != 0 && trade_erase(shop.site, other) != 0, trade_error()->text);
    }
}

int main(void) {
    static const uint8_t master[KEY_BYTES];
    struct thread askers[ASKERS] = {0};
    size_t first[ASKERS];
    const struct env *env = env_os();
    shop_open_over(&shop, NULL, NULL, keyring_mem_open(master, env), log_mem_open(env), env);
    kept = kept_open(shop.site, SMALL);
    for (size_t i = 0; i < PEOPLE; i++) {
        people[i] = trade_register(shop.site, (struct person_card){"Example Ann", NULL, NULL, NULL});
        must(people[i] != 0, trade_error()->text);
    }
    for (size_t i = 0; i < ASKERS; i++) {
        first[i] = i * 2;
        thread_start(&askers[i], asker, &first[i]);
    }
    sell();
    atomic_store(&closing, true);
    for (size_t i = 0; i < ASKERS; i++) thread_join(&askers[i]);
    for (size_t i = 0; i < PEOPLE; i++) must(ask(i) == SALES / PEOPLE * PRICE, "a sum is wrong in the end");
    must(atomic_load(&at_hand) > 0, "nothing was ever at hand");
    kept_close(kept);
    shop_close(&shop);
    return 0;
}
