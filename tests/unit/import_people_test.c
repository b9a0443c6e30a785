/* Import of customers, contacts and complaints, and of files in other encodings. */
#include <criterion/criterion.h>
#include <string.h>

#include "node/commands.h"
#include "proto/event/event.h"
#include "proto/model/questions.h"
#include "tests/support/shop.h"
#include "tests/support/trade.h"

#define DAY(d) (INT64_C(1706745600000) + ((d)-1) * DAY_MS) /* of February 2024 */

static struct shop shop;

static void setup(void) { shop_open(&shop, "KRW", "KR"); }
static void teardown(void) { shop_close(&shop); }
TestSuite(customers, .init = setup, .fini = teardown);
TestSuite(contacts, .init = setup, .fini = teardown);
TestSuite(complaints, .init = setup, .fini = teardown);

#define RUN(...) shop_run(&shop, import_commands, (const char *const[]){"import", __VA_ARGS__, "--json", NULL})

static int64_t told(const char *key) { return json_integer_value(json_object_get(shop.answer, key)); }

static void expect(int64_t rows, int64_t written, int64_t skipped, int64_t events, int64_t rejected) {
    cr_assert_eq(shop.code, 0, "%s", shop.error.text);
    cr_expect_eq(told("rows"), rows, "%lld rows", (long long)told("rows"));
    cr_expect_eq(told("written"), written, "%lld written", (long long)told("written"));
    cr_expect_eq(told("skipped"), skipped, "%lld skipped", (long long)told("skipped"));
    cr_expect_eq(told("events"), events, "%lld events", (long long)told("events"));
    cr_expect_eq(told("rejected"), rejected, "%lld rejected", (long long)told("rejected"));
}

static void expect_problem(size_t index, const char *says) {
    const char *text =
        json_string_value(json_object_get(json_array_get(json_object_get(shop.answer, "problems"), index), "reason"));
    cr_expect(text != NULL && strstr(text, says) != NULL, "\"%s\" says nothing of \"%s\"", text == NULL ? "" : text,
              says);
}

static size_t count(enum tag_kind kind, const char *written) {
    uint64_t ids[8];
    int n = site_find(shop.site, kind, view_of(written), false, ids, 8, NULL);
    return n < 0 ? 0 : (size_t)n;
}

static uint64_t who(const char *card) {
    uint64_t id = 0;
    return site_find(shop.site, TAG_CARD, view_of(card), true, &id, 1, NULL) == 1 ? id : 0;
}

static void expect_field(uint64_t customer, int bit, const char *value) {
    struct buf text = BUF_INIT;
    site_field(shop.site, NULL, customer, bit, &text);
    cr_expect_str_eq(buf_text(&text), value);
    buf_release(&text);
}

/* ---- Customers ---- */

#define PEOPLE "name,phone,card,address\n김단골,010-1234-5678,K 1,Seoul\n이영희,010-9999-0000,,\n"
#define PEOPLE_MAP "name=name,phone=phone,card=card,address=address"

static void people(const char *text) {
    shop_put(&shop, "people.csv", text);
    RUN("customers", "people.csv", "--map", PEOPLE_MAP, "--encoding", "utf-8");
}

Test(customers, are_registered_once) {
    people(PEOPLE);
    expect(2, 2, 0, 2, 0);
    cr_assert_neq(who("k1"), 0);
    expect_field(who("k1"), SEALED_registered_name, "김단골");
    expect_field(who("k1"), SEALED_registered_card, "K 1");
    expect_field(who("k1"), SEALED_registered_phone, "010-1234-5678");
    const struct event *e = shop_event(&shop, 1);
    cr_expect_eq(e->at, NIL, "nobody said when");
    cr_expect(view_is(e->ref.source, "customers:A"));
    cr_expect_null(memmem(e->ref.key.data, e->ref.key.len, "K1", 2));
    people(PEOPLE);
    expect(2, 0, 2, 0, 0);
    shop_put(&shop, "other.csv", PEOPLE);
    RUN("customers", "other.csv", "--map", PEOPLE_MAP, "--source", "other");
    expect(2, 0, 2, 0, 0); /* another source tells nothing new */
}

Test(customers, are_updated_with_what_changed) {
    people(PEOPLE);
    uint64_t kim = who("k1");
    people("name,phone,card,address\n김단골,+82 10 1234 5678,k-1,Busan\n");
    expect(1, 1, 0, 1, 0);
    const struct event *e = shop_event(&shop, 3);
    cr_expect_eq(e->type, EVENT_updated);
    cr_expect_eq(e->subject, kim);
    cr_expect_eq(e->sealed_bits, UINT64_C(1) << SEALED_registered_address, "the phone is the same one");
    cr_expect_eq(e->after.count, 1);
    expect_field(kim, SEALED_registered_address, "Busan");
    expect_field(kim, SEALED_registered_phone, "010-1234-5678");
    /* The first file again must not bring Seoul back. */
    people(PEOPLE);
    expect(2, 0, 2, 0, 0);
    expect_field(kim, SEALED_registered_address, "Busan");
    people("name,phone,card,address\n,,k-1,\n");
    expect(1, 0, 1, 0, 0); /* empty cells say nothing */
}

Test(customers, what_was_known_before_is_not_brought_back) {
    static const char rows[] = "name,phone,card,address\nKim,,1,a\n,010-1111-2222,1,\nKim,01011112222,1,\n"
                               ",010-3333-4444,1,\n,,1,b\n";
    people(rows);
    expect(5, 4, 1, 4, 0);
    people(rows);
    expect(5, 0, 5, 0, 0); /* the third row, which told nothing new, must not win now */
    people("name,phone,card,address\n,,1,a\n");
    expect(1, 0, 1, 0, 0);
    struct buf later = BUF_INIT;
    char when[40];
    buf_printf(&later, "card,address,when\n1,a,%s\n",
               time_format(site_now(shop.site) + DAY_MS, &shop.site->zone, when));
    shop_put(&shop, "t.csv", buf_text(&later));
    RUN("customers", "t.csv", "--map", "card=card,address=address,time=when");
    expect(1, 1, 0, 1, 0); /* but one that says since when does */
    expect_field(who("1"), SEALED_registered_address, "a");
    buf_clear(&later);
    buf_printf(&later, "card,address,when\n1,c,%s\n",
               time_format(site_now(shop.site) + DAY_MS + 60000, &shop.site->zone, when));
    shop_put(&shop, "t.csv", buf_text(&later));
    RUN("customers", "t.csv", "--map", "card=card,address=address,time=when");
    expect(1, 0, 0, 0, 1); /* what nobody can know yet does not */
    buf_release(&later);
}

/* The second row tells nothing new and leaves no trace; by the fourth the number it has is given up. */
Test(customers, a_number_given_up_registers_nobody_anew) {
    static const char rows[] = "name,phone,card,address\nKim,010-1111-2222,,\n,010-1111-2222,,\n"
                               "Kim,010-1111-2222,K1,\n,010-3333-4444,K1,\nLee,010-1111-2222,,\n";
    people(rows);
    expect(5, 4, 1, 4, 0);
    people(rows);
    expect(5, 0, 5, 0, 0);
    expect_field(who("k1"), SEALED_registered_phone, "010-3333-4444");
}

Test(customers, newer_values_stay) {
    shop_put(&shop, "new.csv", "card,address,note,when\n1,Busan,likes tea,2024-02-10\n");
    RUN("customers", "new.csv", "--map", "card=card,address=address,note=note,time=when");
    expect(1, 1, 0, 1, 0);
    cr_expect_eq(shop_event(&shop, 1)->at, DAY(10));
    shop_put(&shop, "old.csv", "card,address,size,when\n1,Seoul,38,2024-02-05\n");
    RUN("customers", "old.csv", "--map", "card=card,address=address,size=size,time=when");
    expect(1, 1, 0, 1, 0);
    expect_field(who("1"), SEALED_registered_address, "Busan");
    expect_field(who("1"), SEALED_registered_size, "38");
    shop_put(&shop, "newest.csv", "card,address,when\n1,Daegu,2024-02-11\n");
    RUN("customers", "newest.csv", "--map", "card=card,address=address,time=when");
    expect_field(who("1"), SEALED_registered_address, "Daegu");
}

Test(customers, a_family_shares_a_phone) {
    people("name,phone,card,address\n김단골,010-1234-5678,,\n이영희,010-1234-5678,,\n 김단골 ,01012345678,,Seoul\n");
    expect(3, 3, 0, 3, 0);
    cr_expect_eq(count(TAG_PHONE, "010 1234 5678"), 2);
    cr_expect_eq(shop_event(&shop, 3)->type, EVENT_updated);
    cr_expect_eq(shop_event(&shop, 3)->subject, id_make(PARTIES_STREAM, 1));
}

Test(customers, rows_about_the_same_one_follow_each_other) {
    shop_put(&shop, "people.csv", "name,phone,card,address\nKim,,1,a\nKim,,1,b\nLee,,2,x\nKim,,1,c\nKim,,1,b\n");
    RUN("customers", "people.csv", "--map", PEOPLE_MAP, "--dry-run");
    expect(5, 4, 1, 4, 0);
    cr_expect_eq(log_tip(shop.site->log), 0);
    RUN("customers", "people.csv", "--map", PEOPLE_MAP);
    expect(5, 4, 1, 4, 0); /* the last row says what the second said */
    expect_field(who("1"), SEALED_registered_address, "c");
    people("name,phone,card,address\nKim,,1,a\nKim,,1,b\nLee,,2,x\nKim,,1,c\nKim,,1,b\n");
    expect(5, 0, 5, 0, 0);
}

Test(customers, a_dry_run_tells_the_same) {
    people(PEOPLE);
    shop_put(&shop, "more.csv", "name,phone,card,address\n김단골,,k1,Busan\nPark,,2,\nbad,12,,\n");
    RUN("customers", "more.csv", "--map", PEOPLE_MAP, "--dry-run");
    expect(3, 2, 0, 2, 1);
    cr_expect_eq(log_tip(shop.site->log), 2);
    RUN("customers", "more.csv", "--map", PEOPLE_MAP);
    expect(3, 2, 0, 2, 1);
}

Test(customers, who_was_erased_does_not_come_back) {
    people(PEOPLE);
    cr_assert(trade_hears_erasure(shop.site, who("k1")), "%s", trade_error()->text);
    people(PEOPLE);
    expect(2, 0, 2, 0, 0);
    cr_expect_eq(who("k1"), 0);
}

/* Rows about who was brought stand before rows about who brought them, and rows of nobody. */
Test(customers, E15_who_brought_them) {
    static const char rows[] = "c,n,r,t\n4,D,3,2024-02-04\n3,C,2,2024-02-03\n2,B,k1,2024-02-02\n5,E,9,2024-02-05\n"
                               "7,G,8,2024-02-07\n8,H,?,2024-02-08\n6,F,6,2024-02-06\n";
    people(PEOPLE); /* K 1 is known */
    shop_put(&shop, "r.csv", rows);
    RUN("customers", "r.csv", "--map", "card=c,name=n,referred_by=r,time=t", "--json", "--dry-run");
    expect(7, 3, 0, 6, 4);
    RUN("customers", "r.csv", "--map", "card=c,name=n,referred_by=r,time=t", "--json");
    expect(7, 3, 0, 6, 4);
    expect_problem(0, "referred_by: nobody has this card number");
    expect_problem(1, "referred_by: nobody");
    expect_problem(2, "referred_by: ");
    expect_problem(3, "referred_by: nobody");
    static const char *const brought[][2] = {{"k1", "2"}, {"2", "3"}, {"3", "4"}};
    for (uint64_t i = 0; i < 3; i++) {
        const struct event *e = shop_event(&shop, 3 + 2 * i + 1);
        cr_expect_eq(e->type, EVENT_referred);
        cr_expect_eq(e->subject, who(brought[i][0]));
        cr_expect_eq(e->body.referred.newcomer, who(brought[i][1]));
        cr_expect_eq(e->at, DAY(2 + (int64_t)i));
    }
    cr_expect_eq(who("5"), 0);
    RUN("customers", "r.csv", "--map", "card=c,name=n,referred_by=r,time=t", "--json");
    expect(7, 0, 3, 0, 4);
}

Test(customers, E15_whether_they_were_told) {
    shop_put(&shop, "t.csv", "c,t\n1,yes\n2,no\n3,\n4,perhaps\n");
    RUN("customers", "t.csv", "--map", "card=c,told=t", "--json");
    expect(4, 3, 0, 3, 1);
    expect_problem(0, "told: \"perhaps\" is neither yes nor no");
    static const int64_t told_of[] = {1, 0, NIL};
    for (uint64_t i = 0; i < 3; i++) cr_expect_eq(shop_event(&shop, i + 1)->body.registered.told, told_of[i]);
    RUN("customers", "t.csv", "--map", "card=c,told=t", "--json");
    expect(4, 0, 3, 0, 1);
}

Test(customers, bad_rows_are_rejected) {
    people("name,phone,card,address\nKim,,,x\nKim,12,,\nKi\xFFm,,1,\nKim,,2,S\xFFul\nKim,,--,\n");
    expect(5, 1, 0, 1, 4);
    expect_problem(0, "card: is missing, and so are phone and email");
    expect_problem(1, "phone: ");
    expect_problem(2, "name: \"Ki\uFFFDm\" is not in the encoding");
    expect_problem(3, "card: ");
    expect_field(who("2"), SEALED_registered_address, "S\uFFFDul"); /* damaged free text is kept */
    shop_put(
        &shop, "b.csv",
        "c;b;j\n1;31.12.1990;{\"skin\":\"dry\"}\n2;12-31;[]\n3;30.02.1990;\n4;02-29;{}\n5;31.12.2398;\n6;;{\"a\":}\n");
    RUN("customers", "b.csv", "--delimiter", ";", "--date-format", "%d.%m.%Y", "--map", "card=c,birthday=b,custom=j",
        "--dry-run");
    expect(6, 2, 0, 2, 4);
    expect_problem(0, "custom: is not a JSON object");
    expect_problem(1, "birthday: '30.02.1990' is no date");
    expect_problem(2, "birthday: '2398-12-31' has not come yet");
    expect_problem(3, "custom: is not JSON at line 1, column 6");
}

Test(customers, a_ref_of_their_own) {
    shop_put(&shop, "r.csv", "no,card\n17,1\n18,1\n");
    RUN("customers", "r.csv", "--map", "ref=no,card=card");
    expect(2, 1, 1, 1, 0);
    cr_expect(view_is(shop_event(&shop, 1)->ref.key, "17"));
    RUN("customers", "r.csv", "--map", "ref=card,card=card", "--source", "other");
    expect(2, 0, 2, 0, 0);
}

static void encoded(const char *encoding, const char *bytes, const char *name) {
    struct buf file = BUF_INIT;
    buf_printf(&file, "이름|카드\n");
    buf_clear(&file);
    buf_printf(&file, "name,card\n%s,%s\n", bytes, encoding);
    shop_put(&shop, encoding, buf_text(&file));
    RUN("customers", encoding, "--map", "name=name,card=card", "--encoding", encoding);
    expect(1, 1, 0, 1, 0);
    expect_field(who(encoding), SEALED_registered_name, name);
    RUN("customers", encoding, "--map", "name=name,card=card", "--encoding", encoding);
    expect(1, 0, 1, 0, 0);
    buf_release(&file);
}

Test(customers, in_every_encoding) {
    encoded("utf-8", "똠방각하", "똠방각하");
    encoded("cp949", "\x8C\x63\xB9\xE6\xB0\xA2\xC7\xCF", "똠방각하");
    encoded("gb18030", "\xCD\xF5\x81\x39\xEE\x39\xD0\xA1", "王㐀小");
    encoded("latin1", "S\xE3o", "São");
    encoded("windows-1252", "S\xE3o \x96", "São –");
}

Test(customers, headers_and_rejects_are_in_the_files_encoding) {
    struct buf file = BUF_INIT;
    /* Two columns with Korean names in CP949; the birthday of the second row is none. */
    shop_put(&shop, "k.csv", "\xC0\xCC\xB8\xA7|\xC0\xFC\xC8\xAD\n\xB1\xE8|1990-01-01\n\xB1\xE8|\xB1\xE8\n");
    RUN("customers", "k.csv", "--encoding", "cp949", "--delimiter", "|", "--map", "card=이름,birthday=전화");
    expect(2, 1, 0, 1, 1);
    shop_get(&shop, "k.csv.rejects.csv", &file);
    cr_expect_not_null(memmem(file.data, file.len, "\xB1\xE8|\xB1\xE8\n", 6), "the row as it stood");
    cr_expect_not_null(
        memmem(file.data, file.len, "|rejected_reason|rejected_row|\xC0\xCC\xB8\xA7|\xC0\xFC\xC8\xAD\n", 40));
    cr_expect_not_null(memmem(file.data, file.len, "3|\"birthday: '\xB1\xE8' is", 20), "%s", buf_text(&file));
    buf_release(&file);
}

/* ---- Contacts ---- */

Test(contacts, become_events) {
    shop_put(&shop, "c.csv",
             "card,how,why,when,what,stars,note,who,no\n"
             "K1,call,fit,2024-02-02,reached,5,\"asked, happily\",kim,1\n"
             "K1,SMS,fit,2024-02-01,,,,,2\n"
             "K1,pigeon,fit,2024-02-03,,,,,3\n"
             "K2,call,,2024-02-03,,,,,4\n"
             "K3,call,fit,2024-02-03,,6,,,5\n"
             ",call,fit,2024-02-03,,,,,6\n"
             "K1,call,fit,2024-02-02,reached,5,\"asked, happily\",kim,1\n"
             "K1,call,fit,2024-02-09,,,,,2\n");
#define CONTACTS                                                                                                       \
    "contacts", "c.csv", "--map",                                                                                      \
        "customer=card,kind=how,purpose=why,time=when,outcome=what,satisfaction=stars,note=note,staff=who,ref=no",     \
        "--value", "kind=SMS:sms"
    RUN(CONTACTS);
    expect(8, 2, 1, 3, 5);
    expect_problem(0, "kind: ");
    expect_problem(1, "purpose: is missing");
    expect_problem(2, "satisfaction: \"6\"");
    expect_problem(3, "customer: is missing");
    expect_problem(4, "ref: line 3 has the same one");
    cr_expect_eq(shop_event(&shop, 1)->at, DAY(1), "registered at the earliest row");
    cr_expect_eq(shop_event(&shop, 2)->body.contacted.kind, choice_contact_kind_sms);
    const struct event *e = shop_event(&shop, 3);
    cr_expect_eq(e->subject, who("K1"));
    cr_expect(view_is(e->body.contacted.purpose, "fit") && view_is(e->body.contacted.note, "asked, happily"));
    cr_expect_eq(e->body.contacted.outcome, choice_outcome_reached);
    cr_expect_eq(e->body.contacted.satisfaction, 5);
    cr_expect(view_is(e->actor, "kim"));
    cr_expect_eq(who("K2"), 0);
    RUN(CONTACTS);
    expect(8, 0, 3, 0, 5);
    RUN(CONTACTS, "--dry-run");
    expect(8, 0, 3, 0, 5);
}

/* ---- Complaints ---- */

static const char complaints_map[] = "ref=no,customer=card,opened=o,answered=a,closed=c,resolved=r,score=s,"
                                     "subject=what,text=text,segment=seg,company=co";
#define COMPLAINTS_HEADER "no;card;o;a;c;r;s;what;text;seg;co\n"

static void read_in(const char *rows, const char *extra) {
    struct buf file = BUF_INIT;
    buf_printf(&file, "%s%s", COMPLAINTS_HEADER, rows);
    shop_put(&shop, "co.csv", buf_text(&file));
    RUN("complaints", "co.csv", "--encoding", "utf-8", "--delimiter", ";", "--date-format", "%d/%m/%Y", "--map",
        complaints_map, "--value", "resolved=Sim:yes,N\u00e3o:no,?:", extra == NULL ? "--json" : extra);
    buf_release(&file);
}

Test(complaints, with_what_became_of_them) {
    read_in("7;;01/02/2024;02/02/2024;05/02/2024;N\u00e3o;2;size;too small;retail;Shop\n", NULL);
    expect(1, 1, 0, 3, 0);
    const struct event *e = shop_event(&shop, 1);
    uint64_t id = id_make(PARTIES_STREAM, 1);
    cr_expect_eq(e->type, EVENT_complained);
    cr_expect_eq(e->subject, id, "anonymous: its own subject");
    cr_expect_eq(e->at, DAY(1));
    cr_expect_eq(e->body.complained.channel, choice_channel_third_party);
    cr_expect(view_is(e->body.complained.topic, "size") && view_is(e->body.complained.text, "too small"));
    cr_expect(view_is(e->body.complained.segment, "retail") && view_is(e->body.complained.company, "Shop"));
    cr_expect(view_is(e->ref.source, "complaints:A") && view_is(e->ref.key, "7"));
    e = shop_event(&shop, 2);
    struct list after = e->after;
    uint64_t before = 0;
    cr_expect(list_next_id(&after, &before) && before == id);
    cr_expect_eq(e->subject, id);
    cr_expect_eq(e->body.stepped.complaint, id);
    cr_expect_eq(e->body.stepped.step, choice_step_explain);
    cr_expect(view_is(e->body.stepped.skipped, "imported"));
    cr_expect_eq(e->at, DAY(2));
    cr_expect(view_is(e->ref.key, "7/answered"));
    e = shop_event(&shop, 3);
    after = e->after;
    cr_expect(list_next_id(&after, &before) && before == id + 1);
    cr_expect_eq(e->body.stepped.step, choice_step_outcome);
    cr_expect_eq(e->body.stepped.satisfied, 0);
    cr_expect_eq(e->body.stepped.score, 2);
    cr_expect_eq(e->at, DAY(5));
}

Test(complaints, E15_what_was_given) {
    shop_put(&shop, "g.csv",
             "n,o,a,c,w,m,z,l\n1,2024-02-01,2024-02-02,2024-02-03,x,gift,1250,region\n2,2024-02-01,,,x,gift,1,\n"
             "3,2024-02-01,,2024-02-03,x,cake,1,\n4,2024-02-01,,2024-02-03,x,,,company\n");
    static const char map[] = "ref=n,opened=o,answered=a,closed=c,subject=w,settlement=m,cost=z,level=l";
    RUN("complaints", "g.csv", "--map", map, "--json");
    expect(4, 2, 0, 6, 2);
    expect_problem(0, "closed: is missing");
    expect_problem(1, "settlement: ");
    uint64_t id = id_make(PARTIES_STREAM, 1);
    cr_expect_eq(shop_event(&shop, 1)->body.complained.level, choice_level_region);
    const struct event *given = shop_event(&shop, 3);
    cr_expect_eq(given->body.stepped.step, choice_step_compensate);
    cr_expect_eq(given->body.stepped.settlement, choice_settlement_gift);
    cr_expect_eq(given->body.stepped.cost, 1250);
    cr_expect_eq(given->at, DAY(3));
    struct list after = given->after;
    uint64_t before = 0;
    cr_expect(list_next_id(&after, &before) && before == id + 1);
    cr_expect_eq(shop_event(&shop, 4)->body.stepped.step, choice_step_outcome);
    struct complaint thread;
    struct cut all = {TIME_NONE, TIME_NONE};
    cr_assert(complaint_of(shop.site->model, id, &all, &shop.site->zone, DAY(9), &thread));
    cr_expect_eq(thread.closed_at, DAY(3));
    RUN("complaints", "g.csv", "--map", map, "--json");
    expect(4, 0, 2, 0, 2);
}

Test(complaints, come_again_with_more_dates) {
    read_in("7;K1;01/02/2024;;;?;;size;;;\n8;;01/02/2024;;02/02/2024;Sim;;x;;;\n", NULL);
    expect(2, 2, 0, 4, 0);
    read_in("7;K1;01/02/2024;02/02/2024;05/02/2024;Sim;5;size;;;\n8;;01/02/2024;;02/02/2024;Sim;;x;;;\n", NULL);
    expect(2, 1, 1, 2, 0);
    const struct event *e = shop_event(&shop, 6);
    cr_expect_eq(e->subject, who("K1"));
    cr_expect_eq(e->body.stepped.complaint, id_make(PARTIES_STREAM, 2));
    struct list after = e->after;
    uint64_t before = 0;
    cr_expect(list_next_id(&after, &before) && before == id_make(PARTIES_STREAM, 5));
}

Test(complaints, bad_rows_are_rejected) {
    static const char rows[] = "1;;;;;;;x;;;\n"           /* not opened */
                               "2;;31/02/2024;;;;;x;;;\n" /* no such day */
                               "3;;01/02/2024;;02/02/2024;maybe;;x;;;\n"
                               "4;;01/02/2024;;02/02/2024;Sim;9;x;;;\n"
                               "5;;01/02/2024;;;Sim;;x;;;\n"       /* resolved, but not closed */
                               "6;;01/02/2024;;;;;x;;S\xFF;\n"     /* a name in another encoding */
                               "7;;01/02/2024;;;;;x\xFF;y\xFF;;\n" /* free text is kept */
                               "1;;01/02/2024;;;;;x;;;\n";         /* the ref of a rejected row is free */
    static const char *const says[] = {"opened: is missing", "opened: ",           "resolved: \"maybe\"",
                                       "score: \"9\"",       "closed: is missing", "segment: "};
    read_in(rows, "--dry-run");
    expect(8, 2, 0, 2, 6);
    read_in(rows, NULL);
    expect(8, 2, 0, 2, 6);
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) expect_problem(i, says[i]);
    cr_expect(view_is(shop_event(&shop, 1)->body.complained.text, "y\uFFFD"));
}

Test(complaints, identical_rows_are_different_complaints) {
    shop_put(&shop, "i.csv", "o,t\n2024-02-01,x\n2024-02-01,x\n");
    RUN("complaints", "i.csv", "--map", "opened=o,text=t");
    expect(2, 2, 0, 2, 0);
    RUN("complaints", "i.csv", "--map", "opened=o,text=t");
    expect(2, 0, 2, 0, 0);
}

Test(complaints, a_ref_of_something_else_is_told) {
    shop_put(&shop, "p.csv", "b,t,a\n17,2024-02-01,100\n");
    RUN("purchases", "p.csv", "--map", "basket=b,time=t,amount=a,sku=b", "--source", "office");
    expect(1, 1, 0, 1, 0);
    shop_put(&shop, "c.csv", "n,o,t\n17,2024-02-01,x\n");
    RUN("complaints", "c.csv", "--map", "ref=n,opened=o,text=t", "--source", "office");
    expect(1, 0, 0, 0, 1);
    expect_problem(0, "ref: is that of");
}
