/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* local.h: the unix socket to libvirtd or QEMU, and the bytes that wait for it.
 *
 * Writing never waits and never refuses: what the socket does not take is kept.  So the link is
 * always read, and ACKs in it never stand behind data that nobody takes.  The window of the other
 * relay bounds what can wait; the caller checks that it does.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  int fd;                 /* owned; -1: not connected yet */
  GByteArray *waiting;    /* owned */
  size_t waiting_start;   /* of waiting, what is written already */
  uint64_t read_bytes;    /* from the socket */
  uint64_t written_bytes; /* to the socket */
  bool at_end;            /* nothing more will be read */
  bool is_shut;           /* nothing more will be written */
} UmzLocal;

void umz_local_init (UmzLocal *local);
void umz_local_clear (UmzLocal *local);

/* Takes over a connected socket; once. */
void umz_local_attach (UmzLocal *local, int fd);

/* Reads at most size_bytes, 0 when there are none or at_end became true.  A connection that was
 * reset counts as an end: that is how a peer looks that left without reading all.
 * Errors: UMZ_RELAY_ERROR, END_LOCAL.
 */
bool umz_local_read (UmzLocal *local, void *bytes, size_t size_bytes, size_t *ret_n_bytes,
                     GError **error);

/* Errors: UMZ_RELAY_ERROR, END_LOCAL. */
bool umz_local_write (UmzLocal *local, const void *bytes, size_t n_bytes, GError **error);
bool umz_local_flush (UmzLocal *local, GError **error);

size_t umz_local_get_waiting_bytes (const UmzLocal *local);

/* Tells the other end that nothing more comes, once all is written. */
void umz_local_shut (UmzLocal *local);

/* Asks the kernel, now: connected, and the other end has neither closed nor half-closed. */
bool umz_local_is_open (const UmzLocal *local);
