/* The bytes of events, frozen: an example of every event of the catalogue, made with a fixed key and a world that
 * stands still, must come out as in tests/golden/frames.txt, and what is there, or was there before events got more
 * fields (frames-1.txt), must mean the same for ever: logs are kept for good. A file has a line an event, in the order
 * of the catalogue: its name and its frame in hexadecimal. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/parties.h"
#include "tests/support/samples.h"

#ifdef DANGOL_GOLDEN
#define GOLDEN_ROOM DANGOL_GOLDEN
#else
#define GOLDEN_ROOM "tests/golden"
#endif
#define GOLDEN GOLDEN_ROOM "/frames.txt"
#define GOLDEN_BEFORE GOLDEN_ROOM "/frames-1.txt"

static struct buf read_golden(const char *path) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    struct buf text = BUF_INIT;
    buf_reserve(&text, 1u << 20);
    text.len = fread(text.data, 1, text.cap, file);
    cr_assert_lt(text.len, text.cap);
    fclose(file);
    return text;
}

static void append_example(const struct event_info *info, struct buf *out) {
    const struct customer_key key = sample_key();
    struct still_world world;
    struct sample s;
    struct buf frame = BUF_INIT;
    still_world_init(&world, info->number); /* so that a new event leaves the lines of the others alone */
    sample_make(&s, info, SAMPLE_ORDINARY);
    cr_assert_eq(event_encode(&s.event, &key, &world.env, &frame, NULL), 0);
    char *hex = mem_alloc(2 * frame.len + 1);
    hex_encode(buf_view(&frame), hex);
    buf_printf(out, "%s %s\n", info->name, hex);
    free(hex);
    buf_release(&frame);
    sample_release(&s);
}

/* On purpose only, for an event that is new or has a field more: DANGOL_REGENERATE=1 prints the file to stdout. */
Test(event_golden, frames_are_as_they_were) {
    struct buf made = BUF_INIT, golden = read_golden(GOLDEN);
    const struct event_info *info;
    for (size_t at = 0; (info = event_info_at(at)) != NULL; at++) append_example(info, &made);
    bool same = view_equal(buf_view(&made), buf_view(&golden));
    const char *print = getenv("DANGOL_REGENERATE");
    if (print != NULL) printf("%s", buf_text(&made));
    cr_assert(same || print != NULL,
              "frames are not as they were in %s. Every log in the field has the old ones: only a new event, or a new "
              "field at the end of one, may change this file. Then, on purpose: DANGOL_REGENERATE=1 %s",
              GOLDEN, "event_golden_test 2>/dev/null > tests/golden/frames.txt");
    buf_release(&made);
    buf_release(&golden);
}

/* Decodes and opens a line of the file; the first sealed field has the sample's text. */
static void check_line(const char *name, const char *hex) {
    const struct customer_key key = sample_key();
    const struct event_info *info = event_info_named(name);
    struct event e;
    struct buf plain = BUF_INIT;
    cr_assert_not_null(info, "%s", name);
    size_t len = strlen(hex) / 2;
    uint8_t *frame = mem_alloc(len);
    cr_assert(hex_decode(hex, frame, len));
    cr_assert_eq(event_decode(view_make(frame, len), &e, NULL), EVENT_GOOD, "%s", name);
    cr_assert(e.type == info->number && e.hlc == SAMPLE_HLC && e.subject == SAMPLE_SUBJECT);
    cr_assert_eq(event_open(&e, &key, &plain, NULL), 0, "%s", name);
    if (info->sealed_count > 0) {
        const char *first = info->fields[info->count - info->sealed_count].name;
        struct view text = event_sealed_view(&e, info, 0);
        cr_assert(text.len > strlen(first) && memcmp(text.data, first, strlen(first)) == 0, "%s", name);
    }
    buf_release(&plain);
    free(frame);
}

static size_t check_file(const char *path) {
    struct buf golden = read_golden(path);
    buf_append_byte(&golden, '\0');
    char *rest = (char *)golden.data, *line;
    size_t lines = 0;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        char *hex = strchr(line, ' ');
        cr_assert_not_null(hex);
        *hex++ = '\0';
        check_line(line, hex);
        lines++;
    }
    buf_release(&golden);
    return lines;
}

Test(event_golden, what_was_written_is_still_read) {
    size_t lines = check_file(GOLDEN);
    cr_assert(event_info_at(lines - 1) != NULL && event_info_at(lines) == NULL, "%zu lines", lines);
    cr_assert_eq(check_file(GOLDEN_BEFORE), 32);
}

/* One frame in full, written by hand from PROTOCOL.md: the format is what that page says, not what this code does. */
Test(event_golden, a_frame_by_hand) {
    static const uint8_t frame[] = {
        0x9a, 0x03, 0x01,                                     /* consent, version 1 */
        0xcf, 0x01, 0x9a, 0xd6, 0xf2, 0x28, 0x00, 0x00, 0x07, /* hlc */
        0xc0,                                                 /* at: the hlc's */
        0xa3, 'k',  'i',  'm',                                /* actor */
        0xcf, 0x01, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x03, 0x4d, /* subject 65548-845 */
        0xc0, 0xc0, 0xc0,                                     /* ref, after, origin */
        0x93, 0xc0, 0x02, 0xc3,                               /* nothing sealed, news, given */
    };
    struct event e;
    struct buf again = BUF_INIT;
    cr_assert_eq(event_decode(view_make(frame, sizeof frame), &e, NULL), EVENT_GOOD);
    cr_assert(e.hlc == UINT64_C(0x019ad6f228000007) && e.at == NIL && view_is(e.actor, "kim"));
    cr_assert_eq(e.subject, SAMPLE_SUBJECT);
    cr_assert(e.body.consent.purpose == choice_purpose_news && e.body.consent.given == 1);
    cr_assert_eq(event_encode(&e, NULL, NULL, &again, NULL), 0);
    cr_assert(view_equal(buf_view(&again), view_make(frame, sizeof frame)));
    buf_release(&again);
}
