#include "proto/model/completeness.h"

#include "proto/event/describe.h"
#include "proto/model/file.h"
#include "proto/model/policies.h"
#include "proto/model/state.h"

#define FIELD(name) (UINT64_C(1) << SEALED_registered_##name)
#define HARDWARE                                                                                                       \
    (FIELD(name) | FIELD(sex) | FIELD(nationality) | FIELD(birthday) | FIELD(email) | FIELD(address) | FIELD(phone) |  \
     FIELD(size))
#define SOFTWARE                                                                                                       \
    (FIELD(work) | FIELD(family) | FIELD(personality) | FIELD(habits) | FIELD(taste) | FIELD(hobbies) |                \
     FIELD(lifestyle) | FIELD(service) | FIELD(promotions) | FIELD(values))

static unsigned count_bits(uint64_t bits) { return (unsigned)__builtin_popcountll(bits); }

/* In whole steps: 1 of 8 is 2.5 %, and which way half a percent goes must not hang on the last bit of a sum. */
struct completeness completeness_by(unsigned hardware, unsigned software) {
    const unsigned whole = HARDWARE_FIELDS * SOFTWARE_FIELDS * 10;
    unsigned part = 2 * SOFTWARE_FIELDS * hardware + 8 * HARDWARE_FIELDS * software;
    return (struct completeness){hardware, software, (double)part / whole, (200 * part + whole) / (2 * whole)};
}

struct completeness completeness_of(uint64_t known) {
    return completeness_by(count_bits(known & HARDWARE), count_bits(known & SOFTWARE));
}

uint64_t person_known_fields(const struct model *model, uint64_t customer) {
    return person_known_at(model, customer, INT64_MAX);
}

uint64_t person_known_at(const struct model *model, uint64_t customer, int64_t until) {
    uint32_t entry = entry_find(model, customer);
    struct file file;
    if (entry == NONE || model_customer(model, customer) == CUSTOMER_ERASED) return 0;
    if (model->entries.items[entry].next_member != entry) return file_known_of_person(model, entry, until);
    file_open_at(model, entry, until, &file);
    uint64_t known = file_known(&file);
    file_close(&file);
    return known;
}

int ask_next(const struct model *model, uint64_t known, uint64_t passed, int64_t now) {
    const struct event_info *info = event_info(EVENT_registered);
    struct view order = policy_text(model, POLICY_ASK_ORDER, now), word;
    while (policy_next(&order, &word)) {
        int bit = event_sealed_bit(info, word);
        if (bit >= 0 && ((known | passed) >> bit & 1) == 0) return bit;
    }
    return -1;
}

bool field_stale(const struct model *model, int64_t told, int64_t now, const struct zone *zone) {
    int64_t months = policy_number(model, POLICY_STALE_MONTHS, now);
    struct date then = date_add_months(zone_date(zone, told), (int)months);
    return date_to_days(zone_date(zone, now)) > date_to_days(then);
}

/* ---- Where values come from ---- */

static bool others_hold(const struct file *file, size_t head, int bit) {
    for (size_t i = 0; i < file->count; i++)
        if (i != head && (file->heads[i].bits >> bit & 1) != 0) return true;
    return false;
}

size_t file_sources(const struct model *model, uint64_t customer, struct field_source *out, size_t max) {
    uint32_t index = entry_find(model, customer);
    size_t count = 0;
    struct file file;
    uint64_t hlc;
    if (index == NONE) return 0;
    file_open(model, index, &file);
    for (int bit = 0; bit < SEALED_COUNT_registered; bit++) {
        for (size_t i = 0; i < file.count; i++) {
            const struct field_head *head = &file.heads[i];
            if ((head->bits >> bit & 1) == 0) continue;
            if (count < max)
                out[count] = (struct field_source){bit, head->id, file_told_at(model, index, head->id, &hlc),
                                                   (head->cleared >> bit & 1) != 0, others_hold(&file, i, bit)};
            count++;
        }
    }
    file_close(&file);
    return count;
}

uint64_t file_changed(const struct model *model, uint64_t customer, int64_t after, int64_t until, bool *registered) {
    uint32_t index = entry_find(model, customer);
    uint64_t bits = 0;
    *registered = false;
    if (index == NONE) return 0;
    const struct entry *entry = &model->entries.items[index];
    *registered = entry_known(entry) && entry->registered_time > after && entry->registered_time <= until;
    for (uint32_t i = entry->edits; i != NONE; i = model->edits.items[i].next) {
        const struct edit *edit = &model->edits.items[i];
        if (!edit->dead && edit->time > after && edit->time <= until) bits |= edit->bits;
    }
    return bits;
}
