/* recall: whom she has in front of her, in two seconds (C6). `customer` shows the same head above the history.
 *
 * Everything comes from the person's own entries of the model and the newest of her records; nothing looks through the
 * region's rows. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask_contact.h"
#include "proto/command/ask_directory.h"
#include "proto/command/ask_tier.h"
#include "proto/command/recall.h"
#include "proto/event/describe.h"
#include "proto/model/about.h"
#include "proto/model/completeness.h"
#include "proto/model/person_rows.h"
#include "proto/model/policies.h"
#include "proto/model/rows.h"
#include "proto/site/anniversaries.h"

#define MEMBERS_MAX 64
#define SALES_SHOWN 3
#define LIST_MAX 32
#define LABELS_MAX 128
#define FIELDS_MAX 64
#define OCCASIONS_MAX 16

static void set(json_t *card, const char *key, json_t *value) { json_object_set_new(card, key, value); }

static json_t *word_of(const struct choice_list *list, int64_t number) {
    const char *word = choice_word(list, number);
    return word == NULL ? json_null() : json_string(word);
}

static size_t at_most(size_t count, size_t max) { return count < max ? count : max; }

static void rest_on_members(struct call *call, const uint64_t *members, size_t count) {
    for (size_t i = 0; i < count; i++) call_rests_on(call, members[i]);
    if (count == MEMBERS_MAX) call_rests_on_nothing(call);
}

/* A sealed text of an event; null where it cannot be read. */
static json_t *sealed_text(struct call *call, uint64_t id, int bit) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened = false;
    json_t *out = json_null();
    if (site_event(call->site, id, &event, &frame, &plain, &standing, &opened, &record, NULL) == 0 && opened)
        out = ask_text(event_sealed_view(&event, event_info(event.type), bit));
    buf_release(&frame);
    buf_wipe(&plain);
    return out;
}

/* ---- What was bought last ---- */

/* The latest sales among her rows, the latest first; returns how many. */
static size_t latest_sales(const struct person_row *rows, size_t count, const struct person_row *out[SALES_SHOWN]) {
    size_t found = 0;
    for (size_t i = count; i-- > 0 && found < SALES_SHOWN;)
        if ((rows[i].flags & ROW_VISIT) != 0) out[found++] = &rows[i];
    return found;
}

/* What came back over the counter since: those goods are not hers any more. */
struct given_back {
    uint64_t sale; /* 0: it was not said of which */
    int64_t time;
    size_t sku, sku_len; /* within `skus` */
    int64_t quantity, amount;
};
struct all_given_back {
    VEC(struct given_back) list;
    struct buf skus;
};

/* `sign`: a return is written with positive numbers, what an exchange brings back with negative ones. */
static void give_back(struct all_given_back *all, const struct person_row *row, uint64_t sale, int64_t sign,
                      struct list lines) {
    struct row_sale_line line;
    while (row_sale_line_next(&lines, &line)) {
        if (sign * line.quantity <= 0) continue;
        *VEC_ADD(all->list) =
            (struct given_back){sale, row->time, all->skus.len, line.sku.len, sign * line.quantity, sign * line.amount};
        buf_append_view(&all->skus, line.sku);
    }
}

/* Takes off the line what came back of it: of this sale, else (`named` false) of the latest that it can be. */
static void take_off(struct all_given_back *all, const struct person_row *sale, bool named,
                     struct row_sale_line *line) {
    for (uint32_t i = 0; i < all->list.count && line->quantity > 0; i++) {
        struct given_back *one = &all->list.items[i];
        bool of_it = named ? one->sale == sale->id : one->sale == 0 && one->time >= sale->time;
        if (!of_it || one->quantity == 0 || !view_equal(line->sku, view_make(all->skus.data + one->sku, one->sku_len)))
            continue;
        int64_t taken = one->quantity < line->quantity ? one->quantity : line->quantity;
        int64_t amount = decimal_share(one->amount, taken, one->quantity);
        one->quantity -= taken;
        one->amount -= amount;
        line->quantity -= taken;
        line->amount -= amount;
    }
}

static void add_lines(struct call *call, json_t *items, const struct person_row *sale, struct list lines,
                      struct all_given_back *back) {
    struct row_sale_line line;
    for (struct list all = lines; row_sale_line_next(&all, &line);) {
        char quantity[40];
        if (line.quantity <= 0) continue;
        take_off(back, sale, true, &line);
        take_off(back, sale, false, &line);
        if (line.quantity <= 0) continue;
        json_array_append_new(items, json_pack("{s:o, s:s, s:I, s:o, s:o}", "sku", ask_text(line.sku), "quantity",
                                               decimal_format(line.quantity, 3, false, quantity), "amount",
                                               (json_int_t)line.amount, "at", ask_time(call, sale->time), "sale",
                                               ask_id(sale->id)));
    }
    give_back(back, sale, 0, -1, lines); /* of an earlier one */
}

static int read_sale(struct log *log, const struct person_row *sale, struct record *record, struct buf *frame) {
    if (sale->position != 0) return log_get(log, sale->position, record, frame, NULL);
    return log_get_id(log, sale->id, record, frame, NULL);
}

/* Since the oldest of the sales that are shown. */
static void find_given_back(struct call *call, const struct person_row *rows, size_t count, int64_t since,
                            struct all_given_back *out) {
    struct buf frame = BUF_INIT;
    for (size_t i = count; i-- > 0 && rows[i].time >= since;) {
        struct record record;
        struct event event;
        if ((rows[i].flags & ROW_VISIT) != 0) continue;
        buf_clear(&frame);
        if (read_sale(call->site->log, &rows[i], &record, &frame) != 0 ||
            event_decode(record.frame, &event, NULL) != EVENT_GOOD)
            continue;
        if (event.type == EVENT_returned)
            give_back(out, &rows[i], event.body.returned.sale, 1, event.body.returned.lines);
        else if (event.type == EVENT_sold)
            give_back(out, &rows[i], 0, -1, event.body.sold.lines);
    }
    buf_release(&frame);
}

static void add_sales(struct call *call, const struct person_row *rows, size_t count, json_t *card) {
    const struct person_row *sales[SALES_SHOWN];
    json_t *items = json_array(), *visit = json_null();
    struct buf frame = BUF_INIT;
    size_t found = latest_sales(rows, count, sales);
    struct all_given_back back = {.skus = BUF_INIT};
    if (found > 0) find_given_back(call, rows, count, sales[found - 1]->time, &back);
    for (size_t i = 0; i < found; i++) {
        struct record record;
        struct event event;
        buf_clear(&frame);
        if (read_sale(call->site->log, sales[i], &record, &frame) != 0 ||
            event_decode(record.frame, &event, NULL) != EVENT_GOOD || event.type != EVENT_sold)
            continue;
        add_lines(call, items, sales[i], event.body.sold.lines, &back);
        if (i == 0)
            visit = json_pack("{s:o, s:o, s:o, s:o}", "at", ask_time(call, sales[0]->time), "store",
                              ask_store_of(call, id_stream(record.id)), "staff", ask_text(event.actor), "sale",
                              ask_id(record.id));
    }
    buf_release(&frame);
    buf_release(&back.skus);
    VEC_RELEASE(back.list);
    set(card, "items", items);
    set(card, "last_visit", visit);
}

/* ---- What is open ---- */

static void add_promises(struct call *call, uint64_t person, int64_t now, json_t *card) {
    struct promise_state states[LIST_MAX];
    json_t *list = json_array();
    const struct model *model = ask_begin(call);
    size_t count = at_most(about_promises(model, person, states, LIST_MAX), LIST_MAX);
    ask_end(call);
    for (size_t i = 0; i < count; i++)
        if (states[i].due >= now) call_rests_until(call, states[i].due + 1);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:b}", "id", ask_id(states[i].event), "text",
                                              sealed_text(call, states[i].event, SEALED_promised_text), "made",
                                              ask_time(call, states[i].made), "due", ask_time(call, states[i].due),
                                              "overdue", states[i].due < now));
    set(card, "promises", list);
}

static void add_complaints(struct call *call, uint64_t person, int64_t now, json_t *card) {
    uint64_t ids[LIST_MAX];
    json_t *list = json_array();
    const struct model *model = ask_begin(call);
    size_t count = at_most(about_complaints(model, person, ids, LIST_MAX), LIST_MAX);
    ask_end(call);
    if (count > 0) call_rests_on_nothing(call); /* on a clock that runs by the hour, and on steps of others */
    for (size_t i = 0; i < count; i++) {
        char text[ID_TEXT];
        struct complaint complaint;
        if (ask_thread(call, id_format(ids[i], text), &complaint) != 0) {
            call->error = (struct err){.code = 0}; /* voided */
            continue;
        }
        if (complaint.state == COMPLAINT_CLOSED || complaint.opened_at > now) continue;
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o, s:o, s:b}", "id", text, "opened_at", ask_time(call, complaint.opened_at),
                            "step", word_of(&choices_step, complaint.step), "topic",
                            sealed_text(call, ids[i], SEALED_complained_topic), "overdue", complaint.overdue));
        json_t *row = json_array_get(list, json_array_size(list) - 1);
        if (json_is_null(json_object_get(row, "topic")))
            set(row, "topic", sealed_text(call, ids[i], SEALED_complained_text));
    }
    set(card, "complaints", list);
}

/* ---- The birthday, the dated occasions of the family ---- */

int64_t recall_days_to(struct date today, int month, int day) {
    for (int year = today.year; year <= today.year + 1; year++) {
        struct date next = {year, month, day};
        if (!date_valid(next)) next.day--; /* February 29th in a common year */
        int64_t days = date_to_days(next) - date_to_days(today);
        if (days >= 0) return days;
    }
    return -1;
}

/* Days to the next of the days written in a field, null unless it is within `ahead`. */
static json_t *days_to(struct date today, const char *written, size_t most, int64_t ahead) {
    struct month_day days[OCCASIONS_MAX];
    int64_t nearest = ahead + 1;
    size_t count = written == NULL ? 0 : text_days(view_of(written), days, most);
    for (size_t i = 0; i < count; i++) {
        int64_t left = recall_days_to(today, days[i].month, days[i].day);
        if (left < nearest) nearest = left;
    }
    return nearest > ahead ? json_null() : json_integer(nearest);
}

static void add_days(struct call *call, int64_t now, json_t *card) {
    struct date today = zone_date(&call->site->zone, now);
    const struct model *model = ask_begin(call);
    int64_t ahead = policy_number(model, POLICY_BIRTHDAY_DAYS, now);
    ask_end(call);
    const char *birthday = json_string_value(json_object_get(card, "birthday")),
               *occasions = json_string_value(json_object_get(card, "occasions"));
    set(card, "birthday_in_days", days_to(today, birthday, 1, ahead));
    set(card, "occasion_in_days", days_to(today, occasions, OCCASIONS_MAX, ahead));
}

/* ---- What is known, and what is not ---- */

static json_t *field_name(int bit) {
    const struct event_info *info = event_info(EVENT_registered);
    return bit < 0 ? json_null() : json_string(info->fields[info->count - info->sealed_count + (size_t)bit].name);
}

/* Fields whose value nobody has confirmed for long, in none of the person's files. */
static json_t *stale_fields(struct call *call, uint64_t person, int64_t now) {
    struct field_winner told[FIELDS_MAX];
    uint64_t stale = 0;
    json_t *list = json_array();
    const struct model *model = ask_begin(call);
    size_t count = at_most(model_person_winners(model, person, UINT64_MAX, told, FIELDS_MAX), FIELDS_MAX);
    for (size_t i = 0; i < count; i++)
        if (field_stale(model, told[i].time, now, &call->site->zone)) stale |= told[i].bits & ~told[i].cleared;
    ask_end(call);
    for (int bit = 0; bit < SEALED_COUNT_registered; bit++)
        if ((stale >> bit & 1) != 0) json_array_append_new(list, field_name(bit));
    return list;
}

static void add_knowledge(struct call *call, uint64_t person, int64_t now, json_t *card) {
    const struct model *model = ask_begin(call);
    uint64_t known = person_known_fields(model, person);
    int next = ask_next(model, known, 0, now);
    ask_end(call);
    struct completeness c = completeness_of(known);
    set(card, "completeness", json_real(c.share));
    set(card, "hardware", json_integer(c.hardware));
    set(card, "software", json_integer(c.software));
    set(card, "ask_next", field_name(next));
    set(card, "stale", stale_fields(call, person, now));
}

/* ---- Tags, relations, consents ---- */

json_t *recall_tag(int64_t tag) {
    const struct choice_info *info = NULL;
    for (size_t i = 0; (info = choice_at(&choices_tag, i)) != NULL && info->number != tag;) i++;
    return info == NULL ? json_null() : json_pack("{s:s, s:s}", "tag", info->word, "hint", info->meaning);
}

/* The latest word on each label stands first. */
static void add_labels(struct call *call, uint64_t person, int64_t now, json_t *list) {
    struct label_word words[LABELS_MAX];
    json_t *seen = json_object();
    const struct model *model = ask_begin(call);
    size_t count = at_most(about_labels(model, person, now, words, LABELS_MAX), LABELS_MAX);
    ask_end(call);
    for (size_t i = 0; i < count; i++) {
        json_t *label = sealed_text(call, words[i].event, SEALED_tagged_label);
        const char *text = json_string_value(label);
        if (text != NULL && json_object_get(seen, text) == NULL) {
            json_object_set_new(seen, text, json_true());
            if (words[i].on) json_array_append_new(list, json_pack("{s:O, s:n}", "tag", label, "hint"));
        }
        json_decref(label);
    }
    json_decref(seen);
}

static void add_tags(struct call *call, uint64_t person, int64_t now, json_t *card) {
    struct tag_state tags[LIST_MAX];
    json_t *list = json_array();
    const struct model *model = ask_begin(call);
    size_t count = at_most(about_tags(model, person, now, tags, LIST_MAX), LIST_MAX);
    ask_end(call);
    for (size_t i = 0; i < count; i++) json_array_append_new(list, recall_tag(tags[i].tag));
    add_labels(call, person, now, list);
    set(card, "tags", list);
}

static json_t *whom(struct call *call, uint64_t person) {
    uint64_t members[MEMBERS_MAX];
    const struct model *model = ask_begin(call);
    rest_on_members(call, members, at_most(model_members(model, person, members, MEMBERS_MAX), MEMBERS_MAX));
    ask_end(call);
    bool seen = ask_sees(call, person);
    return json_pack("{s:o, s:o}", "customer", ask_id(person), "name",
                     seen ? ask_person_field(call, person, SEALED_registered_name) : json_null());
}

static void add_people(struct call *call, uint64_t person, int64_t now, json_t *card) {
    struct relation_state relations[LIST_MAX];
    struct custodian_state keeper;
    uint64_t referrer = 0;
    json_t *list = json_array(), *custodian = json_null();
    const struct model *model = ask_begin(call);
    size_t count = at_most(about_relations(model, person, now, relations, LIST_MAX), LIST_MAX);
    bool referred = about_referrer(model, person, &referrer);
    if (about_custodian(model, person, now, &keeper))
        custodian = json_pack("{s:o, s:o}", "staff", ask_text(keeper.staff), "store", ask_text(keeper.store));
    ask_end(call);
    for (size_t i = 0; i < count; i++) {
        json_t *row = whom(call, relations[i].other);
        set(row, "relation", word_of(&choices_relation, relations[i].relation));
        json_array_append_new(list, row);
    }
    set(card, "custodian", custodian);
    set(card, "relations", list);
    set(card, "referred_by", referred ? whom(call, referrer) : json_null());
}

static void add_consents(struct call *call, uint64_t person, int64_t now, json_t *card) {
    struct consent_state consents[8];
    json_t *list = json_array();
    const struct model *model = ask_begin(call);
    size_t count = at_most(about_consents(model, person, now, consents, 8), 8);
    ask_end(call);
    for (size_t i = 0; i < count; i++) {
        struct buf staff = BUF_INIT;
        ask_actor(call, consents[i].event, &staff);
        json_array_append_new(list, json_pack("{s:o, s:b, s:o, s:o, s:o}", "purpose",
                                              word_of(&choices_purpose, consents[i].purpose), "given",
                                              consents[i].given, "at", ask_time(call, consents[i].time), "staff",
                                              staff.len == 0 ? json_null() : ask_text(buf_view(&staff)), "store",
                                              ask_store_of(call, id_stream(consents[i].event))));
        buf_release(&staff);
    }
    set(card, "consents", list);
}

/* ---- The card ---- */

static void add_file(struct call *call, uint64_t person, json_t *card) {
    static const struct {
        const char *key;
        int bit;
    } shown[] = {
        {"name", SEALED_registered_name},           {"phone", SEALED_registered_phone},
        {"card", SEALED_registered_card},           {"birthday", SEALED_registered_birthday},
        {"size", SEALED_registered_size},           {"occasion", SEALED_registered_reason},
        {"occasions", SEALED_registered_occasions},
    };
    uint64_t bits = 0;
    struct person_file file = {.text = BUF_INIT};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) bits |= UINT64_C(1) << shown[i].bit;
    ask_person_file(call, person, bits, &file);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        set(card, shown[i].key, ask_text(person_file_field(&file, shown[i].bit)));
    person_file_wipe(&file);
}

/* What the region knows her number by, where that is another tier than she has here: her history is still to come. */
static void add_directory(struct call *call, json_t *card) {
    char tier[DIRECTORY_TIER_TEXT];
    call_rests_on(call, NEWS_DIRECTORY);
    bool known = ask_directory(call, json_string_value(json_object_get(card, "phone")), tier);
    const char *here = json_string_value(json_object_get(card, "tier"));
    bool other = known && (here == NULL || strcmp(here, tier) != 0);
    set(card, "directory", other ? ask_directory_json(tier) : json_null());
}

/* Her sales and returns up to now. One that is dated later, by a clock that was wrong, counts from then on, as with
 * every question. */
static void rows_until(struct call *call, const struct model *model, uint64_t person, int64_t now,
                       struct person_row **rows, size_t *count) {
    size_t by_now = 0;
    person_rows(model, person, &(struct cut){TIME_NONE, TIME_NONE}, rows, count);
    while (by_now < *count && (*rows)[by_now].time <= now) by_now++;
    if (by_now < *count) call_rests_until(call, (*rows)[by_now].time);
    *count = by_now;
}

/* The card changes with whatever happens to her, and at midnight, by which windows, birthdays and the age of fields
 * count; what comes due earlier is said where it is read. */
static void rest_until(struct call *call, const struct model *model, uint64_t person, int64_t now) {
    const struct zone *zone = &call->site->zone;
    if (call->grounds == NULL) return;
    call->grounds->told = true;
    call_rests_until(call, zone_day_end(zone, zone_date(zone, now)) + 1);
    call_rests_until(call, about_next(model, person, now));
}

json_t *recall_card(struct call *call, uint64_t customer) {
    uint64_t members[MEMBERS_MAX];
    struct standing value = {.last = TIME_NONE};
    int64_t now = ask_latest(call);
    struct cut cut = {TIME_NONE, now};
    const struct model *model = ask_begin(call);
    uint64_t person = model_person(model, customer);
    size_t count = at_most(model_members(model, person, members, MEMBERS_MAX), MEMBERS_MAX);
    rest_on_members(call, members, count);
    rest_until(call, model, person, now);
    person_value(model, person, &cut, &value);
    struct person_row *rows;
    size_t row_count;
    struct asked_tiers tiers;
    rows_until(call, model, person, now, &rows, &row_count);
    ask_tier_by_rows(call, model, now, person, rows, row_count, &tiers);
    ask_end(call);
    if (tiers.of->until != NIL && tiers.of->until >= now) call_rests_until(call, tiers.of->until + 1);
    json_t *card =
        json_pack("{s:o, s:n, s:I, s:I, s:o}", "id", ask_id(person), "tier", "spend", (json_int_t)value.spend, "visits",
                  (json_int_t)value.visits, "last", ask_time(call, value.last));
    ask_tier_row(&tiers, 0, card);
    set(card, "tier_until",
        ask_time(call, tiers.of->granted == TIER_NO || tiers.of->until == NIL ? TIME_NONE : tiers.of->until));
    ask_tiers_release(&tiers);
    add_file(call, person, card);
    add_directory(call, card);
    add_sales(call, rows, row_count, card);
    free(rows);
    add_promises(call, person, now, card);
    add_complaints(call, person, now, card);
    add_days(call, now, card);
    add_knowledge(call, person, now, card);
    add_tags(call, person, now, card);
    add_people(call, person, now, card);
    add_consents(call, person, now, card);
    return card;
}
