/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* undo.h: takes back what a move has changed on this SU (ledger.h).
 *
 * From the last step to the first, and each is struck out.  What cannot be taken back now is tried
 * again, and after a crash too, and the steps before it wait.  A step that was noted but never made
 * is taken back like any other: that changes nothing then.
 */
#pragma once

#include "engine/move.h"

/* An UmzAttempt with the UmzMove as data.  False: a step could not be taken back. */
bool umz_undo_take_back (void *move, GError **error);
