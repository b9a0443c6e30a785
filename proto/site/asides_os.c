#include "proto/site/asides_os.h"

#include <dirent.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/file_os.h"

#define PREFIX "before-"
#define UNCLEAN "unclean" /* the ring's value, from the first key destroyed until its next generation is there */

struct cleaning {
    struct keyring *ring;
    const struct forgotten *forgotten;
    bool unclean;
    struct err *err;
};

static int destroy(struct cleaning *c, uint64_t id) {
    int code = c->unclean ? 0 : c->ring->ops->set_value(c->ring, UNCLEAN, view_of("yes"), c->err);
    if (code == 0) c->unclean = true;
    return code == 0 ? c->ring->ops->destroy(c->ring, id, c->err) : code;
}

static int destroy_by_id(struct cleaning *c, uint64_t id) {
    struct ring_key first; /* live ones come first */
    int n = c->ring->ops->get(c->ring, id, &first, 1, c->err);
    bool live = n > 0 && !first.destroyed;
    sodium_memzero(&first, sizeof first);
    return n < 0 ? n : live ? destroy(c, id) : 0;
}

static int destroy_traced(void *context, uint64_t id, const struct ring_key *key) {
    struct cleaning *c = context;
    bool traced = false;
    for (size_t i = 0; i < c->forgotten->trace_count && !key->destroyed && !traced; i++)
        traced = memcmp(c->forgotten->traces[i].fingerprint, key->fingerprint, FINGERPRINT_BYTES) == 0;
    return traced ? destroy(c, id) : 0;
}

static int clean_ring(const char *path, const uint8_t master[KEY_BYTES], const struct env *env,
                      const struct forgotten *forgotten, struct err *err) {
    struct cleaning c = {.forgotten = forgotten, .err = err};
    struct buf value = BUF_INIT;
    int code = keyring_lmdb_open(path, master, env, &c.ring, err);
    if (code != 0) return code;
    c.unclean = c.ring->ops->get_value(c.ring, UNCLEAN, &value, NULL) == 0;
    for (size_t i = 0; code == 0 && i < forgotten->id_count; i++) code = destroy_by_id(&c, forgotten->ids[i]);
    if (code == 0 && forgotten->trace_count > 0) code = c.ring->ops->each(c.ring, destroy_traced, &c, err);
    if (code == 0 && c.unclean) {
        code = c.ring->ops->renew(c.ring, err);
        if (code == 0) code = c.ring->ops->set_value(c.ring, UNCLEAN, VIEW_NONE, err);
    }
    c.ring->ops->close(c.ring);
    buf_release(&value);
    return code;
}

int asides_forget(const char *directory, const uint8_t master[KEY_BYTES], const struct env *env,
                  const struct forgotten *forgotten, struct err *err) {
    DIR *listing = opendir(directory);
    int code = listing == NULL ? err_os(err, "read", directory) : 0;
    for (struct dirent *entry; code == 0 && listing != NULL && (entry = readdir(listing)) != NULL;) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0) continue;
        char *aside = path_join(directory, entry->d_name), *ring = path_join(aside, "ring"),
             *file = path_join(ring, "data.mdb");
        if (file_exists(file)) code = clean_ring(ring, master, env, forgotten, err);
        free(aside);
        free(ring);
        free(file);
    }
    if (listing != NULL) closedir(listing);
    return code;
}
