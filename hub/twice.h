/* Stream numbers given out twice: by the hub, and again by an older image of its disk that went on before a store
 * called who knew better. A number is one PC's: what the stores were told counts, as with everything in a branch
 * (branch.h). The other PC, which the copy let in, loses the number and nothing else:
 *
 *   recover   leaves out of the log what came from it under that number, what the copy said of it, and what the copy
 *             wrote about its events; its disk has them. Its key is noted (log value "twice STREAM": store, key)
 *   greet     knows it by that key: refused as a copy would be (ERR_FORKED), so that it writes nothing more and
 *             somebody runs `dangol-node recover`; that gives it a number of its own, under which its events come again
 *
 * Thread: those of branch_join; twice_is any. */
#ifndef DANGOL_HUB_TWICE_H
#define DANGOL_HUB_TWICE_H

#include "proto/base/idmap.h"
#include "proto/model/vec.h"
#include "proto/site/site.h"

struct twice {
    uint32_t stream;
    bool opened, keyed; /* as the stores were told */
    uint8_t secret_hash[32], key[PUBLIC_KEY_SIZE];
};

struct twices {
    VEC(struct twice) items;
    struct idmap stayed; /* events that stay behind */
};

void twices_hear(struct twices *twices, struct view frame); /* an event that the stores were told of */
void twices_settle(struct twices *twices,
                   const struct model *other); /* only those stay of which that one knows better */
bool twices_have(const struct twices *twices, uint32_t stream);
bool twices_have_value(const struct twices *twices, struct view key); /* of the log, kept for such a stream */
/* Does an event of the copy's, `id`, speak of such a stream, or of what stays behind? For struct rehoming. */
bool twices_stays(void *twices, uint64_t id, const struct event *event);
/* In the log of `to`: which PC of `other`'s has lost its number. */
int twices_note(const struct twices *twices, const struct model *other, struct site *to, struct err *err);
void twices_release(struct twices *twices);

/* Is this the key of a PC that has lost this number? `store`: its store's code, put in the place of what is there. */
bool twice_is(struct site *site, uint32_t stream, const uint8_t key[PUBLIC_KEY_SIZE], struct buf *store);

#endif
