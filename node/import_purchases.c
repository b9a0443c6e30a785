/* Purchases: rows are gathered to baskets wherever they lie in the file; a basket becomes one sale, or one return when
 * nothing in it has a positive quantity and its total is negative. A bad row takes its whole basket along: half a
 * basket under its ref would keep the corrected one out for ever. Returns that name their purchase come after all
 * else, so that it is here wherever the file has it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "node/import.h"
#include "proto/event/describe.h"

enum {
    CUSTOMER,
    PHONE,
    BASKET,
    KIND,
    TIME,
    SKU,
    QUANTITY,
    AMOUNT,
    UNIT_PRICE,
    LIST_PRICE,
    LIST_AMOUNT,
    DISCOUNT,
    COST,
    UNIT_COST,
    SESSIONS,
    STAFF,
    CARE_TOLD,
    CARD_GIVEN,
    SALE,
    VOIDED,
    FIELD_COUNT
};

static const struct mapping_field fields[] = {
    [CUSTOMER] = {"customer", 0},
    [PHONE] = {"phone", 0},
    [BASKET] = {"basket", 0},
    [KIND] = {"kind", 0},
    [TIME] = {"time", 1},
    [SKU] = {"sku", 2},
    [QUANTITY] = {"quantity", 0},
    [AMOUNT] = {"amount", 3},
    [UNIT_PRICE] = {"unit_price", 3},
    [LIST_PRICE] = {"list_price", 0},
    [LIST_AMOUNT] = {"list_amount", 0},
    [DISCOUNT] = {"discount", 0},
    [COST] = {"cost", 0},
    [UNIT_COST] = {"unit_cost", 0},
    [SESSIONS] = {"sessions", 0},
    [STAFF] = {"staff", 0},
    [CARE_TOLD] = {"care_told", 0},
    [CARD_GIVEN] = {"card_given", 0},
    [SALE] = {"sale", 0},
    [VOIDED] = {"voided", 0},
};

#define NO_LINE UINT32_MAX
#define LINES_MAX 2000 /* of a sale in the catalogue */
#define SESSIONS_MAX 1000
#define LINE_LEAST 5 /* bytes of a line in a frame beside its article */
#define ONE 1000     /* a quantity of one */
/* Products are rounded once, at their end: prices and quantities have so many decimals more than are stored. */
#define FINE_DECIMALS 6
#define FINE_ONE 1000000
#define PRICE_EXTRA 4

struct line {
    struct view sku;
    int64_t quantity; /* thousandths */
    int64_t amount, list_amount, cost;
    int64_t sessions; /* of a package */
    uint32_t row;
    uint32_t next; /* of the same basket, in the order of the file */
};

/* What the file says a basket is; where it does not, its lines do. */
enum basket_kind { KIND_UNTOLD, KIND_PURCHASE, KIND_RETURN };

struct basket {
    int64_t time;      /* of its earliest row */
    struct view key;   /* of its ref */
    struct view staff; /* of the first row that names somebody */
    struct view sale;  /* of a return: the key of what it is of, where that is told */
    int64_t total, quantity;
    size_t bytes;                  /* of its lines in a frame, at least */
    int64_t care_told, card_given; /* of the first row that tells */
    int64_t voided;                /* NIL: not told */
    enum basket_kind kind;
    uint32_t card; /* NOBODY: anonymous */
    uint32_t first, last, count;
    uint32_t culprit; /* a row that is rejected, + 1; 0: none */
    bool positive;    /* a line of positive quantity */
    bool decided;     /* skipped without writing */
};

struct purchases {
    struct names names; /* what stands in the basket column */
    uint32_t *by_name;  /* → basket */
    size_t name_cap;
    struct basket *baskets;
    size_t basket_count, basket_cap;
    struct line *lines;
    size_t line_count, line_cap;
    size_t sku_most; /* bytes */
};

static struct purchases *state(const struct import *im) { return im->state; }

static void begin(struct import *im) {
    const struct row_info *info = &row_info_sale_line;
    names_init(&state(im)->names, im->site->env);
    assert(strcmp(info->fields[0].name, "sku") == 0);
    state(im)->sku_most = (size_t)info->fields[0].bound;
}

static void end(struct import *im) {
    struct purchases *p = state(im);
    names_release(&p->names);
    free(p->by_name);
    free(p->baskets);
    free(p->lines);
}

/* ---- Reading ---- */

static uint32_t basket_new(struct import *im, struct view key) {
    struct purchases *p = state(im);
    if (p->basket_count == p->basket_cap) {
        p->basket_cap = p->basket_cap * 2 + 1024;
        p->baskets = mem_resize(p->baskets, p->basket_cap * sizeof *p->baskets);
    }
    p->baskets[p->basket_count] = (struct basket){.time = INT64_MAX,
                                                  .key = key,
                                                  .card = NOBODY,
                                                  .first = NO_LINE,
                                                  .last = NO_LINE,
                                                  .care_told = NIL,
                                                  .card_given = NIL,
                                                  .voided = NIL};
    return (uint32_t)p->basket_count++;
}

/* The basket of the current row, or false: its cell is rejected. */
static bool basket_of(struct import *im, uint32_t row, uint32_t *out) {
    struct purchases *p = state(im);
    struct view name = VIEW_NONE, key;
    bool added;
    if (mapping_has(&im->mapping, BASKET) && !import_text(im, BASKET, &name)) return false;
    if (name.data == NULL) {
        if (!import_row_key(im, BASKET, row, &key)) return false;
        if (im->own_columns > 0 && !import_row_ref(im, row, key)) return false; /* somebody has copied a row there */
        *out = basket_new(im, key);
        return true;
    }
    uint32_t number = names_put(&p->names, name, &added);
    if (number >= p->name_cap) {
        p->name_cap = p->name_cap * 2 + 1024;
        p->by_name = mem_resize(p->by_name, p->name_cap * sizeof *p->by_name);
    }
    key = name;
    if (added && !import_row_key(im, BASKET, row, &key)) return false;
    if (added) p->by_name[number] = basket_new(im, key);
    *out = p->by_name[number];
    return true;
}

/* The card of the current row, against that of its basket. A row without one says nothing. */
static bool take_customer(struct import *im, struct basket *b, uint32_t row, uint32_t *card) {
    if (!import_customer(im, CUSTOMER, PHONE, card)) return false;
    if (*card == NOBODY) return true;
    if (b->card == NOBODY) b->card = *card;
    if (b->card == *card) return true;
    import_reject(im, row, "customer", "another row of the same basket has another customer");
    return false;
}

static bool take_kind(struct import *im, struct basket *b, uint32_t row) {
    struct view word;
    if (!mapping_has(&im->mapping, KIND)) return true;
    if (!import_text(im, KIND, &word)) return false;
    if (word.data == NULL) return true;
    enum basket_kind kind = view_is(word, "purchase") ? KIND_PURCHASE : view_is(word, "return") ? KIND_RETURN : 0;
    if (b->kind == KIND_UNTOLD) b->kind = kind;
    if (kind != KIND_UNTOLD && b->kind == kind) return true;
    if (kind != KIND_UNTOLD)
        import_reject(im, row, "kind", "another row of the same basket says something else");
    else
        import_reject(im, row, "kind",
                      "\"%.*s\" is neither purchase nor return: say which with --value \"kind=%.*s:return\"",
                      (int)word.len, (const char *)word.data, (int)word.len, (const char *)word.data);
    return false;
}

static bool take_voided(struct import *im, struct basket *b, uint32_t row) {
    int64_t voided = NIL;
    if (mapping_has(&im->mapping, VOIDED) && !import_yes_no(im, VOIDED, &voided)) return false;
    if (voided == NIL) return true;
    if (b->voided == NIL) b->voided = voided;
    if (b->voided == voided) return true;
    import_reject(im, row, "voided", "another row of the same basket says something else");
    return false;
}

static bool take_sale(struct import *im, struct basket *b, uint32_t row) {
    struct view sale = VIEW_NONE;
    if (mapping_has(&im->mapping, SALE) && !import_text(im, SALE, &sale)) return false;
    if (sale.data == NULL) return true;
    sale = import_key_of(im, BASKET, sale);
    if (b->sale.data == NULL) b->sale = sale;
    if (view_equal(b->sale, sale)) return true;
    import_reject(im, row, "sale", "another row of the same basket names another");
    return false;
}

/* Ticks of a sale: care instructions told, contact card given. */
static bool take_ticks(struct import *im, struct basket *b) {
    int64_t care = NIL, card = NIL;
    if (mapping_has(&im->mapping, CARE_TOLD) && !import_yes_no(im, CARE_TOLD, &care)) return false;
    if (mapping_has(&im->mapping, CARD_GIVEN) && !import_yes_no(im, CARD_GIVEN, &card)) return false;
    if (b->care_told == NIL) b->care_told = care;
    if (b->card_given == NIL) b->card_given = card;
    return true;
}

/* price × quantity of the current row; NIL when there is no price. */
static bool take_product(struct import *im, int field, int64_t *out) {
    int decimals = im->site->currency.decimals + PRICE_EXTRA;
    int64_t price, quantity;
    *out = NIL;
    if (!import_decimal(im, field, decimals, MONEY_MAX * 10000, &price)) return false;
    if (price == NIL) return true;
    if (!import_decimal(im, QUANTITY, FINE_DECIMALS, QUANTITY_MAX * 1000, &quantity)) return false;
    if (quantity == NIL) quantity = FINE_ONE;
    if (decimal_multiply(price, quantity, PRICE_EXTRA + FINE_DECIMALS, MONEY_MAX, out)) return true;
    import_reject(im, im->current, fields[field].name, "price times quantity is too large");
    return false;
}

static bool take_amount(struct import *im, struct line *line) {
    int decimals = im->site->currency.decimals;
    line->amount = NIL;
    if (mapping_has(&im->mapping, AMOUNT) && !import_decimal(im, AMOUNT, decimals, MONEY_MAX, &line->amount))
        return false;
    if (line->amount == NIL && mapping_has(&im->mapping, UNIT_PRICE) && !take_product(im, UNIT_PRICE, &line->amount))
        return false;
    int field = mapping_has(&im->mapping, AMOUNT) ? AMOUNT : UNIT_PRICE;
    return import_need(im, field, line->amount != NIL);
}

/* An amount of the line, by itself or as a price of one; NIL when the file has neither. */
static bool take_either(struct import *im, int of_one, int of_line, int64_t *out) {
    *out = NIL;
    if (mapping_has(&im->mapping, of_one) && !take_product(im, of_one, out)) return false;
    return *out != NIL || !mapping_has(&im->mapping, of_line) ||
           import_decimal(im, of_line, im->site->currency.decimals, MONEY_MAX, out);
}

static bool take_sessions(struct import *im, struct line *line) {
    line->sessions = NIL;
    if (!mapping_has(&im->mapping, SESSIONS)) return true;
    if (!import_decimal(im, SESSIONS, 0, SESSIONS_MAX, &line->sessions)) return false;
    if (line->sessions == NIL || line->sessions == 0) {
        line->sessions = NIL;
        return true;
    }
    if (line->sessions > 0) return true;
    import_reject(im, im->current, "sessions", "are below zero");
    return false;
}

/* The line at list price: told, or what was paid and the discount, which some files write as a negative number. */
static bool take_list_amount(struct import *im, struct line *line) {
    int64_t discount = NIL;
    if (!take_either(im, LIST_PRICE, LIST_AMOUNT, &line->list_amount)) return false;
    if (line->list_amount != NIL || !mapping_has(&im->mapping, DISCOUNT)) return true;
    if (!import_decimal(im, DISCOUNT, im->site->currency.decimals, MONEY_MAX, &discount)) return false;
    if (discount == NIL) return true;
    if (discount < 0) discount = -discount;
    line->list_amount = line->amount + (line->amount < 0 || line->quantity < 0 ? -discount : discount);
    if (line->list_amount <= MONEY_MAX && line->list_amount >= -MONEY_MAX) return true;
    import_reject(im, im->current, "discount", "is too large");
    return false;
}

static bool take_line(struct import *im, struct line *line) {
    line->quantity = NIL;
    if (!import_word(im, SKU, state(im)->sku_most, &line->sku)) return false;
    if (!import_need(im, SKU, line->sku.data != NULL)) return false;
    if (mapping_has(&im->mapping, QUANTITY) && !import_decimal(im, QUANTITY, 3, QUANTITY_MAX, &line->quantity))
        return false;
    if (line->quantity == NIL) line->quantity = ONE;
    return take_amount(im, line) && take_list_amount(im, line) && take_either(im, UNIT_COST, COST, &line->cost) &&
           take_sessions(im, line);
}

static void basket_add(struct import *im, struct basket *b, const struct line *line) {
    struct purchases *p = state(im);
    if (p->line_count == p->line_cap) {
        p->line_cap = p->line_cap * 2 + 1024;
        p->lines = mem_resize(p->lines, p->line_cap * sizeof *p->lines);
    }
    uint32_t number = (uint32_t)p->line_count++;
    p->lines[number] = *line;
    if (b->last == NO_LINE)
        b->first = number;
    else
        p->lines[b->last].next = number;
    b->last = number;
    b->count++;
    b->total += line->amount;
    b->quantity += line->quantity;
    b->bytes += line->sku.len + LINE_LEAST;
    b->positive = b->positive || line->quantity > 0;
}

static bool take_into(struct import *im, uint32_t row, struct basket *b) {
    struct line line = {.row = row, .next = NO_LINE};
    struct view staff;
    uint32_t card;
    int64_t time;
    if (!take_customer(im, b, row, &card) || !take_kind(im, b, row) || !take_voided(im, b, row) ||
        !take_sale(im, b, row))
        return false;
    if (!import_time(im, TIME, &time) || !import_need(im, TIME, time != NIL)) return false;
    if (card != NOBODY) import_card_seen(im, card, time);
    if (!take_line(im, &line) || !import_word(im, STAFF, ACTOR_MAX, &staff) || !take_ticks(im, b)) return false;
    if (b->staff.data == NULL) b->staff = staff;
    if (time < b->time) b->time = time;
    if (b->count == LINES_MAX) {
        import_reject(im, row, "basket", "has more than %d lines", LINES_MAX);
        return false;
    }
    basket_add(im, b, &line);
    return true;
}

static void take(struct import *im, uint32_t row) {
    uint32_t number;
    if (!basket_of(im, row, &number)) return;
    struct basket *b = &state(im)->baskets[number];
    if (!take_into(im, row, b) && b->culprit == 0) b->culprit = row + 1;
}

static void spoilt(struct import *im, uint32_t row) {
    int column = im->mapping.at[BASKET];
    uint32_t number;
    if (column < 0 || (size_t)column >= im->row.count || !basket_of(im, row, &number)) return;
    struct basket *b = &state(im)->baskets[number];
    if (b->culprit == 0) b->culprit = row + 1;
}

/* ---- Writing ---- */

static void decide(struct import *im, struct basket *b, enum import_outcome outcome) {
    const struct purchases *p = state(im);
    b->decided = true;
    for (uint32_t i = b->first; i != NO_LINE; i = p->lines[i].next) import_done(im, p->lines[i].row, outcome);
}

/* The rows of a basket go with the first of them that is rejected. */
static void reject_rest(struct import *im, struct basket *b) {
    const struct purchases *p = state(im);
    for (uint32_t i = b->first; i != NO_LINE; i = p->lines[i].next)
        if (p->lines[i].row != b->culprit - 1) import_reject_with(im, p->lines[i].row, b->culprit - 1);
}

static void reject_at(struct import *im, struct basket *b, uint32_t row, const char *field, const char *why) {
    import_reject(im, row, field, "%s", why);
    b->culprit = row + 1;
    reject_rest(im, b);
}

static void reject_basket(struct import *im, struct basket *b, const char *field, const char *why) {
    reject_at(im, b, state(im)->lines[b->first].row, field, why);
}

static bool is_return(const struct basket *b) {
    return b->kind == KIND_RETURN || (b->kind == KIND_UNTOLD && !b->positive && b->total < 0);
}

/* What stands in the log is positive for what came back; in files it is mostly negative, but where the file says that
 * it is a return it may be either. */
static int64_t sign_of(const struct basket *b) {
    bool negative = b->total < 0 || (b->total == 0 && b->quantity < 0);
    return is_return(b) && negative ? -1 : 1;
}

/* Where the file says that it is a return, the amount's sign holds. A coupon as a line of its own takes off a sale, as
 * long as something is left of it. Nothing else can be meant. */
static void check_signs(struct import *im, struct basket *b) {
    for (uint32_t i = b->first; i != NO_LINE && b->culprit == 0; i = state(im)->lines[i].next) {
        struct line *line = &state(im)->lines[i];
        if (line->quantity == 0 || line->amount == 0 || (line->quantity < 0) == (line->amount < 0)) continue;
        if (b->kind != KIND_RETURN && line->quantity > 0 && b->total >= 0) continue;
        b->quantity -= 2 * line->quantity;
        line->quantity = -line->quantity;
        if (b->kind == KIND_RETURN) continue;
        reject_at(im, b, line->row, mapping_has(&im->mapping, AMOUNT) ? "amount" : "unit_price",
                  "has another sign than the quantity: of what comes back both are below zero");
    }
}

/* What is wrong with a basket that is whole and has the right signs. */
static void judge(struct import *im, struct basket *b) {
    const struct purchases *p = state(im);
    bool back = is_return(b);
    /* The writer would refuse it too, but makes its whole batch again for each that it refuses. */
    if (b->bytes > FRAME_MAX)
        reject_basket(im, b, "basket", "has more lines than go into one event: divide it");
    else if (b->sale.data != NULL && !back)
        reject_basket(im, b, "sale", "belongs to what comes back, and this is a purchase");
    for (uint32_t i = b->first; i != NO_LINE && b->culprit == 0 && !back; i = p->lines[i].next) {
        const struct line *line = &p->lines[i];
        if (line->sessions != NIL && line->quantity <= 0)
            reject_at(im, b, line->row, "sessions", "are of a package that is sold");
    }
}

/* The baskets in `order` that name the purchase they are of, or those that do not. */
static size_t pick(const struct purchases *p, bool of_sale, struct import_order *order) {
    size_t count = 0;
    for (size_t i = 0; i < p->basket_count; i++)
        if (p->baskets[i].culprit == 0 && (p->baskets[i].sale.data != NULL) == of_sale)
            order[count++] = (struct import_order){p->baskets[i].time, (uint32_t)i};
    return count;
}

static int write_all(struct import *im) {
    struct purchases *p = state(im);
    struct import_order *order = mem_alloc((p->basket_count + 1) * sizeof *order);
    for (size_t i = 0; i < p->basket_count; i++) {
        if (p->baskets[i].culprit != 0)
            reject_rest(im, &p->baskets[i]);
        else
            check_signs(im, &p->baskets[i]);
        if (p->baskets[i].culprit == 0) judge(im, &p->baskets[i]);
    }
    int code = import_write(im, order, pick(p, false, order));
    size_t returns = code == 0 ? pick(p, true, order) : 0;
    if (returns > 0) code = import_write(im, order, returns);
    free(order);
    return code;
}

/* Is a sale or return in the log, which has the ref of a basket, that basket? */
static bool same_as_recorded(struct import *im, const struct basket *b, uint64_t id) {
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    int64_t total = 0, quantity = 0;
    struct list lines = {.count = 0};
    struct row_sale_line line;
    if (log_get_id(im->site->log, id, &record, &frame, NULL) == 0 && event_decode(record.frame, &event, NULL) == 0) {
        if (event.type == EVENT_sold && !is_return(b)) lines = event.body.sold.lines;
        if (event.type == EVENT_returned && is_return(b)) lines = event.body.returned.lines;
    }
    uint32_t count = lines.count;
    while (row_sale_line_next(&lines, &line)) {
        total += line.amount;
        quantity += line.quantity;
    }
    buf_release(&frame);
    return count == b->count && total == sign_of(b) * b->total && quantity == sign_of(b) * b->quantity;
}

static void skip_or_reject(struct import *im, struct basket *b, uint64_t id) {
    char text[ID_TEXT + 80];
    char number[ID_TEXT];
    if (same_as_recorded(im, b, id)) {
        decide(im, b, ROW_SKIPPED);
        return;
    }
    snprintf(text, sizeof text, "is here already with other lines or amounts, as %s", id_format(id, number));
    reject_basket(im, b, "basket", text);
}

/* The customer of a basket, who is registered with it when nobody has the card: but not for one that is here already,
 * whose customer may have been erased since. 0, 1 when that decided the basket, negative. */
static int draft_customer(struct import *im, struct basket *b, int *subject, uint64_t *customer) {
    *subject = SUBJECT_SELF;
    *customer = 0;
    if (b->card == NOBODY) return 0;
    int known = import_card_known(im, b->card);
    if (known < 0) return known;
    if (known == 0) {
        uint64_t id;
        int code = import_known(im, b->key, &id);
        if (code == 0) skip_or_reject(im, b, id);
        if (code != ERR_NOT_FOUND) return code < 0 ? code : 1;
    }
    return import_card_subject(im, b->card, subject, customer);
}

static struct list pack_lines(struct import *im, const struct basket *b, const struct draft *draft) {
    const struct purchases *p = state(im);
    struct buf *storage = import_storage(im, draft, 0);
    struct list list = {.count = 0};
    int64_t sign = sign_of(b);
    for (uint32_t i = b->first; i != NO_LINE; i = p->lines[i].next) {
        const struct line *line = &p->lines[i];
        struct row_sale_line row = {.sku = line->sku,
                                    .quantity = sign * line->quantity,
                                    .amount = sign * line->amount,
                                    .list_amount = line->list_amount == NIL ? NIL : sign * line->list_amount,
                                    .cost = line->cost == NIL ? NIL : sign * line->cost,
                                    .sessions = line->sessions};
        row_sale_line_append(&list, storage, &row);
    }
    return list;
}

/* Of a return that names its purchase: whose that is. 1 and the id of the sale, or 0 in a dry run that would write it;
 * 0 when it decided the basket, negative. */
static int find_sale(struct import *im, struct basket *b, uint64_t *sale, int *subject, uint64_t *customer) {
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    int code = import_known(im, b->sale, sale);
    if (code == ERR_NOT_FOUND && im->dry_run && import_pretended(im, b->sale)) return 1;
    if (code == ERR_NOT_FOUND)
        reject_basket(im, b, "sale", "is not here: correct it, or leave it empty where nobody knows what it was of");
    if (code != 0) return code < 0 && code != ERR_NOT_FOUND ? code : 0;
    bool sold = log_get_id(im->site->log, *sale, &record, &frame, NULL) == 0 &&
                event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_sold;
    if (sold) *customer = event.subject;
    buf_release(&frame);
    *subject = SUBJECT_GIVEN;
    if (!sold) reject_basket(im, b, "sale", "is that of something that is no purchase");
    return sold;
}

/* One that does not count, and is here already: by now perhaps as one that counts. 0, 1 when that decided it. */
static int void_known(struct import *im, struct basket *b) {
    uint64_t id = 0;
    int code = b->voided == 1 ? import_known(im, b->key, &id) : ERR_NOT_FOUND;
    if (code != 0) return code == ERR_NOT_FOUND ? 0 : code;
    code = same_as_recorded(im, b, id) ? import_void(im, b->key, id) : 0;
    if (code == 0) skip_or_reject(im, b, id);
    return code < 0 ? code : 1;
}

static int draft_basket(struct import *im, uint32_t unit) {
    struct basket *b = &state(im)->baskets[unit];
    int subject = SUBJECT_SELF;
    uint64_t customer = 0, sale = 0;
    if (b->culprit != 0 || b->decided) return 0;
    int code = void_known(im, b);
    if (code != 0) return code < 0 ? code : 0;
    bool of_sale = b->sale.data != NULL;
    if (of_sale && (code = find_sale(im, b, &sale, &subject, &customer)) <= 0) return code;
    if (subject == SUBJECT_SELF && (code = draft_customer(im, b, &subject, &customer)) != 0) return code < 0 ? code : 0;
    bool returned = is_return(b);
    struct draft *draft = import_draft(im, returned ? EVENT_returned : EVENT_sold, b->key, b->time, b->staff);
    draft->subject = subject;
    draft->event.subject = customer;
    struct list lines = pack_lines(im, b, draft);
    if (returned) {
        draft->event.body.returned.lines = lines;
        if (sale != 0) draft->event.body.returned.sale = sale;
    } else {
        draft->event.body.sold.lines = lines;
        draft->event.body.sold.care_told = b->care_told;
        draft->event.body.sold.card_given = b->card_given;
    }
    if (b->voided == 1) import_void_last(im, b->key);
    return 0;
}

static void settle(struct import *im, uint32_t unit, const struct draft *drafts, size_t count) {
    struct basket *b = &state(im)->baskets[unit];
    bool voids = drafts[count - 1].event.type == EVENT_voided;
    const struct draft *basket = voids && count > 1 ? &drafts[count - 2] : &drafts[count - 1];
    if (!basket->existing)
        decide(im, b, ROW_WRITTEN);
    else if (basket->event.type == EVENT_voided)
        decide(im, b, ROW_SKIPPED);
    else
        skip_or_reject(im, b, basket->id);
}

static void refuse(struct import *im, uint32_t unit, const struct err *why) {
    reject_basket(im, &state(im)->baskets[unit], why->field[0] == '\0' ? "basket" : why->field, why->text);
}

const struct import_kind import_purchases = {
    .name = "purchases",
    .fields = fields,
    .field_count = FIELD_COUNT,
    .state_size = sizeof(struct purchases),
    .begin = begin,
    .take = take,
    .spoilt = spoilt,
    .write = write_all,
    .draft = draft_basket,
    .settle = settle,
    .refuse = refuse,
    .end = end,
};
