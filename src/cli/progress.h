/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* progress.h: how far a move is, in one line. */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct {
  const char *phase;                     /* "copy" */
  uint64_t round;                        /* of QEMU */
  uint64_t total_bytes, remaining_bytes; /* of the guest's memory; total 0: not counted yet */
  uint64_t link_bytes;
  uint64_t guest_bytes_per_s;
  uint64_t left_ms; /* until the guest goes on at the target, as far as is known; 0: it is not */
} UmzCliProgress;

/* "copy       [#####-----]  50 %  round 1, 130 MiB sent, 25 MiB/s, 6 s left", no wider than
 * that.  The caller frees it.
 */
char *umz_cli_dup_progress (const UmzCliProgress *progress, unsigned n_columns);
