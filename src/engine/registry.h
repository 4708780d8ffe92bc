/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry.h: the moves of this run of umzugd, from either side.
 *
 * It keeps every move that is not closed, and the last hundred.  For any thread.
 */
#pragma once

#include "engine/move.h"

typedef struct UmzRegistry UmzRegistry;

UmzRegistry *umz_registry_new (void);

/* No thread of a move runs any more. */
void umz_registry_free (UmzRegistry *registry);

/* Adds the move, of which it holds a reference; VMS3042 if the VM moves already. */
bool umz_registry_add (UmzRegistry *registry, UmzMove *move, GError **error);

/* The same of one from the journal, which may know several of a VM. */
void umz_registry_add_recovered (UmzRegistry *registry, UmzMove *move);

/* The moves that are here now, the oldest first; UmzMove, owned. */
GPtrArray *umz_registry_list (UmzRegistry *registry);

/* A reference to the move with this id; NULL: this run of umzugd does not know it. */
UmzMove *umz_registry_find (UmzRegistry *registry, const char *id);

/* A reference to the VM's move that has not ended; NULL: it does not move. */
UmzMove *umz_registry_find_moving (UmzRegistry *registry, const char *uuid);

/* A reference to the newest move of the VM that still has something to clear away; NULL: none. */
UmzMove *umz_registry_find_unsettled (UmzRegistry *registry, const char *uuid);

/* The target's move that waits for this stream, and which of its streams it is; a reference. */
UmzMove *umz_registry_find_stream (UmzRegistry *registry,
                                   const uint8_t id[static UMZ_RELAY_STREAM_ID_BYTES],
                                   UmzRelayKind *ret_kind);
