/* Customers: a row is what an old customer book knows of one. Who carries its card, or its phone or e-mail under no
 * other name, is updated with what differs; else somebody is registered. An empty cell says nothing.
 *
 * What stands here with a newer time stays. A row that tells no time is as old as what it says: a value that was known
 * before and has been replaced since is not brought back. A registration's ref is the keyed hash of the row's strongest
 * key (or its `ref`), an update's that of the whole row. So a file imported again changes nothing, even where somebody
 * has corrected a value at the counter since, and an erased customer does not come back.
 */
#include <string.h>

#include "node/import_customers.h"
#include "proto/base/text.h"
#include "proto/command/custom_fields.h"
#include "proto/command/file_values.h"

#define FILE_FIELD(event, name, most, doc)                                                                             \
    [FIELD_##name] = {#name, FIELD_##name == FIELD_card || FIELD_##name == FIELD_phone || FIELD_##name == FIELD_email},
static const struct mapping_field fields[] = {
    CUSTOMER_FILE(FILE_FIELD, registered) /* clang-format would join the lines */
        [FIELD_TIME] = {"time", 0},
    [FIELD_STAFF] = {"staff", 0},
    [FIELD_TOLD] = {"told", 0},
    [FIELD_REFERRED] = {"referred_by", 0},
    [FIELD_REF] = {"ref", 0},
};
#undef FILE_FIELD

_Static_assert((int)FIELD_custom == (int)SEALED_registered_custom, "fields are the bits of the customer file");
_Static_assert((int)SEALED_COUNT_registered == (int)FIELD_TIME, "fields are the bits of the customer file");
_Static_assert((int)SEALED_COUNT_updated == (int)FIELD_TIME, "fields are the bits of the customer file");

/* What a wrong byte would make another person's, or nobody's. */
#define STRICT                                                                                                         \
    (UINT64_C(1) << FIELD_name | UINT64_C(1) << FIELD_phone | UINT64_C(1) << FIELD_card | UINT64_C(1) << FIELD_email | \
     UINT64_C(1) << FIELD_birthday | UINT64_C(1) << FIELD_custom)

struct customers {
    size_t most[SEALED_COUNT_registered]; /* bytes of each field */
    struct touched touched;
    struct pretence pretence; /* of a dry run */
};

static struct customers *state(const struct import *im) { return im->state; }

static void begin(struct import *im) {
    for (int i = 0; i < SEALED_COUNT_registered; i++)
        state(im)->most[i] = import_bound(EVENT_registered, fields[i].name);
    touched_init(&state(im)->touched, im->site->env);
    pretence_init(&state(im)->pretence, im->site->env);
}

static void end(struct import *im) {
    touched_release(&state(im)->touched);
    pretence_release(&state(im)->pretence);
}

/* ---- Reading ---- */

/* With the kind in front: the same digits as card and as phone are two keys. */
static bool strong_of(struct import *im, uint32_t row, enum tag_kind kind, int field, struct view written,
                      struct strong *out) {
    struct err err = {0};
    buf_clear(&im->scratch);
    buf_append_byte(&im->scratch, (uint8_t)kind);
    int code = kind == TAG_PHONE  ? phone_normalise(written, im->site->config.country, &im->scratch, &err)
               : kind == TAG_CARD ? card_normalise(written, &im->scratch, &err)
                                  : email_normalise(written, &im->scratch, &err);
    if (code != 0) {
        import_reject(im, row, fields[field].name, "%s", err.text);
        return false;
    }
    *out = (struct strong){kind, written, arena_copy(&im->arena, buf_view(&im->scratch))};
    return true;
}

static bool take_strong(struct import *im, struct entry *e, enum tag_kind kind, int field, struct view written) {
    return strong_of(im, e->row, kind, field, written, &e->strong[e->strong_count++]);
}

static bool take_referrer(struct import *im, struct entry *e) {
    struct view written;
    if (!import_text(im, FIELD_REFERRED, &written)) return false;
    return written.data == NULL || strong_of(im, e->row, TAG_CARD, FIELD_REFERRED, written, &e->referrer);
}

/* In --date-format it is kept as 1990-12-31. */
static bool take_birthday(struct import *im, struct entry *e, struct view *text) {
    struct zone utc = zone_fixed(0);
    struct err err = {0};
    int64_t time;
    if (im->date_format != NULL && time_parse_format(*text, im->date_format, &utc, &time, NULL) == 0)
        *text = view_of(date_format(zone_date(&utc, time), arena_alloc(&im->arena, 16)));
    if (check_birthday(*text, zone_date(&im->site->zone, site_now(im->site)), &err) == 0) return true;
    import_reject(im, e->row, "birthday", "%s", err.text);
    return false;
}

static bool take_custom(struct import *im, struct entry *e, struct view text) {
    struct err err = {0};
    if (custom_object(im->call, 0, text, &err) == 0) return true;
    import_reject(im, e->row, "custom", "%s", err.text);
    return false;
}

static bool take_value(struct import *im, struct entry *e, int field, struct view *values) {
    struct view text;
    size_t most = state(im)->most[field];
    bool strict = (STRICT >> field & 1) != 0;
    if (!(strict ? import_word(im, field, most, &text) : import_free_text(im, field, most, &text))) return false;
    if (text.data == NULL) return true;
    bool good = field == FIELD_birthday ? take_birthday(im, e, &text)
                : field == FIELD_custom ? take_custom(im, e, text)
                : field == FIELD_card   ? take_strong(im, e, TAG_CARD, field, text)
                : field == FIELD_phone  ? take_strong(im, e, TAG_PHONE, field, text)
                : field == FIELD_email  ? take_strong(im, e, TAG_EMAIL, field, text)
                                        : true;
    e->bits |= UINT64_C(1) << field;
    values[field] = text;
    return good;
}

/* Only what is there is kept: most books fill few of the fields. */
static void keep_values(struct import *im, struct entry *e, const struct view *values) {
    struct view *to = arena_alloc(&im->arena, (size_t)__builtin_popcountll(e->bits) * sizeof *to);
    e->values = to;
    for (int i = 0; i < SEALED_COUNT_registered; i++)
        if ((e->bits >> i & 1) != 0) *to++ = values[i];
}

static struct view content_key(struct import *im, const struct entry *e) {
    struct buf content = BUF_INIT;
    for (int i = 0, n = 0; i < SEALED_COUNT_registered; i++) {
        if ((e->bits >> i & 1) == 0) continue;
        buf_printf(&content, "%d:%zu:", i, e->values[n].len);
        buf_append_view(&content, e->values[n++]);
    }
    buf_printf(&content, "%lld", (long long)e->time);
    struct view key = import_hidden(im, "customer row", buf_view(&content));
    buf_wipe(&content);
    return key;
}

/* The strongest key; a card alone, a phone or e-mail together with the name, as families share these. */
static struct view own_key(struct import *im, const struct entry *e) {
    struct buf key = BUF_INIT;
    bool named = (e->bits >> FIELD_name & 1) != 0;
    _Static_assert(FIELD_name == 0, "the name is the first value");
    buf_append_view(&key, e->strong[0].normal);
    if (named && e->strong[0].kind != TAG_CARD && name_normalise(e->values[0], &key, NULL) != 0)
        buf_append_view(&key, e->values[0]);
    struct view hidden = import_hidden(im, "customer", buf_view(&key));
    buf_wipe(&key);
    return hidden;
}

/* The `ref` of the row, hidden where it is a strong key itself; without one the first strong key. */
static bool take_keys(struct import *im, struct entry *e) {
    struct view ref;
    if (!import_text(im, FIELD_REF, &ref)) return false;
    e->content = content_key(im, e);
    if (ref.data != NULL) return import_row_key(im, FIELD_REF, e->row, &e->key);
    e->key = own_key(im, e);
    return true;
}

static bool take_entry(struct import *im, struct entry *e) {
    /* The card first: it is the strongest key. */
    static const int order[] = {FIELD_card, FIELD_phone, FIELD_email};
    struct view values[SEALED_COUNT_registered];
    bool good = import_time(im, FIELD_TIME, &e->time) && import_word(im, FIELD_STAFF, ACTOR_MAX, &e->staff) &&
                import_yes_no(im, FIELD_TOLD, &e->told) && take_referrer(im, e);
    for (size_t i = 0; good && i < sizeof order / sizeof *order; i++) good = take_value(im, e, order[i], values);
    for (int i = 0; good && i < SEALED_COUNT_registered; i++)
        if (i != FIELD_card && i != FIELD_phone && i != FIELD_email) good = take_value(im, e, i, values);
    if (!good) return false;
    if (e->strong_count == 0) {
        import_reject(im, e->row, "card", "is missing, and so are phone and email: one of them must be there");
        return false;
    }
    keep_values(im, e, values);
    return take_keys(im, e);
}

/* Kept in the order of the file, or of the times it tells. */
static void take(struct import *im, uint32_t row) {
    struct entry entry = {.row = row};
    if (take_entry(im, &entry)) import_keep(im, &entry, entry.time);
}

/* ---- Writing ---- */

static void set_values(struct draft *draft, const struct entry *e, uint64_t bits) {
    const struct event_info *info = event_info(draft->event.type);
    for (int i = 0, n = 0; i < SEALED_COUNT_registered; i++) {
        if ((e->bits >> i & 1) == 0) continue;
        if ((bits >> i & 1) != 0) event_sealed_set(&draft->event, info, i, e->values[n]);
        n++;
    }
}

/* In the writer's turn: the newcomer is the draft before. */
static int settle_referral(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    (void)err;
    draft->event.body.referred.newcomer = draft[-1].id;
    return 0;
}

static int draft_registered(struct import *im, const struct entry *e, uint64_t referrer) {
    struct draft *draft = import_draft(im, EVENT_registered, e->key, e->time, e->staff);
    draft->subject = SUBJECT_SELF;
    draft->event.body.registered.told = e->told;
    set_values(draft, e, e->bits);
    int code = site_draft_tags(im->site, draft, &im->call->error);
    if (code != 0 || e->referrer.written.data == NULL) return code;
    struct draft *referral =
        import_draft(im, EVENT_referred, import_key_with(im, e->key, "/referred"), e->time, e->staff);
    referral->event.subject = referrer;
    referral->event.body.referred.newcomer = im->batch.count;
    referral->settle = settle_referral;
    return 0;
}

static int draft_updated(struct import *im, const struct entry *e, uint64_t customer, uint64_t bits) {
    uint64_t heads[AFTER_MAX];
    struct draft *draft = import_draft(im, EVENT_updated, e->content, e->time, e->staff);
    draft->event.subject = customer;
    set_values(draft, e, bits);
    site_read(im->site);
    size_t count = model_heads(im->site->model, customer, bits, heads, AFTER_MAX);
    site_unread(im->site);
    for (size_t i = 0; i < count && i < AFTER_MAX; i++)
        list_append_id(&draft->event.after, import_storage(im, draft, 0), heads[i]);
    return site_draft_tags(im->site, draft, &im->call->error);
}

/* Has this very row been imported before? 1 yes, 0 no, IMPORT_REJECTED, negative. */
static int row_known(struct import *im, const struct entry *e) {
    uint64_t id;
    int code = import_known(im, e->content, &id);
    if (code != ERR_NOT_FOUND) return code < 0 ? code : 1;
    code = import_recorded(im, e->key, EVENT_registered, e->row, &id);
    if (code != 0) return code == ERR_NOT_FOUND ? 0 : code;
    return registered_says(im, e, id) ? 1 : 0;
}

static void note(struct import *im, const struct entry *e, uint64_t bits, uint64_t customer) {
    touch(&state(im)->touched, e, customer);
    if (im->dry_run) pretence_note(&state(im)->pretence, im->batch.number, e, bits, customer);
}

static int find_anywhere(struct import *im, const struct entry *e, uint64_t *customer) {
    int found = find_customer(im, e, customer);
    if (found != 0 || !im->dry_run) return found;
    *customer = pretence_find(&state(im)->pretence, e);
    return *customer != 0;
}

/* Who brought her: 1 and who (0 in a dry run that would register that one), 0, or negative. */
static int find_referrer(struct import *im, const struct entry *e, uint64_t *referrer) {
    *referrer = 0;
    if (e->referrer.written.data == NULL) return 1;
    int n = site_find(im->site, TAG_CARD, e->referrer.written, true, referrer, 1, &im->call->error);
    if (n != 0 || !im->dry_run) return n;
    struct entry other = {.strong = {e->referrer}, .strong_count = 1};
    return pretence_find(&state(im)->pretence, &other) != 0;
}

/* One whose referrer is not known yet stays open: that one's row may still come. */
static int draft_newcomer(struct import *im, const struct entry *e) {
    uint64_t referrer;
    int found = find_referrer(im, e, &referrer);
    if (found <= 0) return found;
    note(im, e, e->bits, 0);
    return draft_registered(im, e, referrer);
}

static int draft_entry(struct import *im, uint32_t unit) {
    struct customers *s = state(im);
    const struct entry *e = import_entry(im, unit);
    uint64_t customer;
    if (im->rows[e->row].outcome != ROW_OPEN) return 0;
    if (touched_before(&s->touched, im->batch.number, e)) return IMPORT_LATER;
    int known = row_known(im, e);
    if (known == 1) import_done(im, e->row, ROW_SKIPPED);
    if (known != 0) return known < 0 ? known : 0;
    int found = find_anywhere(im, e, &customer);
    if (found < 0) return found;
    if (found == 0) return draft_newcomer(im, e);
    if (touched_customer(&s->touched, customer)) return IMPORT_LATER;
    uint64_t bits = changed_fields(im, im->dry_run ? &s->pretence : NULL, e, customer);
    if (bits == 0) {
        import_done(im, e->row, ROW_SKIPPED);
        return 0;
    }
    note(im, e, bits, customer);
    return draft_updated(im, e, customer, bits);
}

/* The units whose rows are still open, in front of `order`; how many. */
static size_t still_open(const struct import *im, struct import_order *order, size_t count) {
    size_t open = 0;
    for (size_t i = 0; i < count; i++)
        if (im->rows[import_entry_row(im, order[i].unit)].outcome == ROW_OPEN) order[open++] = order[i];
    return open;
}

/* First all, then whoever waited for the one who brought her, as long as that brings anybody on. */
static int write_all(struct import *im) {
    struct import_order *order = im->entries.order;
    size_t before = im->entries.count, open = 0;
    int code = import_write_entries(im);
    while (code == 0 && (open = still_open(im, order, before)) > 0 && open < before) {
        before = open;
        code = import_write(im, order, open);
    }
    for (size_t i = 0; code == 0 && i < before; i++)
        import_reject(im, import_entry_row(im, order[i].unit), "referred_by",
                      "nobody has this card number, neither here nor in a row that is written");
    return code;
}

static void written(struct import *im) { pretence_commit(&state(im)->pretence); }

/* Customers here, and of another row, have no id yet: the card or phone of the row that brings them. */
static struct view called(const struct import *im, uint64_t customer) {
    const struct entry *e = pretence_own(customer) ? pretence_first(&state(im)->pretence, customer) : NULL;
    return e == NULL ? VIEW_NONE : e->strong[0].written;
}

const struct import_kind import_customers = {
    .name = "customers",
    .fields = fields,
    .field_count = FIELD_COUNT,
    .state_size = sizeof(struct customers),
    .entry_size = sizeof(struct entry),
    .begin = begin,
    .take = take,
    .write = write_all,
    .draft = draft_entry,
    .row_of = import_entry_row,
    .written = written,
    .called = called,
    .end = end,
};
