/* A request of any bytes, from its address and body to the words of a command: up to the first newline the method's
 * letter and the address behind /api/v1, the rest is the body. What comes out stays what it was meant to be: as many
 * words as are counted, the command of the route first, no word before "--" that is not one of an option, and behind it
 * only arguments; pieces of a path hold no slash that was one; an error says something. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"
#include "proto/api/pages.h"
#include "proto/api/shown.h"
#include "proto/api/wording.h"
#include "proto/command/act.h"
#include "proto/command/act_customer.h"
#include "proto/command/ask.h"
#include "proto/command/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct command *const groups[] = {
    node_site_commands, node_customer_commands, node_sale_commands, act_commands,    act_customer_commands,
    import_commands,    ask_commands,           ask_file_commands,  export_commands, NULL};
static const struct program program = {"dangol-node", "", ROLE_STORE, groups};

static void check_words(const struct asking *asking, const struct wording *wording) {
    const char **words = wording_list(wording);
    const struct command *command = route_command(&program, asking->route);
    bool arguments = false;
    size_t len = 0;
    for (int i = 0; i < wording->count; i++) {
        len += strlen(words[i]) + 1;
        if (i >= 2 && !arguments) {
            assert(strncmp(words[i], "--", 2) == 0);
            arguments = words[i][2] == '\0';
        }
    }
    assert(arguments && len == wording->text.len);
    assert(strcmp(words[0], program.name) == 0);
    assert(strcmp(words[1], asking->csv ? "export" : command->name) == 0);
    free(words);
}

static void word(struct http_request *request, const struct route *route, bool csv) {
    struct identity who = {.name = "kim", .staff = "kim", .role = ACCOUNT_ROLE_assistant};
    struct asking asking = {.program = &program,
                            .route = route,
                            .request = request,
                            .who = &who,
                            .decimals = 2,
                            .ref = "kim 1",
                            .rows = 101,
                            .csv = csv};
    struct wording wording;
    struct err err = {.code = 0};
    int code = wording_make(&asking, &wording, &err);
    assert(code == 0 || (code == err.code && err.text[0] != '\0'));
    if (code == 0) check_words(&asking, &wording);
    if (code == 0) wording_release(&wording);
}

static void page(const struct http_target *target) {
    struct page page;
    struct buf cursor = BUF_INIT;
    if (page_read(http_query(target, "limit"), http_query(target, "cursor"), &page, NULL) != 0) return;
    assert(page.limit >= 1 && page.limit <= PAGE_ROWS_MAX);
    page.end = page.offset;
    memcpy(page.last, page.after, sizeof page.last);
    page_cursor(&page, &cursor);
    struct page again;
    assert(page_read(NULL, buf_text(&cursor), &again, NULL) == 0);
    assert(again.offset == page.offset && strcmp(again.after, page.after) == 0);
    buf_release(&cursor);
}

static void ask(char letter, const char *address, struct view body) {
    static const enum http_method methods[] = {HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE};
    struct http_request request = {.method = methods[(uint8_t)letter % 5]};
    struct buf raw = BUF_INIT;
    buf_printf(&raw, "%s%s", API_BASE, address);
    struct err err = {.code = 0};
    int code = http_target_parse(buf_text(&raw), &request.target, &err);
    assert(code == 0 || err.text[0] != '\0');
    if (code == 0) {
        struct match match = route_find(&program, request.method, &request.target);
        buf_append_view(&request.body, body);
        page(&request.target);
        if (match.route != NULL && match.route->words != NULL) {
            word(&request, match.route, false);
            word(&request, match.route, true);
        }
        http_target_release(&request.target);
    }
    buf_release(&request.body);
    buf_release(&raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    const uint8_t *end = memchr(data, '\n', size);
    size_t head = end == NULL ? size : (size_t)(end - data);
    char *address = mem_view_text(view_make(data + 1, head == 0 ? 0 : head - 1));
    struct view body = end == NULL ? view_make("", 0) : view_make(end + 1, size - head - 1);
    ask((char)data[0], address, body);
    struct shown shown = {.ids = NULL};
    shown_json(&shown, body, true, true);
    shown_release(&shown);
    free(address);
    return 0;
}
