/* The recall card for people, and the commands that show it: recall, tags. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/ask_directory.h"
#include "proto/command/listing.h"
#include "proto/command/recall.h"
#include "proto/event/describe.h"
#include "proto/model/completeness.h"

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text == NULL ? "" : text;
}

static void put_text(struct buf *line, const char *text) { text_printable(view_of(text), line); }

static void put_minute(struct buf *line, const json_t *row, const char *key) { ask_minute(line, text_of(row, key)); }

static void say(struct call *call, const char *head, struct buf *line) {
    if (line->len > 0) fprintf(call->out, "  %-12s %s\n", head, buf_text(line));
    buf_clear(line);
}

static void say_field(struct call *call, const json_t *card, const char *key, struct buf *line) {
    put_text(line, text_of(card, key));
    say(call, key, line);
}

static void say_value(struct call *call, const json_t *card, struct buf *line) {
    char money[40], visits[COUNT_TEXT];
    const json_t *visit = json_object_get(card, "last_visit");
    buf_printf(
        line, "%s %s in %s, last ",
        decimal_format(json_integer_value(json_object_get(card, "spend")), call->site->currency.decimals, true, money),
        call->site->currency.code,
        count_format((uint64_t)json_integer_value(json_object_get(card, "visits")), "visit", visits));
    if (json_is_null(json_object_get(card, "last")))
        buf_printf(line, "never");
    else
        put_minute(line, card, "last");
    if (*text_of(visit, "store") != '\0') buf_printf(line, " at %s", text_of(visit, "store"));
    if (*text_of(visit, "staff") != '\0') buf_printf(line, " with %s", text_of(visit, "staff"));
    say(call, "spend", line);
}

/* What is missing to the next tier; whether this one was given by hand. */
static void say_tier(struct call *call, const json_t *card, struct buf *line) {
    char money[40];
    const json_t *missing = json_object_get(card, "to_next");
    put_text(line, text_of(card, "tier"));
    if (*text_of(card, "tier_granted") != '\0') {
        buf_printf(line, " (%s by hand%s%.10s, earned: ", text_of(card, "tier_granted"),
                   *text_of(card, "tier_until") == '\0' ? "" : " until ", text_of(card, "tier_until"));
        put_text(line, *text_of(card, "tier_earned") == '\0' ? "none" : text_of(card, "tier_earned"));
        buf_printf(line, ")");
    }
    if (*text_of(card, "tier_lapsed") != '\0') {
        buf_printf(line, " (%s by hand, which is no tier any more)", text_of(card, "tier_lapsed"));
    }
    if (json_is_integer(missing)) {
        buf_printf(line, "%s%s more for ", line->len > 0 ? ", " : "",
                   decimal_format(json_integer_value(missing), call->site->currency.decimals, true, money));
        put_text(line, text_of(card, "tier_next"));
    }
    const char *elsewhere = text_of(json_object_get(card, "directory"), "tier");
    if (*elsewhere != '\0') {
        buf_printf(line, "%sthe region knows her number: ", line->len > 0 ? "; " : "");
        put_text(line, elsewhere);
    }
    say(call, "tier", line);
}

static void say_items(struct call *call, const json_t *card, struct buf *line) {
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(card, "items"), i, item) {
        char money[40];
        buf_printf(line, "%.10s  ", text_of(item, "at"));
        put_text(line, text_of(item, "sku"));
        buf_printf(line, "  %s",
                   decimal_format(json_integer_value(json_object_get(item, "amount")), call->site->currency.decimals,
                                  true, money));
        say(call, i == 0 ? "bought" : "", line);
    }
}

static void say_open(struct call *call, const json_t *card, struct buf *line) {
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(card, "promises"), i, row) {
        buf_printf(line, "%sby %.10s: ", json_is_true(json_object_get(row, "overdue")) ? "OVERDUE, " : "",
                   text_of(row, "due"));
        put_text(line, text_of(row, "text"));
        buf_printf(line, " (%s)", text_of(row, "id"));
        say(call, "promised", line);
    }
    json_array_foreach(json_object_get(card, "complaints"), i, row) {
        buf_printf(line, "%s%s, since %.10s: ", json_is_true(json_object_get(row, "overdue")) ? "OVERDUE, " : "",
                   *text_of(row, "step") == '\0' ? "open" : text_of(row, "step"), text_of(row, "opened_at"));
        put_text(line, text_of(row, "topic"));
        buf_printf(line, " (%s)", text_of(row, "id"));
        say(call, "complaint", line);
    }
}

static void say_days(struct call *call, const json_t *card, const char *field, const char *left, struct buf *line) {
    const json_t *days = json_object_get(card, left);
    char text[COUNT_TEXT];
    put_text(line, text_of(card, field));
    if (json_is_integer(days) && json_integer_value(days) == 0) buf_printf(line, "  TODAY");
    if (json_is_integer(days) && json_integer_value(days) > 0)
        buf_printf(line, "  in %s", count_format((uint64_t)json_integer_value(days), "day", text));
    say(call, field, line);
}

static void say_knowledge(struct call *call, const json_t *card, struct buf *line) {
    size_t i;
    const json_t *name;
    unsigned hardware = (unsigned)json_integer_value(json_object_get(card, "hardware")),
             software = (unsigned)json_integer_value(json_object_get(card, "software"));
    buf_printf(line, "%u%% complete", completeness_by(hardware, software).percent);
    if (*text_of(card, "ask_next") != '\0') buf_printf(line, "; ask next: %s", text_of(card, "ask_next"));
    say(call, "file", line);
    json_array_foreach(json_object_get(card, "stale"), i, name)
        buf_printf(line, "%s%s", i == 0 ? "" : ", ", json_string_value(name));
    say(call, "stale", line);
}

static void say_people(struct call *call, const json_t *card, struct buf *line) {
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(card, "tags"), i, row) {
        put_text(line, text_of(row, "tag"));
        if (*text_of(row, "hint") != '\0') buf_printf(line, ": %s", text_of(row, "hint"));
        say(call, i == 0 ? "tags" : "", line);
    }
    row = json_object_get(card, "custodian");
    if (json_is_object(row))
        buf_printf(line, "%s of %s%s", text_of(row, "staff"), *text_of(row, "store") == '\0' ? "the region" : "store ",
                   text_of(row, "store"));
    say(call, "custodian", line);
    json_array_foreach(json_object_get(card, "relations"), i, row) {
        buf_printf(line, "%s  ", text_of(row, "customer"));
        put_text(line, text_of(row, "name"));
        say(call, text_of(row, "relation"), line);
    }
    row = json_object_get(card, "referred_by");
    if (json_is_object(row)) {
        buf_printf(line, "%s  ", text_of(row, "customer"));
        put_text(line, text_of(row, "name"));
    }
    say(call, "brought by", line);
    json_array_foreach(json_object_get(card, "consents"), i, row) {
        bool given = json_is_true(json_object_get(row, "given"));
        buf_printf(line, "%s %s, %.10s", text_of(row, "purpose"), given ? "given" : "WITHDRAWN", text_of(row, "at"));
        say(call, "consent", line);
    }
}

void recall_print(struct call *call, const json_t *card) {
    struct buf line = BUF_INIT;
    put_text(&line, text_of(card, "name"));
    fprintf(call->out, "customer %s  %s\n", text_of(card, "id"), buf_text(&line));
    buf_clear(&line);
    say_field(call, card, "phone", &line);
    say_field(call, card, "card", &line);
    say_value(call, card, &line);
    say_tier(call, card, &line);
    say_items(call, card, &line);
    say_field(call, card, "size", &line);
    say_field(call, card, "occasion", &line);
    say_open(call, card, &line);
    say_days(call, card, "birthday", "birthday_in_days", &line);
    say_days(call, card, "occasions", "occasion_in_days", &line);
    say_knowledge(call, card, &line);
    say_people(call, card, &line);
    buf_wipe(&line);
}

/* ---- Commands ---- */

#define NAMED_MAX 12

struct named {
    const struct site *site;
    uint64_t ids[NAMED_MAX]; /* persons */
    size_t count;
    int best; /* 1: the name is part of theirs, 2: it is theirs */
};

static void keep_named(void *context, uint64_t customer, enum name_part part) {
    struct named *named = context;
    int match = part == PART_WHOLE ? 2 : 1;
    if (match < named->best || (match == named->best && named->count > NAMED_MAX)) return;
    if (match > named->best) *named = (struct named){.site = named->site, .best = match};
    uint64_t person = model_person(named->site->model, customer);
    for (size_t i = 0; i < named->count && i < NAMED_MAX; i++)
        if (named->ids[i] == person) return;
    if (named->count < NAMED_MAX) named->ids[named->count] = person;
    named->count++;
}

static int by_id(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool goes_on(void *context, uint64_t done, uint64_t all) {
    call_progress(context, "opening names", done, all);
    return !call_cancelled(context);
}

/* Whole names before parts of them. Several: the asker chooses. */
static int find_named(struct call *call, const char *written, uint64_t *out) {
    struct named named = {.site = call->site};
    struct buf wanted = BUF_INIT;
    int code = name_normalise(view_of(written), &wanted, &call->error);
    if (code != 0) return err_set(&call->error, ERR_INVALID, "name", "'%s' is no name", written);
    ask_tell_closed(call);
    call_rests_on_nothing(call); /* on everybody's name */
    code = site_names_find(call->site, buf_view(&wanted), keep_named, &named, &(struct file_asking){goes_on, call});
    call_progress_end(call);
    buf_wipe(&wanted);
    if (code != 0) return call_stopped(call);
    qsort(named.ids, named.count < NAMED_MAX ? named.count : NAMED_MAX, sizeof *named.ids, by_id);
    if (named.count == 0) return err_set(&call->error, ERR_NOT_FOUND, "name", "nobody is called %s", written);
    *out = named.ids[0];
    if (named.count == 1) return 0;
    struct buf list = BUF_INIT;
    char text[ID_TEXT];
    for (size_t i = 0; i < named.count && i < NAMED_MAX; i++) {
        json_t *phone = ask_person_field(call, named.ids[i], SEALED_registered_phone);
        const char *number = json_string_value(phone);
        buf_printf(&list, "%s%s%s%s", i == 0 ? "" : ", ", id_format(named.ids[i], text), number == NULL ? "" : " ",
                   number == NULL ? "" : number);
        json_decref(phone);
    }
    code = err_set(&call->error, ERR_CONFLICT, "name", "several customers are called %s: name one by id: %s%s", written,
                   buf_text(&list), named.count > NAMED_MAX ? " …" : "");
    buf_wipe(&list);
    return code;
}

static int run_recall(struct call *call) {
    const char *name = call_option(call, "name");
    uint64_t customer = 0;
    int code = name != NULL ? find_named(call, name, &customer)
                            : ask_whom(call, call->argc > 0 ? call->argv[0] : NULL, &customer);
    bool answered;
    code = ask_elsewhere(call, code, &answered);
    if (code != 0 || answered) return code;
    json_t *card = recall_card(call, customer);
    if (call->json) {
        call_json(call, card);
    } else {
        recall_print(call, card);
        json_decref(card);
    }
    return 0;
}

static int run_tags(struct call *call) {
    static const struct column columns[] = {{"tag", "tag", COLUMN_TEXT},
                                            {"of", "of", COLUMN_TEXT},
                                            {"hint", "hint", COLUMN_TEXT},
                                            {NULL, NULL, COLUMN_TEXT}};
    const struct choice_info *info;
    struct listing *listing = listing_open(call, columns);
    for (size_t i = 0; (info = choice_at(&choices_tag, i)) != NULL; i++) {
        json_t *row = recall_tag(info->number);
        const char *of = info->number <= choice_tag_latent      ? "loyalty"
                         : info->number <= choice_tag_comparing ? "psychology"
                                                                : "personality";
        json_object_set_new(row, "of", json_string(of));
        listing_add(listing, row);
    }
    listing_close(listing, "there are no tags");
    return 0;
}

static const struct option recall_options[] = {
    {"phone", "P", "by telephone number", false},
    {"card", "C", "by number of the contact card", false},
    {"email", "E", "by e-mail address", false},
    {"name", "N", "by name, or a part of it", false},
    {NULL, NULL, NULL, false},
};
static const struct option search_options[] = {
    {"limit", "N", "at most so many (default: 20)", false},
    {NULL, NULL, NULL, false},
};
static const struct option fields_options[] = {
    {"phone", "P", "by telephone number", false},
    {"card", "C", "by number of the contact card", false},
    {"email", "E", "by e-mail address", false},
    {NULL, NULL, NULL, false},
};
static const struct rule fields_rules[] = {{"phone card email", "", true}, {NULL, NULL, false}};
static const struct grammar fields_grammar = {NULL, fields_rules};
static const struct rule recall_rules[] = {{"phone card email name", "", true}, {NULL, NULL, false}};
static const struct grammar recall_grammar = {NULL, recall_rules};

const struct command ask_file_commands[] = {
    {"recall", "(ID | --phone P | --card C | --name N)", "whom you have in front of you, on one card", NEEDS_SITE, 0, 1,
     recall_options, NULL, BORROWS_NONE, run_recall, &recall_grammar},
    {"search", "TEXT", "customers by telephone number or its last digits, card, e-mail, name or a part of it",
     NEEDS_SITE, 1, 1, search_options, NULL, BORROWS_NONE, ask_search, NULL},
    {"fields", "(ID | --phone P | --card C)", "every field of a file: who told it, when, and whether it is stale",
     NEEDS_SITE, 0, 1, fields_options, NULL, BORROWS_NONE, ask_fields, &fields_grammar},
    {"monthly", "[--month 2026-11] [--store S] [--full]",
     "the monthly list of customer files: what changed since the month before", NEEDS_SITE, 0, 0, ask_monthly_options,
     NULL, BORROWS_NONE, ask_monthly, NULL},
    {"rules", "", "what a customer is told and shown at registration", NEEDS_SITE, 0, 0, NULL, NULL, BORROWS_NONE,
     ask_rules, NULL},
    {"tags", "", "the tags of the list, each with its hint", NEEDS_SITE, 0, 0, NULL, NULL, BORROWS_NONE, run_tags,
     NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
