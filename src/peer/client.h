/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* client.h: asks another SU's umzugd something: HTTPS with both certificates of the cluster's CA.
 *
 * A client belongs to one thread.  Calls block; the connection is kept, so that the next call costs
 * one round trip.
 */
#pragma once

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "config/config.h"

/* The version of what SUs say to each other; in every path: "/peer/3/...". */
#define UMZ_PEER_VERSION 3

typedef struct UmzPeerClient UmzPeerClient;

/* config is borrowed and outlives the client.  Fails if su_name is not configured (VMS2400) or our
 * certificate cannot be used.
 */
UmzPeerClient *umz_peer_client_new (const UmzConfig *config, const char *su_name, GError **error);
void umz_peer_client_free (UmzPeerClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzPeerClient, umz_peer_client_free)

/* POSTs `request` (an object; NULL for an empty one) to "/peer/3" + path and returns the answer, an
 * object.  interrupt (may be NULL) ends the call as if its time were over.  Errors: UMZ0321 no
 * connection, UMZ0320 no answer within timeout_s, VMS2410 another version; or what the other SU
 * itself says is wrong.
 */
JsonNode *umz_peer_call (UmzPeerClient *client, const char *path, JsonNode *request,
                         unsigned timeout_s, GCancellable *interrupt, GError **error);
