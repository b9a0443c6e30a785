/* One writer and several readers of a log, under ThreadSanitizer: what is published is whole, whoever looks. Over both
 * forms. A main of its own, since Criterion cannot run under it. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/threads.h"
#include "proto/log/log.h"
#include "tests/support/scratch.h"
#include "tests/support/scribe.h"

#define READERS 3
#define BATCHES 400
#define STREAMS 20

struct scene {
    struct log *log;
    atomic_bool over;
    atomic_uint_least64_t read;
};

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "log_threads_test: %s\n", what);
    exit(EXIT_FAILURE);
}

/* Everything that the log says about one record agrees. */
static void look_up(struct log *log, uint64_t position) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct head head;
    uint64_t found;
    uint64_t length;
    must(log_get(log, position, &record, &copy, NULL) == 0, "get");
    must(record.position == position, "position");
    must(log->ops->run_of(log, record.id, &found, &length) == 0 && found == position && length > 0, "run");
    must(log_head(log, id_stream(record.id), &head) == 0 && head.seq >= id_seq(record.id), "head");
    buf_clear(&copy);
    must(log->ops->value(log, view_of("tip"), &copy) == 0 && copy.len == 8, "value");
    must(get_u64_le(copy.data) + STREAMS >= position, "value older than the record");
    buf_release(&copy);
}

static void read_on(void *context) {
    struct scene *scene = context;
    struct log *log = scene->log;
    struct log_iterator *it;
    struct record record;
    uint64_t position = 0;
    uint64_t looked = 0;
    must(log->ops->iterate(log, &it, NULL) == 0, "iterate");
    for (;;) {
        bool over = atomic_load(&scene->over);
        int rc = it->ops->next(it, &record, NULL);
        must(rc >= 0, "next");
        if (rc == LOG_END && over) break;
        if (rc == LOG_END) {
            it->ops->pause(it);
            continue;
        }
        must(record.position == ++position && record.position <= log_tip(log), "order");
        if (position % 50 == 0) it->ops->pause(it);
        if (position % 7 != 0) continue;
        look_up(log, 1 + (position * 7919) % position);
        looked++;
    }
    must(position == log_tip(log), "all of it");
    atomic_fetch_add(&scene->read, position + looked);
    it->ops->close(it);
}

static void list_heads(void *context) {
    struct scene *scene = context;
    uint64_t before = 0;
    while (!atomic_load(&scene->over)) {
        struct head *heads;
        size_t count;
        uint64_t sum = 0;
        must(scene->log->ops->heads(scene->log, &heads, &count, NULL) == 0, "heads");
        for (size_t i = 0; i < count; i++) sum += heads[i].seq;
        must(sum >= before, "heads go back");
        before = sum;
        free(heads);
    }
}

static void write_all(struct log *log) {
    struct scribe scribe;
    struct err err;
    uint8_t tip[8];
    scribe_init(&scribe);
    for (uint32_t i = 0; i < BATCHES; i++) {
        for (uint32_t j = 0; j < STREAMS; j++) scribe_event(&scribe, (i + j) % STREAMS + 1, 0, NULL, 30);
        put_u64_le(tip, scribe.tip + STREAMS);
        scribe_value(&scribe, view_of("tip"), view_make(tip, sizeof tip));
        must(scribe_append(&scribe, log, &err) == 0, err.text);
    }
    scribe_release(&scribe);
}

static void run(struct log *log) {
    struct scene scene = {.log = log};
    struct thread threads[READERS + 1];
    for (int i = 0; i < READERS; i++) thread_start(&threads[i], read_on, &scene);
    thread_start(&threads[READERS], list_heads, &scene);
    write_all(log);
    atomic_store(&scene.over, true);
    for (int i = 0; i <= READERS; i++) thread_join(&threads[i]);
    must(atomic_load(&scene.read) > (uint64_t)READERS * BATCHES * STREAMS, "nothing was read");
    log->ops->close(log);
}

int main(void) {
    struct scratch scratch;
    struct log *log;
    struct err err;
    scratch_make(&scratch);
    run(log_mem_open(env_os()));
    must(log_lmdb_open(scratch_name(&scratch, "log"), env_os(), 0, &log, &err) == 0, err.text);
    run(log);
    scratch_remove(&scratch);
    return 0;
}
