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

static void read_name(struct site *site, uint64_t customer) {
    struct buf written = BUF_INIT, normal = BUF_INIT;
    remove_name(&site->name_index, customer);
    site_field(site, NULL, customer, SEALED_registered_name, &written);
    if (written.len > 0 && name_normalise(buf_view(&written), &normal, NULL) == 0)
        put_name(&site->name_index, customer, buf_view(&normal));
    buf_wipe(&written);
    buf_wipe(&normal);
    close_gaps(&site->name_index);
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

static void look(struct site *site, struct view part, void (*each)(void *context, uint64_t customer, bool whole),
                 void *context) {
    const struct name_index *names = &site->name_index;
    const char *hit;
    for (size_t at = 0; at < names->length;) {
        hit = memmem(names->text + at, names->length - at, part.data, part.len);
        if (hit == NULL) return;
        size_t found = (size_t)(hit - names->text);
        const struct name_place *place = &names->places[place_at(names, found)];
        size_t length = length_at(names, place->start);
        site_read(site);
        if (place->customer != 0 && model_customer(site->model, place->customer) == CUSTOMER_KNOWN)
            each(context, place->customer, length == part.len);
        site_unread(site);
        at = place->start + length + 1; /* the next line: whoever has it twice in her name is told once */
    }
}

int site_names_find(struct site *site, struct view part, void (*each)(void *context, uint64_t customer, bool whole),
                    void *context, const struct file_asking *asking) {
    struct name_index *names = &site->name_index;
    int code = 0;
    if (part.len == 0 || memchr(part.data, '\n', part.len) != NULL) return 0;
    mutex_lock(&names->index.lock);
    if (site->closed)
        forget_all(names);
    else if (!file_index_follow(site, &names->index, read_name, asking))
        code = ERR_INTERRUPTED;
    else
        look(site, part, each, context);
    mutex_unlock(&names->index.lock);
    return code;
}

void site_names_forget(struct site *site, const uint64_t *customers, size_t count) {
    mutex_lock(&site->name_index.index.lock);
    for (size_t i = 0; i < count; i++) remove_name(&site->name_index, customers[i]);
    mutex_unlock(&site->name_index.index.lock);
}
