/* Sealed content, opened for those who may see it: fields of the customer file, lookups by strong key. */
#include <sodium.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/event/describe.h"
#include "proto/site/erasure.h"

#define MEMBERS_SHOWN 64
#define WINNERS_MAX 64
#define KEYS_TRIED 4 /* two keys stand under one id only after a clone wrote there */

/* With whatever key is here. */
static bool open_sealed(struct site *site, struct event *event, struct buf *plain) {
    struct ring_key keys[KEYS_TRIED];
    int n = site->ring->ops->get(site->ring, event->subject, keys, KEYS_TRIED, NULL);
    bool opened = false;
    for (int i = 0; i < n && !opened; i++)
        opened = !keys[i].destroyed && event_open(event, &keys[i].key, plain, NULL) == 0;
    sodium_memzero(keys, sizeof keys);
    return opened;
}

static bool has_value(struct site *site, const char *name) {
    struct buf value = BUF_INIT;
    bool there = site->log->ops->value(site->log, view_of(name), &value) == 0;
    buf_release(&value);
    return there;
}

void site_settle_closed(struct site *site) {
    bool waits = site->config.incarnation == INCARNATION_UNKNOWN || has_value(site, SITE_HOLD);
    site->closed = site->config.role == ROLE_HUB && waits && !has_value(site, SITE_ANSWERS);
    news_of_all(&site->news);
}

bool site_unseal(struct site *site, struct event *event, struct buf *plain) {
    return event->sealed_bits != 0 && !site->closed && !site_erased(site, event->subject) &&
           open_sealed(site, event, plain);
}

int site_event(struct site *site, uint64_t id, struct event *out, struct buf *frame, struct buf *plain, int *standing,
               bool *opened, struct record *record, struct err *err) {
    char text[ID_TEXT];
    int code = log_get_id(site->log, id, record, frame, err);
    if (code == ERR_NOT_FOUND) return err_set(err, code, NULL, "there is no event %s here", id_format(id, text));
    if (code != 0) return code;
    *standing = event_decode(record->frame, out, err);
    if (*standing < 0) return *standing;
    *opened = *standing == EVENT_GOOD && site_unseal(site, out, plain);
    return 0;
}

void site_opened_wipe(struct site_opened *o) {
    buf_release(&o->frame);
    buf_wipe(&o->plain);
    o->id = 0;
}

/* The event, opened, in `o`, where it may stand already; false when it is not readable. */
static bool open_event(struct site *site, uint64_t id, struct site_opened *o) {
    struct record record;
    int standing;
    bool opened = false;
    if (id != 0 && o->id == id) return !site->closed && !site_erased(site, o->event.subject);
    site_opened_wipe(o);
    opened = site_event(site, id, &o->event, &o->frame, &o->plain, &standing, &opened, &record, NULL) == 0 && opened;
    if (opened) o->id = id;
    return opened;
}

/* The value that event `id` gives to a field; false when it is not readable or clears it. */
static bool value_in(struct site *site, uint64_t id, int bit, struct site_opened *opened, struct buf *out) {
    struct site_opened own = SITE_OPENED_NONE, *o = opened != NULL ? opened : &own;
    bool found = false;
    if (open_event(site, id, o)) {
        struct view value = event_sealed_view(&o->event, event_info(o->event.type), bit);
        found = value.data != NULL;
        buf_append_view(out, value);
    }
    site_opened_wipe(&own);
    return found;
}

void site_remembered(struct site *site, uint64_t customer, int bit, struct buf *out) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct record record;
    struct event event;
    uint64_t head = 0;
    site_read(site);
    size_t n = model_field_heads(site->model, customer, bit, &head, 1);
    site_unread(site);
    if (n > 0 && log_get_id(site->log, head, &record, &frame, NULL) == 0 &&
        event_decode(record.frame, &event, NULL) == EVENT_GOOD && open_sealed(site, &event, &plain))
        buf_append_view(out, event_sealed_view(&event, event_info(event.type), bit));
    buf_release(&frame);
    buf_wipe(&plain);
}

/* The model to read: a private one as it is, the serving one held still until leave_model. */
static const struct model *enter_model(struct site *site, const struct model *replay) {
    if (replay != NULL) return replay;
    site_read(site);
    return site->model;
}

static void leave_model(struct site *site, const struct model *replay) {
    if (replay == NULL) site_unread(site);
}

static void read_field(struct site *site, const struct model *replay, uint64_t customer, int bit,
                       struct site_opened *opened, struct buf *out) {
    uint64_t head = 0;
    const struct model *model = enter_model(site, replay);
    bool erased = model_customer(model, customer) == CUSTOMER_ERASED;
    size_t n = erased ? 0 : model_field_heads(model, customer, bit, &head, 1);
    leave_model(site, replay);
    if (n > 0) value_in(site, head, bit, opened, out);
}

void site_field(struct site *site, const struct model *replay, uint64_t customer, int bit, struct buf *out) {
    read_field(site, replay, customer, bit, NULL, out);
}

/* The fields that this event says, of those wanted and not known yet. */
static uint64_t read_fields(struct site *site, uint64_t id, uint64_t bits, struct site_opened *o,
                            struct person_file *out) {
    uint64_t found = 0;
    if (!open_event(site, id, o)) bits = 0;
    for (int bit = 0; bits >> bit != 0 && bit < 63; bit++) {
        if ((bits >> bit & 1) == 0) continue;
        struct view value = event_sealed_view(&o->event, event_info(o->event.type), bit);
        if (value.data == NULL || value.len == 0) continue;
        out->fields[bit].start = (uint32_t)out->text.len;
        out->fields[bit].length = (uint32_t)value.len;
        buf_append_view(&out->text, value);
        found |= UINT64_C(1) << bit;
    }
    return found;
}

/* The bits that it does not say. */
static uint64_t read_file(struct site *site, const struct model *replay, uint64_t customer, uint64_t bits,
                          struct person_file *out) {
    struct field_winner winners[WINNERS_MAX];
    struct site_opened opened = SITE_OPENED_NONE;
    const struct model *model = enter_model(site, replay);
    bool erased = model_customer(model, customer) == CUSTOMER_ERASED;
    size_t count = erased ? 0 : model_field_winners(model, customer, bits, winners, WINNERS_MAX);
    leave_model(site, replay);
    for (size_t k = 0; k < count && k < WINNERS_MAX; k++)
        bits &= ~read_fields(site, winners[k].event, winners[k].bits, &opened, out);
    site_opened_wipe(&opened);
    return bits;
}

void site_customer_file(struct site *site, const struct model *replay, uint64_t customer, uint64_t bits,
                        struct person_file *out) {
    read_file(site, replay, customer, bits, out);
}

/* Of one customer after another, by id: the fields that the latest word on them does not give. */
static void read_others(struct site *site, const struct model *replay, uint64_t person, uint64_t bits,
                        struct person_file *out) {
    uint64_t members[MEMBERS_SHOWN];
    const struct model *model = enter_model(site, replay);
    size_t n = model_members(model, person, members, MEMBERS_SHOWN);
    leave_model(site, replay);
    for (size_t i = 0; i < n && n > 1 && i < MEMBERS_SHOWN && bits != 0; i++)
        bits = read_file(site, replay, members[i], bits, out);
}

int site_tag(struct site *site, enum tag_kind kind, struct view written, struct tag *out, struct err *err) {
    static const char *const fields[] = {[TAG_PHONE] = "phone", [TAG_CARD] = "card", [TAG_EMAIL] = "email"};
    struct buf normal = BUF_INIT;
    struct err why = {.code = 0};
    int code = kind == TAG_PHONE  ? phone_normalise(written, site->config.country, &normal, &why)
               : kind == TAG_CARD ? card_normalise(written, &normal, &why)
                                  : email_normalise(written, &normal, &why);
    if (code == 0)
        tag_make(site->tag_key, kind, buf_view(&normal), out);
    else
        err_set(err, code, fields[kind], "'%.*s': %s", (int)(written.len < 60 ? written.len : 60),
                (const char *)written.data, why.text);
    buf_wipe(&normal);
    return code;
}

static const int strong_bits[] = {
    [TAG_PHONE] = SEALED_registered_phone, [TAG_CARD] = SEALED_registered_card, [TAG_EMAIL] = SEALED_registered_email};

/* C5: a strong key that several of them hold is shown as it was first written, whatever way it was told last. */
static void show_first_writing(struct site *site, const struct model *replay, const uint64_t *members, size_t n,
                               enum tag_kind kind, struct person_file *out) {
    int bit = strong_bits[kind];
    struct tag wanted, tag;
    struct buf first = BUF_INIT, written = BUF_INIT;
    int64_t since = INT64_MAX;
    struct view shown = person_file_field(out, bit);
    if (shown.data == NULL || site_tag(site, kind, shown, &wanted, NULL) != 0) return;
    for (size_t i = 0; i < n; i++) {
        struct field_winner won;
        const struct model *model = enter_model(site, replay);
        bool holds = model_customer(model, members[i]) != CUSTOMER_ERASED &&
                     model_field_winners(model, members[i], UINT64_C(1) << bit, &won, 1) > 0;
        leave_model(site, replay);
        buf_clear(&written);
        if (!holds || won.time >= since || !value_in(site, won.event, bit, NULL, &written)) continue;
        if (site_tag(site, kind, buf_view(&written), &tag, NULL) != 0 ||
            sodium_memcmp(tag.bytes, wanted.bytes, TAG_BYTES) != 0)
            continue;
        since = won.time;
        buf_clear(&first);
        buf_append_view(&first, buf_view(&written));
    }
    if (first.len > 0) {
        out->fields[bit].start = (uint32_t)out->text.len;
        out->fields[bit].length = (uint32_t)first.len;
        buf_append_view(&out->text, buf_view(&first));
    }
    buf_wipe(&first);
    buf_wipe(&written);
}

static void show_first_writings(struct site *site, const struct model *replay, uint64_t person, uint64_t bits,
                                struct person_file *out) {
    uint64_t members[MEMBERS_SHOWN];
    const struct model *model = enter_model(site, replay);
    size_t n = model_members(model, person, members, MEMBERS_SHOWN);
    leave_model(site, replay);
    if (n > MEMBERS_SHOWN) n = MEMBERS_SHOWN;
    for (enum tag_kind kind = TAG_PHONE; n > 1 && kind <= TAG_EMAIL; kind++)
        if ((bits >> strong_bits[kind] & 1) != 0) show_first_writing(site, replay, members, n, kind, out);
}

void site_person_file(struct site *site, const struct model *replay, uint64_t person, uint64_t bits,
                      struct site_opened *opened, struct person_file *out) {
    struct field_winner winners[WINNERS_MAX];
    struct site_opened own = SITE_OPENED_NONE, *o = opened != NULL ? opened : &own;
    uint64_t sealed = 0;
    const struct model *model = enter_model(site, replay);
    size_t count = model_person_winners(model, person, bits, winners, WINNERS_MAX);
    leave_model(site, replay);
    for (size_t i = 0; i < count && i < WINNERS_MAX; i++) {
        uint64_t valued = winners[i].bits & ~winners[i].cleared;
        if (valued != 0) sealed |= valued & ~read_fields(site, winners[i].event, valued, o, out);
    }
    site_opened_wipe(&own);
    if (sealed != 0) read_others(site, replay, person, sealed, out);
    show_first_writings(site, replay, person, bits, out);
}

void site_person_field(struct site *site, const struct model *replay, uint64_t person, int bit, struct buf *out) {
    struct person_file file = {.text = BUF_INIT};
    site_person_file(site, replay, person, UINT64_C(1) << bit, NULL, &file);
    buf_append_view(out, person_file_field(&file, bit));
    person_file_wipe(&file);
}

void person_file_wipe(struct person_file *file) { buf_wipe(&file->text); }

static bool holds(struct site *site, uint64_t customer, const struct tag *tag, struct site_opened *opened) {
    struct buf written = BUF_INIT;
    struct tag now = {.kind = 0};
    read_field(site, NULL, customer, strong_bits[tag->kind], opened, &written);
    bool same = written.len > 0 && site_tag(site, (enum tag_kind)tag->kind, buf_view(&written), &now, NULL) == 0 &&
                sodium_memcmp(now.bytes, tag->bytes, TAG_BYTES) == 0;
    buf_wipe(&written);
    return same;
}

bool site_holds(struct site *site, uint64_t customer, const struct tag *tag) {
    return holds(site, customer, tag, NULL);
}

/* Keeps the customers known here. */
static size_t keep_known(struct site *site, uint64_t *ids, size_t count) {
    size_t kept = 0;
    site_read(site);
    for (size_t i = 0; i < count; i++)
        if (model_customer(site->model, ids[i]) == CUSTOMER_KNOWN) ids[kept++] = ids[i];
    site_unread(site);
    return kept;
}

/* Fills `tagged` with whom the tag stands under. */
static int find_tagged(struct site *site, enum tag_kind kind, struct view written, struct tagged *tagged,
                       struct err *err) {
    tagged->count = 0;
    int code = site_tag(site, kind, written, &tagged->tag, err);
    int n = code != 0 ? code : site->ring->ops->find(site->ring, &tagged->tag, tagged->ids, TAGGED_MAX, err);
    if (n > 0) tagged->count = n < TAGGED_MAX ? (size_t)n : TAGGED_MAX;
    return n < 0 ? n : 0;
}

/* Those of the known ones who hold it now. */
static size_t keep_holders(struct site *site, const struct tag *tag, const uint64_t *known, size_t count,
                           struct site_opened *opened, uint64_t *out, size_t max) {
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < max; i++)
        if (holds(site, known[i], tag, opened)) out[kept++] = known[i];
    return kept;
}

int site_find(struct site *site, enum tag_kind kind, struct view written, bool ever, uint64_t *out, size_t max,
              struct err *err) {
    struct tagged tagged;
    int code = find_tagged(site, kind, written, &tagged, err);
    if (code != 0) return code;
    size_t known = keep_known(site, tagged.ids, tagged.count);
    size_t kept = keep_holders(site, &tagged.tag, tagged.ids, known, NULL, out, max);
    bool nobody = kept == 0;
    for (size_t i = 0; ever && nobody && i < known && kept < max; i++) out[kept++] = tagged.ids[i];
    return (int)kept;
}

int site_find_holders(struct site *site, enum tag_kind kind, struct view written, uint64_t *out, size_t max,
                      struct tagged *tagged, struct site_opened *opened, struct err *err) {
    uint64_t known[TAGGED_MAX];
    int code = find_tagged(site, kind, written, tagged, err);
    if (code != 0) return code;
    memcpy(known, tagged->ids, tagged->count * sizeof *known);
    return (int)keep_holders(site, &tagged->tag, known, keep_known(site, known, tagged->count), opened, out, max);
}

int site_draft_tags(struct site *site, struct draft *draft, struct err *err) {
    const struct event_info *info = event_info(draft->event.type);
    draft->tag_count = 0;
    for (enum tag_kind kind = TAG_PHONE; kind <= TAG_EMAIL; kind++) {
        struct view written = event_sealed_view(&draft->event, info, strong_bits[kind]);
        if (written.data == NULL) continue;
        int code = site_tag(site, kind, written, &draft->tags[draft->tag_count], err);
        if (code != 0) return code;
        draft->tag_count++;
    }
    return 0;
}
