/* Prints the generated tables of PROTOCOL.md: `protocol_tables catalogue` or `protocol_tables messages`. */
#include <stdio.h>
#include <string.h>

#include "proto/event/describe.h"
#include "proto/wire/message.h"

int main(int argc, char **argv) {
    struct buf out = BUF_INIT;
    if (argc != 2) return 2;
    if (strcmp(argv[1], "catalogue") == 0) catalogue_markdown(&out);
    if (strcmp(argv[1], "messages") == 0) messages_markdown(&out);
    fputs(buf_text(&out), stdout);
    buf_release(&out);
    return 0;
}
