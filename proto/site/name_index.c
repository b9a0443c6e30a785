#include "proto/site/name_index.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/site/site.h"

#define FIRST_ROOM 4096
#define WIPED_LEAST 65536 /* fewer are not worth making room */

void name_index_init(struct name_index *names) {
    *names = (struct name_index){.text = NULL};
    file_index_init(&names->index);
}

/* Names leave no copy in memory that is free. */
static void wipe_text(char *text, size_t size) {
    if (text != NULL) sodium_memzero(text, size);
    free(text);
}

static void forget_all(struct name_index *names) {
    wipe_text(names->text, names->room);
    free(names->places);
    idmap_release(&names->place_of);
    names->text = NULL;
    names->places = NULL;
    names->length = names->room = names->wiped = names->count = names->places_room = 0;
    file_index_reset(&names->index);
}

void name_index_release(struct name_index *names) {
    forget_all(names);
    file_index_destroy(&names->index);
}

/* ---- Names come and go ---- */

static size_t length_at(const struct name_index *names, size_t start) {
    return (size_t)((const char *)memchr(names->text + start, '\n', names->length - start) - (names->text + start));
}

static void remove_name(struct name_index *names, uint64_t customer) {
    const uint64_t *place = idmap_find(&names->place_of, customer);
    if (place == NULL) return;
    struct name_place *gone = &names->places[*place - 1];
    size_t length = length_at(names, gone->start);
    sodium_memzero(names->text + gone->start, length);
    names->wiped += length + 1;
    gone->customer = 0;
    idmap_remove(&names->place_of, customer);
}

static void make_room(struct name_index *names, size_t more) {
    if (names->length + more > names->room) {
        size_t room = names->room * 2 + FIRST_ROOM + more;
        char *text = mem_alloc(room);
        if (names->length > 0) memcpy(text, names->text, names->length);
        wipe_text(names->text, names->room);
        names->text = text;
        names->room = room;
    }
    if (names->count == names->places_room) {
        names->places_room = names->places_room * 2 + 256;
        names->places = mem_resize(names->places, names->places_room * sizeof *names->places);
    }
}

static void put_name(struct name_index *names, uint64_t customer, struct view name) {
    if (names->length + name.len >= UINT32_MAX) return; /* 4 GiB of names: not found by a part of them any more */
    make_room(names, name.len + 1);
    *idmap_put(&names->place_of, customer, NULL) = names->count + 1;
    names->places[names->count++] = (struct name_place){customer, (uint32_t)names->length};
    memcpy(names->text + names->length, name.data, name.len);
    names->length += name.len;
    names->text[names->length++] = '\n';
}

/* When half of it is of nobody any more. */
static void close_gaps(struct name_index *names) {
    size_t length = 0, count = 0;
    if (names->wiped < WIPED_LEAST || names->wiped < names->length / 2) return;
    for (size_t i = 0; i < names->count; i++) {
        struct name_place place = names->places[i];
        size_t line = length_at(names, place.start) + 1;
        if (place.customer == 0) continue;
        memmove(names->text + length, names->text + place.start, line);
        *idmap_put(&names->place_of, place.customer, NULL) = count + 1;
        names->places[count++] = (struct name_place){place.customer, (uint32_t)length};
        length += line;
    }
    sodium_memzero(names->text + length, names->length - length);
    names->length = length;
    names->count = count;
    names->wiped = 0;
}

static bool plain_name(struct view written, struct buf *out) {
    return name_normalise(written, out, NULL) == 0 && out->len > 0;
}

static bool plain_number(struct view written, struct buf *out) {
    for (size_t i = 0; i < written.len; i++)
        if (written.data[i] >= '0' && written.data[i] <= '9') buf_append_byte(out, written.data[i]);
    return out->len > 0;
}

static void read_field(struct site *site, uint64_t customer, int bit, bool (*plain)(struct view, struct buf *),
                       struct name_index *names) {
    struct buf written = BUF_INIT, normal = BUF_INIT;
    remove_name(names, customer);
    site_field(site, NULL, customer, bit, &written);
    if (written.len > 0 && plain(buf_view(&written), &normal)) put_name(names, customer, buf_view(&normal));
    buf_wipe(&written);
    buf_wipe(&normal);
    close_gaps(names);
}

static void read_name(struct site *site, uint64_t customer) {
    read_field(site, customer, SEALED_registered_name, plain_name, &site->name_index);
}

static void read_number(struct site *site, uint64_t customer) {
    read_field(site, customer, SEALED_registered_phone, plain_number, &site->number_index);
}

/* ---- Looking ---- */

/* The place whose line this byte is in. */
static size_t place_at(const struct name_index *names, size_t at) {
    size_t low = 0, high = names->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (names->places[middle].start <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* `part` may end with the end of a line: then it is looked for there. */
static void look(struct site *site, const struct name_index *names, struct view part, name_found *each, void *context) {
    size_t plain = part.len - (part.data[part.len - 1] == '\n');
    const char *hit;
    for (size_t at = 0; at < names->length;) {
        hit = memmem(names->text + at, names->length - at, part.data, part.len);
        if (hit == NULL) return;
        size_t found = (size_t)(hit - names->text);
        const struct name_place *place = &names->places[place_at(names, found)];
        size_t length = length_at(names, place->start);
        site_read(site);
        if (place->customer != 0 && model_customer(site->model, place->customer) == CUSTOMER_KNOWN)
            each(context, place->customer,
                 length == plain         ? PART_WHOLE
                 : found == place->start ? PART_BEGINNING
                                         : PART_WITHIN);
        site_unread(site);
        at = place->start + length + 1; /* the next line: whoever has it twice in her name is told once */
    }
}

static int find(struct site *site, struct name_index *names, void (*read)(struct site *site, uint64_t customer),
                struct view part, name_found *each, void *context, const struct file_asking *asking) {
    int code = 0;
    mutex_lock(&names->index.lock);
    if (site->closed)
        forget_all(names);
    else if (!file_index_follow(site, &names->index, read, asking))
        code = ERR_INTERRUPTED;
    else
        look(site, names, part, each, context);
    mutex_unlock(&names->index.lock);
    return code;
}

int site_names_find(struct site *site, struct view part, name_found *each, void *context,
                    const struct file_asking *asking) {
    if (part.len == 0 || memchr(part.data, '\n', part.len) != NULL) return 0;
    return find(site, &site->name_index, read_name, part, each, context, asking);
}

int site_numbers_find(struct site *site, struct view digits, name_found *each, void *context,
                      const struct file_asking *asking) {
    struct buf line = BUF_INIT;
    if (digits.len == 0 || memchr(digits.data, '\n', digits.len) != NULL) return 0;
    buf_append_view(&line, digits);
    buf_append_byte(&line, '\n');
    int code = find(site, &site->number_index, read_number, buf_view(&line), each, context, asking);
    buf_wipe(&line);
    return code;
}

static void forget(struct name_index *names, const uint64_t *customers, size_t count) {
    mutex_lock(&names->index.lock);
    for (size_t i = 0; i < count; i++) remove_name(names, customers[i]);
    mutex_unlock(&names->index.lock);
}

void site_names_forget(struct site *site, const uint64_t *customers, size_t count) {
    forget(&site->name_index, customers, count);
    forget(&site->number_index, customers, count);
}
