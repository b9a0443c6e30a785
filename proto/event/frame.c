/* Reading frames: the envelope by hand, the body by body.c. The way of a good event is straight; whatever is found
 * wrong on it, the form of the frame then decides whether it is a bad event or no frame at all. */
#include "proto/event/body.h"
#include "proto/event/describe.h"
#include "proto/event/take.h"

/* Adding 0 to no pointer is not defined. */
static inline const uint8_t *view_end(struct view bytes) { return bytes.len > 0 ? bytes.data + bytes.len : bytes.data; }

/* The envelope is at fault in its meaning: the field reads as absent, reading goes on. The first one is told. */
static void note_fault(struct fault *fault, const char *field) {
    if (fault->field == NULL) fault->field = field;
}

/* Too large is a matter of form: what can be stored has a limit. */
static bool too_large(struct fault *fault, const char *field) {
    *fault = (struct fault){.field = field, .too_large = true};
    return false;
}

TAKE bool read_text(const uint8_t **at, const uint8_t *end, size_t most, const char *field, struct view *out,
                    struct fault *fault) {
    const uint8_t *next = take_text(*at, end, most, out);
    if (next != NULL) {
        *at = next;
        return true;
    }
    if (!take_str(at, end, out)) return false;
    if (out->len > most) return too_large(fault, field);
    *out = VIEW_NONE;
    note_fault(fault, field);
    return true;
}

TAKE bool read_at(const uint8_t **at, const uint8_t *end, struct event *e, struct fault *fault) {
    e->at = NIL;
    if (take_nil(at, end)) return true;
    if (!take_int(at, end, &e->at)) return false;
    if (e->at < TIME_MIN || e->at > TIME_MAX) {
        e->at = NIL;
        note_fault(fault, "at");
    }
    return true;
}

TAKE bool read_subject(const uint8_t **at, const uint8_t *end, struct event *e, struct fault *fault) {
    e->subject = 0;
    if (take_nil(at, end)) return true;
    if (!take_uint(at, end, &e->subject)) return false;
    if (!id_valid(e->subject)) {
        e->subject = 0;
        note_fault(fault, "subject");
    }
    return true;
}

TAKE bool read_ref(const uint8_t **at, const uint8_t *end, struct event *e, struct fault *fault) {
    uint32_t count;
    e->ref = (struct ref){VIEW_NONE, VIEW_NONE};
    if (take_nil(at, end)) return true;
    if (!take_array(at, end, &count) || count != 2) return false;
    if (!read_text(at, end, REF_SOURCE_MAX, "ref", &e->ref.source, fault)) return false;
    if (!read_text(at, end, REF_KEY_MAX, "ref", &e->ref.key, fault)) return false;
    if (e->ref.source.data == NULL || e->ref.key.data == NULL) e->ref = (struct ref){VIEW_NONE, VIEW_NONE};
    return true;
}

/* Out of line: few events have one. */
static const uint8_t *read_after(const uint8_t *at, const uint8_t *end, struct event *e, struct fault *fault) {
    uint32_t count;
    uint64_t id;
    if (!take_array(&at, end, &count)) return NULL;
    if (count > AFTER_MAX) {
        too_large(fault, "after");
        return NULL;
    }
    const uint8_t *start = at;
    bool good = count > 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!take_uint(&at, end, &id)) return NULL;
        good = good && id_valid(id);
    }
    if (good)
        e->after = (struct list){{start, (size_t)(at - start)}, count};
    else
        note_fault(fault, "after");
    return at;
}

static const uint8_t *read_origin(const uint8_t *at, const uint8_t *end, struct event *e) {
    uint32_t count;
    if (!take_array(&at, end, &count) || count != 2) return NULL;
    at = take_bin(at, end, &e->origin.chain);
    if (at == NULL || e->origin.chain.len != CHAIN_BYTES) return NULL;
    return take_uint(&at, end, &e->origin.hlc) ? at : NULL;
}

/* The nine fields before the body. NULL: this is no frame. */
static const uint8_t *read_envelope(const uint8_t *at, const uint8_t *end, struct event *e, struct fault *fault) {
    uint64_t type, version;
    if (!take_uint(&at, end, &type) || type > UINT16_MAX) return NULL;
    if (!take_uint(&at, end, &version) || version > UINT8_MAX) return NULL;
    e->type = (uint16_t)type;
    e->version = (uint8_t)version;
    e->actor = VIEW_NONE;
    e->after = ABSENT_IDS;
    e->origin = (struct origin){VIEW_NONE, 0};
    e->sealed_bits = 0;
    e->sealed = VIEW_NONE;
    if (version == 0) note_fault(fault, "version");
    if (!take_uint(&at, end, &e->hlc)) return NULL;
    if (!read_at(&at, end, e, fault)) return NULL;
    if (!take_nil(&at, end) && !read_text(&at, end, ACTOR_MAX, "actor", &e->actor, fault)) return NULL;
    if (!read_subject(&at, end, e, fault)) return NULL;
    if (end - at > 3 && at[0] == 0xc0 && at[1] == 0xc0 && at[2] == 0xc0) { /* nil: most have none */
        e->ref = (struct ref){VIEW_NONE, VIEW_NONE};
        return at + 3;
    }
    if (!read_ref(&at, end, e, fault)) return NULL;
    if (!take_nil(&at, end) && (at = read_after(at, end, e, fault)) == NULL) return NULL;
    if (!take_nil(&at, end) && (at = read_origin(at, end, e)) == NULL) return NULL;
    return at;
}

static int no_frame(const struct fault *fault, struct err *err) {
    if (fault->too_large) return fault_explain(0, fault, ERR_LIMIT, err);
    return err_set(err, ERR_FORMAT, "frame", "the bytes are not a frame");
}

static int too_long(size_t len, struct err *err) {
    return err_set(err, ERR_LIMIT, "frame", "the frame has %zu bytes, the limit is %d", len, FRAME_MAX);
}

/* A frame in form that is not good. */
static int explain(struct event *e, const struct fault *fault, struct err *err) {
    e->sealed_bits = 0;
    e->sealed = VIEW_NONE;
    if (event_info(e->type) == NULL) {
        err_set(err, ERR_VERSION, "type", "event type %u is not known to this version of Dangol", e->type);
        return EVENT_UNKNOWN;
    }
    fault_explain(e->type, fault, ERR_INVALID, err);
    return EVENT_BAD;
}

int event_decode(struct view frame, struct event *out, struct err *err) {
    struct fault fault = {0};
    const uint8_t *at = frame.data, *end = view_end(frame);
    uint32_t left;
    out->frame = frame;
    if (frame.len > FRAME_MAX) return too_long(frame.len, err);
    if (!take_array(&at, end, &left) || left < FRAME_FIELDS) return no_frame(&fault, err);
    const uint8_t *body = read_envelope(at, end, out, &fault);
    if (body == NULL) return no_frame(&fault, err);
    left -= FRAME_FIELDS - 1;

    at = fault.field == NULL ? body_read(body, end, out, &fault) : NULL;
    if (at == end && left == 1 && !fault.passed_over) return EVENT_GOOD;
    if (take_skip(body, end, left) != end) return no_frame(&(struct fault){0}, err);
    if (at != NULL) return EVENT_GOOD;
    return explain(out, &fault, err);
}

int frame_check(struct view frame, struct err *err) {
    struct fault fault = {0};
    struct event e;
    const uint8_t *at = frame.data, *end = view_end(frame);
    uint32_t left;
    if (frame.len > FRAME_MAX) return too_long(frame.len, err);
    if (!take_array(&at, end, &left) || left < FRAME_FIELDS) return no_frame(&fault, err);
    at = read_envelope(at, end, &e, &fault);
    if (at == NULL) return no_frame(&fault, err);
    if (take_skip(at, end, left - (FRAME_FIELDS - 1)) != end) return no_frame(&(struct fault){0}, err);
    return 0;
}

int frame_length(struct view bytes, size_t *length, struct err *err) {
    /* One byte more than a frame may have tells one that is too long from one that is cut off. */
    struct view head = {bytes.data, bytes.len <= FRAME_MAX ? bytes.len : FRAME_MAX + 1};
    const uint8_t *at = head.data, *end = view_end(head);
    uint32_t count;
    if (!take_array(&at, end, &count) || count < FRAME_FIELDS) return no_frame(&(struct fault){0}, err);
    at = take_skip(at, end, count);
    if (at == NULL) return no_frame(&(struct fault){0}, err);
    *length = (size_t)(at - head.data);
    return *length <= FRAME_MAX ? 0 : too_long(*length, err);
}
