/* Callers whose key this hub does not know for their stream. Most are mistaken, and told so. But a hub that was
 * restored or made anew may once have known them, and they may hold the proof:
 *
 *   a receipt   of its own, for more of the stream than it holds: whoever shows it, this hub is an older copy of itself
 *   a guest     holds more of a hub's former stream than is here, the word on who it is among it perhaps. It is let in
 *               without a token, hands that back (handing.c), and goes; then it is known, or refused
 *
 * While a recovery goes on, whoever may have been enrolled in the time that is lost is asked to come again. Later, too,
 * guests are welcome: which store ends the wait is chance, and it need not hold the most.
 * Thread: as the session's. */
#ifndef DANGOL_HUB_GUEST_H
#define DANGOL_HUB_GUEST_H

#include "hub/session.h"

/* Why its key is not known; UNKNOWN_NOT: it is, or the join file's secret is right. */
enum unknown guest_unknown(struct session *session, const struct stream_state *stream,
                           const struct message_greeting *greeting);
/* Has this caller the hub's own word that it is an older copy? Then that is noted, and its connection ends. */
bool guest_has_proof(struct session *session, const struct message_greeting *greeting);
/* False: refused. */
bool guest_let_in(struct session *session, const struct message_greeting *greeting);
/* Everything wanted is here. `waited`: the hub waited for its former stream until now. */
void guest_go(struct session *session, bool waited);

#endif
