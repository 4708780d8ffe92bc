/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* takeovers.h: definitions that this SU has recovered, and those that others have recovered of it.
 *
 * THEORY OF OPERATION
 *
 *   here   BEGUN  RECOVER-VM-DEFINITION has begun to define it.  After a crash it is TAKEN if
 *                 libvirt has it, and OVER if not.
 *          TAKEN  it is ours.  The old owner is told whenever it can be reached, until it has
 *                 answered.  If we do not have it any more and did not move it on, the old owner
 *                 keeps its own: OVER.
 *   there  LOST   the fence is up: nobody starts it any more.  The definition goes as soon as the
 *                 VM is not active and another SU's copy of it has been seen here, so that it is
 *                 never on no SU.  An active VM is never ended: both consoles say it.
 *          OVER   nothing is left to be done.
 *
 * The news carries the takeover's id: one that is OVER changes nothing when it comes again.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "peer/client.h"
#include "su/app.h"

/* Goes on with what is BEGUN or LOST. */
void umz_takeovers_settle (UmzApp *app);

/* Tells the SU what was taken over from it; interrupt as for umz_peer_call(). */
void umz_takeovers_tell (UmzApp *app, UmzPeerClient *client, const char *su,
                         GCancellable *interrupt);

/* What the SU `su` tells: POST /takeover.  NULL: it has to be told again. */
JsonNode *umz_takeovers_hear (UmzApp *app, const char *su, JsonObject *request, GError **error);

/* Whether the VM may start, go on or move from here; UMZ0233 while it is LOST. */
bool umz_takeovers_may_run (UmzApp *app, const UmzVm *vm, GError **error);
