/* What a customer file says now. Inside this room; callers use model_heads. */
#ifndef DANGOL_PROTO_MODEL_FILE_H
#define DANGOL_PROTO_MODEL_FILE_H

#include "proto/model/model.h"

/* An event and the fields whose current value it holds; of these it says `cleared` to have none. */
struct field_head {
    uint64_t id, bits, cleared;
};

/* The heads of an entry's fields, the latest by (hlc, id) first. It must not move while open. */
struct file {
    struct field_head *heads;
    size_t count;
    struct field_head only;
};

void file_open(const struct model *model, uint32_t entry, struct file *out);
/* The same by what had been told until then. */
void file_open_at(const struct model *model, uint32_t entry, int64_t until, struct file *out);
void file_close(struct file *file);
/* When a head was told, and its place in the order of writing. */
int64_t file_told_at(const struct model *model, uint32_t entry, uint64_t event, uint64_t *hlc);
/* The fields that have a value, by what is said in the clear: where people disagree, the latest. */
uint64_t file_known(const struct file *file);
/* The same over all customers of a person by model_person_winners' rule, and by what had been told until then. */
uint64_t file_known_of_person(const struct model *model, uint32_t entry, int64_t until);

#endif
