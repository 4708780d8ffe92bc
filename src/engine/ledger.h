/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ledger.h: what a move has changed on this SU, and how each change is taken back.
 *
 * A step is noted in the store before it is made.  A move that is undone takes its steps back from
 * the last one to the first and strikes each out; what cannot be taken back now is tried again, and
 * after a crash too, and the steps before it wait.  A step that was noted but never made is taken
 * back like any other: that changes nothing then.
 */
#pragma once

#include "engine/move.h"

typedef enum {
  UMZ_STEP_FENCE,  /* the marker that keeps everybody from starting the VM */
  UMZ_STEP_FOLDER, /* of the sockets */

  /* source */
  UMZ_STEP_GUEST, /* libvirt may leave it paused */

  /* target */
  UMZ_STEP_INDEX,  /* and what else the store knows of the VM */
  UMZ_STEP_OWNER,  /* libvirt changes owner and mode of a disk's file: umz_ledger_note_owner() */
  UMZ_STEP_FILE,   /* libvirt makes it; detail: its path */
  UMZ_STEP_DOMAIN, /* the copy that arrives, and its definition */
} UmzStep;

/* detail is "" where the step says all. */
bool umz_ledger_note (UmzMove *move, UmzStep step, const char *detail, GError **error);

/* Notes owner and mode that the file has now; nothing if there is no such file. */
bool umz_ledger_note_owner (UmzMove *move, const char *path, GError **error);

/* An UmzAttempt with the UmzMove as data.  False: a step could not be taken back. */
bool umz_ledger_take_back (void *move, GError **error);
