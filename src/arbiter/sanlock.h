/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sanlock.h: an arbiter that is a disk shared by all SUs, kept by the daemons of sanlock. */
#pragma once

#include "arbiter/arbiter.h"

/* How umzug-sanlock ends.  With 0 it has written a verdict to stdout, else the cause to stderr. */
typedef enum {
  UMZ_SANLOCK_DONE,
  UMZ_SANLOCK_SILENT,   /* UMZ0240 */
  UMZ_SANLOCK_UNUSABLE, /* UMZ0241 */
  UMZ_SANLOCK_USAGE,
} UmzSanlockStatus;

/* As umz_arbiter_new(). */
bool umz_sanlock_new (const UmzConfigArbiter *config, UmzArbiter **ret_arbiter, GError **error);
