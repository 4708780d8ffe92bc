/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ledger.h: what a move has changed on this SU.
 *
 * A step is noted in the store before it is made; undo.h takes it back.
 */
#pragma once

#include "engine/move.h"

typedef enum {
  UMZ_STEP_FENCE,  /* the marker that keeps everybody from starting the VM */
  UMZ_STEP_FOLDER, /* of the sockets */

  /* source */
  UMZ_STEP_DEVICE, /* the guest has given it away; detail: its XML */
  UMZ_STEP_MEDIUM, /* of a CD, which was taken out; detail: the drive's XML with it */
  UMZ_STEP_GUEST,  /* libvirt may leave it paused */

  /* target */
  UMZ_STEP_INDEX,  /* and what else the store knows of the VM */
  UMZ_STEP_OWNER,  /* libvirt changes owner and mode of a disk's file: umz_ledger_note_owner() */
  UMZ_STEP_FILE,   /* libvirt makes it; detail: its path */
  UMZ_STEP_DOMAIN, /* the copy that arrives, and its definition */
} UmzStep;

/* detail is "" where the step says all. */
bool umz_ledger_note (UmzMove *move, UmzStep step, const char *detail, GError **error);

/* Notes owner and mode that the file has now, and which file it is; nothing if there is none.
 * False also if its file system does not answer: UMZ0042.
 */
bool umz_ledger_note_owner (UmzMove *move, const char *path, GError **error);

#define UMZ_LEDGER_PERMISSIONS 07777u /* of a file's mode, in the detail of OWNER */

/* "FENCE" and so on, as the store has it; lives for ever. */
const char *umz_step_name (UmzStep step);
