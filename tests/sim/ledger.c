#include "tests/sim/ledger.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

uint64_t mark_next(uint64_t mark, struct view frame) {
    uint8_t key[crypto_shorthash_KEYBYTES] = {0}, hash[crypto_shorthash_BYTES];
    put_u64_le(key, mark);
    crypto_shorthash(hash, frame.data, frame.len, key);
    return get_u64_le(hash) | 1; /* never 0 */
}

static struct book *book_add(struct ledger *ledger) {
    if (ledger->count == ledger->room) {
        ledger->room = ledger->room * 2 + 16;
        ledger->books = mem_resize(ledger->books, ledger->room * sizeof(struct book *));
    }
    return ledger->books[ledger->count++] = mem_alloc(sizeof(struct book));
}

struct book *book_open(struct ledger *ledger, struct sim *sim, size_t pc, uint32_t own) {
    struct book *book = book_add(ledger);
    *book = (struct book){.sim = sim, .pc = pc, .own = own};
    return book;
}

static struct track *track_of(struct book *book, uint32_t stream) {
    for (size_t i = 0; i < book->count; i++)
        if (book->tracks[i].stream == stream) return &book->tracks[i];
    if (book->count == book->room) {
        book->room = book->room * 2 + 4;
        book->tracks = mem_resize(book->tracks, book->room * sizeof *book->tracks);
    }
    book->tracks[book->count] = (struct track){.stream = stream};
    return &book->tracks[book->count++];
}

const struct track *book_track(const struct book *book, uint32_t stream) {
    for (size_t i = 0; i < book->count; i++)
        if (book->tracks[i].stream == stream) return &book->tracks[i];
    return NULL;
}

uint64_t book_seq(const struct book *book, uint32_t stream) {
    const struct track *track = book_track(book, stream);
    return track == NULL ? 0 : track->count;
}

uint64_t book_mark(const struct book *book, uint32_t stream, uint64_t seq) {
    const struct track *track = book_track(book, stream);
    return track == NULL || seq == 0 || seq > track->count ? 0 : track->marks[seq - 1];
}

struct book *book_copy(struct ledger *ledger, const struct book *from, size_t pc) {
    struct book *book = book_open(ledger, from->sim, pc, from->own);
    book->records = from->records;
    for (size_t i = 0; i < from->count; i++) {
        const struct track *track = &from->tracks[i];
        struct track *copy = track_of(book, track->stream);
        copy->hlc = track->hlc;
        copy->own = track->own;
        copy->count = copy->room = track->count;
        copy->marks = mem_alloc((track->count + 1) * sizeof *copy->marks);
        memcpy(copy->marks, track->marks, track->count * sizeof *copy->marks);
    }
    for (size_t i = 0; from->refs.count > 0 && i <= from->refs.mask; i++)
        if (from->refs.slots[i].key != 0)
            *idmap_put(&book->refs, from->refs.slots[i].key, NULL) = from->refs.slots[i].value;
    for (size_t i = 0; from->partial.count > 0 && i <= from->partial.mask; i++)
        if (from->partial.slots[i].key != 0) idmap_put(&book->partial, from->partial.slots[i].key, NULL);
    return book;
}

static void track_put(struct track *track, uint64_t mark) {
    if (track->count == track->room) {
        track->room = track->room * 2 + 64;
        track->marks = mem_resize(track->marks, track->room * sizeof *track->marks);
    }
    track->marks[track->count++] = mark;
}

/* What a site writes itself: its clock never goes back, and no ref comes twice. */
static void own_event(struct book *book, struct track *track, const struct log_append *record) {
    struct event event;
    if (event_decode(record->frame, &event, NULL) < 0) {
        sim_found(book->sim, IN_ORDER_ONCE, "%s wrote what is no frame", sim_name(book->sim, book->pc));
        return;
    }
    uint64_t last = track->hlc;
    const struct net_machine *machine = sim_machine(book->sim, book->pc);
    /* It may start again, from the time that the hub has corrected what stands before it to. */
    if (machine->site != NULL && id_seq(record->id) > 1)
        last = model_hlc_at(machine->site->model, id_make(book->own, id_seq(record->id) - 1), last);
    if (event.hlc <= last)
        sim_found(book->sim, IN_ORDER_ONCE, "%s wrote sequence %llu with a clock that does not go on",
                  sim_name(book->sim, book->pc), (unsigned long long)id_seq(record->id));
    track->hlc = event.hlc;
    if (event.type == EVENT_clock) book->sim->corrected = true;
    if (event.ref.source.data == NULL) return;
    uint8_t hash[REF_HASH_SIZE];
    bool added;
    ref_hash(event.ref.source, event.ref.key, hash);
    uint64_t *holder = idmap_put(&book->refs, get_u64_be(hash) | 1, &added);
    if (!added)
        sim_found(book->sim, IN_ORDER_ONCE, "%s wrote one ref twice, at sequences %llu and %llu",
                  sim_name(book->sim, book->pc), (unsigned long long)id_seq(*holder),
                  (unsigned long long)id_seq(record->id));
    *holder = record->id;
}

/* Did anybody ever write this, here or on a disk that is no more? */
static bool somebody_wrote(const struct ledger *ledger, const struct book *but, uint32_t stream, uint64_t seq,
                           uint64_t mark) {
    for (size_t i = ledger->count; i-- > 0;) {
        const struct book *book = ledger->books[i];
        const struct track *track = book == but ? NULL : book_track(book, stream);
        if (track != NULL && track->own && book_mark(book, stream, seq) == mark) return true;
    }
    return false;
}

static void others_event(struct book *book, struct track *track, const struct log_append *record, uint64_t mark) {
    struct sim *sim = book->sim;
    struct stream_state state;
    uint32_t stream = id_stream(record->id);
    uint64_t seq = id_seq(record->id);
    if (!somebody_wrote(&sim->ledger, book, stream, seq, mark))
        sim_found(sim, KEYS_DECIDE, "%s took an event that nobody wrote: stream %u, sequence %llu",
                  sim_name(sim, book->pc), stream, (unsigned long long)seq);
    (void)track;
    struct net_machine *machine = sim_machine(sim, book->pc);
    bool revoked = machine->site != NULL && model_stream(machine->site->model, stream, &state) && state.revoked;
    if (book->pc == HUB_PC && revoked && seq > state.revoked_last)
        sim_found(sim, KEYS_DECIDE, "the hub took sequence %llu of stream %u, which was revoked at %llu",
                  (unsigned long long)seq, stream, (unsigned long long)state.revoked_last);
}

/* Fed by the hub out of a stream that is not held in full: somebody's event, once. */
static void partial_event(struct book *book, const struct log_append *record) {
    struct sim *sim = book->sim;
    uint32_t stream = id_stream(record->id);
    uint64_t seq = id_seq(record->id);
    bool added, known = false;
    idmap_put(&book->partial, record->id, &added);
    if (!added)
        sim_found(sim, IN_ORDER_ONCE, "%s took sequence %llu of stream %u twice", sim_name(sim, book->pc),
                  (unsigned long long)seq, stream);
    for (size_t i = sim->ledger.count; i-- > 0 && !known;) {
        const struct book *author = sim->ledger.books[i];
        const struct track *track = book_track(author, stream);
        uint64_t before = book_mark(author, stream, seq - 1), there = book_mark(author, stream, seq);
        known = track != NULL && track->own && there != 0 && mark_next(before, record->frame) == there;
    }
    if (!known)
        sim_found(sim, KEYS_DECIDE, "%s was fed an event that nobody wrote: stream %u, sequence %llu",
                  sim_name(sim, book->pc), stream, (unsigned long long)seq);
}

void book_wrote(void *witness, const struct log_batch *batch) {
    struct book *book = witness;
    for (size_t i = 0; i < batch->record_count; i++) {
        const struct log_append *record = &batch->records[i];
        if (record->partial) {
            partial_event(book, record);
            continue;
        }
        struct track *track = track_of(book, id_stream(record->id));
        uint64_t seq = id_seq(record->id);
        if (seq != track->count + 1) {
            sim_found(book->sim, IN_ORDER_ONCE, "%s wrote sequence %llu of stream %u behind %zu",
                      sim_name(book->sim, book->pc), (unsigned long long)seq, track->stream, track->count);
            return;
        }
        uint64_t mark = mark_next(track->count == 0 ? 0 : track->marks[track->count - 1], record->frame);
        track_put(track, mark);
        track->own |= track->stream == book->own;
        if (track->stream == book->own)
            own_event(book, track, record);
        else
            others_event(book, track, record, mark);
        book->sim->tally.events += track->stream == book->own;
    }
    book->records += batch->record_count;
}

/* Of a record that was noted when it was written first: only where it stands is new. */
static void stand(struct book *book, const struct record *record, bool partial) {
    struct event event;
    uint8_t hash[REF_HASH_SIZE];
    book->records++;
    if (partial) {
        idmap_put(&book->partial, record->id, NULL);
        return;
    }
    struct track *track = track_of(book, id_stream(record->id));
    track_put(track, mark_next(track->count == 0 ? 0 : track->marks[track->count - 1], record->frame));
    track->own |= track->stream == book->own;
    if (!track->own || event_decode(record->frame, &event, NULL) < 0) return;
    track->hlc = event.hlc;
    if (track->stream != book->own || event.ref.source.data == NULL) return;
    ref_hash(event.ref.source, event.ref.key, hash);
    *idmap_put(&book->refs, get_u64_be(hash) | 1, NULL) = record->id;
}

void book_regrown(void *witness, struct log *log) {
    struct book *book = witness;
    struct log_iterator *it;
    struct record record;
    struct head head;
    for (size_t i = 0; i < book->count; i++) book->tracks[i].count = 0;
    idmap_clear(&book->refs);
    idmap_clear(&book->partial);
    book->records = 0;
    book->own = sim_machine(book->sim, book->pc)->config.stream; /* a hub's next one, by now */
    if (log->ops->iterate(log, &it, NULL) != 0) return;
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) stand(book, &record, log_head(log, id_stream(record.id), &head) != 0);
    it->ops->close(it);
}

void ledger_release(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->count; i++) {
        struct book *book = ledger->books[i];
        for (size_t j = 0; j < book->count; j++) free(book->tracks[j].marks);
        free(book->tracks);
        idmap_release(&book->refs);
        idmap_release(&book->partial);
        free(book);
    }
    free(ledger->books);
    *ledger = (struct ledger){NULL, 0, 0};
}
