#include "proto/site/file_index.h"

#include "proto/site/site.h"

#define STEP 4096 /* customers or records between two words on how far it is */

void file_index_init(struct file_index *index) {
    *index = (struct file_index){.next = 0};
    mutex_init(&index->lock);
}

void file_index_destroy(struct file_index *index) { mutex_destroy(&index->lock); }

void file_index_reset(struct file_index *index) {
    index->next = 0;
    index->position = 0;
    index->begun = index->made = false;
}

/* Others get their turn with the index meanwhile: a search that goes on with it, an erasure. */
static bool goes_on(struct file_index *index, const struct file_asking *asking, uint64_t done, uint64_t all) {
    if (done % STEP != 0) return true;
    mutex_unlock(&index->lock);
    bool on = asking->goes_on == NULL || asking->goes_on(asking->context, done, all);
    mutex_lock(&index->lock);
    return on;
}

typedef void reader(struct site *site, uint64_t customer);

static uint64_t position_of(struct site *site) {
    site_read(site);
    uint64_t position = model_position(site->model);
    site_unread(site);
    return position;
}

/* What happens meanwhile stands behind the position, and is looked at then. */
static bool make(struct site *site, struct file_index *index, reader *read, const struct file_asking *asking) {
    while (!index->made) {
        if (!index->begun) index->position = position_of(site);
        index->begun = true;
        size_t place = index->next++;
        site_read(site);
        uint64_t customer = model_customer_at(site->model, place);
        bool known = customer != 0 && model_customer(site->model, customer) == CUSTOMER_KNOWN;
        site_unread(site);
        if (known) read(site, customer);
        if (customer == 0)
            index->made = true;
        else if (!goes_on(index, asking, place, 0))
            return false;
    }
    return true;
}

/* Whose file an event may have changed. */
static void look_at(struct site *site, const struct record *record, reader *read) {
    struct event event;
    if (event_decode(record->frame, &event, NULL) != EVENT_GOOD) return;
    switch (event.type) {
    case EVENT_registered: read(site, record->id); break;
    case EVENT_updated: read(site, event.subject); break;
    case EVENT_voided:
        read(site, event.body.voided.event);
        if (event.subject != 0) read(site, event.subject);
        break;
    case EVENT_erased: {
        struct list ids = event.body.erased.ids;
        uint64_t id;
        while (list_next_id(&ids, &id)) read(site, id);
        break;
    }
    default: break;
    }
}

static bool catch_up(struct site *site, struct file_index *index, reader *read, const struct file_asking *asking) {
    struct buf frame = BUF_INIT;
    uint64_t to = position_of(site);
    bool on = true;
    while (on && index->made && index->position < to) {
        struct record record;
        buf_clear(&frame);
        if (log_get(site->log, index->position + 1, &record, &frame, NULL) != 0) break;
        look_at(site, &record, read);
        index->position++;
        on = goes_on(index, asking, index->position, to);
    }
    buf_release(&frame);
    return on;
}

bool file_index_follow(struct site *site, struct file_index *index, reader *read, const struct file_asking *asking) {
    return make(site, index, read, asking) && catch_up(site, index, read, asking);
}
