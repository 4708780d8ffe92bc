/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arbiter.h: a second place for the decision of a move, for whom the other SU cannot be asked.
 *
 * A decision is COMMITTED or ABORTED, of one (UUID of the VM, epoch).  Whoever writes first has
 * decided; all others read what stands there.  It is no lease: nothing expires, and it says
 * nothing about who is alive.
 *
 * Any thread may call, several at once, whether the main loop runs or not.  A call blocks, at most
 * UMZ_ARBITER_LIMIT_S for each endpoint of the configuration, or for its disk.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

#define UMZ_ARBITER_LIMIT_S 2

typedef enum {
  UMZ_VERDICT_NONE,
  UMZ_VERDICT_COMMITTED,
  UMZ_VERDICT_ABORTED,
} UmzVerdict;

/* "COMMITTED" or "ABORTED", as it is written; "NONE".  Lives for ever. */
const char *umz_verdict_text (UmzVerdict verdict);

typedef struct UmzArbiter UmzArbiter;

/* *ret_arbiter is NULL if the configuration has none.  config is borrowed and outlives the arbiter.
 * Nobody's answer is waited for.  Fails with UMZ0042 if a certificate or key cannot be used.
 */
bool umz_arbiter_new (const UmzConfig *config, UmzArbiter **ret_arbiter, GError **error);
void umz_arbiter_free (UmzArbiter *arbiter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzArbiter, umz_arbiter_free)

/* The errors of the three: UMZ0240 nobody answers, UMZ0241 no usable answer.  The UUID has the form
 * that libvirt gives it.
 */

/* Writes `wanted` (not NONE) unless there is a decision; *ret_decided is what stands there then.
 * After an error it is not known whether it was written, and it may be written even later: only
 * asking again tells, and the move is not decided until an answer has come.
 */
bool umz_arbiter_decide (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict wanted,
                         UmzVerdict *ret_decided, GError **error);

/* What stands there at this moment; NONE if nothing does, which says nothing about the next. */
bool umz_arbiter_get (UmzArbiter *arbiter, const char *uuid, uint64_t epoch,
                      UmzVerdict *ret_decided, GError **error);

/* When both SUs have ended the move, or its source is about to write another decision; nobody has a
 * call for it under way.  It is no error if
 * nothing stands there.
 */
bool umz_arbiter_forget (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, GError **error);
