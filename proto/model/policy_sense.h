/* Values of the policy that are well written and yet cannot be meant: whoever sets one is told before it is written.
 *
 * A value that came in from elsewhere counts where its form is right (policy_check): another version may know more
 * words than this one. Pure. */
#ifndef DANGOL_PROTO_MODEL_POLICY_SENSE_H
#define DANGOL_PROTO_MODEL_POLICY_SENSE_H

#include "proto/model/policies.h"

/* policy_check, and the sense of it. 0, or ERR_INVALID with the reason. */
int policy_check_sense(const struct policy_info *info, struct view value, int decimals, struct err *err);

#endif
