/* Prints the generated tables of PROTOCOL.md: `protocol_tables catalogue`, `messages` or `policies`. */
#include <stdio.h>
#include <string.h>

#include "proto/event/describe.h"
#include "proto/model/policies.h"
#include "proto/wire/message.h"

static void policies_markdown(struct buf *out) {
    char range[POLICY_RANGE_TEXT];
    buf_printf(out, "| key | default | unit | range | meaning | serves |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < POLICY_COUNT; i++) {
        const struct policy_info *p = &policies[i];
        buf_printf(out, "| %s | %s | %s | %s | %s | %s |\n", p->key, p->fallback, p->unit, policy_range(p, range),
                   p->meaning, p->source);
    }
}

int main(int argc, char **argv) {
    struct buf out = BUF_INIT;
    if (argc != 2) return 2;
    if (strcmp(argv[1], "catalogue") == 0) catalogue_markdown(&out);
    if (strcmp(argv[1], "messages") == 0) messages_markdown(&out);
    if (strcmp(argv[1], "policies") == 0) policies_markdown(&out);
    fputs(buf_text(&out), stdout);
    buf_release(&out);
    return 0;
}
