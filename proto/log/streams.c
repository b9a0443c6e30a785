#include "proto/log/streams.h"

#include <stdlib.h>
#include <string.h>

struct log_stream *log_streams_find(const struct log_streams *streams, uint32_t stream) {
    const uint64_t *place = idmap_find(&streams->index, (uint64_t)stream + 1);
    return place == NULL ? NULL : &streams->list[*place - 1];
}

struct log_stream *log_streams_put(struct log_streams *streams, uint32_t stream) {
    bool added;
    uint64_t *place = idmap_put(&streams->index, (uint64_t)stream + 1, &added);
    if (!added) return &streams->list[*place - 1];
    if (streams->count == streams->cap) {
        streams->cap = streams->cap == 0 ? 8 : streams->cap * 2;
        streams->list = mem_resize(streams->list, streams->cap * sizeof *streams->list);
    }
    struct log_stream *made = &streams->list[streams->count++];
    *place = streams->count;
    *made = (struct log_stream){.head = {.stream = stream}};
    return made;
}

uint64_t log_streams_last(const struct log_streams *streams, uint32_t stream) {
    const struct log_stream *found = log_streams_find(streams, stream);
    return found == NULL ? 0 : found->head.seq;
}

/* How many runs start at `seq` or before. */
static size_t runs_before(const struct log_stream *stream, uint64_t seq) {
    size_t low = 0;
    size_t high = stream->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream->runs[middle].seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void log_streams_stand(struct log_streams *streams, struct log_stream *stream, uint64_t seq, uint64_t position) {
    if (stream->run_count > 0 && stream->head.seq > 0) {
        struct run *last = &stream->runs[stream->run_count - 1];
        if (last->seq + last->count == seq && last->position + last->count == position) {
            last->count++;
            return;
        }
    }
    if (stream->run_count == stream->run_cap) {
        stream->run_cap = stream->run_cap == 0 ? 4 : stream->run_cap * 2;
        stream->runs = mem_resize(stream->runs, stream->run_cap * sizeof *stream->runs);
    }
    size_t place = runs_before(stream, seq);
    memmove(&stream->runs[place + 1], &stream->runs[place], (stream->run_count - place) * sizeof *stream->runs);
    stream->runs[place] = (struct run){seq, position, 1};
    stream->run_count++;
    streams->run_total++;
}

void log_streams_take(struct log_streams *streams, const struct log_batch *batch, uint64_t first) {
    struct log_stream *stream = NULL;
    for (size_t i = 0; i < batch->head_count; i++)
        log_streams_put(streams, batch->heads[i].stream)->head = batch->heads[i];
    for (size_t i = 0; i < batch->record_count; i++) {
        uint64_t id = batch->records[i].id;
        if (stream == NULL || stream->head.stream != id_stream(id)) stream = log_streams_put(streams, id_stream(id));
        log_streams_stand(streams, stream, id_seq(id), first + i);
    }
}

bool log_streams_where(const struct log_streams *streams, uint64_t id, uint64_t *position, uint64_t *length) {
    const struct log_stream *stream = log_streams_find(streams, id_stream(id));
    size_t before = stream == NULL ? 0 : runs_before(stream, id_seq(id));
    const struct run *run = before == 0 ? NULL : &stream->runs[before - 1];
    if (run == NULL || id_seq(id) - run->seq >= run->count) return false;
    uint64_t offset = id_seq(id) - run->seq;
    *position = run->position + offset;
    *length = run->count - offset;
    return true;
}

void log_streams_forget_runs(struct log_streams *streams) {
    for (size_t i = 0; i < streams->count; i++) {
        free(streams->list[i].runs);
        streams->list[i].runs = NULL;
        streams->list[i].run_count = streams->list[i].run_cap = 0;
    }
    streams->run_total = 0;
}

static int by_stream(const void *a, const void *b) {
    const struct head *first = a;
    const struct head *second = b;
    return (first->stream > second->stream) - (first->stream < second->stream);
}

struct head *log_streams_heads(const struct log_streams *streams, size_t *count) {
    struct head *heads = mem_alloc(streams->count * sizeof *heads);
    *count = 0;
    for (size_t i = 0; i < streams->count; i++)
        if (streams->list[i].head.seq > 0) heads[(*count)++] = streams->list[i].head;
    qsort(heads, *count, sizeof *heads, by_stream);
    return heads;
}

struct log_stream *log_streams_with_runs(const struct log_streams *streams, size_t *count) {
    struct log_stream *found = mem_alloc(streams->count * sizeof *found);
    *count = 0;
    for (size_t i = 0; i < streams->count; i++)
        if (streams->list[i].run_count > 0) found[(*count)++] = streams->list[i];
    qsort(found, *count, sizeof *found, by_stream); /* a stream begins with its head */
    return found;
}

void log_streams_release(struct log_streams *streams) {
    log_streams_forget_runs(streams);
    free(streams->list);
    idmap_release(&streams->index);
    *streams = (struct log_streams){0};
}
