/* purchase, return: what went over the counter, and back. */
#include <string.h>

#include "node/commands.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"

static struct view next_part(struct view *rest) {
    const uint8_t *comma = rest->len == 0 ? NULL : memchr(rest->data, ',', rest->len);
    struct view part = comma == NULL ? *rest : view_make(rest->data, (size_t)(comma - rest->data));
    *rest = comma == NULL ? view_make("", 0) : view_make(comma + 1, rest->len - part.len - 1);
    return part;
}

/* SKU,QTY,AMOUNT[,LISTAMOUNT] */
static int parse_line(struct call *call, const char *text, struct row_sale_line *line) {
    struct view rest = view_of(text);
    line->sku = next_part(&rest);
    struct view quantity = next_part(&rest), amount = next_part(&rest), list = next_part(&rest);
    if (line->sku.len == 0 || quantity.len == 0 || amount.len == 0 || rest.len > 0)
        return err_set(&call->error, ERR_INVALID, "line", "'%s' is not SKU,QTY,AMOUNT[,LISTAMOUNT]", text);
    int code = decimal_parse(quantity, 3, MONEY_EXACT, QUANTITY_MAX, &line->quantity, &call->error);
    if (code != 0) {
        err_prefix(&call->error, "quantity in '%s'", text);
        return call->error.field[0] != '\0' ? code : err_set(&call->error, code, "line", "%.300s", call->error.text);
    }
    code = call_money(call, "line", amount, &line->amount);
    line->list_amount = NIL;
    if (code == 0 && list.len > 0) code = call_money(call, "line", list, &line->list_amount);
    return code;
}

static int parse_lines(struct call *call, struct list *lines, struct buf *storage) {
    for (size_t i = 0; i < call_option_count(call, "line"); i++) {
        struct row_sale_line line;
        int code = parse_line(call, call_option_at(call, "line", i), &line);
        if (code != 0) return code;
        row_sale_line_append(lines, storage, &line);
    }
    return 0;
}

static bool names_customer(const struct call *call) {
    return call_has(call, "customer") || call_has(call, "phone") || call_has(call, "card");
}

static int node_purchase(struct call *call) {
    struct draft draft;
    uint64_t customer = 0;
    struct buf storage = BUF_INIT;
    bool named = names_customer(call);
    int code = named ? ask_whom(call, call_option(call, "customer"), &customer) : 0;
    if (code == 0) code = act_draft(call, &draft, EVENT_sold, named ? SUBJECT_GIVEN : SUBJECT_SELF, customer);
    struct body_sold *body = &draft.event.body.sold;
    if (code == 0) code = parse_lines(call, &body->lines, &storage);
    if (code == 0 && body->lines.count == 0)
        code = err_set(&call->error, ERR_INVALID, "line", "is missing: at least one SKU,QTY,AMOUNT");
    if (code == 0) {
        if (call_has(call, "care-told")) body->care_told = 1;
        if (call_has(call, "card-given")) body->card_given = 1;
        code = act_write(call, &draft, 1, "sold");
    }
    buf_release(&storage);
    return code;
}

static int64_t sum_of(struct list lines) {
    struct row_sale_line line;
    int64_t sum = 0;
    while (row_sale_line_next(&lines, &line)) sum += line.amount;
    return sum;
}

/* What earlier returns took back of a sale: along the records about its subject. */
static int returned_before(struct call *call, uint64_t sale, uint64_t subject, int64_t *sum) {
    struct buf copy = BUF_INIT;
    int code = 0;
    const struct model *model = ask_begin(call);
    uint64_t position = model_last_position(model, subject);
    ask_end(call);
    for (*sum = 0; code == 0 && position != 0;) {
        struct record record;
        struct event event;
        buf_clear(&copy);
        code = log_get(call->site->log, position, &record, &copy, &call->error);
        if (code != 0) break;
        position = record.previous;
        if (event_decode(record.frame, &event, NULL) != EVENT_GOOD || event.type != EVENT_returned) continue;
        model = ask_begin(call);
        bool voided = model_voided(model, record.id);
        ask_end(call);
        if (event.body.returned.sale == sale && !voided) *sum += sum_of(event.body.returned.lines);
    }
    buf_release(&copy);
    return code;
}

/* The sale a return goes back to: its subject, and its lines when none are given. */
static int find_sale(struct call *call, uint64_t *subject, struct body_returned *body, struct buf *storage) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event sale;
    struct record record;
    int standing;
    bool opened;
    int code = call_id(call, "purchase", call->argv[0], &body->sale);
    if (code == 0)
        code = site_event(call->site, body->sale, &sale, &frame, &plain, &standing, &opened, &record, &call->error);
    if (code == 0 && (standing != EVENT_GOOD || sale.type != EVENT_sold))
        code = err_set(&call->error, ERR_INVALID, "purchase", "%s is not a purchase", call->argv[0]);
    if (code == 0) {
        int64_t before = 0;
        struct row_sale_line line;
        *subject = sale.subject;
        if (body->lines.count == 0)
            for (struct list lines = sale.body.sold.lines; row_sale_line_next(&lines, &line);)
                row_sale_line_append(&body->lines, storage, &line);
        code = returned_before(call, body->sale, sale.subject, &before);
        if (code == 0 && before + sum_of(body->lines) > sum_of(sale.body.sold.lines))
            code = err_set(&call->error, ERR_REFUSED, "purchase", "more would come back than was sold in %s%s",
                           call->argv[0], before > 0 ? ": part of it came back before" : "");
    }
    buf_release(&frame);
    buf_wipe(&plain);
    return code;
}

static int fill_return(struct call *call, struct draft *draft, struct buf *storage) {
    struct body_returned *body = &draft->event.body.returned;
    int code = parse_lines(call, &body->lines, storage);
    if (code != 0) return code;
    if (call->argc > 0) return find_sale(call, &draft->event.subject, body, storage);
    if (body->lines.count == 0) return err_set(&call->error, ERR_INVALID, "line", "is missing: say what came back");
    return ask_whom(call, call_option(call, "customer"), &draft->event.subject);
}

static int node_return(struct call *call) {
    struct draft draft;
    struct buf storage = BUF_INIT;
    uint8_t hash[REF_HASH_SIZE];
    uint64_t id;
    int code = act_draft(call, &draft, EVENT_returned, SUBJECT_GIVEN, 0);
    if (code == 0 && call->argc > 0 && names_customer(call))
        code = err_set(&call->error, ERR_USAGE, NULL, "name the purchase or the customer, not both");
    if (code == 0 && draft.event.ref.source.data != NULL) {
        /* A repeat under the same ref must not trip over itself in "came back before". */
        ref_hash(draft.event.ref.source, draft.event.ref.key, hash);
        if (call->site->log->ops->ref(call->site->log, hash, &id) == 0) return act_write(call, &draft, 1, "returned");
    }
    if (code == 0) code = fill_return(call, &draft, &storage);
    if (code == 0) code = act_write(call, &draft, 1, "returned");
    buf_release(&storage);
    return code;
}

#define WHOM_OPTIONS                                                                                                   \
    {"customer", "ID", "whose it is", false}, {"phone", "P", "whose it is, by telephone number", false}, {             \
        "card", "C", "whose it is, by card", false                                                                     \
    }

static const struct option purchase_options[] = {
    WHOM_OPTIONS,
    {"line", "SKU,QTY,AMOUNT[,LISTAMOUNT]", "what was sold; amounts are of the line", true},
    {"care-told", NULL, "care instructions were told", false},
    {"card-given", NULL, "the contact card was given", false},
    {NULL, NULL, NULL, false},
};
static const struct option return_options[] = {
    WHOM_OPTIONS,
    {"line", "SKU,QTY,AMOUNT", "what came back and what was paid back (default: the whole purchase)", true},
    {NULL, NULL, NULL, false},
};

const struct command node_sale_commands[] = {
    {"purchase", "[--customer ID | --phone P | --card C] --line …", "note a sale", NEEDS_SITE, 0, 0, purchase_options,
     act_options, false, node_purchase, NULL},
    {"return", "(PURCHASE | --customer ID …) [--line …]", "take goods back", NEEDS_SITE, 0, 1, return_options,
     act_options, false, node_return, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
