#include "proto/site/directory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/wire/identity.h"

#define HEADING SITE_DIRECTORY
#define KEY_VALUE "directory key"
#define HEADING_SIZE (DIRECTORY_SUM + 4 + DIRECTORY_SUM) /* and the tiers */
#define NAME_SIZE (sizeof HEADING + 3)

static struct view shelf_name(uint8_t number, char out[NAME_SIZE]) {
    snprintf(out, NAME_SIZE, HEADING " %02x", number);
    return view_of(out);
}

void site_directory_shelf(struct site *site, uint8_t number, struct buf *out) {
    char name[NAME_SIZE];
    site->log->ops->value(site->log, shelf_name(number, name), out);
}

/* ---- The heading ---- */

static bool key_here(struct site *site, struct customer_key *out) {
    struct buf value = BUF_INIT;
    bool there = site->ring->ops->get_value(site->ring, KEY_VALUE, &value, NULL) == 0 && value.len == KEY_BYTES;
    if (there) memcpy(out->bytes, value.data, KEY_BYTES);
    buf_wipe(&value);
    return there;
}

/* False: there is none, or none that can be used. `sum` gets that of all shelves. */
static bool load(struct site *site, struct directory_heading *out, uint8_t sum[DIRECTORY_SUM]) {
    struct buf value = BUF_INIT;
    *out = (struct directory_heading){.memory = 0};
    bool there = site->log->ops->value(site->log, view_of(HEADING), &value) == 0 && value.len >= HEADING_SIZE &&
                 value.len < HEADING_SIZE + DIRECTORY_TIERS_TEXT && key_here(site, &out->key);
    if (there) {
        out->memory = get_u32_be(value.data + DIRECTORY_SUM);
        memcpy(sum, value.data + DIRECTORY_SUM + 4, DIRECTORY_SUM);
        view_text(view_make(value.data + HEADING_SIZE, value.len - HEADING_SIZE), out->tiers, sizeof out->tiers);
        directory_heading_sum(out);
        there = memcmp(out->sum, value.data, DIRECTORY_SUM) == 0;
    }
    buf_release(&value);
    if (!there) sodium_memzero(out, sizeof *out);
    return there;
}

void site_directory_greet(struct site *site, struct buf *out) {
    struct directory_heading heading;
    uint8_t sum[DIRECTORY_SUM];
    struct buf rows = BUF_INIT;
    if (!load(site, &heading, sum)) return;
    buf_append(out, heading.sum, DIRECTORY_SUM);
    for (int i = 0; i < DIRECTORY_SHELVES; i++) {
        buf_clear(&rows);
        site_directory_shelf(site, (uint8_t)i, &rows);
        directory_shelf_sum(&heading, (uint8_t)i, buf_view(&rows), sum);
        buf_append(out, sum, DIRECTORY_SUM);
    }
    buf_release(&rows);
    sodium_memzero(&heading, sizeof heading);
}

/* ---- Taking ---- */

struct shelf {
    struct buf rows;
    char name[NAME_SIZE];
    bool loaded, changed;
};

struct work {
    struct site *site;
    struct directory_heading heading;
    struct shelf shelves[DIRECTORY_SHELVES];
    struct log_value values[DIRECTORY_SHELVES + 1];
    uint8_t row[HEADING_SIZE + DIRECTORY_TIERS_TEXT];
};

static struct shelf *shelf_of(struct work *w, uint8_t number) {
    struct shelf *shelf = &w->shelves[number];
    if (!shelf->loaded) site_directory_shelf(w->site, number, &shelf->rows);
    shelf->loaded = true;
    return shelf;
}

static int corrupt(struct err *err, const char *what) {
    return err_set(err, ERR_CORRUPT, "directory", "the directory of VIPs is not as the hub says (%s)", what);
}

/* The key in the box, which goes to the ring. */
static int take_key(struct work *w, struct view box, struct err *err) {
    struct site *site = w->site;
    struct carried_key *keys;
    size_t count;
    if (box.data == NULL) return corrupt(err, "its key is missing");
    if (keys_unbox(box, &site->signer, &keys, &count, NULL) != 0) return corrupt(err, "its key cannot be opened");
    if (count == 1) w->heading.key = keys[0].key;
    sodium_memzero(keys, count * sizeof *keys);
    free(keys);
    directory_heading_sum(&w->heading);
    return count == 1 ? 0 : corrupt(err, "its key is missing");
}

/* Another heading begins an empty directory. */
static int take_heading(struct work *w, const struct message_directory *m, struct err *err) {
    struct site *site = w->site;
    uint8_t sum[DIRECTORY_SUM];
    if (load(site, &w->heading, sum) && memcmp(w->heading.sum, m->heading.data, DIRECTORY_SUM) == 0) return 0;
    for (int i = 0; i < DIRECTORY_SHELVES; i++) {
        struct shelf *shelf = shelf_of(w, (uint8_t)i);
        shelf->changed = shelf->rows.len > 0;
        buf_clear(&shelf->rows);
    }
    w->heading.memory = (uint32_t)m->memory;
    view_text(m->tiers, w->heading.tiers, sizeof w->heading.tiers);
    int code = take_key(w, m->key, err);
    if (code == 0 && memcmp(w->heading.sum, m->heading.data, DIRECTORY_SUM) != 0) code = corrupt(err, "its heading");
    if (code != 0) return code;
    return site->ring->ops->set_value(site->ring, KEY_VALUE, view_make(w->heading.key.bytes, KEY_BYTES), err);
}

static int take_rows(struct work *w, const struct message_directory *m, struct err *err) {
    struct view left = m->shelves, rows;
    int code, number = -1;
    uint32_t hash;
    uint8_t tier;
    while ((code = directory_shelf_next(&left, &number, &rows, err)) == 1) {
        struct shelf *shelf = shelf_of(w, (uint8_t)number);
        buf_clear(&shelf->rows);
        buf_append(&shelf->rows, rows.data, rows.len);
        shelf->changed = true;
    }
    left = m->changes;
    while (code == 0 && (code = directory_change_next(&left, &hash, &tier, err)) == 1) {
        struct shelf *shelf = shelf_of(w, directory_shelf(hash));
        shelf->changed |= directory_set(&shelf->rows, hash, tier);
        code = 0;
    }
    return code < 0 ? corrupt(err, "its form") : 0;
}

/* Where the hub says that this is all, it must be the same here. */
static int check_sum(struct work *w, struct view told, struct err *err) {
    uint8_t sums[DIRECTORY_SHELVES][DIRECTORY_SUM], sum[DIRECTORY_SUM];
    if (told.data == NULL) return 0;
    for (int i = 0; i < DIRECTORY_SHELVES; i++)
        directory_shelf_sum(&w->heading, (uint8_t)i, buf_view(&shelf_of(w, (uint8_t)i)->rows), sums[i]);
    directory_sum(sums[0], sum);
    return memcmp(sum, told.data, DIRECTORY_SUM) == 0 ? 0 : corrupt(err, "its sum");
}

static void add_values(struct work *w, struct view sum, struct directory_taking *out) {
    size_t tiers = strlen(w->heading.tiers);
    memcpy(w->row, w->heading.sum, DIRECTORY_SUM);
    put_u32_be(w->row + DIRECTORY_SUM, w->heading.memory);
    if (sum.data != NULL) memcpy(w->row + DIRECTORY_SUM + 4, sum.data, DIRECTORY_SUM);
    memcpy(w->row + HEADING_SIZE, w->heading.tiers, tiers);
    out->values = w->values;
    out->values[out->value_count++] = (struct log_value){view_of(HEADING), view_make(w->row, HEADING_SIZE + tiers)};
    for (int i = 0; i < DIRECTORY_SHELVES; i++) {
        struct shelf *shelf = &w->shelves[i];
        if (!shelf->changed) continue;
        out->values[out->value_count++] = (struct log_value){shelf_name((uint8_t)i, shelf->name),
                                                             shelf->rows.len == 0 ? VIEW_NONE : buf_view(&shelf->rows)};
    }
}

int site_directory_take(struct site *site, struct view message, struct directory_taking *out, struct err *err) {
    struct message decoded;
    struct work *w = mem_alloc(sizeof *w);
    w->site = site;
    *out = (struct directory_taking){.work = w};
    if (message_decode(message, &decoded, NULL) != 0 || decoded.type != MESSAGE_directory)
        return corrupt(err, "its form");
    const struct message_directory *m = &decoded.body.directory;
    int code = take_heading(w, m, err);
    if (code == 0) code = take_rows(w, m, err);
    if (code == 0) code = check_sum(w, m->sum, err);
    if (code == 0) add_values(w, m->sum, out);
    return code;
}

void directory_taking_release(struct directory_taking *taking) {
    struct work *w = taking->work;
    if (w == NULL) return;
    for (int i = 0; i < DIRECTORY_SHELVES; i++) buf_release(&w->shelves[i].rows);
    sodium_memzero(&w->heading, sizeof w->heading);
    free(w);
    *taking = (struct directory_taking){.work = NULL};
}

int site_directory_drop(struct site *site, struct err *err) {
    struct log_value values[DIRECTORY_SHELVES + 1];
    char names[DIRECTORY_SHELVES][NAME_SIZE];
    for (int i = 0; i < DIRECTORY_SHELVES; i++)
        values[i] = (struct log_value){shelf_name((uint8_t)i, names[i]), VIEW_NONE};
    values[DIRECTORY_SHELVES] = (struct log_value){view_of(HEADING), VIEW_NONE};
    return site_set_values(site, values, DIRECTORY_SHELVES + 1, err);
}

/* ---- Asking ---- */

int site_directory_find(struct site *site, struct view phone, char tier[DIRECTORY_TIER_TEXT], struct err *err) {
    struct directory_heading heading;
    struct buf normal = BUF_INIT, rows = BUF_INIT;
    uint8_t sum[DIRECTORY_SUM];
    uint32_t hash = 0;
    int code = phone_normalise(phone, site->config.country, &normal, err);
    bool here = code == 0 && load(site, &heading, sum);
    if (here) code = hashed_number(&site->hashed_numbers, &heading, buf_view(&normal), &hash, err);
    if (here && code == 0) {
        site_directory_shelf(site, directory_shelf(hash), &rows);
        struct view name = directory_tier(heading.tiers, directory_find(buf_view(&rows), hash));
        view_text(name, tier, DIRECTORY_TIER_TEXT);
        code = name.data != NULL;
    }
    buf_wipe(&normal);
    buf_release(&rows);
    if (here) sodium_memzero(&heading, sizeof heading);
    return code;
}

void site_directory_state(struct site *site, struct directory_state *out) {
    struct directory_heading heading;
    struct buf rows = BUF_INIT;
    uint8_t sum[DIRECTORY_SUM];
    *out = (struct directory_state){.here = load(site, &heading, sum)};
    if (!out->here) return;
    out->complete = !sodium_is_zero(sum, sizeof sum);
    for (int i = 0; i < DIRECTORY_SHELVES; i++) {
        buf_clear(&rows);
        site_directory_shelf(site, (uint8_t)i, &rows);
        out->numbers += rows.len / DIRECTORY_ROW;
    }
    buf_release(&rows);
    sodium_memzero(&heading, sizeof heading);
}
