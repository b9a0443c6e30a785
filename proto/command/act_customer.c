#include "proto/command/act_customer.h"

#include <string.h>

#include "proto/base/text.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/custom_fields.h"
#include "proto/command/file_values.h"
#include "proto/event/describe.h"
#include "proto/model/completeness.h"

static bool blank(const char *text) { return text[strspn(text, " \t\r\n")] == '\0'; }

/* Does the file say this already (nothing, for a clearing), undisputed and not so long ago that it is worth telling
 * again? `said`: the event that does. */
static bool said_already(struct call *call, uint64_t customer, int bit, struct view value, uint64_t *said) {
    struct buf now = BUF_INIT;
    struct field_winner won = {.event = 0};
    const struct model *model = ask_begin(call);
    size_t heads = model_field_heads(model, customer, bit, NULL, 0);
    model_field_winners(model, customer, UINT64_C(1) << bit, &won, 1);
    bool stale = heads > 0 && field_stale(model, won.time, site_now(call->site), &call->site->zone);
    ask_end(call);
    site_field(call->site, NULL, customer, bit, &now);
    bool same =
        value.data == NULL ? heads == 0 || won.cleared != 0 : heads == 1 && !stale && view_equal(buf_view(&now), value);
    buf_wipe(&now);
    if (same && won.event != 0) *said = won.event;
    return same && heads <= 1;
}

/* C3: a change card has only what changed. With --source somebody says who knew it, and that is said. Returns an event
 * that says what was left out, 0 when nothing was. */
static uint64_t leave_out_unchanged(struct call *call, struct draft *draft) {
    const struct event_info *info = event_info(draft->event.type);
    uint64_t said = 0;
    for (int bit = 0; bit < SEALED_COUNT_updated && !call_has(call, "source"); bit++) {
        uint64_t one = UINT64_C(1) << bit, by = draft->event.subject;
        if ((draft->event.sealed_bits & one) == 0) continue;
        struct view value = event_sealed_view(&draft->event, info, bit);
        if (!said_already(call, draft->event.subject, bit, value, &by)) continue;
        event_sealed_set(&draft->event, info, bit, VIEW_NONE);
        draft->event.sealed_bits &= ~one;
        if (draft->event.body.updated.cleared != NIL) draft->event.body.updated.cleared &= ~(int64_t)one;
        said = by;
    }
    if (draft->event.body.updated.cleared == 0) draft->event.body.updated.cleared = NIL;
    return said;
}

int act_fill_file(struct call *call, struct draft *draft, struct buf *custom) {
    const struct event_info *info = event_info(draft->event.type);
    int code = custom_fields(call, draft->event.subject, custom);
    if (code != 0) return code;
    for (size_t i = 0; i < call->given_count; i++) {
        int bit = event_sealed_bit(info, view_of(call->given_names[i]));
        if (bit < 0) continue;
        if (blank(call->given_values[i])) return err_set(&call->error, ERR_INVALID, call->given_names[i], "is empty");
        bool own_form = bit == SEALED_registered_custom;
        event_sealed_set(&draft->event, info, bit, own_form ? buf_view(custom) : view_of(call->given_values[i]));
    }
    struct view birthday = event_sealed_view(&draft->event, info, SEALED_registered_birthday);
    struct date today = zone_date(&call->site->zone, site_now(call->site));
    code = birthday.data == NULL ? 0 : check_birthday(birthday, today, &call->error);
    return code;
}

/* A customer of the book has a name and a way to be found again. Not so one that came from a file with a card alone. */
static int refuse_nameless(struct call *call, const struct draft *draft, uint64_t customer) {
    static const int bits[] = {SEALED_registered_phone, SEALED_registered_card, SEALED_registered_email};
    const struct event_info *info = event_info(EVENT_updated);
    bool clears = false, left = false;
    for (size_t i = 0; i < 3; i++) {
        struct buf value = BUF_INIT;
        bool touched = (draft->event.sealed_bits >> bits[i] & 1) != 0;
        bool given = touched && event_sealed_view(&draft->event, info, bits[i]).data != NULL;
        if (!touched) site_field(call->site, NULL, customer, bits[i], &value);
        clears = clears || (touched && !given);
        left = left || given || value.len > 0;
        buf_wipe(&value);
    }
    if (clears && !left)
        return err_set(&call->error, ERR_INVALID, "clear",
                       "would leave no phone, card or email to find the customer by");
    bool named = (draft->event.sealed_bits >> SEALED_registered_name & 1) == 0 ||
                 event_sealed_view(&draft->event, info, SEALED_registered_name).data != NULL;
    return named ? 0 : err_set(&call->error, ERR_INVALID, "clear", "a customer keeps a name; give another with --name");
}

static bool same_name(struct call *call, uint64_t customer, struct view name) {
    struct buf theirs = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
    site_field(call->site, NULL, customer, SEALED_registered_name, &theirs);
    bool same = theirs.len == 0 || (name_normalise(buf_view(&theirs), &a, NULL) == 0 &&
                                    name_normalise(name, &b, NULL) == 0 && view_equal(buf_view(&a), buf_view(&b)));
    buf_wipe(&theirs);
    buf_wipe(&a);
    buf_wipe(&b);
    return same;
}

/* Another file of hers may say the same; in the writer's turn, so the model stands still. */
static bool same_person(const struct call *call, uint64_t a, uint64_t b) {
    const struct model *model = call->site->model;
    return a == b || model_person(model, a) == model_person(model, b);
}

int act_refuse_double(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    struct call *call = draft->context;
    const struct event_info *info = event_info(draft->event.type);
    static const struct {
        enum tag_kind kind;
        int bit;
    } keys[] = {
        {TAG_CARD, SEALED_registered_card}, {TAG_PHONE, SEALED_registered_phone}, {TAG_EMAIL, SEALED_registered_email}};
    struct view name = event_sealed_view(&draft->event, info, SEALED_registered_name);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        uint64_t ids[8];
        char text[ID_TEXT];
        struct view written = event_sealed_view(&draft->event, info, keys[i].bit);
        int n = written.data == NULL ? 0 : site_find(call->site, keys[i].kind, written, false, ids, 8, err);
        if (n < 0) return n;
        for (int k = 0; k < n; k++) {
            if (same_person(call, ids[k], draft->event.subject)) continue;
            if (keys[i].kind == TAG_CARD || (name.data != NULL && same_name(call, ids[k], name)))
                return err_set(err, ERR_EXISTS,
                               info->fields[info->count - info->sealed_count + (size_t)keys[i].bit].name,
                               "customer %s has this one already", id_format(ids[k], text));
        }
    }
    return 0;
}

static int fill_clears(struct call *call, struct draft *draft) {
    const struct event_info *info = event_info(EVENT_updated);
    for (size_t i = 0; i < call_option_count(call, "clear"); i++) {
        const char *field = call_option_at(call, "clear", i);
        int bit = event_sealed_bit(info, view_of(field));
        if (bit < 0) return err_set(&call->error, ERR_INVALID, "clear", "'%s' is no field of the customer file", field);
        if ((draft->event.sealed_bits >> bit & 1) != 0)
            return err_set(&call->error, ERR_INVALID, "clear", "'%s' is both set and cleared", field);
        event_sealed_set(&draft->event, info, bit, VIEW_NONE);
        int64_t *cleared = &draft->event.body.updated.cleared;
        *cleared = (*cleared == NIL ? 0 : *cleared) | INT64_C(1) << bit;
    }
    return 0;
}

/* No ref was given again: the file says it, by the event of this id. */
static void answer_unchanged(struct call *call, const struct draft *draft) {
    char text[ID_TEXT];
    if (call->json)
        act_answer(call, draft, "", NULL);
    else
        fprintf(call->out, "%s says so already: nothing changed\n", id_format(draft->id, text));
}

static int write_update(struct call *call, struct buf *custom) {
    struct draft draft;
    uint64_t customer, heads[AFTER_MAX];
    struct buf after = BUF_INIT;
    int code = ask_whom(call, call->argv[0], &customer);
    if (code == 0) code = act_draft(call, &draft, EVENT_updated, SUBJECT_GIVEN, customer);
    if (code != 0 || act_repeats(call, &draft, "updated")) return code;
    if (code == 0) code = act_fill_file(call, &draft, custom);
    if (code == 0) code = fill_clears(call, &draft);
    if (code == 0) code = act_choice(call, "source", &choices_role, &draft.event.body.updated.source);
    if (code != 0) return code;
    draft.settle = act_refuse_double;
    draft.context = call;
    code = refuse_nameless(call, &draft, customer);
    if (code != 0) return code;
    if (draft.event.sealed_bits == 0)
        return err_set(&call->error, ERR_INVALID, NULL, "nothing to change: give --FIELD VALUE or --clear FIELD");
    draft.id = leave_out_unchanged(call, &draft);
    draft.existing = draft.event.sealed_bits == 0;
    if (draft.existing) {
        answer_unchanged(call, &draft);
        return 0;
    }
    draft.id = 0;
    code = site_draft_tags(call->site, &draft, &call->error);
    if (code != 0) return code;
    const struct model *model = ask_begin(call);
    size_t n = model_heads(model, customer, draft.event.sealed_bits, heads, AFTER_MAX);
    ask_end(call);
    for (size_t i = 0; i < n && i < AFTER_MAX; i++) list_append_id(&draft.event.after, &after, heads[i]);
    code = act_write(call, &draft, 1, "updated");
    buf_release(&after);
    return code;
}

static int act_update(struct call *call) {
    struct buf custom = BUF_INIT;
    int code = write_update(call, &custom);
    buf_wipe(&custom);
    return code;
}

static const struct option update_options[] = {
    {"clear", "FIELD", "the field has no value any more", true},
    {"source", "ROLE", "who of us knew it: assistant, manager … (default: the customer said so)", false},
    {NULL, NULL, NULL, false},
};
const struct command act_customer_commands[] = {
    {"update", "ID [--FIELD VALUE …] [--clear FIELD]", "change what is known of a customer", NEEDS_SITE, 1, 1,
     update_options, act_options, true, act_update, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
