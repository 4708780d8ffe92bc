/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* streams.h: the relays of a move, and the folder with the sockets that lead to them.
 *
 * What a relay says goes into the move's inputs.  Of its figures, and of what it says last, only
 * the newest counts: they are noted in the move at once.
 */
#pragma once

#include "engine/move.h"

/* Starts the relay of a stream on this side; descriptors are taken. */
bool umz_streams_start_relay (UmzMove *move, UmzRelayKind kind, int link_fd, int listener_fd,
                              GError **error);
void umz_streams_end_relay (UmzMove *move, UmzRelayKind kind);

/* When they have ended, all that they have said is among the inputs. */
void umz_streams_end_relays (UmzMove *move);

/* Lends it; NULL: there is none. */
UmzRelayProcess *umz_streams_get_relay (UmzMove *move, UmzRelayKind kind);

/* Whether the reply of libvirt's Finish has passed here.  For any thread. */
bool umz_streams_is_copy_complete (UmzMove *move);

/* By what a relay ended; all zero: it has not. */
UmzRelayEnded umz_streams_get_end (UmzMove *move, UmzRelayKind kind);

/* Makes the folder of the sockets; the path of the memory stream's socket in it, which the caller
 * frees.
 */
bool umz_streams_make_folder (UmzMove *move, GError **error);
char *umz_streams_dup_memory_path (const UmzMove *move);
void umz_streams_remove_folder (UmzMove *move);

/* Whether a VM of this name can have such a path below the configured folder: it is limited by the
 * system.
 */
bool umz_streams_can_name_socket (const UmzConfig *config, const char *vm_name);
