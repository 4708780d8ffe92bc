/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* link.h: TLS 1.3 with a pre-shared key over one connected socket, never waiting.
 *
 * Between GnuTLS and the socket lie two buffers of our own.  GnuTLS sees memory that takes all and
 * gives what there is, so that sending never stops half-way; the socket sees few large calls
 * instead of two per record.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "relay/control.h"

/* Plain bytes that one system call carries at best. */
#define UMZ_LINK_BATCH_BYTES (256 * 1024)

typedef struct UmzLink UmzLink;

/* Takes over fd, a connected stream socket, also when it fails.  The source's side is the TLS
 * client.  stream_id and key are only read now.  Errors: UMZ_RELAY_ERROR, END_TLS.
 */
UmzLink *umz_link_new (int fd, UmzRelaySide side,
                       const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES],
                       const uint8_t key[UMZ_RELAY_KEY_BYTES], GError **error);

/* Closes the socket and wipes the session.  NULL is fine. */
void umz_link_free (UmzLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzLink, umz_link_free)

/* Takes a new TLS key each time that n_bytes were sent, instead of each 64 GiB. */
void umz_link_set_rekey_bytes (UmzLink *link, uint64_t n_bytes);

/* For poll().  Readable: umz_link_fill(); writable: umz_link_flush(). */
int umz_link_get_fd (const UmzLink *link);

/* Goes on with the handshake as far as the bytes that are there allow; call it after each fill
 * until *ret_done.  Errors: UMZ_RELAY_ERROR, END_TLS or END_LINK.
 */
bool umz_link_handshake (UmzLink *link, bool *ret_done, GError **error);

/* Reads once from the socket.  Then take everything out with umz_link_recv() before the next fill.
 * The end of the socket is told by recv.  Errors: UMZ_RELAY_ERROR, END_LINK.
 */
bool umz_link_fill (UmzLink *link, GError **error);

typedef enum {
  UMZ_LINK_BYTES,    /* *ret_n_bytes of them, at least 1 */
  UMZ_LINK_NOTHING,  /* nothing more before the next fill */
  UMZ_LINK_FINISHED, /* the other side said goodbye in TLS */
  UMZ_LINK_FAILED,   /* error is set: UMZ_RELAY_ERROR, END_LINK or END_TLS */
} UmzLinkResult;

UmzLinkResult umz_link_recv (UmzLink *link, void *bytes, size_t size_bytes, size_t *ret_n_bytes,
                             GError **error);

/* Encrypts all of it into the buffer; flush sends it.  Errors: UMZ_RELAY_ERROR, END_TLS. */
bool umz_link_send (UmzLink *link, const void *bytes, size_t n_bytes, GError **error);

/* Sends the goodbye that lets the other side tell an end from a cut. */
void umz_link_finish (UmzLink *link);

/* Writes what the socket takes.  Errors: UMZ_RELAY_ERROR, END_LINK. */
bool umz_link_flush (UmzLink *link, GError **error);
bool umz_link_has_unsent (const UmzLink *link);

/* Nobody there answers: neither what was sent nor what the kernel asks by itself.  False as well if
 * that is not known.
 */
bool umz_link_is_silent (const UmzLink *link);

/* The shortest round trip the kernel has seen; 0: not known. */
uint64_t umz_link_get_round_trip_us (const UmzLink *link);

/* What was sent and has not reached the other side's kernel. */
uint64_t umz_link_get_queued_bytes (const UmzLink *link);
