/* From a request to the words of a command line, and what has no place in one. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "node/commands.h"
#include "proto/api/pages.h"
#include "proto/api/shown.h"
#include "proto/api/wording.h"
#include "proto/command/act.h"
#include "proto/command/act_customer.h"
#include "proto/command/ask.h"

static const struct command *const groups[] = {
    node_site_commands, node_customer_commands, node_sale_commands, act_commands,    act_customer_commands,
    act_staff_commands, ask_commands,           ask_file_commands,  import_commands, NULL};
static const struct program program = {"dangol-node", "", ROLE_STORE, groups};

static struct identity assistant = {.name = "kim", .staff = "kim", .role = ACCOUNT_ROLE_assistant};
static struct identity manager = {.name = "lee", .staff = "lee", .role = ACCOUNT_ROLE_manager};

/* The words of a request, divided by '|'; or the error's field behind a '!'. */
static char *words(const struct identity *who, enum http_method method, const char *target, const char *body) {
    static char out[2000];
    struct http_request request = {.method = method};
    struct wording wording;
    struct err err = {.code = 0};
    char raw[500];
    snprintf(raw, sizeof raw, API_BASE "%s", target);
    cr_assert_eq(http_target_parse(raw, &request.target, NULL), 0);
    struct match match = route_find(&program, method, &request.target);
    cr_assert_not_null(match.route, "%s", target);
    buf_append_view(&request.body, view_make(body, strlen(body)));
    struct asking asking = {
        .program = &program, .route = match.route, .request = &request, .who = who, .decimals = 2, .ref = "kim k1"};
    int code = wording_make(&asking, &wording, &err);
    out[0] = '\0';
    if (code != 0) {
        snprintf(out, sizeof out, "!%s", err.field);
    } else {
        const char **list = wording_list(&wording);
        for (int i = 1; i < wording.count; i++)
            snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s", i > 1 ? "|" : "", list[i]);
        free(list);
        wording_release(&wording);
    }
    http_target_release(&request.target);
    buf_release(&request.body);
    return out;
}

Test(api_words, reading) {
    cr_expect_str_eq(words(&assistant, HTTP_GET, "/recall?phone=010-1", ""), "recall|--json|--phone=010-1|--");
    cr_expect_str_eq(words(&assistant, HTTP_GET, "/customers/1-2", ""), "customer|--json|--|1-2");
    cr_expect_str_eq(words(&assistant, HTTP_GET, "/complaints?all&overdue=false&as_of=2026-01-01&limit=5&cursor=x", ""),
                     "complaints|--json|--all|--as-of=2026-01-01|--");
    cr_expect_str_eq(words(&assistant, HTTP_GET, "/complaints?all=perhaps", ""), "!all");
}

Test(api_words, a_sale) {
    cr_expect_str_eq(
        words(&assistant, HTTP_POST, "/purchases",
              "{\"card\": \"A1\", \"care_told\": true, \"card_given\": false, \"lines\": [{\"sku\": \"X\", "
              "\"quantity\": 1.5, \"amount\": 1250, \"cost\": \"7.5\"}, {\"sku\":\"Y\",\"quantity\":1,"
              "\"amount\":-5}]}"),
        "purchase|--json|--card=A1|--care-told|--line=X,1.5,12.50,,7.5|--line=Y,1,-0.05|--staff=kim|--ref=kim "
        "k1|--");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/purchases", "{\"lines\": [{\"sku\": \"a,b\"}]}"), "!lines[0].sku");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/purchases", "{\"lines\": [{\"colour\": \"red\"}]}"),
                     "!lines[0].colour");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/purchases", "{\"lines\": [[1]]}"), "!lines[0]");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/purchases",
                           "{\"lines\": [{\"sku\": \"a\", \"quantity\": 1, \"amount\": 900000000000000}]}"),
                     "!lines[0].amount");
    static const char good[] = "{\"sku\": \"a\", \"quantity\": 1, \"amount\": 5}";
    static const struct {
        const char *line, *field;
    } wrong[] = {{"{\"quantity\": 1, \"amount\": 5}", "!lines[1].sku"},
                 {"{\"sku\": \"a\", \"amount\": 5}", "!lines[1].quantity"},
                 {"{\"sku\": \"a\", \"quantity\": null, \"amount\": 5}", "!lines[1].quantity"},
                 {"{\"sku\": \"a\", \"quantity\": 1}", "!lines[1].amount"},
                 {"{\"sku\": \"a\", \"quantity\": 1.0005, \"amount\": 5}", "!lines[1].quantity"},
                 {"{\"sku\": \"a\", \"quantity\": true, \"amount\": 5}", "!lines[1].quantity"},
                 {"{\"sku\": \"a\", \"quantity\": 1, \"amount\": \"1.234\"}", "!lines[1].amount"},
                 {"{\"sku\": \"a\", \"quantity\": 1, \"amount\": 5, \"list_amount\": \"x\"}", "!lines[1].list_amount"},
                 {"{\"sku\": \"a\", \"quantity\": 1, \"amount\": 5, \"cost\": \"1,000\"}", "!lines[1].cost"},
                 {"7", "!lines[1]"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char body[300];
        snprintf(body, sizeof body, "{\"lines\": [%s, %s]}", good, wrong[i].line);
        cr_expect_str_eq(words(&assistant, HTTP_POST, "/purchases", body), wrong[i].field, "%s", wrong[i].line);
    }
}

Test(api_words, E15_a_command_speaks_of_what_stands_in_the_request) {
    static const struct {
        const char *field, *text, *named, *said;
    } cases[] = {
        {"line", "'b,1,-5': quantity and amount differ", "lines[1]", "quantity and amount differ"},
        {"line", "'b,1,-5,9': another", "lines", "'b,1,-5,9': another"},
        {"line", "is missing: at least one SKU,QTY,AMOUNT", "lines",
         "is missing: at least one sku, quantity and amount"},
        {"given", "say --given or --withdrawn", "given", "say given or withdrawn"},
        {"tier", "'a--b' is none -- or (--none)", "tier", "'a--b' is none -- or (none)"},
    };
    struct wording wording = {.count = 0};
    static const char list[] = "dangol-node\0--line=a,1,5\0--line=b,1,-5";
    buf_append(&wording.text, list, sizeof list);
    wording.count = 3;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err fault = {.code = ERR_INVALID};
        err_set(&fault, ERR_INVALID, cases[i].field, "%s", cases[i].text);
        wording_fault(&wording, &fault);
        cr_expect_str_eq(fault.field, cases[i].named);
        cr_expect_str_eq(fault.text, cases[i].said);
    }
    buf_release(&wording.text);
}

Test(api_words, arguments_come_from_the_path_else_from_the_body) {
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/purchases/1-7/returns", "{}"),
                     "return|--json|--staff=kim|--ref=kim k1|--|1-7");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/returns", "{\"purchase\": \"1-7\"}"),
                     "return|--json|--staff=kim|--ref=kim k1|--|1-7");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/returns", "{\"phone\": \"1\"}"),
                     "return|--json|--phone=1|--staff=kim|--ref=kim k1|--");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/complaints/1-7/route", "{}"), "!level");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/complaints/1-7/steps/compensate", "{\"cost\": 1250}"),
                     "complaint|--json|--cost=12.50|--staff=kim|--ref=kim k1|--|step|1-7|compensate");
}

/* What begins with dashes stays the value or argument that it is. */
Test(api_words, nothing_becomes_an_option_that_is_none) {
    cr_expect_str_eq(words(&assistant, HTTP_GET, "/customers/--help", ""), "customer|--json|--|--help");
    cr_expect_str_eq(words(&assistant, HTTP_GET, "/recall?name=--json", ""), "recall|--json|--name=--json|--");
    cr_expect_str_eq(words(&manager, HTTP_POST, "/events/1-1/void", "{\"reason\": \"--undo\"}"),
                     "void|--json|--reason=--undo|--staff=lee|--ref=kim k1|--|1-1");
}

Test(api_words, what_is_null_is_cleared) {
    cr_expect_str_eq(words(&assistant, HTTP_PATCH, "/customers/1-1", "{\"email\": null, \"taste\": \"green\"}"),
                     "update|--json|--clear=email|--taste=green|--staff=kim|--ref=kim k1|--|1-1");
    cr_expect_str_eq(words(&assistant, HTTP_PATCH, "/customers/1-1", "{\"custom\": {\"skin\": \"dry\", \"feet\": 42}}"),
                     "update|--json|--custom=skin=dry|--custom=feet=42|--staff=kim|--ref=kim k1|--|1-1");
}

Test(api_words, E14_who_writes_under_whose_name) {
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/returns", "{\"staff\": \"lee\"}"), "!staff");
    cr_expect_str_eq(words(&assistant, HTTP_POST, "/returns", "{\"staff\": \"kim\"}"),
                     "return|--json|--staff=kim|--ref=kim k1|--");
    cr_expect_str_eq(words(&manager, HTTP_POST, "/returns", "{\"staff\": \"kim\", \"ref\": \"till 7\"}"),
                     "return|--json|--staff=kim|--ref=till 7|--");
}

/* A name that holds an equals sign would be an option with its value, past every check of that option. */
Test(api_words, E14_a_field_is_no_way_to_say_an_option) {
    static const char *const bad[] = {"{\"staff=lee\": \"\"}", "{\"staff=lee\": true}", "{\"staff=lee\": null}",
                                      "{\"json\": true}",      "{\"help\": true}",      "{\"a b\": 1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(words(&assistant, HTTP_POST, "/returns", bad[i])[0], '!', "%s", bad[i]);
    cr_expect_eq(words(&assistant, HTTP_GET, "/recall?phone=1&help", "")[0], '!');
    cr_expect_eq(words(&assistant, HTTP_GET, "/recall?staff%3Dlee=1", "")[0], '!');
}

Test(api_words, E14_a_manager_makes_nobody_more_than_a_manager) {
    static const char *const more[] = {"desk", "region", "auditor", "it"};
    cr_expect_str_eq(words(&manager, HTTP_PUT, "/staff/new", "{\"role\": \"assistant\"}"),
                     "staff|--json|--role=assistant|--staff=lee|--ref=kim k1|--|add|new");
    cr_expect_neq(words(&manager, HTTP_PUT, "/staff/new", "{\"role\": \"manager\"}")[0], '!');
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char body[60];
        snprintf(body, sizeof body, "{\"role\": \"%s\"}", more[i]);
        cr_expect_str_eq(words(&manager, HTTP_PUT, "/staff/new", body), "!role", "%s", more[i]);
    }
}

Test(api_words, files_of_this_pc_and_what_never_ends_are_for_the_command_line) {
    cr_expect_str_eq(words(&manager, HTTP_GET, "/log?follow=true", ""), "!follow");
    cr_expect_str_eq(words(&manager, HTTP_POST, "/returns?phone=1", "{}"), "!phone");
}

Test(api_words, json_that_is_none) {
    static const char *const bad[] = {"{",
                                      "[]",
                                      "1",
                                      "\"x\"",
                                      "{\"a\":{\"b\":{\"c\":[]}}}",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":[[1]]}",
                                      "{\"\":1}",
                                      "{\"a\":\"\\u0000\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(words(&manager, HTTP_POST, "/returns", bad[i])[0], '!', "%s", bad[i]);
    cr_expect(!json_shallow(view_of("[[[[[[[[[1]]]]]]]]]")));
    cr_expect(json_shallow(view_of("[[[[[[[[1]]]]]]]]")));
    cr_expect(json_shallow(view_of("\"[[[[[[[[[[[[\\\"[[[[\"")));
}

Test(api_words, a_page_that_ends_is_followed_by_the_next) {
    struct http_target target;
    struct page page;
    struct buf cursor = BUF_INIT;
    struct err err = {.code = 0};
    char raw[400];
    struct page end = {.end = 100, .last = "12-845 call"};
    page_cursor(&end, &cursor);
    snprintf(raw, sizeof raw, "/vip?limit=1000&cursor=%s", buf_text(&cursor));
    cr_assert_eq(http_target_parse(raw, &target, NULL), 0);
    cr_assert_eq(page_read(http_query(&target, "limit"), http_query(&target, "cursor"), &page, &err), 0);
    cr_expect_eq(page.limit, 1000);
    cr_expect_eq(page.offset, 100);
    cr_expect_str_eq(page.after, "12-845 call");
    http_target_release(&target);
    buf_release(&cursor);
    static const char *const bad[] = {"/a?limit=0", "/a?limit=1001", "/a?limit=x",
                                      "/a?limit=",  "/a?cursor=!",   "/a?cursor=AAAA"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(http_target_parse(bad[i], &target, NULL), 0);
        cr_expect_eq(page_read(http_query(&target, "limit"), http_query(&target, "cursor"), &page, &err), ERR_INVALID,
                     "%s", bad[i]);
        http_target_release(&target);
    }
}

static size_t shown_in(const char *text, bool one, bool subjects, uint64_t *first) {
    struct shown shown = {.ids = NULL};
    shown_json(&shown, view_of(text), one, subjects);
    size_t count = shown.count;
    if (count > 0) *first = shown.ids[0];
    shown_release(&shown);
    return count;
}

Test(api_words, E14_whom_an_answer_shows) {
    uint64_t first = 0;
    const char *list = "[{\"rank\": 1, \"customer\": \"1-2\"}, {\"customer\": \"1-2\"}, {\"customer\": null}, {\"id\": "
                       "\"1-9\", \"customer\": \"3-4\"}]";
    cr_expect_eq(shown_in(list, false, false, &first), 2);
    cr_expect_eq(shown_in(list, true, false, &first), 2, "the id is a row's own");
    cr_expect_eq(shown_in("{\"id\": \"1-2\", \"history\": [{\"id\": \"1-5\"}]}", true, false, &first), 1);
    cr_expect_eq(first, id_make(1, 2), "not the events of her history");
    cr_expect_eq(shown_in("{\"id\": \"1-2\", \"relations\": [{\"customer\": \"1-3\"}]}", true, false, &first), 2);
    cr_expect_eq(first, id_make(1, 2), "she is shown, and whom her card names");
    cr_expect_eq(shown_in("[{\"customer\": \"1-2\", \"other\": \"1-3\"}]", false, false, &first), 2, "both of a pair");
    cr_expect_eq(shown_in("[{\"subject\": \"1-7\"}]", false, true, &first), 1);
    cr_expect_eq(shown_in("[{\"subject\": \"1-7\"}]", false, false, &first), 0);
    cr_expect_eq(shown_in("{\"customer\": \"1-2", true, false, &first), 0, "cut off");
    cr_expect_eq(shown_in("", true, true, &first), 0);
}

static size_t shown_in_csv(const char *text) {
    struct shown shown = {.ids = NULL};
    shown_csv(&shown, view_of(text));
    size_t count = shown.count;
    shown_release(&shown);
    return count;
}

Test(api_words, E14_whom_a_csv_shows) {
    cr_expect_eq(shown_in_csv("id,customer,text\r\n1-9,1-2,x\r\n1-10,1-3,\"a, \"\"b\"\"\r\n1-4\"\r\n1-11,1-5,\r\n"), 3,
                 "a line break within quotes begins no row");
    cr_expect_eq(shown_in_csv("\xef\xbb\xbfid,name\r\n1-2,Kim\r\n"), 1, "behind the mark of UTF-8");
    cr_expect_eq(shown_in_csv("customer,other\r\n1-2,1-3\r\n"), 2);
    cr_expect_eq(shown_in_csv("month,sum\r\n1-2,3\r\n"), 0);
    cr_expect_eq(shown_in_csv(""), 0);
    cr_expect_eq(shown_in_csv("customer"), 0);
    cr_expect_eq(shown_in_csv("customer\n\"1-2"), 0);
}
