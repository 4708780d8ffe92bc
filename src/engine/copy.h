/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy.h: the copy of the guest that arrives at the target: frozen until it is ours, then let run.
 *
 * What arrives of a VM without QEMU is its definition alone.
 */
#pragma once

#include "engine/move.h"

/* The copy is complete: freezes it, sees whether anybody was at it before, and defines the domain.
 */
void umz_copy_receive (UmzMove *move);

/* Of one that was found after a restart of umzugd, or shall not become complete; and back. */
void umz_copy_freeze (UmzMove *move);
void umz_copy_let_go (UmzMove *move);

typedef enum {
  UMZ_COPY_RUNS,       /* or stands still, or is off, as it did at the source */
  UMZ_COPY_CANNOT_RUN, /* and it is certain that it never did; error says why */
  UMZ_COPY_UNCLEAR,    /* error says why */
} UmzCopyFate;

/* It is ours: defines and resumes it.  is_last: nobody else can run the guest any more. */
UmzCopyFate umz_copy_run (UmzMove *move, bool is_last, GError **error);

/* It never was ours: ends its process; true too if there is none. */
bool umz_copy_kill (UmzMove *move, GError **error);
