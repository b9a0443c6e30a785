/* Import of purchases, and what is common to all imports: rejects, reruns, dry runs, interruptions, wrong options. */
#include <criterion/criterion.h>
#include <string.h>

#include "node/commands.h"
#include "proto/event/event.h"
#include "proto/model/questions.h"
#include "tests/support/shop.h"

#define HEADER "card,store,basket,qty,sku,amount,time\n"
#define MAP "customer=card,basket=basket,sku=sku,quantity=qty,amount=amount,time=time"
#define DAY(d) (INT64_C(1706745600000) + ((d)-1) * DAY_MS) /* of February 2024 */

static struct shop shop;

static void setup(void) { shop_open(&shop, "USD", "US"); }
static void teardown(void) { shop_close(&shop); }
TestSuite(import, .init = setup, .fini = teardown);

#define RUN(...) shop_run(&shop, import_commands, (const char *const[]){"import", __VA_ARGS__, NULL})
#define READ(name, ...) RUN("purchases", name, "--map", MAP, "--json", ##__VA_ARGS__)

static int64_t told(const char *key) { return json_integer_value(json_object_get(shop.answer, key)); }

/* Every import has to account for every row. */
static void expect(int64_t rows, int64_t written, int64_t skipped, int64_t events, int64_t rejected) {
    cr_assert_eq(shop.code, 0, "%s", shop.error.text);
    cr_assert_not_null(shop.answer);
    cr_expect_eq(told("rows"), rows, "%lld rows", (long long)told("rows"));
    cr_expect_eq(told("written"), written, "%lld written", (long long)told("written"));
    cr_expect_eq(told("skipped"), skipped, "%lld skipped", (long long)told("skipped"));
    cr_expect_eq(told("events"), events, "%lld events", (long long)told("events"));
    cr_expect_eq(told("rejected"), rejected, "%lld rejected", (long long)told("rejected"));
    cr_expect_eq(told("rows"), told("written") + told("skipped") + told("rejected"));
}

static const char *problem(size_t index) {
    const char *text =
        json_string_value(json_object_get(json_array_get(json_object_get(shop.answer, "problems"), index), "reason"));
    return text == NULL ? "" : text;
}

static void expect_problem(size_t index, const char *says) {
    cr_expect(strstr(problem(index), says) != NULL, "\"%s\" says nothing of \"%s\"", problem(index), says);
}

static void expect_refused(int code, const char *field, const char *says) {
    cr_expect_eq(shop.code, code, "%d", shop.code);
    cr_expect_str_eq(shop.error.field, field);
    cr_expect(strstr(shop.error.text, says) != NULL, "\"%s\" says nothing of \"%s\"", shop.error.text, says);
    cr_expect_eq(log_tip(shop.site->log), 0);
}

/* The customer with a card, 0: nobody. */
static uint64_t who(const char *card) {
    uint64_t id = 0;
    return site_find(shop.site, TAG_CARD, view_of(card), true, &id, 1, NULL) == 1 ? id : 0;
}

static void expect_value(const char *card, int64_t spend, uint32_t visits, int64_t last) {
    struct cut all = {TIME_NONE, TIME_NONE};
    struct standing standing = {.spend = NIL};
    cr_assert_neq(who(card), 0, "nobody has card %s", card);
    cr_expect(person_value(shop.site->model, who(card), &all, &standing));
    cr_expect_eq(standing.spend, spend, "%s: %lld", card, (long long)standing.spend);
    cr_expect_eq(standing.visits, visits, "%s: %u visits", card, standing.visits);
    if (visits > 0) cr_expect_eq(standing.last, last, "%s: last %lld", card, (long long)standing.last);
}

/* ---- What rows mean ---- */

Test(import, every_oddity_of_a_file) {
    shop_put(&shop, "odd.csv",
             HEADER "77,A,1,1,s1,10.005,2024-02-02 10:00:00\n"
                    "78,A,2,1,s1,1.5e1,2024-02-03\n"
                    "77,A,1,2,s2,0.0049,2024-02-02 09:59:00\n" /* earlier, and rounded to nothing */
                    "79,A,3,-1,s1,-10.005,2024-02-04\n"        /* a return */
                    ",A,4,1,s3,99.99,2024-02-04\n"             /* nobody */
                    "80,A,5,0,s4,0,2024-02-05\n"
                    "81,A,6,1,s1,5,2024-02-06\n"
                    "81,A,6,-1,s2,-7,2024-02-06\n" /* an exchange is a purchase */
                    "9,A,8,1.5,s1,4.00,2024-02-07\n");
    READ("odd.csv");
    expect(9, 9, 0, 7 + 6, 0);
    cr_expect_eq(told("registered"), 6);
    cr_expect(json_is_null(json_object_get(shop.answer, "rejects_file")));
    expect_value("77", 1001, 1, DAY(2) + 10 * 3600000 - 60000);
    expect_value("78", 1500, 1, DAY(3));
    expect_value("79", -1001, 0, 0);
    expect_value("80", 0, 0, 0);
    expect_value("81", -200, 1, DAY(6));
    expect_value("9", 400, 1, DAY(7));
}

Test(import, events_say_what_the_rows_say) {
    shop_put(&shop, "a.csv",
             HEADER "K 1,A,b2,2,s1,10,2024-02-02 10:00\nK1,A,b1,1,s2,3.5,2024-02-01\n"
                    ",A,b3,-1.5,s3,-2,2024-02-03\n");
    READ("a.csv", "--source", "till");
    expect(3, 3, 0, 4, 0);
    const struct event *e = shop_event(&shop, 1);
    cr_expect_eq(e->type, EVENT_registered);
    cr_expect_eq(e->at, DAY(1), "at its earliest row");
    cr_expect(view_is(e->body.registered.card, "K 1"), "as first written");
    cr_expect_null(e->ref.source.data);
    uint64_t customer = e->subject;
    e = shop_event(&shop, 2);
    cr_expect_eq(e->type, EVENT_sold, "in the order they happened");
    cr_expect_eq(e->at, DAY(1));
    cr_expect_eq(e->subject, customer);
    cr_expect(view_is(e->ref.source, "till") && view_is(e->ref.key, "b1"));
    e = shop_event(&shop, 4);
    cr_expect_eq(e->type, EVENT_returned);
    cr_expect_eq(e->body.returned.sale, 0);
    cr_expect_eq(e->sealed_bits, 0);
    struct list lines = e->body.returned.lines;
    struct row_sale_line line;
    cr_assert(row_sale_line_next(&lines, &line));
    cr_expect(view_is(line.sku, "s3"));
    cr_expect_eq(line.quantity, 1500);
    cr_expect_eq(line.amount, 200);
    cr_expect_eq(line.list_amount, NIL);
}

static void expect_line(struct list *lines, int64_t quantity, int64_t amount, int64_t list_amount) {
    struct row_sale_line line;
    cr_assert(row_sale_line_next(lines, &line));
    cr_expect_eq(line.quantity, quantity, "quantity %lld", (long long)line.quantity);
    cr_expect_eq(line.amount, amount, "amount %lld", (long long)line.amount);
    cr_expect_eq(line.list_amount, list_amount, "list amount %lld", (long long)line.list_amount);
}

Test(import, prices_times_quantities) {
    shop_put(&shop, "p.csv",
             "t;n;p;l;d;b\n"
             "2024-02-01;2.5;1.01;1.2;;x\n"    /* 2.525 and 3.00 */
             "2024-02-01;3;0.335;;;x\n"        /* 1.005: half away from zero */
             "2024-02-01;0.33333;3;;-0.10;x\n" /* the quantity is rounded, the product once */
             "2024-02-01;;7;;;x\n"             /* one of them */
             "2024-02-01;-1;2;;0.5;x\n");
    RUN("purchases", "p.csv", "--json", "--delimiter", ";", "--map",
        "time=t,quantity=n,unit_price=p,list_price=l,discount=d,basket=b,sku=b");
    expect(5, 5, 0, 1, 0);
    struct list lines = shop_event(&shop, 1)->body.sold.lines;
    expect_line(&lines, 2500, 253, 300);
    expect_line(&lines, 3000, 101, NIL);
    expect_line(&lines, 333, 100, 110);
    expect_line(&lines, 1000, 700, NIL);
    expect_line(&lines, -1000, -200, -250);
}

Test(import, list_price_of_a_line_with_an_amount) {
    shop_put(&shop, "p.csv", "t,n,a,l,d\n2024-02-01,2,9,5,\n2024-02-01,-2,-9,5,\n2024-02-01,2,9,,1\n");
    RUN("purchases", "p.csv", "--json", "--map", "time=t,quantity=n,amount=a,list_price=l,discount=d,sku=t");
    expect(3, 3, 0, 3, 0);
    struct list lines = shop_event(&shop, 1)->body.sold.lines;
    expect_line(&lines, 2000, 900, 1000);
    lines = shop_event(&shop, 2)->body.returned.lines;
    expect_line(&lines, 2000, 900, 1000);
    lines = shop_event(&shop, 3)->body.sold.lines;
    expect_line(&lines, 2000, 900, 1000);
}

Test(import, staff_and_formats) {
    shop_put(&shop, "f.csv", "when|who|what|much\n05.02.2024 08:30|kim|s|1\n");
    RUN("purchases", "f.csv", "--json", "--delimiter", "|", "--date-format", "%d.%m.%Y %H:%M", "--map",
        "time=when,staff=who,sku=what,amount=much");
    expect(1, 1, 0, 1, 0);
    cr_expect(view_is(shop_event(&shop, 1)->actor, "kim"));
    cr_expect_eq(shop_event(&shop, 1)->at, DAY(5) + 30600000);
}

/* Real files have thousands of identical lines; each counts. */
Test(import, without_a_basket_every_row_is_one) {
    shop_put(&shop, "n.csv", "t,s,a\n2024-02-01,x,1\n2024-02-01,x,1\n2024-02-01,x,1\n");
    RUN("purchases", "n.csv", "--json", "--map", "time=t,sku=s,amount=a");
    expect(3, 3, 0, 3, 0);
    RUN("purchases", "n.csv", "--json", "--map", "time=t,sku=s,amount=a");
    expect(3, 0, 3, 0, 0);
    shop_put(&shop, "n.csv", "t,s,a\n2024-02-01,x,1\n");
    RUN("purchases", "n.csv", "--json", "--map", "time=t,sku=s,amount=a");
    expect(1, 1, 0, 1, 0); /* another file */
}

Test(import, only_the_rows_asked_for) {
    shop_put(&shop, "w.csv", HEADER "1,A,1,1,s,1,2024-02-02\n1,B,2,1,s,1,2024-02-01\n2,C,3,1,s,1,2024-02-01\n");
    READ("w.csv", "--where", "store=nowhere");
    expect(0, 0, 0, 0, 0);
    READ("w.csv", "--where", "store=A");
    expect(1, 1, 0, 2, 0);
    cr_expect_eq(shop_event(&shop, 1)->at, DAY(2), "rows of others say nothing about ours");
    READ("w.csv", "--where", "store=A", "--where", "store=B", "--where", "card=1");
    expect(2, 1, 1, 1, 0);
    cr_expect_eq(who("2"), 0);
}

Test(import, a_ref_never_tells_a_card) {
    shop_put(&shop, "k.csv", HEADER "0042-K,A,,1,s,1,2024-02-02\n");
    RUN("purchases", "k.csv", "--json", "--map", "customer=card,basket=card,sku=sku,amount=amount,time=time");
    expect(1, 1, 0, 2, 0);
    struct ref ref = shop_event(&shop, 2)->ref;
    cr_expect(view_is(ref.source, "purchases:A"));
    cr_expect_eq(ref.key.len, 32);
    cr_expect_null(memmem(ref.key.data, ref.key.len, "0042", 4));
}

Test(import, long_basket_names) {
    struct buf text = BUF_INIT;
    buf_printf(&text, HEADER);
    for (int i = 0; i < 2; i++) buf_printf(&text, ",A,%0300d%d,1,s,1,2024-02-01\n", 0, i);
    shop_put(&shop, "l.csv", buf_text(&text));
    READ("l.csv");
    expect(2, 2, 0, 2, 0);
    READ("l.csv");
    expect(2, 0, 2, 0, 0);
    buf_release(&text);
}

/* ---- Bad rows ---- */

#define BAD                                                                                                            \
    HEADER "1,A,1,1,s1,5,2024-02-01\n"                                                                                 \
           "2,A,2,1,s1,5,2024-02-01\n"                                                                                 \
           "1,A,1,1,s2,five,2024-02-01\n"                                                                              \
           "3,A,3,1,s1,5,2024-02-30\n"                                                                                 \
           "4,A,4,many,s1,5,2024-02-01\r\n"                                                                            \
           "5,A,5,1,s1,5\n"                                                                                            \
           "1,A,6,1,s1,1,2024-02-02"
#define ROW_OF_BAD(number) "\"f51e4e98d1e824ce0b6e86cfddf3d743/" number "\","
#define OWN "rejected_line,rejected_reason,rejected_row,"

Test(import, a_bad_row_takes_its_basket_into_the_rejects) {
    struct buf file = BUF_INIT;
    shop_put(&shop, "bad.csv", BAD);
    READ("bad.csv");
    expect(7, 2, 0, 4, 5);
    expect_value("1", 100, 1, DAY(2));
    cr_expect_eq(who("3"), 0, "nobody is registered for rows that are not written");
    cr_expect_str_eq(json_string_value(json_object_get(shop.answer, "rejects_file")), "bad.csv.rejects.csv");
    shop_get(&shop, "bad.csv.rejects.csv", &file);
    cr_expect_str_eq(
        buf_text(&file),
        OWN HEADER "2,\"goes with line 4, which is of the same basket\"," ROW_OF_BAD(
            "1") "1,A,1,1,s1,5,2024-02-01\n"
                 "4,\"amount: 'five' is not a number such as 1234.50\"," ROW_OF_BAD(
                     "3") "1,A,1,1,s2,five,2024-02-01\n"
                          "5,\"time: '2024-02-30' is not in the calendar, or not a time of day\"," ROW_OF_BAD(
                              "4") "3,A,3,1,s1,5,2024-02-30\n"
                                   "6,\"quantity: 'many' is not a number such as 1234.50\"," ROW_OF_BAD(
                                       "5") "4,A,4,many,s1,5,2024-02-01\r\n"
                                            "7,\"the row has 6 fields, the header 7\"," ROW_OF_BAD(
                                                "6") "5,A,5,1,s1,5\n");
    buf_release(&file);
}

/* Files of former versions had two columns of their own. */
Test(import, rejects_of_before_are_corrected_and_imported_again) {
    shop_put(&shop, "bad.csv", BAD);
    READ("bad.csv");
    shop_put(&shop, "again.csv",
             "rejected_line,rejected_reason," HEADER "2,\"x\",1,A,1,1,s1,5,2024-02-01\n"
             "4,\"y\",1,A,1,1,s2,4,2024-02-01\n5,\"z\",3,A,3,1,s1,5,2024-02-29\n7,\"short\",5,A,5,1,s1,5\n");
    READ("again.csv");
    expect(4, 3, 0, 3, 1);
    expect_value("1", 1000, 2, DAY(2));
    expect_value("3", 500, 1, DAY(29));
    struct buf file = BUF_INIT;
    shop_get(&shop, "again.csv.rejects.csv", &file);
    cr_expect_str_eq(buf_text(&file), OWN HEADER
                     "5,\"the row has 8 fields, the header 9\",\"c78fedf8c896b7a67626412c08fa0b1b/4\",5,A,5,1,s1,5\n");
    buf_release(&file);
}

/* ---- Rows without a ref ---- */

#define BARE "rejected_line,rejected_reason,rejected_row,sku,time,amount\n"
#define ROW(n) "00112233445566778899aabbccddeeff/" n
#define BARE_MAP "sku=sku,time=time,amount=amount"

static void read_bare(const char *name, const char *rows) {
    struct buf file = BUF_INIT;
    buf_printf(&file, "%s%s", BARE, rows);
    shop_put(&shop, name, buf_text(&file));
    buf_release(&file);
    RUN("purchases", name, "--map", BARE_MAP, "--json");
}

Test(import, E15_a_row_of_a_rejects_file_comes_in_once_whatever_else_is_corrected) {
    read_bare("r.csv", "3,\"x\"," ROW("2") ",a,2024-02-01,5\n4,\"x\"," ROW("3") ",b,2024-02-01,zz\n");
    expect(2, 1, 0, 1, 1);
    read_bare("r.csv", "3,\"x\"," ROW("2") ",a,2024-02-01,5\n4,\"x\"," ROW("3") ",b,2024-02-01,6\n");
    expect(2, 1, 1, 1, 0);
    read_bare("other.csv", "2,,\"" ROW("3") "\",b,2024-02-01,6\n");
    expect(1, 0, 1, 0, 0);
    read_bare("third.csv", "2,," ROW("3") ",b,2024-02-01,7\n");
    expect(1, 0, 0, 0, 1);
    expect_problem(0, "basket: is here already with other lines or amounts");
}

Test(import, E15_a_row_added_to_a_rejects_file_is_one_of_its_own) {
    read_bare("r.csv", "3,\"x\"," ROW("2") ",a,2024-02-01,5\n,,,a,2024-02-01,5\n,,,a,2024-02-01,5\n");
    expect(3, 3, 0, 3, 0);
    RUN("purchases", "r.csv", "--map", BARE_MAP, "--json");
    expect(3, 0, 3, 0, 0);
}

Test(import, E15_a_row_copied_in_a_rejects_file_is_one) {
    static const char rows[] =
        "3,\"x\"," ROW("2") ",a,2024-02-01,5\n3,\"x\"," ROW("2") ",a,2024-02-01,5\n"
                                                                 "3,\"x\"," ROW("2") ",b,2024-02-01,6\n";
    read_bare("r.csv", rows);
    expect(3, 1, 1, 1, 1);
    expect_problem(0, "rejected_row: line 2 has the same one and says something else");
}

Test(import, E15_a_damaged_key_of_a_row_is_told_and_kept) {
    struct buf file = BUF_INIT;
    read_bare(
        "r.csv",
        "3,,1.12E+30,a,2024-02-01,5\n4,," ROW(
            "") ",a,2024-02-01,5\n"
                "5,,00112233445566778899AABBCCDDEEFF/2,a,2024-02-01,5\n6,," ROW(
                    "2x") ",a,2024-02-01,5\n"
                          "7,," ROW("12345678901234567") ",a,2024-02-01,5\n8,,0011223344556677/2,a,2024-02-01,5\n");
    expect(6, 0, 0, 0, 6);
    for (size_t i = 0; i < 6; i++) expect_problem(i, "rejected_row: is not what was written there");
    shop_get(&shop, "r.csv.rejects.csv", &file);
    cr_expect(strstr(buf_text(&file), ",\"1.12E+30\",a,2024-02-01,5\n") != NULL, "%s", buf_text(&file));
    buf_release(&file);
}

Test(import, rejects_of_others_are_never_overwritten) {
    shop_put(&shop, "bad.csv", BAD);
    shop_put(&shop, "bad.csv.rejects.csv", "somebody's own\n");
    READ("bad.csv");
    cr_expect_str_eq(json_string_value(json_object_get(shop.answer, "rejects_file")), "bad.csv.rejects.2.csv");
    READ("bad.csv");
    cr_expect_str_eq(json_string_value(json_object_get(shop.answer, "rejects_file")), "bad.csv.rejects.2.csv",
                     "the same rejects need no second file");
    struct buf file = BUF_INIT;
    shop_get(&shop, "bad.csv.rejects.csv", &file);
    cr_expect_str_eq(buf_text(&file), "somebody's own\n");
    buf_release(&file);
}

Test(import, reasons_name_the_field) {
    shop_put(&shop, "r.csv",
             HEADER "--,A,1,1,s,1,2024-02-01\n" /* no card */
                    "1,A,2,1,,1,2024-02-01\n"   /* no article */
                    "1,A,3,1,s,,2024-02-01\n"   /* no amount */
                    "1,A,4,1,s,1,\n"            /* no time */
                    "1,A,5,1,s,1e30,2024-02-01\n"
                    "1,A,6,1e9,s,1,2024-02-01\n"
                    "1,A,7,1,s,1,1492-10-12\n"
                    "1,A,\"8,1,s,1,2024-02-01\n"
                    "1,A,\"9\"x,1,s,1,2024-02-01\n"
                    "1,A,10,1,\xFF,1,2024-02-01\n"
                    "1,A,11,1,0123456789012345678901234567890123456789012345678901234567890123456,1,"
                    "2024-02-01\n"
                    "1,A,12,1,s,1,2024-02-01\n2,A,12,1,s,1,2024-02-01\n");
    static const char *const says[] = {"customer: ",
                                       "sku: is missing",
                                       "amount: is missing",
                                       "time: is missing",
                                       "amount: \"1e30\"",
                                       "quantity: \"1e9\"",
                                       "time: \"1492-10-12\"",
                                       "field 3: its opening quote",
                                       "field 3: there is text",
                                       "sku: \"\uFFFD\" is not in the encoding UTF-8",
                                       "sku: is longer than 64 bytes",
                                       "goes with line 14",
                                       "customer: another row"};
    READ("r.csv", "--encoding", "utf-8");
    expect(13, 0, 0, 0, 13);
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) expect_problem(i, says[i]);
    cr_expect_eq(who("1"), 0);
}

Test(import, a_row_without_a_customer_agrees_with_its_basket) {
    shop_put(&shop, "c.csv", HEADER "K-1,A,1,1,s,1,2024-02-01\n,A,1,1,s,1,2024-02-01\nk1,A,1,1,s,1,2024-02-01\n");
    READ("c.csv");
    expect(3, 3, 0, 2, 0);
    expect_value("K1", 300, 1, DAY(1));
}

/* `count` rows of one basket. */
static void big_basket(struct buf *out, const char *basket, int count, const char *sku) {
    for (int i = 0; i < count; i++) buf_printf(out, "7,A,%s,1,%s%d,1,2024-02-01\n", basket, sku, i);
}

Test(import, baskets_too_large_for_an_event) {
    static const char sku[] = "a-very-long-name-of-an-article-to-fill-a-frame-with-";
    struct buf text = BUF_INIT;
    buf_printf(&text, HEADER "8,A,1,1,s,1,2024-02-01\n");
    big_basket(&text, "2", 2001, "s");
    big_basket(&text, "3", 1500, sku);
    big_basket(&text, "4", 2000, "s");
    buf_printf(&text, "8,A,5,1,s,1,2024-02-01\n");
    shop_put(&shop, "big.csv", buf_text(&text));
    READ("big.csv", "--dry-run");
    expect(5503, 2002, 0, 5, 3501);
    READ("big.csv");
    expect(5503, 2002, 0, 5, 3501);
    expect_problem(0, "goes with line");
    expect_value("7", 200000, 1, DAY(1));
    expect_value("8", 200, 2, DAY(1));
    buf_release(&text);
}

Test(import, corrected_baskets_that_are_here_already_are_told) {
    shop_put(&shop, "a.csv", HEADER "1,A,1,1,s1,5,2024-02-01\n");
    READ("a.csv");
    shop_put(&shop, "b.csv", HEADER "1,A,1,1,s1,5,2024-02-01\n1,A,1,1,s2,5,2024-02-01\n");
    READ("b.csv");
    expect(2, 0, 0, 0, 2);
    expect_problem(0, "basket: is here already with other lines");
    READ("b.csv", "--dry-run");
    expect(2, 0, 0, 0, 2);
}

/* ---- Again, dry, interrupted ---- */

static void many(struct buf *out, int baskets) {
    buf_printf(out, HEADER);
    for (int i = 0; i < baskets; i++) {
        buf_printf(out, "%d,A,%d,1,s%d,1.25,2024-02-%02d\n", i % 700, i, i % 9, i % 28 + 1);
        if (i % 3 == 0) buf_printf(out, "%d,A,%d,2,s%d,2.5,2024-02-%02d\n", i % 700, i, i % 9, i % 28 + 1);
    }
}

Test(import, importing_again_writes_nothing) {
    shop_put(&shop, "a.csv", BAD);
    READ("a.csv");
    uint64_t tip = log_tip(shop.site->log);
    READ("a.csv");
    expect(7, 0, 2, 0, 5);
    READ("a.csv", "--source", "purchases:A");
    expect(7, 0, 2, 0, 5);
    cr_expect_eq(log_tip(shop.site->log), tip);
}

Test(import, a_dry_run_says_the_same_and_writes_nothing) {
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    struct err err;
    uint64_t keys = 1;
    shop_put(&shop, "a.csv", BAD);
    model_digest(shop.site->model, NULL, before);
    READ("a.csv", "--dry-run");
    expect(7, 2, 0, 4, 5);
    cr_expect(json_is_null(json_object_get(shop.answer, "rejects_file")));
    cr_expect(json_is_true(json_object_get(shop.answer, "dry_run")));
    model_digest(shop.site->model, NULL, after);
    cr_expect_arr_eq(before, after, DIGEST_SIZE);
    cr_expect_eq(log_tip(shop.site->log), 0);
    cr_expect_eq(shop.site->ring->ops->verify(shop.site->ring, &keys, &err), 0);
    cr_expect_eq(keys, 0);
    READ("a.csv");
    expect(7, 2, 0, 4, 5);
}

static int64_t (*calm_now)(void *context);
static int writes_left;

/* The writer asks the time for every event: so a test can stop an import in the middle. */
static int64_t stopping_now(void *context) {
    if (--writes_left == 0) atomic_store(&shop.cancelled, true);
    return calm_now(context);
}

Test(import, interrupted_and_gone_on_with) {
    struct buf text = BUF_INIT;
    uint8_t stopped[DIGEST_SIZE], whole[DIGEST_SIZE];
    many(&text, 7000);
    shop_put(&shop, "many.csv", buf_text(&text));
    calm_now = shop.world.env.now_ms;
    shop.world.env.now_ms = stopping_now;
    writes_left = 3000;
    READ("many.csv");
    shop.world.env.now_ms = calm_now;
    cr_expect_eq(shop.code, ERR_INTERRUPTED);
    cr_expect(strstr(shop.error.text, "goes on from there") != NULL, "%s", shop.error.text);
    uint64_t tip = log_tip(shop.site->log);
    cr_expect_geq(tip, 3000);
    cr_expect_lt(tip, 7700, "whole batches");
    atomic_store(&shop.cancelled, false);
    READ("many.csv");
    cr_expect_eq(told("events"), (int64_t)(7700 - tip));
    cr_expect_eq(told("rejected"), 0);
    model_digest(shop.site->model, NULL, stopped);
    READ("many.csv");
    cr_expect_eq(told("events"), 0);
    model_digest(shop.site->model, NULL, whole);
    cr_expect_arr_eq(stopped, whole, DIGEST_SIZE);
    buf_release(&text);
}

Test(import, stopped_while_reading) {
    shop_put(&shop, "a.csv", BAD);
    atomic_store(&shop.cancelled, true);
    READ("a.csv");
    expect_refused(ERR_INTERRUPTED, "", "stopped");
}

Test(import, known_customers_are_not_registered_again) {
    shop_put(&shop, "c.csv", "card,name\nK 7,Kim\n");
    RUN("customers", "c.csv", "--json", "--map", "card=card,name=name");
    expect(1, 1, 0, 1, 0);
    shop_put(&shop, "a.csv", HEADER "k-7,A,1,1,s,1,2024-02-01\n");
    READ("a.csv");
    expect(1, 1, 0, 1, 0);
    expect_value("K7", 100, 1, DAY(1));
}

/* Another import registered the card between this one's look and its writing. */
Test(import, the_writer_registers_nobody_twice) {
    struct draft drafts[2];
    struct err err = {0};
    for (int i = 0; i < 2; i++) {
        struct draft *d = &drafts[i];
        memset(d, 0, sizeof *d);
        event_init(&d->event, EVENT_registered);
        d->subject = SUBJECT_SELF;
        d->unless_known = true;
        d->event.body.registered.card = view_of(i == 0 ? "K 1" : "k1");
        d->event.sealed_bits = UINT64_C(1) << SEALED_registered_card;
        cr_assert_eq(site_draft_tags(shop.site, d, &err), 0, "%s", err.text);
        cr_assert_eq(site_write(shop.site, d, 1, NULL, 0, NULL, &err), 0, "%s", err.text);
    }
    cr_expect(!drafts[0].existing && drafts[1].existing);
    cr_expect_eq(drafts[0].id, drafts[1].id);
    cr_expect_eq(log_tip(shop.site->log), 1);
}

/* ---- Wrong use ---- */

Test(import, wrong_options_are_named) {
    shop_put(&shop, "a.csv", HEADER);
    shop_put(&shop, "empty.csv", "");
    shop_put(&shop, "blank.csv", "\n\n");
    shop_put(&shop, "quote.csv", "a,\"b\n");
    RUN("wishes", "a.csv", "--map", MAP);
    expect_refused(ERR_USAGE, "", "wishes");
    RUN("purchases", "a.csv");
    expect_refused(ERR_INVALID, "map", "missing");
    RUN("purchases", "a.csv", "--map", "basket=basket");
    expect_refused(ERR_INVALID, "map", "time, sku, amount or unit_price");
    READ("a.csv", "--map", "staff=nobody");
    expect_refused(ERR_INVALID, "map", "nobody");
    READ("a.csv", "--where", "planet=3");
    expect_refused(ERR_INVALID, "where", "planet");
    READ("a.csv", "--encoding", "klingon");
    expect_refused(ERR_INVALID, "encoding", "klingon");
    READ("a.csv", "--delimiter", ";;");
    expect_refused(ERR_INVALID, "delimiter", ";;");
    READ("a.csv", "--source", "");
    expect_refused(ERR_INVALID, "source", "bytes");
    READ("no-such.csv");
    expect_refused(ERR_NOT_FOUND, "", "no-such.csv");
    READ("empty.csv");
    expect_refused(ERR_FORMAT, "", "empty.csv is empty");
    READ("blank.csv");
    expect_refused(ERR_FORMAT, "", "blank.csv is empty");
    READ("quote.csv");
    expect_refused(ERR_FORMAT, "", "field 2");
    READ("a.csv");
    expect(0, 0, 0, 0, 0);
}

Test(import, a_wrong_date_format_is_not_the_rows_fault) {
    shop_put(&shop, "a.csv", BAD);
    READ("a.csv", "--date-format", "%Q");
    expect_refused(ERR_INVALID, "date-format", "%Q");
}

Test(import, utf_16_is_told) {
    scratch_write(scratch_name(&shop.scratch, "wide.csv"), view_make("\xFF\xFE"
                                                                     "a\0,\0",
                                                                     6));
    READ("wide.csv");
    expect_refused(ERR_FORMAT, "", "UTF-16");
}

Test(import, people_are_told_in_words) {
    shop_put(&shop, "bad.csv", BAD);
    RUN("purchases", "bad.csv", "--map", MAP);
    cr_assert_eq(shop.code, 0);
    cr_expect_str_eq(buf_text(&shop.out),
                     "purchases from bad.csv: 7 rows\n"
                     "  2 written, as 4 events; customers registered: 2\n"
                     "  0 already here\n"
                     "  5 rejected\n"
                     "  line 2: goes with line 4, which is of the same basket\n"
                     "  line 4: amount: \"five\" is not a number such as 1234.50\n"
                     "  line 5: time: \"2024-02-30\" is not in the calendar, or not a time of day\n"
                     "  line 6: quantity: \"many\" is not a number such as 1234.50\n"
                     "  line 7: the row has 6 fields, the header 7\n"
                     "The rejected rows are in bad.csv.rejects.csv: correct them there and import that file by the "
                     "same command.\n");
}
