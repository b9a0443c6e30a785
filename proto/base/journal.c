#include "proto/base/journal.h"

#include <stdarg.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/base/zone.h"

#define ZULU_SIZE 40

/* UTC, written so that nobody takes it for the region's time. */
static const char *zulu(int64_t ms, char out[ZULU_SIZE]) {
    struct zone utc = zone_fixed(0);
    char *offset = strrchr(time_format(ms, &utc, out), '+');
    if (offset != NULL) memcpy(offset, "Z", 2);
    return out;
}

void journal_say(const struct journal *journal, const char *format, ...) {
    if (journal->out == NULL) return;
    char line[700], when[ZULU_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    struct buf printable = BUF_INIT;
    text_printable(view_of(line), &printable);
    /* One call, one line: lines of different threads do not mix. */
    fprintf(journal->out, "%s %s\n", zulu(env_now(journal->env), when), buf_text(&printable));
    fflush(journal->out);
    buf_release(&printable);
}
