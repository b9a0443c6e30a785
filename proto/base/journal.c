#include "proto/base/journal.h"

#include <stdarg.h>
#include <stdlib.h>

#include "proto/base/text.h"
#include "proto/base/zone.h"

void journal_say(const struct journal *journal, const char *format, ...) {
    if (journal->out == NULL) return;
    char line[700], when[40];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    struct buf printable = BUF_INIT;
    text_printable(view_of(line), &printable);
    struct zone utc = zone_fixed(0);
    /* One call, one line: lines of different threads do not mix. */
    fprintf(journal->out, "%s %s\n", time_format(env_now(journal->env), &utc, when), buf_text(&printable));
    fflush(journal->out);
    buf_release(&printable);
}
