/* Fields that a chain keeps beside the customer file (C8), as options: --custom KEY=VALUE …, each one that the policy
 * custom-fields declares for her chain; or one JSON object, whose keys are checked where the chain declares
 * any. */
#ifndef DANGOL_PROTO_COMMAND_CUSTOM_FIELDS_H
#define DANGOL_PROTO_COMMAND_CUSTOM_FIELDS_H

#include "proto/command/command.h"

/* The value of the file's `custom`: what the options say, over what the customer (0: a new one) has. Appends; nothing
 * when no option was given. ERR_INVALID with the reason. */
int custom_fields(struct call *call, uint64_t customer, struct buf *out);

/* A whole object, as imports bring it, of a customer (0: a new one); `err` says what is wrong with it. */
int custom_object(struct call *call, uint64_t customer, struct view text, struct err *err);

/* What this store's chain declares, as a list of keys; at the hub an empty one. Held still by the caller. */
json_t *custom_declared(struct call *call, const struct model *model, int64_t now);

#endif
