/* purchase, return: what went over the counter, and back. */
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"
#include "node/commands_loyalty.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/sale_returns.h"
#include "proto/model/packages.h"

#define SESSIONS_MAX 1000 /* events.def: sale_line */

static struct view next_part(struct view *rest) {
    const uint8_t *comma = rest->len == 0 ? NULL : memchr(rest->data, ',', rest->len);
    struct view part = comma == NULL ? *rest : view_make(rest->data, (size_t)(comma - rest->data));
    *rest = comma == NULL ? view_make("", 0) : view_make(comma + 1, rest->len - part.len - 1);
    return part;
}

/* "2,000" for two thousand reads as an amount of 2 and a list amount, or a cost, of 000. */
static bool is_thousands(struct view part) { return part.len > 1 && part.data[0] == '0' && part.data[1] != '.'; }

static int parse_optional_money(struct call *call, struct view part, int64_t *out) {
    *out = NIL;
    return part.len == 0 ? 0 : call_money(call, "line", part, out);
}

/* SKU,QTY,AMOUNT[,LISTAMOUNT[,COST]] */
static int parse_line(struct call *call, const char *text, struct row_sale_line *line) {
    struct view rest = view_of(text);
    line->sku = next_part(&rest);
    struct view quantity = next_part(&rest), amount = next_part(&rest), list = next_part(&rest),
                cost = next_part(&rest);
    if (line->sku.len == 0 || quantity.len == 0 || amount.len == 0 || rest.len > 0)
        return err_set(&call->error, ERR_INVALID, "line", "'%s' is not SKU,QTY,AMOUNT[,LISTAMOUNT[,COST]]", text);
    int code = decimal_parse(quantity, 3, MONEY_EXACT, QUANTITY_MAX, &line->quantity, &call->error);
    if (code != 0) {
        err_prefix(&call->error, "quantity in '%s'", text);
        return call->error.field[0] != '\0' ? code : err_set(&call->error, code, "line", "%.300s", call->error.text);
    }
    code = call_money(call, "line", amount, &line->amount);
    if (code == 0) code = parse_optional_money(call, list, &line->list_amount);
    if (code == 0) code = parse_optional_money(call, cost, &line->cost);
    if (code == 0 && (is_thousands(list) || is_thousands(cost)))
        code = err_set(&call->error, ERR_INVALID, "line", "'%s': write amounts without commas between thousands", text);
    return code;
}

static bool opposite(int64_t a, int64_t b) { return a != 0 && b != 0 && b != NIL && (a < 0) != (b < 0); }

/* A line is sold or comes back; that half of it says the one and half the other is a slip of the finger. */
static int check_signs(struct call *call, const char *text, const struct row_sale_line *line) {
    const char *part = opposite(line->quantity, line->amount) ? "amount"
                       : opposite(line->quantity, line->cost) ? "cost"
                       : opposite(line->quantity == 0 ? line->amount : line->quantity, line->list_amount)
                           ? "list amount"
                           : NULL;
    if (part == NULL) return 0;
    return err_set(&call->error, ERR_INVALID, "line",
                   "'%s': quantity and %s have opposite signs: of what is sold both are above zero, of what goes back "
                   "over the counter both below",
                   text, part);
}

/* P5: --package SKU,SESSIONS says that the line of this article is a package of so many sessions. */
static int parse_package(struct call *call, const char *text, struct view *sku, int64_t *sessions) {
    struct view rest = view_of(text);
    *sku = next_part(&rest);
    struct view number = next_part(&rest);
    if (sku->len == 0 || number.len == 0 || rest.len > 0)
        return err_set(&call->error, ERR_INVALID, "package", "'%s' is not SKU,SESSIONS", text);
    if (decimal_parse(number, 0, MONEY_EXACT, SESSIONS_MAX, sessions, NULL) != 0 || *sessions < 1)
        return err_set(&call->error, ERR_INVALID, "package", "'%s': sessions are 1 to %d", text, SESSIONS_MAX);
    return 0;
}

static int sessions_of(struct call *call, struct row_sale_line *line) {
    for (size_t i = 0; i < call_option_count(call, "package"); i++) {
        struct view sku;
        int64_t sessions = 0;
        int code = parse_package(call, call_option_at(call, "package", i), &sku, &sessions);
        if (code != 0) return code;
        if (!view_equal(sku, line->sku)) continue;
        if (line->quantity <= 0)
            return err_set(&call->error, ERR_INVALID, "package", "'%s' is not sold here, it comes back",
                           call_option_at(call, "package", i));
        if (line->sessions != NIL)
            return err_set(&call->error, ERR_INVALID, "package", "'%s': the article is named twice",
                           call_option_at(call, "package", i));
        line->sessions = sessions;
    }
    return 0;
}

/* Each package is one line of the sale. */
static int check_packages(struct call *call, struct list all) {
    for (size_t i = 0; i < call_option_count(call, "package"); i++) {
        struct view sku;
        int64_t sessions;
        struct row_sale_line line;
        int found = 0, code = parse_package(call, call_option_at(call, "package", i), &sku, &sessions);
        if (code != 0) return code;
        for (struct list lines = all; row_sale_line_next(&lines, &line);) found += view_equal(line.sku, sku);
        if (found != 1)
            return err_set(&call->error, ERR_INVALID, "package", "'%s': %s", call_option_at(call, "package", i),
                           found == 0 ? "no line sells this article" : "several lines sell this article; make it one");
    }
    return 0;
}

/* A sale may hold lines that go back over the counter (an exchange), with negative numbers; what a return brings back
 * is written with positive ones. */
static int parse_lines(struct call *call, bool back, struct list *lines, struct buf *storage) {
    for (size_t i = 0; i < call_option_count(call, "line"); i++) {
        struct row_sale_line line = {.list_amount = NIL, .cost = NIL, .sessions = NIL};
        int code = parse_line(call, call_option_at(call, "line", i), &line);
        if (code == 0 && !back) code = sessions_of(call, &line);
        if (code == 0 && !back) code = check_signs(call, call_option_at(call, "line", i), &line);
        if (code != 0) return code;
        if (back && (line.quantity < 0 || line.amount < 0 || (line.cost != NIL && line.cost < 0)))
            return err_set(&call->error, ERR_INVALID, "line", "'%s': what comes back is written with positive numbers",
                           call_option_at(call, "line", i));
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
    if (code == 0) code = parse_lines(call, false, &body->lines, &storage);
    if (code == 0 && body->lines.count == 0)
        code = err_set(&call->error, ERR_INVALID, "line", "is missing: at least one SKU,QTY,AMOUNT");
    if (code == 0) code = check_packages(call, body->lines);
    if (code == 0) {
        if (call_has(call, "care-told")) body->care_told = 1;
        if (call_has(call, "card-given")) body->card_given = 1;
        code = act_write(call, &draft, 1, "sold");
    }
    buf_release(&storage);
    return code;
}

/* What a sale gave and what came back of it before: by article, and in all. */
struct account {
    struct call *call;
    uint64_t sale;
    bool whole;       /* no line was named: what has not come back yet comes back now */
    struct list sold; /* borrows from `frame` */
    struct buf frame, plain;
    struct buf back; /* the lines of earlier returns, as rows of `returned` */
    struct list returned;
    struct buf now;    /* the lines of the rest */
    struct buf costed; /* the lines of this return, with what they had cost */
};

static int64_t amount_of(struct list lines) {
    struct row_sale_line line;
    int64_t sum = 0;
    while (row_sale_line_next(&lines, &line)) sum += line.amount;
    return sum;
}

/* All lines of an article as one; its cost is known where that of every line is. False when there is none. */
static bool article_of(struct list lines, struct view sku, struct row_sale_line *out) {
    struct row_sale_line line;
    bool found = false;
    *out = (struct row_sale_line){.sku = sku, .list_amount = NIL, .cost = 0, .sessions = NIL};
    while (row_sale_line_next(&lines, &line)) {
        if (!view_equal(line.sku, sku)) continue;
        found = true;
        out->cost = out->cost == NIL || line.cost == NIL ? NIL : out->cost + line.cost;
        out->quantity += line.quantity;
        out->amount += line.amount;
    }
    return found;
}

static int64_t quantity_of(struct list lines, struct view sku) {
    struct row_sale_line all;
    article_of(lines, sku, &all);
    return all.quantity;
}

/* Earlier returns of the sale. */
static int read_returns(struct account *account, uint64_t subject, struct err *err) {
    struct sale_returns walk;
    struct row_sale_line line;
    struct list lines;
    uint64_t id;
    int code;
    sale_returns_open(&walk, account->call, account->sale, subject);
    while ((code = sale_returns_next(&walk, &id, &lines, err)) > 0)
        while (row_sale_line_next(&lines, &line)) row_sale_line_append(&account->returned, &account->back, &line);
    sale_returns_close(&walk);
    return code;
}

/* What was sold without what came back: lines of an article of which nothing did stay as they are, else what is left of
 * it is one line. */
static struct list rest_of(struct account *account) {
    struct list rest = {.count = 0};
    struct row_sale_line line, before, done;
    for (struct list lines = account->sold; row_sale_line_next(&lines, &line);) {
        bool touched = article_of(account->returned, line.sku, &before);
        if (touched && article_of(rest, line.sku, &done)) continue;
        if (touched) {
            article_of(account->sold, line.sku, &line);
            line.quantity -= before.quantity;
            line.amount -= before.amount;
            if (line.cost != NIL) line.cost = before.cost == NIL ? NIL : line.cost - before.cost;
            if (line.quantity <= 0) continue;
        }
        row_sale_line_append(&rest, &account->now, &line);
    }
    return rest;
}

/* What comes back takes back its cost: of the article's in the sale, as much as of its quantity (V2). */
static struct list with_costs(struct account *account, struct list lines) {
    struct list out = {.count = 0};
    struct row_sale_line line, sold;
    while (row_sale_line_next(&lines, &line)) {
        bool known = article_of(account->sold, line.sku, &sold) && sold.cost != NIL && sold.quantity > 0;
        if (line.cost == NIL && known) line.cost = decimal_share(sold.cost, line.quantity, sold.quantity);
        row_sale_line_append(&out, &account->costed, &line);
    }
    return out;
}

/* P5: what was used of a package cannot come back; what is paid back for the rest is for people to say. */
static int check_unused(struct account *account, uint64_t subject, struct err *err) {
    struct call *call = account->call;
    struct package *packages = NULL;
    size_t count = 0;
    char text[ID_TEXT];
    const struct model *model = ask_begin(call);
    int code = packages_of(model, &call->site->zone, subject, TIME_NONE, &packages, &count, err);
    ask_end(call);
    for (size_t i = 0; i < count && code == 0; i++) {
        if (packages[i].sale != account->sale || packages[i].used == 0) continue;
        code = err_set(err, ERR_REFUSED, "line",
                       "is missing: %lld of the %lld sessions of %s in %s are used; name what comes back and what is "
                       "paid back for it, SKU,QTY,AMOUNT",
                       (long long)packages[i].used, (long long)packages[i].bought, packages[i].sku,
                       id_format(account->sale, text));
    }
    free(packages);
    return code;
}

/* In the writer's turn: two returns at once do not bring back more than was sold. */
static int settle_return(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    struct account *account = draft->context;
    struct row_sale_line line;
    char text[ID_TEXT];
    int code = read_returns(account, draft->event.subject, err);
    if (code != 0) return code;
    const char *before =
        account->returned.count > 0 ? ": part of it came back before, name what comes now with --line" : "";
    id_format(account->sale, text);
    if (account->whole && (code = check_unused(account, draft->event.subject, err)) != 0) return code;
    if (account->whole) draft->event.body.returned.lines = rest_of(account);
    struct list lines = draft->event.body.returned.lines, all = lines;
    if (lines.count == 0) return err_set(err, ERR_REFUSED, "purchase", "all of %s came back before", text);
    while (row_sale_line_next(&lines, &line)) {
        int64_t back = quantity_of(account->returned, line.sku) + quantity_of(all, line.sku);
        if (back > quantity_of(account->sold, line.sku))
            return err_set(err, ERR_REFUSED, "line", "more of %.*s would come back than was sold in %s%s",
                           (int)line.sku.len, (const char *)line.sku.data, text, before);
    }
    if (amount_of(account->returned) + amount_of(all) > amount_of(account->sold))
        return err_set(err, ERR_REFUSED, "purchase", "more would be paid back than was paid in %s%s", text, before);
    draft->event.body.returned.lines = with_costs(account, all);
    return 0;
}

/* The sale a return goes back to, and its subject. */
static int find_sale(struct account *account, struct draft *draft) {
    struct call *call = account->call;
    struct body_returned *body = &draft->event.body.returned;
    struct event sale;
    struct record record;
    int standing = EVENT_BAD;
    bool opened;
    int code = call_id(call, "purchase", call->argv[0], &account->sale);
    if (code == 0)
        code = site_event(call->site, account->sale, &sale, &account->frame, &account->plain, &standing, &opened,
                          &record, &call->error);
    if (code != 0) return code;
    if (standing != EVENT_GOOD || sale.type != EVENT_sold)
        return err_set(&call->error, ERR_INVALID, "purchase", "%s is not a purchase", call->argv[0]);
    if (!sale_counts(call, account->sale))
        return err_set(&call->error, ERR_REFUSED, "purchase", "%s was taken back already: it is void", call->argv[0]);
    if (draft->event.at != NIL && draft->event.at < event_time(&sale))
        return err_set(&call->error, ERR_INVALID, "at", "is before the purchase");
    account->sold = sale.body.sold.lines;
    body->sale = account->sale;
    draft->event.subject = sale.subject;
    account->whole = body->lines.count == 0;
    return 0;
}

static int fill_return(struct account *account, struct draft *draft, struct buf *storage) {
    struct call *call = account->call;
    struct body_returned *body = &draft->event.body.returned;
    int code = parse_lines(call, true, &body->lines, storage);
    if (code != 0) return code;
    if (call->argc > 0) {
        draft->settle = settle_return;
        draft->context = account;
        return find_sale(account, draft);
    }
    if (body->lines.count == 0) return err_set(&call->error, ERR_INVALID, "line", "is missing: say what came back");
    return ask_whom(call, call_option(call, "customer"), &draft->event.subject);
}

static int node_return(struct call *call) {
    struct draft draft;
    struct buf storage = BUF_INIT;
    struct account account = {.call = call};
    int code = act_draft(call, &draft, EVENT_returned, SUBJECT_GIVEN, 0);
    if (code == 0) code = fill_return(&account, &draft, &storage);
    if (code == 0) code = act_write(call, &draft, 1, "returned");
    buf_release(&storage);
    buf_release(&account.frame);
    buf_wipe(&account.plain);
    buf_release(&account.back);
    buf_release(&account.now);
    buf_release(&account.costed);
    return code;
}

#define WHOM_OPTIONS                                                                                                   \
    {"customer", "ID", "whose it is", false}, {"phone", "P", "whose it is, by telephone number", false}, {             \
        "card", "C", "whose it is, by card", false                                                                     \
    }

static const struct option purchase_options[] = {
    WHOM_OPTIONS,
    {"line", "SKU,QTY,AMOUNT[,LISTAMOUNT[,COST]]", "what was sold; amounts are of the line", true},
    {"package", "SKU,SESSIONS", "the line of this article is a package of so many sessions", true},
    {"care-told", NULL, "care instructions were told", false},
    {"card-given", NULL, "the contact card was given", false},
    {NULL, NULL, NULL, false},
};
static const struct option return_options[] = {
    WHOM_OPTIONS,
    {"line", "SKU,QTY,AMOUNT[,LISTAMOUNT[,COST]]",
     "what came back and what was paid back (default: all of the purchase that has not come back "
     "yet, but not where sessions of a package in it are used)",
     true},
    {NULL, NULL, NULL, false},
};

static const struct rule purchase_rules[] = {{"customer phone card", NULL, true}, {NULL, NULL, false}};
static const struct rule return_rules[] = {{"customer phone card", "", true}, {NULL, NULL, false}};
static const struct grammar purchase_grammar = {NULL, purchase_rules}, return_grammar = {NULL, return_rules};

const struct command node_sale_commands[] = {
    {"purchase", "[--customer ID | --phone P | --card C] --line …", "note a sale", NEEDS_SITE, 0, 0, purchase_options,
     act_options, false, node_purchase, &purchase_grammar},
    {"return", "(PURCHASE | --customer ID …) [--line …]", "take goods back", NEEDS_SITE, 0, 1, return_options,
     act_options, false, node_return, &return_grammar},
    {"redeem", "ID POINTS", "a customer spends points", NEEDS_SITE, 2, 2, NULL, act_options, false, node_redeem, NULL},
    {"benefit", "ID --kind K", "a customer was given a benefit", NEEDS_SITE, 1, 1, node_benefit_options, act_options,
     false, node_benefit, NULL},
    {"package", "(use ID | list ID)", "sessions of a package", NEEDS_SITE, 2, 2, node_package_options, act_options,
     false, node_package, &node_package_grammar},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
