/* Things: what an event became, found by its id, for voids and for what names it. Those of a stream stand in the order
 * of its seqs: mostly they are appended. */
#include <stdlib.h>
#include <string.h>

#include "proto/model/state.h"

#define FIRST_ROOM 16 /* THINGS_CHUNK is a power of two times this */

_Static_assert(sizeof(struct thing_place) == 12, "of each rarer event");

static uint64_t place_seq(const struct thing_place *place) { return (uint64_t)place->seq_high << 32 | place->seq_low; }

/* The index of the first whose seq is not below. */
static uint32_t lower_bound(const struct things *things, uint64_t seq) {
    uint32_t low = 0, high = things->count;
    if (high == 0 || things->last < seq) return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (place_seq(things_at(things, middle)) < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Room for one more. The first chunk grows by and by: there are many streams with few things. */
static void make_room(struct things *things) {
    uint32_t chunk = things->count / THINGS_CHUNK, used = things->count % THINGS_CHUNK;
    if (used != 0 && used != things->room) return;
    if (used != 0) {
        things->room *= 2;
    } else {
        if ((chunk & (chunk - 1)) == 0) /* the table doubles */
            things->chunks =
                mem_resize(things->chunks, (chunk == 0 ? 1 : 2 * (size_t)chunk) * sizeof(struct thing_place *));
        things->chunks[chunk] = NULL;
        things->room = chunk == 0 ? FIRST_ROOM : THINGS_CHUNK;
    }
    things->chunks[chunk] = mem_resize(things->chunks[chunk], things->room * sizeof(struct thing_place));
    things->end = &things->chunks[chunk][used];
}

static void append(struct things *things, const struct thing_place *place) {
    make_room(things);
    *things->end++ = *place;
    things->count++;
    things->last = place_seq(place);
}

/* Or in the place of the one of its seq. */
static void insert(struct things *things, const struct thing_place *place) {
    uint32_t at = lower_bound(things, place_seq(place));
    if (place_seq(things_at(things, at)) != place_seq(place)) {
        make_room(things);
        things->end++;
        for (uint32_t i = things->count++; i > at; i--) *things_at(things, i) = *things_at(things, i - 1);
    }
    *things_at(things, at) = *place;
}

void thing_put(struct model *model, uint64_t id, enum thing thing, uint32_t index) {
    struct things *things = &stream_of(model, id_stream(id))->things;
    uint64_t seq = id_seq(id);
    struct thing_place place = {(uint32_t)seq, index, (uint8_t)(seq >> 32), (uint8_t)thing};
    if (things->count == 0 || things->last < seq) /* mostly: nothing of those before it is looked at */
        append(things, &place);
    else
        insert(things, &place);
}

bool thing_find(const struct model *model, uint64_t id, enum thing *thing, uint32_t *index) {
    const struct stream *stream = stream_find(model, id_stream(id));
    if (stream == NULL) return false;
    uint32_t at = lower_bound(&stream->things, id_seq(id));
    if (at == stream->things.count) return false;
    const struct thing_place *place = things_at(&stream->things, at);
    if (place_seq(place) != id_seq(id)) return false;
    *thing = (enum thing)place->thing;
    *index = place->index;
    return true;
}

static uint32_t chunks_of(const struct things *things) { return (things->count + THINGS_CHUNK - 1) / THINGS_CHUNK; }

size_t things_memory(const struct things *things) {
    return things->count * sizeof(struct thing_place) + chunks_of(things) * sizeof(struct thing_place *);
}

void things_release(struct things *things) {
    for (uint32_t i = 0; i < chunks_of(things); i++) free(things->chunks[i]);
    free(things->chunks);
    *things = (struct things){.chunks = NULL};
}
