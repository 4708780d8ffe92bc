/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* move-state.h: what a move has come to on either SU: in its journal, and in what the SUs tell each
 * other.  What may follow what stands in engine/machine.h.
 */
#pragma once

#include <stdbool.h>

typedef enum {
  UMZ_STATE_NONE,

  /* source */
  UMZ_STATE_COPYING,   /* the guest runs here; memory is copied */
  UMZ_STATE_COMMITTED, /* the guest is frozen here; the target may run it */
  UMZ_STATE_GONE,      /* the guest runs there; what is left here goes away */
  UMZ_STATE_ABORTED,   /* the guest stays here (source), or was never ours (target) */

  /* target */
  UMZ_STATE_RECEIVING, /* a paused copy is coming, or is there; not ours */
  UMZ_STATE_OWNER,     /* ours; about to run */
  UMZ_STATE_RUNS,      /* ours, and it has run */
  UMZ_STATE_REFUSED,   /* it never ran here and we ask to be let off */
} UmzState;

/* "COPYING"; lives for ever. */
const char *umz_state_name (UmzState state);

/* False if the text, which may be NULL, names no state. */
bool umz_state_parse (const char *text, UmzState *ret_state);
