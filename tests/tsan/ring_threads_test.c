/* Readers and a writer of a key ring on disk while it changes over to new generations, under ThreadSanitizer: whoever
 * looks sees what was put, and what was destroyed stays so. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/threads.h"
#include "proto/event/id.h"
#include "proto/event/keyring.h"
#include "tests/support/scratch.h"

#define READERS 3
#define KEYS 300u
#define GENERATIONS 30
#define ID(number) id_make(65548, (number) + 1u)

struct scene {
    struct keyring *ring;
    atomic_bool over;
    _Atomic uint32_t put, destroyed; /* numbers below */
    atomic_uint_least64_t read;
};

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "ring_threads_test: %s\n", what);
    exit(EXIT_FAILURE);
}

static void fill(uint32_t number, struct ring_put *out) {
    *out = (struct ring_put){.id = ID(number), .has_key = true, .tag_count = 1, .tags = {{.kind = TAG_PHONE}}};
    put_u32_be(out->key.bytes, number + 1);
    put_u32_be(out->tags[0].bytes, number + 1);
}

static void look_up(struct scene *scene, uint32_t number) {
    struct ring_put put;
    struct ring_key key;
    uint64_t holder;
    bool gone = number < atomic_load(&scene->destroyed);
    fill(number, &put);
    must(scene->ring->ops->get(scene->ring, ID(number), &key, 1, NULL) == 1, "a key is missing");
    must(!gone || key.destroyed, "a destroyed key is back");
    must(key.destroyed || memcmp(key.key.bytes, put.key.bytes, KEY_BYTES) == 0, "another key");
    int n = scene->ring->ops->find(scene->ring, &put.tags[0], &holder, 1, NULL);
    must(n == 0 || (n == 1 && holder == ID(number)), "another's tag");
    must(!gone || n == 0, "a tag is back");
}

static void read_on(void *context) {
    struct scene *scene = context;
    uint64_t looked = 0;
    while (!atomic_load(&scene->over)) {
        uint32_t all = atomic_load(&scene->put);
        for (uint32_t i = 0; i < all; i += 1 + i % 7) look_up(scene, i);
        looked += all > 0;
    }
    atomic_fetch_add(&scene->read, looked);
}

static void write_on(void *context) {
    struct scene *scene = context;
    struct ring_put put;
    for (uint32_t i = 0; i < KEYS; i++) {
        fill(i, &put);
        must(scene->ring->ops->put(scene->ring, &put, 1, NULL) == 0, "put");
        atomic_store(&scene->put, i + 1);
    }
}

int main(void) {
    struct scratch scratch;
    struct scene scene = {.ring = NULL};
    struct thread threads[READERS + 1];
    uint8_t master[KEY_BYTES] = {5};
    uint64_t keys;
    struct err err;
    scratch_make(&scratch);
    must(keyring_lmdb_open_sized(scratch_name(&scratch, "ring"), UINT64_C(1) << 28, master, env_os(), &scene.ring,
                                 &err) == 0,
         err.text);
    for (int i = 0; i < READERS; i++) thread_start(&threads[i], read_on, &scene);
    thread_start(&threads[READERS], write_on, &scene);
    for (uint32_t i = 0; i < GENERATIONS; i++) {
        if (i < atomic_load(&scene.put)) {
            must(scene.ring->ops->destroy(scene.ring, ID(atomic_load(&scene.destroyed)), &err) == 0, err.text);
            atomic_fetch_add(&scene.destroyed, 1);
        }
        must(scene.ring->ops->renew(scene.ring, &err) == 0, err.text);
    }
    thread_join(&threads[READERS]);
    atomic_store(&scene.over, true);
    for (int i = 0; i < READERS; i++) thread_join(&threads[i]);
    must(atomic_load(&scene.read) > 0, "nothing was read");
    must(scene.ring->ops->verify(scene.ring, &keys, &err) == 0, err.text);
    must(keys == KEYS - atomic_load(&scene.destroyed), "keys are lost");
    scene.ring->ops->close(scene.ring);
    scratch_remove(&scratch);
    return 0;
}
