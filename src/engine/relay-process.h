/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* relay-process.h: umzugd's end of an umzug-relay process. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "config/config.h"
#include "relay/control.h"

typedef struct UmzRelayProcess UmzRelayProcess;

/* Told in a thread of the relay's own, for each message and at last, with NULL, when the relay is
 * gone.  `message` is lent.
 */
typedef void (*UmzRelayHandler) (UmzRelayKind kind, const UmzRelayMessage *message, void *data);

/* Starts a relay.  fds: the link, the listener or -1, the file of the mirror or -1; they are
 * taken, on failure too.
 */
UmzRelayProcess *umz_engine_relay_start (const UmzConfig *config, const UmzRelayStart *start,
                                         const int fds[static UMZ_RELAY_MESSAGE_FDS],
                                         UmzRelayHandler handler, void *data, GError **error);

/* Ends the process if it still runs; returns when the handler has been called for the last time. */
void umz_engine_relay_end (UmzRelayProcess *relay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzRelayProcess, umz_engine_relay_end)

/* Sends a message that has no body.  False: the relay is gone. */
bool umz_engine_relay_send (UmzRelayProcess *relay, UmzRelayMessageType type);

/* A new permitted suspension.  False: the relay is gone. */
bool umz_engine_relay_send_limit (UmzRelayProcess *relay, uint64_t limit_us);

/* Answers WANT_LOCAL; fd is taken. */
bool umz_engine_relay_send_local (UmzRelayProcess *relay, int fd);
