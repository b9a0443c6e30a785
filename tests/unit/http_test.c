/* What a stranger sends, taken apart: addresses, lists in headers, problems; who fails too often. */
#include <criterion/criterion.h>
#include <jansson.h>

#include "proto/http/misses.h"
#include "proto/http/page.h"

static int parse(const char *raw, struct http_target *out) {
    struct err err = {.code = 0};
    return http_target_parse(raw, out, &err);
}

Test(http, a_path_is_taken_apart_before_it_is_decoded) {
    struct http_target t;
    cr_assert_eq(parse("/api/v1/customers/12%2F8/a%20b?name=Kim+A&x=%26&open&name=2", &t), 0);
    cr_assert_eq(t.piece_count, 5);
    cr_expect_str_eq(t.pieces[3], "12/8");
    cr_expect_str_eq(t.pieces[4], "a b");
    cr_expect_str_eq(t.path, "/api/v1/customers/12%2F8/a%20b");
    cr_assert_eq(t.pair_count, 4);
    cr_expect_str_eq(http_query(&t, "name"), "Kim A");
    cr_expect_str_eq(http_query(&t, "x"), "&");
    cr_expect_str_eq(http_query(&t, "open"), "");
    cr_expect_null(http_query(&t, "closed"));
    http_target_release(&t);
    cr_assert_eq(parse("/", &t), 0);
    cr_expect_eq(t.piece_count, 0);
    http_target_release(&t);
}

Test(http, a_path_that_could_mean_another_place_is_refused) {
    static const char *const bad[] = {"",        "a",        "/../etc",  "/a/./b", "/a//b",      "/a/", "//",
                                      "/%2e%2e", "/%2E/x",   "/a%00b",   "/a%0ab", "/%ff",       "/%4", "/%zz",
                                      "/%c0%ae", "/a?x=%00", "/a?%ff=1", "/a/%7f", "/%e0%80%af", "*",   "http://x/"};
    struct http_target t;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) cr_expect_lt(parse(bad[i], &t), 0, "%s", bad[i]);
}

Test(http, an_address_is_bounded) {
    struct http_target t;
    struct buf raw = BUF_INIT;
    buf_append_byte(&raw, '/');
    while (raw.len < HTTP_TARGET_MAX) buf_append_byte(&raw, 'a');
    cr_assert_eq(parse(buf_text(&raw), &t), 0);
    http_target_release(&t);
    buf_append_byte(&raw, 'a');
    cr_expect_eq(parse(buf_text(&raw), &t), ERR_LIMIT);
    buf_clear(&raw);
    for (int i = 0; i < HTTP_PIECES_MAX; i++) buf_printf(&raw, "/%d", i);
    cr_assert_eq(parse(buf_text(&raw), &t), 0);
    http_target_release(&t);
    buf_printf(&raw, "/x");
    cr_expect_eq(parse(buf_text(&raw), &t), ERR_LIMIT);
    buf_clear(&raw);
    buf_printf(&raw, "/a?");
    for (int i = 0; i < HTTP_PAIRS_MAX; i++) buf_printf(&raw, "x=%d&", i);
    cr_assert_eq(parse(buf_text(&raw), &t), 0);
    cr_expect_eq(t.pair_count, HTTP_PAIRS_MAX);
    http_target_release(&t);
    buf_printf(&raw, "x=1");
    cr_expect_eq(parse(buf_text(&raw), &t), ERR_LIMIT);
    buf_release(&raw);
}

Test(http, lists_in_headers) {
    cr_expect(http_names("text/csv", "text/csv"));
    cr_expect(http_names("application/json, TEXT/CSV;q=0.5", "text/csv"));
    cr_expect(http_names("application/json; charset=utf-8", "application/json"));
    cr_expect(http_names("gzip;q=1.0, zstd", "zstd"));
    cr_expect(!http_names("gzip, zstd;q=0", "zstd"));
    cr_expect(!http_names("gzip, zstd;q=0.00", "zstd"));
    cr_expect(http_names("zstd;q=0.01", "zstd"));
    cr_expect(!http_names("zstdx, xzstd", "zstd"));
    cr_expect(!http_names("", "zstd"));
    cr_expect(!http_names(NULL, "zstd"));
}

Test(http, E15_a_type_stands_alone) {
    cr_expect(http_is_type("application/json", "application/json"));
    cr_expect(http_is_type("Application/JSON ;charset=utf-8", "application/json"));
    cr_expect(!http_is_type("text/plain, application/json", "application/json"));
    cr_expect(!http_is_type("application/json, text/plain", "application/json"));
    cr_expect(!http_is_type("text/plain;application/json", "application/json"));
    cr_expect(!http_is_type("application/jsonp", "application/json"));
    cr_expect(!http_is_type("", "application/json"));
    cr_expect(!http_is_type(NULL, "application/json"));
}

Test(http, a_problem_names_the_field) {
    struct http_answer answer = {.status = 0};
    http_problem(&answer, 422, "invalid", "phone", "is not a number");
    json_t *problem = json_loadb((const char *)answer.body.data, answer.body.len, 0, NULL);
    cr_assert_not_null(problem);
    cr_expect_eq(json_integer_value(json_object_get(problem, "status")), 422);
    cr_expect_str_eq(json_string_value(json_object_get(problem, "field")), "phone");
    cr_expect_str_eq(json_string_value(json_object_get(problem, "code")), "invalid");
    cr_expect_str_eq(answer.type, "application/problem+json");
    json_decref(problem);
    http_answer_release(&answer);
}

Test(http, who_fails_too_often_waits_and_nobody_else) {
    struct misses *misses = misses_open(7);
    for (int i = 0; i < MISSES_BURST; i++) {
        cr_expect(!misses_full(misses, "10.0.0.9", 1000), "after %d", i);
        misses_count(misses, "10.0.0.9", 1000);
    }
    cr_expect(misses_full(misses, "10.0.0.9", 1000));
    cr_expect(!misses_full(misses, "10.0.0.10", 1000));
    cr_expect(misses_full(misses, "10.0.0.9", 1000 + 1000 / MISSES_A_SECOND - 1));
    cr_expect(!misses_full(misses, "10.0.0.9", 1000 + 1000 / MISSES_A_SECOND));
    misses_close(misses);
}

static const struct http_asset pages[] = {
    {"/index.html", "text/html; charset=utf-8",
     (const uint8_t *)"<script type=\"importmap\">{}</script><script type=\"module\" src=\"/ui/app.js\"></script>", 85,
     NULL, 0, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"/ui/lib/x.js", "text/javascript", (const uint8_t *)"1", 1, NULL, 0,
     "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"},
};
static const struct http_assets all = {pages, 2};

static const char *header(const struct http_answer *answer, const char *name) {
    for (size_t i = 0; i < answer->header_count; i++)
        if (strcmp(answer->headers[i].name, name) == 0) return answer->headers[i].value;
    return "";
}

Test(http, pages_come_from_the_table_only) {
    cr_expect_eq(http_asset_find(&all, "/"), &pages[0]);
    cr_expect_eq(http_asset_find(&all, "/ui/lib/x.js"), &pages[1]);
    cr_expect_null(http_asset_find(&all, "/ui/lib/../../etc/passwd"));
    cr_expect_null(http_asset_find(&all, "/ui/lib"));
    const struct http_assets none = {NULL, 0};
    cr_expect_null(http_asset_find(&none, "/"));
}

Test(http, a_page_is_asked_for_again_unless_its_address_names_it) {
    struct http_request request = {.method = HTTP_GET};
    struct http_answer answer = {.status = 0};
    cr_assert_eq(parse("/ui/lib/x.js?v=fedcba98", &request.target), 0);
    http_asset_answer(&pages[1], &request, &answer);
    cr_expect_eq(answer.status, 200);
    cr_expect(strstr(header(&answer, "Cache-Control"), "immutable") != NULL);
    http_answer_release(&answer);
    http_target_release(&request.target);
    cr_assert_eq(parse("/ui/lib/x.js?v=fedcba97", &request.target), 0);
    request.headers[HTTP_HEADER_IF_NONE_MATCH] = "\"fedcba9876543210fedcba9876543210\"";
    http_asset_answer(&pages[1], &request, &answer);
    cr_expect_str_eq(header(&answer, "Cache-Control"), "no-cache");
    cr_expect_eq(answer.status, 304);
    http_answer_release(&answer);
    http_target_release(&request.target);
}

Test(http, the_import_map_is_allowed_by_its_hash_and_nothing_else_inline) {
    struct buf policy = BUF_INIT;
    http_content_policy(&pages[0], &policy);
    /* printf '{}' | openssl dgst -sha256 -binary | base64 */
    cr_expect(strstr(buf_text(&policy), "script-src 'self' 'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=';") !=
                  NULL,
              "%s", buf_text(&policy));
    cr_expect(strstr(buf_text(&policy), "unsafe") == NULL);
    buf_release(&policy);
}
